"""Tells mail that no person wrote, and mail that goes round in circles (RFC 3834, RFC 5321 §6.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailbot.mail.message import Message

# RFC 5321 §6.3 asks for at least 100; a mail between two offices passes eight servers at most.
MAX_HOPS = 24
_AUTO_SUBJECT = re.compile(
    r"^\W*(?:(?:re|tl|fwd?)\s*:\s*)*(?:thu )?(?:tra loi tu dong|tu dong tra loi|phan hoi tu dong|thong bao vang mat)"
    r"|^\W*(?:automatic reply|auto(?:matic|mated)?[- ]?(?:reply|response)|autoreply|out of (?:the )?office|vacation)\b"
)
# A greeting or thanks may stand before the words that tell.
_COURTESY = re.compile(
    r"\W*(?:(?:kinh gui|kinh chao|xin chao|chao|dear|hi|hello)\b[^\n]{0,60}\n\s*|(?:xin )?cam on [^.!\n]{3,80}[.!]\s*)"
)
_AUTO_FIRST_LINE = re.compile(
    r"\W*(?:(?:day la )?(?:thu|tin nhan|email|noi dung|thong bao)? ?(?:nay )?(?:duoc )?(?:tra loi|phan hoi|gui) tu dong"
    r"|day la (?:thu|email|thong bao) (?:tra loi )?tu dong"
    r"|(?:this is an )?automat(?:ic|ed) (?:reply|response|message)"
    r"|i am (?:currently )?(?:out of (?:the )?office|on (?:leave|vacation|holiday))"
    r"|cam on (?:ban|quy vi) da gui thu\. chung toi se (?:phan hoi|tra loi))"
)
# A person, too, says that he is away: an automatic answer names who stands in, or promises an answer later.
_AWAY = re.compile(
    r"\W*(?:hien(?: tai)?,? )?(?:toi|minh|em) (?:se |hien |dang )*(?:khong co mat|vang mat|di cong tac|nghi)\b"
)
_STANDS_IN = re.compile(
    r"\blien he\b|\b(?:tra loi|phan hoi|hoi am)\b[^.\n]{0,40}\b(?:ban|quy|som|sau|khi)\b|\bkhi tro lai\b"
)
_EXCUSES = re.compile(
    r"\bxin (?:phep )?vang\b|\bxin phep\b|\b(?:du|di|hop) thay\b|\buy quyen\b"
    r"|\bda nhan\b|\bkhong (?:the )?(?:du|tham du)\b"
)
_LIST_HEADERS = frozenset({"list-id", "list-unsubscribe", "list-post", "mailing-list"})
_VACATION_HEADERS = frozenset({"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-vacation"})


def reason_not_to_answer(message: Message) -> str | None:
    """Return why nothing automatic may answer this mail (RFC 3834 §2), or None for a person's mail."""
    headers = message.headers
    submitted = headers.plain("auto-submitted").split(";", 1)[0].split("(", 1)[0].strip()
    if submitted and submitted != "no":
        return "auto_submitted"
    if headers.has("return-path") and headers.plain("return-path") == "<>":
        return "null_return_path"
    if headers.plain("precedence") in {"bulk", "junk", "list", "auto_reply"}:
        return "precedence"
    if headers.has_any(_LIST_HEADERS):
        return "list"
    suppress = headers.plain("x-auto-response-suppress")
    if suppress and suppress != "none":
        return "x_auto_response_suppress"
    if headers.has_any(_VACATION_HEADERS):
        return "x_autoreply"
    return None


def is_automatic_answer(message: Message, folded_subject: str, folded_text: str) -> bool:
    """Tell an out-of-office or other automatic answer, by header, subject or first words."""
    headers = message.headers
    submitted = headers.plain("auto-submitted")
    if submitted.startswith("auto-replied") or headers.has_any(_VACATION_HEADERS):
        return True
    if headers.plain("precedence") == "auto_reply" or _AUTO_SUBJECT.match(folded_subject):
        return True
    return _begins_like_a_machine(folded_text[:2000])


def _begins_like_a_machine(folded: str) -> bool:
    courtesy = _COURTESY.match(folded)
    for start in (0, *((courtesy.end(),) if courtesy is not None else ())):
        if _AUTO_FIRST_LINE.match(folded, start):
            return True
        if _AWAY.match(folded, start):
            return _STANDS_IN.search(folded) is not None and _EXCUSES.search(folded) is None
    return False


def loop_reason(message: Message, own_addresses: frozenset[str]) -> str | None:
    """Return why the mail is a loop: our loop mark, our address as sender of an automatic mail, too many hops."""
    headers = message.headers
    marks = {value.decode("latin-1").strip(" <>").lower() for value in headers.every("x-loop")}
    if marks:
        receivers = {value.decode("latin-1").strip(" <>").lower() for value in headers.every("delivered-to")}
        if marks & (own_addresses | receivers):
            return "own_loop_mark"
    senders = {address.address for address in headers.addresses("from")}
    if senders & own_addresses and headers.plain("auto-submitted").startswith("auto"):
        return "own_automatic_mail"
    if len(headers.every("received")) > MAX_HOPS:
        return "too_many_hops"
    return None
