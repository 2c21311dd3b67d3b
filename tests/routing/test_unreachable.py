"""Rules that are never tried: what one condition implies of another, and that no mail ever shows the opposite."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.routing.conditions import Among, AtLeast, Branches, Not, RuleFacts, TextHas, Words
from mailbot.routing.directory import Directory
from mailbot.routing.rule_source import Names, build_rules
from mailbot.routing.unreachable import unreachable
from mailbot.yaml_source import parse

if TYPE_CHECKING:
    from mailbot.routing.conditions import Condition

NAMES = Names(("van-ban-den",), ("van-phong", "hai"), ("directive",))


def never_tried(first: str, second: str, directory: Directory, more: str = "") -> bool:
    rules = "rules:\n" + "".join(
        f"  - {{id: {name}, when: {when}, then: {{register: van-ban-den}}{extra}}}\n"
        for name, when, extra in (("first", first, more), ("second", second, ""))
    )
    built = build_rules([parse(rules, "rules/20.yaml")], directory, NAMES)
    assert [problem for problem in built.problems if not problem.warning] == []
    return "rule.unreachable" in {problem.check for problem in built.problems}


ALIKE = [
    ("{}", "{kind: directive}"),
    ("{kind: directive}", "{kind: directive}"),
    ("{kind: [directive, invitation]}", "{kind: directive, mailbox: van-phong}"),
    ("{document: {type: [cv, KH]}}", "{document: {type: CV}, subject: báo cáo}"),
    ("{document: {urgency: {at_least: urgent}}}", "{document: {urgency: {at_least: express}}}"),
    ("{document: {urgency: {at_least: urgent}}}", "{document: {urgency: [urgent, express]}}"),
    ("{document: {urgency: [express, express_timed]}}", "{document: {urgency: {at_least: express}}}"),
    ("{arrived: {on: [monday, tuesday]}}", "{arrived: {on: monday}}"),
    ("{arrived: {between: ['17:00-07:30', '11:30-13:30']}}", "{arrived: {between: '17:00-07:30'}}"),
    ("{from: relation:subordinate}", "{from: unit:tdp-5}"),
    ("{from: relation:subordinate}", "{from: group:to-dan-pho}"),
    ("{from: group:chi-bo}", "{from: group:to-dan-pho}"),
    ("{from: group:to-dan-pho}", "{from: unit:tdp-5}"),
    ("{from: role:van-thu}", "{from: vanthu@anhoa.example.vn}"),
    ("{from: '@anhoa.example.vn'}", "{from: role:van-thu}"),
    ("{subject: [báo cáo, góp ý]}", "{subject: báo cáo}"),
    ("{subject: [báo cáo, góp ý]}", "{subject: {all: [góp ý, quý III]}}"),
    ("{subject: {all: [báo cáo]}}", "{subject: {all: [báo cáo, gấp]}}"),
    ("{subject: {none: [dự thảo]}}", "{subject: {any: [báo cáo], none: [dự thảo, góp ý]}}"),
    ("{text: {regex: 'đề án [0-9]+'}}", "{text: {regex: 'đề án [0-9]+'}, kind: directive}"),
    ("{any: [{kind: directive}, {kind: reply}]}", "{kind: reply}"),
    ("{kind: [directive, reply]}", "{any: [{kind: directive}, {kind: reply, mailbox: hai}]}"),
    ("{all: [{kind: directive}]}", "{kind: directive, mailbox: hai}"),
    ("{kind: directive}", "{all: [{kind: directive}, {mailbox: hai}]}"),
    ("{not: {kind: directive}}", "{not: {kind: [directive, reply]}}"),
]
UNLIKE = [
    ("{kind: directive}", "{}"),
    ("{kind: directive}", "{kind: [directive, invitation]}"),
    ("{document: {urgency: {at_least: express}}}", "{document: {urgency: {at_least: urgent}}}"),
    ("{from: unit:tdp-5}", "{from: group:to-dan-pho}"),
    ("{from: group:to-dan-pho}", "{from: group:chi-bo}"),
    ("{subject: báo cáo}", "{subject: [báo cáo, góp ý]}"),
    ("{subject: báo cáo}", "{text: báo cáo}"),
    ("{subject: {all: [báo cáo, gấp]}}", "{subject: {all: [báo cáo]}}"),
    ("{subject: {any: [báo cáo], none: [dự thảo]}}", "{subject: báo cáo}"),
    ("{any: [{kind: directive}, {kind: reply}]}", "{kind: invitation}"),
    ("{kind: directive}", "{any: [{kind: directive}, {kind: reply}]}"),
    ("{not: {kind: [directive, reply]}}", "{not: {kind: directive}}"),
    ("{arrived: {on: monday}}", "{arrived: {on: working_day}}"),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_a_rule_behind_a_weaker_one_is_never_tried(directory: Directory, first: str, second: str) -> None:
    assert never_tried(first, second, directory)


@pytest.mark.parametrize(("first", "second"), UNLIKE)
def test_a_rule_that_some_mail_reaches_is_not_told(directory: Directory, first: str, second: str) -> None:
    assert not never_tried(first, second, directory)


def test_a_rule_that_goes_on_hides_nothing(directory: Directory) -> None:
    assert not never_tried("{}", "{kind: directive}", directory, ", go_on: yes")


# --- against the mails themselves -----------------------------------------------------------------------------------

RULES = "rules:\n" + "".join(f"  - {{id: r{n}, when: {{}}, then: {{register: van-ban-den}}}}\n" for n in range(4))
KINDS = ("directive", "reply", "invitation")
ORDER = ("normal", "urgent", "express")
WORDS = ("báo cáo", "góp ý", "gấp")


def conditions(depth: int) -> st.SearchStrategy[tuple[Condition, ...]]:
    some = st.lists(st.sampled_from(WORDS), max_size=2, unique=True).map(lambda words: tuple(map(Words, words)))
    single: st.SearchStrategy[Condition] = st.one_of(
        st.lists(st.sampled_from(KINDS), min_size=1, unique=True).map(lambda values: Among("kind", tuple(values))),
        st.lists(st.sampled_from(ORDER), min_size=1).map(lambda values: Among("document.urgency", tuple(values))),
        st.sampled_from(ORDER).map(lambda least: AtLeast("document.urgency", ORDER, least)),
        st.builds(TextHas, st.just("subject"), some, some, some),
    )
    if depth:
        deeper = conditions(depth - 1)
        single = st.one_of(
            single,
            deeper.map(Not),
            st.builds(Branches, st.lists(deeper, min_size=1, max_size=2).map(tuple), st.booleans()),
        )
    return st.lists(single, max_size=2).map(tuple)


@settings(max_examples=300, deadline=None)
@given(st.lists(conditions(2), min_size=2, max_size=4))
def test_no_mail_that_a_rule_would_take_passes_the_one_that_hides_it(lists: list[tuple[Condition, ...]]) -> None:
    built = build_rules([parse(RULES, "r.yaml")], Directory({}, {}, {}, {}), NAMES)
    rules = [replace(rule, conditions=one) for rule, one in zip(built.rules, lists, strict=False)]
    mails = [
        RuleFacts("incoming", "m", kind, urgency=urgency, subject=" ".join(words))
        for kind in KINDS
        for urgency in ORDER
        for count in range(4)
        for words in combinations(WORDS, count)
    ]
    for rule, earlier in unreachable(rules, Directory({}, {}, {}, {})):
        for mail in mails:
            if all(one.matches(mail) for one in rule.conditions):
                assert all(one.matches(mail) for one in earlier.conditions)
