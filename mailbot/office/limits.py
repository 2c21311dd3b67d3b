"""Reads one limit of time behind its limiting word: days, hours, periods, spans, recurrences (Civil Code 2015)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot.office.documents import safe_date
from mailbot.office.times import CLOCK, DATE, RULE_WEEKDAYS, WEEKDAY, clock, infer_year, read_date, weekday
from mailbot.office.working_time import WorkingTime

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days that wordings count from: when the document was signed and when the mail came."""

    issued_on: date | None
    received_on: date | None
    timezone: str
    working_time: WorkingTime | None = None
    received_at: datetime | None = None

    @property
    def reference(self) -> date | None:
        """The day that a missing year is counted from."""
        return self.issued_on or self.received_on


@dataclass(frozen=True, slots=True)
class Found:
    """What a wording resolves to, where it ends, and what had to be guessed or contradicts itself."""

    due: date | datetime
    end: int
    recurrence: str | None = None
    inferred: bool = False
    vague: bool = False
    conflict: bool = False

    @property
    def day(self) -> date:
        """The day of the last permitted moment."""
        return self.due.date() if isinstance(self.due, datetime) else self.due


_HALVES = {"sang": (time(7, 30), time(11, 30)), "chieu": (time(13, 30), time(17, 0))}
_SESSION = r"(?:(?:trong\s+)?(?:buoi\s+)?(?P<session>sang|chieu)\s{1,2})?"
_FULL = re.compile(
    rf"(?:{CLOCK}\s{{0,2}},?\s{{0,2}}(?:(?:sang|chieu|trua)\s{{0,2}},?\s{{0,2}})?)?{_SESSION}"
    rf"(?:(?:ngay\s{{1,3}})?{WEEKDAY}\s{{0,2}},?\s{{0,2}}\(?)?(?:ngay\s{{1,3}})?{DATE}"
)
# What may stand behind the date: `(thứ Sáu)`, `, 17h00`, `(trước 16 giờ)`.
_WEEKDAY_BEHIND = re.compile(rf"\s{{0,2}}[,(]?\s{{0,2}}{WEEKDAY}\)?")
_CLOCK_BEHIND = re.compile(rf"\s{{0,2}}[,(]?\s{{0,2}}(?:truoc\s|vao\s|luc\s|cham nhat\s){{0,2}}{CLOCK}")
_CLOCK_WEEKDAY = re.compile(rf"(?:{CLOCK}\s{{0,2}},?\s{{0,2}})?{_SESSION}{WEEKDAY}")
_CLOCK_ONLY = re.compile(rf"{CLOCK}\s{{0,2}},?\s{{0,2}}(?:(?P<daily>(?:hang|moi) ngay)\b|(?=[.,;)/\n]|$))")
_NEXT_WEEK = re.compile(r"\s*(?:tuan sau|tuan toi)")
_DAY_ONLY = re.compile(
    r"ngay\s{1,3}(?P<day>0?[1-9]|[12]\d|3[01])\b(?!\s{0,2}(?:[/.-]\s?\d|ngay|lam viec|thang\s+(?:\d|chap|gieng)))"
    r"(?:\s+thang\s+(?P<which>nay|sau|toi)\b)?"
)
_LAST_DAY = re.compile(
    r"ngay (?P<working>lam viec )?cuoi(?: cung)?(?: cua)? (?:(?:hang|moi) )?(?P<unit>thang|quy)\b"
    r"(?: (?P<month>1[0-2]|0?[1-9])\b)?"
)
_BEHIND_PERIOD = r"(?:\s{0,2}(?:/|nam\s+|-)\s{0,2}(?P<year>(?:19|20)\d\d))?"
_QUARTER = re.compile(rf"quy\s{{1,2}}(?P<quarter>iv|i{{1,3}}|[1-4])\b{_BEHIND_PERIOD}")
_MONTH = re.compile(rf"thang\s{{1,2}}(?P<month>1[0-2]|0?[1-9])\b{_BEHIND_PERIOD}")
_YEAR = re.compile(r"nam\s{1,2}(?P<year>(?:19|20)\d\d)")
_PART = re.compile(rf"(?P<part>dau|giua|cuoi)\s{{1,2}}thang\s{{1,2}}(?P<month>1[0-2]|0?[1-9])\b{_BEHIND_PERIOD}")
_PART_OF_YEAR = re.compile(r"(?P<part>dau|giua|cuoi)\s{1,2}nam\s{1,2}(?P<year>(?:19|20)\d\d)")
_HALF_YEAR = re.compile(r"6 thang (?P<half>dau|cuoi) nam\s{1,2}(?P<year>(?:19|20)\d\d)")
_SPAN = re.compile(
    r"(?:vong\s+|thoi (?:han|gian)\s+)?"
    r"(?P<amount>\d{1,3}|mot|hai|ba|bon|nam|sau|bay|muoi lam|muoi)\s{0,2}(?:\([^)\n]{1,20}\)\s{0,2})?(?P<unit>"
    r"ngay lam viec|ngay|gio|h|tuan|thang)\b"
    r"(?:[^.;\n]{0,12}?\b(?:ke tu|tu|tinh tu|sau)\s+(?:khi |thoi diem )?(?:ngay )?"
    r"(?P<from>nhan|ky|ban hanh|phat hanh|ra van ban|co van ban|" + DATE + r"))?"
)
# A span that counts from something else than the paper's own days.
_FROM_EVENT = re.compile(r"[^.;\n]{0,12}?\b(?:ke tu|tinh tu|sau)\s+(?:khi|ngay|thoi diem|hoi nghi|dai hoi|dot)\b")
_RELATIVE = re.compile(
    rf"(?:{CLOCK}\s{{0,2}},?\s{{0,2}})?(?:ngay )?(?P<when>hom nay|ngay mai|(?:sang|trua|chieu|toi) (?:nay|mai)|mai"
    r"|(?:(?:dau|giua|cuoi) )?tuan (?:nay|sau|toi)|ngay(?=\s*(?:[.,;)/]|$)))(?![a-z])"
)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
# Where in a week its beginning, middle and end lie; Monday is 0. The wording leaves it open, so it is told as vague.
_WEEK_PARTS = {"dau": 1, "giua": 2, "cuoi": 4}
_MONTH_PARTS = {"dau": 1, "giua": 15}
_YEAR_PARTS = {"dau": (1, 1), "giua": (6, 30), "cuoi": (12, 31)}


