"""Reads what machines report of our mails by the standards: delivery status and read receipts (RFC 3464, 8098)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.mail import charsets
from mailbot.mail.headers import Headers, decode_text, split_block

if TYPE_CHECKING:
    from mailbot.mail.message import Message

_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status", "message/xdelivery-status"}
_RECEIPT_TYPES = {"message/disposition-notification", "message/global-disposition-notification"}
_RETURNED_TYPES = {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"[\w.+=\-/']{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ACTIONS = {"failed", "delayed", "delivered", "relayed", "expanded"}


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
    reports = [part for part in message.parts if part.media_type in _STATUS_TYPES]
    if not reports:
        return ()
    original = returned_id(message)
    found: list[Bounce] = []
    for part in reports:
        for fields in _groups(part.content):
            bounce = _recipient(fields, original)
            if bounce is not None:
                found.append(bounce)
    # Some speak of the mail as a whole as if it were a recipient.
    return tuple(bounce for bounce in found if bounce.recipient) or tuple(found)


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
    status = STATUS.search(charsets.decode(fields.raw("status") or b""))
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
    while separator and "@" not in head and head.strip().replace("-", "").isalnum():
        # Some write the type twice.
        text = rest.strip()
        head, separator, rest = text.partition(";")
    return text


def returned_id(message: Message) -> str | None:
    """Return the Message-ID of the mail that came back, from the returned header."""
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
        original_message_id=ids[0] if ids else returned_id(message),
    )
