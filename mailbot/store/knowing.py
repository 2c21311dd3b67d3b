"""What the ledger knows of one mail before it is decided: its thread, its document, whether it was seen."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from mailbot.office.meetings import Change
from mailbot.office.orders import Verb
from mailbot.office.periods import read_period
from mailbot.reading import Kind
from mailbot.routing.known import (
    Answers,
    Known,
    KnownDelivery,
    KnownDocument,
    KnownMatter,
    KnownMeeting,
    KnownOrder,
    KnownThread,
)
from mailbot.routing.model import Ask
from mailbot.routing.plans import NUMBERED, Act, Purpose, RemedyWord
from mailbot.routing.reports import with_fact
from mailbot.routing.sameness import files_key
from mailbot.routing.storms import conversation
from mailbot.routing.withdrawing import withdrawn_number
from mailbot.store import storms, undoing
from mailbot.store.counting import counted
from mailbot.store.facts import TAKEN_BACK
from mailbot.store.following import settled
from mailbot.store.inspecting import asked
from mailbot.store.known_rows import known_delivery, known_document
from mailbot.store.lookups import looked_up
from mailbot.store.remedies import left_of
from mailbot.store.tables import TABLES, DocumentState, MessageState, OutboxState, ReminderState
from mailbot.store.teaching import taught_units
from mailbot.store.threads import thread_by_delivery, thread_of
from mailbot.tracking.states import PERSONAL, RSVP, Fact

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.statistics import Counted

MESSAGE, DOCUMENT, DELIVERY = TABLES["message"], TABLES["document"], TABLES["delivery"]
OUTBOX, OUTBOX_DELIVERY, REMINDER, MEETING, EVENT = (
    TABLES[name] for name in ("outbox", "outbox_delivery", "reminder", "meeting", "event")
)


# Statements of the hot path are built once: building them costs more than running them.
_SETTLED = (MessageState.DECIDED, MessageState.HELD, MessageState.BEFORE_START)
_SEEN = sa.select(MESSAGE.c.id, MESSAGE.c.content_key, MESSAGE.c.message_id).where(
    sa.or_(MESSAGE.c.content_key == sa.bindparam("content_key"), MESSAGE.c.message_id == sa.bindparam("message_id")),
    MESSAGE.c.id != sa.bindparam("message"),
    MESSAGE.c.state.in_(_SETTLED),
)
_IDENTITY = ("issuer_unit", "type", "number_key", "series")
_SAME_DOCUMENT = sa.select(DOCUMENT).where(
    *(DOCUMENT.c[key] == sa.bindparam(key) for key in _IDENTITY), DOCUMENT.c.message_ref != sa.bindparam("message")
)
# Mails of ours that are answered by an instruction: all of their document is needed to carry it out.
_INSTRUCTED_BY = (Purpose.SUBMISSION, Purpose.ORDER_ASKED)
# What may be taken back or replaced.
_IN_FORCE = (DocumentState.RELEASED, DocumentState.FILED, DocumentState.AWAITING_INSTRUCTION, DocumentState.RECORDED)
# Who may need a candidate: a person's answer or a machine's, when no thread was found.
_ANSWERING = frozenset({Kind.REPLY, Kind.AUTO_REPLY})
_MOST_OPEN = 5000
# How a unit's own words may be read.
_WORDS_OF_UNITS = frozenset({Kind.REPLY, Kind.COMMAND, Kind.OTHER})
# Who may get an automatic answer.
_MAY_BE_ANSWERED = frozenset({Kind.DIRECTIVE, Kind.INVITATION, Kind.COMMAND, Kind.OTHER, Kind.REPLY})


def know(
    connection: sa.Connection,
    reading: Reading,
    identity: dict[str, Any],
    *,
    message: int,
    mailbox: str,
    received_at: datetime | None,
    now: datetime,
    confirmed: bool,
    matched: int | None = None,
    answered: KnownThread | None = None,
    remedy: RemedyWord | None = None,
    let_through: bool = False,
    words: str | None = None,
) -> Known:
    """Return what the ledger knows of a mail; `identity` is its document's (see routing.sameness.identify).

    The clerk may have `matched` it to a delivery; on the command line the matter `answered` is known beforehand.
    `remedy` is what its sender said of the paper of the same number that it brings once more; `words` is the sameness
    of what a sender says (see routing.storms), where it may count against a budget.
    """
    same_content, same_message_id = _seen(connection, reading, message)
    found = thread_by_delivery(connection, matched) if matched else thread_of(connection, reading)
    thread = answered or found
    sender = reading.from_addresses[0] if len(reading.from_addresses) == 1 else None
    matters = _matters(connection, reading, thread)
    same = _samedocument(connection, identity, message)
    taught = taught_units(connection, sender) if sender and reading.kind in _WORDS_OF_UNITS else frozenset()
    answers, automatic_last_hour = _answers(connection, reading, thread, now)
    return Known(
        answers=answers,
        same_words=storms.said_before(connection, words, now) if _may_be_answered(reading) else 0,
        mailbox=mailbox,
        received_at=received_at,
        same_content=same_content,
        same_message_id=same_message_id,
        document=same,
        repeats=_repeated(connection, same, reading),
        remedy=remedy,
        replaced=_replaced(connection, reading),
        recallable=_recallable(connection, thread),
        asked_of=_asked_of(connection, thread),
        thread=thread,
        candidates=_candidates(connection, reading, taught) if thread is None and reading.kind in _ANSWERING else (),
        automatic_answers_last_hour=automatic_last_hour,
        confirmed=confirmed,
        let_through=let_through,
        matched=matched is not None,
        earlier=_earlier(connection, reading),
        matters=matters,
        inspected=asked(connection, reading.commands, matters),
        rsvps=_rsvps(connection, thread),
        counted=_counted(connection, reading, now),
        settled=_settled(connection, thread),
        taught=taught,
        open_deliveries=_open_deliveries(connection, thread),
        found=looked_up(connection, reading),
        last_order=_last_order(connection, reading, thread, sender),
    )


def _earlier(connection: sa.Connection, reading: Reading) -> KnownMatter | None:
    """Return the invitation, ours or another's, that a moved or cancelled meeting was called by: by its number."""
    meeting = reading.meeting
    if meeting is None or meeting.change is Change.NEW:
        return None
    cited = reading.documents[0].replaces if reading.documents else None
    number = meeting.replaces or cited
    if number is None:
        return None
    query = sa.select(DOCUMENT).where(DOCUMENT.c.number == number)
    row = connection.execute(query.order_by(DOCUMENT.c.id.desc()).limit(1)).first()
    return _matter(connection, known_document(row)) if row is not None else None


