"""What a decision lets follow by itself: for each delivery the reminders of its ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.routing.letters import parse_limit
from mailbot.tracking.ladder import DueStep, Moments, chase, plan

if TYPE_CHECKING:
    from datetime import datetime, time

    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision, DeliveryPlan


def follow_up(decision: Decision, site: Site, now: datetime) -> dict[str, tuple[DueStep, ...]]:
    """Return the due steps of every delivery that a decision makes, by unit; empty for what asks for nothing."""
    found: dict[str, tuple[DueStep, ...]] = {}
    # Most deliveries of a document have the same limits: each ladder is climbed once for all that share them.
    alike: dict[tuple[object, ...], tuple[DueStep, ...]] = {}
    for delivery in decision.deliveries:
        limits = (
            delivery.ladder,
            delivery.acknowledge_by,
            delivery.recipient.due,
            delivery.rsvp_by,
            delivery.meeting_at,
            slots_of(delivery.recipient.unit, site),
        )
        if limits not in alike:
            alike[limits] = steps_of(delivery, site, now)
        if alike[limits]:
            found[delivery.recipient.unit] = alike[limits]
    for number, paper in enumerate(decision.papers):
        found |= {f"{number} {unit}": steps for unit, steps in follow_up(paper, site, now).items()}
    return found


def rescheduled(decision: Decision, site: Site, now: datetime) -> dict[int, tuple[DueStep, ...]]:
    """Return the steps that remind of new limits, by delivery: those of its ladder that count from the limit.

    Whoever is asked to confirm a recall or another file has the steps of that beside them.
    """
    found: dict[int, tuple[DueStep, ...]] = {}
    for each in decision.reschedules:
        ladder = site.ladders.get(each.ladder or "")
        moments = Moments(due=parse_limit(each.due))
        slots = slots_of(each.unit, site)
        steps = plan(ladder, moments, site.office.working_time, slots, now) if ladder else ()
        found[each.delivery_id] = steps
    for delivery, unit in (pair for remedy in decision.remedies for pair in remedy.chases):
        asked = chase(site.office.working_time, slots_of(unit, site), decision.not_before or now)
        found[delivery] = (*found.get(delivery, ()), *asked)
    return found


def steps_of(delivery: DeliveryPlan, site: Site, now: datetime) -> tuple[DueStep, ...]:
    """Return the steps of one delivery's ladder that lie ahead."""
    ladder = site.ladders.get(delivery.ladder or "")
    if ladder is None:
        return ()
    moments = Moments(
        acknowledge_by=delivery.acknowledge_by,
        due=parse_limit(delivery.recipient.due) if delivery.recipient.due else None,
        rsvp_by=parse_limit(delivery.rsvp_by) if delivery.rsvp_by else None,
        meeting_at=parse_limit(delivery.meeting_at) if delivery.meeting_at else None,
    )
    return plan(ladder, moments, site.office.working_time, slots_of(delivery.recipient.unit, site), now)


def slots_of(key: str, site: Site) -> tuple[time, ...]:
    """Return the office's slots in which a unit is reminded: those within its own hours, all when it names none."""
    unit = site.directory.units.get(key)
    hours = unit.hours if unit is not None else ()
    slots = site.office.reminders_at
    return tuple(slot for slot in slots if any(begins <= slot < ends for begins, ends in hours)) or slots
