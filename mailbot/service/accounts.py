"""From the settings of a mailbox to the accounts that the post room dials; secrets are fetched here, last of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.post.imap import ImapAccount
from mailbot.post.smtp import SmtpAccount
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
    )


def smtp_account(mailbox: MailboxSettings, folder: Path) -> SmtpAccount:
    """Return the account for SMTP; without a user nobody logs in.

    Raises:
        MailbotError: the password cannot be found.
    """
    return _smtp(mailbox.smtp, mailbox.smtp.user or "", mailbox.address, folder)


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


def _password(server: ServerSettings, folder: Path) -> str:
    return secret(server.password, folder) if server.password else ""
