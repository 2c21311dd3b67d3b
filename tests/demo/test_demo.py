"""The demo as a person starts it: the story goes as told, its figures come from the ledger, its office stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.processes import until

if TYPE_CHECKING:
    from pathlib import Path

KEYS = (
    "received",
    "documents",
    "deliveries",
    "acknowledged",
    "rsvp",
    "bounced",
    "reminded",
    "unanswered",
    "outbox_pending",
    "failed",
)
UNDER_A_MINUTE = 60


def mailbot(*arguments: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, in English."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "160"}
    command = [sys.executable, "-m", "mailbot", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    folder = tmp_path_factory.mktemp("demo") / "office"
    began = time.monotonic()
    done = mailbot("demo", "--json", "--site", str(folder), timeout=2 * UNDER_A_MINUTE)
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert took < UNDER_A_MINUTE
    assert "The clerk was asked at most 2 times a day" in done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


def listing(folder: Path, *arguments: str) -> Any:
    done = mailbot(*arguments, "-C", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_figures_are_the_integers_of_the_story(played: tuple[Path, dict[str, int]]) -> None:
    _, figures = played
    assert tuple(figures) == KEYS
    assert all(type(value) is int for value in figures.values())
    # Four papers to thirteen units; two units stay silent, one is unreachable, one is on paper.
    assert figures["documents"] == 4
    assert figures["deliveries"] == 4 * 13
    assert figures["acknowledged"] == 4 * (13 - 4)
    assert figures["rsvp"] == 13 - 4
    assert figures["bounced"] == 4 * 2
    assert figures["reminded"] >= 2 * 4
    assert figures["unanswered"] == 4 * 4 + 2
    assert figures["received"] > figures["acknowledged"]
    assert figures["outbox_pending"] == figures["failed"] == 0


def test_office_that_stays_behind_checks_and_tells_its_week(played: tuple[Path, dict[str, int]]) -> None:
    folder, figures = played
    assert listing(folder, "check")["ok"]
    assert {row["number"] for row in listing(folder, "status")} == {"263-CV/TU", "152-CV/ĐU", "31-HD/ĐU", "45-GM/ĐU"}
    assert len(listing(folder, "log")) == min(30, figures["received"])
    assert (folder / "demo.log").stat().st_size
    explained = listing(folder, "explain", str(folder / "mails" / "Cong-van-152-CV-ĐU.eml"), "--at", "2026-10-06T08:30")
    assert explained["outcome"]


def test_every_unit_stands_where_its_people_left_it(played: tuple[Path, dict[str, int]]) -> None:
    folder, _ = played
    report = {unit["unit"]: unit for unit in listing(folder, "status", "152-CV/ĐU")[0]["units"]}
    assert report["tdp-1"]["handling"] == "completed"
    assert report["tdp-4"]["handling"] == report["tdp-3"]["handling"] == "completed"
    assert report["cong-an"]["open_matter"] == "extension_asked"
    assert report["tieu-hoc"]["open_matter"] == "question"
    assert report["tram-y-te"]["transport"] == "read"
    assert report["tdp-2"]["transport"] == "bounced"
    assert report["tdp-5"]["channel"] == "paper"
    assert report["quan-su"]["handling"] is None
    assert report["quan-su"]["reminded"] > 1
    meeting = {unit["unit"]: unit["rsvp"] for unit in listing(folder, "status", "45-GM/ĐU")[0]["units"]}
    assert (meeting["tdp-1"], meeting["hop-tac-xa"], meeting["mam-non"]) == ("accepted", "declined", "delegated")


def test_nothing_went_to_an_address_after_it_had_refused_except_new_papers(played: tuple[Path, dict[str, int]]) -> None:
    folder, _ = played
    failed = listing(folder, "outbox", "list", "--state", "failed")
    assert {row["recipient"] for row in failed} == {"tdp1@example.org"}
    assert {row["purpose"] for row in failed} == {"directive", "invitation"}


def test_folder_that_is_not_empty_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("kept", "utf-8")
    done = mailbot("demo", "--site", str(tmp_path))
    assert done.returncode == 73
    assert "is not an empty folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_demo_without_its_extra_names_what_to_install(tmp_path: Path) -> None:
    program = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'pymap' else find(name, *rest)\n"
        "sys.argv = ['mailbot', 'demo']\n"
        "from mailbot.cli.main import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 69
    assert "pip install pymap aiosmtpd" in done.stderr


def test_stopping_it_in_the_middle_ends_everything_without_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    command = [sys.executable, "-m", "mailbot", "demo", "--site", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        log = folder / "demo.log"
        until(lambda: log.exists() and "mail.decided" in log.read_text("utf-8"), "the demo to be under way")
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=30)
    assert running.returncode == 130, output
    assert "Traceback" not in output