def read_limit(tail: str, strict: bool, anchors: Anchors, period: str | None) -> Found | None:
    """Read the folded words behind a limiting word; `strict` for `trước`, `period` where it recurs (`thang`, `quy`…).

    The due moment is the last permitted one: before the 15th ends with the 14th. None when no time can be told.
    """
    for reader in _READERS:
        found = reader(tail, strict, anchors, period)
        if found is not None:
            return found
    return None


def half_day(half: str, end: bool, anchors: Anchors) -> time:
    """Return the hour at which a half of the office's working day (`sang`, `chieu`) begins or ends."""
    hours = dict(_HALVES)
    if anchors.working_time is not None and len(anchors.working_time.hours) == 2:
        hours = dict(zip(("sang", "chieu"), anchors.working_time.hours, strict=True))
    return hours[half][1 if end else 0]


def _moment(day: date, hour: time | None, strict: bool, anchors: Anchors) -> date | datetime:
    """`trước ngày 15` ends with the 14th; `trước 16 giờ ngày 15` is that hour."""
    if hour is not None:
        return datetime.combine(day, hour, ZoneInfo(anchors.timezone))
    return day - timedelta(1) if strict else day


def _hour(match: re.Match[str], tail: str, strict: bool, anchors: Anchors) -> time | None:
    if match["hour"]:
        return clock(match, tail[match.end("hour") :][:20])
    session = match.groupdict().get("session")
    return half_day(session, not strict, anchors) if session else None


