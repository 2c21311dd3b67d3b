"""Độ khẩn: tells a stamp or tag of urgency from the many sentences with `khẩn` (NĐ 30/2020 Art. 4, HD 36)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


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
        return _RANKS[self]


_RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}
_URGENCY_MARKS = (
    (re.compile(r"^\W*(?:do khan\s*:\s*)?hoa toc hen gio\b"), Urgency.EXPRESS_TIMED),
    (re.compile(r"^\W*(?:do khan\s*:\s*)?(?:hoa toc|cuc khan)\W*$"), Urgency.EXPRESS),
    (re.compile(r"^\W*(?:do khan\s*:\s*)?(?:thuong|rat) khan\W*$"), Urgency.VERY_URGENT),
    (re.compile(r"^\W*(?:do khan\s*:\s*)?khan\W*$"), Urgency.URGENT),
)
# What every stamp without `hỏa tốc` holds; `khó khăn` stands in most papers.
_ENDS_URGENT = re.compile(r"khan\W*$", re.MULTILINE)
# In a subject: a bracketed tag, or the first words before a stop; `khẩn trương` and `khẩn cấp` are neither.
_SUBJECT_URGENCY = tuple(
    (
        re.compile(
            rf"[\[({{]\s*(?:{words})\s*[\])}}]|\bdo khan\s*:\s*(?:{words})\b|^\W*(?:{words})\s*(?:[!:.-]|$)"
            rf"|^\W*(?:gui )?(?:cv|gm|cong van|giay moi|cong dien|thong bao)\s+(?:{words})\b(?! truong| cap)"
        ),
        urgency,
    )
    for words, urgency in (
        (r"hoa toc hen gio\b[^\])}]{0,40}", Urgency.EXPRESS_TIMED),
        ("hoa toc|cuc khan", Urgency.EXPRESS),
        ("thuong khan|rat khan", Urgency.VERY_URGENT),
        ("khan|gap", Urgency.URGENT),
    )
)


def stamped_urgency(lines: Iterable[tuple[str, str]], head: str) -> Urgency:
    """Return the urgency stamped on a paper, given its first lines beside their folding, and that as one text.

    A stamp is a line of its own; `khẩn trương` and `khẩn cấp` inside sentences are none.
    """
    if "hoa toc" not in head and _ENDS_URGENT.search(head) is None:
        return Urgency.NORMAL
    for line, folded in lines:
        if ("khan" not in folded and "hoa toc" not in folded) or not line.lstrip("([{*- ")[:1].isupper():
            continue
        for pattern, urgency in _URGENCY_MARKS:
            if pattern.match(folded):
                return urgency
    return Urgency.NORMAL


def subject_urgency(subject: str) -> Urgency:
    """Read the urgency that a (normalized) subject tells: a bracketed tag, or the first word before a stop."""
    folded = fold(subject)
    if "khan" not in folded and "hoa toc" not in folded and "gap" not in folded:
        return Urgency.NORMAL
    return next((urgency for pattern, urgency in _SUBJECT_URGENCY if pattern.search(folded)), Urgency.NORMAL)
