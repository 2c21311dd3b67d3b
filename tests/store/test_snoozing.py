"""A unit that says on which day it will answer is left in peace until then, and no longer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.store.test_orders import CELLS, pending, released
from tests.store.test_stories import pass_time

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CELL = CELLS["det-may"]


def test_reminders_wait_for_the_promised_day_and_the_limit_stays(desk: Desk) -> None:
    released(desk)
    pass_time(desk, datetime(2026, 10, 12, 9, 0, tzinfo=HANOI))
    before = len(desk.rows("outbox", purpose="reminder", recipient=CELL))
    desk.answer(CELL, "Chi bộ đang tổng hợp, sẽ gửi ngày 16/10/2026", to=CELL)
    pass_time(desk, datetime(2026, 10, 16, 16, 0, tzinfo=HANOI))
    assert len(desk.rows("outbox", purpose="reminder", recipient=CELL)) == before
    pass_time(desk, datetime(2026, 10, 19, 9, 0, tzinfo=HANOI))
    assert len(desk.rows("outbox", purpose="reminder", recipient=CELL)) == before + 1, "one mail for all that waited"
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-15"


def test_those_who_oversee_are_told_all_the_same(desk: Desk) -> None:
    released(desk)
    pass_time(desk, datetime(2026, 10, 15, 9, 0, tzinfo=HANOI))
    desk.answer(CELL, "Sẽ gửi ngày 21/10/2026", to=CELL)
    pass_time(desk, datetime(2026, 10, 20, 9, 0, tzinfo=HANOI))
    assert desk.rows("outbox", purpose="escalation")


@pytest.mark.parametrize(
    "words", ["Sẽ gửi ngày 30/11/2026", "Chi bộ đang làm, sẽ gửi sớm", "Đang xử lý", "Sẽ gửi ngày 01/10/2026"]
)
def test_no_day_a_far_one_or_a_past_one_keeps_nothing_away(desk: Desk, words: str) -> None:
    released(desk)
    before = [day for unit, day in pending(desk) if unit == "det-may"][1:]
    desk.answer(CELL, words, to=CELL)
    assert [day for unit, day in pending(desk) if unit == "det-may"] == before, "only the receipt is settled"
