"""Four fixed ticks; everything that is due is a row, so a tick that comes late loses nothing."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mailbot.problems import MailbotError
from mailbot.service import canary
from mailbot.service.due import plan_due
from mailbot.service.status import good_cycle

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

POLL_SECONDS = 60
SEND_SECONDS = 15
DUE_SECONDS = 30
HOUSEKEEPING_SECONDS = 3600


class Clock:
    """The scheduler of the daemon: poll, send, due, housekeeping."""

    def __init__(self, ticks: dict[str, tuple[float, Callable[[], object]]]) -> None:
        # Coalesced and without a misfire limit: after a suspended machine each tick runs once, and none is dropped.
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        for name, (seconds, tick) in ticks.items():
            self._scheduler.add_job(_guarded(name, tick), "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Start ticking."""
        self._scheduler.start()

    def close(self) -> None:
        """End, after the tick that runs now."""
        self._scheduler.shutdown(wait=True)


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
    good_cycle(runtime, "due")
    return planned.mails + canaries
