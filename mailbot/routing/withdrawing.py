"""A superior takes a paper back, or puts another in its place: what we had passed down is put before our people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailbot.office.numbers import find_numbers
from mailbot.office.text import fold
from mailbot.routing import mending, standing
from mailbot.routing.choices import SEEN
from mailbot.routing.model import Direction
from mailbot.routing.plans import Act, Choice, HeldPlan

if TYPE_CHECKING:
    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownMatter
    from mailbot.routing.model import Site

# "V/v thu hồi Công văn số 263-CV/TU"; of money or land that is taken back no paper's number follows.
RECALLS = re.compile(r"\b(?:thu hoi|huy bo|bai bo)\b")
KEEP = Choice("không thu hồi", Act.CLOSE)


def withdrawn_number(reading: Reading) -> str | None:
    """Return the number of the paper whose place a paper takes, or that it recalls in its trích yếu; else None."""
    document = reading.documents[0] if reading.documents else None
    if document is None:
        return None
    if document.replaces is not None:
        return document.replaces
    summary = document.summary or ""
    found = RECALLS.search(fold(summary))
    named = find_numbers(summary[found.end() :]) if found is not None else ()
    return next((one.canonical for one in named), None)


def withdrawn(known: Known, direction: Direction) -> KnownMatter | None:
    """Return the superior's paper that an incoming one recalls or replaces; of our own others decide."""
    matter = known.replaced
    if direction is not Direction.INCOMING or matter is None or matter.document.direction != "incoming":
        return None
    return matter


def passed_down(matter: KnownMatter, site: Site) -> str:
    """Return in a line what became of a paper with us: to how many units it went, and what they have done."""
    if not matter.deliveries:
        return "chưa chuyển đơn vị nào"
    return f"đã chuyển xuống: {standing.counts_text(standing.counts(matter, site))}"


def question(reading: Reading, matter: KnownMatter, site: Site) -> HeldPlan:
    """Put before the clerk what a superior has taken back; passing the recall down is a person's word."""
    document = reading.documents[0]
    does = "thay thế" if document.replaces is not None else "thu hồi"
    old = matter.document.number or "văn bản"
    arrived = f" (số đến {matter.document.arrival_number})" if matter.document.arrival_number else ""
    text = f"{document.number or 'văn bản cấp trên'} {does} {old}{arrived}, {passed_down(matter, site)}"
    if not matter.deliveries:
        return HeldPlan("superior_withdraws", text, choices=(SEEN,))
    recall = Choice("thu hồi", Act.RECALL, {"document": matter.document.id})
    return HeldPlan("superior_withdraws", f"{text}; thu hồi ở các đơn vị?", choices=(recall, KEEP))


def shown_to_leader(reading: Reading, matter: KnownMatter, site: Site) -> dict[str, str]:
    """Return what the mail that submits such a paper says of the earlier one, with the order that passes it down."""
    number = matter.document.number or ""
    does = "thay thế" if reading.documents[0].replaces is not None else "thu hồi"
    order = f"THU HỒI {number}" if matter.deliveries and number else ""
    about = mending.shown(matter).get("document") or number
    return {"withdraws": f"{does} {about}, {passed_down(matter, site)}", "recall_order": order}
