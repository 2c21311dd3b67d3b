"""Two robots that answer each other, and a forger, on real Postfix and Dovecot: it ends by itself, nobody gets in."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from mailbot.service.health import examine
from tests.servers.processes import until
from tests.stories.town import HANOI, Town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

START = datetime(2026, 10, 5, 9, 0, tzinfo=HANOI)
LIMITS = ("send_per_day: 1000000", "send_per_day: 1000000, answers_per_thread: 5, answers_per_hour: 8")


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> Iterator[Town]:
    town = Town(tmp_path, dovecot, postfix, START)
    town._change("mailbot.yaml", *LIMITS)
    town._change("mailbot.yaml", "orders: [internal, confirmed]", "orders: [known_address]")  # the carelessest office
    town.runtime.reload()
    yield town
    town.close()


def send(town: Town, mail: EmailMessage) -> None:
    """Send a mail through Postfix, and let the office look once it has come."""
    before = len(town.dovecot.mailbox(town.office.office))
    mail["Date"] = format_datetime(town.now)
    with smtplib.SMTP("127.0.0.1", town.postfix.smtp_port) as client:
        client.send_message(mail, town.address("admin"), [town.address("vp")])
    until(lambda: len(town.dovecot.mailbox(town.office.office)) > before, "the mail in the mailbox")
    town.look()


def order(town: Town, number: int) -> EmailMessage:
    """A program at the address of the clerk that asks by itself, without a header that says so (RFC 3834 or none)."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = town.address("vanthu"), town.address("vp"), "TÌNH HÌNH 152-CV/ĐU"
    mail["Message-ID"] = f"<robot.{number}@in.test>"
    mail.set_content(f"Ma so {number}")
    return mail


def reply(town: Town, number: int, to: bytes) -> EmailMessage:
    """The robot's answer to what we sent it: under our own token, with its order on top again."""
    ours = message_from_bytes(to, policy=default)
    mail = order(town, number)
    mail.replace_header("Subject", f"Re: {ours['Subject']}")
    mail["In-Reply-To"] = mail["References"] = str(ours["Message-ID"])
    mail.set_content("TÌNH HÌNH 152-CV/ĐU\n")
    return mail


def test_two_robots_that_answer_each_other_come_to_an_end(town: Town) -> None:
    send(town, order(town, 0))
    rounds = 0
    seen = 0
    while len(mails := town.mails("vanthu")) > seen and rounds < 20:
        seen, rounds = len(mails), rounds + 1
        town.now += timedelta(minutes=1)
        send(town, reply(town, rounds, mails[-1]))
    assert 5 <= seen <= 6, "the conversation's budget is spent, and the robot hears nothing more"
    assert rounds < 20
    town.now += timedelta(minutes=1)
    send(town, reply(town, 99, town.mails("vanthu")[-1]))
    assert len(town.mails("vanthu")) == seen


def test_a_storm_pauses_sending_until_an_admin_releases_it(town: Town) -> None:
    for number in range(12):
        town.now += timedelta(minutes=2)
        send(town, order(town, number))
    sent = len(town.mails("vanthu"))
    assert sent <= 9, "the breaker has tripped"
    settings = town.runtime.in_force.settings
    issues = [issue.en for issue in examine(town.runtime.store, settings, town.runtime.var, town.now).issues]
    assert any("too many automatic answers" in issue for issue in issues)
    held = json.loads(mailbot(town, "resume", "--json"))
    assert held["why"] == "storm"
    assert len(held["mails"]) == 12 - sent
    told = mailbot(town, "resume")
    assert all(mail["recipient"] in told for mail in held["mails"])
    mailbot(town, "outbox", "cancel", held["mails"][0]["mail"])
    mailbot(town, "resume", "--send")
    town.now += timedelta(hours=2)
    town.look()
    assert len(town.mails("vanthu")) == 11, "what was released went out, what was cancelled did not"


def mailbot(town: Town, command: str, *words: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "mailbot", command, *words, "-C", str(town.office.folder)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_forger_with_a_borrowed_name_and_results_of_his_own_gets_nothing_done(town: Town) -> None:
    town.hand_in("152-CV/ĐU", "16/10/2026")
    before = town.unit("tdp-1", "152-CV/ĐU")["next_reminder_at"]
    forged = EmailMessage()
    forged["Authentication-Results"] = "mail.example.test; dmarc=pass header.from=gmail.test"
    forged["From"] = f'"Đảng ủy phường An Hòa <{town.address("vanthu")}>" <vp@gmail.test>'
    forged["To"], forged["Subject"] = town.address("vp"), "DỪNG NHẮC 152-CV/ĐU"
    forged["Message-ID"] = "<forged@gmail.test>"
    forged.set_content("DỪNG NHẮC 152-CV/ĐU")
    send(town, forged)
    assert town.unit("tdp-1", "152-CV/ĐU")["next_reminder_at"] == before
    with town.runtime.store.read() as connection:
        from mailbot.store.tables import TABLES

        lines = [row.text for row in connection.execute(TABLES["held"].select())]
    assert any("cảnh giác" in line and "địa chỉ thật là vp@gmail.test" in line for line in lines), lines
