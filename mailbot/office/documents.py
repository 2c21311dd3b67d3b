"""Reads an official document's face: number, type, issuer, date, trích yếu, urgency, addressees, citations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from mailbot.office.numbers import (
    Number,
    System,
    canonical,
    find_blank,
    find_numbers,
    from_file_name,
    system_of,
    type_of,
    types,
)
from mailbot.office.text import Words, fold, squeeze


class Urgency(StrEnum):
    """Độ khẩn, in rising order (NĐ 30/2020 Art. 4, HD 36)."""

    NORMAL = "normal"
    URGENT = "urgent"
    VERY_URGENT = "very_urgent"
    EXPRESS = "express"
    EXPRESS_TIMED = "express_timed"

    @property
    def rank(self) -> int:
        """0 for normal to 4 for express at a stated hour."""
        return list(Urgency).index(self)


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


@dataclass(frozen=True, slots=True)
class Document:
    """One official document that a mail carries; the keys are those of the parse contract."""

    number: str | None = None
    system: System = System.OTHER
    type: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    summary: str | None = None
    urgency: Urgency = Urgency.NORMAL
    issuer_name: str | None = None
    signer: Signer | None = None
    signed: str = "none"
    draft: bool = False
    circulation: str | None = None
    recipients: tuple[Recipient, ...] = ()
    addressees: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    replaces: str | None = None
    review: tuple[str, ...] = field(default=(), compare=False)


_Lines = list[tuple[str, str]]  # each line and its folding
# The face of a document ends long before this; a citation far down must not become its number.
HEAD_LINES = 30
_GAP = re.compile(r"[ \t]{3,}|\t+|[ \t]+(?=ĐẢNG CỘNG SẢN VIỆT NAM|CỘNG H[ÒO][ÀA]? XÃ HỘI)")
_DATE_LINE = re.compile(r"ngay\s{0,9}(\d{1,2})\s{0,3}thang\s{0,3}(\d{1,2})\s{0,3}nam\s{0,3}(\d{4})")
_OPEN_DATE = re.compile(r"ngay[\s.…_]{0,20}thang\s{0,3}(\d{1,2})?[\s.…_]{0,20}nam\s{0,3}(\d{4})")
# The engine skips to the next digit only where the pattern begins with one, so what stands before is looked at second.
_STAMP = re.compile(r"(\d(?<!\d\d)\d)[-./](\d{2})[-./](\d{4})\s+\d{2}:\d{2}:\d{2}")
_STAMP_CLOCK = re.compile(r":\d\d:\d\d")
_NUMBER_LINE = re.compile(r"^\W{0,3}so\s{0,3}[:.]?\s{0,3}(?=\d)")
_BARE_NUMBER = re.compile(r"^\W{0,3}so\s{0,3}[:.]?\s{0,3}(?P<count>\d{1,5})(?:\s?-\s?(?P<type>[a-z]{2,4}))?\W{0,3}$")
_LONE_NUMBER = re.compile(r"(?m)^[ \t]*(\d{1,5})[ \t]*$")
_SUMMARY_START = re.compile(r"^\W{0,2}(?:v\s?/\s?v\b\s*[:.]?|ve viec\b|v\.v\b)\s*")
_KINH_GUI = re.compile(r"[ \t]*kinh gui\s*:[ \t]*")
_KINH_GUI_LINE = re.compile(r"\n[ \t]*kinh gui\s*:[ \t]*")
_MARKER = re.compile(
    r"^(?:dang cong san viet nam|cong hoa xa hoi chu nghia viet nam|doc lap\s*-\s*tu do\s*-\s*hanh phuc)"
)
_STOP = re.compile(
    r"^(?:kinh gui|dang cong san|cong hoa xa hoi|doc lap|noi nhan|(?:thuong |hoa toc|khan\b)|mat$"
    r"|.{2,40}, ngay\b|\*|so\s*:?\s*\d|-{3,}|_{3,})"
)
_BODY_START = re.compile(
    r"^(?:can cu|thuc hien (?:cong van|ke hoach|nghi quyet|chi thi|quyet dinh|chuong trinh|huong dan"
    r"|luat|ket luan|thong bao)"
    r"|do\b|thua lenh|thoi gian qua|de viec|sau khi|ngay \d|xet\b|theo\b|\d+[.)]|i+[-.)]|.*\bkinh moi\b)"
)
_SPEAKS = re.compile(r"\b(?:de nghi|yeu cau|thong bao|kinh moi|tran trong|gui kem|ban hanh|nhan duoc|trien khai)\b")
_URGENCY_MARKS = (
    (re.compile(r"^\W*hoa toc hen gio\b"), Urgency.EXPRESS_TIMED),
    (re.compile(r"^\W*hoa toc\W*$"), Urgency.EXPRESS),
    (re.compile(r"^\W*thuong khan\W*$"), Urgency.VERY_URGENT),
    (re.compile(r"^\W*khan\W*$"), Urgency.URGENT),
)
_SUBJECT_URGENCY = (
    (re.compile(r"[\[({]\s*hoa toc hen gio\b|^\W*hoa toc hen gio\b"), Urgency.EXPRESS_TIMED),
    (re.compile(r"[\[({]\s*(?:hoa toc|cuc khan)\s*[\])}]|^\W*hoa toc\s*[!:.-]|^hoa toc$"), Urgency.EXPRESS),
    (re.compile(r"[\[({]\s*(?:thuong|rat) khan\s*[\])}]|^\W*(?:thuong|rat) khan\s*[!:.-]"), Urgency.VERY_URGENT),
    (re.compile(r"[\[({]\s*(?:khan|gap)\s*[\])}]|^\W*(?:khan|gap)\s*[!:]"), Urgency.URGENT),
)
_REPLACES = re.compile(
    r"\b(?:thay the|thay cho|thay|bai bo|huy bo)(?: cho)?\s+(?:noi dung |toan bo )?"
    r"(?:giay moi|cong van|thong bao|ke hoach|quyet dinh|quy dinh|huong dan|van ban|thu moi"
    r"|chuong trinh)?\s*(?:so\s*:?\s*)?$"
)
_CIRCULATION = Words(
    "luu hanh noi bo", "thu hoi sau hoi nghi", "xem xong tra lai", "khong pho bien", "tai lieu thu hoi"
)
_DRAFT = re.compile(r"(?m)^\W*du thao\b(?:\W*lan\W*(?:thu\W*)?\d*)?\W*$")
_AUTHORITY = re.compile(r"^(?:t\s?/\s?m|k\s?/\s?t|t\s?/\s?l|t\.?\s?m\.|k\.?\s?t\.|t\.?\s?l\.|tuq\.|q\.)\s*\S")
_PURPOSES = (
    (re.compile(r"bao cao|b/c|bc\)"), "report_to"),
    (re.compile(r"thuc hien|t/h|thi hanh"), "execute"),
    (re.compile(r"de biet|thay bao cao|theo doi"), "inform"),
    (re.compile(r"phoi hop|p/h"), "coordinate"),
)


class _Head:
    """The first lines of a document beside their folding, line by line and whole."""

    def __init__(self, cells: list[str]) -> None:
        self.text = "\n".join(cells[:HEAD_LINES])
        self.folded = fold(self.text)
        self.lines = list(zip(cells, self.folded.split("\n"), strict=False)) if cells else []


class Sheet:
    """A (normalized) text that may be a document, beside what is asked of it again and again."""

    def __init__(self, text: str, folded: str | None = None) -> None:
        self.text = text
        if folded is not None:
            self.__dict__["folded"] = folded

    @cached_property
    def folded(self) -> str:
        """The text in small letters without accents, place by place."""
        return fold(self.text)

    @cached_property
    def cells(self) -> list[str]:
        """The lines, each column of a printed header a line of its own."""
        return _cells(self.text)

    @cached_property
    def head(self) -> _Head:
        """The first lines."""
        return _Head(self.cells)

    @cached_property
    def has_face(self) -> bool:
        """Whether the text begins like an official document rather than like a letter."""
        if any(_NUMBER_LINE.match(folded) or _MARKER.match(folded) for _, folded in self.head.lines):
            return True
        return find_blank(self.text[:3000]) is not None

    @cached_property
    def issued_on(self) -> date | None:
        """The day on which the document says that it was issued."""
        return _issued_on(self.head.folded, self.text)


def read_document(sheet: Sheet | str, file_name: str | None = None, subject: str | None = None) -> Document:
    """Read one document's (normalized) text; `file_name` and `subject` are further witnesses of its number."""
    sheet = Sheet(sheet) if isinstance(sheet, str) else sheet
    text, folded, cells, head = sheet.text, sheet.folded, sheet.cells, sheet.head
    number, review = _own_number(head, text, file_name, subject)
    title_at, title = _title(head.lines)
    kind, issuer, system = _kind(number, text, title, head)
    references, replaces = _citations(text, number)
    return Document(
        number=number.canonical if number else None,
        system=system,
        type=kind,
        issuer=issuer,
        issued_on=sheet.issued_on,
        summary=_summary(head.lines, title_at),
        urgency=_mark(head),
        issuer_name=_issuer_name(head.lines),
        signer=_signer(cells),
        draft="du thao" in head.folded and _DRAFT.search(head.folded) is not None,
        circulation=_circulation(head),
        recipients=_recipients(cells) if "noi nhan" in folded else (),
        addressees=_addressees(text, folded),
        references=references,
        replaces=replaces,
        review=review,
    )


