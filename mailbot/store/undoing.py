"""What an order has changed, kept with it, so that HỦY LỆNH can put it back; what has left the house cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.store import events
from mailbot.store.facts import FACTS, TAKEN_BACK, refresh
from mailbot.store.outbox import drop_heads
from mailbot.store.remedies import OF_DOCUMENT, OF_MAIL, unsent_of
from mailbot.store.tables import TABLES, OutboxState, ReminderState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailbot.routing.plans import Decision

DELIVERY, DOCUMENT, EVENT, HELD = (TABLES[name] for name in ("delivery", "document", "event", "held"))
OUTBOX, REMINDER, ATTEMPT = TABLES["outbox"], TABLES["reminder"], TABLES["attempt"]
INSTRUCTION, MESSAGE = TABLES["instruction"], TABLES["message"]
CHANGED = "order_changed"


@dataclass(frozen=True)
class Before:
    """How things stood before an order: limits and reminders of its deliveries, periods, matters, the last rows."""

    dues: dict[int, str | None]
    reminders: dict[int, str]
    periods: dict[int, str | None]
    matters: dict[int, str]
    papers: dict[int, dict[str, Any]]
    unsent: dict[int, dict[str, Any]]
    last_mail: int
    last_event: int


def look(connection: sa.Connection, decision: Decision, unsent: Sequence[int] | None = None) -> Before:
    """Look at all that a decision is about to change, in its transaction; afterwards at the same `unsent` mails."""
    deliveries = affected(decision)
    papers = [plan.document_id for plan in decision.remedies]
    return Before(
        dues=_pairs(connection, DELIVERY.c.id, DELIVERY.c.due, deliveries),
        reminders=_reminders(connection, deliveries),
        periods=_pairs(connection, DOCUMENT.c.id, DOCUMENT.c.next_period_on, decision.ends),
        matters=_pairs(connection, HELD.c.id, HELD.c.state, decision.closes),
        papers=_rows(connection, DOCUMENT, OF_DOCUMENT, papers),
        unsent=_rows(connection, OUTBOX, OF_MAIL, unsent_of(connection, papers) if unsent is None else unsent),
        last_mail=_last(connection, OUTBOX),
        last_event=_last(connection, EVENT),
    )


def affected(decision: Decision) -> list[int]:
    """Return the deliveries whose limits, reminders or facts an order changes."""
    return sorted(
        {*decision.stops, *decision.reminds}
        | {one.delivery_id for one in decision.reschedules}
        | {one.delivery_id for one in decision.facts}
    )


def keep(
    connection: sa.Connection, decision: Decision, before: Before, message: int, actor: str, now: datetime
) -> None:
    """Keep what an order has changed as an event of its mail; nothing where it has changed nothing."""
    after = look(connection, decision, list(before.unsent))
    mails = connection.execute(sa.select(OUTBOX.c.id, OUTBOX.c.message_ref).where(OUTBOX.c.id > before.last_mail))
    facts = sa.select(EVENT.c.id).where(
        EVENT.c.id > before.last_event, EVENT.c.message_ref == message, EVENT.c.what.in_(sorted(FACTS))
    )
    changes: dict[str, Any] = {
        "dues": [[key, due] for key, due in before.dues.items() if after.dues[key] != due],
        "reminders": [[key, state] for key, state in before.reminders.items() if after.reminders.get(key) != state],
        "made": sorted(set(after.reminders) - set(before.reminders)),
        "periods": [[key, day] for key, day in before.periods.items() if after.periods[key] != day],
        "matters": [[key, state] for key, state in before.matters.items() if after.matters[key] != state],
        "papers": [[key, values] for key, values in before.papers.items() if after.papers[key] != values],
        "unsent": [[key, values] for key, values in before.unsent.items() if after.unsent[key] != values],
        # Its transcript is no part of what it has changed.
        "mails": [row.id for row in mails if row.message_ref is None],
        "facts": list(connection.execute(facts).scalars()),
    }
    if any(changes.values()):
        kept = events.event(now, actor, CHANGED, "can be taken back", message_ref=message, data=changes)
        events.append(connection, [kept])


@dataclass(frozen=True)
class Changed:
    """The last order of somebody: its mail, when it was given, and how many of its mails have left already.

    `assigned` is the number of the paper that it gave to somebody, which stands; `changed`, whether it did anything
    else.
    """

    message: int
    at: datetime
    gone: int
    assigned: str | None = None
    changed: bool = True


def last_order(connection: sa.Connection, actor: str, message: int | None = None) -> Changed | None:
    """Return the last order of an address (or that of one mail) that has changed something and stands."""
    query = sa.select(EVENT).where(EVENT.c.what == CHANGED, EVENT.c.actor == actor)
    if message is not None:
        query = query.where(EVENT.c.message_ref == message)
    row = connection.execute(query.order_by(EVENT.c.id.desc()).limit(1)).first()
    given = _assignment(connection, actor, message)
    if given is not None and (row is None or given.message_ref > row.message_ref):
        return Changed(given.message_ref, given.given_at, 0, given.number or "", changed=False)
    if row is None or _taken_back(connection, row.message_ref):
        return None
    both = given is not None and given.message_ref == row.message_ref
    assigned = (given.number or "") if given is not None and both else None
    return Changed(row.message_ref, row.at, len(_gone(connection, row.data["mails"])), assigned)


def _assignment(connection: sa.Connection, actor: str, message: int | None) -> Any:
    """Return the last paper that an address has given to somebody, by whichever mail."""
    query = (
        sa.select(INSTRUCTION.c.message_ref, INSTRUCTION.c.given_at, DOCUMENT.c.number)
        .join(MESSAGE, MESSAGE.c.id == INSTRUCTION.c.message_ref)
        .join(DOCUMENT, DOCUMENT.c.id == INSTRUCTION.c.document_ref)
        .where(MESSAGE.c.sender == actor)
    )
    if message is not None:
        query = query.where(INSTRUCTION.c.message_ref == message)
    return connection.execute(query.order_by(INSTRUCTION.c.id.desc()).limit(1)).first()


def take_back(connection: sa.Connection, message: int, actor: str, now: datetime) -> None:
    """Put back what the order of a mail has changed, but for the mails that have left."""
    row = connection.execute(
        sa.select(EVENT).where(EVENT.c.what == CHANGED, EVENT.c.message_ref == message).order_by(EVENT.c.id.desc())
    ).first()
    if row is None or _taken_back(connection, message):
        return
    changes = row.data
    stays = _gone(connection, changes["mails"])
    unsent = [number for number in changes["mails"] if number not in stays]
    _set(connection, OUTBOX.c.id, unsent, state=OutboxState.CANCELLED)
    for key, due in changes["dues"]:
        _set(connection, DELIVERY.c.id, [key], due=due)
    for key, day in changes["periods"]:
        _set(connection, DOCUMENT.c.id, [key], next_period_on=day)
    for key, state in changes["matters"]:
        _set(connection, HELD.c.id, [key], state=state)
    for key, values in changes.get("papers", ()):
        _set(connection, DOCUMENT.c.id, [key], **values)
    _put_back_unsent(connection, changes.get("unsent", ()))
    pending = (REMINDER.c.id.in_(changes["made"]), REMINDER.c.state == ReminderState.PENDING)
    connection.execute(sa.update(REMINDER).where(*pending).values(state=ReminderState.CANCELLED))
    told = _events_of(connection, changes["facts"], actor, now)
    told.append(events.event(now, actor, "order_taken_back", f"message {message}", data={"message": message}))
    events.append(connection, told)
    refresh(connection, sorted({event["delivery_ref"] for event in told if event["delivery_ref"]}))
    # After the fold, which ends or revives reminders by itself.
    for key, state in changes["reminders"]:
        _set(connection, REMINDER.c.id, [key], state=state)


def _put_back_unsent(connection: sa.Connection, mails: Sequence[Any]) -> None:
    """Let mails that were to go out changed, or not at all, go out as they were; those that have left have left."""
    gone = _gone(connection, [key for key, _ in mails])
    for key, values in mails:
        if key not in gone:
            drop_heads(connection, [key])
            _set(connection, OUTBOX.c.id, [key], **values | {"state": OutboxState.PLANNED})


def _events_of(connection: sa.Connection, facts: Sequence[int], actor: str, now: datetime) -> list[dict[str, Any]]:
    query = sa.select(EVENT.c.id, EVENT.c.delivery_ref).where(EVENT.c.id.in_(facts)).order_by(EVENT.c.id)
    found: dict[int, list[int]] = {}
    for number, delivery in connection.execute(query):
        found.setdefault(delivery, []).append(number)
    return [
        events.event(now, actor, TAKEN_BACK, "order taken back", delivery_ref=delivery, data={"events": numbers})
        for delivery, numbers in found.items()
    ]


def _taken_back(connection: sa.Connection, message: int) -> bool:
    query = sa.select(EVENT.c.data).where(EVENT.c.what == "order_taken_back", EVENT.c.reason == f"message {message}")
    return connection.execute(query.limit(1)).first() is not None


def _gone(connection: sa.Connection, mails: Sequence[int]) -> set[int]:
    """Return those mails that were sent, or are on their way to the server now."""
    under_way = sa.select(ATTEMPT.c.outbox_ref).where(ATTEMPT.c.finished_at.is_(None))
    left = sa.or_(OUTBOX.c.state == OutboxState.SENT, OUTBOX.c.id.in_(under_way))
    return set(connection.execute(sa.select(OUTBOX.c.id).where(OUTBOX.c.id.in_(mails), left)).scalars())


def _pairs(connection: sa.Connection, key: Any, value: Any, numbers: Sequence[int]) -> dict[int, Any]:
    if not numbers:
        return {}
    return {row[0]: row[1] for row in connection.execute(sa.select(key, value).where(key.in_(numbers)))}


def _rows(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], numbers: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Return columns of rows as JSON values, by row."""
    if not numbers:
        return {}
    query = sa.select(table.c.id, *(table.c[name] for name in names)).where(table.c.id.in_(numbers))
    found = connection.execute(query).mappings()
    return {row["id"]: {name: _plain(row[name]) for name in names} for row in found}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value


def _reminders(connection: sa.Connection, deliveries: Sequence[int]) -> dict[int, str]:
    query = sa.select(REMINDER.c.id, REMINDER.c.state).where(REMINDER.c.delivery_ref.in_(deliveries))
    return {row.id: str(row.state) for row in connection.execute(query)} if deliveries else {}


def _last(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0)


def _set(connection: sa.Connection, column: Any, numbers: Sequence[int], **values: Any) -> None:
    if numbers:
        connection.execute(sa.update(column.table).where(column.in_(numbers)).values(values))
