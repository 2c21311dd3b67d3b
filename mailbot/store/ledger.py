"""Recording a decision: documents, deliveries, mails, reminders and events, all in the caller's one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.office.sensitivity import sensitivity_of
from mailbot.routing.finding import NOTHING, Findable, findable_paper
from mailbot.routing.plans import Decision, DocumentPlan, Outcome
from mailbot.routing.storms import OVER_BUDGET
from mailbot.store import events, remedies, searching, storms, undoing
from mailbot.store.documents import passed_on, write_document
from mailbot.store.errors import AlreadyDecidedError
from mailbot.store.facts import apply_facts, fact_of
from mailbot.store.following import close
from mailbot.store.gathering import plan_collection
from mailbot.store.journal import CONFIRMED, LET_THROUGH, kept_words
from mailbot.store.knowing import as_values
from mailbot.store.mailing import shared_of, write_mails
from mailbot.store.prepared import Prepared, insert
from mailbot.store.reminders import chase, remind_now, reschedule, snooze, stop_reminding
from mailbot.store.tables import (
    TABLES,
    ActionState,
    HeldState,
    MessageState,
    ReminderState,
)
from mailbot.store.teaching import teach
from mailbot.tracking.states import RSVP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailbot.routing.plans import DeliveryPlan
    from mailbot.store.filed import Filed
    from mailbot.store.mailing import Envelope
    from mailbot.tracking.ladder import DueStep

MESSAGE, DOCUMENT, DELIVERY, MEETING = (TABLES[name] for name in ("message", "document", "delivery", "meeting"))
OUTBOX, OUTBOX_DELIVERY, REMINDER = (TABLES[name] for name in ("outbox", "outbox_delivery", "reminder"))
ACTION, HELD, INSTRUCTION, COUNTER = (
    TABLES[name] for name in ("mailbox_action", "held", "instruction", "register_counter")
)

STATE_OF_OUTCOME = {
    Outcome.DECIDED: MessageState.DECIDED,
    Outcome.HELD: MessageState.HELD,
    Outcome.QUARANTINED: MessageState.QUARANTINED,
    Outcome.REPEATED: MessageState.REPEATED,
}


# Statements of the hot path are built once: building them costs more than running them.
_SETTLED_COLUMNS = (
    *("state", "kind", "outcome", "sender", "subject", "message_id", "content_key", "archive_hash", "decided_at"),
    *("trace", "words_key"),
)
_SETTLE = Prepared(
    sa.update(MESSAGE)
    .where(MESSAGE.c.id == sa.bindparam("message"), MESSAGE.c.state == MessageState.NEW)
    .values({name: sa.bindparam(f"new_{name}", type_=MESSAGE.c[name].type) for name in _SETTLED_COLUMNS})
)
_NEW_DELIVERIES = insert(
    DELIVERY,
    (
        *("document_ref", "unit", "unit_name", "channel", "ask", "purpose", "addresses", "reason", "ladder"),
        *("acknowledge_by", "due", "transport", "satisfied"),
    ),
)
_DELIVERIES_OF = sa.select(DELIVERY.c.unit, DELIVERY.c.id).where(DELIVERY.c.document_ref == sa.bindparam("document"))
_NEW_REMINDERS = insert(REMINDER, ("delivery_ref", "step", "at", "do", "needs", "template", "to", "because", "state"))
_NEW_ACTIONS = insert(
    ACTION,
    (
        *("mailbox", "folder", "uidvalidity", "uid", "action", "argument", "document_ref", "state", "attempts"),
        "next_attempt_at",
    ),
)
_NEW_HELD = insert(
    HELD,
    ("message_ref", "document_ref", "delivery_ref", "reason", "text", "audience", "choices", "opened_at", "state"),
)


def record(decision: Decision, filed: Filed, envelope: Envelope, connection: sa.Connection, now: datetime) -> None:
    """Write everything that a decision orders, in the transaction of `connection`.

    Raises:
        AlreadyDecidedError: the journal row has an outcome already.
        sqlalchemy.exc.IntegrityError: a twin was recorded first; roll back and decide again.
    """
    _settle_message(decision, filed, connection, now)
    before = undoing.look(connection, decision) if decision.undoable else None
    entries = [_paper(paper, number, filed, envelope, connection, now) for number, paper in enumerate(decision.papers)]
    document, extra = write_document(decision, filed, connection, now)
    extra |= {"entries": entries} if entries else {}
    if document is not None:
        searching.add(connection, document, _findable(decision, filed), now)
    elif filed.findable.delivery is not None:
        searching.add_answer(connection, filed.findable, now)
    amended = decision.amend.document_id if decision.amend is not None else None
    subject_of = document if document is not None else passed_on(decision) or amended or decision.files
    units = write_deliveries(decision.deliveries, subject_of, connection)
    source = _source(decision, filed, connection)
    for plan in decision.remedies:
        remedies.remedy(connection, plan, filed, now)
    write_mails(
        connection,
        decision.mails,
        envelope,
        now,
        units=units,
        document=subject_of,
        message=filed.message,
        source=source,
        own=(filed.shared_hash, filed.boundary),
        extra=extra,
    )
    write_reminders(filed.reminders, units, connection)
    _word(decision, filed, connection, now)
    _overtaken(decision, connection)
    hold(connection, decision.held, now, message=filed.message, document=document)
    _actions(decision, filed, subject_of, connection, now)
    apply_facts(connection, decision.facts, actor=filed.sender or "unknown", message=filed.message)
    _settled(decision, filed, connection, now)
    reschedule(connection, decision.reschedules, filed.rescheduled)
    chase(connection, [one for plan in decision.remedies for one, _ in plan.chases], filed.rescheduled)
    snooze(connection, decision.snoozes)
    stop_reminding(connection, decision.stops)
    remind_now(connection, decision.reminds, decision.not_before or now, f"order of {filed.sender}")
    events.append(connection, _events(decision, filed, subject_of, extra, now))
    actor = filed.sender or "unknown"
    if before is not None:
        undoing.keep(connection, decision, before, filed.message, actor, now)
    if decision.takes_back is not None:
        undoing.take_back(connection, decision.takes_back, actor, now)


def _paper(
    paper: Decision, place: int, filed: Filed, envelope: Envelope, connection: sa.Connection, now: datetime
) -> str:
    """Record what the clerk entered by one line of a mail; return its entry in words, for the answer."""
    document, extra = write_document(paper, filed, connection, now)
    plan = paper.document
    assert document is not None
    assert plan is not None
    searching.add(connection, document, _by_entry(plan), now)
    units = write_deliveries(paper.deliveries, document, connection)
    write_mails(
        connection,
        paper.mails,
        envelope,
        now,
        units=units,
        document=document,
        message=filed.message,
        source=(filed.shared_hash, filed.boundary),
        extra=extra,
    )
    mine = f"{place} "
    steps = {key.removeprefix(mine): each for key, each in filed.reminders.items() if key.startswith(mine)}
    write_reminders(steps, units, connection)
    hold(connection, paper.held, now, message=filed.message, document=document)
    told = _events(paper, filed, document, extra, now)
    told[0] |= {"actor": filed.sender or "unknown", "what": "entered"}
    events.append(connection, told)
    number = extra.get("arrival_number")
    if number is None:
        return "chưa có số trong sổ"
    return f"số đến {number}, ngày {plan.arrival_text}" if plan.direction == "incoming" else f"số {number} trong sổ đi"


def _findable(decision: Decision, filed: Filed) -> Findable:
    """Return how a paper is found: what was read of it, else what its entry says."""
    plan = decision.document
    return filed.findable if plan is None or filed.findable != NOTHING else _by_entry(plan)


def _by_entry(plan: DocumentPlan) -> Findable:
    hidden = sensitivity_of(plan.summary or "") != "none"
    return findable_paper(plan.number, plan.summary, plan.issuer_unit, numbers_only=hidden)


def _settle_message(decision: Decision, filed: Filed, connection: sa.Connection, now: datetime) -> None:
    trace = {
        "reasons": [str(reason) for reason in decision.reasons],
        "rule": decision.rule,
        "trials": as_values(decision.trials),
        "ruled_out": decision.ruled_out,
        "units": [
            [plan.recipient.unit, plan.recipient.reason, plan.recipient.due, plan.recipient.due_because]
            for plan in decision.deliveries
        ],
    } | ({"words": dict(filed.words)} if filed.words else {})
    # What is secret, or the clerk's alone, is quoted nowhere, `mailbot log` included.
    hidden = decision.outcome is Outcome.QUARANTINED or any(one.code == "clerk_alone" for one in decision.reasons)
    settled = _SETTLE.many(
        connection,
        [
            {
                "message": filed.message,
                "new_state": STATE_OF_OUTCOME[decision.outcome],
                "new_kind": filed.kind,
                "new_outcome": decision.reasons[0].code if decision.reasons else None,
                "new_sender": filed.sender,
                "new_subject": None if hidden else filed.subject,
                "new_message_id": filed.message_id,
                "new_content_key": filed.content_key,
                "new_archive_hash": filed.archive_hash,
                "new_decided_at": now,
                "new_trace": trace,
                "new_words_key": filed.words_key,
            }
        ],
    )
    if settled != 1:
        raise AlreadyDecidedError(filed.message)


# --- deliveries, mails, reminders ------------------------------------------------------------------------------------


def write_deliveries(plans: Sequence[DeliveryPlan], document: int | None, connection: sa.Connection) -> dict[str, int]:
    """Write the deliveries of a document; return their rows by unit."""
    if not plans:
        return {}
    rows = [
        {
            "document_ref": document,
            "unit": plan.recipient.unit,
            "unit_name": plan.recipient.name,
            "channel": str(plan.recipient.channel),
            "ask": str(plan.recipient.ask),
            "purpose": plan.recipient.purpose,
            "addresses": list(plan.recipient.addresses),
            "reason": plan.recipient.reason,
            "ladder": plan.ladder,
            "acknowledge_by": plan.acknowledge_by,
            "due": plan.recipient.due,
            "transport": "queued" if plan.recipient.channel == "mail" else None,
            "satisfied": plan.recipient.ask == "none",
        }
        for plan in plans
    ]
    _NEW_DELIVERIES.many(connection, rows)
    plan_collection(connection, document, plans)
    return {row.unit: row.id for row in connection.execute(_DELIVERIES_OF, {"document": document})}


def _source(decision: Decision, filed: Filed, connection: sa.Connection) -> tuple[str | None, str | None]:
    """Return hash and boundary of the parts that the copies share: this mail's, or those of the document released."""
    document = passed_on(decision)
    return shared_of(connection, document) if document is not None else (filed.shared_hash, filed.boundary)


