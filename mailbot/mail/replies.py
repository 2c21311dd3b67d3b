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
    r"|[>\s]{0,10}[^\n<>]{2,80}<[^<>\n]+@[^<>\n]+>\s?(?:\n?\s?)(?:đã\s+viết|wrote)\s?:)[ \t*]*(?=\n|$)",
    re.IGNORECASE,
)
# What every attribution holds, without accents. It begins with the colon: there are few, and the engine jumps to them.
_SAYING = re.compile(r":(?:(?<=(?:viet|rote|crit|rieb):)|(?<=(?:viet|rote|crit|rieb)\s:))")
# The same in other tongues, on a line that names a day or an hour and ends with a colon or, in Zoho, dashes; folded.
_SPOKEN = re.compile(
    r"\b(?:viet|wrote|schrieb|schreef|skrev|kirjoitti|escribio|scritto|escreveu|pisze|napisala?\b|napsala?|ecrit)\b"
    r"|napisał|yazdı|написал|пишет|写道|寫道|작성|のメール|のメッセージ|เขียนว่า"
)
_SPOKEN_END = re.compile(r"(?::|：|\s-{4})[ \t*]*$")
# In any other language: a line with an hour and an address that ends with a colon, or a day and a colon above a quote.
_ADDRESSED = re.compile(
    r"\n[>\s]{0,10}[^\n<>]{0,120}\d[:.h]\d\d[^\n<>]{0,100}<\s?[^<>]{1,120}@[^<>\n]{3,100}>[^\n:<>]{0,20}:[ \t]*(?=\n|$)"
)
_ABOVE_QUOTE = re.compile(r":[ \t*]*\n\s{0,6}>")
_WHEN = re.compile(r"\d{1,2}[:.h]\d\d|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b")
# Without an address, a day and an hour: a person, too, says what was written on a day.
_DATED = re.compile(
    r"\d{1,2}[:.h]\d\d.{0,60}(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b)"
    r"|(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b).{0,60}\d{1,2}[:.h]\d\d"
)
_DASHES = re.compile("--")
_SEPARATOR = re.compile(
    r"(?mi)\n(?:[>\s]{0,10}-{2,}\s{0,3}(?:thư gốc|tin nhắn gốc|tin nhắn ban đầu|original message|forwarded message"
    r"|thư đã chuyển tiếp|thư được chuyển tiếp|tin nhắn đã chuyển tiếp|reply message|original appointment)\s{0,3}-{2,}"
    r"|_{20,}[ \t]*$(?=\s*^[>\s]*(?:từ|from)\b))"
)
_BEGUN = re.compile(r"(?i)\n[>\s]{0,10}(?:bắt đầu thư được chuyển tiếp|begin forwarded message)\s?:")
# Who wrote, in the languages of mail programs; the labels that stand beside it.
_FROM = "từ|người gửi|from|от|von|de|fra|van|od|från|da|发件人|寄件者|差出人|보낸 사람"
_LABELS = (
    rf"(?:{_FROM}|ngày gửi|ngày|đã gửi|gửi lúc|đến|tới|người nhận|chủ đề|tiêu đề|sent|date|to|cc|bcc|subject|reply-to"
    r"|importance|отправлено|кому|тема|дата|копия|gesendet|an|betreff|datum|envoyé|à|objet|sendt|til|emne|verzonden|aan"
    r"|发送时间|收件人|主题|抄送|寄件日期|收件者|主旨|送信日時|宛先|件名|보낸 날짜|받는 사람|제목"
    r"|onderwerp|wysłano|do|temat|data|skickat|till|ämne|enviado|para|asunto)"
)
# What every such block holds, without accents; the engine jumps from colon to colon.
_FROM_LABEL = re.compile(
    r":(?:(?<=\btu:)|(?<=\btu :)|(?<=nguoi gui:)|(?<=from:)|(?<=from :)|(?<=от:)|(?<=\bvon:)|(?<=\bde:)|(?<=\bfra:)"
    r"|(?<=\bvan:)|(?<=\bod:)|(?<=fran:)|(?<=\bda:)|(?<=\bvon :)|(?<=\bde :)|(?<=\bfra :)|(?<=\bda :)"
    r"|(?<=发件人:)|(?<=寄件者:)|(?<=差出人:)|(?<=보낸 사람:))"
)
_HEADER_BLOCK = re.compile(rf"(?i)(?:\n[>\s*]{{0,10}}{_LABELS}\s?\*?:[^\n]*(?:\n[ \t]+[^\s:][^\n:]*)?){{3,9}}")
_FROM_LINE = re.compile(rf"(?i)\n[>\s*]{{0,10}}(?:{_FROM})\s?\*?:")
_RULE_LINE = re.compile(r"\s*(?:[-_=*]{3,}[^\n]{0,60}[-_=*]{3,}|[-_=*]{3,})\s*$")
_SIGNATURE_MARK = re.compile(r"(?m)\n-- ?$")
_DEVICES = (
    "iphone|ipad|ipod|blackberry|samsung|galaxy|huawei|oppo|xiaomi|nokia|yahoo|outlook|mail cho|mail for|android|zimbra"
    "|gmail|thunderbird|sparrow|ios|proton|zalo|windows"
)
_PHONE_SIGNATURE = re.compile(
    r"(?mi)\n[ \t]*(?:(?=[đdgst])(?:(?:(?:đã )?(?:được )?gửi|sent|get outlook|tải outlook)"
    r"\s+(?:từ|from|bằng|for|via|cho|with)\b)"
    # `Gửi từ hôm qua` is what a person says.
    rf"(?:[^\n]{{0,40}}\b(?:{_DEVICES})[^\n]{{0,80}}"
    r"|(?! (?:hôm|sáng|trưa|chiều|tối|ngày|tuần|tháng|đầu|lúc|thứ|trước|các|đồng chí|đ/c|anh|chị|em|văn phòng|vp|\d))"
    r"[^\n.,;!?]{0,45})"
    rf"|(?=[dgt])(?:da )?(?:duoc )?(?:gui (?:tu|bang)|tai outlook cho)\b[^\n]{{0,40}}\b(?:{_DEVICES})[^\n]{{0,80}}"
    r"|(?=[eivо发])(?:envoyé (?:de|depuis|à partir)|enviado (?:desde|do)|inviato da|verzonden van|verstuurd van"
    rf"|отправлено (?:с|из)|发自)[^\n]{{0,30}}\b(?:{_DEVICES})[^\n]{{0,40}}"
    r"|von mein[^\n]{3,30} gesendet|发自我的[^\n]{2,20}|[^\n]{2,20}から送信)$"
)
_CLOSING = re.compile(
    r"(?mi)\n[ \t]*(?=[tkbrxwm])(?:(?:xin )?trân trọng(?: cảm ơn| kính chào| kính mời)?|kính thư|kính chào"
    r"|thân(?: mến| ái)?"
    r"|(?:(?:many )?thank(?:s| you) and )?(?:best |kind |warm |with )?regards|mit freundlichen grüßen)"
    r"[ \t]*[!.,/]*[ \t]*$"
)
# What no person wrote: the confidentiality notice of the server, the footer of a mailing list.
_NOTICE = re.compile(
    r"(?mi)\n[ \t*]*(?:disclaimer[ \t]*:?$"
    r"|(?:nội dung )?(?:thư điện tử|thư|email|e-mail)(?: và [^\n]{0,30})? này (?:có thể )?(?:chứa|là|chỉ dành)"
    r"[^\n]{0,120}(?:mật|riêng|người nhận)"
    r"|(?:this|the) (?:e-?mail|message|information contained in this)\b[^\n]{0,160}"
    r"(?:confidential|intended (?:solely|only)|privileged))"
)
# What stands under the name of whoever signs: a post, a unit, an address, a number.
_WHO = re.compile(
    r"(?i)\b(?:bí thư|phó|chủ tịch|ủy viên|uỷ viên|trưởng|chánh|chuyên viên|cán bộ|văn thư|văn phòng|giám đốc"
    r"|kế toán|bác sĩ"
    r"|hiệu|chi bộ|chi ủy|đảng ủy|đảng uỷ|ban|hội|đoàn|ubnd|công ty|trường|phòng|sở|tổ dân phố|khu phố|địa chỉ"
    r"|đt|đtdđ|sđt|điện thoại|di động|tel|mobile|phone|email|e-mail|website)\b|@|\d{3}[\d .-]{4,}"
)
_SIGNATURE_LINES = 8
_LIST_FOOTER = re.compile(r"_{30,}$")
# A mailing list signs with a few lines under a long rule.
_FOOTER_LINES = 7
_QUOTED_LINE = re.compile(r"^\s*(?:>|\|)")
_QUOTE_MARKS = re.compile(r"\n(?:> ?)+")
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
    if start == len(text):
        return _tidy(_without_signature(text))
    above = _without_rules(text[:start])
    below = "" if whole_rest else _below(_up_to_quote(text[end:]))
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
    said = [_find(_ATTRIBUTION, text)] if _SAYING.search(folded) else []
    said += [_spoken(text, folded)]
    if ">" in text:
        said += [_find(_ADDRESSED, text), _above_quote(text)]
    marked = [_find(_SEPARATOR, text)] if _DASHES.search(folded) or "____" in folded else []
    marked += [_header_block(text)] if _FROM_LABEL.search(folded) else []
    marked += [_find(_BEGUN, text)] if "forwarded message" in folded or "chuyen tiep" in folded else []
    attributions = [place for place in said if place is not None]
    found = [*attributions, *(place for place in marked if place is not None)]
    if not found:
        return len(text), len(text), False
    first = min(found, key=lambda place: place[0])
    rest = text[first[1] :].lstrip()
    return *first, not (first in attributions and rest.startswith((">", "|")))


