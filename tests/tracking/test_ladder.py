"""Which step of a ladder falls due when: slots of working days, and nothing that is past or has no anchor."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

import pytest

from mailbot.office.working_time import WorkingTime
from mailbot.problems import Position
from mailbot.routing.model import Anchor, Do, Ladder, Span, SpanUnit, Step
from mailbot.routing.plans import Decision, Outcome
from mailbot.routing.releasing import carry_out
from mailbot.tracking.following import follow_up
from mailbot.tracking.ladder import Moments, plan
from tests.example_office import CLERK, HANOI, NOW, decided, directive, example, mail

if TYPE_CHECKING:
    from mailbot.tracking.ladder import DueStep

CALENDAR = WorkingTime()
SLOTS = (time(8, 0), time(14, 0))
REMIND, LIST = Do.REMIND, Do.LIST


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def steps(*rungs: Step, moments: Moments, now: str = "2026-10-06 08:10", slots: tuple[time, ...] = SLOTS) -> list[str]:
    ladder = Ladder("test", rungs, Position("rules/90.yaml", 1, 1))
    return [f"{step.at:%Y-%m-%d %H:%M}" for step in plan(ladder, moments, CALENDAR, slots, at(now))]


def rung(anchor: Anchor, amount: int = 0, unit: SpanUnit = SpanUnit.WORKING_DAY, *, before: bool = False) -> Step:
    return Step(anchor, REMIND, Span(amount, unit) if amount else None, before=before)


DUE = Anchor.DUE


@pytest.mark.parametrize(
    ("step", "due", "expected"),
    [
        pytest.param(rung(DUE), date(2026, 10, 15), "2026-10-15 08:00", id="on a working day"),
        pytest.param(rung(DUE), date(2026, 10, 18), "2026-10-16 08:00", id="on a Sunday: the last working day within"),
        pytest.param(rung(DUE), at("2026-10-15 16:00"), "2026-10-15 08:00", id="at an hour: that morning"),
        pytest.param(rung(DUE, 2, before=True), date(2026, 10, 15), "2026-10-13 08:00", id="two working days before"),
        pytest.param(rung(DUE, 2, before=True), date(2026, 10, 12), "2026-10-08 08:00", id="before, over a weekend"),
        pytest.param(rung(DUE, 2, before=True), date(2026, 10, 18), "2026-10-14 08:00", id="before, due on a Sunday"),
        pytest.param(rung(DUE, 1), date(2026, 10, 16), "2026-10-19 08:00", id="a working day after a Friday"),
        pytest.param(rung(DUE, 3), date(2026, 10, 15), "2026-10-20 08:00", id="three working days after"),
        pytest.param(
            rung(DUE, 2, SpanUnit.DAY), date(2026, 10, 15), "2026-10-19 08:00", id="days after, into a weekend"
        ),
        pytest.param(
            rung(DUE, 4, SpanUnit.WORKING_HOUR, before=True),
            at("2026-10-15 16:00"),
            "2026-10-15 14:00",
            id="hours before",
        ),
        pytest.param(
            rung(DUE, 3, SpanUnit.WORKING_HOUR), at("2026-10-15 16:00"), "2026-10-16 14:00", id="working hours after"
        ),
        pytest.param(rung(DUE, 1), date(2027, 2, 3), "2027-02-11 08:00", id="over Tết"),
        pytest.param(rung(DUE), date(2027, 2, 7), "2027-02-03 08:00", id="within Tết: before it"),
    ],
)
def test_steps_around_a_deadline(step: Step, due: date | datetime, expected: str) -> None:
    assert steps(step, moments=Moments(due=due)) == [expected]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("2026-10-07 17:00", "2026-10-08 08:00"),
        ("2026-10-09 17:00", "2026-10-12 08:00"),
        ("2026-10-07 10:00", "2026-10-07 14:00"),
        ("2026-10-07 08:00", "2026-10-07 14:00"),
        ("2027-02-03 17:00", "2027-02-11 08:00"),
    ],
)
def test_overdue_acknowledgement_is_reminded_in_the_next_slot(limit: str, expected: str) -> None:
    overdue = Step(Anchor.ACKNOWLEDGEMENT, REMIND, overdue=True)
    assert steps(overdue, moments=Moments(acknowledge_by=at(limit))) == [expected]


def test_a_step_without_its_anchor_does_not_happen() -> None:
    every = [rung(anchor) for anchor in Anchor]
    assert steps(*every, moments=Moments()) == []


def test_what_is_past_is_left_out() -> None:
    rungs = (rung(DUE, 2, before=True), rung(DUE), rung(DUE, 1))
    late = Moments(due=date(2026, 10, 7))
    assert steps(*rungs, moments=late) == ["2026-10-07 08:00", "2026-10-08 08:00"]
    assert steps(*rungs, moments=late, now="2026-10-07 08:00") == ["2026-10-08 08:00"]


def test_steps_come_in_order_of_time_whatever_the_ladder_says() -> None:
    rungs = (rung(DUE, 1), rung(DUE, 2, before=True), rung(DUE))
    found = steps(*rungs, moments=Moments(due=date(2026, 10, 15)))
    assert found == ["2026-10-13 08:00", "2026-10-15 08:00", "2026-10-16 08:00"]


def test_an_office_without_slots_reminds_when_it_opens() -> None:
    assert steps(rung(DUE), moments=Moments(due=date(2026, 10, 15)), slots=()) == ["2026-10-15 07:30"]


def test_templates_say_whether_it_is_late_and_every_step_says_why() -> None:
    ladder = Ladder(
        "test",
        (rung(DUE), rung(DUE, 1), Step(DUE, LIST, Span(3, SpanUnit.WORKING_DAY), to=("overseer",))),
        Position("r", 1, 1),
    )
    found: tuple[DueStep, ...] = plan(ladder, Moments(due=date(2026, 10, 15)), CALENDAR, SLOTS, NOW)
    assert [(step.template, step.do) for step in found] == [
        ("reminder", REMIND),
        ("reminder_overdue", REMIND),
        ("escalation", LIST),
    ]
    assert found[1].because == "1 working day after due, next slot 2026-10-16 08:00"


def test_only_deliveries_that_are_asked_something_are_followed_up() -> None:
    text = (
        directive(addressees="Chi bộ Tổ dân phố 1.") + "\nNơi nhận:\n- Như trên,\n- Chi bộ Công an phường (để biết),\n"
    )
    document = decided(mail(CLERK, "Công văn 152-CV/ĐU", text)).document
    assert document is not None
    assert document.release is not None
    deliveries, _ = carry_out(document.release, example(), "key", NOW)
    decision = Decision(Outcome.DECIDED, (), deliveries=deliveries)
    assert {unit: len(found) for unit, found in follow_up(decision, example(), NOW).items()} == {"tdp-1": 5}
