"""Who cannot come to a meeting: put before the chair by the clerk's list, never refused by the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailbot.rendering.letters import Letters
from tests.example_office import CLERK
from tests.store.test_lists import reply, the_list
from tests.store.test_meetings import THCS, first

if TYPE_CHECKING:
    from tests.store.desk import Desk

DEPUTY = "Cử đồng chí Lê Văn Sáu, chức vụ Phó Bí thư, dự thay"


def said(desk: Desk) -> str | None:
    return desk.one("delivery", unit="thcs")["attendance"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("answer", "words", "becomes", "letter"),
    [
        ("Xin vắng, lý do: đi công tác", "1 đồng ý", "excused", "đồng chí chủ trì: đồng ý"),
        ("Xin vắng, lý do: đi công tác", "1 de nghi du hop", "must_attend", "đề nghị đồng chí sắp xếp dự họp"),
        (DEPUTY, "1 đồng ý", "substituted", "đồng ý cử đồng chí Lê Văn Sáu, Phó Bí thư, dự thay"),
        (DEPUTY, "1 đề nghị dự họp", "must_attend", "đề nghị đồng chí sắp xếp dự họp"),
    ],
)
def test_an_absence_or_a_delegate_waits_for_the_chair_whose_word_the_unit_is_told(
    desk: Desk, answer: str, words: str, becomes: str, letter: str
) -> None:
    first(desk)
    desk.answer(THCS, answer, to=THCS)
    assert said(desk) == "awaits_chair"
    assert desk.rows("outbox", purpose="absence_decided") == []
    (matter,) = the_list(desk)
    assert matter["answers"] == ["1 đồng ý", "1 đề nghị dự họp"]
    (line,) = reply(desk, words)
    assert line["done"], line
    assert said(desk) == becomes
    told = desk.one("outbox", purpose="absence_decided")
    assert told["recipient"] == THCS
    made = Letters(desk.site.templates).render(
        told["template"], told["values"], token=told["token"], reply_to="vanphong@anhoa.example.vn"
    )
    assert letter in " ".join(made.text.split())
    assert "sơ kết quý III" in made.subject
    event = next(row for row in desk.rows("event") if row["what"] in ("excused", "must_attend"))
    assert event["data"]["by_address"] == CLERK


def test_who_is_asked_to_come_after_all_answers_anew_and_comes(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, "Xin vắng, lý do: đi công tác", to=THCS)
    the_list(desk)
    reply(desk, "1 đề nghị dự họp")
    desk.answer(THCS, "Dự họp", to=THCS, purpose="absence_decided")
    assert said(desk) == "comes"


@pytest.mark.parametrize("words", ["Dự họp, xin đến muộn 15 phút", "Xin den muon 15 phut"])
def test_who_comes_late_says_so_in_words(desk: Desk, words: str) -> None:
    first(desk)
    desk.answer(THCS, words, to=THCS)
    assert said(desk) == "comes_late"
    desk.answer(THCS, "Dự họp đúng giờ", to=THCS)
    assert said(desk) == "comes", "the last word counts"


def test_an_absence_that_the_chair_allowed_by_telephone_is_noted_in_one_line(desk: Desk) -> None:
    first(desk)
    desk.answer(CLERK, "GHI NHẬN Chi bộ Trường THCS An Hòa vắng có phép", to=CLERK, purpose="released")
    assert said(desk) == "excused"


def test_the_names_and_posts_of_an_answer_are_kept_with_it(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, "Dự họp 02 đồng chí:\n1. Lê Văn Sáu - Phó Bí thư\n2. Trần Thị Bảy", to=THCS)
    event = next(row for row in desk.rows("event") if row["what"] == "accepted")
    assert event["data"]["attendees"] == ["Lê Văn Sáu", "Trần Thị Bảy"]
    assert event["data"]["posts"] == {"Lê Văn Sáu": "Phó Bí thư"}
    assert event["data"]["count"] == 2


def test_who_comes_after_all_takes_their_absence_off_the_list_and_a_late_word_on_it_tells_nobody(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, "Xin vắng, lý do: đi công tác", to=THCS)
    the_list(desk)
    desk.answer(THCS, "Dự họp", to=THCS, purpose="invitation")
    assert {row["state"] for row in desk.rows("held", reason="unit_decline")} == {"closed"}
    (line,) = reply(desk, "1 đồng ý")
    assert (line["done"], "đã trả lời lại" in line["result"]) == (False, True)
    assert desk.rows("outbox", purpose="absence_decided") == []
    assert said(desk) == "comes"


def test_the_chair_s_word_said_twice_is_told_once_and_may_be_changed(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, "Xin vắng, lý do: đi công tác", to=THCS)
    the_list(desk)
    reply(desk, "1 đồng ý")
    reply(desk, "1 đồng ý")
    assert len(desk.rows("outbox", purpose="absence_decided")) == 1
    reply(desk, "1 đề nghị dự họp")
    assert len(desk.rows("outbox", purpose="absence_decided")) == 2
    assert said(desk) == "must_attend"
