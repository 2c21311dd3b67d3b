"""Our meetings from the paper to the ledger: calendar parts, changes, postponements and cancellations."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import icalendar

from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import Planned, SendingMailbox, compose_mail
from tests.example_office import CLERK, mail

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
THCS = "thcsanhoa@example.org"
FIRST = """\
ĐẢNG ỦY PHƯỜNG AN HÒA
Số {number}-GM/ĐU
An Hòa, ngày 06 tháng 10 năm 2026

GIẤY MỜI

Kính gửi: Các chi bộ trường học.

Ban Thường vụ Đảng ủy kính mời các đồng chí dự họp sơ kết quý III.
Thời gian: 14 giờ 00, ngày 15/10/2026 (thứ Năm)
Địa điểm: Hội trường tầng 2, Đảng ủy phường
Xác nhận dự họp qua thư điện tử trước 16 giờ 00 ngày 13/10/2026.
"""
MOVED = """\
ĐẢNG ỦY PHƯỜNG AN HÒA
Số 22-GM/ĐU
An Hòa, ngày 08 tháng 10 năm 2026

GIẤY MỜI
(thay Giấy mời số 21-GM/ĐU)

Kính gửi: Các chi bộ trường học.

Do thay đổi lịch công tác, Ban Thường vụ Đảng ủy chuyển cuộc họp sơ kết quý III từ 14 giờ 00 ngày 15/10/2026 sang
08 giờ 00 ngày 16/10/2026 (thứ Sáu).
Địa điểm: Phòng họp số 1
"""
CANCELLED = (
    "Hủy cuộc họp sơ kết quý III đã mời tại Giấy mời số {number}-GM/ĐU vì lý do đột xuất. Kính báo các đồng chí."
)


def invite(desk: Desk, text: str, subject: str) -> None:
    desk.now += timedelta(minutes=10)
    desk.take(mail(CLERK, subject, text, at=desk.now))
    if any(row["state"] == "awaiting_confirmation" for row in desk.rows("document")):
        desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")


def first(desk: Desk) -> None:
    invite(desk, FIRST.format(number=21), "Giấy mời số 21-GM/ĐU họp sơ kết quý III")


def to_thcs(desk: Desk) -> dict[str, Any]:
    return desk.rows("outbox", purpose="invitation", recipient=THCS)[-1]


def calendar_of(desk: Desk, row: dict[str, Any]) -> icalendar.Calendar:
    """Compose a planned mail as the daemon does, and return its calendar part."""
    document = next(each for each in desk.rows("document") if each["id"] == row["document_ref"])
    values = (document["plan"] or {}).get("values", {}) | row["values"]
    planned = Planned(
        **{name: row[name] for name in ("id", "token", "message_id", "mailbox", "purpose", "template", "recipient")},
        recipient_name=row["recipient_name"],
        values=values,
        shared_hash=None,
        boundary=None,
    )
    mailbox = SendingMailbox("vanphong@anhoa.example.vn", "Đảng ủy phường An Hòa", "Asia/Ho_Chi_Minh", False)
    fixed = compose_mail(Letters(desk.site.templates), planned, mailbox, desk.now)
    parsed = message_from_bytes(fixed.head, policy=default)
    (part,) = [each for each in parsed.walk() if each.get_content_type() == "text/calendar"]
    assert part.get_param("method") is not None
    return icalendar.Calendar.from_ical(part.get_content())


def test_an_invitation_goes_out_with_a_request_that_calendars_show_with_buttons(desk: Desk) -> None:
    first(desk)
    calendar = calendar_of(desk, to_thcs(desk))
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(calendar["VERSION"])) == ("REQUEST", "2.0")
    assert calendar.walk("VTIMEZONE")
    assert event.decoded("DTSTART") == datetime(2026, 10, 15, 14, 0, tzinfo=HANOI)
    assert event.decoded("DTEND") > event.decoded("DTSTART")
    assert (int(event["SEQUENCE"]), str(event["STATUS"])) == (0, "CONFIRMED")
    assert str(event["UID"]) == to_thcs(desk)["message_id"].strip("<>")
    assert str(event["LOCATION"]) == "Hội trường tầng 2, Đảng ủy phường"
    assert str(event["ORGANIZER"]) == "mailto:vanphong@anhoa.example.vn"
    assert str(event["ATTENDEE"]) == f"mailto:{THCS}"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert "DTSTAMP" in event


def test_a_recalled_invitation_is_taken_out_of_the_calendar(desk: Desk) -> None:
    first(desk)
    uid = to_thcs(desk)["message_id"].strip("<>")
    desk.send()
    desk.now += timedelta(minutes=10)
    desk.take(mail(CLERK, "THU HỒI 21-GM/ĐU nhầm ngày họp", "", at=desk.now))
    (recall,) = desk.rows("outbox", purpose="recall", recipient=THCS)
    calendar = calendar_of(desk, recall)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["UID"])) == ("CANCEL", uid)
    assert (int(event["SEQUENCE"]), str(event["STATUS"])) == (1, "CANCELLED")


def answer_of_a_calendar(row: dict[str, Any], status: str) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = THCS, "vanphong@anhoa.example.vn", "Accepted: họp"
    written["Message-ID"], written["Date"] = "<cal@client.example.org>", "Tue, 6 Oct 2026 09:10:00 +0700"
    written.set_content(
        "BEGIN:VCALENDAR\r\nPRODID:-//x//EN\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        f"UID:{row['message_id'].strip('<>')}\r\nSEQUENCE:0\r\nDTSTAMP:20261006T021000Z\r\nDTSTART:20261015T070000Z\r\n"
        f"ORGANIZER:mailto:vanphong@anhoa.example.vn\r\nATTENDEE;PARTSTAT={status}:mailto:{THCS}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        subtype="calendar",
        params={"method": "REPLY"},
    )
    return written


def test_a_button_in_a_calendar_answers_the_invitation_by_its_uid_alone(desk: Desk) -> None:
    first(desk)
    desk.take(answer_of_a_calendar(to_thcs(desk), "ACCEPTED"))
    assert desk.one("delivery", unit="thcs")["rsvp"] == "accepted"


def test_a_moved_meeting_changes_the_event_in_words_and_in_the_calendar_and_ends_the_old_reminders(desk: Desk) -> None:
    first(desk)
    old = to_thcs(desk)
    desk.answer(THCS, "Dự họp", to=THCS)
    invite(desk, MOVED, "Giấy mời số 22-GM/ĐU thay Giấy mời số 21-GM/ĐU")
    new = to_thcs(desk)
    assert new["template"] == "invitation_change"
    (event,) = calendar_of(desk, new).walk("VEVENT")
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (old["message_id"].strip("<>"), 1)
    assert event.decoded("DTSTART") == datetime(2026, 10, 16, 8, 0, tzinfo=HANOI)
    assert new["values"]["previous_answer"] == "Dự họp"
    document = desk.rows("document")[-1]
    values = document["plan"]["values"]
    assert (values["old_start_short"], values["new_start_short"]) == (
        "14 giờ 00 thứ Năm 15/10",
        "08 giờ 00 thứ Sáu 16/10",
    )
    olds = {row["id"] for row in desk.rows("delivery", document_ref=desk.rows("document")[0]["id"])}
    assert not [row for row in desk.rows("reminder", state="pending") if row["delivery_ref"] in olds]
    again = desk.rows("delivery", unit="thcs")[-1]
    assert (again["rsvp"], again["satisfied"]) == (None, False), "who had answered is asked again"


def test_a_cancelled_meeting_is_taken_out_of_the_calendar_and_asks_for_nothing(desk: Desk) -> None:
    first(desk)
    old = to_thcs(desk)
    invite(desk, CANCELLED.format(number=21), "V/v hủy họp sơ kết quý III")
    new = to_thcs(desk)
    assert (new["template"], new["recipient"]) == ("invitation_cancelled", THCS)
    calendar = calendar_of(desk, new)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCEL", "CANCELLED", 1)
    assert str(event["UID"]) == old["message_id"].strip("<>")
    assert desk.rows("reminder", state="pending") == []
    assert all(row["satisfied"] for row in desk.rows("delivery"))


def test_a_meeting_moved_twice_keeps_its_event_and_counts_on(desk: Desk) -> None:
    first(desk)
    old = to_thcs(desk)
    invite(desk, MOVED, "Giấy mời số 22-GM/ĐU thay Giấy mời số 21-GM/ĐU")
    again = (
        MOVED.replace("22-GM", "23-GM")
        .replace("21-GM", "22-GM")
        .replace("08 giờ 00 ngày 16/10/2026 (thứ Sáu)", "08 giờ 00 ngày 19/10/2026 (thứ Hai)")
        .replace("14 giờ 00 ngày 15/10/2026", "08 giờ 00 ngày 16/10/2026")
    )
    invite(desk, again, "Giấy mời số 23-GM/ĐU thay Giấy mời số 22-GM/ĐU")
    (event,) = calendar_of(desk, to_thcs(desk)).walk("VEVENT")
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (old["message_id"].strip("<>"), 2)


def test_a_change_on_short_notice_gives_the_clerk_everybody_s_number(desk: Desk) -> None:
    first(desk)
    desk.now = datetime(2026, 10, 15, 8, 0, tzinfo=HANOI)
    invite(desk, CANCELLED.format(number=21), "V/v hủy họp sơ kết quý III")
    (line,) = desk.rows("held", reason="late_change")
    assert "Chi bộ Trường THCS An Hòa: " in line["text"]
