"""Damaged inputs for each target; `make fuzz` tries many more, and what it found is kept and tried for ever."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import FOUND, TARGETS, seeds

if TYPE_CHECKING:
    from pathlib import Path

# Of the slow ones fewer: a whole office is loaded each time.
SHARE = {"rules": 4}
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
# What parsers of mails, calendars and YAML trip over.
PIECES = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"--", b":", b";", b"=?utf-8?b?", b"?=", b"\t", b" "),
        *(b"BEGIN:VEVENT\r\n", b"END:VCALENDAR\r\n", b"DTSTART:", b"RRULE:FREQ=SECONDLY", b"TZID=", b"99991231T235959"),
        *(
            b"Final-Recipient: rfc822;",
            b"Action: failed",
            b"Status: 5.",
            b"- ",
            b"{",
            b"}",
            b"[",
            b"]",
            b"&a",
            b"*a",
            b"!!",
        ),
        *(
            "Số ".encode(),
            b"152-CV/",
            "ĐU".encode(),
            "ngày 31/02/".encode(),
            "trước 25 giờ ".encode(),
            b"|",
            b">",
            b"'",
            b'"',
        ),
    ]
)


def damaged(target: str) -> st.SearchStrategy[bytes]:
    """Return sound inputs with a few pieces put in, taken out or doubled, and now and then any bytes."""

    @st.composite
    def made(draw: st.DrawFn) -> bytes:
        raw = bytearray(draw(st.sampled_from(seeds(target))))
        for _ in range(draw(st.integers(1, 8))):
            at = draw(st.integers(0, len(raw)))
            how = draw(st.integers(0, 2))
            if how == 0:
                raw[at:at] = draw(PIECES | st.binary(max_size=8))
            elif how == 1:
                del raw[at : at + draw(st.integers(1, 60))]
            else:
                raw[at:at] = raw[max(0, at - draw(st.integers(1, 200))) : at]
        return bytes(raw)

    return made() | st.binary(max_size=400)


@pytest.mark.parametrize("target", TARGETS)
def test_no_damage_breaks_a_reader(target: str) -> None:
    check = TARGETS[target]

    @settings(
        deadline=None,
        max_examples=EXAMPLES // SHARE.get(target, 1),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(damaged(target))
    def holds(raw: bytes) -> None:
        check(raw)

    holds()


@pytest.mark.parametrize("case", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_is_mended(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())
