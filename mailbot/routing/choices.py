"""The answers by number that many matters may get: nothing is to be done, the sender is believed, try again."""

from __future__ import annotations

from typing import Any

from mailbot.office.answer_words import Intent
from mailbot.routing.plans import Act, Choice

LEAVE = Choice("bỏ qua", Act.CLOSE)
# Something outside mail, which only the clerk sees done.
DONE = (Choice("đã làm", Act.CLOSE), LEAVE)
SEEN = Choice("đã xem", Act.CLOSE)
# What its sender does not prove may be asked of them by telephone.
DOUBTED = (Choice("đã xác minh", Act.BELIEVE), LEAVE)
# A rule was added, a program installed, the disk has room again.
AGAIN = (Choice("thử lại", Act.RETRY), LEAVE)


def said(deliveries: list[int], intent: Intent) -> dict[str, Any]:
    """Return what carrying out that units said something needs, as JSON values."""
    return {"deliveries": deliveries, "said": str(intent)}


def telephoned(deliveries: list[int]) -> tuple[Choice, ...]:
    """What comes of a call to a unit that mail does not reach."""
    return (
        Choice("đã báo", Act.FACT, said(deliveries, Intent.ACKNOWLEDGE)),
        Choice("đã báo cáo", Act.FACT, said(deliveries, Intent.REPORT)),
        LEAVE,
    )


def confirmed_by_telephone(deliveries: list[int]) -> tuple[Choice, ...]:
    """What comes of a call to a unit that has not confirmed a recall or another file."""
    return (
        Choice("đã hủy", Act.FACT, said(deliveries, Intent.RECALL_DONE)),
        Choice("đã nhận bản đúng", Act.FACT, {"deliveries": deliveries, "said": "right_copy"}),
        LEAVE,
    )
