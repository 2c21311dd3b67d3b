"""When digests go out: the words of mailbot.yaml and the next run after a moment."""

from __future__ import annotations

from datetime import datetime

import pytest

from mailbot.office.working_time import WorkingTime
from mailbot.routing.schedules import next_run, parse_schedule
from tests.example_office import HANOI


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("daily 07:30", "daily 07:30"),
        ("Daily   7:30", "daily 07:30"),
        ("weekly friday 15:00", "weekly 4 15:00"),
        ("weekly monday 08:00", "weekly 0 08:00"),
        ("weekly 15:00", None),
        ("daily 24:00", None),
        ("daily friday 08:00", None),
        ("07:30", None),
        ("weekly thứ sáu 15:00", None),
    ],
)
def test_words_of_a_schedule(words: str, read: str | None) -> None:
    found = parse_schedule(words)
    assert (str(found) if found else None) == read


@pytest.mark.parametrize(
    ("words", "after", "runs"),
    [
        pytest.param("daily 07:30", "2026-10-15 07:29", "10-15 07:30", id="today"),
        pytest.param("daily 07:30", "2026-10-15 07:30", "10-16 07:30", id="strictly after"),
        pytest.param("daily 07:30", "2026-10-16 08:00", "10-19 07:30", id="over the weekend"),
        pytest.param("daily 07:30", "2026-02-13 08:00", "02-23 07:30", id="over Tết"),
        pytest.param("weekly friday 15:00", "2026-10-15 08:00", "10-16 15:00", id="this week"),
        pytest.param("weekly friday 15:00", "2026-10-16 15:00", "10-23 15:00", id="next week"),
        pytest.param("weekly friday 15:00", "2026-04-27 08:00", "04-29 15:00", id="Friday 1 May is off: before it"),
        pytest.param("weekly friday 15:00", "2026-02-16 08:00", "02-27 15:00", id="the week of Tết has none"),
        pytest.param("weekly monday 08:00", "2026-04-25 08:00", "04-28 08:00", id="Monday is off: the day after"),
    ],
)
def test_the_next_run_is_on_a_working_day(words: str, after: str, runs: str) -> None:
    when = parse_schedule(words)
    assert when is not None
    moment = next_run(when, WorkingTime(), datetime.fromisoformat(after).replace(tzinfo=HANOI))
    assert moment is not None
    assert f"{moment:%m-%d %H:%M}" == runs


def test_an_office_that_never_works_has_no_run() -> None:
    when = parse_schedule("daily 07:30")
    assert when is not None
    closed = type("Closed", (WorkingTime,), {"is_working_day": lambda _self, _day: False})()
    assert next_run(when, closed, datetime(2026, 10, 15, tzinfo=HANOI)) is None
