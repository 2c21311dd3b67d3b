"""What is to happen at which office time; filled by people and servers from their threads, emptied by the director."""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Agenda:
    """A heap of deeds in the order of their moments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deeds: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def add(self, moment: datetime, deed: Callable[[], None]) -> None:
        """Put a deed down for a moment."""
        with self._lock:
            heapq.heappush(self._deeds, (moment, next(self._order), deed))

    def next_moment(self) -> datetime | None:
        """Return when the next deed is due, or None when nothing stands here."""
        with self._lock:
            return self._deeds[0][0] if self._deeds else None

    def take(self, until: datetime) -> tuple[datetime, Callable[[], None]] | None:
        """Take out the next deed that is due until a moment, with its own moment."""
        with self._lock:
            if not self._deeds or self._deeds[0][0] > until:
                return None
            moment, _, deed = heapq.heappop(self._deeds)
            return moment, deed
