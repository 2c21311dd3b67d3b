"""Statements that are compiled once and then run for many rows: for what comes in dozens with every mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class _Compiled:
    """SQL text of one database, its parameters in order with their conversions, and the constants among them."""

    sql: str
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    constants: Mapping[str, Any]
    positional: bool


class Prepared:
    """A statement that writes, whose SQL text and value conversions are kept for each database.

    SQLAlchemy looks a statement up and prepares its parameters anew at every execution; for a dozen rows of twenty
    columns that costs more than SQLite takes to write them. Here the same compiled text runs through `exec_driver_sql`,
    and each value goes through the conversion that its column's type gives.
    """

    def __init__(self, statement: sa.Update | sa.Insert | sa.TextClause, columns: Sequence[str] | None = None) -> None:
        """Take an update or a text with its own binds, or an insert with the columns that its rows fill."""
        self._statement = statement
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, _Compiled] = {}

    def many(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run the statement for every row and return how many rows of the table it touched."""
        if not rows:
            return 0
        found = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        values = [self._values(found, row) for row in rows]
        return int(connection.exec_driver_sql(found.sql, values).rowcount)

    def scalar(self, connection: sa.Connection, row: Mapping[str, Any]) -> Any:
        """Run the statement for one row and return the first value that it gives back."""
        found = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        return connection.exec_driver_sql(found.sql, self._values(found, row)).scalar()

    def _values(self, found: _Compiled, row: Mapping[str, Any]) -> Any:
        filled = {**found.constants, **row} if found.constants else row
        if found.positional:
            return tuple([convert(filled[name]) if convert else filled[name] for name, convert in found.parameters])
        return {name: convert(filled[name]) if convert else filled[name] for name, convert in found.parameters}

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = compiled.positiontup if compiled.positional else list(compiled.params)
        made = _Compiled(
            str(compiled),
            tuple((name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names),
            {name: value for name, value in compiled.params.items() if value is not None},
            bool(compiled.positional),
        )
        self._compiled[dialect.name] = made
        return made


def insert(table: sa.Table, columns: Sequence[str]) -> Prepared:
    """Return an insert of rows that fill these columns."""
    # Inline: without it PostgreSQL's dialect asks each row back for its key.
    return Prepared(sa.insert(table).inline(), columns)


def insert_one(table: sa.Table, columns: Sequence[str]) -> Prepared:
    """Return an insert of one row that fills these columns; its scalar is the new row's id."""
    return Prepared(sa.insert(table).returning(table.c.id), columns)


class InsertNew:
    """An insert that passes over rows whose key is there already; both databases can say so, each in its dialect."""

    def __init__(self, table: sa.Table, columns: Sequence[str], keys: Sequence[str]) -> None:
        """Take the table, the columns that its rows fill, and the columns of the unique key."""
        self._by_dialect = {
            "sqlite": Prepared(sqlite.insert(table).inline().on_conflict_do_nothing(index_elements=keys), columns),
            "postgresql": Prepared(
                postgresql.insert(table).inline().on_conflict_do_nothing(index_elements=keys), columns
            ),
        }

    def many(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert the rows that are new and return how many they were."""
        return self._by_dialect[connection.dialect.name].many(connection, rows)
