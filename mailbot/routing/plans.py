"""What a decision orders: frozen values that the store writes as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mailbot.routing.model import Ask, Channel, Copy, Direction, Span

if TYPE_CHECKING:
    pass


class Outcome(StrEnum):
    """What became of one mail; every journal row ends in exactly one of these."""

    DECIDED = "decided"
    HELD = "held"
    QUARANTINED = "quarantined"
    REPEATED = "repeated"


class Purpose(StrEnum):
    """Why a mail of ours goes out; part of its identity."""

    DIRECTIVE = "directive"
    INVITATION = "invitation"
    ASSIGNMENT = "assignment"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    CONFIRM = "confirm_before_send"
    CONFIRM_EXPIRED = "confirm_expired"
    SUBMISSION = "for_instruction"
    RECEIPT = "receipt"
    RELEASED = "released"
    CHALLENGE = "refused"
    PAPER_LIST = "paper_list"
    CLERK_LIST = "clerk_list"
    ORDER_ANSWER = "order_answer"
    ORDER_ASKED = "order_not_understood"
    NOT_UNDERSTOOD = "not_understood"
    REPORT_MISSING = "report_missing"
    REPORT_RETURNED = "report_returned"
    COLLECTION = "collection"
    EXTENSION_DECIDED = "extension_decided"
    ABSENCE_DECIDED = "absence_decided"
    SAME_NUMBER = "same_number"
    REPLACEMENT_FILE = "replacement_file"
    CORRECTION = "correction"
    RECALL = "recall"
    ATTENDANCE = "attendance"
    STATUS = "status_table"
    LOOKUP = "lookup"
    HISTORY = "history"
    STATISTICS = "statistics"
    DIGEST = "digest"
    ADMIN_NOTICE = "admin_notice"
    SECRECY_NOTICE = "secrecy_notice"


# Mails that answer somebody by themselves: at most one an hour to an address, none to strangers.
AUTOMATIC_ANSWERS = (Purpose.RECEIPT, Purpose.CHALLENGE, Purpose.NOT_UNDERSTOOD, Purpose.REPORT_MISSING)
# Every mail that a mail brings about by itself, whoever sent that: two robots could go on with these for ever.
ANSWERS = frozenset(
    {
        *AUTOMATIC_ANSWERS,
        *(Purpose.ORDER_ANSWER, Purpose.ORDER_ASKED, Purpose.STATUS, Purpose.LOOKUP, Purpose.HISTORY),
        *(Purpose.STATISTICS, Purpose.SAME_NUMBER, Purpose.CONFIRM),
    }
)
# How an answer was tied to its delivery when a person said so.
BY_CLERK = "clerk"
# Lists that are answered by number.
NUMBERED = frozenset({Purpose.CLERK_LIST, Purpose.DIGEST})
# Mails to units; in shadow these are recorded and not sent.
TO_UNITS = (
    Purpose.DIRECTIVE,
    Purpose.INVITATION,
    Purpose.ASSIGNMENT,
    Purpose.REMINDER,
    Purpose.EXTENSION_DECIDED,
    Purpose.ABSENCE_DECIDED,
    Purpose.NOT_UNDERSTOOD,
    Purpose.REPORT_MISSING,
    Purpose.REPORT_RETURNED,
    Purpose.REPLACEMENT_FILE,
    Purpose.CORRECTION,
    Purpose.RECALL,
)


# Mails that bring the paper's own files; what else goes to units has none, whichever address it is tried at.
BRINGS_FILES = frozenset({Purpose.DIRECTIVE, Purpose.INVITATION, Purpose.ASSIGNMENT, Purpose.REPLACEMENT_FILE})


class Remedy(StrEnum):
    """What is done about a paper that went out wrong, or is sent in again with the same number and other content."""

    REPLACE_FILE = "replace_file"  # the number, the day and the limit stay; the file is another
    CORRECT = "correct"  # the paper stays, and is read as its sender says
    REPLACE = "replace"  # a new paper takes its place
    RECALL = "recall"  # nobody is to act on it any more
    NOTHING = "nothing"


@dataclass(frozen=True)
class Reason:
    """Why something was decided: a stable code and the detail that was seen."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


@dataclass(frozen=True)
class Recipient:
    """One unit (or person) of a document, with the reason why it is one and what it must answer."""

    unit: str
    name: str
    short_name: str
    addresses: tuple[str, ...]
    channel: Channel
    ask: Ask
    purpose: str
    reason: str
    due: str | None = None
    contact: str | None = None
    template: str | None = None
    due_because: str = ""
    previous_answer: str = ""
    calendar_key: str | None = None  # of the mail that first invited: its event is changed, no second one is made
    withheld: tuple[str, ...] = ()  # addresses at public mail domains, from which the paper's limit keeps it


@dataclass(frozen=True)
class Duty:
    """What comes again: its RRULE (RFC 5545), the limit of this period (ISO 8601), how much earlier the units' is."""

    recurrence: str
    limit: str
    before: Span | None = None


@dataclass(frozen=True)
class Said:
    """What the mails to some units say of the word by which the paper went to them: whose, when, word for word."""

    units: tuple[str, ...]
    values: dict[str, Any]


