"""Digests that are due become mails, in the caller's transaction; their next runs are rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mailbot.reporting import digests
from mailbot.routing import letters
from mailbot.routing.model import DigestKind
from mailbot.routing.schedules import next_run
from mailbot.store import digesting, events, following, meetings, registers
from mailbot.store.digesting import Run
from mailbot.store.knowing import matter_of
from mailbot.store.mailing import write_mails

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import sqlalchemy as sa

    from mailbot.reporting.digests import Morning
    from mailbot.routing.known import KnownMatter
    from mailbot.routing.model import Digest, Site
    from mailbot.routing.plans import MailPlan
    from mailbot.store.mailing import Envelope
    from mailbot.store.meetings import Meeting

# A run that is later than this (the daemon was down) waits for office hours, even when it was planned outside them.
PUNCTUAL = timedelta(minutes=15)
# Whoever invites does not do so earlier than this; older papers are not looked through each morning.
INVITED_AHEAD = timedelta(days=200)


def plan_digests(connection: sa.Connection, site: Site, envelope: Envelope, now: datetime) -> int:
    """Write the mails of the digests that are due, each once however many runs were missed; return how many."""
    written = 0
    today = site.office.working_time.local(now).date()
    tonight = site.office.working_time.at(today, datetime.max.time())
    for digest in site.digests:
        run = digesting.planned_run(connection, digest.key)
        if run is not None and run.at <= now:
            if _may_run(run.at, site, now):
                written += _run(connection, digest, site, envelope, run.at, now)
                _keep(connection, digest, site, tonight, today)
        elif run is None or run.schedule != str(digest.at):
            # A digest whose hour was moved does not come twice on one day.
            last = run.last if run else None
            _keep(connection, digest, site, tonight if last == today else now, last)
    return written


def _may_run(at: datetime, site: Site, now: datetime) -> bool:
    calendar = site.office.working_time
    punctual = now - at <= PUNCTUAL and calendar.is_working_day(calendar.local(now).date())
    return punctual or calendar.in_hours(now)


def _keep(connection: sa.Connection, digest: Digest, site: Site, after: datetime, last: date | None) -> None:
    following_run = next_run(digest.at, site.office.working_time, after)
    if following_run is not None:
        digesting.plan_run(connection, digest.key, Run(following_run, str(digest.at), last))


def _run(
    connection: sa.Connection, digest: Digest, site: Site, envelope: Envelope, due_at: datetime, now: datetime
) -> int:
    people = {
        address.lower(): (name, address) for target in digest.to for name, address in site.directory.addresses(target)
    }
    make = _daily if digest.kind is DigestKind.DAILY else _weekly
    mails = make(connection, digest, list(people.values()), site, now)
    reason = f"due {site.office.working_time.local(due_at):%Y-%m-%d %H:%M}" + ("" if mails else ", nothing to say")
    told = events.event(now, "mailbot", "digest", reason, data={"digest": digest.key})
    events.append(connection, [told])
    return write_mails(connection, mails, envelope, now)


def _daily(
    connection: sa.Connection, digest: Digest, people: Sequence[tuple[str, str]], site: Site, now: datetime
) -> list[MailPlan]:
    clerks = {address.lower() for _, address in site.directory.addresses(site.officers.clerk)}
    morning = _morning(connection, site, now)
    mails = [
        digests.daily_mail(digest, person, morning, site, now, for_clerk=person[1].lower() in clerks)
        for person in people
    ]
    made = [mail for mail in mails if mail is not None]
    # What the digest has told is told: the list of the next slot does not bring it again.
    shown = {matter["matter"] for mail in made for matter in mail.values["matters"]}
    following.told(connection, sorted(one.id for one in morning.matters if one.id in shown))
    return made


def _morning(connection: sa.Connection, site: Site, now: datetime) -> Morning:
    calendar = site.office.working_time
    today, last = digests.morning_days(now, calendar)
    midnight = calendar.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = calendar.at(calendar.add_working_days(today, -1), datetime.min.time())
    return digests.Morning(
        matters=digesting.matters_for(connection, midnight, now),
        waiting=digesting.waiting_papers(connection),
        limits=digesting.limits(connection, today, last),
        tasks=digesting.our_tasks(connection, today, last),
        meetings=_meetings(connection, site, now),
        figures=digesting.figures(connection, since, midnight),
        entered={book: registers.entered(connection, book, since, midnight) for book in site.registers},
    )


def _meetings(connection: sa.Connection, site: Site, now: datetime) -> list[tuple[Meeting, KnownMatter | None]]:
    calendar = site.office.working_time
    today, last = digests.morning_days(now, calendar)
    found = []
    for meeting in meetings.all_meetings(connection, now - INVITED_AHEAD):
        start = letters.parse_limit(meeting.starts_at)
        day = calendar.local(start).date() if isinstance(start, datetime) else start
        if today <= day <= last and not meeting.cancelled:
            ours = meeting.direction == "outgoing"
            found.append((meeting, matter_of(connection, meeting.document) if ours else None))
    return found


def _weekly(
    connection: sa.Connection, digest: Digest, people: Sequence[tuple[str, str]], site: Site, now: datetime
) -> list[MailPlan]:
    monday, today = digests.week_days(now, site.office.working_time)
    week = digests.Week(
        open_limits=digesting.open_limits(connection, today),
        limits=digesting.limits(connection, monday, today),
        meetings=meetings.all_meetings(connection, now - INVITED_AHEAD),
    )
    mails = (digests.weekly_mail(digest, person, week, site, now) for person in people)
    return [mail for mail in mails if mail is not None]
