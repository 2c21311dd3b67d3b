"""One migrated store for each test of this room, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailbot.store.database import Store
from mailbot.store.tables import TABLES
from tests.store.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.postgres import Postgres

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)]


def migrated(url: str) -> None:
    """Bring an empty database to the newest schema and let go of it."""
    Store(url).close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mailbot.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def emptied(postgres: Postgres) -> Iterator[Callable[[], str]]:
    """A function that empties one migrated database and returns its URL: far quicker than a new one for each test."""
    url = postgres.create()
    migrated(url)
    engine = sa.create_engine(url)
    names = ", ".join(TABLES)

    def empty() -> str:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        return url

    yield empty
    engine.dispose()
    postgres.drop(url)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without a row."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("emptied")())
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "mailbot.db")
    return f"sqlite:///{tmp_path / 'mailbot.db'}"


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'mailbot.db'}"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store(database, migrate=False)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)
