"""What digests tell, out of the ledger: what waits, what is due, what was done; and when each runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.plans import NUMBERED
from mailbot.store import following
from mailbot.store.tables import TABLES, DocumentState, HeldState

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.store.following import OpenMatter

DOCUMENT, DELIVERY, OUTBOX, EVENT, HELD, STATE = (
    TABLES[name] for name in ("document", "delivery", "outbox", "event", "held", "daemon_state")
)
_WAITS = (DocumentState.AWAITING_INSTRUCTION, DocumentState.AWAITING_CONFIRMATION)


@dataclass(frozen=True)
class Waiting:
    """A paper that waits for somebody's word."""

    number: str | None
    summary: str
    state: str
    since: datetime
    arrival_number: int | None
    expires_at: datetime | None


@dataclass(frozen=True)
class Limit:
    """One unit's (or officer's) limit for one paper, ISO 8601, and whether what was asked has come."""

    document: int
    number: str | None
    unit: str
    name: str
    ask: str
    due: str
    satisfied: bool
    assigned: bool
    handling: str | None = None


@dataclass(frozen=True)
class OurTask:
    """A superior's paper with a limit for us, and the officers who handle it and are not done."""

    number: str | None
    issuer: str | None
    summary: str
    due: str
    officers: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What was done between two moments."""

    arrived: tuple[int | None, ...] = ()  # their numbers in the book
    issued: tuple[str | None, ...] = ()
    sent: int = 0
    bounced: int = 0
    reports: int = 0

    @property
    def nothing(self) -> bool:
        """Tell whether nothing was done at all."""
        return not (self.arrived or self.issued or self.sent or self.bounced or self.reports)


# --- the runs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """When a digest goes out next, and by which schedule that was worked out."""

    at: datetime
    schedule: str
    last: date | None = None  # the day of the last run


def planned_run(connection: sa.Connection, digest: str) -> Run | None:
    """Return the next run of a digest; None for one that is new."""
    row = connection.execute(sa.select(STATE).where(STATE.c.key == f"digest {digest}")).first()
    if row is None:
        return None
    schedule, _, last = row.value.partition(", last ")
    return Run(row.at, schedule, date.fromisoformat(last) if last else None)


def plan_run(connection: sa.Connection, digest: str, run: Run) -> None:
    """Keep when a digest goes out next."""
    value = run.schedule + (f", last {run.last.isoformat()}" if run.last else "")
    connection.execute(sa.delete(STATE).where(STATE.c.key == f"digest {digest}"))
    connection.execute(sa.insert(STATE).values(key=f"digest {digest}", value=value, at=run.at))


# --- what needs somebody ------------------------------------------------------------------------------------------


def matters_for(connection: sa.Connection, since: datetime, now: datetime) -> list[OpenMatter]:
    """Return what still waits for the clerk, but for what a numbered list has told since a moment.

    What was told earlier is told again while it can be answered by mail and nothing else has settled it.
    """
    told = _told_since(connection, since) | following.settled(connection)
    found = following.open_matters(connection, until=now)
    found += [one for one in following.open_matters(connection, states=(HeldState.TOLD,)) if one.choices]
    mine = (one for one in found if one.audience == "clerk" and one.id not in told)
    return sorted(mine, key=lambda one: one.id)


def _told_since(connection: sa.Connection, since: datetime) -> set[int]:
    query = sa.select(OUTBOX.c["values"]).where(OUTBOX.c.purpose.in_(sorted(NUMBERED)), OUTBOX.c.planned_at >= since)
    return {
        matter["matter"] for values in connection.execute(query).scalars() for matter in values.get("matters") or ()
    }


def waiting_papers(connection: sa.Connection) -> list[Waiting]:
    """Return the papers that wait for an instruction or for their sender's ĐỒNG Ý, oldest first."""
    query = sa.select(DOCUMENT).where(DOCUMENT.c.state.in_(_WAITS)).order_by(DOCUMENT.c.id)
    return [
        Waiting(row.number, row.summary or "", row.state.value, row.recorded_at, row.book_number, row.expires_at)
        for row in connection.execute(query)
    ]


