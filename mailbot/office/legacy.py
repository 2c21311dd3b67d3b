"""Undoes the encodings of Vietnamese before Unicode: fonts in disguise (TCVN3, VNI), VISCII, UTF-8 encoded twice."""

from __future__ import annotations

import re
import unicodedata

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
# TCVN3 writes capitals with tones as small letters. One is meant where a capital follows, where two stand before it, or
# one does that ends the word before: `BÝ TH­`, `QUËN Uû`, but neither `Sè 12` nor `§Ò nghÞ`.
_CAPITALS_AROUND = re.compile(
    "(?<=[A-ZÀ-ÞĐƯƠĂ])[à-ÿăâêôơưđ\u1ea0-\u1ef9](?=[A-ZÀ-ÞĐƯƠĂ]|\\W{1,2}[A-ZÀ-ÞĐƯƠĂ]{2})"
    "|(?:(?<=[A-ZÀ-ÞĐƯƠĂ]{2})|(?<=[A-ZÀ-ÞĐƯƠĂ]\\W[A-ZÀ-ÞĐƯƠĂ]))[à-ÿăâêôơưđ\u1ea0-\u1ef9](?=\\W|$)"
)

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
# VISCII 1.1 (RFC 1456), without the six capitals that stand on control signs.
_VISCII_BYTES = (
    "80Ạ 81Ắ 82Ằ 83Ặ 84Ấ 85Ầ 86Ẩ 87Ậ 88Ẽ 89Ẹ 8AẾ 8BỀ 8CỂ 8DỄ 8EỆ 8FỐ 90Ồ 91Ổ 92Ỗ 93Ộ 94Ợ 95Ớ 96Ờ 97Ở 98Ị 99Ỏ 9AỌ 9BỈ "
    "9CỦ 9DŨ 9EỤ 9FỲ A0Õ A1ắ A2ằ A3ặ A4ấ A5ầ A6ẩ A7ậ A8ẽ A9ẹ AAế ABề ACể ADễ AEệ AFố B0ồ B1ổ B2ỗ B3Ỡ B4Ơ B5ộ B6ờ B7ở "
    "B8ị B9Ự BAỨ BBỪ BCỬ BDơ BEớ BFƯ C0À C1Á C2Â C3Ã C4Ả C5Ă C6ẳ C7ẵ C8È C9É CAÊ CBẺ CCÌ CDÍ CEĨ CFỳ D0Đ D1ứ D2Ò D3Ó "
    "D4Ô D5ạ D6ỷ D7ừ D8ử D9Ù DAÚ DBỹ DCỵ DDÝ DEỡ DFư E0à E1á E2â E3ã E4ả E5ă E6ữ E7ẫ E8è E9é EAê EBẻ ECì EDí EEĩ EFỉ "
    "F0đ F1ự F2ò F3ó F4ô F5õ F6ỏ F7ọ F8ụ F9ù FAú FBũ FCủ FDý FEợ FFỮ"
)


def _viscii_table() -> dict[int, str]:
    """What its bytes are read as, in Windows-1252 or Latin-1, to what they mean."""
    pairs = [(int(entry[:2], 16), entry[2:]) for entry in _VISCII_BYTES.split()]
    western = {ord(bytes([byte]).decode("cp1252", "ignore") or chr(byte)): letter for byte, letter in pairs}
    return dict(pairs) | western


_VISCII = _viscii_table()
_TWICE_ENCODED = re.compile(
    "Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ]|á[º»][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Ä[\u0090\u0091‘]|Æ[°¡]"
)


# A letter that an encoding does not know ends a run; true Vietnamese beside it stays.
_WESTERN_RUN = re.compile("[\u0080-\u00ffŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]+")
# Text that was encoded thrice comes through two careless programs.
_MAX_ROUNDS = 3
# The commonest words that have letters of their own: whether a reading makes sense.
_COMMON_WORDS = (
    "các của và đồng chí không được công ngày với ủy uỷ đảng bộ là có về việc giấy mời họp hội nghị báo cáo đã"
    " nhận đủ tài liệu kính gửi phường quận văn phòng thư số tháng năm trước đề nghị thông những đến tổ chức cấp"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")
# Sense is measured on the beginning of a text.
_MEASURED = 4000


def restore(text: str, font: str | None = None) -> tuple[str, str | None]:
    """Return text with an old encoding undone, and its name (`tcvn3`, `vni`, `viscii`, `utf8-twice`) or None.

    `font` is the encoding that the fonts of the text's page are made for, where it is known. Must run before
    `normalize`: in TCVN3 the soft hyphen is ư and Eth is é (domain knowledge of the .VnTime fonts).
    """
    if text.isascii():
        return text, None
    if ("Ã" in text or ("»" in text and "á»" in text) or "Ä" in text) and len(_TWICE_ENCODED.findall(text)) >= 2:
        once = _undo_twice(text)
        if _VIETNAMESE.search(once):
            return once, "utf8-twice"
    if _FOUR_VIETNAMESE.match(text, 0, 4000) or (font is None and _VIETNAMESE.search(text)):
        # A font in disguise has no letter of Unicode's Vietnamese.
        return text, None
    return _from_font(text, font)


def _from_font(text: str, font: str | None) -> tuple[str, str | None]:
    """The text as the old encoding shows it that makes most sense of it, if any does."""
    tcvn3, vni = len(_TCVN3_SIGN.findall(text)), len(_VNI_SIGN.findall(text))
    readings = {"tcvn3": from_tcvn3(text), "viscii": text.translate(_VISCII)}
    if vni or font == "vni":
        readings["vni"] = _VNI_PIECE.sub(lambda match: _VNI[match[0]], text)
    if font in readings:
        return readings[font], font
    sense = {name: _sense(reading) for name, reading in readings.items()}
    best = max(sense, key=lambda name: (sense[name], name != "viscii"))
    if sense[best] >= 2 and sense[best] > _sense(text):
        return readings[best], best
    if tcvn3 >= (2 if sense["tcvn3"] else 5):
        return readings["tcvn3"], "tcvn3"
    return (readings["vni"], "vni") if vni >= 4 else (text, None)


def _sense(text: str) -> int:
    """How many different common Vietnamese words a text has."""
    return len(_COMMON.intersection(_WORD.findall(text[:_MEASURED].lower())))


def from_tcvn3(text: str, *, capitals: bool = False) -> str:
    """Turn TCVN3 letters into Unicode; `capitals` for the fonts (…H) that show small letters as capitals."""
    changed = text.translate(_TCVN3)
    return changed.upper() if capitals else _CAPITALS_AROUND.sub(lambda match: match[0].upper(), changed)


def _undo_twice(text: str) -> str:
    """Decode what is UTF-8 read as a Western charset, run by run, as often as it was done."""
    for _ in range(_MAX_ROUNDS):
        undone = _WESTERN_RUN.sub(_decoded_run, text)
        if undone == text:
            break
        text = undone
    return text


def _decoded_run(match: re.Match[str]) -> str:
    try:
        return b"".join(_western_byte(sign) for sign in match[0]).decode("utf-8")
    except UnicodeError:
        return match[0]


def _western_byte(sign: str) -> bytes:
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")
