"""The demo's fast clock: office time runs ahead of real time and jumps over the hours in which nothing happens."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class FastClock:
    """A monotone function from real seconds to office time; `now` is given to the daemon in place of the real clock."""

    def __init__(self, start: datetime, rate: float) -> None:
        self._lock = threading.Lock()
        self._rate = rate
        self._office = start.astimezone(UTC)
        self._real = time.monotonic()

    def now(self) -> datetime:
        """Return the office's present moment (UTC)."""
        with self._lock:
            return self._at(time.monotonic())

    def advance(self, moment: datetime) -> None:
        """Jump forward to a moment; one that lies behind is passed already and changes nothing."""
        with self._lock:
            real = time.monotonic()
            self._office, self._real = max(self._at(real), moment.astimezone(UTC)), real

    def run_at(self, rate: float) -> None:
        """Go on from here with so many office seconds a real second."""
        with self._lock:
            real = time.monotonic()
            self._office, self._real, self._rate = self._at(real), real, rate

    def _at(self, real: float) -> datetime:
        return self._office + timedelta(seconds=(real - self._real) * self._rate)
