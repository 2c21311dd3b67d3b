"""Whether the daemon is well: it runs, every mailbox had a good cycle lately, nothing waits too long."""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.problems import Text
from mailbot.service import reconciling, reloading
from mailbot.service.status import CLOCK, COMPOSER, DUE
from mailbot.store import fence
from mailbot.store.errors import StoreError
from mailbot.store.gauges import gauges
from mailbot.store.marks import marks

if TYPE_CHECKING:
    from pathlib import Path

    from mailbot.settings import Settings
    from mailbot.store.database import Store
    from mailbot.store.marks import Mark

# A mailbox is polled every minute; five missed polls are no hiccup.
SILENT_AFTER = timedelta(minutes=5)
WAITS_TOO_LONG = timedelta(hours=1)
# Below this a handful of scans fills the disk.
ROOM = 200 * 1024**2


@dataclass(frozen=True)
class Report:
    """What was found: sentences for people, figures for machines."""

    issues: tuple[Text, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.issues

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "healthy": self.healthy,
            "issues": [{"vi": item.vi, "en": item.en} for item in self.issues],
            **self.figures,
        }


def examine(store: Store, settings: Settings, var: Path, now: datetime) -> Report:
    """Look at what the running daemon left behind; `now` is aware."""
    issues: list[Text] = []
    running = is_running(var)
    if not running:
        issues.append(Text(vi="mailbot không chạy (mailbot run)", en="mailbot is not running (mailbot run)"))
    issues += _disk(var)
    obstacle = store.obstacle()
    if obstacle is not None:
        issues.append(obstacle.text)
    try:
        return _ledger(store, settings, running=running, issues=issues, now=now)
    except StoreError as error:
        return Report((*issues, *([error.text] if obstacle is None else [])), {"running": running})


def _disk(var: Path) -> list[Text]:
    """Tell in good time that the disk fills up: what comes then is neither kept nor decided."""
    free = shutil.disk_usage(var).free if var.exists() else ROOM
    if free >= ROOM:
        return []
    left = free // 1024**2
    return [Text(vi=f"đĩa sắp đầy: còn {left} MB ở {var}", en=f"the disk is nearly full: {left} MB left at {var}")]


def _ledger(store: Store, settings: Settings, *, running: bool, issues: list[Text], now: datetime) -> Report:
    """What the ledger tells of the parts and of what waits, after what was found before."""
    with store.read() as connection:
        remembered = marks(connection)
        behind = fence.standing(connection)
        found = gauges(connection, now)
        figures: dict[str, Any] = {
            "running": running,
            "messages": found.messages,
            "outbox": found.outbox,
            "held_open": found.held_open,
        }
        waits = found.planned_since
    for key in settings.mailboxes:
        issues += _part(f"mailbox {key}", remembered, now, Text(vi=f"hộp thư {key}", en=f"mailbox {key}"))
        missing = remembered.get(f"trouble canary {key}")
        if missing is not None:
            issues.append(_told(Text(vi=f"hộp thư {key}", en=f"mailbox {key}"), missing))
        issues += _part(f"sender {key}", remembered, now, Text(vi=f"gửi thư {key}", en=f"sending of {key}"))
    for part, name in (
        (COMPOSER, Text(vi="soạn thư", en="composing")),
        (reloading.PART, Text(vi="cấu hình", en="the site")),
        (DUE, Text(vi="nhắc việc", en="reminding")),
        (CLOCK, Text(vi="đồng hồ", en="the clock")),
    ):
        if f"trouble {part}" in remembered:
            issues.append(_told(name, remembered[f"trouble {part}"]))
    if behind is not None:
        issues.append(behind.text)
    reconciled = remembered.get(reconciling.RECONCILED)
    if reconciled is not None:
        name = Text(vi=f"đối chiếu {reconciled.at:%d/%m}", en=f"reconciled {reconciled.at:%Y-%m-%d}")
        issues += [_joined(name, finding) for finding in reconciling.remembered(reconciled)]
        figures["reconciled"] = reconciled.at.isoformat()
    figures["last_good"] = {
        name.removeprefix("good "): mark.at.isoformat() for name, mark in remembered.items() if name.startswith("good ")
    }
    if waits is not None and now - waits > WAITS_TOO_LONG:
        issues.append(
            Text(
                vi=f"có thư chờ gửi từ {waits:%d/%m %H:%M} UTC",
                en=f"a mail has waited to be sent since {waits:%Y-%m-%d %H:%M} UTC",
            )
        )
    return Report(tuple(issues), figures)


def _told(name: Text, trouble: Mark) -> Text:
    return _joined(name, trouble.text)


def _joined(name: Text, said: Text) -> Text:
    return Text(vi=f"{name.vi}: {said.vi}", en=f"{name.en}: {said.en}")


def _part(part: str, remembered: dict[str, Mark], now: datetime, name: Text) -> list[Text]:
    trouble = remembered.get(f"trouble {part}")
    if trouble is not None:
        return [_told(name, trouble)]
    good = remembered.get(f"good {part}")
    if good is None:
        return [Text(vi=f"{name.vi}: chưa có lượt nào thành công", en=f"{name.en}: no good cycle yet")]
    if now - good.at > SILENT_AFTER:
        return [
            Text(
                vi=f"{name.vi}: im lặng từ {good.at:%d/%m %H:%M} UTC",
                en=f"{name.en}: silent since {good.at:%Y-%m-%d %H:%M} UTC",
            )
        ]
    return []


def is_running(var: Path) -> bool:
    """Tell whether a daemon holds the lock of the site."""
    path = var / "mailbot.lock"
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
