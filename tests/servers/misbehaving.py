# ruff: noqa: ARG002, N802 (the hooks are named and called by aiosmtpd)
"""An SMTP server (aiosmtpd) that misbehaves by name, as real ones do on bad days."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers import processes

if TYPE_CHECKING:
    from collections.abc import Iterator


class Habit(StrEnum):
    """What the server does wrong."""

    BEHAVES = "takes every mail"
    ANSWERS_WHEN_TOLD = "takes the mail and answers when the test lets it, be it after minutes"
    STALLS_BEFORE_354 = "reads DATA and says nothing"
    STALLS_AFTER_THE_DOT = "takes the mail and says nothing"
    DROPS_AT_MAIL = "hangs up at MAIL"
    DROPS_IN_BODY = "hangs up in the middle of the mail"
    REFUSES_IN_BODY = "says 552 in the middle of the mail and reads on"
    DROPS_AFTER_THE_DOT = "takes the mail and hangs up before the answer"
    DEFERS_ONE_RECIPIENT = "says 450 to busy@ and 550 to gone@"
    DEFERS_CONTENT = "says 451 to every mail"
    REFUSES_CONTENT = "says 554 to every mail"
    REFUSES_SENDER = "says 550 to every sender"
    WANTS_A_LOGIN = "says 530 to every sender"
    CLOSES_WHEN_IDLE = "says 421 unasked after each mail and hangs up"
    HANGS_UP_WHEN_IDLE = "hangs up after each mail"
    ONE_MAIL_A_CONNECTION = "says 421 to the second MAIL"
    ONE_CONNECTION = "says 421 to the second EHLO as long as the first connection stands"
    REFUSES_AUTH = "says 535 to every login"
    TALKS_NONSENSE = "answers MAIL with something that is not SMTP"


ANSWERS = {
    ("MAIL", Habit.REFUSES_SENDER): "550 5.7.1 you may not send as this",
    ("MAIL", Habit.WANTS_A_LOGIN): "530 5.7.0 log in first",
    ("MAIL", Habit.TALKS_NONSENSE): "how do you do",
    ("DATA", Habit.DEFERS_CONTENT): "451 4.3.0 come back later",
    ("DATA", Habit.REFUSES_CONTENT): "554 5.7.1 we do not like it",
}


class MisbehavingServer:
    """Listens on loopback; `mails` holds what it took, also what it did not own up to, `logins` counts tries."""

    host = "127.0.0.1"

    def __init__(self, habit: Habit, *, pipelining: bool) -> None:
        self.habit = habit
        self.pipelining = pipelining
        self.mails: list[bytes] = []
        self.greeted = 0
        self.logins = 0
        self.standing: set[object] = set()
        self.took_one = threading.Event()
        self.may_answer = threading.Event()
        self._controller = _Controller(self, hostname=self.host, port=processes.free_port())
        self._controller.start()
        self.port = int(self._controller.port)

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def take(self, raw: bytes) -> None:
        """Keep a mail."""
        self.mails.append(raw)
        self.took_one.set()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer PIPELINING or not; called by aiosmtpd."""
        session.host_name = hostname
        self.greeted += 1
        if self.habit is Habit.ONE_CONNECTION and self.standing:
            return ["421 4.7.0 too many connections"]
        self.standing.add(server)
        return [*responses[:-1], *(["250-PIPELINING"] if self.pipelining else []), responses[-1]]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take a sender, or not; called by aiosmtpd."""
        session.mails = getattr(session, "mails", 0) + 1
        if self.habit is Habit.DROPS_AT_MAIL or (self.habit is Habit.ONE_MAIL_A_CONNECTION and session.mails > 1):
            if self.habit is Habit.ONE_MAIL_A_CONNECTION:
                await server.push("421 4.7.0 one mail a connection")
            server.transport.close()
        answer = ANSWERS.get(("MAIL", self.habit), "250 2.1.0 ok")
        envelope.mail_from = address if answer.startswith("250") else None
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take a recipient, or not; called by aiosmtpd."""
        if self.habit is Habit.DEFERS_ONE_RECIPIENT and address.startswith("busy@"):
            return "450 4.2.1 mailbox busy"
        if self.habit is Habit.DEFERS_ONE_RECIPIENT and address.startswith("gone@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or not; called by aiosmtpd."""
        answer = ANSWERS.get(("DATA", self.habit), "250 2.0.0 taken")
        if answer.startswith("250"):
            self.take(envelope.content)
        while self.habit is Habit.ANSWERS_WHEN_TOLD and not self.may_answer.is_set():
            await asyncio.sleep(0.01)
        if self.habit is Habit.STALLS_AFTER_THE_DOT:
            await asyncio.Event().wait()
        if self.habit is Habit.DROPS_AFTER_THE_DOT:
            server.transport.close()
        if self.habit in {Habit.CLOSES_WHEN_IDLE, Habit.HANGS_UP_WHEN_IDLE}:
            asyncio.get_running_loop().call_soon(self._hang_up, server.transport)
        return answer

    def authenticate(self, *_: object) -> AuthResult:
        """Judge a login; called by aiosmtpd."""
        self.logins += 1
        return AuthResult(success=self.habit is not Habit.REFUSES_AUTH, handled=False)

    def _hang_up(self, transport: asyncio.Transport) -> None:
        if self.habit is Habit.CLOSES_WHEN_IDLE:
            transport.write(b"421 4.4.2 idle for too long\r\n")
        transport.close()


class _Protocol(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        habit = self.event_handler.habit
        if habit is Habit.STALLS_BEFORE_354:
            await asyncio.Event().wait()
        if habit in {Habit.DROPS_IN_BODY, Habit.REFUSES_IN_BODY} and self.envelope.rcpt_tos:
            await self.push("354 go on")
            await self._reader.readline()
            if habit is Habit.REFUSES_IN_BODY:
                await self.push("552 5.3.4 too large")
                while await self._reader.read(65536):  # closing on unread bytes would take our words back (RST)
                    pass
            self.transport.close()
            return
        await super().smtp_DATA(arg)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.standing.discard(self)
        super().connection_lost(error)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Protocol(
            self.handler, hostname="sick.test", authenticator=self.handler.authenticate, auth_require_tls=False
        )


@contextmanager
def misbehaving(habit: Habit, *, pipelining: bool = True) -> Iterator[MisbehavingServer]:
    """Run a server with one bad habit for the length of a test."""
    server = MisbehavingServer(habit, pipelining=pipelining)
    try:
        yield server
    finally:
        server.stop()