def _spoken(text: str, folded: str) -> tuple[int, int] | None:
    """The line, perhaps wrapped, on which a mail program says in any tongue who wrote when."""
    for match in _SPOKEN.finditer(folded, 0, len(text)):
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        start = text.rfind("\n", 0, match.start()) + 1
        if end - start > 250 or not _SPOKEN_END.search(text[match.end() : end]):
            # The address may stand on the next line.
            end, after = text.find("\n", end + 1), end
            if end < 0 or end - after > 100 or not text[after:end].rstrip().endswith(">:"):
                continue
        line = text[start:end]
        if not _WHEN.search(line) and start:
            above = text.rfind("\n", 0, start - 1) + 1
            start = above if _WHEN.search(text[above:start]) else start
        if _WHEN.search(text[start:end]) and ("<" in line or _DATED.search(text[start:end])):
            return start, end
    return None


def _above_quote(text: str) -> tuple[int, int] | None:
    """The line, perhaps wrapped, that ends with a colon above a quoted line and names a day or an hour."""
    for match in _ABOVE_QUOTE.finditer(text):
        end = match.start() + 1
        start = text.rfind("\n", 0, match.start()) + 1
        for _ in range(3):
            line = text[start:end]
            if line.lstrip().startswith(">"):
                break
            if _WHEN.search(line):
                return start, end
            if not start or text[start - 2 : start - 1] == "\n":
                break
            start = text.rfind("\n", 0, start - 1) + 1
    return None


