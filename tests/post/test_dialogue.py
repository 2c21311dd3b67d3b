"""Replies of SMTP servers are read alike however the network cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.post import dialogue
from mailbot.post.dialogue import Job, Reply, ReplyError, ReplyReader, Result

WIRE = b"250-mail.test\r\n250-SIZE 1000\r\n250 PIPELINING\r\n550 5.1.1 kh\xc3\xb4ng c\xc3\xb3\r\n354\r\n421 4.3.2x no\n"
REPLIES = [
    Reply(250, None, "mail.test\nSIZE 1000\nPIPELINING"),
    Reply(550, "5.1.1", "5.1.1 không có"),
    Reply(354, None, ""),
    Reply(421, None, "4.3.2x no"),
]


@given(st.lists(st.integers(0, len(WIRE))))
def test_replies_do_not_depend_on_how_they_are_cut(cuts: list[int]) -> None:
    reader = ReplyReader()
    edges = [0, *sorted(cuts), len(WIRE)]
    pieces = [WIRE[start:end] for start, end in pairwise(edges)]
    assert [reply for piece in pieces for reply in reader.feed(piece)] == REPLIES


@pytest.mark.parametrize("wire", [b"hello\r\n", b"25\r\n", b"\r\n", b"250_x\r\n", b"250-a\r\n" * 15_000, b"2" * 70_000])
def test_what_is_no_reply_is_not_taken_for_one(wire: bytes) -> None:
    with pytest.raises(ReplyError):
        ReplyReader().feed(wire)


@given(st.binary())
def test_any_bytes_are_read_or_rejected(wire: bytes) -> None:
    try:
        ReplyReader().feed(wire)
    except ReplyError:
        return


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (250, Result.SENT),
        (251, Result.SENT),
        (421, Result.DEFERRED),
        (450, Result.DEFERRED),
        (552, Result.REFUSED),
        (530, Result.DEFERRED),
        (354, Result.DEFERRED),
        (999, Result.DEFERRED),
    ],
)
def test_what_a_code_means(code: int, result: Result) -> None:
    assert dialogue.result_of(code) is result


@pytest.mark.parametrize(
    ("extensions", "eight_bit", "line"),
    [
        ((), False, b"MAIL FROM:<a@in.test>\r\n"),
        (("size",), False, b"MAIL FROM:<a@in.test> SIZE=5\r\n"),
        (("size", "8bitmime"), True, b"MAIL FROM:<a@in.test> SIZE=5 BODY=8BITMIME\r\n"),
        (("8bitmime",), False, b"MAIL FROM:<a@in.test>\r\n"),
    ],
)
def test_the_envelope_uses_what_the_server_offers(extensions: tuple[str, ...], eight_bit: bool, line: bytes) -> None:
    job = Job(1, "a@in.test", ("b@in.test", "c@in.test"), (b"a\r\n", b"\r\n"), eight_bit)
    assert dialogue.envelope(job, extensions) == [line, b"RCPT TO:<b@in.test>\r\n", b"RCPT TO:<c@in.test>\r\n"]
