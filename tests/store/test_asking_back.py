"""A unit whose words nobody understands is told once how to answer; a refusal needs its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

CELL = CELLS["det-may"]


def test_a_unit_that_is_not_understood_is_told_once_how_to_answer_and_the_clerk_sees_it(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Alo alo", to=CELL, purpose="directive")
    asked = desk.one("outbox", purpose="not_understood")
    assert (asked["recipient"], asked["values"]["ask"]) == (CELL, "report")
    desk.answer(CELL, "Alo lần nữa", to=CELL, purpose="directive")
    assert len(desk.rows("outbox", purpose="not_understood")) == 1
    assert len(desk.rows("held", reason="not_understood")) == 2


def test_what_the_unit_answers_then_counts(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Alo alo", to=CELL)
    desk.answer(CELL, "Đã nhận", to=CELL, purpose="not_understood")
    assert desk.one("delivery", unit="det-may")["handling"] == "acknowledged"


def test_what_is_not_understood_again_is_not_asked_about_again(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Alo alo", to=CELL)
    desk.answer(CELL, "Vẫn alo", to=CELL, purpose="not_understood")
    assert len(desk.rows("outbox", purpose="not_understood")) == 1


def test_a_stranger_with_our_token_is_asked_nothing(desk: Desk) -> None:
    released(desk)
    desk.answer("la@example.com", "Alo alo", to=CELL, submitted=False)
    assert desk.rows("outbox", purpose="not_understood") == []


@pytest.mark.parametrize(
    ("words", "handling", "asked"),
    [
        ("Xin trả lại văn bản", None, 1),
        ("Xin trả lại văn bản vì không thuộc thẩm quyền của chi bộ", "refused", 0),
        ("Trả lại, gửi nhầm đơn vị", "refused", 0),
    ],
)
def test_a_refusal_needs_its_reason(desk: Desk, words: str, handling: str | None, asked: int) -> None:
    released(desk)
    desk.answer(CELL, words, to=CELL)
    assert desk.one("delivery", unit="det-may")["handling"] == handling
    assert len(desk.rows("outbox", purpose="not_understood")) == asked
