"""Submit and instruct, on both databases: from the superior's paper over the leader's line to the officer's report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.reporting.registers import answering_number
from mailbot.routing.model import Person
from mailbot.service.due import plan_due
from mailbot.store import views
from mailbot.store.registers import entries
from tests.example_office import CLERK, HANOI, LEADER, mail
from tests.store.test_stories import pass_time

if TYPE_CHECKING:
    from tests.store.desk import Desk

THANH_BINH, HOA_BINH, LAN = (f"{name}@anhoa.example.vn" for name in ("thanhbinh", "hoabinh", "lethilan"))
SUPERIOR = "thanhuy@hunghai.example.vn"
SENT_DOWN = ("assignment", "directive")
PAPER = """THÀNH ỦY HƯNG HẢI
Số {number}
V/v báo cáo kết quả thực hiện Chỉ thị số 05

Hưng Hải, ngày 05 tháng 10 năm 2026

Kính gửi: Đảng ủy các phường

Đề nghị các đồng chí báo cáo kết quả về Thành ủy trước ngày 24/10/2026 để tổng hợp.
"""
INVITATION = """THÀNH ỦY HƯNG HẢI
Số 88-GM/TU
GIẤY MỜI
Thường trực Thành ủy trân trọng kính mời đồng chí dự hội nghị giao ban quý III.
- Thời gian: 08 giờ 00 ngày 14/10/2026 (thứ Tư)
- Địa điểm: Hội trường Thành ủy
"""


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Return the desk of an office with two officers called Bình and one called Lan."""
    directory = desk.site.directory
    officers = {
        "binh-1": Person("binh-1", "Nguyễn Thanh Bình", "Chuyên viên Văn phòng", THANH_BINH),
        "binh-2": Person("binh-2", "Trần Hòa Bình", "Chuyên viên Ban Xây dựng Đảng", HOA_BINH),
        "lan": Person("lan", "Lê Thị Lan", "Phó Chánh Văn phòng", LAN),
    }
    directory = replace(directory, people={**directory.people, **officers})
    desk.site = replace(desk.site, directory=directory)
    return desk


def submitted(desk: Desk, number: str = "263-CV/TU") -> dict[str, Any]:
    desk.take(mail(SUPERIOR, f"Công văn số {number}", PAPER.format(number=number), at=desk.now), now=desk.now)
    return desk.rows("document")[-1]


def instructs(desk: Desk, words: str, purpose: str = "for_instruction", leader: str = LEADER) -> Any:
    return desk.answer(leader, words, to=leader, purpose=purpose)


def asked(desk: Desk, leader: str = LEADER) -> dict[str, Any]:
    return desk.rows("outbox", purpose="order_not_understood", recipient=leader)[-1]["values"]  # type: ignore[no-any-return]


def given(desk: Desk) -> list[tuple[str, str, str, str | None]]:
    return [(row["unit"], row["reason"], row["ask"], row["due"]) for row in desk.rows("delivery")]


def told(desk: Desk) -> list[str]:
    (line,) = desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]
    return line["rows"]  # type: ignore[no-any-return]


