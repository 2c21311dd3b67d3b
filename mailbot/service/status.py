"""Small facts of the running daemon that outlive it: the last good cycle of each part, and what troubles it now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from mailbot.problems import MailbotError, Text
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

STATE = TABLES["daemon_state"]
COMPOSER = "composer"
DUE = "due"
CLOCK = "clock"
# A mark a cycle would be a write a second in a busy mailbox; health needs it to the minute.
NOT_OFTENER_THAN = timedelta(seconds=20)


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


def good_cycle(runtime: Runtime, part: str) -> None:
    """Remember that a part has done a whole good cycle now; its trouble, if any, is over."""
    now = runtime.signs_of_life[part] = runtime.now()
    last = runtime.good_cycles.get(part)
    if last is not None and timedelta() <= now - last < NOT_OFTENER_THAN:
        return
    runtime.good_cycles[part] = now
    with runtime.store.write() as connection:
        _put(connection, f"good {part}", "", now)
        connection.execute(sa.delete(STATE).where(STATE.c.key == f"trouble {part}"))


def trouble(runtime: Runtime, part: str, text: Text | str) -> None:
    """Remember what troubles a part, for `mailbot health`."""
    runtime.good_cycles.pop(part, None)
    runtime.signs_of_life[part] = runtime.now()
    both = (text.vi, text.en) if isinstance(text, Text) else (text, text)
    value = json.dumps([said[:500] for said in both], ensure_ascii=False)
    try:
        with runtime.store.write() as connection:
            _put(connection, f"trouble {part}", value, runtime.now())
    except (MailbotError, sa.exc.SQLAlchemyError):
        # The trouble may be the database itself; whoever tells of it must live on and try again.
        log.warning("status.not_written", part=part)


def over(runtime: Runtime, part: str) -> None:
    """Forget what troubled a part that has no cycles."""
    with runtime.store.write() as connection:
        connection.execute(sa.delete(STATE).where(STATE.c.key == f"trouble {part}"))


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
