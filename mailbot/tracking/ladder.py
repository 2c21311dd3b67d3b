"""Which reminder or escalation of a ladder is due when: moments in, slots of office time out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from mailbot.routing.model import Anchor, Do, Ladder, SpanUnit, Step

if TYPE_CHECKING:
    from mailbot.office.working_time import WorkingTime


# What a reminder needs that asks whether a wrong file is gone or a recalled paper is no longer acted on.
EXCHANGE = "exchange"
# On so many working days in turn a unit is asked for that word; then the clerk telephones.
CHASED_ON_DAYS = 3
TELEPHONE = "telephone"


@dataclass(frozen=True)
class Moments:
    """What a ladder counts from; `due` is the last permitted moment, dates are of the office's zone."""

    acknowledge_by: datetime | None = None
    due: date | datetime | None = None
    rsvp_by: date | datetime | None = None
    meeting_at: date | datetime | None = None


@dataclass(frozen=True)
class DueStep:
    """One step with its moment (in the office's zone), the template of its mail, and why then."""

    step: int
    at: datetime
    do: Do | str
    to: tuple[str, ...]
    template: str
    needs: Anchor | str
    because: str


def last_working_day(limit: date | datetime, calendar: WorkingTime) -> date:
    """Return the last working day within a limit, on which people can still act."""
    day = limit.date() if isinstance(limit, datetime) else limit
    return calendar.last_working_day(day)


def plan(
    ladder: Ladder, moments: Moments, calendar: WorkingTime, slots: tuple[time, ...], now: datetime
) -> tuple[DueStep, ...]:
    """Return the steps that still lie ahead of `now`, each in a slot of a working day, in order of time.

    A step whose anchor is unknown (no deadline, no meeting) does not happen; one that is already past is left out, so
    that a document released late is not greeted with old reminders.
    """
    zone = calendar.zone
    found = []
    for index, step in enumerate(ladder.steps):
        at = _moment(step, moments, calendar, slots)
        if at is None or at <= now:
            continue
        found.append(
            DueStep(
                index,
                at.astimezone(zone),
                step.do,
                step.to,
                _template(step, moments, at),
                step.anchor,
                _because(step, at),
            )
        )
    return tuple(sorted(found, key=lambda due: (due.at, due.step)))


def chase(calendar: WorkingTime, slots: tuple[time, ...], now: datetime) -> tuple[DueStep, ...]:
    """Return the steps that ask for the word on a recall or another file: once a day, at last a call by the clerk."""
    today = calendar.local(now).date()
    found = []
    for day in range(1, CHASED_ON_DAYS + 2):
        at = calendar.next_slot(calendar.start_of_day(calendar.add_working_days(today, day)), slots)
        do = Do.REMIND if day <= CHASED_ON_DAYS else TELEPHONE
        because = f"{day} working days without a word on the recall or the other file"
        found.append(DueStep(day, at, do, (), "reminder", EXCHANGE, because))
    return tuple(found)


def _anchor_value(step: Step, moments: Moments) -> date | datetime | None:
    return {
        Anchor.ACKNOWLEDGEMENT: moments.acknowledge_by,
        Anchor.DUE: moments.due,
        Anchor.RSVP: moments.rsvp_by,
        Anchor.MEETING: moments.meeting_at,
    }[step.anchor]


def _moment(step: Step, moments: Moments, calendar: WorkingTime, slots: tuple[time, ...]) -> datetime | None:
    anchor = _anchor_value(step, moments)
    if anchor is None:
        return None
    if step.anchor is Anchor.ACKNOWLEDGEMENT and step.offset is None and isinstance(anchor, datetime):
        return calendar.next_slot(anchor + timedelta(minutes=1), slots)
    day = last_working_day(anchor, calendar)
    if step.offset is None:
        return calendar.next_slot(calendar.start_of_day(day), slots)
    count = -step.offset.amount if step.before else step.offset.amount
    if step.offset.unit is SpanUnit.WORKING_DAY:
        return calendar.next_slot(calendar.start_of_day(calendar.add_working_days(day, count)), slots)
    if step.offset.unit is SpanUnit.DAY:
        return calendar.next_slot(calendar.start_of_day(day + timedelta(days=count)), slots)
    moment = anchor if isinstance(anchor, datetime) else calendar.end_of_day(day)
    return calendar.next_slot(calendar.add(moment, step.offset, before=step.before), slots)


def _template(step: Step, moments: Moments, at: datetime) -> str:
    if step.do is Do.LIST:
        return "escalation"
    due = moments.due
    if step.anchor is Anchor.DUE and due is not None:
        day = due.date() if isinstance(due, datetime) else due
        if at.date() > day:
            return "reminder_overdue"
    return "reminder"


def _because(step: Step, at: datetime) -> str:
    offset = (
        ""
        if step.offset is None
        else f"{step.offset.amount} {step.offset.unit} {'before' if step.before else 'after'} "
    )
    return f"{offset}{step.anchor}, next slot {at:%Y-%m-%d %H:%M}"
