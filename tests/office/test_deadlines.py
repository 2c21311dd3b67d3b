"""Thời hạn: every wording of the office against the day it means, and the dates that are no deadline."""

from datetime import UTC, date, datetime

import pytest

from mailbot.office.deadlines import find_deadlines
from mailbot.office.limits import Anchors
from mailbot.office.text import normalize
from mailbot.office.working_time import WorkingTime
from tests.tables.deadlines import DEADLINES, NO_DEADLINES, SEVERAL

# Signed on a Thursday, received on the Friday.
SIGNED, RECEIVED = date(2019, 12, 5), date(2019, 12, 6)
ANCHORS = Anchors(SIGNED, RECEIVED, "Asia/Ho_Chi_Minh", None, datetime(2019, 12, 6, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(("text", "due", "recurrence", "codes"), DEADLINES)
def test_a_wording_means_its_last_moment(text: str, due: str, recurrence: str | None, codes: tuple[str, ...]) -> None:
    (deadline,), review = find_deadlines(normalize(text), ANCHORS)
    assert (deadline.due.isoformat(), deadline.recurrence) == (due, recurrence)
    assert review == codes


@pytest.mark.parametrize(("text", "wanted"), SEVERAL)
def test_each_of_several_recurs_by_itself(text: str, wanted: tuple[tuple[str, str | None], ...]) -> None:
    found, _ = find_deadlines(normalize(text), ANCHORS)
    assert tuple((deadline.due.isoformat(), deadline.recurrence) for deadline in found) == wanted


@pytest.mark.parametrize(("text", "codes"), NO_DEADLINES)
def test_other_dates_are_no_deadline(text: str, codes: tuple[str, ...]) -> None:
    assert find_deadlines(normalize(text), ANCHORS) == ((), codes)


def test_working_days_step_over_tet_even_without_an_office() -> None:
    eve = Anchors(date(2020, 1, 21), date(2020, 1, 21), "Asia/Ho_Chi_Minh")
    (deadline,), _ = find_deadlines("gửi trong vòng 05 ngày làm việc kể từ ngày nhận được", eve)
    assert deadline.due == date(2020, 2, 4)


def test_the_office_hours_end_a_half_day() -> None:
    office = Anchors(SIGNED, RECEIVED, "Asia/Ho_Chi_Minh", WorkingTime())
    (deadline,), _ = find_deadlines("gửi chậm nhất trong chiều ngày 13/12/2019", office)
    assert deadline.due == datetime(2019, 12, 13, 10, 0, tzinfo=UTC)


def test_each_unit_has_its_own_deadline() -> None:
    text = (
        "1. Giao Văn phòng Đảng uỷ trình dự thảo\ntrước ngày 10/12/2019.\n"
        "2. Ban Xây dựng Đảng báo cáo kết quả chậm nhất ngày 12/12/2019.\n3. Gửi về Đảng uỷ trước ngày 20/12/2019."
    )
    found, _ = find_deadlines(text, ANCHORS)
    assert [(deadline.due.isoformat(), deadline.addressee) for deadline in found] == [
        ("2019-12-09", "Văn phòng Đảng uỷ"),
        ("2019-12-12", "Ban Xây dựng Đảng"),
        ("2019-12-19", None),
    ]
