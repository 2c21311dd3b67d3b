"""The index of words: SQLite's FTS5 and PostgreSQL's tsvector over the same folded words, and what is found in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.finding import Filters, Findable, findable_paper
from mailbot.store.prepared import Prepared, insert_one
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from mailbot.routing.finding import Query

ENTRY, DOCUMENT, DELIVERY = (TABLES[name] for name in ("search_entry", "document", "delivery"))
# The tables of the index, which no model describes: SQLite keeps a virtual table in five of its own.
INDEXES = ("search_head", "search_words")
OWN_TABLES = frozenset(
    {*INDEXES, *(f"{name}_{part}" for name in INDEXES for part in ("config", "content", "data", "docsize", "idx"))}
)
# The words lie in the index alone: no second copy of every paper, and the words of head and text each in their own
# index, since a word of many texts may stand in few heads.
CREATE = {
    "sqlite": tuple(
        f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='', columnsize=0, tokenize='ascii')" for name in INDEXES
    ),
    "postgresql": tuple(
        statement
        for name in INDEXES
        for statement in (
            f"CREATE TABLE {name} (rowid INTEGER PRIMARY KEY REFERENCES search_entry (id), words TSVECTOR NOT NULL)",
            f"CREATE INDEX ix_{name}_words ON {name} USING gin (words)",
        )
    ),
}
DROP = tuple(f"DROP TABLE {name}" for name in INDEXES)
_PUT = {
    "sqlite": "INSERT INTO {index} (rowid, words) VALUES (:entry, :words)",
    "postgresql": "INSERT INTO {index} (rowid, words) VALUES (:entry, to_tsvector('simple', :words))",
}
_PUTS = {
    (dialect, index): Prepared(sa.text(statement.format(index=index)))
    for dialect, statement in _PUT.items()
    for index in INDEXES
}
_NEW = insert_one(ENTRY, ("document_ref", "delivery_ref", "recorded_at", "numbers_only"))

# Whoever looks for something reads the first page; behind so many papers the count says "more".
MOST_COUNTED = 100
# Where filters leave little of a common word, so many of the newest entries that have it are looked at.
MOST_LOOKED_AT = 5_000


@dataclass(frozen=True)
class Hit:
    """One paper that was found, and where: by `number`, in its `summary` (or issuer), its `text`, or an `answer`."""

    document: int
    where: str
    delivery: int | None = None
    numbers_only: bool = False


@dataclass(frozen=True)
class Hits:
    """The papers of a search, best first, how many more there are, and whether there may be others still."""

    shown: tuple[Hit, ...] = ()
    more: int = 0
    uncounted: bool = False


# --- writing ----------------------------------------------------------------------------------------------------------


def add(connection: sa.Connection, document: int, found: Findable, recorded_at: datetime) -> None:
    """Put what a paper or an answer to it is found by into the index, in the caller's transaction."""
    if not found.words:
        return
    row = {
        "document_ref": document,
        "delivery_ref": found.delivery,
        "recorded_at": recorded_at,
        "numbers_only": found.numbers_only,
    }
    entry = _NEW.scalar(connection, row)
    dialect = connection.dialect.name
    if found.head:
        _PUTS[dialect, "search_head"].many(connection, [{"entry": entry, "words": found.head}])
    _PUTS[dialect, "search_words"].many(connection, [{"entry": entry, "words": found.words}])


def add_answer(connection: sa.Connection, found: Findable, recorded_at: datetime) -> None:
    """Put an answer into the index, under the paper of its delivery."""
    query = sa.select(DELIVERY.c.document_ref).where(DELIVERY.c.id == found.delivery)
    document = connection.execute(query).scalar()
    if document is not None:
        add(connection, document, found, recorded_at)


def amend(
    connection: sa.Connection, document: int, number: str | None, summary: str | None, recorded_at: datetime
) -> None:
    """Let a paper also be found by the number and summary that its sender has mended."""
    hidden = connection.execute(
        sa.select(ENTRY.c.id).where(ENTRY.c.document_ref == document, ENTRY.c.numbers_only.is_(True)).limit(1)
    ).first()
    if number or summary:
        add(connection, document, findable_paper(number, summary, None, numbers_only=hidden is not None), recorded_at)


def succeed(connection: sa.Connection, document: int, following: int) -> None:
    """Let the task of a new period be found where the one before it was: the paper is the same."""
    connection.execute(sa.update(ENTRY).where(ENTRY.c.document_ref == document).values(document_ref=following))


# --- looking ----------------------------------------------------------------------------------------------------------