def _circulation(head: _Head) -> str | None:
    match = _CIRCULATION.search(head.folded)
    return squeeze(head.text[match.start() : match.end()]).lower() if match else None


def _cells(text: str) -> list[str]:
    """Lines, with the two columns of a printed header as lines of their own; blank ones dropped."""
    cells: list[str] = []
    for line in text.split("\n"):
        # What every match of _GAP holds, so that most lines are not searched.
        if "   " in line or "\t" in line or "CỘNG" in line:
            cells.extend(cell.strip() for cell in _GAP.split(line) if cell and not cell.isspace())
        elif line and not line.isspace():
            cells.append(line.strip())
    return cells


def _own_number(
    head: _Head, text: str, file_name: str | None, subject: str | None
) -> tuple[Number | None, tuple[str, ...]]:
    """Evidence in order: header line, stamp on the page, file name, subject; a contradiction is told, not guessed."""
    told = from_file_name(file_name) if file_name else None
    printed = _header_number(head.lines)
    if printed is not None:
        conflict = told is not None and told.type == printed.type and told.key != printed.key
        return printed, ("number_conflict",) if conflict else ()
    blank = find_blank(head.text)
    if blank is None:
        from_subject = _subject_number(subject)
        return told or from_subject, ()
    return _stamped(blank, text, told, _subject_number(subject))


