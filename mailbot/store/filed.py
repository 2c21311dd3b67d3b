"""A mail as it is filed: its journal row, what was understood of it, and where its bytes are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailbot.routing.finding import NOTHING, Findable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailbot.tracking.ladder import DueStep


@dataclass(frozen=True)
class Filed:
    """One journal row with what was understood of it and where its bytes are kept; no content when quarantined."""

    message: int
    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    kind: str
    content_key: str
    sender: str | None = None
    subject: str | None = None
    message_id: str | None = None
    archive_hash: str | None = None
    shared_hash: str | None = None
    boundary: str | None = None
    reminders: Mapping[str, Sequence[DueStep]] = field(default_factory=dict)
    rescheduled: Mapping[int, Sequence[DueStep]] = field(default_factory=dict)
    findable: Findable = NOTHING
    # What people have said of this very mail before, which it keeps however often it is decided (see KEPT_WORDS).
    words: Mapping[str, Any] = field(default_factory=dict)
    words_key: str | None = None
