"""Thời hạn: what the addressees must do by when, and which dates are no deadline (Civil Code 2015 Art. 146-148)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import re2

from mailbot.office.documents import safe_date
from mailbot.office.text import fold, squeeze
from mailbot.office.times import CLOCK, DATE, RULE_WEEKDAYS, WEEKDAY, clock, read_date, weekday

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailbot.office.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last permitted moment: a date, or an aware time where an hour is given."""

    due: date | datetime
    text: str
    recurrence: str | None = None
    addressee: str | None = None


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
class _Found:
    """What a wording resolves to before it becomes a deadline."""

    due: date | datetime
    end: int
    recurrence: str | None = None
    inferred: bool = False
    vague: bool = False


# Where a wording may begin, with what every reader of a time can begin with behind it. RE2 runs over the whole text ten
# times as fast as `re`, in linear time; it sees one byte for each sign, `?` for those beyond ASCII.
_MAY_LIMIT = re2.compile(
    rb"\b(?:truoc|cham nhat|muon nhat|khong qua|khong muon hon|khong cham hon|han cuoi(?: cung)?|han chot|den het"
    rb"|ngay trong|trong|thoi han|han (?:gui|nop|bao cao)|het|sau|(?:cuoi|dau) gio (?:sang|chieu)|den|thanh|sang|dau)"
    rb"(?:[\s\x0b\x1c-\x1f:,(?]{1,3}(?:bao cao|gui|nop|la|luc|vao|den het|den|cham nhat|truoc|trong))*"
    rb"[\s\x0b\x1c-\x1f:,(?]{1,4}(?:[\d?]|ngay|thu?[\s\x0b\x1c-\x1f?]{0,2}(?:hai|ba|tu|bon|nam|sau|bay|[2-7])"
    rb"|cn|chu nhat|sang|chieu|hom nay|mai|tuan (?:nay|sau|toi)"
    rb"|(?:quy|thang|nam|vong|thoi (?:han|gian)|dau|giua|cuoi)[\s\x0b\x1c-\x1f?])"
)
_LIMIT = re.compile(
    r"\b(?P<word>truoc(?! (?:het|day|tien|mat|mac|khi))|cham nhat|muon nhat|khong qua|khong muon hon"
    r"|khong cham hon|han cuoi(?: cung)?|han chot"
    r"|den het|ngay trong|trong|thoi han(?! \d)|han (?:gui|nop|bao cao)|het(?= ngay)"
    r"|sau(?= \d{1,3} ngay ke tu)|(?P<part>(?:cuoi|dau) gio (?:sang|chieu))|(?:den|thanh"
    r"|sang)(?= ngay)|dau(?= tuan (?:sau|toi)))\b"
    r"(?:[\s:,(]{1,3}(?:bao cao|gui|nop|la|luc|vao|den het|den|cham nhat|truoc|trong)){0,8}[\s:,(]{1,4}"
)
_FULL = re.compile(
    rf"(?:{CLOCK}\s{{0,2}},?\s{{0,2}}(?:(?:sang|chieu"
    rf"|trua)\s{{0,2}},?\s{{0,2}})?)?(?:{WEEKDAY}\s{{0,2}},?\s{{0,2}}\(?)?(?:ngay\s{{1,3}})?{DATE}"
)
_CLOCK_WEEKDAY = re.compile(rf"(?:{CLOCK}\s{{0,2}},?\s{{0,2}})?(?:(?:sang|chieu)\s{{0,2}})?{WEEKDAY}")
_DAY_ONLY = re.compile(r"ngay\s{1,3}(?P<day>0?[1-9]|[12]\d|3[01])\b(?!\s{0,2}(?:[/.-]\s?\d|thang\s+\d|ngay|lam viec))")
_QUARTER = re.compile(
    r"quy\s{1,2}(?P<quarter>iv|i{1,3}|[1-4])\b(?:\s{0,2}(?:/|nam\s+|-)\s{0,2}(?P<year>(?:19|20)\d\d))?"
)
_MONTH = re.compile(r"thang\s{1,2}(?P<month>1[0-2]|0?[1-9])\b(?:\s{0,2}(?:/|nam\s+|-)\s{0,2}(?P<year>(?:19|20)\d\d))?")
_YEAR = re.compile(r"nam\s{1,2}(?P<year>(?:19|20)\d\d)")
_SPAN = re.compile(
    r"(?:vong\s+|thoi (?:han|gian)\s+)?(?P<amount>\d{1,3})\s{0,2}(?:\([^)\n]{1,20}\)\s{0,2})?(?P<unit>"
    r"ngay lam viec|ngay|gio|h|tuan)\b"
    r"(?:[^.;\n]{0,12}?\b(?:ke tu|tu|tinh tu|sau)\s+(?:ngay |khi |thoi diem )?(?P<from>nhan|ky|ban hanh|ra van ban))?"
)
_RELATIVE = re.compile(
    rf"(?:{CLOCK}\s{{0,2}},?\s{{0,2}})?(?:ngay )?(?P<when>hom nay|ngay mai|sang mai|chieu nay|chieu mai|mai"
    r"|tuan nay|tuan sau|tuan toi|ngay(?=\s*(?:[.,;)/]|$)))(?![a-z])"
)
_PART = re.compile(
    r"(?P<part>dau|giua|cuoi)\s{1,2}thang\s{1,2}(?P<month>1[0-2]|0?[1-9])\b(?:\s{0,2}(?:/"
    r"|nam\s+)\s{0,2}(?P<year>(?:19|20)\d\d))?"
)
_HALF_YEAR = re.compile(r"6 thang (?P<half>dau|cuoi) nam\s{1,2}(?P<year>(?:19|20)\d\d)")
# `đến ngày`, `thành ngày` name a limit only where a limit is being moved.
_MOVES_LIMIT = re.compile(r"\b(?:gia han|lui|keo dai|dieu chinh|thay doi)\b[^.;]{0,80}$")
_HALF_DAYS = {"sang": (time(7, 30), time(11, 30)), "chieu": (time(13, 30), time(17, 0))}
_TRIGGER = re.compile(
    r"\b(?:bao cao|gui|hoan thanh|hoan thien|trinh|nop|dang ky|gop y|y kien|xac nhan|trien khai"
    r"|thuc hien|phan hoi|cung cap"
    r"|lap|ra soat|thong ke|bo sung|tong hop|thoi han|han|danh sach|cu (?:dong chi|can bo)|chuyen"
    r"|tham gia|to chuc|giai quyet)\b"
)
_NO_DEADLINE_BEFORE = (
    *("tinh den", "so lieu", "den thoi diem", "hieu luc", "da thuc hien", "da ban hanh", "da trien khai", "da duoc"),
    *("da co", "hoat dong", "co mat", "thanh lap", "qua han"),
)
_FINISH = re.compile(r"\b(?:hoan thanh|xong|ket thuc|gui|bao cao|trinh|nop)\b")
_EVERY = re.compile(r"\bhang\s+(?P<period>tuan|thang|quy|nam)\b|\b(?:bao cao )?(?:6 thang|nam)\s*[:(]")
# It begins with one set of signs, by which the engine skips the letters.
_ITEM_START = re.compile(
    r"[\n.;!?](?:(?<=\n)(?:\s*(?:\d{1,2}(?:\.\d{1,2})*[.)]|[-+*•]|[a-zđ]\)|[IVX]{1,5}[.)-])\s*|\s*\n)"
    r"|(?<!\n)\s+(?=[A-ZĐÀ-Ỹ]))"
)
_UNIT = re.compile(
    r"\s*(?P<unit>(?:Các\s+)?(?:Đảng\s+[uủ][ỷy]|Đảng\s+bộ|Chi\s+bộ|Văn\s+phòng|Ban\s|Phòng\s|UBND"
    r"|UBMTTQ|Uỷ\s+ban|Ủy\s+ban|Trung\s+tâm|Công\s+an|Hội\s|Đoàn\s"
    r"|Mặt\s+trận|Liên\s+đoàn|Khối\s|Trường\s|Sở\s|Thường\s+trực|cơ\s+quan|đơn\s+vị|chi\s+bộ"
    r"|đảng\s+[uủ][ỷy]|phường|phòng|ban)[^.,;:()]{0,80}?)"
    r"\s+(?:chủ\s+trì|chủ\s+động|phối\s+hợp|xây\s+dựng|hoàn\s+thành|hoàn\s+thiện|báo\s+cáo|gửi"
    r"|tổ\s+chức|rà\s+soát|tham\s+mưu|chỉ\s+đạo|triển\s+khai"
    r"|thực\s+hiện|đăng\s+ký|cử\s|trình|nộp|khẩn\s+trương|cung\s+cấp|lập\s|tiếp\s+tục|theo\s+dõi"
    r"|có\s+trách\s+nhiệm|tổng\s+hợp|kiện\s+toàn|góp\s+ý|chuẩn\s+bị|hướng\s+dẫn)"
)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_INCLUSIVE_WINDOW = 140
# No sentence of a paper is longer; a text without any stop must not be searched again for each of its dates.
_LONGEST_SENTENCE = 3000


