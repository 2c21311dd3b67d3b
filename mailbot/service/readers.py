"""The pool of reader processes: mails are read, and ours composed, where nothing can stop or kill the daemon."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pebble import ProcessExpired, ProcessPool

from mailbot.mail.compose import shared_parts
from mailbot.mail.message import parse
from mailbot.problems import MailbotError
from mailbot.reading import Kind, read_message
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import compose_mail
from mailbot.store.archive import Archive
from mailbot.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from mailbot.reading import Reading, ReadingContext
    from mailbot.rendering.mails import Fixed, Planned, SendingMailbox

SECONDS_PER_MAIL = 60
# Address space, not resident memory: maps of libraries count too, so the limit is wide.
MEMORY_BYTES = 2 * 1024**3
# Threads of a numeric library or many mails may leave memory behind; a fresh process every so often keeps it small.
MAILS_PER_PROCESS = 5000
CARRIES_A_DOCUMENT = frozenset({Kind.DIRECTIVE, Kind.INVITATION, Kind.OTHER})


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A reading; and where the mail, and for a document the parts that all copies share, are kept in the archive.

    Nothing is kept of a mail with a state-secret mark. `postponed` says why nothing could be kept of another.
    """

    reading: Reading
    archive_hash: str | None = None
    shared_hash: str | None = None
    boundary: str | None = None
    postponed: str | None = None


class UnreadableError(Exception):
    """The reader died, hung or ran out of memory over a mail; the text says which, for the log."""


def read_and_keep(raw: bytes, context: ReadingContext, archive: Path) -> ReadMail:
    """Read one mail (in a reader process), then keep it and what its copies share in the archive.

    The archive is written here because the flush to the disk is waited for here, beside the daemon and not in it.
    """
    message = parse(raw)
    reading = read_message(message, context)
    if reading.kind is Kind.QUARANTINED:
        return ReadMail(reading)
    kept = Archive(archive)
    try:
        if reading.kind not in CARRIES_A_DOCUMENT:
            return ReadMail(reading, kept.put(raw))
        boundary = f"=_{reading.content_key[:40]}"
        shared = kept.put(shared_parts(message, boundary), durable=False)
        return ReadMail(reading, kept.put(raw), shared, boundary)
    except StoreError as error:
        return ReadMail(reading, postponed=error.text.en)


@dataclass(frozen=True)
class Batch:
    """Mails to compose, with the templates of the site version that they belong to."""

    version: str
    templates: Mapping[str, str]
    spelling: str
    mails: Sequence[tuple[Planned, SendingMailbox]]
    now: datetime


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
    found: list[Fixed | NotComposed] = []
    for planned, mailbox in batch.mails:
        try:
            found.append(compose_mail(letters, planned, mailbox, batch.now))
        except (MailbotError, ValueError) as error:
            found.append(NotComposed(planned.id, error.text.en if isinstance(error, MailbotError) else str(error)))
    return found


def _limit_memory() -> None:
    # Where the operating system refuses the limit (a container's own is lower), that one already holds.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _context() -> multiprocessing.context.BaseContext:
    """Return how processes are made: forked from a small server that has imported what they need, once for all.

    Forking the daemon itself would copy its threads' locks; spawning each from nothing costs its imports in memory
    and time for every one.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mailbot.service.readers"])
    return context


class Readers:
    """A few spawned processes; one that hangs or dies costs the mail it was reading and nothing else."""

    def __init__(self, count: int = 1, *, seconds: float = SECONDS_PER_MAIL) -> None:
        self._seconds = seconds
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=MAILS_PER_PROCESS,
            initializer=_limit_memory,
            context=_context(),
        )

    def submit(self, raw: bytes, context: ReadingContext, archive: Path) -> Future[ReadMail]:
        """Begin to read and keep a mail; the future ends with a ReadMail or fails as `result_of` tells."""
        return self._pool.schedule(read_and_keep, args=(raw, context, archive), timeout=self._seconds)

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


def result_of(future: Future[ReadMail]) -> ReadMail:
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
    except Exception as error:
        raise UnreadableError(f"the reader failed: {type(error).__name__}: {error}") from error
