"""Writes docs/understood.md, what is understood with one example a row, from the tests' own tables.

`python -m tools.understood` from the root of the checkout; a test fails when the page is not what this would write.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.office.test_answers import ASKED_FOR, DEPUTIES, WORDS
from tests.tables import deadlines, marks, meetings, numbers, orders
from tests.test_samples import LEAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests" / "samples"
PAGE = ROOT / "docs" / "understood.md"

HEAD = """# What is understood

Written by `python -m tools.understood` from the tables that the tests read, one example a row: each wording here is
held by a test, and a change is made in `tests/tables/`, not here. A dash means that nothing is found, and that is right
so. Codes under *look at* are what the clerk is asked to look at; times are those of Vietnam.
"""


@dataclass(frozen=True)
class Section:
    """One table of the page: its title, a sentence before it when one is needed, its columns and rows."""

    title: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]
    about: str = ""


def sections() -> tuple[Section, ...]:
    """Return the tables of the page, in the order in which a clerk looks at a paper."""
    return (*_mails(), *_papers(), *_deadlines(), *_meetings(), *_answers())


def _mails() -> tuple[Section, ...]:
    rows = []
    for file in sorted(SAMPLES.glob("*.yaml")):
        expected = yaml.safe_load(file.read_text("utf-8"))
        rows.append((f"{file.stem}.eml", expected["kind"], expected["note"]))
    about = (
        "What a clerk would understand of each stands beside it in `tests/samples/`; "
        f"a test holds the share of right fields at {LEAST} or better."
    )
    return (Section("Whole mails", ("mail", "kind", "what is to be seen in it"), rows, about),)


def _papers() -> tuple[Section, ...]:
    sure = {True: "certain: quarantined", False: "suspected: held"}
    return (
        Section("Số và ký hiệu", ("as written", "number"), numbers.NUMBERS),
        Section("Numbers in file names", ("file name", "number"), numbers.FILES),
        Section(
            "What only looks like a number", ("as written", "number"), ((text, None) for text in numbers.NO_NUMBERS)
        ),
        Section(
            "Stamps of secrecy",
            ("a line of the paper", "level", "how sure"),
            ((line, level, sure[definite]) for line, level, definite in marks.STAMPS),
        ),
        Section(
            "Secrecy in subjects and file names",
            ("words", "level", "how sure"),
            ((words, level, sure[definite]) for words, level, definite in marks.TAGS),
        ),
        Section("Innocent words", ("words", "level"), ((words, None) for words in marks.NOT_SECRET)),
        Section("Stamps of urgency", ("a line of the paper's head", "urgency"), marks.URGENT_STAMPS),
        Section("Urgency in subjects", ("subject", "urgency"), marks.URGENT_SUBJECTS),
    )


def _deadlines() -> tuple[Section, ...]:
    signed = "The paper was signed on Thursday 05/12/2019 and received on Friday 06/12/2019 at 08:10."
    return (
        Section(
            "Thời hạn", ("as written", "last permitted moment", "recurs", "look at"), deadlines.DEADLINES, about=signed
        ),
        Section(
            "Several in one sentence",
            ("as written", "last permitted moment", "recurs"),
            ((text, due, rule) for text, several in deadlines.SEVERAL for due, rule in several),
            about=signed,
        ),
        Section(
            "What looks like a deadline and gives no day",
            ("as written", "last permitted moment", "look at"),
            ((text, None, codes) for text, codes in deadlines.NO_DEADLINES),
            about=signed,
        ),
    )


def _meetings() -> tuple[Section, ...]:
    written = "The invitation was written and received on Thursday 19/12/2019."
    return (
        Section("Times of meetings", ("as written", "begins", "ends", "look at"), meetings.TIMES, about=written),
        Section(
            "Titles of mails about meetings",
            ("subject", "a meeting"),
            ((words, "yes" if calls else None) for words, calls in meetings.TITLES),
        ),
        Section("Places", ("as written", "place"), meetings.PLACES),
        Section("Links", ("as written", "link"), meetings.LINKS),
        Section("Who chairs", ("as written", "chair"), meetings.CHAIRS),
        Section("Who is invited", ("as written", "participants"), meetings.PARTICIPANTS),
        Section("Until when to answer", ("as written", "last moment"), meetings.ANSWERS_BY, about=written),
        Section("Changes", ("as written", "change", "replaces"), meetings.CHANGES),
        Section("Moved to", ("as written", "begins"), meetings.MOVED, about=written),
        Section("Sending somebody else", ("as written", "delegation"), meetings.DELEGATIONS),
    )


def _answers() -> tuple[Section, ...]:
    rows = ((words, intent) for intent, several in WORDS.items() for words in several)
    return (
        Section("What units and leaders answer", ("their words", "meant"), rows),
        Section("Orders", ("as written", "verb", "arguments"), orders.ORDERS),
        Section("What only begins like an order", ("as written", "verb"), ((line, None) for line in orders.NO_ORDERS)),
        Section("Who comes instead", ("their words", "deputy"), DEPUTIES),
        Section(
            "Until when more time is asked for",
            ("their words", "day"),
            ASKED_FOR,
            about="Written on Friday 06/12/2019.",
        ),
    )


def page() -> str:
    """Return the page's text as it must lie in docs/."""
    return "\n".join([HEAD, *(_table(section) for section in sections())])


def _table(section: Section) -> str:
    lines = [f"## {section.title}", ""]
    if section.about:
        lines += [section.about, ""]
    lines += [_row(section.columns), _row("---" for _ in section.columns)]
    lines += [_row(_cell(value) for value in row) for row in section.rows]
    return "\n".join([*lines, ""])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    """Return a value as Markdown shows it literally; a line break of the example stays one."""
    if isinstance(value, tuple):
        return "; ".join(map(_cell, value)) or "—"
    if value is None or value == "":
        return "—"
    text = str(value.value if isinstance(value, StrEnum) else value)
    return html.escape(text, quote=False).replace("|", "\\|").replace("*", "\\*").replace("\n", "<br>")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
