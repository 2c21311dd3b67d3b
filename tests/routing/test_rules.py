"""Rules: what matches, what a failed condition says, what several rules order together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailbot.routing.conditions import RuleFacts
from mailbot.routing.model import Ask, ConfirmMode, Do, DueRule, Span, SpanUnit
from mailbot.routing.rule_source import Names, build_rules
from mailbot.yaml_source import parse

if TYPE_CHECKING:
    from mailbot.routing.directory import Directory
    from mailbot.routing.rule_source import Built

NAMES = Names(("van-ban-den", "van-ban-di"), ("van-phong",), ("directive", "invitation"))
FACTS = RuleFacts(
    direction="outgoing",
    mailbox="van-phong",
    kind="directive",
    sender="vanthu@anhoa.example.vn",
    sender_targets=frozenset({"role:van-thu", "vanthu@anhoa.example.vn", "@anhoa.example.vn"}),
    number="152-CV/ĐU",
    type="CV",
    issuer="ĐU",
    urgency="urgent",
    summary="báo cáo kết quả thực hiện Đề án số 08-ĐA/QU",
    subject="V/v bao cao ket qua",
    text="Đề nghị các chi bộ báo cáo trước ngày 16/10/2026. Hoà bình.",
    attachments=("CV 152.pdf", "bieu mau.xlsx"),
)


def built(rules: str, directory: Directory) -> Built:
    return build_rules([parse(rules, "rules/20.yaml")], directory, NAMES)


def one(when: str, directory: Directory) -> Built:
    return built(f"rules:\n  - id: r\n    when: {when}\n    then: {{register: van-ban-di}}\n", directory)


@pytest.mark.parametrize(
    ("when", "failed"),
    [
        ("{}", None),
        ("{direction: outgoing}", None),
        ("{direction: incoming}", "direction"),
        ("{mailbox: van-phong}", None),
        ("{from: role:van-thu}", None),
        ("{from: [relation:superior, role:van-thu]}", None),
        ("{from: '@anhoa.example.vn'}", None),
        ("{from: VanThu@anhoa.example.vn}", None),
        ("{from: relation:superior}", "from"),
        ("{kind: [invitation, directive]}", None),
        ("{kind: invitation}", "kind"),
        ("{document: {type: [CV, KH], issuer: đu, draft: no, number: yes}}", None),
        ("{document: {type: KH}}", "document.type"),
        ("{document: {issuer: VPĐU}}", "document.issuer"),
        ("{document: {draft: yes}}", "document.draft"),
        ("{document: {urgency: urgent}}", None),
        ("{document: {urgency: {at_least: normal}}}", None),
        ("{document: {urgency: {at_least: express}}}", "document.urgency"),
        ("{secrecy: none, sensitivity: none}", None),
        ("{sensitivity: [petition, personnel]}", "sensitivity"),
        ("{summary: báo cáo}", None),
        ("{summary: {any: [mời họp, Báo Cáo]}}", None),
        ("{summary: bao cao}", None),  # the rule without accents
        ("{subject: báo cáo}", None),  # the mail without accents
        ("{summary: báo cào}", "summary"),  # other accents are other words
        ("{summary: cáo kết quả thực}", None),
        ("{summary: báo cá}", "summary"),  # whole words only
        ("{text: hòa bình}", None),  # tone placement of either house
        ("{text: {all: [báo cáo, chi bộ]}}", None),
        ("{text: {all: [báo cáo, giấy mời]}}", "text"),
        ("{text: {any: [báo cáo], none: [chi bộ]}}", "text"),
        ("{attachments: {regex: '\\.xlsx?$'}}", None),
        ("{summary: {regex: 'đề án (số )?[0-9]+'}}", None),
        ("{subject: {regex: 'BÁO\\s+CÁO'}}", None),  # the expression, too, without accents
        ("{subject: {regex: '^báo'}}", "subject"),
        ("{not: {kind: invitation}}", None),
        ("{not: {kind: directive, mailbox: van-phong}}", "not"),
        ("{not: {kind: directive, from: relation:superior}}", None),
        ("{any: [{kind: invitation}, {summary: báo cáo}]}", None),
        ("{any: [{kind: invitation}, {summary: giấy mời}]}", "any"),
        ("{all: [{kind: directive}, {any: [{summary: báo cáo}]}]}", None),
        ("{all: [{kind: directive}, {kind: invitation}]}", "all"),
    ],
)
def test_conditions(directory: Directory, when: str, failed: str | None) -> None:
    site = one(when, directory)
    assert site.problems == ()
    (trial,) = site.rules.trials(FACTS)
    assert trial.failed_condition == failed
    assert trial.matched is (failed is None)


def test_a_failed_condition_says_what_it_wanted_and_what_it_saw(directory: Directory) -> None:
    (trial,) = one("{kind: directive, document: {type: [KH, TB]}}", directory).rules.trials(FACTS)
    assert (trial.failed_condition, trial.wanted, trial.saw) == ("document.type", "KH, TB", "CV")


def test_a_trace_never_quotes_the_body(directory: Directory) -> None:
    (trial,) = one("{text: giấy mời}", directory).rules.trials(FACTS)
    assert trial.saw == f"{len(FACTS.text)} characters"


def test_a_sender_without_a_single_address_is_nobody(directory: Directory) -> None:
    nobody = replace(FACTS, sender="", sender_targets=frozenset())
    (trial,) = one("{from: role:van-thu}", directory).rules.trials(nobody)
    assert not trial.matched
    assert trial.saw == "no single sender (unknown)"


THREE = """
rules:
  - {id: first, when: {kind: invitation}, then: {register: van-ban-den}}
  - id: second
    when: {kind: directive}
    go_on: %s
    then: {register: van-ban-di, send: {to: [addressees], except: [unit:tdp-5]}}
  - {id: third, when: {mailbox: van-phong}, then: {register: van-ban-den, ask: report, send: [unit:tdp-6]}}
