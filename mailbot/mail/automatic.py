"""Tells mail that no person wrote, and mail that goes round in circles (RFC 3834, RFC 5321 §6.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailbot.mail.reports import Receipt
from mailbot.prefilter import Prefiltered

if TYPE_CHECKING:
    from mailbot.mail.message import Message

# RFC 5321 §6.3 asks for at least 100; a mail between two offices passes eight servers at most.
MAX_HOPS = 24
_LONGEST_RECEIPT = 1500
# What mail programs say of a mail that was shown, without the report that the RFC asks for; folded.
_READ_SUBJECT = re.compile(r"^\W*(da doc|chua doc|read|not read)\s*:")
_READ_TEXT = re.compile(
    r"\b(?:da duoc (?:doc|mo|hien thi)|was (?:read|displayed)|has been read|xoa ma khong (?:duoc )?doc|was deleted)\b"
)
# What servers put before the subject that they answer, in the tongues of mail programs; folded, without accents.
_AUTO_SUBJECT = re.compile(
    r"^\W*(?:(?:re|tl|fwd?|aw)\s*:\s*)*\W*(?:(?:thu )?(?:tra loi tu dong|tu dong tra loi|phan hoi tu dong"
    r"|thong bao vang mat)|(?:automatic reply|auto(?:matic|mated)?[- ]?(?:reply|response|answer)|autoreply"
    r"|out of (?:the )?office|vacation)\b|ooo\s*:|auto\s*:|abwesen(?:d|heit)|automatische (?:antwort|abwesenheit)"
    r"|automatisch antwoord|afwezig|reponse automatique|absence du bureau|message d'absence|absent du bureau"
    r"|respuesta automatica|fuera de (?:la )?oficina|risposta automatica|fuori sede|fuori ufficio|resposta automatica"
    r"|ausencia temporaria|autosvar|automatisk svar|automaattinen|poissaolo|automatyczna odpowied|automaticka odpoved"
    r"|automatikus valasz|otomatik yanit|raspuns automat|balasan otomatis|автоматический ответ|автоответ"
    r"|автоматична вiдповiдь|автоматична відповідь|αυτοματη απαντηση|自动回复|自動回覆|自動回复|自動応答|自動返信"
    r"|不在通知|不在の|자동 ?(?:회신|응답|답장)|부재중|ตอบกลับอัตโนมัติ|מענה אוטומטי|رد تلقائي)"
    r"|\((?:automatic response|auto-?reply|out of office)\)\s*$"
)
# A greeting or thanks may stand before the words that tell.
_COURTESY = re.compile(
    r"\W*(?:(?:kinh gui|kinh chao|xin chao|chao|dear|hi|hello|hallo|guten tag|sehr geehrte|bonjour|hola|buenos dias"
    r"|ciao|buongiorno|ola|здравствуйте|добрый день|您好|你好)\b[^\n]{0,60}\n\s*|(?:xin )?cam on [^.!\n]{3,80}[.!]\s*"
    r"|(?:many )?(?:thank you|thanks) (?:very much )?for [^.!\n]{3,80}[.!]\s*|vielen dank fur [^.!\n]{3,80}[.!]\s*"
    r"|merci (?:pour|de) [^.!\n]{3,80}[.!]\s*)"
)
_AUTO_FIRST_LINE = re.compile(
    r"\W*(?:(?:day la )?(?:thu|tin nhan|email|noi dung|thong bao)? ?(?:nay )?(?:duoc )?(?:tra loi|phan hoi"
    r"|gui) tu dong|day la (?:thu|email|thong bao) (?:tra loi )?tu dong|(?:this is an )?automat(?:ic|ed) (?:reply"
    r"|response|message)|i(?: am|'m)(?: currently| now)? (?:out of (?:the |my )?office|away from"
    r"|on (?:annual |sick |maternity )?(?:leave|vacation|holiday))"
    r"|ich bin .{0,60}(?:nicht (?:im buro|erreichbar|im haus)|abwesend|im urlaub)"
    r"|je suis (?:actuellement )?(?:absente?|en conge)|(?:actualmente )?(?:estoy|me encuentro) (?:fuera|de vacaciones"
    r"|ausente)|sono (?:attualmente )?(?:fuori|assente|in ferie)|(?:estou|encontro-me) (?:fora|ausente|de ferias)"
    r"|ik ben .{0,40}(?:afwezig|met vakantie|niet aanwezig)|(?:я )?(?:сейчас )?(?:нахожусь )?в (?:отпуске"
    r"|командировке)|меня нет на (?:работе|месте)|我(?:目前|正在|现在|現在)?.{0,8}(?:休假|不在|外出|出差)"
    r"|cam on (?:ban|quy vi) da gui thu\. chung toi se (?:phan hoi|tra loi))"
)
# An inbox that speaks for itself: it has received, and will answer; a number often stands beside it.
_RECEIVED = re.compile(
    r"\W*(?:chung toi (?:da|vua) (?:nhan duoc|tiep nhan|ghi nhan)|(?:thu|email|e-mail|yeu cau|phan anh|tin nhan"
    r"|van ban)"
    r"(?: \w+){0,2} cua (?:ban|quy \w+|anh/chi|anh chi|ong/ba)[^.\n]{0,20} duoc (?:ghi nhan|tiep nhan|nhan|gui den"
    r"|chuyen))"
)
_SELF_SERVED = re.compile(
    r"\b(?:tu dong|se (?:phan hoi|tra loi|lien he|xu ly)|khong (?:phan hoi|tra loi) (?:lai )?(?:thu|email|e-mail"
    r"|tin) nay)\b"
)
# What an answering machine says of its own mail, wherever in it; what it quotes is not its own.
_SAYS_AUTOMATIC = re.compile(
    r"\b(?:thu|email|e-mail|tin nhan|tin|thong bao)(?: nay)?(?: la| duoc)?(?: thu| email)?(?: tra loi| phan hoi| gui"
    r"| soan)? tu dong\b"
    r"|\btu dong (?:tra loi|phan hoi)\b|\bautomat(?:ic|ed) (?:reply|response)\b"
)
# Said of the mailbox itself, wherever it stands; no person tells it in an answer.
_UNREAD_BOX = Prefiltered(
    r"\bkhong (?:the )?(?:thuong xuyen )?(?:kiem tra|truy cap|xem|doc|check)(?: duoc)? (?:e-?mail|mail|thu|hop thu)\b"
)
# A person, too, says that he is away: an automatic answer names who stands in, or promises an answer later.
_AWAY = re.compile(
    r"\W*(?:(?:hien(?: tai)?|trong thoi gian(?: nay)?|tu (?:ngay )?\d[^\n]{3,50}?),? )?(?:toi|minh|em) (?:se |hien "
    r"|dang )*"
    r"(?:khong co mat|vang mat|di (?:cong tac|hoc|vang)|tham gia lop|hoc lop|nghi|trong (?:thoi gian|ky|dot"
    r"|chuyen) (?:nghi|di|cong tac|hoc|dieu tri))\b"
)
# Less sure: what a person, too, may begin with; who stands in or when one is back must follow.
_PERHAPS_AWAY = re.compile(
    r"\W*(?:i will be|i'll be|i shall be|i am|i'm) (?:out|away|travel+ing|unavailable|off)\b"
    r"|\W*your (?:e-?mail|message) (?:has been|was) (?:well )?received"
    r"|\W*(?:this|your) (?:account|message) is (?:protected|held)|\W*i will (?:endeavour|try) to reply"
    r"|\W*we (?:have received|will (?:get back|respond|reply|answer))"
)
# What each of the three begins with, in one look: nearly every letter begins with none of it.
_FIRST_WORDS = re.compile("|".join(pattern.pattern for pattern in (_AUTO_FIRST_LINE, _AWAY, _PERHAPS_AWAY, _RECEIVED)))
_PROMISES = re.compile(
    r"\b(?:until|return|back on|limited access|as soon as|shortly|within \d|urgent|contact|get back to you|click)\b"
)
_STANDS_IN = re.compile(
    r"\blien he\b|\b(?:tra loi|phan hoi|hoi am)\b[^.\n]{0,40}\b(?:ban|quy|som|sau|khi)\b|\bkhi tro lai\b"
)
_EXCUSES = re.compile(
    r"\bxin (?:phep )?vang\b|\bxin phep\b|\b(?:du|di|hop) thay\b|\buy quyen\b"
    r"|\bda nhan\b|\bkhong (?:the )?(?:du|tham du)\b"
)
_LIST_HEADERS = frozenset({"list-id", "list-unsubscribe", "list-post", "mailing-list"})
_VACATION_HEADERS = frozenset(
    {
        *("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-vacation", "x-mail-autoreply"),
        *("x-autoreply-from", "x-autogenerated-reply", "x-fc-machinegenerated"),
    }
)
# A mail without any of these says nothing of how it was made, as most do.
_TELLING_HEADERS = frozenset(
    {*("auto-submitted", "return-path", "precedence", "x-auto-response-suppress"), *_LIST_HEADERS, *_VACATION_HEADERS}
)


def reason_not_to_answer(message: Message) -> str | None:
    """Return why nothing automatic may answer this mail (RFC 3834 §2), or None for a person's mail."""
    headers = message.headers
    if not headers.has_any(_TELLING_HEADERS):
        return None
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
    if message.headers.has_any(_TELLING_HEADERS) and _tells_automatic(message):
        return True
    return _AUTO_SUBJECT.search(folded_subject) is not None or _begins_like_a_machine(folded_text[:2000])


