"""Whether the ledger accounts for everything: each mail one outcome, each delivery its mail, each book its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store import journal
from mailbot.store.tables import TABLES, DocumentState, MessageState, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mailbot.store.journal import Cursor

MESSAGE, DOCUMENT, DELIVERY = TABLES["message"], TABLES["document"], TABLES["delivery"]
OUTBOX, OUTBOX_DELIVERY = TABLES["outbox"], TABLES["outbox_delivery"]
COUNTER, CANCELLATION = TABLES["register_counter"], TABLES["register_cancellation"]

# How many of a kind are named; who has more of them looks into the database.
NAMED = 20


@dataclass(frozen=True)
class Gap:
    """Numbers of a book, period and series that neither a paper bears nor anybody cancelled."""

    book: str
    period: str
    series: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Account:
    """What the ledger says of itself; ids of rows, at most `NAMED` of a kind.

    `journal` counts the journal by state: its sum is what arrived. `undecided` are mails and `unsent` rows of the
    outbox that wait since before the given moment, `unplanned` deliveries by mail without any mail.
    """

    journal: dict[str, int]
    undecided: tuple[int, ...] = ()
    unplanned: tuple[int, ...] = ()
    unsent: tuple[int, ...] = ()
    gaps: tuple[Gap, ...] = ()


def account(connection: sa.Connection, waiting_since: datetime) -> Account:
    """Return what is unaccounted for; what came after `waiting_since` (aware) may still be under way."""
    undecided = sa.select(MESSAGE.c.id).where(
        MESSAGE.c.state == MessageState.NEW, MESSAGE.c.journalled_at <= waiting_since
    )
    under_way = (OutboxState.PLANNED, OutboxState.READY)
    unsent = sa.select(OUTBOX.c.id).where(
        OUTBOX.c.state.in_(under_way),
        OUTBOX.c.planned_at <= waiting_since,
        OUTBOX.c.next_attempt_at <= waiting_since,
    )
    return Account(
        journal.counts(connection),
        _first(connection, undecided, MESSAGE.c.id),
        _first(connection, _unplanned(), DELIVERY.c.id),
        _first(connection, unsent, OUTBOX.c.id),
        tuple(_gaps(connection)),
    )


def uids(connection: sa.Connection, mailbox: str, folder: str) -> tuple[Cursor, frozenset[int]] | None:
    """Return how far a folder was journalled and the UIDs that are, or None before its first start."""
    cursor = journal.cursor(connection, mailbox, folder)
    if cursor is None:
        return None
    query = sa.select(MESSAGE.c.uid).where(
        MESSAGE.c.mailbox == mailbox, MESSAGE.c.folder == folder, MESSAGE.c.uidvalidity == cursor.uidvalidity
    )
    return cursor, frozenset(connection.execute(query).scalars())


def _first(connection: sa.Connection, query: sa.Select[Any], by: sa.ColumnElement[int]) -> tuple[int, ...]:
    rows = connection.execute(query.order_by(by).limit(NAMED)).all()
    return tuple(row[0] for row in rows)


def _unplanned() -> sa.Select[Any]:
    """Deliveries by mail of what was released, of which no mail speaks: not even one that shadow mode kept back."""
    told = sa.select(OUTBOX_DELIVERY.c.delivery_ref).where(OUTBOX_DELIVERY.c.delivery_ref == DELIVERY.c.id)
    return (
        sa.select(DELIVERY.c.id)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(
            DOCUMENT.c.state == DocumentState.RELEASED,
            DELIVERY.c.channel == "mail",
            DELIVERY.c.satisfied.is_(False),
            ~sa.exists(told),
        )
    )


def _gaps(connection: sa.Connection) -> Iterable[Gap]:
    """The numbers that are missing between the first and the next free one of each book, period and series."""
    key = ("book", "period", "series")
    columns = (DOCUMENT.c.book, DOCUMENT.c.book_period, DOCUMENT.c.book_series)
    given = sa.select(*columns, DOCUMENT.c.book_number).where(DOCUMENT.c.book_number.is_not(None))
    cancelled = sa.select(*(CANCELLATION.c[name] for name in key), CANCELLATION.c.number)
    rows = sorted({tuple(row) for query in (given, cancelled) for row in connection.execute(query)})
    following = {
        (row.book, row.period, row.series): row.next
        for row in connection.execute(sa.select(*(COUNTER.c[name] for name in key), COUNTER.c.next))
    }
    for place, group in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        if place in following:  # else another system gives the numbers (`register: mirror`), or they are printed ones
            missing = _missing([row[3] for row in group], following[place])
            if missing:
                yield Gap(place[0], place[1], place[2], missing)


def _missing(numbers: Sequence[int], following: int) -> tuple[int, ...]:
    have = set(numbers)
    return tuple(number for number in range(min(have), following) if number not in have)[:NAMED]
