"""The pool of reader processes: each mail is read where it can neither stop nor kill the daemon."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pebble import ProcessExpired, ProcessPool

from mailbot.mail.compose import shared_parts
from mailbot.mail.message import parse
from mailbot.reading import Kind, read_message

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mailbot.reading import Reading, ReadingContext

SECONDS_PER_MAIL = 60
# Address space, not resident memory: maps of libraries count too, so the limit is wide.
MEMORY_BYTES = 2 * 1024**3
# Threads of a numeric library or many mails may leave memory behind; a fresh process every so often keeps it small.
MAILS_PER_PROCESS = 5000
CARRIES_A_DOCUMENT = frozenset({Kind.DIRECTIVE, Kind.INVITATION, Kind.OTHER})


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A reading and, for a document, the parts that all copies share with their MIME boundary."""

    reading: Reading
    shared: bytes | None = None
    boundary: str | None = None


class UnreadableError(Exception):
    """The reader died, hung or ran out of memory over a mail; the text says which, for the log."""


def read_mail(raw: bytes, context: ReadingContext) -> ReadMail:
    """Read one mail (in a reader process) and encode what its copies share."""
    message = parse(raw)
    reading = read_message(message, context)
    if reading.kind not in CARRIES_A_DOCUMENT:
        return ReadMail(reading)
    boundary = f"=_{reading.content_key[:40]}"
    return ReadMail(reading, shared_parts(message, boundary), boundary)


def _limit_memory() -> None:
    # Where the operating system refuses the limit (a container's own is lower), that one already holds.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


class Readers:
    """A few spawned processes; one that hangs or dies costs the mail it was reading and nothing else."""

    def __init__(self, count: int = 1, *, seconds: float = SECONDS_PER_MAIL) -> None:
        self._seconds = seconds
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=MAILS_PER_PROCESS,
            initializer=_limit_memory,
            context=multiprocessing.get_context("spawn"),
        )

    def submit(self, raw: bytes, context: ReadingContext) -> Future[ReadMail]:
        """Begin to read a mail; the future ends with a ReadMail or fails as `result_of` tells."""
        return self._pool.schedule(read_mail, args=(raw, context), timeout=self._seconds)

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
