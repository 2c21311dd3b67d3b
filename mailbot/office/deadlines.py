"""Thời hạn: what the addressees must do by when, and which dates are no deadline (Civil Code 2015 Art. 146-148)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import re2

from mailbot.office.limits import Anchors, Found, half_day, read_limit
from mailbot.office.text import fold, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last permitted moment: a date, or an aware time where an hour is given."""

    due: date | datetime
    text: str
    recurrence: str | None = None
    addressee: str | None = None


# Where a wording may begin, with what every reader of a time can begin with behind it. RE2 runs over the whole text ten
# times as fast as `re`, in linear time; it sees one byte for each sign, `?` for those beyond ASCII.
_BETWEEN = (
    "bao cao|gui|nop|hoan thanh|xu ly|tra loi|phan hoi|dang ky|gop y|la|luc|vao|den het|den|cham nhat|truoc|trong|sau"
)
_MAY_LIMIT = (
    rb"\b(?:truoc|cham nhat|muon nhat|khong qua|khong muon hon|khong cham hon|han cuoi(?: cung)?|han chot|den het"
    rb"|ngay trong|trong|thoi han|han|het|sau|(?:cuoi|dau) gio (?:sang|chieu)|den|thanh|sang|dau|cuoi|giua|vao|deadline"
    rb"|thoi gian hoan thanh|hoan thanh|bao cao|nop|gui)"
    rb"(?:[\s\x0b\x1c-\x1f:,()]{1,3}(?:" + _BETWEEN.encode() + rb"))*"
    rb"[\s\x0b\x1c-\x1f:,()]{1,4}(?:[\d?]|ngay|thu?[\s\x0b\x1c-\x1f?]{0,2}(?:hai|ba|tu|bon|nam|sau|bay|[2-7])"
    rb"|cn|chu nhat|sang|chieu|hom nay|mai|buoi|(?:dau |giua |cuoi )?tuan (?:nay|sau|toi)"
    rb"|(?:mot|hai|ba|bon|nam|sau|bay|muoi) (?:ngay|tuan|thang|gio)\b"
    rb"|(?:quy|thang|nam|vong|thoi (?:han|gian)|dau|giua|cuoi)[\s\x0b\x1c-\x1f?])"
)
_LIMIT = re.compile(
    r"\b(?P<word>truoc(?! (?:het|day|tien|mat|mac|khi))|cham nhat|muon nhat|khong qua|khong muon hon"
    r"|khong cham hon|han cuoi(?: cung)?|han chot"
    r"|den het|ngay trong|trong|thoi han(?! \d)"
    r"|(?:thoi )?han (?:gui|nop|bao cao|tra loi|xu ly)|han(?=\s?:)|het(?= ngay)"
    r"|sau(?= \d{1,3} ngay ke tu)|(?P<part>(?:cuoi|dau) gio (?:sang|chieu))|(?:den|thanh|sang)(?= ngay)"
    r"|(?:hoan thanh|bao cao|nop|gui|vao)(?= (?:dau|giua|cuoi) (?:thang|nam|tuan) (?:\d|nay|sau|toi))"
    r"|(?:vao|bao cao|gui|nop)(?= (?:ngay \d{1,2}|(?:chieu |sang )?thu \w+|\d\d? gio[^.;\n]{0,20}) (?:hang|moi) )"
    r"|(?:vao|bao cao|gui|nop)(?= ngay (?:lam viec )?cuoi )"
    r"|thoi gian hoan thanh(?=\s?:)|deadline)\b"
    rf"(?:[\s:,()]{{1,3}}(?:{_BETWEEN})){{0,8}}[\s:,()]{{1,4}}"
)
# `đến ngày`, `thành ngày` name a limit only where a limit is being moved, or after `từ nay`.
_MOVES_LIMIT = re.compile(
    r"\b(?:gia han|lui|keo dai|dieu chinh|thay doi)\b[^.;]{0,80}$|\btu (?:nay|hom nay)\s*$"
    r"|\b(?:hoan thanh|nop|gui|dang ky|bao cao|tiep nhan)\b[^.;]{0,60}\btu ngay \d[\d/.-]{0,9}\s*$"
)
_SINCE = re.compile(r"\btu (?:ngay )?\d[\d/.-]{0,9},?\s*$")
_TRIGGER = re.compile(
    r"\b(?:bao cao|gui|hoan thanh|hoan thien|trinh|nop|dang ky|gop y|y kien|xac nhan|trien khai"
    r"|thuc hien|phan hoi|cung cap"
    r"|lap|ra soat|thong ke|bo sung|tong hop|thoi han|han|danh sach|cu (?:dong chi|can bo)|chuyen"
    r"|tham gia|to chuc|giai quyet|(?<!dam )bao (?:ve|cho|voi|lai|truoc))\b"
)
_NO_DEADLINE_BEFORE = (
    *("tinh den", "so lieu", "den thoi diem", "hieu luc", "da thuc hien", "da ban hanh", "da trien khai", "da duoc"),
    *("da co", "hoat dong", "co mat", "thanh lap", "qua han"),
)
# `số liệu trước ngày` is up to which day they count, unless they are what is to be sent.
_SENDS_FIGURES = re.compile(r"\b(?:gui|nop|cung cap)(?: [a-z]+){0,4} so lieu\s*$")
_NO_LIMIT_AFTER = re.compile(r"[\s(]{0,3}(?:nam [a-z]+ [a-z]+\s*)?\(?am lich")
_FINISH = re.compile(r"\b(?:hoan thanh|xong|ket thuc|gui|bao cao|trinh|nop)\b")
# `hằng tháng` before the limit or close behind it; `báo cáo quý trước ngày…`, `6 tháng (trước ngày…`.
_EVERY = re.compile(
    r"\b(?:hang|moi)\s+(?P<period>ngay|tuan|thang|quy|nam)\b"
    r"|\b(?:(?P<reports>6 thang|9 thang|nam|quy)\s*[:(]"
    r"|bao cao (?P<named>6 thang|9 thang|nam|quy|thang|tuan)(?: gui| nop)?\s*$)"
)
# What a period of reports has behind it, looked for by its sign; and with what such a text ends.
_BEHIND_PERIOD = re.compile(r"[:(](?<=[gmy\s].)")
_PERIODS = ("thang", "nam", "quy", "tuan")
_EVERY_BEHIND = re.compile(r"[^;.()]{0,45}?\b(?:hang|moi)\s+(?P<period>ngay|tuan|thang|quy|nam)\b")
# What ends without a day that could be counted: the clerk must know the lunar calendar, the event, or ask.
_UNRESOLVED = (
    (
        "deadline_lunar",
        re2.compile(
            rb"\btruoc (?:dip )?tet (?:nguyen dan|am lich|co truyen|[a-z]+ [a-z]+)|\bthang (?:chap|gieng)\b|\bam lich\b"
        ),
    ),
    (
        "deadline_event",
        re2.compile(
            rb"\btruoc (?:ngay |khi )?(?:khai mac |dien ra |to chuc |tien hanh )?(?:dai hoi|hoi nghi|ky hop)\b"
            rb"|\b(?:ngay|gio|tuan|ngay lam viec) (?:ke tu |tinh tu )?(?:ngay )?sau (?:khi|hoi nghi|dai hoi|dot)\b"
            rb"|\bngay sau (?:khi (?:ket thuc|to chuc|hoan thanh)|hoi nghi|dai hoi)\b"
            rb"|\b\d{1,3} (?:ngay|ngay lam viec) ke tu (?:ngay|khi) (?:ket thuc|to chuc|hoan thanh|be mac)\b"
        ),
    ),
    (
        "deadline_vague",
        re2.compile(rb"\btrong (?:nhiem ky|thoi gian som nhat)\b|\bsom nhat co the\b"),
    ),
)
_ANY_UNRESOLVED = b"|".join(pattern.pattern for _, pattern in _UNRESOLVED)
# One pass for all of them: most papers have one limit, and nothing that is left open.
_LIMIT_OR_UNRESOLVED = re2.compile(_MAY_LIMIT + b"|" + _ANY_UNRESOLVED)
# It begins with one set of signs, by which the engine skips the letters.
_ITEM_START = re.compile(
    r"[\n.;!?](?:(?<=\n)(?:\s*(?:\d{1,2}(?:\.\d{1,2})*(?:[.)]|-(?=\s))|[-+*•]|[a-zđ]\)|[IVX]{1,5}[.)-])\s*|\s*\n)"
    r"|(?<!\n)\s+(?=[A-ZĐÀ-Ỹ]))"
)
_ITEM_MARK = re.compile(r"\s*(?:\d{1,2}(?:[.)]|-(?=\s))|[-+*•]|[a-zđ]\))\s*")
# What units are called; beside `Đảng ủy xã` a list goes on with `thị trấn`, `các sở, ban, ngành`.
_COMMITTEE = r"(?:[ĐđQqHhTt](?:ảng|uận|uyện|ỉnh|hành|hị)\s+[uủ][ỷy])"
_UNIT_NAME = (
    rf"(?:{_COMMITTEE}|Đảng\s+bộ|Chi\s+bộ|Văn\s+phòng|Ban\s(?!hành)|Phòng\s(?!chống|họp)|UBND|UBMTTQ|Uỷ\s+ban|Ủy\s+ban"
    r"|Trung\s+tâm|Công\s+an|Công\s+chức|Bộ\s+phận|Hội\s(?!nghị|thảo|trường|thi)|Đoàn\s|Mặt\s+trận|Liên\s+đoàn"
    r"|Khối\s(?!lượng)|Trường\s(?!hợp)|Sở\s|Thường\s+trực|Thanh\s+tra|Bí\s+thư|Trạm\s|Tổ\s"
    r"|[Cc]ơ\s+quan|[Đđ]ơn\s+vị|bộ\s+phận|[Đđ]ịa\s+phương|chi\s+bộ|chi\s+uỷ|chi\s+ủy|chi,\s+đảng\s+bộ|đảng\s+bộ|phường|phòng|ban|sở|xã|ngành|trường)"
)
_MORE_NAMES = (
    rf"(?:các\s+)?(?:{_UNIT_NAME}|ủy\s+ban|uỷ\s+ban|huyện|quận|thành\s+phố|thị\s+(?:xã|trấn)|đặc\s+khu|đoàn\s+thể"
    r"|tổ\s+chức|doanh\s+nghiệp|lực\s+lượng|khu\s+dân\s+cư|thôn|ấp|tổ\s+dân\s+phố)"
)
_UNIT = re.compile(
    r"\s*(?:Báo\s+cáo\s[^:.\n]{1,20}:\s*)?(?:(?:Giao|Phân\s+công|Đối\s+với|Riêng(?:\s+đối\s+với)?|(?P<asked>Đề\s+nghị|Yêu\s+cầu))\s+(?:cho\s+)?)?"
    rf"(?P<unit>(?:[Cc]ác\s+)?{_UNIT_NAME}(?:[^.,;:()]|,\s+(?={_MORE_NAMES}\b)){{0,80}}?)"
    r"(?:\s*:|\s+(?:chủ\s+trì|chủ\s+động|phối\s+hợp|xây\s+dựng|hoàn\s+thành|hoàn\s+thiện|báo\s+cáo|gửi"
    r"|tổ\s+chức|rà\s+soát|tham\s+mưu|chỉ\s+đạo|triển\s+khai"
    r"|thực\s+hiện|đăng\s+ký|cử\s|trình|nộp|khẩn\s+trương|cung\s+cấp|lập\s|tiếp\s+tục|theo\s+dõi"
    r"|thẩm\s+định|kiểm\s+tra|quán\s+triệt|tuyên\s+truyền|bố\s+trí|đôn\s+đốc|hoàn\s+tất|thống\s+kê|cập\s+nhật"
    r"|đánh\s+giá|nghiên\s+cứu|tiến\s+hành|phân\s+công|xem\s+xét|giới\s+thiệu|bình\s+xét"
    r"|thông\s+báo|có\s+trách\s+nhiệm|tổng\s+hợp|kiện\s+toàn|góp\s+ý|chuẩn\s+bị|hướng\s+dẫn))"
)
# `Đề nghị Phòng Tài chính gửi …` names one; `Đề nghị các đơn vị gửi …` speaks to all whom the letter is for.
_ONE_UNIT = re.compile(r"(?!.*\bcác\b)[A-ZĐỦ]")
# What stands before these words speaks, and is not spoken to.
_SPEAKER = re.compile(r"(?i)\b(?:đề nghị|yêu cầu|gia hạn|thông báo|ban hành|giao|điều chỉnh|lưu ý|nhắc)\b")
# How far behind its limiting word a wording is read.
_WINDOW = 140
# No sentence of a paper is longer; a text without any stop must not be searched again for each of its dates.
_LONGEST_SENTENCE = 3000


