"""THỐNG KÊ: how units dealt with the papers of a period, by mail and as a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.statistics import COLUMNS
from tests.example_office import CLERK, HANOI, LEADER, mail
from tests.store.test_attendance import wire
from tests.store.test_orders import CELLS, order, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

DET_MAY, HOP_TAC_XA = "Chi bộ Công ty Dệt may Hưng Hải", "Chi bộ Hợp tác xã An Hòa"


def figures(desk: Desk, words: str = "THỐNG KÊ tháng 10/2026") -> dict[str, dict[str, Any]]:
    """Ask for the figures; return the rows of the workbook by unit."""
    desk.now += timedelta(minutes=5)
    desk.take(mail(LEADER, "", words, at=desk.now))
    told = desk.rows("outbox", purpose="statistics")[-1]
    assert told["recipient"] == LEADER
    assert b"thong-ke-" in wire(desk, told)
    return {row[0]: dict(zip(COLUMNS[1:], row[1:], strict=True)) for row in told["values"]["workbook"]["rows"]}


def only(**named: int) -> dict[str, int]:
    return dict.fromkeys(COLUMNS[1:], 0) | {name.replace("_", " "): value for name, value in named.items()}


def test_each_unit_has_its_figures_and_below_them_stand_those_of_all(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    found = figures(desk)
    assert found[DET_MAY] == only(Tổng_nhận=1, Đã_xử_lý_đúng_hạn=1)
    assert found[HOP_TAC_XA] == only(Tổng_nhận=1, Chưa_xử_lý=1)
    assert found["Cộng"] == only(Tổng_nhận=2, Đã_xử_lý_đúng_hạn=1, Chưa_xử_lý=1)


def test_what_is_late_is_told_apart(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["hop-tac-xa"], "Đã nhận", to=CELLS["hop-tac-xa"])
    assert figures(desk)[HOP_TAC_XA] == only(Tổng_nhận=1, Đang_xử_lý_trong_hạn=1)
    desk.now = datetime(2026, 10, 16, 9, 0, tzinfo=HANOI)
    desk.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    found = figures(desk)
    assert found[DET_MAY] == only(Tổng_nhận=1, Đã_xử_lý_quá_hạn=1)
    assert found[HOP_TAC_XA] == only(Tổng_nhận=1, Đang_xử_lý_quá_hạn=1)


@pytest.mark.parametrize(
    ("words", "units"), [("THỐNG KÊ tháng 9/2026", 0), ("THONG KE quy IV/2026", 3), ("THỐNG KÊ", 3)]
)
def test_only_what_went_out_in_the_period_counts(desk: Desk, words: str, units: int) -> None:
    released(desk)
    assert len(figures(desk, words)) == units


def test_words_that_name_no_period_are_answered(desk: Desk) -> None:
    released(desk)
    (line,) = order(desk, "THỐNG KÊ tháng 13/2026", CLERK)
    assert (line["done"], "chưa rõ kỳ" in line["result"]) == (False, True)
