"""Writes mails as bytes for the wire: a personal head for each recipient before parts that all copies share."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import pybase64

from mailbot.mail.message import Part

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.mail.message import Message

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_PLAIN_PHRASE = re.compile(r"^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+$")
_ADDRESS = re.compile(r"^[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+$")
_ID = re.compile(r"^[^\s<>]+$")
_FIELD_NAME = re.compile(r"^[!-9;-~]+$")
_BOUNDARY = re.compile(r"^[0-9A-Za-z'()+_,./:=?-]{1,69}$")
# An encoded word has at most 75 characters (RFC 2047 §2): 45 bytes give 60 of base64.
_WORD_BYTES = 45
# Where longer unbroken texts go, a line is at most 998 bytes (RFC 5322 §2.1.1).
_MAX_LINE = 998


class HeaderInjectionError(ValueError):
    """A header value holds a control character or is no address or id; sending it could forge header lines."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header of one mail. Addresses are (name, addr-spec); ids are without angle brackets; the date is aware."""

    from_name: str
    from_address: str
    to: tuple[tuple[str, str], ...]
    subject: str
    message_id: str
    date: datetime
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto_submitted: str | None = "auto-generated"
    extra_headers: tuple[tuple[str, str], ...] = ()
    calendar: bytes | None = None
    calendar_method: str = "REQUEST"


def head(values: Envelope, boundary: str, text: str, html: str | None = None, files: tuple[Part, ...] = ()) -> bytes:
    """Return header, start of the multipart/mixed, the personal part and `files`; with `shared_parts` a whole mail.

    CRLF line ends, dot-stuffed (RFC 5321 §4.5.2). Raises HeaderInjectionError for control characters in a header value.
    """
    _check_boundary(boundary)
    header = _header(values, f'multipart/mixed; boundary="{boundary}"')
    delimiter = b"\r\n--" + boundary.encode("ascii") + b"\r\n"
    personal = _personal(values, f"{boundary}=a", text, html)
    return _dot_stuff(header + b"".join((delimiter, personal, *(delimiter + _part(part) for part in files))))


def whole(values: Envelope, text: str, html: str | None = None, files: tuple[Part, ...] = ()) -> bytes:
    """Return a complete mail without shared parts, for the wire (CRLF, dot-stuffed); `files` are attached to it."""
    boundary = "=_" + re.sub(r"[^0-9A-Za-z]", "", values.message_id)[:40]
    if files:
        return head(values, boundary, text, html, files) + b"\r\n--" + boundary.encode("ascii") + b"--\r\n"
    body = _personal(values, boundary, text, html)
    return _dot_stuff(_header(values, None) + body)


# The name under which a mail without attachments goes along whole.
AS_ATTACHED = "thu-goc.eml"


def shared_parts(message: Message, boundary: str, extra: tuple[Part, ...] = ()) -> bytes:
    """Return the original's attachments as MIME parts that close the multipart, ready to stand behind every `head`.

    Content and names are unchanged. Where the mail has no attachment its body is the document, so the original itself
    goes along as message/rfc822 (RFC 2046 §5.2.1). `extra` are further parts, such as a calendar.
    """
    _check_boundary(boundary)
    return _closing((*(message.attachments or (_as_attached_mail(message),)), *extra), boundary)


def _closing(parts: tuple[Part, ...], boundary: str) -> bytes:
    """Parts that stand behind a head, and the end of the multipart."""
    delimiter = b"\r\n--" + boundary.encode("ascii")
    pieces = [delimiter + b"\r\n" + _part(part) for part in parts]
    pieces.append(delimiter + b"--\r\n")
    return _dot_stuff(b"".join(pieces))


def _as_attached_mail(message: Message) -> Part:
    return Part("message/rfc822", message.raw, name=AS_ATTACHED, disposition="attachment")


def _part(part: Part) -> bytes:
    """One attachment as header and content."""
    media_type = part.media_type if re.fullmatch(r"[\w.+-]+/[\w.+-]+", part.media_type, re.ASCII) else ""
    lines = [f"Content-Type: {media_type or 'application/octet-stream'}"]
    if part.charset and re.fullmatch(r"[\w.:+-]{1,40}", part.charset, re.ASCII):
        lines[0] += f"; charset={part.charset}"
    if media_type == "text/calendar":
        method = part.parameters.get("method", "")
        lines[0] += f"; method={method}" if re.fullmatch(r"[A-Za-z]{1,20}", method) else ""
    if part.name:
        lines[0] += f"{_fold()}name={_parameter_word(part.name)}"
    # What a client sent inline is a file all the same: behind our text it must show as one.
    lines.append("Content-Disposition: attachment" + (_file_name(part.name) if part.name else ""))
    if media_type in {"message/rfc822", "message/global"}:
        # A nested mail must not be base64 (RFC 2046 §5.2.1); 8bit keeps its bytes, apart from bare line ends.
        lines.append("Content-Transfer-Encoding: 8bit")
        content = _with_crlf(part.content)
    else:
        lines.append("Content-Transfer-Encoding: base64")
        content = _base64(part.content)
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + content


def _fold() -> str:
    return ";\r\n\t"


