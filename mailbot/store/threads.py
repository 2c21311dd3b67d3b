"""Which mail of ours is answered: found by its token, its Message-ID, its row, or a clerk's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.rendering.identity import key_of
from mailbot.routing.known import KnownDelivery, KnownThread
from mailbot.routing.plans import BY_CLERK, Purpose
from mailbot.store.known_rows import known_delivery, known_document
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from mailbot.reading import Reading

DOCUMENT, DELIVERY, OUTBOX, OUTBOX_DELIVERY = (
    TABLES[name] for name in ("document", "delivery", "outbox", "outbox_delivery")
)
# A token is the beginning of a key, so that one index serves both.
_BY_KEY = (
    sa.select(OUTBOX)
    .where(OUTBOX.c.key >= sa.bindparam("low"), OUTBOX.c.key < sa.bindparam("high"))
    .order_by(OUTBOX.c.id)
)


def thread_of(connection: sa.Connection, reading: Reading) -> KnownThread | None:
    """Return the mail of ours that a mail answers: token in the address or subject, then Message-ID, in that order."""
    returned = [bounce.original_message_id for bounce in reading.bounces]
    if reading.receipt is not None:
        returned.append(reading.receipt.original_message_id)
    by_id = [key_of(value) for value in (*returned, *reading.in_reply_to, reading.calendar_uid) if value]
    for found_by, keys in (("token", [token.lower() for token in reading.tokens]), ("message_id", by_id)):
        for key in filter(None, keys):
            row = connection.execute(_BY_KEY, {"low": key, "high": f"{key}~"}).first()
            if row is not None:
                return _thread(connection, row, found_by)
    return None


def thread_by_outbox(connection: sa.Connection, outbox: int) -> KnownThread | None:
    """Return a mail of ours with what it spoke of, by its row."""
    row = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.id == outbox)).first()
    return _thread(connection, row, "outbox") if row else None


def thread_by_delivery(connection: sa.Connection, delivery: int) -> KnownThread | None:
    """Return the last mail of ours about a delivery, as if it were answered about that one alone: the clerk says so."""
    query = (
        sa.select(OUTBOX)
        .join(OUTBOX_DELIVERY, OUTBOX_DELIVERY.c.outbox_ref == OUTBOX.c.id)
        .where(OUTBOX_DELIVERY.c.delivery_ref == delivery)
        .order_by(OUTBOX.c.id.desc())
    )
    row = connection.execute(query.limit(1)).first()
    if row is None:
        return None
    thread = _thread(connection, row, BY_CLERK)
    mine = tuple(one for one in thread.deliveries if one.id == delivery)
    return replace(thread, deliveries=mine, equal_copies=False)


def _thread(connection: sa.Connection, row: Any, found_by: str) -> KnownThread:
    document = (
        connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == row.document_ref)).first()
        if row.document_ref
        else None
    )
    return KnownThread(
        outbox_id=row.id,
        purpose=Purpose(row.purpose),
        recipient=row.recipient,
        recipient_name=row.recipient_name,
        template=row.template,
        values=row.values,
        found_by=found_by,
        mailbox=row.mailbox,
        document=known_document(document) if document else None,
        message_ref=row.message_ref,
        deliveries=deliveries_of(connection, row.id),
        equal_copies=row.recipients is not None,
        issue=_asked_before(connection, row),
        root=row.thread or row.key,
    )


def _asked_before(connection: sa.Connection, row: Any) -> int:
    """Return how often the sender of a paper was asked for the word before this mail."""
    if row.purpose != Purpose.CONFIRM or row.document_ref is None:
        return 0
    same = (OUTBOX.c.document_ref == row.document_ref, OUTBOX.c.purpose == row.purpose)
    return int(connection.execute(sa.select(sa.func.count()).where(*same)).scalar_one()) - 1


def deliveries_of(connection: sa.Connection, outbox: int) -> tuple[KnownDelivery, ...]:
    """Return the deliveries that a mail of ours spoke of, in the order of its items."""
    query = (
        sa.select(DELIVERY, DOCUMENT.c.number, OUTBOX_DELIVERY.c.item)
        .join(OUTBOX_DELIVERY, OUTBOX_DELIVERY.c.delivery_ref == DELIVERY.c.id)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(OUTBOX_DELIVERY.c.outbox_ref == outbox)
        .order_by(OUTBOX_DELIVERY.c.item)
    )
    rows = connection.execute(query).all()
    return tuple(known_delivery(row, _tried(connection, row.id), row.item) for row in rows)


def _tried(connection: sa.Connection, delivery: int) -> tuple[str, ...]:
    query = (
        sa.select(OUTBOX.c.recipient)
        .join(OUTBOX_DELIVERY, OUTBOX_DELIVERY.c.outbox_ref == OUTBOX.c.id)
        .where(OUTBOX_DELIVERY.c.delivery_ref == delivery)
    )
    return tuple(connection.execute(query.distinct()).scalars())