def write_reminders(
    reminders: Mapping[str, Sequence[DueStep]], units: Mapping[str, int], connection: sa.Connection
) -> None:
    """Write the due steps of deliveries, by unit."""
    rows = [
        {
            "delivery_ref": units[unit],
            "step": step.step,
            "at": step.at,
            "do": str(step.do),
            "needs": str(step.needs),
            "template": step.template,
            "to": list(step.to),
            "because": step.because,
            "state": ReminderState.PENDING,
        }
        for unit, steps in reminders.items()
        for step in steps
        if unit in units
    ]
    _NEW_REMINDERS.many(connection, rows)


# --- persons, mailboxes, log ---------------------------------------------------------------------------------------


def _word(decision: Decision, filed: Filed, connection: sa.Connection, now: datetime) -> None:
    if decision.instruction is not None:
        word = decision.instruction
        connection.execute(
            sa.insert(INSTRUCTION).values(
                document_ref=word.document_id,
                message_ref=filed.message,
                given_by=word.given_by,
                text=word.text,
                given_at=now,
            )
        )
    # The sender of a mail has confirmed it, or the clerk has: it is taken out of the archive and decided once more.
    confirmed = (*filter(None, (decision.decide_again,)), *decision.believes)
    _decide_again(connection, confirmed, {CONFIRMED: filed.message})
    _decide_again(connection, decision.lets_through, {LET_THROUGH: filed.message})
    _decide_again(connection, decision.retries, {"retried": filed.message})
    for message, told in decision.remedied:
        said = [str(told.remedy), told.words]
        _decide_again(connection, [message], {"remedy": said, "by": filed.message})


