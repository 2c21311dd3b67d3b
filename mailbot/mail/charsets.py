"""Turns bytes into text when the declared charset is missing, wrong or only nearly right."""

from __future__ import annotations

import codecs
import contextlib
import re
import unicodedata
from functools import lru_cache

# Names seen in real mail that Python does not know under that spelling.
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "unknown-8bit": "",
    "x-unknown": "",
    "default": "",
    "default_charset": "",
    "us-ascii": "",
    "ascii": "",
    "ansi_x3.4-1968": "",
    "windows-1258-1": "cp1258",
    # Python knows neither; the bytes are kept apart for who knows the old encodings.
    "x-viet-tcvn5712": "cp1252",
    "viscii": "cp1252",
    "csviscii": "cp1252",
    "viscii1.1-1": "cp1252",
    "cp-850": "cp850",
    # The web's reading: what is declared ISO-8859-1 is Windows-1252.
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
}

# In windows-1258 the five tones are bytes of their own behind the vowel; no other Western charset puts them there.
_TONE_BEHIND_VOWEL = re.compile(
    rb"[AEIOUYaeiouy\xc2\xc3\xca\xd4\xd5\xdd\xe2\xe3\xea\xf4\xf5\xfd][\xcc\xd2\xde\xec\xf2]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# What charset-normalizer may answer, how much it is shown, and from how many letters and how much sense it is believed.
_FOREIGN = ("gb18030", "big5", "euc_jp", "shift_jis", "euc_kr", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256")
_GUESS_BYTES = 8192
_GUESS_LEAST = 24
_GUESS_COHERENCE = 12


# No charset's name is half as long; what is kept of mails must be short.
_LONGEST_NAME = 100


@lru_cache(maxsize=256)
def codec_for(declared: str) -> str:
    """Return the Python codec for a declared charset, or an empty text when it is unknown or says nothing."""
    name = declared.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    try:
        # Only text codecs: `rot13`, `zlib` and the like would raise, or unpack a bomb.
        info = codecs.lookup(name) if name else None
        return info.name if info is not None and getattr(info, "_is_text_encoding", True) else ""
    except (LookupError, ValueError):
        return ""


def decode(content: bytes, declared: str | None = None) -> str:
    """Decode text bytes; never raises.

    In order: the declared charset when it fits, UTF-8, windows-1258 when Vietnamese tones stand behind vowels, a
    foreign script when the declaration failed and charset-normalizer is sure, and windows-1252, which keeps every byte
    apart, so that the legacy Vietnamese encodings can be told later.
    """
    if content.isascii() and (declared is None or ("utf-7" not in declared.lower() and "2022" not in declared)):
        text = content.decode("ascii")  # in which there are no surrogates
        return text.replace("\0", "") if "\0" in text else text
    codec = codec_for(declared) if declared and len(declared) <= _LONGEST_NAME else ""
    if codec in {"", "utf-8"} and b"\0" not in content:
        try:  # nearly every text comes by here, and a context costs more than its decoding
            return content.decode("utf-8").removeprefix("\ufeff")  # in which no surrogate can be spelled
        except UnicodeDecodeError:
            pass
    # A declaration that says something, but nothing true; `us-ascii` and the like say nothing.
    failed = declared is not None and codec != "cp1252" and not _says_nothing(declared)
    return storable(_decoded(content, codec, failed))


def storable(text: str) -> str:
    """Return the text without what databases and UTF-8 refuse: NUL, and lone surrogates (utf-7 can spell them)."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def _decoded(content: bytes, codec: str, failed: bool) -> str:
    if content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} and b"\0" in content[:400]:
        return content.decode("utf-16", "replace")
    for candidate in (codec, "utf-8"):
        if candidate and candidate != "cp1252":
            try:
                return content.decode(candidate).removeprefix("\ufeff")
            except (UnicodeError, ValueError):
                continue
    if codec == "cp1252":
        try:
            # A wrong label over true UTF-8 is far commoner than Latin text that happens to be valid UTF-8.
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if codec == "utf-8" and _nearly_utf8(content):
        return content.decode("utf-8", "replace")
    if looks_like_windows_1258(content):
        return unicodedata.normalize("NFC", content.decode("cp1258", "replace"))
    guessed = _guess(content) if failed else ""
    return content.decode(guessed, "replace") if guessed else _western(content)


def _says_nothing(declared: str) -> bool:
    return _ALIASES.get(declared.strip().strip("\"'").lower()) == ""


def _guess(content: bytes) -> str:
    """Return the codec of a foreign script, or an empty text where the bytes may as well be legacy Vietnamese."""
    sample = content[:_GUESS_BYTES]
    if len(_HIGH_BYTE.findall(sample)) < _GUESS_LEAST:
        return ""
    from charset_normalizer import from_bytes  # imported late: its tables cost memory, and hardly any mail needs it

    # Only scripts that no Vietnamese font encoding resembles: Latin ones would swallow TCVN3 and VNI.
    best = from_bytes(sample, cp_isolation=list(_FOREIGN), threshold=0.1, preemptive_behaviour=False).best()
    return best.encoding if best is not None and best.percent_coherence >= _GUESS_COHERENCE else ""


def looks_like_windows_1258(content: bytes) -> bool:
    """Tell whether bytes are Vietnamese in windows-1258, by tones that stand behind vowels."""
    high = len(_HIGH_BYTE.findall(content))
    return high > 0 and len(_TONE_BEHIND_VOWEL.findall(content)) * 6 >= high


def _nearly_utf8(content: bytes) -> bool:
    """A cut or one flipped byte must not turn a whole text into another charset."""
    with contextlib.suppress(UnicodeDecodeError):
        # Cut within its last sign, and right before that.
        codecs.getincrementaldecoder("utf-8")().decode(content)
        return True
    wrong = content.decode("utf-8", "replace").count("\ufffd")
    return wrong * 20 <= len(_HIGH_BYTE.findall(content))


def _western(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")
