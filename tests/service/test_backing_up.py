"""A site is lost and made again of its backup: nothing is forgotten, nothing goes out twice by itself."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from mailbot.problems import MailbotError
from mailbot.service.backing_up import MANIFEST, backup, restore
from mailbot.service.daemon import once
from mailbot.service.health import examine
from mailbot.service.runtime import Runtime
from mailbot.site import load
from mailbot.store import snapshots
from mailbot.store.database import Store
from tests.cli.test_bad_input import mailbot
from tests.office_site import DIRECTIVE_TEXT, OfficeSite, answer, official, write_site

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postgres import Postgres
    from tests.servers.sink import SmtpSink

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
EX_DATAERR = 65
UNITS = 2


class Town:
    """An office on a real mailbox, of which a backup is made and which is lost."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: SmtpSink) -> None:
        self.dovecot, self.sink = dovecot, sink
        self.office = write_site(folder / "site", imap=dovecot.imap_port, smtp=sink.port, units=UNITS)
        (self.office.folder / "secrets").mkdir()
        (self.office.folder / "secrets" / "password").write_text("not for a backup", "utf-8")
        self.file = folder / "office.backup"
        self.look()

    def look(self) -> None:
        runtime = Runtime(self.office.folder)
        once(runtime)
        runtime.close()

    def takes(self, number: int) -> None:
        text = DIRECTIVE_TEXT.format(number=f"{number}-CV/TU", due="30/10/2026")
        raw = official(self.office.address("tu"), self.office.address("vp"), f"chuyển ngay {number}-CV/TU", text)
        self.dovecot.deliver(self.office.office, raw.as_bytes())
        self.look()

    def copies(self, number: int) -> list[bytes]:
        """The copies of a paper that units have."""
        mails = [mail.raw for mail in self.sink.mails if "-tdp" in mail.recipients[0]]
        return [raw for raw in mails if f"{number}-CV/TU" in str(head(raw)["Subject"])]

    def marked(self) -> set[int]:
        """The UIDs that are marked as done."""
        with self.dovecot.client(self.office.office) as client:
            client.select_folder("INBOX", readonly=True)
            return set(client.search(["KEYWORD", "$MailbotDone"]))

    def unmarks(self, *uids: int) -> None:
        """Leave these mails as they are when the office is lost before it could mark them."""
        with self.dovecot.client(self.office.office) as client:
            client.select_folder("INBOX")
            client.remove_flags(uids, ["$MailbotDone"])

    def loses_everything(self) -> None:
        self.lost = self.office.folder
        self.office = OfficeSite(self.lost.parent / "new", self.office.prefix)
        shutil.rmtree(self.lost)
        restore(self.file, self.office.folder, NOW)

    def resume(self, *words: str) -> str:
        run = mailbot("resume", "-C", str(self.office.folder), *words)
        assert run.returncode == 0, run.stderr
        return run.stdout


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Town:
    return Town(tmp_path, dovecot, smtp_sink)


def test_a_lost_office_goes_on_and_sends_nothing_twice_by_itself(town: Town) -> None:
    town.takes(1)
    assert mailbot("backup", str(town.file), "-C", str(town.office.folder)).returncode == 0
    town.takes(2)
    town.takes(3)
    town.takes(4)
    town.unmarks(2, 3)
    answered = next(raw for raw in town.copies(2) if "-tdp1@" in str(head(raw)["To"]))
    reply = answer(answered, town.office.address("tdp1"), town.office.address("vp"), "Đã nhận")
    before, kept = len(town.sink.mails), len(town.dovecot.mailbox(town.office.office, "Sent"))
    town.loses_everything()
    town.dovecot.deliver(town.office.office, reply.as_bytes())
    town.look()
    assert len(town.sink.mails) == before, "a restored site sends nothing"
    saved = len(town.dovecot.mailbox(town.office.office, "Sent"))
    assert saved == kept == 4, "and saves no copy of what it has not sent, which would look like a trace"
    assert town.marked() == {1, 4}, "and marks no mail as done, which would look like one too"
    # It has decided again what came after the backup; the answer has met its paper; four mails have left a trace.
    told = town.resume()
    assert [line for line in told.splitlines() if "somebody answered it (INBOX)" in line], told
    assert [line for line in told.splitlines() if "its copy lies in Sent" in line], told
    assert sum("was marked as done (INBOX)" in line for line in told.splitlines()) == UNITS, told
    assert told.splitlines()[-1].startswith("4 went out before the loss (there is a trace), ")
    issues = examine_all(town)
    assert any("restored from the backup of" in issue for issue in issues)

    mails = json.loads(town.resume("--json"))["mails"]
    copies_of_2 = [mail["mail"] for mail in mails if mail["purpose"] == "directive" and "2-CV/TU" in mail["subject"]]
    (other,) = copies_of_2
    assert mailbot("outbox", "cancel", other, "-C", str(town.office.folder)).returncode == 0
    town.resume("--send")
    town.look()
    assert len(town.copies(2)) == UNITS, "what was found or cancelled did not go out again"
    assert len(town.copies(4)) == UNITS, "nor did what was marked as done before the loss"
    assert town.marked() >= {1, 2, 3, 4}
    again = town.copies(3)
    assert len(again) == 2 * UNITS - 1, "what lies in Sent did not go out again"
    assert len({head(raw)["Message-ID"] for raw in again}) == UNITS, "it is the same mail, not another"
    assert not any("restored" in issue for issue in examine_all(town))
    with closing(sqlite3.connect(town.office.folder / "var" / "mailbot.db")) as db:
        numbers = [row[0] for row in db.execute("select book_number from document order by id")]
    assert numbers == [413, 414, 415, 416]
    assert mailbot("verify", "-C", str(town.office.folder)).returncode == 0


