"""Reading beside mere parsing: mails per second by size class, and how fast attachments become text."""

from __future__ import annotations

import gc
import io
import random
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default
from functools import partial
from typing import TYPE_CHECKING, Any

from docx import Document

from bench import mails
from bench.measures import row
from mailbot.mail.attachments import extract
from mailbot.reading import ReadingContext, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.measures import Measured

SMALL, MIDDLE, AS_HTML, WITH_PDF = "small text", "14 kB text", "14 kB HTML", "900 kB with PDF"
READ, DEFAULT, COMPAT = "mailbot, reading", "email.policy.default", "email.policy.compat32"
PDF, DOCX = "text of PDF", "text of DOCX"
# Of several rounds the quickest counts: what else runs on the machine only ever adds time.
ROUNDS = 11
TEXT_MAILS, PDF_MAILS, PAPERS = 100, 10, 20
PDF_BYTES = (650_000, 660_000)  # base64 makes 900 kB of it
PDF_PAGES, LINES_PER_PAGE = 6, 45
LINE = "Yeu cau cac chi bo truc thuoc to chuc quan triet den toan the can bo, dang vien."
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CONTEXT = ReadingContext(frozenset({mails.MAILBOX}), authserv_ids=(mails.SERVER,), own_servers=(mails.SERVER,))


def measure() -> list[Measured]:
    """Return a row for each contender and size class, then one for each kind of attachment; no server is needed."""
    rows = []
    contenders = {READ: _read, DEFAULT: parse_default, COMPAT: parse_compat}
    for title, made in size_classes().items():
        seen = _race(contenders, made)
        rows += [_row(f"{contender}, {title}", len(made), seconds) for contender, seconds in seen.items()]
    for title, media_type, paper in ((PDF, "application/pdf", pdf_paper()), (DOCX, WORD, docx_paper())):
        size = len(extract(paper, media_type, None).text.encode())
        seconds = _race({title: partial(extract, declared=media_type, name=None)}, [paper] * PAPERS)[title]
        rows.append(_row(title, PAPERS, seconds, text_mb_per_second=size * PAPERS / seconds / 1e6))
    return rows


def size_classes() -> dict[str, list[bytes]]:
    """Return the mails of each size class; every one is a directive with a number and words of its own."""
    chance = random.Random(2)  # noqa: S311 nothing secret, and it must repeat
    plain = [number for number in range(1, TEXT_MAILS * 2) if number % mails.PDF_EVERY][:TEXT_MAILS]
    heavy = range(mails.PDF_EVERY, (PDF_MAILS + 1) * mails.PDF_EVERY, mails.PDF_EVERY)
    return {
        SMALL: [mails.directive(number, chance, varied=True, small=True) for number in plain],
        MIDDLE: [mails.directive(number, chance, varied=True) for number in plain],
        AS_HTML: [mails.directive(number, chance, varied=True, as_html=True) for number in plain],
        WITH_PDF: [mails.directive(number, chance, varied=True, pdf_bytes=PDF_BYTES) for number in heavy],
    }


def pdf_paper() -> bytes:
    """Return a PDF of a few pages full of text."""
    return mails.pdf([[LINE] * LINES_PER_PAGE] * PDF_PAGES)


def docx_paper() -> bytes:
    """Return a DOCX with as much text, made by python-docx."""
    document = Document()
    for number in range(PDF_PAGES * LINES_PER_PAGE):
        document.add_paragraph(mails.SENTENCES[number % len(mails.SENTENCES)])
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def parse_default(raw: bytes) -> list[Any]:
    """Take a mail apart with the standard library's newer policy and return the contents of its parts, decoded."""
    message = message_from_bytes(raw, policy=default)
    return [part.get_content() for part in message.walk() if isinstance(part, EmailMessage) and not part.is_multipart()]


def parse_compat(raw: bytes) -> list[Any]:
    """Take a mail apart with the standard library's older policy and return the contents of its parts, decoded."""
    found: list[Any] = []
    for part in message_from_bytes(raw, policy=compat32).walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        charset = part.get_content_charset()
        found.append(content.decode(charset) if charset and isinstance(content, bytes) else content)
    return found


def _read(raw: bytes) -> object:
    return read(raw, CONTEXT)


def _race(contenders: Mapping[str, Callable[[bytes], object]], made: Sequence[bytes]) -> dict[str, float]:
    """Return each one's seconds for all mails; they take turns, so that a slow moment of the machine hits all.

    Of each mail the quickest round counts: whoever needs longer would otherwise find fewer undisturbed moments.
    """
    best = {name: [float("inf")] * len(made) for name in contenders}
    for work in contenders.values():
        work(made[0])  # tables and libraries that are loaded at the first use
    gc.collect()
    gc.freeze()  # as the reader processes do; it spares each contender the same garbage collections
    for number in range(ROUNDS):
        met_first = [mails.from_elsewhere(raw, number) for raw in made]
        for name, work in contenders.items():
            seen = best[name]
            for place, raw in enumerate(met_first):
                start = time.perf_counter()
                work(raw)
                seen[place] = min(seen[place], time.perf_counter() - start)
    return {name: sum(seconds) for name, seconds in best.items()}


def _row(name: str, count: int, seconds: float, **more: float) -> Measured:
    # One thread that waits for nothing: its CPU is its time.
    return row(name, count, 0, seconds, seconds, 0.0, **more)