def find_deadlines(
    text: str, anchors: Anchors, *, folded: str | None = None
) -> tuple[tuple[Deadline, ...], tuple[str, ...]]:
    """Return the deadlines of a (normalized) text in order of appearance, and review codes.

    `folded` is the folded text, where the caller has it already.
    """
    folded = fold(text) if folded is None else folded
    starts = (match.end() for match in _ITEM_START.finditer(text))
    sentence_start, following = 0, next(starts, len(text))
    found: list[Deadline] = []
    review: list[str] = []
    at = 0
    for limit in _limits(folded):
        if limit.start() < at:
            continue
        while following <= limit.start():
            sentence_start, following = following, next(starts, len(text))
        result = _resolve(limit, folded, sentence_start, anchors)
        if result is None:
            continue
        if _passed(result, anchors):
            review.extend(["deadline_passed"] if result.inferred else [])
            continue
        at = result.end
        review.extend(
            code for code, told in (("year_inferred", result.inferred), ("deadline_vague", result.vague)) if told
        )
        wording = squeeze(text[limit.start() : result.end]).strip(" ,(")
        addressee = _addressee(text[sentence_start : min(limit.start(), sentence_start + 300)])
        found.append(Deadline(result.due, wording, result.recurrence, addressee))
    return tuple(found), tuple(dict.fromkeys(review))