def head(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def examine_all(town: Town) -> list[str]:
    settings = load(town.office.folder).settings
    store = Store(settings.database)
    issues = examine(store, settings, town.office.folder / "var", datetime.now(UTC)).issues
    store.close()
    return [issue.en for issue in issues]


def test_a_backup_is_for_its_owner_alone_and_holds_no_password(town: Town) -> None:
    town.takes(1)
    contents = backup(load(town.office.folder).settings, town.file, NOW)
    assert stat.S_IMODE(town.file.stat().st_mode) == 0o600
    assert "var/token.key" in contents.files
    assert any(name.startswith("var/archive/") for name in contents.files)
    assert not any("secrets" in name for name in contents.files)
    assert b"not for a backup" not in town.file.read_bytes()
    assert [path.name for path in (town.office.folder / "var").iterdir() if path.name.startswith("backup-")] == []


def test_without_a_restored_site_resume_says_that_nothing_waits(town: Town) -> None:
    assert "Nothing waits" in town.resume("--send")


def test_neither_a_file_nor_a_folder_is_overwritten(town: Town, tmp_path: Path) -> None:
    settings = load(town.office.folder).settings
    backup(settings, town.file, NOW)
    with pytest.raises(MailbotError, match="exists"):
        backup(settings, town.file, NOW)
    with pytest.raises(MailbotError, match="not empty"):
        restore(town.file, town.office.folder, NOW)


@pytest.mark.parametrize("how", ["cut", "changed", "added", "no backup"])
def test_a_damaged_backup_makes_no_site(town: Town, tmp_path: Path, how: str) -> None:
    backup(load(town.office.folder).settings, town.file, NOW)
    if how == "cut":
        town.file.write_bytes(town.file.read_bytes()[:-30_000])
    elif how == "no backup":
        town.file.write_bytes(b"something else")
    else:
        unpacked = tmp_path / "unpacked"
        with tarfile.open(town.file) as tar:
            tar.extractall(unpacked)
        name = "mailbot.yaml" if how == "changed" else "rules/99.yaml"
        with (unpacked / name).open("a", encoding="utf-8") as file:
            file.write("\n# another line\n")
        with tarfile.open(town.file, "w") as tar:
            for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
                tar.add(path, str(path.relative_to(unpacked)), recursive=False)
        assert (unpacked / MANIFEST).exists()
    with pytest.raises(MailbotError) as caught:
        restore(town.file, tmp_path / "new", NOW)
    assert caught.value.exit_code == EX_DATAERR


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "rules/link"])
def test_a_backup_writes_nowhere_else(town: Town, tmp_path: Path, name: str) -> None:
    with tarfile.open(town.file, "w") as tar:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = (tarfile.SYMTYPE, "/etc") if name.endswith("link") else (tarfile.REGTYPE, "")
        tar.addfile(entry)
    with pytest.raises(MailbotError, match="does not belong"):
        restore(town.file, tmp_path / "new" / "site", NOW)
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "site"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update event set reason = 'another' where id = 2", "broken_events: (2,)"),
        ("pragma foreign_keys = off; delete from message where id = 1", "dangling_rows: ("),
    ],
)
def test_verify_finds_what_was_changed_in_the_ledger(town: Town, statement: str, told: str) -> None:
    town.takes(1)
    with closing(sqlite3.connect(town.office.folder / "var" / "mailbot.db")) as db:
        db.executescript(statement)
    run = mailbot("verify", "-C", str(town.office.folder))
    assert run.returncode == EX_DATAERR
    assert told in run.stdout


def test_verify_finds_a_changed_and_a_lost_file(town: Town) -> None:
    town.takes(1)
    town.takes(2)
    with closing(sqlite3.connect(town.office.folder / "var" / "mailbot.db")) as db:
        one, two = [row[0] for row in db.execute("select archive_hash from message order by id")]
    archive = town.office.folder / "var" / "archive"
    (archive / one[:2] / one[2:]).write_bytes(b"another mail")
    (archive / two[:2] / two[2:]).unlink()
    run = mailbot("verify", "-C", str(town.office.folder), "--json")
    assert run.returncode == EX_DATAERR
    found = json.loads(run.stdout)
    assert (found["changed_files"], found["lost_files"], found["whole"]) == ([one], [two], False)


def test_a_postgresql_comes_back_into_an_empty_database_and_into_no_other(postgres: Postgres, tmp_path: Path) -> None:
    first, second = postgres.create(), postgres.create()
    store = Store(first)
    with store.write() as connection:
        connection.exec_driver_sql(
            "insert into daemon_state (key, value, at) values ('mark', 'kept', '2026-10-05T09:00:00Z')"
        )
    file = tmp_path / snapshots.name_for(first)
    snapshots.take(first, file)
    snapshots.put_back(second, file)
    again = Store(second)
    with again.read() as connection:
        assert connection.exec_driver_sql("select value from daemon_state").scalar() == "kept"
    with pytest.raises(MailbotError, match="already exists"):
        snapshots.put_back(first, file)
    with pytest.raises(MailbotError, match="not the kind"):
        snapshots.put_back(f"sqlite:///{tmp_path}/x.db", file)
    for opened in (store, again):
        opened.close()
    for url in (first, second):
        postgres.drop(url)
