"""The journal: every mail of a watched folder has a row before anything is done with it, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from mailbot.store import journal
from mailbot.store.journal import Arrival
from mailbot.store.tables import TABLES, MessageState
from tests.example_office import NOW

if TYPE_CHECKING:
    from mailbot.store.database import Store

BEFORE = NOW - timedelta(days=1)


def write(store: Store, *uids: int, uidvalidity: int = 7, start: Any = None, mailbox: str = "vp", at: Any = NOW) -> int:
    arrivals = [Arrival(uid, 100, at) for uid in uids]
    with store.write() as connection:
        return journal.write_arrivals(
            connection, mailbox, "INBOX", uidvalidity, arrivals, start=start, last_uid=max(uids), now=NOW
        )


def waiting(store: Store, mailbox: str | None = None, **more: Any) -> list[int]:
    with store.read() as connection:
        return [row.uid for row in journal.waiting(connection, mailbox, **more)]


def cursor(store: Store) -> journal.Cursor | None:
    with store.read() as connection:
        return journal.cursor(connection, "vp", "INBOX")


def test_a_folder_that_was_never_seen_has_no_cursor(store: Store) -> None:
    assert cursor(store) is None


def test_rows_and_cursor_move_together(store: Store) -> None:
    assert write(store, 5, 6, 9) == 3
    found = cursor(store)
    assert found is not None
    assert (found.uidvalidity, found.last_uid, found.started_at) == (7, 9, NOW)
    assert waiting(store) == [5, 6, 9]


def test_rows_and_cursor_are_lost_together(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        journal.write_arrivals(connection, "vp", "INBOX", 7, [Arrival(5, 1, NOW)], start=None, last_uid=5, now=NOW)
        raise RuntimeError
    assert (cursor(store), waiting(store)) == (None, [])


def test_the_same_batch_again_adds_nothing(store: Store) -> None:
    assert [write(store, 5, 6), write(store, 5, 6), write(store, 6, 7)] == [2, 0, 1]
    assert waiting(store) == [5, 6, 7]


def test_an_empty_batch_still_moves_the_cursor(store: Store) -> None:
    with store.write() as connection:
        journal.write_arrivals(connection, "vp", "INBOX", 7, [], start=None, last_uid=41, now=NOW)
    found = cursor(store)
    assert found is not None
    assert found.last_uid == 41


def test_a_renumbered_folder_is_journalled_anew_under_its_new_validity(store: Store) -> None:
    write(store, 1, 2)
    assert write(store, 1, 2, uidvalidity=8) == 2
    found = cursor(store)
    assert found is not None
    assert (found.uidvalidity, found.last_uid, found.started_at) == (8, 2, NOW)


def test_mail_from_before_the_start_is_journalled_and_never_acted_on(store: Store) -> None:
    write(store, 1, 2, start=NOW, at=BEFORE)
    write(store, 3, start=NOW, at=NOW)
    write(store, 4, start=NOW, at=None)  # a server that tells no date: better acted on than lost
    assert waiting(store) == [3, 4]
    with store.read() as connection:
        assert journal.counts(connection) == {"before_start": 2, "new": 2}


def test_the_database_refuses_a_twin(store: Store) -> None:
    row = {"mailbox": "vp", "folder": "INBOX", "uidvalidity": 7, "uid": 5, "size": 1, "attempts": 0}
    write(store, 5)
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(TABLES["message"].insert().values(**row, journalled_at=NOW, state=MessageState.NEW))


def test_waiting_is_by_mailbox_in_order_and_in_pages(store: Store) -> None:
    write(store, 3, 1, 2)
    write(store, 9, mailbox="other")
    assert waiting(store, "vp") == [3, 1, 2]
    assert waiting(store, "other") == [9]
    assert waiting(store, limit=2) == [3, 1]
    assert waiting(store, after=2) == [2, 9]


def test_attempts_are_counted_before_a_mail_is_read(store: Store) -> None:
    write(store, 5)
    for _ in range(2):
        with store.write() as connection:
            journal.count_attempt(connection, 1)
    with store.read() as connection:
        assert [row.attempts for row in journal.waiting(connection)] == [2]


def test_what_vanished_from_the_server_ends_as_gone(store: Store) -> None:
    write(store, 5, 6)
    with store.write() as connection:
        journal.mark_gone(connection, [1], NOW)
        journal.mark_gone(connection, [], NOW)
    assert waiting(store) == [6]
    with store.read() as connection:
        assert journal.counts(connection) == {"gone": 1, "new": 1}


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="time zone"):
        write(store, 5, at=NOW.replace(tzinfo=None))
