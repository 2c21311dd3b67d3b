"""One consistent copy of the whole database while the daemon goes on writing, and its way back into an empty one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.problems import Text
from mailbot.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SQLITE, POSTGRESQL = "mailbot.db", "mailbot.pgdump"


def name_for(url: str) -> str:
    """Return the name of a snapshot of such a database, which tells of what kind it is."""
    return SQLITE if sa.make_url(url).get_backend_name() == "sqlite" else POSTGRESQL


def take(url: str, target: Path) -> None:
    """Write a snapshot: SQLite's online backup, or PostgreSQL's pg_dump, each one moment of the database.

    Raises:
        StoreError: the database cannot be read, or the disk is full.
    """
    database = sa.make_url(url)
    if database.get_backend_name() != "sqlite":
        _run(database, ["pg_dump", "--format=custom", "--no-owner", f"--file={target}"])
        return
    try:
        with closing(sqlite3.connect(database.database or "")) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise _failed(str(error)) from error


def put_back(url: str, source: Path) -> None:
    """Fill an empty database from a snapshot.

    Raises:
        StoreError: there is something in it already, or it is of the other kind.
    """
    database = sa.make_url(url)
    if source.name != name_for(url):
        raise StoreError(
            Text(
                vi=f"Bản sao lưu là {source.name}, không khớp database: trong mailbot.yaml",
                en=f"The backup holds {source.name}, which is not the kind of database that mailbot.yaml names",
            )
        )
    if database.get_backend_name() != "sqlite":
        _run(
            database, ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname=", str(source)]
        )
        return
    target = database.database or ""
    if os.path.exists(target):  # noqa: PTH110 - the path comes from a URL
        raise StoreError(
            Text(vi=f"{target} đã có, không ghi đè", en=f"{target} exists already and is not overwritten"),
        )
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
    shutil.copyfile(source, target)
    os.chmod(target, 0o600)  # noqa: PTH101


def _run(database: sa.URL, command: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which `ps` does not show."""
    plain = database.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": database.password} if database.password else {})}
    words = [word.replace("--dbname=", f"--dbname={plain}") for word in command]
    words += [] if any(word.startswith("--dbname=") for word in words) else [f"--dbname={plain}"]
    try:
        run = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise _failed(f"{command[0]}: {error.strerror}") from error
    if run.returncode:
        raise _failed(run.stderr.strip()[-500:])


def _failed(why: str) -> StoreError:
    return StoreError(
        Text(vi=f"Không sao chép được cơ sở dữ liệu: {why}", en=f"The database could not be copied: {why}"),
        mend=Text(
            vi="Kiểm tra dung lượng đĩa; với PostgreSQL cần chương trình pg_dump và pg_restore (postgresql-client).",
            en="Check free disk space; PostgreSQL needs the programs pg_dump and pg_restore (postgresql-client).",
        ),
    )
