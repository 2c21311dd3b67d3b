"""The circuit breaker: sending pauses when answers or bounces pass what an honest office has; mail is still taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from mailbot.store import fence, storms
from mailbot.store.fence import Why

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from mailbot.settings import Limits

log = structlog.get_logger(__name__)

# Fewer than these are some wrong addresses and no storm, whatever their share.
FEWEST_RETURNED = 20


def trip(connection: sa.Connection, mailbox: str, limits: Limits, now: datetime) -> bool:
    """Raise the fence when a mailbox answers too much in an hour, or too much of a day's mail comes back.

    Returns whether it was raised now. `mailbot resume` shows what waits behind it and lets it go.
    """
    figures = storms.figures(connection, mailbox, now, fence.lifted_at(connection))
    if figures.answers > limits.answers_per_hour:
        why, said = Why.STORM, f"{mailbox}: {figures.answers} > {limits.answers_per_hour}/h"
    elif figures.returned >= FEWEST_RETURNED and figures.returned * 100 > figures.tried * limits.returned_percent:
        why, said = Why.BOUNCES, f"{mailbox}: {figures.returned}/{figures.tried} > {limits.returned_percent}%"
    else:
        return False
    fence.raise_fence(connection, why, said, now)
    log.error("sending.paused", mailbox=mailbox, why=str(why), said=said)
    return True
