"""The page of what is understood says what the tests' tables say, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tables import deadlines, marks, meetings, numbers
from tools import understood

if TYPE_CHECKING:
    import types


def test_the_page_is_what_the_tables_say() -> None:
    written = understood.PAGE.read_text("utf-8")
    assert written == understood.page(), "stale: run `python -m tools.understood`"


@pytest.mark.parametrize("table", [deadlines, marks, meetings, numbers], ids=lambda module: module.__name__)
def test_every_example_of_every_table_is_on_the_page(table: types.ModuleType) -> None:
    rows = [row for name, several in vars(table).items() if name.isupper() for row in several]
    lines = understood.page().splitlines()
    missing = [row for row in rows if not any(_first(row) in line for line in lines)]
    assert not missing


def test_an_example_shows_as_it_is_written() -> None:
    section = understood.Section("T", ("a", "b"), [("x | <y>\n*z*", None), ("ok", ("one", "two"))])
    assert understood._table(section).splitlines()[-2:] == [
        "| x \\| &lt;y&gt;<br>\\*z\\* | — |",
        "| ok | one; two |",
    ]


def _first(row: object) -> str:
    """The example of a row; tables of mere examples hold texts, and constants of codes are no rows."""
    return understood._cell(row[0] if isinstance(row, tuple) else row)
