"""Số và ký hiệu: finds, reads and compares the numbers of official documents (domain: HD 36, NĐ 30/2020)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pkgutil import get_data  # importlib.resources costs every reader process 0.7 MB
from typing import TYPE_CHECKING, Any

from mailbot.office.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator


class System(StrEnum):
    """Whose numbering rules a symbol follows."""

    PARTY = "party"
    STATE = "state"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Number:
    """One symbol, in canonical writing, and where it stands in the text."""

    canonical: str
    system: System
    type: str | None
    issuer: str | None
    count: str
    start: int = 0
    end: int = 0

    @property
    def key(self) -> tuple[int, str, str]:
        """What two writings of one number share: the count, the type and the issuer without separators."""
        return (
            int(self.count.rstrip("abcdefghijklmnopqrstuvwxyzđ") or 0),
            fold(self.type or ""),
            fold(self.issuer or "").replace("-", ""),
        )


_L = "A-Za-zÀ-ỹĐđ"
# The engine skips to the next digit only where the pattern begins with one, so what stands before is looked at second.
_SYMBOL = re.compile(
    rf"(?P<count>[0-9](?<![\d/.,:-].)\d{{0,5}}[a-zđ]?)[ \t]{{0,3}}(?P<first>[-/])[ \t]{{0,3}}"
    rf"(?:(?P<year>(?:19|20)\d\d)[ \t]?[-/][ \t]?)?"
    rf"(?P<head>[{_L}][{_L}0-9]{{0,15}})(?:[ \t]?(?P<second>[-/])[ \t]?(?P<rest>[{_L}][{_L}0-9]{{0,20}}"
    rf"(?:-[{_L}0-9]{{1,12}}){{0,3}}))?"
)
# `1836 QĐ/TWĐTN`: no separator behind the count; only after a word that promises a number.
_UNDIVIDED = re.compile(
    rf"(?P<count>\d(?<=[ốỐoO] .)\d{{0,4}}) (?P<head>[{_L}]{{2,5}})\s?[-/]\s?(?P<rest>[{_L}][{_L}0-9]{{1,20}})"
)
_LAW = re.compile(r"(?:UBTV)?QH\d{1,2}$", re.IGNORECASE)
# A công văn of the State prints no type: only the word before it tells it from a fraction or an address.
_ANCHOR = re.compile(r"(?:\bso|\bcv|\bcong van|\bvan ban)[ \t]*:?[ \t]*(?:so[ \t]*:?[ \t]*)?$")
_NOT_NUMBER = re.compile(r"(?i)\bs[ơởờ][ \t]*:?[ \t]*$")  # hồ sơ, cơ sở
_ARCHIVE = re.compile(
    rf"(?<![{_L}\d])(?P<issuer>[{_L}]{{2,10}})-(?P<type>[{_L}]{{2,4}})-(?P<count>\d{{4}})-(?P<year>(?:19|20)\d\d)(?!\d)"
)
_BLANK = re.compile(
    rf"\n[ \t]*[Ss][ốỐ][ \t]*[:.]?[ \t.…_]*[-/][ \t]*(?P<type>[{_L}]{{2,5}})[ \t]*[-/][ \t]*(?P<i"
    rf"ssuer>[{_L}][{_L}0-9-]{{1,20}})"
)
# `1234-UBND-VP.pdf`: a công văn of the State, whose issuer must be a known one.
_FILE_LETTER = re.compile(
    rf"(?<![{_L}\d])(?P<count>\d{{1,5}})-(?P<issuer>[{_L}]{{2,8}})-(?P<unit>[{_L}]{{1,8}})(?![{_L}\d])"
)
# In file names a dot, an underscore or a blank stands for the slash.
_FILE_DIVIDER = re.compile(rf"(?<=[{_L}\d])(?:[._]|\s-\s|\s-|-\s)(?=[{_L}\d])")
_FILE_BLANK = re.compile(rf"(?<=\d)-(?P<type>[{_L}]{{2,4}})\s(?=[{_L}]{{2,}}(?:[^{_L}]|$))")
_FILE_END = re.compile(r"(?:\.(?:signed|pdf|docx?|rtf|xlsx?|zip|rar|jpe?g|png|tiff?))+$", re.IGNORECASE)


# How many abbreviations are remembered: more than offices use, and bounded, since mails spell them.
_KEPT = 4096


def _load(name: str) -> Any:
    return json.loads(get_data("mailbot.office", f"data/{name}") or "")


@cache
def types() -> dict[str, dict[str, str]]:
    """Return the document types by abbreviation: their `name` and their `use`."""
    loaded: dict[str, dict[str, str]] = _load("types.json")
    return loaded


@cache
def _spellings() -> dict[str, str]:
    spelled: dict[str, str] = {}
    for abbreviation, entry in types().items():
        spelled.setdefault(fold(abbreviation), abbreviation)
        if "misspelt" in entry:
            spelled.setdefault(fold(entry["misspelt"]), abbreviation)
    # Where only the letter Đ tells two types apart, the exact writing comes first.
    return spelled | {abbreviation.lower(): abbreviation for abbreviation in types()}


@lru_cache(maxsize=_KEPT)
def type_of(abbreviation: str) -> str | None:
    """Return the canonical abbreviation of a type as people write it (`qd`, `QÐ`, `ctr`), or None."""
    spellings = _spellings()
    return spellings.get(abbreviation.lower()) or spellings.get(fold(abbreviation))


@cache
def _issuers() -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
    data = _load("issuers.json")
    return tuple(data["party_endings"]), tuple(data["party_beginnings"]), frozenset(data["state"])


@lru_cache(maxsize=_KEPT)
def system_of(issuer: str) -> System | None:
    """Tell from an issuer's abbreviation whose rules it follows; None when it does not tell."""
    endings, beginnings, state = _issuers()
    first = issuer.split("-", 1)[0]
    if first in state:
        return System.STATE
    if first.endswith(endings) or (first.startswith(beginnings) and first.isupper()):
        return System.PARTY
    return None


