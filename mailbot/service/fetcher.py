"""mailbox -> journal: one thread a mailbox lists new mail, journals it, fetches bodies, carries out wishes."""

from __future__ import annotations

import os
import random
import select
import threading
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from mailbot.post.connections import Failure
from mailbot.post.imap import Envelope, Mailbox, batches
from mailbot.post.imap_login import ImapError
from mailbot.problems import MailbotError, Text
from mailbot.service.accounts import imap_account
from mailbot.service.mailbox_actions import perform
from mailbot.service.processor import Fetched
from mailbot.service.readers import ReadMail, UnreadableError
from mailbot.service.status import good_cycle, trouble
from mailbot.store import actions, journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailbot.post.imap import Selected
    from mailbot.service.processor import Processor
    from mailbot.service.readers import Readers
    from mailbot.service.runtime import Runtime
    from mailbot.settings import MailboxSettings
    from mailbot.store.journal import Waiting

log = structlog.get_logger(__name__)

# IDLE is only a hint: a poll comes all the same, and well before the 29 minutes of RFC 2177.
POLL_SECONDS = 60.0
IDLE_SECONDS = 25 * 60.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
# How much may be under way between server and ledger: memory must not grow with the backlog.
MAILS_UNDER_WAY = 48
BYTES_UNDER_WAY = 8 * 1024 * 1024
BATCH_MAILS = 25
BATCH_BYTES = 2 * 1024 * 1024
LISTING = 1000
# Enough of a header to say who sent a mail that nobody can read.
HEADER_BYTES = 64 * 1024
# So often a server may break off over one mail (for some minutes, with the pauses between) before people are asked.
FETCHES = 8


@dataclass(frozen=True, slots=True)
class Postponed:
    """A mail that could not be decided: how often, from when on (monotonic seconds) it is tried again, and why."""

    times: int
    until: float
    why: Text


