"""What a clerk writes to enter a paper in the book: `12-CV/TU ngày 05/10/2026 của Thành ủy về việc …, hạn 20/10`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.office.numbers import find_numbers
from mailbot.office.text import fold
from mailbot.office.times import dates
from mailbot.office.urgency import Urgency

if TYPE_CHECKING:
    from datetime import date

    from mailbot.office.numbers import Number


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """The parts of one line; what was not written is None. `book_number` is a số đến that another system gave."""

    number: Number | None = None
    issued_on: date | None = None
    issuer: str | None = None
    summary: str | None = None
    due: date | None = None
    due_text: str = ""
    arrived_on: date | None = None
    book_number: int | None = None
    urgency: Urgency = Urgency.NORMAL


# All patterns see folded text, place by place as it was written.
_SUMMARY = re.compile(r"\b(?:ve viec|v/v|trich yeu|noi dung|ve)\b\s*:?\s*|:\s+")
_BEHIND_SUMMARY = re.compile(
    r"[,;.(]\s*(?:thoi han|han|so den|vao so|nhan ngay|den ngay|ngay den|hoa toc|thuong khan|khan)\b"
)
_DUE = re.compile(r"\b(?:thoi han|han)\b(?: (?:xu ly|tra loi|bao cao|giai quyet))?\s*:?\s*(?=\S)")
_ARRIVED = re.compile(r"\b(?:nhan ngay|den ngay|ngay den|nhan hom)\b\s*:?\s*")
_BOOK_NUMBER = re.compile(r"\b(?:so den|vao so)\s*:?\s*(?:so\s*)?(\d{1,6})\b")
_ISSUER = re.compile(r"\bcua\s+")
_END = re.compile(r"\s*(?:[,;]|\bngay\b|\bve\b|\bv/v\b|\bhan\b|$)")
_URGENT = (
    (re.compile(r"\bhoa toc\b"), Urgency.EXPRESS),
    (re.compile(r"\bthuong khan\b"), Urgency.VERY_URGENT),
    (re.compile(r"\bkhan\b"), Urgency.URGENT),
)


def read_entry(text: str, today: date) -> WrittenEntry:
    """Read one line behind VÀO SỔ; a year that is not written is the one that fits today."""
    folded = fold(text)
    if len(folded) != len(text):  # a sign that folds to two: places would not agree
        text = folded
    numbers = find_numbers(text)
    number = numbers[0] if numbers and numbers[0].start <= _first(_SUMMARY, folded) else None
    head, summary, tail = _parts(text, folded, number.end if number else 0)
    rest = f"{head} ; {tail}"
    words = fold(rest)
    due = _DUE.search(words)
    arrived, numbered = _ARRIVED.search(words), _BOOK_NUMBER.search(words)
    return WrittenEntry(
        number=number,
        issued_on=_day(fold(head), today),
        issuer=_issuer(rest, words),
        summary=summary or None,
        due=_day(words[due.end() :], today) if due else None,
        due_text=rest[due.end() :].split(";")[0].strip(" .,") if due else "",
        arrived_on=_day(words[arrived.end() :], today) if arrived else None,
        book_number=int(numbered[1]) if numbered else None,
        urgency=next((urgency for pattern, urgency in _URGENT if pattern.search(words)), Urgency.NORMAL),
    )


def _first(pattern: re.Pattern[str], folded: str) -> int:
    match = pattern.search(folded)
    return match.start() if match else len(folded)


def _parts(text: str, folded: str, behind: int) -> tuple[str, str, str]:
    """Cut a line into what stands before the trích yếu (without the number), the trích yếu, and what follows it."""
    begins = _SUMMARY.search(folded, behind)
    if begins is None:
        return text[behind:], "", ""
    ends = _BEHIND_SUMMARY.search(folded, begins.end())
    end = ends.start() if ends else len(text)
    return text[behind : begins.start()], text[begins.end() : end].strip(" .,;"), text[end:].lstrip(" ,;.(")


def _day(folded: str, today: date) -> date | None:
    found = next(iter(dates(folded, today)), None)
    return found.day if found else None


def _issuer(text: str, folded: str) -> str | None:
    begins = _ISSUER.search(folded)
    if begins is None:
        return None
    ends = _END.search(folded, begins.end())
    return text[begins.end() : ends.start() if ends else len(text)].strip(" .,;") or None
