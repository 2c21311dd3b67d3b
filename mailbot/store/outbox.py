"""The outbox: rows are rendered, then claimed by compare-and-swap with their attempt counted, then answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.rendering.mails import Fixed, Planned
from mailbot.routing.plans import FactPlan
from mailbot.store.facts import apply_sent
from mailbot.store.prepared import InsertNew, Prepared, insert
from mailbot.store.tables import TABLES, OutboxState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

OUTBOX, OUTBOX_DELIVERY, ATTEMPT = TABLES["outbox"], TABLES["outbox_delivery"], TABLES["attempt"]
DELIVERY, DOCUMENT, HEAD = TABLES["delivery"], TABLES["document"], TABLES["outbox_head"]

# The mails whose way to the unit is the delivery's own; a reminder or a list is not.
CARRIES_A_DOCUMENT = frozenset({"directive", "invitation", "assignment"})

# The deadline after DATA is 600 s plus size at 16 kB/s (RFC 5321 4.5.3.2.6); a client that gives up earlier makes
# duplicates. The lease of a claim lies beyond connecting, the dialogue and that deadline.
SLOWEST_BYTES_PER_SECOND = 16_000
LEASE = timedelta(seconds=600 + 300)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
# Days count only with tries in them: a machine that was off over a holiday, or a clock that jumped, gives up nothing.
GIVE_UP_TRIES = 8
UNKNOWN_LIMIT = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """A row to send now; its attempt is counted already. Equal copies have several recipients, else it is one."""

    id: int
    attempt: int
    recipients: tuple[str, ...]
    head: bytes
    head_hash: str
    shared_hash: str | None
    purpose: str
    planned_at: datetime
    unknowns: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One recipient whom the server will never take, with its words."""

    address: str
    status: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server said of one claim, whole, and of each recipient; `left` are those to try again."""

    claim: Claim
    result: str
    code: int | None
    enhanced: str | None
    text: str
    accepted: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    left: tuple[str, ...] = ()


_PLANNED_COLUMNS = ("id", "mailbox", "token", "message_id", "purpose", "template", "recipient", "recipient_name")
_PLANNED = sa.select(
    *(OUTBOX.c[name] for name in (*_PLANNED_COLUMNS, "values", "boundary", "shared_hash", "document_ref", "state"))
)
_PLANS = sa.select(DOCUMENT.c.id, DOCUMENT.c.plan).where(DOCUMENT.c.id.in_(sa.bindparam("documents", expanding=True)))


# In the order of an index, so that a long backlog is not sorted for every batch.
_WAITING = _PLANNED.where(OUTBOX.c.state == OutboxState.PLANNED).order_by(OUTBOX.c.next_attempt_at, OUTBOX.c.id)


def planned(connection: sa.Connection, limit: int) -> list[Planned]:
    """Return rows that wait for rendering, oldest first."""
    rows = connection.execute(_WAITING.limit(limit)).all()
    return with_document_values(connection, rows)


def mails_of_document(connection: sa.Connection, document: int) -> list[tuple[Planned, OutboxState]]:
    """Return the mails that carry a document to its units, with their states."""
    query = _PLANNED.where(OUTBOX.c.document_ref == document, OUTBOX.c.purpose.in_(("directive", "invitation")))
    rows = connection.execute(query.order_by(OUTBOX.c.id)).all()
    return list(zip(with_document_values(connection, rows), [row.state for row in rows], strict=True))


def with_document_values(connection: sa.Connection, rows: Sequence[Any]) -> list[Planned]:
    """Put what a mail says of its own over what its document's plan says for all."""
    documents = sorted({row.document_ref for row in rows if row.document_ref is not None})
    plans = connection.execute(_PLANS, {"documents": documents}).all() if documents else []
    values = {number: (plan or {}).get("values", {}) for number, plan in plans}
    return [
        Planned(
            **{name: getattr(row, name) for name in (*_PLANNED_COLUMNS, "boundary", "shared_hash")},
            values={**values.get(row.document_ref, {}), **row.values},
        )
        for row in rows
    ]


