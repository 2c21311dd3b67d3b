"""Vietnamese text made comparable: Unicode forms, look-alikes, legacy encodings, folding with and without accents."""

from __future__ import annotations

import codecs
import re
import unicodedata

_SPACES = dict.fromkeys([0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_NOTHING = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F], None)
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")
_SLASHES = dict.fromkeys([0x2044, 0x2215, 0xFF0F], "/")
# Eth for Đ, and the ư that PDF fonts give as gha.
_LETTERS = {0x00D0: "Đ", 0x00F0: "đ", 0x01A2: "Ư", 0x01A3: "ư", 0x0110: "Đ"}
_NORMAL: dict[int, str | None] = {**_SPACES, **_NOTHING, **_DASHES, **_SLASHES, **_LETTERS}
_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in _NORMAL if code != 0x0110) + "]")


def _fold_table() -> dict[int, str]:
    table = {0x0110: "d", 0x0111: "d", 0x00D0: "d", 0x00F0: "d", 0x2019: "'", 0x2018: "'", 0x2032: "'", 0x00B4: "'"}
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and code not in table:
            table[code] = base.lower()
    return table


_FOLD = _fold_table()
# Nearly every paper is written with these signs alone. They fit into one byte each, so that the charmap codec changes
# such a text fifteen times as fast as str.translate.
_LETTERS_OF_PAPERS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
_SIGNS_OF_PAPERS = (
    "\0\t\n\r"
    + "".join(map(chr, range(0x20, 0x7F)))
    + _LETTERS_OF_PAPERS
    + _LETTERS_OF_PAPERS.upper()
    + "“”‘’…•·°«»×½§®©\u00a0\u2010\u2011\u2013\u2014\u2212Ðð"
).ljust(256, "\ufffe")  # which marks a byte without a sign
_TO_BYTES = codecs.charmap_build(_SIGNS_OF_PAPERS)
_FOLDED_SIGNS = "".join(sign.lower().translate(_FOLD) for sign in _SIGNS_OF_PAPERS)
# Bytes of such signs changed to bytes of such signs, and to those of Latin-1, which are decoded at no cost.
_NORMAL_BYTES = codecs.charmap_encode(_SIGNS_OF_PAPERS.translate(_NORMAL).rstrip("\ufffe"), "strict", _TO_BYTES)[0]
_NORMAL_BYTES += bytes(range(len(_NORMAL_BYTES), 256))
_NOT_LATIN = 0xFF  # ÿ, which is no sign of papers
_FOLDED_BYTES = bytes(min(ord(sign), _NOT_LATIN) for sign in _FOLDED_SIGNS)


def normalize(text: str) -> str:
    """Return NFC text with plain blanks, dashes and slashes, Đ for Eth, and without invisible characters."""
    if text.isascii():
        return text
    try:
        return _normal(text, codecs.charmap_encode(text, "strict", _TO_BYTES)[0])[0]
    except UnicodeEncodeError:
        text = unicodedata.normalize("NFC", text)
    for sign in set(_ODD.findall(text)):
        text = text.replace(sign, _NORMAL[ord(sign)] or "")
    return text


def _normal(text: str, signs: bytes) -> tuple[str, bytes]:
    """Return the text normalized, and its bytes, given its bytes; most texts are normal already."""
    normal = signs.translate(_NORMAL_BYTES)
    return (text if normal == signs else codecs.charmap_decode(normal, "strict", _SIGNS_OF_PAPERS)[0]), normal


def _folded(signs: bytes) -> str:
    """Return the folding of a text, given its bytes."""
    folded = signs.translate(_FOLDED_BYTES)
    if _NOT_LATIN in folded:
        return codecs.charmap_decode(signs, "strict", _FOLDED_SIGNS)[0]
    return folded.decode("latin-1")


def normalize_and_fold(text: str) -> tuple[str, str]:
    """Return the text normalized, and that folded, in one pass where the text has only the signs of papers."""
    try:
        signs = codecs.charmap_encode(text, "strict", _TO_BYTES)[0]
    except UnicodeEncodeError:
        normal = normalize(text)
        return normal, fold(normal)
    normal, signs = _normal(text, signs)
    return normal, _folded(signs)


def fold(text: str) -> str:
    """Return lower-case text without accents, of the same length, so that a place found in it is one in the text."""
    if text.isascii():
        return text.lower()
    try:
        return _folded(codecs.charmap_encode(text, "strict", _TO_BYTES)[0])
    except UnicodeEncodeError:
        return "\n".join(map(_fold_line, text.split("\n")))


def _fold_line(line: str) -> str:
    """One emoji must not make the whole text slow: only its own line goes sign by sign."""
    try:
        return _folded(codecs.charmap_encode(line, "strict", _TO_BYTES)[0])
    except UnicodeEncodeError:
        lowered = line.lower()
        if len(lowered) != len(line):
            lowered = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in line)
        return lowered.translate(_FOLD)


class Words:
    """Whole words to be found in folded text. They are looked for as plain text first: most texts have none of them."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self._pattern = re.compile(rf"\b(?:{'|'.join(words)})\b")

    def search(self, folded: str) -> re.Match[str] | None:
        """Return the first of them in the text, or None."""
        return self._pattern.search(folded) if any(map(folded.__contains__, self._words)) else None


def squeeze(text: str) -> str:
    """Return the text on one line, with single blanks."""
    return " ".join(text.split())


# Party offices write `uỷ, hoà`, newspapers `ủy, hòa`; neither NFC nor NFD makes them one.
_TONE_ON_LAST_VOWEL = re.compile(r"(?<!q)(?:u[ỳýỷỹỵ]|o[àáảãạèéẻẽẹ])(?![^\W\d_])")
_TONE_ON_FIRST_VOWEL = {
    pair: first + pair[1].translate(str.maketrans("ỳýỷỹỵàáảãạèéẻẽẹ", "yyyyyaaaaaeeeee"))
    for marked, firsts in (("uỳýỷỹỵ", "ùúủũụ"), ("oàáảãạ", "òóỏõọ"), ("oèéẻẽẹ", "òóỏõọ"))
    for pair, first in zip((marked[0] + vowel for vowel in marked[1:]), firsts, strict=True)
}
# Eth (U+00D0) is typed for Đ very often, and no normal form unifies them.
_LOOKALIKES = {0xD0: 0x110, 0xF0: 0x111, 0x00AD: None, 0x200B: None, 0x200C: None, 0x200D: None, 0xFEFF: None}
_ACCENTS = {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.decomposition(chr(code))
} | {0x111: "d"}


def one_spelling(text: str) -> str:
    """Return small letters that keep their accents: NFC, one Đ, one place of the tone (`ủy, hòa`), single blanks.

    For words of rules and names, in which `thu hồi` must not be `thu hội`; places in the text do not stay.
    """
    composed = unicodedata.normalize("NFC", text.translate(_LOOKALIKES)).casefold()
    placed = _TONE_ON_LAST_VOWEL.sub(lambda found: _TONE_ON_FIRST_VOWEL[found.group()], composed)
    return " ".join(placed.split())


def without_accents(text: str) -> str:
    """Return text without diacritics, `đ` as `d`: how people write on a phone; length and capitals stay."""
    return text.translate(_ACCENTS)