def _stamped(
    blank: tuple[str, str], text: str, told: Number | None, said: Number | None
) -> tuple[Number | None, tuple[str, ...]]:
    """The header leaves the number open: a lone number on the page, the file name or the subject may tell it."""
    kind, issuer = blank
    system = system_of(issuer) or System.PARTY
    stamps = {int(count) for count in _LONE_NUMBER.findall(text)}
    witnesses = [number for number in (told, said) if number is not None and number.type == kind]
    counts = {number.key[0] for number in witnesses}
    if counts and stamps and not counts & stamps:
        return None, ("number_conflict",)
    agreed = (counts & stamps) or counts or stamps
    if len(agreed) != 1:
        return None, ("number_missing",)
    count = f"{agreed.pop():02d}"
    return Number(canonical(count, kind, issuer, system), system, kind, issuer, count), ()


def _subject_number(subject: str | None) -> Number | None:
    found = find_numbers(subject) if subject else ()
    return found[0] if len(found) == 1 else None


def _header_number(head: _Lines) -> Number | None:
    for line, folded in head:
        if _KINH_GUI.match(folded):
            return None
        start = _NUMBER_LINE.match(folded)
        if start is not None:
            found = find_numbers(line)
            if found and found[0].start <= start.end():
                return found[0]
            bare = _BARE_NUMBER.match(folded)
            if bare is not None and any(_MARKER.match(other) for _, other in head):
                # Army and police print the count alone, or with the type and no issuer.
                kind = type_of(line[bare.start("type") : bare.end("type")]) if bare["type"] else None
                written = f"{bare['count']}-{kind}" if kind else bare["count"]
                return Number(written, System.OTHER, kind, None, bare["count"])
    return None


