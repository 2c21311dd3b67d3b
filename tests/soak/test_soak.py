"""The short form of `make soak`: each stage killed once; and the soak itself must notice a careless program."""

from __future__ import annotations

import re

import pytest

from soak.run import ANYWHERE, soak
from soak.victim import STAGES


def test_killed_once_at_each_stage_nothing_is_lost_or_doubled() -> None:
    told: list[str] = []
    assert soak(0, 1, say=told.append) == 0, told
    assert re.match(r"lost=0 doubled=0 gaps=0 repeated=\d+ in_flight=\d+ mails=33 deliveries=99 kills=11 ", told[-1])
    assert told[-2] == "killed: " + " ".join(f"{stage}=1" for stage in (*STAGES, ANYWHERE))


@pytest.mark.parametrize(
    ("sabotage", "stages", "complaint"),
    [
        ("flag-before-commit", ("fetched",), "flagged as done, and nothing is decided"),
        ("cursor-past-mail", ("journalled",), "and the journal does not have the UIDs"),
        ("bytes-not-fixed", ("accepted",), "the copies of 1-CV/TU for"),
    ],
)
def test_what_a_careless_program_does_is_found(sabotage: str, stages: tuple[str, ...], complaint: str) -> None:
    told: list[str] = []
    assert soak(0, 1, sabotage=sabotage, stages=stages, say=told.append) == 1
    assert any(complaint in line for line in told), told
