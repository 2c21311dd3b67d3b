"""The fence of a restored site: it takes mail and decides, and sends nothing until somebody has looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store import events
from mailbot.store.tables import TABLES, OutboxState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

STATE, OUTBOX = TABLES["daemon_state"], TABLES["outbox"]
KEY = "fence"


@dataclass(frozen=True)
class Pending:
    """A mail that waits behind the fence; its Message-ID is the same as before the loss, if it was made before."""

    id: int
    mailbox: str
    message_id: str
    purpose: str
    recipient: str
    subject: str | None
    planned_at: datetime


def raise_fence(connection: sa.Connection, of: str, now: datetime) -> None:
    """Let nothing be sent from now on; `of` is the moment of the backup (ISO 8601)."""
    connection.execute(sa.delete(STATE).where(STATE.c.key == KEY))
    connection.execute(sa.insert(STATE).values(key=KEY, value=of, at=now))
    events.append(connection, [events.event(now, "admin", "restored", f"backup of {of}")])


def backup_behind(connection: sa.Connection) -> str | None:
    """Return the moment of the backup that was restored while the fence stands, else None."""
    return connection.execute(sa.select(STATE.c.value).where(STATE.c.key == KEY)).scalar()


def pending(connection: sa.Connection) -> list[Pending]:
    """Return what waits behind the fence, oldest first."""
    names = ("id", "mailbox", "message_id", "purpose", "recipient", "subject", "planned_at")
    query = sa.select(*(OUTBOX.c[name] for name in names)).where(
        OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY))
    )
    return [Pending(*row) for row in connection.execute(query.order_by(OUTBOX.c.id))]


def went_out_before(connection: sa.Connection, found: Sequence[tuple[Pending, str]], now: datetime) -> None:
    """Count mails as sent of which a trace was found; each with the evidence."""
    for mail, evidence in found:
        connection.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.id == mail.id, OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY)))
            .values(state=OutboxState.SENT, sent_at=now, answer=evidence[:1000])
        )
    logged = [events.event(now, "admin", "sent_before_loss", evidence, outbox_ref=mail.id) for mail, evidence in found]
    events.append(connection, logged)


def lift(connection: sa.Connection, now: datetime) -> bool:
    """Let the rest go out; return whether a fence stood."""
    lifted = connection.execute(sa.delete(STATE).where(STATE.c.key == KEY)).rowcount > 0
    if lifted:
        events.append(connection, [events.event(now, "admin", "fence_lifted", "by hand")])
    return lifted


def without(mails: Sequence[Pending], ids: Collection[int]) -> list[Pending]:
    """Return the mails that are not among these ids."""
    return [mail for mail in mails if mail.id not in ids]
