"""Takes a mail apart into header, bodies and attachments; total for any bytes, within limits (RFC 5322, 2045-2047)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mailbot.mail import charsets, sealed, tnef
from mailbot.mail.headers import Headers, clean_name, decode_base64, parse_parameters, split_block
from mailbot.mail.html import html_to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A forward of a forward of a report is five deep; beyond this only attacks nest.
MAX_DEPTH = 12
# Photo mails have dozens of parts; each part costs a header parse.
MAX_PARTS = 300
# Servers take 25 to 50 MB a mail; decoding cannot make it larger, except for what is decoded twice in nested mails.
MAX_DECODED_BYTES = 100 * 1024 * 1024
# More text than any directive; patterns are run over it.
MAX_TEXT_CHARACTERS = 400_000
# Longer plain text beside a page says more than where to look.
_LONGEST_POINTER = 400

_FORWARD_NAMES = ("message/rfc822", "message/global")
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "text/calendar": ".ics",
    "application/msword": ".doc",
    "application/zip": ".zip",
}
_ENTITY = re.compile(rb"(?:[A-Za-z-]{1,40}:[^\n]*\n[ \t]?)*?content-", re.IGNORECASE)
# Fonts that show letters of their own for the bytes of others, as a page names them.
# It begins with one letter, to which the engine skips; what stands before is looked at second.
_LEGACY_FONT = re.compile(rb"V(?:n(?<=[\"'=:, ]\.Vn)|(NI-)(?<=[\"'=:, ]VNI-))[A-Z][a-z]")
_UU_BEGIN = re.compile(rb"(?m)^begin 0?[0-7]{3} ([^\r\n]{1,200})\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail: its decoded content and how it wants to be shown."""

    media_type: str
    content: bytes
    name: str | None = None
    disposition: str = ""
    charset: str | None = None
    content_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    message: Message | None = None

    @property
    def is_text(self) -> bool:
        """Tell whether the part is a plain or HTML text."""
        return self.media_type in {"text/plain", "text/html", "text/enriched", ""}

    @property
    def is_attachment(self) -> bool:
        """Tell whether a person would call it an attachment: not the body, no picture of a signature."""
        if self.name is None and not self.disposition and self.media_type == "text/plain":
            return False  # nearly always the only part
        if self.media_type in _STRUCTURAL or self.media_type in _FORWARD_NAMES:
            return False
        if self.disposition == "attachment":
            return True
        if self.content_id and "multipart/related" in self.within and self.media_type.startswith("image/"):
            return False
        return bool(self.name) or not self.is_text

    @property
    def is_encrypted(self) -> bool:
        """Tell whether the part is enciphered: an S/MIME envelope, a part of multipart/encrypted or PGP in the text."""
        if "multipart/encrypted" in self.within:
            return True
        if self.is_text:
            return sealed.PGP_ARMOR in self.content[:4000]
        if self.media_type not in sealed.MEDIA_TYPES:
            return False
        seal = sealed.seal_of(self.content)
        told = self.parameters.get("smime-type", "").lower() in {"enveloped-data", "authenveloped-data"}
        return seal is sealed.Seal.ENCRYPTED or (seal is sealed.Seal.NONE and told)

    def text(self) -> str:
        """Return the content as text with `\\n` line ends; HTML is turned into lines."""
        content = self.content[: 4 * MAX_TEXT_CHARACTERS]
        if self.media_type == "text/html":
            return html_to_text(charsets.decode(content, self.charset)[:MAX_TEXT_CHARACTERS])
        if b"\r\n" in content and b"\0" not in content:
            # Bytes are changed ten times as fast as text; where a sign has two or four of them, there are zeros.
            content = b"\n".join(content.splitlines()) + (b"\n" if content.endswith((b"\n", b"\r")) else b"")
        text = charsets.decode(content, self.charset)[:MAX_TEXT_CHARACTERS]
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = sealed.without_clear_signature(text)
        if self.parameters.get("format", "").lower() == "flowed":
            text = _unflow(text, self.parameters.get("delsp", "").lower() == "yes")
        return text


