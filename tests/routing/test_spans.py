"""Relative times as admins write them."""

from __future__ import annotations

import pytest

from mailbot.routing.model import Anchor, DueRule, Span, SpanUnit
from mailbot.routing.spans import StepTime, due_sentence, parse_span, parse_step

TWO_DAYS = Span(2, SpanUnit.WORKING_DAY)


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("3 working days", Span(3, SpanUnit.WORKING_DAY)),
        ("1 working day", Span(1, SpanUnit.WORKING_DAY)),
        ("7 days", Span(7, SpanUnit.DAY)),
        ("4 working hours", Span(4, SpanUnit.WORKING_HOUR)),
        ("24  hours", Span(24, SpanUnit.HOUR)),
        ("30 minutes", Span(30, SpanUnit.MINUTE)),
        ("3 working minutes", None),
        ("three days", None),
        ("3", None),
        ("-3 days", None),
    ],
)
def test_spans(words: str, span: Span | None) -> None:
    assert parse_span(words) == span


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("acknowledgement overdue", StepTime(Anchor.ACKNOWLEDGEMENT, None, False, True)),
        ("2 working days before due", StepTime(Anchor.DUE, TWO_DAYS, True, False)),
        ("due", StepTime(Anchor.DUE, None, False, False)),
        ("2 working days after due", StepTime(Anchor.DUE, TWO_DAYS, False, False)),
        ("rsvp", StepTime(Anchor.RSVP, None, False, False)),
        ("2 working days before meeting", StepTime(Anchor.MEETING, TWO_DAYS, True, False)),
        ("2 working days due", None),
        ("soon", None),
        ("2 weeks before due", None),
    ],
)
def test_moments_of_a_ladder(words: str, step: StepTime | None) -> None:
    assert parse_step(words) == step


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("document", DueRule(from_document=True)),
        ("2 working days", DueRule(from_document=False, otherwise=TWO_DAYS)),
        ("2 working days before document", DueRule(from_document=True, before_document=TWO_DAYS)),
        ("2 working days before noon", None),
    ],
)
def test_deadlines_in_one_sentence(words: str, rule: DueRule | None) -> None:
    assert due_sentence(words) == rule
