"""Meetings are of people with posts: each is invited by name, answers for themselves, stands in the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailbot.rendering.letters import Letters
from tests.example_office import CLERK
from tests.store.test_meetings import FIRST, invite

if TYPE_CHECKING:
    from tests.store.desk import Desk

NAM, OANH = "hoangvannam@anhoa.example.vn", "buithioanh@anhoa.example.vn"
TO_BTV = FIRST.format(number=21).replace("Các chi bộ trường học.", "Các đồng chí Ủy viên Ban Thường vụ.")
SUBJECT = "Giấy mời số 21-GM/ĐU họp sơ kết quý III"


def invited(desk: Desk, text: str = TO_BTV) -> dict[str, str]:
    """Mail the invitation in; return what each person is asked."""
    invite(desk, text, SUBJECT)
    return {row["unit"]: row["ask"] for row in desk.rows("delivery")}


def test_a_group_of_people_gets_each_their_own_mail_with_name_and_post(desk: Desk) -> None:
    assert invited(desk) == dict.fromkeys(("person:bt", "person:pbt", "person:uvtv-1", "person:uvtv-2"), "rsvp")
    row = desk.one("outbox", purpose="invitation", recipient=NAM)
    document = desk.one("document")
    values = document["plan"]["values"] | row["values"]
    made = Letters(desk.site.templates).render("invitation", values, token=row["token"], reply_to=CLERK)
    assert made.text.startswith("Kính gửi: đồng chí Hoàng Văn Nam, Ủy viên Ban Thường vụ\n")


def test_each_person_answers_for_themselves(desk: Desk) -> None:
    invited(desk)
    desk.answer(NAM, "Dự họp", to=NAM, purpose="invitation")
    desk.answer(OANH, "Xin vắng, lý do: đi công tác", to=OANH, purpose="invitation")
    said = {row["unit"]: row["attendance"] for row in desk.rows("delivery")}
    assert said == {"person:bt": None, "person:pbt": None, "person:uvtv-1": "comes", "person:uvtv-2": "awaits_chair"}
    desk.answer(CLERK, "TÌNH HÌNH", to=CLERK, purpose="released")
    sheet = desk.one("outbox", purpose="attendance")
    assert sheet["values"]["counts_text"] == "dự 01/04; chờ ý kiến 01; chưa trả lời 02"
    late = next(section for section in sheet["values"]["sections"] if section["title"] == "Chưa trả lời")
    assert late["lines"][0]["contact"] == "đ/c Trần Quốc Hưng, ĐT 0900.000.101"


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        ("Các đồng chí Ủy viên Ban Thường vụ (trừ đồng chí Hoàng Văn Nam).", "person:uvtv-1"),
        ("Các đồng chí Ủy viên Ban Thường vụ (trừ đồng chí Bùi Thị Oanh).", "person:uvtv-2"),
    ],
)
def test_who_is_excepted_by_name_gets_nothing(desk: Desk, line: str, left_out: str) -> None:
    asked = invited(desk, TO_BTV.replace("Các đồng chí Ủy viên Ban Thường vụ.", line))
    assert len(asked) == 3
    assert left_out not in asked


def test_who_chairs_is_told_and_asked_for_nothing(desk: Desk) -> None:
    text = TO_BTV.replace("Thời gian:", "Chủ trì: Đồng chí Trần Quốc Hưng, Bí thư Đảng ủy\nThời gian:")
    asked = invited(desk, text)
    assert (asked["person:bt"], asked["person:pbt"]) == ("none", "rsvp")


def test_a_directive_that_names_leaders_asks_no_report_of_them(desk: Desk) -> None:
    text = (
        "ĐẢNG ỦY PHƯỜNG AN HÒA\nSố 152-CV/ĐU\nV/v báo cáo kết quả\nAn Hòa, ngày 06 tháng 10 năm 2026\n\n"
        "Kính gửi: Các chi bộ trường học; các đồng chí Ủy viên Ban Thường vụ.\n\n"
        "Đề nghị các chi bộ báo cáo kết quả về Đảng ủy phường trước ngày 16/10/2026.\n"
    )
    assert set(invited(desk, text)) == {"mam-non", "tieu-hoc", "thcs"}
