"""The bench of searching finds what it looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import searching
from mailbot.routing.finding import query_of
from mailbot.store.database import Store
from mailbot.store.lookups import look_up

if TYPE_CHECKING:
    from pathlib import Path


def test_most_searches_find_something(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    searching.fill(store, 2_000)
    with store.read() as connection:
        common = look_up(connection, query_of("cải cách hành chính"), searching.HANOI)
        found = [look_up(connection, query, searching.HANOI) for query in searching.queries(2_000, 50)]
    store.close()
    assert sum(bool(each.papers) for each in found) > 30
    assert any(each.more for each in found)
    # More papers have the words in their summaries than one search looks at: the newest of them are told.
    numbers = [paper.id for paper in common.papers]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 1_900
    assert common.uncounted
