"""Words of rules and names compared as people write them: one Đ, one tone placement, with or without accents."""

from __future__ import annotations

import re
import unicodedata

# Party offices write `uỷ, hoà`, newspapers `ủy, hòa`; neither NFC nor NFD makes them one.
TONE_ON_LAST_VOWEL = re.compile(r"(?<!q)(?:u[ỳýỷỹỵ]|o[àáảãạèéẻẽẹ])(?![^\W\d_])")
FIRST_VOWEL = {
    pair: first + pair[1].translate(str.maketrans("ỳýỷỹỵàáảãạèéẻẽẹ", "yyyyyaaaaaeeeee"))
    for marked, firsts in (("uỳýỷỹỵ", "ùúủũụ"), ("oàáảãạ", "òóỏõọ"), ("oèéẻẽẹ", "òóỏõọ"))
    for pair, first in zip((marked[0] + vowel for vowel in marked[1:]), firsts, strict=True)
}
# Eth (U+00D0) is typed for Đ very often, and no normal form unifies them.
LOOKALIKES = {0xD0: 0x110, 0xF0: 0x111, 0x00AD: None, 0x200B: None, 0x200C: None, 0x200D: None, 0xFEFF: None}


_ACCENTS = {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.decomposition(chr(code))
} | {0x111: "d"}


def folded(text: str) -> str:
    """Return the text for comparison: NFC, casefolded, old tone placement (`ủy, hòa`), single blanks."""
    composed = unicodedata.normalize("NFC", text.translate(LOOKALIKES)).casefold()
    placed = TONE_ON_LAST_VOWEL.sub(lambda found: FIRST_VOWEL[found.group()], composed)
    return " ".join(placed.split())


def unaccented(text: str) -> str:
    """Return folded text without diacritics, `đ` as `d`: how people write on a phone; the length stays."""
    return text.translate(_ACCENTS)
