"""Carries out what is wished of a mailbox: flags, moves, quarantine, one copy in the folder of sent mails."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import structlog

from mailbot.post.imap_login import ImapError
from mailbot.service.composing import NotYetError, copy_for_sent
from mailbot.store import actions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.post.imap import Mailbox, Selected
    from mailbot.service.runtime import Runtime
    from mailbot.store.actions import Wish

log = structlog.get_logger(__name__)


def perform(runtime: Runtime, key: str, mailbox: Mailbox) -> None:
    """Carry out the due actions of a mailbox in batches: one server command for mails with the same wish."""
    while True:
        with runtime.store.read() as connection:
            wishes = actions.due(connection, key, runtime.now())
        if not wishes:
            return
        wishes.sort(key=_group)
        for (folder, action, argument), group in groupby(wishes, key=_group):
            _perform_group(runtime, key, mailbox, folder, action, argument, list(group))


def _group(wish: Wish) -> tuple[str, str, str]:
    return (wish.folder, wish.action, wish.argument)


def _perform_group(
    runtime: Runtime, key: str, mailbox: Mailbox, folder: str, action: str, argument: str, wishes: Sequence[Wish]
) -> None:
    try:
        if action == "save_sent":
            for wish in wishes:
                _save_sent(runtime, mailbox, argument, wish)
        else:
            selected = mailbox.select(folder)
            current = [wish.uid for wish in wishes if wish.uid is not None and wish.uidvalidity == selected.uidvalidity]
            _on_mails(mailbox, selected, action, argument, current)
    except NotYetError:
        with runtime.store.write() as connection:
            actions.later(connection, [wish.id for wish in wishes], runtime.now())
        return
    except ImapError as error:
        log.warning("mailbox.action_failed", mailbox=key, action=action, why=error.text.en, cause=error.cause)
        with runtime.store.write() as connection:
            actions.failed(
                connection, wishes, error.cause or error.text.en, runtime.now(), permanent=not error.temporary
            )
        if error.temporary:
            raise
        return
    with runtime.store.write() as connection:
        actions.done(connection, [wish.id for wish in wishes])


def _on_mails(mailbox: Mailbox, selected: Selected, action: str, argument: str, uids: list[int]) -> None:
    if not uids:
        return  # the folder was renumbered meanwhile; the journal is the truth, the flag only a courtesy
    if action == "flag":
        if selected.keeps(argument) and not selected.read_only:
            mailbox.flag(uids, argument)
        return
    mailbox.ensure_folder(argument)
    mailbox.move(uids, argument)


def _save_sent(runtime: Runtime, mailbox: Mailbox, folder: str, wish: Wish) -> None:
    copy = copy_for_sent(runtime, wish.document_ref) if wish.document_ref is not None else None
    if copy is None:
        return
    mailbox.ensure_folder(folder)
    mailbox.append(folder, copy, ("\\Seen",), runtime.now())
