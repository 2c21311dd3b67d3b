"""Bad input gets a sentence that says what to do and a non-zero exit, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.office_site import write_site
from tests.servers.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.office_site import OfficeSite
    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

EX_USAGE, EX_NOINPUT, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CONFIG = 64, 66, 69, 75, 78


def mailbot(*words: str, language: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does."""
    environment = os.environ | {"LC_ALL": language, "COLUMNS": "200"}
    run = subprocess.run(
        [sys.executable, "-m", "mailbot", *words], capture_output=True, text=True, timeout=90, env=environment
    )
    assert "Traceback" not in run.stdout + run.stderr, run.stderr
    return run


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def site(tmp_path: Path) -> OfficeSite:
    """A site whose servers do not answer."""
    return write_site(tmp_path / "site", imap=free_port(), smtp=free_port())


MISTAKES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a tab in YAML": (
        lambda at: replace(at / "mailbot.yaml", "mode: live", "mode:\tlive\n  x"),
        r"mailbot\.yaml:\d+:\d+",
    ),
    "an unknown key": (
        lambda at: replace(at / "mailbot.yaml", "officers:", "officer:"),
        r"mailbot\.yaml:\d+:\d+.*officer",
    ),
    "a unit without an address": (
        lambda at: replace(at / "rules" / "directory.yaml", "mail: [", "phone: ["),
        r"rules/directory\.yaml:\d+:\d+",
    ),
    "a rule for an unknown group": (
        lambda at: replace(at / "rules" / "10-rules.yaml", "group:chi-bo", "group:chi-bok"),
        r"rules/10-rules\.yaml:\d+:\d+.*chi-bok",
    ),
}


@pytest.mark.parametrize("command", ["check", "run", "once", "status"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_site_is_told_with_its_place(site: OfficeSite, mistake: str, command: str) -> None:
    make, place = MISTAKES[mistake]
    make(site.folder)
    run = mailbot(command, "-C", str(site.folder))
    assert run.returncode == EX_CONFIG
    assert re.search(place, run.stdout + run.stderr), run.stdout + run.stderr


def test_an_unreadable_template_is_told_with_its_name(site: OfficeSite) -> None:
    (site.folder / "templates").mkdir()
    (site.folder / "templates" / "directive.txt.j2").write_text("Kính gửi: {{ unit", "utf-8")
    run = mailbot("check", "-C", str(site.folder))
    assert run.returncode == EX_CONFIG
    assert "directive.txt.j2" in run.stdout


def test_a_template_that_is_no_text_is_told_with_its_name(site: OfficeSite) -> None:
    (site.folder / "templates").mkdir()
    (site.folder / "templates" / "directive.txt.j2").write_bytes(b"\xff\xfe\x00")
    run = mailbot("check", "-C", str(site.folder))
    assert run.returncode == EX_CONFIG
    assert "directive.txt.j2" in run.stdout


@pytest.mark.parametrize(("language", "words"), [("C.UTF-8", "password"), ("vi_VN.UTF-8", "mật khẩu")])
def test_a_wrong_password_is_told_in_the_language_of_the_locale(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, language: str, words: str
) -> None:
    site = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port)
    replace(site.folder / "mailbot.yaml", "password: secret", "password: khong-dung")
    run = mailbot("once", "-C", str(site.folder), language=language)
    assert run.returncode == EX_UNAVAILABLE
    assert words in run.stderr
    assert "khong-dung" not in run.stdout + run.stderr


def test_a_server_that_is_down_is_told_and_may_be_tried_again(site: OfficeSite) -> None:
    run = mailbot("once", "-C", str(site.folder))
    assert run.returncode == EX_TEMPFAIL
    assert "127.0.0.1" in run.stderr


def test_check_online_tells_what_cannot_be_reached(site: OfficeSite) -> None:
    run = mailbot("check", "--online", "-C", str(site.folder))
    assert run.returncode == EX_UNAVAILABLE
    assert "127.0.0.1" in run.stdout


def test_a_database_that_cannot_be_opened_is_told_without_its_password(site: OfficeSite) -> None:
    url = f"postgresql+psycopg://mailbot:bi-mat@127.0.0.1:{free_port()}/mailbot"
    replace(site.folder / "mailbot.yaml", "sqlite:///var/mailbot.db", url)
    run = mailbot("status", "-C", str(site.folder))
    assert run.returncode != 0
    assert "database" in run.stderr
    assert "bi-mat" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explain", "khong-co.eml"), EX_NOINPUT),
        (("log", "m999"), EX_NOINPUT),
        (("log", "x"), EX_NOINPUT),
        (("status", "999-CV/ĐU"), EX_NOINPUT),
        (("calendar", "--unit", "khong-co"), EX_NOINPUT),
        (("calendar", "--week", "tuần này"), EX_USAGE),
        (("calendar", "--output", "lich.pdf"), EX_USAGE),
    ],
)
def test_what_is_not_there_is_told(site: OfficeSite, words: tuple[str, ...], code: int) -> None:
    run = mailbot(*words, "-C", str(site.folder))
    assert run.returncode == code
    assert run.stderr.strip()


def test_a_folder_that_is_no_site_is_told(tmp_path: Path) -> None:
    run = mailbot("run", "-C", str(tmp_path))
    assert run.returncode == EX_CONFIG
    assert "mailbot.yaml" in run.stdout + run.stderr


def test_a_mail_file_that_is_missing_does_not_stop_the_others(tmp_path: Path) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"From: a@b.test\r\n\r\nx\r\n")
    run = mailbot("parse", "--json", str(tmp_path / "missing.eml"), str(mail))
    assert run.returncode == 1
    assert '"file"' in run.stdout
    assert "missing.eml" in run.stderr