class Fetcher:
    """The thread of one mailbox; `wake` makes it look and act at once, also out of IDLE."""

    def __init__(
        self, runtime: Runtime, key: str, readers: Readers, processor: Processor, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self.runtime, self.key = runtime, key
        self.readers, self.processor = readers, processor
        self.poll_seconds = poll_seconds
        self._thread = threading.Thread(target=self._run, name=f"fetcher {key}", daemon=True)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._stopping = threading.Event()
        self._under_way: set[int] = set()
        self._postponed: dict[int, Postponed] = {}
        self._broken_off: Counter[int] = Counter()  # how often the server failed over a mail, by journal row
        self._lock = threading.Lock()
        self._closed = False
        self._pauses = 0
        self._uidnext: dict[str, int] = {}

    @property
    def settings(self) -> MailboxSettings:
        """The mailbox as the site in force describes it."""
        return self.runtime.in_force.settings.mailboxes[self.key]

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def wake(self) -> None:
        """Look for new mail and due actions now."""
        with self._lock:
            if self._closed:
                return  # mails are still decided while the daemon drains; the number may be another file by now
            try:
                os.write(self._wake_write, b"!")
            except BlockingIOError:
                return  # it has not taken the last wake-up yet; one is enough

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopping.set()
        self.wake()

    def join(self) -> None:
        """Wait for the end of the thread."""
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            self._closed = True
            os.close(self._wake_read)
            os.close(self._wake_write)

    def decided(self, row: Waiting) -> None:
        """Take note that a row has left the processor."""
        with self._lock:
            self._under_way.discard(row.id)
            self._postponed.pop(row.id, None)

    def postponed(self, row: Waiting, why: Text) -> None:
        """Take note that a row cannot be decided now: it is handed over again after a pause that grows."""
        jitter = random.random()  # noqa: S311 - spreads tries, keeps no secret
        with self._lock:
            self._under_way.discard(row.id)
            before = self._postponed.get(row.id)
            times = before.times + 1 if before else 1
            self._postponed[row.id] = Postponed(times, time.monotonic() + next_pause(times, jitter), why)

    # --- the loop --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Mailbox.connect(imap_account(self.settings, self.runtime.folder)) as mailbox:
                    log.info("mailbox.connected", mailbox=self.key)
                    self._watch(mailbox)
            except ImapError as error:
                self._failed(error, temporary=error.temporary)
            except MailbotError as error:
                self._failed(error, temporary=True)
            except (
                Exception
            ) as error:  # a bug in one mailbox's thread must not end its watch; it is told and tried again
                log.exception("mailbox.bug", mailbox=self.key)
                self._failed(error, temporary=True)

    def _failed(self, error: Exception, *, temporary: bool) -> None:
        """Tell what is wrong and wait: back-off with jitter, at once long for what only a person can mend."""
        self._pauses += 1
        jitter = random.random()  # noqa: S311 - spreads reconnects, keeps no secret
        pause = next_pause(self._pauses if temporary else 64, jitter)
        said = f"{type(error).__name__}: {error}"
        text = error.text if isinstance(error, MailbotError) else Text(said, said)
        cause = getattr(error, "cause", "")
        log.warning("mailbox.trouble", mailbox=self.key, why=text.en, cause=cause, again_in_seconds=round(pause, 1))
        trouble(self.runtime, f"mailbox {self.key}", text)
        self._sleep(pause)

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _watch(self, mailbox: Mailbox) -> None:
        idle = "IDLE" in mailbox.capabilities
        while not self._stopping.is_set():
            refused = self.cycle(mailbox)
            self._pauses = 0
            self._report(refused)
            self._await_news(mailbox, idle)

    def _report(self, refused: Sequence[ImapError]) -> None:
        """Tell how the cycle went: good, or which folder is refused, or which mail waits for better times."""
        with self._lock:
            waits = next(iter(self._postponed.values()), None)
        for error in refused:
            log.warning("mailbox.folder_refused", mailbox=self.key, why=error.text.en, cause=error.cause)
        if refused:
            trouble(self.runtime, f"mailbox {self.key}", refused[0].text)
        elif waits is not None:
            trouble(self.runtime, f"mailbox {self.key}", waits.why)
        else:
            good_cycle(self.runtime, f"mailbox {self.key}")

    def _await_news(self, mailbox: Mailbox, idle: bool) -> None:
        """Wait for the server's word, a wake-up, a due action or the next poll; IDLE alone is never trusted."""
        self._drain_wakes()
        seconds = self._seconds_to_wait()
        if seconds <= 0:
            return
        if idle:
            folder = next((name for name in self.settings.watch if name in self._uidnext), self.settings.watch[0])
            if mailbox.select(folder).uidnext != self._uidnext.get(folder):
                return  # something came since the listing: IDLE would tell only of what comes after it
            mailbox.idle(min(seconds, IDLE_SECONDS), self._wake_read)
            mailbox.idle_done()
        else:
            select.select([self._wake_read], [], [], seconds)
        self._drain_wakes()

    def _drain_wakes(self) -> None:
        try:
            while os.read(self._wake_read, 4096):
                pass
        except BlockingIOError:
            return

    def _seconds_to_wait(self) -> float:
        """Return the seconds until the next poll or the next due action, whichever comes first."""
        if self._stopping.is_set():
            return 0.0
        with self._lock:
            again = min((item.until for item in self._postponed.values()), default=None)
        seconds = self.poll_seconds if again is None else min(self.poll_seconds, again - time.monotonic())
        with self.runtime.store.read() as connection:
            due = actions.next_due(connection, self.key)
        if due is not None:
            seconds = min(seconds, (due - self.runtime.now()).total_seconds())
        return max(0.0, seconds)

    def cycle(self, mailbox: Mailbox) -> list[ImapError]:
        """One whole look: journal what is new in every watched folder, read it, carry out what is due.

        Returns:
            Why folders were refused; the others were looked at all the same.

        Raises:
            ImapError: the connection is lost, or no folder is left that could be looked at.
        """
        refused = self.look(mailbox)
        perform(self.runtime, self.key, mailbox)
        return refused

    def look(self, mailbox: Mailbox) -> list[ImapError]:
        """Journal what is new in every watched folder and hand it over; return and raise as `cycle` does."""
        refused: list[ImapError] = []
        for folder in self.settings.watch:
            try:
                selected = mailbox.select(folder)
            except ImapError as error:
                self._uidnext.pop(folder, None)
                refused.append(error)
                if error.temporary or len(refused) == len(self.settings.watch):
                    raise
                continue
            self._uidnext[folder] = selected.uidnext
            self._journal(mailbox, folder, selected)
            self._read(mailbox, folder, selected)
        return refused

    # --- journal ---------------------------------------------------------------------------------------------------

    def _journal(self, mailbox: Mailbox, folder: str, selected: Selected) -> None:
        """Write a row for each new mail; the first start begins at `start:` and never mails the past."""
        with self.runtime.store.read() as connection:
            cursor = journal.cursor(connection, self.key, folder)
        now = self.runtime.now()
        if cursor is None:
            # "start: now": what lies there already is the past, whatever its dates say.
            start = self._start_moment() or now + timedelta(days=1)
            self._commit(folder, selected, mailbox.new_uids(0), start, now, last_uid=0)
        elif cursor.uidvalidity != selected.uidvalidity:
            # The server renumbered the folder: all is journalled again and told apart by its content; the past stays
            # the past (INTERNALDATE counts whole seconds, so the second of the start itself counts as after it).
            log.warning("mailbox.renumbered", mailbox=self.key, folder=folder, uidvalidity=selected.uidvalidity)
            self._commit(
                folder,
                selected,
                mailbox.new_uids(0),
                self._start_moment() or cursor.started_at.replace(microsecond=0),
                now,
                last_uid=0,
            )
        else:
            found = mailbox.new_uids(cursor.last_uid)
            for at in range(0, len(found), LISTING):
                self._commit(folder, selected, found[at : at + LISTING], None, now, last_uid=cursor.last_uid)

    def _start_moment(self) -> datetime | None:
        day = self.settings.start
        zone = self.runtime.in_force.site.office.working_time.zone
        return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None

    def _commit(
        self,
        folder: str,
        selected: Selected,
        found: Sequence[Envelope],
        start: datetime | None,
        now: datetime,
        *,
        last_uid: int,
    ) -> None:
        """Journal a listing and move the cursor, in one commit."""
        last = found[-1].uid if found else last_uid
        arrivals = [journal.Arrival(item.uid, item.size, item.internaldate) for item in found]
        with self.runtime.store.write() as connection:
            new = journal.write_arrivals(
                connection, self.key, folder, selected.uidvalidity, arrivals, start=start, last_uid=last, now=now
            )
        if new:
            log.info("mailbox.journalled", mailbox=self.key, folder=folder, mails=new)

    # --- bodies ----------------------------------------------------------------------------------------------------

    def _read(self, mailbox: Mailbox, folder: str, selected: Selected) -> None:
        """Fetch what has no outcome yet, in batches bounded by count and bytes, and hand it to the readers."""
        for rows in self._waiting_batches(folder, selected):
            if self._stopping.is_set() or self.runtime.clock_is_doubted:
                return  # a wrong date would make a wrong number and a wrong limit; the journal keeps the mail
            self.processor.wait_for_room(MAILS_UNDER_WAY, BYTES_UNDER_WAY)
            by_uid = {row.uid: row for row in rows}
            try:
                for uid, raw in self._bodies(mailbox, rows):
                    row = by_uid.pop(uid)
                    self._broken_off.pop(row.id, None)
                    self._hand_over(row, raw)
            except ImapError as error:
                self._suspect(list(by_uid.values()), error)
                raise
            self._gone(list(by_uid.values()))

    def _suspect(self, rows: Sequence[Waiting], error: ImapError) -> None:
        """The server failed over one of these mails: each is fetched alone from now on, behind all others.

        A server that breaks off over the same mail again and again would keep all that came after it: such a mail is
        put before people by what the journal knows, and stays where it is.
        """
        self._broken_off.update(row.id for row in rows)
        if len(rows) == 1 and self._broken_off[rows[0].id] >= FETCHES:
            log.error("mail.not_handed_out", mailbox=self.key, message=rows[0].id, why=error.text.en, cause=error.cause)
            reading: Future[ReadMail] = Future()
            reading.set_exception(UnreadableError(f"the server does not hand it out: {error.text.en}"))
            with self._lock:
                self._under_way.add(rows[0].id)
            self.processor.put(Fetched(rows[0], b"", 0, reading))

    def _waiting_batches(self, folder: str, selected: Selected) -> Iterator[list[Waiting]]:
        after = 0
        while True:
            with self.runtime.store.read() as connection:
                rows = journal.waiting(connection, self.key, limit=LISTING, after=after)
            if not rows:
                return
            after = rows[-1].id
            with self._lock:
                now = time.monotonic()
                late = {row for row, item in self._postponed.items() if item.until > now}
                fresh = [row for row in rows if row.id not in self._under_way and row.id not in late]
            archived = [row for row in fresh if row.archive_hash]
            for row in archived:
                self._hand_over(row, self.runtime.archive.get(row.archive_hash or ""))
            here = [
                row
                for row in fresh
                if not row.archive_hash and row.folder == folder and row.uidvalidity == selected.uidvalidity
            ]
            stale = [
                row
                for row in fresh
                if not row.archive_hash and row.folder == folder and row.uidvalidity != selected.uidvalidity
            ]
            self._gone(stale)
            suspects = [row for row in here if row.id in self._broken_off]
            by_uid = {row.uid: row for row in here if row.id not in self._broken_off}
            listing = [Envelope(row.uid, row.size, None) for row in by_uid.values()]
            for batch in batches(listing, BATCH_MAILS, BATCH_BYTES):
                yield [by_uid[item.uid] for item in batch]
            yield from ([row] for row in sorted(suspects, key=lambda row: (self._broken_off[row.id], row.id)))

    def _bodies(self, mailbox: Mailbox, rows: Sequence[Waiting]) -> Iterator[tuple[int, bytes]]:
        limit = self.settings.limits.mail_size
        sizes = {row.uid: row.size for row in rows}
        for uid, raw in mailbox.fetch([row.uid for row in rows if row.size <= limit]):
            if not raw and sizes[uid]:
                # No mail is empty: a server that could not read its own file says so like this.
                raise ImapError(_empty(self.key, uid))
            yield uid, raw
        for row in rows:
            if row.size > limit:
                header = mailbox.fetch_header(row.uid)
                if header is not None:
                    # Too large to carry: read by its header alone, a line for the clerk, the mail stays where it is.
                    yield row.uid, header

    def _hand_over(self, row: Waiting, raw: bytes) -> None:
        with self._lock:
            if row.id in self._under_way:
                return
            self._under_way.add(row.id)
        limit = self.settings.limits.mail_size
        if row.size <= limit < len(raw):  # the server's listing said less
            row, raw = replace(row, size=len(raw)), raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        log.debug("mail.fetched", message=row.id, bytes=len(raw))
        context = self.runtime.reading_context(row.internal_date)
        keys = self.runtime.domain_keys.of(raw, self.runtime.in_force.site)
        context = replace(context, domain_keys=keys) if keys else context
        reading = self.readers.submit(raw, context, self.runtime.archive.folder)
        self.processor.put(Fetched(row, raw.partition(b"\r\n\r\n")[0][:HEADER_BYTES], len(raw), reading))

    def _gone(self, rows: Sequence[Waiting]) -> None:
        if rows:
            log.warning("mail.gone", mailbox=self.key, mails=[row.id for row in rows])
            with self.runtime.store.write() as connection:
                journal.mark_gone(connection, [row.id for row in rows], self.runtime.now())
            with self._lock:
                for row in rows:
                    self._postponed.pop(row.id, None)


def _empty(mailbox: str, uid: int) -> Failure:
    text = Text(
        vi=f"Máy chủ trả về thư rỗng (hộp thư {mailbox}, UID {uid}).",
        en=f"The server hands out an empty mail (mailbox {mailbox}, UID {uid}).",
    )
    return Failure(True, "EMPTY", text, None, f"UID {uid} has no bytes")


def next_pause(failures: int, jitter: float) -> float:
    """Return the seconds to wait after so many failures in a row; `jitter` (0..1) takes up to half of it away."""
    pause: float = min(FIRST_PAUSE * 2 ** min(failures, 20), LONGEST_PAUSE)
    return pause * (1 - jitter / 2)
