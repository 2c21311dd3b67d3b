"""Raw mails that are kept long enough: a tombstone in place of each file; registers, the log and all else stay.

The tombstone and its event are committed before the file goes, so that a file is never missing without a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store import events
from mailbot.store.tables import TABLES, DocumentState, HeldState, MessageState, OutboxState, ReminderState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MESSAGE, DOCUMENT, DELIVERY, OUTBOX = (TABLES[name] for name in ("message", "document", "delivery", "outbox"))
REMINDER, HELD, EVENT, TOMBSTONE = (TABLES[name] for name in ("reminder", "held", "event", "tombstone"))
REMOVED = "mail_removed"
# A mail that waits for anything is needed whatever its age.
SETTLED = (MessageState.DECIDED, MessageState.HELD, MessageState.REPEATED)
WAITING = (DocumentState.AWAITING_CONFIRMATION, DocumentState.AWAITING_INSTRUCTION)
UNSENT = (OutboxState.PLANNED, OutboxState.READY, OutboxState.HELD)


@dataclass(frozen=True)
class Expired:
    """An archived mail that is kept long enough: its hash and the first journal row that has it."""

    sha256: str
    message: int


def expired(connection: sa.Connection, before: datetime, limit: int) -> list[Expired]:
    """Return mails of which nothing has happened since `before` (aware) and nothing is to come, oldest first."""
    digest = MESSAGE.c.archive_hash
    buried = sa.exists().where(TOMBSTONE.c.sha256 == digest)
    query = (
        sa.select(digest, sa.func.min(MESSAGE.c.id))
        .where(digest.is_not(None), ~buried, digest.not_in(_with_a_matter()))
        .where(digest.not_in(_with_a_living_paper(before)))
        .group_by(digest)
        .having(
            sa.func.max(MESSAGE.c.journalled_at) < before,
            sa.func.max(MESSAGE.c.decided_at) < before,
            sa.func.sum(sa.case((MESSAGE.c.state.in_(SETTLED), 0), else_=1)) == 0,
        )
        .order_by(sa.func.min(MESSAGE.c.id))
        .limit(limit)
    )
    return [Expired(sha256, message) for sha256, message in connection.execute(query)]


def _with_a_matter() -> sa.Select[tuple[str]]:
    """Mails about which a person has not answered a matter. Each of these is asked for once, not for every mail."""
    about = MESSAGE.join(HELD, HELD.c.message_ref == MESSAGE.c.id)
    asked = sa.select(MESSAGE.c.archive_hash).select_from(about).where(HELD.c.state != HeldState.CLOSED)
    return asked.where(MESSAGE.c.archive_hash.is_not(None))


def _with_a_living_paper(before: datetime) -> sa.Select[tuple[str]]:
    """Mails of papers that wait for a word, make further tasks, or to which something happened lately."""
    of_delivery = sa.select(DELIVERY.c.document_ref).select_from(
        DELIVERY.join(EVENT, EVENT.c.delivery_ref == DELIVERY.c.id)
    )
    reminded = sa.select(DELIVERY.c.document_ref).select_from(
        DELIVERY.join(REMINDER, REMINDER.c.delivery_ref == DELIVERY.c.id)
    )
    lives = sa.or_(
        DOCUMENT.c.recorded_at >= before,
        DOCUMENT.c.state.in_(WAITING),
        DOCUMENT.c.next_period_on.is_not(None),
        DOCUMENT.c.collect_at.is_not(None),
        DOCUMENT.c.id.in_(sa.select(EVENT.c.document_ref).where(EVENT.c.at >= before)),
        DOCUMENT.c.id.in_(of_delivery.where(EVENT.c.at >= before)),
        DOCUMENT.c.id.in_(sa.select(OUTBOX.c.document_ref).where(OUTBOX.c.state.in_(UNSENT))),
        DOCUMENT.c.id.in_(reminded.where(REMINDER.c.state == ReminderState.PENDING)),
    )
    return sa.select(DOCUMENT.c.archive_hash).where(DOCUMENT.c.archive_hash.is_not(None), lives)


def bury(connection: sa.Connection, mails: Sequence[Expired], kept_for: str, now: datetime) -> None:
    """Note that these mails are removed and why, in the caller's write transaction; their files go after it."""
    if not mails:
        return
    reason = f"retention: {kept_for}"
    stones = [
        {"sha256": mail.sha256, "message_ref": mail.message, "removed_at": now, "reason": reason} for mail in mails
    ]
    connection.execute(sa.insert(TOMBSTONE), stones)
    data = {mail.message: {"sha256": mail.sha256, "kept": kept_for} for mail in mails}
    told = [
        events.event(now, "mailbot", REMOVED, "retention", message_ref=message, data=what)
        for message, what in data.items()
    ]
    events.append(connection, told)


def to_unlink(connection: sa.Connection) -> list[str]:
    """Return the hashes of removed mails whose files may still be there, a crash having come between."""
    left = TOMBSTONE.c.unlinked_at.is_(None), ~_came_again()
    query = sa.select(TOMBSTONE.c.sha256).where(*left).order_by(TOMBSTONE.c.sha256)
    return list(connection.execute(query).scalars())


def unlinked(connection: sa.Connection, digests: Sequence[str], now: datetime) -> None:
    """Note that these files are gone."""
    for at in range(0, len(digests), 500):
        these = TOMBSTONE.c.sha256.in_(digests[at : at + 500])
        connection.execute(sa.update(TOMBSTONE).where(these).values(unlinked_at=now))


def living(connection: sa.Connection, before: datetime) -> set[str]:
    """Return the hashes of all files that are still needed: mails, and parts encoded of them for copies.

    What else lies there since before `before` is of a mail that is removed, or was never named by a decision.
    """
    removed = sa.exists().where(TOMBSTONE.c.sha256 == DOCUMENT.c.archive_hash)
    may_leave = sa.or_(OUTBOX.c.state.in_(UNSENT), OUTBOX.c.planned_at >= before)
    queries = (
        sa.select(MESSAGE.c.archive_hash).where(MESSAGE.c.archive_hash.is_not(None)),
        sa.select(DOCUMENT.c.archive_hash).where(DOCUMENT.c.archive_hash.is_not(None)),
        sa.select(DOCUMENT.c.shared_hash).where(DOCUMENT.c.shared_hash.is_not(None), ~removed),
        sa.select(OUTBOX.c.shared_hash).where(OUTBOX.c.shared_hash.is_not(None), may_leave),
    )
    return {digest for query in queries for digest in connection.execute(query.distinct()).scalars()}


def buried(connection: sa.Connection) -> set[str]:
    """Return the hash of each file that is removed; none in a database of before there were any."""
    if not sa.inspect(connection).has_table(TOMBSTONE.name):
        return set()
    query = sa.select(TOMBSTONE.c.sha256).where(~_came_again())
    return set(connection.execute(query).scalars())


def _came_again() -> sa.Exists:
    """The very same mail has come once more since it was removed, and is kept again."""
    again = MESSAGE.c.archive_hash == TOMBSTONE.c.sha256
    return sa.exists().where(again, MESSAGE.c.journalled_at > TOMBSTONE.c.removed_at)
