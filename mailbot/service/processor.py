"""journal -> reading -> decision -> ledger and outbox: each mail in its own transaction, in the order of arrival."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import IntegrityError

from mailbot.mail.message import parse
from mailbot.problems import MailbotError, Text
from mailbot.routing.choices import AGAIN
from mailbot.routing.decision import decide
from mailbot.routing.finding import findable
from mailbot.routing.plans import Decision, HeldPlan, Outcome, Reason
from mailbot.routing.sameness import direction_of, identify
from mailbot.service.readers import ReadMail, UnreadableError, result_of
from mailbot.store.errors import AlreadyDecidedError
from mailbot.store.filed import Filed
from mailbot.store.knowing import know
from mailbot.store.ledger import record
from mailbot.tracking.following import follow_up, rescheduled

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime

    import sqlalchemy as sa

    from mailbot.service.runtime import Runtime
    from mailbot.store.journal import Waiting

log = structlog.get_logger(__name__)

# A lost race for a UNIQUE key is decided again with what the winner wrote; more often than this is a bug.
TRIES = 3
MAILS_PER_COMMIT = 8
# A mail over which our own code fails so often is put before people instead of being tried for ever.
FAILURES = 3


@dataclass(frozen=True)
class Fetched:
    """A journal row whose mail is being read; only its header stays here, for a mail that kills its reader."""

    row: Waiting
    header: bytes
    size: int
    reading: Future[ReadMail]


@dataclass(frozen=True)
class Kept:
    """A mail that was read and, unless it bears a state-secret mark, archived; `read` is None when its reader died."""

    fetched: Fetched
    read: ReadMail | None
    why: str = ""


class Processor:
    """The thread that decides, in the order of arrival, what the readers have read."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._queue: queue.Queue[Fetched | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="processor", daemon=True)
        self._idle = threading.Condition()
        self._in_flight = 0
        self._bytes_in_flight = 0
        self._failures: Counter[int] = Counter()
        self.on_decided: Callable[[Waiting], None] = _nothing
        self.on_postponed: Callable[[Waiting, Text], None] = _not_now
        self.on_planned: Callable[[], None] = _nobody

    def start(self) -> None:
        """Start deciding."""
        self._thread.start()

    def put(self, fetched: Fetched) -> None:
        """Queue a fetched mail; it is decided in the order of calls."""
        with self._idle:
            self._in_flight += 1
            self._bytes_in_flight += fetched.size
        self._queue.put(fetched)

    def wait_for_room(self, mails: int, size: int) -> None:
        """Wait until fewer than `mails` mails and `size` bytes are under way: memory must not grow with the backlog."""
        with self._idle:
            self._idle.wait_for(
                lambda: (self._in_flight < mails and self._bytes_in_flight < size) or self.runtime.stopping.is_set()
            )

    def drain(self) -> None:
        """Wait until everything queued is decided."""
        with self._idle:
            self._idle.wait_for(lambda: self._in_flight == 0)

    def close(self) -> None:
        """Decide what is queued and end."""
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            batch: list[Fetched] = [item]
            # What has been read meanwhile shares the commit: the flush to the disk is the dearest part of a mail.
            while len(batch) < MAILS_PER_COMMIT and self._next_is_ready():
                following = self._queue.get()
                assert following is not None, "only what is ready is taken, and the end is never ready"
                batch.append(following)
            self._decide_batch(batch)

    def _next_is_ready(self) -> bool:
        with self._queue.mutex:
            following = self._queue.queue[0] if self._queue.queue else None
            return following is not None and following.reading.done()

    def _decide_batch(self, batch: list[Fetched]) -> None:
        found = [self._result(fetched) for fetched in batch]
        kept = [item for item in found if isinstance(item, Kept)]
        together = len(kept) > 1 and self._record_together(kept)
        for fetched, item in zip(batch, found, strict=True):
            if isinstance(item, Text):
                self._done(fetched, item)
            else:
                self._done(fetched, None if together else self._decide(item))

    def _result(self, fetched: Fetched) -> Kept | Text:
        """Return what the reader found, or why it must be tried again later, with its row still `new`."""
        try:
            read = result_of(fetched.reading)
        except UnreadableError as error:
            return Kept(fetched, None, str(error))
        if read.postponed is not None:
            log.error("mail.postponed", message=fetched.row.id, why=read.postponed.en)
            return read.postponed
        return Kept(fetched, read)

    def _done(self, fetched: Fetched, postponed: Text | None) -> None:
        if postponed is None:
            self._failures.pop(fetched.row.id, None)
            self.on_decided(fetched.row)
        else:
            self.on_postponed(fetched.row, postponed)
        with self._idle:  # last of all: who waits for it must see what has become of the mail
            self._in_flight -= 1
            self._bytes_in_flight -= fetched.size
            self._idle.notify_all()

    def _record_together(self, batch: list[Kept]) -> bool:
        """Decide several mails in one transaction; tell whether it held. If anything fails, each gets its own."""
        now = self.runtime.now()
        try:
            with self.runtime.store.write() as connection:
                decisions = [self._record_in(connection, kept, now) for kept in batch]
        except Exception as error:  # noqa: BLE001 - whatever it was, the single way meets it again and tells it
            log.info("mail.batch_undone", mails=len(batch), why=type(error).__name__)
            return False
        for kept, decision in zip(batch, decisions, strict=True):
            self._tell(kept, decision)
        return True

    def _tell(self, kept: Kept, decision: Decision) -> None:
        _log_decided(kept, decision)
        if decision.mails:
            self.on_planned()

    def _decide(self, kept: Kept) -> Text | None:
        """Decide one mail in its own transaction; return why not, when it must be tried again later."""
        row = kept.fetched.row
        try:
            self._tell(kept, self._record(kept))
        except AlreadyDecidedError:
            log.info("mail.already_decided", message=row.id)
        except MailbotError as error:
            log.error("mail.postponed", message=row.id, why=error.text.en)
            return error.text
        except Exception as error:  # one sick mail never stops the next; the log has the traceback
            log.exception("mail.failed", message=row.id)
            return self._failed(kept, type(error).__name__)
        return None

    def _failed(self, kept: Kept, why: str) -> Text | None:
        """A bug met a mail: try again later, and in the end put it before people by its header alone."""
        row = kept.fetched.row
        self._failures[row.id] += 1
        if self._failures[row.id] >= FAILURES and kept.read is not None:
            return self._decide(Kept(kept.fetched, None, f"mailbot failed on it: {why}"))
        return Text(vi=f"không xử lý được thư m{row.id} ({why})", en=f"mail m{row.id} cannot be decided ({why})")

    def _record(self, kept: Kept) -> Decision:
        for attempt in range(1, TRIES + 1):
            now = self.runtime.now()
            try:
                with self.runtime.store.write() as connection:
                    return self._record_in(connection, kept, now)
            except IntegrityError as error:
                if attempt == TRIES:
                    raise
                log.info("mail.decided_again", message=kept.fetched.row.id, why=str(error.orig))
        raise AssertionError("the last try returns or raises")

    def _record_in(self, connection: sa.Connection, kept: Kept, now: datetime) -> Decision:
        """Know, decide and record in ONE write transaction."""
        if kept.read is None:
            decision, filed = self._unreadable(kept)
        else:
            decision, filed = self._understood(kept, kept.read, connection, now)
        record(decision, filed, self.runtime.envelope(), connection, now)
        return decision

    def _understood(
        self, kept: Kept, read: ReadMail, connection: sa.Connection, now: datetime
    ) -> tuple[Decision, Filed]:
        runtime, row, reading = self.runtime, kept.fetched.row, read.reading
        in_force = runtime.in_force  # looked at once: a reload may put another in its place meanwhile
        site = in_force.site
        known = know(
            connection,
            reading,
            identify(reading, site, direction_of(reading, site)),
            message=row.id,
            mailbox=row.mailbox,
            received_at=row.internal_date,
            now=now,
            confirmed=row.confirmed,
            matched=row.matched,
            remedy=row.remedy,
            let_through=row.let_through,
            words=read.words_key,
        )
        if row.size > in_force.settings.mailboxes[row.mailbox].limits.mail_size:
            known = replace(known, too_large=row.size)
        decision = decide(reading, site, known, now)
        filed = _filed(row, read)
        steps = follow_up(decision, site, now)
        found = findable(decision, reading, site)
        return decision, replace(filed, reminders=steps, rescheduled=rescheduled(decision, site, now), findable=found)

    def _unreadable(self, kept: Kept) -> tuple[Decision, Filed]:
        """A mail whose reader died stays on the server, is registered by its header alone, and told to the admin."""
        row = kept.fetched.row
        head = parse(kept.fetched.header)
        sender = next((item.address for item in head.headers.addresses("from") if item.address), None)
        line = HeldPlan("unreadable", f"không đọc được thư UID {row.uid} trong {row.folder} ({kept.why})", "admin")
        told = f"không đọc được thư từ {sender or 'không rõ'}, cần mở trong hộp thư"
        clerk = HeldPlan("unreadable", told, choices=AGAIN)
        decision = Decision(Outcome.HELD, (Reason("unreadable", kept.why),), held=(line, clerk))
        filed = Filed(
            row.id,
            row.mailbox,
            row.folder,
            row.uidvalidity,
            row.uid,
            "other",
            content_key=f"unreadable:{row.mailbox}:{row.folder}:{row.uidvalidity}:{row.uid}",
            sender=sender,
            message_id=next(iter(head.headers.ids("message-id")), None),
        )
        return decision, filed


def _filed(row: Waiting, read: ReadMail) -> Filed:
    reading = read.reading
    return Filed(
        message=row.id,
        mailbox=row.mailbox,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        kind=str(reading.kind),
        content_key=reading.content_key,
        sender=reading.sender.address,
        subject=reading.subject,
        message_id=reading.message_id,
        archive_hash=read.archive_hash,
        shared_hash=read.shared_hash,
        boundary=read.boundary,
        words=row.words,
        words_key=read.words_key,
    )


def _log_decided(kept: Kept, decision: Decision) -> None:
    log.info(
        "mail.decided",
        message=kept.fetched.row.id,
        mailbox=kept.fetched.row.mailbox,
        outcome=str(decision.outcome),
        reason=decision.reasons[0].code if decision.reasons else None,
        deliveries=len(decision.deliveries),
        mails=len(decision.mails),
    )


def _nobody() -> None:
    """Nobody wants to know."""


def _not_now(_row: Waiting, _why: Text) -> None:
    """Nobody wants to know."""


def _nothing(_row: Waiting) -> None:
    """Nobody wants to know."""