def _repeated(connection: sa.Connection, same: KnownDocument | None, reading: Reading) -> KnownMatter | None:
    """Return the paper of the same number with its deliveries, where the mail brings other content of it."""
    if same is None or same.files_key == files_key(reading):
        return None
    return _matter(connection, same)


def _replaced(connection: sa.Connection, reading: Reading) -> KnownMatter | None:
    """Return the newest paper whose place the mail's own takes, or that it recalls: one that is in force, by number."""
    number = withdrawn_number(reading) if reading.kind is Kind.DIRECTIVE else None
    if number is None:
        return None
    query = sa.select(DOCUMENT).where(DOCUMENT.c.number == number, DOCUMENT.c.state.in_(_IN_FORCE))
    row = connection.execute(query.order_by(DOCUMENT.c.id.desc()).limit(1)).first()
    return _matter(connection, known_document(row)) if row is not None else None


def _asked_of(connection: sa.Connection, thread: KnownThread | None) -> bool:
    """Tell whether the mail that our question was about still waits for its sender's word."""
    if thread is None or thread.purpose is not Purpose.SAME_NUMBER:
        return True
    state = connection.execute(sa.select(MESSAGE.c.state).where(MESSAGE.c.id == thread.message_ref)).scalar()
    return state is MessageState.HELD


def _recallable(connection: sa.Connection, thread: KnownThread | None) -> dict[int, KnownMatter]:
    """Return the papers, by row, that an answered list asks whether to recall."""
    if thread is None or thread.purpose not in NUMBERED:
        return {}
    choices = (choice for matter in thread.values.get("matters", []) for choice in matter.get("choices", []))
    wanted = sorted({choice["data"]["document"] for choice in choices if choice["act"] == Act.RECALL})
    found = ((number, matter_of(connection, number)) for number in wanted)
    return {number: matter for number, matter in found if matter is not None}