# Parts that carry the mail's structure; nobody saves them as a file.
_STRUCTURAL = {
    "text/calendar",
    "message/delivery-status",
    "message/disposition-notification",
    "message/global-delivery-status",
    "message/global-disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-encrypted",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A whole mail: header, top media type, the leaves in order, and what was wrong with its form."""

    headers: Headers
    media_type: str
    parameters: Mapping[str, str]
    parts: tuple[Part, ...]
    defects: tuple[str, ...]
    raw: bytes

    @property
    def is_text_alone(self) -> bool:
        """Tell whether there is nothing but what the mail says: no file, no report, no calendar, no other mail."""
        return all(part.is_text and not part.is_attachment for part in self.parts)

    @property
    def attachments(self) -> tuple[Part, ...]:
        """Return the parts that a person sees as attachments, those of forwarded mails included."""
        if self.media_type == "multipart/report":
            # What hangs in a returned mail is ours, not the reporter's.
            return ()
        return tuple(part for part in _leaves(self) if part.is_attachment)

    @property
    def calendars(self) -> tuple[Part, ...]:
        """Return the calendar parts, whether shown or attached; first those that say what they are."""
        shown = tuple(part for part in self.parts if part.media_type == "text/calendar")
        # Some programs attach the invitation as a file, beside the part or instead of it.
        return shown or tuple(
            part
            for part in self.parts
            if part.media_type == "application/ics" or (part.name or "").lower().endswith((".ics", ".vcs"))
        )

    def body_text(self) -> str:
        """Return what the mail says: the plain text, or the HTML as lines where there is no plain text."""
        plain = [part for part in self.parts if part.media_type in {"text/plain", ""} and not part.is_attachment]
        text = "\n".join(part.text() for part in plain)
        if text.strip() and not (len(text) < _LONGEST_POINTER and "html" in text.lower()):
            return text
        page = "\n".join(
            part.text() for part in self.parts if part.media_type == "text/html" and not part.is_attachment
        )
        # `Thư này cần trình đọc HTML` says nothing: what the sender wrote stands in the page beside it.
        return page if len(page.strip()) > len(text) else text

    @property
    def legacy_font(self) -> str | None:
        """Return the encoding that the fonts of the mail's pages are made for: `tcvn3` (.VnTime…), `vni`, or None."""
        for part in self.parts:
            if part.media_type == "text/html":
                font = _LEGACY_FONT.search(part.content)
                if font is not None:
                    return "vni" if font[1] else "tcvn3"
        return None

    @property
    def is_encrypted(self) -> bool:
        """Tell whether what the mail says is enciphered: S/MIME or PGP (RFC 8551 §3.3, RFC 3156 §4)."""
        return any(part.is_encrypted for part in self.parts)

    def forwarded(self) -> tuple[Message, ...]:
        """Return the mails attached to this one as message/rfc822."""
        return tuple(part.message for part in self.parts if part.message is not None)


def _leaves(message: Message) -> Iterator[Part]:
    for part in message.parts:
        if part.message is not None:
            yield from _leaves(part.message)
        else:
            yield part


@dataclass(slots=True)
class _Budget:
    """What is left of the limits while one mail is taken apart."""

    parts: int = MAX_PARTS
    decoded: int = MAX_DECODED_BYTES
    defects: list[str] = field(default_factory=list)

    def note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)


def parse(raw: bytes) -> Message:
    """Take a mail apart; never raises. Whatever broke a rule or a limit is named in `defects`."""
    return _parse(raw, _Budget(), 0)


def _parse(raw: bytes, budget: _Budget, depth: int) -> Message:
    headers, body, defects = split_block(raw)
    for defect in defects:
        budget.note(defect)
    leaves: list[Part] = []
    _collect(headers, raw[body:], (), budget, depth, leaves)
    hint = next((part.charset for part in leaves if part.charset and part.is_text), None)
    if hint and not (hint.lower() == "utf-8" and raw[:body].isascii()):
        headers = replace(headers, charset=hint)
    kept = tuple(budget.defects) if depth == 0 else ()
    media_type, parameters = headers.content_type
    return Message(headers, media_type or "text/plain", parameters, tuple(leaves), kept, raw)


