"""Reads the bounces that follow no standard, by their sender, their subject and what they say, in any tongue."""

from __future__ import annotations

import email
import logging
import re
from typing import TYPE_CHECKING

from mailbot.mail.headers import message_ids
from mailbot.mail.reports import STATUS, Bounce, returned_id
from mailbot.prefilter import Prefiltered

if TYPE_CHECKING:
    from mailbot.mail.message import Message
    from mailbot.mail.reports import Receipt

# A bounce says what it has to say at its beginning; the returned mail may be large.
MAX_SCANNED_BYTES = 200_000
_SAYS_WITHIN = 6000
# It writes a traceback for each of its own detectors that fails; the mail is read on without it.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)
_ADDRESS = re.compile(r"(?<![\w.+=/'-])[\w.+=\-/']{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ORIGINAL_ID = re.compile(r"(?im)^[>\s]*message-id\s*:\s*(<[^<>\s]+>)")
# An SMTP reply at the beginning of a line or behind a colon, quote or bracket; a year or a price stands elsewhere.
_REPLY_CODE = re.compile(r"(?:^|[:'\"#(<-]\s{0,2})([45][0-5]\d)(?=[ -]\D|[ -][45]\.\d)", re.MULTILINE)

# All that follows is looked for in folded text: small letters, Latin ones without accents.
_DAEMON = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|mail\.daemon|maildaemon|bounce|mdaemon|mailadmin)\b|^microsoftexchange"
)
_SUBJECT = Prefiltered(
    r"undeliver|returned mail|returned to sender|failure notice|could not be delivered|couldn't be delivered"
    r"|delivery[\s:-]{0,3}(?:status|failure|fail|has failed|notification|error|problem|delay)|permanent delivery"
    r"|mail (?:delivery|system|failure)[\s:-]{0,3}(?:failed|system|problem|error|$)|non[- ]?delivery|not delivered"
    r"|message (?:\S{1,60} )?delayed|delayed mail|could not send message|cannot deliver"
    r"|khong (?:the )?(?:gui|chuyen|phat)\b|thu (?:bi )?tra lai|hop thu day|dia chi khong (?:tim thay|ton tai)"
    r"|thu .{0,30}(?:bi tre|chua (?:the )?(?:gui|chuyen|phat))|unzustellbar|nicht zugestellt"
    r"|zustellung .{0,30}fehlgeschlagen|non remis"
    r"|echec de (?:la )?(?:remise|distribution)|no se (?:puede|pudo|ha podido) entregar|no entregado|non recapitabile"
    r"|mancato recapito|nao entregue|falha na entrega|onbestelbaar|niet bezorgd|olevererbart|kan inte leverera"
    r"|kan ikke leveres|nie dostarczono|niedostarczone|не доставлен|недоставлен|не удается доставить"
    r"|не может быть доставлено|退信|退回|无法投递|未传递|無法傳遞|未送達|配信不能|配信できません|エラーメール"
    r"|배달되지|반송|배달 실패"
)
_SAID = Prefiltered(
    r"(?:could not|couldn't|cannot|can't|able to|unable to|not|did not|didn't) (?:be )?(?:deliver|reach)"
    r"|undeliver|delivery .{0,40}fail|fatal delivery error|permanent(?:ly)? (?:fatal )?(?:error|fail)"
    r"|transient non-fatal|mailbox (?:is )?full|over ?quota|exceeds? allowed size|quota exceeded|user unknown"
    r"|unknown user|no such user|not a valid user|doesn't have a|does not exist|not listed in|account is disabled"
    r"|could ?n.t be found|address.{0,20}not found|recipient.{0,30}reject|(?:failure|failed) (?:reasons|address)"
    r"|has (?:encountered|been delayed)|no message collected|khong (?:the )?(?:duoc )?(?:chuyen|gui|phat)(?: duoc)?\b"
    r"|chua (?:the )?(?:duoc )?(?:chuyen|gui|phat)(?: duoc)? (?:sau|trong|den|toi)\b"
    r"|khong (?:tim thay|ton tai)|hop thu .{0,30}day|khong thanh cong|da bi tre|fehler bei der|konnte nicht"
    r"|nicht gefunden|echec de|introuvable|no se pudo|desconocido|non e stato|nao foi possivel"
    r"|не может быть доставлено|не найден|не существует|退回|退信|不存在|送信できません|見つかりません"
    r"|リストにありません|없습니다"
)
_DELAYED = Prefiltered(
    r"not yet been delivered|been delayed|is delayed|delayed mail|message \S{1,60} delayed|\(delay\)"
    r"|warning message only|will (?:keep|continue) (?:on )?trying|will be retried|still (?:being retried|undelivered)"
    r"|transient non-fatal|delivery attempts will continue|could not send message for|da bi tre|se tiep tuc thu"
    r"|tam thoi chua|chua gui duoc|verzogert|zuruckgestellt|retard[ee]|a ete retarde|se ha retrasado|in ritardo"
    r"|atrasad|задерж|延迟|遅延|지연"
)
_GIVEN_UP = Prefiltered(r"given up|gave up|giving up|permanent|will not be retried|da het thoi gian|khong thu lai")
_REASONS = (
    (
        Prefiltered(
            r"host (?:not found|unknown)|domain .{0,20}not found|unrouteable|khong tim thay (?:may chu|ten mien)"
            r"|ten mien .{0,40}khong (?:ton tai|tim thay)"
        ),
        "5.1.2",
    ),
    (
        Prefiltered(
            r"mailbox (?:is )?full|over ?quota|quota (?:exceeded|full)|exceed\w* (?:its |the |allowed |storage |disk )"
            r"|hop thu .{0,30}day|postfach .{0,20}voll|boite .{0,30}pleine|buzon .{0,20}lleno|переполнен|容量"
        ),
        "5.2.2",
    ),
    (
        Prefiltered(
            r"account .{0,20}(?:disabled|suspended|inactive|deactivated)|disabled account|tai khoan .{0,20}khoa"
        ),
        "5.2.1",
    ),
    (
        Prefiltered(
            r"user unknown|unknown (?:user|recipient|address)|recipient unknown|no such (?:user|recipient|mailbox)"
            r"|no mailbox here|does not exist|doesn't (?:exist|have)|not listed in|not a (?:valid|known) user"
            r"|not recognized|mailbox not found"
            r"|(?:address|recipient|user|email)\b.{0,60}(?:not|n't be|nicht) (?:be )?(?:found|gefunden)"
            r"|khong (?:ton tai|tim thay)|nicht gefunden|unbekannt|introuvable|inconnu|desconocid|sconosciut|не найден"
            r"|не существует|不存在|見つかりません|リストにありません|존재하지"
        ),
        "5.1.1",
    ),
    (Prefiltered(r"spam|blocked|blacklist|policy|access denied"), "5.7.1"),
    (Prefiltered(r"too large|size limit|message size|qua lon"), "5.3.4"),
)
_TURNED_AWAY = re.compile(r"\bautomatically rejected\b|\bwas (?:refused|rejected)\b|\bbi tu choi\b")
# Where the returned mail begins, whose own addresses must not count.
_RETURNED = re.compile(
    r"(?im)^[ \t]*[-_=]{3,}.{3,80}(?:[-_=]{3,}[ \t]*$|(?:copy|original|header|returned|below|follow).{0,60}$)"
    r"|^[ \t]*-{3,}[ \t]*(?:copy|original|below)\b.{0,60}$|^(?:the )?original message (?:follows|headers?)\b.{0,20}$"
    r"|^(?:From|Return-Path|Received|Message-ID): "
)
# The rules that mark out the daemon's own parts of the report.
_OWN_RULE = re.compile(r"(?i)addresses had|transcript|failure reason|delivery problem|session")