@dataclass(frozen=True)
class Release:
    """Everything that sending a document needs, kept with it until somebody says ĐỒNG Ý."""

    recipients: tuple[Recipient, ...]
    template: str
    purpose: Purpose
    mailbox: str
    values: dict[str, Any]
    ladder: str | None = None
    acknowledge_within: Span | None = None
    rsvp_by: str | None = None
    meeting_at: str | None = None
    excluded: tuple[str, ...] = ()
    unknown_lines: tuple[str, ...] = ()
    copy: Copy = Copy.PERSONAL
    sender_name: str = ""
    sender_address: str | None = None
    supersedes: tuple[int, ...] = ()  # deliveries of an earlier paper that are over when this one goes out
    earlier_start: str | None = None  # of the meeting that this paper moves, ISO 8601
    to_call: str = ""  # whom to telephone when it moves on short notice, with their numbers
    duty: Duty | None = None
    inside: bool = False  # goes to no public mail domain (routing.circulating)
    replaces: int | None = None  # the paper (row) whose place this one takes when it goes out
    said: tuple[Said, ...] = ()  # by whose word it went out, so that it can be sent once more as it was

    def said_to(self, unit: str) -> dict[str, Any]:
        """Return what was said to a unit last; nothing where no person's word is told."""
        return next((one.values for one in reversed(self.said) if unit in one.units), {})


@dataclass(frozen=True)
class RuleTrial:
    """One rule as it was tried: matched, or the condition that failed with what it wanted and saw."""

    rule: str
    position: str
    version: str
    matched: bool
    failed: str | None = None
    wanted: str = ""
    saw: str = ""


@dataclass(frozen=True)
class DocumentPlan:
    """A document to record, with its book entry where it gets one."""

    direction: Direction
    state: str
    kind: str
    content_key: str
    files_key: str
    number: str | None = None
    number_key: str | None = None
    type: str | None = None
    issuer_unit: str | None = None
    series: str | None = None
    issued_on: str | None = None
    summary: str | None = None
    urgency: str | None = None
    sender_address: str | None = None
    due: str | None = None
    due_text: str | None = None
    rule: str | None = None
    book: str | None = None
    book_period: str | None = None
    book_series: str = ""
    book_number: int | None = None
    book_start: int = 1
    book_mirror: bool = False  # another system gives the số đến: `book_number` is taken over, none is allocated
    arrived_on: str | None = None  # ISO 8601
    came_by: Channel = Channel.MAIL
    signer: str | None = None
    release: Release | None = None
    meeting: MeetingPlan | None = None
    ask_again_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def arrival_text(self) -> str:
        """The day of arrival as official papers write it; empty for a paper without an entry."""
        return f"{date.fromisoformat(self.arrived_on):%d/%m/%Y}" if self.arrived_on else ""


@dataclass(frozen=True)
class MeetingPlan:
    """When and where a document invites to; moments as ISO 8601 texts of the office's zone."""

    starts_at: str | None = None
    ends_at: str | None = None
    place: str | None = None
    chair: str | None = None
    rsvp_by: str | None = None
    uid: str | None = None
    sequence: int | None = None
    sheet_at: datetime | None = None  # when the organiser first gets the sheet of who comes


@dataclass(frozen=True)
class DeliveryPlan:
    """One delivery that a release makes, with its working-time limits."""

    recipient: Recipient
    acknowledge_by: datetime | None = None
    ladder: str | None = None
    rsvp_by: str | None = None
    meeting_at: str | None = None


@dataclass(frozen=True)
class MailPlan:
    """One mail to send: who, which template, and the frozen values; `units` are the deliveries that it speaks of.

    `values` stand over those of its document's release. With `recipients` the same bytes go to all of them in one
    transaction, and `recipient` is what the To line says. `items` are the numbers of the deliveries in a numbered list.
    `document_id` is the document that a mail sent once more is about: its words and parts go along again.
    """

    purpose: Purpose
    template: str
    mailbox: str
    recipient: str
    recipient_name: str
    values: dict[str, Any]
    units: tuple[str, ...] = ()
    deliveries: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    source_key: str = ""
    step: str = "0"
    issue: int = 0
    shared: bool = False
    recipients: tuple[str, ...] = ()
    to_message: bool = False
    not_before: datetime | None = None
    document_id: int | None = None
    thread: str | None = None  # of an answer: the conversation that its budget is counted in
    own_parts: bool = False  # the attachments of the mail that is decided about go along, not those of the document


@dataclass(frozen=True)
class FactPlan:
    """A fact about one delivery: what a person (an intent) or a machine (`bounced`, `read`) said, with its evidence."""

    delivery_id: int
    said: str
    at: datetime
    reason: str
    address: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Act(StrEnum):
    """What the clerk's word on a matter of their list does."""

    MATCH = "match"  # the mail is an answer about this delivery
    NAME = "name"  # the mail is an answer of the unit that the clerk names
    LET_THROUGH = "let_through"  # its files go on although they could do harm: it is decided again
    BELIEVE = "believe"  # the mail is really of whom it says: it is decided again
    RETRY = "retry"  # the mail is read and decided once more
    TEACH = "teach"  # the address is the unit's from now on
    FACT = "fact"  # a unit said or did this outside mail
    EXTEND = "extend"
    REFUSE_EXTENSION = "refuse_extension"
    ABSENCE = "absence"  # the chair's word on an absence or a delegate
    SETTLE = "settle"  # what the unit asked is answered
    RECALL = "recall"  # what we passed down of a superior's paper is taken back
    REMEDY = "remedy"  # what is done with a paper of the same number and other content
    CLOSE = "close"  # nothing is to be done


