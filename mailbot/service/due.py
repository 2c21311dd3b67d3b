"""What is due at one moment becomes mails, in the caller's transaction: reminders, escalations, lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.routing import attendance, confirming, gathering, recurring
from mailbot.routing.plans import Purpose
from mailbot.routing.releasing import clerk
from mailbot.service.digesting import plan_digests
from mailbot.store import confirmations, duties, events, following, meetings
from mailbot.store import gathering as collecting
from mailbot.store.documents import move_document
from mailbot.store.knowing import matter_of
from mailbot.store.ledger import hold
from mailbot.store.mailing import write_mails
from mailbot.store.tables import DocumentState, ReminderState
from mailbot.tracking.following import steps_of
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
    written += _confirmations(connection, site, envelope, now)
    _duties(connection, site, now)
    written += _sheets(connection, site, envelope, now)
    written += _collections(connection, site, envelope, now)
    # Before the lists: what a digest has told is not told again by the list of the same morning.
    written += plan_digests(connection, site, envelope, now)
    return Planned(written + _lists(connection, site, envelope, now), len(round_.sent))


def _duties(connection: sa.Connection, site: Site, now: datetime) -> None:
    """Make the tasks of the periods that have begun; after downtime each of them, in their order."""
    today = site.office.working_time.local(now).date()
    while ended := duties.over(connection, today):
        for row, release in ended:
            following_release = recurring.next_period(release, site)
            if following_release is None:
                duties.end(connection, row.id)
                continue
            deliveries = recurring.deliveries_of(following_release)
            steps = {plan.recipient.unit: steps_of(plan, site, now) for plan in deliveries}
            duties.begin(connection, row, following_release, deliveries, steps, now)


def _confirmations(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> int:
    """Ask senders once more for their ĐỒNG Ý, and give up what nobody confirmed in time; in office hours only."""
    if not site.office.working_time.in_hours(now):
        return 0
    written = 0
    for waiting in confirmations.expired(connection, now):
        move_document(connection, waiting.id, DocumentState.CANCELLED, now)
        mail = confirming.expired(waiting.release, waiting.number, waiting.content_key, site)
        written += write_mails(connection, [mail], envelope, now, document=waiting.id)
        events.append(connection, [events.event(now, "mailbot", "confirmation_expired", "", document_ref=waiting.id)])
    for waiting in confirmations.to_ask_again(connection, now):
        until = confirming.Limits(now, waiting.expires_at)
        mail = confirming.question(
            waiting.release, waiting.values, waiting.content_key, until, issue=waiting.asked, site=site
        )
        written += write_mails(connection, [mail], envelope, now, document=waiting.id)
        confirmations.asked_again(connection, waiting.id)
    return written


def _sheets(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> int:
    """Mail the organisers of meetings who comes: at the limit for answers and the last morning before."""
    calendar = site.office.working_time
    if not calendar.in_hours(now):
        return 0
    written = 0
    for due in meetings.due_sheets(connection, now):
        following_one = attendance.next_sheet(due.rsvp_by, due.starts_at, calendar, now) if due.matter else None
        meetings.plan_sheet(connection, due.document, following_one)
        matter = due.matter
        if matter is None or matter.document.release is None:
            continue
        release = matter.document.release
        organiser = (release.sender_name, release.sender_address) if release.sender_address else clerk(site)
        mail = attendance.sheet_mail(matter, site, now, (organiser[0], str(organiser[1])))
        written += write_mails(connection, [mail], envelope, now, document=due.document)
        reason = attendance.because(due.rsvp_by, due.starts_at, calendar, due.at)
        told = events.event(now, "mailbot", "attendance_sheet", reason, document_ref=due.document)
        events.append(connection, [told])
    return written


def _collections(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> int:
    """Mail the senders of papers what their units have reported by the limit, once; in office hours only."""
    calendar = site.office.working_time
    if not calendar.in_hours(now):
        return 0
    written = 0
    for due in collecting.due_collections(connection, calendar.local(now).date()):
        if gathering.collects_at(due.limit, site) > now:
            continue
        later = gathering.later_limit(due.limit, due.open_limits)
        collecting.set_collection(connection, due.document, later)
        matter = matter_of(connection, due.document) if later is None else None
        if matter is None or matter.document.release is None:
            continue
        release = matter.document.release
        to = (release.sender_name, release.sender_address) if release.sender_address else clerk(site)
        if gathering.kept_inside(matter, str(to[1]), site):
            to = clerk(site)
        mails = gathering.collection_mails(matter, site, now, (to[0], str(to[1])), at_deadline=due.limit)
        written += write_mails(connection, mails, envelope, now, document=due.document)
        because = gathering.because(due.limit)
        told = events.event(now, "mailbot", "reports_collected", because, document_ref=due.document)
        events.append(connection, [told])
    return written


def _lists(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> int:
    """Put open matters before the clerk and the admin: one numbered list a slot each."""
    mailbox = next(iter(site.mailboxes))
    written = 0
    matters = following.open_matters(connection, until=now)
    if matters:
        settled = following.settled(connection)
        following.close(connection, settled)
        matters = [matter for matter in matters if matter.id not in settled]
    for audience, target, purpose in (
        ("clerk", site.officers.clerk, Purpose.CLERK_LIST),
        ("admin", site.officers.admin, Purpose.ADMIN_NOTICE),
    ):
        mine = [matter for matter in matters if matter.audience == audience]
        at_once = may_interrupt(connection, site, now)
        due = [matter for matter in mine if list_time(matter, site, interrupts=at_once) <= now]
        if not due:
            continue
        if all(matter.reason in URGENT for matter in due):
            mine = due  # the others wait for their slot: a list an hour would be read by nobody
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


# A unit that mail does not reach, a meeting that moves tomorrow: the clerk telephones now and not in the next slot.
URGENT = frozenset({"unreachable", "late_change"})
# Of these each comes at once, however often the clerk was asked that day.
ALWAYS_AT_ONCE = frozenset({"late_change"})
# A clerk who is asked more often than that a day reads no list any more (domain 12: volume kills).
MOST_A_DAY = 2


def list_time(matter: OpenMatter, site: Site, *, interrupts: bool) -> datetime:
    """Return when a matter comes before its person: in the next slot; what cannot wait at once in office hours."""
    at_once = matter.reason in ALWAYS_AT_ONCE or (interrupts and matter.reason in URGENT)
    slots = () if at_once else site.office.reminders_at
    return site.office.working_time.next_slot(matter.opened_at, slots)


def may_interrupt(connection: sa.Connection, site: Site, now: datetime) -> bool:
    """Tell whether the clerk may be asked between the slots: once, where that day's slots leave room for it."""
    here = site.office.working_time.local(now)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = following.asked_since(connection, clerk(site)[1], midnight)
    to_come = sum(slot > here.time() for slot in site.office.reminders_at)
    return asked + to_come < MOST_A_DAY
