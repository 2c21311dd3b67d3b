"""Meetings in the ledger: when the sheet of who comes is due, and all of them for calendars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store.knowing import first_keys, matter_of
from mailbot.store.tables import TABLES, DocumentState
from mailbot.tracking.states import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.routing.known import KnownMatter

MEETING, DOCUMENT, DELIVERY, EVENT, INSTRUCTION = (
    TABLES[name] for name in ("meeting", "document", "delivery", "event", "instruction")
)
_RELEASED = DOCUMENT.c.state == DocumentState.RELEASED


@dataclass(frozen=True)
class DueSheet:
    """A meeting whose sheet is due; without a matter nobody is asked any more, and there is nothing to tell."""

    document: int
    at: datetime
    rsvp_by: str | None
    starts_at: str | None
    matter: KnownMatter | None


def due_sheets(connection: sa.Connection, now: datetime) -> list[DueSheet]:
    """Return the meetings of papers that went out whose sheet is due now."""
    query = (
        sa.select(MEETING, DOCUMENT.c.released_at)
        .join(DOCUMENT, DOCUMENT.c.id == MEETING.c.document_ref)
        .where(MEETING.c.sheet_at <= now, _RELEASED)
        .order_by(MEETING.c.id)
    )
    found = []
    for row in connection.execute(query).all():
        # A paper that went out after the moment has had no answers by it; one that was taken back asks nobody.
        tells = row.released_at <= row.sheet_at and _asks(connection, row.document_ref)
        matter = matter_of(connection, row.document_ref) if tells else None
        found.append(DueSheet(row.document_ref, row.sheet_at, row.rsvp_by, row.starts_at, matter))
    return found


def _asks(connection: sa.Connection, document: int) -> bool:
    """Tell whether a document still asks who comes: a later invitation, or a cancellation, takes its place."""
    asked = sa.select(DELIVERY.c.id).where(DELIVERY.c.document_ref == document, DELIVERY.c.ask == "rsvp")
    over = sa.select(EVENT.c.delivery_ref).where(EVENT.c.delivery_ref.in_(asked), EVENT.c.what == str(Fact.SUPERSEDED))
    return connection.execute(asked.where(DELIVERY.c.id.not_in(over)).limit(1)).first() is not None


def plan_sheet(connection: sa.Connection, document: int, at: datetime | None) -> None:
    """Set when the next sheet of a meeting is due; None for never."""
    connection.execute(sa.update(MEETING).where(MEETING.c.document_ref == document).values(sheet_at=at))


def next_sheet(connection: sa.Connection) -> datetime | None:
    """Return when the next sheet is due."""
    query = sa.select(MEETING.c.sheet_at).join(DOCUMENT, DOCUMENT.c.id == MEETING.c.document_ref)
    return connection.execute(
        query.where(_RELEASED, MEETING.c.sheet_at.is_not(None)).order_by(MEETING.c.sheet_at).limit(1)
    ).scalar()


@dataclass(frozen=True)
class Invited:
    """One unit, person or officer of a meeting; `key` is that of the mail which made its event."""

    unit: str
    name: str
    key: str | None
    assigned: bool


@dataclass(frozen=True)
class Meeting:
    """A meeting as its last paper has it, ours or a superior's; moments in ISO 8601, `word` is a leader's on it."""

    document: int
    direction: str
    number: str | None
    title: str
    starts_at: str
    ends_at: str | None
    place: str
    chair: str
    participants: str
    sequence: int
    cancelled: bool
    postponed: bool
    written_at: datetime
    invited: tuple[Invited, ...]
    word: str = ""


def all_meetings(connection: sa.Connection, recorded_since: datetime | None = None) -> list[Meeting]:
    """Return every meeting with a time, as its last paper has it: ours that went out, and superiors'.

    With a moment, those alone whose paper came since.
    """
    query = (
        sa.select(MEETING, DOCUMENT)
        .join(DOCUMENT, DOCUMENT.c.id == MEETING.c.document_ref)
        .where(
            DOCUMENT.c.state.not_in((DocumentState.CANCELLED, DocumentState.SUPERSEDED)),
            sa.or_(_RELEASED, DOCUMENT.c.direction == "incoming"),
            *([DOCUMENT.c.recorded_at >= recorded_since] if recorded_since else []),
        )
        .order_by(DOCUMENT.c.id)
    )
    found = (_meeting(connection, row) for row in connection.execute(query).all())
    return [meeting for meeting in found if meeting is not None]


def _meeting(connection: sa.Connection, row: Any) -> Meeting | None:
    values = (row.plan or {}).get("values", {})
    calendar, spoken = values.get("calendar") or {}, values.get("meeting") or {}
    starts_at = calendar.get("starts_at") or row.starts_at
    if starts_at is None or _superseded(connection, row.document_ref):
        return None
    participants = spoken.get("participants") or ""
    return Meeting(
        document=row.document_ref,
        direction=row.direction,
        number=row.number,
        title=values.get("meeting_title") or spoken.get("title") or (row.summary or "").removeprefix("dự "),
        starts_at=starts_at,
        ends_at=calendar.get("ends_at") or row.ends_at,
        place=calendar.get("place") or row.place or "",
        chair=row.chair or "",
        participants=participants if isinstance(participants, str) else "; ".join(participants),
        sequence=row.sequence or 0,
        cancelled=calendar.get("method") == "CANCEL",
        postponed=bool(values.get("postponed")),
        written_at=row.released_at or row.recorded_at,
        invited=_invited(connection, row.document_ref),
        word=_word(connection, row.document_ref),
    )


def _superseded(connection: sa.Connection, document: int) -> bool:
    query = (
        sa.select(EVENT.c.id)
        .join(DELIVERY, DELIVERY.c.id == EVENT.c.delivery_ref)
        .where(DELIVERY.c.document_ref == document, EVENT.c.what == str(Fact.SUPERSEDED))
    )
    return connection.execute(query.limit(1)).first() is not None


def _invited(connection: sa.Connection, document: int) -> tuple[Invited, ...]:
    keys = first_keys(connection, document)
    query = sa.select(DELIVERY).where(DELIVERY.c.document_ref == document).order_by(DELIVERY.c.id)
    return tuple(
        Invited(row.unit, row.unit_name, keys.get(row.id), row.reason.startswith("assign:"))
        for row in connection.execute(query)
    )


def _word(connection: sa.Connection, document: int) -> str:
    query = sa.select(INSTRUCTION.c.text).where(INSTRUCTION.c.document_ref == document)
    return connection.execute(query.order_by(INSTRUCTION.c.id.desc()).limit(1)).scalar() or ""
