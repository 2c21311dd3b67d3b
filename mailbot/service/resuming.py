"""What waits behind the fence: what went out before a loss, what a storm held, and what a person must decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.post.imap import Mailbox
from mailbot.post.imap_login import ImapError
from mailbot.service.accounts import imap_account
from mailbot.store import fence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailbot.settings import MailboxSettings, Settings
    from mailbot.store.database import Store
    from mailbot.store.fence import Fence, Pending

# How a folder of the mailbox tells that a mail of ours went out.
EVIDENCE = {
    "copy": "its copy lies in {folder}",
    "answer": "somebody answered it ({folder})",
    "report": "a delivery report speaks of it ({folder})",
    "mark": "the mail that it is about was marked as done ({folder})",
}


@dataclass(frozen=True)
class Behind:
    """Why nothing is sent; mails that went out before the loss, with the evidence, and the rest."""

    fence: Fence
    gone_out: tuple[tuple[Pending, str], ...]
    rest: tuple[Pending, ...]


def look_behind(store: Store, settings: Settings, now: datetime) -> Behind | None:
    """Search the mailboxes for traces of what waits, count as sent what has one, and return both; None without a fence.

    A mail's Message-ID is made of what it is about, so that the restored site gives it the same as before the loss.

    Raises:
        MailbotError: a mailbox cannot be reached; then nothing is decided.
    """
    with store.read() as connection:
        stands, waiting = fence.standing(connection), fence.pending(connection)
    if stands is None:
        return None
    if stands.why is not fence.Why.RESTORED:  # nothing was lost: what waits has not gone out
        return Behind(stands, (), tuple(waiting))
    found: list[tuple[Pending, str]] = []
    for key in sorted({mail.mailbox for mail in waiting} & set(settings.mailboxes)):
        mailbox = settings.mailboxes[key]
        found += _traces(mailbox, settings, [mail for mail in waiting if mail.mailbox == key])
    with store.write() as connection:
        fence.went_out_before(connection, found, now)
    return Behind(stands, tuple(found), tuple(fence.without(waiting, {mail.id for mail, _ in found})))


def _traces(mailbox: MailboxSettings, settings: Settings, waiting: Sequence[Pending]) -> list[tuple[Pending, str]]:
    folders = [*mailbox.watch, mailbox.processed_folder, mailbox.save_sent]
    found: dict[int, tuple[Pending, str]] = {}
    with Mailbox.connect(imap_account(mailbox, settings.folder)) as server:
        for folder in dict.fromkeys(folder for folder in folders if folder):
            try:
                server.select(folder)
            except ImapError as error:
                if error.temporary:
                    raise
                continue  # there is no such folder: nothing was ever put there
            marked = server.flagged(mailbox.processed_flag) if mailbox.processed_flag else frozenset()
            for mail in waiting:
                trace = server.has_trace_of(mail.message_id) if mail.id not in found else None
                if trace is None and mail.id not in found and mail.folder == folder and mail.uid in marked:
                    trace = "mark"
                if trace is not None:
                    found[mail.id] = (mail, EVIDENCE[trace].format(folder=folder))
    return list(found.values())
