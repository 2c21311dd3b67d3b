"""Words compared as people write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.office.text import one_spelling, without_accents


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đảng uỷ", "đảng ủy"),
        ("Ðảng ủy", "Đảng ủy"),  # Eth for Đ
        ("HOÀ BÌNH", "hòa bình"),
        ("khoẻ", "khỏe"),
        (unicodedata.normalize("NFD", "Chi bộ Tổ dân phố"), "chi  bộ tổ\u00a0dân phố"),
    ],
)
def test_spellings_of_one_word_fold_to_one(one: str, other: str) -> None:
    assert one_spelling(one) == one_spelling(other)


@pytest.mark.parametrize("word", ["quý", "hoàn", "toàn", "khoản", "thuyền", "quỳnh"])
def test_a_tone_that_may_stand_nowhere_else_stays(word: str) -> None:
    assert one_spelling(word) == word


def test_other_words_stay_other_words() -> None:
    assert one_spelling("thu hồi") != one_spelling("thu hội")
    assert without_accents(one_spelling("Đảng ủy phường")) == "dang uy phuong"


@given(st.text())
def test_folding_twice_changes_nothing_and_unaccenting_keeps_the_length(text: str) -> None:
    once = one_spelling(text)
    assert one_spelling(once) == once
    assert len(without_accents(once)) == len(once)