def _full(tail: str, strict: bool, anchors: Anchors, period: str | None) -> Found | None:
    match = _FULL.match(tail)
    written = read_date(match, anchors.reference) if match is not None else None
    if match is None or written is None:
        return None
    day, end, hour = written.day, match.end(), _hour(match, tail, strict, anchors)
    behind = None if match["weekday"] or match["sunday"] else _WEEKDAY_BEHIND.match(tail, end)
    named = weekday(behind or match) if behind or match["weekday"] or match["sunday"] else None
    if written.inferred and named is not None and anchors.reference is not None:
        day = infer_year(day.day, day.month, anchors.reference, named) or day
    later = _CLOCK_BEHIND.match(tail, behind.end() if behind else end) if hour is None else None
    if later is not None:
        hour, end = _hour(later, tail, strict, anchors), later.end()
    due = _moment(day, hour, strict, anchors)
    found = Found(due, end, inferred=written.inferred, conflict=named is not None and named != day.weekday())
    return _yearly(found, day, hour, strict, anchors) if written.inferred and period in _YEARLY else found


_YEARLY = frozenset({"nam", "6 thang", "9 thang"})


def _yearly(found: Found, day: date, hour: time | None, strict: bool, anchors: Anchors) -> Found:
    """A day without a year that recurs: its next one, and each year's."""
    if anchors.reference is not None and found.day < anchors.reference:
        found = replace(found, due=_moment(_next_year(day), hour, strict, anchors))
    rule = f"FREQ=YEARLY;BYMONTH={found.day.month};BYMONTHDAY={found.day.day}"
    return replace(found, recurrence=rule, inferred=False)


def _next_year(day: date) -> date:
    return safe_date(day.year + 1, day.month, day.day) or day + timedelta(365)


def _weekly(tail: str, strict: bool, anchors: Anchors, period: str | None) -> Found | None:
    match = _CLOCK_WEEKDAY.match(tail)
    if match is None or anchors.reference is None:
        return None
    wanted = weekday(match)
    hour = _hour(match, tail, strict, anchors)
    first = anchors.reference + timedelta((wanted - anchors.reference.weekday()) % 7)
    if period == "tuan":
        due = _moment(first, hour, strict, anchors)
        if not isinstance(due, datetime) and due < anchors.reference:
            due += timedelta(7)
        return Found(due, match.end(), f"FREQ=WEEKLY;BYDAY={RULE_WEEKDAYS[due.weekday()]}")
    if _NEXT_WEEK.match(tail, match.end()):
        first += timedelta(7) if first.isocalendar().week == anchors.reference.isocalendar().week else timedelta(0)
    return Found(_moment(first, hour, strict, anchors), match.end(), vague=True)


def _clock_only(tail: str, strict: bool, anchors: Anchors, period: str | None) -> Found | None:
    """`trước 16 giờ hằng ngày` recurs; `trước 16 giờ` alone means the day on which the mail came."""
    match = _CLOCK_ONLY.match(tail)
    today = anchors.received_on or anchors.issued_on
    if match is None or today is None:
        return None
    daily = bool(match["daily"]) or period == "ngay"
    due = _moment(today, _hour(match, tail, strict, anchors), strict, anchors)
    return Found(due, match.end(), "FREQ=DAILY" if daily else None, vague=not daily)


