"""Whole lives on the desk, on both databases: from the paper that comes in to the last word about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot.service.due import plan_due
from mailbot.store import views
from tests.example_office import CLERK, directive, mail
from tests.store.test_lists import the_list
from tests.store.test_meetings import CANCELLED, FIRST, MOVED, THCS, calendar_of, invite, to_thcs
from tests.store.test_orders import CELLS, order, pending, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def pass_time(desk: Desk, end: datetime) -> None:
    """Let every slot of the office come and go until then."""
    office = desk.site.office
    while (following := office.working_time.next_slot(desk.now + timedelta(minutes=1), office.reminders_at)) <= end:
        desk.now = following
        with desk.store.write() as connection:
            plan_due(connection, desk.site, desk.envelope, desk.now)
    desk.now = end


def test_a_meeting_moved_twice_and_cancelled_is_one_event_and_nobody_is_asked_in_vain(desk: Desk) -> None:
    invite(desk, FIRST.format(number=21), "Giấy mời số 21-GM/ĐU họp sơ kết quý III")
    first = to_thcs(desk)
    desk.answer(THCS, "Dự họp", to=THCS)
    invite(desk, MOVED, "Giấy mời số 22-GM/ĐU thay Giấy mời số 21-GM/ĐU")
    later = (
        MOVED.replace("22-GM", "23-GM")
        .replace("21-GM", "22-GM")
        .replace("14 giờ 00 ngày 15/10/2026", "08 giờ 00 ngày 16/10/2026")
    )
    later = later.replace("08 giờ 00 ngày 16/10/2026 (thứ Sáu)", "08 giờ 00 ngày 19/10/2026 (thứ Hai)")
    invite(desk, later, "Giấy mời số 23-GM/ĐU thay Giấy mời số 22-GM/ĐU")
    desk.answer(THCS, "Xin vắng, lý do đi công tác", to=THCS)
    invite(desk, CANCELLED.format(number=23), "V/v hủy họp sơ kết quý III")
    calendar = calendar_of(desk, to_thcs(desk))
    (event,) = calendar.walk("VEVENT")
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (first["message_id"].strip("<>"), 3)
    assert str(calendar["METHOD"]) == "CANCEL"
    asked = len(desk.rows("outbox", purpose="reminder"))
    pass_time(desk, datetime(2026, 10, 30, 17, 0, tzinfo=HANOI))
    assert len(desk.rows("outbox", purpose="reminder")) == asked, "what is cancelled reminds nobody"
    said = [row["what"] for row in desk.rows("event") if row["what"] in ("accepted", "declined")]
    assert said == ["accepted", "declined"], "what was answered before stays in the log"


def test_a_cell_on_paper_is_on_the_clerk_s_list_and_noted_by_the_clerk_s_word(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Chi bộ Tổ dân phố 5.")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    (listed,) = desk.one("outbox", purpose="paper_list")["values"]["units"]
    assert (listed["name"], "ĐT 0900.000.005" in listed["contact"]) == ("Chi bộ Tổ dân phố 5", True)
    pass_time(desk, datetime(2026, 10, 8, 8, 0, tzinfo=HANOI))
    matters = [matter for row in desk.rows("outbox", purpose="clerk_list") for matter in row["values"]["matters"]]
    assert "nhắc bằng điện thoại" in matters[-1]["text"]
    assert desk.rows("outbox", purpose="reminder") == [], "nobody mails a cell without a mailbox"
    (line,) = order(desk, "GHI NHẬN 152-CV/ĐU Chi bộ Tổ dân phố 5 đã nhận bản giấy ngày 08/10, đ/c Đức ký nhận")
    assert line["done"], line
    (line,) = order(desk, "GHI NHẬN 152-CV/ĐU Chi bộ Tổ dân phố 5 đã báo cáo bằng bản giấy")
    delivery = desk.one("delivery")
    assert (delivery["handling"], delivery["satisfied"], pending(desk)) == ("completed", True, [])


def test_two_answers_that_contradict_each_other_are_both_kept_and_the_last_one_counts(desk: Desk) -> None:
    invite(desk, FIRST.format(number=21), "Giấy mời số 21-GM/ĐU họp sơ kết quý III")
    desk.answer(THCS, "Dự họp", to=THCS)
    desk.answer(THCS, "Xin vắng, lý do họp phụ huynh", to=THCS)
    desk.answer(THCS, "Chi bộ đã sắp xếp được, dự họp", to=THCS)
    delivery = desk.one("delivery", unit="thcs")
    said = [row for row in desk.rows("event", delivery_ref=delivery["id"]) if row["what"] in ("accepted", "declined")]
    assert [row["what"] for row in said] == ["accepted", "declined", "accepted"]
    assert delivery["rsvp"] == "accepted"
    assert any("xin vắng" in row["text"] for row in desk.rows("held")), "the clerk has seen the change of mind"


def test_a_report_with_its_file_completes_the_task_and_is_found_in_the_log(desk: Desk) -> None:
    released(desk)
    pass_time(desk, datetime(2026, 10, 13, 9, 0, tzinfo=HANOI))
    before = len(desk.rows("outbox", purpose="reminder"))
    address = CELLS["det-may"]
    desk.answer(address, "Chi bộ gửi báo cáo", to=address, files={"bao-cao-quy-3.txt": "BÁO CÁO kết quả"})
    delivery = desk.one("delivery", unit="det-may")
    assert (delivery["handling"], delivery["satisfied"]) == ("completed", True)
    pass_time(desk, datetime(2026, 10, 16, 9, 0, tzinfo=HANOI))
    reminded = desk.rows("outbox", purpose="reminder")[before:]
    assert {row["recipient"] for row in reminded} == {CELLS["hop-tac-xa"]}
    with desk.store.read() as connection:
        story = views.history(connection, "delivery", delivery["id"])
    done = next(item for item in story if item["what"] == "completed")
    kept = next(row for row in desk.rows("message") if row["id"] == done["message_ref"])
    assert kept["archive_hash"], "the mail with its file is in the archive"
    assert done["address"] == address


def test_a_mass_send_is_confirmed_and_another_one_expires(desk: Desk) -> None:
    everybody = "Các chi bộ trực thuộc Đảng ủy phường."
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive("152-CV/ĐU", everybody)))
    assert desk.one("outbox", purpose="confirm_before_send")["values"]["unit_count"] == 13
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    desk.take(mail(CLERK, "Công văn 153-CV/ĐU v/v báo cáo", directive("153-CV/ĐU", everybody), at=desk.now))
    pass_time(desk, datetime(2026, 10, 7, 14, 0, tzinfo=HANOI))
    assert [row["state"] for row in desk.rows("document")] == ["released", "cancelled"]
    assert len(desk.rows("outbox", purpose="confirm_expired")) == 1
    sent = {row["document_ref"] for row in desk.rows("outbox", purpose="directive")}
    assert sent == {desk.rows("document")[0]["id"]}, "what nobody confirmed went to nobody"


def test_an_unknown_address_is_a_question_and_never_a_guess(desk: Desk) -> None:
    released(desk)
    desk.answer("la@example.com", "Gửi báo cáo", to=CELLS["det-may"], submitted=False, files={"bc.txt": "BÁO CÁO"})
    assert desk.one("delivery", unit="det-may")["handling"] is None
    (matter,) = the_list(desk)
    cell = "Chi bộ Công ty Dệt may Hưng Hải"
    assert matter["answers"] == [f"1 {cell}", f"1 {cell}, ghi nhớ địa chỉ", "1 bỏ qua"]
