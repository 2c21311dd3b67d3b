"""Thời hạn: every wording of the office against the day it means, and the dates that are no deadline."""

from datetime import UTC, date, datetime

import pytest

from mailbot.office.deadlines import Anchors, find_deadlines
from mailbot.office.text import normalize

# Signed on a Thursday, received on the Friday.
SIGNED, RECEIVED = date(2019, 12, 5), date(2019, 12, 6)
ANCHORS = Anchors(SIGNED, RECEIVED, "Asia/Ho_Chi_Minh", None, datetime(2019, 12, 6, 1, 10, tzinfo=UTC))
CASES = [
    ("Báo cáo trước ngày 15/12/2019", "2019-12-14", None),
    ("gửi chậm nhất là ngày 15/12/2019", "2019-12-15", None),
    ("gửi không quá ngày 15-12-2019", "2019-12-15", None),
    ("báo cáo đến hết ngày 15/12", "2019-12-15", None),
    ("gửi báo cáo trong ngày hôm nay", "2019-12-06", None),
    ("gửi ngay trong ngày.", "2019-12-06", None),
    ("gửi trước 16 giờ 00 ngày 13-12-2019", "2019-12-13T16:00:00+07:00", None),
    ("báo cáo trước 10 giờ sáng mai", "2019-12-07T10:00:00+07:00", None),
    ("gửi cuối giờ chiều thứ Sáu (13/12)", "2019-12-13T17:00:00+07:00", None),
    ("hoàn thành trong quý IV/2019", "2019-12-31", None),
    ("hoàn thành trước quý II/2020", "2020-03-31", None),
    ("hoàn thành trong tháng 12", "2019-12-31", None),
    ("hoàn thành trong 6 tháng đầu năm 2020", "2020-06-30", None),
    ("gửi trong vòng 05 ngày làm việc kể từ ngày nhận được văn bản", "2019-12-13", None),
    ("hoàn thành sau 10 ngày kể từ ngày ký", "2019-12-15", None),
    ("báo cáo trong vòng 24h", "2019-12-07T08:10:00+07:00", None),
    ("báo cáo định kỳ hằng tháng (trước ngày 25)", "2019-12-24", "FREQ=MONTHLY;BYMONTHDAY=24"),
    ("gửi hằng quý (trước ngày 10 của tháng cuối quý)", "2019-12-09", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=9"),
    ("báo cáo hằng tuần, trước 15 giờ 00 thứ Năm", "2019-12-05T15:00:00+07:00", "FREQ=WEEKLY;BYDAY=TH"),
    ("báo cáo hằng năm trước ngày 15/11", "2020-11-14", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=14"),
    ("gửi trước ngày 05/01", "2020-01-04", None),
    ("gui bao cao truoc ngay 20/12", "2019-12-19", None),
    ("gia hạn thời gian nộp báo cáo đến ngày 25/12/2019", "2019-12-25", None),
    ("điều chỉnh thời hạn báo cáo từ ngày 10/12 thành ngày 20/12/2019", "2019-12-20", None),
]
NO_DEADLINES = [
    "các nội dung đã thực hiện trước ngày 01/7/2025",
    "số liệu báo cáo tính đến ngày 30/12/2019",
    "Quyết định này có hiệu lực từ ngày 01/01/2020",
    "thực hiện Công văn số 12-CV/QU, ngày 20/12/2019",
    "khẩn trương báo cáo kịp thời",
    "gửi báo cáo trước ngày 30/11",
    "kết quả công tác trong năm 2019",
    "đại biểu có mặt trước 15 phút",
]


@pytest.mark.parametrize(("text", "due", "recurrence"), CASES)
def test_a_wording_means_its_last_moment(text: str, due: str, recurrence: str | None) -> None:
    (deadline,), _ = find_deadlines(normalize(text), ANCHORS)
    assert (deadline.due.isoformat(), deadline.recurrence) == (due, recurrence)


@pytest.mark.parametrize("text", NO_DEADLINES)
def test_other_dates_are_no_deadline(text: str) -> None:
    assert find_deadlines(normalize(text), ANCHORS)[0] == ()


def test_each_unit_has_its_own_deadline() -> None:
    text = (
        "1. Văn phòng Đảng uỷ trình dự thảo\ntrước ngày 10/12/2019.\n"
        "2. Ban Xây dựng Đảng báo cáo kết quả chậm nhất ngày 12/12/2019.\n3. Gửi về Đảng uỷ trước ngày 20/12/2019."
    )
    found, _ = find_deadlines(text, ANCHORS)
    assert [(deadline.due.isoformat(), deadline.addressee) for deadline in found] == [
        ("2019-12-09", "Văn phòng Đảng uỷ"),
        ("2019-12-12", "Ban Xây dựng Đảng"),
        ("2019-12-19", None),
    ]
