"""From the settings of a mailbox to the accounts that the post room dials; secrets are fetched here, last of all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailbot.post.imap_login import ImapAccount
from mailbot.post.oauth2 import Bearer, Grant
from mailbot.post.smtp_login import SmtpAccount
from mailbot.settings import secret

if TYPE_CHECKING:
    from pathlib import Path

    from mailbot.settings import MailboxSettings, ServerSettings


def imap_account(mailbox: MailboxSettings, folder: Path) -> ImapAccount:
    """Return the account for IMAP.

    Raises:
        MailbotError: the password cannot be found.
    """
    server = mailbox.imap
    return ImapAccount(
        host=server.host,
        port=server.port,
        tls=server.tls,
        user=server.user or mailbox.address,
        password=_password(server, folder),
        ca_file=str(server.ca_file) if server.ca_file else None,
        fingerprint=server.fingerprint,
        timeout=server.timeout,
        bearer=_bearer(mailbox, server, folder),
    )


def smtp_account(mailbox: MailboxSettings, folder: Path) -> SmtpAccount:
    """Return the account for SMTP; without a user and OAuth2 nobody logs in.

    Raises:
        MailbotError: the password cannot be found.
    """
    bearer = _bearer(mailbox, mailbox.smtp, folder)
    user = mailbox.smtp.user or (mailbox.imap.user or mailbox.address if bearer is not None else "")
    return replace(_smtp(mailbox.smtp, user, mailbox.address, folder), bearer=bearer)


def _smtp(server: ServerSettings, user: str, address: str, folder: Path) -> SmtpAccount:
    return SmtpAccount(
        host=server.host,
        port=server.port,
        tls=server.tls,
        user=user,
        password=_password(server, folder),
        ca_file=str(server.ca_file) if server.ca_file else None,
        fingerprint=server.fingerprint,
        timeout=server.timeout,
        connections=server.connections,
        hello=address.rpartition("@")[2],
    )


def alarm_account(server: ServerSettings, sender: str, folder: Path) -> SmtpAccount:
    """Return the account of the alarm's own SMTP server.

    Raises:
        MailbotError: the password cannot be found.
    """
    return _smtp(server, server.user or "", sender, folder)


def _bearer(mailbox: MailboxSettings, server: ServerSettings, folder: Path) -> Bearer | None:
    """Return how a server without a password is logged in to, where the mailbox has OAuth2."""
    if mailbox.oauth2 is None or server.password is not None:
        return None
    return Bearer(
        Grant(
            who=mailbox.address,
            token_url=mailbox.oauth2.token_url,
            client_id=mailbox.oauth2.client_id,
            file=mailbox.oauth2.refresh_token,
            client_secret=secret(mailbox.oauth2.client_secret, folder) if mailbox.oauth2.client_secret else "",
            scope=mailbox.oauth2.scope,
        )
    )


def _password(server: ServerSettings, folder: Path) -> str:
    return secret(server.password, folder) if server.password else ""
