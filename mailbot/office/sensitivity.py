"""What a subject or summary tells of matters that not everybody may see: petitions, discipline, personnel."""

from __future__ import annotations

import re

from mailbot.office.text import fold
from mailbot.prefilter import Prefiltered

_SENSITIVE = {
    "petition": "don thu|khieu nai|to cao|don kien nghi|don phan anh|don to giac|chuyen don",
    "discipline": "ky luat|khien trach|khai tru|canh cao dang vien",
    "personnel": "bo nhiem|chi dinh (?:dong chi|bi thu|pho bi thu|bo sung|uy vien|cap uy|tham gia)|mien nhiem|chuan y"
    "|dieu dong|luan chuyen can bo|quy hoach can bo|nhan su|nang luong|ly lich",
}
_ANY = Prefiltered(rf"\b(?:{'|'.join(_SENSITIVE.values())})\b")
_EACH = {name: re.compile(rf"\b(?:{words})\b") for name, words in _SENSITIVE.items()}


def sensitivity_of(text: str) -> str:
    """Return what a subject or summary tells of a petition, discipline or personnel paper, else `none`."""
    return sensitivity_in(fold(text))


def sensitivity_in(folded: str) -> str:
    """Return the same of a text that is folded already."""
    if _ANY.search(folded) is None:
        return "none"
    return next(name for name, words in _EACH.items() if words.search(folded))
