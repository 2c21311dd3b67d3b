"""Wishes to a mailbox (flag, move, quarantine, save to Sent): rows carried out after the commit, and retried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store import fence
from mailbot.store.tables import TABLES, ActionState

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTION = TABLES["mailbox_action"]
MARKS = ("flag", "move")
PAUSE = timedelta(minutes=1)
SOON = timedelta(seconds=3)
# A server that refuses an action this often will not be asked again; the journal is the truth, not the flag.
TRIES = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """One pending action."""

    id: int
    folder: str
    uidvalidity: int | None
    uid: int | None
    action: str
    argument: str
    document_ref: int | None
    attempts: int


def due(connection: sa.Connection, mailbox: str, now: datetime, limit: int = 500) -> list[Wish]:
    """Return the pending actions of a mailbox that may be tried now, oldest first."""
    query = (
        sa.select(*[ACTION.c[name] for name in Wish.__slots__])
        .where(*_possible(connection, mailbox), ACTION.c.next_attempt_at <= now)
        .order_by(ACTION.c.id)
        .limit(limit)
    )
    return [Wish(*row) for row in connection.execute(query)]


def next_due(connection: sa.Connection, mailbox: str) -> datetime | None:
    """Return when the next pending action of a mailbox may be tried, or None when none waits."""
    return connection.execute(
        sa.select(sa.func.min(ACTION.c.next_attempt_at)).where(*_possible(connection, mailbox))
    ).scalar()


def _possible(connection: sa.Connection, mailbox: str) -> tuple[sa.ColumnElement[bool], ...]:
    """What waits in a mailbox; in a restored site no mail is marked as done, since the marks tell what was done."""
    waits = (ACTION.c.mailbox == mailbox, ACTION.c.state == ActionState.PENDING)
    stands = fence.standing(connection)
    if stands is not None and stands.why is fence.Why.RESTORED:
        return (*waits, ACTION.c.action.not_in(MARKS))
    return waits


def done(connection: sa.Connection, actions: Sequence[int]) -> None:
    """Mark actions as carried out."""
    if actions:
        connection.execute(sa.update(ACTION).where(ACTION.c.id.in_(actions)).values(state=ActionState.DONE))


def later(connection: sa.Connection, actions: Sequence[int], now: datetime) -> None:
    """Try actions again in a moment: what they need is being made."""
    connection.execute(sa.update(ACTION).where(ACTION.c.id.in_(actions)).values(next_attempt_at=now + SOON))


def clock_went_back(connection: sa.Connection, now: datetime) -> None:
    """Let every pending action be tried now: when it was to be tried again was said by a clock that ran ahead."""
    late = (ACTION.c.state == ActionState.PENDING, ACTION.c.next_attempt_at > now)
    connection.execute(sa.update(ACTION).where(*late).values(next_attempt_at=now))


def failed(
    connection: sa.Connection, wishes: Sequence[Wish], error: str, now: datetime, *, permanent: bool = False
) -> None:
    """Note a failure: try again later, or give up when the server cannot do it."""
    for wish in wishes:
        over = permanent or wish.attempts + 1 >= TRIES
        connection.execute(
            sa.update(ACTION)
            .where(ACTION.c.id == wish.id)
            .values(
                attempts=wish.attempts + 1,
                error=error[:500],
                state=ActionState.FAILED if over else ActionState.PENDING,
                next_attempt_at=now + PAUSE * 2**wish.attempts,
            )
        )
