"""Why a mail came back, by the code and words of the server: what a person must do differs (RFC 3463, 5248)."""

from __future__ import annotations

import re
from enum import StrEnum

from mailbot.office.text import fold


class Cause(StrEnum):
    """What keeps a mail from an address."""

    ADDRESS = "address"
    FULL = "full"
    POLICY = "policy"
    CONTENT = "content"
    DELAY = "delay"
    OTHER = "other"


# Whole status codes first, then their subject (RFC 3463 §3); an X stands for the class.
CODES = {
    "2.2": Cause.FULL,
    "2.3": Cause.CONTENT,  # too big for the mailbox
    "3.4": Cause.CONTENT,  # too big for the system
    "1.": Cause.ADDRESS,
    "2.1": Cause.ADDRESS,  # mailbox disabled
    "4.4": Cause.ADDRESS,  # no such domain to route to
    "4.7": Cause.DELAY,
    "6.": Cause.CONTENT,
    "7.": Cause.POLICY,
}
# Folded words of servers that give no code, or a general one (5.0.0).
WORDS = (
    (re.compile(r"quota|mailbox (?:is )?full|over ?quota|hop thu day|day hop thu|vuot dung luong|storage"), Cause.FULL),
    (re.compile(r"spam|blocked|black ?list|policy|dmarc|spf|rejected due|bi chan|khong duoc phep|relay"), Cause.POLICY),
    (re.compile(r"too (?:big|large)|size limit|virus|attachment|qua lon|dinh kem"), Cause.CONTENT),
    (
        re.compile(
            r"user unknown|no such (?:user|mailbox|address)|unknown (?:user|recipient|address)|does ?n[o']?t exist"
            r"|not found|invalid (?:recipient|address|mailbox)|recipient (?:address )?rejected|khong ton tai"
            r"|khong tim thay|disabled"
        ),
        Cause.ADDRESS,
    ),
    (re.compile(r"timed? ?out|delayed|temporar|try again|connection refused|cham"), Cause.DELAY),
)
IN_WORDS = {
    Cause.ADDRESS: "địa chỉ không còn dùng được",
    Cause.FULL: "hộp thư đầy",
    Cause.POLICY: "máy chủ của đơn vị chặn thư",
    Cause.CONTENT: "tệp quá lớn hoặc bị máy chủ của đơn vị từ chối",
    Cause.DELAY: "máy chủ của đơn vị không trả lời",
    Cause.OTHER: "bị từ chối",
}


def cause_of(status: str | None, diagnostic: str | None) -> Cause:
    """Return why a mail came back: by its enhanced status code, else by what the server wrote."""
    detail = (status or "").partition(".")[2]
    by_code = next((cause for code, cause in CODES.items() if detail == code or detail.startswith(code)), None)
    if by_code is not None and by_code is not Cause.OTHER:
        return by_code
    words = fold(diagnostic or "")
    return next((cause for pattern, cause in WORDS if pattern.search(words)), Cause.OTHER)
