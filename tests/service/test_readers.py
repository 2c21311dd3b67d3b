"""A mail that kills, hangs or starves its reader costs itself alone: it is told by its header, the others are read."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from mailbot.office.secrecy import Secrecy
from mailbot.reading import CONTRACT_KEYS, Kind, Reading, ReadingContext, read
from mailbot.service.readers import AHEAD_BYTES, HEADER_BYTES, Readers, header_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = ReadingContext(frozenset({"vanphong@in.test"}))
HEADER = b"From: =?utf-8?B?VsSDbiB0aMawIFF14bqtbg==?= <vanthu@in.test>\r\nMessage-ID: <1@in.test>\r\nSubject: "
SECONDS = 0.5


def mail(subject: bytes) -> bytes:
    return HEADER + subject + b"\r\n\r\nKinh gui: cac chi bo\r\n"


def sick(raw: bytes, context: ReadingContext) -> Reading:
    """Read as usual, and do by the subject what a hostile attachment might make a library do."""
    if b"Subject: dies" in raw:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"Subject: hangs" in raw:
        signal.pause()
    if b"Subject: starves" in raw:
        bytearray(8 * 1024**3)
    return read(raw, context)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    pool = Readers(2, seconds=SECONDS)
    yield pool
    pool.close(wait=False)


@pytest.mark.parametrize(
    ("subject", "defect"),
    [
        ("dies", f"The reader died: exit code -{signal.SIGSEGV.value}."),
        ("hangs", "The reader took too long."),
        ("starves", "The reader ran out of memory."),
    ],
)
def test_a_mail_that_ends_its_reader_is_told_in_its_turn(readers: Readers, subject: str, defect: str) -> None:
    names = ["before", "before too", subject, *(f"after {number}" for number in range(6))]
    found = list(readers.in_order(((name, mail(name.encode())) for name in names), CONTEXT, job=sick))
    assert [name for name, _ in found] == names == [reading.subject for _, reading in found]
    told = dict(found)[subject]
    assert (told.kind, told.defects, told.review) == (Kind.OTHER, (defect,), ("unreadable",))
    assert (told.message_id, told.sender.name, told.sender.address) == ("1@in.test", "Văn thư Quận", "vanthu@in.test")
    assert tuple(json.loads(json.dumps(told.to_json("a.eml")))) == ("file", *CONTRACT_KEYS)
    assert all(not reading.defects for name, reading in found if name != subject)


def test_mails_are_taken_only_as_fast_as_they_are_read(readers: Readers) -> None:
    taken: list[int] = []

    def mails() -> Iterator[tuple[int, bytes]]:
        for number in range(50):
            taken.append(number)
            yield number, mail(b"one of many")

    found = readers.in_order(mails(), CONTEXT)
    assert next(found)[0] == 0
    assert len(taken) < 20
    assert [number for number, _ in found] == list(range(1, 50))


def test_of_big_mails_fewer_wait(readers: Readers) -> None:
    big = mail(b"big") + b"x" * (AHEAD_BYTES // 2)
    taken: list[int] = []

    def mails() -> Iterator[tuple[int, bytes]]:
        for number in range(4):
            taken.append(number)
            yield number, big

    assert next(readers.in_order(mails(), CONTEXT, job=header_alone))[0] == 0
    assert taken == [0, 1]


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"\r\n\r\n", b"From: " + b"a" * (2 * HEADER_BYTES)])
def test_a_header_is_told_of_any_bytes(raw: bytes) -> None:
    assert header_alone(raw, CONTEXT).kind is Kind.OTHER


# No certificate: nothing can be read with it.
BREAKS = ReadingContext(certificates=(None,))  # type: ignore[arg-type]
MARKED = (
    ("[Tuyệt mật] Kế hoạch A2", "a.txt", Kind.QUARANTINED, Secrecy.TOP_SECRET, None),
    ("Công văn mật số 12", "a.txt", Kind.QUARANTINED, Secrecy.CONFIDENTIAL, None),
    ("[toi mat] Ke hoach A2", "a.txt", Kind.OTHER, Secrecy.SUSPECTED, None),
    ("Mật khẩu hộp thư", "a.txt", Kind.OTHER, Secrecy.NONE, "Mật khẩu hộp thư"),
)


@pytest.mark.parametrize(
    ("subject", "name", "kind", "secrecy", "shown"),
    [*MARKED, ("Kế hoạch", "[Tối mật] A2.txt", Kind.QUARANTINED, Secrecy.SECRET, None)],
)
def test_a_mail_that_breaks_its_reading_shows_no_secret(
    subject: str, name: str, kind: Kind, secrecy: Secrecy, shown: str | None
) -> None:
    part = f'Content-Disposition: attachment; filename="{name}"\r\n\r\nx'
    raw = mail(subject.encode()).replace(b"\r\n\r\n", f"\r\nContent-Type: text/plain\r\n{part}".encode() + b"\r\n")
    told = read(raw, BREAKS)
    assert told.defects[-1].startswith("Reading failed")
    assert (told.kind, told.secrecy, told.subject) == (kind, secrecy, shown)


@pytest.mark.parametrize(("subject", "name", "kind", "secrecy", "shown"), MARKED)
def test_a_header_alone_shows_no_secret(
    subject: str, name: str, kind: Kind, secrecy: Secrecy, shown: str | None
) -> None:
    told = header_alone(mail(subject.encode()), CONTEXT)
    assert (told.kind, told.secrecy, told.subject, name) == (kind, secrecy, shown, "a.txt")


def secret_failure(raw: bytes, _: ReadingContext) -> Reading:
    raise ValueError(raw.decode())


def test_why_a_reader_failed_quotes_nothing_of_the_mail(readers: Readers) -> None:
    ((_, told),) = readers.in_order([("a", mail(b"Ke hoach A2"))], CONTEXT, job=secret_failure)
    assert told.defects == ("The reader failed: ValueError.",)
