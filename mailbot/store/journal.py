"""What came in: one row for every mail of a watched folder, written before its content is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.plans import Remedy, RemedyWord
from mailbot.store import retention
from mailbot.store.tables import TABLES, MessageState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MESSAGE = TABLES["message"]
# The folder, as it were, in which orders of the command line lie.
COMMAND_LINE = "command_line"
CURSOR = TABLES["mailbox_cursor"]
CONFIRMED, LET_THROUGH = "confirmed", "let_through"
KEPT_WORDS = (CONFIRMED, LET_THROUGH)


@dataclass(frozen=True)
class Cursor:
    """How far a folder was journalled."""

    uidvalidity: int
    last_uid: int
    started_at: datetime


@dataclass(frozen=True)
class Arrival:
    """One mail as the server lists it: identity, size in bytes, INTERNALDATE (aware)."""

    uid: int
    size: int
    internal_date: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A journal row that has no outcome yet."""

    id: int
    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    size: int
    internal_date: datetime | None
    attempts: int
    archive_hash: str | None
    confirmed: bool = False
    matched: int | None = None
    remedy: RemedyWord | None = None
    # What people have said of it and what stays said: see KEPT_WORDS.
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def let_through(self) -> bool:
        """Whether the clerk let its files through although they could do harm."""
        return bool(self.words.get(LET_THROUGH))


@dataclass(frozen=True)
class Archived:
    """A settled mail that is kept: where it came in and when (aware), and the hash of its bytes."""

    message: int
    mailbox: str
    came_at: datetime
    archive_hash: str


def cursor(connection: sa.Connection, mailbox: str, folder: str) -> Cursor | None:
    """Return how far a folder was journalled, or None before its first start."""
    row = connection.execute(
        sa.select(CURSOR.c.uidvalidity, CURSOR.c.last_uid, CURSOR.c.started_at).where(
            CURSOR.c.mailbox == mailbox, CURSOR.c.folder == folder
        )
    ).first()
    return Cursor(*row) if row else None


def write_arrivals(
    connection: sa.Connection,
    mailbox: str,
    folder: str,
    uidvalidity: int,
    arrivals: Sequence[Arrival],
    *,
    start: datetime | None,
    last_uid: int,
    now: datetime,
) -> int:
    """Journal a batch and move the cursor in the same transaction; return how many rows are new.

    Mail that came before `start` is journalled as `before_start` and never acted on.
    """
    known = set()
    if arrivals:
        known = set(
            connection.execute(
                sa.select(MESSAGE.c.uid).where(
                    MESSAGE.c.mailbox == mailbox,
                    MESSAGE.c.folder == folder,
                    MESSAGE.c.uidvalidity == uidvalidity,
                    MESSAGE.c.uid.between(min(item.uid for item in arrivals), max(item.uid for item in arrivals)),
                )
            ).scalars()
        )
    rows = [
        {
            "mailbox": mailbox,
            "folder": folder,
            "uidvalidity": uidvalidity,
            "uid": item.uid,
            "size": item.size,
            "internal_date": item.internal_date,
            "journalled_at": now,
            "state": _first_state(item, start),
            "attempts": 0,
        }
        for item in arrivals
        if item.uid not in known
    ]
    if rows:
        connection.execute(sa.insert(MESSAGE), rows)
    _move_cursor(connection, mailbox, folder, uidvalidity, last_uid, now)
    return len(rows)


def journal_command(connection: sa.Connection, mailbox: str, now: datetime) -> int:
    """Write the row of an order given on the command line, which is decided and kept like a mail; return its number."""
    where = (MESSAGE.c.mailbox == mailbox, MESSAGE.c.folder == COMMAND_LINE)
    last = connection.execute(sa.select(sa.func.max(MESSAGE.c.uid)).where(*where)).scalar() or 0
    row = {"mailbox": mailbox, "folder": COMMAND_LINE, "uidvalidity": 0, "uid": last + 1, "size": 0, "attempts": 0}
    row |= {"internal_date": now, "journalled_at": now, "state": MessageState.NEW}
    return int(connection.execute(sa.insert(MESSAGE).values(row).returning(MESSAGE.c.id)).scalar_one())


