"""A door before a real IMAP server that lets everything through until a test makes it misbehave."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
_LITERAL = re.compile(rb"BODY\[\] \{(\d+)\}\r\n$")


class Door:
    """Listens on loopback; what it does wrong are attributes that may be changed at any time.

    `breaks_at` is a word at which an answer is cut off: the line dies before it, or (`stalls`) falls silent for good.
    `size` tells every size as this number, `empty` every body as empty; `before` is called with each line of a client.
    """

    def __init__(self, port: int) -> None:
        self._target = (HOST, port)
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.connections = 0
        self.breaks_at: bytes | None = None
        self.stalls = False
        self.silent = False
        self.size: int | None = None
        self.empty = False
        self.before: Callable[[bytes], None] = lambda _line: None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more and hang up."""
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() does not
        self._listener.close()
        for pair in self._pairs:
            self._hang_up(*pair)
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            self._pairs.append((near, far))
            muted = threading.Event()
            threading.Thread(target=self._pump, args=(near, far, self._asked, muted), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, self._answered, muted), daemon=True).start()

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        through: Callable[[bytes, BinaryIO], bytes | None],
        muted: threading.Event,
    ) -> None:
        with source.makefile("rb") as lines:
            try:
                for line in lines:
                    passed = through(line, lines)
                    if passed is None and self.stalls:
                        muted.set()
                    elif passed is None:
                        break
                    if self.silent:
                        muted.set()
                    if passed and not muted.is_set():
                        target.sendall(passed)
            except OSError:
                pass
        self._hang_up(source, target)

    def _asked(self, line: bytes, _lines: BinaryIO) -> bytes:
        self.before(line)
        return line

    def _answered(self, line: bytes, lines: BinaryIO) -> bytes | None:
        if self.breaks_at is not None and self.breaks_at in line:
            return None
        if self.size is not None:
            line = re.sub(rb"RFC822\.SIZE \d+", b"RFC822.SIZE %d" % self.size, line)
        literal = _LITERAL.search(line)
        if self.empty and literal:
            lines.read(int(literal[1]))
            return line[: literal.start()] + b'BODY[] ""' + lines.readline()
        return line

    def _hang_up(self, *pair: socket.socket) -> None:
        for sock in pair:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@contextmanager
def door(port: int) -> Iterator[Door]:
    """Stand before the server on a loopback port for the length of a test."""
    made = Door(port)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def mute() -> Iterator[int]:
    """Yield a port where connections are taken and nothing is ever said, as of a server that hangs in TLS."""
    with socket.create_server((HOST, 0), backlog=64) as listener:
        yield int(listener.getsockname()[1])
