"""The life of a delivery: the same facts give the same state in whatever order they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.office.answer_words import Intent
from mailbot.routing.model import Ask
from mailbot.tracking.states import (
    EXCHANGES,
    FACT_OF_INTENT,
    HANDLING,
    HANDLING_CODES,
    PERSONAL,
    TRANSPORT,
    Attendance,
    Exchange,
    Fact,
    Seen,
    State,
    acknowledged,
    fold,
    satisfied,
)

if TYPE_CHECKING:
    import random

START = datetime(2026, 10, 6, 1, 0, tzinfo=UTC)
ADDRESSES = (None, "tdp1@example.org", "bithu.tdp1@example.org")
SEEN = st.builds(
    Seen,
    st.sampled_from(Fact),
    st.integers(0, 4).map(lambda hours: START + timedelta(hours=hours)),
    st.sampled_from(ADDRESSES),
)


def seen(*names: str) -> list[Seen]:
    """Facts an hour apart; `fact@address` is about an address."""
    found = []
    for hour, name in enumerate(names):
        fact, _, address = name.partition("@")
        found.append(Seen(Fact(fact), START + timedelta(hours=hour), address or None))
    return found


@given(facts=st.lists(SEEN, max_size=10), chance=st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(facts: list[Seen], chance: random.Random) -> None:
    shuffled = chance.sample(facts, len(facts))
    assert fold(shuffled) == fold(facts)
    assert fold([*facts, *facts]) == fold(facts)


@given(facts=st.lists(SEEN, max_size=8), more=SEEN)
def test_what_a_person_has_answered_stays_answered(facts: list[Seen], more: Seen) -> None:
    assert acknowledged(fold([*facts, more])) >= acknowledged(fold(facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((), State()),
        (("queued",), State(transport=Fact.QUEUED)),
        (("sent@a", "delivered@a"), State(transport=Fact.DELIVERED)),
        (("delivered@a", "sent@a"), State(transport=Fact.DELIVERED)),
        (("sent@a", "delayed@a"), State(transport=Fact.DELAYED)),
        (("delayed@a", "delivered@a"), State(transport=Fact.DELIVERED)),
        (("sent@a", "bounced@a"), State(transport=Fact.BOUNCED)),
        (("sent@a", "bounced@a", "sent@b"), State(transport=Fact.SENT)),
        (("sent@a", "bounced@a", "sent@b", "bounced@b"), State(transport=Fact.BOUNCED)),
        (("bounced@a", "read@a"), State(transport=Fact.READ)),
        (("read@a",), State(transport=Fact.READ)),
        (("acknowledged",), State(handling=Fact.ACKNOWLEDGED, answered=True)),
        (("completed", "acknowledged"), State(handling=Fact.COMPLETED, answered=True)),
        (("received",), State(handling=Fact.RECEIVED)),
        (("acknowledged", "refused"), State(handling=Fact.REFUSED, answered=True)),
        (("refused", "acknowledged"), State(handling=Fact.ACKNOWLEDGED, answered=True)),
        (("accepted", "declined"), State(rsvp=Fact.DECLINED, attendance=Attendance.AWAITS_CHAIR, answered=True)),
        (("declined", "delegated"), State(rsvp=Fact.DELEGATED, attendance=Attendance.AWAITS_CHAIR, answered=True)),
        (("question",), State(open_matter=Fact.QUESTION, answered=True)),
        (("question", "unreachable"), State(open_matter=Fact.UNREACHABLE, answered=True)),
        (("recall_requested", "recall_done"), State(exchange=Exchange.RECALL_DONE, answered=True)),
        (("recall_requested",), State(exchange=Exchange.RECALL_OPEN)),
        (("file_replaced", "right_copy"), State(exchange=Exchange.FILE_DONE, answered=True)),
        (("right_copy", "file_replaced"), State(exchange=Exchange.FILE_OPEN, answered=True)),
        (("file_replaced", "corrected"), State(exchange=Exchange.CORRECTION_OPEN)),
        (("file_replaced", "right_copy", "recall_requested"), State(exchange=Exchange.RECALL_OPEN, answered=True)),
        (("superseded", "acknowledged"), State(handling=Fact.ACKNOWLEDGED, superseded=True, answered=True)),
    ],
)
def test_facts_add_up(facts: tuple[str, ...], expected: State) -> None:
    assert fold(seen(*facts)) == expected


@pytest.mark.parametrize(
    ("ask", "facts", "done"),
    [
        (Ask.NONE, (), True),
        (Ask.ACKNOWLEDGEMENT, (), False),
        (Ask.ACKNOWLEDGEMENT, ("sent@a", "delivered@a", "read@a"), False),
        (Ask.ACKNOWLEDGEMENT, ("received",), False),
        (Ask.ACKNOWLEDGEMENT, ("acknowledged",), True),
        (Ask.ACKNOWLEDGEMENT, ("question",), True),
        (Ask.ACKNOWLEDGEMENT, ("completed",), True),
        (Ask.REPORT, ("acknowledged",), False),
        (Ask.REPORT, ("in_progress",), False),
        (Ask.REPORT, ("extension_asked",), False),
        (Ask.REPORT, ("completed",), True),
        (Ask.REPORT, ("refused",), True),
        (Ask.REPORT, ("refused", "acknowledged"), False),
        (Ask.REPORT, ("superseded",), True),
        (Ask.RSVP, ("acknowledged",), False),
        (Ask.RSVP, ("accepted",), True),
        (Ask.RSVP, ("declined",), True),
        (Ask.RSVP, ("tentative",), True),
        (Ask.RSVP, ("problem",), False),
    ],
)
def test_nobody_is_reminded_of_what_has_come(ask: Ask, facts: tuple[str, ...], done: bool) -> None:
    assert satisfied(ask, fold(seen(*facts))) is done


def test_every_intent_of_an_answer_has_its_fact() -> None:
    assert set(FACT_OF_INTENT) == {str(intent) for intent in Intent}


def test_machines_never_acknowledge() -> None:
    machines = {*TRANSPORT, Fact.UNREACHABLE, Fact.RECEIVED, *EXCHANGES, Fact.SUPERSEDED, Fact.RESENT}
    assert not machines & PERSONAL
    assert not acknowledged(fold(seen(*(str(fact) for fact in machines))))


def test_handling_has_the_national_codes_in_order() -> None:
    assert [HANDLING_CODES[fact] for fact in HANDLING] == ["01", "03", "04", "05", "06"]
    assert fold(seen("completed")).code == "06"
    assert fold(seen("refused")).code == "02"
    assert fold([]).code is None


@pytest.mark.parametrize(
    ("facts", "attendance"),
    [
        ("sent read", None),
        ("accepted", Attendance.COMES),
        ("accepted late", Attendance.LATE),
        ("late accepted", Attendance.COMES),
        ("tentative", Attendance.UNSURE),
        ("declined", Attendance.AWAITS_CHAIR),
        ("delegated", Attendance.AWAITS_CHAIR),
        ("declined excused", Attendance.EXCUSED),
        ("delegated excused", Attendance.SUBSTITUTED),
        ("delegated must_attend", Attendance.MUST_ATTEND),
        ("declined must_attend excused", Attendance.EXCUSED),
        ("declined excused delegated", Attendance.AWAITS_CHAIR),
        ("declined accepted excused", Attendance.COMES),
    ],
)
def test_an_absence_waits_for_the_chair_and_a_new_answer_begins_anew(facts: str, attendance: Attendance | None) -> None:
    assert fold(seen(*facts.split())).attendance is attendance
