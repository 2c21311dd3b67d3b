"""From rows of the ledger to what deciding knows: a document with its release, a delivery."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from mailbot.routing.known import KnownDelivery, KnownDocument
from mailbot.routing.model import Ask
from mailbot.routing.plans import Release


@lru_cache(maxsize=1)
def _releases() -> TypeAdapter[Release]:
    return TypeAdapter(Release)


def release_to_json(release: Release) -> dict[str, Any]:
    """Return a release as plain JSON values."""
    values: dict[str, Any] = _releases().dump_python(release, mode="json")
    return values


def release_from_json(value: dict[str, Any] | None) -> Release | None:
    """Return the release that was stored, or None."""
    return _releases().validate_python(value) if value else None


def known_document(row: Any) -> KnownDocument:
    """Return a document's row as deciding knows it."""
    return KnownDocument(
        id=row.id,
        state=str(row.state.value if hasattr(row.state, "value") else row.state),
        direction=row.direction,
        number=row.number,
        content_key=row.content_key,
        files_key=row.files_key,
        sender_address=row.sender_address,
        arrival_number=row.book_number,
        release=release_from_json(row.plan),
        shared_hash=row.shared_hash,
        boundary=row.boundary,
        due=row.due,
        due_text=row.due_text,
        issuer_unit=row.issuer_unit,
        type=row.type,
        number_key=row.number_key,
        series=row.series,
    )


def known_delivery(row: Any, tried: tuple[str, ...], item: int = 1) -> KnownDelivery:
    """Return a delivery's row, with its document's number and the addresses tried so far."""
    return KnownDelivery(
        id=row.id,
        document_id=row.document_ref,
        unit=row.unit,
        unit_name=row.unit_name,
        ask=Ask(row.ask),
        addresses=tuple(row.addresses),
        document_number=row.number,
        tried=tried,
        purpose=row.purpose,
        item=item,
        channel=row.channel,
        due=row.due,
        ladder=row.ladder,
        transport=row.transport,
        handling=row.handling,
        rsvp=row.rsvp,
        attendance=row.attendance,
        exchange=row.exchange,
        open_matter=row.open_matter,
        satisfied=row.satisfied,
        answered=row.answered_at is not None,
        reason=row.reason,
    )
