"""What is told of papers that somebody looked up: who got them, who answered, what was said, where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from mailbot.office.orders import Verb
from mailbot.routing.finding import Found, FoundPaper, query_of
from mailbot.routing.looking_up import MOST_IN_A_MAIL, asked_for
from mailbot.routing.model import Ask
from mailbot.store import searching
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.reading import Reading
    from mailbot.routing.finding import Query
    from mailbot.store.searching import Hit

DOCUMENT, DELIVERY, INSTRUCTION, MESSAGE = (TABLES[name] for name in ("document", "delivery", "instruction", "message"))
_COPIED = (
    *("id", "number", "summary", "direction", "kind", "issuer_unit", "sender_address", "issued_on", "recorded_at"),
    *("book", "book_number", "due_text", "content_key"),
)
_LEADS = "assign: chủ trì"


def look_up(connection: sa.Connection, query: Query, zone: ZoneInfo, *, limit: int = 10) -> Found:
    """Return the papers that a query means with what happened since, best first; days are those of the zone."""
    hits = searching.find(connection, query, zone, limit=limit)
    return Found(_papers(connection, hits.shown), hits.more, hits.uncounted)


def looked_up(connection: sa.Connection, reading: Reading) -> dict[str, Found]:
    """Return what the orders of a mail to look something up find, by their words; a mail asks for no days."""
    wanted = {asked_for(command)[0] for command in reading.commands if command.verb is Verb.LOOKUP}
    queries = {text: query_of(text) for text in sorted(wanted)}
    zone = ZoneInfo(reading.timezone)
    return {text: look_up(connection, query, zone, limit=MOST_IN_A_MAIL) for text, query in queries.items()}


def _papers(connection: sa.Connection, hits: Sequence[Hit]) -> tuple[FoundPaper, ...]:
    if not hits:
        return ()
    numbers = [hit.document for hit in hits]
    columns = [DOCUMENT.c[name] for name in (*_COPIED, "state", "shared_hash", "boundary")]
    query = sa.select(*columns, MESSAGE.c.mailbox).join(MESSAGE, MESSAGE.c.id == DOCUMENT.c.message_ref)
    rows = {row.id: row for row in connection.execute(query.where(DOCUMENT.c.id.in_(numbers)))}
    counts, officers, said = _counts(connection, numbers), _officers(connection, numbers), _said(connection, numbers)
    answered = _units(connection, [hit.delivery for hit in hits if hit.delivery is not None])
    return tuple(
        FoundPaper(
            **{name: getattr(rows[hit.document], name) for name in _COPIED},
            state=str(rows[hit.document].state),
            where=hit.where,
            answered_by=answered.get(hit.delivery or 0),
            numbers_only=hit.numbers_only,
            officer=officers.get(hit.document),
            mailbox=rows[hit.document].mailbox,
            has_file=rows[hit.document].shared_hash is not None and rows[hit.document].boundary is not None,
            **counts.get(hit.document, {}),
            **said.get(hit.document, {}),
        )
        for hit in hits
    )


def _counts(connection: sa.Connection, documents: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return for each paper how many units got it, acknowledged it, were asked for a report and gave it."""
    paper = DELIVERY.c.channel != "mail"
    wanted = {
        "total": sa.true(),
        "sent": sa.or_(paper, DELIVERY.c.transport.in_(("sent", "delayed", "delivered", "read"))),
        "acknowledged": DELIVERY.c.answered_at.is_not(None),
        "asked": DELIVERY.c.ask == str(Ask.REPORT),
        "reported": sa.and_(DELIVERY.c.ask == str(Ask.REPORT), DELIVERY.c.satisfied),
        "open": sa.not_(DELIVERY.c.satisfied),
    }
    sums = [sa.func.sum(sa.case((condition, 1), else_=0)).label(name) for name, condition in wanted.items()]
    query = sa.select(DELIVERY.c.document_ref, *sums).where(DELIVERY.c.document_ref.in_(documents))
    rows = connection.execute(query.group_by(DELIVERY.c.document_ref))
    return {row.document_ref: {name: int(getattr(row, name)) for name in wanted} for row in rows}


def _officers(connection: sa.Connection, documents: Sequence[int]) -> dict[int, str]:
    """Return who leads the handling of each paper and has not finished."""
    query = sa.select(DELIVERY.c.document_ref, DELIVERY.c.unit_name).where(
        DELIVERY.c.document_ref.in_(documents), DELIVERY.c.reason == _LEADS, DELIVERY.c.satisfied.is_(False)
    )
    return {row.document_ref: row.unit_name for row in connection.execute(query)}


def _said(connection: sa.Connection, documents: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the last instruction about each paper."""
    query = sa.select(INSTRUCTION).where(INSTRUCTION.c.document_ref.in_(documents)).order_by(INSTRUCTION.c.id)
    return {
        row.document_ref: {"instruction": row.text, "instructed_by": row.given_by} for row in connection.execute(query)
    }


def _units(connection: sa.Connection, deliveries: Sequence[int]) -> dict[int, str]:
    query = sa.select(DELIVERY.c.id, DELIVERY.c.unit_name).where(DELIVERY.c.id.in_(deliveries))
    return {row.id: row.unit_name for row in connection.execute(query)} if deliveries else {}
