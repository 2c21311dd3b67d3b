"""What commands share that list things: the ledger opened, rows printed as a table for people or as JSON."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailbot.cli.site_commands import say
from mailbot.problems import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from mailbot.routing.model import Site

EX_NOINPUT = 66


@contextmanager
def ledger(folder: Path, *, write: bool = False) -> Iterator[tuple[sa.Connection, Site]]:
    """Open the ledger of a site for reading (or for one change), with the site itself."""
    from mailbot.site import load
    from mailbot.store.database import Store

    loaded = load(folder.absolute())
    store = Store(loaded.settings.database)
    try:
        with store.write() if write else store.read() as connection:
            yield connection, loaded.site
    finally:
        store.close()


def print_json(rows: Any) -> None:
    """Print values as JSON."""
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def print_table(title: Text | str, columns: Sequence[Text], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their heading in the language of the locale; a cell may be a text in both."""
    table = Table(title=_cell(title), title_justify="left")
    for column in columns:
        table.add_column(_cell(column))
    for row in rows:
        table.add_row(*map(_cell, row))
    Console(highlight=False).print(table)


def _cell(value: object) -> str:
    if isinstance(value, Text):
        value = say(value)
    return escape("" if value is None else str(value))


def titles(*names: str) -> tuple[Text, ...]:
    """Return headings written as `Việt | English`; one that is the same in both is written once."""
    return tuple(Text(name.partition(" | ")[0], name.rpartition(" | ")[2]) for name in names)
