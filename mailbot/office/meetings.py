"""Reads invitations and what changes them: when, where, who chairs, who comes, until when to answer (domain §3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from mailbot.office.deadlines import find_deadlines
from mailbot.office.meeting_calls import CANCELLED, POSTPONED, UPDATED, is_schedule
from mailbot.office.meeting_times import When, read_when
from mailbot.office.numbers import find_numbers
from mailbot.office.text import fold, squeeze
from mailbot.office.times import CLOCK, clocks, dates, day_range
from mailbot.prefilter import Prefiltered

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailbot.office.limits import Anchors


class Delegation(StrEnum):
    """Whether somebody else may come instead."""

    ALLOWED = "allowed"
    NEEDS_PERMISSION = "needs_permission"
    NOT_ALLOWED = "not_allowed"
    UNSPECIFIED = "unspecified"


class Change(StrEnum):
    """What the mail does to the meeting."""

    NEW = "new"
    UPDATE = "update"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting; the keys are those of the parse contract."""

    starts_at: datetime | date | None = None
    ends_at: datetime | date | None = None
    all_day: bool = False
    time_inferred: bool = False
    place: str | None = None
    chair: str | None = None
    participants: tuple[str, ...] = ()
    online_url: str | None = None
    rsvp_by: datetime | date | None = None
    delegation: Delegation = Delegation.UNSPECIFIED
    change: Change = Change.NEW
    replaces: str | None = None
    uid: str | None = None
    sequence: int | None = None


