"""Reads an official document's face: number, type, issuer, date, trích yếu, urgency, addressees, citations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

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
from mailbot.office.parties import BODY_START, Recipient, Signer, ends_at, read_addressees, read_recipients, read_signer
from mailbot.office.text import Words, fold, squeeze
from mailbot.office.urgency import Urgency, stamped_urgency
from mailbot.once import once

if TYPE_CHECKING:
    from collections.abc import Iterator


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
_HEAD_CHARACTERS = 6000
# Nơi nhận and the signing block are a page at most.
_TAIL_CHARACTERS = 4000
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
_ABOUT = re.compile(r"ve\s+")
_KINH_GUI = re.compile(r"kinh gui\s*:[ \t]*")
_MARKER = re.compile(
    r"^(?:dang cong san viet nam|cong hoa xa hoi chu nghia viet nam|doc lap\s*-\s*tu do\s*-\s*hanh phuc)"
)
_STOP = re.compile(
    r"^(?:kinh gui|dang cong san|cong hoa xa hoi|doc lap|noi nhan|(?:thuong |hoa toc|khan\b)|mat$"
    r"|.{2,40}, ngay\b|\*|so\s*:?\s*\d|-{3,}|_{3,})"
)
_REPLACES = re.compile(
    r"\b(?:thay the|thay cho|thay|bai bo|huy bo)(?: cho)?\s+(?:noi dung |toan bo )?"
    r"(?:giay moi|cong van|thong bao|ke hoach|quyet dinh|quy dinh|huong dan|van ban|thu moi"
    r"|chuong trinh)?\s*(?:so\s*:?\s*)?$"
)
# Before the number of what is sent stands who sends and what it is: `VPQU gửi Kế hoạch số …`.
_SENT_AS = re.compile(
    r"(?:(?:fwd?|chuyen tiep)\s?:\s?)*(?:[a-z ]{0,40}\b(?:gui|chuyen)\b)?[\s:]{0,3}(?:kem |theo )?"
    r"(?:cv|cong van|kh|ke hoach|gm|giay moi|tb|thong bao|qd|quyet dinh|hd|huong dan|nq|nghi quyet|kl|ket luan|ctr"
    r"|chuong trinh|ct|chi thi|van ban)?[\s:]{0,3}(?:so)?[\s:]{0,3}$"
)
_CIRCULATION = Words(
    "luu hanh noi bo", "thu hoi sau hoi nghi", "xem xong tra lai", "khong pho bien", "tai lieu thu hoi"
)
_DRAFT = re.compile(r"(?m)^\W*du thao\b(?:\W*lan\W*(?:thu\W*)?\d*)?\W*$")


class _Head:
    """The first lines of a document beside their folding, line by line and whole."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines[:HEAD_LINES]
        self.folded = "\n".join(map(itemgetter(1), self.lines))

    @once
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(map(itemgetter(0), self.lines))


class Sheet:
    """A (normalized) text that may be a document, beside what is asked of it again and again."""

    def __init__(self, text: str, folded: str | None = None) -> None:
        self.text = text
        # In small letters without accents, place by place.
        self.folded = fold(text) if folded is None else folded

    @once
    def head(self) -> _Head:
        """The first lines, each column of a printed header a line of its own."""
        return _Head(_cells(self.text[:_HEAD_CHARACTERS], self.folded[:_HEAD_CHARACTERS], HEAD_LINES))

    @once
    def tail(self) -> _Lines:
        """The lines from Nơi nhận or the signature on, each column a line of its own; none where there is neither."""
        start = ends_at(self.text, self.folded)
        if start is None:
            return []
        end = start + _TAIL_CHARACTERS
        return _cells(self.text[start:end], self.folded[start:end])

    @once
    def has_face(self) -> bool:
        """Whether the text begins like an official document rather than like a letter."""
        for _, folded in self.head.lines:
            if _NUMBER_LINE.match(folded) or _MARKER.match(folded):
                return True
        return find_blank(self.text[:3000]) is not None

    @once
    def issued_on(self) -> date | None:
        """The day on which the document says that it was issued."""
        return _issued_on(self.head.folded, self.text)


def read_document(sheet: Sheet | str, file_name: str | None = None, subject: str | None = None) -> Document:
    """Read one document's (normalized) text; `file_name` and `subject` are further witnesses of its number."""
    sheet = Sheet(sheet) if isinstance(sheet, str) else sheet
    text, folded, head = sheet.text, sheet.folded, sheet.head
    numbers = find_numbers(text)
    number, review = _own_number(sheet, numbers, file_name, subject)
    title_at, title = _title(head.lines)
    kind, issuer, system = _kind(number, text, title, head)
    references, replaces = _citations(text, numbers, number)
    return Document(
        number=number.canonical if number else None,
        system=system,
        type=kind,
        issuer=issuer,
        issued_on=sheet.issued_on,
        summary=_summary(head.lines, title_at),
        urgency=stamped_urgency(head.lines, head.folded),
        issuer_name=_issuer_name(head.lines),
        signer=read_signer(sheet.tail),
        draft="du thao" in head.folded and _DRAFT.search(head.folded) is not None,
        circulation=_circulation(head),
        recipients=read_recipients(sheet.tail) if "noi nhan" in folded else (),
        addressees=read_addressees(text, folded),
        references=references,
        replaces=replaces,
        review=review,
    )


