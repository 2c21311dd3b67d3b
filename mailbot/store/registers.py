"""What the books of the office hold: their entries with what became of each, cancelled numbers, figures of units."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.plans import Purpose
from mailbot.store import events
from mailbot.store.outbox import CARRIES_A_DOCUMENT
from mailbot.store.tables import TABLES, DocumentState
from mailbot.tracking.states import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

DOCUMENT, DELIVERY, EVENT, OUTBOX, OUTBOX_DELIVERY = (
    TABLES[name] for name in ("document", "delivery", "event", "outbox", "outbox_delivery")
)
CANCELLATION = TABLES["register_cancellation"]
# Databases take some hundred values in one list.
AT_ONCE = 400
_TOLD = (Fact.ACKNOWLEDGED, Fact.ACCEPTED, Fact.DECLINED, Fact.DELEGATED, Fact.IN_PROGRESS, Fact.COMPLETED, Fact.READ)


@dataclass(frozen=True)
class Handed:
    """One unit or officer that got a paper, and what is known of it; `told` holds the data of their first word."""

    unit: str
    name: str
    channel: str
    reason: str
    ask: str
    due: str | None
    satisfied: bool
    transport: str | None
    sent_at: datetime | None = None
    told_at: datetime | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    done_at: datetime | None = None
    done: Mapping[str, Any] = field(default_factory=dict)

    @property
    def assigned(self) -> bool:
        """Tell whether it is an officer of ours who handles the paper."""
        return self.reason.startswith("assign:")


@dataclass(frozen=True)
class Cancelled:
    """Why a number of a book was cancelled, by whom and when."""

    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One line of a book; without a document (`id` None) it is a number that was cancelled before any paper bore it."""

    number: int | None
    period: str
    series: str
    id: int | None = None
    symbol: str | None = None
    type: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    arrived_on: date | None = None
    summary: str = ""
    signer: str | None = None
    urgency: str | None = None
    due: str | None = None
    came_by: str = "mail"
    state: str = "recorded"
    recorded_at: datetime | None = None
    released_at: datetime | None = None
    submitted_to: str | None = None
    submitted_at: datetime | None = None
    handed: tuple[Handed, ...] = ()
    cancelled: Cancelled | None = None


@dataclass(frozen=True)
class Book:
    """A book, period and series that the ledger has numbers of."""

    book: str
    period: str
    series: str
    entries: int
    first: int | None
    last: int | None


