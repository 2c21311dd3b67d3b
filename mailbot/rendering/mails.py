"""One planned mail + templates -> the bytes that every attempt sends."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mailbot.mail import compose
from mailbot.mail.calendar_writing import Invitation, write_invitation
from mailbot.mail.message import Part
from mailbot.problems import MailbotError, Text
from mailbot.rendering import packing, printing, workbooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.rendering.letters import Letters


@dataclass(frozen=True, slots=True)
class Planned:
    """A mail whose bytes are not fixed yet; `shared_hash` and `boundary` tell of the parts that follow its head."""

    id: int
    mailbox: str
    token: str
    message_id: str
    purpose: str
    template: str
    recipient: str
    recipient_name: str
    values: dict[str, Any]
    boundary: str | None
    shared_hash: str | None


@dataclass(frozen=True, slots=True)
class Fixed:
    """What rendering gives a mail: its head bytes are what every attempt sends."""

    id: int
    head: bytes
    head_hash: str
    subject: str
    template_hash: str
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class SendingMailbox:
    """From where a mail goes out and how answers come back."""

    address: str
    office: str
    timezone: str
    plus_addressing: bool = False

    def reply_address(self, token: str) -> str:
        """Return where answers go: the mailbox itself, with the token where plus addressing works."""
        if not self.plus_addressing:
            return self.address
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{token}@{domain}"


# The mails of a meeting of ours; the others may speak of it without changing anybody's calendar.
WITH_CALENDAR = ("invitation", "recall")


def _calendar(planned: Planned, mailbox: SendingMailbox, reply_to: str, now: datetime) -> bytes | None:
    """Return the calendar part of an invitation whose time is known; its event is that of the mail that first invited.

    The event bears our Message-ID as its UID: an answer of a calendar names it, and so finds its mail again.
    """
    values = planned.values
    said = values.get("calendar")
    if planned.purpose not in WITH_CALENDAR or not said:
        return None
    own = planned.message_id.strip("<>")
    first = values.get("calendar_key")
    summary = values.get("meeting_title") or (values.get("meeting") or {}).get("title") or values.get("summary") or ""
    return write_invitation(
        Invitation(
            method=said["method"],
            uid=f"mb.{first}@{own.rpartition('@')[2]}" if first else own,
            sequence=said["sequence"],
            written_at=now,
            starts_at=_moment(said["starts_at"]),
            ends_at=_moment(said["ends_at"]) if said.get("ends_at") else None,
            timezone=mailbox.timezone,
            summary=str(summary),
            place=said.get("place") or "",
            description=str(values.get("document") or ""),
            organizer=(str(values.get("office_room") or mailbox.office), reply_to),
            attendee=(planned.recipient_name, planned.recipient),
            wants_answer=said["method"] == "REQUEST" and values.get("ask") == "rsvp",
        )
    )


def _nothing_kept(digest: str) -> bytes:
    raise MailbotError(Text("không có kho lưu", f"no archive to take {digest[:12]} from"))


def _files(planned: Planned, now: datetime, fetch: Callable[[str], bytes]) -> tuple[Part, ...]:
    """Return what goes with a mail as files, where its values have it.

    `workbook` is for a screen, `printed` for paper, `pack` a ZIP of files that came by mail.
    """
    found = []
    for name, media_type, write in (
        ("workbook", workbooks.MEDIA_TYPE, workbooks.write_workbooks),
        ("printed", printing.MEDIA_TYPE, printing.write_pdf),
    ):
        table = planned.values.get(name)
        if table:
            # A file of several tables bears the name that its first one says.
            tables = table if isinstance(table, list) else [table]
            found.append(Part(media_type, write(tables, now), name=tables[0]["file"], disposition="attachment"))
    pack = planned.values.get("pack")
    if pack:
        made = packing.packed_bytes(pack, fetch)
        found.append(Part(packing.MEDIA_TYPE, made, name=pack["file"], disposition="attachment"))
    return tuple(found)


def _moment(text: str) -> datetime | date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def compose_mail(
    letters: Letters,
    planned: Planned,
    mailbox: SendingMailbox,
    now: datetime,
    to: tuple[tuple[str, str], ...] | None = None,
    fetch: Callable[[str], bytes] = _nothing_kept,
) -> Fixed:
    """Return the fixed bytes of a mail; `now` (aware) becomes its Date, `to` its To line instead of the recipient.

    `fetch` gives an archived mail by its hash, for mails that bring files of other mails.

    Raises:
        TemplateFailureError: its template cannot be rendered.
        HeaderInjectionError: a value that goes into a header holds what must not stand there.
    """
    reply_to = mailbox.reply_address(planned.token)
    files = _files(planned, now, fetch)
    letter = letters.render(planned.template, planned.values, token=planned.token, reply_to=reply_to)
    envelope = compose.Envelope(
        from_name=str(planned.values.get("office_room") or mailbox.office),
        from_address=mailbox.address,
        to=to or ((planned.recipient_name, planned.recipient),),
        subject=letter.subject,
        message_id=planned.message_id.strip("<>"),
        date=now.astimezone(ZoneInfo(mailbox.timezone)),
        reply_to=reply_to if reply_to != mailbox.address else None,
        # RFC 3834: whoever answers automatically must not answer this, and we must know our own mail again.
        auto_submitted="auto-generated",
        extra_headers=(("X-Mailbot-Purpose", planned.purpose), ("X-Loop", mailbox.address)),
        calendar=_calendar(planned, mailbox, reply_to, now),
        calendar_method=str((planned.values.get("calendar") or {}).get("method", "REQUEST")),
    )
    if planned.shared_hash and planned.boundary:
        head = compose.head(envelope, planned.boundary, letter.text, letter.html, files)
    else:
        head = compose.whole(envelope, letter.text, letter.html, files)
    digest = hashlib.sha256(head).hexdigest()
    return Fixed(planned.id, head, digest, letter.subject, letter.template_hash, planned.boundary)