def _limits(folded: str) -> Iterator[re.Match[str]]:
    """Yield the limiting words behind which a time may follow."""
    signs = folded.encode("ascii", "replace")
    at = 0
    while (place := _MAY_LIMIT.search(signs, at)) is not None:
        limit = _LIMIT.match(folded, place.start())
        at = place.start() + 1 if limit is None else limit.end()
        if limit is not None:
            yield limit


def _resolve(limit: re.Match[str], folded: str, sentence_start: int, anchors: Anchors) -> _Found | None:
    """Read the wording behind a limiting word, when the sentence asks for something."""
    sentence_start = max(sentence_start, limit.start() - _LONGEST_SENTENCE)
    before = folded[sentence_start : limit.start()]
    sentence = folded[sentence_start : limit.end() + _INCLUSIVE_WINDOW].split("\n\n", 1)[0]
    if before.rstrip().endswith(_NO_DEADLINE_BEFORE) or not _TRIGGER.search(sentence):
        return None
    word = limit["word"]
    if word in {"den", "thanh", "sang"} and not _MOVES_LIMIT.search(before[-100:]):
        return None
    strict = word == "truoc" or "truoc" in limit[0].split()[-2:]
    tail = folded[limit.end() : limit.end() + _INCLUSIVE_WINDOW]
    every = _EVERY.search(folded[sentence_start : limit.end() + 60].split("./.", 1)[0])
    for reader in _READERS:
        found = reader(tail, strict, anchors, every)
        if found is not None:
            if word in {"trong", "ngay trong"} and not _allowed_within(before, tail):
                return None
            return replace(_at_half_day(found, limit, anchors), end=limit.end() + found.end)
    return None


def _at_half_day(found: _Found, limit: re.Match[str], anchors: Anchors) -> _Found:
    """`cuối giờ chiều thứ Sáu` is the hour at which that half of the working day ends."""
    if limit["part"] is None or isinstance(found.due, datetime):
        return found
    hours = dict(_HALF_DAYS)
    if anchors.working_time is not None and len(anchors.working_time.hours) == 2:
        hours = dict(zip(("sang", "chieu"), anchors.working_time.hours, strict=True))
    edge, _, half = limit["part"].partition(" gio ")
    hour = hours[half][1 if edge == "cuoi" else 0]
    return replace(found, due=datetime.combine(found.due, hour, ZoneInfo(anchors.timezone)))


