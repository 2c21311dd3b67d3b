"""The value that reading gives: one Reading for each mail, its kind, and the contract's JSON of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mailbot.mail.authentic import NOT_AUTHENTICATED, Authentication
from mailbot.office.documents import Document
from mailbot.office.secrecy import Secrecy

if TYPE_CHECKING:
    from mailbot.mail.dangers import Danger
    from mailbot.mail.reports import Bounce, Receipt
    from mailbot.office.answers import Reply
    from mailbot.office.deadlines import Deadline
    from mailbot.office.meetings import Meeting
    from mailbot.office.orders import Command
    from mailbot.office.working_time import WorkingTime


class Kind(StrEnum):
    """What a mail is."""

    DIRECTIVE = "directive"
    INVITATION = "invitation"
    REPLY = "reply"
    COMMAND = "command"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    AUTO_REPLY = "auto_reply"
    LOOP = "loop"
    QUARANTINED = "quarantined"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sender:
    """Name and address of the From header, the address in lower case."""

    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment as a person sees it; the type is found by content."""

    name: str | None
    type: str
    size: int
    sha256: str
    text_chars: int


@dataclass(frozen=True, slots=True)
class DangerousFile:
    """A file that could do harm when it is opened: its name (behind those of what it is packed in), and how.

    `sha256` is that of the attachment in which it came.
    """

    name: str
    danger: Danger
    sha256: str


@dataclass(frozen=True)
class ReadingContext:
    """What reading must know of the office: its addresses, its clock, whose headers count, when the mail came."""

    own_addresses: frozenset[str] = frozenset()
    timezone: str = "Asia/Ho_Chi_Minh"
    authserv_ids: tuple[str, ...] = ()
    own_servers: tuple[str, ...] = ()
    received_at: datetime | None = None
    working_time: WorkingTime | None = None
    # Whether letters are read off pictures, where the machine has a program for it.
    ocr: bool = False
    # Certificates (PEM) of those who certify the signers of PDFs.
    certificates: tuple[str, ...] = ()
    # TXT records of DKIM keys by name, fetched for this very mail.
    domain_keys: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """All that was understood of one mail; the keys of the parse contract, and what deciding needs beside them."""

    kind: Kind
    message_id: str | None = None
    sent_at: datetime | None = None
    sender: Sender = Sender()
    subject: str | None = None
    secrecy: Secrecy = Secrecy.NONE
    documents: tuple[Document, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    meeting: Meeting | None = None
    reply: Reply | None = None
    command: Command | None = None
    commands: tuple[Command, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    receipt: Receipt | None = None
    attachments: tuple[Attachment, ...] = ()
    dangers: tuple[DangerousFile, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    authentication: Authentication = NOT_AUTHENTICATED
    sensitivity: str = "none"
    review: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    from_addresses: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    calendar_uid: str | None = None
    trust: frozenset[str] = frozenset()
    automatic: str | None = None
    content_key: str = ""
    text: str = ""
    document_text: str = ""
    wants_receipt: bool = False
    secrecy_rule: str | None = None
    timezone: str = "Asia/Ho_Chi_Minh"

    @classmethod
    def filled(cls, kind: Kind, values: Mapping[str, Any]) -> Reading:
        """Return a Reading of this kind with these fields, the others by default; TypeError for a misspelt one.

        The constructor of a frozen class sets field by field, which is a fiftieth of the reading of a letter; a field
        that is not set is found, by its default, in the class.
        """
        if not _FIELDS.issuperset(values):
            raise TypeError(f"A Reading has no {', '.join(sorted(values.keys() - _FIELDS))}.")
        reading = object.__new__(cls)
        reading.__dict__.update(values, kind=kind)
        return reading

    def to_json(self, file: str) -> dict[str, Any]:
        """Return the object of parse-contract.md: exactly its keys, times with the office's offset."""
        zone = ZoneInfo(self.timezone)
        return {"file": file} | {key: _plain(getattr(self, key), zone) for key in CONTRACT_KEYS}


_FIELDS = frozenset(field.name for field in fields(Reading) if field.name != "kind")
CONTRACT_KEYS = (
    "kind",
    "message_id",
    "sent_at",
    "sender",
    "subject",
    "secrecy",
    "documents",
    "deadlines",
    "meeting",
    "reply",
    "command",
    "commands",
    "bounces",
    "receipt",
    "attachments",
    "in_reply_to",
    "authentication",
    "sensitivity",
    "review",
    "defects",
)


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """Turn values into what JSON knows; lone surrogates, which UTF-8 cannot write, are replaced."""
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(item, zone) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item, zone) for key, item in value.items()}
    if is_dataclass(value):
        hidden = {"review"} if isinstance(value, Document) else set()
        return {key.name: _plain(getattr(value, key.name), zone) for key in fields(value) if key.name not in hidden}
    return value