def _header_block(text: str) -> tuple[int, int] | None:
    """Three or more labels of a mail's header, line by line, one of which says who wrote."""
    for match in _HEADER_BLOCK.finditer("\n" + text):
        if _FROM_LINE.search(match[0]):
            return match.start(), match.end() - 1
    return None


def _up_to_quote(text: str) -> str:
    """What stands under one quote and above the next attribution or header."""
    places = (_find(_ADDRESSED, text), _find(_ATTRIBUTION, text), _header_block(text))
    return text[: min((place[0] for place in places if place is not None), default=len(text))]


def _below(text: str) -> str:
    """The lines under a quote that are not part of it; a wrapped quoted line hangs on without its mark."""
    lines = [line for line in text.split("\n") if not _QUOTED_LINE.match(line)]
    return "\n".join(lines)


def _without_rules(text: str) -> str:
    """Drop the lines of dashes that stand between an answer and a quoted header."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or _RULE_LINE.match(lines[-1])):
        lines.pop()
    return "\n".join(lines)


def _without_list_footer(text: str) -> str:
    lines = text.rstrip().split("\n")
    for index in range(max(0, len(lines) - _FOOTER_LINES), len(lines)):
        if _LIST_FOOTER.match(lines[index].strip()):
            return "\n".join(lines[:index])
    return text


def _without_signature(text: str) -> str:
    if ">" in text or "|" in text:
        text = _below(text)
    if "____" in text:
        text = _without_list_footer(text)
    for pattern in (_SIGNATURE_MARK, _PHONE_SIGNATURE, _CLOSING, _NOTICE):
        mark = _find(pattern, text) if pattern is not _SIGNATURE_MARK or "--" in text else None
        if mark is None:
            continue
        if text[: mark[0]].strip():
            text = text[: mark[0]]
        elif pattern is not _CLOSING:
            text = text[mark[1] :] if pattern is _PHONE_SIGNATURE else ""
    return text


def without_name(text: str, name: str) -> str:
    """Cut the signature that begins with the sender's name in a line of its own, above a post, a unit or a number."""
    wanted = name.casefold()
    if wanted not in text.casefold():
        return text
    lines = text.split("\n")
    for index, line in enumerate(lines[1:], 1):
        if line.casefold().strip(" .,") == wanted and _signs(lines[index + 1 :]):
            return "\n".join(lines[:index])
    return text


def _signs(below: list[str]) -> bool:
    """Tell whether the lines under a name say who that is."""
    return len(below) <= _SIGNATURE_LINES and all(_WHO.search(line) for line in below)


def _tidy(text: str) -> str:
    return "\n".join(bare for line in text.split("\n") if (bare := line.strip()))


def unquoted(text: str) -> str:
    """Return the text without the marks of a quote, which some programs put before every line that is passed on."""
    return _QUOTE_MARKS.sub("\n", "\n" + text)[1:]


def is_inline_forward(text: str, folded: str) -> bool:
    """Tell whether the mail passes on another one in its text; `folded` as for `own_text`."""
    return _DASHES.search(folded) is not None and _forwarded_at(text) is not None


def forwarded_text(text: str) -> str:
    """Return the text of the mail that is passed on inside this one, or an empty text."""
    place = _forwarded_at(text)
    return text[place[1] :] if place is not None else ""


def _forwarded_at(text: str) -> tuple[int, int] | None:
    return _find(_FORWARD, text[:_SEARCHED])
