"""Four fixed ticks; everything that is due is a row, so a tick that comes late loses nothing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mailbot.problems import MailbotError
from mailbot.service import canary
from mailbot.service.due import plan_due
from mailbot.service.status import DUE, good_cycle

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

POLL_SECONDS = 60
SEND_SECONDS = 15
DUE_SECONDS = 30
HOUSEKEEPING_SECONDS = 3600
JUMPS_SECONDS = 5.0


class Clock:
    """The scheduler of the daemon: poll, send, due, housekeeping.

    `moved` tells how far the wall clock was moved since it was last asked. The scheduler keeps the hours of its next
    ticks by that clock: set back by an hour, none would come for an hour.
    """

    def __init__(
        self, ticks: dict[str, tuple[float, Callable[[], object]]], moved: Callable[[], timedelta] = timedelta
    ) -> None:
        self._moved = moved
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._watch_jumps, name="clock", daemon=True)
        # Coalesced and without a misfire limit: after a suspended machine each tick runs once, and none is dropped.
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        for name, (seconds, tick) in ticks.items():
            self._scheduler.add_job(_guarded(name, tick), "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Start ticking."""
        self._scheduler.start()
        self._watch.start()

    def close(self) -> None:
        """End, after the tick that runs now."""
        self._closed.set()
        if self._watch.is_alive():
            self._watch.join()
        self._scheduler.shutdown(wait=True)

    def _watch_jumps(self) -> None:
        look = _guarded("jumps", self.look)
        while not self._closed.wait(JUMPS_SECONDS):
            look()

    def look(self) -> None:
        """Let every tick come now if the wall clock was set back."""
        if self._moved() < timedelta():
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))


def _guarded(name: str, tick: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            tick()
        except MailbotError as error:
            log.warning("tick.trouble", tick=name, why=error.text.en)
        except Exception:  # a tick that fails is told and comes again; the other ticks go on
            log.exception("tick.bug", tick=name)

    return run


def tick_due(runtime: Runtime) -> int:
    """Turn due rows that are still needed into outbox rows, in one transaction; return how many mails that made."""
    canaries = canary.look(runtime)
    with runtime.store.write() as connection:
        planned = plan_due(connection, runtime.in_force.site, runtime.envelope(), runtime.now())
    if planned.mails:
        log.info("due.planned", mails=planned.mails, reminders=planned.reminders)
    good_cycle(runtime, DUE)
    return planned.mails + canaries