def find_deadlines(
    text: str, anchors: Anchors, *, folded: str | None = None
) -> tuple[tuple[Deadline, ...], tuple[str, ...]]:
    """Return the deadlines of a (normalized) text in order of appearance, and review codes.

    `folded` is the folded text, where the caller has it already.
    """
    folded = fold(text) if folded is None else folded
    starts = map(re.Match.end, _ITEM_START.finditer(text))
    sentence_start, following = 0, next(starts, len(text))
    found: list[Deadline] = []
    review: list[str] = []
    at, all_resolved = 0, True
    signs = folded.encode("ascii", "replace")
    for limit in _limits(folded, signs):
        if limit is None or limit.start() < at:
            all_resolved = False
            continue
        while following <= limit.start():
            sentence_start, following = following, next(starts, len(text))
        result = _resolve(limit, folded, sentence_start, anchors)
        if result is None:
            all_resolved = False
            continue
        review.extend(_doubts(result, anchors))
        if _is_past(result, anchors.reference):
            continue
        at = limit.end() + result.end
        wording = squeeze(text[limit.start() : at]).strip(" ,(")
        addressee = _addressee(text[sentence_start : min(limit.start(), sentence_start + 300)])
        found.append(Deadline(result.due, wording, result.recurrence, addressee))
    if not all_resolved:
        review.extend(_unresolved(folded, signs))
    return tuple(found), tuple(dict.fromkeys(review))


