"""The proof that nothing is lost: servers against the journal, the journal against what became of each mail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from mailbot.post.imap import Mailbox
from mailbot.problems import MailbotError, Text
from mailbot.service.accounts import imap_account
from mailbot.store import reconciling
from mailbot.store.marks import Mark, marks, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mailbot.service.runtime import Runtime
    from mailbot.settings import MailboxSettings, Settings
    from mailbot.store.database import Store
    from mailbot.store.reconciling import Account

log = structlog.get_logger(__name__)

RECONCILED = "reconciled"
EVERY = timedelta(days=1)
# What is under way is no loss: a mail or a delivery may wait for a server that is down.
UNDER_WAY = timedelta(hours=1)


@dataclass(frozen=True)
class Reconciliation:
    """What was compared and found; no finding means that everything is accounted for."""

    at: datetime
    account: Account
    compared: int
    findings: tuple[Text, ...]

    @property
    def received(self) -> int:
        """How many mails the journal holds; each of them is in exactly one state."""
        return sum(self.account.journal.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "at": self.at.isoformat(),
            "received": self.received,
            "journal": self.account.journal,
            "compared_on_server": self.compared,
            "findings": [{"vi": item.vi, "en": item.en} for item in self.findings],
        }


def reconcile(store: Store, settings: Settings, now: datetime) -> Reconciliation:
    """Compare servers and ledger and return what is not accounted for; `now` is aware. Changes nothing."""
    compared, findings = 0, []
    for mailbox in settings.mailboxes.values():
        try:
            for here, lost in _folders(store, mailbox, settings.folder):
                compared += here
                findings += lost
        except MailbotError as error:
            name = mailbox.key
            findings.append(
                Text(vi=f"hộp thư {name}: {error.text.vi}", en=f"mailbox {name} was not compared: {error.text.en}")
            )
    with store.read() as connection:
        found = reconciling.account(connection, now - UNDER_WAY)
    return Reconciliation(now, found, compared, (*findings, *_in_ledger(found)))


def _folders(store: Store, mailbox: MailboxSettings, folder: Path) -> Iterator[tuple[int, list[Text]]]:
    """Yield for each watched folder how many mails were compared, and what the journal lacks."""
    with Mailbox.connect(imap_account(mailbox, folder)) as server:
        for name in mailbox.watch:
            selected = server.select(name)
            listed = {item.uid for item in server.new_uids(0)}
            # The journal is looked at after the server: a mail and the cursor behind it are written in one commit.
            with store.read() as connection:
                known = reconciling.uids(connection, mailbox.key, name)
            if known is None or known[0].uidvalidity != selected.uidvalidity:
                continue  # not begun yet, or renumbered since: the daemon journals all of it anew
            cursor, journalled = known
            behind = {uid for uid in listed if uid <= cursor.last_uid}
            missing = sorted(behind - journalled)
            yield len(behind), [_not_journalled(mailbox.key, name, missing)] if missing else []


def _not_journalled(mailbox: str, folder: str, missing: Sequence[int]) -> Text:
    named, count = _named(missing[: reconciling.NAMED]), len(missing)
    return Text(
        vi=f"hộp thư {mailbox}, {folder}: {count} thư đã qua mà không có trong sổ thư (UID {named}); "
        "hãy mở các thư đó trong hộp thư và chuyển vào lại INBOX để mailbot nhận",
        en=f"mailbox {mailbox}, {folder}: {count} mail(s) passed by that the journal does not have (UID {named}); "
        "open them in the mailbox and move them into INBOX again, where mailbot takes them as new",
    )


def _in_ledger(found: Account) -> Iterator[Text]:
    if found.undecided:
        named = _named(found.undecided)
        yield Text(
            vi=f"thư chờ xử lý quá lâu: m{named} (xem mailbot log)",
            en=f"mail without an outcome for too long: m{named} (see mailbot log)",
        )
    if found.unplanned:
        named = _named(found.unplanned)
        yield Text(
            vi=f"nơi nhận bằng thư mà chưa có thư nào: {named}",
            en=f"deliveries by mail of which no mail speaks: {named}",
        )
    if found.unsent:
        named = _named(found.unsent)
        yield Text(
            vi=f"thư gửi đi chờ quá lâu: o{named} (xem mailbot outbox list)",
            en=f"mail that has waited to be sent for too long: o{named} (see mailbot outbox list)",
        )
    for gap in found.gaps:
        place = " ".join(part for part in (gap.book, gap.period, gap.series) if part)
        yield Text(
            vi=f"sổ {place}: thiếu số {_named(gap.numbers)}",
            en=f"register {place}: the numbers {_named(gap.numbers)} are missing",
        )


def _named(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


# --- once a day ------------------------------------------------------------------------------------------------------


def once_a_day(runtime: Runtime) -> None:
    """Reconcile when a day has passed since the last time, and remember the result for `mailbot health`."""
    now = runtime.now()
    with runtime.store.read() as connection:
        last = marks(connection).get(RECONCILED)
    if last is not None and timedelta() <= now - last.at < EVERY:
        return
    found = reconcile(runtime.store, runtime.in_force.settings, now)
    remember(runtime.store, found)
    if found.findings:
        log.error("reconcile.findings", findings=[item.en for item in found.findings])
    else:
        log.info("reconcile.all_accounted_for", received=found.received, compared=found.compared)


def remember(store: Store, found: Reconciliation) -> None:
    """Keep the findings for the health report."""
    with store.write() as connection:
        put(connection, RECONCILED, json.dumps(found.to_json(), ensure_ascii=False), found.at)


def remembered(mark: Mark) -> tuple[Text, ...]:
    """Return the findings of the last reconciliation."""
    return tuple(Text(**item) for item in json.loads(mark.value)["findings"])