def _decide_again(connection: sa.Connection, messages: Sequence[int], said: Mapping[str, int | list[str]]) -> None:
    """Let held mails be decided once more with what was said of them, and with what was said of them before."""
    for message in messages:
        _undecide(connection, message, (MessageState.HELD, MessageState.FAILED), said)
    if messages:
        connection.execute(sa.update(HELD).where(HELD.c.message_ref.in_(messages)).values(state=HeldState.CLOSED))


def _undecide(
    connection: sa.Connection, message: int, held: Sequence[MessageState], said: Mapping[str, int | list[str]]
) -> None:
    undone = (MESSAGE.c.id == message, MESSAGE.c.state.in_(held))
    before = kept_words(connection.execute(sa.select(MESSAGE.c.trace).where(*undone)).scalar())
    again = sa.update(MESSAGE).where(*undone)
    connection.execute(again.values(state=MessageState.NEW, attempts=0, trace={"words": before | dict(said)}))


def _settled(decision: Decision, filed: Filed, connection: sa.Connection, now: datetime) -> None:
    """Carry out what the clerk said of their list: mails decided again as answers, matters closed."""
    for message, delivery in decision.matches:
        _undecide(connection, message, (MessageState.HELD,), {"matched": delivery, "by": filed.message})
    if decision.ends:
        over = sa.update(DOCUMENT).where(DOCUMENT.c.id.in_(decision.ends))
        connection.execute(over.values(next_period_on=None))
    close(connection, decision.closes)
    teach(connection, decision.teaches, now, filed.message)


