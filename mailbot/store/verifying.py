"""Whether a site's memory is whole: the chain of events, what rows point at, each archived file by its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store import events, retention
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from mailbot.store.archive import Archive

MESSAGE, DOCUMENT, OUTBOX = TABLES["message"], TABLES["document"], TABLES["outbox"]
NAMED = 20


@dataclass(frozen=True)
class Verified:
    """How much was looked at, and what is not whole (at most `NAMED` of a kind)."""

    events: int
    files: int
    tombstones: int
    broken_events: tuple[int, ...]
    dangling_rows: tuple[str, ...]
    lost_files: tuple[str, ...]
    changed_files: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is amiss."""
        return not (self.broken_events or self.dangling_rows or self.lost_files or self.changed_files)


def verify(connection: sa.Connection, archive: Archive) -> Verified:
    """Look at everything once; it reads the whole archive."""
    count, broken = 0, []
    for number, _, follows in events.links(connection):
        count += 1
        if not follows:
            broken.append(number)
    lost, changed, files = [], [], 0
    buried = retention.buried(connection)
    for digest, needed in _archived(connection).items():
        path = archive.path(digest)
        if not path.is_file():
            # What was encoded for many copies is made again from the mail itself; that mail must be there.
            lost += [digest] if needed and digest not in buried else []
            continue
        files += 1
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                changed.append(digest)
    return Verified(
        count,
        files,
        len(buried),
        tuple(broken[:NAMED]),
        tuple(_dangling(connection)[:NAMED]),
        tuple(lost[:NAMED]),
        tuple(changed[:NAMED]),
    )


def _archived(connection: sa.Connection) -> dict[str, bool]:
    """Every file that a row names, and whether it cannot be made again."""
    found: dict[str, bool] = {}
    named = (DOCUMENT.c.shared_hash, False), (OUTBOX.c.shared_hash, False), (DOCUMENT.c.archive_hash, True)
    for column, needed in (*named, (MESSAGE.c.archive_hash, True)):
        for digest in connection.execute(sa.select(column).where(column.is_not(None)).distinct()).scalars():
            found[digest] = needed or found.get(digest, False)
    return found


def _dangling(connection: sa.Connection) -> list[str]:
    """Rows that point at nothing; PostgreSQL never has any, SQLite could have been written by other hands."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [f"{table} {row} -> {parent}" for table, row, parent, _ in rows]
