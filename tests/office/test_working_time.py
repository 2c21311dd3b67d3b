"""What the office calendar answers: holidays, swapped days, spans of working time."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.office.working_time import WorkingTime

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = WorkingTime()


@dataclass(frozen=True)
class Span:
    amount: int
    unit: str


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2019-12-13", True),
        ("2019-12-14", False),
        ("2019-12-15", False),
        ("2026-02-18", False),  # Tết
        ("2026-04-27", False),  # Giỗ Tổ fell on a Sunday: the Monday is off instead
        ("2026-08-22", True),  # a Saturday worked
        ("2026-08-31", False),  # in exchange for this Monday
        ("2026-11-24", False),  # Ngày Văn hóa Việt Nam, from 2026 on
        ("2025-11-24", True),
    ],
)
def test_national_days_off_and_swapped_days(day: str, works: bool) -> None:
    assert OFFICE.is_working_day(date.fromisoformat(day)) is works


def test_the_office_calendar_overrides_the_national_one() -> None:
    office = WorkingTime(
        days_off=frozenset({date(2026, 8, 22), date(2026, 10, 7)}),
        working_days=frozenset({date(2026, 10, 10), date(2026, 11, 24)}),
        names=((date(2026, 10, 7), "Ngày thành lập phường"),),
    )
    assert not office.is_working_day(date(2026, 8, 22))
    assert office.is_working_day(date(2026, 10, 10))
    assert office.is_working_day(date(2026, 11, 24))
    assert office.because(date(2026, 10, 7)) == "Ngày thành lập phường"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-09-02", "Quốc khánh"),
        ("2026-10-10", "thứ Bảy"),
        ("2026-10-11", "Chủ nhật"),
        ("2026-10-12", None),
    ],
)
def test_a_day_off_says_why(day: str, reason: str | None) -> None:
    assert OFFICE.because(date.fromisoformat(day)) == reason


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        ("2019-12-06", 5, "2019-12-13"),  # received on Friday: Monday is day 1
        ("2019-12-07", 1, "2019-12-09"),
        ("2026-10-15", -2, "2026-10-13"),
        ("2026-02-13", 1, "2026-02-23"),  # over Tết
        ("2026-10-11", 0, "2026-10-11"),
        ("2026-10-12", -1, "2026-10-09"),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: str, count: int, result: str) -> None:
    assert OFFICE.add_working_days(date.fromisoformat(day), count) == date.fromisoformat(result)


def test_last_and_next_working_day_stay_on_a_working_day() -> None:
    assert OFFICE.last_working_day(date(2019, 12, 14)) == date(2019, 12, 13)
    assert OFFICE.next_working_day(date(2019, 12, 14)) == date(2019, 12, 16)
    assert OFFICE.last_working_day(date(2019, 12, 13)) == date(2019, 12, 13)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "before", "result"),
    [
        ("2026-10-06 08:10", 1, "working day", False, "2026-10-07 08:10"),
        ("2026-10-09 08:10", 3, "day", False, "2026-10-12 08:10"),
        ("2026-10-06 08:10", 24, "hour", False, "2026-10-07 08:10"),
        ("2026-10-06 08:10", 15, "minute", True, "2026-10-06 07:55"),
        ("2026-10-06 10:30", 2, "working hour", False, "2026-10-06 14:30"),  # over the lunch break
        ("2026-10-09 16:00", 2, "working hour", False, "2026-10-12 08:30"),  # over the weekend
        ("2026-10-12 08:30", 2, "working hour", True, "2026-10-09 16:00"),
        ("2026-10-10 20:00", 1, "working hour", False, "2026-10-12 08:30"),
    ],
)
def test_spans_end_where_people_expect(start: str, amount: int, unit: str, before: bool, result: str) -> None:
    assert OFFICE.add(moment(start), Span(amount, unit), before) == moment(result)


def test_a_term_in_days_ends_when_the_office_closes_and_one_in_hours_to_the_minute() -> None:
    assert OFFICE.deadline(moment("2026-10-06 08:10"), Span(1, "working day")) == moment("2026-10-07 17:00")
    assert OFFICE.deadline(moment("2026-10-06 08:10"), Span(48, "hour")) == moment("2026-10-08 08:10")


SLOTS = (time(14, 0), time(8, 0))


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-10-06 08:00", "2026-10-06 08:00"),
        ("2026-10-06 08:01", "2026-10-06 14:00"),
        ("2026-10-06 14:01", "2026-10-07 08:00"),
        ("2026-10-09 14:01", "2026-10-12 08:00"),
        ("2026-10-10 03:00", "2026-10-12 08:00"),
    ],
)
def test_coalesced_mail_leaves_in_the_next_slot_of_a_working_day(at: str, slot: str) -> None:
    assert OFFICE.next_slot(moment(at), SLOTS) == moment(slot)


def test_without_slots_mail_leaves_in_office_hours() -> None:
    assert OFFICE.next_slot(moment("2026-10-06 09:00"), ()) == moment("2026-10-06 09:00")
    assert OFFICE.next_slot(moment("2026-10-06 12:00"), ()) == moment("2026-10-06 13:30")


def test_moments_of_other_zones_are_understood() -> None:
    assert OFFICE.in_hours(datetime(2026, 10, 6, 1, 0, tzinfo=UTC))  # 08:00 in the office
    assert not OFFICE.in_hours(datetime(2026, 10, 6, 12, 0, tzinfo=UTC))


def test_it_travels_to_reader_processes_and_serves_as_a_key() -> None:
    copy = pickle.loads(pickle.dumps(OFFICE))
    assert copy == OFFICE
    assert hash(copy) == hash(OFFICE)


@given(st.dates(), st.integers(-40, 40))
def test_counting_always_ends_on_a_working_day_or_the_end_of_the_calendar(day: date, count: int) -> None:
    end = OFFICE.add_working_days(day, count)
    near_the_end = timedelta(days=100)
    if count and date.min + near_the_end < day < date.max - near_the_end:
        assert OFFICE.is_working_day(end)
        assert (end > day) == (count > 0)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)), st.integers(0, 60))  # noqa: DTZ001
def test_working_hours_there_and_back_lose_nothing(naive: datetime, amount: int) -> None:
    start = OFFICE.next_slot(naive.replace(tzinfo=HERE), ())
    there = OFFICE.add(start, Span(amount, "working hour"))
    back = OFFICE.add(there, Span(amount, "working hour"), before=True)
    assert back == start or not OFFICE.in_hours(back)
