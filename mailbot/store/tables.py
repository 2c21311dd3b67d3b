"""The tables of the ledger, as SQLModel classes; enumerations are text with a CHECK, moments are UTC with zone."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations at run time
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from mailbot.store.columns import json, moment, state

# Names for every constraint, so that migrations can speak of them on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class MessageState(StrEnum):
    """What has become of a journal row; every row ends in exactly one outcome."""

    NEW = "new"
    BEFORE_START = "before_start"
    DECIDED = "decided"
    HELD = "held"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    REPEATED = "repeated"
    GONE = "gone"


class DocumentState(StrEnum):
    """Where a document stands: waiting for a person's word, sent, or put aside."""

    RECORDED = "recorded"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    AWAITING_INSTRUCTION = "awaiting_instruction"
    RELEASED = "released"
    FILED = "filed"
    CANCELLED = "cancelled"
    RECALLED = "recalled"
    SUPERSEDED = "superseded"


class OutboxState(StrEnum):
    """planned -> ready (head bytes fixed) -> sent | failed | held | cancelled; shadow rows are never sent."""

    PLANNED = "planned"
    READY = "ready"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"
    SHADOW = "shadow"


class ReminderState(StrEnum):
    """pending -> sent, or cancelled by the answer that made it needless."""

    PENDING = "pending"
    SENT = "sent"
    CANCELLED = "cancelled"


