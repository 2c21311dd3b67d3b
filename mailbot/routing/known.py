"""What the store knows of the matter of one mail at the moment of deciding: frozen values, read and never written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailbot.routing.finding import Found
    from mailbot.routing.handed_in import Report
    from mailbot.routing.inspecting import Inspection
    from mailbot.routing.model import Ask
    from mailbot.routing.plans import Purpose, Release, RemedyWord


@dataclass(frozen=True)
class KnownDocument:
    """A document of the ledger that a mail may repeat, answer or release."""

    id: int
    state: str
    direction: str
    number: str | None
    content_key: str
    files_key: str | None = None
    sender_address: str | None = None
    arrival_number: int | None = None
    release: Release | None = None
    shared_hash: str | None = None
    boundary: str | None = None
    due: str | None = None
    due_text: str | None = None
    issuer_unit: str | None = None
    type: str | None = None
    number_key: str | None = None
    series: str | None = None


@dataclass(frozen=True)
class KnownDelivery:
    """A delivery that a mail may answer, with how it was found and what was sent last."""

    id: int
    document_id: int
    unit: str
    unit_name: str
    ask: Ask
    addresses: tuple[str, ...]
    document_number: str | None
    tried: tuple[str, ...] = ()
    purpose: str = "directive"
    item: int = 1
    channel: str = "mail"
    due: str | None = None
    ladder: str | None = None
    transport: str | None = None
    handling: str | None = None
    rsvp: str | None = None
    attendance: str | None = None
    exchange: str | None = None
    open_matter: str | None = None
    satisfied: bool = False
    answered: bool = False
    left: bool = False  # its paper was sent, or is on its way to the server now
    reminded: int = 0
    said: Mapping[str, Any] = field(default_factory=dict)  # whom the last answer about a meeting names, its words
    first_key: str | None = None  # of the first mail that carried its document
    # Of the first fact of each kind; `answered` is the first that a person said.
    moments: Mapping[str, datetime] = field(default_factory=dict)
    latest: Mapping[str, datetime] = field(default_factory=dict)  # of the last fact of each kind
    reminded_at: tuple[datetime, ...] = ()
    next_step: str | None = None  # what the ladder does next, and when
    next_at: datetime | None = None
    asked_until: str | None = None  # the limit that an extension was asked to
    reason: str = ""
    reports: tuple[Report, ...] = ()  # every version that its unit has handed in, in order


@dataclass(frozen=True)
class KnownMeeting:
    """When and where an earlier invitation invited to; moments in ISO 8601."""

    starts_at: str | None = None
    ends_at: str | None = None
    place: str | None = None
    sequence: int | None = None
    rsvp_by: str | None = None


@dataclass(frozen=True)
class KnownMatter:
    """A document that a mail names, with its deliveries as they stand, and its meeting where it invites to one."""

    document: KnownDocument
    deliveries: tuple[KnownDelivery, ...]
    meeting: KnownMeeting | None = None
    # What the leader was shown of it, or its release says; and the mailbox that its mails leave from.
    values: Mapping[str, Any] = field(default_factory=dict)
    mailbox: str = ""


@dataclass(frozen=True)
class KnownOrder:
    """The last order of whoever asks to take it back: its mail, when it was given, how many of its mails have left.

    `assigned` is the number of the paper that it gave to somebody, an empty text for one without a number: that stands.
    """

    message: int
    at: datetime
    gone: int
    assigned: str | None = None
    changed: bool = True  # whether it did anything else


@dataclass(frozen=True)
class KnownThread:
    """The mail of ours that was answered: its purpose, how the answer was tied to it, and what it spoke of."""

    outbox_id: int
    purpose: Purpose
    recipient: str
    recipient_name: str
    template: str
    values: dict[str, Any]
    found_by: str
    mailbox: str
    document: KnownDocument | None = None
    message_ref: int | None = None
    deliveries: tuple[KnownDelivery, ...] = ()
    equal_copies: bool = False
    issue: int = 0  # how often the same was asked before
    root: str = ""  # the key of the conversation that this mail belongs to


@dataclass(frozen=True)
class Answers:
    """How many automatic answers of the last day went to the sender, into his thread, and to his domain."""

    address: int = 0
    thread: int = 0
    domain: int = 0


@dataclass(frozen=True)
class Known:
    """What the store knows about one mail at the moment of deciding.

    `too_large` is the size in bytes of a mail over the mailbox's limit, of which the header alone was fetched.
    """

    mailbox: str
    received_at: datetime | None = None
    same_content: int | None = None
    same_message_id: int | None = None
    document: KnownDocument | None = None
    thread: KnownThread | None = None
    candidates: tuple[KnownDelivery, ...] = ()
    automatic_answers_last_hour: int = 0
    answers: Answers = Answers()
    same_words: int = 0  # how often the sender has said the same within a day, numbers aside
    confirmed: bool = False
    # The clerk let its files through although they could do harm.
    let_through: bool = False
    too_large: int = 0
    # The clerk said of which delivery the mail speaks: it is decided again with that.
    matched: bool = False
    # The invitation that a moved, postponed or cancelled meeting was called by.
    earlier: KnownMatter | None = None
    # What the deliveries that a clerk's list asks about have answered last: a unit may have thought better of it.
    rsvps: Mapping[int, str | None] = field(default_factory=dict)
    # What is asked of units and not answered yet, where the clerk may have named one of them.
    open_deliveries: tuple[KnownDelivery, ...] = ()
    # The units whose address the sender's is by the clerk's word.
    taught: frozenset[str] = frozenset()
    # The paper of the same number that is out already, and what its sender said is to be done with the two.
    repeats: KnownMatter | None = None
    remedy: RemedyWord | None = None
    # Whether the mail that our question was about still waits for its sender's word.
    asked_of: bool = True
    # The paper that this one says it takes the place of, or recalls.
    replaced: KnownMatter | None = None
    # The papers, by row, that a clerk's list asks whether to recall.
    recallable: Mapping[int, KnownMatter] = field(default_factory=dict)
    # What HỦY LỆNH would take back.
    last_order: KnownOrder | None = None
    # The matters of that list that are done with: an old list is answered twice, or an order was quicker.
    settled: frozenset[int] = frozenset()
    # What THỐNG KÊ counts, by the words that name its period.
    counted: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    # What the orders of the mail name, by number; under the empty name what its thread is about.
    matters: Mapping[str, tuple[KnownMatter, ...]] = field(default_factory=dict)
    # What the orders to look something up have found, by the words that they look for.
    found: Mapping[str, Found] = field(default_factory=dict)
    # What the orders for a history ask about, by the row of the document.
    inspected: Mapping[int, Inspection] = field(default_factory=dict)
