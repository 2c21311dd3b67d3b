"""The index of rules leaves out only rules that cannot match, whatever the rules and the mail."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.office.working_time import WorkingTime
from mailbot.problems import Position
from mailbot.routing.conditions import (
    URGENCIES,
    Among,
    Arrival,
    ArrivedBetween,
    ArrivedOn,
    AtLeast,
    Branches,
    Expression,
    Not,
    RuleFacts,
    SenderIs,
    TextHas,
    Words,
)
from mailbot.routing.index import Index
from mailbot.routing.model import Action
from mailbot.routing.rules import TRACED_WHOLE, Rule, Ruleset
from mailbot.yaml_values import part_of_day

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PHRASES = ("báo cáo", "bao cao", "báo cáo quý", "họp", "hợp", "đề án số 5", "-CV/ĐU", "***", "Hoà bình", "(khẩn)")
PATTERNS = (r"đề án (số )?[0-9]+", r"b[aá]o c.o", "^họp", "[^a-z]cáo")
WRITTEN = (
    "Báo cáo quý III",
    "BÁO CÁO",
    "bao cao de an so 5",
    "hoà bình",
    "hòa bình",
    "họp",
    "152-CV/ĐU",
    "báo-cáo quý",
)
TEXTS = st.lists(st.sampled_from(WRITTEN), max_size=3).map(" ".join)

text_parts = st.lists(
    st.one_of(st.sampled_from(PHRASES).map(Words), st.sampled_from(PATTERNS).map(Expression)), max_size=3
).map(tuple)
some = st.lists(st.sampled_from(("directive", "invitation", "Directive", "other")), min_size=1, max_size=2).map(tuple)
senders = ("role:van-thu", "unit:tdp-1", "a@example.org")
simple = st.one_of(
    some.map(lambda values: Among("kind", values)),
    st.sampled_from(("CV", "ĐA", "Đa", "cv")).map(lambda value: Among("document.type", (value,))),
    st.sampled_from(URGENCIES).map(lambda least: AtLeast("document.urgency", URGENCIES, least)),
    st.sampled_from(senders).map(lambda target: SenderIs((target,))),
    st.sampled_from(("monday", "sunday", "day_off")).map(lambda day: ArrivedOn((day,))),
    st.builds(TextHas, st.sampled_from(("subject", "text", "attachments")), text_parts, text_parts, text_parts),
)
nested = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda ones: Not(tuple(ones))),
        st.builds(Branches, st.lists(st.lists(inner, max_size=2).map(tuple), max_size=3).map(tuple), st.booleans()),
    ),
    max_leaves=4,
)
all_rules = st.lists(st.lists(nested, max_size=3).map(tuple), max_size=6)
mails = st.builds(
    RuleFacts,
    direction=st.just("incoming"),
    mailbox=st.just("van-phong"),
    kind=st.sampled_from(("directive", "invitation", "other")),
    sender_targets=st.frozensets(st.sampled_from(senders)),
    type=st.sampled_from((None, "CV", "ĐA")),
    urgency=st.sampled_from(URGENCIES),
    subject=TEXTS,
    text=TEXTS,
    attachments=st.lists(st.sampled_from(WRITTEN), max_size=2).map(tuple),
    arrived=st.sampled_from(
        (None, *(Arrival.of(datetime(2026, 10, day, 9, tzinfo=HANOI), WorkingTime()) for day in (4, 5, 6)))
    ),
)


@given(all_rules, mails)
@example([(TextHas("subject", (Words("***"),)),)], RuleFacts("incoming", "m", "other", subject="a *** b"))
def test_a_rule_that_matches_is_never_left_out(rules: list[tuple[object, ...]], facts: RuleFacts) -> None:
    candidates = list(Index(rules).candidates(facts))  # type: ignore[arg-type]
    matching = [place for place, one in enumerate(rules) if all(each.matches(facts) for each in one)]  # type: ignore[attr-defined]
    assert candidates == sorted(candidates)
    assert set(matching) <= set(candidates)


def _ruleset(count: int) -> Ruleset:
    position = Position("rules/10.yaml", 1)
    return Ruleset(
        tuple(
            Rule(
                f"r{n}", f"r{n}", position, f"{n}", (TextHas("subject", (Words(f"đề án số {n}"),)),), Action(ladder="x")
            )
            for n in range(count)
        )
    )


def test_many_rules_are_not_all_tried_and_the_trace_says_how_many() -> None:
    rules = _ruleset(500)
    match = rules.decide(RuleFacts("incoming", "van-phong", "directive", subject="V/v de an so 321"))
    assert match.rule is rules.get("r321")
    assert [trial.rule.id for trial in match.trials] == ["r321"]
    assert match.ruled_out == 499


def test_few_rules_are_all_in_the_trace() -> None:
    match = _ruleset(TRACED_WHOLE).decide(RuleFacts("incoming", "van-phong", "directive", subject="de an so 99"))
    assert len(match.trials) == TRACED_WHOLE
    assert (match.rule, match.ruled_out) == (None, 0)


def test_hours_over_midnight_hold_the_night() -> None:
    night = ArrivedBetween((part_of_day("17:00-07:30"),))
    for hour, wanted in ((16, False), (17, True), (23, True), (7, True), (8, False)):
        came = Arrival.of(datetime(2026, 10, 6, hour, 0, tzinfo=HANOI), WorkingTime())
        assert night.matches(RuleFacts("incoming", "m", "other", arrived=came)) is wanted


def test_arrival_knows_holidays_and_office_hours() -> None:
    national_day = Arrival.of(datetime(2026, 9, 2, 9, tzinfo=HANOI), WorkingTime())
    assert (national_day.days, national_day.office_open) == (("wednesday", "day_off"), False)
    lunch = Arrival.of(datetime(2026, 10, 6, 12, tzinfo=HANOI), WorkingTime())
    assert (lunch.days, lunch.office_open) == (("tuesday", "working_day"), False)
