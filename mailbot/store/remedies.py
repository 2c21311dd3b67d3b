"""What becomes of papers that went out wrong: their file is another, they are recalled, another takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.plans import Purpose, Remedy
from mailbot.store import events
from mailbot.store.outbox import CARRIES_A_DOCUMENT, drop_heads
from mailbot.store.tables import TABLES, DocumentState, OutboxState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailbot.routing.plans import RemedyPlan
    from mailbot.store.filed import Filed

DOCUMENT, OUTBOX, OUTBOX_DELIVERY, ATTEMPT = (
    TABLES[name] for name in ("document", "outbox", "outbox_delivery", "attempt")
)
# What of a document an order about a wrong file changes, and of a mail that has not left.
OF_DOCUMENT = ("state", "next_period_on", "files_key", "archive_hash", "shared_hash", "boundary", "plan")
OF_MAIL = ("state", "shared_hash", "boundary", "values")
# What of an earlier remedy has not left is overtaken by a later one.
OVERTAKEN = (str(Purpose.REPLACEMENT_FILE), str(Purpose.CORRECTION))
_UNSENT = (OutboxState.PLANNED, OutboxState.READY)


def left_of(connection: sa.Connection, document: int) -> set[int]:
    """Return the deliveries of a document whose paper was sent, or is on its way to the server now."""
    query = (
        sa.select(OUTBOX_DELIVERY.c.delivery_ref)
        .join(OUTBOX, OUTBOX.c.id == OUTBOX_DELIVERY.c.outbox_ref)
        .where(
            OUTBOX.c.document_ref == document,
            OUTBOX.c.purpose.in_(sorted(CARRIES_A_DOCUMENT)),
            sa.or_(OUTBOX.c.state == OutboxState.SENT, OUTBOX.c.id.in_(_under_way())),
        )
    )
    return set(connection.execute(query).scalars())


def _under_way() -> sa.Select[Any]:
    return sa.select(ATTEMPT.c.outbox_ref).where(ATTEMPT.c.finished_at.is_(None))


def unsent_of(connection: sa.Connection, documents: Sequence[int]) -> list[int]:
    """Return the mails with these papers that have not left the house."""
    query = sa.select(OUTBOX.c.id).where(
        OUTBOX.c.document_ref.in_(documents),
        OUTBOX.c.purpose.in_((*sorted(CARRIES_A_DOCUMENT), *OVERTAKEN)),
        OUTBOX.c.state.in_(_UNSENT),
        OUTBOX.c.id.not_in(_under_way()),
    )
    return list(connection.execute(query).scalars()) if documents else []


def remedy(connection: sa.Connection, plan: RemedyPlan, filed: Filed, now: datetime) -> None:
    """Change a paper in the transaction that decided about it; what has not left goes out changed, or not at all."""
    kept = sa.select(DOCUMENT.c.archive_hash, DOCUMENT.c.files_key).where(DOCUMENT.c.id == plan.document_id)
    before = connection.execute(kept).one()
    # Both files stay in the archive: the log says which was the paper's until when.
    data: dict[str, Any] = {"before": before.archive_hash, "files_before": before.files_key, "unsent": 0}
    if plan.remedy is Remedy.REPLACE_FILE:
        data |= {"now": filed.archive_hash, "files_now": plan.files_key}
    unsent = unsent_of(connection, [plan.document_id])
    data["unsent"] = len(unsent)
    about = {"message_ref": filed.message, "document_ref": plan.document_id, "data": data}
    said = events.event(now, filed.sender or "unknown", f"paper_{plan.remedy}", plan.reason[:200], **about)
    events.append(connection, [said])
    mails = sa.update(OUTBOX).where(OUTBOX.c.id.in_(unsent))
    if plan.remedy is Remedy.REPLACE_FILE:
        overtaken = mails.where(OUTBOX.c.purpose == str(Purpose.REPLACEMENT_FILE))
        connection.execute(overtaken.values(state=OutboxState.CANCELLED))
        mails = mails.where(OUTBOX.c.purpose.in_(sorted(CARRIES_A_DOCUMENT)))
    if plan.remedy is Remedy.RECALL:
        _set(connection, plan.document_id, state=DocumentState.RECALLED, next_period_on=None)
        connection.execute(mails.values(state=OutboxState.CANCELLED))
    elif plan.remedy is Remedy.REPLACE_FILE:
        parts = {"shared_hash": filed.shared_hash, "boundary": filed.boundary}
        _set(
            connection,
            plan.document_id,
            **parts,
            archive_hash=filed.archive_hash,
            files_key=plan.files_key,
            plan=_with_values(connection, plan),
        )
        # A head names the boundary of the parts that follow: it is made once more.
        shared = OUTBOX.c.shared_hash.is_not(None)
        connection.execute(mails.where(shared).values(**parts, state=OutboxState.PLANNED))
        drop_heads(connection, unsent)
        carrying = (OUTBOX.c.id.in_(unsent), OUTBOX.c.purpose.in_(sorted(CARRIES_A_DOCUMENT)))
        for mail in connection.execute(sa.select(OUTBOX.c.id, OUTBOX.c["values"]).where(*carrying)):
            changed = {name: value for name, value in plan.values.items() if name in mail[1]}
            if changed:
                connection.execute(sa.update(OUTBOX).where(OUTBOX.c.id == mail.id).values(values=mail[1] | changed))


def _with_values(connection: sa.Connection, plan: RemedyPlan) -> dict[str, Any] | None:
    """Return the release as it is kept, with what its later mails must say of the new file."""
    query = sa.select(DOCUMENT.c.plan).where(DOCUMENT.c.id == plan.document_id)
    kept: dict[str, Any] | None = connection.execute(query).scalar()
    return kept | {"values": kept["values"] | plan.values} if kept else kept


def supersede(connection: sa.Connection, old: int, new: int, now: datetime) -> None:
    """Let a paper that goes out take the place of an earlier one; of the same number also its place in the book."""
    before = connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == old)).one()
    after = connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == new)).one()
    events.append(
        connection, [events.event(now, "mailbot", "paper_superseded", f"by document {new}", document_ref=old)]
    )
    over = {"state": DocumentState.SUPERSEDED, "next_period_on": None}
    if after.series != in_place_of(before.series, old):
        _set(connection, old, **over)
        return
    _set(connection, old, **over, series=f"{before.series} superseded {old}", book_number=None)
    _set(connection, new, series=before.series, book_number=before.book_number)


def in_place_of(series: str | None, old: int) -> str:
    """Return the series under which a paper waits that bears the number of the one whose place it is to take."""
    return f"{series} in place of {old}"


def _set(connection: sa.Connection, document: int, **values: Any) -> None:
    connection.execute(sa.update(DOCUMENT).where(DOCUMENT.c.id == document).values(values))
