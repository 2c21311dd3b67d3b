"""One IMAP mailbox of the office: fetch without marking as read, flag, move, save, and wait for news (RFC 3501)."""

from __future__ import annotations

import contextlib
import imaplib
import re
import select
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from imapclient.response_parser import parse_fetch_response

from mailbot.post.imap_login import FOREIGN, ImapAccount, below, enter, shut, translated

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator, Sequence

    import imapclient


# A batch is bounded so that a mailbox full of scanned PDFs cannot fill the memory (design.md §3.1).
BATCH_MAILS = 50
BATCH_BYTES = 8 * 1024 * 1024


class Moved(StrEnum):
    """How a move ended: gone for good, or (no UIDPLUS) copied and only marked for deletion."""

    MOVED = "moved"
    MARKED = "marked"


@dataclass(frozen=True)
class Selected:
    """What SELECT told of a folder; `uidnext` 0 means the server did not say."""

    uidvalidity: int
    uidnext: int
    permanent_flags: frozenset[str]
    exists: int
    read_only: bool = False

    def keeps(self, flag: str) -> bool:
        r"""Return whether `flag` would be stored for good (RFC 3501 7.1: `\*` allows new keywords)."""
        allowed = {known.lower() for known in self.permanent_flags}
        return flag.lower() in allowed or (not flag.startswith("\\") and "\\*" in allowed)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail as the server lists it, before its body is fetched."""

    uid: int
    size: int
    internaldate: datetime | None


def batches(
    envelopes: Iterable[Envelope], mails: int = BATCH_MAILS, size: int = BATCH_BYTES
) -> Iterator[tuple[Envelope, ...]]:
    """Cut a listing into batches of at most `mails` mails and `size` bytes; a larger mail stands alone."""
    batch: list[Envelope] = []
    total = 0
    for envelope in envelopes:
        if batch and (len(batch) >= mails or total + envelope.size > size):
            yield tuple(batch)
            batch, total = [], 0
        batch.append(envelope)
        total += envelope.size
    if batch:
        yield tuple(batch)


class Mailbox:
    """One connection to one account; not for use by two threads at once, except `wake` of `idle`."""

    def __init__(self, account: ImapAccount, client: imapclient.IMAPClient) -> None:
        self._account = account
        self._client = client
        self._open = True
        self._idle_tag: bytes | None = None
        self._idle_buffer = b""

    @classmethod
    def connect(cls, account: ImapAccount) -> Self:
        """Dial, encrypt, check the certificate, log in and send ID where offered; raise ImapError on failure."""
        return cls(account, enter(account))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server offers, in upper case."""
        with self._asking():
            return frozenset(word.decode("ascii", "replace").upper() for word in self._client.capabilities())

    def select(self, folder: str) -> Selected:
        """Open `folder`, read-only where the server allows no more, and return its UIDVALIDITY and flags."""
        with self._asking(folder):
            try:
                found = self._client.select_folder(folder)
            except imaplib.IMAP4.readonly:
                found = self._client.select_folder(folder, readonly=True)
        flags = found.get(b"PERMANENTFLAGS") or ()
        return Selected(
            uidvalidity=int(found.get(b"UIDVALIDITY", 0)),
            uidnext=int(found.get(b"UIDNEXT", 0)),
            permanent_flags=frozenset(_words(flags)),
            exists=int(found.get(b"EXISTS", 0)),
            read_only=b"READ-ONLY" in found,
        )

    def new_uids(self, after_uid: int) -> list[Envelope]:
        """Return the mails of the selected folder with a UID above `after_uid`, in the order of UIDs.

        `n:*` always names the last mail, even when its UID is below n (RFC 3501 6.4.8): such an answer is dropped.
        """
        with self._asking():
            # A server may answer FETCH from an older view of the folder; NOOP is where it must look anew (6.1.2).
            self._client.noop()
            # imapclient's own fetch() takes no ranges; a SEARCH would answer a huge mailbox in one endless line.
            status, lines = self._client._imap.uid("FETCH", f"{after_uid + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
            if status != "OK":
                raise imaplib.IMAP4.error(f"fetch failed: {lines[-1:]!r}")
            listing = parse_fetch_response(lines, normalise_times=False)
        found = [_envelope(uid, data) for uid, data in listing.items() if uid > after_uid and b"RFC822.SIZE" in data]
        return sorted(found, key=lambda envelope: envelope.uid)

    def has_trace_of(self, message_id: str) -> str | None:
        """Return how the selected folder speaks of a mail (`copy`, `answer`, `report`), by its id in brackets."""
        criteria = {
            "copy": ["HEADER", "Message-ID", message_id],
            "answer": ["OR", "HEADER", "In-Reply-To", message_id, "HEADER", "References", message_id],
            "report": ["HEADER", "Content-Type", "multipart/report", "BODY", message_id],
        }
        with self._asking():
            return next((trace for trace, words in criteria.items() if self._client.search(words)), None)

    def flagged(self, flag: str) -> frozenset[int]:
        """Return the UIDs of the selected folder that bear a flag."""
        with self._asking():
            return frozenset(self._client.search(["KEYWORD", flag]))

    def fetch(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield (uid, raw mail) for the mails that still exist, without setting \\Seen; all are held in memory at once.

        Cut the listing with `batches` first.
        """
        return self._fetch_part(uids, b"BODY[]")

    def fetch_header(self, uid: int) -> bytes | None:
        """Return the header alone, for a mail too large to be read whole; None when the mail is gone."""
        return next((raw for _, raw in self._fetch_part([uid], b"BODY[HEADER]")), None)

    def flag(self, uids: Sequence[int], flag: str) -> None:
        """Set one flag on these mails; mails that are gone are passed over."""
        with self._asking():
            self._client.add_flags(list(uids), [flag], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> Moved:
        r"""Move mails by MOVE (RFC 6851), else by COPY, \Deleted and UID EXPUNGE (RFC 4315).

        Without UIDPLUS nothing is expunged, since EXPUNGE would also remove what people have marked. Asking again after
        a lost answer makes no second copy: what is already marked \Deleted is passed over.
        """
        with self._asking(folder):
            if not uids:
                return Moved.MOVED
            if self._client.has_capability("MOVE"):
                self._client.move(list(uids), folder)
                return Moved.MOVED
            return self._copy_and_mark(uids, folder)

    def append(self, folder: str, raw: bytes, flags: Sequence[str] = (), when: datetime | None = None) -> None:
        """Save a mail into `folder` with `flags` and the INTERNALDATE `when` (the server's clock when None)."""
        with self._asking(folder):
            self._client.append(folder, raw, flags, when)

    def ensure_folder(self, name: str) -> bool:
        """Create and subscribe `name` unless it exists; return whether it was created."""
        with self._asking(name):
            if self._client.folder_exists(name):
                return False
            self._client.create_folder(name)
            self._client.subscribe_folder(name)
            return True

    def noop(self) -> None:
        """Ask for nothing: finds out whether the connection still lives."""
        with self._asking():
            self._client.noop()

    def idle(self, timeout: float, wake: socket.socket | int | None = None) -> bool:
        """Wait in IDLE (RFC 2177) for news of the selected folder and return whether the server told any.

        Returns False after `timeout` seconds, or at once when `wake` becomes readable (it is not read here). IDLE stays
        in force until `idle_done`, so that a caller may wait again. A closed connection raises a temporary ImapError.
        """
        with self._asking(idling=True):
            changed = self._idle_tag is None and self._begin_idle()
            return changed or self._await_news(timeout, wake)

    def idle_done(self) -> bool:
        """Leave IDLE and return whether news came in while leaving; without IDLE in force, do nothing."""
        if self._idle_tag is None:
            return False
        with self._asking(idling=True):
            sock = self._client.socket()
            sock.settimeout(self._account.timeout)
            self._client._imap.send(b"DONE\r\n")
            changed, ended = self._take_lines()
            while not ended or self._idle_buffer:
                self._read_more(sock)
                more, ended_now = self._take_lines()
                changed, ended = changed or more, ended or ended_now
            return changed

    def close(self) -> None:
        """Log out as far as the server listens, and close the socket in any case."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(*FOREIGN):
            if self._idle_tag is not None:
                self._client._imap.send(b"DONE\r\n")
            self._client.socket().settimeout(min(self._account.timeout, 5))
            self._client._imap.send(b"BYE LOGOUT\r\n")
        shut(self._client)

    def _fetch_part(self, uids: Sequence[int], part: bytes) -> Iterator[tuple[int, bytes]]:
        with self._asking():
            found = self._client.fetch(list(uids), [part.decode().replace("[", ".PEEK[", 1)])
        for uid in uids:
            raw = found.pop(uid, {}).get(part)  # let go of each body once it is handed out
            if raw is not None:
                yield uid, raw

    def _copy_and_mark(self, uids: Sequence[int], folder: str) -> Moved:
        marked = self._client.get_flags(list(uids))
        left = [uid for uid, flags in marked.items() if b"\\Deleted" not in flags]
        if left:
            self._client.copy(left, folder)
            self._client.add_flags(left, ["\\Deleted"], silent=True)
        if not self._client.has_capability("UIDPLUS"):
            return Moved.MARKED
        self._client.uid_expunge(list(uids))
        return Moved.MOVED

    @contextlib.contextmanager
    def _asking(self, folder: str | None = None, *, idling: bool = False) -> Iterator[None]:
        """Translate what a library raises; a line that failed below the protocol is closed, since it is out of step."""
        if not self._open:
            raise translated(ConnectionError("mailbox is closed"), self._account)
        if not idling:
            self.idle_done()
        try:
            yield
        except FOREIGN as error:
            failure = translated(error, self._account, folder)
            if below(error):
                self._open = False
                shut(self._client)
            raise failure from error

    # IDLE is spoken here and not by imapclient: its idle_check() cannot be woken, overlooks lines that already stand in
    # imaplib's buffer, and answers the end of the connection with an empty list.

    def _begin_idle(self) -> bool:
        imap = self._client._imap
        tag = imap._command("IDLE")
        changed = False
        while (line := imap._get_response()) is not None:
            if imap.tagged_commands[tag]:
                raise imaplib.IMAP4.error(f"IDLE refused: {line!r}")
            changed = changed or bool(_NEWS.match(line))
        self._idle_tag = tag
        # What imaplib has read beyond the continuation is ours from here on.
        self._client.socket().setblocking(False)
        self._idle_buffer = _buffered(imap.file)
        more, _ = self._take_lines()
        return changed or more

    def _await_news(self, timeout: float, wake: socket.socket | int | None) -> bool:
        sock = self._client.socket()
        sock.setblocking(False)
        poller = select.poll()
        poller.register(sock.fileno(), select.POLLIN)
        if wake is not None:
            poller.register(wake, select.POLLIN)
        end = time.monotonic() + timeout
        while True:
            self._read_more(sock)  # also empties what TLS has decrypted already, which poll() does not see
            changed, ended = self._take_lines()
            if ended:
                raise imaplib.IMAP4.abort("server ended IDLE")
            if changed:
                return True
            ready = [fd for fd, _ in poller.poll(max(0.0, end - time.monotonic()) * 1000)]
            if sock.fileno() not in ready:
                return False

    def _read_more(self, sock: socket.socket) -> None:
        """Read into the buffer what is there (a blocking socket: at least one piece); raise at the end of the line."""
        while True:
            try:
                piece = sock.recv(65536)
            except _NOTHING_YET:
                return
            if not piece:
                raise imaplib.IMAP4.abort("connection closed by the server")
            self._idle_buffer += piece
            if sock.gettimeout() != 0:
                return

    def _take_lines(self) -> tuple[bool, bool]:
        """Take whole lines from the buffer: (did one tell of a change, did one end IDLE)."""
        *lines, self._idle_buffer = self._idle_buffer.split(b"\r\n")
        changed = ended = False
        for line in lines:
            if line.upper().startswith(b"* BYE"):
                raise imaplib.IMAP4.abort(f"server says good-bye: {line!r}")
            if self._idle_tag is not None and line.startswith(self._idle_tag + b" "):
                self._client._imap.tagged_commands.pop(self._idle_tag, None)
                self._idle_tag, ended = None, True
            changed = changed or bool(_NEWS.match(line))
        return changed, ended


def verify(account: ImapAccount, folder: str = "INBOX") -> frozenset[str]:
    """Try the account as `check --online` does: connect, log in, open `folder`; return the server's capabilities."""
    with Mailbox.connect(account) as mailbox:
        mailbox.select(folder)
        return mailbox.capabilities


_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError)
_NEWS = re.compile(rb"\* \d+ (EXISTS|RECENT|EXPUNGE|FETCH)|\* VANISHED", re.IGNORECASE)


def _buffered(file: Any) -> bytes:
    """Take what a buffered reader over a non-blocking socket holds, without waiting."""
    taken = b""
    with contextlib.suppress(*_NOTHING_YET):
        while piece := file.peek():
            taken += file.read(len(piece))
    return taken


def _words(flags: Iterable[bytes]) -> Iterator[str]:
    return (flag.decode("ascii", "replace") for flag in flags)


def _envelope(uid: int, data: dict[bytes, Any]) -> Envelope:
    when = data.get(b"INTERNALDATE")
    return Envelope(uid, int(data[b"RFC822.SIZE"]), when.astimezone(UTC) if when else None)
