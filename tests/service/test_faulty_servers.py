"""Mail servers on bad days: nothing is lost or doubled, health and log say why, and all goes on by itself."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest

from mailbot.service import fetcher
from mailbot.store import outbox
from tests.office_site import OfficeSite, write_site
from tests.servers.door import Door, door, mute
from tests.servers.misbehaving import Habit, misbehaving
from tests.servers.processes import free_port, until
from tests.service.faulty_office import KEY, at_work, change, each_once, paper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

UNITS = 3
BREAK = "hay dut o day"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of tests are short; that they grow is tested elsewhere."""
    monkeypatch.setattr(fetcher, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(fetcher, "LONGEST_PAUSE", 0.2)


@pytest.fixture
def before(dovecot: Dovecot) -> Iterator[Door]:
    """The door before the office's IMAP server."""
    with door(dovecot.imap_port) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, before: Door, smtp_sink: SmtpSink) -> OfficeSite:
    office = write_site(tmp_path / "site", imap=before.port, smtp=smtp_sink.port, units=UNITS)
    change(office, "password: secret}", "password: secret, timeout: 1}")
    return office


@pytest.mark.parametrize("stalls", [False, True], ids=["hangs up", "falls silent"])
def test_a_line_that_breaks_in_the_middle_of_a_mail_loses_and_doubles_nothing(
    site: OfficeSite, before: Door, dovecot: Dovecot, smtp_sink: SmtpSink, stalls: bool
) -> None:
    with at_work(site) as office:
        office.until_watching()
        before.breaks_at, before.stalls = BREAK.encode(), stalls
        office.deliver(dovecot, paper(site, 1), paper(site, 2, BREAK), paper(site, 3))
        office.until_told("was lost" if not stalls else "did not answer in time")
        until(lambda: office.states().count("decided") == 2, "the others to be decided")
        assert office.said("mailbox.trouble")
        before.breaks_at, before.stalls = None, False
        office.until_states(*["decided"] * 3)
        office.until_sent(3 * UNITS)
        office.until_well()
        assert each_once(smtp_sink, 3 * UNITS)
        assert sorted(office.numbers()) == [413, 414, 415]


def test_a_mail_over_which_its_server_always_breaks_off_is_put_before_people_and_stops_no_other(
    site: OfficeSite, before: Door, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site) as office:
        office.until_watching()
        before.breaks_at = BREAK.encode()
        office.deliver(dovecot, paper(site, 1, BREAK), paper(site, 2), paper(site, 3, BREAK), paper(site, 4))
        office.until_states("held", "decided", "held", "decided")
        assert {line["message"] for line in office.said("mail.not_handed_out")} == {1, 3}
        office.until_sent(2 * UNITS)
        assert each_once(smtp_sink, 2 * UNITS)
        office.until_well()
        assert before.connections < 6 * fetcher.FETCHES, "no storm of connections"


def test_idle_that_dies_silently_is_found_and_the_mailbox_entered_again(
    site: OfficeSite, before: Door, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site) as office:
        office.until_watching()
        before.silent = True
        office.deliver(dovecot, paper(site, 1))
        office.until_told("did not answer in time")
        assert not office.states()
        before.silent = False
        office.until_sent(UNITS)
        office.until_well()
        assert each_once(smtp_sink, UNITS)


