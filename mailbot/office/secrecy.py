"""State-secret marks: tells a stamp or tag from the many innocent words with `mật` (Law 29/2018, 117/2025)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


class Secrecy(StrEnum):
    """How secret a mail is: a definite mark by its level, or only suspected."""

    NONE = "none"
    SUSPECTED = "suspected"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"  # noqa: S105 - a level of secrecy, no password
    TOP_SECRET = "top_secret"  # noqa: S105 - a level of secrecy, no password


@dataclass(frozen=True, slots=True)
class Mark:
    """The finding: the level, whether it is definite, and by which rule."""

    level: Secrecy
    definite: bool
    rule: str


NO_MARK = Mark(Secrecy.NONE, definite=False, rule="no_mark")

# The header zone of a document; a word in a sentence further down is no stamp.
_HEAD_CHARACTERS = 4000
_LEVELS = {"tuyet mat": Secrecy.TOP_SECRET, "toi mat": Secrecy.SECRET, "mat": Secrecy.CONFIDENTIAL}
_RANK = {level: rank for rank, level in enumerate(Secrecy)}
_STAMP = re.compile(
    r"(?m)(?:^|\s{3,})[\s*\[(]*(?:(?:van ban|tai lieu)\s+)?(?:do\s+)?(tuyet\s*mat|toi\s*mat|mat)[\s*\])]*"
    r"(?:$|(?=\s{3,}))"
)
# Behind the level only its own line tells that it is another word: `Độ khẩn` stands under `Độ mật: Mật`.
# A stamp typed with blanks between its letters: `M Ậ T`.
_SPACED_STAMP = re.compile(
    r"(?m)(?:^|\s{5,})[\s*\[(]*(t {1,2}u {1,2}y {1,2}e {1,2}t\s{1,9}m {1,2}a {1,2}t"
    r"|t {1,2}o {1,2}i\s{1,9}m {1,2}a {1,2}t"
    r"|m {1,2}a {1,2}t)[\s*\])]*(?:$|(?=\s{3,}))"
)
_LABEL = re.compile(r"\bdo mat\s*:?\s*(tuyet mat|toi mat|mat)\b(?![^\S\n]+(?:khau|ma\b|do\b(?! khan)|thiet))")
_TAG = re.compile(r"[\[({<]\s*(?:van ban |tai lieu )?(?:do\s+)?(tuyet mat|toi mat|mat)\s*[\])}>]")
_WORDS = re.compile(r"\b(?:van ban|tai lieu|cong van|ho so)\s+(tuyet mat|toi mat|mat)\b(?!\s+(?:khau|ma\b|do\b|thiet))")
_WORD = re.compile("[mM][ậẬaA][tT]")
_ACCENTED = re.compile("[mM][ậẬ][tT]")
# Without accents only `[toi mat]` and `do mat: mat` are worth a look.
# Each begins with one set of signs, by which the engine skips all others.
_UNACCENTED_LABEL = re.compile(r"[dD](?<!\w.)[oO] [mM][aA][tT]\s*:")
_UNACCENTED_TAG = re.compile(r"[\[({<][\w ]{0,20}\b[mM][aA][tT]\s*[\])}>]")
_BARE_TAG = re.compile(r"^\W*(tuyet mat|toi mat|mat(?=\W*(?:$|\.\w{2,4}$)))\b")
# The register of secret papers is itself one.
_REGISTER = re.compile(r"\bso dang ky bi (mat) nha nuoc\b")


def find_mark(subject: str, texts: Iterable[tuple[str, str]], file_names: Iterable[str]) -> Mark:
    """Return the highest mark in subject, texts and file names, all normalized; each text beside its folding.

    Letters without accents never count: `mat` may be mắt, mặt or mất.
    """
    best = _in_line(subject)
    for name in file_names:
        best = _higher(best, _in_line(name))
    for text, folded in texts:
        if folded.find("mat", 0, _HEAD_CHARACTERS) >= 0:
            best = _higher(best, _in_text(text[:_HEAD_CHARACTERS]))
        if folded.find("m a t", 0, _HEAD_CHARACTERS) >= 0 or folded.find("m  a  t", 0, _HEAD_CHARACTERS) >= 0:
            best = _higher(best, _spaced(text[:_HEAD_CHARACTERS]))
    return best


def _higher(one: Mark, other: Mark) -> Mark:
    return other if other is not NO_MARK and _RANK[other.level] > _RANK[one.level] else one


def _in_line(text: str) -> Mark:
    return _first(
        text,
        ((_TAG, "tag"), (_BARE_TAG, "leading_words"), (_WORDS, "words"), (_LABEL, "label"), (_REGISTER, "register")),
    )


def _in_text(text: str) -> Mark:
    return _first(text, ((_LABEL, "label"), (_STAMP, "stamp"), (_TAG, "tag")))


def _spaced(text: str) -> Mark:
    """A stamp in letters set apart: only in capitals and with its accents."""
    best = NO_MARK
    for match in _SPACED_STAMP.finditer(fold(text)):
        written = "".join(text[match.start(1) : match.end(1)].split())
        level = next(level for words, level in _LEVELS.items() if words.replace(" ", "") == fold(written))
        if _ACCENTED.search(written) and written.isupper():
            best = _higher(best, Mark(level, definite=True, rule="spaced_stamp"))
    return best


def _first(text: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> Mark:
    # One short pattern first: nearly every paper has no such word.
    if not _WORD.search(text) or not any(
        pattern.search(text) for pattern in (_ACCENTED, _UNACCENTED_LABEL, _UNACCENTED_TAG)
    ):
        return NO_MARK
    folded = fold(text)
    best = NO_MARK
    for pattern, rule in rules:
        for match in pattern.finditer(folded):
            best = _higher(best, _judge(text[match.start(1) : match.end(1)], " ".join(match[1].split()), rule))
    return best


def _judge(written: str, level: str, rule: str) -> Mark:
    """A mark with its accents is definite; a tag or label without them is only suspected, a word without them nothing.

    The stamp is in capitals: a wrapped line may well end with a small `mật`.
    """
    if _ACCENTED.search(written):
        if rule != "stamp" or written.isupper() or (level != "mat" and written[0].isupper()):
            return Mark(_LEVELS[level], definite=True, rule=rule)
        return Mark(Secrecy.SUSPECTED, definite=False, rule=rule) if written.istitle() else NO_MARK
    return Mark(Secrecy.SUSPECTED, definite=False, rule=rule) if rule in {"tag", "label"} else NO_MARK
