"""What rule tests reach: the rules that took a mail, the branches inside them, the steps of ladders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.problems import Text
from mailbot.routing.conditions import Branches
from mailbot.routing.model import ConfirmMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mailbot.problems import Position
    from mailbot.routing.conditions import Condition, RuleFacts
    from mailbot.routing.model import Action, Ladder
    from mailbot.routing.rules import Rule, Ruleset

DOCUMENT, OTHERWISE = "due document", "due otherwise"
ASKED, NOT_ASKED = "confirm asked", "confirm not asked"


@dataclass(frozen=True)
class Branch:
    """One way that a mail can take; `key` is stable within a site, `text` tells a person which one it is."""

    key: str
    position: Position
    text: Text


def branches(rules: Ruleset, ladders: Mapping[str, Ladder]) -> tuple[Branch, ...]:
    """Return everything that tests can reach, in the order of the site's files."""
    found = [branch for rule in rules for branch in _of_rule(rule)]
    used = {rule.action.ladder for rule in rules}
    for ladder in ladders.values():
        for number, step in enumerate(ladder.steps):
            if ladder.name in used:
                text = Text(
                    vi=f"bước {number + 1} của lịch đôn đốc “{ladder.name}” ({step.anchor}, {step.do})",
                    en=f'step {number + 1} of the ladder "{ladder.name}" ({step.anchor}, {step.do})',
                )
                found.append(Branch(step_key(ladder.name, number), ladder.position, text))
    return tuple(found)


def _of_rule(rule: Rule) -> Iterator[Branch]:
    yield Branch(rule.id, rule.position, Text(vi=f"quy tắc “{rule.id}”", en=f'the rule "{rule.id}"'))
    for key, wanted in _alternatives(rule.conditions, "when"):
        text = Text(vi=f"“{rule.id}”, nhánh {key}: {wanted}", en=f'"{rule.id}", branch {key}: {wanted}')
        yield Branch(f"{rule.id} {key}", rule.position, text)
    for key, vi, en in _of_action(rule.action):
        yield Branch(f"{rule.id} {key}", rule.position, Text(f"“{rule.id}”, {vi}", f'"{rule.id}", {en}'))


def _of_action(action: Action) -> Iterator[tuple[str, str, str]]:
    due = action.due or (action.submit.propose_due if action.submit else None)
    if due is not None and due.from_document:
        yield DOCUMENT, "hạn nêu trong văn bản", "a deadline that the document gives"
        if due.otherwise is not None or due.before_document is not None:
            yield OTHERWISE, "văn bản không nêu hạn", "a document without a deadline"
    if action.confirm.mode is ConfirmMode.OVER_UNITS:
        yield ASKED, "đông đơn vị, phải hỏi trước", "many units, asked before sending"
        yield NOT_ASKED, "ít đơn vị, gửi ngay", "few units, sent at once"


def _alternatives(conditions: Iterable[Condition], path: str) -> Iterator[tuple[str, str]]:
    """Yield (key, what it wants) of every alternative of an `any:` list, however deep."""
    for condition in conditions:
        if isinstance(condition, Branches):
            for number, branch in enumerate(condition.branches):
                here = f"{path}.{condition.name}[{number}]"
                if not condition.every:
                    yield here, " · ".join(f"{one.name}: {one.wanted}" for one in branch)
                yield from _alternatives(branch, here)


def step_key(ladder: str, step: int) -> str:
    """Return the key of one step of a ladder."""
    return f"ladder {ladder} {step}"


def reached(matched: Sequence[Rule], facts: RuleFacts, *, has_deadline: bool, asked: bool) -> frozenset[str]:
    """Return the keys of the branches that one mail took through the rules that matched it."""
    found: set[str] = set()
    for rule in matched:
        found.add(rule.id)
        found.update(f"{rule.id} {key}" for key in _taken(rule.conditions, facts, "when"))
        found.add(f"{rule.id} {DOCUMENT if has_deadline else OTHERWISE}")
        found.add(f"{rule.id} {ASKED if asked else NOT_ASKED}")
    return frozenset(found)


def _taken(conditions: Iterable[Condition], facts: RuleFacts, path: str) -> Iterator[str]:
    for condition in conditions:
        if not isinstance(condition, Branches):
            continue
        for number, branch in enumerate(condition.branches):
            if all(one.matches(facts) for one in branch):
                here = f"{path}.{condition.name}[{number}]"
                yield here
                yield from _taken(branch, facts, here)
