"""Unpacks winmail.dat, in which Outlook hides attachments from others (MS-OXTNEF); total for any bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from mailbot.mail import charsets

SIGNATURE = b"\x78\x9f\x3e\x22"
MEDIA_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
# More than any person attaches; a guard for the loop.
MAX_ATTACHMENTS = 100
_ATTACH_LEVEL = 2
_BODY, _ATTACH_TITLE, _ATTACH_DATA, _ATTACHMENT, _ATTACH_RENDERING = 0x800C, 0x8010, 0x800F, 0x9005, 0x9002
# MAPI properties of an attachment (MS-OXPROPS): the long file name, in either spelling, and its short one.
_LONG_NAME, _FILE_NAME = 0x3707, 0x3704
_FIXED_SIZES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8}
_FIXED_SIZES[0x0040] = 8
_FIXED_SIZES[0x0048] = 16
_UNICODE = 0x001F


@dataclass(slots=True)
class _File:
    name: str = ""
    content: bytes = b""


def unpack(content: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return the files inside a winmail.dat by name; nothing when it is none, what was read when it is cut."""
    if not content.startswith(SIGNATURE):
        return ()
    files: list[_File] = []
    at = 6
    while at + 9 <= len(content) and len(files) <= MAX_ATTACHMENTS:
        level, tag, _kind, length = struct.unpack_from("<BHHI", content, at)
        at += 9
        value = content[at : at + length]
        at += length + 2  # a checksum that nobody needs
        if level == _ATTACH_LEVEL:
            _take(files, tag, value)
    return tuple((file.name or "attachment", file.content) for file in files if file.content)


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
    """The file name of an attachment's MAPI properties (MS-OXTNEF §2.1.3.4), or an empty text."""
    try:
        (count,) = struct.unpack_from("<I", value, 0)
        at = 4
        short = ""
        for _ in range(min(count, 500)):
            kind, name = struct.unpack_from("<HH", value, at)
            at += 4
            if name >= 0x8000:
                at = _after_name(value, at)
            text, at = _property(value, kind, at)
            if name == _LONG_NAME and text:
                return text
            short = text if name == _FILE_NAME and text else short
    except struct.error:
        return ""
    return short


def _after_name(value: bytes, at: int) -> int:
    kind, length = struct.unpack_from("<II", value, at + 16)
    return at + 24 if kind == 0 else at + 24 + int(length) + -int(length) % 4


def _property(value: bytes, kind: int, at: int) -> tuple[str, int]:
    if kind in _FIXED_SIZES:
        return "", at + _FIXED_SIZES[kind]
    (count,) = struct.unpack_from("<I", value, at)
    at += 4
    text = ""
    for _ in range(min(count, 50)):
        (length,) = struct.unpack_from("<I", value, at)
        raw = value[at + 4 : at + 4 + length]
        text = raw.decode("utf-16-le", "replace") if kind == _UNICODE else charsets.decode(raw)
        at += 4 + length + -length % 4
    return text.rstrip("\0"), at