def _collect(
    headers: Headers, body: bytes, within: tuple[str, ...], budget: _Budget, depth: int, leaves: list[Part]
) -> None:
    """Add the leaves below one entity to `leaves` (RFC 2046 §5.1)."""
    default = "message/rfc822" if within and within[-1] == "multipart/digest" else "text/plain"
    media_type, parameters = headers.content_type
    if "/" not in media_type:
        if media_type:
            budget.note("A Content-Type has no subtype and was read as plain text.")
        media_type = default
    if media_type.startswith("multipart/"):
        boundary = parameters.get("boundary", "") or _guess_boundary(body)
        if boundary and depth + len(within) < MAX_DEPTH:
            inner = (*within, media_type)
            for section in _sections(body, boundary.rstrip().encode("utf-8", "replace"), budget):
                if budget.parts <= 0:
                    budget.note("The mail has more parts than the limit; the rest was ignored.")
                    return
                budget.parts -= 1
                part_headers, start = _part_header(section)
                _collect(part_headers, section[start:], inner, budget, depth, leaves)
            return
        budget.note("A multipart has no usable boundary or is nested too deep; it was read as text.")
        media_type = "text/plain"
    leaf = _leaf(headers, body, media_type, parameters, within, budget, depth)
    plain = _signed_content(leaf) if depth + len(within) < MAX_DEPTH and budget.parts > 0 else None
    if plain is not None:
        budget.parts -= 1
        signed_headers, start = _part_header(plain)
        _collect(signed_headers, plain[start:], (*within, leaf.media_type), budget, depth, leaves)
        return
    if leaf.media_type in tnef.MEDIA_TYPES or (leaf.name or "").lower() == "winmail.dat":
        leaves.extend(_unpacked(leaf, budget, any(part.is_text and part.content.strip() for part in leaves)) or (leaf,))
        return
    leaves.append(leaf)


def _signed_content(leaf: Part) -> bytes | None:
    """What an S/MIME container holds when it is only signed and holds a mail (RFC 8551 §3.5.2)."""
    if leaf.media_type not in sealed.MEDIA_TYPES and (leaf.name or "").lower() != "smime.p7m":
        return None
    plain = sealed.signed_content(leaf.content)
    return plain if plain is not None and _ENTITY.match(plain) else None


def _unpacked(leaf: Part, budget: _Budget, has_body: bool) -> tuple[Part, ...]:
    """What a winmail.dat holds, each file a part of its own; its body too, unless the mail shows one already."""
    found = tnef.unpack(leaf.content)
    parts: list[Part] = []
    if not has_body and found.text.strip():
        parts.append(Part("text/plain", found.text.encode("utf-8", "replace"), charset="utf-8", within=leaf.within))
    elif not has_body and found.html:
        parts.append(Part("text/html", found.html, within=leaf.within))
    parts += (
        Part("application/octet-stream", content, clean_name(name) or None, "attachment", within=leaf.within)
        for name, content in found.files
    )
    kept = tuple(parts[: max(budget.parts, 0)])
    budget.parts -= len(kept)
    return kept


def _part_header(section: bytes) -> tuple[Headers, int]:
    """Split one body part; a part may have no header at all (RFC 2046 §5.1)."""
    headers, start, _ = split_block(section)
    if headers.fields and not any(key.startswith("content-") for key, _ in headers.fields) and start >= len(section):
        return Headers(), 0
    return headers, start


