"""Dates and hours as Vietnamese letters write them: clocks, weekdays, sessions, missing years (domain: HD 36, §3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from mailbot.office.documents import safe_date

if TYPE_CHECKING:
    from collections.abc import Iterator

# All patterns see folded text: lower case, no accents.
CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4])\s{0,2}(?:gio(?![a-z])|[gh](?![a-z])"
    r"|:(?=\s?\d))\s{0,2}(?P<minute>[0-5]\d(?!\d))?(?:\s{0,2}(?:phut|ph(?![a-z])|'))?"
)
DATE = (
    r"(?<![\d/.])(?P<day>0?[1-9]|[12]\d|3[01])\s{0,2}(?:[/.-]|\s+thang\s+)\s{0,2}(?P<month>1[0-2]"
    r"|0?[1-9])(?!\d)(?:\s{0,2}(?:[/.-]|,?\s*nam\s+)\s{0,2}(?P<year>(?:19|20)\d\d"
    r"|\d\d)(?![\d:]))?(?!\s{0,2}(?:gio|g\d|h\d|['%]))"
)
WEEKDAY = r"(?:(?:thu|th)\s{0,2}(?P<weekday>hai|ba|tu|bon|nam|sau|bay|bay|[2-7])\b|(?P<sunday>chu nhat|\bcn\b))"
_DATE = re.compile(r"(?:ngay\s+)?" + DATE)
_CLOCK = re.compile(r"(?<![\d/.,:-])" + CLOCK)
_WEEKDAY = re.compile(r"\b" + WEEKDAY)
_DAY_RANGE = re.compile(
    r"(?<![\d/.])(?P<first>0?[1-9]|[12]\d|3[01])(?:\s{0,2}[/.]\s{0,2}(?P<first_month>1[0-2]"
    r"|0?[1-9]))?\s{0,2}(?:-|den(?: het)?(?: ngay)?|va(?: ngay)?|,)\s{0,2}" + DATE
)
_AFTERNOON = re.compile(r"^\s{0,2}(?:,\s*)?(?:chieu|toi)\b")
_WEEKDAYS = {
    "hai": 0,
    "2": 0,
    "ba": 1,
    "3": 1,
    "tu": 2,
    "bon": 2,
    "4": 2,
    "nam": 3,
    "5": 3,
    "sau": 4,
    "6": 4,
    "bay": 5,
    "7": 5,
}
RULE_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# How long a passed date without a year is believed to be of this year: a citation or a slip, not next year's.
PASSED_DAYS = 60
# A day so near is meant even where its weekday is wrong, and not the one that fits years later.
SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date found in folded text; `inferred` when its year was not written."""

    day: date
    inferred: bool
    start: int
    end: int


def dates(folded: str, reference: date | None) -> Iterator[WrittenDate]:
    """Yield the dates of folded text in order; a missing year is taken from the reference day."""
    for match in _DATE.finditer(folded):
        found = read_date(match, reference)
        if found is not None:
            yield found


def read_date(match: re.Match[str], reference: date | None) -> WrittenDate | None:
    """Read the named groups of DATE."""
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if year:
        found = safe_date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return WrittenDate(found, False, match.start(), match.end()) if found else None
    if reference is None:
        return None
    found = infer_year(day, month, reference)
    return WrittenDate(found, True, match.start(), match.end()) if found else None


def infer_year(day: int, month: int, reference: date, weekday: int | None = None) -> date | None:
    """Choose the year of a day and month: the one that fits the weekday, else the first that is not long past."""
    candidates = [found for offset in (0, 1, -1) if (found := safe_date(reference.year + offset, month, day))]
    if weekday is not None:
        coming = [found for found in candidates if found >= reference - timedelta(3)]
        soon = [found for found in coming if found <= reference + timedelta(SOON_DAYS)]
        fitting = [found for found in soon or coming if found.weekday() == weekday]
        if fitting:
            return fitting[0]
    later = [found for found in candidates if found >= reference - timedelta(PASSED_DAYS)]
    return min(later) if later else (candidates[0] if candidates else None)


def clock(match: re.Match[str], after: str = "") -> time | None:
    """Read the named groups of CLOCK; `after` is the folded text behind it: 2 giờ chiều is 14:00."""
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if not minute and after.lstrip().startswith("ruoi"):
        minute = 30
    if hour < 12 and _AFTERNOON.match(after):
        hour += 12
    return time(hour % 24, minute) if hour <= 24 else None


def clocks(folded: str) -> Iterator[tuple[time, int, int]]:
    """Yield the hours of folded text with their places."""
    for match in _CLOCK.finditer(folded):
        found = clock(match, folded[match.end() : match.end() + 12])
        if found is not None:
            yield found, match.start(), match.end()


def weekday(match: re.Match[str]) -> int:
    """Read the named groups of WEEKDAY: thứ Hai is Monday, 0."""
    return 6 if match["sunday"] else _WEEKDAYS[match["weekday"]]


def weekdays(folded: str, original: str | None = None) -> Iterator[tuple[int, int, int]]:
    """Yield the weekdays of folded text with their places; `original` guards against `thu` that is no `thứ`."""
    for match in _WEEKDAY.finditer(folded):
        written = original[match.start() : match.end()].lower() if original is not None else "th"
        if original is None or (
            written.startswith(("thứ", "thu ", "th ", "ch", "cn", "th")) and not written.startswith("thư")
        ):
            yield weekday(match), match.start(), match.end()


def day_range(folded: str, reference: date | None) -> tuple[date, date, int, int] | None:
    """Return the first span of days (`28-29/11/2019`, `từ 26/12 đến 27/12/2019`) and its place, or None."""
    for match in _DAY_RANGE.finditer(folded):
        last = read_date(match, reference)
        if last is None:
            continue
        month = int(match["first_month"] or last.day.month)
        first = safe_date(last.day.year - (1 if month > last.day.month else 0), month, int(match["first"]))
        if first is not None and first < last.day and (last.day - first).days <= 31:
            return first, last.day, match.start(), match.end()
    return None
