"""The fence before sending: a restored site, or one in a storm, takes mail and sends nothing until it is released."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.problems import Text
from mailbot.store import events
from mailbot.store.tables import TABLES, OutboxState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

STATE, OUTBOX, DOCUMENT, MESSAGE = (TABLES[name] for name in ("daemon_state", "outbox", "document", "message"))
KEY, LIFTED = "fence", "fence lifted"


class Why(StrEnum):
    """Why nothing is sent."""

    RESTORED = "restored"
    STORM = "storm"
    BOUNCES = "bounces"


@dataclass(frozen=True)
class Fence:
    """Why nothing is sent, in detail (the moment of the backup, figures), and since when (UTC)."""

    why: Why
    said: str
    since: datetime

    @property
    def text(self) -> Text:
        """Why nothing is sent, and what to do, in both languages."""
        vi, en = _WORDS[self.why]
        return Text(vi.format(self.said), en.format(self.said))


_WORDS = {
    Why.RESTORED: (
        "khôi phục từ bản sao lưu {}: chưa gửi thư nào, xem mailbot resume",
        "restored from the backup of {}: nothing is sent, see mailbot resume",
    ),
    Why.STORM: (
        "quá nhiều thư trả lời tự động ({}): tạm ngừng gửi, vẫn nhận thư, xem mailbot resume",
        "too many automatic answers ({}): sending is paused, mail is still taken, see mailbot resume",
    ),
    Why.BOUNCES: (
        "quá nhiều thư bị trả về ({}): tạm ngừng gửi, vẫn nhận thư, xem mailbot resume",
        "too much mail comes back ({}): sending is paused, mail is still taken, see mailbot resume",
    ),
}


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
    folder: str | None = None  # where the mail lies of which it is the answer or the copy
    uid: int | None = None


def raise_fence(connection: sa.Connection, why: Why, said: str, now: datetime) -> None:
    """Let nothing be sent from now on; `said` is the moment of the backup (ISO 8601), or the figures of the storm.

    A fence that stands is not raised again: what it was raised for first is what must be looked at.
    """
    if standing(connection) is not None:
        return
    connection.execute(sa.insert(STATE).values(key=KEY, value=f"{why}|{said}", at=now))
    events.append(connection, [events.event(now, "admin" if why is Why.RESTORED else "mailbot", str(why), said)])


def standing(connection: sa.Connection) -> Fence | None:
    """Return the fence while it stands."""
    row = connection.execute(sa.select(STATE.c.value, STATE.c.at).where(STATE.c.key == KEY)).first()
    if row is None:
        return None
    why, _, said = row.value.partition("|")
    return Fence(Why(why), said, row.at)


def lifted_at(connection: sa.Connection) -> datetime | None:
    """Return when a fence was lifted last; what came before it has been looked at."""
    return connection.execute(sa.select(STATE.c.at).where(STATE.c.key == LIFTED)).scalar()


def pending(connection: sa.Connection) -> list[Pending]:
    """Return what waits behind the fence, oldest first."""
    names = ("id", "mailbox", "message_id", "purpose", "recipient", "subject", "planned_at")
    source = sa.func.coalesce(DOCUMENT.c.message_ref, OUTBOX.c.message_ref)
    query = (
        sa.select(*(OUTBOX.c[name] for name in names), MESSAGE.c.folder, MESSAGE.c.uid)
        .outerjoin(DOCUMENT, DOCUMENT.c.id == OUTBOX.c.document_ref)
        .outerjoin(MESSAGE, MESSAGE.c.id == source)
        .where(OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY)))
    )
    return [Pending(**row) for row in connection.execute(query.order_by(OUTBOX.c.id)).mappings()]


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
        connection.execute(sa.delete(STATE).where(STATE.c.key == LIFTED))
        connection.execute(sa.insert(STATE).values(key=LIFTED, value="", at=now))
        events.append(connection, [events.event(now, "admin", "fence_lifted", "by hand")])
    return lifted


def without(mails: Sequence[Pending], ids: Collection[int]) -> list[Pending]:
    """Return the mails that are not among these ids."""
    return [mail for mail in mails if mail.id not in ids]