# Labels that begin a new item of an invitation; folded.
_LABELS = (
    r"thoi gian|dia diem|thanh phan|chu tri|noi dung|tai lieu|trang phuc|phuong tien|xac nhan"
    r"|duong link|link|de nghi|yeu cau"
    r"|truong hop|kinh mong|rat mong|tran trong|noi nhan|hoc vien|luu y|lien he|cac noi dung|dong chi nao|giay moi nay"
)
# On a line of its own, or with a colon behind the full stop of the value before it.
_NEXT_LABEL = Prefiltered(
    rf"\n[\s\d.)*+•-]{{0,8}}(?:{_LABELS})\b|[.;]\s(?:thoi gian|dia diem|thanh phan|chu tri|noi dung)\s?:"
)
_TIME = Prefiltered(
    r"(?:^|\n)[\s\d.)*+•-]{0,8}(?:(?:vao |hoi )?luc(?=\s*:)|thoi gian)(?P<place>\s*(?:va|,)\s*dia diem)?"
    r"(?: (?:to chuc|hop|hoi nghi|(?:lop )?hoc|mo lop|tap huan|lam viec|khai mac|khai giang|dien ra|du kien|du|moi))?"
    r"\s*:\s*"
)
_PLACE = Prefiltered(
    r"(?:^|\n|[.;]\s)[\s\d.)*+•-]{0,8}"
    r"(?:dia diem(?: (?:to chuc|hop|(?:lop )?hoc|mo lop|tap huan|lam viec|dien ra|du|moi))?|tai)\s*:\s*"
    r"|\bhop tai dia diem\s*:?\s*"
)
_CHAIR = Prefiltered(
    r"(?:^|\n|[.;]\s)[\s\d.)*+•-]{0,8}(?:nguoi )?(?:chu tri|chu toa|dieu hanh)(?: hoi nghi| cuoc hop| buoi hop)?\s*:\s*"
)
_CHAIR_IN_TEXT = Prefiltered(
    r"\b(?:do )?(?:dong chi|d/c)\s+(?P<who>(?:[^.;\n]|\n(?=[^\s*+•-])){3,120}?)\s*,?\s*(?:se )?chu tri\b"
)
_WHO = Prefiltered(
    r"(?:^|\n)[\s\d.)*+•-]{0,8}thanh phan(?: moi| du hop| tham du| tham gia| trieu tap)?(?: gom)?\s*:\s*"
)
_INVITED = Prefiltered(
    r"\b(?:(?:kinh|tran trong)\s{1,3}moi|trieu tap)\s{0,3}:?\s{0,3}"
    r"(?P<who>[^.;:\s][^.;:\n]{2,60}(?:\n[^.;:\n]{1,100})?[^.;:\n]{0,100}?)"
    r"\s{1,3}(?:den |toi |ve )?(?:du|tham du|tham gia)\b"
)
# `Kính mời các đồng chí:` with a list below.
_INVITED_LIST = Prefiltered(
    r"\b(?:moi|trieu tap)\b[^\n:]{0,40}:[ \t]*\n(?:[ \t]*\n)?(?P<items>(?:[ \t]*[-+*•][^\n]+(?:\n|$)){1,20})"
)
# `kính mời đồng chí dự họp` names nobody.
_NOBODY = re.compile(r"(?:cac |quy )?(?:dong chi|d/c|vi|quy vi|ong|ba|ong/ba|ong \(ba\)|dai bieu|anh chi)")
_AT = re.compile(
    r"[,\s]tai\s+(?=\S)|\so\s+(?=(?:phong|hoi truong|nha van hoa|tru so|uy ban|ubnd|dang uy|tang|trung tam|truong)\b)"
)
# Where in a spoken sentence the place ends: `tại phòng họp số 2, nội dung bàn về …`.
_PLACE_END = re.compile(r"[,;]\s*(?:noi dung|thanh phan|chu tri|de|ban ve|do|moi|kinh|dong chi|d/c|trang phuc)\b")
# `chuyển thời gian họp từ A sang B`, and without an old value `lùi sang B`: only B counts.
_MOVED = Prefiltered(
    r"\b(?:chuyen|doi|dieu chinh|thay doi|lui)\b(?P<what>(?:\s+[\w,]+){0,10}?)\s+tu\b(?P<old>.{3,200}?)"
    r"\b(?:sang|thanh|qua|xuong|len|den(?= (?:luc|ngay|\d)))\b\s*",
    re.DOTALL,
)
_MOVED_TO = Prefiltered(
    r"\b(?:chuyen|doi|lui|hoan)\b(?P<what>[^.;\n]{0,120}?)\b(?:sang|den|qua|vao|xuong|len)\s+(?:luc\s+)?"
    r"(?=\d{1,2}\s?(?:gio|h|g|:|/)|ngay\s+\d|(?:sang|chieu|toi)\s+(?:ngay|thu|\d)|thu\s+\w+)"
)
# `Lịch cũ: 8h00 ngày 08/12` above `Lịch mới: …`: what no longer holds.
_OLD_LINE = Prefiltered(
    r"\n[\s\d.)*+•-]{0,8}(?:lich|thoi gian|gio|ngay|dia diem|phong)(?: (?:hop|to chuc))? "
    r"(?:cu|truoc day|ban dau|da thong bao)\s*:[^\n]*"
)
_OPENS = Prefiltered(rf"\b(?:bat dau|khai mac|khai giang)(?: tu| luc| vao| vao luc| hoi)? (?=(?P<opening>{CLOCK}))")
# A slip of the pen set right: `đã ghi: "8h00", nay sửa lại là: "14h00"`.
_CORRECTED = Prefiltered(
    r"\b(?P<what>(?:thoi gian|dia diem|muc|dong|trang)?[^.;\n]{0,40}?)\b(?:(?:da|co|in) )?ghi\b(?P<old>[^.;]{3,200}?)"
    r"\b(?:sua|dinh chinh|dieu chinh|doc|dung)(?: lai)? (?:la|thanh)\b[\s:\"“”']*"
)
_MOVED_PLACE = Prefiltered(
    r"\b(?:chuyen|doi)\b[^.;\n]{0,100}?\b(?:sang|ve|den|qua|toi|thanh)\s+"
    r"(?=(?:phong (?:hop|so|\d)|hoi truong|nha van hoa|tru so|tang \d|trung tam)\b)"
)
_URL = re.compile(r"https?://[^\s<>\"'()]{4,300}")
_ONLINE = Prefiltered(r"\b(?:truc tuyen|zoom|meet|teams|webex|link|ecabinet|diem cau)\b")
_RSVP = Prefiltered(
    r"\b(?:xac nhan|dang ky|bao|thong bao|phan hoi|bao cao)\b[^.;]{0,60}\b(?:du|tham du|tham gia|vang"
    r"|dai bieu|thanh phan|danh sach|co mat)\b"
    r"|\b(?:vang(?: mat)?|khong (?:the )?(?:du|tham du)(?: hop)?(?: duoc)?)\b[^.;]{0,80}"
    r"\b(?:bao|bao cao|xin phep|thong bao)\b"
)
_SENTENCE = re.compile(r"[^;]*?(?:\.(?=\s+[A-ZĐÀ-Ỹ])|\./\.|;|\n\s*\n|$)", re.DOTALL)
_DELEGATION = (
    (
        Delegation.NOT_ALLOWED,
        Prefiltered(
            r"\bkhong (?:duoc )?(?:cu|uy quyen|moi)\b[^.;]{0,40}\b(?:thay|cap pho|nguoi khac|dai dien)|\bkhong (?:di"
            r"|du) thay\b|\bkhong du thay"
        ),
    ),
    (
        Delegation.NEEDS_PERMISSION,
        Prefiltered(
            r"\b(?:xin phep|dong y|bao cao|cho phep)\b[^.;]{0,120}\b(?:thay|vang)\b|\b(?:thay"
            r"|vang mat|vang|khong du duoc)\b[^.;]{0,120}\b(?:xin phep|dong y|phai bao cao"
            r"|y kien)\b"
        ),
    ),
    (
        Delegation.ALLOWED,
        Prefiltered(r"\b(?:co the |duoc )?(?:uy quyen|cu)\b[^.;]{0,60}\b(?:thay|du thay)\b|\buy quyen cho\b"),
    ),
)


