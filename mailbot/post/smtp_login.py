"""Enters an SMTP submission server: dials, encrypts, checks the certificate, logs in; and what its refusals mean."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiosmtplib
from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPResponseException

from mailbot.post import connections
from mailbot.post.connections import Failure, ServerError, Tls
from mailbot.post.oauth2 import TokenError
from mailbot.problems import Text

if TYPE_CHECKING:
    from mailbot.post.oauth2 import Bearer

# What the library raises when a server or the way to it fails.
_FOREIGN = (OSError, SMTPException, connections.TrustError, UnicodeError, ValueError)


class SmtpError(ServerError):
    """The SMTP server cannot be used; no mail was harmed."""


@dataclass(frozen=True)
class SmtpAccount:
    """Where mail is handed over and by whom; without a `user` nobody logs in. `hello` is our name in EHLO."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    fingerprint: str | None = None
    timeout: float = 60
    connections: int = 4
    hello: str | None = None
    bearer: Bearer | None = None  # logs in by OAuth2 in place of the password


async def enter(account: SmtpAccount) -> aiosmtplib.SMTP:
    """Return a client that has said EHLO and logged in where there is a `user`; raise SmtpError."""
    try:
        if account.bearer is not None:
            await asyncio.to_thread(account.bearer.token)  # before the server waits for it
        return await _connect(account)
    except TokenError as error:
        raise SmtpError.because(error.failure, error) from error
    except _FOREIGN as error:
        raise SmtpError.because(_translated(error, account), error) from error


async def _connect(account: SmtpAccount) -> aiosmtplib.SMTP:
    context = None if account.tls is Tls.NONE else connections.tls_context(account.ca_file, account.fingerprint)
    client = aiosmtplib.SMTP(
        hostname=account.host,
        port=account.port,
        timeout=account.timeout,
        use_tls=account.tls is Tls.IMPLICIT,
        start_tls=False,
        tls_context=context,
        local_hostname=account.hello or connections.own_name(),
    )
    try:
        await client.connect()
        if account.tls is Tls.STARTTLS:
            await client.starttls()
        if account.tls is not Tls.NONE:
            shown = client.get_transport_info("ssl_object").getpeercert(binary_form=True)
            connections.check_fingerprint(shown, account.fingerprint)
        await client.ehlo()
        if account.user:
            await _log_in(client, account)
    except BaseException:
        client.close()
        raise
    return client


async def _log_in(client: aiosmtplib.SMTP, account: SmtpAccount) -> None:
    if account.bearer is not None:
        await _log_in_by_token(client, account.user, account.bearer)
        return
    # One method and not, as login() does, all that are offered: each wrong try counts towards a lock-out.
    user, password = account.user.encode(), account.password.encode()
    if "plain" in client.server_auth_methods:
        await client.auth_plain(user, password)
    elif "login" in client.server_auth_methods:
        await client.auth_login(user, password)
    else:
        await client.login(user, password)


async def _log_in_by_token(client: aiosmtplib.SMTP, user: str, bearer: Bearer) -> None:
    """Log in by XOAUTH2; a token that ended before its time is fetched anew, once."""
    token = await asyncio.to_thread(bearer.token)
    try:
        await client.auth_xoauth2(user.encode(), token.encode())
    except SMTPAuthenticationError:
        if not bearer.refused(token):
            raise
        await client.auth_xoauth2(user.encode(), (await asyncio.to_thread(bearer.token)).encode())


def _translated(error: BaseException, account: SmtpAccount) -> Failure:
    """Return what a failure to connect means; what is unknown is temporary."""
    if isinstance(error, SMTPAuthenticationError):
        return connections.login_failure(
            f"{account.user}@{account.host}",
            "smtp",
            temporary=error.code < 500,
            code=str(error.code),
            cause=f"{error.code} {error.message}",
            by_token=account.bearer is not None,
        )
    where = f"{account.host}:{account.port}"
    cause = connections.cause_of(error)
    if isinstance(error, SMTPResponseException):
        text = Text(
            f"Máy chủ {where} không nhận thư: {error.code} {error.message}",
            f"{where} takes no mail: {error.code} {error.message}",
        )
        return Failure(error.code < 500, str(error.code), text, None, cause)
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return Failure(
            False,
            "NOT_OFFERED",
            Text(f"Máy chủ {where} không có STARTTLS hoặc đăng nhập.", f"{where} offers no STARTTLS or no login."),
            Text("Kiểm tra `smtp: port:` và `smtp: tls:`.", "Check `smtp: port:` and `smtp: tls:`."),
            cause,
        )
    return connections.connection_failure(error, host=account.host, port=account.port)
