"""Planned mails become outbox rows, with their unguessable identity and their links to the deliveries they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.rendering.identity import identify
from mailbot.store.prepared import InsertNew
from mailbot.store.tables import TABLES, OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from mailbot.rendering.identity import Identity
    from mailbot.routing.plans import MailPlan

OUTBOX, OUTBOX_DELIVERY, DOCUMENT = (TABLES[name] for name in ("outbox", "outbox_delivery", "document"))

_NEW_MAILS = InsertNew(
    OUTBOX,
    (
        *("key", "token", "message_id", "mailbox", "document_ref", "message_ref", "purpose", "template", "recipient"),
        *("recipient_name", "recipients", "values", "state", "shared_hash", "boundary", "planned_at"),
        *("next_attempt_at", "attempts", "unknowns", "thread"),
    ),
    ("key",),
)
_MAILS_OF = sa.select(OUTBOX.c.key, OUTBOX.c.id).where(OUTBOX.c.key.in_(sa.bindparam("keys", expanding=True)))
_NEW_LINKS = InsertNew(OUTBOX_DELIVERY, ("outbox_ref", "delivery_ref", "item"), ("outbox_ref", "delivery_ref"))


@dataclass(frozen=True)
class Envelope:
    """How mails of ours get their identity, and which of them may leave (in shadow only those to the clerk)."""

    secret: bytes
    domains: Mapping[str, str]
    sends: Callable[[MailPlan], bool]
    older: tuple[bytes, ...] = ()  # keys in use before: what was planned with one of them is the same mail still


def write_mails(
    connection: sa.Connection,
    mails: Sequence[MailPlan],
    envelope: Envelope,
    now: datetime,
    *,
    units: Mapping[str, int] | None = None,
    document: int | None = None,
    message: int | None = None,
    source: tuple[str | None, str | None] = (None, None),
    own: tuple[str | None, str | None] = (None, None),
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Write planned mails as outbox rows, with their links to deliveries, and return how many are new.

    `source` are the parts that go along (hash, boundary), `own` those of the mail that was decided about.

    A mail that is there already (the same identity) is not repeated.
    """
    rows, links = [], []
    for mail in mails:
        numbers = mail.deliveries or tuple((units or {})[unit] for unit in mail.units)
        about, parts = document, source
        if mail.document_id is not None:
            about, parts = mail.document_id, shared_of(connection, mail.document_id)
        if mail.own_parts:
            parts = own
        rows.append(_mail_row(mail, envelope, now, about, message, parts, dict(extra or {})))
        links.append(numbers)
    if not rows:
        return 0
    if envelope.older:
        _keep_identities(connection, mails, rows, envelope)
    new = _NEW_MAILS.many(connection, rows)
    by_key = {row.key: row.id for row in connection.execute(_MAILS_OF, {"keys": [row["key"] for row in rows]})}
    _NEW_LINKS.many(
        connection,
        [
            {"outbox_ref": by_key[row["key"]], "delivery_ref": delivery, "item": item}
            for row, mail, numbers in zip(rows, mails, links, strict=True)
            for item, delivery in zip(mail.items or range(1, len(numbers) + 1), numbers, strict=True)
        ],
    )
    return new


def _keep_identities(
    connection: sa.Connection, mails: Sequence[MailPlan], rows: list[dict[str, Any]], envelope: Envelope
) -> None:
    """Give a mail that was planned already, with a key before the present one, the identity that it had."""
    former = {
        identity.key: (row, identity)
        for mail, row in zip(mails, rows, strict=True)
        for identity in (_identity(mail, envelope, secret) for secret in envelope.older)
    }
    for found in connection.execute(_MAILS_OF, {"keys": list(former)}):
        row, identity = former[found.key]
        row |= {"key": identity.key, "token": identity.token, "message_id": identity.message_id}


def _identity(mail: MailPlan, envelope: Envelope, secret: bytes) -> Identity:
    about = "+".join(mail.units) or "+".join(str(delivery) for delivery in mail.deliveries)
    parts = (mail.source_key, about, mail.recipient.lower(), str(mail.purpose), mail.step, str(mail.issue))
    return identify(secret, envelope.domains[mail.mailbox], *parts)


def shared_of(connection: sa.Connection, document: int | None) -> tuple[str | None, str | None]:
    """Return hash and boundary of a document's shared parts."""
    if document is None:
        return None, None
    row = connection.execute(
        sa.select(DOCUMENT.c.shared_hash, DOCUMENT.c.boundary).where(DOCUMENT.c.id == document)
    ).first()
    return (row.shared_hash, row.boundary) if row else (None, None)


def _mail_row(
    mail: MailPlan,
    envelope: Envelope,
    now: datetime,
    document: int | None,
    message: int | None,
    source: tuple[str | None, str | None],
    extra: dict[str, Any],
) -> dict[str, Any]:
    identity = _identity(mail, envelope, envelope.secret)
    shared_hash, boundary = source if mail.shared else (None, None)
    return {
        "key": identity.key,
        "token": identity.token,
        "message_id": identity.message_id,
        "mailbox": mail.mailbox,
        "document_ref": document,
        "message_ref": message if mail.to_message else None,
        "purpose": str(mail.purpose),
        "template": mail.template,
        "recipient": mail.recipient,
        "recipient_name": mail.recipient_name,
        "recipients": list(mail.recipients) or None,
        "values": mail.values | extra,
        "state": OutboxState.PLANNED if envelope.sends(mail) else OutboxState.SHADOW,
        "shared_hash": shared_hash,
        "boundary": boundary,
        "planned_at": now,
        "next_attempt_at": mail.not_before or now,
        "attempts": 0,
        "unknowns": 0,
        "thread": mail.thread,
    }
