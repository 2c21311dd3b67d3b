"""Tells whether a text invites to a meeting, sends people to one, calls it off or moves it (domain §3.2, U1)."""

from __future__ import annotations

import re

from mailbot.office.text import fold
from mailbot.prefilter import Prefiltered

CANCELLED = Prefiltered(
    r"(?<!phat )(?<!chi )\bhuy\b(?! dong| hieu| chuong)[^.;\n]{0,40}"
    r"\b(?:hop|hoi nghi|giao ban|lich|giay moi|lop|dai hoi)\b"
    r"|\bkhong to chuc\b[^.;\n]{0,30}\b(?:hop|hoi nghi|lop|dai hoi|giao ban)"
    r"|\b(?:khong|nghi) (?:con )?hop (?:giao ban|ban\b|bch|btv|nua|vao|ngay|hom|sang|chieu|toi|theo|nhu|chi bo|tuan)"
    r"|\b(?:thu hoi|bai bo) (?:giay|thu) moi\b"
    r"|\b(?:cuoc hop|hoi nghi|giao ban|lop|dai hoi)\b[^.;]{0,120}"
    r"\b(?:bi huy|duoc huy|huy bo|khong to chuc nua|khong dien ra)\b"
)
POSTPONED = Prefiltered(
    r"\b(?:tam |thong bao |xin )?hoan\b(?! thanh| thien| chinh| toan)[^.;\n]{0,60}\b(?:hop|hoi nghi"
    r"|dai hoi|lop|giao ban|ky hop)\b|\b(?:lui|doi|thay doi)\b[^.;]{0,120}\bthong bao sau\b"
    r"|\b(?:tam dung|tam ngung|chua)\b[^.;\n]{0,20}\b(?:to chuc|hop|cuoc hop|hoi nghi)\b[^.]{0,80}"
    r"\bthong bao (?:lai )?(?:sau|moi)\b"
    r"|\b(?:cuoc hop|hoi nghi|giao ban|lop|dai hoi|ky hop|tap huan)\b[^.;]{0,200}\b(?:(?:se|duoc|xin|phai) )?tam hoan\b"
    r"|\btam (?:dung|ngung) (?:viec )?(?:to chuc )?(?!cac )[^.;\n]{0,20}"
    r"\b(?:cuoc hop|hoi nghi|dai hoi|lop|giao ban|ky hop)\b"
)
UPDATED = Prefiltered(
    r"\b(?:dieu chinh|thay doi|doi|chuyen|doi lich|lui|doi)\b[^.;\n]{0,30}\b(?:thoi gian|dia diem"
    r"|lich|gio hop|phong hop|ngay hop|thanh phan|hinh thuc)\b"
    # `cuộc họp … lùi từ 14h xuống 15h30`, `hội nghị chuyển sang ngày 23/12`.
    r"|\b(?:hop|hoi nghi|giao ban|dai hoi)\b[^.;\n]{0,80}\b(?:lui|doi|chuyen)\b[^.;\n]{0,60}"
    r"\b(?:sang|xuong|len|den|vao|qua)\s"
    r"(?:luc )?(?=\d|ngay|chieu|sang|toi|thu\b|phong hop|hoi truong|tru so|nha van hoa)"
    r"|\bthay(?: the)?(?: \((?:thay )?the\)| \(thay the\))? (?:cho )?(?:giay moi|thu moi)\b"
    r"|\bbo sung thanh phan (?:moi|du|tham)|\bdinh chinh\b[^.;\n]{0,30}\b(?:giay moi|thu moi|thoi gian|dia diem)\b"
    r"|\b(?:doi|chuyen)\b[^.;\n]{0,60}\b(?:sang hinh thuc|sang (?:hop )?truc tuyen)\b"
)
_SPEAKS_OF_MEETING = Prefiltered(
    r"\b(?:hoi nghi|giao ban|dai hoi|giay moi|(?:cuoc|buoi|lich|gio|ngay|phong|phien|ky|du|moi|to chuc) hop)\b"
)
_SUBJECT_MEETING = Prefiltered(
    r"\bgiay moi\b|\b(?:thu )?moi (?:du |tham du |tham gia )?(?:hop|hoi nghi|du|tham du|toa dam"
    r"|tap huan|dai hoi|lop)\b|\btrieu tap\b"
    r"|\b(?:hoan(?! thanh| thien| chinh| toan| tat)|huy(?! dong| hieu| chuong)|doi|lui|chuyen|dieu chinh|thay doi"
    r"|dinh chinh)\b.{0,40}\b(?:(?<!phoi )(?<!tong )hop|hoi nghi|giao ban|dai hoi)\b"
    r"|\b(?:tam hoan|hoan|huy|lui) (?:viec )?(?:to chuc |mo |khai giang )?(?:lop|tap huan|ky hop|toa dam|hoi thao)\b"
    r"|\b(?:khong|nghi) hop\b(?! (?:le|phap|ly|tac|dong))"
    r"|\b(?:khong|tam dung|tam ngung)(?: viec)? to chuc (?!cac )(?:cuoc |buoi )?"
    r"(?:hop|hoi nghi|giao ban|dai hoi|ky hop|lop)\b"
)
_BODY_MEETING = Prefiltered(
    r"\b(?:kinh|tran trong|xin|thong bao) moi\b[^.;]{0,160}\b(?:du|hop|tham du|tham gia)\b"
    r"|\bmoi (?:cac |quy )?(?:anh|chi|dong chi|d/c|dc|ac|dai bieu|vi|thay|co|bac|ong|ba)\b[^.;]{0,80}\b(?:hop|du)\b"
    r"|\btrieu tap\b[^.;]{0,80}\bdu\b|\bmoi (?:du )?(?:hop|hoi nghi)\b"
)


