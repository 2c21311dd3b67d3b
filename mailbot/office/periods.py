"""The periods that offices report and keep books by: week, month, quarter, half, nine months, year, and free spans."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mailbot.office.text import fold
from mailbot.office.times import dates

if TYPE_CHECKING:
    from collections.abc import Callable

_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
# All patterns see folded text; a year that is not written is this one, or the last one that has begun.
_YEAR = r"(?:\s*[/,-]?\s*(?:nam\s+)?(?P<year>(?:19|20)\d\d))?"
_WEEK = re.compile(r"(?:tuan\s*(?:so\s*)?(?P<week>\d{1,2})" + _YEAR + r"|(?P<iso>\d{4})-w(?P<isoweek>\d{1,2}))")
_MONTH = re.compile(r"(?:thang\s*)?(?P<month>0?[1-9]|1[0-2])\s*[/-]\s*(?P<year>\d{4})")
_MONTH_WORD = re.compile(r"thang\s*(?P<month>0?[1-9]|1[0-2])" + _YEAR)
_ISO_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])")
_QUARTER_WORD = re.compile(
    r"quy\s*(?P<quarter>iv|i{1,3}|[1-4])" + _YEAR + r"|q(?P<short>[1-4])\s*[/-]?\s*(?P<of>\d{4})"
)
_ROMAN = re.compile(r"(?P<quarter>iv|i{1,3})\s*/\s*(?P<year>\d{4})")
_MONTHS = re.compile(r"(?P<count>6|9|sau|chin)\s*thang(?:\s*(?P<half>dau|cuoi)\s*nam)?" + _YEAR)
_WHOLE_YEAR = re.compile(r"(?:nam\s*)?(?P<year>(?:19|20)\d\d)")
_NOW = {"tuan nay": "week", "thang nay": "month", "quy nay": "quarter", "nam nay": "year", "hom nay": "day"}


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both of them in it, as people call it."""

    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def read_period(text: str, today: date) -> Period | None:
    """Return the period that a text names: `tháng 10/2026`, `quý IV`, `6 tháng đầu năm`, `2026-W42`, one or two days.

    None for what names none. A year that is not written is this year, or the last one where the period of this year has
    not begun.
    """
    words = " ".join(fold(text).split()).strip(" .,;:")
    if words in _NOW:
        return _now(_NOW[words], today)
    for pattern, build in _READERS:
        match = pattern.fullmatch(words)
        if match is not None:
            return build(match, today)
    found = [one.day for one in dates(words, today)]
    if not found or len(found) > 2:
        return None
    return between(found[0], found[-1]) if found[0] <= found[-1] else None


def between(first: date, last: date) -> Period:
    """Return the span of two days, both of them in it."""
    one = first == last
    name = f"ngày {first:%d/%m/%Y}" if one else f"từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"
    return Period(name, first, last)


def year_of(year: int) -> Period:
    """Return a whole year."""
    return Period(f"năm {year}", date(year, 1, 1), date(year, 12, 31))


def _months(name: str, year: int, first: int, last: int) -> Period:
    return Period(name, date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def _month(match: re.Match[str], today: date) -> Period:
    month = int(match["month"])
    year = int(match["year"]) if match["year"] else _begun(today, month)
    return _months(f"tháng {month}/{year}", year, month, month)


def _begun(today: date, month: int) -> int:
    return today.year if month <= today.month else today.year - 1


def _quarter(match: re.Match[str], today: date) -> Period:
    groups = match.groupdict()
    quarter = _QUARTERS[groups["quarter"] or groups.get("short") or ""]
    written = groups.get("year") or groups.get("of")
    first = quarter * 3 - 2
    year = int(written) if written else _begun(today, first)
    return _months(f"quý {('I', 'II', 'III', 'IV')[quarter - 1]}/{year}", year, first, first + 2)


def _some_months(match: re.Match[str], today: date) -> Period:
    year = int(match["year"]) if match["year"] else today.year
    if match["count"] in ("9", "chin"):
        return _months(f"9 tháng năm {year}", year, 1, 9)
    if match["half"] == "cuoi":
        return _months(f"6 tháng cuối năm {year}", year, 7, 12)
    return _months(f"6 tháng đầu năm {year}", year, 1, 6)


def _week(match: re.Match[str], today: date) -> Period | None:
    week = int(match["week"] or match["isoweek"])
    year = int(match["iso"] or match["year"] or today.isocalendar().year)
    if not 1 <= week <= date(year, 12, 28).isocalendar().week:  # 28 December is always of the last week (ISO 8601)
        return None
    monday = date.fromisocalendar(year, week, 1)
    return Period(f"tuần {week}/{year}", monday, monday + timedelta(days=6))


def _now(kind: str, today: date) -> Period:
    if kind == "day":
        return between(today, today)
    if kind == "week":
        year, week, _ = today.isocalendar()
        monday = today - timedelta(days=today.weekday())
        return Period(f"tuần {week}/{year}", monday, monday + timedelta(days=6))
    if kind == "month":
        return _months(f"tháng {today.month}/{today.year}", today.year, today.month, today.month)
    if kind == "quarter":
        quarter = (today.month + 2) // 3
        name = f"quý {('I', 'II', 'III', 'IV')[quarter - 1]}/{today.year}"
        return _months(name, today.year, quarter * 3 - 2, quarter * 3)
    return year_of(today.year)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Period | None]], ...] = (
    (_WEEK, _week),
    (_MONTH, _month),
    (_MONTH_WORD, _month),
    (_ISO_MONTH, _month),
    (_QUARTER_WORD, _quarter),
    (_ROMAN, _quarter),
    (_MONTHS, _some_months),
    (_WHOLE_YEAR, lambda match, _today: year_of(int(match["year"]))),
)
