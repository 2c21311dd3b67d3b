"""`mailbot once`, as cron calls it: what could be done now is done when it ends."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailbot.problems import MailbotError
from mailbot.service.daemon import once
from mailbot.service.runtime import Runtime
from mailbot.store import actions, outbox
from mailbot.store.tables import TABLES
from tests.office_site import DIRECTIVE_TEXT, OfficeSite, official, write_site
from tests.servers.door import door
from tests.servers.misbehaving import Habit, misbehaving
from tests.servers.processes import free_port
from tests.service.faulty_office import KEY, change, each_once, paper

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

UNITS = 2


def one_pass(site: OfficeSite) -> None:
    """Do one pass and show that nothing due was left behind."""
    runtime = Runtime(site.folder)
    try:
        once(runtime)
        with runtime.store.read() as connection:
            assert not outbox.planned(connection, 10)
            due = [outbox.next_due(connection, KEY), actions.next_due(connection, KEY)]
            new = connection.execute(sa.select(TABLES["message"].c.id).where(TABLES["message"].c.state == "new")).all()
        assert not new
        assert all(moment is None or moment > runtime.now() for moment in due)
    finally:
        runtime.close()


def test_a_mail_that_comes_during_the_pass_is_decided_and_sent_in_it(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with door(dovecot.imap_port) as before:
        site = write_site(tmp_path / "site", imap=before.port, smtp=smtp_sink.port, units=UNITS)
        one_pass(site)

        def another(line: bytes) -> None:
            if b"BODY.PEEK[]" in line and not came:
                came.append(line)
                dovecot.deliver(site.office, paper(site, 2))

        came: list[bytes] = []
        before.before = another
        dovecot.deliver(site.office, paper(site, 1))
        one_pass(site)
    assert each_once(smtp_sink, 2 * UNITS)


def test_what_a_refusal_plans_leaves_in_the_same_pass(tmp_path: Path, dovecot: Dovecot) -> None:
    with misbehaving(Habit.DEFERS_ONE_RECIPIENT) as server:
        addresses = "gone@in.test, {p}-tdp{n}@in.test"
        site = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=server.port, units=1, unit_mail=addresses)
        one_pass(site)
        dovecot.deliver(site.office, paper(site, 1))
        one_pass(site)
        assert [site.address("tdp1").encode() in raw for raw in server.mails] == [True]


def test_the_copy_for_the_folder_of_sent_mails_is_saved_in_the_same_pass(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    site = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS)
    change(site, "orders: [internal, confirmed]", "orders: [known_address]")
    one_pass(site)
    text = DIRECTIVE_TEXT.format(number="153-CV/ĐU", due="16/10/2026")
    ours = official(site.address("vanthu"), site.address("vp"), "gửi ngay 153-CV/ĐU", text)
    dovecot.deliver(site.office, ours.as_bytes())
    one_pass(site)
    assert each_once(smtp_sink, UNITS)
    assert len(dovecot.mailbox(site.office, "Sent")) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("smtp: {host: 127.0.0.1", "smtp: {user: vp, password: file:khong-co, host: 127.0.0.1", "khong-co"),
        ("smtp: {host: 127.0.0.1, port: ", "smtp: {host: 127.0.0.1, port: 1", "refuses connections"),
        ("imap: {host: 127.0.0.1, port: ", "imap: {host: 127.0.0.1, port: 1", "refuses connections"),
    ],
    ids=["no password", "no server for sending", "no mailbox"],
)
def test_a_mailbox_that_fails_neither_holds_the_pass_up_nor_stops_another(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, old: str, new: str, told: str
) -> None:
    site = write_site(tmp_path / "two", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS)
    main = site.folder / "mailbot.yaml"
    text = main.read_text("utf-8")
    start, end = text.index("  van-phong:"), text.index("registers:")
    bad = text[start:end].replace("van-phong:", "hong:").replace(f"{site.office}@", "hong@")
    bad = bad.replace(f"user: {site.office}", "user: hong-" + site.office)
    port = free_port()
    bad = bad.replace(old, new).replace(f"port: 1{smtp_sink.port}", f"port: {port}")
    bad = bad.replace(f"port: 1{dovecot.imap_port}", f"port: {port}")
    main.write_text(text[:start] + bad + text[start:], "utf-8")
    with contextlib.suppress(MailbotError):
        one_pass(site)
    dovecot.deliver(f"hong-{site.office}", paper(site, 1))
    dovecot.deliver(site.office, paper(site, 2))
    with pytest.raises(MailbotError) as failed:
        one_pass(site)
    assert told in failed.value.text.en
    assert each_once(smtp_sink, UNITS)
