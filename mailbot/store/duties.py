"""Recurring duties: which period is over, and the task of the next one as a document of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store import events, searching
from mailbot.store.documents import next_period_on
from mailbot.store.known_rows import release_from_json, release_to_json
from mailbot.store.ledger import write_deliveries, write_reminders
from mailbot.store.tables import TABLES, DocumentState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from mailbot.routing.plans import DeliveryPlan, Release
    from mailbot.tracking.ladder import DueStep

DOCUMENT = TABLES["document"]
# What the task of a period has of the paper; the book holds the paper once.
COPIED = (
    *("message_ref", "direction", "kind", "number", "number_key", "type", "issuer_unit", "issued_on", "summary"),
    *("urgency", "sender_address", "content_key", "files_key", "archive_hash", "shared_hash", "boundary", "rule"),
)


def over(connection: sa.Connection, today: date) -> list[tuple[Any, Release]]:
    """Return the released documents whose period is over, with what they were released with."""
    query = sa.select(DOCUMENT).where(
        DOCUMENT.c.next_period_on <= today.isoformat(), DOCUMENT.c.state == DocumentState.RELEASED
    )
    rows = connection.execute(query.order_by(DOCUMENT.c.id)).all()
    return [(row, release) for row in rows if (release := release_from_json(row.plan)) is not None]


def end(connection: sa.Connection, document: int) -> None:
    """Note that a document makes no further task."""
    connection.execute(sa.update(DOCUMENT).where(DOCUMENT.c.id == document).values(next_period_on=None))


def begin(
    connection: sa.Connection,
    row: Any,
    release: Release,
    deliveries: Sequence[DeliveryPlan],
    steps: Mapping[str, Sequence[DueStep]],
    now: datetime,
) -> None:
    """Write the task of the next period: a document of its own with new deliveries, and why it is there."""
    assert release.duty is not None
    first = (row.series or "").partition(" period ")[0]
    values = {name: getattr(row, name) for name in COPIED} | {
        "state": DocumentState.RELEASED,
        "series": f"{first} period {release.duty.limit}",
        "recorded_at": now,
        "released_at": now,
        "due": release.duty.limit,
        "due_text": release.values.get("due_text"),
        "plan": release_to_json(release),
        "next_period_on": next_period_on(release),
    }
    document = connection.execute(sa.insert(DOCUMENT).values(**values).returning(DOCUMENT.c.id)).scalar_one()
    write_reminders(steps, write_deliveries(deliveries, document, connection), connection)
    searching.succeed(connection, row.id, document)
    end(connection, row.id)
    reason = f"{release.duty.recurrence}, after document {row.id}"
    events.append(connection, [events.event(now, "mailbot", "new_period", reason, document_ref=document)])
