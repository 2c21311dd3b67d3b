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

_TCVN3_BYTES = (
    "A1Ă A2Â A3Ê A4Ô A5Ơ A6Ư A7Đ A8ă A9â AAê ABô ACơ ADư AEđ B5à B6ả B7ã B8á B9ạ BBằ BCẳ BDẵ BEắ C6ặ C7ầ C8ẩ "
    "C9ẫ CAấ CBậ CCè CEẻ CFẽ D0é D1ẹ D2ề D3ể D4ễ D5ế D6ệ D7ì D8ỉ DCĩ DDí DEị DFò E1ỏ E2õ E3ó E4ọ E5ồ E6ổ E7ỗ "
    "E8ố E9ộ EAờ EBở ECỡ EDớ EEợ EFù F1ủ F2ũ F3ú F4ụ F5ừ F6ử F7ữ F8ứ F9ự FAỳ FBỷ FCỹ FDý FEỵ"
)
_TCVN3 = {int(entry[:2], 16): entry[2:] for entry in _TCVN3_BYTES.split()}
# Letters that TCVN3 has as signs and that true text does not hold inside words. The soft hyphen, its ư, tells nothing
# unless it begins ươ: newsletters are full of it; ® and © stand
# behind the names of products, so only before a letter do they tell.
_TCVN3_SIGN = re.compile("[A-Za-zÀ-ÿ][ª«¬µ¶·¸¹]|[§®©ª«¬µ¶·¸¹][A-Za-zÀ-ÿ¨-¸]|\u00ad[¬ê-î]")
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_FOUR_VIETNAMESE = re.compile("(?:[^ăđơưĂĐƠƯ\u1ea0-\u1ef9]*+[ăđơưĂĐƠƯ\u1ea0-\u1ef9]){4}")
_CAPITALS_AROUND = re.compile("(?<=[A-ZÀ-ÞĐƯƠĂ])[à-ÿăâêôơưđ\u1ea0-\u1ef9](?=[A-ZÀ-ÞĐƯƠĂ\\W]|$)")

_TONES = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")


def _vni_table() -> dict[str, str]:
    """VNI writes a base letter and, behind it, a sign for shape and tone."""
    table: dict[str, str] = {}
    rows = [("a", "", " ùøûõï"), ("a", "\u0302", "âáàåãä"), ("a", "\u0306", "êéèúüë")]
    rows += [(letter, mark, signs) for letter in "eo" for _, mark, signs in rows[:2]]
    rows += [("u", "", " ùøûõï"), ("y", "", " ùøûõï")]
    for base, mark, signs in rows:
        for tone, sign in zip(_TONES, signs, strict=True):
            if sign != " ":
                table[base + sign] = unicodedata.normalize("NFC", base + mark + tone)
    for letter, horn in (("ô", "ơ"), ("ö", "ư")):
        table[letter] = horn
        for tone, sign in zip(_TONES[1:], "ùøûõï", strict=True):
            table[letter + sign] = unicodedata.normalize("NFC", horn + tone)
    table |= {"ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
    return table | {key.upper(): value.upper() for key, value in table.items()}


_VNI = _vni_table()
_VNI_PIECE = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))
_VNI_SIGN = re.compile("öô|Öô|[aeoAEO]â[^a-z]|aø|aù|aû|aï|oâ|eâ|uû|oä|eä|aä|aù|öø|öù|ñ[aeiouyö]|Ñ[aeiouyö]")
_TWICE_ENCODED = re.compile(
    "Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ]|á[º»][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Ä[\u0090\u0091‘]|Æ[°¡]"
)


def restore(text: str) -> tuple[str, str | None]:
    """Return text with a legacy Vietnamese encoding undone, and its name (`tcvn3`, `vni`, `utf8-twice`) or None.

    Must run before `normalize`: in TCVN3 the soft hyphen is ư and Eth is é (domain knowledge of the .VnTime fonts).
    """
    if text.isascii() or _FOUR_VIETNAMESE.match(text, 0, 4000):
        return text, None
    if len(_TWICE_ENCODED.findall(text)) >= 2:
        once = _undo_twice(text)
        if once is not None and _VIETNAMESE.search(once):
            return once, "utf8-twice"
    if len(_TCVN3_SIGN.findall(text)) >= 2:
        return from_tcvn3(text), "tcvn3"
    if len(_VNI_SIGN.findall(text)) >= 4:
        return _VNI_PIECE.sub(lambda match: _VNI[match[0]], text), "vni"
    return text, None


def from_tcvn3(text: str, *, capitals: bool = False) -> str:
    """Turn TCVN3 letters into Unicode; `capitals` for the fonts (…H) that show small letters as capitals."""
    changed = text.translate(_TCVN3)
    return changed.upper() if capitals else _CAPITALS_AROUND.sub(lambda match: match[0].upper(), changed)


def _undo_twice(text: str) -> str | None:
    try:
        return b"".join(_western_byte(sign) for sign in text).decode("utf-8")
    except UnicodeError:
        return None


def _western_byte(sign: str) -> bytes:
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")


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
        for word in self._words:
            if word in folded:
                return self._pattern.search(folded)
        return None


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