def _rsvps(connection: sa.Connection, thread: KnownThread | None) -> dict[int, str | None]:
    """Return the last answers of the deliveries that the matters of an answered list ask about."""
    if thread is None or thread.purpose not in NUMBERED:
        return {}
    choices = (choice for matter in thread.values.get("matters", []) for choice in matter.get("choices", []))
    wanted = {choice["data"]["delivery"] for choice in choices if choice["act"] == Act.ABSENCE}
    query = sa.select(DELIVERY.c.id, DELIVERY.c.rsvp).where(DELIVERY.c.id.in_(wanted))
    return {row.id: row.rsvp for row in connection.execute(query)} if wanted else {}


def _open_deliveries(connection: sa.Connection, thread: KnownThread | None) -> tuple[KnownDelivery, ...]:
    """Return what units have not answered, newest first, for a list on which the clerk may name any of them."""
    if thread is None or thread.purpose not in NUMBERED:
        return ()
    choices = (choice for matter in thread.values.get("matters", ()) for choice in matter.get("choices", ()))
    if not any(choice["act"] == Act.NAME for choice in choices):
        return ()
    query = (
        sa.select(DELIVERY, DOCUMENT.c.number)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(DELIVERY.c.satisfied.is_(False), DELIVERY.c.ask != Ask.NONE)
        .order_by(DELIVERY.c.id.desc())
        .limit(_MOST_OPEN)
    )
    return tuple(known_delivery(row, ()) for row in connection.execute(query))


def _last_order(
    connection: sa.Connection, reading: Reading, thread: KnownThread | None, sender: str | None
) -> KnownOrder | None:
    """Return the order that HỦY LỆNH would take back: that of the answered transcript, else the sender's last."""
    if sender is None or all(command.verb is not Verb.UNDO for command in reading.commands):
        return None
    answered = thread.message_ref if thread is not None and thread.purpose is Purpose.ORDER_ANSWER else None
    last = undoing.last_order(connection, sender, answered)
    if last is None:
        return None
    return KnownOrder(last.message, last.at, last.gone, assigned=last.assigned, changed=last.changed)


def _settled(connection: sa.Connection, thread: KnownThread | None) -> frozenset[int]:
    """Return the matters of an answered list that are done with."""
    if thread is None or thread.purpose not in NUMBERED:
        return frozenset()
    return frozenset(settled(connection, {matter["matter"] for matter in thread.values.get("matters", ())}))


def _counted(connection: sa.Connection, reading: Reading, now: datetime) -> dict[str, tuple[Counted, ...]]:
    """Return what THỐNG KÊ counts, for each period that the orders of a mail name."""
    zone = ZoneInfo(reading.timezone)
    today = now.astimezone(zone).date()
    asked = {", ".join(one.arguments) for one in reading.commands if one.verb is Verb.STATISTICS}
    periods = {words: read_period(words or "tháng này", today) for words in asked}
    return {words: counted(connection, period, zone) for words, period in periods.items() if period is not None}


def _matters(
    connection: sa.Connection, reading: Reading, thread: KnownThread | None
) -> dict[str, tuple[KnownMatter, ...]]:
    """Return the documents that the orders of a mail name by number, and under the empty name that of its thread."""
    if not reading.commands and (thread is None or thread.purpose not in _INSTRUCTED_BY):
        return {}
    found: dict[str, tuple[KnownMatter, ...]] = {}
    about = _about(connection, thread) if thread is not None else None
    if about is not None:
        found[""] = (_matter(connection, about),)
    numbers = {next(iter(command.arguments), "") for command in reading.commands}
    for number in sorted(number for number in numbers if "/" in number):
        rows = connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.number == number).order_by(DOCUMENT.c.id)).all()
        # The periods of a recurring duty are one paper: its newest task is meant.
        rows = list({row.message_ref: row for row in rows}.values())
        # One whose place another of the same number has taken is meant by nobody any more.
        rows = [row for row in rows if row.state is not DocumentState.SUPERSEDED] or rows
        found[number] = tuple(_matter(connection, known_document(row)) for row in rows)
    return found


def _about(connection: sa.Connection, thread: KnownThread) -> KnownDocument | None:
    """Return the document of a mail of ours; of a reminder the one that it reminds of."""
    numbers = {one.document_id for one in thread.deliveries}
    if thread.document is not None or len(numbers) != 1:
        return thread.document
    return known_document(connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == numbers.pop())).one())


