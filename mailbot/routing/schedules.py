"""When digests go out: `daily 07:30`, `weekly friday 15:00`, on working days only."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from mailbot.routing.model import Schedule
from mailbot.yaml_values import text, wrong

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailbot.office.working_time import WorkingTime

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SCHEDULE = re.compile(rf"(?:daily|weekly (?P<day>{'|'.join(WEEKDAYS)})) (?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")
# The longest time without a run that a calendar can mean: an office that is closed for months.
FARTHEST_DAYS = 400


def parse_schedule(words: str) -> Schedule | None:
    """Read `daily 07:30` or `weekly friday 15:00`; None for anything else."""
    found = SCHEDULE.fullmatch(" ".join(words.split()).casefold())
    if found is None:
        return None
    weekday = WEEKDAYS.index(found["day"]) if found["day"] else None
    return Schedule(time(int(found["hour"]), int(found["minute"])), weekday)


def schedule(value: Any) -> Schedule:
    """Read a schedule of a site file."""
    words = text(value)
    found = parse_schedule(words)
    if found is None:
        raise wrong(
            "schedule",
            f"“{words}” không phải lịch gửi",
            f'"{words}" is no schedule',
            "viết: daily 07:30 hoặc weekly friday 15:00",
            "write: daily 07:30 or weekly friday 15:00",
        )
    return found


def next_run(when: Schedule, calendar: WorkingTime, after: datetime) -> datetime | None:
    """Return the first run after a moment, on a working day; None when the office does not work for a year.

    A weekly run whose day is off comes on the last working day of that week before it, else on the first one after it.
    """
    here = calendar.local(after)
    for count in range(FARTHEST_DAYS):
        day = here.date() + timedelta(days=count)
        if not calendar.is_working_day(day) or (when.weekday is not None and day != _day_of_week(when, calendar, day)):
            continue
        moment = calendar.at(day, when.hour)
        if moment > here:
            return moment
    return None


def _day_of_week(when: Schedule, calendar: WorkingTime, day: date) -> date | None:
    """Return the day of a weekly run in the week of a day."""
    assert when.weekday is not None
    monday = day - timedelta(days=day.weekday())
    wanted = monday + timedelta(days=when.weekday)
    before = calendar.last_working_day(wanted)
    if before >= monday:
        return before
    after = calendar.next_working_day(wanted)
    return after if after < monday + timedelta(days=7) else None


ScheduleText = Annotated[Schedule, PlainValidator(schedule)]