def circulation_of(text: str) -> str | None:
    """Return the limit of circulation in the first lines of a (normalized) text, as it is written, or None."""
    return _circulation(Sheet(text).head)


def _circulation(head: _Head) -> str | None:
    match = _CIRCULATION.search(head.folded)
    return squeeze(head.text[match.start() : match.end()]).lower() if match else None


def _cells(text: str, folded: str, most: int = 10_000) -> _Lines:
    """Lines, with the two columns of a printed header as lines of their own; blank ones dropped; at most `most`."""
    # Both have their line ends and blanks at the same places.
    written, without = text.split("\n"), folded.split("\n")
    # What every match of _GAP holds: a single sign is found ten times as fast as four, and most lines have none.
    gapped: list[int] = []
    if "CỘNG" in text or "   " in text or "\t" in text:
        gapped = [at for at, line in enumerate(written) if "CỘNG" in line or "   " in line or "\t" in line]
    for at in reversed(gapped):
        columns = list(_columns(written[at]))
        without[at : at + 1] = [without[at][begin:end] for begin, end in columns]
        written[at : at + 1] = [written[at][begin:end] for begin, end in columns]
    bare_lines = zip(map(str.strip, written), map(str.strip, without), strict=True)
    return [cell for cell in bare_lines if cell[0]][:most]


def _columns(line: str) -> Iterator[tuple[int, int]]:
    """Where the columns of a line begin and end."""
    begin = 0
    for gap in _GAP.finditer(line):
        if gap.start() > begin:
            yield begin, gap.start()
        begin = gap.end()
    if begin < len(line):
        yield begin, len(line)


def _own_number(
    sheet: Sheet, numbers: tuple[Number, ...], file_name: str | None, subject: str | None
) -> tuple[Number | None, tuple[str, ...]]:
    """Evidence in order: header line, stamp on the page, file name, subject; a contradiction is told, not guessed."""
    told = from_file_name(file_name) if file_name else None
    printed = _header_number(sheet, numbers)
    if printed is not None:
        conflict = told is not None and told.type == printed.type and told.key != printed.key
        conflict = conflict or _subject_names_another(printed, subject, numbers)
        return printed, ("number_conflict",) if conflict else ()
    blank = find_blank(sheet.head.text)
    if blank is None:
        from_subject = _subject_number(subject)
        return told or from_subject, ()
    return _stamped(blank, sheet.text, told, _subject_number(subject))


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


def _subject_names_another(printed: Number, subject: str | None, numbers: tuple[Number, ...]) -> bool:
    """Whether the subject says that it sends another paper of this issuer and type, which the paper does not cite."""
    if subject is None or _names(subject, printed.canonical):
        return False
    said = _subject_number(subject)
    if said is None or said.key == printed.key or said.key[1:] != printed.key[1:]:
        return False
    cited = any(number.key == said.key for number in numbers)
    return not cited and _SENT_AS.match(fold(subject[: said.start])) is not None


def _names(subject: str, canonical: str) -> bool:
    """Whether a subject names a number as it is printed; nearly every one does."""
    at = subject.find(canonical)
    behind = subject[at + len(canonical) : at + len(canonical) + 1]
    return at >= 0 and not subject[at - 1 : at].isdigit() and not behind.isalnum()


def _subject_number(subject: str | None) -> Number | None:
    found = find_numbers(subject) if subject else ()
    return found[0] if len(found) == 1 else None


def _header_number(sheet: Sheet, numbers: tuple[Number, ...]) -> Number | None:
    for line, folded in sheet.head.lines:
        if folded.startswith("kinh gui") and _KINH_GUI.match(folded):
            return None
        start = _NUMBER_LINE.match(folded)
        if start is not None:
            at = sheet.text.find(line)
            found = next((number for number in numbers if at <= number.start <= at + start.end()), None)
            if found is not None:
                return found
            bare = _BARE_NUMBER.match(folded)
            if bare is not None and any(_MARKER.match(other) for _, other in sheet.head.lines):
                # Army and police print the count alone, or with the type and no issuer.
                kind = type_of(line[bare.start("type") : bare.end("type")]) if bare["type"] else None
                written = f"{bare['count']}-{kind}" if kind else bare["count"]
                return Number(written, System.OTHER, kind, None, bare["count"])
    return None


