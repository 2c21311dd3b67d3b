"""Meetings in the ledger: when the sheet of who comes is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store.knowing import matter_of
from mailbot.store.tables import TABLES, DocumentState
from mailbot.tracking.states import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.routing.plans import KnownMatter

MEETING, DOCUMENT, DELIVERY, EVENT = (TABLES[name] for name in ("meeting", "document", "delivery", "event"))
_RELEASED = DOCUMENT.c.state == DocumentState.RELEASED


@dataclass(frozen=True)
class DueSheet:
    """A meeting whose sheet is due; without a matter nobody is asked any more, and there is nothing to tell."""

    document: int
    at: datetime
    rsvp_by: str | None
    starts_at: str | None
    matter: KnownMatter | None


def due_sheets(connection: sa.Connection, now: datetime) -> list[DueSheet]:
    """Return the meetings of papers that went out whose sheet is due now."""
    query = (
        sa.select(MEETING, DOCUMENT.c.released_at)
        .join(DOCUMENT, DOCUMENT.c.id == MEETING.c.document_ref)
        .where(MEETING.c.sheet_at <= now, _RELEASED)
        .order_by(MEETING.c.id)
    )
    found = []
    for row in connection.execute(query).all():
        # A paper that went out after the moment has had no answers by it; one that was taken back asks nobody.
        tells = row.released_at <= row.sheet_at and _asks(connection, row.document_ref)
        matter = matter_of(connection, row.document_ref) if tells else None
        found.append(DueSheet(row.document_ref, row.sheet_at, row.rsvp_by, row.starts_at, matter))
    return found


def _asks(connection: sa.Connection, document: int) -> bool:
    """Tell whether a document still asks who comes: a later invitation, or a cancellation, takes its place."""
    asked = sa.select(DELIVERY.c.id).where(DELIVERY.c.document_ref == document, DELIVERY.c.ask == "rsvp")
    over = sa.select(EVENT.c.delivery_ref).where(EVENT.c.delivery_ref.in_(asked), EVENT.c.what == str(Fact.SUPERSEDED))
    return connection.execute(asked.where(DELIVERY.c.id.not_in(over)).limit(1)).first() is not None


def plan_sheet(connection: sa.Connection, document: int, at: datetime | None) -> None:
    """Set when the next sheet of a meeting is due; None for never."""
    connection.execute(sa.update(MEETING).where(MEETING.c.document_ref == document).values(sheet_at=at))


def next_sheet(connection: sa.Connection) -> datetime | None:
    """Return when the next sheet is due."""
    query = sa.select(MEETING.c.sheet_at).join(DOCUMENT, DOCUMENT.c.id == MEETING.c.document_ref)
    return connection.execute(
        query.where(_RELEASED, MEETING.c.sheet_at.is_not(None)).order_by(MEETING.c.sheet_at).limit(1)
    ).scalar()
