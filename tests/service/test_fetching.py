"""A mailbox as people really have it: full of old mail, read by others, renumbered, slow, moved about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailbot.service.daemon import Daemon, SiteLock, once
from mailbot.service.fetcher import LONGEST_PAUSE, next_pause
from mailbot.service.runtime import Runtime
from mailbot.store import views
from mailbot.store.tables import TABLES
from tests.office_site import DIRECTIVE_TEXT, OfficeSite, official, write_site
from tests.servers.processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> OfficeSite:
    return write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port)


@pytest.fixture
def runtime(office: OfficeSite) -> Iterator[Runtime]:
    made = Runtime(office.folder)
    yield made
    made.close()


def paper(office: OfficeSite, number: int, subject: str = "chuyển ngay") -> bytes:
    text = DIRECTIVE_TEXT.format(number=f"{number}-CV/TU", due="30/10/2026")
    return official(office.address("tu"), office.address("vp"), f"{subject} {number}-CV/TU", text).as_bytes()


def journal(runtime: Runtime) -> list[dict[str, Any]]:
    with runtime.store.read() as connection:
        return sorted(views.messages(connection), key=lambda row: row["id"])


def to_units(sink: SmtpSink) -> list[str]:
    return sorted(address for mail in sink.mails for address in mail.recipients if "-tdp" in address)


def to_admin(office: OfficeSite, sink: SmtpSink) -> list[str]:
    """Return the texts of the mails that the admin got."""
    found = [mail.raw for mail in sink.mails if office.address("admin") in mail.recipients]
    parts = [message_from_bytes(raw, policy=default).get_body(("plain",)) for raw in found]
    return [part.get_content() for part in parts if part is not None]


def test_the_first_start_never_mails_the_past(
    office: OfficeSite, runtime: Runtime, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    dovecot.deliver_many(office.office, [paper(office, number) for number in (1, 2, 3)])
    once(runtime)
    assert [row["state"] for row in journal(runtime)] == ["before_start"] * 3
    assert not smtp_sink.mails
    dovecot.deliver(office.office, paper(office, 4))
    once(runtime)
    assert [row["state"] for row in journal(runtime)] == ["before_start"] * 3 + ["decided"]
    assert to_units(smtp_sink) == [office.address(f"tdp{number}") for number in (1, 2, 3)]


def test_shadow_decides_and_records_everything_and_sends_to_the_clerk_alone(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    office = write_site(tmp_path / "shadow", imap=dovecot.imap_port, smtp=smtp_sink.port, mode="shadow")
    runtime = Runtime(office.folder)
    once(runtime)
    dovecot.deliver(office.office, paper(office, 1))
    once(runtime)
    with runtime.store.read() as connection:
        mails = views.mails(connection)
        document = views.matrix(connection, 1)
    runtime.close()
    assert document["book_number"] == 413
    assert len(document["units"]) == 3
    assert {mail["state"] for mail in mails if "-tdp" in mail["recipient"]} == {"shadow"}
    assert {address for mail in smtp_sink.mails for address in mail.recipients} <= {office.address("vanthu")}


def test_mail_that_people_have_read_is_decided_all_the_same(
    office: OfficeSite, runtime: Runtime, dovecot: Dovecot
) -> None:
    once(runtime)
    dovecot.deliver(office.office, paper(office, 1))
    with dovecot.client(office.office) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), [b"\\Seen"])
    once(runtime)
    assert [row["state"] for row in journal(runtime)] == ["decided"]


def test_done_mail_is_flagged_and_not_marked_as_read(office: OfficeSite, runtime: Runtime, dovecot: Dovecot) -> None:
    once(runtime)
    dovecot.deliver(office.office, paper(office, 1))
    once(runtime)
    with dovecot.client(office.office) as client:
        client.select_folder("INBOX")
        flags = {flag.lower() for flag in next(iter(client.get_flags(client.search()).values()))}
    assert b"$mailbotdone" in flags
    assert b"\\seen" not in flags


def test_a_renumbered_mailbox_decides_nothing_again(
    office: OfficeSite, runtime: Runtime, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with dovecot.client(office.office) as client:
        client.append("INBOX", paper(office, 1), (), datetime.now(UTC) - timedelta(hours=1))
    once(runtime)
    dovecot.deliver(office.office, paper(office, 2))
    once(runtime)
    sent = len(smtp_sink.mails)
    # What the server does when it loses its index: the same mails under another UIDVALIDITY.
    with runtime.store.write() as connection:
        cursor = TABLES["mailbox_cursor"]
        connection.execute(sa.update(cursor).values(uidvalidity=cursor.c.uidvalidity - 1))
        message = TABLES["message"]
        connection.execute(sa.update(message).values(uidvalidity=message.c.uidvalidity - 1))
    once(runtime)
    assert [row["state"] for row in journal(runtime)] == ["before_start", "decided", "before_start", "repeated"]
    assert len(smtp_sink.mails) == sent


def test_the_same_mail_twice_is_one_document(office: OfficeSite, runtime: Runtime, dovecot: Dovecot) -> None:
    once(runtime)
    same = paper(office, 1)
    dovecot.deliver_many(office.office, [same, same])
    once(runtime)
    assert [row["state"] for row in journal(runtime)] == ["decided", "repeated"]
    with runtime.store.read() as connection:
        assert len(views.documents(connection)) == 1


def test_the_same_paper_in_another_mail_gets_no_second_number(
    office: OfficeSite, runtime: Runtime, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    once(runtime)
    text = DIRECTIVE_TEXT.format(number="7-CV/TU", due="30/10/2026")
    for subject in ("chuyển ngay 7-CV/TU", "chuyển ngay: gửi lại 7-CV/TU"):
        mail = official(
            office.address("tu"), office.address("vp"), subject, text, attachment=b"%PDF-1.4 scan", name="7.pdf"
        )
        dovecot.deliver(office.office, mail.as_bytes())
    once(runtime)
    assert [row["outcome"] for row in journal(runtime)] == ["rule", "same_document"]
    assert len(to_units(smtp_sink)) == 3


def test_mail_older_than_the_limit_is_held_for_the_clerk(
    office: OfficeSite, runtime: Runtime, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    once(runtime)
    with dovecot.client(office.office) as client:
        client.append("INBOX", paper(office, 1), (), datetime.now(UTC) - timedelta(days=30))
    once(runtime)
    assert [(row["state"], row["outcome"]) for row in journal(runtime)] == [("held", "too_old")]
    assert not to_units(smtp_sink)


@pytest.mark.parametrize("sender", ["tu", "vanthu"])
def test_a_mail_with_a_secrecy_mark_is_moved_and_stored_nowhere(
    office: OfficeSite,
    runtime: Runtime,
    dovecot: Dovecot,
    smtp_sink: SmtpSink,
    sender: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A superior's paper, and one of ours that is to go out: neither is kept, indexed, quoted, logged or sent on."""
    once(runtime)
    word = "Kếhoạchbímậtđặcbiệt"
    mail = official(
        office.address(sender),
        office.address("vp"),
        f"[TỐI MẬT] {word}",
        f"Nội dung {word}",
        attachment=word.encode(),
        name=f"{word}.bin",
    )
    dovecot.deliver(office.office, mail.as_bytes())
    once(runtime)
    assert [row["state"] for row in journal(runtime)] == ["quarantined"]
    assert len(dovecot.mailbox(office.office, "Cách ly")) == 1
    assert not dovecot.mailbox(office.office)
    told = [item for item in smtp_sink.mails if office.address("baomat") in item.recipients]
    assert len(told) == 1
    for sent in smtp_sink.mails:
        assert not any("-tdp" in recipient for recipient in sent.recipients)
        parsed = message_from_bytes(sent.raw, policy=default)
        shown = [part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"]
        assert word not in "\n".join([str(parsed["Subject"]), *shown])
    logged = capsys.readouterr()
    assert "mail.decided" in logged.out + logged.err
    assert word not in logged.out + logged.err
    for path in (office.folder / "var").rglob("*"):
        if path.is_file():
            assert word.encode() not in path.read_bytes()


def test_a_mailbox_that_cannot_be_reached_stops_no_other(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    office = write_site(tmp_path / "two", imap=dovecot.imap_port, smtp=smtp_sink.port)
    text = (office.folder / "mailbot.yaml").read_text("utf-8")
    start = text.index("  van-phong:")
    end = text.index("registers:")
    broken = (
        text[start:end]
        .replace("van-phong:", "hong:")
        .replace(f"{office.office}@", "hong@")
        .replace(str(dovecot.imap_port), "1")
    )
    (office.folder / "mailbot.yaml").write_text(text[:start] + broken + text[start:], "utf-8")
    runtime = Runtime(office.folder)
    daemon = Daemon(runtime)
    daemon.start()
    try:
        until(lambda: "good mailbox van-phong" in marks(runtime), "the good mailbox to be watched")
        dovecot.deliver(office.office, paper(office, 1))
        until(lambda: len(to_units(smtp_sink)) == 3, "the good mailbox to be served")
        assert "trouble mailbox hong" in marks(runtime)
    finally:
        daemon.stop()
        runtime.close()


def marks(runtime: Runtime) -> set[str]:
    with runtime.store.read() as connection:
        return {str(key) for key in connection.execute(sa.select(TABLES["daemon_state"].c.key)).scalars()}


def test_a_server_that_restarts_is_found_again(office: OfficeSite, runtime: Runtime, smtp_sink: SmtpSink) -> None:
    from tests.servers import dovecot as dovecot_server

    for server in dovecot_server.running():
        text = (office.folder / "mailbot.yaml").read_text("utf-8")
        old = f"port: {runtime.in_force.settings.mailboxes['van-phong'].imap.port}, tls: none, user: {office.office}"
        (office.folder / "mailbot.yaml").write_text(
            text.replace(old, old.replace(old.split(",")[0], f"port: {server.imap_port}")), "utf-8"
        )
        own = Runtime(office.folder)
        daemon = Daemon(own)
        daemon.start()
        try:
            until(lambda own=own: "good mailbox van-phong" in marks(own), "the mailbox to be watched")
            server.stop()
            until(lambda own=own: "trouble mailbox van-phong" in marks(own), "the dead connection to be found")
            server.start()
            server.deliver(office.office, paper(office, 1))
            until(lambda: len(to_units(smtp_sink)) == 3, "the mail to be found after the restart", 60)
        finally:
            daemon.stop()
            own.close()


def test_two_daemons_on_one_site_are_refused(office: OfficeSite, runtime: Runtime) -> None:
    from mailbot.problems import MailbotError

    with SiteLock(runtime.var), pytest.raises(MailbotError) as refused:
        once(runtime)
    assert "already running" in refused.value.text.en


def test_a_bad_change_is_refused_the_last_good_stays_and_the_admin_is_told(
    office: OfficeSite, runtime: Runtime, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    daemon = Daemon(runtime)
    daemon.start()
    try:
        until(lambda: "good mailbox van-phong" in marks(runtime), "the mailbox to be watched")
        rules = office.folder / "rules" / "10-rules.yaml"
        good = rules.read_text("utf-8")
        rules.write_text(good.replace("group:chi-bo", "group:khong-co"), "utf-8")
        daemon.reload()
        dovecot.deliver(office.office, paper(office, 1))
        until(lambda: len(to_units(smtp_sink)) == 3, "the last good rules to work")
        until(lambda: to_admin(office, smtp_sink), "the admin to be told")
        daemon.reload()
        rules.write_text(
            good.replace(
                "send: {to: [group:chi-bo], template: directive_from_superior}",
                "send: {to: [unit:tdp-1], template: directive_from_superior}",
            ),
            "utf-8",
        )
        daemon.reload()
        dovecot.deliver(office.office, paper(office, 2))
        until(lambda: len(to_units(smtp_sink)) == 4, "the new rules to work")
        told = to_admin(office, smtp_sink)
        assert len(told) == 1, "one mail for one bad change, however often it is looked at"
        assert "rules/10-rules.yaml:" in told[0]
        assert "khong-co" in told[0]
        assert "trouble site" not in marks(runtime)
    finally:
        daemon.stop()


def test_pauses_grow_with_failures_up_to_five_minutes_and_jitter_shortens_them() -> None:
    assert [next_pause(failures, 0.0) for failures in (1, 2, 3)] == [2.0, 4.0, 8.0]
    assert next_pause(30, 0.0) == LONGEST_PAUSE
    assert next_pause(1, 1.0) == 1.0