_TITLES = {fold(entry["name"]): abbreviation for abbreviation, entry in reversed(types().items())}


def _title(head: _Lines) -> tuple[int, str | None]:
    """Find the printed type: a line in capitals that is a type's name and nothing else."""
    for index, (line, folded) in enumerate(head):
        if line.isupper() and (name := folded.strip(" *.:-")) in _TITLES:
            return index, _TITLES[name]
    return -1, None


def _kind(number: Number | None, text: str, title: str | None, head: _Head) -> tuple[str | None, str | None, System]:
    """The printed type name goes before the abbreviation: QĐ is Quyết định or Quy định, TT Thông tri or Thông tư."""
    if number is not None:
        return number.type, number.issuer, number.system
    blank = find_blank(head.text) or find_blank(text[:3000])
    if blank is not None:
        return blank[0], blank[1], system_of(blank[1]) or System.PARTY
    system = System.PARTY if "dang cong san viet nam" in head.folded else System.OTHER
    return title, None, System.STATE if "cong hoa xa hoi" in head.folded else system


def _summary(head: _Lines, title_at: int) -> str | None:
    """Trích yếu: under the number of a công văn (`V/v …`), else below the type's name."""
    for index, (line, folded) in enumerate(head):
        if _KINH_GUI.match(folded):
            break
        start = _SUMMARY_START.match(folded)
        if start is not None and (title_at < 0 or index < title_at):
            lines = [line[start.end() :]]
            lines += _continued(head[index + 1 : index + 5], strict=False)
            return _finish(lines)
    if title_at < 0 or title_at + 1 >= len(head):
        return None
    first, folded = head[title_at + 1]
    if _STOP.match(folded) or _BODY_START.match(folded) or len(first) > 300 or first.isupper():
        return None
    lines = [first, *_continued(head[title_at + 2 : title_at + 6], strict=True)]
    return _finish(lines)


def _continued(lines: _Lines, *, strict: bool) -> list[str]:
    """The further lines of a wrapped trích yếu; under a title the body follows, and it begins with a capital."""
    taken: list[str] = []
    for line, folded in lines:
        if _STOP.match(folded) or _MARKER.match(folded) or (len(line) > 3 and line.isupper()):
            break
        if strict and not line[:1].islower():
            break
        taken.append(line)
    return taken


def _finish(lines: list[str]) -> str | None:
    text = squeeze(" ".join(lines)).strip(" .;:-*")
    start = _SUMMARY_START.match(fold(text))
    text = text[start.end() :] if start is not None else text
    return text.strip() or None


def _issued_on(folded: str, text: str) -> date | None:
    """The day in the header; where it was left open, the time of the signature stamp of that month."""
    found = _DATE_LINE.search(folded)
    if found is not None:
        return safe_date(int(found[3]), int(found[2]), int(found[1]))
    opened = _OPEN_DATE.search(folded)
    for stamp in _STAMP.finditer(text) if _STAMP_CLOCK.search(text) else ():
        day = safe_date(int(stamp[3]), int(stamp[2]), int(stamp[1]))
        if day is not None and (opened is None or (opened[1] in {None, str(day.month), f"{day.month:02d}"})):
            return day
    return None


