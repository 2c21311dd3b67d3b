"""What waits, and for how long, and how much came back: the figures that a monitoring system draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store import journal, outbox
from mailbot.store.tables import TABLES, HeldState, MessageState, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

MESSAGE, OUTBOX, DELIVERY, DOCUMENT, HELD = (
    TABLES[name] for name in ("message", "outbox", "delivery", "document", "held")
)
# Over what time bounces are counted: one wrong address among few mails of a day is no storm.
BOUNCES_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Gauges:
    """Counts by state, and the seconds since the oldest that waits came in (0 when nothing waits)."""

    messages: dict[str, int]
    outbox: dict[str, int]
    held_open: int
    oldest_message: float
    oldest_mail: float
    released: int
    bounced: int
    planned_since: datetime | None = None  # when the oldest mail was planned that has not left, due or not

    @property
    def bounce_rate(self) -> float:
        """The share of the deliveries of the last days that came back, 0 to 1."""
        return self.bounced / self.released if self.released else 0.0


def gauges(connection: sa.Connection, now: datetime) -> Gauges:
    """Return the figures of a ledger; `now` is aware."""
    under_way = OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY))
    oldest_message = sa.select(sa.func.min(MESSAGE.c.journalled_at)).where(MESSAGE.c.state == MessageState.NEW)
    # What is not due yet (an order's mails, the next try after a refusal) does not wait.
    oldest_mail = sa.select(sa.func.min(OUTBOX.c.planned_at)).where(under_way, OUTBOX.c.next_attempt_at <= now)
    held = sa.select(sa.func.count()).where(HELD.c.state != HeldState.CLOSED)
    lately = (
        sa.select(sa.func.count())
        .select_from(DELIVERY)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(DOCUMENT.c.released_at >= now - BOUNCES_WITHIN, DELIVERY.c.transport.is_not(None))
    )
    return Gauges(
        journal.counts(connection),
        outbox.counts(connection),
        connection.execute(held).scalar() or 0,
        _seconds(connection.execute(oldest_message).scalar(), now),
        _seconds(connection.execute(oldest_mail).scalar(), now),
        connection.execute(lately).scalar() or 0,
        connection.execute(lately.where(DELIVERY.c.transport == "bounced")).scalar() or 0,
        connection.execute(sa.select(sa.func.min(OUTBOX.c.planned_at)).where(under_way)).scalar(),
    )


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
