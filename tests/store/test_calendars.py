"""Meetings of the ledger for calendars: a unit's feed, and the week's lịch công tác with superiors' invitations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import icalendar
import pytest

from mailbot.reporting.schedule import first_day, unit_feed, week_of, week_rows
from mailbot.store.meetings import all_meetings
from tests.example_office import CLERK, mail
from tests.store.test_meetings import CANCELLED, FIRST, MOVED, first, invite, to_thcs

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SUPERIOR = """\
THÀNH ỦY HƯNG HẢI
Số 88-GM/TU
Hưng Hải, ngày 06 tháng 10 năm 2026

GIẤY MỜI

Ban Thường vụ Thành ủy kính mời đồng chí Bí thư Đảng ủy phường An Hòa dự hội nghị trực tuyến về chuyển đổi số.
Thời gian: 08 giờ 00, ngày 14/10/2026 (thứ Tư)
Địa điểm: Hội trường Thành ủy
"""


def feed(desk: Desk) -> list[icalendar.Event]:
    with desk.store.read() as connection:
        found = all_meetings(connection)
    made, count = unit_feed(found, "thcs", "Lịch họp", HANOI, ("Văn phòng", "vanphong@anhoa.example.vn"))
    calendar = icalendar.Calendar.from_ical(made)
    assert str(calendar["METHOD"]) == "PUBLISH"
    events = calendar.walk("VEVENT")
    assert len(events) == count
    return events  # type: ignore[no-any-return]


def week(desk: Desk) -> list[list[str]]:
    with desk.store.read() as connection:
        return week_rows(all_meetings(connection), "2026-W42", HANOI)


def test_a_unit_s_feed_has_the_event_of_its_invitation_as_it_was_changed_last(desk: Desk) -> None:
    first(desk)
    uid = to_thcs(desk)["message_id"].strip("<>")
    (event,) = feed(desk)
    assert (str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"])) == (uid, 0, "CONFIRMED")
    assert event.decoded("DTSTART") == datetime(2026, 10, 15, 14, 0, tzinfo=HANOI)
    invite(desk, MOVED, "Giấy mời số 22-GM/ĐU thay Giấy mời số 21-GM/ĐU")
    (event,) = feed(desk)
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (uid, 1)
    assert event.decoded("DTSTART") == datetime(2026, 10, 16, 8, 0, tzinfo=HANOI)
    invite(desk, CANCELLED.format(number=22), "V/v hủy họp sơ kết quý III")
    (event,) = feed(desk)
    assert (str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"])) == (uid, 2, "CANCELLED")


def test_a_meeting_that_waits_for_its_word_is_in_no_calendar(desk: Desk) -> None:
    everybody = FIRST.format(number=21).replace("Các chi bộ trường học", "Các chi bộ trực thuộc")
    desk.take(mail(CLERK, "Giấy mời số 21-GM/ĐU họp sơ kết quý III", everybody, at=desk.now))
    assert desk.one("document")["state"] == "awaiting_confirmation"
    with desk.store.read() as connection:
        assert all_meetings(connection) == []


def test_a_superior_s_invitation_goes_to_no_unit_and_into_the_week_with_the_leader_s_word(desk: Desk) -> None:
    first(desk)
    desk.take(mail("thanhuy@hunghai.example.vn", "Giấy mời số 88-GM/TU", SUPERIOR, at=desk.now))
    document = desk.rows("document")[-1]
    assert (document["direction"], document["state"]) == ("incoming", "awaiting_instruction")
    assert desk.rows("delivery", document_ref=document["id"]) == []
    superiors, ours = week(desk)
    assert superiors[0] == "thứ Tư, ngày 14/10/2026"
    assert superiors[1] == "08 giờ 00"
    assert "88-GM/TU" in superiors[2]
    assert (superiors[3], superiors[5]) == ("Hội trường Thành ủy", "chưa phân công")
    assert ours[0] == "thứ Năm, ngày 15/10/2026"
    leader = desk.rows("outbox", purpose="for_instruction")[-1]["recipient"]
    desk.answer(leader, "Đồng chí Hưng dự họp", to=leader, purpose="for_instruction")
    assert week(desk)[0][5] == "Trần Quốc Hưng"
    delivery = desk.one("delivery", document_ref=document["id"])
    assert (delivery["unit"], delivery["ask"], delivery["reason"]) == ("person:bt", "rsvp", "assign: dự họp")


def test_a_cancelled_meeting_stays_in_the_week_and_says_so(desk: Desk) -> None:
    first(desk)
    invite(desk, CANCELLED.format(number=21), "V/v hủy họp sơ kết quý III")
    (row,) = week(desk)
    assert row[2].startswith("HỦY: ")


@pytest.mark.parametrize("words", ["2026-42", "2026-W54", "tuần này"])
def test_what_is_no_week_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_day(words)


def test_a_week_begins_on_monday() -> None:
    assert week_of(first_day("2026-W42")) == "2026-W42"
    assert first_day("2026-W42").isoformat() == "2026-10-12"