def test_a_mail_that_is_expunged_under_us_is_accounted_for_as_gone(
    site: OfficeSite, before: Door, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    def expunge(line: bytes) -> None:
        if b"BODY.PEEK[]" in line and not removed:
            removed.append(line)
            with dovecot.client(site.office) as client:
                client.select_folder("INBOX")
                client.delete_messages(client.search(["SUBJECT", "2-CV/TU"]))
                client.expunge()

    removed: list[bytes] = []
    with at_work(site) as office:
        office.until_watching()
        before.before = expunge
        office.deliver(dovecot, paper(site, 1), paper(site, 2), paper(site, 3))
        office.until_states("decided", "gone", "decided")
        assert [line["mails"] for line in office.said("mail.gone")] == [[2]]
        office.until_sent(2 * UNITS)
        office.until_well()
        assert each_once(smtp_sink, 2 * UNITS)


@pytest.mark.parametrize("told", [1, 900_000_000], ids=["far too small", "far too large"])
def test_a_server_that_lies_about_sizes_makes_no_mail_too_large_for_us(
    site: OfficeSite, before: Door, dovecot: Dovecot, smtp_sink: SmtpSink, told: int
) -> None:
    change(site, "limits: {", "limits: {mail_size: 50000, ")
    with at_work(site) as office:
        office.until_watching()
        before.size = told
        office.deliver(dovecot, paper(site, 1), paper(site, 2, attachment=b"x" * 100_000))
        until(lambda: office.states() and "new" not in office.states(), "both to have an outcome")
        outcomes = [row["outcome"] for row in office.journal()]
        assert outcomes == (["rule", "too_large"] if told == 1 else ["too_large", "too_large"])
        before.size = None
        office.deliver(dovecot, paper(site, 3))
        until(lambda: office.states()[2:] == ["decided"], "the honest server's mail")
        office.until_well()


def test_a_body_that_comes_empty_is_not_taken_for_an_empty_mail(
    site: OfficeSite, before: Door, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with at_work(site) as office:
        office.until_watching()
        before.empty = True
        office.deliver(dovecot, paper(site, 1))
        office.until_told("hands out an empty mail")
        assert office.states() == ["new"]
        before.empty = False
        office.until_sent(UNITS)
        office.until_well()
        assert each_once(smtp_sink, UNITS)


def test_a_folder_that_its_server_renumbers_is_taken_up_and_decides_nothing_again(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    from tests.servers import dovecot as dovecot_server

    for server in dovecot_server.running():
        site = write_site(tmp_path / "site", imap=server.imap_port, smtp=smtp_sink.port, units=UNITS)
        with at_work(site) as office:
            office.until_watching()
            office.deliver(server, paper(site, 1))
            office.until_sent(UNITS)
            server.stop()
            for index in (server.folder / "home" / site.office / "Maildir").glob("dovecot*"):
                index.unlink()  # what is left after a restore of mail from a backup
            server.start()
            until(lambda: office.said("mailbox.renumbered"), "the new numbers to be noticed", 60)
            office.deliver(server, paper(site, 2))
            office.until_sent(2 * UNITS)
            assert sorted(office.states()) == ["decided", "decided", "repeated"]
            office.until_well()
        assert each_once(smtp_sink, 2 * UNITS)


BAD_NEIGHBOURS = {
    "password file that is not there": ("password: secret", "password: file:khong-co", "khong-co"),
    "folder that is not there": ("watch: [INBOX]", "watch: [Không có]", "Không có"),
    "server that hangs in TLS": ("tls: none, user", "tls: implicit, user", "did not answer in time"),
    "server that hangs": ("", "", "did not answer in time"),
    "nobody listens": ("", "", "refuses connections"),
}


@pytest.mark.parametrize("fault", BAD_NEIGHBOURS)
def test_one_failing_mailbox_stops_no_other(fault: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    site = write_site(tmp_path / "two", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS)
    main = site.folder / "mailbot.yaml"
    text = main.read_text("utf-8")
    start, end = text.index("  van-phong:"), text.index("registers:")
    old, new, told = BAD_NEIGHBOURS[fault]
    with mute() as silent:
        bad = text[start:end].replace("van-phong:", "hong:").replace(f"{site.office}@", "hong@").replace(old, new)
        bad = bad.replace("password:", "timeout: 1, password:")
        if "hangs" in fault:
            bad = bad.replace(str(dovecot.imap_port), str(silent))
        if "nobody" in fault:
            bad = bad.replace(str(dovecot.imap_port), str(free_port()))
        main.write_text(text[:start] + bad + text[start:], "utf-8")
        with at_work(site) as office:
            office.until_watching()
            office.deliver(dovecot, paper(site, 1))
            office.until_sent(UNITS)
            office.until_told(told)
            assert all(f"mailbox {KEY}" not in issue for issue in office.troubles())
            assert {line["mailbox"] for line in office.said("mailbox.trouble")} == {"hong"}
            assert each_once(smtp_sink, UNITS)


def test_one_missing_folder_stops_no_other_folder_and_is_watched_when_it_comes(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    change(site, "watch: [INBOX]", "watch: [Đơn vị gửi, INBOX]")
    with at_work(site) as office:
        office.until_told("Đơn vị gửi")
        office.deliver(dovecot, paper(site, 1))
        office.until_sent(UNITS)
        assert office.said("mailbox.folder_refused")
        with dovecot.client(site.office) as client:
            client.create_folder("Đơn vị gửi")
        office.until_well()
        with dovecot.client(site.office) as client:
            client.append("Đơn vị gửi", paper(site, 2))
        office.until_sent(2 * UNITS)
        assert each_once(smtp_sink, 2 * UNITS)


# --- servers for sending ---------------------------------------------------------------------------------------------


def test_a_server_for_sending_that_is_down_keeps_health_bad_until_it_takes_mail(
    site: OfficeSite, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    port = free_port()
    change(site, f"port: {smtp_sink.port}", f"port: {port}")
    with at_work(site) as office:
        office.until_watching()
        office.deliver(dovecot, paper(site, 1))
        until(lambda: office.said("mail.not_sent"), "the first try")
        until(lambda: office.outbox() == {"ready": UNITS}, "all tries to have failed")
        assert office.daemon.senders[KEY].wait_until_idle(60)
        office.until_told("refuses connections")  # still, when nothing is under way
        change(site, f"port: {port}", f"port: {smtp_sink.port}")
        office.daemon.reload()
        office.later(outbox.FIRST_PAUSE * 2)
        office.until_sent(UNITS)
        office.until_well()
        assert each_once(smtp_sink, UNITS)


def test_an_answer_that_comes_after_minutes_is_waited_for_and_nothing_is_sent_again(
    site: OfficeSite, dovecot: Dovecot
) -> None:
    with misbehaving(Habit.ANSWERS_WHEN_TOLD) as server:
        port = (
            (site.folder / "mailbot.yaml").read_text("utf-8").split("smtp: {host: 127.0.0.1, port: ")[1].split(",")[0]
        )
        change(site, f"port: {port}", f"port: {server.port}")
        with at_work(site) as office:
            office.until_watching()
            office.deliver(dovecot, paper(site, 1))
            until(lambda: len(server.mails) == UNITS, "all to wait for their answer")
            office.later(outbox.LEASE + timedelta(minutes=1))  # longer than a claim of the dead would last
            office.deliver(dovecot, paper(site, 2))  # the sender has something to claim
            until(lambda: office.outbox() == {"ready": 2 * UNITS}, "the next mails to be composed")
            server.may_answer.set()
            office.until_sent(2 * UNITS)
            office.until_well()
        ids = [str(message_from_bytes(raw)["Message-ID"]) for raw in server.mails if b"-tdp" in raw]
        assert len(ids) == len(set(ids)) == 2 * UNITS


def test_of_many_recipients_one_is_busy_and_one_is_gone_and_the_others_have_it(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    with misbehaving(Habit.DEFERS_ONE_RECIPIENT) as server:
        site = write_site(tmp_path / "many", imap=dovecot.imap_port, smtp=server.port, units=UNITS)
        units = site.folder / "rules" / "directory.yaml"
        text = units.read_text("utf-8")
        for number, name in ((2, "busy"), (3, "gone")):
            text = text.replace(site.address(f"tdp{number}"), f"{name}@in.test")
        units.write_text(text, "utf-8")
        with at_work(site) as office:
            office.until_watching()
            office.deliver(dovecot, paper(site, 1))
            until(lambda: office.outbox() == {"sent": 1, "ready": 1, "failed": 1}, f"each: {office.outbox()}")
            assert {line["code"] for line in office.said("mail.not_sent")} == {450, 550}
            server.habit = Habit.BEHAVES
            assert office.waiting_for_people(), "the clerk is told of the unit that no mail reaches"
            office.later(outbox.FIRST_PAUSE * 2)
            office.until_sent(2)
            office.until_well()
        ids = [str(message_from_bytes(raw)["Message-ID"]) for raw in server.mails]
        assert len(ids) == len(set(ids))
