"""Starts, supervises, drains and reloads the parts of one office's daemon."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import queue
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import structlog

from mailbot import private
from mailbot.post.imap import Mailbox
from mailbot.problems import MailbotError, SiteError, Text
from mailbot.service import clock, reconciling, reloading, retaining, watching
from mailbot.service.accounts import imap_account
from mailbot.service.clock import Clock, tick_due
from mailbot.service.composing import Composer, compose_planned
from mailbot.service.endpoint import Endpoint
from mailbot.service.fetcher import POLL_SECONDS, Fetcher, next_pause
from mailbot.service.mailbox_actions import perform
from mailbot.service.processor import Processor
from mailbot.service.readers import Readers
from mailbot.service.reloading import SiteWatch
from mailbot.service.runtime import Runtime
from mailbot.service.sender import Sender
from mailbot.service.service_manager import notify
from mailbot.service.status import CLOCK, DUE, good_cycle, over, trouble
from mailbot.store import actions, outbox
from mailbot.store.database import ALREADY_RUNNING
from mailbot.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from mailbot.post.imap_login import ImapError
    from mailbot.store.journal import Waiting

log = structlog.get_logger(__name__)


# glibc's M_ARENA_MAX (malloc.h).
ARENA_MAX = -8


def tune_process() -> None:
    """Let threads hand the interpreter over sooner, and let them share their heaps.

    The thread that talks SMTP needs the interpreter for a moment at each reply; at the default 5 ms a hand-over it
    would stand waiting behind whoever decides, several times for every mail. And each thread's own heap keeps what
    the largest mail took of it: two are enough for all.
    """
    sys.setswitchinterval(0.0002)
    with contextlib.suppress(OSError, AttributeError):  # another C library has no such knob and no such heaps
        ctypes.CDLL(None).mallopt(ARENA_MAX, 2)


class SiteLock:
    """One daemon a site: the second one refuses to start."""

    def __init__(self, var: Path) -> None:
        self._path = var / "mailbot.lock"
        self._file: int | None = None

    def __enter__(self) -> Self:
        private.make_folder(self._path.parent)
        for ours in (self._path.parent, *self._path.parent.iterdir()):
            private.tighten(ours)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise MailbotError(
                Text(
                    vi=f"Đã có một mailbot đang chạy với thư mục này ({self._path}).",
                    en=f"A mailbot is already running on this site ({self._path}).",
                ),
                mend=Text(
                    vi="Dừng tiến trình đó trước, hoặc dùng thư mục khác.",
                    en="Stop that process first, or use another site.",
                ),
                exit_code=ALREADY_RUNNING,
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)  # closing gives the lock back, also when the process is killed


class Daemon:
    """The running parts: a fetcher and a sender for each mailbox, readers, one processor, four ticks."""

    def __init__(
        self, runtime: Runtime, *, poll_seconds: float = POLL_SECONDS, due_seconds: float = clock.DUE_SECONDS
    ) -> None:
        self.runtime = runtime
        self.readers = Readers(runtime.in_force.settings.readers)
        self.processor = Processor(runtime)
        self._poll_seconds = poll_seconds
        self.fetchers: dict[str, Fetcher] = {}
        self.senders: dict[str, Sender] = {}
        self._clock = Clock(
            {
                "poll": (clock.POLL_SECONDS, self._poll),
                "send": (clock.SEND_SECONDS, self._send),
                "due": (due_seconds, self._due),
                "housekeeping": (clock.HOUSEKEEPING_SECONDS, self._housekeeping),
            },
            self._look_at_the_clock,
        )
        self._told: set[str] = set()
        self.finished = threading.Event()
        port = runtime.in_force.settings.health_port
        self.endpoint = Endpoint(runtime, port) if port is not None else None
        self.processor.on_decided = self._decided
        self.processor.on_postponed = self._postponed
        self.composer = Composer(runtime, self.readers, self._wake_senders)
        self.processor.on_planned = self.composer.wake

    def start(self) -> None:
        """Start every part; what a dead daemon had under way is taken up again."""
        tune_process()
        # The table of holidays takes a third of a second to load; better now than within the first decision.
        self.runtime.in_force.site.office.working_time.is_working_day(self.runtime.now().date())
        self._take_up()
        self._started = self.runtime.now()
        if self.endpoint is not None:
            self.endpoint.start()
        self.processor.start()
        self.composer.start()
        for key in self.runtime.in_force.settings.mailboxes:
            self._start_mailbox(key)
        self._clock.start()
        notify("READY=1")
        log.info("daemon.started", mailboxes=sorted(self.fetchers), mode=str(self.runtime.in_force.site.mode))

    def _take_up(self) -> None:
        """Make due what a dead daemon had under way; a database that cannot be written yet is waited for."""
        for failures in count(1):
            try:
                with self.runtime.store.write() as connection:
                    now = self.runtime.now()
                    interrupted = outbox.recover(connection, now)
                    outbox.clock_went_back(connection, now)
                reloading.accepted(self.runtime)
                over(self.runtime, CLOCK)
            except StoreError as error:
                _wait(error, failures, self.runtime.stopping.wait)
                if self.runtime.stopping.is_set():
                    return
                continue
            if interrupted:
                log.warning("outbox.interrupted_sends", attempts=interrupted)
            return

    def _start_mailbox(self, key: str) -> None:
        self.senders[key] = Sender(self.runtime, key)
        self.senders[key].start()
        self.fetchers[key] = Fetcher(self.runtime, key, self.readers, self.processor, poll_seconds=self._poll_seconds)
        self.fetchers[key].start()

    def _stop_mailbox(self, key: str) -> None:
        fetcher, sender = self.fetchers.pop(key), self.senders.pop(key)
        fetcher.stop()
        fetcher.join()
        sender.stop()

    def stop(self) -> None:
        """Drain: take nothing new, decide what was fetched, finish what is being sent."""
        log.info("daemon.draining")
        notify("STOPPING=1")
        self.runtime.stopping.set()
        self._clock.close()
        for fetcher in self.fetchers.values():
            fetcher.stop()
        for fetcher in self.fetchers.values():
            fetcher.join()
        self.processor.close()
        self.composer.stop()
        self.readers.close()
        for sender in self.senders.values():
            sender.stop()
        if self.endpoint is not None:
            self.endpoint.close()
        log.info("daemon.stopped")

    def reload(self) -> None:
        """Take the site anew, whole; a bad one is refused, the last good one stays in force and the admin is told."""
        before = self.runtime.in_force.settings.mailboxes
        try:
            self.runtime.reload()
        except SiteError as error:
            log.error("site.refused", problems=[f"{item.position}: {item.text.en}" for item in error.problems])
            reloading.refused(self.runtime, error)
            self.composer.wake()
            return
        reloading.accepted(self.runtime)
        after = self.runtime.in_force.settings.mailboxes
        for key in [key for key in before if before.get(key) != after.get(key)]:
            self._stop_mailbox(key)
        for key in [key for key in after if key not in self.fetchers]:
            self._start_mailbox(key)
        log.info("site.reloaded", version=self.runtime.in_force.site.version[:12])

    # --- ticks and wake-ups ------------------------------------------------------------------------------------------

    def _decided(self, row: Waiting) -> None:
        fetcher = self.fetchers.get(row.mailbox)
        if fetcher is not None:
            fetcher.decided(row)
            fetcher.wake()

    def _postponed(self, row: Waiting, why: Text) -> None:
        fetcher = self.fetchers.get(row.mailbox)
        if fetcher is not None:
            fetcher.postponed(row, why)
            fetcher.wake()

    def _poll(self) -> None:
        self._wake_fetchers()
        watching.look(self.runtime, self._started)

    def _wake_fetchers(self) -> None:
        for fetcher in tuple(self.fetchers.values()):
            fetcher.wake()

    def _wake_senders(self) -> None:
        for sender in tuple(self.senders.values()):
            sender.wake()

    def _due(self) -> None:
        self._clock.look()
        if self.runtime.clock_is_doubted:
            self.runtime.signs_of_life[DUE] = self.runtime.now()
            return
        try:
            planned = tick_due(self.runtime)
        except MailbotError as error:
            trouble(self.runtime, DUE, error.text)
            raise
        except Exception as error:
            trouble(self.runtime, DUE, f"{type(error).__name__}: {error}")
            raise
        if CLOCK in self._told:
            self._told.discard(CLOCK)
            over(self.runtime, CLOCK)
        if planned:
            self.composer.wake()

    def _look_at_the_clock(self) -> timedelta:
        """Notice a clock that was moved: far ahead it is doubted for a while; set back, what waited for it is due."""
        jumps = self.runtime.jumps
        moved = jumps.look() if jumps is not None else timedelta()
        if moved and jumps is not None and jumps.doubted:
            self._told.add(CLOCK)
            hours = round(moved / timedelta(hours=1), 1)
            trouble(
                self.runtime,
                CLOCK,
                Text(
                    vi=f"đồng hồ máy vừa nhảy tới {hours} giờ; chờ 15 phút rồi mới xử lý thư và nhắc việc",
                    en=f"the machine's clock jumped ahead by {hours} hours; mail and reminders wait for 15 minutes",
                ),
            )
        if moved < timedelta():
            with self.runtime.store.write() as connection:
                outbox.clock_went_back(connection, self.runtime.now())
                actions.clock_went_back(connection, self.runtime.now())
            self._wake_senders()
            self._wake_fetchers()
        return moved

    def _send(self) -> None:
        self.composer.wake()
        self._wake_senders()

    def _housekeeping(self) -> None:
        reconciling.once_a_day(self.runtime)
        retaining.once_a_day(self.runtime)
        good_cycle(self.runtime, "housekeeping")


def opened(folder: Path) -> Runtime:
    """Open a site to run it; a database server that is not there yet, as when a machine starts, is waited for.

    Raises:
        SiteError: the site does not check.
        MailbotError: what is wrong will not mend itself.
    """
    for failures in count(1):
        try:
            return Runtime(folder)
        except StoreError as error:
            if not error.temporary:
                raise
            _wait(error, failures, time.sleep)
    raise AssertionError("it counts for ever")


def _wait(error: StoreError, failures: int, wait: Callable[[float], Any]) -> None:
    pause = next_pause(failures, random.random())  # noqa: S311 - spreads tries, keeps no secret
    log.error("daemon.waits", why=error.text.en, again_in_seconds=round(pause, 1))
    wait(pause)


def run(runtime: Runtime) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP or a changed file reloads the site. Drains before it returns."""
    with SiteLock(runtime.var), runtime.store.alone():
        daemon = Daemon(runtime)
        # A handler runs in the midst of whatever its thread does: setting an Event for which that very thread waits
        # could wait for itself for ever. What a SimpleQueue takes it may always be given.
        signalled: queue.SimpleQueue[str] = queue.SimpleQueue()
        wishes: queue.SimpleQueue[str] = queue.SimpleQueue()

        def hear() -> None:
            while True:
                what = signalled.get()
                if what == "stop":
                    runtime.stopping.set()
                wishes.put(what)

        def wish(number: int, _frame: FrameType | None) -> None:
            signalled.put("reload" if number == signal.SIGHUP else "stop")

        threading.Thread(target=hear, name="signals", daemon=True).start()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, wish)
        watch = SiteWatch(runtime.folder, lambda: signalled.put("reload"))
        watch.start()
        daemon.start()
        while wishes.get() != "stop":
            daemon.reload()
        watch.stop()
        daemon.stop()