def _day_only(tail: str, strict: bool, anchors: Anchors, period: str | None) -> Found | None:
    """`trước ngày 25 hằng tháng`, `trước ngày 10 của tháng cuối quý`, or simply this month's day."""
    match = _DAY_ONLY.match(tail)
    if match is None or anchors.reference is None:
        return None
    day = int(match["day"])
    months = _quarter_months(tail[match.end() : match.end() + 40]) if period == "quy" else range(1, 13)
    start = anchors.reference
    if match["which"] in {"sau", "toi"}:
        start = start.replace(day=1) + timedelta(31)
        start = start.replace(day=1)
    due = _next_day(start, day, tuple(months), strict)
    if due is None:
        return None
    if period == "quy":
        return Found(due, match.end(), f"FREQ=YEARLY;BYMONTH={','.join(map(str, months))};BYMONTHDAY={due.day}")
    if period == "thang":
        return Found(due, match.end(), f"FREQ=MONTHLY;BYMONTHDAY={due.day if day > 1 or not strict else -1}")
    return Found(due, match.end(), inferred=match["which"] is None)


def _last_day(tail: str, strict: bool, anchors: Anchors, period: str | None) -> Found | None:
    """`ngày cuối cùng hằng tháng`, `ngày làm việc cuối cùng của quý`, `ngày cuối tháng 12`."""
    match = _LAST_DAY.match(tail)
    if match is None or anchors.reference is None:
        return None
    unit = match["unit"]
    months = (3, 6, 9, 12) if unit == "quy" else (int(match["month"]),) if match["month"] else tuple(range(1, 13))
    reference = anchors.reference
    month = next((month for month in months if month >= reference.month), months[0])
    year = reference.year + (month < reference.month)
    due = date(year, month, calendar.monthrange(year, month)[1])
    recurs = period in {"thang", "quy"} and not match["month"]
    if match["working"]:
        hours = anchors.working_time or WorkingTime(anchors.timezone)
        while not hours.is_working_day(due):
            due -= timedelta(1)
    due -= timedelta(1 if strict else 0)
    if not recurs:
        return Found(due, match.end(), inferred=bool(match["month"]))
    every = "FREQ=MONTHLY" + (f";BYMONTH={','.join(map(str, months))}" if unit == "quy" else "")
    which = "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" if match["working"] else f"BYMONTHDAY={-2 if strict else -1}"
    return Found(due, match.end(), f"{every};{which}")


def _quarter_months(after: str) -> tuple[int, ...]:
    return (1, 4, 7, 10) if "thang dau" in after else (3, 6, 9, 12)


def _next_day(reference: date, day: int, months: tuple[int, ...], strict: bool) -> date | None:
    """The first such day of one of the months that is not before the reference."""
    for offset in range(14):
        month = (reference.month - 1 + offset) % 12 + 1
        year = reference.year + (reference.month - 1 + offset) // 12
        found = safe_date(year, month, day) if month in months else None
        if found is not None:
            due = found - timedelta(1) if strict else found
            if due >= reference:
                return due
    return None


