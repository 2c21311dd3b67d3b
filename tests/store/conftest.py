"""One migrated store for each test of this room, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from mailbot.store.database import Store
from tests.store.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)]


def migrated(url: str) -> None:
    """Bring an empty database to the newest schema and let go of it."""
    Store(url).close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mailbot.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of the test's own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "mailbot.db")
        yield f"sqlite:///{tmp_path / 'mailbot.db'}"
        return
    postgres = request.getfixturevalue("postgres")
    url = postgres.create_prepared("mailbot", migrated)
    yield url
    postgres.drop(url)


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
