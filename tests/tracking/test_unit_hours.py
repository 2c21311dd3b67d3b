"""A unit that works only in the afternoon is reminded in the afternoon."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

import pytest

from mailbot.routing.directory_source import build_directory
from mailbot.tracking.following import slots_of
from mailbot.yaml_source import parse
from tests.example_office import example

if TYPE_CHECKING:
    from mailbot.routing.model import Site

MORNING, AFTERNOON, EVENING = (time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)), (time(18, 0), time(21, 0))


def _with(hours: tuple[tuple[time, time], ...]) -> Site:
    site = example()
    unit = replace(site.directory.units["det-may"], hours=hours)
    return replace(site, directory=replace(site.directory, units={**site.directory.units, "det-may": unit}))


@pytest.mark.parametrize(
    ("hours", "slots"),
    [
        ((), [8, 14]),
        ((MORNING,), [8]),
        ((AFTERNOON,), [14]),
        ((MORNING, AFTERNOON), [8, 14]),
        ((EVENING,), [8, 14]),  # the office is closed then: better in its own slots than never
    ],
)
def test_a_unit_is_reminded_in_those_slots_of_the_office_that_lie_in_its_own_hours(
    hours: tuple[tuple[time, time], ...], slots: list[int]
) -> None:
    assert [slot.hour for slot in slots_of("det-may", _with(hours))] == slots


def test_hours_stand_with_the_unit_in_the_directory() -> None:
    text = "units: {cn: {name: Chi bộ Công nhân, mail: cn@example.org, hours: [13:30-17:00]}}"
    directory, problems = build_directory([parse(text, "rules/directory.yaml")])
    assert problems == ()
    assert directory.units["cn"].hours == (AFTERNOON,)