def safe_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None when the calendar has no such day or the year is absurd."""
    try:
        return date(year, month, day) if 1930 <= year <= 2100 else None
    except ValueError:
        return None


def _mark(head: _Head) -> Urgency:
    """A stamp is a line of its own; `khẩn trương` and `khẩn cấp` inside sentences are none."""
    for line, folded in head.lines:
        if ("khan" not in folded and "hoa toc" not in folded) or not line[0].isupper():
            continue
        for pattern, urgency in _URGENCY_MARKS:
            if pattern.match(folded):
                return urgency
    return Urgency.NORMAL


def subject_urgency(subject: str | None) -> Urgency:
    """Read the urgency that a subject tells: a bracketed tag, or the first word before a stop."""
    folded = fold(subject or "")
    if not any(word in folded for word in ("khan", "hoa toc", "gap")):
        return Urgency.NORMAL
    return next((urgency for pattern, urgency in _SUBJECT_URGENCY if pattern.search(folded)), Urgency.NORMAL)


def _citations(text: str, own: Number | None) -> tuple[tuple[str, ...], str | None]:
    """Every other number in the text, and the one that this document replaces."""
    references: dict[str, None] = {}
    replaces = None
    own_key = own.key if own is not None else None
    for number in find_numbers(text):
        if own_key is not None and number.key == own_key:
            continue
        if replaces is None and _REPLACES.search(fold(text[max(0, number.start - 60) : number.start])):
            replaces = number.canonical
        references[number.canonical] = None
    return tuple(references), replaces


def _addressees(text: str, folded: str) -> tuple[str, ...]:
    start = _KINH_GUI_LINE.search("\n" + folded[:6000])
    if start is None:
        return ()
    at = start.end() - 1  # without the line end put in front, by which the first line begins like every other
    lines = [line.strip() for line in text[at : at + 4000].split("\n")]
    alone = not lines[0]  # nothing behind the colon: what follows has a line each
    items: list[str] = []
    for line in lines if not alone else lines[1:]:
        if line[:1] in {"-", "+", "•", "*"}:
            items.append(line.lstrip("-+•* \t"))
        elif not line and items:
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
    folded = fold(line)
    return len(line) > 70 or _BODY_START.match(folded) is not None or _SPEAKS.search(folded) is not None


def _issuer_name(head: _Lines) -> str | None:
    """The last line in capitals above the number, which is the issuer's own."""
    name = None
    for line, folded in head[:8]:
        if _NUMBER_LINE.match(folded) or folded.startswith("so ") or _KINH_GUI.match(folded):
            break
        if line.isupper() and len(line) > 3 and not _MARKER.match(folded) and folded not in _TITLES:
            name = squeeze(line)
    return name


def _signer(cells: list[str]) -> Signer | None:
    """The signing block: authority and post in capitals, the name in ordinary letters below."""
    for index, line in enumerate(cells):
        if index < 5 or not line.isupper() or not _AUTHORITY.match(fold(line)):
            continue
        post = name = None
        for later in cells[index + 1 : index + 6]:
            if later.isupper() and post is None and not _AUTHORITY.match(fold(later)):
                post = squeeze(later)
            elif 2 <= len(later.split()) <= 6 and later.istitle() and not later.startswith("-"):
                name = squeeze(later)
                break
        return Signer(name, post, squeeze(line))
    return None


def _recipients(cells: list[str]) -> tuple[Recipient, ...]:
    found: list[Recipient] = []
    inside = False
    for cell in cells:
        if cell[:1] in {"N", "n"} and fold(cell[:8]) == "noi nhan":
            inside = True
        elif inside and cell.startswith(("-", "+")):
            found.append(_recipient(cell))
        elif inside and found and not cell.isupper() and cell[:1].islower():
            found[-1] = _recipient("- " + found[-1].name + " " + cell)
        elif inside and found and not cell.isupper():
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
