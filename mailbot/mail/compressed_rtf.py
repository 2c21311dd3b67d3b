"""Unpacks the compressed RTF in which Outlook keeps a mail's body (MS-OXRTFCP); total for any bytes."""

from __future__ import annotations

import struct

# A long letter is 100 kB of RTF; pictures in it are of no use to a reader.
MAX_BYTES = 1_000_000
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
# What both sides know beforehand (§2.1.2.1).
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def unpack(content: bytes) -> bytes:
    """Return the RTF in these bytes; nothing when they are none, what was read when they are cut."""
    if len(content) < 16:
        return b""
    raw_size, kind = struct.unpack_from("<I4s", content, 4)
    if kind == _PLAIN:
        return content[16 : 16 + min(raw_size, MAX_BYTES)]
    return _inflated(content, min(raw_size, MAX_BYTES)) if kind == _COMPRESSED else b""


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
