"""An admin's hand on single mails: shown, held, released, tried again, cancelled; each is an event with its moment."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store import events
from mailbot.store.tables import TABLES, OutboxState
from mailbot.store.views import plain_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

OUTBOX, ATTEMPT, HEAD = TABLES["outbox"], TABLES["attempt"], TABLES["outbox_head"]


class Hand(StrEnum):
    """What an admin may do with a mail that is not sent."""

    HOLD = "hold"
    RELEASE = "release"
    RETRY = "retry"
    CANCEL = "cancel"


# From which states each is possible, and the state that it ends in; what has its bytes is ready, else planned.
_FROM = {
    Hand.HOLD: (OutboxState.PLANNED, OutboxState.READY),
    Hand.RELEASE: (OutboxState.HELD,),
    Hand.RETRY: (OutboxState.READY, OutboxState.FAILED, OutboxState.HELD),
    Hand.CANCEL: (OutboxState.PLANNED, OutboxState.READY, OutboxState.HELD),
}
_INTO = {Hand.HOLD: OutboxState.HELD, Hand.CANCEL: OutboxState.CANCELLED}


def one(connection: sa.Connection, number: int) -> dict[str, Any] | None:
    """Return a mail with its tries and its fixed head; None when there is none of that number."""
    row = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.id == number)).first()
    if row is None:
        return None
    tries = connection.execute(sa.select(ATTEMPT).where(ATTEMPT.c.outbox_ref == number).order_by(ATTEMPT.c.number))
    head = connection.execute(sa.select(HEAD.c.head).where(HEAD.c.outbox_ref == number)).scalar()
    return plain_row(row) | {
        "tries": [plain_row(each) for each in tries],
        "head": head.decode("utf-8", "replace") if head else None,
    }


def lay_hand(connection: sa.Connection, hand: Hand, numbers: Sequence[int], now: datetime) -> list[int]:
    """Do it to these mails and return those that it was possible for; one that is being sent now is left alone."""
    fixed = sa.select(HEAD.c.outbox_ref)
    under_way = sa.select(ATTEMPT.c.outbox_ref).where(ATTEMPT.c.finished_at.is_(None))
    possible = (
        OUTBOX.c.id.in_(numbers),
        OUTBOX.c.state.in_(_FROM[hand]),
        OUTBOX.c.id.not_in(under_way),
    )
    found = list(connection.execute(sa.select(OUTBOX.c.id).where(*possible).order_by(OUTBOX.c.id)).scalars())
    if not found:
        return []
    into = _INTO.get(hand)
    state = into or sa.case((OUTBOX.c.id.in_(fixed), OutboxState.READY), else_=OutboxState.PLANNED)
    values: dict[str, Any] = {"state": state}
    if into is None:
        values |= {"next_attempt_at": now, "unknowns": 0}
    connection.execute(sa.update(OUTBOX).where(OUTBOX.c.id.in_(found)).values(values))
    events.append(
        connection, [events.event(now, "admin", f"mail_{hand}", "by hand", outbox_ref=number) for number in found]
    )
    return found