def _allowed_within(before: str, tail: str) -> bool:
    """`trong tháng 4` is a limit only where something is to be finished in it, not where something happened."""
    return not tail.startswith(("quy", "thang", "nam", "6 thang")) or _FINISH.search(before[-100:]) is not None


def _passed(found: _Found, anchors: Anchors) -> bool:
    """A day before the document's own is history or a limit that is only recalled."""
    reference = anchors.reference
    day = found.due.date() if isinstance(found.due, datetime) else found.due
    return reference is not None and found.recurrence is None and day < reference


def _moment(day: date, hour: time | None, strict: bool, anchors: Anchors) -> date | datetime:
    """`trước ngày 15` ends with the 14th; `trước 16 giờ ngày 15` is that hour."""
    if hour is not None:
        return datetime.combine(day, hour, ZoneInfo(anchors.timezone))
    return day - timedelta(1) if strict else day


def _hour(match: re.Match[str], tail: str) -> time | None:
    return clock(match, tail[match.end("hour") :][:20]) if match["hour"] else None


def _full(tail: str, strict: bool, anchors: Anchors, every: re.Match[str] | None) -> _Found | None:
    match = _FULL.match(tail)
    if match is None:
        return None
    written = read_date(match, anchors.reference)
    if written is None:
        return None
    due = _moment(written.day, _hour(match, tail), strict, anchors)
    recurrence = None
    if written.inferred and every is not None and every["period"] in {None, "nam"}:
        day = due.date() if isinstance(due, datetime) else due
        if anchors.reference is not None and day < anchors.reference:
            due = _moment(_next_year(written.day), _hour(match, tail), strict, anchors)
        recurrence = f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
    return _Found(due, match.end(), recurrence, inferred=written.inferred)


def _next_year(day: date) -> date:
    return safe_date(day.year + 1, day.month, day.day) or day + timedelta(365)


def _weekly(tail: str, strict: bool, anchors: Anchors, every: re.Match[str] | None) -> _Found | None:
    match = _CLOCK_WEEKDAY.match(tail)
    if match is None or anchors.reference is None:
        return None
    wanted = weekday(match)
    hour = _hour(match, tail)
    first = anchors.reference + timedelta((wanted - anchors.reference.weekday()) % 7)
    if every is not None and every["period"] == "tuan":
        due = _moment(first, hour, strict, anchors)
        if not isinstance(due, datetime) and due < anchors.reference:
            due += timedelta(7)
        return _Found(due, match.end(), f"FREQ=WEEKLY;BYDAY={RULE_WEEKDAYS[due.weekday()]}")
    if re.match(r"\s*(?:tuan sau|tuan toi)", tail[match.end() :]):
        first += timedelta(7) if first.isocalendar().week == anchors.reference.isocalendar().week else timedelta(0)
    return _Found(_moment(first, hour, strict, anchors), match.end(), vague=True)


def _day_only(tail: str, strict: bool, anchors: Anchors, every: re.Match[str] | None) -> _Found | None:
    """`trước ngày 25 hằng tháng`, `trước ngày 10 của tháng cuối quý`, or simply this month's day."""
    match = _DAY_ONLY.match(tail)
    if match is None or anchors.reference is None:
        return None
    day = int(match["day"])
    period = every["period"] if every is not None else None
    months = _quarter_months(tail[match.end() : match.end() + 40]) if period == "quy" else range(1, 13)
    due = _next_day(anchors.reference, day, tuple(months), strict)
    if due is None:
        return None
    if period == "quy":
        return _Found(due, match.end(), f"FREQ=YEARLY;BYMONTH={','.join(map(str, months))};BYMONTHDAY={due.day}")
    if period == "thang":
        return _Found(due, match.end(), f"FREQ=MONTHLY;BYMONTHDAY={due.day if day > 1 or not strict else -1}")
    return _Found(due, match.end(), inferred=True)


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


