"""Routing rules: tried in order, the first that matches decides, and each says why it did or did not match."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mailbot.routing.conditions import RuleFacts
from mailbot.routing.index import Index
from mailbot.routing.model import Action, Send

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailbot.problems import Position
    from mailbot.routing.conditions import Condition

# A trace of so many rules is read by people, and costs less than looking anything up.
TRACED_WHOLE = 32

__all__ = ["Match", "Rule", "RuleFacts", "Ruleset", "Trial", "combine"]


@dataclass(frozen=True)
class Rule:
    """One rule of the office; `version` is the hash of its content, so that a log names what was in force."""

    id: str
    title: str
    position: Position
    version: str
    conditions: tuple[Condition, ...]
    action: Action
    go_on: bool = False

    def trial(self, facts: RuleFacts) -> Trial:
        """Try the rule; the first condition that fails is the answer to "why not?"."""
        for condition in self.conditions:
            if not condition.matches(facts):
                return Trial(self, False, condition.name, condition.wanted, condition.saw(facts))
        return Trial(self, True)


@dataclass(frozen=True)
class Trial:
    """One rule as it was tried: matched, or the condition that failed with what it wanted and what it saw."""

    rule: Rule
    matched: bool
    failed_condition: str | None = None
    wanted: str = ""
    saw: str = ""


@dataclass(frozen=True)
class Match:
    """The outcome of all rules: what was tried, the rules that matched, and their combined action (None: no rule)."""

    trials: tuple[Trial, ...]
    matched: tuple[Rule, ...]
    action: Action | None
    ruled_out: int = 0  # rules not in `trials`: the mail lacks what they need, or the search had ended

    @property
    def rule(self) -> Rule | None:
        """The rule that decided: the first that matched."""
        return self.matched[0] if self.matched else None


@dataclass(frozen=True, eq=False)
class Ruleset:
    """All rules of a site in their order."""

    rules: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def get(self, rule_id: str) -> Rule | None:
        """Return a rule by its id."""
        return self._by_id.get(rule_id)

    @cached_property
    def _index(self) -> Index:
        return Index([rule.conditions for rule in self.rules])

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in reversed(self.rules)}

    def prepare(self) -> None:
        """Arrange the rules for deciding now, so that the first mail need not wait for it."""
        if len(self.rules) > TRACED_WHOLE:
            _ = self._index

    def trials(self, facts: RuleFacts) -> tuple[Trial, ...]:
        """Return every rule tried, up to and with the one that ends the search."""
        return self._tried(facts, range(len(self.rules)))

    def _tried(self, facts: RuleFacts, places: Iterable[int]) -> tuple[Trial, ...]:
        tried = []
        for place in places:
            rule = self.rules[place]
            trial = rule.trial(facts)
            tried.append(trial)
            if trial.matched and not rule.go_on:
                break
        return tuple(tried)

    def decide(self, facts: RuleFacts) -> Match:
        """Return the rules that match and what they order together; no match leaves the action None.

        Up to `TRACED_WHOLE` rules are all tried, so that the trace tells of each; of more, those that the index
        cannot rule out, so that the time of a decision does not grow with the number of rules.
        """
        whole = len(self.rules) <= TRACED_WHOLE
        tried = self.trials(facts) if whole else self._tried(facts, self._index.candidates(facts))
        matched = tuple(trial.rule for trial in tried if trial.matched)
        action: Action | None = None
        for rule in matched:
            action = rule.action if action is None else combine(action, rule.action)
        return Match(tried, matched, action, 0 if whole else len(self.rules) - len(tried))


def combine(first: Action, later: Action) -> Action:
    """Add a later rule's orders to those of an earlier one, which win; the units to send to are joined."""
    untouched = Action()
    changes: dict[str, Any] = {}
    for name in (field.name for field in fields(Action)):
        mine, neutral = getattr(first, name), getattr(untouched, name)
        if mine == neutral:
            changes[name] = getattr(later, name)
    if first.send is not None and later.send is not None:
        changes["send"] = joined(first.send, later.send)
    return replace(first, **changes)


def joined(first: Send, later: Send) -> Send:
    """Return one list of units out of two; what either leaves out is left out."""
    return Send(
        tuple(dict.fromkeys((*first.to, *later.to))),
        tuple(dict.fromkeys((*first.excepted, *later.excepted))),
        first.template,
        first.copy,
    )
