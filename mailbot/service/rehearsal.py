"""The daemon's own plan on a ledger that is thrown away: mails are decided and recorded, a virtual clock runs on."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.routing import attendance, gathering
from mailbot.routing.decision import decide
from mailbot.routing.known import Known, KnownDocument
from mailbot.routing.plans import InstructionPlan, Purpose
from mailbot.routing.publishing import release_now
from mailbot.service.due import list_time, may_interrupt, plan_due
from mailbot.store import confirmations, following, journal, meetings, rehearsing
from mailbot.store import gathering as collecting
from mailbot.store.database import Store
from mailbot.store.filed import Filed
from mailbot.store.known_rows import release_from_json
from mailbot.store.ledger import record
from mailbot.store.mailing import Envelope
from mailbot.store.tables import DocumentState
from mailbot.tracking.following import follow_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import sqlalchemy as sa

    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision
    from mailbot.store.rehearsing import PlannedMail

# Tokens of a rehearsal open nothing: its mails never leave.
NO_SECRET = bytes(32)
FOLDER = "rehearsal"
# A ladder ends; a clock that runs on without an end would show a mistake of ours, not of the admin.
MOST_MOMENTS = 10_000


@dataclass(frozen=True)
class RehearsedMail:
    """One mail that would go out, when (in the office's zone), and why then."""

    at: datetime
    mail: PlannedMail
    because: str = ""


class Rehearsal:
    """One scene: an office, a ledger inside a transaction that is never kept, and a clock that is set by hand."""

    def __init__(self, site: Site, connection: sa.Connection) -> None:
        # A digest tells of the office's whole day, nothing that a mail or a rule plans: it is not rehearsed.
        self.site = replace(site, digests=())
        self.connection = connection
        domains = {key: mailbox.address.rpartition("@")[2] for key, mailbox in site.mailboxes.items()}
        self._envelope = Envelope(NO_SECRET, domains, lambda _mail: True)
        self._uid = 0

    def take(self, reading: Reading, mailbox: str, now: datetime) -> tuple[Decision, list[RehearsedMail]]:
        """Decide about a mail that comes now and record it; return the decision and the mails it made at once."""
        known = Known(mailbox=mailbox, received_at=now)
        decision = decide(reading, self.site, known, now)
        return decision, self._record(decision, reading.content_key, mailbox, str(reading.kind), now)

    def agree(self, now: datetime) -> list[RehearsedMail]:
        """Say ĐỒNG Ý to everything that waits for a word; return the mails that go out then."""
        made: list[RehearsedMail] = []
        for row in rehearsing.waiting_documents(self.connection):
            release = release_from_json(row.plan)
            if release is None:
                continue
            document = KnownDocument(
                row.id, row.state, row.direction, row.number, row.content_key, release=release, shared_hash=None
            )
            person = (release.sender_name, release.sender_address or "")
            if row.state != DocumentState.AWAITING_CONFIRMATION:
                person = self.site.directory.addresses(self.site.officers.leader)[0]
            word = InstructionPlan(row.id, person[0], "Đồng ý")
            decision = release_now(document, person, release.mailbox, self.site, now, word)
            made += self._record(decision, f"word on {row.id}", release.mailbox, "reply", now)
        return made

    def _record(
        self, decision: Decision, content_key: str, mailbox: str, kind: str, now: datetime
    ) -> list[RehearsedMail]:
        before = rehearsing.last_mail(self.connection)
        self._uid += 1
        arrival = journal.Arrival(self._uid, 0, now)
        journal.write_arrivals(self.connection, mailbox, FOLDER, 1, [arrival], start=None, last_uid=self._uid, now=now)
        message = next(row.id for row in journal.waiting(self.connection, mailbox) if row.folder == FOLDER)
        filed = Filed(
            message, mailbox, FOLDER, 1, self._uid, kind, content_key, reminders=follow_up(decision, self.site, now)
        )
        # What the sender's server would be asked to flag is nothing that a rehearsal shows.
        record(replace(decision, actions=()), filed, self._envelope, self.connection, now)
        return self._made(before, now, "")

    def _made(self, before: int, now: datetime, because: str) -> list[RehearsedMail]:
        here = self.site.office.working_time.local(now)
        return [RehearsedMail(here, mail, because) for mail in rehearsing.mails_after(self.connection, before)]

    def run(self, now: datetime, until: datetime | None = None) -> Iterator[RehearsedMail]:
        """Let the clock run on from now, from one due moment to the next, while nobody answers."""
        for _ in range(MOST_MOMENTS):
            moment = self._next(now)
            if moment is None or (until is not None and moment > until):
                return
            now = moment
            yield from self._tick(now)
        raise AssertionError("a rehearsal that never ends")

    def steps_taken(self) -> frozenset[tuple[str, int]]:
        """Return (ladder, step) of every step that the clock has carried out."""
        return rehearsing.steps_taken(self.connection)

    def _next(self, now: datetime) -> datetime | None:
        """Return the next moment at which something is due, not before now, and in office hours."""
        calendar = self.site.office.working_time
        at_once = may_interrupt(self.connection, self.site, now)
        moments = [
            list_time(matter, self.site, interrupts=at_once)
            for matter in following.open_matters(self.connection)
            if matter.audience != "log"
        ]
        for moment in (
            rehearsing.next_reminder(self.connection),
            confirmations.next_moment(self.connection),
            meetings.next_sheet(self.connection),
            self._next_collection(),
        ):
            if moment is not None:
                moments.append(moment)
        if not moments:
            return None
        moment = max(min(moments), now)
        return moment if calendar.in_hours(moment) else calendar.next_slot(moment, self.site.office.reminders_at)

    def _next_collection(self) -> datetime | None:
        limit = collecting.next_limit(self.connection)
        return gathering.collects_at(limit, self.site) if limit is not None else None

    def _tick(self, now: datetime) -> Iterator[RehearsedMail]:
        reasons = rehearsing.reasons_of(self.connection, now)
        calendar = self.site.office.working_time
        sheets = {
            due.document: attendance.because(due.rsvp_by, due.starts_at, calendar, due.at)
            for due in meetings.due_sheets(self.connection, now)
        }
        limit = collecting.next_limit(self.connection)
        before = rehearsing.last_mail(self.connection)
        plan_due(self.connection, self.site, self._envelope, now)
        for made in self._made(before, now, ""):
            if made.mail.purpose == Purpose.ATTENDANCE:
                because = sheets.get(made.mail.document or 0, "")
            elif made.mail.purpose == Purpose.COLLECTION and limit is not None:
                because = gathering.because(limit)
            else:
                because = _because(made.mail, reasons)
            yield replace(made, because=because)


def _because(mail: PlannedMail, reasons: list[tuple[str, str, str]]) -> str:
    """Return why a mail goes out then: the step of the ladder that it carries out."""
    wanted = {"reminder": "remind", "escalation": "list"}.get(mail.purpose)
    units = set(mail.units)
    found = (because for unit, do, because in reasons if do == wanted and (not units or unit in units))
    return next(found, "")


class Stage:
    """A ledger in a temporary folder for any number of scenes; nothing of one is seen in the next."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mailbot-rehearsal-")
        self.store = Store(f"sqlite:///{Path(self._folder.name) / 'ledger.db'}")

    @contextmanager
    def scene(self, site: Site) -> Iterator[Rehearsal]:
        """Open a scene with an empty ledger."""
        with self.store.engine.connect().execution_options(mailbot_write=True) as connection:
            transaction = connection.begin()
            try:
                yield Rehearsal(site, connection)
            finally:
                transaction.rollback()

    def close(self) -> None:
        """Take the ledger away."""
        self.store.close()
        self._folder.cleanup()


@contextmanager
def stage() -> Iterator[Stage]:
    """Set up a stage and take it down."""
    made = Stage()
    try:
        yield made
    finally:
        made.close()


@contextmanager
def ledger_at(store: Store, site: Site) -> Iterator[Rehearsal]:
    """Open a scene whose ledger is a copy of the real one as it is now."""
    with stage() as made, made.scene(site) as scene:
        with store.read() as source:
            rehearsing.copy_ledger(source, scene.connection)
        yield scene
