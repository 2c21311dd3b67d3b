"""The mails of the benchmark look like an office's: whole, repeatable, and of the sizes that were measured."""

from __future__ import annotations

import email
import statistics
from email.policy import default

import pypdfium2

from bench import mails


def test_sizes_are_those_of_an_office() -> None:
    sizes = [len(raw) for raw in mails.generate(300)]
    assert 12_000 < statistics.median(sizes) < 18_000
    assert 85_000 < statistics.mean(sizes) < 115_000
    with_pdf = sum(sizes[mails.PDF_EVERY - 1 :: mails.PDF_EVERY])
    assert 0.80 < with_pdf / sum(sizes) < 0.90


def test_the_same_seed_makes_the_same_mails_each_with_its_own_number() -> None:
    first, second = list(mails.generate(20, small=True)), list(mails.generate(20, small=True))
    assert first == second
    assert len({email.message_from_bytes(raw)["Message-ID"] for raw in first}) == 20
    assert max(map(len, first)) < 6_000


def test_the_pdf_is_one_that_a_reader_opens() -> None:
    *_, raw = mails.generate(mails.PDF_EVERY)
    (attachment,) = email.message_from_bytes(raw, policy=default).iter_attachments()
    page = pypdfium2.PdfDocument(attachment.get_content())[0]
    assert "10-CV/QU" in page.get_textpage().get_text_bounded()


def test_a_pdf_of_several_pages_keeps_every_line() -> None:
    pages = pypdfium2.PdfDocument(mails.pdf([["one", "two"], ["three"]]))
    assert [page.get_textpage().get_text_bounded().split() for page in pages] == [["one", "two"], ["three"]]