def tells_when_and_where(text: str) -> bool:
    """Tell whether a paper has the labels of time and place that an invitation has."""
    folded = fold(text)
    return _TIME.search(folded) is not None and _PLACE.search(folded) is not None


def read_meeting(text: str, title: str, own_number: str | None, anchors: Anchors) -> tuple[Meeting, tuple[str, ...]]:
    """Read a meeting from the (normalized) text of its invitation; also return review codes."""
    folded = fold(text)
    if " cu" in folded or "truoc day" in folded or "ban dau" in folded or "da thong bao" in folded:
        text, folded = _without_old(text, folded)
    if is_schedule(title):
        return _schedule(fold(f"{title}\n{text[:600]}"), anchors), ("several_meetings",)
    change, replaces = _change(f"{title}\n{text}", own_number)
    block, label_has_place = _time_block(text, folded, anchors)
    when = When()
    if change is not Change.POSTPONED:
        when = read_when(_second(block), anchors, whole=f"{block} {text[:1500]}" if change is Change.UPDATE else block)
    if when.starts_at is None and change is not Change.POSTPONED and title:
        # The day stands in the title alone: `Giấy mời họp ngày 20/12`.
        named = read_when(f"{block}, {title}", anchors)
        when = named if named.starts_at is not None else when
    if when.starts_at is None and change is Change.UPDATE:
        when = _new_hour(text, folded, block, anchors)
    if when.all_day and (opens := _OPENS.search(folded)) is not None:
        # `trong hai ngày 24 và 25/11 … Bắt đầu lúc 7 giờ 45`.
        told = read_when(f"{opens['opening']}, {block}", anchors)
        when = told if told.starts_at is not None and not told.all_day else when
    place = _place(text, folded, block if label_has_place or not _PLACE.search(folded) else "")
    meeting = Meeting(
        starts_at=when.starts_at,
        ends_at=when.ends_at,
        all_day=when.all_day,
        time_inferred=when.time_inferred,
        place=place,
        chair=_chair(text, folded),
        participants=_participants(text, folded),
        online_url=_online(text, folded),
        rsvp_by=_rsvp(text, anchors),
        delegation=next((kind for kind, pattern in _DELEGATION if pattern.search(folded)), Delegation.UNSPECIFIED),
        change=change,
        replaces=replaces,
    )
    return meeting, when.review


def _without_old(text: str, folded: str) -> tuple[str, str]:
    """The text and its folding without the lines that tell what no longer holds."""
    for old in reversed(list(_OLD_LINE.finditer(folded))):
        text, folded = (whole[: old.start()] + whole[old.end() :] for whole in (text, folded))
    return text, folded


def _schedule(folded: str, anchors: Anchors) -> Meeting:
    """The days that a schedule names at its head."""
    span = day_range(folded, anchors.reference)
    days = list(span[:2]) if span else [found.day for found in islice(dates(folded, anchors.reference), 2)]
    return Meeting(days[0], days[-1] if days[-1] > days[0] else None, all_day=True) if days else Meeting()


def _new_hour(text: str, folded: str, block: str, anchors: Anchors) -> When:
    """A new hour without a day (`lùi từ 14h00 xuống 15h30 cùng ngày`) is on the day of the old one."""
    old = _spoken_start(folded, anchors)
    day = read_when(text[old : old + 60], anchors).starts_at if old is not None else None
    told = day is not None and any(clocks(fold(_second(block))))
    return read_when(f"{_second(block)}, ngày {day:%d/%m/%Y}", anchors) if told else When()


