"""The bench of searching finds what it looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import searching
from mailbot.store.database import Store
from mailbot.store.lookups import look_up

if TYPE_CHECKING:
    from pathlib import Path


def test_most_searches_find_something(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    searching.fill(store, 600)
    with store.read() as connection:
        found = [look_up(connection, query, searching.HANOI) for query in searching.queries(600, 50)]
    store.close()
    assert sum(bool(each.papers) for each in found) > 30
    assert any(each.more for each in found)
