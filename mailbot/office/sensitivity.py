"""What a subject or summary tells of matters that not everybody may see: petitions, discipline, personnel."""

from __future__ import annotations

from mailbot.office.text import Words, fold

_SENSITIVE = (
    ("petition", Words("don thu", "khieu nai", "to cao", "don kien nghi", "don phan anh", "don to giac", "chuyen don")),
    ("discipline", Words("ky luat", "khien trach", "khai tru", "canh cao dang vien")),
    (
        "personnel",
        Words("bo nhiem", "dieu dong", "luan chuyen can bo", "quy hoach can bo", "nhan su", "nang luong", "ly lich"),
    ),
)


def sensitivity_of(text: str) -> str:
    """Return what a subject or summary tells of a petition, discipline or personnel paper, else `none`."""
    return sensitivity_in(fold(text))


def sensitivity_in(folded: str) -> str:
    """Return the same of a text that is folded already."""
    return next((name for name, words in _SENSITIVE if words.search(folded)), "none")
