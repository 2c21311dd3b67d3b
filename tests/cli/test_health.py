"""Health as a container asks for it: by the exit code, and in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.service.daemon import SiteLock
from tests.cli.test_bad_input import EX_CONFIG, EX_UNAVAILABLE, mailbot, replace
from tests.office_site import write_site

if TYPE_CHECKING:
    from pathlib import Path


def test_a_daemon_that_does_not_run_is_not_well(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", imap=1, smtp=1)
    run = mailbot("health", "-C", str(site.folder))
    assert run.returncode == EX_UNAVAILABLE
    assert "not running" in run.stdout


def test_a_change_that_does_not_check_yet_is_told_and_gets_no_running_daemon_killed(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", imap=1, smtp=1)
    replace(site.folder / "mailbot.yaml", "officers:", "officer:")
    with SiteLock(site.folder / "var"):
        run = mailbot("health", "-C", str(site.folder))
    assert run.returncode == 0
    assert "last good version" in run.stderr
    assert mailbot("health", "-C", str(site.folder)).returncode == EX_CONFIG