def once(runtime: Runtime) -> None:
    """Do one whole pass (for cron): fetch, decide, plan what is due, send, carry out mailbox actions.

    Nothing that could be done now is left behind: what a decision, a due reminder or a refusal planned has left, and
    what waited for its bytes (the copy in the folder of sent mails) is carried out.

    Raises:
        MailbotError: a mailbox or its server for sending could not be used; the others were served all the same.
    """
    failures: list[MailbotError] = []
    with SiteLock(runtime.var), runtime.store.alone(), contextlib.ExitStack() as stack:
        readers, processor = Readers(runtime.in_force.settings.readers), Processor(runtime)
        stack.callback(readers.close)
        stack.callback(processor.close)
        with runtime.store.write() as connection:
            outbox.recover(connection, runtime.now())
        processor.start()
        mailboxes = tuple(runtime.in_force.settings.mailboxes)
        for key in mailboxes:
            with _collecting(failures, key):
                failures += _take_in(runtime, key, readers, processor)
        tick_due(runtime)
        failures += _send_out(runtime, readers)
        for key in mailboxes:
            with _collecting(failures, key):
                _carry_out(runtime, key)
    if failures:
        raise failures[0]


@contextlib.contextmanager
def _collecting(failures: list[MailbotError], key: str) -> Iterator[None]:
    """One mailbox that fails stops no other."""
    try:
        yield
    except MailbotError as error:
        log.warning("mailbox.trouble", mailbox=key, why=error.text.en)
        failures.append(error)
    except Exception as error:  # a bug met in one mailbox, too; told with its traceback
        log.exception("mailbox.bug", mailbox=key)
        said = f"{type(error).__name__}: {error}"
        failures.append(MailbotError(Text(said, said)))