def home_made_bounce(message: Message, folded_subject: str, folded_text: str, text: str) -> tuple[Bounce, ...]:
    """Read a bounce that no RFC describes, from its sender, subject and wording; empty when it is none.

    The subject and `folded_text`, the beginning of the body, are in small letters without accents; `text` is the body.
    """
    named = (
        [address.address for address in message.headers.addresses("x-failed-recipients") if address.address]
        if message.headers.has("x-failed-recipients")
        else []
    )
    if not (named or _is_report(message) or _is_suspect(message, folded_subject)):
        return ()
    if not named and not _is_bounce(message, folded_subject, folded_text):
        return _known_form(message, text) if _is_suspect(message, folded_subject) else ()
    head = text[: _returned_at(text)]
    status, diagnostic = _reason(head, folded_text[: len(head)])
    late = f"{folded_subject}\n{folded_text[: len(head)]}"
    action = "delayed" if _DELAYED.search(late) and not _GIVEN_UP.search(late) else "failed"
    original = _original_id(message, text)
    known = () if named else _known_form(message, text)
    recipients = named or [bounce.recipient for bounce in known if bounce.recipient] or _addresses(message, head)
    return tuple(
        Bounce(recipient.lower(), action, status, diagnostic, original) for recipient in dict.fromkeys(recipients[:50])
    ) or (Bounce(None, action, status, diagnostic, original),)