def find(connection: sa.Connection, query: Query, zone: ZoneInfo, *, limit: int = 10) -> Hits:
    """Return the papers that a query means: by number first, then by head, then by text; the newest first of each.

    Every step reads the newest entries that have the words and stops when it has enough: nothing is counted or sorted
    that nobody reads, so that a word of a million papers costs what a rare one does.
    """
    if not query.terms:
        return Hits()
    bounds = _bounds(connection, query.filters, zone)
    found: dict[int, Hit] = {}
    uncounted = False
    for where, index, phrases in _steps(query):
        rows, cut = _look(connection, index, phrases, query.filters, bounds)
        uncounted = uncounted or cut
        for row in rows:
            place = "answer" if row.delivery_ref is not None and where == "text" else where
            hidden = bool(row.numbers_only)
            found.setdefault(row.document_ref, Hit(row.document_ref, place, row.delivery_ref, hidden))
        if len(found) >= MOST_COUNTED:
            break
    shown = tuple(found.values())[:limit]
    return Hits(shown, len(found) - len(shown), uncounted or len(found) >= MOST_COUNTED)


def numbered(connection: sa.Connection, query: Query) -> list[int]:
    """Return the papers that bear the number that a query is, the newest first; none for other words."""
    if not query.marks or query.others:
        return []
    rows, _ = _look(connection, "search_words", query.marks, Filters(), (None, None))
    return sorted({row.document_ref for row in rows}, reverse=True)


def _steps(query: Query) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (where, index, words) in the order of rank."""
    by_number = [("number", "search_words", (*query.marks, *query.others))] if query.marks else []
    return [*by_number, ("summary", "search_head", query.terms), ("text", "search_words", query.terms)]


def _look(
    connection: sa.Connection,
    index: str,
    phrases: Sequence[str],
    filters: Filters,
    bounds: tuple[int | None, int | None],
) -> tuple[Sequence[Any], bool]:
    """Return the newest entries with all the words that pass the filters, and whether some were not looked at."""
    sqlite = connection.dialect.name == "sqlite"
    words = sa.table(index, sa.column("rowid", sa.Integer), sa.column("words"))
    narrow = _conditions(filters)
    most = MOST_LOOKED_AT if narrow else MOST_COUNTED
    # FTS5 takes the phrases as one expression by the table's own name; tsquery values are joined by &&.
    wanted = sa.text(f"{index} MATCH :wanted") if sqlite else sa.text(f"{index}.words @@ ({_tsquery(phrases)})")
    values = (
        {"wanted": " ".join(f'"{phrase}"' for phrase in phrases)}
        if sqlite
        else {f"p{at}": phrase for at, phrase in enumerate(phrases)}
    )
    lowest, highest = bounds
    inner = sa.select(words.c.rowid).where(wanted.bindparams(**values))
    if lowest is not None:
        inner = inner.where(words.c.rowid >= lowest)
    if highest is not None:
        inner = inner.where(words.c.rowid <= highest)
    newest = inner.order_by(words.c.rowid.desc()).limit(most).subquery("newest")
    # Those that the filters leave out are told apart here, so that it is known how many were looked at.
    fits = sa.and_(*narrow) if narrow else sa.true()
    statement = (
        sa.select(ENTRY.c.document_ref, ENTRY.c.delivery_ref, ENTRY.c.numbers_only, fits.label("fits"))
        .join(newest, newest.c.rowid == ENTRY.c.id)
        .join(DOCUMENT, DOCUMENT.c.id == ENTRY.c.document_ref)
        .order_by(ENTRY.c.id.desc())
    )
    rows = connection.execute(statement).all()
    return [row for row in rows if row.fits][:MOST_COUNTED], len(rows) >= most


def _tsquery(phrases: Sequence[str]) -> str:
    return " && ".join(f"phraseto_tsquery('simple', :p{at})" for at in range(len(phrases)))


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Return what the paper itself must be."""
    same = {"book": filters.book, "direction": filters.direction, "kind": filters.kind, "type": filters.type}
    conditions = [DOCUMENT.c[name] == value for name, value in same.items() if value is not None]
    if filters.unit is not None:
        got_it = sa.exists().where(DELIVERY.c.document_ref == DOCUMENT.c.id, DELIVERY.c.unit == filters.unit)
        from_it = sa.or_(
            DOCUMENT.c.issuer_unit == filters.unit,
            DOCUMENT.c.issuer_unit.startswith(f"{filters.unit}/", autoescape=True),
        )
        conditions.append(sa.or_(from_it, got_it))
    return conditions


def _bounds(connection: sa.Connection, filters: Filters, zone: ZoneInfo) -> tuple[int | None, int | None]:
    """Return the first and last entry of the days asked for: entries are numbered as they were recorded."""
    lowest = highest = None
    if filters.since is not None:
        after = sa.select(ENTRY.c.id).where(ENTRY.c.recorded_at >= _midnight(filters.since, zone))
        lowest = connection.execute(after.order_by(ENTRY.c.recorded_at, ENTRY.c.id).limit(1)).scalar()
        lowest = _NONE_LATER if lowest is None else lowest
    if filters.until is not None:
        before = sa.select(ENTRY.c.id).where(ENTRY.c.recorded_at < _midnight(filters.until + timedelta(days=1), zone))
        newest = before.order_by(ENTRY.c.recorded_at.desc(), ENTRY.c.id.desc()).limit(1)
        highest = connection.execute(newest).scalar() or 0
    return lowest, highest


_NONE_LATER = 2**31 - 1


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
