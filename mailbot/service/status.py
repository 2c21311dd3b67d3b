"""Small facts of the running daemon that outlive it: the last good cycle of each part, and what troubles it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from mailbot.service.runtime import Runtime

STATE = TABLES["daemon_state"]
# A mark a cycle would be a write a second in a busy mailbox; health needs it to the minute.
NOT_OFTENER_THAN = timedelta(seconds=20)


@dataclass(frozen=True)
class Mark:
    """One remembered fact: its value and when it was written (UTC)."""

    value: str
    at: datetime


def good_cycle(runtime: Runtime, part: str) -> None:
    """Remember that a part has done a whole good cycle now; its trouble, if any, is over."""
    now = runtime.now()
    last = runtime.good_cycles.get(part)
    if last is not None and timedelta() <= now - last < NOT_OFTENER_THAN:
        return
    runtime.good_cycles[part] = now
    with runtime.store.write() as connection:
        _put(connection, f"good {part}", "", now)
        connection.execute(sa.delete(STATE).where(STATE.c.key == f"trouble {part}"))


def trouble(runtime: Runtime, part: str, text: str) -> None:
    """Remember what troubles a part, for `mailbot health`."""
    runtime.good_cycles.pop(part, None)
    with runtime.store.write() as connection:
        _put(connection, f"trouble {part}", text[:500], runtime.now())


def marks(connection: sa.Connection) -> dict[str, Mark]:
    """Return everything remembered, by key (`good mailbox x`, `trouble sender x`)."""
    return {row.key: Mark(row.value, row.at) for row in connection.execute(sa.select(STATE))}


def put(connection: sa.Connection, key: str, value: str, now: datetime) -> None:
    """Remember one fact in the caller's transaction."""
    _put(connection, key, value, now)


def _put(connection: sa.Connection, key: str, value: str, now: datetime) -> None:
    moved = connection.execute(sa.update(STATE).where(STATE.c.key == key).values(value=value, at=now))
    if moved.rowcount == 0:
        connection.execute(sa.insert(STATE).values(key=key, value=value, at=now))
