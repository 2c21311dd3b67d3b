"""Unpacks winmail.dat, in which Outlook hides body and attachments from others (MS-OXTNEF); total for any bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.mail import charsets
from mailbot.mail.rtf import rtf_text

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x78\x9f\x3e\x22"
MEDIA_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
# More than any person attaches; a guard for the loop.
MAX_ATTACHMENTS = 100
_MESSAGE_LEVEL, _ATTACH_LEVEL = 1, 2
_ATTACH_TITLE, _ATTACH_DATA, _ATTACHMENT, _ATTACH_RENDERING = 0x8010, 0x800F, 0x9005, 0x9002
_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
# MAPI properties of an attachment (MS-OXPROPS): the long file name, in either spelling, and its short one.
_LONG_NAME, _FILE_NAME = 0x3707, 0x3704
# Those of a message: its body as text, as HTML and as compressed RTF.
_TEXT, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_FIXED_SIZES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8}
_FIXED_SIZES[0x0040] = 8
_FIXED_SIZES[0x0048] = 16
_UNICODE = 0x001F
_MULTIPLE = 0x1000
# Guards for the loops.
_MAX_PROPERTIES = 500
_MAX_VALUES = 2000
# A long letter is 100 kB of RTF; pictures in it are of no use to a reader.
MAX_RTF_BYTES = 1_000_000
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
# What both sides of the compression know beforehand (MS-OXRTFCP §2.1.2.1).
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


@dataclass(slots=True)
class _File:
    name: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a winmail.dat holds: the body as text or else as HTML, and the files by name."""

    text: str = ""
    html: bytes = b""
    files: tuple[tuple[str, bytes], ...] = ()


def unpack(content: bytes) -> Unpacked:
    """Return what is inside a winmail.dat; nothing when it is none, what was read when it is cut."""
    files: list[_File] = []
    message: dict[int, bytes] = {}
    for level, tag, value in _attributes(content):
        if level == _ATTACH_LEVEL and len(files) <= MAX_ATTACHMENTS:
            _take(files, tag, value)
        elif level == _MESSAGE_LEVEL:
            message.setdefault(tag, value)
    text, html = _body(message)
    return Unpacked(text, html, tuple((file.name or "attachment", file.content) for file in files if file.content))


def _attributes(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, tag and value of each attribute (MS-OXTNEF §2.1.3)."""
    at = 6 if content.startswith(SIGNATURE) else len(content)
    while at + 9 <= len(content):
        level, tag, _kind, length = struct.unpack_from("<BHHI", content, at)
        at += 9
        yield level, tag, content[at : at + length]
        at += length + 2  # a checksum that nobody needs


def _body(message: dict[int, bytes]) -> tuple[str, bytes]:
    """The body as text and as HTML; the RTF is read only where there is neither."""
    page = message.get(_CODE_PAGE, b"")[:4]
    charset = f"cp{int.from_bytes(page, 'little')}" if page else None
    properties = {name: (kind, value) for name, kind, value in _properties(message.get(_MESSAGE_PROPERTIES, b""))}
    text = _string(*properties.get(_TEXT, (0, b"")), charset)
    text = text or charsets.decode(message.get(_BODY, b""), charset).rstrip("\0")
    html = properties.get(_HTML, (0, b""))[1]
    if not text.strip() and not html and _RTF in properties:
        text, _ = rtf_text(unpack_rtf(properties[_RTF][1]), MAX_RTF_BYTES)
    return text.replace("\r\n", "\n"), html


def _take(files: list[_File], tag: int, value: bytes) -> None:
    if tag == _ATTACH_RENDERING or not files:
        files.append(_File())
    if tag == _ATTACH_TITLE and not files[-1].name:
        files[-1].name = charsets.decode(value.rstrip(b"\0"))
    elif tag == _ATTACH_DATA:
        files[-1].content = value
    elif tag == _ATTACHMENT:
        files[-1].name = _long_name(value) or files[-1].name


def _long_name(value: bytes) -> str:
    """The file name of an attachment's MAPI properties, or an empty text."""
    names = {name: _string(kind, raw) for name, kind, raw in _properties(value) if name in {_LONG_NAME, _FILE_NAME}}
    return names.get(_LONG_NAME) or names.get(_FILE_NAME, "")


def _string(kind: int, raw: bytes, charset: str | None = None) -> str:
    text = raw.decode("utf-16-le", "replace") if kind == _UNICODE else charsets.decode(raw, charset)
    return charsets.storable(text)  # which drops the closing NUL


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield name, kind and first value of each MAPI property (MS-OXTNEF §2.1.3.4), up to where they are cut."""
    try:
        (count,) = struct.unpack_from("<I", value, 0)
        at = 4
        for _ in range(min(count, _MAX_PROPERTIES)):
            kind, name = struct.unpack_from("<HH", value, at)
            at += 4
            if name >= 0x8000:
                at = _after_name(value, at)
            raw, at = _property(value, kind, at)
            yield name, kind, raw
    except struct.error:
        return


def _after_name(value: bytes, at: int) -> int:
    kind, length = struct.unpack_from("<II", value, at + 16)
    return at + 24 if kind == 0 else at + 24 + int(length) + -int(length) % 4


def _property(value: bytes, kind: int, at: int) -> tuple[bytes, int]:
    """The first value of one property, and where the next begins; what is long carries its length."""
    size = _FIXED_SIZES.get(kind & ~_MULTIPLE)
    if size is not None:
        count = 1
        if kind & _MULTIPLE:
            (count,) = struct.unpack_from("<I", value, at)
            at += 4
        return value[at : at + size], at + size * count
    (count,) = struct.unpack_from("<I", value, at)
    at += 4
    first = b""
    for index in range(min(count, _MAX_VALUES)):
        (length,) = struct.unpack_from("<I", value, at)
        if index == 0:
            first = value[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
    return first, at


def unpack_rtf(content: bytes) -> bytes:
    """Return the RTF that Outlook compressed (MS-OXRTFCP); nothing when it is none, what was read when it is cut."""
    if len(content) < 16:
        return b""
    raw_size, kind = struct.unpack_from("<I4s", content, 4)
    if kind == _PLAIN:
        return content[16 : 16 + min(raw_size, MAX_RTF_BYTES)]
    return _inflated(content, min(raw_size, MAX_RTF_BYTES)) if kind == _COMPRESSED else b""


def _inflated(content: bytes, size: int) -> bytes:
    """Undo the dictionary: eight tokens behind each control byte, a literal or a place and a length (§2.2)."""
    out = bytearray(_KNOWN)
    wanted = len(_KNOWN) + size
    at = 16
    while at < len(content) and len(out) < wanted:
        control = content[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += content[at : at + 1]
                at += 1
            elif at + 2 > len(content) or not _repeat(out, content[at] << 8 | content[at + 1]):
                return bytes(out[len(_KNOWN) : wanted])
            else:
                at += 2
    return bytes(out[len(_KNOWN) : wanted])


def _repeat(out: bytearray, reference: int) -> bool:
    """Append what a reference points at, which may reach into what it appends; false at the end mark."""
    back = (len(out) - (reference >> 4)) % _WINDOW
    if back == 0:
        return False
    for _ in range((reference & 15) + 2):
        # Before the window is full, a place that nothing was written to is a zero.
        out.append(out[-back] if back <= len(out) else 0)
    return True
