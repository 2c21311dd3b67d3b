"""Everything that the ledger holds of one paper, gathered for an inspection; the chain of events recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.office.orders import Verb
from mailbot.routing.inspecting import Attempt, Chain, Copy, Inspection, Original, Trace, Word
from mailbot.store import events
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailbot.office.orders import Command
    from mailbot.routing.known import KnownMatter

DOCUMENT, DELIVERY, EVENT, MESSAGE, INSTRUCTION = (
    TABLES[name] for name in ("document", "delivery", "event", "message", "instruction")
)
OUTBOX, HEAD, ATTEMPT, ENTRY = (TABLES[name] for name in ("outbox", "outbox_head", "attempt", "search_entry"))
_COPIED = (
    *("id", "number", "summary", "issued_on", "direction", "book", "book_period", "book_number", "recorded_at"),
    *("released_at", "due_text", "rule", "content_key"),
)


def inspect(connection: sa.Connection, document: int) -> Inspection | None:
    """Return all that is known of a paper by its row, or None; each of its events is checked against its own hash."""
    row = connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == document)).first()
    if row is None:
        return None
    deliveries = connection.execute(
        sa.select(DELIVERY).where(DELIVERY.c.document_ref == document).order_by(DELIVERY.c.id)
    ).all()
    words = connection.execute(
        sa.select(INSTRUCTION).where(INSTRUCTION.c.document_ref == document).order_by(INSTRUCTION.c.id)
    ).all()
    traces = _events(connection, row, [one.id for one in deliveries])
    messages = {row.message_ref, *(word.message_ref for word in words), *(one.message for one in traces if one.message)}
    return Inspection(
        **{name: getattr(row, name) for name in _COPIED},
        issuer=row.issuer_unit,
        sender=row.sender_address,
        hidden=_hidden(connection, document),
        copies=tuple(_copy(one) for one in deliveries),
        words=tuple(Word(word.given_by, word.text, word.given_at, word.message_ref) for word in words),
        events=traces,
        attempts=_attempts(connection, document),
        originals=(*_came(connection, row, messages), *_went(connection, document)),
    )


def asked(
    connection: sa.Connection, commands: Iterable[Command], matters: Mapping[str, Sequence[KnownMatter]]
) -> dict[int, Inspection]:
    """Return everything about the documents whose history orders ask for; `matters` are those that orders name."""
    names = {next(iter(command.arguments), "") for command in commands if command.verb is Verb.HISTORY}
    wanted = [matter.document.id for name in sorted(names) for matter in matters.get(name, matters.get("", ()))]
    return {number: found for number in wanted if (found := inspect(connection, number)) is not None}


def verify(connection: sa.Connection) -> Chain:
    """Recompute the whole chain of events."""
    count, last, broken = 0, events.FIRST_HASH, []
    for number, digest, follows in events.links(connection):
        count, last = count + 1, digest
        if not follows:
            broken.append(number)
    return Chain(count, last, tuple(broken))


def head_of(connection: sa.Connection, mail: int) -> bytes | None:
    """Return the fixed head of a mail of ours, by its row."""
    head: bytes | None = connection.execute(sa.select(HEAD.c.head).where(HEAD.c.outbox_ref == mail)).scalar()
    return head


def _hidden(connection: sa.Connection, document: int) -> bool:
    """A petition, personnel or discipline paper is known by number alone, in the index as here."""
    query = sa.select(ENTRY.c.id).where(ENTRY.c.document_ref == document, ENTRY.c.numbers_only.is_(True))
    return connection.execute(query.limit(1)).first() is not None


def _copy(row: Any) -> Copy:
    return Copy(row.id, row.unit_name, row.channel, tuple(row.addresses), row.reason, row.ask, row.due)


def _events(connection: sa.Connection, row: Any, deliveries: Sequence[int]) -> tuple[Trace, ...]:
    """Return the events of a paper, of its deliveries, and the decisions about the mails that brought them."""
    about = sa.or_(EVENT.c.document_ref == row.id, EVENT.c.delivery_ref.in_(deliveries))
    brought = sa.select(EVENT.c.message_ref).where(about, EVENT.c.message_ref.is_not(None))
    decided = sa.and_(EVENT.c.message_ref.in_(brought), EVENT.c.what == "decided")
    query = sa.select(EVENT).where(sa.or_(about, decided)).order_by(EVENT.c.id)
    return tuple(_trace(dict(each)) for each in connection.execute(query).mappings())


def _trace(row: dict[str, Any]) -> Trace:
    return Trace(
        id=row["id"],
        at=row["at"],
        actor=row["actor"],
        what=row["what"],
        reason=row["reason"],
        hash=row["hash"],
        whole=events.chain_hash(row["previous_hash"], row) == row["hash"],
        delivery=row["delivery_ref"],
        message=row["message_ref"],
        address=row["address"],
        rule=row["rule"],
        data=row["data"] or {},
    )


def _attempts(connection: sa.Connection, document: int) -> tuple[Attempt, ...]:
    mine = ("purpose", "recipient", "message_id", "head_hash")
    tried = ("number", "started_at", "finished_at", "result", "code", "enhanced", "answer")
    columns = (*(OUTBOX.c[name] for name in mine), *(ATTEMPT.c[name] for name in tried))
    query = (
        sa.select(OUTBOX.c.id.label("mail"), *columns)
        .join(ATTEMPT, ATTEMPT.c.outbox_ref == OUTBOX.c.id)
        .where(OUTBOX.c.document_ref == document)
        .order_by(OUTBOX.c.id, ATTEMPT.c.number)
    )
    return tuple(Attempt(**row._mapping) for row in connection.execute(query))


def _came(connection: sa.Connection, document: Any, messages: set[int]) -> tuple[Original, ...]:
    """Return the mails that came and were kept, each once, the paper's own first."""
    query = sa.select(MESSAGE).where(MESSAGE.c.id.in_(messages), MESSAGE.c.archive_hash.is_not(None))
    rows = connection.execute(query.order_by(MESSAGE.c.id)).all()
    return tuple(
        Original(
            name=f"thu-den/m{row.id}.eml",
            about="văn bản" if row.id == document.message_ref else row.outcome or row.kind or "",
            at=row.internal_date or row.journalled_at,
            address=row.sender or "",
            subject=row.subject or "",
            sha256=row.archive_hash,
        )
        for row in sorted(rows, key=lambda row: (row.id != document.message_ref, row.id))
    )


def _went(connection: sa.Connection, document: int) -> tuple[Original, ...]:
    """Return the heads of our mails about the paper: each is what every attempt sent, before the shared parts."""
    query = (
        sa.select(OUTBOX)
        .join(HEAD, HEAD.c.outbox_ref == OUTBOX.c.id)
        .where(OUTBOX.c.document_ref == document, OUTBOX.c.head_hash.is_not(None))
    )
    return tuple(
        Original(
            name=f"thu-di/o{row.id}.eml",
            about=row.purpose,
            at=row.sent_at or row.planned_at,
            address=row.recipient,
            subject=row.subject or "",
            sha256=row.head_hash,
            outbox=row.id,
        )
        for row in connection.execute(query.order_by(OUTBOX.c.id))
    )
