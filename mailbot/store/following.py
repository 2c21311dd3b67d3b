"""What is due now: reminders still needed, and matters not yet put before a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.harmful import CODE as DANGEROUS
from mailbot.routing.plans import NUMBERED
from mailbot.store.outbox import CARRIES_A_DOCUMENT
from mailbot.store.tables import TABLES, HeldState, OutboxState, ReminderState
from mailbot.tracking.ladder import EXCHANGE
from mailbot.tracking.reminding import DueReminder
from mailbot.tracking.states import UNCONFIRMED, Attendance, Fact

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

REMINDER, DELIVERY, DOCUMENT = TABLES["reminder"], TABLES["delivery"], TABLES["document"]
OUTBOX, OUTBOX_DELIVERY, HELD = TABLES["outbox"], TABLES["outbox_delivery"], TABLES["held"]
EVENT = TABLES["event"]


# A recall is asked about although nothing else is asked of the unit any more.
NEEDED = sa.case(
    (REMINDER.c.needs == EXCHANGE, DELIVERY.c.exchange.in_(sorted(UNCONFIRMED))), else_=DELIVERY.c.satisfied.is_(False)
)


def due_reminders(connection: sa.Connection, now: datetime, limit: int = 500) -> list[DueReminder]:
    """Return the reminders that are due and still needed, with all that their mails say."""
    query = (
        sa.select(REMINDER, DELIVERY, DOCUMENT.c.plan, DOCUMENT.c.content_key, DOCUMENT.c.id.label("document_id"))
        .join(DELIVERY, DELIVERY.c.id == REMINDER.c.delivery_ref)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(REMINDER.c.state == ReminderState.PENDING, REMINDER.c.at <= now, NEEDED)
        .order_by(REMINDER.c.at, REMINDER.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    progress = _progress(connection, sorted({row.document_id for row in rows}))
    gone = _bounced(connection, sorted({row.delivery_ref for row in rows}))
    unsent = rehearsed(connection, sorted({row.document_id for row in rows}))
    return [
        _due(row, gone[row.delivery_ref], *progress.get(row.document_id, (0, 0)), rehearsed=row.document_id in unsent)
        for row in rows
    ]


def rehearsed(connection: sa.Connection, documents: Sequence[int]) -> set[int]:
    """Return the documents whose mails to units were decided in shadow and never sent."""
    query = sa.select(OUTBOX.c.document_ref).where(
        OUTBOX.c.document_ref.in_(documents),
        OUTBOX.c.state == OutboxState.SHADOW,
        OUTBOX.c.purpose.in_(sorted(CARRIES_A_DOCUMENT)),
    )
    return set(connection.execute(query.distinct()).scalars())


def _bounced(connection: sa.Connection, deliveries: Sequence[int]) -> dict[int, set[str]]:
    """Return the addresses from which the mails of a delivery came back."""
    found: dict[int, set[str]] = {delivery: set() for delivery in deliveries}
    query = sa.select(EVENT.c.delivery_ref, EVENT.c.address).where(
        EVENT.c.delivery_ref.in_(deliveries), EVENT.c.what == str(Fact.BOUNCED), EVENT.c.address.is_not(None)
    )
    for delivery, address in connection.execute(query):
        found[delivery].add(address.lower())
    return found


def _due(row: Any, gone: set[str], done: int, total: int, *, rehearsed: bool) -> DueReminder:
    plan = row.plan or {}
    # A unit is reminded where its document arrived, not at the address that refused it.
    alive = tuple(address for address in row.addresses if address.lower() not in gone)
    return DueReminder(
        id=row.id,
        delivery=row.delivery_ref,
        document=row.document_id,
        step=row.step,
        do=row.do,
        needs=row.needs,
        template=row.template,
        to=tuple(row.to),
        unit=row.unit,
        unit_name=row.unit_name,
        ask=row.ask,
        channel=row.channel,
        addresses=alive or tuple(row.addresses),
        transport=row.transport,
        due=row.due,
        at=row.at,
        content_key=row.content_key,
        mailbox=plan.get("mailbox", ""),
        values=plan.get("values", {}),
        done=done,
        total=total,
        rehearsed=rehearsed,
        answered=row.answered_at is not None,
        open_matter=row.open_matter,
        ladder=row.ladder,
        handling=row.handling,
        exchange=row.exchange,
    )


def _progress(connection: sa.Connection, documents: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return for each document how many of the deliveries that were asked something have answered, of how many."""
    done = sa.func.sum(sa.case((DELIVERY.c.satisfied, 1), else_=0))
    query = sa.select(DELIVERY.c.document_ref, done, sa.func.count()).where(
        DELIVERY.c.document_ref.in_(documents), DELIVERY.c.ask != "none"
    )
    return {
        document: (int(finished), total)
        for document, finished, total in connection.execute(query.group_by(DELIVERY.c.document_ref))
    }


def mark(connection: sa.Connection, reminders: Sequence[int], state: ReminderState) -> None:
    """Move reminders out of `pending`."""
    if reminders:
        connection.execute(
            sa.update(REMINDER)
            .where(REMINDER.c.id.in_(reminders), REMINDER.c.state == ReminderState.PENDING)
            .values(state=state)
        )