def _tells_automatic(message: Message) -> bool:
    """Tell an automatic answer by its header alone."""
    headers = message.headers
    if headers.plain("auto-submitted").startswith("auto-replied") or headers.has_any(_VACATION_HEADERS):
        return True
    precedence = headers.plain("precedence")
    if precedence == "auto_reply":
        return True
    return _answers_by_itself(message) and (headers.has("in-reply-to") or precedence in {"bulk", "junk"})


def _answers_by_itself(message: Message) -> bool:
    """Tell a mail that no person sent: made by a program, or without anybody to return it to (RFC 3834 §3.3)."""
    headers = message.headers
    if headers.plain("auto-submitted").startswith("auto-"):
        return True
    return headers.has("return-path") and headers.plain("return-path") == "<>" and not headers.has("list-id")


def _begins_like_a_machine(folded: str) -> bool:
    if "lien he" in folded and _UNREAD_BOX.search(folded) and _EXCUSES.search(folded) is None:
        return True
    courtesy = _COURTESY.match(folded)
    starts = [0]
    while courtesy is not None and len(starts) < 3:
        starts.append(courtesy.end())
        courtesy = _COURTESY.match(folded, courtesy.end())
    for start in starts:
        if not _FIRST_WORDS.match(folded, start):
            continue
        if _AUTO_FIRST_LINE.match(folded, start):
            return True
        if _AWAY.match(folded, start):
            return _STANDS_IN.search(folded) is not None and _EXCUSES.search(folded) is None
        if _RECEIVED.match(folded, start):
            return _SELF_SERVED.search(folded, start) is not None
        if _PERHAPS_AWAY.match(folded, start):
            return _PROMISES.search(folded, start) is not None and _EXCUSES.search(folded) is None
    return False