def _limits(folded: str, signs: bytes) -> Iterator[re.Match[str] | None]:
    """Yield the limiting words behind which a time may follow, and None for each other place that may leave one open.

    `signs` is the text with one byte for each sign.
    """
    at = 0
    while (place := _LIMIT_OR_UNRESOLVED.search(signs, at)) is not None:
        limit = _LIMIT.match(folded, place.start())
        at = place.start() + 1 if limit is None else limit.end()
        yield limit


def _resolve(limit: re.Match[str], folded: str, sentence_start: int, anchors: Anchors) -> Found | None:
    """Read the wording behind a limiting word, when the sentence asks for something; its end counts from the word's."""
    sentence_start = max(sentence_start, limit.start() - _LONGEST_SENTENCE)
    before = folded[sentence_start : limit.start()]
    sentence = folded[sentence_start : limit.end() + _WINDOW].split("\n\n", 1)[0]
    history = before.rstrip().endswith(_NO_DEADLINE_BEFORE) and not _SENDS_FIGURES.search(before)
    if history or not _TRIGGER.search(sentence):
        return None
    word = limit["word"]
    if word in {"den", "thanh", "sang"} and not _MOVES_LIMIT.search(before[-100:]):
        return None
    if word == "den het" and _SINCE.search(before) and not _MOVES_LIMIT.search(before[-100:]):
        # `được nghỉ từ ngày 30/4 đến hết ngày 04/5`: how long something lasts.
        return None
    if word in {"vao", "trong"} and "du kien" in before[-160:]:
        # `Ban Thường vụ dự kiến tổ chức hội nghị vào cuối tháng 6`: what the sender means to do himself.
        return None
    strict = word == "truoc" or "truoc" in limit[0].split()[-2:]
    tail = folded[limit.end() : limit.end() + _WINDOW]
    found = read_limit(tail, strict, anchors, _period(before, tail))
    if found is None or _NO_LIMIT_AFTER.match(tail, found.end):
        return None
    if word in {"trong", "ngay trong"} and not _allowed_within(before, tail):
        return None
    return _at_half_day(found, limit, anchors)


