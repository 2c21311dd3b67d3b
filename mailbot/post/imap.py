"""One IMAP mailbox of the office: fetch without marking as read, flag, move, save, and wait for news (RFC 3501)."""

from __future__ import annotations

import contextlib
import imaplib
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import imapclient
from imapclient.exceptions import LoginError, ProtocolError
from imapclient.response_parser import parse_fetch_response

from mailbot.post import connections
from mailbot.post.connections import Failure, ServerError, Tls
from mailbot.post.oauth2 import TokenError
from mailbot.problems import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mailbot.post.oauth2 import Bearer

# A batch is bounded so that a mailbox full of scanned PDFs cannot fill the memory (design.md §3.1).
BATCH_MAILS = 50
BATCH_BYTES = 8 * 1024 * 1024


class ImapError(ServerError):
    """The IMAP server failed us; after a temporary one the connection is closed and is to be made anew."""


class Moved(StrEnum):
    """How a move ended: gone for good, or (no UIDPLUS) copied and only marked for deletion."""

    MOVED = "moved"
    MARKED = "marked"


@dataclass(frozen=True)
class ImapAccount:
    """Where a mailbox lives and how to enter it; `fingerprint` is the SHA-256 of a self-signed certificate."""

    host: str
    port: int
    tls: Tls
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None
    fingerprint: str | None = None
    timeout: float = 60
    bearer: Bearer | None = None  # logs in by OAuth2 in place of the password


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
        try:
            if account.bearer is not None:
                account.bearer.token()  # before the server waits for it
            client = _dial(account)
        except TokenError as error:
            raise ImapError.because(error.failure, error) from error
        except _FOREIGN as error:
            raise _translated(error, account) from error
        try:
            if account.tls is not Tls.NONE:
                connections.check_fingerprint(_certificate(client), account.fingerprint)
            _log_in(client, account)
        except TokenError as error:
            _shut(client)
            raise ImapError.because(error.failure, error) from error
        except _FOREIGN as error:
            _shut(client)
            raise _translated(error, account) from error
        return cls(account, client)

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
        with contextlib.suppress(*_FOREIGN):
            if self._idle_tag is not None:
                self._client._imap.send(b"DONE\r\n")
            self._client.socket().settimeout(min(self._account.timeout, 5))
            self._client._imap.send(b"BYE LOGOUT\r\n")
        _shut(self._client)

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
            raise _translated(ConnectionError("mailbox is closed"), self._account)
        if not idling:
            self.idle_done()
        try:
            yield
        except _FOREIGN as error:
            translated = _translated(error, self._account, folder)
            if _below(error):
                self._open = False
                _shut(self._client)
            raise translated from error

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


_FOREIGN = (OSError, imaplib.IMAP4.error, connections.TrustError, UnicodeError, ValueError)
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError)
_NEWS = re.compile(rb"\* \d+ (EXISTS|RECENT|EXPUNGE|FETCH)|\* VANISHED", re.IGNORECASE)
_CODE = re.compile(r"\[([A-Z-]+)[^\]]*\]")
# RFC 5530: the codes after which the same request can succeed later. All others, and no code, do not mend themselves.
_TEMPORARY_CODES = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA", "EXPUNGEISSUED"})


def _dial(account: ImapAccount) -> imapclient.IMAPClient:
    context = None if account.tls is Tls.NONE else connections.tls_context(account.ca_file, account.fingerprint)
    client = imapclient.IMAPClient(
        account.host,
        account.port,
        ssl=account.tls is Tls.IMPLICIT,
        ssl_context=context,
        timeout=account.timeout,
    )
    # imapclient sets 5, and imaplib then formats every body it receives for a log nobody reads (five times slower).
    client._imap.debug = 0
    client.normalise_times = False
    client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if account.tls is Tls.STARTTLS:
        try:
            client.starttls(context)
        except _FOREIGN:
            _shut(client)
            raise
    return client


def _certificate(client: imapclient.IMAPClient) -> bytes | None:
    sock = client.socket()
    return sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None


def _log_in(client: imapclient.IMAPClient, account: ImapAccount) -> None:
    if account.bearer is not None:
        _log_in_by_token(client, account.user, account.bearer)
    else:
        _log_in_by_password(client, account)
    if client.has_capability("ID"):
        # NetEase refuses SELECT as "Unsafe Login" without it (RFC 2971); a server that dislikes ours is left alone.
        with contextlib.suppress(ProtocolError):
            client.id_({"name": "mailbot", "version": version("mailbot")})


def _log_in_by_token(client: imapclient.IMAPClient, user: str, bearer: Bearer) -> None:
    """Log in by XOAUTH2, else OAUTHBEARER (RFC 7628); a token that ended before its time is fetched anew, once."""
    log_in = client.oauth2_login
    if not client.has_capability("AUTH=XOAUTH2") and client.has_capability("AUTH=OAUTHBEARER"):
        log_in = client.oauthbearer_login
    token = bearer.token()
    try:
        log_in(user, token)
    except LoginError:
        if not bearer.refused(token):
            raise
        log_in(user, bearer.token())


def _log_in_by_password(client: imapclient.IMAPClient, account: ImapAccount) -> None:
    plain = account.user.isascii() and account.password.isascii() and not set(account.user) & set(' "\\(){%*')
    # imaplib sends LOGIN in ASCII and the user unquoted; everything else goes through SASL, which is UTF-8 (RFC 4616).
    if client.has_capability("AUTH=PLAIN") and (not plain or client.has_capability("LOGINDISABLED")):
        client.plain_login(account.user, account.password)
    else:
        client.login(account.user, account.password)


def _shut(client: imapclient.IMAPClient) -> None:
    with contextlib.suppress(*_FOREIGN):
        client.shutdown()


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


def _below(error: BaseException) -> bool:
    """Return whether the connection itself failed or is out of step, as opposed to an orderly NO or BAD."""
    return isinstance(error, imaplib.IMAP4.abort | ProtocolError) or not isinstance(error, imaplib.IMAP4.error)


def _translated(error: BaseException, account: ImapAccount, folder: str | None = None) -> ImapError:
    """Return the ImapError for anything in _FOREIGN; what is unknown is temporary."""
    if isinstance(error, LoginError):
        return ImapError.because(_login_failure(str(error), account), error)
    if _below(error):
        return ImapError.because(connections.connection_failure(error, host=account.host, port=account.port), error)
    return ImapError.because(_refused(str(error), account, folder), error)


def _login_failure(answer: str, account: ImapAccount) -> Failure:
    code = _code(answer)
    return connections.login_failure(
        f"{account.user}@{account.host}",
        "imap",
        temporary=code in _TEMPORARY_CODES,
        code=code or "AUTHENTICATIONFAILED",
        cause=answer,
        by_token=account.bearer is not None,
    )


def _refused(answer: str, account: ImapAccount, folder: str | None) -> Failure:
    code = _code(answer)
    where = f"{account.user}@{account.host}" + (f", “{folder}”" if folder else "")
    return Failure(
        code in _TEMPORARY_CODES,
        code,
        Text(f"Máy chủ IMAP từ chối yêu cầu ({where}).", f"The IMAP server refused a request ({where})."),
        None,
        answer,
    )


def _code(answer: str) -> str | None:
    found = _CODE.search(answer)
    return found.group(1) if found else None
