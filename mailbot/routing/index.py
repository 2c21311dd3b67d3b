"""Which rules a mail can match at all: hashed equality and RE2 sets, so that deciding stays fast with many rules."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import re2

from mailbot.office.text import one_spelling, without_accents
from mailbot.routing.conditions import (
    SENDER,
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mailbot.routing.conditions import Condition, RuleFacts

TEXTS = ("subject", "summary", "attachments", "text")
WORD = re.compile(r"[^\W_]+")
# An RE2 set needs room for the states of all its expressions together; it is asked whether the room was enough.
SET_MEMORY = 1 << 26

# One thing that a mail can show: what is looked at, and what is found there.
Key = tuple[str, str]
# What a mail must show: of each set at least one key. Sets are filed under what they look at.
Needs = dict[tuple[str, ...], frozenset[Key]]
# Of alternatives that look at different things, the one that few mails show is the best to find a rule by.
RARE_FIRST = (*TEXTS, SENDER, "document.number", "document.type", "document.issuer")


@dataclass
class _Vocabulary:
    """How many phrases of the rules hold a word: the rarest word of a phrase is the best key to it."""

    counts: Counter[str] = field(default_factory=Counter)

    def key(self, phrase: Words) -> str | None:
        words = WORD.findall(without_accents(one_spelling(phrase.phrase)))
        return min(words, key=lambda word: (self.counts[word], -len(word))) if words else None

    def learn(self, conditions: Iterable[Condition]) -> None:
        for condition in conditions:
            if isinstance(condition, Branches):
                for branch in condition.branches:
                    self.learn(branch)
            elif isinstance(condition, TextHas):
                for one in (*condition.any, *condition.all):
                    if isinstance(one, Words):
                        self.counts.update(set(WORD.findall(without_accents(one_spelling(one.phrase)))))


def _one_of(name: str, keys: Iterable[str]) -> Needs:
    return {(name,): frozenset((name, key) for key in keys)}


def _of_among(condition: Among, _words: _Vocabulary) -> Needs:
    return _one_of(condition.name, (normal(value) for value in condition.values))


def _of_at_least(condition: AtLeast, _words: _Vocabulary) -> Needs:
    order = condition.order
    return _one_of(condition.name, (normal(value) for value in order[order.index(condition.least) :]))


def _of_sender(condition: SenderIs, _words: _Vocabulary) -> Needs:
    return _one_of(condition.name, condition.targets)


def _of_arrival(condition: ArrivedOn, _words: _Vocabulary) -> Needs:
    return _one_of(condition.name, condition.days)


def _of_text(condition: TextHas, words: _Vocabulary) -> Needs:
    """One of `any` must be there, and each of `all`; what must not be there rules nothing out."""
    each = [_one_of(condition.name, (key,)) for one in condition.all if (key := _text_key(one, words)) is not None]
    keys = [_text_key(one, words) for one in condition.any]
    if keys and None not in keys:
        each.append(_one_of(condition.name, (key for key in keys if key is not None)))
    return _all_of(each)


def _text_key(one: Words | Expression, words: _Vocabulary) -> str | None:
    return words.key(one) if isinstance(one, Words) else str(one)


def _of_branches(condition: Branches, words: _Vocabulary) -> Needs:
    """Every one of several lists is simply more conditions; of alternatives, the best key of each stands together."""
    each = [needs_of(branch, words) for branch in condition.branches]
    if condition.every:
        return _all_of(each)
    if not each or not all(each):
        return {}
    keys = frozenset[Key]().union(*(min(needs.values(), key=_how_common) for needs in each))
    return {tuple(sorted({name for name, _ in keys})): keys}


def _how_common(keys: frozenset[Key]) -> tuple[int, int]:
    ranks = (RARE_FIRST.index(name) if name in RARE_FIRST else len(RARE_FIRST) for name, _ in keys)
    return max(ranks, default=0), len(keys)


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
    return _all_of([NEEDS[type(one)](one, words) for one in conditions if type(one) in NEEDS])


def _all_of(each: Sequence[Needs]) -> Needs:
    together: Needs = {}
    for needs in each:
        for names, keys in needs.items():
            # Two sets for one thing: either is enough to look by, the conditions themselves decide.
            if names not in together or len(keys) < len(together[names]):
                together[names] = keys
    return together


@dataclass(frozen=True)
class _Column:
    """The rules that a key lets in, and those that need none of these keys. Rules are bits of a number."""

    names: tuple[str, ...]
    by_key: Mapping[Key, int]
    free: int


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
        self._columns = [_column(names, needs) for names in dict.fromkeys(names for one in needs for names in one)]
        self._expressions = _expressions(rules)

    def candidates(self, facts: RuleFacts) -> Iterator[int]:
        """Yield the places of the rules that these facts may match, in the order of the rules."""
        shown: dict[str, Iterable[str]] = {}
        left = self._every
        for column in self._columns:
            admitted = column.free
            for name in column.names:
                if name not in shown:
                    shown[name] = self._shown(name, facts)
                for key in shown[name]:
                    admitted |= column.by_key.get((name, key), 0)
            left &= admitted
            if not left:
                return
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest

    def _shown(self, name: str, facts: RuleFacts) -> Iterable[str]:
        if name not in TEXTS:
            return facts.keys(name)
        words = set(WORD.findall(facts.bare(name)))
        expressions = self._expressions.get(name)
        return words | expressions.found(facts.words(name)) if expressions else words


def _column(names: tuple[str, ...], needs: Sequence[Needs]) -> _Column:
    by_key: dict[Key, int] = {}
    free = 0
    for number, need in enumerate(needs):
        if names not in need:
            free |= 1 << number
        for key in need.get(names, ()):
            by_key[key] = by_key.get(key, 0) | 1 << number
    return _Column(names, by_key, free)


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