def _period(before: str, tail: str) -> str | None:
    """How often the limit recurs: told close behind it, else by the nearest word before it in the sentence."""
    behind = _EVERY_BEHIND.match(tail) if "hang" in tail or "moi" in tail else None
    if behind is not None:
        return behind["period"]
    if not _may_recur(before):
        return None
    told = [match["period"] or match["reports"] or match["named"] for match in _EVERY.finditer(before)]
    return told[-1] if told else None


def _may_recur(before: str) -> bool:
    """What every match of _EVERY holds, so that most sentences are not searched."""
    if "hang" in before or "moi" in before or before.rstrip().removesuffix(" gui").endswith(_PERIODS):
        return True
    return _BEHIND_PERIOD.search(before) is not None


def _at_half_day(found: Found, limit: re.Match[str], anchors: Anchors) -> Found:
    """`cuối giờ chiều thứ Sáu` is the hour at which that half of the working day ends."""
    if limit["part"] is None or isinstance(found.due, datetime):
        return found
    edge, _, half = limit["part"].partition(" gio ")
    hour = half_day(half, edge == "cuoi", anchors)
    return replace(found, due=datetime.combine(found.due, hour, ZoneInfo(anchors.timezone)))


def _allowed_within(before: str, tail: str) -> bool:
    """`trong tháng 4` is a limit only where something is to be finished in it, not where something happened."""
    return not tail.startswith(("quy", "thang", "nam", "6 thang")) or _FINISH.search(before[-100:]) is not None