def _file_name(name: str) -> str:
    """The name as RFC 2231 says, which every client of today reads."""
    if name.isascii() and not _CONTROL.search(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{_fold()}filename="{escaped}"'
    encoded = quote(name, safe="")
    pieces = [encoded[at : at + 60] for at in range(0, len(encoded), 60)]
    if len(pieces) == 1:
        return f"{_fold()}filename*=UTF-8''{encoded}"
    # A percent escape may be cut between two pieces: they are joined before it is decoded (RFC 2231 §4.1).
    return "".join(
        f"{_fold()}filename*{index}*={'UTF-8' + chr(39) * 2 if index == 0 else ''}{piece}"
        for index, piece in enumerate(_whole_escapes(encoded, pieces))
    )


def _whole_escapes(encoded: str, pieces: list[str]) -> list[str]:
    """Cut between escapes, since some clients decode each piece alone."""
    whole_pieces: list[str] = []
    at = 0
    while at < len(encoded):
        end = at + len(pieces[0])
        while end < len(encoded) and "%" in encoded[end - 2 : end]:
            end -= 1
        whole_pieces.append(encoded[at:end])
        at = end
    return whole_pieces


def _parameter_word(name: str) -> str:
    """`name=` for old clients that do not know RFC 2231: the widely read, if irregular, encoded word."""
    if name.isascii() and not _CONTROL.search(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return '"' + "\r\n\t".join(_encoded_words(name)) + '"'


def _header(values: Envelope, mixed: str | None) -> bytes:
    lines = [
        f"From: {_mailbox(values.from_name, values.from_address)}",
        "To: " + ",\r\n ".join(_mailbox(name, address) for name, address in values.to),
    ]
    if values.reply_to:
        lines.append(f"Reply-To: {_mailbox('', values.reply_to)}")
    lines.append(f"Subject: {_text(values.subject)}")
    lines.append(f"Message-ID: {_id(values.message_id)}")
    lines.append(f"Date: {format_datetime(values.date)}")
    if values.in_reply_to:
        lines.append(f"In-Reply-To: {_id(values.in_reply_to)}")
    if values.references:
        lines.append("References: " + "\r\n ".join(_id(reference) for reference in values.references))
    if values.auto_submitted:
        lines.append(f"Auto-Submitted: {_text(values.auto_submitted)}")
    for name, value in values.extra_headers:
        if not _FIELD_NAME.match(name):
            raise HeaderInjectionError(f"not a header name: {name!r}")
        lines.append(f"{name}: {_text(value)}")
    lines.append("MIME-Version: 1.0")
    if mixed:
        lines.append(f"Content-Type: {mixed}")
        lines.append("")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n"


def _personal(values: Envelope, boundary: str, text: str, html: str | None) -> bytes:
    """The text, its HTML twin and the calendar as one multipart/alternative, or the text alone."""
    alternatives = [_text_part("plain", text)]
    if html is not None:
        alternatives.append(_text_part("html", html))
    if values.calendar is not None:
        if not re.fullmatch(r"[A-Z]{1,20}", values.calendar_method):
            raise HeaderInjectionError("the calendar method is no word")
        kind = f"text/calendar; charset=utf-8; method={values.calendar_method}"
        header = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode("ascii")
        alternatives.append(header + _base64(values.calendar))
    if len(alternatives) == 1:
        return alternatives[0]
    delimiter = b"--" + boundary.encode("ascii")
    start = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    parts = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in alternatives)
    return start + parts + delimiter + b"--\r\n"


def _text_part(subtype: str, text: str) -> bytes:
    """A text as 8bit-free base64, which no relay on the way can rewrap."""
    content = _with_crlf(text.encode("utf-8", "replace"))
    header = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return header.encode("ascii") + _base64(content)


def _with_crlf(content: bytes) -> bytes:
    """Every line end of any kind as CRLF."""
    if content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _base64(content: bytes) -> bytes:
    """Lines of 76 characters (RFC 2045 §6.8)."""
    return pybase64.encodebytes(content).replace(b"\n", b"\r\n")


def _dot_stuff(content: bytes) -> bytes:
    content = content.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content.startswith(b".") else content


def _refuse_controls(value: str) -> str:
    if _CONTROL.search(value):
        raise HeaderInjectionError("a header value holds a control character")
    return value


def _text(value: str) -> str:
    """An unstructured value: plain ASCII, else encoded words (RFC 2047)."""
    _refuse_controls(value)
    if value.isascii() and "=?" not in value and len(value) < _MAX_LINE - 50:
        return value
    return "\r\n ".join(_encoded_words(value))


def _encoded_words(value: str) -> list[str]:
    """Split a text between characters into base64 words of at most 75 characters."""
    words: list[str] = []
    chunk = bytearray()
    for character in value:
        encoded = character.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > _WORD_BYTES:
            words.append(_encoded_word(bytes(chunk)))
            chunk.clear()
        chunk += encoded
    words.append(_encoded_word(bytes(chunk)))
    return words


def _encoded_word(chunk: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(chunk).decode('ascii')}?="


def _mailbox(name: str, address: str) -> str:
    """`name <address>` (RFC 5322 §3.4)."""
    _refuse_controls(name)
    if not _ADDRESS.match(address) or _CONTROL.search(address):
        raise HeaderInjectionError("not an address that can stand in a header")
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return "\r\n ".join(_encoded_words(name)) + f" <{address}>"
    if _PLAIN_PHRASE.match(name):
        return f"{name} <{address}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _id(value: str) -> str:
    bare = value.strip("<>")
    if not _ID.match(bare) or _CONTROL.search(bare):
        raise HeaderInjectionError("not a message id")
    return f"<{bare}>"


def _check_boundary(boundary: str) -> None:
    if not _BOUNDARY.match(boundary):
        raise HeaderInjectionError("not a MIME boundary")