_FIXED_COLUMNS = ("head_hash", "subject", "template_hash", "boundary")
_NEW_HEADS = InsertNew(HEAD, ("outbox_ref", "head"), ("outbox_ref",))
_FIX = Prepared(
    sa.update(OUTBOX)
    .where(
        OUTBOX.c.id == sa.bindparam("row"),
        OUTBOX.c.state == OutboxState.PLANNED,
        # Its file may have been exchanged meanwhile: then it is composed once more.
        sa.func.coalesce(OUTBOX.c.boundary, "") == sa.func.coalesce(sa.bindparam("new_boundary"), ""),
    )
    .values(
        state=OutboxState.READY,
        **{name: sa.bindparam(f"new_{name}", type_=OUTBOX.c[name].type) for name in _FIXED_COLUMNS},
    )
)


def fix(connection: sa.Connection, rendered: Sequence[Fixed]) -> None:
    """Fix the bytes of rows; from now on they can be claimed."""
    rows = [{"row": item.id} | {f"new_{name}": getattr(item, name) for name in _FIXED_COLUMNS} for item in rendered]
    _NEW_HEADS.many(connection, [{"outbox_ref": item.id, "head": item.head} for item in rendered])
    if _FIX.many(connection, rows) != len(rows):
        planned_still = sa.select(OUTBOX.c.id).where(OUTBOX.c.state == OutboxState.PLANNED)
        drop_heads(connection, [item.id for item in rendered], among=planned_still)


def drop_heads(connection: sa.Connection, rows: Sequence[int], among: sa.Select[Any] | None = None) -> None:
    """Forget the bytes of mails that are composed once more."""
    which = [HEAD.c.outbox_ref.in_(rows)] + ([HEAD.c.outbox_ref.in_(among)] if among is not None else [])
    connection.execute(sa.delete(HEAD).where(*which))


def cannot_render(connection: sa.Connection, row: int, why: str) -> None:
    """Put a row aside whose template fails, with the reason; the others go on."""
    connection.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id == row, OUTBOX.c.state == OutboxState.PLANNED)
        .values(state=OutboxState.HELD, answer=why[:500])
    )


# Statements of the hot path are built once: building them costs more than running them.
_CLAIMED = ("id", "attempts", "recipient", "recipients", "head_hash", "shared_hash", "purpose", "planned_at")
_DUE = (
    sa.select(*(OUTBOX.c[name] for name in (*_CLAIMED, "unknowns")), HEAD.c.head)
    .join(HEAD, HEAD.c.outbox_ref == OUTBOX.c.id)
    .where(
        OUTBOX.c.state == OutboxState.READY,
        OUTBOX.c.mailbox == sa.bindparam("a_mailbox"),
        OUTBOX.c.next_attempt_at <= sa.bindparam("a_moment"),
    )
    .order_by(OUTBOX.c.next_attempt_at, OUTBOX.c.id)
    .limit(sa.bindparam("count"))
)
_COUNT_ATTEMPT = Prepared(
    sa.update(OUTBOX)
    .where(
        OUTBOX.c.id == sa.bindparam("row"),
        OUTBOX.c.attempts == sa.bindparam("seen"),
        OUTBOX.c.state == OutboxState.READY,
    )
    .values(attempts=OUTBOX.c.attempts + 1, next_attempt_at=sa.bindparam("until", type_=OUTBOX.c.next_attempt_at.type))
)
_NEW_ATTEMPT = insert(ATTEMPT, ("outbox_ref", "number", "started_at"))
_END_ATTEMPT = Prepared(
    sa.update(ATTEMPT)
    .where(ATTEMPT.c.outbox_ref == sa.bindparam("row"), ATTEMPT.c.number == sa.bindparam("try"))
    .values(
        finished_at=sa.bindparam("new_finished", type_=ATTEMPT.c.finished_at.type),
        **{name: sa.bindparam(f"new_{name}") for name in ("result", "code", "enhanced", "answer")},
    )
)
_ANSWER_COLUMNS = ("state", "next_attempt_at", "sent_at", "recipients", "unknowns", "code", "enhanced", "answer")
_ANSWER = Prepared(
    sa.update(OUTBOX)
    .where(
        OUTBOX.c.id == sa.bindparam("row"),
        OUTBOX.c.attempts == sa.bindparam("try"),
        OUTBOX.c.state == OutboxState.READY,
    )
    .values({name: sa.bindparam(f"new_{name}", type_=OUTBOX.c[name].type) for name in _ANSWER_COLUMNS})
)
_SPOKEN_OF = (
    sa.select(OUTBOX_DELIVERY.c.outbox_ref, OUTBOX_DELIVERY.c.delivery_ref, DELIVERY.c.addresses)
    .join(DELIVERY, DELIVERY.c.id == OUTBOX_DELIVERY.c.delivery_ref)
    .where(OUTBOX_DELIVERY.c.outbox_ref.in_(sa.bindparam("rows", expanding=True)))
)


