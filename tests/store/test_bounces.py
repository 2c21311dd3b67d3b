"""Bounces of mails to units: the next address, and the clerk within the hour when there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mailbot.service.due import plan_due
from tests.example_office import mail
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from tests.store.desk import Desk


def bounce(desk: Desk, address: str, status: str, words: str) -> None:
    row = desk.rows("outbox", recipient=address)[-1]
    raw = (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: vanphong@anhoa.example.vn\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <b{row['id']}@mx.example.org>\r\nDate: Tue, 6 Oct 2026 09:00:00 +0700\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {row['message_id']}\r\n\r\n--b--\r\n"
    )
    desk.take(raw.encode())


def lists(desk: Desk) -> list[str]:
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)
    return [matter["text"] for row in desk.rows("outbox", purpose="clerk_list") for matter in row["values"]["matters"]]


def test_who_cannot_be_reached_comes_to_the_clerk_within_the_hour_with_the_cause(desk: Desk) -> None:
    released(desk)
    desk.now += timedelta(minutes=30)
    bounce(desk, CELLS["det-may"], "5.2.2", "552 5.2.2 Mailbox full")
    desk.now += timedelta(minutes=20)
    (line,) = lists(desk)
    assert line.startswith("Chi bộ Công ty Dệt may Hưng Hải, 152-CV/ĐU: thư không đến được, hộp thư đầy (5.2.2)")
    assert desk.one("delivery", unit="det-may")["transport"] == "bounced"


def test_other_matters_wait_for_their_slot_beside_an_urgent_one(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["hop-tac-xa"], "Alo alo", to=CELLS["hop-tac-xa"])
    bounce(desk, CELLS["det-may"], "5.1.1", "550 5.1.1 User unknown")
    assert len(lists(desk)) == 1
    desk.now = desk.site.office.working_time.next_slot(desk.now + timedelta(minutes=1), desk.site.office.reminders_at)
    assert len(lists(desk)) == 2


def test_what_the_clerk_did_by_telephone_closes_it(desk: Desk) -> None:
    released(desk)
    bounce(desk, CELLS["det-may"], "5.1.1", "550 5.1.1 User unknown")
    lists(desk)
    desk.answer("vanthu@anhoa.example.vn", "1 đã báo", to="vanthu@anhoa.example.vn", purpose="clerk_list")
    assert desk.one("delivery", unit="det-may")["handling"] == "acknowledged"


def test_a_stranger_s_forged_bounce_moves_nothing(desk: Desk) -> None:
    released(desk)
    desk.take(mail("la@example.com", "Undelivered Mail", "User unknown: detmay@example.org", at=desk.now))
    assert desk.one("delivery", unit="det-may")["transport"] == "queued"
