"""Reminders that a person's word changes: ended, due at once, or counted from a new limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store.tables import TABLES, ReminderState
from mailbot.tracking.ladder import EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailbot.routing.plans import ReschedulePlan
    from mailbot.tracking.ladder import DueStep

REMINDER, DELIVERY = TABLES["reminder"], TABLES["delivery"]
ORDERED = "ordered"  # what a reminder needs that goes out because somebody wants it to


def stop_reminding(connection: sa.Connection, deliveries: Sequence[int]) -> None:
    """End all reminders of these deliveries; what they were asked stays open."""
    if deliveries:
        pending = (REMINDER.c.delivery_ref.in_(deliveries), REMINDER.c.state == ReminderState.PENDING)
        connection.execute(sa.update(REMINDER).where(*pending).values(state=ReminderState.CANCELLED))


def snooze(connection: sa.Connection, snoozes: Sequence[tuple[int, datetime]]) -> None:
    """Move the reminders to units that said when they will answer behind that day; lists to others stay."""
    for delivery, until in snoozes:
        early = (
            REMINDER.c.delivery_ref == delivery,
            REMINDER.c.state == ReminderState.PENDING,
            REMINDER.c.do == "remind",
            REMINDER.c.at < until,
        )
        connection.execute(sa.update(REMINDER).where(*early).values(at=until))


def remind_now(connection: sa.Connection, deliveries: Sequence[int], now: datetime, because: str) -> None:
    """Make one reminder due at once for each of these deliveries; it goes out in office hours, once a day."""
    if not deliveries:
        return
    rows = [
        _row(delivery, step, now, "remind", ORDERED, "reminder", (), because)
        for delivery, step in _next_steps(connection, deliveries).items()
    ]
    connection.execute(sa.insert(REMINDER), rows)


def reschedule(
    connection: sa.Connection, plans: Sequence[ReschedulePlan], steps: Mapping[int, Sequence[DueStep]]
) -> None:
    """Give deliveries a new limit: what was to remind of the old one is not sent, what reminds of the new one is."""
    if not plans:
        return
    numbers = [each.delivery_id for each in plans]
    for each in plans:
        connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == each.delivery_id).values(due=each.due))
    old = (REMINDER.c.delivery_ref.in_(numbers), REMINDER.c.state == ReminderState.PENDING, REMINDER.c.needs == "due")
    connection.execute(sa.update(REMINDER).where(*old).values(state=ReminderState.CANCELLED))
    _append(connection, {number: [one for one in steps.get(number, ()) if one.needs != EXCHANGE] for number in numbers})


def chase(connection: sa.Connection, deliveries: Sequence[int], steps: Mapping[int, Sequence[DueStep]]) -> None:
    """Ask these deliveries for their word on a recall or another file; what asked for an earlier one ends."""
    if not deliveries:
        return
    old = (
        REMINDER.c.delivery_ref.in_(deliveries),
        REMINDER.c.state == ReminderState.PENDING,
        REMINDER.c.needs == EXCHANGE,
    )
    connection.execute(sa.update(REMINDER).where(*old).values(state=ReminderState.CANCELLED))
    _append(connection, {one: [step for step in steps.get(one, ()) if step.needs == EXCHANGE] for one in deliveries})


def _append(connection: sa.Connection, steps: Mapping[int, Sequence[DueStep]]) -> None:
    first = _next_steps(connection, list(steps))
    rows = [
        _row(number, first[number] + place, step.at, step.do, step.needs, step.template, step.to, step.because)
        for number, some in steps.items()
        for place, step in enumerate(some)
    ]
    if rows:
        connection.execute(sa.insert(REMINDER), rows)


def _next_steps(connection: sa.Connection, deliveries: Sequence[int]) -> dict[int, int]:
    """Return for each delivery the first number that no step of it bears."""
    last = sa.select(REMINDER.c.delivery_ref, sa.func.max(REMINDER.c.step).label("step"))
    of_these = last.where(REMINDER.c.delivery_ref.in_(deliveries)).group_by(REMINDER.c.delivery_ref)
    known = {row.delivery_ref: row.step for row in connection.execute(of_these)}
    return {delivery: known.get(delivery, -1) + 1 for delivery in deliveries}


def _row(
    delivery: int, step: int, at: datetime, do: str, needs: str, template: str, to: Sequence[str], because: str
) -> dict[str, object]:
    return {
        "delivery_ref": delivery,
        "step": step,
        "at": at,
        "do": str(do),
        "needs": str(needs),
        "template": template,
        "to": list(to),
        "because": because,
        "state": ReminderState.PENDING,
    }