def _leaf(
    headers: Headers,
    body: bytes,
    media_type: str,
    parameters: Mapping[str, str],
    within: tuple[str, ...],
    budget: _Budget,
    depth: int,
) -> Part:
    content = _decode(body, headers.plain("content-transfer-encoding"), budget)
    disposition, extra = parse_parameters(headers.raw("content-disposition"))
    written = extra.get("filename") or parameters.get("name")
    name = (clean_name(written) or None) if written else None
    message = None
    if media_type == "application/octet-stream" and name is not None and name.lower().endswith(".eml"):
        # A mail saved as a file and attached: some programs know no better type for it.
        media_type = "message/rfc822"
    if media_type in _FORWARD_NAMES and depth + len(within) < MAX_DEPTH and budget.parts > 0:
        budget.parts -= 1
        message = _parse(content, budget, depth + 1 + len(within))
    if name is None and disposition == "attachment":
        name = "attachment" + _EXTENSIONS.get(media_type, "")
    content_id = headers.raw("content-id")
    return Part(
        media_type=media_type,
        content=content,
        name=name,
        disposition=disposition,
        charset=parameters.get("charset"),
        content_id="" if content_id is None else content_id.decode("latin-1").strip("<> "),
        parameters=parameters,
        within=within,
        message=message,
    )


def _decode(body: bytes, encoding: str, budget: _Budget) -> bytes:
    """Undo the transfer encoding (RFC 2045 §6); an unknown one leaves the bytes as they are."""
    encoding = encoding.split(";", 1)[0].strip("\"' ")
    if encoding == "base64":
        content = decode_base64(body)
    elif encoding == "quoted-printable":
        content = binascii.a2b_qp(body)
    elif encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        content = _decode_uu(body)
    else:
        content = body
        if encoding not in {"", "7bit", "8bit", "binary"}:
            budget.note("A part has an unknown transfer encoding.")
    if len(content) > budget.decoded:
        budget.note("The decoded parts are larger than the limit; the rest was cut.")
        content = content[: max(budget.decoded, 0)]
    budget.decoded -= len(content)
    return content


def _decode_uu(body: bytes) -> bytes:
    begin = _UU_BEGIN.search(body)
    lines = body[begin.end() if begin else 0 :].splitlines()
    content = bytearray()
    for line in lines:
        if line.strip() in {b"end", b"`"}:
            break
        try:
            content += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(content)


def _sections(body: bytes, boundary: bytes, budget: _Budget) -> Iterator[bytes]:
    """Yield the parts between the delimiter lines; a missing close delimiter is forgiven (RFC 2046 §5.1.1)."""
    delimiter = b"--" + boundary
    at, start = 0, -1
    while True:
        found = body.find(delimiter, at)
        if found < 0:
            break
        at = found + len(delimiter)
        if found and body[found - 1 : found] not in b"\n\r":
            continue
        line_end = body.find(b"\n", at)
        rest = body[at : line_end if line_end >= 0 else len(body)].strip()
        if rest not in {b"", b"--"}:
            continue
        if start >= 0:
            yield _without_line_end(body[start:found])
        if rest == b"--":
            return
        at = start = line_end + 1 if line_end >= 0 else len(body)
    if start >= 0:
        budget.note("A multipart has no closing boundary.")
        if start < len(body):
            yield body[start:]
    elif body.strip():
        budget.note("A boundary was declared but never used.")
        yield b"\r\n" + body


def _without_line_end(section: bytes) -> bytes:
    """The line end before a delimiter belongs to the delimiter."""
    if section.endswith(b"\r\n"):
        return section[:-2]
    return section[:-1] if section.endswith(b"\n") else section


def _guess_boundary(body: bytes) -> str:
    """Find the boundary when the header forgot it: the first `--` line that is followed by a part header."""
    match = re.search(rb"(?m)^--([^\r\n]{4,200}?)[ \t]*\r?\n[Cc]ontent-", body[: 64 * 1024])
    return match[1].decode("utf-8", "replace") if match else ""


def _unflow(text: str, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676 §4.2), quote levels kept apart."""
    lines: list[str] = []
    open_level = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        level = len(line) - len(bare)
        content = bare.removeprefix(" ")
        if lines and open_level == level and content != "-- ":
            lines[-1] = (lines[-1][:-1] if delete_space else lines[-1]) + content
        else:
            lines.append(">" * level + (" " if level else "") + content)
        open_level = level if content.endswith(" ") and content != "-- " else -1
    return "\n".join(lines)
