"""What a person wrote in an answer: without the quoted mail and without the signature, in the clients of Việt Nam."""

from __future__ import annotations

import re

# An attribution line, often wrapped inside <…>: "Vào Th 6, 6 thg 12, 2019 … đã viết:", "On … wrote:".
_ATTRIBUTION = re.compile(
    r"(?m)^[>\s]{0,10}(?:Vào|On|Trong|Ngày|Lúc|Le"
    r"|Am)\b[^\n]{3,200}(?:\n[^\n]{0,200}){0,3}?(?:đã\s+viết|viết|wrote|a\s+écrit|schrieb)\s?:"
    r"|^[>\s]{0,10}\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}[^\n]{0,160}(?:\n[^\n]{0,160})?(?:đã\s+viết|wrote)\s?:"
    r"|^[>\s]{0,10}[^\n<>]{2,80}<[^<>\n]+@[^<>\n]+>\s?(?:\n?\s?)(?:đã\s+viết|wrote)\s?:",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"(?mi)^[>\s]{0,10}-{2,}\s{0,3}(?:thư gốc|tin nhắn gốc|tin nhắn ban đầu|original message|forwarded message"
    r"|thư đã chuyển tiếp|thư được chuyển tiếp|tin nhắn đã chuyển tiếp|reply message|original appointment)\s{0,3}-{2,}"
    r"|^_{20,}[ \t]*$(?=\s*^[>\s]*(?:từ|from)\b)"
)
_HEADER_BLOCK = re.compile(
    r"(?mi)^[>\s*]{0,10}(?:từ|from)\s?\*?:[^\n]+\n"
    r"(?:[>\s*]{0,10}(?:ngày gửi|ngày|đã gửi|sent|date|đến|tới|to|cc|bcc|chủ đề|tiêu đề|subject"
    r"|reply-to)\s?\*?:[^\n]*\n?){2,}"
)
_SIGNATURE_MARK = re.compile(r"(?m)^-- ?$")
_PHONE_SIGNATURE = re.compile(
    r"(?mi)^[ \t]*(?:đã )?(?:được )?(?:gửi|sent|get outlook|tải outlook)\s+(?:từ|from|bằng|for|via|cho)\b[^\n]{0,80}$"
    r"|^[ \t]*(?:đã gửi từ|sent from)[^\n]{0,80}$"
)
_CLOSING = re.compile(
    r"(?mi)^[ \t]*(?:trân trọng(?: cảm ơn| kính chào| kính mời)?|kính thư|kính chào|thân mến|thân ái"
    r"|best regards|regards|kind regards)"
    r"[ \t]*[!.,/]*[ \t]*$"
)
_QUOTED_LINE = re.compile(r"^\s*(?:>|\|)")
_FORWARD = re.compile(
    r"(?mi)^[>\s]{0,10}-{2,}\s{0,3}(?:forwarded message|thư đã chuyển tiếp|thư được chuyển tiếp"
    r"|tin nhắn đã chuyển tiếp)"
)
# Searching for a quote beyond this costs much and finds nothing: the answer stands at the top or the end.
_SEARCHED = 60_000


def own_text(text: str) -> str:
    """Return what the writer of the mail wrote, wherever it stands, without quote and signature.

    Lines that begin with `>` go; below an attribution or a header block everything goes, unless only quoted lines
    follow it and the answer stands under them (bottom posting).
    """
    text = text[:_SEARCHED].replace("\ufeff", "")
    start, end, whole_rest = _first_quote(text)
    above = text[:start]
    below = "" if whole_rest else _below(text[end:])
    own = _without_signature(above)
    if below and len(own) < len(below):
        under = _without_signature(below)
        own = f"{own}\n{under}".strip() if own else under
    return _tidy(own)


def _first_quote(text: str) -> tuple[int, int, bool]:
    """The first place where somebody else's text begins; whether all that follows belongs to it."""
    found = [match for pattern in (_ATTRIBUTION, _SEPARATOR, _HEADER_BLOCK) if (match := pattern.search(text))]
    if not found:
        return len(text), len(text), False
    first = min(found, key=lambda match: match.start())
    is_attribution = first.re is _ATTRIBUTION
    rest = text[first.end() :].lstrip()
    return first.start(), first.end(), not (is_attribution and rest.startswith((">", "|")))


def _below(text: str) -> str:
    """The lines under a quote that are not part of it; a wrapped quoted line hangs on without its mark."""
    lines = [line for line in text.split("\n") if not _QUOTED_LINE.match(line)]
    return "\n".join(lines)


def _without_signature(text: str) -> str:
    text = "\n".join(line for line in text.split("\n") if not _QUOTED_LINE.match(line))
    for pattern in (_SIGNATURE_MARK, _PHONE_SIGNATURE, _CLOSING):
        for mark in pattern.finditer(text):
            if text[: mark.start()].strip():
                text = text[: mark.start()]
            elif pattern is not _CLOSING:
                text = text[mark.end() :] if pattern is _PHONE_SIGNATURE else ""
            break
    return text


def _tidy(text: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def is_inline_forward(text: str) -> bool:
    """Tell whether the mail passes on another one in its text."""
    return _FORWARD.search(text[:_SEARCHED]) is not None


def forwarded_text(text: str) -> str:
    """Return the text of the mail that is passed on inside this one, or an empty text."""
    match = _FORWARD.search(text[:_SEARCHED])
    return text[match.end() :] if match else ""