def _matter(connection: sa.Connection, document: KnownDocument) -> KnownMatter:
    query = (
        sa.select(DELIVERY, DOCUMENT.c.number)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(DELIVERY.c.document_ref == document.id)
        .order_by(DELIVERY.c.id)
    )
    first, so_far = first_keys(connection, document.id), _so_far(connection, document.id)
    deliveries = tuple(
        replace(known_delivery(row, ()), first_key=first.get(row.id), **so_far.get(row.id, {}))
        for row in connection.execute(query)
    )
    meeting = connection.execute(sa.select(MEETING).where(MEETING.c.document_ref == document.id)).first()
    invited = None
    if meeting is not None:
        invited = KnownMeeting(meeting.starts_at, meeting.ends_at, meeting.place, meeting.sequence, meeting.rsvp_by)
    values, mailbox = _said_of(connection, document)
    return KnownMatter(document, deliveries, invited, values, mailbox)


def _said_of(connection: sa.Connection, document: KnownDocument) -> tuple[dict[str, Any], str]:
    """Return what the leader was shown of a document and from which mailbox; else what its release says."""
    shown = (
        sa.select(OUTBOX.c["values"], OUTBOX.c.mailbox)
        .where(OUTBOX.c.document_ref == document.id, OUTBOX.c.purpose == str(Purpose.SUBMISSION))
        .order_by(OUTBOX.c.id.desc())
    )
    row = connection.execute(shown.limit(1)).first()
    if row is not None:
        return dict(row[0]), row.mailbox
    return (document.release.values, document.release.mailbox) if document.release is not None else ({}, "")


def matter_of(connection: sa.Connection, document: int) -> KnownMatter | None:
    """Return a document with its deliveries as they stand, by its row."""
    row = connection.execute(sa.select(DOCUMENT).where(DOCUMENT.c.id == document)).first()
    return _matter(connection, known_document(row)) if row is not None else None


def _so_far(connection: sa.Connection, document: int) -> dict[int, dict[str, Any]]:
    """Return for each delivery what became of it: fields of a KnownDelivery from its facts and its reminders."""
    found: dict[int, dict[str, Any]] = {}
    facts = (
        sa.select(EVENT.c.id, EVENT.c.delivery_ref, EVENT.c.what, EVENT.c.at, EVENT.c.data, EVENT.c.address)
        .add_columns(MESSAGE.c.archive_hash)
        .join(DELIVERY, DELIVERY.c.id == EVENT.c.delivery_ref)
        .outerjoin(MESSAGE, MESSAGE.c.id == EVENT.c.message_ref)
        .where(DELIVERY.c.document_ref == document, EVENT.c.what.in_([str(fact) for fact in Fact]))
        .order_by(EVENT.c.at, EVENT.c.id)
    )
    void = {number for numbers in connection.execute(_void(document)).scalars() for number in numbers["events"]}
    for number, delivery, what, at, data, address, archive in connection.execute(facts):
        if number in void:
            continue
        so_far = found.setdefault(delivery, {"moments": {}, "latest": {}, "reports": ()})
        _add_fact(so_far, Fact(what), at, data or {})
        so_far["reports"] = with_fact(so_far["reports"], what, at, data or {}, address, archive)
    steps = (
        sa.select(REMINDER.c.delivery_ref, REMINDER.c.at, REMINDER.c.do, REMINDER.c.state)
        .join(DELIVERY, DELIVERY.c.id == REMINDER.c.delivery_ref)
        .where(DELIVERY.c.document_ref == document, REMINDER.c.state != ReminderState.CANCELLED)
        .order_by(REMINDER.c.at, REMINDER.c.id)
    )
    for delivery, at, do, state in connection.execute(steps):
        so_far = found.setdefault(delivery, {})
        if state is ReminderState.PENDING:
            so_far.setdefault("next_at", at)
            so_far.setdefault("next_step", do)
        elif do == "remind":
            # A step that put the unit on somebody's list reminded others, not the unit.
            so_far["reminded_at"] = (*so_far.get("reminded_at", ()), at)
            so_far["reminded"] = len(so_far["reminded_at"])
    for delivery in left_of(connection, document):
        found.setdefault(delivery, {})["left"] = True
    return found