def test_two_of_one_name_are_asked_back_and_the_answer_completes_the_instruction(office: Desk) -> None:
    submitted(office)
    instructs(office, "chuyen d/c Binh chu tri, truoc 20/10")
    question = asked(office)
    assert question["lines"][0]["result"] == "có 02 đồng chí tên Binh"
    assert question["answers"] == ["1 Nguyễn Thanh Bình", "1 Trần Hòa Bình", "1 bỏ"]
    assert given(office) == [], "nothing goes before the answer"
    assert office.one("document")["state"] == "awaiting_instruction"
    instructs(office, "1 Nguyễn Thanh Bình", "order_not_understood")
    assert given(office) == [("person:binh-1", "assign: chủ trì", "report", "2026-10-19")]
    document = office.one("document")
    assert document["state"] == "released"
    word = office.one("instruction")
    assert (word["given_by"], word["text"]) == ("Đỗ Minh Phúc", "chuyen d/c Binh chu tri, truoc 20/10")
    sent = office.one("outbox", purpose="assignment")
    assert (sent["recipient"], sent["shared_hash"]) == (THANH_BINH, document["shared_hash"])
    values = sent["values"]
    assert (values["leader_title"], values["instructed_by"]) == ("Chánh Văn phòng", "Đỗ Minh Phúc")
    assert (values["lead"], values["instruction"]) == (
        "đ/c Nguyễn Thanh Bình",
        "chuyen d/c Binh chu tri, truoc 20/10",
    )
    assert sorted(row["recipient"] for row in office.rows("outbox", purpose="order_answer")) == [LEADER, CLERK]
    assert told(office) == ["chủ trì: đ/c Nguyễn Thanh Bình, chậm nhất thứ Hai, ngày 19/10/2026"]


