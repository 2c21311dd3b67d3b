"""What is due at one moment becomes mails, in the caller's transaction: reminders, escalations, lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.routing.plans import Purpose
from mailbot.store import following
from mailbot.store.ledger import hold
from mailbot.store.mailing import write_mails
from mailbot.store.tables import ReminderState
from mailbot.tracking.reminding import Matter, list_for, plan_round

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from mailbot.routing.model import Site
    from mailbot.store.following import OpenMatter
    from mailbot.store.mailing import Envelope


@dataclass(frozen=True)
class Planned:
    """How much one look at what is due made: new mails, and reminders that need not be looked at again."""

    mails: int = 0
    reminders: int = 0


def plan_due(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> Planned:
    """Turn due rows that are still needed into outbox rows."""
    due = following.due_reminders(connection, now)
    today = site.office.working_time.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    addresses = [item.addresses[0] for item in due if item.addresses]
    reminded = frozenset(following.reminded_since(connection, addresses, today)) if addresses else frozenset()
    round_ = plan_round(due, site, now, reminded)
    written = write_mails(connection, round_.mails, envelope, now)
    following.mark(connection, round_.sent, ReminderState.SENT)
    following.mark(connection, round_.needless, ReminderState.CANCELLED)
    if round_.until is not None:
        following.postpone(connection, round_.postponed, round_.until)
    hold(connection, round_.held, now)
    return Planned(written + _lists(connection, site, envelope, now), len(round_.sent))


def _lists(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> int:
    """Put open matters before the clerk and the admin: one numbered list a slot each."""
    mailbox = next(iter(site.mailboxes))
    written = 0
    matters = following.open_matters(connection)
    for audience, target, purpose in (
        ("clerk", site.officers.clerk, Purpose.CLERK_LIST),
        ("admin", site.officers.admin, Purpose.ADMIN_NOTICE),
    ):
        mine = [matter for matter in matters if matter.audience == audience]
        if not mine or not any(list_time(matter, site) <= now for matter in mine):
            continue
        people = site.directory.addresses(target)
        if not people:
            continue
        name, address = people[0]
        mail = list_for(
            [Matter(matter.id, matter.text, matter.choices) for matter in mine],
            name,
            address,
            mailbox,
            purpose,
            site,
            now,
        )
        written += write_mails(connection, [mail], envelope, now)
        following.told(connection, [matter.id for matter in mine])
    return written


def list_time(matter: OpenMatter, site: Site) -> datetime:
    """Return the slot in which a matter comes before its person."""
    return site.office.working_time.next_slot(matter.opened_at, site.office.reminders_at)
