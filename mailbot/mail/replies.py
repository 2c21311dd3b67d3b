"""What a person wrote in an answer: without the quoted mail and without the signature, in the clients of Việt Nam."""

from __future__ import annotations

import re

# Patterns of whole lines begin with the line end before them: the engine then jumps from line to line. They are
# searched in the text with a line end put in front (`_find`).
# An attribution line, often wrapped inside <…>: "Vào Th 6, 6 thg 12, 2019 … đã viết:", "On … wrote:".
_ATTRIBUTION = re.compile(
    r"\n(?:[>\s]{0,10}(?:Vào|On|Trong|Ngày|Lúc|Le"
    r"|Am)\b[^\n]{3,200}(?:\n[^\n]{0,200}){0,3}?(?:đã\s+viết|viết|wrote|a\s+écrit|schrieb)\s?:"
    r"|[>\s]{0,10}\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}[^\n]{0,160}(?:\n[^\n]{0,160})?(?:đã\s+viết|wrote)\s?:"
    r"|[>\s]{0,10}[^\n<>]{2,80}<[^<>\n]+@[^<>\n]+>\s?(?:\n?\s?)(?:đã\s+viết|wrote)\s?:)",
    re.IGNORECASE,
)
# What every attribution holds, without accents. It begins with the colon: there are few, and the engine jumps to them.
_SAYING = re.compile(r":(?:(?<=(?:viet|rote|crit|rieb):)|(?<=(?:viet|rote|crit|rieb)\s:))")
_DASHES = re.compile("--")
_SEPARATOR = re.compile(
    r"(?mi)\n(?:[>\s]{0,10}-{2,}\s{0,3}(?:thư gốc|tin nhắn gốc|tin nhắn ban đầu|original message|forwarded message"
    r"|thư đã chuyển tiếp|thư được chuyển tiếp|tin nhắn đã chuyển tiếp|reply message|original appointment)\s{0,3}-{2,}"
    r"|_{20,}[ \t]*$(?=\s*^[>\s]*(?:từ|from)\b))"
)
_HEADER_BLOCK = re.compile(
    r"(?i)\n[>\s*]{0,10}(?:từ|from)\s?\*?:[^\n]+\n"
    r"(?:[>\s*]{0,10}(?:ngày gửi|ngày|đã gửi|sent|date|đến|tới|to|cc|bcc|chủ đề|tiêu đề|subject"
    r"|reply-to)\s?\*?:[^\n]*\n?){2,}"
)
_SIGNATURE_MARK = re.compile(r"(?m)\n-- ?$")
_PHONE_SIGNATURE = re.compile(
    r"(?mi)\n[ \t]*(?=[đgst])(?:(?:đã )?(?:được )?(?:gửi|sent|get outlook|tải outlook)\s+(?:từ|from|bằng|for|via|cho)\b"
    r"|(?:đã gửi từ|sent from))[^\n]{0,80}$"
)
_CLOSING = re.compile(
    r"(?mi)\n[ \t]*(?=[tkbr])(?:trân trọng(?: cảm ơn| kính chào| kính mời)?|kính thư|kính chào|thân mến|thân ái"
    r"|best regards|regards|kind regards)"
    r"[ \t]*[!.,/]*[ \t]*$"
)
_QUOTED_LINE = re.compile(r"^\s*(?:>|\|)")
_FORWARD = re.compile(
    r"(?i)\n[>\s]{0,10}-{2,}\s{0,3}(?:forwarded message|thư đã chuyển tiếp|thư được chuyển tiếp"
    r"|tin nhắn đã chuyển tiếp)"
)
# Searching for a quote beyond this costs much and finds nothing: the answer stands at the top or the end.
_SEARCHED = 60_000


def own_text(text: str, folded: str) -> str:
    """Return what the writer of the mail wrote, wherever it stands, without quote and signature.

    Lines that begin with `>` go; below an attribution or a header block everything goes, unless only quoted lines
    follow it and the answer stands under them (bottom posting). `folded` is the text in small letters without accents,
    in which words are looked for before patterns are.
    """
    text = text[:_SEARCHED].replace("\ufeff", "")
    start, end, whole_rest = _first_quote(text, folded)
    above = text[:start]
    below = "" if whole_rest else _below(text[end:])
    own = _without_signature(above)
    if below and len(own) < len(below):
        under = _without_signature(below)
        own = f"{own}\n{under}".strip() if own else under
    return _tidy(own)


def _find(pattern: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """Start and end of the first line, or lines, that a pattern with a leading line end describes."""
    match = pattern.search("\n" + text)
    return (match.start(), match.end() - 1) if match is not None else None


def _first_quote(text: str, folded: str) -> tuple[int, int, bool]:
    """The first place where somebody else's text begins; whether all that follows belongs to it."""
    attribution = _find(_ATTRIBUTION, text) if _SAYING.search(folded) else None
    separator = _find(_SEPARATOR, text) if _DASHES.search(folded) or "____" in folded else None
    found = [place for place in (attribution, separator, _find(_HEADER_BLOCK, text)) if place is not None]
    if not found:
        return len(text), len(text), False
    first = min(found, key=lambda place: place[0])
    rest = text[first[1] :].lstrip()
    return *first, not (first is attribution and rest.startswith((">", "|")))


def _below(text: str) -> str:
    """The lines under a quote that are not part of it; a wrapped quoted line hangs on without its mark."""
    lines = [line for line in text.split("\n") if not _QUOTED_LINE.match(line)]
    return "\n".join(lines)


def _without_signature(text: str) -> str:
    if ">" in text or "|" in text:
        text = _below(text)
    for pattern in (_SIGNATURE_MARK, _PHONE_SIGNATURE, _CLOSING):
        mark = _find(pattern, text) if pattern is not _SIGNATURE_MARK or "--" in text else None
        if mark is None:
            continue
        if text[: mark[0]].strip():
            text = text[: mark[0]]
        elif pattern is not _CLOSING:
            text = text[mark[1] :] if pattern is _PHONE_SIGNATURE else ""
    return text


def _tidy(text: str) -> str:
    return "\n".join(bare for line in text.split("\n") if (bare := line.strip()))


def is_inline_forward(text: str, folded: str) -> bool:
    """Tell whether the mail passes on another one in its text; `folded` as for `own_text`."""
    return _DASHES.search(folded) is not None and _forwarded_at(text) is not None


def forwarded_text(text: str) -> str:
    """Return the text of the mail that is passed on inside this one, or an empty text."""
    place = _forwarded_at(text)
    return text[place[1] :] if place is not None else ""


def _forwarded_at(text: str) -> tuple[int, int] | None:
    return _find(_FORWARD, text[:_SEARCHED])
