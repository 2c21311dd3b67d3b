"""A duty that comes every month makes its task each month without a new mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from mailbot.service.due import plan_due
from tests.example_office import CLERK, directive, mail
from tests.store.test_orders import CELLS, order
from tests.store.test_stories import pass_time

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONTHLY = "Định kỳ hằng tháng, các chi bộ báo cáo kết quả về Đảng ủy phường trước ngày 20."


def released(desk: Desk, body: str = MONTHLY) -> None:
    text = directive("152-CV/ĐU", "Các chi bộ doanh nghiệp.", body)
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", text))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")


def dues(desk: Desk) -> list[tuple[str, str]]:
    return [(row["unit"], row["due"]) for row in desk.rows("delivery")]


def test_each_month_has_a_task_of_its_own_that_is_answered_and_reminded_by_itself(desk: Desk) -> None:
    released(desk)
    assert dues(desk) == [("det-may", "2026-10-19"), ("hop-tac-xa", "2026-10-19")]
    desk.answer(CELLS["det-may"], "Gửi báo cáo tháng 10", to=CELLS["det-may"], files={"bc.txt": "BÁO CÁO"})
    pass_time(desk, datetime(2026, 11, 10, 8, 0, tzinfo=HANOI))
    assert dues(desk)[2:] == [("det-may", "2026-11-19"), ("hop-tac-xa", "2026-11-19")]
    october, november = (row["satisfied"] for row in desk.rows("delivery", unit="det-may"))
    assert (october, november) == (True, False), "last month's report is not this month's"
    pass_time(desk, datetime(2026, 11, 19, 17, 0, tzinfo=HANOI))
    last = desk.rows("outbox", purpose="reminder", recipient=CELLS["det-may"])[-1]
    assert last["values"]["due_text"] == "đến hết ngày 19/11/2026"
    desk.answer(CELLS["det-may"], "Không phát sinh", to=CELLS["det-may"], purpose="reminder")
    assert [row["satisfied"] for row in desk.rows("delivery", unit="det-may")] == [True, True]
    assert len(desk.rows("outbox", purpose="directive")) == 2, "the paper itself was sent once"


def test_after_three_months_of_downtime_every_period_is_there_once(desk: Desk) -> None:
    released(desk)
    desk.now = datetime(2027, 1, 21, 9, 0, tzinfo=HANOI)
    for _ in range(2):
        with desk.store.write() as connection:
            plan_due(connection, desk.site, desk.envelope, desk.now)
    limits = [due for unit, due in dues(desk) if unit == "det-may"]
    assert limits == ["2026-10-19", "2026-11-19", "2026-12-19", "2027-01-19", "2027-02-19"]


def test_an_order_by_number_means_the_period_that_runs(desk: Desk) -> None:
    released(desk)
    pass_time(desk, datetime(2026, 11, 10, 8, 0, tzinfo=HANOI))
    (line,) = order(desk, "GIA HẠN 152-CV/ĐU Hợp tác xã An Hòa đến 25/11/2026")
    assert line["done"], line
    assert dues(desk)[2:] == [("det-may", "2026-11-19"), ("hop-tac-xa", "2026-11-25")]


def test_a_closed_duty_makes_no_further_task(desk: Desk) -> None:
    released(desk)
    order(desk, "KẾT THÚC 152-CV/ĐU")
    pass_time(desk, datetime(2026, 12, 1, 8, 0, tzinfo=HANOI))
    assert len(dues(desk)) == 2


@pytest.mark.parametrize("body", ["", "Đề nghị các chi bộ báo cáo trước ngày 16/10/2026."])
def test_what_is_due_once_makes_one_task(desk: Desk, body: str) -> None:
    released(desk, body)
    desk.now += timedelta(days=90)
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)
    assert len(dues(desk)) == 2
