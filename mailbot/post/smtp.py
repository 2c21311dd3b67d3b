"""Hands mail to the office's SMTP server over a few kept-open connections; the only place where asyncio runs."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

from mailbot.post import connections, dialogue
from mailbot.post.connections import Failure
from mailbot.post.dialogue import Course, Job, Outcome, Phase, Reply, ReplyError, Result
from mailbot.post.smtp_login import SmtpAccount, SmtpError, enter
from mailbot.problems import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


# After DATA a server may take its time; a client that gives up early makes duplicates (design.md §3.8).
ANSWER_SECONDS = 600.0
ANSWER_BYTES_PER_SECOND = 16_000
# Servers close idle connections after some minutes: we say QUIT before they do.
IDLE_SECONDS = 60.0
# A server that is down or refuses our password is not asked again for every mail that waits.
RETRY_SECONDS = 5.0
# Up to this size a mail goes out in one write (fewer packets); above, chunk by chunk as the socket takes it.
ONE_WRITE = 64 * 1024
SLICE = 256 * 1024


class Sender:
    """A thread that keeps connections to one server and sends jobs over all of them at once.

    `submit` never blocks; outcomes come by callback, or in the order they end from `collect`. `send` does a batch and
    waits for it. Each submitted job has exactly one outcome, also when the sender is closed.
    """

    def __init__(
        self, account: SmtpAccount, *, answer_seconds: float = ANSWER_SECONDS, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._account = account
        self._retry_seconds = retry_seconds
        self._answer_seconds = answer_seconds
        self._completed: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._jobs: asyncio.Queue[_Work | None] = asyncio.Queue()
        self._thread = threading.Thread(target=self._run, name=f"smtp {account.host}", daemon=True)
        self._lines: set[_Line] = set()
        self._dialling = asyncio.Lock()
        self._failure: Failure | None = None
        self._failed_until = 0.0
        self._closing = False
        self._gate = threading.Lock()  # nothing may be queued behind the end

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def failure(self) -> Failure | None:
        """Return why the server could not be used at the last try, None when it could: for health."""
        return self._failure

    def start(self) -> Self:
        """Start the thread; connections are made when there is something to send."""
        self._thread.start()
        return self

    def submit(self, jobs: Iterable[Job], done: Callable[[Outcome], None] | None = None) -> None:
        """Queue jobs; `done` is called in the sender's thread and must be quick (default: for `collect`)."""
        deliver = done or self._completed.put
        works = [_Work(job, deliver) for job in jobs]
        with self._gate:
            if not self._closing:
                self._loop.call_soon_threadsafe(self._enqueue, works)
                return
        for work in works:
            work.done(dialogue.unsent(work.job, Result.DEFERRED, Phase.CONNECT, "sender is closed"))

    def collect(self, timeout: float | None = None) -> list[Outcome]:
        """Wait until at least one outcome is there and return all that are; empty after `timeout` seconds."""
        found: list[Outcome] = []
        with contextlib.suppress(queue.Empty):
            found.append(self._completed.get(timeout=timeout))
            while True:
                found.append(self._completed.get_nowait())
        return found

    def send(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Send a batch over all connections and return the outcomes in the order of `jobs`."""
        ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.submit(jobs, ended.put)
        outcomes = collections.defaultdict(list)
        for _ in jobs:
            outcome = ended.get()
            outcomes[outcome.key].append(outcome)
        return [outcomes[job.key].pop(0) for job in jobs]

    def close(self, timeout: float | None = None) -> None:
        """Send what is queued, say QUIT and end the thread; after `timeout` seconds cut the connections instead."""
        with self._gate:
            closed, self._closing = self._closing, True
        if closed or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._enqueue, [None] * self._account.connections)  # the end, for each
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cut)
            self._thread.join()

    def _enqueue(self, works: Iterable[_Work | None]) -> None:
        for work in works:
            self._jobs.put_nowait(work)

    def _cut(self) -> None:
        self._failure = self._failure or Failure(True, None, Text("Đang dừng.", "Stopping."), None, "sender is closed")
        self._failed_until = float("inf")
        for line in tuple(self._lines):
            line.cut()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._work_all())
        finally:
            self._loop.close()

    async def _work_all(self) -> None:
        await asyncio.gather(*(self._work() for _ in range(self._account.connections)))

    async def _work(self) -> None:
        line: _Line | None = None
        while True:
            try:
                async with asyncio.timeout(IDLE_SECONDS if line else None):
                    work = await self._jobs.get()
            except TimeoutError:
                await self._hang_up(line)
                line = None
                continue
            if work is None:
                await self._hang_up(line)
                return
            line = await self._perform(work, line)

    async def _perform(self, work: _Work, line: _Line | None) -> _Line | None:
        """Do one job, over a new connection when the kept one has died unnoticed; return the connection to keep."""
        try:
            while True:
                kept = line is not None and line.usable
                if line is None or not kept:
                    self._forget(line)
                    line = None
                    line = await self._dial()
                course, cause = await line.transact(work.job, self._answer_seconds)
                if not (kept and course.unheard and cause):
                    break
            outcome = dialogue.outcome(work.job, course, cause)
        except SmtpError as error:
            await self._without_line(work, error)
            return None
        except dialogue.AddressError as error:
            outcome = dialogue.unsent(work.job, Result.REFUSED, Phase.RCPT, str(error))
        except Exception as error:  # noqa: BLE001 a mistake of ours must neither lose the job nor end the thread
            self._forget(line)
            outcome = dialogue.unsent(work.job, Result.UNKNOWN, Phase.ANSWER, connections.cause_of(error))
        work.done(outcome)
        return line

    async def _without_line(self, work: _Work, error: SmtpError) -> None:
        """No connection: leave the job to a neighbour that has one (servers limit connections), or give it back."""
        if not self._closing and any(line.alive for line in self._lines):
            self._jobs.put_nowait(work)
            await asyncio.sleep(self._retry_seconds)
            return
        work.done(dialogue.unsent(work.job, Result.DEFERRED, Phase.CONNECT, error.cause, error.failure))

    async def _dial(self) -> _Line:
        """Return a new connection; one is dialled at a time, and after a failure none for a while."""
        async with self._dialling:
            if self._failure and self._loop.time() < self._failed_until:
                raise SmtpError(self._failure)
            try:
                line = await _dial(self._account)
            except SmtpError as error:
                if self._failed_until != float("inf"):
                    self._failure, self._failed_until = error.failure, self._loop.time() + self._retry_seconds
                raise
            self._failure = None
            self._lines.add(line)
            return line

    def _forget(self, line: _Line | None) -> None:
        if line is not None:
            self._lines.discard(line)
            line.cut()

    async def _hang_up(self, line: _Line | None) -> None:
        if line is not None:
            await line.quit()
        self._forget(line)


def verify(account: SmtpAccount) -> frozenset[str]:
    """Try the account as `check --online` does: connect, encrypt, log in, QUIT; return the server's EHLO keywords."""

    async def once() -> frozenset[str]:
        line = await _dial(account)
        await line.quit()
        return line.extensions

    return asyncio.run(once())


@dataclass(frozen=True, slots=True)
class _Work:
    job: Job
    done: Callable[[Outcome], None]


class _LostError(Exception):
    """The connection ended before the reply that was waited for."""


class _Line(asyncio.Protocol):
    """One connection past its login, taken over from aiosmtplib.

    aiosmtplib dials, encrypts and logs in. It does not pipeline, drops replies it has not asked for, and rewrites each
    mail by two regular expressions although ours are ready for the wire; so transactions are spoken here.
    """

    def __init__(self, transport: asyncio.Transport, extensions: frozenset[str], timeout: float) -> None:
        self.extensions = extensions
        self._transport = transport
        self._timeout = timeout
        self._reader = dialogue.ReplyReader()
        self._replies: collections.deque[Reply] = collections.deque()
        self._lost: BaseException | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._waiter: asyncio.Future[None] | None = None
        transport.set_write_buffer_limits(high=SLICE)
        transport.set_protocol(self)

    @property
    def alive(self) -> bool:
        """Return whether the connection stands, be it in the middle of a mail."""
        return self._lost is None and not self._transport.is_closing()

    @property
    def usable(self) -> bool:
        """Return whether a transaction may be begun: alive, and the server has said nothing unasked (such as 421)."""
        return self.alive and not self._replies

    def data_received(self, data: bytes) -> None:
        """Take what the server says; called by asyncio."""
        try:
            self._replies.extend(self._reader.feed(data))
        except ReplyError as error:
            self._end(error)
            self._transport.abort()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits; called by asyncio."""
        self._end(exc or ConnectionResetError("closed by the server"))

    def pause_writing(self) -> None:
        """Hold the body back; called by asyncio."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on with the body; called by asyncio."""
        self._writable.set()

    async def transact(self, job: Job, answer_seconds: float) -> tuple[Course, str]:
        """Hand one mail over; return the replies and, when it ended before its time, why."""
        commands = dialogue.envelope(job, self.extensions)
        course = Course()
        try:
            async with asyncio.timeout(self._timeout):
                await self._introduce(job, commands, course)
            if course.data is not None and course.data.code == dialogue.START_INPUT:
                async with asyncio.timeout(answer_seconds + job.size / ANSWER_BYTES_PER_SECOND):
                    await self._hand_over(job, course)
            if course.final is None:
                await self._reset(course)
        except (_LostError, TimeoutError) as error:
            if course.phase is Phase.BODY and self._replies:  # it told us why before it hung up
                course.final = self._replies.popleft()
            self.cut()
            return course, connections.cause_of(error)
        if dialogue.CLOSING in (course.mail and course.mail.code, course.final and course.final.code):
            self.cut()
            return course, "server is closing"
        return course, ""

    async def quit(self) -> None:
        """Say good-bye without waiting long for an answer."""
        with contextlib.suppress(_LostError, TimeoutError):
            if self.usable:
                self._transport.write(b"QUIT\r\n")
                async with asyncio.timeout(min(self._timeout, 2)):
                    await self._reply()
        self.cut()

    def cut(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()
        self._end(ConnectionAbortedError("cut by us"))

    async def _introduce(self, job: Job, commands: list[bytes], course: Course) -> None:
        """Say MAIL, RCPT and DATA, in one group where the server allows it (RFC 2920)."""
        expected = len(job.recipients)
        if "pipelining" in self.extensions:
            self._write(dialogue.pipelined(commands))
            for _ in range(len(commands) + 1):
                course.take(await self._reply(), expected)
            return
        for command in commands:
            self._write(command)
            course.take(await self._reply(), expected)
            if course.mail is not None and course.mail.code != dialogue.OK:
                return
        if course.accepted:
            self._write(b"DATA\r\n")
            course.take(await self._reply(), expected)

    async def _hand_over(self, job: Job, course: Course) -> None:
        """Send the body as it is and wait for the verdict; from the final dot on the server may have taken it."""
        course.phase = Phase.BODY
        if not course.accepted:  # a server may say 354 although it took no recipient: end with an empty mail
            self._write(b".\r\n")
            await self._reply()
            return
        last = next((chunk for chunk in reversed(job.chunks) if chunk), b"")
        dot = b".\r\n" if last.endswith(b"\r\n") else b"\r\n.\r\n"
        if job.size <= ONE_WRITE:
            self._ready()
            course.phase = Phase.ANSWER
            self._transport.writelines((*job.chunks, dot))
        else:
            await self._write_body(job.chunks)
            course.phase = Phase.ANSWER
            self._transport.write(dot)
        course.final = await self._reply()

    async def _write_body(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            whole = memoryview(chunk)
            for start in range(0, len(whole), SLICE):
                self._write(whole[start : start + SLICE])
                await asyncio.sleep(0)  # a write that succeeds at once never lets the loop see what the server says
                await self._writable.wait()
                if self._replies:
                    raise _LostError("the server answered before the end")
        self._ready()

    async def _reset(self, course: Course) -> None:
        """Clear the transaction that came to nothing, so that the connection can be kept."""
        if course.mail is not None and course.mail.code != dialogue.CLOSING:
            async with asyncio.timeout(self._timeout):
                self._write(b"RSET\r\n")
                await self._reply()

    async def _reply(self) -> Reply:
        while not self._replies:
            self._ready()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._replies.popleft()

    def _write(self, data: bytes | memoryview) -> None:
        self._ready()
        self._transport.write(data)

    def _ready(self) -> None:
        if not self.alive:
            raise _LostError("connection lost") from self._lost

    def _end(self, error: BaseException) -> None:
        self._lost = self._lost or error
        self._writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def _dial(account: SmtpAccount) -> _Line:
    """Connect, encrypt, check the certificate and log in; raise SmtpError."""
    client = await enter(account)
    transport = cast("asyncio.Transport", client.transport)
    return _Line(transport, frozenset(client.esmtp_extensions), account.timeout)