def _overtaken(decision: Decision, connection: sa.Connection) -> None:
    """Take what a unit asked of the chair off the clerk's list when the unit has answered anew."""
    anew = sorted({fact.delivery_id for fact in decision.facts if fact_of(fact.said) in RSVP})
    if anew:
        asked = (
            HELD.c.state != HeldState.CLOSED,
            HELD.c.delivery_ref.in_(anew),
            HELD.c.reason.in_(("unit_decline", "unit_delegate")),
        )
        connection.execute(sa.update(HELD).where(*asked).values(state=HeldState.CLOSED))


def hold(
    connection: sa.Connection,
    plans: Sequence[Any],
    now: datetime,
    *,
    message: int | None = None,
    document: int | None = None,
) -> None:
    """Put matters before a person, one row each; a storm is told once as long as nobody has looked at it."""
    plans = [plan for plan in plans if plan.reason != OVER_BUDGET or not _told(connection, plan, now)]
    rows = [
        {
            "message_ref": message,
            "document_ref": document,
            "delivery_ref": plan.delivery_id,
            "reason": plan.reason,
            "text": plan.text,
            "audience": plan.audience,
            "choices": as_values(plan.choices),
            "opened_at": plan.at or now,
            "state": HeldState.OPEN if plan.audience != "log" else HeldState.CLOSED,
        }
        for plan in plans
    ]
    _NEW_HELD.many(connection, rows)


def _told(connection: sa.Connection, plan: Any, now: datetime) -> bool:
    same = (HELD.c.reason == plan.reason, HELD.c.text == plan.text, HELD.c.opened_at > now - storms.A_DAY)
    return connection.execute(sa.select(HELD.c.id).where(*same).limit(1)).first() is not None


def _actions(decision: Decision, filed: Filed, document: int | None, connection: sa.Connection, now: datetime) -> None:
    rows = [
        {
            "mailbox": filed.mailbox,
            "folder": filed.folder,
            "uidvalidity": filed.uidvalidity,
            "uid": filed.uid,
            "action": action.action,
            "argument": action.argument,
            "document_ref": document if action.action == "save_sent" else None,
            "state": ActionState.PENDING,
            "attempts": 0,
            "next_attempt_at": now,
        }
        for action in decision.actions
    ]
    _NEW_ACTIONS.many(connection, rows)


def _events(
    decision: Decision, filed: Filed, document: int | None, extra: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    reason = "; ".join(str(item) for item in decision.reasons)
    data: dict[str, Any] = {"outcome": str(decision.outcome), "mails": len(decision.mails)} | dict(extra)
    if decision.deliveries:
        data["units"] = [plan.recipient.unit for plan in decision.deliveries]
    more = {"message_ref": filed.message, "document_ref": document, "rule": decision.rule, "data": data}
    found = [events.event(now, "mailbot", "decided", reason, **more)]
    if decision.instruction is not None:
        word = decision.instruction
        found.append(
            events.event(
                now,
                word.given_by,
                "instructed",
                word.text[:200],
                message_ref=filed.message,
                document_ref=word.document_id,
            )
        )
    return found
