"""The demo's mail servers: pymap for IMAP and aiosmtpd for submission, in one thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import hmac
import threading
import uuid
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from mailbot.mail.message import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

LOOPBACK = "127.0.0.1"
SERVER_NAME = "mail.anhoa.example.vn"
# Ends a client that hangs when the demo closes; nothing on loopback takes that long.
CLOSING_SECONDS = 5.0
# How aiosmtpd hands over the null reverse-path.
NOBODY = "<>"
LARGEST_MAIL = 26_000_000


@dataclass(frozen=True)
class Manners:
    """How the server treats some addresses: refused at RCPT, or taken and returned later by a report."""

    refused: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()


class _ImapConfig(Config):
    """Loopback needs neither the host's full name, which may ask a name server, nor slow password hashes."""

    @property
    def greeting(self) -> bytes:
        return b"Server ready " + SERVER_NAME.encode()


class MailServers:
    """One office's mail system on loopback: every account has a mailbox and may submit mail in its own name.

    Mails arrive with the office's time, under a `Received` line that says who submitted them. `on_returned` is called
    (in the server's thread) with envelope sender, recipient and bytes of a mail that is to come back.
    """

    def __init__(
        self,
        manners: Manners,
        now: Callable[[], datetime],
        on_returned: Callable[[str, str, bytes], None],
    ) -> None:
        self.passwords: dict[str, str] = {}
        self.manners = manners
        self.delivered: Counter[str] = Counter()
        self.imap_port = self.smtp_port = 0
        self._now = now
        self._on_returned = on_returned
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._ending = asyncio.Event()
        self._failure: BaseException | None = None
        self._inboxes: dict[str, Any] = {}
        self._login: Any = None
        self._thread = threading.Thread(target=self._run, name="demo mail servers", daemon=True)

    def start(self) -> None:
        """Start both servers on free ports of the loopback interface."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End both servers and every connection."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(CLOSING_SECONDS)

    def open_accounts(self, passwords: Mapping[str, str]) -> None:
        """Give every address of `passwords` (in lower case) an empty mailbox."""
        self.passwords = dict(passwords)
        asyncio.run_coroutine_threadsafe(self._open(passwords), self._loop).result(CLOSING_SECONDS)

    def deliver(self, recipient: str, sender: str, raw: bytes) -> None:
        """Put a mail of the server itself (a report) into a mailbox, from any thread."""
        stamp = f"from localhost by {SERVER_NAME} (report) id {uuid.uuid4().hex[:12]}"
        asyncio.run_coroutine_threadsafe(self._deliver(recipient, sender, stamp, raw), self._loop).result(
            CLOSING_SECONDS
        )

    # --- the loop's thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        imap = await asyncio.start_server(self._imap(), LOOPBACK, 0)
        smtp = await self._loop.create_server(self._smtp_session, LOOPBACK, 0)
        self.imap_port = imap.sockets[0].getsockname()[1]
        self.smtp_port = smtp.sockets[0].getsockname()[1]
        self._ready.set()
        await self._ending.wait()
        imap.close()
        smtp.close()
        connections = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in connections:
            task.cancel()
        await asyncio.wait([*connections, asyncio.ensure_future(asyncio.sleep(0))], timeout=CLOSING_SECONDS)

    def _imap(self) -> Any:
        arguments = Namespace(passlib_cfg=None, proxy_protocol=None, debug=False)
        config = _ImapConfig(
            arguments,
            demo_data=False,
            demo_user="",
            demo_password="",
            host=LOOPBACK,
            port=0,
            tls_enabled=False,
            hash_context=Cleartext(),
            reject_dnsbl=False,
        )
        config.apply_context()
        self._login = Login(config)
        return ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(self._login, config))

    async def _open(self, passwords: Mapping[str, str]) -> None:
        config = self._login.config
        for address, password in passwords.items():
            self._login.users_dict[address] = UserMetadata(config, address, password=password)
            mailboxes = MailboxSet()
            config.set_cache[address] = (mailboxes, FilterSet())
            self._inboxes[address] = await mailboxes.get_mailbox("INBOX")

    def _smtp_session(self) -> SMTP:
        return SMTP(
            _Submission(self),
            hostname=SERVER_NAME,
            ident="mailbot demo",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            auth_require_tls=False,  # loopback only, with passwords of this one run
            authenticator=self._authenticate,
            loop=self._loop,
        )

    def _authenticate(
        self, _server: object, _session: object, _envelope: object, _mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        known = self.passwords.get(data.login.decode("utf-8", "replace").lower(), "")
        right = bool(known) and hmac.compare_digest(known.encode(), data.password)
        return AuthResult(success=right, handled=False, auth_data=data)

    def mailbox_of(self, address: str) -> str | None:
        """Return the account behind an address, also with a +tag (RFC 5233), or None when there is none."""
        local, _, domain = address.lower().rpartition("@")
        account = f"{local.partition('+')[0]}@{domain}"
        return account if account in self._inboxes else None

    async def _deliver(self, recipient: str, sender: str, stamp: str, raw: bytes) -> None:
        account = self.mailbox_of(recipient)
        if account is None:
            return
        now = self._now()
        head = f"Return-Path: <{sender}>\r\nReceived: {stamp};\r\n\t{format_datetime(now)}\r\n".encode()
        mail = AppendMessage(head + raw, now, frozenset())
        await self._inboxes[account].append(mail, recent=True)
        self.delivered[account] += 1

    async def take(self, user: str, client: str, sender: str, recipients: list[str], raw: bytes) -> None:
        """Deliver a submitted mail to its local mailboxes; what is to come back is handed to `on_returned`."""
        stamp = (
            f"from {client} ([{LOOPBACK}])\r\n\t(Authenticated sender: {user}) by {SERVER_NAME} with ESMTPA"
            f" id {uuid.uuid4().hex[:12]}"
        )
        for recipient in recipients:
            if recipient.lower() in self.manners.returned:
                self._on_returned(sender, recipient, raw)
            else:
                await self._deliver(recipient, sender, stamp, raw)


class _Submission:
    """The hooks of one submission session: only who has logged in may send, and only in its own name."""

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers

    async def handle_MAIL(self, _server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Take the envelope sender: the account itself, or nobody for reports (RFC 5321 section 4.5.5)."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address != NOBODY and self._servers.mailbox_of(address) != _user(session):
            return f"553 5.7.1 <{address}>: Sender address rejected: not owned by user {_user(session)}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Take a recipient that has a mailbox here; some addresses are known to be dead, one only finds out later."""
        manners = self._servers.manners
        if address.lower() in manners.refused or (
            address.lower() not in manners.returned and self._servers.mailbox_of(address) is None
        ):
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Deliver before answering 250, so that an accepted mail is in its mailbox."""
        user = _user(session)
        authors = {address.address for address in parse(envelope.content).headers.addresses("from")}
        if {self._servers.mailbox_of(author) for author in authors if author} != {user}:
            return "550 5.7.1 From address not owned by the authenticated user"
        client = str(session.host_name or "client")
        sender = "" if envelope.mail_from == NOBODY else envelope.mail_from
        await self._servers.take(user, client, sender, envelope.rcpt_tos, envelope.content)
        return f"250 2.0.0 Ok: queued as {uuid.uuid4().hex[:12]}"


def _user(session: Any) -> str:
    return str(session.auth_data.login.decode("utf-8", "replace")).lower()