# `V/v cử cán bộ tham gia tập huấn`.
_SENDS_PEOPLE = re.compile(
    r"\b(?:cu|dang ky|gioi thieu)\b.{0,60}\b(?:tham gia|tham du|du|di)\b.{0,30}"
    r"\b(?:tap huan|boi duong|hoi nghi|hoi thao|toa dam|lop|dai hoi|tham quan|hoc tap)\b"
)
# Folded, the letter box (hộp) and what is joined or fitting (hợp) would be a meeting (họp).
_NOT_HOP = re.compile(r"(?i)\bh[ộợ]p\b")
# A schedule of many meetings: of them all only the days are told.
_SCHEDULE = re.compile(
    r"\W*(?:(?:re|fwd?|tl|chuyen tiep)\s*:\s*)*(?:(?:thong bao|gui|v/v|ve)\s+)?lich (?:(?:cong tac|lam viec|hop)\s+)?"
    r"(?:tuan|thang)\b"
)


def calls_to_meeting(title: str) -> bool:
    """Tell whether a subject or trích yếu invites to a meeting or changes one."""
    folded = fold(title)
    if "hop" in folded:
        folded = fold(_NOT_HOP.sub("xxx", title))
    return _SUBJECT_MEETING.search(folded) is not None or _SCHEDULE.match(folded) is not None


def sends_people(title: str) -> bool:
    """Tell whether the units are to send people to something: a summons, when it also tells when and where."""
    # Few titles speak of taking part, and a search in a short text costs more than these two looks.
    told = "tham" in title or "dự" in title
    return told and _SENDS_PEOPLE.search(fold(title)) is not None


def cites_invitation(references: tuple[str, ...]) -> bool:
    """Tell whether one of the cited numbers is that of an invitation."""
    return any("GM" in number and ("-GM/" in number or "/GM-" in number) for number in references)


def changes_meeting(text: str) -> bool:
    """Tell whether a paper calls a meeting off or moves it."""
    head = fold(text[:3000])
    return any(pattern.search(head) for pattern in (CANCELLED, POSTPONED, UPDATED))


def body_invites(text: str) -> bool:
    """Tell whether a letter's words invite to a meeting, or cancel or move one."""
    folded = fold(_NOT_HOP.sub("xxx", text[:4000]))
    return any(pattern.search(folded) for pattern in (_BODY_MEETING, CANCELLED, POSTPONED)) or (
        UPDATED.search(folded) is not None and _SPEAKS_OF_MEETING.search(folded) is not None
    )


def is_schedule(title: str) -> bool:
    """Tell whether a title is that of a schedule of many meetings."""
    return _SCHEDULE.match(fold(title)) is not None
