"""Two sites side by side: which archived mails they decide differently about, and for whom."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mailbot.service.rule_diff import change_of
from mailbot.site import load
from mailbot.store import journal
from mailbot.store.archive import Archive
from mailbot.store.database import Store
from mailbot.store.journal import Archived
from mailbot.store.tables import TABLES, MessageState
from tests.example_office import CLERK, MAILBOX, NOW, directive, example, mail, reading_of, write_example

if TYPE_CHECKING:
    from pathlib import Path

KEPT = Archived(7, MAILBOX, NOW, "a" * 64)
PAPER = mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Các chi bộ doanh nghiệp."))


def _changed(folder: Path, file: str, old: str, new: str) -> Path:
    path = write_example(folder) / "rules" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return folder


def _differences(site_folder: Path) -> dict[str, tuple[Any, Any]]:
    change = change_of(KEPT, reading_of(PAPER), example(), load(site_folder).site)
    return {one.key: (one.expected, one.seen) for one in change.differences} if change else {}


def test_the_same_rules_change_nothing(tmp_path: Path) -> None:
    assert _differences(write_example(tmp_path / "new")) == {}


def test_who_gets_it_and_when_it_is_due_is_compared(tmp_path: Path) -> None:
    new = _changed(
        tmp_path / "new",
        "20-phat-hanh.yaml",
        "due: {document: yes, otherwise: 5 working days}\n      ladder: bao-cao\n      confirm: always",
        "due: 2 working days\n      ladder: bao-cao\n      confirm: {over_units: 5}",
    )
    directory = new / "rules" / "directory.yaml"
    directory.write_text(
        directory.read_text("utf-8").replace("hop-tac-xa: {", "hop-tac-xa: {channel: paper, "), "utf-8"
    )
    assert _differences(new) == {
        "confirm": (True, False),
        "send_to": (["det-may", "hop-tac-xa"], ["det-may"]),
        "paper": ([], ["hop-tac-xa"]),
        "due": ("2026-10-15", "2026-10-08"),
    }


def test_a_changed_step_of_a_ladder_is_told(tmp_path: Path) -> None:
    new = _changed(tmp_path / "new", "90-lich-don-doc.yaml", "3 working days after due", "4 working days after due")
    assert list(_differences(new)) == ["ladder"]


def test_the_command_reads_the_archive_again_and_lists_what_changes(tmp_path: Path) -> None:
    old = write_example(tmp_path / "old")
    new = _changed(tmp_path / "new", "20-phat-hanh.yaml", "confirm: always", "confirm: never")
    _archive(old, [PAPER.as_bytes(), mail("la@example.com", "Xin chào", "Chào.").as_bytes()])
    words = [sys.executable, "-m", "mailbot", "rules", "diff", str(old), str(new)]
    run = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60)
    found = json.loads(run.stdout)
    assert (found["mails"], len(found["changes"])) == (2, 1)
    assert {"key": "confirm", "old": True, "new": False} in found["changes"][0]["changes"]
    shown = subprocess.run(words, capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"}).stdout
    assert "confirm: yes → no" in shown
    assert "2 mails decided again, 1 of them differently." in shown


def _archive(folder: Path, mails: list[bytes]) -> None:
    archive = Archive(folder / "var" / "archive")
    store = Store(load(folder).settings.database)
    came = [journal.Arrival(uid, len(raw), NOW) for uid, raw in enumerate(mails, start=1)]
    with store.write() as connection:
        journal.write_arrivals(
            connection, MAILBOX, "INBOX", 1, came, start=None, last_uid=len(mails), now=datetime.now(UTC)
        )
        message = TABLES["message"]
        for row, raw in zip(journal.waiting(connection), mails, strict=True):
            kept = {"archive_hash": archive.put(raw), "state": MessageState.DECIDED}
            connection.execute(message.update().where(message.c.id == row.id).values(**kept))
    store.close()
