"""Whom a paper names: Kính gửi, Nơi nhận with its purposes, and who signed on whose behalf (HD 36, NĐ 30/2020)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2

from mailbot.office.text import fold, squeeze


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, in which post, and on whose behalf (`T/M BAN THƯỜNG VỤ`)."""

    name: str | None
    post: str | None
    authority: str | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One line of Nơi nhận and what the copy is for."""

    name: str
    purpose: str


_KINH_GUI_LINE = re.compile(r"\n[ \t]*kinh gui\s*:[ \t]*")
# How the first paragraph of a paper begins.
BODY_START = re.compile(
    r"^(?:can cu|thuc hien (?:cong van|ke hoach|nghi quyet|chi thi|quyet dinh|chuong trinh|huong dan"
    r"|luat|ket luan|thong bao)"
    r"|do\b|thua lenh|thoi gian qua|de viec|sau khi|ngay \d|xet\b|theo\b|\d+[.)]|i+[-.)]|.*\bkinh moi\b)"
)
_SPEAKS = re.compile(r"\b(?:de nghi|yeu cau|thong bao|kinh moi|tran trong|gui kem|ban hanh|nhan duoc|trien khai)\b")
# A signature stands below the face of a paper, in which the same words may name the issuer.
_FACE_LINES = 5
# RE2 finds it in the folded text, one byte for each sign, ten times as fast as `re`.
_AUTHORITY_MARK = re2.compile(rb"\b(?:[tk] ?[/.] ?[mtl]\b|(?:tm|kt|tl|tuq|q)\. ?[a-z])")
# The signing block stands beside Nơi nhận, or on the last page; above it posts and abbreviations stand everywhere.
_BESIDE = 800
_LAST_PAGE = 3000
_POST_MARK = re.compile(
    r"\n[ \t]*(?:PHÓ )?(?:(?:TỔNG )?BÍ THƯ|CHỦ TỊCH|CHÁNH |TRƯỞNG |CHỦ NHIỆM|(?:TỔNG )?GIÁM ĐỐC|CHÍNH [UỦ][ỶY]|TƯ LỆNH"
    r"|THỦ TRƯỞNG|(?:HIỆU|VIỆN|(?:CHI )?CỤC|VỤ|HẠT|TỔ|ĐỘI|TRẠM|CHỈ HUY) TRƯỞNG)"
)
_POST = re.compile(
    r"^(?:pho )?(?:(?:tong )?bi thu|chu tich|chanh (?:van phong|thanh tra|an)"
    r"|truong (?:ban|phong|cong an|doan|tram|chi nhanh)|chu nhiem|(?:tong )?giam doc|chinh uy|tu lenh"
    r"|(?:thu|hieu|vien|(?:chi )?cuc|vu|hat|to|doi|tram|chi huy) truong)\b"
)
_AUTHORITY = re.compile(r"^(?:t\s?/\s?m|k\s?/\s?t|t\s?/\s?l|t\.?\s?m\.|k\.?\s?t\.|t\.?\s?l\.|tuq\.|q\.)\s*\S")
_PURPOSES = (
    (re.compile(r"bao cao|b/c|bc\)"), "report_to"),
    (re.compile(r"thuc hien|t/h|thi hanh"), "execute"),
    (re.compile(r"de biet|thay bao cao|theo doi"), "inform"),
    (re.compile(r"phoi hop|p/h"), "coordinate"),
)


def read_addressees(text: str, folded: str) -> tuple[str, ...]:
    """Return the Kính gửi lines of a (normalized) text, one addressee an item; `folded` is its folding."""
    named = folded.find("kinh gui", 0, 6000)
    begin = folded.rfind("\n", 0, max(named, 0)) + 1
    start = _KINH_GUI_LINE.search("\n" + folded[begin:6000]) if named >= 0 else None
    if start is None:
        return ()
    at = begin + start.end() - 1  # without the line end put in front, by which the first line begins like every other
    lines = text[at : at + 4000].split("\n")
    alone = not lines[0].strip()  # nothing behind the colon: what follows has a line each
    items: list[str] = []
    for line in map(str.strip, lines[1:] if alone else lines):
        if line[:1] in {"-", "+", "•", "*"}:
            items.append(line.lstrip("-+•* \t"))
        elif not line and items:
            if not items[-1].endswith((",", ";")):
                break
        elif not items:
            items.append(line)
        elif _continues(items[-1], line, alone):
            items[-1] += " " + line
        elif (alone or items[-1].endswith((",", ";"))) and not _begins_body(line):
            items.append(line)
        else:
            break
    split = [piece for item in items for piece in item.split(";")]
    cleaned = [squeeze(item).strip(" .;,:-") for item in split]
    return tuple(item for item in cleaned if item)


def _continues(item: str, following: str, alone: bool) -> bool:
    """Tell whether a line is the rest of a wrapped addressee: it goes on small, or is a name and no sentence."""
    if item.endswith((".", ";")):
        return False
    if following[:1].islower():
        return True
    return not alone and not item.endswith(",") and not _begins_body(following)


def _begins_body(line: str) -> bool:
    """Tell a paragraph's first line from a name: it begins or speaks like a paper, or is as long as a page is wide."""
    if len(line) > 70:
        return True
    folded = fold(line)
    return BODY_START.match(folded) is not None or _SPEAKS.search(folded) is not None


