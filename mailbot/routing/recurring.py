"""Recurring duties: when a period is over, the same paper makes the task of the next one without a new mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dateutil.rrule import rrulestr

from mailbot.routing import letters
from mailbot.routing.model import Ask
from mailbot.routing.plans import DeliveryPlan, Duty, Release
from mailbot.routing.releasing import before_limit

if TYPE_CHECKING:
    from mailbot.office.deadlines import Deadline
    from mailbot.routing.model import DueRule, Site


def duty_of(deadline: Deadline | None, rule: DueRule | None) -> Duty | None:
    """Return the duty that a deadline makes again and again; None for one that is due once."""
    if deadline is None or deadline.recurrence is None or deadline.due is None:
        return None
    if rule is None or not rule.from_document:
        return None
    limit = deadline.due.date() if isinstance(deadline.due, datetime) else deadline.due
    return Duty(deadline.recurrence, limit.isoformat(), rule.before_document)


def next_period(release: Release, site: Site) -> Release | None:
    """Return the release of the period after the one that `release` is for; None when there is none (RFC 5545 RRULE).

    Whoever is asked for nothing has no task, so that only the others are in it.
    """
    duty = release.duty
    if duty is None:
        return None
    limit = date.fromisoformat(duty.limit)
    start = datetime.combine(limit, datetime.min.time())
    # The day after the last limit begins the next period; a rule that never comes again ends the duty.
    following = rrulestr(duty.recurrence, dtstart=start).after(start)
    if following is None:
        return None
    new = following.date()
    ours = before_limit(new, duty.before, site) if duty.before is not None else new.isoformat()
    because = f"recurring: {duty.recurrence} after {duty.limit}"
    recipients = tuple(
        replace(item, due=ours, due_because=because) for item in release.recipients if item.ask is not Ask.NONE
    )
    if not recipients:
        return None
    values = release.values | {"due_text": f"đến hết ngày {letters.day_text(date.fromisoformat(ours))}"}
    return replace(
        release,
        recipients=recipients,
        values=values,
        duty=replace(duty, limit=new.isoformat()),
        supersedes=(),
        acknowledge_within=None,
    )


def deliveries_of(release: Release) -> tuple[DeliveryPlan, ...]:
    """Return the deliveries of a period: nothing is sent with them, their ladder reminds of the limit."""
    return tuple(DeliveryPlan(recipient=item, ladder=release.ladder) for item in release.recipients)


def begins_on(duty: Duty) -> date:
    """Return the day on which the next period's task is made: the first one after the limit."""
    return date.fromisoformat(duty.limit) + timedelta(days=1)