"""


def test_the_first_rule_that_matches_decides(directory: Directory) -> None:
    match = built(THREE % "no", directory).rules.decide(FACTS)
    assert match.rule is not None
    assert match.rule.id == "second"
    assert [trial.rule.id for trial in match.trials] == ["first", "second"]
    assert match.action is not None
    assert match.action.ask is Ask.NONE


def test_go_on_lets_later_rules_add_but_not_overrule(directory: Directory) -> None:
    match = built(THREE % "yes", directory).rules.decide(FACTS)
    assert [rule.id for rule in match.matched] == ["second", "third"]
    assert match.action is not None
    assert match.action.register == "van-ban-di"
    assert match.action.ask is Ask.REPORT
    assert match.action.send is not None
    assert match.action.send.to == ("addressees", "unit:tdp-6")
    assert match.action.send.excepted == ("unit:tdp-5",)


def test_no_rule_gives_no_action(directory: Directory) -> None:
    match = one("{kind: bounce}", directory).rules.decide(FACTS)
    assert match.rule is None
    assert match.action is None


WHOLE = """
rules:
  - id: bao-cao
    title: Đề nghị báo cáo
    when: {kind: directive}
    then:
      register: van-ban-di
      send: {to: [addressees, group:chi-bo], except: [unit:tdp-5], template: directive}
      ask: report
      acknowledge_within: 1 working day
      due: {document: yes, otherwise: 5 working days}
      assign: {lead: person:uv, cooperating: [role:van-thu], due: 3 working days}
      ladder: bao-cao
      confirm: {over_units: 5}
ladders:
  bao-cao:
    - {at: acknowledgement overdue, do: remind}
    - {at: 3 working days after due, do: list, to: [overseer, role:chanh-van-phong]}
