"""Facts about deliveries: written as events, folded into the state, ending reminders that are not needed any more."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.model import Anchor, Ask
from mailbot.store import events
from mailbot.store.prepared import Prepared
from mailbot.store.tables import TABLES, ReminderState
from mailbot.tracking.ladder import EXCHANGE
from mailbot.tracking.states import (
    FACT_OF_INTENT,
    PERSONAL,
    UNCONFIRMED,
    Fact,
    Seen,
    acknowledged,
    fold,
    satisfied,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailbot.routing.plans import FactPlan
    from mailbot.tracking.states import State

NOTHING: MappingProxyType[str, int | None] = MappingProxyType({})
DELIVERY, EVENT, REMINDER = TABLES["delivery"], TABLES["event"], TABLES["reminder"]
FACTS = frozenset(str(fact) for fact in Fact)
# Facts are events and stay; one that an order made and HỦY LỆNH took back does not count any more.
TAKEN_BACK = "facts_taken_back"


def fact_of(said: str) -> Fact | None:
    """Return the fact that an intent or a machine's word is; None for what only a person can judge."""
    if said in FACT_OF_INTENT:
        return FACT_OF_INTENT[said]
    return Fact(said) if said in FACTS else None


def apply_facts(
    connection: sa.Connection,
    plans: Sequence[FactPlan],
    *,
    actor: str,
    message: int | None = None,
    outbox: int | None = None,
) -> None:
    """Write facts and move the states of their deliveries, in the caller's transaction."""
    if not plans:
        return
    written = []
    for plan in plans:
        fact = fact_of(plan.said)
        more = {"message_ref": message, "outbox_ref": outbox}
        written.append(_event(plan, actor, str(fact) if fact else plan.said, more))
    events.append(connection, written)
    refresh(connection, sorted({plan.delivery_id for plan in plans}))


def _event(plan: FactPlan, actor: str, what: str, more: Mapping[str, int | None] = NOTHING) -> dict[str, Any]:
    about = {"delivery_ref": plan.delivery_id, "address": plan.address, "data": plan.data or None}
    return events.event(plan.at, actor, what, plan.reason, **about, **more)


# What is only queued becomes sent without a look at its other facts: it has none that speak of its way.
_QUEUED_IS_SENT = Prepared(
    sa.update(DELIVERY)
    .where(DELIVERY.c.id == sa.bindparam("delivery"), DELIVERY.c.transport == "queued")
    .values(transport="sent")
)


def apply_sent(connection: sa.Connection, plans: Sequence[FactPlan]) -> None:
    """Write that mails were sent, as `apply_facts` does, by the short way for those that nothing else is known of."""
    if not plans:
        return
    events.append(connection, [_event(plan, "mailbot", "sent") for plan in plans])
    deliveries = sorted({plan.delivery_id for plan in plans})
    if _QUEUED_IS_SENT.many(connection, [{"delivery": delivery} for delivery in deliveries]) != len(deliveries):
        # A bounce or an answer came before our own commit: the fold over all facts tells what that adds up to.
        refresh(connection, deliveries)


def taken_back(connection: sa.Connection, deliveries: Sequence[int]) -> set[int]:
    """Return the events of these deliveries that do not count any more."""
    query = sa.select(EVENT.c.data).where(EVENT.c.delivery_ref.in_(deliveries), EVENT.c.what == TAKEN_BACK)
    return {number for data in connection.execute(query).scalars() for number in data["events"]}


def refresh(connection: sa.Connection, deliveries: Sequence[int]) -> None:
    """Fold all facts of these deliveries again and write what they add up to; cancel reminders no longer needed."""
    seen: dict[int, list[Seen]] = defaultdict(list)
    facts = sa.select(EVENT.c.id, EVENT.c.delivery_ref, EVENT.c.what, EVENT.c.at, EVENT.c.address).where(
        EVENT.c.delivery_ref.in_(deliveries), EVENT.c.what.in_([str(fact) for fact in Fact])
    )
    void = taken_back(connection, deliveries)
    for number, delivery, what, at, address in connection.execute(facts):
        if number not in void:
            seen[delivery].append(Seen(Fact(what), at, address))
    columns = (DELIVERY.c.id, DELIVERY.c.ask, DELIVERY.c.satisfied)
    rows = connection.execute(sa.select(*columns).where(DELIVERY.c.id.in_(deliveries))).all()
    changes, stops = [], []
    again: dict[int, datetime | None] = {}
    for number, ask, was_done in rows:
        state = fold(seen[number])
        done = satisfied(Ask(ask), state)
        changes.append(_columns(number, state, seen[number], done))
        stops += _needless(number, state, done)
        if was_done and not done:
            again[number] = max((item.at for item in seen[number]), default=None)
    if changes:
        names = ("transport", "handling", "rsvp", "attendance", "exchange", "open_matter", "answered_at", "satisfied")
        update = sa.update(DELIVERY).where(DELIVERY.c.id == sa.bindparam("number"))
        connection.execute(update.values({name: sa.bindparam(f"new_{name}") for name in names}), changes)
    for delivery, since in again.items():
        # A unit that sent the document back and then takes it after all is reminded like any other, from now on.
        revived = (
            REMINDER.c.delivery_ref == delivery,
            REMINDER.c.state == ReminderState.CANCELLED,
            REMINDER.c.needs != EXCHANGE,
        )
        ahead = revived if since is None else (*revived, REMINDER.c.at > since)
        connection.execute(sa.update(REMINDER).where(*ahead).values(state=ReminderState.PENDING))
    for delivery, needs in stops:
        # Who has reported has not yet confirmed that the wrong file is gone: that is asked for by itself.
        needed = REMINDER.c.needs == needs if needs is not None else REMINDER.c.needs != EXCHANGE
        where = (REMINDER.c.delivery_ref == delivery, REMINDER.c.state == ReminderState.PENDING, needed)
        connection.execute(sa.update(REMINDER).where(*where).values(state=ReminderState.CANCELLED))


def _columns(number: int, state: State, seen: Sequence[Seen], done: bool) -> dict[str, object]:
    answers = [item.at for item in seen if item.fact in PERSONAL]
    return {
        "number": number,
        "new_transport": state.transport and str(state.transport),
        "new_handling": state.handling and str(state.handling),
        "new_rsvp": state.rsvp and str(state.rsvp),
        "new_attendance": state.attendance and str(state.attendance),
        "new_exchange": state.exchange and str(state.exchange),
        "new_open_matter": state.open_matter and str(state.open_matter),
        "new_answered_at": max(answers, default=None),
        "new_satisfied": done,
    }


def _needless(number: int, state: State, done: bool) -> list[tuple[int, str | None]]:
    """Return which pending reminders an answer ends: all when what was asked has come, else those for the receipt."""
    over: list[tuple[int, str | None]] = []
    if state.exchange not in UNCONFIRMED or state.superseded:
        over.append((number, EXCHANGE))
    if done:
        return [*over, (number, None)]
    return [*over, (number, str(Anchor.ACKNOWLEDGEMENT))] if acknowledged(state) else over
