"""Reads what machines report of our mails: delivery status, read receipts, home-made bounces (RFC 3464, 8098)."""

from __future__ import annotations

import email
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.mail import charsets
from mailbot.mail.headers import Headers, decode_text, message_ids, split_block

if TYPE_CHECKING:
    from mailbot.mail.message import Message

# A bounce says what it has to say at its beginning; the returned mail may be large.
MAX_SCANNED_BYTES = 200_000
_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_RECEIPT_TYPES = {"message/disposition-notification", "message/global-disposition-notification"}
_RETURNED_TYPES = {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
# It writes a traceback for each of its own detectors that fails; the mail is read on without it.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -]")
_ADDRESS = re.compile(r"[\w.+=\-/']{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ORIGINAL_ID = re.compile(r"(?im)^[>\s]*message-id\s*:\s*(<[^<>\s]+>)")
_ACTIONS = {"failed", "delayed", "delivered", "relayed", "expanded"}
# What senders of home-made bounces call themselves and write; folded, without accents.
_BOUNCE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|bounce|mdaemon)\b|^microsoftexchange")
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|fail|has failed)|mail delivery (?:failed|system|problem)"
    r"|failure notice|delivery notification|khong (?:gui|chuyen|phat) duoc|thu (?:bi )?tra lai|hop thu day"
    r"|dia chi khong (?:tim thay|ton tai)|could not be delivered|non[- ]delivery|mail system error|returned to sender"
)
_BOUNCE_TEXT = re.compile(
    r"khong (?:chuyen|gui|phat) duoc|mailbox (?:is )?full|user unknown|unknown user|does not exist|no such user"
    r"|hop thu (?:cua nguoi nhan )?da day|could not be delivered|permanent(?:ly)? (?:error|fail)|delivery .{0,40}fail"
    r"|undeliverable|over quota|khong ton tai|recipient.{0,30}reject|address.{0,20}not found|wasn't able to deliver"
)
_REASONS = (
    (re.compile(r"mailbox (?:is )?full|over ?quota|hop thu .{0,30}day|quota exceeded"), "5.2.2"),
    (
        re.compile(r"user unknown|unknown user|no such user|does not exist|khong ton tai|not found|khong tim thay"),
        "5.1.1",
    ),
    (re.compile(r"host (?:not found|unknown)|domain .{0,20}not found"), "5.1.2"),
    (re.compile(r"spam|blocked|blacklist|policy"), "5.7.1"),
    (re.compile(r"too large|size limit|qua lon"), "5.3.4"),
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of one recipient of a mail of ours."""

    recipient: str | None
    action: str
    status: str | None
    diagnostic: str | None
    original_message_id: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A read receipt: who, what was done with the mail, and which mail."""

    recipient: str | None
    disposition: str
    original_message_id: str | None


def delivery_reports(message: Message) -> tuple[Bounce, ...]:
    """Return one entry for each recipient of a delivery status notification (RFC 3464 §2.3)."""
    original = _returned_id(message)
    found: list[Bounce] = []
    for part in message.parts:
        if part.media_type in _STATUS_TYPES:
            for fields in _groups(part.content):
                bounce = _recipient(fields, original)
                if bounce is not None:
                    found.append(bounce)
    return tuple(found)


def _groups(content: bytes) -> list[Headers]:
    """The blank-line separated field groups of a status report; the first speaks of the mail as a whole."""
    return [split_block(group.lstrip() + b"\n\n")[0] for group in _BLANK_LINE.split(content)[:500] if group.strip()]


def _recipient(fields: Headers, original: str | None) -> Bounce | None:
    # The original recipient is the address that we wrote to; the final one may be an alias behind it, or X.400.
    original_recipient = _typed_value(fields, "original-recipient") or ""
    final_recipient = _typed_value(fields, "final-recipient") or ""
    address = original_recipient if _ADDRESS.search(original_recipient) else final_recipient
    action = fields.plain("action").split(" ", 1)[0].split(";", 1)[0]
    if not address and not action:
        return None
    status = _STATUS.search(charsets.decode(fields.raw("status") or b""))
    diagnostic = _typed_value(fields, "diagnostic-code")
    return Bounce(
        recipient=address.strip("<> ").lower() or None,
        action=action if action in _ACTIONS else "failed",
        status=status[1] if status else None,
        diagnostic=diagnostic,
        original_message_id=original,
    )


def _typed_value(fields: Headers, name: str) -> str | None:
    """The value behind `rfc822;` or `smtp;`, with or without a blank."""
    raw = fields.raw(name)
    if raw is None:
        return None
    text = " ".join(decode_text(raw).split())
    head, separator, rest = text.partition(";")
    return rest.strip() if separator and "@" not in head else text


def _returned_id(message: Message) -> str | None:
    """The Message-ID of the mail that came back, from the returned header."""
    for part in message.parts:
        if part.media_type in _RETURNED_TYPES:
            headers = part.message.headers if part.message is not None else split_block(part.content)[0]
            ids = headers.ids("message-id")
            if ids:
                return ids[0]
    return None


def read_receipt(message: Message) -> Receipt | None:
    """Return the message disposition notification of the mail, or None (RFC 8098 §3)."""
    part = next((part for part in message.parts if part.media_type in _RECEIPT_TYPES), None)
    if part is None:
        return None
    groups = _groups(part.content)
    fields = Headers(tuple(field for group in groups for field in group.fields))
    recipient = _typed_value(fields, "final-recipient") or _typed_value(fields, "original-recipient")
    disposition = fields.plain("disposition").rsplit(";", 1)[-1].split("/", 1)[0].strip()
    ids = fields.ids("original-message-id")
    return Receipt(
        recipient=recipient.strip("<> ").lower() if recipient else None,
        disposition=disposition or "displayed",
        original_message_id=ids[0] if ids else _returned_id(message),
    )


def home_made_bounce(message: Message, folded_subject: str, folded_text: str, text: str) -> tuple[Bounce, ...]:
    """Read a bounce that no RFC describes, from its sender, subject and wording; empty when it is none."""
    senders = message.headers.addresses("from")
    daemon = any(_BOUNCE_SENDER.match(address.address) for address in senders)
    null_path = (message.headers.plain("return-path") or "x") == "<>"
    titled = _BOUNCE_SUBJECT.search(folded_subject) is not None
    if not daemon and not titled and not null_path:
        return ()
    said = _BOUNCE_TEXT.search(folded_text[:6000]) is not None
    ids = _ORIGINAL_ID.search(text)
    original = message_ids(ids[1])[0] if ids else _returned_id(message)
    if not (said and (daemon or titled) and (daemon or null_path)):
        return _known_form(message.raw, original)
    head = _split_returned(text)
    own = {address.address for address in (*senders, *message.headers.addresses("to"))}
    recipients = list(dict.fromkeys(found.lower() for found in _ADDRESS.findall(head) if found.lower() not in own))
    known = _known_form(message.raw, original)
    if known:
        recipients = [bounce.recipient for bounce in known if bounce.recipient]
    status, diagnostic = _reason(head, folded_text[: len(head)])
    return tuple(Bounce(recipient, "failed", status, diagnostic, original) for recipient in recipients[:50]) or (
        Bounce(None, "failed", status, diagnostic, original),
    )


def _known_form(raw: bytes, original: str | None) -> tuple[Bounce, ...]:
    """The forms that Mailman's bounce library has met in its history; it can raise, a mail must not be lost for it."""
    from flufl.bounce import all_failures  # imported late: only what looks like a bounce needs it

    try:
        temporary, permanent = all_failures(email.message_from_bytes(raw[:MAX_SCANNED_BYTES]))
    except Exception:  # noqa: BLE001 - the library raises many kinds on odd mails; they are then read as ordinary ones
        return ()
    found = [(address, "failed") for address in sorted(permanent)]
    found += [(address, "delayed") for address in sorted(set(temporary) - set(permanent))]
    return tuple(
        Bounce(address.decode("utf-8", "replace").strip("<> ").lower(), action, None, None, original)
        for address, action in found[:50]
    )


def _split_returned(text: str) -> str:
    """Cut before the returned mail, whose own addresses must not count."""
    cut = re.search(r"(?m)^[ \t]*-{3,}.{3,80}-{3,}[ \t]*$|^(?:From|Return-Path|Received): ", text)
    return text[: cut.start()] if cut else text


def _reason(text: str, folded: str) -> tuple[str | None, str | None]:
    """The enhanced status, written or meant, and the line that tells it."""
    written = _STATUS.search(text)
    status = written[1] if written else next((code for pattern, code in _REASONS if pattern.search(folded)), None)
    for line in text.split("\n"):
        if _STATUS.search(line) or _REPLY_CODE.search(line):
            return status, " ".join(line.split())
    return status, None