def _take_in(runtime: Runtime, key: str, readers: Readers, processor: Processor) -> list[MailbotError]:
    """Journal, read and decide what a mailbox holds, also what came meanwhile; return what stands in the way."""
    fetcher = Fetcher(runtime, key, readers, processor)
    postponed: list[MailbotError] = []

    def wait(row: Waiting, why: Text) -> None:
        fetcher.postponed(row, why)
        postponed.append(MailbotError(why))

    processor.on_decided, processor.on_postponed = fetcher.decided, wait
    refused: list[ImapError] = []
    with _connected(runtime, key) as mailbox:
        for _ in range(2):
            refused = fetcher.look(mailbox)
            processor.drain()
    if not refused and not postponed:
        good_cycle(runtime, f"mailbox {key}")
    return [*refused, *postponed]


def _carry_out(runtime: Runtime, key: str) -> None:
    with runtime.store.read() as connection:
        due = actions.next_due(connection, key)
    if due is not None and due <= runtime.now():
        with _connected(runtime, key) as mailbox:
            perform(runtime, key, mailbox)


def _connected(runtime: Runtime, key: str) -> Mailbox:
    return Mailbox.connect(imap_account(runtime.in_force.settings.mailboxes[key], runtime.folder))


def _send_out(runtime: Runtime, readers: Readers) -> list[MailbotError]:
    """Compose and send until nothing due is left, also what refusals planned; return what stands in the way."""
    while True:
        while compose_planned(runtime, readers):
            pass
        senders = [Sender(runtime, key) for key in runtime.in_force.settings.mailboxes]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.wait_until_idle()
        failures = [sender.failure for sender in senders if sender.failure is not None]
        for sender in senders:
            sender.stop()
        if not compose_planned(runtime, readers):
            return failures
