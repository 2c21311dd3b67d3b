"""The example office on the disk with a ledger that a test fills at its desk, for the commands to look at."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mailbot.store.database import Store
from tests.example_office import write_example
from tests.store.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def filled(folder: Path) -> Iterator[tuple[Path, Desk]]:
    """Write the office below `folder` and yield it with its desk; the ledger is closed at the end."""
    site = write_example(folder)
    (site / "var").mkdir(exist_ok=True)
    store = Store(f"sqlite:///{site / 'var' / 'mailbot.db'}")
    yield site, Desk(store)
    store.close()
