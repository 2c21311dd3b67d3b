"""Office hours, public holidays and swapped days: which days count, and where a span of working time ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_DAY = timedelta(days=1)
MORNING_AND_AFTERNOON = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
# An office that never opens would be searched for ever; ten years are longer than any span that an admin means.
FARTHEST_SEARCH_DAYS = 3660


class SpanLike(Protocol):
    """A length of time: an amount and what it counts (`working day`, `day`, `working hour`, `hour`, `minute`)."""

    @property
    def amount(self) -> int:
        """How many."""

    @property
    def unit(self) -> str:
        """Of what."""


@dataclass(frozen=True)
class NationalYear:
    """The public holidays of one year, by name, and the Saturdays that the Government made working days."""

    days_off: dict[date, str]
    working_days: frozenset[date]


@lru_cache(maxsize=256)
def national_year(year: int) -> NationalYear:
    """Return what the Labour Code 2019 Art. 112 and the yearly swaps make of one year, as `holidays` knows them."""
    import holidays  # imported late: 90 ms that a reader process need not pay

    # Without language='vi' the names come in the language of the machine's locale.
    known = holidays.country_holidays("VN", years=year, language="vi")
    swapped = getattr(known, "weekend_workdays", ())
    return NationalYear({day: str(name) for day, name in known.items()}, frozenset(swapped))


def later(day: date, step: timedelta) -> date:
    """Return the neighbouring day, or the same one at the end of the calendar, so that absurd dates never raise."""
    try:
        return day + step
    except OverflowError:
        return day


@dataclass(frozen=True)
class WorkingTime:
    """The working calendar of one office; aware moments go in and come out in the office's zone."""

    timezone: str = "Asia/Ho_Chi_Minh"
    hours: tuple[tuple[time, time], ...] = MORNING_AND_AFTERNOON
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    names: tuple[tuple[date, str], ...] = ()  # why the office's own days off are off
    national: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    def local(self, moment: datetime) -> datetime:
        """Return the aware moment in the office's zone; a naive one is a programming error."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone says nothing")
        return moment.astimezone(self.zone)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works that day: its own calendar first, then the national one, then the week."""
        if day in self.days_off:
            return False
        if day in self.working_days:
            return True
        if self.national:
            year = national_year(day.year)
            if day in year.days_off:
                return False
            if day in year.working_days:
                return True
        return day.weekday() < 5  # Saturday is 5

    def because(self, day: date) -> str | None:
        """Return why that day is off, in Vietnamese (`Quốc khánh`, `Chủ nhật`), or None for a working day."""
        if self.is_working_day(day):
            return None
        own = dict(self.names).get(day)
        if own is not None:
            return own
        national = national_year(day.year).days_off.get(day) if self.national else None
        if national is not None:
            return national
        return {5: "thứ Bảy", 6: "Chủ nhật"}.get(day.weekday(), "ngày nghỉ của cơ quan")

    def add_working_days(self, day: date, count: int) -> date:
        """Count working days: the day after `day` may be the first (Civil Code 2015 Art. 147); negative counts back."""
        step = ONE_DAY if count > 0 else -ONE_DAY
        left = abs(count)
        while left:
            following = self._seek(later(day, step), step)
            if following == day:
                return day
            day = following
            left -= 1
        return day

    def last_working_day(self, day: date) -> date:
        """Return `day` or, when it is off, the nearest working day before it."""
        return self._seek(day, -ONE_DAY)

    def next_working_day(self, day: date) -> date:
        """Return `day` or, when it is off, the nearest working day after it."""
        return self._seek(day, ONE_DAY)

    def _seek(self, day: date, step: timedelta) -> date:
        found = day
        for _ in range(FARTHEST_SEARCH_DAYS):
            if self.is_working_day(found):
                return found
            found = later(found, step)
        return day

    def at(self, day: date, hour: time) -> datetime:
        """Return the moment of an hour of the day in the office's zone."""
        return datetime.combine(day, hour, tzinfo=self.zone)

    def start_of_day(self, day: date) -> datetime:
        """Return the moment when the office opens on that day."""
        return self.at(day, self.hours[0][0] if self.hours else time(0, 0))

    def end_of_day(self, day: date) -> datetime:
        """Return the moment when the office closes on that day: the last permitted moment of a deadline."""
        return self.at(day, self.hours[-1][1] if self.hours else time(23, 59))

    def in_hours(self, moment: datetime) -> bool:
        """Tell whether somebody is in the office at that moment."""
        here = self.local(moment)
        clock = here.time()
        return self.is_working_day(here.date()) and any(opens <= clock < closes for opens, closes in self.hours)

    def next_slot(self, moment: datetime, slots: tuple[time, ...]) -> datetime:
        """Return the first of the hours `slots` on a working day at or after the moment; without slots, in hours."""
        here = self.local(moment)
        if not slots:
            return here if self.in_hours(here) else self._next_opening(here)
        day = self.next_working_day(here.date())
        for slot in sorted(slots):
            if self.at(day, slot) >= here:
                return self.at(day, slot)
        return self.at(self.add_working_days(day, 1), min(slots))

    def _next_opening(self, moment: datetime) -> datetime:
        opens, _ = next(self._openings(moment, before=False), (moment, moment))
        return max(opens, moment)

    def add(self, moment: datetime, span: SpanLike, before: bool = False) -> datetime:
        """Return the moment a span later (or earlier). Days keep the hour, working hours run only while it is open."""
        here = self.local(moment)
        amount = -span.amount if before else span.amount
        match str(span.unit):
            case "working day":
                return self.at(self.add_working_days(here.date(), amount), here.time())
            case "day":
                return self.at(later(here.date(), timedelta(days=amount)), here.time())
            case "working hour":
                return self._add_working(here, timedelta(hours=span.amount), before)
            case "hour":
                # Elapsed time: through UTC, so that a zone with summer time counts true hours.
                return (here.astimezone(UTC) + timedelta(hours=amount)).astimezone(self.zone)
            case "minute":
                return (here.astimezone(UTC) + timedelta(minutes=amount)).astimezone(self.zone)
        raise ValueError(f"unknown unit of time: {span.unit}")

    def deadline(self, moment: datetime, span: SpanLike) -> datetime:
        """Return the last permitted moment of a term: days end when the office closes, hours to the minute."""
        end = self.add(moment, span)
        return self.end_of_day(end.date()) if str(span.unit) in {"working day", "day"} else end

    def _openings(self, moment: datetime, before: bool) -> Iterator[tuple[datetime, datetime]]:
        """Yield the times when the office is open, from the moment on, forward or backward."""
        step = -1 if before else 1
        day = moment.date()
        for _ in range(FARTHEST_SEARCH_DAYS):
            if self.is_working_day(day):
                for opens, closes in self.hours[::step]:
                    start, end = self.at(day, opens), self.at(day, closes)
                    if (start < moment) if before else (end > moment):
                        yield start, end
            day = later(day, ONE_DAY * step)

    def _add_working(self, moment: datetime, left: timedelta, before: bool) -> datetime:
        for opens, closes in self._openings(moment, before):
            start, end = (opens, min(closes, moment)) if before else (max(opens, moment), closes)
            if end - start >= left:
                return end - left if before else start + left
            left -= end - start
        return moment