def postpone(connection: sa.Connection, reminders: Sequence[int], until: datetime) -> None:
    """Move pending reminders to a later slot."""
    if reminders:
        connection.execute(
            sa.update(REMINDER)
            .where(REMINDER.c.id.in_(reminders), REMINDER.c.state == ReminderState.PENDING)
            .values(at=until)
        )


def reminded_since(connection: sa.Connection, addresses: Sequence[str], since: datetime) -> set[str]:
    """Return which of these addresses have had a reminder since a moment: a cell gets at most one a day."""
    query = sa.select(OUTBOX.c.recipient).where(
        OUTBOX.c.recipient.in_(addresses), OUTBOX.c.purpose == "reminder", OUTBOX.c.planned_at >= since
    )
    return {str(address).lower() for address in connection.execute(query).scalars()}


def asked_since(connection: sa.Connection, address: str, since: datetime) -> int:
    """Return how many numbered lists an address has been mailed since a moment."""
    query = sa.select(sa.func.count()).where(
        OUTBOX.c.recipient == address, OUTBOX.c.purpose.in_(sorted(NUMBERED)), OUTBOX.c.planned_at >= since
    )
    return int(connection.execute(query).scalar_one())


_UNDONE = (HeldState.OPEN, HeldState.TOLD)


@dataclass(frozen=True)
class OpenMatter:
    """One line for a person's list."""

    id: int
    reason: str
    text: str
    audience: str
    opened_at: datetime
    message: int | None
    choices: tuple[dict[str, Any], ...] = ()


def open_matters(
    connection: sa.Connection,
    *,
    states: Sequence[HeldState] = (HeldState.OPEN,),
    limit: int = 200,
    number: int | None = None,
    until: datetime | None = None,
) -> list[OpenMatter]:
    """Return matters put before a person (or the one of that number), oldest first; those that arise until a moment."""
    query = sa.select(HELD).where(HELD.c.state.in_(states)).order_by(HELD.c.id).limit(limit)
    if number is not None:
        query = query.where(HELD.c.id == number)
    if until is not None:
        query = query.where(HELD.c.opened_at <= until)
    return [
        OpenMatter(
            row.id, row.reason, row.text, row.audience, row.opened_at, row.message_ref, _choices(row.choices, row)
        )
        for row in connection.execute(query)
    ]


def matter(connection: sa.Connection, number: int) -> OpenMatter | None:
    """Return one matter that is not done with."""
    return next((one for one in open_matters(connection, states=_UNDONE, number=number)), None)


def _choices(choices: Sequence[dict[str, Any]], row: Any) -> tuple[dict[str, Any], ...]:
    """Return the choices of a matter with the mail that they are about."""
    return tuple(choice | {"message": row.message_ref} for choice in choices or ())


def told(connection: sa.Connection, matters: Sequence[int]) -> None:
    """Note that these matters stand in a mail to their person now."""
    if matters:
        connection.execute(sa.update(HELD).where(HELD.c.id.in_(matters)).values(state=HeldState.TOLD))


# What a unit wished, by the matter that tells of it: settled when the delivery is not open for that any more.
_WISHES = {"unit_extension": "extension_asked", "unit_question": "question", "unit_problem": "problem"}
_FOR_CHAIR = ("unit_decline", "unit_delegate")


def settled(connection: sa.Connection, among: Collection[int] | None = None) -> set[int]:
    """Return the matters (all, or of those numbers) that are closed, or settled by an order, an answer or a report."""
    asked = (HELD.c.state != HeldState.CLOSED,) if among is None else (HELD.c.id.in_(among),)
    query = (
        sa.select(
            HELD.c.id, HELD.c.state, HELD.c.reason, DELIVERY.c.open_matter, DELIVERY.c.attendance, DELIVERY.c.satisfied
        )
        .outerjoin(DELIVERY, DELIVERY.c.id == HELD.c.delivery_ref)
        .where(*asked)
    )
    return {row.id for row in connection.execute(query) if _is_settled(row)}


def _is_settled(row: Any) -> bool:
    if row.state is HeldState.CLOSED:
        return True
    if row.satisfied is None or row.reason == DANGEROUS:
        return False  # a matter of no delivery, or one that a report opens and does not settle
    if row.reason in _FOR_CHAIR:
        return bool(row.attendance != Attendance.AWAITS_CHAIR)
    if row.reason in _WISHES:
        return bool(row.open_matter != _WISHES[row.reason])
    # What else is new must be told once, whatever the unit has answered.
    told_before = row.state is HeldState.TOLD
    return told_before and bool(row.satisfied or (row.reason == "unreachable" and row.open_matter != "unreachable"))


def close(connection: sa.Connection, matters: Collection[int]) -> None:
    """Note that these matters are done with."""
    if matters:
        connection.execute(sa.update(HELD).where(HELD.c.id.in_(matters)).values(state=HeldState.CLOSED))
