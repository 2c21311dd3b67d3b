"""What is the owner's alone stays so whatever the umask, and a secret is in no log, file, listing or traceback."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailbot import private
from mailbot.store.archive import Archive
from mailbot.store.database import Store
from tests.office_site import write_site
from tests.servers.processes import until
from tests.servers.tokens import CLIENT, CLIENT_SECRET, token_endpoint
from tests.service.daemon_process import DaemonProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

MARK = "hoa-sen-tuyet-mat-2026"
HERE = f"{MARK}-in-the-file"
REFRESH = f"{MARK}-refresh"


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The umask of somebody who has never heard of one."""
    before = os.umask(0)
    yield
    os.umask(before)


def for_others(folder: Path) -> list[str]:
    """What of a folder others may read, write or enter."""
    everything = [folder, *folder.rglob("*")]
    return [str(path.relative_to(folder.parent)) for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.usefixtures("open_umask")
def test_database_and_archive_are_their_owner_s_alone_under_any_umask(tmp_path: Path) -> None:
    var = tmp_path / "site" / "var"
    Archive(var / "archive").put(b"Subject: x\r\n\r\nx")
    store = Store(f"sqlite:///{var / 'mailbot.db'}")
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE message SET state = state")
        assert {path.name for path in var.iterdir()} >= {"mailbot.db", "mailbot.db-wal", "mailbot.db-shm", "archive"}
        assert for_others(var) == []
    store.close()


@pytest.mark.usefixtures("open_umask")
def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "mailbot.db"
    Store(f"sqlite:///{file}").close()
    file.chmod(0o664)
    Store(f"sqlite:///{file}").close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    folder = tmp_path / "open"
    folder.mkdir()
    private.tighten(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    private.tighten(tmp_path / "not there")


def a_site(folder: Path, dovecot: Dovecot, port: int, endpoint: str) -> Path:
    """A site whose first mailbox has passwords of every kind, and whose second has a dead OAuth2."""
    office = write_site(folder, imap=dovecot.imap_port, smtp=port, units=2)
    path = office.folder / "mailbot.yaml"
    text = path.read_text("utf-8").replace("password: secret}", "password: env:MARKED_PASSWORD}", 1)
    smtp = f"smtp: {{host: 127.0.0.1, port: {port}, tls: none}}"
    assert smtp in text
    text = text.replace(smtp, smtp.replace("}", f", user: u, password: {HERE}}}"))
    second = (
        f"mailboxes:\n  khac:\n    address: khac@in.test\n"
        f"    imap: {{host: 127.0.0.1, port: {dovecot.imap_port}, tls: none, user: khac}}\n    {smtp}\n"
        f"    oauth2: {{provider: other, token_url: '{endpoint}', client_id: {CLIENT},"
        f" client_secret: file:secrets/client, refresh_token: file:secrets/khac}}\n"
    )
    path.write_text(text.replace("mailboxes:\n", second, 1), "utf-8")
    secrets = office.folder / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "client").write_text(CLIENT_SECRET)
    (secrets / "khac").write_text(REFRESH)
    return office.folder


def shown_by(folder: Path, *words: str) -> str:
    """Return all that a command prints, out and err."""
    run = subprocess.run(
        [sys.executable, "-m", "mailbot", *words, "-C", str(folder)], capture_output=True, text=True, timeout=120
    )
    return f"{words}: {run.stdout} {run.stderr}"


COMMANDS = (
    *(("check",), ("check", "--online"), ("check", "--json"), ("health",), ("health", "--json"), ("log", "--json")),
    *(("outbox", "list", "--json"), ("held", "list", "--json"), ("status", "--json"), ("reconcile", "--json")),
    *(("verify", "--json"), ("rules", "show")),
)


def processes_of(number: int) -> list[int]:
    """A process and all below it."""
    found = [number]
    for task in Path(f"/proc/{number}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += processes_of(int(child))
    return found


@pytest.mark.usefixtures("open_umask")
def test_a_marked_secret_is_nowhere_but_where_it_was_written(
    dovecot: Dovecot, smtp_sink: SmtpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKED_PASSWORD", f"{MARK}-env")
    with token_endpoint() as endpoint:
        folder = a_site(tmp_path / "site", dovecot, smtp_sink.port, endpoint.url)
        daemon = DaemonProcess(folder)
        daemon.start()
        try:
            # Wrong passwords everywhere: every way on which a secret could be told is gone.
            until(lambda: daemon.log().count("mailbox.trouble") >= 2, f"trouble: {daemon.log()}")
            said = "".join(shown_by(folder, *words) for words in COMMANDS)
            assert daemon.process is not None
            lines = [Path(f"/proc/{one}/cmdline").read_text() for one in processes_of(daemon.process.pid)]
        finally:
            daemon.stop()
    backup = tmp_path / "backup.tar"
    said += shown_by(folder, "backup", str(backup))
    assert "invalid_grant" in said, "the dead token is told"
    places: dict[str, Any] = {"commands": said, "log": daemon.log(), "processes": "\n".join(lines)}
    for name, text in places.items():
        told = [line for line in text.splitlines() if MARK in line or CLIENT_SECRET in line]
        assert (name, told) == (name, [])
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    with_mark = [path.name for path in files if MARK.encode() in path.read_bytes()]
    assert with_mark == ["mailbot.yaml"]
    assert not [path.name for path in files if CLIENT_SECRET.encode() in path.read_bytes()]
    assert for_others(folder / "var") == []
    assert for_others(backup) == []
    assert REFRESH.encode() not in backup.read_bytes()


def test_nothing_that_is_printed_of_the_settings_shows_a_secret(tmp_path: Path) -> None:
    from mailbot.service.accounts import smtp_account
    from mailbot.site import load

    office = write_site(tmp_path / "site", imap=1, smtp=2, units=1)
    path = office.folder / "mailbot.yaml"
    path.write_text(
        path.read_text("utf-8")
        .replace("password: secret", f"password: {MARK}")
        .replace("port: 2, tls: none", f"port: 2, tls: none, user: u, password: {MARK}"),
        "utf-8",
    )
    loaded = load(office.folder)
    (mailbox,) = loaded.settings.mailboxes.values()
    assert MARK not in repr(loaded.settings)
    account = smtp_account(mailbox, office.folder)
    assert account.password == MARK
    assert MARK not in repr(account)