def _void(document: int) -> sa.Select[Any]:
    """What HỦY LỆNH took back of a document's facts."""
    join = sa.select(EVENT.c.data).join(DELIVERY, DELIVERY.c.id == EVENT.c.delivery_ref)
    return join.where(DELIVERY.c.document_ref == document, EVENT.c.what == TAKEN_BACK)


def _add_fact(so_far: dict[str, Any], fact: Fact, at: datetime, data: dict[str, Any]) -> None:
    so_far["moments"].setdefault(str(fact), at)
    so_far["latest"][str(fact)] = at
    if fact in PERSONAL:
        so_far["moments"].setdefault("answered", at)
    if fact in RSVP:
        so_far["said"] = data
    if fact is Fact.EXTENSION_ASKED:
        so_far["asked_until"] = data.get("until")


def first_keys(connection: sa.Connection, document: int) -> dict[int, str]:
    """Return for each delivery the key of the first invitation in its calendar, through all changes since."""
    query = (
        sa.select(OUTBOX_DELIVERY.c.delivery_ref, OUTBOX.c.key, OUTBOX.c["values"])
        .join(OUTBOX, OUTBOX.c.id == OUTBOX_DELIVERY.c.outbox_ref)
        .where(OUTBOX.c.document_ref == document, OUTBOX.c.purpose == str(Purpose.INVITATION))
        .order_by(OUTBOX.c.id)
    )
    found: dict[int, str] = {}
    for delivery, key, values in connection.execute(query):
        found.setdefault(delivery, values.get("calendar_key") or key)
    return found


def _seen(connection: sa.Connection, reading: Reading, message: int) -> tuple[int | None, int | None]:
    """Return the first settled journal rows with the same content and with the same Message-ID."""
    wanted = {"content_key": reading.content_key, "message_id": reading.message_id, "message": message}
    rows = connection.execute(_SEEN, wanted).all()
    same_content = min((row.id for row in rows if row.content_key == reading.content_key), default=None)
    same_id = min((row.id for row in rows if reading.message_id and row.message_id == reading.message_id), default=None)
    return same_content, same_id


def _samedocument(connection: sa.Connection, identity: dict[str, Any], message: int) -> KnownDocument | None:
    if not identity.get("number_key") or not identity.get("series"):
        return None
    row = connection.execute(_SAME_DOCUMENT, {key: identity[key] for key in _IDENTITY} | {"message": message}).first()
    return known_document(row) if row else None


def _candidates(connection: sa.Connection, reading: Reading, taught: Collection[str]) -> tuple[KnownDelivery, ...]:
    """Return open deliveries to the sender's address: candidates for a person to choose from, never a match."""
    if len(reading.from_addresses) != 1:
        return ()
    query = (
        sa.select(DELIVERY, DOCUMENT.c.number)
        .join(OUTBOX_DELIVERY, OUTBOX_DELIVERY.c.delivery_ref == DELIVERY.c.id)
        .join(OUTBOX, OUTBOX.c.id == OUTBOX_DELIVERY.c.outbox_ref)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(
            sa.or_(OUTBOX.c.recipient == reading.from_addresses[0], DELIVERY.c.unit.in_(taught)),
            OUTBOX.c.state == OutboxState.SENT,
            DELIVERY.c.satisfied.is_(False),
        )
        .order_by(DELIVERY.c.id.desc())
        .limit(5)
    )
    rows = connection.execute(query).all()
    return tuple({row.id: known_delivery(row, ()) for row in rows}.values())


def _may_be_answered(reading: Reading) -> bool:
    return len(reading.from_addresses) == 1 and reading.kind in _MAY_BE_ANSWERED


def _answers(
    connection: sa.Connection, reading: Reading, thread: KnownThread | None, now: datetime
) -> tuple[Answers, int]:
    """Count what the budgets of answers go on; only a mail that may get one needs to know."""
    if not _may_be_answered(reading):
        return Answers(), 0
    root = conversation(reading, thread)
    return storms.answers_so_far(connection, reading.from_addresses[0], root, now)


def as_values(items: Sequence[Any]) -> list[dict[str, Any]]:
    """Return frozen values as JSON-ready mappings, for a stored trace."""
    return [asdict(item) for item in items]