def _first_state(item: Arrival, start: datetime | None) -> MessageState:
    before = start is not None and item.internal_date is not None and item.internal_date < start
    return MessageState.BEFORE_START if before else MessageState.NEW


def _move_cursor(
    connection: sa.Connection, mailbox: str, folder: str, uidvalidity: int, last_uid: int, now: datetime
) -> None:
    where = (CURSOR.c.mailbox == mailbox, CURSOR.c.folder == folder)
    moved = connection.execute(sa.update(CURSOR).where(*where).values(uidvalidity=uidvalidity, last_uid=last_uid))
    if moved.rowcount == 0:
        connection.execute(
            sa.insert(CURSOR).values(
                mailbox=mailbox, folder=folder, uidvalidity=uidvalidity, last_uid=last_uid, started_at=now
            )
        )


def waiting(
    connection: sa.Connection, mailbox: str | None = None, *, limit: int = 200, after: int = 0
) -> list[Waiting]:
    """Return journal rows without an outcome, oldest first."""
    query = sa.select(MESSAGE).where(MESSAGE.c.state == MessageState.NEW, MESSAGE.c.id > after)
    if mailbox is not None:
        query = query.where(MESSAGE.c.mailbox == mailbox)
    return [_waiting(row) for row in connection.execute(query.order_by(MESSAGE.c.id).limit(limit))]


def _waiting(row: Any) -> Waiting:
    said = said_of(row.trace)
    word = said.get("remedy")
    return Waiting(
        row.id,
        row.mailbox,
        row.folder,
        row.uidvalidity,
        row.uid,
        row.size,
        row.internal_date,
        row.attempts,
        row.archive_hash,
        bool(said.get(CONFIRMED)),
        said.get("matched"),
        RemedyWord(Remedy(word[0]), word[1]) if word else None,
        kept_words(row.trace),
    )


def said_of(trace: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what a person has said of a mail that waits to be decided once more; 0.1.0's first rows had it bare."""
    said: Mapping[str, Any] = (trace or {}).get("words", trace or {})
    return said


def kept_words(trace: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what stays said of a mail through all its decisions: who it is of, that its files may go on."""
    return {word: said for word, said in said_of(trace).items() if word in KEPT_WORDS}


def archived(connection: sa.Connection, *, since: datetime | None = None) -> list[Archived]:
    """Return the mails that were acted on and are kept, oldest first."""
    settled = (MessageState.DECIDED, MessageState.HELD)
    query = sa.select(MESSAGE).where(MESSAGE.c.archive_hash.is_not(None), MESSAGE.c.state.in_(settled))
    if since is not None:
        query = query.where(MESSAGE.c.journalled_at >= since)
    removed = retention.buried(connection)
    return [
        Archived(row.id, row.mailbox, row.internal_date or row.journalled_at, row.archive_hash)
        for row in connection.execute(query.order_by(MESSAGE.c.id))
        if row.archive_hash not in removed
    ]


def is_settled(connection: sa.Connection, mailbox: str, message_id: str) -> bool:
    """Tell whether a mail of this Message-ID (without brackets) was fetched from a mailbox, read and decided."""
    query = sa.select(MESSAGE.c.id).where(
        MESSAGE.c.mailbox == mailbox, MESSAGE.c.message_id == message_id, MESSAGE.c.state != MessageState.NEW
    )
    return connection.execute(query.limit(1)).first() is not None


def count_attempt(connection: sa.Connection, message: int) -> None:
    """Count a try to read a mail before it is made, so that a mail that kills its reader is known by its count."""
    connection.execute(sa.update(MESSAGE).where(MESSAGE.c.id == message).values(attempts=MESSAGE.c.attempts + 1))


def mark_gone(connection: sa.Connection, messages: Sequence[int], now: datetime) -> None:
    """Journal that mails vanished from the server (somebody moved or deleted them) before they were read."""
    if messages:
        connection.execute(
            sa.update(MESSAGE)
            .where(MESSAGE.c.id.in_(messages), MESSAGE.c.state == MessageState.NEW)
            .values(state=MessageState.GONE, outcome="gone", decided_at=now)
        )


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many journal rows there are of each state."""
    rows = connection.execute(sa.select(MESSAGE.c.state, sa.func.count()).group_by(MESSAGE.c.state))
    return {str(state.value if hasattr(state, "value") else state): number for state, number in rows}
