"""Papers of ours that wait for the word of their sender: which are asked about once more, which are given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store.known_rows import release_from_json
from mailbot.store.tables import TABLES, DocumentState

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.routing.plans import Release

DOCUMENT, OUTBOX = TABLES["document"], TABLES["outbox"]


@dataclass(frozen=True)
class Waiting:
    """A paper that waits, with what was asked last and how often."""

    id: int
    number: str | None
    content_key: str
    release: Release
    values: dict[str, Any]
    asked: int
    expires_at: datetime


def to_ask_again(connection: sa.Connection, now: datetime) -> list[Waiting]:
    """Return the papers whose sender is asked once more now."""
    return _waiting(connection, DOCUMENT.c.ask_again_at <= now, DOCUMENT.c.expires_at > now)


def expired(connection: sa.Connection, now: datetime) -> list[Waiting]:
    """Return the papers that nobody confirmed in time."""
    return _waiting(connection, DOCUMENT.c.expires_at <= now)


def asked_again(connection: sa.Connection, document: int) -> None:
    """Note that the one reminder of a question is on its way."""
    connection.execute(sa.update(DOCUMENT).where(DOCUMENT.c.id == document).values(ask_again_at=None))


def next_moment(connection: sa.Connection) -> datetime | None:
    """Return when the next question is asked once more or given up."""
    waits = DOCUMENT.c.state == DocumentState.AWAITING_CONFIRMATION
    moments = [
        connection.execute(sa.select(sa.func.min(column)).where(waits)).scalar()
        for column in (DOCUMENT.c.ask_again_at, DOCUMENT.c.expires_at)
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _waiting(connection: sa.Connection, *when: sa.ColumnElement[bool]) -> list[Waiting]:
    query = sa.select(DOCUMENT).where(DOCUMENT.c.state == DocumentState.AWAITING_CONFIRMATION, *when)
    found = []
    for row in connection.execute(query.order_by(DOCUMENT.c.id)).all():
        release = release_from_json(row.plan)
        if release is None:
            continue
        mails = (
            sa.select(OUTBOX.c["values"])
            .where(OUTBOX.c.document_ref == row.id, OUTBOX.c.purpose == "confirm_before_send")
            .order_by(OUTBOX.c.id)
        )
        asked = list(connection.execute(mails).scalars())
        values = release.values | (asked[-1] if asked else {})
        found.append(Waiting(row.id, row.number, row.content_key, release, values, len(asked), row.expires_at))
    return found