def _change(text: str, own_number: str | None) -> tuple[Change, str | None]:
    """Whether the mail changes an earlier meeting, and the number of that invitation."""
    folded = fold(text)
    cited = [
        number for number in find_numbers(text) if number.canonical != own_number and number.type in {"GM", "TB", "GTT"}
    ]
    head = folded[:1500]
    change = Change.NEW
    if CANCELLED.search(head):
        change = Change.CANCELLED
    elif POSTPONED.search(head):
        change = Change.UPDATE if _MOVED_TO.search(head) else Change.POSTPONED
    elif UPDATED.search(folded) or _MOVED_PLACE.search(head):
        change = Change.UPDATE
    invitations = [number.canonical for number in cited if number.type == "GM"] or [
        number.canonical for number in cited
    ]
    return change, invitations[0] if invitations and change is not Change.NEW else None


def _block(text: str, folded: str, start: int) -> str:
    """The value behind a label, up to the next label or blank line."""
    end = _NEXT_LABEL.search(folded, start)
    value = text[start : end.start() if end else start + 1200]
    return re.split(r"\n\s*\n|\./\.", value, maxsplit=1)[0]


def _time_block(text: str, folded: str, anchors: Anchors) -> tuple[str, bool]:
    """The words about the time: behind their label, else the first lines that name a day."""
    label = _TIME.search(folded)
    if label is not None:
        return _block(text, folded, label.end()), bool(label["place"])
    moved = _moved(folded)
    start = moved.end() if moved is not None and "dia diem" not in moved["what"] else _spoken_start(folded, anchors)
    if start is None:
        return "", True
    return _SENTENCE_END.split(text[start : start + 400], maxsplit=1)[0], True


_SENTENCE_END = re.compile(r"\n\s*\n|\.\s|\./\.|;")
# What stands right before a day and belongs to it: the hour, the weekday, `vào lúc`, `sáng`.
# It begins at a word's edge or with a blank, by which the engine passes over the insides of words.
_LEAD = re.compile(
    r"(?:(?=[,(\s-])|\b)"
    r"(?:\b(?:luc|vao|tu|den|dung|trong|ngay|buoi|sang|trua|chieu|toi|khoang|bat dau|dau gio|cuoi gio|hoi|thu (?:hai|ba"
    r"|tu|bon|nam|sau|bay|[2-7])|chu nhat|cn|ruoi|ca|hom nay|mai|va|tuan (?:nay|sau|toi)|0?\d ngay)\b"
    r"|\d{1,2}(?:/\d{1,2})?(?=\s?(?:-|(?:den|va)\b|,))"
    r"|\d{1,2}\.[0-5]\d(?=[\s,])|(?<!\d)\d{1,2}\s?(?:gio|h|g|:)\s?(?:\d\d)?\s?(?:phut|')?"
    r"|[,(\s-])+$"
)
# A day behind these is that of a paper, a limit or a signature.
_OTHER_DAY = re.compile(
    r"(?:\d[\w-]*/(?=[\d/-]*[a-z])[\w/-]{2,20}|\bso \S{1,20}),?\s*(?:ngay\s*)?$"
    r"|\b(?:truoc|cham nhat|muon nhat|den het|han|tinh den)\b[^.\n]{0,40}$"
)
# `đợt 03/02`, `kỷ niệm 75 năm Ngày thành lập Đoàn 26/3`: the name of an event, unless an hour stands with the day.
_EVENT_DAY = re.compile(r"\b(?:dot|ky niem|chao mung|nhan dip|phong trao|truyen thong)\b[^.\n]{0,80}$")
_HEADER_DATE = re.compile(r"(?:^|\n|\s{3})[^\n,]{2,40},\s+ngay\s*$")
_SPOKEN = Prefiltered(
    r"\b(?:hom nay|ngay mai|(?:sang|chieu|toi) (?:mai|nay)|thu (?:hai|ba|tu|nam|sau|bay|[2-7]) tuan)\b"
)


def _moved(folded: str) -> re.Match[str] | None:
    corrected = _CORRECTED.search(folded) if "ghi" in folded or "dinh chinh" in folded else None
    return corrected or _MOVED.search(folded) or _MOVED_TO.search(folded)