def _is_past(found: Found, day: date | None) -> bool:
    return day is not None and found.recurrence is None and found.day < day


def _doubts(found: Found, anchors: Anchors) -> Iterator[str]:
    """The review codes of one limit. A day before the paper's own is history, or a slip when its year was left out."""
    if _is_past(found, anchors.reference):
        if found.inferred:
            yield "deadline_passed"
        return
    if _is_past(found, anchors.received_on):
        yield "deadline_passed"
    if found.inferred:
        yield "year_inferred"
    if found.vague:
        yield "deadline_vague"
    if found.conflict:
        yield "weekday_conflict"


def _unresolved(folded: str, signs: bytes) -> Iterator[str]:
    """Why a limit could not be counted: a lunar day, an event, a vague word, close to something that is asked for."""
    for code, pattern in _UNRESOLVED:
        match = pattern.search(signs)
        if match is not None and _FINISH.search(folded, max(0, match.start() - 100), match.end() + 60):
            yield from dict.fromkeys((code, "deadline_vague"))


def _addressee(sentence: str) -> str | None:
    """The unit that stands at the head of the sentence and is told to do it."""
    item = _ITEM_MARK.match(sentence)
    start = item.end() if item is not None else 0
    head, line_end, below = sentence[start:].partition("\n")
    if line_end and head.isupper():
        # A heading has no full stop behind it: the sentence begins on the next line.
        sentence, start = below, 0
    match = _UNIT.match(sentence, start)
    if match is None:
        return None
    unit = squeeze(match["unit"]).strip(" ,")
    if _SPEAKER.search(unit) or (match["asked"] and not _ONE_UNIT.match(unit)):
        return None
    return unit if len(unit.split()) >= 2 or unit.startswith("UB") else None