def rejected(receipt: Receipt, folded_text: str, text: str) -> Bounce | None:
    """Read a notice of deletion that says the mail was turned away: nobody has it (RFC 5429 §2.2)."""
    if receipt.disposition != "deleted" or not _TURNED_AWAY.search(folded_text[:_SAYS_WITHIN]):
        return None
    status, diagnostic = _reason(text, folded_text)
    return Bounce(receipt.recipient, "failed", status, diagnostic, receipt.original_message_id)


def _is_suspect(message: Message, folded_subject: str) -> bool:
    return _is_daemon(message) or _SUBJECT.search(folded_subject) is not None or _has_null_path(message)


def _is_bounce(message: Message, folded_subject: str, folded_text: str) -> bool:
    """Tell a bounce: a daemon says so in subject or text, or somebody without a return path in both."""
    if _is_report(message):
        return True
    # The text is searched last: it costs more than the reading of most letters.
    if _is_daemon(message):
        return _SUBJECT.search(folded_subject) is not None or _says_bounce(folded_text)
    return _has_null_path(message) and _SUBJECT.search(folded_subject) is not None and _says_bounce(folded_text)


def _says_bounce(folded_text: str) -> bool:
    return _SAID.search(folded_text[:_SAYS_WITHIN]) is not None


def _is_report(message: Message) -> bool:
    if message.media_type != "multipart/report":
        return False
    return message.parameters.get("report-type", "").lower().endswith("delivery-status")


def _is_daemon(message: Message) -> bool:
    addresses = [sender.address for sender in message.headers.addresses("from") if sender.address]
    return any(map(_DAEMON.match, addresses)) if addresses else _has_null_path(message)


def _has_null_path(message: Message) -> bool:
    if not message.headers.has("return-path"):
        return False
    path = message.headers.plain("return-path")
    return path in {"", "<>"} or path.startswith("<mailer-daemon")


def _original_id(message: Message, text: str) -> str | None:
    ids = _ORIGINAL_ID.search(text)
    return message_ids(ids[1])[0] if ids else returned_id(message)


def _addresses(message: Message, head: str) -> list[str]:
    """The addresses that the report names, but for the daemon's and the sender's."""
    own = {address.address for name in ("from", "to") for address in message.headers.addresses(name)}
    found = (address.strip(".'/-").lower() for address in _ADDRESS.findall(head))
    return [address for address in dict.fromkeys(found) if address not in own]


def _known_form(message: Message, text: str) -> tuple[Bounce, ...]:
    """The forms that Mailman's bounce library has met in its history; it can raise, a mail must not be lost for it."""
    from flufl.bounce import all_failures  # imported late: only what looks like a bounce needs it

    try:
        temporary, permanent = all_failures(email.message_from_bytes(message.raw[:MAX_SCANNED_BYTES]))
    except Exception:  # noqa: BLE001 - the library raises many kinds on odd mails; they are then read as ordinary ones
        return ()
    found = [(address, "failed") for address in sorted(permanent)]
    found += [(address, "delayed") for address in sorted(set(temporary) - set(permanent))]
    original = _original_id(message, text) if found else None
    return tuple(
        Bounce(address.decode("utf-8", "replace").strip("<> ").lower(), action, None, None, original)
        for address, action in found[:50]
    )


def _returned_at(text: str) -> int:
    """Where the returned mail begins, or the end of the text."""
    for match in _RETURNED.finditer(text):
        if not _OWN_RULE.search(match[0]):
            return match.start()
    return len(text)


def _reason(text: str, folded: str) -> tuple[str | None, str | None]:
    """The enhanced status, written or meant, and the line that tells it."""
    written = STATUS.search(text)
    meant = next(((found, code) for pattern, code in _REASONS if (found := pattern.search(folded))), None)
    status = written[1] if written else meant[1] if meant else None
    told = written or _REPLY_CODE.search(text) or (meant[0] if meant else None)
    return status, _line_at(text, told.start()) if told is not None else None


def _line_at(text: str, at: int) -> str:
    """The line around a place; a folding has the length of its text, so that a place in one is one in the other."""
    end = text.find("\n", at)
    return " ".join(text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)].split())
