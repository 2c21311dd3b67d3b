"""SMTP servers that only take mail: one that keeps it for a test to look at, and Postfix's smtp-sink that counts."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from tests.servers import processes

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Received:
    """One mail as it came in by SMTP."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class SmtpSink:
    """Takes every mail (aiosmtpd in a thread of its own) and keeps it in `mails`."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.mails: list[Received] = []
        self._arrived = threading.Condition()
        self._controller = Controller(self, hostname=self.host, port=processes.free_port(), data_size_limit=None)
        self._controller.start()

    @property
    def port(self) -> int:
        """Return the loopback port."""
        return int(self._controller.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 as aiosmtpd calls it
        """Keep one mail; called by aiosmtpd."""
        with self._arrived:
            self.mails.append(
                Received(
                    "" if envelope.mail_from == "<>" else envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content
                )
            )
            self._arrived.notify_all()
        return "250 2.0.0 taken"

    def wait_for(self, count: int, seconds: float = 30) -> list[Received]:
        """Wait until `count` mails have come and return all."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.mails) >= count, seconds):
                raise TimeoutError(f"{len(self.mails)} of {count} mails came in {seconds} s")
            return list(self.mails)

    def clear(self) -> None:
        """Forget the mails so far."""
        with self._arrived:
            self.mails.clear()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()


class CountingSink:
    """Postfix's smtp-sink: light enough (C) to stand beside what is measured; works as an ordinary user too."""

    host = "127.0.0.1"

    def __init__(self, *options: str) -> None:
        command = processes.program("smtp-sink", "postfix")
        self.port = processes.free_port()
        switch = ["-u", "nobody"] if processes.is_root() else []
        # It writes to stdout for as long as it lives: into a file, never into a pipe of ours.
        log = processes.new_folder("sink") / "sink.log"
        self._server = processes.Server([command, *switch, *options, f"{self.host}:{self.port}", "1000"], log=log)
        self._server.ready(lambda: processes.listens(self.port))

    def log_text(self) -> str:
        """Return what it printed; with the option -c, its counters."""
        return self._server.log_text()

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()


def running() -> Iterator[SmtpSink]:
    """Yield one keeping sink and stop it afterwards: the body of a fixture."""
    server = SmtpSink()
    try:
        yield server
    finally:
        server.stop()
