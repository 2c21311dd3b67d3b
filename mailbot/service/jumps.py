"""A clock that jumps: noticed by one that nobody sets, and not believed until it has stood for a while."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

# What a time server corrects at once; smaller steps harm nothing here.
NOTICED = timedelta(seconds=30)
# A clock that runs ahead by so much would make limits pass, and remind everybody, at one stroke.
DOUBTED = timedelta(hours=1)
BELIEVED_AFTER_SECONDS = 15 * 60.0


def seconds_since_boot() -> float:
    """Return seconds that nobody can set; they go on while the machine sleeps (clock_gettime(2))."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Jumps:
    """Compares `now` with seconds that nobody sets. May be asked by several threads."""

    def __init__(self, now: Callable[[], datetime], elapsed: Callable[[], float] = seconds_since_boot) -> None:
        self._now, self._elapsed = now, elapsed
        self._lock = threading.Lock()
        self._offset = self._measured()
        self._ahead = timedelta()
        self._doubted_until: float | None = None

    def _measured(self) -> timedelta:
        return timedelta(seconds=self._now().timestamp() - self._elapsed())

    def look(self) -> timedelta:
        """Return how far the clock was moved since the last look, forward or back; zero for less than is noticed."""
        with self._lock:
            measured = self._measured()
            moved, self._offset = measured - self._offset, measured
            if abs(moved) < NOTICED:
                return timedelta()
            self._ahead += moved
            if self._ahead >= DOUBTED:
                self._doubted_until = self._elapsed() + BELIEVED_AFTER_SECONDS
            else:
                self._ahead, self._doubted_until = timedelta(), None
        log.error("clock.jumped", seconds=round(moved.total_seconds()), doubted=self._doubted_until is not None)
        return moved

    @property
    def doubted(self) -> bool:
        """Whether the clock stands far ahead of where it was a while ago: nothing is decided or reminded by it yet."""
        with self._lock:
            if self._doubted_until is not None and self._elapsed() >= self._doubted_until:
                self._ahead, self._doubted_until = timedelta(), None
            return self._doubted_until is not None
