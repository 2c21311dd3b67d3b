"""Reconciliation on a real mailbox: what is accounted for is told in one line, what is not by its numbers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailbot.service import reconciling
from mailbot.service.daemon import once
from mailbot.service.health import examine
from mailbot.service.runtime import Runtime
from tests.cli.test_bad_input import mailbot
from tests.office_site import DIRECTIVE_TEXT, OfficeSite, official, write_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

EX_DATAERR = 65
MAILS = 3
FIRST = 413


@pytest.fixture
def site(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> OfficeSite:
    """An office that has taken three papers of its superior and sent them on."""
    office = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=2)
    look(office)
    for number in range(1, MAILS + 1):
        text = DIRECTIVE_TEXT.format(number=f"{number}-CV/TU", due="30/10/2026")
        raw = official(office.address("tu"), office.address("vp"), f"chuyển ngay {number}-CV/TU", text)
        dovecot.deliver(office.office, raw.as_bytes())
    look(office)
    return office


@pytest.fixture
def runtime(site: OfficeSite) -> Iterator[Runtime]:
    opened = Runtime(site.folder)
    yield opened
    opened.close()


def look(office: OfficeSite) -> None:
    runtime = Runtime(office.folder)
    once(runtime)
    runtime.close()


def change(office: OfficeSite, statement: str) -> None:
    """Do to the ledger what no code of ours does."""
    with closing(sqlite3.connect(office.folder / "var" / "mailbot.db")) as db, db:
        db.execute(statement)


def found(runtime: Runtime, *, later: timedelta = timedelta()) -> list[str]:
    settings = runtime.in_force.settings
    return [item.en for item in reconciling.reconcile(runtime.store, settings, runtime.now() + later).findings]


def test_an_office_that_lost_nothing_is_told_so_in_one_equation(site: OfficeSite) -> None:
    run = mailbot("reconcile", "-C", str(site.folder))
    assert run.returncode == 0, run.stdout
    assert f"{MAILS} mails received = {MAILS} decided; {MAILS} on the servers were compared." in run.stdout
    assert "Nothing is missing." in run.stdout


def test_a_mail_that_the_journal_lacks_is_named_by_its_uid(site: OfficeSite) -> None:
    change(site, "update message set uid = 99 where uid = 2")
    run = mailbot("reconcile", "-C", str(site.folder))
    assert run.returncode == EX_DATAERR
    assert "1 mail(s) passed by that the journal does not have (UID 2)" in run.stdout


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update message set state = 'new' where id = 1", "mail without an outcome for too long: m1"),
        ("delete from outbox_delivery where delivery_ref = 1", "deliveries by mail of which no mail speaks: 1"),
        ("update outbox set state = 'ready' where id = 1", "mail that has waited to be sent for too long: o1"),
        (f"update document set book_number = 900 where book_number = {FIRST + 1}", f"the numbers {FIRST + 1} are miss"),
    ],
)
def test_what_is_unaccounted_for_is_named(site: OfficeSite, runtime: Runtime, statement: str, told: str) -> None:
    later = timedelta(hours=2)
    assert found(runtime, later=later) == []
    change(site, statement)
    (only,) = found(runtime, later=later)
    assert told in only


def test_what_is_still_under_way_is_no_loss(site: OfficeSite, runtime: Runtime) -> None:
    change(site, "update message set state = 'new' where id = 1")
    change(site, "update outbox set state = 'ready' where id = 1")
    assert found(runtime) == []


def test_a_number_that_was_cancelled_is_not_missing(site: OfficeSite, runtime: Runtime) -> None:
    change(site, f"update document set book_number = 900 where book_number = {FIRST + 1}")
    change(
        site,
        "insert into register_cancellation (book, period, series, number, reason, actor, at)"
        f" select book, period, series, {FIRST + 1}, 'nhầm', 'văn thư', '2026-10-05 00:00:00' from register_counter",
    )
    assert found(runtime) == []


def test_a_mailbox_that_cannot_be_reached_is_a_finding_and_the_ledger_is_looked_at_all_the_same(
    site: OfficeSite, runtime: Runtime, dovecot: Dovecot
) -> None:
    change(site, f"update document set book_number = 900 where book_number = {FIRST + 1}")
    main = site.folder / "mailbot.yaml"
    main.write_text(main.read_text("utf-8").replace(f"port: {dovecot.imap_port}", "port: 1"), "utf-8")
    runtime.reload()
    unreachable, gap = found(runtime)
    assert unreachable.startswith("mailbox van-phong was not compared")
    assert "are missing" in gap


def test_the_daemon_s_findings_are_in_the_health_report_until_the_next_day_s_proof(
    site: OfficeSite, runtime: Runtime
) -> None:
    def told() -> list[str]:
        issues = examine(runtime.store, runtime.in_force.settings, runtime.var, runtime.now()).issues
        return [item.en for item in issues if item.en.startswith("reconciled")]

    change(site, "update message set uid = 99 where uid = 2")
    reconciling.once_a_day(runtime)
    (only,) = told()
    assert "UID 2" in only
    change(site, "update message set uid = 2 where uid = 99")
    reconciling.once_a_day(runtime)
    assert told() == [only], "it looks once a day"
    tomorrow = runtime.now() + timedelta(days=1)
    runtime.now = lambda: tomorrow
    reconciling.once_a_day(runtime)
    assert told() == []
