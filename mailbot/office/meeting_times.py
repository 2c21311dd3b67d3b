"""Resolves the wording of a meeting's time: ranges, sessions, agendas, several days, missing years (domain §3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot.office.text import fold
from mailbot.office.times import CLOCK, WrittenDate, clocks, dates, day_range, infer_year, weekdays
from mailbot.prefilter import Prefiltered

if TYPE_CHECKING:
    from mailbot.office.limits import Anchors


@dataclass(frozen=True, slots=True)
class When:
    """Start and end of a meeting, and what had to be guessed."""

    starts_at: datetime | date | None = None
    ends_at: datetime | date | None = None
    all_day: bool = False
    time_inferred: bool = False
    review: tuple[str, ...] = ()


_LUNAR = Prefiltered(r"\([^()]{0,60}(?:am lich|nham)[^()]{0,40}\)|\bnham ngay[^,.;)]{0,40}(?:am lich)?")
_PLAIN_CLOCK = re.sub(r"\?P<\w+>", "?:", CLOCK)
_RANGE = Prefiltered(rf"(?<![\d/.-])({_PLAIN_CLOCK})\s{{0,3}}(?:-|den|toi)\s{{0,3}}(?:luc\s)?({_PLAIN_CLOCK})")
_DAYS = Prefiltered(r"\b(?:trong\s+)?0?([2-9]|1\d)\s+ngay\b(?!\s+\d{1,2}\s?[/.]\d{1,2}\b(?!\s?-))")
_ARRIVAL = Prefiltered(r"[;(,]?[^;(,]{0,30}\bco mat (?:truoc|luc)\b[^;).]{0,40}")
# `15h30 (thay cho 14h00 như đã thông báo)`: the old value.
_OLD = Prefiltered(
    r"\bthay (?:cho|vi)\b(?=[^;.)]{0,30}\d)[^;.)]{0,60}?(?=[;.)]|,\s*(?:cuoc|hoi nghi|hop|nay|chuyen|se)\b|$)"
)
# Half-days are masked, so that ½ or 1/2 gives no date.
_HALF = Prefiltered(r"½|\b1/2(?=\s*(?:ngay|buoi))|\b\d,5(?=\s*ngay)|\b0?1 buoi")
_SESSIONS = (
    ("cuoi gio chieu", time(16)),
    ("sang", time(7, 30)),
    ("trua", time(11, 30)),
    ("chieu", time(13, 30)),
    ("(?<!tuan )toi", time(19, 0)),
)
# `lúc 8.00` is an hour, `8.00` alone could be anything.
_DOTTED = re.compile(
    r"(?:(?<=\bluc )|(?<=^))(\d{1,2})\.(?=[0-5]\d\b(?!\s?[./]))(?=\d\d(?:,|\s+(?:ngay|thu|sang|chieu)\b))"
)
# Hours that the letter itself calls uncertain.
_ABOUT = Prefiltered(r"\b(?:khoang|du kien|ngay sau khi|sau khi ket thuc)\b")
_UNTIL = Prefiltered(rf"\bden\s+(?:luc\s+)?(?={_PLAIN_CLOCK})")
_END = Prefiltered(r"\b(?:be mac|ket thuc)\b")


def read_when(text: str, anchors: Anchors, whole: str = "") -> When:
    """Resolve the words behind `Thời gian:`; `whole` may name the year that the new value leaves out."""
    folded = _DOTTED.sub(r"\1:", _mask(_LUNAR, fold(text)))
    folded = _mask(_OLD, _mask(_ARRIVAL, _mask(_HALF, folded)))
    days, review = _days(folded, text, anchors, fold(whole))
    about = _ABOUT.search(folded) is not None
    if days is None:
        return When(time_inferred=about, review=("time_inferred",) if about else ())
    first, last = days
    starts, ends = _hours(folded)
    zone = ZoneInfo(anchors.timezone)
    inferred = False
    if starts is None:
        session = next((hour for word, hour in _SESSIONS if re.search(rf"\b{word}\b", folded)), None)
        if session is None:
            return When(first, last if last != first else None, all_day=True, review=review)
        starts, inferred = session, True
    if about or inferred:
        inferred, review = True, (*review, "time_inferred")
    end: datetime | date | None = datetime.combine(last, ends, zone) if ends is not None else None
    if end is None and last != first:
        end = last
    return When(datetime.combine(first, starts, zone), end, time_inferred=inferred, review=review)


def _mask(pattern: Prefiltered, text: str) -> str:
    return pattern.sub(lambda match: " " * len(match[0]), text)


def _days(folded: str, text: str, anchors: Anchors, whole: str) -> tuple[tuple[date, date] | None, tuple[str, ...]]:
    """First and last day; a year named with a later date rules the earlier ones."""
    masked = folded
    for _, start, end in (*clocks(folded), *weekdays(folded)):
        masked = masked[:start] + " " * (end - start) + masked[end:]
    ranged = day_range(masked, anchors.reference)
    if ranged is not None:
        return (ranged[0], ranged[1]), ()
    found = list(dates(masked, anchors.reference))
    if not found:
        relative = _relative(folded, text, anchors)
        return ((relative, relative) if relative else None), ("date_inferred",) if relative else ()
    first, review = _first_day(found, folded, text, anchors, whole)
    last = found[-1].day if len(found) > 1 and found[-1].day > first else first
    several = _DAYS.search(folded)
    if several is not None and last == first:
        last = first + timedelta(int(several[1]) - 1)
    return (first, last), review


def _relative(folded: str, text: str, anchors: Anchors) -> date | None:
    """`hôm nay`, `ngày mai` count from the mail; a bare weekday is the next one, or that of next week."""
    today = anchors.received_on
    if today is None:
        return None
    if re.search(r"\b(?:hom|sang|trua|chieu|toi) nay\b", folded):
        return today
    if re.search(r"\b(?:ngay|sang|chieu|toi) mai\b", folded):
        return today + timedelta(1)
    named = next((day for day, _, _ in weekdays(folded, text)), None)
    if named is None:
        return None
    if re.search(r"\btuan (?:sau|toi)\b", folded):
        return today + timedelta(7 - today.weekday() + named)
    return today + timedelta((named - today.weekday()) % 7)


def _first_day(
    found: list[WrittenDate], folded: str, text: str, anchors: Anchors, whole: str
) -> tuple[date, tuple[str, ...]]:
    """The first date with its year: its own, a neighbour's, that of the weekday, or the next to come."""
    first = found[0]
    days = [day for day, _, _ in weekdays(folded, text)]
    if not first.inferred:
        return first.day, ("weekday_conflict",) if days and days[0] != first.day.weekday() else ()
    named = next((other.day.year for other in (*found, *dates(whole, anchors.reference)) if not other.inferred), None)
    if named is not None:
        day = first.day.replace(year=named) if (first.day.month, first.day.day) != (2, 29) else first.day
        return day, ("weekday_conflict",) if days and days[0] != day.weekday() else ()
    reference = anchors.reference
    day = first.day
    if reference is not None:
        day = infer_year(day.day, day.month, reference, days[0] if days else None) or day
    review = ("year_inferred", "weekday_conflict") if days and days[0] != day.weekday() else ("year_inferred",)
    return day, review


def _hours(folded: str) -> tuple[time | None, time | None]:
    """Start and end of day: of a range or an agenda the first start and the last end."""
    spans = []
    for match in _RANGE.finditer(folded):
        both = [hour for side in match.groups() for hour, _, _ in clocks(side)]
        if len(both) == 2:
            spans.append((both[0], both[1]))
    if spans:
        return min(start for start, _ in spans), max(end for _, end in spans)
    found = list(clocks(folded))
    if not found:
        return None, None
    closing = _END.search(folded) or _UNTIL.search(folded)
    ends = next((hour for hour, start, _ in found if closing and start >= closing.start()), None)
    return found[0][0], ends if len(found) > 1 else None
