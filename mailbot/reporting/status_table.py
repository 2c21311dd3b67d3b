"""The words of the unit matrix: states as people in an office say them, moments in the office's zone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

TRANSPORT = {
    "queued": "chờ gửi",
    "sent": "đã gửi",
    "delayed": "chậm",
    "bounced": "không đến được",
    "delivered": "đã đến",
    "read": "đã xem",
}
HANDLING = {
    "received": "01 đã đến",
    "refused": "02 trả lại",
    "acknowledged": "03 đã nhận",
    "assigned": "04 đã phân công",
    "in_progress": "05 đang xử lý",
    "completed": "06 hoàn thành",
}
RSVP = {"accepted": "dự họp", "declined": "xin vắng", "delegated": "cử dự thay", "tentative": "chưa chắc"}


def transport_word(state: str | None) -> str:
    """Return how a mail's way is called."""
    return TRANSPORT.get(state or "", "")


def handling_word(state: str | None) -> str:
    """Return a handling state with its national code (QCVN 102)."""
    return HANDLING.get(state or "", "chưa ghi nhận")


def rsvp_word(state: str | None) -> str:
    """Return an answer to an invitation in words."""
    return RSVP.get(state or "", "")


def when(moment: str | datetime | None, zone: ZoneInfo) -> str:
    """Return a moment (aware, or ISO 8601 with zone) as `dd/MM HH:mm` of the office's zone."""
    if not moment:
        return ""
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{value.astimezone(zone):%d/%m %H:%M}"