def _quarter(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    match = _QUARTER.match(tail)
    if match is None:
        return None
    return _whole_period(match, 3 * _QUARTERS[match["quarter"]] - 2, 3, strict, anchors)


def _month(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    match = _MONTH.match(tail)
    return None if match is None else _whole_period(match, int(match["month"]), 1, strict, anchors)


def _year(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    match = _YEAR.match(tail)
    return None if match is None else _whole_period(match, 1, 12, strict, anchors)


def _half_year(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    match = _HALF_YEAR.match(tail)
    return None if match is None else _whole_period(match, 1 if match["half"] == "dau" else 7, 6, strict, anchors)


def _whole_period(match: re.Match[str], first_month: int, length: int, strict: bool, anchors: Anchors) -> Found | None:
    """A period ends with its last day; before a period ends with the day before its first."""
    year = int(match["year"]) if match["year"] else None
    if year is None:
        if anchors.reference is None:
            return None
        year = anchors.reference.year
        if first_month + length - 1 < anchors.reference.month:
            year += 1
    last_month = first_month + length - 1
    if strict:
        due = date(year, first_month, 1) - timedelta(1)
    else:
        due = date(year, last_month, calendar.monthrange(year, last_month)[1])
    return Found(due, match.end(), inferred=match["year"] is None)


def _part_of_month(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    """Đầu, giữa, cuối tháng are the 1st, the 15th, the last day (Civil Code 2015 Art. 146)."""
    match = _PART.match(tail)
    found = _whole_period(match, int(match["month"]), 1, False, anchors) if match is not None else None
    if match is None or found is None:
        return None
    due = found.day.replace(day=_MONTH_PARTS.get(match["part"], found.day.day)) - timedelta(1 if strict else 0)
    return replace(found, due=due, vague=True)


def _part_of_year(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    """Đầu, giữa, cuối năm are the 1st of January, the 30th of June, the last day (Civil Code 2015 Art. 146)."""
    match = _PART_OF_YEAR.match(tail)
    if match is None:
        return None
    month, day = _YEAR_PARTS[match["part"]]
    return Found(_moment(date(int(match["year"]), month, day), None, strict, anchors), match.end(), vague=True)


def _span(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    """`05 ngày làm việc kể từ ngày nhận được`: the day of the event is not counted (Civil Code 2015 Art. 147)."""
    match = _SPAN.match(tail)
    clocked = match is not None and match["unit"] in {"gio", "h"}
    if match is None or (match["from"] is None and not tail.startswith("vong") and (not clocked or strict)):
        return None
    if match["from"] is None and _FROM_EVENT.match(tail, match.end()):
        return None
    if clocked and match["from"] in {None, "nhan"} and anchors.received_at is not None:
        moment = anchors.received_at.astimezone(ZoneInfo(anchors.timezone))
        return Found(moment + timedelta(hours=_amount(match)), match.end())
    start = _span_start(match, anchors)
    if start is None:
        return None
    return Found(_after(start, _amount(match), match["unit"], anchors), match.end(), vague=clocked)


_IN_WORDS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "muoi": 10, "muoi lam": 15}


def _amount(match: re.Match[str]) -> int:
    return _IN_WORDS.get(match["amount"]) or int(match["amount"])


def _span_start(match: re.Match[str], anchors: Anchors) -> date | None:
    if match["day"]:
        written = read_date(match, anchors.reference)
        return written.day if written is not None else None
    return anchors.received_on if match["from"] in {None, "nhan"} else anchors.issued_on


def _after(start: date, amount: int, unit: str, anchors: Anchors) -> date:
    """The last day of a span that begins with the day after `start`."""
    if unit == "ngay lam viec":
        return (anchors.working_time or WorkingTime(anchors.timezone)).add_working_days(start, amount)
    if unit == "thang":
        month = start.month - 1 + amount
        year, month = start.year + month // 12, month % 12 + 1
        return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
    hours = {"gio": 1, "h": 1, "tuan": 7 * 24}.get(unit, 24)
    return start + timedelta(hours=amount * hours)


def _relative(tail: str, strict: bool, anchors: Anchors, _period: str | None) -> Found | None:
    """`trong ngày`, `hôm nay`, `10 giờ sáng mai`, `đầu tuần sau`: counted from the mail's day."""
    match = _RELATIVE.match(tail)
    if match is None or anchors.received_on is None:
        return None
    today, when = anchors.received_on, match["when"]
    if "tuan" in when:
        monday = today - timedelta(today.weekday()) + timedelta(0 if when.endswith("nay") else 7)
        part = when.split(" ", 1)[0]
        return Found(monday + timedelta(_WEEK_PARTS.get(part, 4)), match.end(), vague=True)
    day = today + timedelta(days=1 if "mai" in when else 0)
    return Found(_moment(day, _hour(match, tail, strict, anchors), strict and when != "ngay", anchors), match.end())


_READERS: tuple[Callable[[str, bool, Anchors, str | None], Found | None], ...] = (
    _full,
    _weekly,
    _day_only,
    _last_day,
    _quarter,
    _month,
    _year,
    _part_of_month,
    _part_of_year,
    _half_year,
    _relative,
    _span,
    _clock_only,
)
