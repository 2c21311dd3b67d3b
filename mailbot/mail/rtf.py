"""Text of RTF files, with the fonts whose letters are TCVN3 in disguise (RTF 1.9; domain: .VnTime)."""

from __future__ import annotations

import re

_RTF_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_RTF_FONT = re.compile(rb"\{\\f(\d{1,5}) ?(?:\\[*a-z]{1,20}-?\d{0,10} ?|\{[^{}]{0,200}\})*([^;{}\\]{1,80});")
_RTF_SKIPPED = frozenset(
    {
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"header",
        b"footer",
        b"object",
        b"generator",
        b"listtable",
    }
)
_RTF_LINES = frozenset({b"par", b"line", b"row", b"page", b"sect"})


def rtf_text(content: bytes, limit: int) -> tuple[str, bool]:
    """Return the text of an RTF file, at most `limit` characters, and whether its fonts hold TCVN3 (.VnTime…)."""
    fonts = {int(number): name for number, name in _RTF_FONT.findall(content[:100_000])}
    legacy = any(name.lower().startswith(b".vn") for name in fonts.values())
    writer = _RtfWriter(fonts, "latin-1" if legacy else "cp1258" if b"\\ansicpg1258" in content[:2000] else "cp1252")
    for match in _RTF_TOKEN.finditer(content[: 20 * limit]):
        writer.take(match)
    return "".join(writer.pieces)[:limit], legacy


class _RtfWriter:
    """Collects the text of an RTF file while its tokens go by; remembers group, font and what is skipped."""

    def __init__(self, fonts: dict[int, bytes], codec: str) -> None:
        self.capitals = {number for number, name in fonts.items() if re.match(rb"\.Vn\w*H\b", name)}
        self.codec = codec
        self.pieces: list[str] = []
        self.stack: list[tuple[bool, int, int]] = []
        self.skipping = False
        self.font = 0
        # How many signs behind a Unicode one are there for old programs (\\uc), and how many of them still come.
        self.substitutes = 1
        self.left = 0

    def take(self, match: re.Match[bytes]) -> None:
        if match[6]:
            self._group(match[6])
        elif match[3]:
            self._word(match[3], match[4])
        elif match[5]:
            self._sign(match[5])
        elif self.skipping:
            return
        elif match[1]:
            self._shown(bytes([int(match[1], 16)]))
        elif match[2]:
            self._write(chr(int(match[2]) % 65536))
            self.left = self.substitutes
        elif match[7]:
            self._shown(match[7])

    def _shown(self, content: bytes) -> None:
        """Write what stands there as bytes, less the substitutes of the Unicode sign before it."""
        skipped = min(self.left, len(content))
        self.left -= skipped
        self._write(content[skipped:].decode(self.codec, "replace"))

    def _group(self, brace: bytes) -> None:
        if brace == b"{":
            self.stack.append((self.skipping, self.font, self.substitutes))
        elif self.stack:
            self.skipping, self.font, self.substitutes = self.stack.pop()
        self.left = 0

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.skipping = True
        elif not self.skipping and sign in b"\\{}~-_":
            self._write({b"~": " ", b"_": "-", b"-": ""}.get(sign, sign.decode("ascii")))

    def _word(self, word: bytes, value: bytes | None) -> None:
        if word in _RTF_SKIPPED:
            self.skipping = True
        elif self.skipping:
            return
        elif word in _RTF_LINES:
            self.pieces.append("\n")
        elif word in {b"tab", b"cell"}:
            self.pieces.append("\t")
        elif word == b"f" and value:
            self.font = int(value)
        elif word == b"uc" and value:
            self.substitutes = min(max(int(value), 0), 10)

    def _write(self, text: str) -> None:
        # The fonts with H show small letters as capitals; ASCII is raised here, TCVN3 letters by their neighbours.
        self.pieces.append(text.upper() if self.font in self.capitals and text.isascii() else text)
