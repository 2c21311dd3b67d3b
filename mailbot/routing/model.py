"""The value types of an office: its units, rules, ladders and what is already known of a mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailbot.office.working_time import WorkingTime
    from mailbot.problems import Position
    from mailbot.routing.directory import Directory
    from mailbot.routing.rules import Ruleset


class Mode(StrEnum):
    """Whether mail really goes out: in shadow everything is decided and recorded, mail goes to the clerk alone."""

    SHADOW = "shadow"
    LIVE = "live"


class Direction(StrEnum):
    """Văn bản đến or văn bản đi; the two are never mixed."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Relation(StrEnum):
    """How a unit stands to this office."""

    SUPERIOR = "superior"
    SELF = "self"
    SUBORDINATE = "subordinate"
    OTHER = "other"


class Channel(StrEnum):
    """How a unit is reached."""

    MAIL = "mail"
    PAPER = "paper"


class Ask(StrEnum):
    """What a unit must answer."""

    NONE = "none"
    ACKNOWLEDGEMENT = "acknowledgement"
    REPORT = "report"
    RSVP = "rsvp"


class SpanUnit(StrEnum):
    """What a span counts."""

    WORKING_DAY = "working day"
    DAY = "day"
    WORKING_HOUR = "working hour"
    HOUR = "hour"
    MINUTE = "minute"


@dataclass(frozen=True)
class Span:
    """A length of time as an admin writes it: `3 working days`."""

    amount: int
    unit: SpanUnit


class Anchor(StrEnum):
    """The moment that a ladder step counts from."""

    DUE = "due"
    ACKNOWLEDGEMENT = "acknowledgement"
    RSVP = "rsvp"
    MEETING = "meeting"


class Do(StrEnum):
    """What a ladder step does."""

    REMIND = "remind"
    LIST = "list"


@dataclass(frozen=True)
class Step:
    """One rung of a ladder: `{at: 2 working days before due, do: remind}`; `overdue` is the moment after the limit."""

    anchor: Anchor
    do: Do
    offset: Span | None = None
    before: bool = False
    to: tuple[str, ...] = ()
    overdue: bool = False


@dataclass(frozen=True)
class Ladder:
    """The steps that a silent unit sees, in order (lịch đôn đốc)."""

    name: str
    steps: tuple[Step, ...]
    position: Position


@dataclass(frozen=True)
class Person:
    """A named person; `key` is the key under which the directory lists them."""

    key: str
    name: str
    post: str | None = None
    mail: str | None = None
    phone: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Term:
    """A committee's term of office (nhiệm kỳ); a Party number is unique per issuer, type and term."""

    name: str
    start: date


