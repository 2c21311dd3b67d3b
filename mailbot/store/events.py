"""The append-only log: every event carries the hash of the one before it, so that a changed line shows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store.prepared import insert
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVENT = TABLES["event"]
FIRST_HASH = "0" * 64
# A log of years needs no more memory than one of days.
AT_ONCE = 1000
FIELDS = (
    "at",
    "actor",
    "what",
    "reason",
    "message_ref",
    "document_ref",
    "delivery_ref",
    "outbox_ref",
    "address",
    "rule",
    "data",
)


_LAST_HASH = sa.select(EVENT.c.hash).order_by(EVENT.c.id.desc()).limit(1)
_INSERT = insert(EVENT, (*FIELDS, "previous_hash", "hash"))
# Built once: json.dumps with options makes a new encoder at every call.
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def event(at: datetime, actor: str, what: str, reason: str, **more: Any) -> dict[str, Any]:
    """Return one event: who did what when and why; `more` names the rows and data that it is about."""
    return dict.fromkeys(FIELDS) | {"at": at, "actor": actor, "what": what, "reason": reason} | more


def append(connection: sa.Connection, events: Sequence[dict[str, Any]]) -> None:
    """Write events at the end of the chain; the caller holds the write transaction, so nobody writes between."""
    if not events:
        return
    previous = connection.execute(_LAST_HASH).scalar() or FIRST_HASH
    rows = []
    for item in events:
        digest = chain_hash(previous, item)
        rows.append(item | {"previous_hash": previous, "hash": digest})
        previous = digest
    _INSERT.many(connection, rows)


def chain_hash(previous: str, item: dict[str, Any]) -> str:
    """Return the hash of an event that follows the one with the hash `previous`."""
    content = {name: item[name] for name in FIELDS}
    content["at"] = item["at"].astimezone(UTC).isoformat()
    text = _ENCODER.encode(content)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def links(connection: sa.Connection) -> Iterator[tuple[int, str, bool]]:
    """Yield (id, hash, whether it follows from the event before) for every event, in order; a log of years streams."""
    previous = FIRST_HASH
    rows = connection.execution_options(yield_per=AT_ONCE).execute(sa.select(EVENT).order_by(EVENT.c.id))
    for row in rows.mappings():
        follows = row["previous_hash"] == previous and chain_hash(previous, dict(row)) == row["hash"]
        yield row["id"], row["hash"], follows
        previous = row["hash"]


def broken_links(connection: sa.Connection) -> Iterator[int]:
    """Yield the ids of events whose hash does not follow from the event before them."""
    return (number for number, _, follows in links(connection) if not follows)