def _quarter(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    match = _QUARTER.match(tail)
    if match is None:
        return None
    return _period(match, 3 * _QUARTERS[match["quarter"]] - 2, 3, strict, anchors)


def _month(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    match = _MONTH.match(tail)
    return None if match is None else _period(match, int(match["month"]), 1, strict, anchors)


def _whole_year(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    match = _YEAR.match(tail)
    return None if match is None else _period(match, 1, 12, strict, anchors)


def _period(match: re.Match[str], first_month: int, length: int, strict: bool, anchors: Anchors) -> _Found | None:
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
    return _Found(due, match.end(), inferred=match["year"] is None)


def _span(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    """`05 ngày làm việc kể từ ngày nhận được`: the day of the event is not counted."""
    match = _SPAN.match(tail)
    clocked = match is not None and match["unit"] in {"gio", "h"}
    if match is None or (match["from"] is None and not tail.startswith("vong") and (not clocked or strict)):
        return None
    if clocked and match["from"] in {None, "nhan"} and anchors.received_at is not None:
        moment = anchors.received_at.astimezone(ZoneInfo(anchors.timezone))
        return _Found(moment + timedelta(hours=int(match["amount"])), match.end())
    start = anchors.received_on if match["from"] in {None, "nhan"} else anchors.issued_on
    if start is None:
        return None
    amount, unit = int(match["amount"]), match["unit"]
    if unit in {"gio", "h"}:
        return _Found(start + timedelta(hours=amount), match.end(), vague=True)
    if unit == "ngay lam viec":
        return _Found(add_working_days(start, amount, anchors.working_time), match.end())
    return _Found(start + timedelta(days=amount * (7 if unit == "tuan" else 1)), match.end())


def add_working_days(day: date, count: int, working_time: WorkingTime | None) -> date:
    """Count working days from the day after `day`; Monday to Friday when the office's calendar is not known."""
    if working_time is not None:
        return working_time.add_working_days(day, count)
    while count > 0:
        day += timedelta(1)
        count -= day.weekday() < 5
    return day


def _relative(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    """`trong ngày`, `hôm nay`, `10 giờ sáng mai`, `trong tuần này`: counted from the mail's day."""
    match = _RELATIVE.match(tail)
    if match is None or anchors.received_on is None:
        return None
    today, when = anchors.received_on, match["when"]
    if when.startswith("tuan"):
        friday = today + timedelta(4 - today.weekday() + (0 if when == "tuan nay" else 7))
        return _Found(friday, match.end(), vague=True)
    day = today + timedelta(days=1 if "mai" in when else 0)
    return _Found(_moment(day, _hour(match, tail), strict and when != "ngay", anchors), match.end())


def _part_of_month(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    """Đầu, giữa, cuối tháng are the 1st, the 15th, the last day (Civil Code 2015 Art. 146)."""
    match = _PART.match(tail)
    if match is None:
        return None
    found = _period(match, int(match["month"]), 1, False, anchors)
    if found is None or isinstance(found.due, datetime):
        return found
    day = {"dau": 1, "giua": 15}.get(match["part"], found.due.day)
    due = found.due.replace(day=day) - timedelta(1 if strict else 0)
    return replace(found, due=due, vague=True)


def _half_year(tail: str, strict: bool, anchors: Anchors, _every: re.Match[str] | None) -> _Found | None:
    match = _HALF_YEAR.match(tail)
    return None if match is None else _period(match, 1 if match["half"] == "dau" else 7, 6, strict, anchors)


_READERS: tuple[Callable[[str, bool, Anchors, re.Match[str] | None], _Found | None], ...] = (
    _full,
    _weekly,
    _day_only,
    _quarter,
    _month,
    _whole_year,
    _part_of_month,
    _half_year,
    _relative,
    _span,
)


def _addressee(sentence: str) -> str | None:
    """The unit that stands at the head of the sentence and is told to do it."""
    match = _UNIT.match(re.sub(r"^\s*(?:\d{1,2}[.)]|[-+*•]|[a-zđ]\))\s*", "", sentence))
    if match is None:
        return None
    unit = squeeze(match["unit"]).strip(" ,")
    return unit if len(unit.split()) >= 2 or unit.startswith("UB") else None
