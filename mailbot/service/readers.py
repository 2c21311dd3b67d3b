"""The pool of reader processes: mails are read, and ours composed, where nothing can stop or kill the daemon."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import resource
from collections import deque
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from pebble import ProcessExpired, ProcessPool

from mailbot.mail.compose import shared_parts
from mailbot.mail.message import parse
from mailbot.problems import MailbotError, Text
from mailbot.reading import Kind, Reading, read, read_header, read_message
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import compose_mail
from mailbot.routing.storms import words_key
from mailbot.service.converters import tools_for
from mailbot.store.archive import Archive
from mailbot.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from mailbot.reading import ReadingContext
    from mailbot.rendering.mails import Fixed, Planned, SendingMailbox

    Job = Callable[[bytes, ReadingContext], Reading]

Name = TypeVar("Name")
_Found = TypeVar("_Found")

SECONDS_PER_MAIL = 60
# Address space, not resident memory: maps of libraries count too, so the limit is wide.
MEMORY_BYTES = 2 * 1024**3
# Threads of a numeric library or many mails may leave memory behind; a fresh process every so often keeps it small.
MAILS_PER_PROCESS = 5000
# How much of a long list waits in memory: enough that no process ever waits, little when mails are big.
AHEAD_PER_PROCESS = 8
AHEAD_BYTES = 64 * 1024**2
# What a mail whose reader died is still known by; no honest header is longer.
HEADER_BYTES = 256 * 1024
CARRIES_A_DOCUMENT = frozenset({Kind.DIRECTIVE, Kind.INVITATION, Kind.OTHER})


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A reading; and where the mail, and for a document the parts that all copies share, are kept in the archive.

    Nothing is kept of a mail with a state-secret mark. `postponed` says why nothing could be kept of another.
    `words_key` is the sameness of what its sender says.
    """

    reading: Reading
    archive_hash: str | None = None
    shared_hash: str | None = None
    boundary: str | None = None
    words_key: str | None = None
    postponed: Text | None = None


class UnreadableError(Exception):
    """The reader died, hung or ran out of memory over a mail; the text says which, for the log."""


def read_and_keep(raw: bytes, context: ReadingContext, archive: Path) -> ReadMail:
    """Read one mail (in a reader process), then keep it and what its copies share in the archive.

    The archive is written here because the flush to the disk is waited for here, beside the daemon and not in it.
    """
    message = parse(raw)
    reading = read_message(message, context, tools_for(context))
    if reading.kind is Kind.QUARANTINED:
        return ReadMail(reading)
    kept, said = Archive(archive), words_key(reading)
    try:
        # A scan goes along with what its order says; no document names its parts, so they must last.
        brings_a_scan = reading.kind is Kind.COMMAND and bool(reading.attachments)
        if reading.kind not in CARRIES_A_DOCUMENT and not brings_a_scan:
            return ReadMail(reading, kept.put(raw), words_key=said)
        boundary = f"=_{reading.content_key[:40]}"
        shared = kept.put(shared_parts(message, boundary), durable=brings_a_scan)
        return ReadMail(reading, kept.put(raw), shared, boundary, said)
    except StoreError as error:
        return ReadMail(reading, postponed=error.text)


def read_alone(raw: bytes, context: ReadingContext) -> Reading:
    """Read one mail (in a reader process) with the programs that this machine has, and keep nothing of it."""
    return read(raw, context, tools_for(context))


def header_alone(raw: bytes, context: ReadingContext) -> Reading:
    """Return what the header tells of a mail that defeats its reader: who, what about; nothing is decided by it."""
    head = raw[:HEADER_BYTES]
    end = min((place for place in (head.find(b"\r\n\r\n"), head.find(b"\n\n")) if place >= 0), default=len(head))
    return read_header(parse(head[:end] + b"\r\n\r\n"), context)


@dataclass(frozen=True)
class Batch:
    """Mails to compose, with the templates of the site version that they belong to."""

    version: str
    templates: Mapping[str, str]
    spelling: str
    mails: Sequence[tuple[Planned, SendingMailbox]]
    now: datetime
    archive: Path  # where the mails lie whose files some of these bring


@dataclass(frozen=True, slots=True)
class NotComposed:
    """A mail whose template failed, and why, for the log and the admin."""

    id: int
    why: str


# A process keeps the templates that it compiled last: they change only when an admin changes them.
_letters: dict[str, Letters] = {}


def compose_mails(batch: Batch) -> list[Fixed | NotComposed]:
    """Compose mails (in a reader process); one whose template fails does not stop the others."""
    letters = _letters.get(batch.version)
    if letters is None:
        _letters.clear()
        letters = _letters[batch.version] = Letters(batch.templates, spelling=batch.spelling)
    kept = Archive(batch.archive)
    found: list[Fixed | NotComposed] = []
    for planned, mailbox in batch.mails:
        try:
            found.append(compose_mail(letters, planned, mailbox, batch.now, fetch=kept.get))
        except (MailbotError, ValueError) as error:
            found.append(NotComposed(planned.id, error.text.en if isinstance(error, MailbotError) else str(error)))
    return found


