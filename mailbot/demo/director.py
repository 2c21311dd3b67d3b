"""Lets office time run while mail is under way and jump when all is quiet: a week of an office passes in seconds."""

from __future__ import annotations

import time
from datetime import timedelta
from smtplib import SMTPException
from typing import TYPE_CHECKING

import structlog

from mailbot.demo import tally
from mailbot.demo.papers import OFFICE
from mailbot.store import following
from mailbot.store.marks import marks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailbot.demo.agenda import Agenda
    from mailbot.demo.clock import FastClock
    from mailbot.demo.people import People
    from mailbot.demo.servers import MailServers
    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

# What happens within so short a time is one burst; it stays below the lease of a claimed mail.
BURST = timedelta(minutes=10)
LOOK_SECONDS = 0.04
# A machine that is slower than this is not waited for any longer; the story's end tells what is missing.
PATIENCE_SECONDS = 12.0


class Director:
    """Takes deeds from the agenda at their moments, and waits for the daemon in between."""

    def __init__(
        self,
        runtime: Runtime,
        clock: FastClock,
        servers: MailServers,
        people: People,
        agenda: Agenda,
        show: Callable[[], None],
    ) -> None:
        self._runtime, self._clock, self._servers = runtime, clock, servers
        self._people, self._agenda, self._show = people, agenda, show
        self._jumped_to = clock.now()

    def play(self, end: datetime, *, pause: float = 0.0) -> None:
        """Play until a moment of office time; `pause` seconds lie between bursts, so that a person can follow."""
        while True:
            self.settle()
            moment = self._next_moment(end)
            self._pause(pause)
            self._jump(moment)
            if moment >= end:
                self.settle()
                return
            self._act(moment + BURST)

    def settle(self) -> None:
        """Wait until nothing is under way between servers, daemon and people."""
        patience = time.monotonic() + PATIENCE_SECONDS
        while self._under_way():
            self._show()
            if time.monotonic() > patience:
                log.warning("demo.impatient", office_time=self._clock.now().isoformat())
                return
            time.sleep(LOOK_SECONDS)

    def _under_way(self) -> bool:
        if self._people.waiting():
            return True
        with self._runtime.store.read() as connection:
            if tally.restless(connection, self._servers.delivered[OFFICE], self._clock.now()):
                return True
            ticked = marks(connection).get("good due")
        # What falls due at a moment is planned by the tick after it.
        return ticked is None or ticked.at < self._jumped_to or self._people.waiting() > 0

    def _next_moment(self, end: datetime) -> datetime:
        """Return the next moment at which something happens: a deed, a step of a ladder, a list for the clerk."""
        office = self._runtime.in_force.site.office
        now = self._clock.now()
        with self._runtime.store.read() as connection:
            step = tally.next_step(connection)
            matters = following.open_matters(connection)
        slots = [office.working_time.next_slot(matter.opened_at, office.reminders_at) for matter in matters]
        deed = self._agenda.next_moment()
        if deed is not None and deed <= now:
            return now
        moments = [deed, step, *slots]
        return min(end, *(moment for moment in moments if moment is not None and moment > now))

    def _jump(self, moment: datetime) -> None:
        if moment > self._clock.now():
            self._clock.advance(moment)
            self._jumped_to = moment
        self._show()

    def _act(self, until: datetime) -> None:
        while (taken := self._agenda.take(until)) is not None:
            moment, deed = taken
            self._clock.advance(moment)
            try:
                deed()
            except (
                SMTPException,
                OSError,
                TimeoutError,
            ):  # the others go on; the end of the story tells what is missing
                log.exception("demo.deed_failed")
            self._show()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
            self._show()