class ActionState(StrEnum):
    """What has become of a wish to a mailbox (flag, move, save): done, or impossible on that server."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class HeldState(StrEnum):
    """What has become of a matter put before the clerk."""

    OPEN = "open"
    TOLD = "told"
    CLOSED = "closed"


class MailboxCursor(SQLModel, table=True):
    """How far one folder of a mailbox has been journalled."""

    __tablename__ = "mailbox_cursor"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("mailbox", "folder"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    uidvalidity: int = Field(sa_type=sa.BigInteger)
    last_uid: int = Field(sa_type=sa.BigInteger)
    started_at: datetime = moment()


class Message(SQLModel, table=True):
    """The journal: one row for every mail seen in a watched folder, whatever became of it."""

    __tablename__ = "message"
    __table_args__: ClassVar[Any] = (
        sa.UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
        sa.Index("ix_message_content_key", "content_key"),
        sa.Index("ix_message_message_id", "message_id"),
        sa.Index("ix_message_state_mailbox", "state", "mailbox"),
        sa.Index("ix_message_words_key", "words_key"),
    )
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    uidvalidity: int = Field(sa_type=sa.BigInteger)
    uid: int = Field(sa_type=sa.BigInteger)
    size: int
    internal_date: datetime | None = moment(null=True)
    journalled_at: datetime = moment()
    state: MessageState = state(MessageState)
    kind: str | None = None
    outcome: str | None = None
    sender: str | None = None
    subject: str | None = None
    message_id: str | None = None
    content_key: str | None = None
    archive_hash: str | None = None
    attempts: int = 0
    decided_at: datetime | None = moment(null=True)
    trace: dict[str, Any] | None = json(null=True)
    words_key: str | None = None  # a hash over sender and words, numbers aside


class Document(SQLModel, table=True):
    """An official document with its number, its book entry and the plan that its release carries out."""

    __tablename__ = "document"
    __table_args__: ClassVar[Any] = (
        # Party numbers are unique per issuer, type and term; State numbers per issuer, type and year.
        sa.UniqueConstraint("direction", "issuer_unit", "type", "number_key", "series"),
        sa.UniqueConstraint("book", "book_period", "book_series", "book_number"),
        sa.Index("ix_document_number_key", "number_key"),
        sa.Index("ix_document_number", "number"),
    )
    id: int | None = Field(default=None, primary_key=True)
    message_ref: int = Field(foreign_key="message.id")
    direction: str
    state: DocumentState = state(DocumentState)
    kind: str
    number: str | None = None
    number_key: str | None = None
    type: str | None = None
    issuer_unit: str | None = None
    series: str | None = None
    issued_on: str | None = None
    summary: str | None = None
    urgency: str | None = None
    sender_address: str | None = None
    book: str | None = None
    book_period: str | None = None
    book_series: str | None = None
    book_number: int | None = None
    # The day on which the book has it as arrived (ISO 8601), whether it came by `mail` or on `paper`, who signed it.
    arrived_on: str | None = None
    came_by: str = Field(default="mail", sa_column_kwargs={"server_default": "mail"})
    signer: str | None = None
    recorded_at: datetime = moment()
    released_at: datetime | None = moment(null=True)
    # While a paper of ours waits for its ĐỒNG Ý: when it is asked once more, and when it is given up.
    ask_again_at: datetime | None = moment(null=True)
    expires_at: datetime | None = moment(null=True)
    due: str | None = None
    due_text: str | None = None
    content_key: str
    files_key: str | None = None
    archive_hash: str | None = None
    shared_hash: str | None = None
    boundary: str | None = None
    rule: str | None = None
    plan: dict[str, Any] | None = json(null=True)
    # A recurring duty: the day on which the task of the next period is made.
    next_period_on: str | None = Field(default=None, index=True)
    # At which limit (ISO 8601) its units' reports are collected by themselves; empty when that is done.
    collect_at: str | None = Field(default=None, index=True)


class Delivery(SQLModel, table=True):
    """One document for one unit (or person): its two lives are folds over its events, kept here for reading."""

    __tablename__ = "delivery"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("document_ref", "unit"), sa.Index("ix_delivery_unit", "unit"))
    id: int | None = Field(default=None, primary_key=True)
    document_ref: int = Field(foreign_key="document.id")
    unit: str
    unit_name: str
    channel: str
    ask: str
    purpose: str
    addresses: list[str] = json()
    reason: str
    ladder: str | None = None
    acknowledge_by: datetime | None = moment(null=True)
    due: str | None = None
    transport: str | None = None
    handling: str | None = None
    rsvp: str | None = None
    attendance: str | None = None
    exchange: str | None = None
    open_matter: str | None = None
    answered_at: datetime | None = moment(null=True)
    satisfied: bool = False


class Meeting(SQLModel, table=True):
    """When and where a document invites to."""

    __tablename__ = "meeting"
    id: int | None = Field(default=None, primary_key=True)
    document_ref: int = Field(foreign_key="document.id", unique=True)
    starts_at: str | None = None
    ends_at: str | None = None
    place: str | None = None
    chair: str | None = None
    rsvp_by: str | None = None
    uid: str | None = None
    sequence: int | None = None
    # When the organiser gets the next sheet of who comes.
    sheet_at: datetime | None = moment(null=True, index=True)


class Instruction(SQLModel, table=True):
    """What a leader or the sender said of a document, word for word (bút phê, ĐỒNG Ý)."""

    __tablename__ = "instruction"
    id: int | None = Field(default=None, primary_key=True)
    document_ref: int = Field(foreign_key="document.id")
    message_ref: int = Field(foreign_key="message.id")
    given_by: str
    text: str
    given_at: datetime = moment()


class Outbox(SQLModel, table=True):
    """A mail to send: planned in the deciding transaction, its head bytes fixed before it can be claimed."""

    __tablename__ = "outbox"
    __table_args__: ClassVar[Any] = (
        sa.Index("ix_outbox_claim", "state", "next_attempt_at"),
        sa.Index("ix_outbox_document_ref", "document_ref"),
        sa.Index("ix_outbox_recipient_purpose", "recipient", "purpose"),
        sa.Index("ix_outbox_purpose_planned_at", "purpose", "planned_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    token: str
    message_id: str
    mailbox: str
    document_ref: int | None = Field(default=None, foreign_key="document.id")
    message_ref: int | None = Field(default=None, foreign_key="message.id")
    purpose: str
    template: str
    template_hash: str | None = None
    recipient: str
    recipient_name: str
    # Equal copies: who has not been served yet; the mail itself says `recipient` in its To line.
    recipients: list[str] | None = json(null=True)
    values: dict[str, Any] = json()
    state: OutboxState = state(OutboxState)
    head_hash: str | None = None
    shared_hash: str | None = None
    boundary: str | None = None
    subject: str | None = None
    planned_at: datetime = moment()
    next_attempt_at: datetime = moment()
    attempts: int = 0
    unknowns: int = 0
    sent_at: datetime | None = moment(null=True)
    code: int | None = None
    enhanced: str | None = None
    answer: str | None = None
    thread: str | None = None  # of an automatic answer: its conversation


class OutboxHead(SQLModel, table=True):
    """The fixed bytes of a mail, apart from its row: a database writes a whole row anew when a part of it changes."""

    __tablename__ = "outbox_head"
    outbox_ref: int = Field(foreign_key="outbox.id", primary_key=True)
    head: bytes


class OutboxDelivery(SQLModel, table=True):
    """Which deliveries one mail speaks of; `item` is its number in a numbered list."""

    __tablename__ = "outbox_delivery"
    outbox_ref: int = Field(foreign_key="outbox.id", primary_key=True)
    delivery_ref: int = Field(foreign_key="delivery.id", primary_key=True, index=True)
    item: int = 1


class Attempt(SQLModel, table=True):
    """One try to send a mail, written before the server is dialled and completed with what it answered."""

    __tablename__ = "attempt"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("outbox_ref", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    outbox_ref: int = Field(foreign_key="outbox.id")
    number: int
    started_at: datetime = moment()
    finished_at: datetime | None = moment(null=True)
    result: str | None = None
    code: int | None = None
    enhanced: str | None = None
    answer: str | None = None


class Reminder(SQLModel, table=True):
    """One due step of a ladder for one delivery."""

    __tablename__ = "reminder"
    __table_args__: ClassVar[Any] = (
        sa.UniqueConstraint("delivery_ref", "step"),
        sa.Index("ix_reminder_due", "state", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    delivery_ref: int = Field(foreign_key="delivery.id")
    step: int
    at: datetime = moment()
    do: str
    needs: str
    template: str
    to: list[str] = json()
    because: str
    state: ReminderState = state(ReminderState)


class MailboxAction(SQLModel, table=True):
    """A wish to a mailbox: flag, move, quarantine, save to Sent; carried out after the commit, retried on its own."""

    __tablename__ = "mailbox_action"
    __table_args__: ClassVar[Any] = (sa.Index("ix_mailbox_action_due", "mailbox", "state", "next_attempt_at"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    uidvalidity: int | None = Field(default=None, sa_type=sa.BigInteger)
    uid: int | None = Field(default=None, sa_type=sa.BigInteger)
    action: str
    argument: str
    document_ref: int | None = Field(default=None, foreign_key="document.id")
    state: ActionState = state(ActionState)
    attempts: int = 0
    next_attempt_at: datetime = moment()
    error: str | None = None


class Held(SQLModel, table=True):
    """A matter that a person must look at: shown in one numbered list a slot."""

    __tablename__ = "held"
    __table_args__: ClassVar[Any] = (sa.Index("ix_held_state", "state"),)
    id: int | None = Field(default=None, primary_key=True)
    message_ref: int | None = Field(default=None, foreign_key="message.id")
    document_ref: int | None = Field(default=None, foreign_key="document.id")
    delivery_ref: int | None = Field(default=None, foreign_key="delivery.id")
    reason: str
    text: str
    audience: str = "clerk"
    choices: list[dict[str, Any]] = json()
    opened_at: datetime = moment()
    state: HeldState = state(HeldState)


class TaughtAddress(SQLModel, table=True):
    """An address from which a unit answers, as the clerk has said."""

    __tablename__ = "taught_address"
    address: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    by: str
    at: datetime = moment()


class Event(SQLModel, table=True):
    """Append-only and hash-chained: who, when, what, why, by which rule version."""

    __tablename__ = "event"
    __table_args__: ClassVar[Any] = (
        sa.Index("ix_event_delivery_ref", "delivery_ref"),
        sa.Index("ix_event_document_ref", "document_ref"),
        sa.Index("ix_event_message_ref", "message_ref"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment()
    actor: str
    what: str
    reason: str
    message_ref: int | None = Field(default=None, foreign_key="message.id")
    document_ref: int | None = Field(default=None, foreign_key="document.id")
    delivery_ref: int | None = Field(default=None, foreign_key="delivery.id")
    outbox_ref: int | None = Field(default=None, foreign_key="outbox.id")
    address: str | None = None
    rule: str | None = None
    data: dict[str, Any] | None = json(null=True)
    previous_hash: str
    hash: str


class SearchEntry(SQLModel, table=True):
    """What was put into the index of words at one time: a paper, or an answer to it; the words themselves lie beside.

    The words are in two indexes that each database makes in its own way (store/searching.py), by the id of this row.
    """

    __tablename__ = "search_entry"
    __table_args__: ClassVar[Any] = (
        sa.Index("ix_search_entry_document_ref", "document_ref"),
        sa.Index("ix_search_entry_recorded_at", "recorded_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    document_ref: int = Field(foreign_key="document.id")
    delivery_ref: int | None = Field(default=None, foreign_key="delivery.id")
    recorded_at: datetime = moment()
    # Of petitions, personnel and discipline papers nothing but number and day is kept, nor told.
    numbers_only: bool = False


class RegisterCounter(SQLModel, table=True):
    """The next free number of a book, period and series; raised only inside the recording transaction."""

    __tablename__ = "register_counter"
    book: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    next: int


class RegisterCancellation(SQLModel, table=True):
    """A number of a book that was cancelled (hủy số): it is kept, and never given to another paper."""

    __tablename__ = "register_cancellation"
    book: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    reason: str
    actor: str
    at: datetime = moment()


class Tombstone(SQLModel, table=True):
    """A file of the archive that was removed: which, whose, when and why; `unlinked_at` once it is really gone."""

    __tablename__ = "tombstone"
    sha256: str = Field(primary_key=True)
    message_ref: int = Field(foreign_key="message.id")
    removed_at: datetime = moment()
    reason: str
    unlinked_at: datetime | None = moment(null=True)


class DaemonState(SQLModel, table=True):
    """Small facts of the running daemon that outlive it: last good cycle of a mailbox, last digest, pauses."""

    __tablename__ = "daemon_state"
    key: str = Field(primary_key=True)
    value: str
    at: datetime = moment()


TABLES: dict[str, sa.Table] = dict(SQLModel.metadata.tables)
