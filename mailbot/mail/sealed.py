"""Recognises S/MIME and PGP containers: tells enciphered ones, and takes plain content out of signed ones."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PKCS7 = "application/pkcs7-mime"
PGP_MESSAGE = "application/pgp-encrypted"
MEDIA_TYPES = (PKCS7, "application/x-pkcs7-mime")
PGP_ARMOR = b"-----BEGIN PGP MESSAGE-----"

_PKCS7 = bytes.fromhex("2a864886f70d0107")
_SMIME = bytes.fromhex("2a864886f70d01091001")
_OBJECT_ID, _OCTETS, _OCTETS_IN_PIECES, _SEQUENCE, _EXPLICIT = 0x06, 0x04, 0x24, 0x30, 0xA0
_CONSTRUCTED = 0x20
# A signed mail is seven deep; streams are cut in pieces of 1,000 bytes.
_MAX_DEPTH = 12
_MAX_ELEMENTS = 200_000
_CLEAR_BEGIN, _CLEAR_SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "\n-----BEGIN PGP SIGNATURE-----"
_CLEAR_END = "\n-----END PGP SIGNATURE-----"
_CLEAR_HEAD = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Z][A-Za-z-]*:[^\n]*\n)*[ \t]*\n", re.MULTILINE
)
_DASH_ESCAPE = re.compile(r"^- ", re.MULTILINE)


class Seal(StrEnum):
    """What kind of container it is."""

    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    COMPRESSED = "compressed"
    NONE = "none"


# Content types of CMS (RFC 5652 §4-8, RFC 5083, RFC 3274).
_SEALS = {
    _PKCS7 + b"\x02": Seal.SIGNED,
    _PKCS7 + b"\x03": Seal.ENCRYPTED,
    _PKCS7 + b"\x04": Seal.ENCRYPTED,
    _PKCS7 + b"\x06": Seal.ENCRYPTED,
    _SMIME + b"\x17": Seal.ENCRYPTED,
    _SMIME + b"\x09": Seal.COMPRESSED,
}


class _Elements:
    """Walks through BER (X.690 §8), also where lengths are left open; raises ValueError for what is none."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.left = _MAX_ELEMENTS

    def within(self, start: int, end: int, depth: int) -> Iterator[tuple[int, int, int]]:
        """Yield tag, start and end of the content of each element between two places."""
        while start < end:
            if self.content[start : start + 2] == b"\0\0":
                return
            tag, first, last, start = self.one(start, end, depth)
            yield tag, first, last

    def one(self, at: int, end: int, depth: int) -> tuple[int, int, int, int]:
        """Return tag, start and end of the content of the element at a place, and where the next one begins."""
        self.left -= 1
        if at + 2 > end or depth > _MAX_DEPTH or self.left < 0:
            raise ValueError("no element, or too many")
        tag, length = self.content[at], self.content[at + 1]
        first = at + 2
        if length == 0x80:
            last = first
            while self.content[last : last + 2] != b"\0\0":
                last = self.one(last, end, depth + 1)[3]
            return tag, first, last, last + 2
        if length > 0x80:
            first += length - 0x80
            length = int.from_bytes(self.content[at + 2 : first], "big") if length <= 0x88 else end
        if tag & 0x1F == 0x1F or first + length > end:
            raise ValueError("a tag that CMS has not, or a length beyond the end")
        return tag, first, first + length, first + length

    def child(self, parent: tuple[int, int, int], tag: int, depth: int) -> tuple[int, int, int]:
        """Return the first element of this tag inside another; ValueError without one."""
        for found in self.within(parent[1], parent[2], depth):
            if found[0] == tag:
                return found
        raise ValueError("an element is missing")

    def octets(self, element: tuple[int, int, int], depth: int) -> bytes:
        """Return the bytes of an octet string, joined where it came in pieces."""
        tag, first, last = element
        if tag == _OCTETS:
            return self.content[first:last]
        if tag != _OCTETS_IN_PIECES:
            raise ValueError("no octet string")
        return b"".join(self.octets(piece, depth + 1) for piece in self.within(first, last, depth + 1))


def looks_like_pkcs7(content: bytes) -> bool:
    """Tell by the first bytes whether this is a CMS container, whatever it calls itself."""
    return content[:1] == b"\x30" and (_PKCS7 in content[:32] or _SMIME in content[:32])


def seal_of(content: bytes) -> Seal:
    """Return the kind of a CMS or PGP container by its content; `none` for anything else."""
    if content[:200].lstrip().startswith(PGP_ARMOR):
        return Seal.ENCRYPTED
    if not looks_like_pkcs7(content):
        return Seal.NONE
    return next((seal for kind, seal in _SEALS.items() if kind in content[:32]), Seal.NONE)


def signed_content(content: bytes) -> bytes | None:
    """Return what a signed CMS container holds in plain (RFC 5652 §5.1), or None; the signature is not checked."""
    if seal_of(content) is not Seal.SIGNED:
        return None
    walk = _Elements(content)
    try:
        tag, first, last, _ = walk.one(0, len(content), 0)
        signed = walk.child(walk.child((tag, first, last), _EXPLICIT, 1), _SEQUENCE, 2)
        holder = walk.child(walk.child(signed, _SEQUENCE, 3), _EXPLICIT, 4)
        held = next(walk.within(holder[1], holder[2], 5), None)
        return walk.octets(held, 5) or None if held else None
    except ValueError:
        return None


def without_clear_signature(text: str) -> str:
    """Return a text with `\\n` line ends without the frame of a PGP clear signature (RFC 9580 §7)."""
    pieces: list[str] = []
    at = 0
    # Found piece by piece, each place looked at once: one pattern for the whole would try each beginning to the end.
    while (begin := text.find(_CLEAR_BEGIN, at)) >= 0:
        head = _CLEAR_HEAD.match(text, begin)
        signature = text.find(_CLEAR_SIGNATURE, head.end() - 1) if head else -1
        if head is None or signature < 0:
            break
        end = text.find(_CLEAR_END, signature)
        pieces += text[at:begin], _DASH_ESCAPE.sub("", text[head.end() : signature])
        at = len(text) if end < 0 else end + len(_CLEAR_END)
    return "".join(pieces) + text[at:] if pieces else text
