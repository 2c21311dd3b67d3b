"""Periods as offices name them, with and without accents, years written or not."""

from __future__ import annotations

from datetime import date

import pytest

from mailbot.office.periods import read_period

TODAY = date(2026, 10, 14)
NAMED = {
    "tháng 10/2026": ("tháng 10/2026", "2026-10-01", "2026-10-31"),
    "thang 9": ("tháng 9/2026", "2026-09-01", "2026-09-30"),
    "tháng 12": ("tháng 12/2025", "2025-12-01", "2025-12-31"),  # this year's has not begun
    "2/2028": ("tháng 2/2028", "2028-02-01", "2028-02-29"),
    "2026-03": ("tháng 3/2026", "2026-03-01", "2026-03-31"),
    "Tháng 3 năm 2026": ("tháng 3/2026", "2026-03-01", "2026-03-31"),
    "quý III/2026": ("quý III/2026", "2026-07-01", "2026-09-30"),
    "QUY 4": ("quý IV/2026", "2026-10-01", "2026-12-31"),
    "iv/2025": ("quý IV/2025", "2025-10-01", "2025-12-31"),
    "Q1/2026": ("quý I/2026", "2026-01-01", "2026-03-31"),
    "6 tháng đầu năm 2026": ("6 tháng đầu năm 2026", "2026-01-01", "2026-06-30"),
    "6 tháng": ("6 tháng đầu năm 2026", "2026-01-01", "2026-06-30"),
    "6 tháng cuối năm 2025": ("6 tháng cuối năm 2025", "2025-07-01", "2025-12-31"),
    "9 tháng": ("9 tháng năm 2026", "2026-01-01", "2026-09-30"),
    "năm 2026": ("năm 2026", "2026-01-01", "2026-12-31"),
    "2025": ("năm 2025", "2025-01-01", "2025-12-31"),
    "tuần 42/2026": ("tuần 42/2026", "2026-10-12", "2026-10-18"),
    "2026-W42": ("tuần 42/2026", "2026-10-12", "2026-10-18"),
    "tuần 53/2026": ("tuần 53/2026", "2026-12-28", "2027-01-03"),
    "tuần này": ("tuần 42/2026", "2026-10-12", "2026-10-18"),
    "tháng này": ("tháng 10/2026", "2026-10-01", "2026-10-31"),
    "quý này": ("quý IV/2026", "2026-10-01", "2026-12-31"),
    "năm nay": ("năm 2026", "2026-01-01", "2026-12-31"),
    "hôm nay": ("ngày 14/10/2026", "2026-10-14", "2026-10-14"),
    "05/10/2026": ("ngày 05/10/2026", "2026-10-05", "2026-10-05"),
    "từ ngày 05/10/2026 đến ngày 12/10/2026": (
        "từ ngày 05/10/2026 đến ngày 12/10/2026",
        "2026-10-05",
        "2026-10-12",
    ),
}
NONE = ("", "tháng 13", "tuần 60/2026", "tuần 53/2025", "152-CV/ĐU", "từ 12/10/2026 đến 05/10/2026", "chưa rõ")


@pytest.mark.parametrize(("written", "expected"), NAMED.items(), ids=NAMED)
def test_a_period_is_the_days_that_people_mean_by_its_name(written: str, expected: tuple[str, str, str]) -> None:
    found = read_period(written, TODAY)
    assert found is not None
    assert (found.name, found.first.isoformat(), found.last.isoformat()) == expected


@pytest.mark.parametrize("written", NONE)
def test_what_names_no_period_is_none(written: str) -> None:
    assert read_period(written, TODAY) is None
