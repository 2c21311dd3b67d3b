"""What a rehearsal asks of its ledger: which moment comes next, which mails it made, and a copy of the real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from mailbot.store.following import NEEDED
from mailbot.store.tables import TABLES, DocumentState, ReminderState

if TYPE_CHECKING:
    from datetime import datetime

REMINDER, DELIVERY, OUTBOX, OUTBOX_DELIVERY, DOCUMENT = (
    TABLES[name] for name in ("reminder", "delivery", "outbox", "outbox_delivery", "document")
)
# Rows are copied so many at a time, so that a ledger of years needs no more memory than one of days.
COPIED_AT_ONCE = 1000


@dataclass(frozen=True)
class PlannedMail:
    """A mail as it was planned, with the units of the deliveries that it speaks of."""

    id: int
    at: datetime
    purpose: str
    template: str
    mailbox: str
    recipient: str
    recipient_name: str
    values: dict[str, Any]
    document: int | None
    units: tuple[str, ...]


def next_reminder(connection: sa.Connection) -> datetime | None:
    """Return when the next reminder that is still needed is due."""
    query = (
        sa.select(sa.func.min(REMINDER.c.at))
        .join(DELIVERY, DELIVERY.c.id == REMINDER.c.delivery_ref)
        .where(REMINDER.c.state == ReminderState.PENDING, NEEDED)
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def reasons_of(connection: sa.Connection, now: datetime) -> list[tuple[str, str, str]]:
    """Return (unit, `remind` or `list`, because) of the reminders that are due and still needed."""
    query = (
        sa.select(DELIVERY.c.unit, REMINDER.c.do, REMINDER.c.because)
        .join(DELIVERY, DELIVERY.c.id == REMINDER.c.delivery_ref)
        .where(REMINDER.c.state == ReminderState.PENDING, REMINDER.c.at <= now, NEEDED)
        .order_by(REMINDER.c.at, REMINDER.c.id)
    )
    return [(row.unit, row.do, row.because) for row in connection.execute(query)]


def last_mail(connection: sa.Connection) -> int:
    """Return the number of the newest mail; 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(OUTBOX.c.id), 0))).scalar_one())


def mails_after(connection: sa.Connection, mail: int) -> list[PlannedMail]:
    """Return the mails that were planned after one, in their order."""
    rows = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.id > mail).order_by(OUTBOX.c.id)).all()
    units: dict[int, list[str]] = {}
    links = (
        sa.select(OUTBOX_DELIVERY.c.outbox_ref, DELIVERY.c.unit)
        .join(DELIVERY, DELIVERY.c.id == OUTBOX_DELIVERY.c.delivery_ref)
        .where(OUTBOX_DELIVERY.c.outbox_ref > mail)
        .order_by(OUTBOX_DELIVERY.c.outbox_ref, OUTBOX_DELIVERY.c.item, DELIVERY.c.id)
    )
    for outbox, unit in connection.execute(links):
        units.setdefault(outbox, []).append(unit)
    return [
        PlannedMail(
            row.id,
            row.planned_at,
            row.purpose,
            row.template,
            row.mailbox,
            row.recipient,
            row.recipient_name,
            row.values,
            row.document_ref,
            tuple(units.get(row.id, ())),
        )
        for row in rows
    ]


def steps_taken(connection: sa.Connection) -> frozenset[tuple[str, int]]:
    """Return (ladder, step) of every reminder that was carried out."""
    query = (
        sa.select(DELIVERY.c.ladder, REMINDER.c.step)
        .join(DELIVERY, DELIVERY.c.id == REMINDER.c.delivery_ref)
        .where(REMINDER.c.state == ReminderState.SENT)
        .distinct()
    )
    return frozenset((row.ladder, row.step) for row in connection.execute(query) if row.ladder)


def waiting_documents(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return the documents that wait for somebody's word before they go out, oldest first."""
    waiting = (DocumentState.AWAITING_CONFIRMATION, DocumentState.AWAITING_INSTRUCTION)
    return list(connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.state.in_(waiting)).order_by(DOCUMENT.c.id)))


def copy_ledger(source: sa.Connection, target: sa.Connection) -> None:
    """Copy every row of one ledger into an empty one; the source is only read, and may be another kind of database."""
    for table in SQLModel.metadata.sorted_tables:
        rows = source.execution_options(yield_per=COPIED_AT_ONCE).execute(sa.select(table))
        for some in rows.mappings().partitions():
            target.execute(sa.insert(table), [dict(row) for row in some])