def ends_at(text: str, folded: str) -> int | None:
    """Return where a paper's end begins: at the line of Nơi nhận or of the signing block, or None."""
    start = 0
    for _ in range(_FACE_LINES):
        start = text.find("\n", start) + 1
        if not start:
            return None
    signs = folded.encode("ascii", "replace")
    named = signs.find(b"noi nhan", start)
    window = max(start, named - _BESIDE if named >= 0 else len(text) - _LAST_PAGE)
    signed = _AUTHORITY_MARK.search(signs, window) or (_POST_MARK.search(text, window) if named < 0 else None)
    found = [place for place in (named, signed.start() + 1 if signed is not None else -1) if place >= 0]
    if not found:
        return None
    return text.rfind("\n", 0, min(found)) + 1


def read_signer(cells: list[tuple[str, str]]) -> Signer | None:
    """Return who signed, given the last lines of a paper beside their folding.

    The signing block: authority and post in capitals, the name in ordinary letters below; a head of office signs
    without any authority above the post.
    """
    for index, (line, folded) in enumerate(cells):
        if not line.isupper():
            continue
        if not _AUTHORITY.match(folded):
            if _POST.match(folded):
                name = next((later for later, _ in cells[index + 1 : index + 4] if _is_name(later)), None)
                if name is not None:
                    return Signer(squeeze(name), squeeze(line), None)
            continue
        post = name = None
        for later, later_folded in cells[index + 1 : index + 6]:
            if later.isupper() and post is None and not _AUTHORITY.match(later_folded):
                post = squeeze(later)
            elif _is_name(later):
                name = squeeze(later)
                break
        return Signer(name, post, squeeze(line))
    return None


def _is_name(line: str) -> bool:
    return 2 <= len(line.split()) <= 6 and line.istitle() and not line.startswith("-")


def read_recipients(cells: list[tuple[str, str]]) -> tuple[Recipient, ...]:
    """Return the lines of Nơi nhận with what each copy is for (`để báo cáo`, `để biết`; HD 36, NĐ 30/2020).

    `cells` are the last lines of a paper beside their folding.
    """
    found: list[Recipient] = []
    inside = False
    for cell, folded in cells:
        if folded.startswith("noi nhan"):
            inside = True
        elif inside and cell.startswith(("-", "+")):
            found.append(_recipient(cell))
        elif inside and found and not cell.isupper() and cell[:1].islower():
            found[-1] = _recipient("- " + found[-1].name + " " + cell)
        elif inside and found and not cell.isupper() and not _is_name(cell):  # the signer's name stands beside
            break
    return tuple(found)


def _recipient(line: str) -> Recipient:
    name = squeeze(line.lstrip("-+ ")).strip(" .;,")
    folded = fold(name)
    if folded.startswith(("nhu tren", "nhu kinh gui", "nhu thanh phan", "nhu dieu")):
        return Recipient(name, "as_above")
    if folded.startswith("luu"):
        return Recipient(name, "file")
    note = folded[folded.find("(") :] if "(" in folded else ""
    purpose = next((purpose for pattern, purpose in _PURPOSES if note and pattern.search(note)), "inform")
    return Recipient(re.sub(r"\s*\([^()]*\)$", "", name) if note else name, purpose if note else "execute")
