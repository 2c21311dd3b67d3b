"""Which rules a mail can match at all: hashed equality and RE2 sets, so that deciding stays fast with many rules."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import re2

from mailbot.routing.conditions import (
    Among,
    ArrivedOn,
    AtLeast,
    Branches,
    Expression,
    SenderIs,
    TextHas,
    Words,
    normal,
    regex_options,
)
from mailbot.routing.phrases import folded, unaccented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mailbot.routing.conditions import Condition, RuleFacts

TEXTS = ("subject", "summary", "attachments", "text")
WORD = re.compile(r"[^\W_]+")
# An RE2 set needs room for the states of all its expressions together; it is asked whether the room was enough.
SET_MEMORY = 1 << 26

# What a mail must show, by what is looked at: one of these keys. A rule without an entry takes any mail there.
Needs = dict[str, frozenset[str]]


@dataclass
class _Vocabulary:
    """How many phrases of the rules hold a word: the rarest word of a phrase is the best key to it."""

    counts: Counter[str] = field(default_factory=Counter)

    def key(self, phrase: Words) -> str | None:
        words = WORD.findall(unaccented(folded(phrase.phrase)))
        return min(words, key=lambda word: (self.counts[word], -len(word))) if words else None

    def learn(self, conditions: Iterable[Condition]) -> None:
        for condition in conditions:
            if isinstance(condition, Branches):
                for branch in condition.branches:
                    self.learn(branch)
            elif isinstance(condition, TextHas):
                for one in (*condition.any, *condition.all):
                    if isinstance(one, Words):
                        self.counts.update(set(WORD.findall(unaccented(folded(one.phrase)))))


def _of_among(condition: Among, _words: _Vocabulary) -> Needs:
    return {condition.name: frozenset(normal(value) for value in condition.values)}


def _of_at_least(condition: AtLeast, _words: _Vocabulary) -> Needs:
    order = condition.order
    return {condition.name: frozenset(normal(value) for value in order[order.index(condition.least) :])}


def _of_sender(condition: SenderIs, _words: _Vocabulary) -> Needs:
    return {condition.name: frozenset(condition.targets)}


def _of_arrival(condition: ArrivedOn, _words: _Vocabulary) -> Needs:
    return {condition.name: frozenset(condition.days)}


def _of_text(condition: TextHas, words: _Vocabulary) -> Needs:
    """One of `any` must be there, and the first of `all`; what must not be there rules nothing out."""
    needs: Needs = {}
    if condition.all and (key := _text_key(condition.all[0], words)) is not None:
        needs[f"{condition.name} all"] = frozenset((key,))
    keys = [_text_key(one, words) for one in condition.any]
    if keys and None not in keys:
        needs[condition.name] = frozenset(key for key in keys if key is not None)
    return needs


def _text_key(one: Words | Expression, words: _Vocabulary) -> str | None:
    return words.key(one) if isinstance(one, Words) else str(one)


def _of_branches(condition: Branches, words: _Vocabulary) -> Needs:
    """Every one of several lists is simply more conditions; of at least one, only what all lists need is needed."""
    each = [needs_of(branch, words) for branch in condition.branches]
    if condition.every:
        return _both(each)
    shared = set.intersection(*(set(needs) for needs in each)) if each else set()
    return {name: frozenset[str]().union(*(needs[name] for needs in each)) for name in shared}


NEEDS: Mapping[type, Callable[..., Needs]] = {
    Among: _of_among,
    AtLeast: _of_at_least,
    SenderIs: _of_sender,
    ArrivedOn: _of_arrival,
    TextHas: _of_text,
    Branches: _of_branches,
}


def needs_of(conditions: Sequence[Condition], words: _Vocabulary) -> Needs:
    """Return what a mail must show for all of these conditions; a kind of condition not in the table needs nothing."""
    return _both([NEEDS[type(one)](one, words) for one in conditions if type(one) in NEEDS])


def _both(each: Sequence[Needs]) -> Needs:
    together: Needs = {}
    for needs in each:
        for name, keys in needs.items():
            # Two conditions on one thing: either set is enough to look by, the conditions themselves decide.
            if name not in together or len(keys) < len(together[name]):
                together[name] = keys
    return together


@dataclass(frozen=True)
class _Column:
    """One thing looked at: the rules that a key lets in, and those that take any mail. Rules are bits of a number."""

    by_key: Mapping[str, int]
    free: int

    def admits(self, keys: Iterable[str]) -> int:
        found = self.free
        for key in keys:
            found |= self.by_key.get(key, 0)
        return found


class _Expressions:
    """The expressions on one text, all searched in one pass; when RE2 has no room for that, all count as found."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        options = regex_options()
        options.max_mem = SET_MEMORY
        self._set = re2.Set.SearchSet(options)
        self._keys: list[str | None] = []
        for expression in expressions:
            for spelling in expression.spellings:
                self._set.Add(spelling)
                self._keys.append(str(expression))
        # The empty expression is found in every text, so a search that does not find it was given up.
        self._set.Add("")
        self._keys.append(None)
        self._set.Compile()
        self._all = frozenset(key for key in self._keys if key is not None)

    def found(self, text: str) -> frozenset[str]:
        hits = {self._keys[index] for index in self._set.Match(text)}
        return frozenset(key for key in hits if key is not None) if None in hits else self._all


class Index:
    """The rules of an office, arranged by what a mail must show to match them."""

    def __init__(self, rules: Sequence[Sequence[Condition]]) -> None:
        words = _Vocabulary()
        for conditions in rules:
            words.learn(conditions)
        needs = [needs_of(conditions, words) for conditions in rules]
        self._every = (1 << len(rules)) - 1
        self._columns = {name: self._column(name, needs) for name in dict.fromkeys(n for one in needs for n in one)}
        self._expressions = _expressions(rules)

    def _column(self, name: str, needs: Sequence[Needs]) -> _Column:
        by_key: dict[str, int] = {}
        free = 0
        for number, need in enumerate(needs):
            for key in need.get(name, ()):
                by_key[key] = by_key.get(key, 0) | 1 << number
            if name not in need:
                free |= 1 << number
        return _Column(by_key, free)

    def candidates(self, facts: RuleFacts) -> Iterator[int]:
        """Yield the places of the rules that these facts may match, in the order of the rules."""
        left = self._every
        for name, column in self._columns.items():
            left &= column.admits(self._keys(name.removesuffix(" all"), facts))
            if not left:
                return
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest

    def _keys(self, name: str, facts: RuleFacts) -> Iterable[str]:
        if name not in TEXTS:
            return facts.keys(name)
        words = set(WORD.findall(facts.bare(name)))
        expressions = self._expressions.get(name)
        return words | expressions.found(facts.words(name)) if expressions else words


def _expressions(rules: Sequence[Sequence[Condition]]) -> dict[str, _Expressions]:
    found: dict[str, dict[Expression, None]] = {}
    for conditions in rules:
        for name, expression in _all_expressions(conditions):
            found.setdefault(name, {})[expression] = None
    return {name: _Expressions(tuple(expressions)) for name, expressions in found.items()}


def _all_expressions(conditions: Iterable[Condition]) -> Iterator[tuple[str, Expression]]:
    for condition in conditions:
        if isinstance(condition, Branches):
            for branch in condition.branches:
                yield from _all_expressions(branch)
        elif isinstance(condition, TextHas):
            yield from (
                (condition.name, one) for one in (*condition.any, *condition.all) if isinstance(one, Expression)
            )