def books(connection: sa.Connection) -> list[Book]:
    """Return every book, period and series with how many entries it has and its first and last number."""
    columns = (DOCUMENT.c.book, DOCUMENT.c.book_period, DOCUMENT.c.book_series)
    number = DOCUMENT.c.book_number
    query = (
        sa.select(*columns, sa.func.count(), sa.func.min(number), sa.func.max(number))
        .where(DOCUMENT.c.book.is_not(None), DOCUMENT.c.state != DocumentState.CANCELLED)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [Book(row[0], row[1] or "", row[2] or "", row[3], row[4], row[5]) for row in connection.execute(query)]


def entries(
    connection: sa.Connection,
    book: str,
    *,
    day: str,
    first: date,
    last: date,
    zone: tzinfo,
    series: str | None = None,
) -> list[Entry]:
    """Return the entries of a book whose day is within a span, by period, series and number.

    `day` is the column that dates an entry: `arrived_on` of what came in, `issued_on` of what went out; a paper without
    one is dated by its record. A paper that waits for its ĐỒNG Ý stands in the book; one that was refused does not.
    """
    dated = DOCUMENT.c[day]
    where = [
        DOCUMENT.c.book == book,
        sa.or_(dated.is_(None), dated.between(first.isoformat(), last.isoformat())),
        # A refused paper of ours gave its number back; what came in keeps its entry whatever was decided.
        sa.or_(DOCUMENT.c.state != DocumentState.CANCELLED, DOCUMENT.c.direction == "incoming"),
    ]
    if series is not None:
        where.append(DOCUMENT.c.book_series == series)
    order = (DOCUMENT.c.book_period, DOCUMENT.c.book_series, DOCUMENT.c.book_number, DOCUMENT.c.id)
    rows = [
        row
        for row in connection.execute(sa.select(DOCUMENT).where(*where).order_by(*order))
        if first <= _day(row, day, zone) <= last
    ]
    cancelled = _cancelled(connection, book, series)
    found = _entries(connection, rows, cancelled)
    return sorted(found + _numbers_alone(cancelled, found, first, last), key=_order)


def entered(connection: sa.Connection, book: str, since: datetime, until: datetime) -> list[Entry]:
    """Return the entries that a book was given between two moments, by period, series and number."""
    where = (
        DOCUMENT.c.book == book,
        DOCUMENT.c.recorded_at >= since,
        DOCUMENT.c.recorded_at < until,
        sa.or_(DOCUMENT.c.state != DocumentState.CANCELLED, DOCUMENT.c.direction == "incoming"),
    )
    rows = connection.execute(sa.select(DOCUMENT).where(*where)).all()
    return sorted(_entries(connection, rows, _cancelled(connection, book, None)), key=_order)


def _entries(
    connection: sa.Connection, rows: Sequence[Any], cancelled: Mapping[tuple[str, str, int], Cancelled]
) -> list[Entry]:
    numbers = [row.id for row in rows]
    handed, submitted = _handed(connection, numbers), _submitted(connection, numbers)
    return [_entry(row, handed.get(row.id, ()), submitted.get(row.id), cancelled) for row in rows]


def _order(entry: Entry) -> tuple[str, str, int, int]:
    return (entry.period, entry.series, entry.number or 10**9, entry.id or 0)


def _day(row: Any, column: str, zone: tzinfo) -> date:
    value = getattr(row, column)
    day: date = date.fromisoformat(value) if value else row.recorded_at.astimezone(zone).date()
    return day


def _entry(row: Any, handed: tuple[Handed, ...], submitted: Any, cancelled: Mapping[Any, Cancelled]) -> Entry:
    key = (row.book_period or "", row.book_series or "", row.book_number)
    return Entry(
        number=row.book_number,
        period=row.book_period or "",
        series=row.book_series or "",
        id=row.id,
        symbol=row.number,
        type=row.type,
        issuer=row.issuer_unit,
        issued_on=date.fromisoformat(row.issued_on) if row.issued_on else None,
        arrived_on=date.fromisoformat(row.arrived_on) if row.arrived_on else None,
        summary=" ".join((row.summary or "").split()),
        signer=row.signer,
        urgency=row.urgency,
        due=row.due,
        came_by=row.came_by,
        state=row.state.value,
        recorded_at=row.recorded_at,
        released_at=row.released_at,
        submitted_to=submitted.recipient_name or submitted.recipient if submitted else None,
        submitted_at=submitted.planned_at if submitted else None,
        handed=handed,
        cancelled=cancelled.get(key),
    )


def _in_pieces(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[at : at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE))


def _submitted(connection: sa.Connection, documents: Sequence[int]) -> dict[int, Any]:
    """Return for each document the first mail that put it before a leader."""
    found: dict[int, Any] = {}
    for some in _in_pieces(documents):
        query = sa.select(
            OUTBOX.c.document_ref, OUTBOX.c.recipient, OUTBOX.c.recipient_name, OUTBOX.c.planned_at
        ).where(OUTBOX.c.document_ref.in_(some), OUTBOX.c.purpose == str(Purpose.SUBMISSION))
        for row in connection.execute(query.order_by(OUTBOX.c.id)):
            found.setdefault(row.document_ref, row)
    return found


def _handed(connection: sa.Connection, documents: Sequence[int]) -> dict[int, tuple[Handed, ...]]:
    found: dict[int, list[Handed]] = defaultdict(list)
    for some in _in_pieces(documents):
        rows = connection.execute(
            sa.select(DELIVERY).where(DELIVERY.c.document_ref.in_(some)).order_by(DELIVERY.c.id)
        ).all()
        told, sent = _told(connection, some), _sent(connection, some)
        for row in rows:
            found[row.document_ref].append(_one_handed(row, told.get(row.id, {}), sent.get(row.id)))
    return {document: tuple(handed) for document, handed in found.items()}


def _one_handed(row: Any, told: Mapping[str, tuple[datetime, dict[str, Any]]], sent_at: datetime | None) -> Handed:
    words = (told[fact] for fact in map(str, _TOLD) if fact in told and fact != Fact.READ)
    first = min(words, key=lambda one: one[0], default=None)
    done = told.get(str(Fact.COMPLETED))
    return Handed(
        unit=row.unit,
        name=row.unit_name,
        channel=row.channel,
        reason=row.reason,
        ask=row.ask,
        due=row.due,
        satisfied=row.satisfied,
        transport=row.transport,
        sent_at=sent_at,
        told_at=first[0] if first else None,
        told=first[1] if first else {},
        done_at=done[0] if done else None,
        done=done[1] if done else {},
    )


def _told(connection: sa.Connection, documents: Sequence[int]) -> dict[int, dict[str, tuple[datetime, dict[str, Any]]]]:
    """Return for each delivery the first fact of each kind that a person said, with its data."""
    query = (
        sa.select(EVENT.c.delivery_ref, EVENT.c.what, EVENT.c.at, EVENT.c.data)
        .join(DELIVERY, DELIVERY.c.id == EVENT.c.delivery_ref)
        .where(DELIVERY.c.document_ref.in_(documents), EVENT.c.what.in_([str(fact) for fact in _TOLD]))
        .order_by(EVENT.c.at, EVENT.c.id)
    )
    found: dict[int, dict[str, tuple[datetime, dict[str, Any]]]] = defaultdict(dict)
    for delivery, what, at, data in connection.execute(query):
        found[delivery].setdefault(what, (at, data or {}))
    return found


def _sent(connection: sa.Connection, documents: Sequence[int]) -> dict[int, datetime]:
    """Return when a server took the first mail that carried a document to each of its deliveries."""
    query = (
        sa.select(OUTBOX_DELIVERY.c.delivery_ref, sa.func.min(OUTBOX.c.sent_at))
        .join(OUTBOX, OUTBOX.c.id == OUTBOX_DELIVERY.c.outbox_ref)
        .where(
            OUTBOX.c.document_ref.in_(documents),
            OUTBOX.c.sent_at.is_not(None),
            OUTBOX.c.purpose.in_(sorted(CARRIES_A_DOCUMENT)),
        )
        .group_by(OUTBOX_DELIVERY.c.delivery_ref)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


# --- cancelled numbers ----------------------------------------------------------------------------------------------


def _cancelled(connection: sa.Connection, book: str, series: str | None) -> dict[tuple[str, str, int], Cancelled]:
    where = [CANCELLATION.c.book == book]
    if series is not None:
        where.append(CANCELLATION.c.series == series)
    return {
        (row.period, row.series, row.number): Cancelled(row.reason, row.actor, row.at)
        for row in connection.execute(sa.select(CANCELLATION).where(*where))
    }


def _numbers_alone(
    cancelled: Mapping[tuple[str, str, int], Cancelled], found: Sequence[Entry], first: date, last: date
) -> list[Entry]:
    """Return the cancelled numbers that no paper bears: those between the numbers found, or cancelled in the span."""
    borne: dict[tuple[str, str], set[int]] = defaultdict(set)
    for entry in found:
        if entry.number is not None:
            borne[entry.period, entry.series].add(entry.number)
    alone = []
    for (period, series, number), why in cancelled.items():
        numbers = borne.get((period, series), set())
        between = bool(numbers) and min(numbers) < number < max(numbers)
        if number not in numbers and (between or first <= why.at.date() <= last):
            alone.append(Entry(number, period, series, cancelled=why))
    return alone


class NoSuchEntryError(LookupError):
    """The book has no such period or series, or its number is one that was not given yet."""


class AlreadyCancelledError(ValueError):
    """The number was cancelled before."""


def cancel(
    connection: sa.Connection,
    book: str,
    period: str,
    series: str,
    number: int,
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> int | None:
    """Cancel a number of a book, in the caller's transaction; return the document that bore it, or None.

    The number stays in the book and is never given again. The paper itself goes on as it stands: what was sent is
    recalled, not cancelled.

    Raises:
        NoSuchEntryError: the book has not come to that number.
        AlreadyCancelledError: it was cancelled before.
    """
    here = (DOCUMENT.c.book == book, DOCUMENT.c.book_period == period, DOCUMENT.c.book_series == series)
    highest = connection.execute(sa.select(sa.func.max(DOCUMENT.c.book_number)).where(*here)).scalar()
    if highest is None or not 1 <= number <= highest:
        raise NoSuchEntryError(number)
    key = {"book": book, "period": period, "series": series, "number": number}
    if connection.execute(sa.select(CANCELLATION).where(*(CANCELLATION.c[n] == v for n, v in key.items()))).first():
        raise AlreadyCancelledError(number)
    document = connection.execute(sa.select(DOCUMENT.c.id).where(*here, DOCUMENT.c.book_number == number)).scalar()
    connection.execute(sa.insert(CANCELLATION).values(**key, reason=reason, actor=actor, at=now))
    told = events.event(now, actor, "number_cancelled", reason, document_ref=document, data=key)
    events.append(connection, [told])
    return document