def says_automatic(folded_own: str) -> bool:
    """Tell whether an answer, without what it quotes, calls itself automatic."""
    return len(folded_own) < _LONGEST_RECEIPT and _SAYS_AUTOMATIC.search(folded_own) is not None


def home_made_receipt(message: Message, folded_subject: str, folded_text: str) -> Receipt | None:
    """Read a receipt that is written in words alone: its subject and its text both say so."""
    named = _READ_SUBJECT.match(folded_subject)
    if named is None or len(folded_text) > _LONGEST_RECEIPT or not _READ_TEXT.search(folded_text):
        return None
    senders = [address.address for address in message.headers.addresses("from")]
    deleted = named[1] in {"chua doc", "not read"}
    ids = (*message.headers.ids("in-reply-to"), *reversed(message.headers.ids("references")))
    return Receipt(
        recipient=senders[0] if senders else None,
        disposition="deleted" if deleted else "displayed",
        original_message_id=ids[0] if ids else None,
    )


def loop_reason(message: Message, own_addresses: frozenset[str]) -> str | None:
    """Return why the mail is a loop: our loop mark, our address as sender of an automatic mail, too many hops."""
    headers = message.headers
    if headers.has("x-loop"):
        marks = {value.decode("latin-1").strip(" <>").lower() for value in headers.every("x-loop")}
        receivers = {value.decode("latin-1").strip(" <>").lower() for value in headers.every("delivered-to")}
        if marks & (own_addresses | receivers):
            return "own_loop_mark"
    senders = {address.address for address in headers.addresses("from")}
    if senders & own_addresses and headers.plain("auto-submitted").startswith("auto"):
        return "own_automatic_mail"
    if len(headers.every("received")) > MAX_HOPS:
        return "too_many_hops"
    return None
