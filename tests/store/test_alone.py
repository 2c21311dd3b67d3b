"""One daemon a database: the second is refused, and the lock of one that is gone is free."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from mailbot.store import database
from mailbot.store.database import Store
from mailbot.store.errors import StoreError

pytestmark = pytest.mark.servers


@pytest.fixture
def url(postgres_url: str) -> str:
    Store(postgres_url).close()
    return postgres_url


def test_the_second_daemon_on_one_database_is_refused_with_what_to_do(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database._HELD_LOCK, "lock_timeout", "100ms")
    first, second = Store(url), Store(url)
    with first.alone():
        with pytest.raises(StoreError) as refused, second.alone():
            pytest.fail("two daemons work with one database")
        assert refused.value.exit_code == 75
        assert "already running" in refused.value.text.en
        assert refused.value.mend is not None
        with second.write() as connection:
            connection.execute(sa.text("SELECT 1"))  # who looks, or repairs, is not kept out
    with second.alone():
        pass
    first.close()
    second.close()


def test_who_starts_while_the_other_ends_waits_for_it(url: str) -> None:
    first, second = Store(url), Store(url)
    ended, entered = threading.Event(), threading.Event()

    def run() -> None:
        with second.alone():
            assert ended.is_set()
            entered.set()

    with first.alone():
        thread = threading.Thread(target=run)
        thread.start()
        with first.read() as connection:
            waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not connection.execute(waiting).scalar():
                connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
        ended.set()
    thread.join(30)
    assert entered.is_set()
    first.close()
    second.close()


def test_a_server_that_is_restarted_ends_no_daemon(url: str) -> None:
    store, other = Store(url), Store(url)
    with store.alone(), other.write() as connection:
        mine = sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock")
        connection.execute(mine, {"lock": database.DAEMON_LOCK})
    store.close()
    other.close()
