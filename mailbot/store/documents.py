"""Documents and their entries in the books: written, moved on, changed before they go out; gapless numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.recurring import begins_on
from mailbot.store import remedies, searching
from mailbot.store.errors import AlreadyDecidedError
from mailbot.store.known_rows import release_from_json, release_to_json
from mailbot.store.prepared import insert_one
from mailbot.store.tables import TABLES, DocumentState

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.routing.plans import AmendPlan, Decision, DocumentPlan, Release
    from mailbot.store.filed import Filed

DOCUMENT, MEETING, COUNTER = (TABLES[name] for name in ("document", "meeting", "register_counter"))

# What a document's row takes from its plan as it is.
_COPIED = (
    *("state", "kind", "number", "number_key", "type", "issuer_unit", "series", "issued_on", "summary", "urgency"),
    *("sender_address", "due", "due_text", "rule", "book", "book_period", "content_key", "files_key"),
    *("came_by", "signer", "arrived_on"),
)
_NEW_DOCUMENT = insert_one(
    DOCUMENT,
    (
        *_COPIED,
        *("message_ref", "direction", "book_series", "book_number", "recorded_at", "released_at", "ask_again_at"),
        *("expires_at", "archive_hash", "shared_hash", "boundary", "plan", "next_period_on"),
    ),
)
_RAISE = (
    sa.update(COUNTER)
    .where(
        COUNTER.c.book == sa.bindparam("a_book"),
        COUNTER.c.period == sa.bindparam("a_period"),
        COUNTER.c.series == sa.bindparam("a_series"),
    )
    .values(next=COUNTER.c.next + 1)
    .returning(COUNTER.c.next)
)


def write_document(
    decision: Decision, filed: Filed, connection: sa.Connection, now: datetime
) -> tuple[int | None, dict[str, Any]]:
    """Insert or move on the document; return its row and what its mails must say of the book (số đến, ngày đến).

    Raises:
        AlreadyDecidedError: the document does not wait any more.
    """
    extra: dict[str, Any] = {}
    _move_on(decision, connection, now)
    plan = decision.document
    if plan is None:
        return None, extra
    number = _book_number(plan, connection)
    if number is not None:
        extra = {"arrival_number": number, "arrival_date": plan.arrival_text}
    columns = {name: getattr(plan, name) for name in _COPIED}
    replaces = plan.release.replaces if plan.release is not None else None
    if replaces is not None and _same_number(connection, plan, replaces):
        # Until it goes out, the number is that of the paper whose place it takes.
        columns["series"] = remedies.in_place_of(plan.series, replaces)
    row = columns | {
        "message_ref": filed.message,
        "direction": str(plan.direction),
        "book_series": plan.book_series if plan.book else None,
        "book_number": number,
        "recorded_at": now,
        "released_at": now if plan.state == DocumentState.RELEASED else None,
        "ask_again_at": plan.ask_again_at,
        "expires_at": plan.expires_at,
        "archive_hash": filed.archive_hash,
        "shared_hash": filed.shared_hash,
        "boundary": filed.boundary,
        "plan": release_to_json(plan.release) if plan.release else None,
        "next_period_on": next_period_on(plan.release),
    }
    document: int = _NEW_DOCUMENT.scalar(connection, row)
    if replaces is not None and plan.state == DocumentState.RELEASED:
        remedies.supersede(connection, replaces, document, now)
    if decision.outdates is not None:
        remedies.supersede(connection, decision.outdates, document, now)
    if plan.meeting is not None:
        meeting = {
            name: getattr(plan.meeting, name)
            for name in ("starts_at", "ends_at", "place", "chair", "rsvp_by", "uid", "sequence", "sheet_at")
        }
        connection.execute(sa.insert(MEETING).values(document_ref=document, **meeting))
    return document, extra


def _move_on(decision: Decision, connection: sa.Connection, now: datetime) -> None:
    """Carry out what a decision does to documents that are there already."""
    if decision.release_of is not None:
        move_document(connection, decision.release_of, DocumentState.RELEASED, now)
    if decision.files is not None:
        move_document(connection, decision.files, DocumentState.FILED, now)
    if decision.cancel is not None:
        move_document(connection, decision.cancel, DocumentState.CANCELLED, now)
    if decision.release_of is not None:
        _take_place(connection, decision.release_of, now)
    if decision.release is not None:
        _keep_release(connection, passed_on(decision), decision.release)
    if decision.amend is not None:
        _amend(connection, decision.amend, now)


def _same_number(connection: sa.Connection, plan: DocumentPlan, other: int) -> bool:
    keys = ("issuer_unit", "type", "number_key", "series")
    row = connection.execute(sa.select(*(DOCUMENT.c[key] for key in keys)).where(DOCUMENT.c.id == other)).one()
    return tuple(row) == tuple(getattr(plan, key) for key in keys)


def _take_place(connection: sa.Connection, document: int, now: datetime) -> None:
    """Let a paper that goes out take the place of the one that it was written in place of."""
    release = release_from_json(
        connection.execute(sa.select(DOCUMENT.c.plan).where(DOCUMENT.c.id == document)).scalar()
    )
    if release is not None and release.replaces is not None:
        remedies.supersede(connection, release.replaces, document, now)


def passed_on(decision: Decision) -> int | None:
    """Return the document that goes out, for the first time or to more."""
    return decision.release_of or decision.adds_to


def _keep_release(connection: sa.Connection, document: int | None, release: Release) -> None:
    """Keep what goes out with its document: mails are rendered from it, registers and the log are read from it."""
    values = {"plan": release_to_json(release), "next_period_on": next_period_on(release)}
    connection.execute(sa.update(DOCUMENT).where(DOCUMENT.c.id == document).values(**values))


def next_period_on(release: Release | None) -> str | None:
    """Return the day (ISO 8601) on which a recurring duty makes its next task."""
    return begins_on(release.duty).isoformat() if release is not None and release.duty is not None else None


def _amend(connection: sa.Connection, plan: AmendPlan, now: datetime) -> None:
    """Change what waits for its ĐỒNG Ý; what has gone out meanwhile is not changed any more."""
    values: dict[str, Any] = {
        "plan": release_to_json(plan.release),
        "next_period_on": next_period_on(plan.release),
        "ask_again_at": plan.ask_again_at,
        "expires_at": plan.expires_at,
    }
    values |= {"number": plan.number} if plan.number else {}
    values |= {"summary": plan.summary} if plan.summary else {}
    moved = connection.execute(
        sa.update(DOCUMENT)
        .where(DOCUMENT.c.id == plan.document_id, DOCUMENT.c.state == DocumentState.AWAITING_CONFIRMATION)
        .values(**values)
    )
    if moved.rowcount != 1:
        raise AlreadyDecidedError(plan.document_id)
    searching.amend(connection, plan.document_id, plan.number, plan.summary, now)


def move_document(connection: sa.Connection, document: int, to: DocumentState, now: datetime) -> None:
    """Move a document that waits for a word on.

    Raises:
        AlreadyDecidedError: it does not wait any more.
    """
    waiting = [DocumentState.AWAITING_CONFIRMATION, DocumentState.AWAITING_INSTRUCTION]
    if to is DocumentState.RELEASED:
        waiting.append(DocumentState.FILED)  # the leader thought better of it
    moved = connection.execute(
        sa.update(DOCUMENT)
        .where(DOCUMENT.c.id == document, DOCUMENT.c.state.in_(waiting))
        .values(state=to, released_at=now if to is DocumentState.RELEASED else None)
    )
    if moved.rowcount != 1:
        raise AlreadyDecidedError(document)
    if to is DocumentState.CANCELLED:
        # A paper of ours that never went out gives its printed number back: mended, it is mailed in again.
        connection.execute(
            sa.update(DOCUMENT)
            .where(DOCUMENT.c.id == document, DOCUMENT.c.direction == "outgoing")
            .values(series=DOCUMENT.c.series + f" cancelled {document}", book_number=None)
        )


def _book_number(plan: DocumentPlan, connection: sa.Connection) -> int | None:
    if plan.book is None or plan.book_period is None:
        return None
    if plan.direction == "incoming" and not plan.book_mirror:
        return allocate(connection, plan.book, plan.book_period, plan.book_series, plan.book_start)
    if plan.book_number is None:
        return None
    keys = {
        "book": plan.book,
        "book_period": plan.book_period,
        "book_series": plan.book_series,
        "book_number": plan.book_number,
    }
    taken = connection.execute(
        sa.select(DOCUMENT.c.id).where(*(DOCUMENT.c[name] == value for name, value in keys.items()))
    ).first()
    return None if taken else plan.book_number


def source_of_shared(connection: sa.Connection, digest: str) -> tuple[str | None, str | None]:
    """Return hash and boundary of the archived mail from which the shared parts with this hash were made."""
    query = sa.select(DOCUMENT.c.archive_hash, DOCUMENT.c.boundary).where(DOCUMENT.c.shared_hash == digest)
    row = connection.execute(query).first()
    return (row.archive_hash, row.boundary) if row is not None else (None, None)


def allocate(connection: sa.Connection, book: str, period: str, series: str, start: int) -> int:
    """Return the next number of a book: gapless, because it is raised in the transaction that uses it."""
    raised = connection.execute(_RAISE, {"a_book": book, "a_period": period, "a_series": series}).scalar()
    if raised is not None:
        return int(raised) - 1
    connection.execute(sa.insert(COUNTER).values(book=book, period=period, series=series, next=start + 1))
    return start