"""


def test_every_order_reaches_the_action(directory: Directory) -> None:
    site = built(WHOLE, directory)
    assert site.problems == ()
    action = site.rules.rules[0].action
    assert action.due == DueRule(True, Span(5, SpanUnit.WORKING_DAY))
    assert action.acknowledge_within == Span(1, SpanUnit.WORKING_DAY)
    assert action.assign is not None
    assert action.assign.cooperating == ("role:van-thu",)
    assert (action.confirm.mode, action.confirm.over_units) == (ConfirmMode.OVER_UNITS, 5)
    steps = site.ladders["bao-cao"].steps
    assert [step.do for step in steps] == [Do.REMIND, Do.LIST]
    assert steps[0].overdue


def test_a_submission_carries_its_proposal(directory: Directory) -> None:
    then = "{submit: {to: role:van-thu, propose: {to: [group:chi-bo], due: 3 working days before document}}}"
    submit = built(f"rules:\n  - {{id: r, when: {{}}, then: {then}}}", directory).rules.rules[0].action.submit
    assert submit is not None
    assert submit.propose_to == ("group:chi-bo",)
    assert submit.propose_due == DueRule(True, None, Span(3, SpanUnit.WORKING_DAY))


def test_the_version_follows_the_content_and_not_the_layout(directory: Directory) -> None:
    first = one("{kind: directive, mailbox: van-phong}", directory).rules.rules[0].version
    moved = one("{mailbox:   van-phong, kind: directive}   # a comment", directory).rules.rules[0].version
    other = one("{kind: directive}", directory).rules.rules[0].version
    assert first == moved != other


BROKEN = [
    ("when: {direktion: incoming}, then: {register: van-ban-den}", "value.unknown_key", '"direction"'),
    ("when: {direction: incomming}, then: {register: van-ban-den}", "value.literal", '"incoming"'),
    ("when: {kind: directives}, then: {register: van-ban-den}", "unknown.kind", '"directive"'),
    ("when: {mailbox: van-phongg}, then: {register: van-ban-den}", "unknown.mailbox", '"van-phong"'),
    ("when: {from: role:van-thuu}, then: {register: van-ban-den}", "unknown.role", '"van-thu"'),
    ("when: {from: relation:superiors}, then: {register: van-ban-den}", "unknown.relation", '"superior"'),
    (
        "when: {document: {urgency: {at_least: urgentt}}}, then: {register: van-ban-den}",
        "unknown.urgency",
        '"urgent"',
    ),
    ("when: {subject: {regex: 'a('}}, then: {register: van-ban-den}", "rule.regex", "RE2"),
    ("when: {}, then: {register: van-ban-denn}", "unknown.register", '"van-ban-den"'),
    ("when: {}, then: {send: [group:chi-bộ]}", "unknown.group", '"chi-bo"'),
    ("when: {}, then: {send: [unit:tdp-55]}", "unknown.unit", '"tdp-5"'),
    ("when: {}, then: {send: {to: [addressees], template: directives}}", "unknown.template", '"directive"'),
    ("when: {}, then: {send: [addressees], ladder: bao-cao}", "unknown.ladder", ""),
    ("when: {}, then: {send: [addressees], due: someday}", "value.due", "working days"),
    ("when: {}, then: {send: [addressees], acknowledge_within: soon}", "value.span", "working days"),
    ("when: {}, then: {send: [addressees], confirm: sometimes}", "value.confirm", ""),
    ("when: {}, then: {}", "rule.nothing", ""),
    ("when: {}, then: {send: [addressees], submit: {to: role:van-thu}}", "rule.submit_and_send", ""),
    ("when: {}, then: {register: van-ban-den, pass_down: automatic}", "rule.pass_down", ""),
    ("when: {}, then: {clerk_alone: yes, send: [addressees]}", "rule.clerk_alone", ""),
    ("when: {}, then: {register: van-ban-den, ask: report}", "rule.ask", ""),
    ("when: {}", "value.missing", '"then: '),
    ("then: {register: van-ban-den}", "value.missing", '"when: '),
]


@pytest.mark.parametrize(("rule", "check", "mend"), BROKEN, ids=[rule for rule, _, _ in BROKEN])
def test_each_mistake_is_told_with_its_mend(directory: Directory, rule: str, check: str, mend: str) -> None:
    (problem,) = built(f"rules:\n  - {{id: r, {rule}}}\n", directory).problems
    assert problem.check == check
    assert problem.position.line == 2
    assert mend in (problem.mend.en if problem.mend else "")


def test_mistakes_of_ladders_and_order(directory: Directory) -> None:
    rules = """
rules:
  - {id: a, when: {}, then: {register: van-ban-den}}
  - {id: a, when: {kind: directive}, then: {register: van-ban-den}}
ladders:
  empty: []
  wrong:
    - {at: 2 weeks before due, do: remind}
"""
    checks = [problem.check for problem in built(rules, directory).problems]
    assert checks == ["value.step", "ladder.empty", "rule.twice", "rule.unreachable"]
    rules = rules.replace("2 weeks before due, do: remind", "due, do: list")
    checks = [problem.check for problem in built(rules, directory).problems]
    assert checks == ["ladder.empty", "ladder.to", "rule.twice", "rule.unreachable"]


def test_an_evil_expression_ends_in_linear_time(directory: Directory) -> None:
    evil = one("{text: {regex: '(a+)+$'}}", directory)
    assert not evil.rules.trials(replace(FACTS, text="a" * 200_000 + "!"))[0].matched