@dataclass(frozen=True)
class Organ:
    """An office of a unit that signs and mails in its own name: Văn phòng Thành ủy."""

    key: str
    name: str
    symbols: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unit:
    """A Party cell, committee, superior or this office itself."""

    key: str
    name: str
    position: Position
    called: tuple[str, ...] = ()
    relation: Relation = Relation.SUBORDINATE
    symbols: tuple[str, ...] = ()
    parent: str | None = None
    groups: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    shares_mail_with: str | None = None
    channel: Channel = Channel.MAIL
    people: tuple[Person, ...] = ()
    overseer: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: str | None = None
    terms: tuple[Term, ...] = ()
    organs: tuple[Organ, ...] = ()
    hours: tuple[tuple[time, time], ...] = ()  # when it is reminded, within the office's; empty: in all of them

    def valid_on(self, day: date) -> bool:
        """Tell whether the unit exists on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Group:
    """A named set of units, groups and people."""

    key: str
    name: str
    position: Position
    members: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


class ConfirmMode(StrEnum):
    """Whether the sender confirms the list of units before an outgoing document leaves."""

    ALWAYS = "always"
    NEVER = "never"
    OVER_UNITS = "over_units"


@dataclass(frozen=True)
class Confirm:
    """`always`, `never`, or only above a number of units."""

    mode: ConfirmMode = ConfirmMode.ALWAYS
    over_units: int = 0


class Copy(StrEnum):
    """Whether each unit gets a mail of its own, or all get the same bytes in one transaction."""

    PERSONAL = "personal"
    EQUAL = "equal"


@dataclass(frozen=True)
class Send:
    """Who gets a copy: targets such as `addressees`, `unit:x`, `group:y`, `role:z`, the template, and how."""

    to: tuple[str, ...]
    excepted: tuple[str, ...] = ()
    template: str = "directive"
    copy: Copy = Copy.PERSONAL


@dataclass(frozen=True)
class DueRule:
    """How the deadline of the units is found."""

    from_document: bool = True
    otherwise: Span | None = None
    before_document: Span | None = None


@dataclass(frozen=True)
class Assign:
    """Who in the office handles it, and by when."""

    lead: str
    cooperating: tuple[str, ...] = ()
    due: DueRule | None = None


@dataclass(frozen=True)
class Submit:
    """An incoming paper is put before a leader, with a proposal of what to pass down."""

    to: str
    propose_to: tuple[str, ...] = ()
    propose_due: DueRule | None = None


@dataclass(frozen=True)
class Action:
    """What a rule orders."""

    register: str | None = None
    submit: Submit | None = None
    pass_down: bool = False
    send: Send | None = None
    ask: Ask = Ask.NONE
    acknowledge_within: Span | None = None
    due: DueRule | None = None
    assign: Assign | None = None
    ladder: str | None = None
    confirm: Confirm = Confirm()
    clerk_alone: bool = False  # petitions, personnel, discipline: put before the clerk, never sent on or quoted


class PaperHandling(StrEnum):
    """What happens to a petition, a personnel or a discipline paper; quoted and indexed it never is."""

    CLERK_ALONE = "clerk_alone"
    BY_RULE = "by_rule"


@dataclass(frozen=True)
class Papers:
    """The policy for papers that not everybody may have (`papers:` of mailbot.yaml)."""

    petitions: PaperHandling = PaperHandling.CLERK_ALONE
    personnel: PaperHandling = PaperHandling.CLERK_ALONE
    discipline: PaperHandling = PaperHandling.CLERK_ALONE
    # Whether what is for internal use, and drafts, go to no public mail domain.
    internal_inside: bool = True
    drafts_inside: bool = True
    public_domains: frozenset[str] = frozenset()  # beside those that everybody knows; in lower case

    def handling(self, key: str) -> PaperHandling:
        """Return what happens to `petitions`, `personnel` or `discipline` papers."""
        return {"petitions": self.petitions, "personnel": self.personnel, "discipline": self.discipline}[key]


class TrustLevel(StrEnum):
    """By what an order or a document is believed, weakest first."""

    TOKEN = "token"  # noqa: S105 - the name of a level, no secret
    KNOWN_ADDRESS = "known_address"
    INTERNAL = "internal"
    DMARC = "dmarc"
    CONFIRMED = "confirmed"
    SIGNED_PDF = "signed_pdf"
    SIGNED = "signed"


@dataclass(frozen=True)
class Trust:
    """The ways by which orders, documents and answers are believed, and whose headers count."""

    authserv_id: tuple[str, ...] = ()
    own_servers: tuple[str, ...] = ()
    orders: tuple[TrustLevel, ...] = (
        *(TrustLevel.INTERNAL, TrustLevel.DMARC, TrustLevel.CONFIRMED),
        TrustLevel.SIGNED,
    )
    documents: tuple[TrustLevel, ...] = (
        *(TrustLevel.DMARC, TrustLevel.SIGNED_PDF, TrustLevel.KNOWN_ADDRESS),
        *(TrustLevel.CONFIRMED, TrustLevel.SIGNED),
    )
    answers: tuple[TrustLevel, ...] = (TrustLevel.TOKEN, TrustLevel.KNOWN_ADDRESS)
    # Certificates (PEM) of those who certify the signers of PDFs.
    certificates: tuple[str, ...] = ()
    # Whether DKIM signatures are checked here where no server of ours has: it asks name servers for the keys.
    own_dkim: bool = True


@dataclass(frozen=True)
class Officers:
    """Targets (`role:van-thu`, an address) of those whom the daemon turns to."""

    clerk: str
    leader: str
    admin: str
    secrets: str
    standing: str | None = None  # the Thường trực: told of who is late only after the leader has agreed


@dataclass(frozen=True)
class Schedule:
    """An hour of every working day, or of one day of the week (Monday is 0)."""

    hour: time
    weekday: int | None = None

    def __str__(self) -> str:
        day = "daily" if self.weekday is None else f"weekly {self.weekday}"
        return f"{day} {self.hour:%H:%M}"


class DigestKind(StrEnum):
    """What a digest tells: the day's work, or what is late and the week that comes."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Digest:
    """A mail by schedule to people of the office; it is not sent when there is nothing to say."""

    key: str
    at: Schedule
    to: tuple[str, ...]
    kind: DigestKind = DigestKind.DAILY