def test_a_question_may_be_answered_without_its_number_or_dropped(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Bình")
    instructs(office, "Hoà Bình", "order_not_understood")
    assert [unit for unit, *_ in given(office)] == ["person:binh-2"]
    submitted(office, "264-CV/TU")
    instructs(office, "Chuyển đ/c Bình")
    instructs(office, "1 bỏ", "order_not_understood")
    assert [row["state"] for row in office.rows("document")] == ["released", "awaiting_instruction"]
    instructs(office, "Chuyển đ/c Lan", "order_not_understood")
    assert [unit for unit, *_ in given(office)] == ["person:binh-2", "person:lan"]


def test_a_weekday_alone_is_asked_back_with_its_dates(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan, trước thứ 6")
    question = asked(office)
    assert question["lines"][0]["result"] == "“trước thứ 6” hiểu là thứ Sáu, ngày 09/10/2026"
    assert question["answers"] == ["1 thứ Sáu, ngày 09/10/2026", "1 thứ Sáu, ngày 16/10/2026", "1 bỏ"]
    instructs(office, "1 thứ Sáu, ngày 16/10/2026", "order_not_understood")
    assert given(office) == [("person:lan", "assign: chủ trì", "report", "2026-10-15")]


def test_each_question_has_its_number_and_a_person_is_no_answer_to_which_unit(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chi bộ Tổ dân phố thực hiện, đ/c Bình chủ trì")
    question = asked(office)
    assert [line["result"] for line in question["lines"]] == [
        "có 06 nơi gọi là Chi bộ Tổ dân phố",
        "có 02 đồng chí tên Bình",
    ]
    instructs(office, "1 Nguyễn Thanh Bình", "order_not_understood")
    assert given(office) == []
    instructs(office, "2 Nguyễn Thanh Bình\n1 Chi bộ 3", "order_not_understood")
    assert [unit for unit, *_ in given(office)] == ["tdp-3", "person:binh-1"]


def test_beside_another_question_a_weekday_is_only_echoed(office: Desk) -> None:
    submitted(office)
    instructs(office, "chuyen d/c Binh, truoc thu 6")
    assert asked(office)["lines"][0]["result"] == (
        "có 02 đồng chí tên Binh; “truoc thu 6” hiểu là thứ Sáu, ngày 09/10/2026"
    )
    instructs(office, "1 Trần Hòa Bình", "order_not_understood")
    assert given(office) == [("person:binh-2", "assign: chủ trì", "report", "2026-10-08")]


def test_an_unknown_unit_is_asked_back_with_similar_names(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển Chi bộ Trạm Y tá thực hiện")
    question = asked(office)
    assert question["lines"][0]["result"] == "danh bạ không có “Chi bộ Trạm Y tá”"
    assert "1 Chi bộ Trạm Y tế" in question["answers"]
    assert given(office) == []
    instructs(office, "1 Chi bộ Trạm Y tế", "order_not_understood")
    assert [unit for unit, *_ in given(office)] == ["tram-y-te"]


def test_units_get_it_by_the_proposal_s_limit_and_the_officer_by_the_superior_s(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển các chi bộ tổ dân phố thực hiện; đ/c Lan tổng hợp")
    assert given(office) == [
        *((f"tdp-{number}", "theo ý kiến chỉ đạo: group:to-dan-pho", "report", "2026-10-20") for number in range(1, 6)),
        ("person:lan", "assign: tổng hợp", "report", "2026-10-23"),
    ]
    down = office.rows("outbox", purpose="directive")[0]["values"]
    assert down["instruction"] == "Chuyển các chi bộ tổ dân phố thực hiện; đ/c Lan tổng hợp"


def test_a_proposal_is_agreed_to_but_for_one(office: Desk) -> None:
    submitted(office)
    instructs(office, "Dong y tru chi bo quan su; han 16/10")
    units = {unit: due for unit, _, _, due in given(office)}
    assert (len(units), "quan-su" in units, set(units.values())) == (12, False, {"2026-10-16"})


def test_a_part_of_the_proposal_by_name_is_asked_about(office: Desk) -> None:
    submitted(office)
    instructs(office, "Đồng ý, chuyển Chi bộ 1 và Chi bộ 2 thực hiện")
    assert asked(office)["answers"] == ["1 chỉ đơn vị nêu tên", "1 tất cả như đề xuất", "1 bỏ"]
    instructs(office, "1 chỉ đơn vị nêu tên", "order_not_understood")
    assert [unit for unit, *_ in given(office)] == ["tdp-1", "tdp-2"]


def test_a_bare_word_goes_as_proposed_and_both_are_told(office: Desk) -> None:
    submitted(office)
    instructs(office, "Dong y")
    assert len(given(office)) == 13
    assert sorted(row["recipient"] for row in office.rows("outbox", purpose="released")) == [LEADER, CLERK]


@pytest.mark.parametrize("words", ["Lưu", "Lưu, theo dõi", "Không chuyển, lưu"])
def test_what_is_kept_is_filed_and_goes_to_nobody(office: Desk, words: str) -> None:
    submitted(office)
    instructs(office, words)
    assert (office.one("document")["state"], given(office)) == ("filed", [])
    assert office.one("instruction")["text"] == words
    instructs(office, "Chuyển đ/c Lan")
    assert (office.one("document")["state"], len(given(office))) == ("released", 1), "the leader thought better of it"


def test_another_leader_is_asked_with_what_the_first_said(office: Desk) -> None:
    submitted(office)
    instructs(office, "Trình đ/c Bí thư")
    secretary = "tranquochung@anhoa.example.vn"
    shown = office.one("outbox", purpose="for_instruction", recipient=secretary)
    assert (shown["values"]["said_before"], shown["values"]["leader"]) == (
        "Đỗ Minh Phúc: Trình đ/c Bí thư",
        "Trần Quốc Hưng",
    )
    assert office.one("document")["state"] == "awaiting_instruction"
    instructs(office, "Giao đ/c Lan chủ trì, phối hợp với đ/c Thanh Bình", leader=secretary)
    assert [(unit, reason) for unit, reason, *_ in given(office)] == [
        ("person:lan", "assign: chủ trì"),
        ("person:binh-1", "assign: phối hợp"),
    ]


def test_an_invitation_is_given_to_who_goes_and_stands_in_the_week(office: Desk) -> None:
    office.take(mail(SUPERIOR, "Giấy mời số 88-GM/TU", INVITATION, at=office.now))
    instructs(office, "Đ/c Lan dự")
    assert given(office) == [("person:lan", "assign: dự họp", "rsvp", None)]
    sent = office.one("outbox", purpose="assignment")
    assert sent["values"]["attends"]
    office.answer(LAN, "Dự họp", to=LAN)
    assert office.one("delivery")["rsvp"] == "accepted"


def test_a_second_instruction_adds_and_moves_limits(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 20/10")
    instructs(office, "Đ/c Lan chủ trì, đ/c Thanh Bình phối hợp, trước 17/10")
    assert [(unit, reason, due) for unit, reason, _, due in given(office)] == [
        ("person:lan", "assign: chủ trì", "2026-10-16"),
        ("person:binh-1", "assign: phối hợp", "2026-10-16"),
    ]
    assert len(office.rows("instruction")) == 2
    assert len(office.rows("outbox", purpose="assignment", recipient=LAN)) == 2, "the new limit is told"
    instructs(office, "Lưu")
    assert "KẾT THÚC" in asked(office)["lines"][0]["result"]


def test_what_is_not_understood_is_told_and_goes_to_the_clerk_whole(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, nếu đ/c Bình bận thì thôi")
    assert given(office) == []
    assert office.rows("instruction") == []
    assert [row["reason"] for row in office.rows("held")] == ["instruction_for_clerk"]
    assert "chưa rõ" in asked(office)["lines"][0]["result"]


def typed(desk: Desk, words: str, **more: Any) -> None:
    desk.now += timedelta(minutes=5)
    desk.take(mail(CLERK, "", words, at=desk.now, **more))


def test_the_clerk_types_it_in_with_its_scan(office: Desk) -> None:
    document = submitted(office)
    typed(office, "PHÂN CÔNG 263-CV/TU: chuyển đ/c Lan chủ trì, trước 20/10", files={"but-phe.txt": "ảnh chụp"})
    assert given(office) == [("person:lan", "assign: chủ trì", "report", "2026-10-19")]
    first, scan = office.rows("outbox", purpose="assignment")
    assert (scan["template"], scan["values"]["attachments"]) == ("instruction_scan", ["but-phe.txt"])
    assert (first["recipient"], scan["recipient"]) == (LAN, LAN)
    word = office.one("instruction")
    assert (word["given_by"], word["text"]) == ("Đỗ Minh Phúc", "chuyển đ/c Lan chủ trì, trước 20/10")
    kept = next(row for row in office.rows("message") if row["id"] == word["message_ref"])
    assert kept["archive_hash"], "the scan is in the archive"
    with office.store.read() as connection:
        story = views.history(connection, "document", document["id"])
    assert any("but-phe.txt" in (item["reason"] or "") for item in story)


def test_a_superior_does_not_give_out_our_work(office: Desk) -> None:
    submitted(office)
    office.now += timedelta(minutes=5)
    office.take(mail(SUPERIOR, "", "PHÂN CÔNG 263-CV/TU: chuyển đ/c Lan chủ trì", at=office.now))
    assert given(office) == []


def test_a_limit_behind_the_superior_s_is_carried_out_and_pointed_at(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 30/10")
    assert given(office) == [("person:lan", "assign: chủ trì", "report", "2026-10-29")]
    assert told(office)[-1] == (
        "lưu ý: thời hạn giao sau hạn phải báo cáo cấp trên, chậm nhất thứ Sáu, ngày 23/10/2026"
    )


def test_the_clerk_is_asked_about_what_was_typed_in(office: Desk) -> None:
    submitted(office)
    typed(office, "phan cong 263-cv/tu: chuyen d/c Binh chu tri")
    assert asked(office, CLERK)["answers"] == ["1 Nguyễn Thanh Bình", "1 Trần Hòa Bình", "1 bỏ"]
    instructs(office, "1 Trần Hòa Bình", "order_not_understood", CLERK)
    assert [unit for unit, *_ in given(office)] == ["person:binh-2"]
    assert office.one("instruction")["given_by"] == "Đỗ Minh Phúc"


def test_an_officer_is_chased_works_and_settles_it_by_a_numbered_paper(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 15/10")
    office.answer(LAN, "Đang xử lý", to=LAN)
    delivery = office.one("delivery")
    assert (delivery["handling"], delivery["satisfied"]) == ("in_progress", False)
    pass_time(office, datetime(2026, 10, 14, 9, 0, tzinfo=HANOI))
    reminded = len(office.rows("outbox", purpose="reminder", recipient=LAN))
    assert reminded >= 1
    office.answer(LAN, "Đã xong, văn bản số 34-BC/ĐU", to=LAN, purpose="assignment")
    delivery = office.one("delivery")
    assert (delivery["handling"], delivery["satisfied"]) == ("completed", True)
    done = next(row for row in office.rows("event") if row["what"] == "completed")
    assert done["data"]["answering_number"] == "34-BC/ĐU"
    pass_time(office, datetime(2026, 10, 22, 9, 0, tzinfo=HANOI))
    assert len(office.rows("outbox", purpose="reminder", recipient=LAN)) == reminded


@pytest.mark.parametrize("words", ["Đã xong", "da xu ly xong", "Em hoàn thành rồi ạ"])
def test_an_officer_s_short_word_settles_it_too(office: Desk, words: str) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan")
    office.answer(LAN, words, to=LAN)
    assert office.one("delivery")["satisfied"]


def test_another_officer_takes_over_and_the_first_is_left_in_peace(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 20/10")
    office.answer(LAN, "Đề nghị chuyển đồng chí khác, lý do: đi học từ 10/10", to=LAN)
    assert "đề nghị chuyển" in asked(office)["lines"][0]["result"]
    assert [row["state"] for row in office.rows("held") if row["state"] == "open"] == [], (
        "the leader is asked, not the clerk"
    )
    instructs(office, "1 đ/c Bình", "order_not_understood")
    assert asked(office)["answers"] == ["1 Nguyễn Thanh Bình", "1 Trần Hòa Bình", "1 giữ nguyên"]
    instructs(office, "1 Trần Hòa Bình", "order_not_understood")
    assert given(office) == [
        ("person:lan", "assign: chủ trì", "report", "2026-10-19"),
        ("person:binh-2", "assign: chủ trì", "report", "2026-10-19"),
    ]
    (left,) = (row for row in office.rows("event") if row["what"] == "superseded")
    assert (left["reason"], left["data"]["to"]) == ("reassigned", "person:binh-2")
    with office.store.write() as connection:
        office.now = datetime(2026, 10, 16, 8, 0, tzinfo=HANOI)
        plan_due(connection, office.site, office.envelope, office.now)
    units = {row["id"]: row["unit"] for row in office.rows("delivery")}
    assert {units[row["delivery_ref"]] for row in office.rows("reminder", state="pending")} <= {"person:binh-2"}
    assert {row["recipient"] for row in office.rows("outbox", purpose="reminder")} <= {HOA_BINH}


def test_an_officer_who_is_not_let_off_is_reminded_again(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 20/10")
    office.answer(LAN, "Đề nghị chuyển đồng chí khác, lý do: bận", to=LAN)
    assert office.rows("reminder", state="pending") == []
    instructs(office, "1 giữ nguyên", "order_not_understood")
    assert not office.one("delivery")["satisfied"]
    assert office.rows("reminder", state="pending") != []


def test_a_superior_s_directive_is_instructed_from_a_phone_passed_down_and_reported(office: Desk) -> None:
    """The whole life: số đến, two of one name asked back, the cells and the lead, reminders, the answering paper."""
    document = submitted(office)
    shown = office.one("outbox", purpose="for_instruction")["values"]
    assert shown["proposal"].startswith("chuyển 13 đơn vị thực hiện")
    instructs(office, "Dong y. Chuyen d/c Binh chu tri, truoc 20/10\nPhuc\nGửi từ iPhone của tôi")
    assert asked(office)["answers"] == ["1 Nguyễn Thanh Bình", "1 Trần Hòa Bình", "1 bỏ"]
    assert (given(office), office.one("document")["state"]) == ([], "awaiting_instruction")
    pass_time(office, datetime(2026, 10, 7, 9, 0, tzinfo=HANOI))
    assert given(office) == [], "a question that waits sends nothing by itself"
    instructs(office, "1 Nguyen Thanh Binh", "order_not_understood")
    cells = {row["unit"]: row for row in office.rows("delivery") if not row["unit"].startswith("person:")}
    assert (len(cells), {row["due"] for row in cells.values()}) == (13, {"2026-10-20"})
    lead = office.one("delivery", unit="person:binh-1")
    assert (lead["reason"], lead["due"], lead["ladder"]) == ("assign: chủ trì", "2026-10-19", "bao-cao")
    cell = "tdp1@example.org"
    down = office.rows("outbox", purpose="directive", recipient=cell)[0]
    assert (down["values"]["instructed_by"], down["shared_hash"]) == ("Đỗ Minh Phúc", document["shared_hash"])
    office.answer(cell, "Đã nhận", to=cell)
    office.answer(THANH_BINH, "Đang xử lý", to=THANH_BINH)
    pass_time(office, datetime(2026, 10, 16, 9, 0, tzinfo=HANOI))
    reminder = office.rows("outbox", purpose="reminder", recipient=THANH_BINH)[-1]["values"]
    assert (reminder["unit"], reminder["officer"]) == ("đồng chí Nguyễn Thanh Bình", True)
    office.answer(cell, "Chi bộ gửi báo cáo", to=cell, files={"bao-cao.txt": "BÁO CÁO kết quả"})
    office.answer(THANH_BINH, "Đã xong, văn bản số 34-BC/ĐU", to=THANH_BINH, purpose="reminder")
    states = {row["unit"]: row["handling"] for row in office.rows("delivery")}
    assert (states["person:binh-1"], states["tdp-1"]) == ("completed", "completed")
    with office.store.read() as connection:
        span = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
        (entry,) = entries(connection, "van-ban-den", day="arrived_on", zone=HANOI, **span)
    assert {one.name: answering_number(one) for one in entry.handed}["Nguyễn Thanh Bình"] == "34-BC/ĐU"


def test_an_order_below_a_submission_is_about_its_paper(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 20/10")
    instructs(office, "KẾT THÚC")
    assert office.one("delivery")["satisfied"], "KẾT THÚC is no instruction"
    assert len(office.rows("instruction")) == 1


def test_a_leader_may_write_phan_cong_in_answer(office: Desk) -> None:
    submitted(office)
    instructs(office, "PHÂN CÔNG đ/c Lan chủ trì, trước 20/10")
    assert given(office) == [("person:lan", "assign: chủ trì", "report", "2026-10-19")]


def test_what_is_sent_once_more_says_again_by_whose_word_it_was_given(office: Desk) -> None:
    submitted(office)
    instructs(office, "Chuyển đ/c Lan chủ trì, trước 20/10; Tổ dân phố 1 thực hiện")
    instructs(office, "Chuyển thêm Hợp tác xã An Hòa thực hiện")
    first = {row["recipient"]: row["values"] for row in office.rows("outbox") if row["purpose"] in SENT_DOWN}
    office.now += timedelta(hours=3)
    office.take(mail(CLERK, "", "GỬI LẠI 263-CV/TU", at=office.now))
    again = [row for row in office.rows("outbox") if row["purpose"] in SENT_DOWN][len(first) :]
    assert {row["recipient"] for row in again} == set(first)
    told = ("instruction", "instructed_by", "leader_title", "instructed_on", "part", "attends")
    for row in again:
        assert {name: row["values"].get(name) for name in told} == {
            name: first[row["recipient"]].get(name) for name in told
        }
    officer = next(row for row in again if row["recipient"] == LAN)
    assert officer["values"]["part"] == "chủ trì"
