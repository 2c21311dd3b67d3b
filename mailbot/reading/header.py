"""What a mail tells by its header and the bytes of its parts alone: enough to know it again, and to tell of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mailbot.office import legacy as legacy_text
from mailbot.office import text as vietnamese
from mailbot.office.secrecy import NO_MARK, find_mark
from mailbot.reading.model import Kind, Reading, ReadingContext, Sender

if TYPE_CHECKING:
    from mailbot.mail.message import Message
    from mailbot.office.secrecy import Mark


def read_header(message: Message, context: ReadingContext) -> Reading:
    """Return what is known of a mail by its header and its files' names alone; nothing is decided by it.

    A definite mark there makes it `quarantined`; a suspicion, too, hides its subject.
    """
    senders = message.headers.addresses("from")
    subject, mark = _subject_to_show(message)
    return Reading(
        kind=Kind.QUARANTINED if mark.definite else Kind.OTHER,
        message_id=next(iter(message.headers.ids("message-id")), None),
        sender=Sender(senders[0].name or None, senders[0].address or None) if senders else Sender(),
        subject=subject,
        secrecy=mark.level,
        secrecy_rule=mark.rule if mark is not NO_MARK else None,
        from_addresses=tuple(address.address for address in senders if address.address),
        # What could not be understood must not be answered by a machine either.
        automatic="unreadable",
        review=("unreadable",),
        timezone=context.timezone,
    )


def _subject_to_show(message: Message) -> tuple[str | None, Mark]:
    """The subject, or None where it or a file's name bears a mark; and the mark."""
    try:
        subject = legacy_text.restore(message.headers.text("subject") or "")[0]
        names = tuple(vietnamese.normalize(part.name or "") for part in message.attachments)
        mark = find_mark(vietnamese.normalize(subject), (), names)
    except Exception:  # noqa: BLE001 - what already broke the reader may break this; then nothing of it is shown
        return None, NO_MARK
    return (subject or None) if mark is NO_MARK else None, mark


_KEY_FIELDS = tuple((name, name.encode("ascii") + b"\0") for name in ("from", "to", "cc", "subject", "date"))


def content_key(message: Message) -> str:
    """Return the sameness of a mail: SHA-256 over From, To, Cc, Subject, Date and the decoded parts."""
    lines = [begin + b"\0".join(message.headers.every(name)) + b"\n" for name, begin in _KEY_FIELDS]
    digest = hashlib.sha256(b"".join(lines))
    for part in message.parts:
        digest.update(f"{part.media_type}\0{part.name or ''}\0{len(part.content)}\n".encode("utf-8", "replace"))
        digest.update(part.content)
    return digest.hexdigest()
