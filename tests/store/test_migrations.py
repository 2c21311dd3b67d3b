"""The schema: what migrations make is what the tables say, up and down, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from mailbot.problems import MailbotError
from mailbot.store import database as opening
from mailbot.store.database import Store, StoreError
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fresh(empty_database: str) -> Iterator[Store]:
    store = Store(empty_database)
    yield store
    store.close()


def config(connection: sa.Connection) -> Config:
    found = Config()
    found.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))
    found.attributes["connection"] = connection
    return found


def test_migrations_from_empty_make_what_the_tables_say(fresh: Store) -> None:
    with fresh.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_downgrade_to_nothing_and_up_again(fresh: Store) -> None:
    with fresh.engine.connect() as connection:
        command.downgrade(config(connection), "base")
    assert sa.inspect(fresh.engine).get_table_names() == ["alembic_version"]
    fresh.migrate()
    assert set(TABLES) <= set(sa.inspect(fresh.engine).get_table_names())


def test_opening_again_changes_nothing(fresh: Store, empty_database: str) -> None:
    with fresh.write() as connection:
        connection.execute(sa.insert(TABLES["register_counter"]).values(book="b", period="p", series="", next=7))
    again = Store(empty_database)
    with again.read() as connection:
        assert connection.execute(sa.select(TABLES["register_counter"].c.next)).scalar() == 7
    again.close()


def test_a_state_that_no_table_knows_is_refused_by_the_database(store: Store) -> None:
    columns = "(mailbox, folder, uidvalidity, uid, size, journalled_at, state, attempts)"
    values = "('v', 'INBOX', 1, 1, 1, '2026-10-06 01:10:00+00', 'lost', 0)"
    with pytest.raises(sa.exc.IntegrityError), store.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO message {columns} VALUES {values}")


def test_a_row_that_points_nowhere_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises(sa.exc.IntegrityError), store.write() as connection:
        connection.execute(sa.insert(TABLES["outbox_delivery"]).values(outbox_ref=12345, delivery_ref=67890, item=1))


def test_sqlite_is_set_so_that_a_power_cut_loses_nothing(migrated_sqlite: Path, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new' / 'mailbot.db'}")
    with store.read() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS}
    store.close()
    assert asked == SETTINGS


SETTINGS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


def test_a_database_that_cannot_be_opened_says_which_and_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StoreError) as told:
        Store(f"sqlite:///{blocked}/mailbot.db")
    assert "mailbot.db" in told.value.text.vi
    assert isinstance(told.value, MailbotError)
    assert told.value.mend is not None


def test_a_password_is_never_told() -> None:
    with pytest.raises(StoreError) as told:
        Store("postgresql+psycopg://mailbot:bi-mat@127.0.0.1:1/mailbot")
    assert "bi-mat" not in f"{told.value.text.vi} {told.value.text.en}"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "mailbot.db").write_bytes(b"this is a text, however long it may be " * 40)
    with pytest.raises(StoreError) as told:
        Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    assert "mailbot.db" in told.value.text.vi


def test_a_database_of_a_newer_mailbot_is_not_touched(store: Store, database: str) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(StoreError, match="newer"):
            Store(database)
    finally:
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