def claim(
    connection: sa.Connection, mailbox: str, count: int, now: datetime, *, besides: Collection[int] = ()
) -> list[Claim]:
    """Claim up to `count` due rows of a mailbox before dialling: attempt counted, next one moved past the lease.

    Rows `besides` are under way in this process: a server that takes longer than the lease gets no second copy.
    """
    if count <= 0:
        return []
    found = connection.execute(_DUE, {"a_mailbox": mailbox, "a_moment": now, "count": count + len(besides)}).all()
    rows = [row for row in found if row.id not in besides][:count]
    if not rows:
        return []
    until = now + LEASE
    _COUNT_ATTEMPT.many(connection, [{"row": row.id, "seen": row.attempts, "until": until} for row in rows])
    attempts = [{"outbox_ref": row.id, "number": row.attempts + 1, "started_at": now} for row in rows]
    _NEW_ATTEMPT.many(connection, attempts)
    return [_claim(row) for row in rows]


def _claim(row: Any) -> Claim:
    return Claim(
        row.id,
        row.attempts + 1,
        tuple(row.recipients) if row.recipients else (row.recipient,),
        row.head,
        row.head_hash,
        row.shared_hash,
        row.purpose,
        row.planned_at,
        row.unknowns,
    )


def finish(connection: sa.Connection, answers: Sequence[Answered], now: datetime, jitter: float) -> None:
    """Write what the server answered, by compare-and-swap on the attempt; `jitter` (0..1) spreads the next tries."""
    if not answers:
        return
    _END_ATTEMPT.many(connection, [_ended(item, now) for item in answers])
    _ANSWER.many(connection, [_outcome(item, now, jitter) for item in answers])
    _sent_facts(connection, [item for item in answers if item.accepted], now)


def _ended(item: Answered, now: datetime) -> dict[str, Any]:
    return {
        "row": item.claim.id,
        "try": item.claim.attempt,
        "new_finished": now,
        "new_result": item.result,
        "new_code": item.code,
        "new_enhanced": item.enhanced,
        "new_answer": item.text[:1000],
    }


def _outcome(item: Answered, now: datetime, jitter: float) -> dict[str, Any]:
    claim = item.claim
    unknowns = claim.unknowns + (item.result == "unknown")
    return {
        "row": claim.id,
        "try": claim.attempt,
        "new_state": state_after(item, now),
        # A server that cannot be reached at all says nothing of the mail: no growing pause for that.
        "new_next_attempt_at": now + pause(1 if item.result == "unreachable" else claim.attempt, jitter),
        "new_sent_at": now if item.accepted else None,
        "new_recipients": list(item.left or claim.recipients) if len(claim.recipients) > 1 else None,
        "new_unknowns": unknowns,
        "new_code": item.code,
        "new_enhanced": item.enhanced,
        "new_answer": item.text[:1000],
    }


def state_after(item: Answered, now: datetime) -> OutboxState:
    """Return what a row becomes: temporary failures stay ready until three days are over, two unknowns are held."""
    over = now - item.claim.planned_at > GIVE_UP_AFTER and item.claim.attempt >= GIVE_UP_TRIES
    if item.result == "sent" and (over or not item.left):
        return OutboxState.SENT
    if item.result == "refused" or over:
        return OutboxState.FAILED
    if item.result == "unknown" and item.claim.unknowns + 1 >= UNKNOWN_LIMIT:
        return OutboxState.HELD
    return OutboxState.READY


