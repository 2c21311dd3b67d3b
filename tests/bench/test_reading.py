"""The race of reading is fair: sizes as they are named, and every contender decodes the same bodies."""

from __future__ import annotations

import statistics
from email import message_from_bytes
from email.policy import default

import pytest

from bench import mails, reading
from mailbot.mail.attachments import extract
from mailbot.reading import Kind, read

LIMITS = {
    reading.SMALL: (2_000, 6_000),
    reading.MIDDLE: (12_000, 18_000),
    reading.AS_HTML: (12_000, 16_000),
    reading.WITH_PDF: (850_000, 950_000),
}


def test_size_classes_are_what_their_names_say() -> None:
    for title, made in reading.size_classes().items():
        low, high = LIMITS[title]
        assert low < statistics.median(map(len, made)) < high


@pytest.mark.parametrize("title", LIMITS)
def test_no_two_mails_come_from_the_same_person(title: str) -> None:
    made = reading.size_classes()[title][:10]
    made += [mails.from_elsewhere(raw, number) for raw in made for number in range(3)]
    senders = [message_from_bytes(raw, policy=default)["From"].addresses[0].addr_spec for raw in made]
    assert len(set(senders)) == len(made)


@pytest.mark.parametrize("title", LIMITS)
def test_everybody_decodes_the_same_bodies_and_ours_is_understood(title: str) -> None:
    raw = reading.size_classes()[title][0]
    assert reading.parse_default(raw) == reading.parse_compat(raw)
    found = read(raw, reading.CONTEXT)
    assert found.kind is Kind.DIRECTIVE
    assert found.trust == {"internal"}
    assert [deadline.due.isoformat() for deadline in found.deadlines] == ["2026-09-15T17:00:00+07:00"]


def test_papers_are_turned_into_text_whole() -> None:
    lines = reading.PDF_PAGES * reading.LINES_PER_PAGE
    printed = extract(reading.pdf_paper(), "application/pdf", None).text
    typed = extract(reading.docx_paper(), reading.WORD, None).text
    assert printed.count(reading.LINE) == lines
    assert sum(typed.count(sentence) for sentence in mails.SENTENCES) == lines
