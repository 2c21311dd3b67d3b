"""What a clerk writes of a paper handed over by hand, or of a telephone call: how, when, and who signed for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.text import fold
from mailbot.office.times import clocks, dates

if TYPE_CHECKING:
    from datetime import date, time


class Way(StrEnum):
    """How somebody outside mail was reached."""

    PAPER = "paper"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class Handing:
    """What was written of one unit; `done` is None where the words do not say that it has the paper, or has not."""

    done: bool | None
    way: Way
    on: date | None = None
    at: time | None = None
    signed_by: str | None = None


# All patterns see folded text.
_NOT = re.compile(r"\b(?:chua (?:giao|gap|nhan|bao|lien lac|goi)|khong (?:gap|giao|lien lac|nghe may|nhan)|di vang)")
_DONE = re.compile(r"\b(?:da (?:giao|nhan|bao|chuyen|dua|trao|goi|thong bao|ky)|ky nhan|giao xong|nhan roi|giao roi)\b")
_TELEPHONE = re.compile(r"\b(?:dien thoai|dt|goi|zalo|nhan tin)\b")
_SIGNS = re.compile(r"\b(?:da\s+)?ky\s+nhan\b")
_TITLE = re.compile(r"(?:d/c|dong chi|ong|ba|anh|chi)\s+\S")
_WHEN = re.compile(r"(?:hom|luc|ngay|gio|sang|chieu)\b")


def read_handing(text: str, today: date) -> Handing:
    """Read one line (`đã giao 06/10, đ/c E ký nhận`); a day without its year is the nearest one that is over."""
    folded = fold(text)
    negative, done = _NOT.search(folded), _DONE.search(folded)
    found = next(iter(dates(folded, today)), None)
    day = found.day if found else today if re.search(r"\b(?:hom nay|sang nay|chieu nay)\b", folded) else None
    if found is not None and found.inferred and day is not None and day > today:
        day = _year_before(day)
    hour = next((clock for clock, _, _ in clocks(folded)), None)
    return Handing(
        done=False if negative else True if done else None,
        way=Way.TELEPHONE if _TELEPHONE.search(folded) else Way.PAPER,
        on=day,
        at=hour,
        signed_by=_signed_by(text, folded),
    )


def _year_before(day: date) -> date | None:
    """A paper is never handed over in the future: 28/12 written in January is of last year; 29 February has none."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return None


def _signed_by(text: str, folded: str) -> str | None:
    """Return the name before `ký nhận`, or behind it, as it was written; the dots of our own example are no name."""
    signs = _SIGNS.search(folded)
    if signs is None or len(folded) != len(text):
        return None
    before = re.split(r"[,;]", text[: signs.start()])[-1].strip()
    title = _TITLE.search(fold(before))
    name = before[title.start() :].strip() if title else before
    if title is None and (_DONE.search(fold(name)) or any(map(str.isdigit, name))):
        name = ""
    if not name:
        behind = re.split(r"[,;]", text[signs.end() :])[0].strip(" :.-")
        name = "" if any(map(str.isdigit, behind)) or _WHEN.match(fold(behind)) else behind
    return None if not name or "…" in name or ".." in name else name
