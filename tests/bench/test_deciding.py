"""The bench of deciding decides what it says that it decides."""

from __future__ import annotations

from bench import deciding


def test_most_mails_reach_the_office_s_own_rule_and_some_one_of_the_many() -> None:
    _, site, readings = deciding.loaded(100, 20)
    taken = [(deciding.decision(site, reading).rule or "").partition("@")[0] for reading in readings]
    assert [name for name in taken if name.startswith("more-")] == ["more-11", "more-21", "more-31"]
    assert taken.count("de-nghi-bao-cao") == len(taken) - 3


def test_every_size_gets_its_row() -> None:
    rows = deciding.measure(rules=(2, 5), units=(3,))
    assert [row["name"] for row in rows] == [
        deciding.rules_title(2),
        deciding.matching_title(2),
        deciding.rules_title(5),
        deciding.matching_title(5),
        deciding.units_title(3),
    ]
    assert all(row["seconds"] > 0 for row in rows)
