"""What of a paper can be found again, and what a person means by the words typed to find it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailbot.office.answer_words import Intent
from mailbot.office.numbers import find_numbers, type_of
from mailbot.office.orders import NAMES_PAPER, with_dashes
from mailbot.office.secrecy import Secrecy
from mailbot.office.text import fold, normalize, normalize_and_fold
from mailbot.routing.wording import issuer_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision

# PostgreSQL takes a megabyte of one text; the beginning of a book is enough to find it.
MOST_SIGNS = 200_000
# More words than that are no search.
MOST_TERMS = 12
# Begins the words that stand for numbers: no word of Vietnamese does.
MARK = "zq"
# Every sign that is neither letter nor digit parts words; most texts are ASCII when folded, and bytes change fast.
_ASCII_WORDS = bytes(code if chr(code).isalnum() else 0x20 for code in range(128)) + bytes(range(128, 256))
_NO_WORD = re.compile(r"[\W_]+")
_PHRASE = re.compile(r"[\"“”„]([^\"“”„]*)[\"“”„]")
# `152-CV`, `152 CV`: a number without its issuer.
_WITHOUT_ISSUER = re.compile(r"(?<!\S)(\d{1,5}[a-z]?)[-/ ]([^\W\d_]{2,5})(?!\S)")
# `152cv/du`: nothing between the count and the type.
_GLUED = re.compile(r"(?<!\S)(\d{1,5})([^\W\d_]{2,5})(?=[-/ ]|$)")
# All that may stand alone as a number: `152`, `152cvdu`.
_BARE = re.compile(r"0*(\d{1,5}[a-z]{0,12})")
# Answers that only say that a mail has come hold nothing to look for.
_SAYS_SOMETHING = frozenset(
    str(intent)
    for intent in (
        Intent.REPORT,
        Intent.PROGRESS,
        Intent.QUESTION,
        Intent.PROBLEM,
        Intent.EXTENSION,
        Intent.REFUSE,
        Intent.DECLINE,
        Intent.DELEGATE,
    )
)


@dataclass(frozen=True)
class Findable:
    """The words by which a paper or an answer is found, folded: its head (number, summary, issuer), and all of it."""

    head: str = ""
    words: str = ""
    numbers_only: bool = False
    delivery: int | None = None  # whose answer it is


NOTHING = Findable()


def words_of(*texts: str | None) -> str:
    """Return texts as folded words with blanks between.

    Folding takes every accent away, and with the accents their place: `hoà` and `hòa` both become `hoa`.
    """
    _, folded = normalize_and_fold("\n".join(text for text in texts if text)[:MOST_SIGNS])
    if folded.isascii():
        return folded.encode().translate(_ASCII_WORDS).decode()
    return _NO_WORD.sub(" ", folded)


def number_words(number: str | None) -> str:
    """Return a number (`152-CV/ĐU`) as marked words, from the bare count to the whole, and as it is written."""
    if not number:
        return ""
    found = find_numbers(number)
    if not found:
        bare = _BARE.match(number)
        return " ".join(filter(None, (f"{MARK}{bare[1]}" if bare else "", words_of(number))))
    count, kind, issuer = found[0].key
    return f"{MARK}{count} {MARK}{count}{kind} {MARK}{count}{kind}{issuer} {words_of(found[0].canonical)}"


def findable_paper(
    number: str | None, summary: str | None, issuer: str | None, *texts: str, numbers_only: bool = False
) -> Findable:
    """Return how a paper is found; of a petition, a personnel or a discipline paper by its number alone."""
    numbers = number_words(number)
    if numbers_only:
        return Findable(numbers, numbers, numbers_only=True)
    head = " ".join(filter(None, (numbers, words_of(summary, issuer))))
    return Findable(head, " ".join((head, words_of(*texts))))


def findable(decision: Decision, reading: Reading, site: Site) -> Findable:
    """Return how what a mail brought is found again; NOTHING where it brought no paper and no answer worth keeping.

    Nothing is kept of what was quarantined or put before a person, since no paper is recorded then.
    """
    paper = decision.document
    hidden = reading.sensitivity != "none" or reading.secrecy is not Secrecy.NONE
    if paper is not None and reading.commands:
        # An order that enters a paper in the book is not the paper: what it says of it is in the entry.
        return findable_paper(paper.number, paper.summary, paper.issuer_unit)
    if paper is not None:
        texts = _texts(reading.text, reading.document_text)
        return findable_paper(paper.number, paper.summary, issuer_words(reading, site), *texts, numbers_only=hidden)
    said = {fact.delivery_id for fact in decision.facts if fact.said in _SAYS_SOMETHING}
    if hidden or len(said) != 1 or reading.reply is None or reading.commands:
        return NOTHING
    words = words_of(*_texts(reading.reply.text, reading.document_text))
    return Findable("", words, delivery=said.pop()) if words.strip() else NOTHING


def _texts(body: str, papers: str) -> tuple[str, ...]:
    """Return the texts that differ: many a mail repeats its paper in its body."""
    return (papers,) if body.strip() and body.strip() in papers else (body, papers)


# --- looking for something ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What else must be true of a paper; days are those on which it, or the answer that has the words, was recorded."""

    since: date | None = None
    until: date | None = None
    unit: str | None = None
    book: str | None = None
    direction: str | None = None
    kind: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class Query:
    """What somebody looks for: folded words and phrases, all of which must be there, and marked numbers."""

    terms: tuple[str, ...]
    marks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # the terms that are no number
    filters: Filters = field(default_factory=Filters)


