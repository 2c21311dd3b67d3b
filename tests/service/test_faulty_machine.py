"""The machine under the daemon fails: disk, database, clock, log. Nothing is lost or doubled, and all goes on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailbot.routing.decision import decide
from mailbot.service import clock, fetcher, health, processor, sender
from mailbot.service.clock import Clock
from mailbot.service.jumps import BELIEVED_AFTER_SECONDS, Jumps
from mailbot.service.status import DUE
from mailbot.service.watching import ALARM_AFTER, look
from mailbot.store import database, outbox
from mailbot.store.database import ALREADY_RUNNING
from mailbot.store.errors import StoreError
from mailbot.store.tables import TABLES
from tests.office_site import OfficeSite, write_site
from tests.servers.misbehaving import Habit, misbehaving
from tests.servers.processes import free_port, is_root, until
from tests.service.daemon_process import DaemonProcess
from tests.service.faulty_office import KEY, FaultyOffice, at_work, change, each_once, paper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailbot.reading import Reading
    from mailbot.routing.plans import Decision
    from tests.servers.dovecot import Dovecot
    from tests.servers.postgres import Postgres
    from tests.servers.sink import SmtpSink

UNITS = 3
MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of tests are short; that they grow is tested elsewhere."""
    monkeypatch.setattr(fetcher, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(fetcher, "LONGEST_PAUSE", 0.5)
    monkeypatch.setattr(sender, "LOOK_AGAIN_SECONDS", 0.5)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(clock, "JUMPS_SECONDS", 0.1)


@pytest.fixture
def site(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> OfficeSite:
    return write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS)


# --- the disk --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(site: OfficeSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The office's `var` on a disk of its own that a test can fill."""
    var = site.folder / "var"
    var.mkdir()
    mounted = is_root() and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(var)], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root may mount a small disk; the archive's own test limits the size of files instead")
    monkeypatch.setattr(health, "ROOM", 4 * MEGABYTE)
    yield var
    subprocess.run(["umount", str(var)], check=True)


def fill(var: Path, leave: int = 0) -> Path:
    """Fill a disk up to so many bytes."""
    filler = var / "filler"
    with filler.open("wb", buffering=0) as file:
        free = os.statvfs(var).f_bavail * os.statvfs(var).f_frsize - leave
        try:
            while free > 0:
                free -= file.write(b"x" * min(free, MEGABYTE)) or 0
        except OSError:
            return filler
    return filler


def test_a_full_disk_is_told_and_what_came_meanwhile_goes_out_once_when_there_is_room(
    site: OfficeSite, small_disk: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site) as office:
        office.until_watching()
        office.deliver(dovecot, paper(site, 1))
        office.until_sent(UNITS)
        filler = fill(small_disk)
        office.deliver(dovecot, paper(site, 2), paper(site, 3))
        office.until_told("the disk is nearly full: 0 MB")
        until(lambda: office.said("mailbox.trouble"), "the mailbox to say so")
        assert "the disk is full" in office.said("mailbox.trouble")[0]["why"]
        filler.unlink()
        office.until_sent(3 * UNITS)
        office.until_well()
        assert sorted(office.numbers()) == [413, 414, 415]
        assert not [line for line in office.log if "bug" in line["event"]], "a full disk is no bug"
    assert each_once(smtp_sink, 3 * UNITS)


def test_a_mail_that_the_archive_has_no_room_for_waits_with_pauses_and_is_not_half_kept(
    site: OfficeSite, small_disk: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site) as office:
        office.until_watching()
        filler = fill(small_disk, leave=3 * MEGABYTE)
        office.deliver(dovecot, paper(site, 1, attachment=os.urandom(6 * MEGABYTE)), paper(site, 2))
        office.until_told("archive")
        until(lambda: office.states() == ["new", "decided"], f"the small one to be decided: {office.states()}")
        office.until_sent(UNITS)
        filler.unlink()
        office.until_sent(2 * UNITS)
        office.until_well()
    assert each_once(smtp_sink, 2 * UNITS)


def test_a_mail_that_waits_for_better_times_is_not_tried_at_every_look(
    site: OfficeSite, small_disk: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher, "FIRST_PAUSE", 3600)
    monkeypatch.setattr(fetcher, "LONGEST_PAUSE", 3600)
    with at_work(site) as office:
        office.until_watching()
        fill(small_disk, leave=3 * MEGABYTE)
        office.deliver(dovecot, paper(site, 1, attachment=os.urandom(6 * MEGABYTE)))
        office.until_told("archive")
        for number in (2, 3):
            office.deliver(dovecot, paper(site, number))
            until(lambda number=number: office.states()[number - 1 :] == ["decided"], "another look")
        assert len(office.said("mail.postponed")) == 1


