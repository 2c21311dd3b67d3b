"""Four fixed ticks; everything that is due is a row, so a tick that comes late loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mailbot.problems import MailbotError
from mailbot.routing.plans import Purpose
from mailbot.service.status import good_cycle
from mailbot.store import following
from mailbot.store.ledger import hold
from mailbot.store.mailing import write_mails
from mailbot.store.tables import ReminderState
from mailbot.tracking.reminding import list_for, plan_round

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from mailbot.service.runtime import Runtime
    from mailbot.store.following import OpenMatter

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
    now = runtime.now()
    site = runtime.in_force.site
    with runtime.store.write() as connection:
        due = following.due_reminders(connection, now)
        today = site.office.working_time.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        addresses = [item.addresses[0] for item in due if item.addresses]
        reminded = frozenset(following.reminded_since(connection, addresses, today)) if addresses else frozenset()
        round_ = plan_round(due, site, now, reminded)
        written = write_mails(connection, round_.mails, runtime.envelope(), now)
        following.mark(connection, round_.sent, ReminderState.SENT)
        following.mark(connection, round_.needless, ReminderState.CANCELLED)
        if round_.until is not None:
            following.postpone(connection, round_.postponed, round_.until)
        hold(connection, round_.held, now)
        written += _lists(runtime, connection, now)
    if written:
        log.info("due.planned", mails=written, reminders=len(round_.sent))
    good_cycle(runtime, "due")
    return written


def _lists(runtime: Runtime, connection: sa.Connection, now: datetime) -> int:
    """Put open matters before the clerk and the admin: one numbered list a slot each."""
    site = runtime.in_force.site
    mailbox = next(iter(site.mailboxes))
    written = 0
    matters = following.open_matters(connection)
    for audience, target, purpose in (
        ("clerk", site.officers.clerk, Purpose.CLERK_LIST),
        ("admin", site.officers.admin, Purpose.ADMIN_NOTICE),
    ):
        mine = [matter for matter in matters if matter.audience == audience]
        if not mine or not _slot_reached(runtime, mine, now):
            continue
        people = site.directory.addresses(target)
        if not people:
            continue
        name, address = people[0]
        mail = list_for([(matter.id, matter.text) for matter in mine], name, address, mailbox, purpose, site, now)
        written += write_mails(connection, [mail], runtime.envelope(), now)
        following.told(connection, [matter.id for matter in mine])
    return written


def _slot_reached(runtime: Runtime, matters: list[OpenMatter], now: datetime) -> bool:
    office = runtime.in_force.site.office
    return any(office.working_time.next_slot(matter.opened_at, office.reminders_at) <= now for matter in matters)