def query_of(text: str, filters: Filters | None = None) -> Query:
    """Read what a person typed: words are all wanted, `"in quotes"` a phrase, a number is found however it is written.

    A number is a term too, so that papers that cite it are found after its own.
    """
    line = normalize(text)
    phrases = [words_of(found[1]).strip() for found in _PHRASE.finditer(line)]
    rest = with_dashes(_GLUED.sub(_parted, _PHRASE.sub(" ", line)))
    marks, numbers = [], []
    for mark, written, start, end in reversed(list(_numbers(rest))):
        marks.append(mark)
        numbers.append(written)
        # `Công văn số` only says what the number is the number of.
        before = len(NAMES_PAPER.sub("", fold(rest[:start])))
        rest = f"{rest[:before]} {rest[end:]}"
    words = words_of(rest).split()
    bare = _BARE.fullmatch(words[0]) if len(words) == 1 and not phrases and not numbers else None
    others = () if bare else tuple(dict.fromkeys((*filter(None, phrases), *words)))
    if bare:
        marks, numbers = [f"{MARK}{bare[1]}"], [words[0]]
    terms = (*reversed(numbers), *others)[:MOST_TERMS]
    return Query(terms, tuple(reversed(marks)), others[:MOST_TERMS], filters or Filters())


def _parted(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]}" if type_of(found[2]) else found[0]


def _numbers(line: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield (marked word, words, start, end) of each number in a line, in order."""
    found = find_numbers(line)
    for number in found:
        count, kind, issuer = number.key
        yield f"{MARK}{count}{kind}{issuer}", " ".join(words_of(number.canonical).split()), number.start, number.end
    if found:
        return
    for match in _WITHOUT_ISSUER.finditer(line):
        known = type_of(match[2])
        if known is not None:
            written = f"{match[1]} {fold(known)}"
            yield MARK + written.lstrip("0").replace(" ", ""), written, match.start(), match.end()


def marked(text: str, query: Query, before: str = "«", after: str = "»") -> str:
    """Return a text with what was looked for between marks; folding keeps every place."""
    normal = normalize(text)
    folded = fold(normal)
    wanted = sorted({re.escape(term).replace(r"\ ", r"[\W_]+") for term in query.terms}, key=len, reverse=True)
    if not wanted or len(folded) != len(normal):
        return normal
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(wanted)})(?![^\W_])")
    made, at = [], 0
    for found in pattern.finditer(folded):
        made += [normal[at : found.start()], before, normal[found.start() : found.end()], after]
        at = found.end()
    return "".join((*made, normal[at:]))


# --- what was found -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FoundPaper:
    """One paper that was found, with what happened since; counts are units, moments are aware."""

    id: int
    number: str | None
    summary: str | None
    direction: str
    kind: str
    state: str
    issuer_unit: str | None
    sender_address: str | None
    issued_on: str | None
    recorded_at: datetime
    book: str | None
    book_number: int | None
    due_text: str | None
    where: str  # it has the words: `number`, `summary`, `text`, `answer`
    answered_by: str | None = None
    numbers_only: bool = False
    total: int = 0
    sent: int = 0
    acknowledged: int = 0
    asked: int = 0
    reported: int = 0
    open: int = 0
    officer: str | None = None  # who handles it and has not finished
    instruction: str | None = None
    instructed_by: str | None = None
    mailbox: str | None = None
    content_key: str = ""
    has_file: bool = False


@dataclass(frozen=True)
class Found:
    """What a search gave, best first; `more` papers are not shown, and `uncounted` ones may be there beside them."""

    papers: tuple[FoundPaper, ...] = ()
    more: int = 0
    uncounted: bool = False