@dataclass(frozen=True)
class Choice:
    """One answer that a matter of the clerk's list may get: the words to type, and what they do."""

    words: str
    act: Act
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HeldPlan:
    """A matter for a person to look at; the text is one line in their list, the choices are how it may be answered."""

    reason: str
    text: str
    audience: str = "clerk"
    delivery_id: int | None = None
    choices: tuple[Choice, ...] = ()
    at: datetime | None = None  # when the matter arises; None: now


@dataclass(frozen=True)
class ActionPlan:
    """A wish to the mailbox that the mail came from, or (`save_sent`) to its folder of sent mails."""

    action: str
    argument: str


@dataclass(frozen=True)
class RemedyWord:
    """What the sender of a paper of the same number, or the clerk, said of it; and their words beside."""

    remedy: Remedy
    words: str = ""


@dataclass(frozen=True)
class RemedyPlan:
    """What becomes of a paper that went out wrong; with `files_key` the files of the mail decided about are its own."""

    document_id: int
    remedy: Remedy
    files_key: str | None = None
    values: dict[str, Any] = field(default_factory=dict)  # of its release, that speak of the new file
    reason: str = ""
    chases: tuple[tuple[int, str], ...] = ()  # deliveries (row, unit) that are asked to confirm


@dataclass(frozen=True)
class InstructionPlan:
    """What a leader or sender said, word for word."""

    document_id: int
    given_by: str
    text: str


@dataclass(frozen=True)
class AmendPlan:
    """What waits for its ĐỒNG Ý, changed by a word of its sender, and the moments of the new question."""

    document_id: int
    release: Release
    number: str | None
    summary: str | None
    ask_again_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class TaughtAddress:
    """An address from which a unit answers, by the clerk's word; nothing is ever sent there."""

    address: str
    unit: str
    by: str


@dataclass(frozen=True)
class ReschedulePlan:
    """A new limit (ISO 8601) for one delivery: what was to remind of the old one is planned anew by its ladder."""

    delivery_id: int
    due: str
    ladder: str | None
    unit: str = ""


@dataclass(frozen=True)
class Decision:
    """All that is to be done about one mail, and why; a dry run prints it, the store writes it."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    trials: tuple[RuleTrial, ...] = ()
    ruled_out: int = 0  # rules that are not in `trials`: the mail lacks what they need, or the search had ended
    rule: str | None = None
    document: DocumentPlan | None = None
    release_of: int | None = None
    adds_to: int | None = None  # a document that went out before and goes to more
    release: Release | None = None  # what goes out in place of what was proposed; kept with the document
    files: int | None = None  # an incoming document that is kept without being passed on (Lưu)
    cancel: int | None = None
    outdates: int | None = None  # the incoming invitation whose place the recorded one takes
    deliveries: tuple[DeliveryPlan, ...] = ()
    mails: tuple[MailPlan, ...] = ()
    # What the clerk enters by the lines of one mail: each with a document of its own, recorded before the rest.
    papers: tuple[Decision, ...] = ()
    facts: tuple[FactPlan, ...] = ()
    held: tuple[HeldPlan, ...] = ()
    actions: tuple[ActionPlan, ...] = ()
    instruction: InstructionPlan | None = None
    decide_again: int | None = None
    # Held mails (journal rows) that are decided again as answers about a delivery, and matters that are done with.
    amend: AmendPlan | None = None
    matches: tuple[tuple[int, int], ...] = ()
    believes: tuple[int, ...] = ()
    # Mails whose files the clerk lets through: they are decided again.
    lets_through: tuple[int, ...] = ()
    # Its sender may take it back for a while, and which order (by its journal row) is taken back.
    undoable: bool = False
    not_before: datetime | None = None  # what it sends to units waits until then
    takes_back: int | None = None
    retries: tuple[int, ...] = ()
    remedies: tuple[RemedyPlan, ...] = ()
    remedied: tuple[tuple[int, RemedyWord], ...] = ()  # held mails (journal rows) decided again by a word on them
    closes: tuple[int, ...] = ()
    teaches: tuple[TaughtAddress, ...] = ()
    ends: tuple[int, ...] = ()  # documents that make no further task
    # Deliveries that are not reminded any more, those that are reminded in the next slot, those with a new limit.
    stops: tuple[int, ...] = ()
    reminds: tuple[int, ...] = ()
    reschedules: tuple[ReschedulePlan, ...] = ()
    # Deliveries whose unit said on which day it will answer: it is not reminded before that slot.
    snoozes: tuple[tuple[int, datetime], ...] = ()