# --- what is due --------------------------------------------------------------------------------------------------

_ASSIGNED = DELIVERY.c.reason.like("assign:%")
_RELEASED = DOCUMENT.c.state == DocumentState.RELEASED


def limits(connection: sa.Connection, first: date, last: date) -> list[Limit]:
    """Return the limits of papers that went out, of these days; invitations have their sheets instead."""
    return _limits(connection, DELIVERY.c.due.is_not(None), *_within(DELIVERY.c.due, first, last))


def open_limits(connection: sa.Connection, last: date) -> list[Limit]:
    """Return the limits up to a day of which what was asked has not come."""
    day = sa.func.substr(DELIVERY.c.due, 1, 10)
    return _limits(connection, DELIVERY.c.satisfied.is_(False), day <= last.isoformat())


def _limits(connection: sa.Connection, *where: Any) -> list[Limit]:
    query = (
        sa.select(DELIVERY, DOCUMENT.c.number, _ASSIGNED.label("assigned"))
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(_RELEASED, DELIVERY.c.ask.in_(["report", "acknowledgement"]), *where)
        .order_by(DELIVERY.c.due, DELIVERY.c.id)
    )
    return [
        Limit(
            row.document_ref,
            row.number,
            row.unit,
            row.unit_name,
            row.ask,
            row.due,
            row.satisfied,
            bool(row.assigned),
            row.handling,
        )
        for row in connection.execute(query)
    ]


def _within(column: Any, first: date, last: date) -> tuple[Any, Any]:
    """Limits are ISO 8601 texts, days or moments: their first ten characters are the day."""
    day = sa.func.substr(column, 1, 10)
    return day >= first.isoformat(), day <= last.isoformat()


def our_tasks(connection: sa.Connection, first: date, last: date) -> list[OurTask]:
    """Return superiors' papers whose limit for us is on these days; those that our officers have done are left out."""
    query = (
        sa.select(DOCUMENT)
        .where(
            DOCUMENT.c.direction == "incoming",
            DOCUMENT.c.state.not_in((DocumentState.CANCELLED, DocumentState.FILED)),
            *_within(DOCUMENT.c.due, first, last),
        )
        .order_by(DOCUMENT.c.due, DOCUMENT.c.id)
    )
    found = []
    for row in connection.execute(query).all():
        officers = connection.execute(
            sa.select(DELIVERY.c.unit_name, DELIVERY.c.satisfied).where(DELIVERY.c.document_ref == row.id, _ASSIGNED)
        ).all()
        names = tuple(officer.unit_name for officer in officers if not officer.satisfied)
        if names or not officers:
            found.append(OurTask(row.number, row.issuer_unit, row.summary or "", row.due, names))
    return found


# --- what was done ------------------------------------------------------------------------------------------------


def figures(connection: sa.Connection, since: datetime, until: datetime) -> Figures:
    """Return what came in and went out between two moments."""

    def between(column: Any) -> tuple[Any, Any]:
        return column >= since, column < until

    arrived = sa.select(DOCUMENT.c.book_number).where(
        DOCUMENT.c.direction == "incoming", *between(DOCUMENT.c.recorded_at)
    )
    issued = sa.select(DOCUMENT.c.number).where(
        DOCUMENT.c.direction == "outgoing", _RELEASED, *between(DOCUMENT.c.released_at)
    )
    sent = sa.select(sa.func.count()).select_from(OUTBOX).where(*between(OUTBOX.c.sent_at))
    deliveries = sa.func.count(sa.distinct(EVENT.c.delivery_ref))
    happened = {
        what: int(
            connection.execute(sa.select(deliveries).where(EVENT.c.what == what, *between(EVENT.c.at))).scalar_one()
        )
        for what in ("bounced", "completed")
    }
    return Figures(
        tuple(connection.execute(arrived.order_by(DOCUMENT.c.book_number, DOCUMENT.c.id)).scalars()),
        tuple(connection.execute(issued.order_by(DOCUMENT.c.released_at, DOCUMENT.c.id)).scalars()),
        int(connection.execute(sent).scalar_one()),
        happened["bounced"],
        happened["completed"],
    )
