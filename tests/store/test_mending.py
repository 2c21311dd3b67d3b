"""Papers that went out wrong: another file, a correction, a recall, a paper in another's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailbot.routing.returning import bounced
from mailbot.service.due import plan_due
from mailbot.store import outbox
from mailbot.store.threads import thread_by_outbox
from tests.example_office import CLERK, LEADER, directive, mail
from tests.store.test_lists import the_list
from tests.store.test_orders import CELLS, later, order, pending, released

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.store.desk import Desk

RIGHT = {"152-CV-DU-phu-luc-dung.txt": "Phụ lục đúng"}
NEW_PARTS = "c" * 64


def out(desk: Desk) -> None:
    """Release 152-CV/ĐU and let the server take it."""
    released(desk)
    desk.send()


def states(desk: Desk) -> dict[str, str | None]:
    return {row["unit"]: row["exchange"] for row in desk.rows("delivery")}


def slots(desk: Desk, count: int) -> None:
    """Let so many slots of the office come and go, with all that is sent in them."""
    for _ in range(count):
        office = desk.site.office
        desk.now = office.working_time.next_slot(desk.now + timedelta(minutes=1), office.reminders_at)
        with desk.store.write() as connection:
            plan_due(connection, desk.site, desk.envelope, desk.now)
        desk.send()


# --- THAY TỆP ------------------------------------------------------------------------------------------------------


def replaced(desk: Desk, words: str = "THAY TỆP 152-CV/ĐU thiếu phụ lục 2") -> list[str]:
    """Order another file; return the rows of the transcript."""
    desk.parts = NEW_PARTS
    (line,) = order(desk, words, files=RIGHT)
    desk.parts = "b" * 64
    assert line["done"], line
    return list(line["rows"])


def test_a_file_is_replaced_at_every_unit_that_has_the_old_one(desk: Desk) -> None:
    out(desk)
    desk.answer(CELLS["det-may"], "Đã nhận", to=CELLS["det-may"])
    rows = replaced(desk)
    assert rows == ["đã dùng bản cũ: Chi bộ Công ty Dệt may Hưng Hải (đã xác nhận nhận 06/10)"]
    told = desk.rows("outbox", purpose="replacement_file")
    assert sorted(row["recipient"] for row in told) == sorted(CELLS.values())
    assert {(row["shared_hash"], row["values"]["words"]) for row in told} == {(NEW_PARTS, "thiếu phụ lục 2")}
    assert {row["values"]["first_sent_at"] for row in told} == {"06/10/2026"}
    document = desk.one("document")
    assert (document["shared_hash"], document["plan"]["values"]["attachments"]) == (NEW_PARTS, list(RIGHT))
    assert states(desk) == {"det-may": "file_open", "hop-tac-xa": "file_open"}


def test_who_has_the_right_file_says_so_and_is_asked_no_more(desk: Desk) -> None:
    out(desk)
    replaced(desk)
    desk.now += timedelta(minutes=11)
    desk.send()
    desk.answer(CELLS["det-may"], "Đã nhận bản đúng", to=CELLS["det-may"], purpose="replacement_file")
    desk.answer(CELLS["hop-tac-xa"], "da nhan", to=CELLS["hop-tac-xa"], purpose="directive")
    assert states(desk) == {"det-may": "file_done", "hop-tac-xa": "file_open"}, "an answer to the old mail is none"
    slots(desk, 3)
    reminded = desk.rows("outbox", purpose="reminder")
    assert {row["recipient"] for row in reminded} == {CELLS["hop-tac-xa"]}
    assert reminded[0]["values"]["expected"] == "xác nhận đã nhận bản đúng"
    desk.answer(CELLS["hop-tac-xa"], "Đã nhận", to=CELLS["hop-tac-xa"], purpose="reminder")
    assert states(desk)["hop-tac-xa"] == "file_done", "the reminder asked for just that"


def test_nobody_is_asked_forever_and_at_last_the_clerk_telephones(desk: Desk) -> None:
    out(desk)
    for cell in CELLS.values():
        desk.answer(cell, "Gửi báo cáo", to=cell, files={"bao-cao.txt": "Báo cáo"})
    replaced(desk)
    slots(desk, 20)
    asked = [row["recipient"] for row in desk.rows("outbox", purpose="reminder")]
    assert sorted(asked) == sorted([*CELLS.values()] * 3)
    lines = [row["text"] for row in desk.rows("held", reason="remind_by_telephone")]
    assert len(lines) == 2
    assert all("chưa ghi nhận xác nhận đã nhận bản đúng" in line for line in lines), lines


def test_a_report_made_by_the_old_file_is_told_to_the_clerk(desk: Desk) -> None:
    out(desk)
    desk.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    replaced(desk)
    desk.answer(
        CELLS["hop-tac-xa"],
        "Gửi báo cáo",
        to=CELLS["hop-tac-xa"],
        purpose="directive",
        files={"bao-cao.txt": "Báo cáo khác"},
    )
    lines = [row["text"] for row in desk.rows("held", reason="report_on_old_file")]
    assert lines == [
        "152-CV/ĐU: Chi bộ Công ty Dệt may Hưng Hải đã báo cáo theo bản cũ, cần xem lại báo cáo",
        "Chi bộ Hợp tác xã An Hòa, 152-CV/ĐU: gửi báo cáo khi chưa xác nhận bản đúng, có thể theo bản cũ",
    ]


def test_a_unit_that_has_nothing_yet_gets_the_right_file_alone(desk: Desk) -> None:
    released(desk)
    desk.compose()
    replaced(desk)
    assert desk.rows("outbox", purpose="replacement_file") == []
    waiting = desk.rows("outbox", purpose="directive")
    assert {(row["shared_hash"], row["state"]) for row in waiting} == {(NEW_PARTS, "planned")}
    assert states(desk) == {"det-may": None, "hop-tac-xa": None}


def test_what_was_composed_while_its_file_was_replaced_is_composed_anew(desk: Desk) -> None:
    released(desk)
    with desk.store.read() as connection:
        stale = [outbox.Fixed(row.id, b"old", "h", "s", "t", row.boundary) for row in outbox.planned(connection, 100)]
    replaced(desk)
    with desk.store.write() as connection:
        outbox.fix(connection, stale)
    mine = {row["id"] for row in desk.rows("outbox", purpose="directive")}
    assert {row["state"] for row in desk.rows("outbox", purpose="directive")} == {"planned"}
    assert not [row for row in desk.rows("outbox_head") if row["outbox_ref"] in mine]


def test_a_replaced_file_is_taken_back_with_its_order(desk: Desk) -> None:
    out(desk)
    before = desk.one("document")
    reminders = pending(desk)
    replaced(desk)
    order(desk, "HỦY LỆNH")
    assert desk.one("document") == before
    assert states(desk) == {"det-may": None, "hop-tac-xa": None}
    assert pending(desk) == reminders
    assert {row["state"] for row in desk.rows("outbox", purpose="replacement_file")} == {"cancelled"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("THAY TỆP 152-CV/ĐU", "thư chưa kèm tệp đúng"),
        ("ĐÍNH CHÍNH 152-CV/ĐU", "chưa rõ đính chính nội dung gì"),
        ("THU HỒI 999-CV/ĐU", "chưa thấy văn bản số 999-CV/ĐU"),
        ("GỬI LẠI 152-CV/ĐU Chi bộ Không Có", "danh bạ không có"),
    ],
)
def test_what_cannot_be_done_says_why(desk: Desk, words: str, why: str) -> None:
    out(desk)
    (line,) = order(desk, words)
    assert (line["done"], why in line["result"]) == (False, True), line


def test_a_new_file_for_internal_use_does_not_follow_the_old_one_to_a_public_mailbox(desk: Desk) -> None:
    domain = CELLS["det-may"].partition("@")[2]
    desk.site = replace(desk.site, papers=replace(desk.site.papers, public_domains=frozenset({domain})))
    out(desk)
    inside = {"152-CV-DU-phu-luc.txt": "ĐẢNG CỘNG SẢN VIỆT NAM\nSố 152-CV/ĐU\nLưu hành nội bộ\nPHỤ LỤC\n"}
    (line,) = order(desk, "THAY TỆP 152-CV/ĐU", files=inside)
    assert not line["done"]
    assert "không gửi tới hộp thư công cộng của" in line["result"], line
    assert "Chi bộ Công ty Dệt may Hưng Hải" in line["result"], line
    assert desk.rows("outbox", purpose="replacement_file") == []


def test_a_file_replaced_twice_reaches_nobody_in_its_first_form(desk: Desk) -> None:
    out(desk)
    replaced(desk)
    replaced(desk, "THAY TỆP 152-CV/ĐU lại thiếu phụ lục 3")
    told = {(row["state"], row["values"]["words"]) for row in desk.rows("outbox", purpose="replacement_file")}
    assert told == {("cancelled", "thiếu phụ lục 2"), ("planned", "lại thiếu phụ lục 3")}
    order(desk, "HỦY LỆNH")
    states_of = {row["values"]["words"]: row["state"] for row in desk.rows("outbox", purpose="replacement_file")}
    assert states_of == {"thiếu phụ lục 2": "planned", "lại thiếu phụ lục 3": "cancelled"}


# --- ĐÍNH CHÍNH ----------------------------------------------------------------------------------------------------


def test_a_correction_says_what_is_right_and_is_confirmed(desk: Desk) -> None:
    out(desk)
    order(desk, "ĐÍNH CHÍNH 152-CV/ĐU hạn báo cáo là ngày 14/10/2026, không phải ngày 16/10/2026")
    told = desk.rows("outbox", purpose="correction")
    assert {row["values"]["words"] for row in told} == {"hạn báo cáo là ngày 14/10/2026, không phải ngày 16/10/2026"}
    assert desk.one("document")["shared_hash"] == "b" * 64, "the paper stays as it is"
    desk.answer(CELLS["det-may"], "Đã nhận đính chính", to=CELLS["det-may"], purpose="correction")
    assert states(desk) == {"det-may": "correction_done", "hop-tac-xa": "correction_open"}


# --- THU HỒI -------------------------------------------------------------------------------------------------------


def test_a_recall_reaches_every_unit_stops_its_reminders_and_tracks_who_confirms(desk: Desk) -> None:
    out(desk)
    (line,) = order(desk, "THU HỒI 152-CV/ĐU ban hành chưa đúng thẩm quyền")
    assert line["result"] == "thu hồi 152-CV/ĐU ở 02 đơn vị"
    assert desk.one("document")["state"] == "recalled"
    assert {row["needs"] for row in desk.rows("reminder", state="pending")} == {"exchange"}
    assert all(row["satisfied"] for row in desk.rows("delivery"))
    told = desk.rows("outbox", purpose="recall")
    assert {(row["values"]["words"], row["shared_hash"]) for row in told} == {("ban hành chưa đúng thẩm quyền", None)}
    desk.now += timedelta(minutes=11)
    desk.send()
    desk.answer(CELLS["det-may"], "Đã hủy", to=CELLS["det-may"], purpose="recall")
    assert states(desk) == {"det-may": "recall_done", "hop-tac-xa": "recall_open"}
    assert desk.rows("held", reason="unit_recall_done") == [], "what was asked for is no matter for the clerk"
    desk.answer(CELLS["hop-tac-xa"], "Không đồng ý", to=CELLS["hop-tac-xa"], purpose="recall")
    assert states(desk)["hop-tac-xa"] == "recall_open", "a cell cannot refuse"
    slots(desk, 4)
    assert {row["recipient"] for row in desk.rows("outbox", purpose="reminder")} == {CELLS["hop-tac-xa"]}


def test_what_has_not_left_is_kept_back(desk: Desk) -> None:
    released(desk)
    (line,) = order(desk, "THU HỒI 152-CV/ĐU")
    assert line["result"] == "thu hồi 152-CV/ĐU ở 00 đơn vị; 02 đơn vị chưa gửi: giữ lại, không gửi nữa"
    assert {row["state"] for row in desk.rows("outbox", purpose="directive")} == {"cancelled"}
    assert desk.rows("outbox", purpose="recall") == []
    later(desk)
    assert desk.rows("reminder", state="pending") == []


def test_a_recall_that_is_taken_back_leaves_everything_as_it_was(desk: Desk) -> None:
    released(desk)
    reminders = pending(desk)
    order(desk, "THU HỒI 152-CV/ĐU")
    order(desk, "HỦY LỆNH")
    assert desk.one("document")["state"] == "released"
    assert {row["state"] for row in desk.rows("outbox", purpose="directive")} == {"planned"}
    assert pending(desk) == reminders
    assert not any(row["satisfied"] for row in desk.rows("delivery"))


def test_what_is_recalled_is_not_recalled_again(desk: Desk) -> None:
    out(desk)
    order(desk, "THU HỒI 152-CV/ĐU")
    (line,) = order(desk, "THU HỒI 152-CV/ĐU")
    assert line["result"] == "152-CV/ĐU đã thu hồi"


def test_a_cell_on_paper_is_on_the_clerk_s_list_and_its_word_is_noted(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Chi bộ Tổ dân phố 5.")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    desk.send()
    order(desk, "THU HỒI 152-CV/ĐU")
    line = desk.one("held", reason="mend_by_hand")
    assert line["text"] == "152-CV/ĐU: thu hồi bản giấy của Chi bộ Tổ dân phố 5"
    assert [one["words"] for one in line["choices"]] == ["đã hủy", "đã nhận bản đúng", "bỏ qua"]
    order(desk, "GHI NHẬN 152-CV/ĐU Chi bộ Tổ dân phố 5 đã hủy bản giấy")
    assert desk.one("delivery")["exchange"] == "recall_done"


def test_a_recall_that_comes_back_is_tried_at_the_next_address_without_the_recalled_files(desk: Desk) -> None:
    out(desk)
    order(desk, "THU HỒI 152-CV/ĐU")
    first = desk.rows("outbox", purpose="recall")[0]
    with desk.store.read() as connection:
        thread = thread_by_outbox(connection, first["id"])
    assert thread is not None
    addresses = (first["recipient"], "khac@example.org")
    thread = replace(thread, deliveries=tuple(replace(one, addresses=addresses) for one in thread.deliveries))
    _, again, _ = bounced(thread, first["recipient"], "5.1.1", "no such user", desk.site, desk.now)
    assert [(mail.recipient, mail.shared) for mail in again] == [("khac@example.org", False)]


# --- the same number once more -------------------------------------------------------------------------------------


def other(text: str = "trước ngày 14/10/2026") -> EmailMessage:
    body = f"Đề nghị các chi bộ báo cáo kết quả về Đảng ủy phường {text} để tổng hợp."
    written = directive(addressees="Các chi bộ doanh nghiệp.", body=body)
    return mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", written, files=RIGHT)


def asked(desk: Desk) -> EmailMessage:
    """Release a paper, then mail it in again with another file; return that mail."""
    out(desk)
    again = other()
    desk.parts = NEW_PARTS
    desk.take(again)
    return again


def test_the_sender_is_asked_and_shown_what_differs_and_nothing_goes_out(desk: Desk) -> None:
    asked(desk)
    question = desk.one("outbox", purpose="same_number")
    assert question["recipient"] == CLERK
    changes = {one["name"]: (one["old"], one["new"]) for one in question["values"]["changes"]}
    assert changes["Tệp"] == ("không có tệp đính kèm", "152-CV-DU-phu-luc-dung.txt (19 byte)")
    assert changes["Thời hạn"] == ("trước ngày 16/10/2026", "trước ngày 14/10/2026")
    assert {row["purpose"] for row in desk.rows("outbox", state="planned")} == {"same_number"}
    (line,) = desk.rows("held", reason="same_number_other_content")
    assert [one["words"] for one in line["choices"]] == ["thay tệp", "đính chính", "thay thế", "bỏ qua"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [("THAY TỆP", ""), ("THAY TỆP lý do …", ""), ("thay tep ly do sai phu luc", "sai phu luc")],
)
def test_thay_tep_sends_the_right_file(desk: Desk, words: str, reason: str) -> None:
    again = asked(desk)
    desk.answer(CLERK, words, to=CLERK, purpose="same_number")
    desk.again(again)
    told = {(row["shared_hash"], row["values"]["words"]) for row in desk.rows("outbox", purpose="replacement_file")}
    assert told == {(NEW_PARTS, reason)}
    assert states(desk) == {"det-may": "file_open", "hop-tac-xa": "file_open"}
    (line,) = desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]
    assert line["result"] == "thay tệp 152-CV/ĐU, gửi bản đúng tới 02 đơn vị"
    assert line["rows"][-1].startswith("thời hạn trong bản mới là trước ngày 14/10/2026; thời hạn theo dõi vẫn là")
    assert len(desk.rows("document")) == 1
    assert desk.rows("held", reason="same_number_other_content", state="open") == []


def test_dinh_chinh_tells_what_differs(desk: Desk) -> None:
    again = asked(desk)
    desk.answer(CLERK, "ĐÍNH CHÍNH", to=CLERK, purpose="same_number")
    desk.again(again)
    (words,) = {row["values"]["words"] for row in desk.rows("outbox", purpose="correction")}
    assert words == "thời hạn: trước ngày 14/10/2026 (trước đây: trước ngày 16/10/2026)"


def test_bo_qua_does_nothing(desk: Desk) -> None:
    again = asked(desk)
    desk.answer(CLERK, "Bỏ qua", to=CLERK, purpose="same_number")
    decision = desk.again(again)
    assert [reason.code for reason in decision.reasons] == ["left_as_it_was"]
    assert decision.mails == ()


def test_a_second_word_on_the_same_question_is_told_to_a_person(desk: Desk) -> None:
    again = asked(desk)
    desk.answer(CLERK, "Bỏ qua", to=CLERK, purpose="same_number")
    desk.again(again)
    desk.answer(CLERK, "THAY TỆP", to=CLERK, purpose="same_number")
    assert "đến sau khi đã xử lý" in desk.one("held", reason="already_decided")["text"]
    assert desk.rows("outbox", purpose="replacement_file") == []


def test_who_is_not_believed_is_asked_back_and_not_which_file(desk: Desk) -> None:
    out(desk)
    written = other()
    del written["Received"]
    desk.take(written)
    assert desk.rows("outbox", purpose="same_number") == []
    assert desk.one("outbox", purpose="refused")["recipient"] == CLERK


def test_the_clerk_may_say_it_on_the_list_too(desk: Desk) -> None:
    again = asked(desk)
    the_list(desk)
    desk.answer(CLERK, "1 thay tệp", to=CLERK, purpose="clerk_list")
    desk.again(again)
    assert len(desk.rows("outbox", purpose="replacement_file")) == 2


def test_thay_the_waits_for_dong_y_and_then_takes_the_old_one_s_place(desk: Desk) -> None:
    again = asked(desk)
    old = desk.one("document")
    desk.answer(CLERK, "THAY THẾ", to=CLERK, purpose="same_number")
    desk.again(again)
    question = desk.rows("outbox", purpose="confirm_before_send")[-1]
    assert question["values"]["replaces"].startswith("Công văn số 152-CV/ĐU")
    assert {unit for unit, _ in pending(desk)} == set(CELLS), "until then the old one stands"
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    first, second = desk.rows("document")
    assert (first["state"], second["state"]) == ("superseded", "released")
    assert (second["series"], second["book_number"]) == (old["series"], old["book_number"])
    over = {row["id"] for row in desk.rows("delivery", document_ref=first["id"])}
    assert not [row for row in desk.rows("reminder", state="pending") if row["delivery_ref"] in over]
    sent = desk.rows("outbox", purpose="directive", document_ref=second["id"])
    assert len(sent) == 2
    (line,) = order(desk, "NHẮC 152-CV/ĐU")
    assert line["done"], "the number is that of the new one"


def test_a_new_paper_that_says_what_it_replaces_does_the_same(desk: Desk) -> None:
    out(desk)
    body = (
        "Công văn này thay thế Công văn số 152-CV/ĐU, ngày 06/10/2026 của Đảng ủy phường.\n"
        "Đề nghị các chi bộ báo cáo kết quả về Đảng ủy phường trước ngày 20/10/2026."
    )
    desk.take(mail(CLERK, "Công văn 160-CV/ĐU", directive("160-CV/ĐU", "Các chi bộ doanh nghiệp.", body)))
    question = desk.rows("outbox", purpose="confirm_before_send")[-1]
    assert question["values"]["replaces"].startswith("Công văn số 152-CV/ĐU")
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    assert [row["state"] for row in desk.rows("document")] == ["superseded", "released"]
    assert [row["series"] for row in desk.rows("document")] == ["term 2025-2030"] * 2
    assert {row["number"] for row in desk.rows("document", state="released")} == {"160-CV/ĐU"}


# --- who used it, as people see it ---------------------------------------------------------------------------------


def test_tinh_hinh_shows_who_used_the_old_file_and_who_has_not_confirmed(desk: Desk) -> None:
    out(desk)
    desk.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    replaced(desk)
    later(desk)
    desk.send()
    desk.answer(CELLS["det-may"], "Đã nhận bản đúng", to=CELLS["det-may"], purpose="replacement_file")
    desk.take(mail(CLERK, "", "TÌNH HÌNH 152-CV/ĐU", at=desk.now))
    told = desk.rows("outbox", purpose="status_table")[-1]["values"]
    assert told["mended"] == "Đã nhận bản đúng: 1/2"
    sections = {one["title"]: [(line["name"], line["note"]) for line in one["lines"]] for one in told["sections"]}
    assert sections["Đã dùng bản cũ trước khi được báo"] == [
        ("Chi bộ Công ty Dệt may Hưng Hải", "đã báo cáo 06/10, đã xác nhận nhận 06/10")
    ]
    assert [name for name, _ in sections["Chưa xác nhận bản đúng"]] == ["Chi bộ Hợp tác xã An Hòa"]
    columns = told["workbook"]["columns"]
    rows = {row[0]: dict(zip(columns, row, strict=True)) for row in told["workbook"]["rows"]}
    assert rows["Chi bộ Công ty Dệt may Hưng Hải"]["Thay tệp, thu hồi"] == "đã nhận bản đúng"
    assert rows["Chi bộ Hợp tác xã An Hòa"]["Thay tệp, thu hồi"] == "chưa xác nhận bản đúng"
    assert rows["Chi bộ Hợp tác xã An Hòa"]["Bước tiếp"].startswith("chưa xác nhận bản đúng")


# --- a superior takes its paper back -------------------------------------------------------------------------------

ABOVE = "thanhuy@hunghai.example.vn"


def from_above(number: str, summary: str, body: str = "Đề nghị các đồng chí báo cáo trước ngày 24/10/2026.") -> str:
    return (
        f"THÀNH ỦY HƯNG HẢI\nSố {number}\nV/v {summary}\nHưng Hải, ngày 05 tháng 10 năm 2026\n\n"
        f"Kính gửi: Đảng ủy các phường.\n\n{body}\n"
    )


def test_a_superior_s_recall_is_put_before_the_clerk_with_what_was_passed_down(desk: Desk) -> None:
    desk.take(mail(ABOVE, "Công văn 263-CV/TU", from_above("263-CV/TU", "báo cáo chuyển đổi số")))
    desk.answer(LEADER, "Chuyển các chi bộ doanh nghiệp thực hiện, trước 20/10", to=LEADER)
    desk.send()
    desk.take(
        mail(
            ABOVE,
            "Công văn 270-CV/TU",
            from_above("270-CV/TU", "thu hồi Công văn số 263-CV/TU", "Thành ủy thu hồi Công văn số 263-CV/TU."),
        )
    )
    (line,) = desk.rows("held", reason="superior_withdraws")
    assert line["text"].startswith("270-CV/TU thu hồi 263-CV/TU (số đến "), line["text"]
    assert "đã chuyển xuống: đã gửi 2/2" in line["text"]
    submitted = desk.rows("outbox", purpose="for_instruction")[-1]["values"]
    assert submitted["recall_order"] == "THU HỒI 263-CV/TU"
    assert desk.rows("outbox", purpose="recall") == [], "passing it down is a person's word"
    the_list(desk)
    number = next(
        place
        for place, matter in enumerate(desk.rows("outbox", purpose="clerk_list")[-1]["values"]["matters"], 1)
        if matter["text"].startswith("270-CV/TU thu hồi")
    )
    desk.answer(CLERK, f"{number} thu hồi", to=CLERK, purpose="clerk_list")
    assert sorted(row["recipient"] for row in desk.rows("outbox", purpose="recall")) == sorted(CELLS.values())
    assert desk.one("document", number="263-CV/TU")["state"] == "recalled"
