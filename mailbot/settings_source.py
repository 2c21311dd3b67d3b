"""The form of mailbot.yaml: which keys there are, and how each text is typed."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, PlainValidator

from mailbot.office.working_time import MORNING_AND_AFTERNOON
from mailbot.routing.model import AnswerLimits, Span, SpanUnit, Trust
from mailbot.routing.rights import OrderNames  # noqa: TC001 - pydantic reads the annotations
from mailbot.routing.schedules import ScheduleText  # noqa: TC001 - pydantic reads the annotations
from mailbot.routing.spans import SpanText  # noqa: TC001 - pydantic reads the annotations
from mailbot.yaml_source import Strict, nearest
from mailbot.yaml_values import (
    Address,
    AllHours,
    Clocks,
    Line,
    Lines,
    Size,
    Whole,
    day,
    flag,
    mapping,
    one_or_many,
    text,
    wrong,
)

SECRET_KINDS = ("env", "file", "credential")
FINGERPRINT = re.compile(r"(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}", re.IGNORECASE)
HOST = re.compile(r"[\w.-]{1,253}|\[?[0-9a-fA-F:.]{2,45}\]?")
TOKEN_URL = re.compile(r"https://[^\s/]+\S*|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?/\S*")
RETENTION = re.compile(r"([1-9]\d{0,3})\s+(years?|months?)")
WEEK = Span(7, SpanUnit.DAY)


def read_zone(value: Any) -> str:
    """Read an IANA time zone."""
    name = text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("timezone", f"không có múi giờ “{name}”", f'unknown time zone "{name}"') from None
    return name


def read_port(value: Any) -> int:
    """Read a TCP port."""
    word = text(value)
    if not word.isdecimal() or not 0 < int(word[:6]) < 65536:
        raise wrong("port", f"“{word}” không phải cổng", f'"{word}" is no port')
    return int(word)


def read_host(value: Any) -> str:
    """Read a host name or address."""
    word = text(value)
    if not HOST.fullmatch(word):
        raise wrong("host", f"“{word}” không phải tên máy chủ", f'"{word}" is no host name')
    return word


def read_fingerprint(value: Any) -> str:
    """Read the SHA-256 fingerprint of a certificate, with or without colons."""
    word = text(value).removeprefix("sha256:")
    if not FINGERPRINT.fullmatch(word):
        raise wrong("fingerprint", "vân tay SHA-256 gồm 64 chữ số hex", "a SHA-256 fingerprint has 64 hex digits")
    return word.replace(":", "").lower()


def read_start(value: Any) -> date | None:
    """Read `now` or a date."""
    return None if value == "now" else day(value)


def read_secret(value: Any) -> str:
    """Read a reference to a secret; a kind that nobody knows is a slip of the pen, not a password."""
    word = text(value)
    kind, colon, name = word.partition(":")
    if colon and kind in SECRET_KINDS and not name:
        raise wrong("secret", f"“{word}” thiếu tên", f'"{word}" names nothing')
    guess = nearest(kind, SECRET_KINDS) if colon else None
    if guess is not None and guess != kind:
        raise wrong("secret", f"có phải ý bạn là “{guess}:{name}”?", f'did you mean "{guess}:{name}"?')
    return word


def read_command(value: Any) -> tuple[str, ...]:
    """Read a command line as a list of words."""
    return tuple(text(part) for part in one_or_many(value))


def read_domains(value: Any) -> tuple[str, ...]:
    """Read one domain of mail addresses (`@` before it or not), or several, in lower case."""
    domains = tuple(read_host(text(one).removeprefix("@")).casefold() for one in one_or_many(value))
    wanting = next((one for one in domains if "." not in one), None)
    if wanting is not None:
        raise wrong("host", f"“{wanting}” không phải tên miền thư", f'"{wanting}" is no mail domain')
    return domains


class ServerSource(Strict):
    """`{host, port, tls, user, password, ca_file, fingerprint}`."""

    host: Annotated[str, PlainValidator(read_host)]
    port: Annotated[int, PlainValidator(read_port)] | None = None
    tls: Literal["implicit", "starttls", "none"] | None = None
    ca_file: Line | None = None
    fingerprint: Annotated[str, PlainValidator(read_fingerprint)] | None = None
    user: Line | None = None
    password: Annotated[str, PlainValidator(read_secret)] | None = None
    timeout: Whole = 60


def read_token_file(value: Any) -> str:
    """Read where the refresh token lies: a file, since the server may give another one that must be kept."""
    word = read_secret(value)
    if not word.startswith("file:"):
        raise wrong(
            "secret",
            "refresh token phải ở trong tệp (file:secrets/…): máy chủ có thể đổi nó, mailbot phải ghi lại",
            "the refresh token must lie in a file (file:secrets/…): the server may change it, and it is kept there",
        )
    return word


def read_token_url(value: Any) -> str:
    """Read the address of a token endpoint: https, or http on this machine alone."""
    word = text(value)
    if not TOKEN_URL.fullmatch(word):
        raise wrong("token_url", f"“{word}” không phải địa chỉ https://…", f'"{word}" is no address https://…')
    return word


class OAuth2Source(Strict):
    """`{provider: google, client_id, client_secret: env:…, refresh_token: file:…}`."""

    provider: Literal["google", "microsoft", "other"]
    client_id: Line
    client_secret: Annotated[str, PlainValidator(read_secret)] | None = None
    refresh_token: Annotated[str, PlainValidator(read_token_file)]
    tenant: Line = "common"
    token_url: Annotated[str, PlainValidator(read_token_url)] | None = None
    scope: Line | None = None


class SmtpSource(ServerSource):
    """A sending server, and how many connections it may see from us at once."""

    connections: Whole = 4


class ProcessedSource(Strict):
    """What marks a mail that is done: a flag, or a folder."""

    flag: Line | None = None
    move: Line | None = None


class LimitsSource(Strict):
    """`{mail_size: 25MB, send_per_minute: 20, send_per_day: 2000, max_age_to_send: 7 days}`, and what is a storm."""

    mail_size: Size = 25_000_000
    send_per_minute: Whole = 20
    send_per_day: Whole = 2000
    max_age_to_send: SpanText = WEEK
    answers_per_address: Whole = AnswerLimits.per_address
    answers_per_thread: Whole = AnswerLimits.per_thread
    answers_per_domain: Whole = AnswerLimits.per_domain
    same_words: Whole = AnswerLimits.same_words
    answers_per_hour: Whole = 300
    returned_percent: Whole = 50


class MailboxSource(Strict):
    """One mailbox."""

    address: Address
    imap: ServerSource
    smtp: SmtpSource
    oauth2: OAuth2Source | None = None
    watch: Lines = ("INBOX",)
    start: Annotated[date | None, PlainValidator(read_start)] = None
    processed: ProcessedSource = ProcessedSource(flag="$MailbotDone")
    quarantine: Line = "Mailbot/Cách ly"
    save_sent: Line | None = None
    plus_addressing: Literal["auto", "yes", "no"] = "auto"
    limits: LimitsSource = LimitsSource()


class OfficeSource(Strict):
    """The office."""

    name: Line
    unit: Line
    timezone: Annotated[str, PlainValidator(read_zone)] = "Asia/Ho_Chi_Minh"
    hours: AllHours = MORNING_AND_AFTERNOON
    reminders_at: Clocks = (time(8, 0), time(14, 0))
    spelling: Literal["ủy", "uỷ"] = "ủy"
    contact: Line | None = None
    confirm_within: SpanText = Span(8, SpanUnit.WORKING_HOUR)
    undo_within: SpanText = Span(10, SpanUnit.MINUTE)
    ocr: Annotated[bool, PlainValidator(flag)] = False


class RegisterSource(Strict):
    """One book."""

    takes: Literal["incoming", "outgoing"]
    restart: Literal["year", "term"] = "year"
    next: Whole = 1
    series_per: Literal["type"] | None = None
    paper_too: Annotated[bool, PlainValidator(flag)] = False
    after_hours: Literal["same_day", "next_working_day"] = "same_day"
    numbers: Literal["own", "mirror"] = "own"
    title: Line | None = None


Level = Literal["token", "known_address", "internal", "dmarc", "confirmed", "signed_pdf", "signed"]
Levels = Annotated[tuple[Level, ...], BeforeValidator(one_or_many)]


class TrustSource(Strict):
    """By what orders, documents and answers are believed; the defaults are typed already, the texts become so."""

    authserv_id: Lines = ()
    own_servers: Lines = ()
    certificates: Lines = ()
    dkim: Literal["own", "off"] = "own"
    orders: Levels = Trust.orders  # type: ignore[assignment]
    documents: Levels = Trust.documents  # type: ignore[assignment]
    answers: Levels = Trust.answers  # type: ignore[assignment]


Handling = Literal["clerk_alone", "by_rule"]
Circulation = Literal["no_public_domains", "anywhere"]


class PapersSource(Strict):
    """What happens to papers that not everybody may have."""

    petitions: Handling = "clerk_alone"
    personnel: Handling = "clerk_alone"
    discipline: Handling = "clerk_alone"
    internal: Circulation = "no_public_domains"
    drafts: Circulation = "no_public_domains"
    public_domains: Annotated[tuple[str, ...], PlainValidator(read_domains)] = ()


class AttachmentsSource(Strict):
    """What happens to files that could do harm when they are opened."""

    dangerous: Literal["hold", "forward"] = "hold"


def read_retention(value: Any) -> int:
    """Read how long mails are kept, in months: `5 years`, `18 months`."""
    found = RETENTION.fullmatch(text(value))
    months = int(found[1]) * (12 if found[2].startswith("year") else 1) if found else 0
    if not 3 <= months <= 1200:
        raise wrong(
            "retention", f"“{text(value)}” không phải thời hạn lưu", f'"{text(value)}" is no time to keep mails'
        )
    return months


class RetentionSource(Strict):
    """`{archive: 5 years}`: how long raw mails are kept."""

    archive: Annotated[int, PlainValidator(read_retention)]


class OfficersSource(Strict):
    """Whom the daemon turns to."""

    clerk: Line
    leader: Line
    admin: Line
    secrets: Line
    standing: Line | None = None


class DigestSource(Strict):
    """`{at: daily 07:30, to: [role:van-thu], kind: daily}`."""

    at: ScheduleText
    to: Lines
    kind: Literal["daily", "weekly"] = "daily"


class AlarmSource(Strict):
    """A second way to reach the admin, for when mail itself is broken."""

    command: Annotated[tuple[str, ...], PlainValidator(read_command)] = ()
    smtp: SmtpSource | None = None
    sender: Line | None = None
    to: Annotated[tuple[str, ...], PlainValidator(read_command)] = ()


class HealthSource(Strict):
    """Where the loopback tells how the daemon is (`/live`, `/ready`, `/metrics`), and a mail to ourselves each hour."""

    port: Annotated[int, PlainValidator(read_port)] | None = None
    canary: Annotated[bool, PlainValidator(flag)] = False


class SettingsSource(Strict):
    """The whole of mailbot.yaml."""

    mode: Literal["shadow", "live"] = "shadow"
    office: OfficeSource
    mailboxes: dict[str, MailboxSource]
    registers: Annotated[dict[str, RegisterSource], BeforeValidator(mapping)] = Field(default_factory=dict)
    database: Line = "sqlite:///var/mailbot.db"
    trust: TrustSource = TrustSource()
    officers: OfficersSource
    papers: PapersSource = PapersSource()
    attachments: AttachmentsSource = AttachmentsSource()
    retention: RetentionSource | None = None
    digests: Annotated[dict[str, DigestSource], BeforeValidator(mapping)] = Field(default_factory=dict)
    orders: Annotated[dict[str, OrderNames], BeforeValidator(mapping)] = Field(default_factory=dict)
    alarm: AlarmSource | None = None
    health: HealthSource | None = None
    readers: Whole = 2
