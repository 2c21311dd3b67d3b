"""What the running daemon tells of its parts for `mailbot health`: the last good cycle, and what troubles it now."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from mailbot.problems import MailbotError, Text
from mailbot.store.marks import forget, put

if TYPE_CHECKING:
    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

COMPOSER = "composer"
DUE = "due"
CLOCK = "clock"
# A mark a cycle would be a write a second in a busy mailbox; health needs it to the minute.
NOT_OFTENER_THAN = timedelta(seconds=20)


def good_cycle(runtime: Runtime, part: str) -> None:
    """Remember that a part has done a whole good cycle now; its trouble, if any, is over."""
    now = runtime.signs_of_life[part] = runtime.now()
    last = runtime.good_cycles.get(part)
    if last is not None and timedelta() <= now - last < NOT_OFTENER_THAN:
        return
    runtime.good_cycles[part] = now
    with runtime.store.write() as connection:
        put(connection, f"good {part}", "", now)
        forget(connection, f"trouble {part}")


def trouble(runtime: Runtime, part: str, text: Text | str) -> None:
    """Remember what troubles a part, for `mailbot health`."""
    runtime.good_cycles.pop(part, None)
    runtime.signs_of_life[part] = runtime.now()
    both = (text.vi, text.en) if isinstance(text, Text) else (text, text)
    value = json.dumps([said[:500] for said in both], ensure_ascii=False)
    try:
        with runtime.store.write() as connection:
            put(connection, f"trouble {part}", value, runtime.now())
    except (MailbotError, SQLAlchemyError):
        # The trouble may be the database itself; whoever tells of it must live on and try again.
        log.warning("status.not_written", part=part)


def over(runtime: Runtime, part: str) -> None:
    """Forget what troubled a part that has no cycles."""
    with runtime.store.write() as connection:
        forget(connection, f"trouble {part}")