def _spoken_start(folded: str, anchors: Anchors) -> int | None:
    """Where the words about the time begin in running text: at the first day that is not another paper's or a limit."""
    for found in dates(folded, anchors.reference):
        before = folded[max(0, found.start - 120) : found.start]
        lead = _LEAD.search(before)
        words = lead[0] if lead is not None else ""
        before = before[: len(before) - len(words)]
        if _OTHER_DAY.search(before.rstrip() + " ") or _OTHER_DAY.search(before + words):
            continue
        if _HEADER_DATE.search(
            f"{before}{words}ngay" if folded.startswith("ngay", found.start) else before + words
        ) and not any(word.isdigit() or word == "thu" for word in words.split()):
            continue
        if "ngay" not in words.split() and not words.strip(" ,(-") and _EVENT_DAY.search(before):
            continue
        return found.start - len(words.lstrip(" \n\t,(-"))
    spoken = _SPOKEN.search(folded)
    if spoken is None:
        return None
    lead = _LEAD.search(folded[max(0, spoken.start() - 60) : spoken.start()])
    return spoken.start() - (len(lead[0].lstrip(" \n\t,(-")) if lead is not None else 0)


def _second(value: str) -> str:
    """Of `chuyển từ A sang B` only B counts."""
    moved = _moved(fold(value))
    return value[moved.end() :] if moved else value


def _place(text: str, folded: str, combined: str) -> str | None:
    label = _PLACE.search(folded)
    if label is not None:
        return _clean(_second(_first_line(_block(text, folded, label.end()))))
    moved = _moved(folded)
    if moved is not None and "dia diem" in moved["what"] and "thoi gian" not in moved["what"]:
        return _clean(_SENTENCE_END.split(text[moved.end() : moved.end() + 200], maxsplit=1)[0])
    to = _MOVED_PLACE.search(folded)
    if to is not None:
        return _clean(re.split(r"[,;\n]|\.\s", text[to.end() : to.end() + 200], maxsplit=1)[0])
    at = _AT.search(fold(combined))
    if at is None:
        return None
    told = _first_line(combined[at.end() :])
    end = _PLACE_END.search(fold(told))
    return _clean(told[: end.start()] if end is not None else told)


def _first_line(value: str) -> str:
    """A value with its wrapped lines, but without the next bullet."""
    return re.split(r"\n\s*(?:[-*+•]|\d{1,2}[.)])\s", value, maxsplit=1)[0]


def _clean(value: str) -> str | None:
    return squeeze(value).strip(" .;,-") or None


def _chair(text: str, folded: str) -> str | None:
    label = _CHAIR.search(folded)
    if label is not None:
        return _clean(_first_line(_block(text, folded, label.end())))
    spoken = _CHAIR_IN_TEXT.search(folded)
    return _clean(text[spoken.start("who") : spoken.end("who")]) if spoken else None


def _participants(text: str, folded: str) -> tuple[str, ...]:
    label = _WHO.search(folded)
    listed = _INVITED_LIST.search(folded) if label is None else None
    if label is None and listed is None:
        invited = _INVITED.search(folded)
        who = _clean(text[invited.start("who") : invited.end("who")]) if invited else None
        return (who,) if who and not _NOBODY.fullmatch(fold(who)) else ()
    value = text[slice(*listed.span("items"))] if listed else _block(text, folded, label.end() if label else 0)
    items = re.split(r"\n\s*[-+*•]\s*|;", value)
    cleaned = (_clean(re.sub(r"^[-+*•]\s*", "", item.strip())) for item in items)
    return tuple(item for item in cleaned if item)


def _online(text: str, folded: str) -> str | None:
    url = _URL.search(text)
    return url[0].rstrip(".,;") if url is not None and _ONLINE.search(folded) else None


def _rsvp(text: str, anchors: Anchors) -> datetime | date | None:
    """The deadline of the sentence that asks to confirm or excuse."""
    for match in _SENTENCE.finditer(text):
        if match[0] and _RSVP.search(fold(match[0])):
            found, _ = find_deadlines(match[0], anchors)
            if found:
                return found[0].due
    return None


# Folded: `mỗi chi bộ cử 02 đồng chí`, `mỗi đơn vị 01 lãnh đạo`.
_QUOTA = re.compile(
    r"\b(?:moi|tung) (?:don vi|chi bo|chi, dang bo|dang bo|co quan|to chuc|truong|doan the)\b[^.;\n\d]{0,40}?"
    r"(?P<quota>\d{1,2} (?:dong chi|nguoi|dai bieu|lanh dao|can bo|dang vien|bi thu|cap uy vien))"
)


def quota_of(participants: str) -> str:
    """Return how many each unit sends, as the invitation writes it (`02 đồng chí`); empty when it does not say."""
    found = _QUOTA.search(fold(participants))
    return participants[slice(*found.span("quota"))] if found else ""