def _begin() -> None:
    """Limit the memory of a new process, and keep what it shares with the others out of its garbage collections."""
    gc.freeze()
    # Where the operating system refuses the limit (a container's own is lower), that one already holds.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _context() -> multiprocessing.context.BaseContext:
    """Return how processes are made: forked from a small server that has imported what they need, once for all.

    Forking the daemon itself would copy its threads' locks; spawning each from nothing costs its imports in memory
    and time for every one.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mailbot.service.reader_server"])
    return context


class Readers:
    """A few spawned processes; one that hangs or dies costs the mail it was reading and nothing else."""

    def __init__(self, count: int = 1, *, seconds: float = SECONDS_PER_MAIL) -> None:
        self._seconds = seconds
        self._ahead = AHEAD_PER_PROCESS * count
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=MAILS_PER_PROCESS,
            initializer=_begin,
            context=_context(),
        )

    def submit(self, raw: bytes, context: ReadingContext, archive: Path) -> Future[ReadMail]:
        """Begin to read and keep a mail; the future ends with a ReadMail or fails as `result_of` tells."""
        return self._pool.schedule(read_and_keep, args=(raw, context, archive), timeout=self._seconds)

    def begin(self, raw: bytes, context: ReadingContext, job: Job = read_alone) -> Future[Reading]:
        """Begin to read a mail and keep nothing of it; the future ends with a Reading or fails as `result_of` tells."""
        return self._pool.schedule(job, args=(raw, context), timeout=self._seconds)

    def in_order(
        self, mails: Iterable[tuple[Name, bytes]], context: ReadingContext, *, job: Job = read_alone
    ) -> Iterator[tuple[Name, Reading]]:
        """Read named mails and yield each with its name, in the order given and as soon as it is its turn.

        A mail that kills or hangs its reader is yielded too, `other` by its header alone, its defects saying why. Only
        as many mails are taken from the iterable beforehand as keep the processes busy.
        """
        begun: deque[tuple[Name, bytes, Future[Reading]]] = deque()
        waiting = 0
        for name, raw in mails:
            begun.append((name, raw, self.begin(raw, context, job)))
            waiting += len(raw)
            while len(begun) > self._ahead or (waiting > AHEAD_BYTES and len(begun) > 1):
                first, its_raw, future = begun.popleft()
                waiting -= len(its_raw)
                yield first, self._told(its_raw, context, future)
        for name, raw, future in begun:
            yield name, self._told(raw, context, future)

    def _told(self, raw: bytes, context: ReadingContext, future: Future[Reading]) -> Reading:
        try:
            return result_of(future)
        except UnreadableError as error:
            why = str(error)
            defect = f"{why[:1].upper()}{why[1:]}."
        try:
            # Not even the header of such a mail is looked at outside a reader.
            known = result_of(self.begin(raw, context, header_alone))
        except UnreadableError:
            known = Reading(Kind.OTHER, automatic="unreadable", review=("unreadable",), timezone=context.timezone)
        return replace(known, defects=(*known.defects, defect))

    def compose(self, batch: Batch) -> list[Fixed | NotComposed]:
        """Compose mails in one of the processes and wait for them.

        When the process dies or hangs over them, each is tried by itself: the sick one is told, the others are made.
        """
        try:
            return list(self._pool.schedule(compose_mails, args=(batch,), timeout=self._seconds).result())
        except (LateError, ProcessExpired, MemoryError) as error:
            if len(batch.mails) == 1:
                return [NotComposed(batch.mails[0][0].id, f"the process that composed it died: {error}")]
        alone = [replace(batch, mails=[pair]) for pair in batch.mails]
        return [item for single in alone for item in self.compose(single)]

    def close(self, *, wait: bool = True) -> None:
        """End the processes, after what they read now when `wait` is true."""
        if wait:
            self._pool.close()  # type: ignore[no-untyped-call] # pebble has no types here
        else:
            self._pool.stop()  # type: ignore[no-untyped-call] # pebble has no types here
        self._pool.join()


def result_of(future: Future[_Found]) -> _Found:
    """Return what a reader found.

    Raises:
        UnreadableError: it took too long, died, or failed on this mail.
    """
    try:
        return future.result()
    except LateError as error:
        raise UnreadableError("the reader took too long") from error
    except ProcessExpired as error:
        raise UnreadableError(f"the reader died: exit code {error.exitcode}") from error
    except MemoryError as error:
        raise UnreadableError("the reader ran out of memory") from error
    except UnreadableError:  # it never came to a reader: its server does not hand it out
        raise
    except OSError as error:
        raise UnreadableError(f"the reader failed: {type(error).__name__}: {error}") from error
    except Exception as error:
        # Its text is not passed on: it may quote the mail, which nobody has looked at for a mark of secrecy.
        raise UnreadableError(f"the reader failed: {type(error).__name__}") from error
