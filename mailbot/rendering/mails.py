"""One planned mail + templates -> the bytes that every attempt sends."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mailbot.mail import compose

if TYPE_CHECKING:
    from datetime import datetime

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


def compose_mail(
    letters: Letters,
    planned: Planned,
    mailbox: SendingMailbox,
    now: datetime,
    to: tuple[tuple[str, str], ...] | None = None,
) -> Fixed:
    """Return the fixed bytes of a mail; `now` (aware) becomes its Date, `to` its To line instead of the recipient.

    Raises:
        TemplateFailureError: its template cannot be rendered.
        HeaderInjectionError: a value that goes into a header holds what must not stand there.
    """
    reply_to = mailbox.reply_address(planned.token)
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
    )
    if planned.shared_hash and planned.boundary:
        head = compose.head(envelope, planned.boundary, letter.text, letter.html)
    else:
        head = compose.whole(envelope, letter.text, letter.html)
    digest = hashlib.sha256(head).hexdigest()
    return Fixed(planned.id, head, digest, letter.subject, letter.template_hash, planned.boundary)
