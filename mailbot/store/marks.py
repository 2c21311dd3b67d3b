"""Small facts of the daemon that outlive it, by key: when a part was last well, and what troubles it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.problems import Text
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from datetime import datetime

STATE = TABLES["daemon_state"]


@dataclass(frozen=True)
class Mark:
    """One remembered fact: its value and when it was written (UTC)."""

    value: str
    at: datetime

    @property
    def text(self) -> Text:
        """What troubles a part, in both languages."""
        try:
            vi, en = json.loads(self.value)
        except ValueError:
            return Text(self.value, self.value)
        return Text(vi, en)


def marks(connection: sa.Connection) -> dict[str, Mark]:
    """Return everything remembered, by key (`good mailbox x`, `trouble sender x`)."""
    return {row.key: Mark(row.value, row.at) for row in connection.execute(sa.select(STATE))}


def put(connection: sa.Connection, key: str, value: str, now: datetime) -> None:
    """Remember one fact, in the place of what was known under its key."""
    moved = connection.execute(sa.update(STATE).where(STATE.c.key == key).values(value=value, at=now))
    if moved.rowcount == 0:
        connection.execute(sa.insert(STATE).values(key=key, value=value, at=now))


def forget(connection: sa.Connection, key: str) -> None:
    """Remember a fact no longer."""
    connection.execute(sa.delete(STATE).where(STATE.c.key == key))