def test_a_mail_whose_kept_files_are_lost_is_told_and_stops_no_other(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    port = free_port()
    change(site, f"port: {smtp_sink.port}", f"port: {port}")
    with at_work(site) as office:
        office.until_watching()
        office.deliver(dovecot, paper(site, 1, attachment=b"scan"))
        until(lambda: office.outbox() == {"ready": UNITS}, "its mails to be composed")
        archive = office.runtime.archive.folder
        archive.rename(archive.with_name("away"))
        archive.mkdir()
        change(site, f"port: {port}", f"port: {smtp_sink.port}")
        office.daemon.reload()
        office.later(outbox.FIRST_PAUSE * 2)
        until(lambda: len(office.said("mail.parts_lost")) >= UNITS, "the loss to be told")
        office.until_told("archive has lost")
        office.deliver(dovecot, paper(site, 2, attachment=b"other"))
        office.until_sent(UNITS)
        for folder in archive.with_name("away").iterdir():
            (archive / folder.name).mkdir(exist_ok=True)
            for file in folder.iterdir():
                file.rename(archive / folder.name / file.name)
        office.later(outbox.FIRST_PAUSE * 4)
        office.until_sent(2 * UNITS)
        office.until_well()
    assert each_once(smtp_sink, 2 * UNITS)


# --- the database ----------------------------------------------------------------------------------------------------


@contextmanager
def held(site: OfficeSite) -> Iterator[None]:
    """Another program holds the database, as somebody does who looks into it and forgets to end."""
    hold = "import sqlite3,sys; db=sqlite3.connect(sys.argv[1],isolation_level=None); "
    hold += "db.execute('begin immediate'); print(1,flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", hold, str(site.folder / "var" / "mailbot.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    try:
        yield
    finally:
        process.communicate(b"\n")


def test_a_database_that_another_program_holds_costs_no_answer_of_a_server(site: OfficeSite, dovecot: Dovecot) -> None:
    with misbehaving(Habit.ANSWERS_WHEN_TOLD) as server:
        main = (site.folder / "mailbot.yaml").read_text("utf-8")
        port = main.split("smtp: {host: 127.0.0.1, port: ")[1].split(",")[0]
        change(site, f"port: {port}", f"port: {server.port}")
        with at_work(site) as office:
            office.until_watching()
            office.deliver(dovecot, paper(site, 1))
            until(lambda: len(server.mails) == UNITS, "all to wait for their answer")
            with held(site):
                office.deliver(dovecot, paper(site, 2))
                server.may_answer.set()
                until(lambda: office.said("sender.trouble"), "the sender to say so")
                assert "is held by another program" in office.said("sender.trouble")[0]["why"]
                office.until_told("is held by another program")
                until(lambda: office.said("mailbox.trouble"), "the mailbox to say so")
            office.later(outbox.LEASE + timedelta(minutes=1))
            office.until_sent(2 * UNITS)
            office.until_well()
            assert not [line for line in office.log if "bug" in line["event"]]
        assert len(server.mails) == 2 * UNITS, "what the server has taken is not sent again"


def test_a_daemon_that_starts_on_a_database_in_use_waits_for_it(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site) as office:
        office.until_watching()
    with held(site):
        office = FaultyOffice(site, [])
        starting = threading.Thread(target=office.daemon.start)
        starting.start()
        starting.join(1)
        assert starting.is_alive()
    starting.join(60)
    office.deliver(dovecot, paper(site, 1))
    office.until_sent(UNITS)
    office.daemon.stop()
    office.runtime.close()
    assert each_once(smtp_sink, UNITS)


def test_a_database_server_that_fails_over_to_a_standby_and_back_is_waited_for(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, postgres: Postgres, postgres_url: str
) -> None:
    site = write_site(
        tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS, database=postgres_url
    )
    with at_work(site) as office:
        office.until_watching()
        postgres.fail_over(postgres_url, read_only=True)
        office.deliver(dovecot, paper(site, 1))
        office.until_told("is read-only")
        until(lambda: office.said("mailbox.trouble"), "the mailbox to say so")
        postgres.fail_over(postgres_url, read_only=False)
        office.until_sent(UNITS)
        office.until_well()
        assert not [line for line in office.log if "bug" in line["event"]]
    assert each_once(smtp_sink, UNITS)


@pytest.fixture
def own_postgres(postgres: Postgres) -> Iterator[Postgres]:
    """A PostgreSQL that a test may stop."""
    own = type(postgres)()
    yield own
    own.stop()


def test_a_database_server_that_is_not_there_yet_or_restarts_is_waited_for(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, own_postgres: Postgres
) -> None:
    server = own_postgres
    site = write_site(
        tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS, database=server.create()
    )
    server.stop()
    running = DaemonProcess(site.folder)
    running.start()
    until(lambda: "daemon.waits" in running.log(), "the daemon to wait")
    server.start()
    until(lambda: "mailbox.connected" in running.log(), f"the daemon to start: {running.log()}", 60)
    until(lambda: (running.listing("health") or {}).get("last_good", {}).get(f"mailbox {KEY}"), "a good cycle", 60)
    dovecot.deliver(site.office, paper(site, 1))
    smtp_sink.wait_for(UNITS, 60)
    server.stop()
    dovecot.deliver(site.office, paper(site, 2))
    until(lambda: "mailbox.trouble" in running.log(), "the mailbox to say so", 60)
    server.start()
    smtp_sink.wait_for(2 * UNITS, 120)
    assert running.stop() == 0
    assert each_once(smtp_sink, 2 * UNITS)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write what lies in a folder, as after a disk's fault; root is stopped by a mount alone."""
    if is_root():
        for options in (["--bind", str(folder), str(folder)], ["-o", "remount,bind,ro", str(folder)]):
            if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
                pytest.skip("this machine lets nobody mount")
    else:
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        if is_root():
            subprocess.run(["umount", str(folder)], check=True)
        else:
            folder.chmod(0o755)
            for path in folder.iterdir():
                path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_database_that_may_only_be_read_is_told_in_plain_words(site: OfficeSite) -> None:
    office = FaultyOffice(site, [])
    office.runtime.store.close()  # what is open already stays so
    with read_only(site.folder / "var"):
        with (
            pytest.raises(StoreError, match=r"cannot be opened for writing|is read-only"),
            office.runtime.store.write(),
        ):
            pass
        assert any("cannot be opened for writing" in told or "is read-only" in told for told in office.troubles())
    assert not any("database" in told for told in office.troubles())
    office.runtime.close()


def test_a_mail_over_which_our_own_code_fails_is_put_before_people_after_some_tries(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sick(reading: Reading, *rest: Any) -> Decision:
        if "1-CV/TU" in reading.subject:
            raise ZeroDivisionError
        return decide(reading, *rest)

    monkeypatch.setattr(processor, "decide", sick)
    with at_work(site) as office:
        office.until_watching()
        office.deliver(dovecot, paper(site, 1), paper(site, 2))
        office.until_states("held", "decided")
        assert len(office.said("mail.failed")) == processor.FAILURES
        assert "unreadable" in office.waiting_for_people()
        office.until_sent(UNITS)
        office.until_well()
    assert each_once(smtp_sink, UNITS)


def test_the_alarm_is_raised_once_when_the_database_itself_is_the_trouble(site: OfficeSite, tmp_path: Path) -> None:
    call = tmp_path / "call.py"
    call.write_text(f"open({str(tmp_path / 'calls')!r}, 'a').write('x')\n", "utf-8")
    main = site.folder / "mailbot.yaml"
    main.write_text(f"{main.read_text('utf-8')}alarm: {{command: [{sys.executable}, {call}]}}\n", "utf-8")
    office = FaultyOffice(site, [])
    with held(site):
        for _ in range(4):
            look(office.runtime, office.runtime.now())
            office.offset += ALARM_AFTER
    assert (tmp_path / "calls").read_text() == "x"
    office.runtime.close()


def test_two_daemons_on_one_site_the_second_refuses_and_the_first_works_on(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    first = DaemonProcess(site.folder)
    first.start()
    first.until_watching()
    second = subprocess.run(
        [sys.executable, "-m", "mailbot", "run", "-C", str(site.folder)], capture_output=True, text=True, timeout=60
    )
    assert second.returncode == ALREADY_RUNNING
    assert "mailbot.lock" in second.stderr
    dovecot.deliver(site.office, paper(site, 1))
    smtp_sink.wait_for(UNITS, 60)
    assert first.stop() == 0
    assert each_once(smtp_sink, UNITS)


def test_a_log_that_cannot_be_written_stops_nothing(site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    # As it is started by a service manager: Python keeps a buffer of what it could not write.
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("ab") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailbot", "run", "-C", str(site.folder), "--log-level", "debug"],
            stderr=full,
            env=buffered,
        )
    path = site.folder / "var" / "mailbot.db"

    def watching() -> bool:
        if not path.exists():
            return False
        with closing(sqlite3.connect(path, timeout=30)) as db:
            try:
                return bool(db.execute(f"select 1 from daemon_state where key = 'good mailbox {KEY}'").fetchone())
            except sqlite3.OperationalError:
                return False

    try:
        until(watching, "the mailbox to be watched", 60)
        dovecot.deliver(site.office, paper(site, 1))
        smtp_sink.wait_for(UNITS, 60)
        process.terminate()
        process.wait(60)
    finally:
        process.kill()
    assert each_once(smtp_sink, UNITS)


# --- the clock -------------------------------------------------------------------------------------------------------


def reminders(office: FaultyOffice) -> int:
    """Return how many mails to units there are that are no copy of a paper."""
    table = TABLES["outbox"]
    with office.runtime.store.read() as connection:
        return len(connection.execute(table.select().where(table.c.purpose != "directive")).all())


def to_a_morning_of_work(office: FaultyOffice, days: int) -> timedelta:
    """Return how far off the first morning (09:00) of work after so many days is."""
    calendar = office.runtime.in_force.site.office.working_time
    now = office.runtime.now()
    moment = (now + timedelta(days=days)).astimezone(calendar.zone).replace(hour=9, minute=0)
    while not calendar.is_working_day(moment.date()):
        moment += timedelta(days=1)
    return moment - now


def test_a_clock_that_jumps_a_month_ahead_and_back_reminds_nobody_and_decides_nothing_meanwhile(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site, jumps=True) as office:
        office.until_watching()
        office.deliver(dovecot, paper(site, 1))
        office.until_sent(UNITS)
        before = reminders(office)
        office.offset = to_a_morning_of_work(office, days=31)  # every limit has passed, and it is the hour to remind
        ahead = office.runtime.now()
        office.until_told("jumped ahead")
        office.deliver(dovecot, paper(site, 2))
        until(lambda: office.states() == ["decided", "new"], "the mail to be journalled and to wait")
        until(lambda: office.runtime.signs_of_life[DUE] > ahead, "a tick to have come")
        assert reminders(office) == before
        office.offset = timedelta()
        office.until_sent(2 * UNITS)
        office.until_well()
        assert reminders(office) == before
        assert [line["seconds"] > 0 for line in office.said("clock.jumped")] == [True, False]
        with office.runtime.store.read() as connection:
            decided = connection.execute(sa.select(TABLES["message"].c.decided_at)).scalars().all()
        assert max(decided) < ahead, "nothing bears the wrong date"
    assert each_once(smtp_sink, 2 * UNITS)


def test_what_a_clock_that_ran_ahead_has_put_off_leaves_when_it_is_set_back(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    port = free_port()
    change(site, f"port: {smtp_sink.port}", f"port: {port}")
    with at_work(site, jumps=True) as office:
        office.until_watching()
        office.offset = timedelta(minutes=50)
        office.deliver(dovecot, paper(site, 1))
        until(lambda: len(office.said("mail.not_sent")) == UNITS, "the first tries")
        change(site, f"port: {port}", f"port: {smtp_sink.port}")
        office.daemon.reload()
        office.offset = timedelta()
        office.until_sent(UNITS)
        office.until_well()
    assert each_once(smtp_sink, UNITS)


def test_a_scheduler_whose_clock_was_set_back_ticks_at_once() -> None:
    ticked = threading.Event()
    moves = iter([timedelta(), timedelta(hours=-1)])
    ticks = Clock({"due": (3600, ticked.set)}, lambda: next(moves, timedelta()))
    ticks.start()
    try:
        assert ticked.wait(30), "the next tick was an hour away"
    finally:
        ticks.close()


@pytest.mark.parametrize(
    ("moves", "moved", "doubted"),
    [
        ([0, 10, -10], [0, 0, 0], [False, False, False]),
        ([1800], [1800], [False]),
        ([7200], [7200], [True]),
        ([7200, -7200], [7200, -7200], [True, False]),
        ([2400, 2400], [2400, 2400], [False, False]),
        ([-7200], [-7200], [False]),
        ([86400 * 365, 0], [86400 * 365, 0], [True, True]),
    ],
)
def test_which_jumps_are_noticed_and_which_are_doubted(moves: list[int], moved: list[int], doubted: list[bool]) -> None:
    wall = [datetime(2026, 10, 5, tzinfo=UTC)]
    jumps = Jumps(lambda: wall[0], lambda: 0.0)
    found = []
    for seconds in moves:
        wall[0] += timedelta(seconds=seconds)
        found.append((int(jumps.look().total_seconds()), jumps.doubted))
    assert found == list(zip(moved, doubted, strict=True))


def test_a_clock_that_stays_ahead_is_believed_after_a_while() -> None:
    elapsed, ahead = [0.0], timedelta(days=2)
    start = datetime(2026, 10, 5, tzinfo=UTC)
    shift = [timedelta()]
    jumps = Jumps(lambda: start + timedelta(seconds=elapsed[0]) + shift[0], lambda: elapsed[0])
    shift[0] = ahead
    assert (jumps.look(), jumps.doubted) == (ahead, True)
    elapsed[0] += BELIEVED_AFTER_SECONDS - 1
    assert (jumps.look(), jumps.doubted) == (timedelta(), True)
    elapsed[0] += 1
    assert not jumps.doubted