class Restart(StrEnum):
    """When a register begins again at 1."""

    YEAR = "year"
    TERM = "term"


@dataclass(frozen=True)
class Register:
    """A book: văn bản đến takes a new number, văn bản đi takes over the printed one.

    With `mirror` another system of the office gives the số đến: it is taken from the mail or from the clerk's word.
    """

    key: str
    takes: Direction
    restart: Restart
    start_number: int = 1
    series_per_type: bool = False
    paper_too: bool = False
    after_hours_next_day: bool = False
    mirror: bool = False
    title: str | None = None  # what the book is called beside its statutory name: `Sổ giấy mời`


@dataclass(frozen=True)
class Office:
    """This office, as people see it."""

    name: str
    unit: str
    timezone: str
    working_time: WorkingTime
    spelling: str = "ủy"
    contact: str | None = None
    reminders_at: tuple[time, ...] = (time(8, 0), time(14, 0))
    confirm_within: Span = Span(8, SpanUnit.WORKING_HOUR)
    undo_within: Span = Span(10, SpanUnit.MINUTE)
    ocr: bool = False


@dataclass(frozen=True)
class AnswerLimits:
    """How many automatic answers may go out within a day, and how often the same words are answered."""

    per_address: int = 200
    per_thread: int = 30
    per_domain: int = 600
    same_words: int = 5


@dataclass(frozen=True)
class MailboxProfile:
    """What deciding must know of a mailbox: its address and how answers come back."""

    key: str
    address: str
    plus_addressing: bool = False
    save_sent: str | None = None
    quarantine: str | None = None
    processed_flag: str | None = None
    processed_folder: str | None = None
    max_age_days: int = 7
    mail_size: int = 25_000_000  # bytes of the largest mail that its servers take
    answers: AnswerLimits = AnswerLimits()


@dataclass(frozen=True)
class OrderRight:
    """Whose addresses (`role:…`, `person:…`, an address) may give which orders (values of office.orders.Verb)."""

    target: str
    verbs: frozenset[str]


@dataclass(frozen=True)
class Site:
    """One checked, immutable office: everything a decision may look at besides the mail and what is Known."""

    mode: Mode
    office: Office
    mailboxes: Mapping[str, MailboxProfile]
    registers: Mapping[str, Register]
    trust: Trust
    officers: Officers
    directory: Directory
    rules: Ruleset
    ladders: Mapping[str, Ladder]
    version: str
    templates: Mapping[str, str] = field(default_factory=dict)
    digests: tuple[Digest, ...] = ()
    orders: tuple[OrderRight, ...] = ()
    papers: Papers = Papers()
    # Whether files that could do harm when opened go on by the clerk's word alone (`attachments: {dangerous: hold}`).
    holds_dangerous: bool = True
