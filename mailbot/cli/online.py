"""`mailbot check --online`: logs in to every server of the site and tells what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailbot.post import imap, smtp
from mailbot.problems import MailbotError, Position, Problem
from mailbot.service.accounts import imap_account, smtp_account
from mailbot.site import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailbot.settings import MailboxSettings
    from mailbot.site import Loaded

# A person waits for the answer; the daemon itself is more patient.
LONGEST_WAIT = 15.0


def try_servers(loaded: Loaded) -> Iterator[Problem]:
    """Yield a problem, at its place in mailbot.yaml, for each server that cannot be used."""
    for mailbox in loaded.settings.mailboxes.values():
        for name, attempt in (("imap", try_imap), ("smtp", try_smtp)):
            try:
                attempt(mailbox, loaded.settings.folder)
            except MailbotError as error:
                place = loaded.places.get(("mailboxes", mailbox.key, name), Position(MAIN))
                yield Problem(f"online.{name}", place, error.text, error.mend)


def try_imap(mailbox: MailboxSettings, folder: Path) -> None:
    """Log in and open the first watched folder."""
    account = imap_account(mailbox, folder)
    imap.verify(replace(account, timeout=min(account.timeout, LONGEST_WAIT)), mailbox.watch[0])


def try_smtp(mailbox: MailboxSettings, folder: Path) -> None:
    """Connect, encrypt and log in; nothing is sent."""
    account = smtp_account(mailbox, folder)
    smtp.verify(replace(account, timeout=min(account.timeout, LONGEST_WAIT)))