def find_numbers(text: str) -> tuple[Number, ...]:
    """Return the symbols in (normalized) text, in order."""
    found: list[Number] = []
    for start, end in _divided_lines(text):
        for match in _SYMBOL.finditer(text, start, end):
            number = _read(match, text)
            if number is not None:
                found.append(number)
        for match in _UNDIVIDED.finditer(text, start, end):
            kind = type_of(match["head"])
            if kind is not None:
                issuer, told = _issued_by(match["rest"])
                system = told or System.PARTY
                written = canonical(match["count"], kind, issuer, system)
                found.append(Number(written, system, kind, issuer, match["count"], match.start(), match.end()))
    return tuple(found)


def _divided_lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line with a separator of symbols in it, found without a look at the other lines."""
    slash, dash = text.find("/"), text.find("-")
    while slash >= 0 or dash >= 0:
        at = slash if dash < 0 or 0 <= slash < dash else dash
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        if end < 0:
            end = len(text)
        yield start, end
        slash = text.find("/", end) if 0 <= slash < end else slash
        dash = text.find("-", end) if 0 <= dash < end else dash


def _read(match: re.Match[str], text: str) -> Number | None:
    count, year, symbol, rest = match.group("count", "year", "head", "rest")
    if year and _LAW.match(symbol):
        head = symbol.upper()
        canonical = f"{count}/{year}/{head}"
        return Number(canonical, System.STATE, "L", head, count, match.start(), match.end("head"))
    kind = type_of(symbol)
    if kind is not None and rest is not None:
        return _typed(match, kind, *_issued_by(rest))
    if match["first"] == "/" and kind is None and _plausible(symbol):
        before = text[max(0, match.start() - 16) : match.start()]
        if _ANCHOR.search(fold(before)) and not _NOT_NUMBER.search(before):
            # A room of the district signs alone: `88/PNV`.
            issuer = f"{_issuer(symbol)}-{_issuer(rest)}" if rest else _issuer(symbol)
            canonical = f"{count}/{year}/{issuer}" if year else f"{count}/{issuer}"
            return Number(canonical, System.STATE, "CV", _issuer(symbol), count, match.start(), match.end())
    return None


def _typed(match: re.Match[str], kind: str, issuer: str, system: System | None) -> Number:
    count, year = match["count"], match["year"]
    start, end = match.span()
    if year:
        return Number(f"{count}/{year}/{kind}-{issuer}", System.STATE, kind, issuer, count, start, end)
    if system is None:
        system = System.PARTY if match["first"] == "-" else System.STATE
    return Number(canonical(count, kind, issuer, system), system, kind, issuer, count, start, end)


def canonical(count: str, kind: str, issuer: str, system: System) -> str:
    """Write a number with its system's separators: `08-ĐA/QU`, `15/QĐ-UBND`."""
    return f"{count}-{kind}/{issuer}" if system is System.PARTY else f"{count}/{kind}-{issuer}"


def _plausible(symbol: str) -> bool:
    return 2 <= len(symbol) <= 12 and symbol[:2].upper() == symbol[:2]


@cache
def _accented() -> dict[str, str]:
    """Issuers with Đ by their writing without it: `DU` is Đảng ủy, there is no other."""
    endings, beginnings, state = _issuers()
    return {fold(name).upper(): name for name in (*endings, *beginnings, *state) if "Đ" in name}


@lru_cache(maxsize=_KEPT)
def _issuer(written: str) -> str:
    name = written.upper() if written.islower() else written
    first, dash, rest = name.partition("-")
    return _accented().get(first, first) + dash + rest


@lru_cache(maxsize=_KEPT)
def _issued_by(written: str) -> tuple[str, System | None]:
    issuer = _issuer(written)
    return issuer, system_of(issuer)


def from_file_name(name: str) -> Number | None:
    """Read the number that a file name tells (`25_GM-UBND_signed.pdf`, `ĐU-CV-0100-2025 ….pdf`), or None."""
    stem = _FILE_END.sub("", name)
    archive = _ARCHIVE.search(stem)
    if archive is not None:
        kind = type_of(archive["type"])
        if kind is not None:
            issuer, count = archive["issuer"], f"{int(archive['count']):02d}"
            system = system_of(issuer) or System.PARTY
            return Number(canonical(count, kind, issuer, system), system, kind, issuer, count)
    readable = re.sub(r"[_.-](?:signed|da ky|kyso)\b", "", stem, flags=re.IGNORECASE)
    readable = _FILE_BLANK.sub(r"-\g<type>-", _FILE_DIVIDER.sub("-", readable))
    found = find_numbers("số " + readable) or find_numbers(readable)
    return found[0] if found else _letter_in_file_name(readable)


def _letter_in_file_name(readable: str) -> Number | None:
    for match in _FILE_LETTER.finditer(readable):
        issuer, unit, count = _issuer(match["issuer"]), _issuer(match["unit"]), match["count"]
        if issuer in _issuers()[2] and type_of(issuer) is None:
            return Number(f"{count}/{issuer}-{unit}", System.STATE, "CV", issuer, count)
    return None


def find_blank(text: str) -> tuple[str, str] | None:
    """Return type and issuer of a header line whose number is missing (`Số   -CV/ĐU`), or None."""
    match = _BLANK.search("\n" + text)
    if match is None:
        return None
    kind = type_of(match["type"])
    return (kind, match["issuer"]) if kind is not None else None
