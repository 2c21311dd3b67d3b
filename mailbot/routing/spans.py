"""Relative times as admins write them: `3 working days before document`, `2 working days before due`, `due`."""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

from pydantic import PlainValidator

from mailbot.routing.model import Anchor, DueRule, Span, SpanUnit
from mailbot.yaml_values import text, wrong

SPAN = re.compile(r"(\d{1,4})\s+(working\s+)?(day|hour|minute)s?")
# Anchors by every name that reads well in a sentence.
ANCHORS = {
    "due": Anchor.DUE,
    "acknowledgement": Anchor.ACKNOWLEDGEMENT,
    "rsvp": Anchor.RSVP,
    "meeting": Anchor.MEETING,
}
STEP = re.compile(r"(?:(?P<span>.+?)\s+(?P<side>before|after)\s+)?(?P<anchor>[a-z]+)(?P<overdue>\s+overdue)?")


class StepTime(NamedTuple):
    """When a ladder step happens, as read from its `at`."""

    anchor: Anchor
    offset: Span | None
    before: bool
    overdue: bool


def parse_span(words: str) -> Span | None:
    """Read `3 working days`, `1 day`, `2 working hours`, `30 minutes`; None for anything else."""
    found = SPAN.fullmatch(" ".join(words.split()))
    if found is None:
        return None
    unit = ("working " if found[2] else "") + found[3]
    return Span(int(found[1]), SpanUnit(unit)) if unit in set(SpanUnit) else None


def span(value: Any) -> Span:
    """Read a span of a site file."""
    words = text(value)
    found = parse_span(words)
    if found is None:
        raise wrong(
            "span",
            f"“{words}” không phải khoảng thời gian",
            f'"{words}" is no span of time',
            "viết: 3 working days, 5 days, 4 working hours, 24 hours hoặc 30 minutes",
            "write: 3 working days, 5 days, 4 working hours, 24 hours or 30 minutes",
        )
    return found


def parse_step(words: str) -> StepTime | None:
    """Read the `at` of a ladder step; None when it is not understood."""
    found = STEP.fullmatch(" ".join(words.split()))
    if found is None or found["anchor"] not in ANCHORS:
        return None
    offset = parse_span(found["span"]) if found["span"] else None
    if found["span"] and (offset is None or found["overdue"]):
        return None
    return StepTime(ANCHORS[found["anchor"]], offset, found["side"] == "before", bool(found["overdue"]))


def step(value: Any) -> StepTime:
    """Read the `at` of a ladder step of a site file."""
    words = text(value)
    found = parse_step(words)
    if found is None:
        raise wrong(
            "step",
            f"“{words}” không phải mốc của lịch đôn đốc",
            f'"{words}" is no moment of a ladder',
            "viết: 2 working days before due, due, 1 working day after due, acknowledgement overdue, rsvp, meeting",
            "write: 2 working days before due, due, 1 working day after due, acknowledgement overdue, rsvp, meeting",
        )
    return found


def due_sentence(words: str) -> DueRule | None:
    """Read a deadline written as one sentence: `3 working days before document`, `5 working days`, `document`."""
    if words == "document":
        return DueRule(from_document=True)
    before, found, rest = words.partition(" before document")
    length = parse_span(before)
    if length is None or rest:
        return None
    return DueRule(True, None, length) if found else DueRule(False, length, None)


SpanText = Annotated[Span, PlainValidator(span)]
StepText = Annotated[StepTime, PlainValidator(step)]