def recover(connection: sa.Connection, now: datetime) -> int:
    """Make due again what a dead daemon had claimed; return how many rows. Only the one daemon of a site calls this.

    Whether the server took those mails is not known: they are sent again with the same Message-ID and bytes, and the
    attempt says `interrupted`.
    """
    open_attempts = sa.select(ATTEMPT.c.outbox_ref).where(ATTEMPT.c.finished_at.is_(None))
    connection.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.state == OutboxState.READY, OUTBOX.c.id.in_(open_attempts))
        .values(next_attempt_at=now)
    )
    closed = connection.execute(
        sa.update(ATTEMPT).where(ATTEMPT.c.finished_at.is_(None)).values(finished_at=now, result="interrupted")
    )
    return closed.rowcount


def clock_went_back(connection: sa.Connection, now: datetime) -> int:
    """Bring near what a clock that ran ahead has put off; return how many rows.

    What was tried after `now` is due; what was planned after `now` waits as long from now on as it was meant to.
    """
    tried = sa.select(ATTEMPT.c.outbox_ref).where(ATTEMPT.c.started_at > now)
    waiting = OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY)) & (OUTBOX.c.next_attempt_at > now)
    rows = connection.execute(
        sa.select(OUTBOX.c.id, OUTBOX.c.attempts, OUTBOX.c.planned_at, OUTBOX.c.next_attempt_at).where(
            waiting, sa.or_(OUTBOX.c.planned_at > now, OUTBOX.c.id.in_(tried))
        )
    ).all()
    for row in rows:
        meant = now if row.attempts else now + max(timedelta(), row.next_attempt_at - row.planned_at)
        connection.execute(sa.update(OUTBOX).where(OUTBOX.c.id == row.id).values(next_attempt_at=meant))
    return len(rows)


def pause(attempt: int, jitter: float) -> timedelta:
    """Return how long to wait after a failed attempt: a minute, doubling to four hours, up to half more by jitter."""
    base: timedelta = min(FIRST_PAUSE * 2 ** min(attempt - 1, 10), LONGEST_PAUSE)
    return base * (1 + jitter / 2)


def _sent_facts(connection: sa.Connection, answers: Sequence[Answered], now: datetime) -> None:
    by_row = {item.claim.id: item for item in answers if item.claim.purpose in CARRIES_A_DOCUMENT}
    if not by_row:
        return
    facts = []
    for row, delivery, addresses in connection.execute(_SPOKEN_OF, {"rows": list(by_row)}):
        item = by_row[row]
        known = {address.lower() for address in addresses}
        taken = next((address for address in item.accepted if address.lower() in known), None)
        if taken is None and len(item.claim.recipients) == 1:
            taken = item.accepted[0]
        if taken is not None:
            facts.append(FactPlan(delivery, "sent", now, f"{item.code} {item.text}"[:200], taken))
    apply_sent(connection, facts)


def next_due(connection: sa.Connection, mailbox: str) -> datetime | None:
    """Return when the next row of a mailbox may be claimed, or None when none waits."""
    return connection.execute(
        sa.select(sa.func.min(OUTBOX.c.next_attempt_at)).where(
            OUTBOX.c.state == OutboxState.READY, OUTBOX.c.mailbox == mailbox
        )
    ).scalar()


def last_message_id(connection: sa.Connection, mailbox: str, recipient: str) -> str:
    """Return the Message-ID, in brackets, of the mail that was planned last for an address; there must be one."""
    mine = (OUTBOX.c.mailbox == mailbox, OUTBOX.c.recipient == recipient)
    query = sa.select(OUTBOX.c.message_id).where(*mine).order_by(OUTBOX.c.id.desc()).limit(1)
    return str(connection.execute(query).scalar_one())


def sent_since(connection: sa.Connection, mailbox: str, since: datetime) -> int:
    """Return how many mails a mailbox has sent since a moment, for its daily limit."""
    return int(
        connection.execute(
            sa.select(sa.func.count()).where(OUTBOX.c.mailbox == mailbox, OUTBOX.c.sent_at >= since)
        ).scalar()
        or 0
    )


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many rows there are of each state."""
    rows = connection.execute(sa.select(OUTBOX.c.state, sa.func.count()).group_by(OUTBOX.c.state))
    return {str(state.value): number for state, number in rows}