_TITLES = {fold(entry["name"]): abbreviation for abbreviation, entry in reversed(types().items())}

# `THÔNG BÁO KẾT LUẬN`, `GIẤY MỜI HỌP`: the type and a word more.
_TITLE_TAIL = re.compile(r"(?<=\w) (?:ket luan|hop|don|tong ket|so ket|dot xuat|nhanh)$")


def _title(head: _Lines) -> tuple[int, str | None]:
    """Find the printed type: a line in capitals that is a type's name and nothing else."""
    for index, (line, folded) in enumerate(head):
        if line.isupper() and (name := _TITLE_TAIL.sub("", folded.strip(" *.:-"))) in _TITLES:
            return index, _TITLES[name]
    return -1, None


# Abbreviations of types that are also those of agencies: Thanh tra, Cục Thuế or Cục Chính trị.
_ALSO_ISSUERS = frozenset({"TTr", "CT"})


def _typed_by_face(number: Number, title: str | None, head: _Head) -> tuple[str | None, str | None, System]:
    """`391/TTr-NV2` with `V/v` below and no title is a công văn of the Thanh tra and no Tờ trình."""
    if number.system is System.STATE and number.type in _ALSO_ISSUERS and title is None:
        subject = next((folded for _, folded in head.lines if _SUMMARY_START.match(folded)), "")
        if subject.startswith("v"):
            return "CV", number.type, System.STATE
    return number.type, number.issuer, number.system


def _kind(number: Number | None, text: str, title: str | None, head: _Head) -> tuple[str | None, str | None, System]:
    """The printed type name goes before the abbreviation: QĐ is Quyết định or Quy định, TT Thông tri or Thông tư."""
    if number is not None:
        return _typed_by_face(number, title, head)
    blank = find_blank(head.text) or find_blank(text[:3000])
    if blank is not None:
        return blank[0], blank[1], system_of(blank[1]) or System.PARTY
    system = System.PARTY if "dang cong san viet nam" in head.folded else System.OTHER
    return title, None, System.STATE if "cong hoa xa hoi" in head.folded else system


def _summary(head: _Lines, title_at: int) -> str | None:
    """Trích yếu: under the number of a công văn (`V/v …`), else below the type's name."""
    for index, (line, folded) in enumerate(head):
        if folded.startswith("kinh gui") and _KINH_GUI.match(folded):
            break
        start = _SUMMARY_START.match(folded)
        if (
            start is None
            and title_at < 0
            and folded.startswith("ve ")
            and index
            and _NUMBER_LINE.match(head[index - 1][1])
        ):
            start = _ABOUT.match(folded)  # the offices of the Centre leave out `việc`
        if start is not None and (title_at < 0 or index < title_at):
            lines = [line[start.end() :]]
            lines += _continued(head[index + 1 : index + 5], strict=False)
            return _finish(lines)
    if title_at < 0 or title_at + 1 >= len(head):
        return None
    below = head[title_at + 1 : title_at + 7]
    about = next((place for place, (_, folded) in enumerate(below) if folded.startswith("ve ")), 0)
    if all(line.isupper() for line, _ in below[:about]):
        below = below[about:]  # KẾT LUẬN / CỦA BAN THƯỜNG VỤ / về chủ trương
    first, folded = below[0]
    if first.isupper() and folded.startswith(("ve ", "v/v")):
        return _finish([line for line, _ in takewhile(lambda cell: cell[0].isupper(), below)])
    if _STOP.match(folded) or BODY_START.match(folded) or len(first) > 300 or first.isupper():
        return None
    return _finish([first, *_continued(below[1:5], strict=True)])


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
    dated = "thang" in folded
    found = _DATE_LINE.search(folded) if dated else None
    if found is not None:
        return safe_date(int(found[3]), int(found[2]), int(found[1]))
    opened = _OPEN_DATE.search(folded) if dated else None
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


def _citations(text: str, numbers: tuple[Number, ...], own: Number | None) -> tuple[tuple[str, ...], str | None]:
    """Every other of the numbers in the text, and the one that this document replaces."""
    references: dict[str, None] = {}
    replaces = None
    for number in numbers:
        if own is not None and (number.canonical == own.canonical or number.key == own.key):
            continue
        if replaces is None and _REPLACES.search(fold(text[max(0, number.start - 60) : number.start])):
            replaces = number.canonical
        references[number.canonical] = None
    return tuple(references), replaces


def _issuer_name(head: _Lines) -> str | None:
    """The last line in capitals above the number, which is the issuer's own."""
    name = None
    for line, folded in head[:8]:
        if _NUMBER_LINE.match(folded) or folded.startswith("so ") or _KINH_GUI.match(folded):
            break
        if line.isupper() and len(line) > 3 and not _MARKER.match(folded) and folded not in _TITLES:
            name = squeeze(line)
    return name
