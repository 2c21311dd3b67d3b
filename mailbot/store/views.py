"""What the ledger can tell: documents with their unit matrix, one thing's history, lists of mails and matters."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.finding import query_of
from mailbot.store import searching
from mailbot.store.following import rehearsed
from mailbot.store.outbox import CARRIES_A_DOCUMENT
from mailbot.store.tables import TABLES, HeldState, ReminderState

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGE, DOCUMENT, DELIVERY, EVENT = (TABLES[name] for name in ("message", "document", "delivery", "event"))
OUTBOX, OUTBOX_DELIVERY, ATTEMPT, REMINDER, HELD = (
    TABLES[name] for name in ("outbox", "outbox_delivery", "attempt", "reminder", "held")
)
MEETING = TABLES["meeting"]


def plain_row(row: Any) -> dict[str, Any]:
    """Return a row as JSON-ready values: moments as ISO 8601, enumerations as text, no raw bytes."""
    return {name: _plain(value) for name, value in row._mapping.items() if not isinstance(value, bytes)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def documents(connection: sa.Connection, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest documents with how many deliveries each has and how many have answered."""
    done = sa.func.sum(sa.case((DELIVERY.c.satisfied & (DELIVERY.c.ask != "none"), 1), else_=0))
    asked = sa.func.sum(sa.case((DELIVERY.c.ask != "none", 1), else_=0))
    columns = [
        DOCUMENT.c[name]
        for name in (
            "id",
            "number",
            "summary",
            "direction",
            "state",
            "kind",
            "due",
            "due_text",
            "recorded_at",
            "released_at",
            "book",
            "book_number",
        )
    ]
    query = (
        sa.select(
            *columns, sa.func.count(DELIVERY.c.id).label("deliveries"), asked.label("asked"), done.label("answered")
        )
        .outerjoin(DELIVERY, DELIVERY.c.document_ref == DOCUMENT.c.id)
        .group_by(*columns)
        .order_by(DOCUMENT.c.id.desc())
        .limit(limit)
    )
    return [plain_row(row) for row in connection.execute(query)]


def find_documents(connection: sa.Connection, wanted: str) -> list[int]:
    """Return the documents that a person means: by row (`#12`), or by symbol without regard to accents and signs."""
    if wanted.startswith("#") and wanted[1:].isdigit():
        return list(connection.execute(sa.select(DOCUMENT.c.id).where(DOCUMENT.c.id == int(wanted[1:]))).scalars())
    return searching.numbered(connection, query_of(wanted))


def matrix(connection: sa.Connection, document: int) -> dict[str, Any]:
    """Return one document with the state of every unit: sent, read, acknowledged, RSVP, deadline, next step."""
    row = connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == document)).first()
    if row is None:
        return {}
    found = plain_row(row)
    found.pop("plan", None)
    meeting = connection.execute(sa.select(MEETING).where(MEETING.c.document_ref == document)).first()
    found["meeting"] = plain_row(meeting) if meeting else None
    following = _of_reminders(connection, document, ReminderState.PENDING, sa.func.min(REMINDER.c.at))
    # A step that put the unit on somebody's list reminded others, not the unit.
    to_unit = sa.func.sum(sa.case((REMINDER.c.do == "remind", 1), else_=0))
    reminded = _of_reminders(connection, document, ReminderState.SENT, to_unit)
    sent = _sent_at(connection, document)
    found["rehearsed"] = bool(rehearsed(connection, [document]))
    deliveries = sa.select(DELIVERY).where(DELIVERY.c.document_ref == document).order_by(DELIVERY.c.id)
    found["units"] = [
        plain_row(item)
        | {
            "next_reminder_at": _plain(following.get(item.id)),
            "sent_at": _plain(sent.get(item.id)),
            "reminded": reminded.get(item.id, 0),
        }
        for item in connection.execute(deliveries)
    ]
    return found


def _of_reminders(connection: sa.Connection, document: int, state: ReminderState, value: Any) -> dict[int, Any]:
    """Return for each delivery of a document one value over its reminders of a state."""
    query = (
        sa.select(REMINDER.c.delivery_ref, value)
        .join(DELIVERY, DELIVERY.c.id == REMINDER.c.delivery_ref)
        .where(DELIVERY.c.document_ref == document, REMINDER.c.state == state)
        .group_by(REMINDER.c.delivery_ref)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _sent_at(connection: sa.Connection, document: int) -> dict[int, datetime]:
    """Return when a server took the first mail that carried a document to the unit of each delivery."""
    query = (
        sa.select(OUTBOX_DELIVERY.c.delivery_ref, sa.func.min(OUTBOX.c.sent_at))
        .join(OUTBOX, OUTBOX.c.id == OUTBOX_DELIVERY.c.outbox_ref)
        .join(DELIVERY, DELIVERY.c.id == OUTBOX_DELIVERY.c.delivery_ref)
        .where(
            DELIVERY.c.document_ref == document,
            OUTBOX.c.sent_at.is_not(None),
            OUTBOX.c.purpose.in_(sorted(CARRIES_A_DOCUMENT)),
        )
        .group_by(OUTBOX_DELIVERY.c.delivery_ref)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def history(connection: sa.Connection, kind: str, number: int) -> list[dict[str, Any]]:
    """Return the events about a `message`, `document`, `delivery` or `outbox` row, oldest first."""
    column = EVENT.c[f"{kind}_ref"]
    return [plain_row(row) for row in connection.execute(sa.select(EVENT).where(column == number).order_by(EVENT.c.id))]


def message(connection: sa.Connection, number: int) -> dict[str, Any]:
    """Return a journal row with the stored trace of its decision; empty when there is none."""
    row = connection.execute(sa.select(MESSAGE).where(MESSAGE.c.id == number)).first()
    return plain_row(row) if row else {}


def messages(connection: sa.Connection, *, limit: int = 30) -> list[dict[str, Any]]:
    """Return the newest journal rows."""
    columns = [
        MESSAGE.c[name]
        for name in (
            "id",
            "mailbox",
            "uid",
            "state",
            "kind",
            "outcome",
            "sender",
            "subject",
            "internal_date",
            "decided_at",
        )
    ]
    return [
        plain_row(row) for row in connection.execute(sa.select(*columns).order_by(MESSAGE.c.id.desc()).limit(limit))
    ]


def mails(connection: sa.Connection, *, states: Sequence[str] = (), limit: int = 100) -> list[dict[str, Any]]:
    """Return outbox rows, newest first, without their bytes."""
    names = (
        "id",
        "mailbox",
        "purpose",
        "recipient",
        "subject",
        "state",
        "attempts",
        "next_attempt_at",
        "sent_at",
        "code",
        "enhanced",
        "answer",
        "document_ref",
    )
    query = sa.select(*[OUTBOX.c[name] for name in names]).order_by(OUTBOX.c.id.desc()).limit(limit)
    if states:
        query = query.where(OUTBOX.c.state.in_(states))
    return [plain_row(row) for row in connection.execute(query)]


def matters(connection: sa.Connection, *, closed: bool = False, limit: int = 200) -> list[dict[str, Any]]:
    """Return what waits for a person, oldest first."""
    query = sa.select(HELD).order_by(HELD.c.id).limit(limit)
    if not closed:
        query = query.where(HELD.c.state != HeldState.CLOSED)
    return [plain_row(row) for row in connection.execute(query)]
