"""Enters an IMAP account: dials, encrypts, checks the certificate, logs in; and what a server's refusals mean."""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

import imapclient
from imapclient.exceptions import LoginError, ProtocolError

from mailbot.post import connections
from mailbot.post.connections import Failure, ServerError, Tls
from mailbot.post.oauth2 import TokenError
from mailbot.problems import Text

if TYPE_CHECKING:
    from mailbot.post.oauth2 import Bearer

# What the libraries raise when a server or the way to it fails.
FOREIGN = (OSError, imaplib.IMAP4.error, connections.TrustError, UnicodeError, ValueError)
_CODE = re.compile(r"\[([A-Z-]+)[^\]]*\]")
# RFC 5530: the codes after which the same request can succeed later. All others, and no code, do not mend themselves.
_TEMPORARY_CODES = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA", "EXPUNGEISSUED"})


class ImapError(ServerError):
    """The IMAP server failed us; after a temporary one the connection is closed and is to be made anew."""


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


def enter(account: ImapAccount) -> imapclient.IMAPClient:
    """Return a client that is logged in and has sent ID where offered; raise ImapError on failure."""
    try:
        if account.bearer is not None:
            account.bearer.token()  # before the server waits for it
        client = _dial(account)
    except TokenError as error:
        raise ImapError.because(error.failure, error) from error
    except FOREIGN as error:
        raise translated(error, account) from error
    try:
        if account.tls is not Tls.NONE:
            connections.check_fingerprint(_certificate(client), account.fingerprint)
        _log_in(client, account)
    except TokenError as error:
        shut(client)
        raise ImapError.because(error.failure, error) from error
    except FOREIGN as error:
        shut(client)
        raise translated(error, account) from error
    return client


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
        except FOREIGN:
            shut(client)
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


def shut(client: imapclient.IMAPClient) -> None:
    """Close the socket, whatever state the connection is in."""
    with contextlib.suppress(*FOREIGN):
        client.shutdown()


def below(error: BaseException) -> bool:
    """Return whether the connection itself failed or is out of step, as opposed to an orderly NO or BAD."""
    return isinstance(error, imaplib.IMAP4.abort | ProtocolError) or not isinstance(error, imaplib.IMAP4.error)


def translated(error: BaseException, account: ImapAccount, folder: str | None = None) -> ImapError:
    """Return the ImapError for anything in FOREIGN; what is unknown is temporary."""
    if isinstance(error, LoginError):
        return ImapError.because(_login_failure(str(error), account), error)
    if below(error):
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
