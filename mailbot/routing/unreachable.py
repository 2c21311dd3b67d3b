"""Rules that are never tried, because an earlier one takes every mail that they would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.office.text import one_spelling
from mailbot.routing.conditions import (
    Among,
    ArrivedBetween,
    ArrivedOn,
    AtLeast,
    Branches,
    Not,
    SenderIs,
    TextHas,
    Words,
    normal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mailbot.routing.conditions import Condition, Expression
    from mailbot.routing.directory import Directory
    from mailbot.routing.rules import Rule

Conditions = tuple["Condition", ...]
Key = tuple[str, str]


def unreachable(rules: Sequence[Rule], directory: Directory) -> Iterator[tuple[Rule, Rule]]:
    """Yield (rule, the earlier rule that always ends the search before it) in the order of the rules.

    The conditions decide, not the mails of a day: what is yielded can never be tried. The reverse does not hold; two
    earlier rules that cover a third one only together are not found.
    """
    implying = _Implying(directory)
    keyed: dict[Key, list[int]] = {}
    always: list[int] = []
    for place, rule in enumerate(rules):
        conditions = tuple(_flat(rule.conditions))
        looked_up = {key for condition in conditions for key in implying.keys_of_stronger(condition)}
        candidates = {index for key in looked_up for index in keyed.get(key, ())}
        earlier = next(
            (
                rules[index]
                for index in sorted({*candidates, *always})
                if implying.all_hold(tuple(_flat(rules[index].conditions)), conditions)
            ),
            None,
        )
        if earlier is not None:
            yield rule, earlier
        elif not rule.go_on:
            # Filed under the condition that fewest share: with thousands of rules, only those alike are compared.
            ways = [keys for keys in map(implying.keys_of_weaker, conditions) if keys]
            best = min(ways, key=lambda keys: sum(len(keyed.get(key, ())) for key in keys), default=None)
            if best is None:
                always.append(place)
            for key in best or ():
                keyed.setdefault(key, []).append(place)


def _flat(conditions: Conditions) -> Iterator[Condition]:
    """Yield the conditions with those of `all:` lists among them: each must hold anyway."""
    for condition in conditions:
        if isinstance(condition, Branches) and condition.every:
            for branch in condition.branches:
                yield from _flat(branch)
        else:
            yield condition


class _Implying:
    """Answers whether conditions that hold make others hold; the directory knows who is in which group."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._known: dict[str, frozenset[str]] = {}

    def all_hold(self, weaker: Conditions, stronger: Conditions) -> bool:
        """Tell whether every mail that meets all of `stronger` meets all of `weaker`."""
        return all(self.holds(one, stronger) for one in weaker)

    def holds(self, weaker: Condition, stronger: Conditions) -> bool:
        """Tell whether every mail that meets all of `stronger` meets `weaker`."""
        if any(self._implies(one, weaker) for one in stronger):
            return True
        if isinstance(weaker, Branches):
            joined: Callable[[Iterator[bool]], bool] = all if weaker.every else any
            if joined(self.all_hold(tuple(_flat(branch)), stronger) for branch in weaker.branches):
                return True
        # One of several branches holds, whichever: then each of them must do.
        return any(
            all(self.holds(weaker, tuple(_flat(branch))) for branch in one.branches)
            for one in stronger
            if isinstance(one, Branches) and not one.every
        )

    def _implies(self, stronger: Condition, weaker: Condition) -> bool:
        if stronger == weaker:
            return True
        if isinstance(weaker, Not):
            return isinstance(stronger, Not) and self.all_hold(stronger.conditions, weaker.conditions)
        if stronger.name != weaker.name:
            return False
        if isinstance(weaker, AtLeast):
            return _at_least(stronger, weaker)
        if isinstance(weaker, Among):
            return _values(stronger) <= {normal(value) for value in weaker.values}
        if isinstance(weaker, SenderIs) and isinstance(stronger, SenderIs):
            wanted = frozenset(weaker.targets)
            return all(self._is(target, wanted, ()) for target in stronger.targets)
        if isinstance(weaker, ArrivedOn) and isinstance(stronger, ArrivedOn):
            return set(stronger.days) <= set(weaker.days)
        if isinstance(weaker, ArrivedBetween) and isinstance(stronger, ArrivedBetween):
            return set(stronger.spans) <= set(weaker.spans)
        return isinstance(weaker, TextHas) and isinstance(stronger, TextHas) and _text(stronger, weaker)

    def _is(self, target: str, wanted: frozenset[str], way: tuple[str, ...]) -> bool:
        """Tell whether every sender who is `target` is one of `wanted`."""
        if not wanted.isdisjoint(self._also(target)):
            return True
        if target in way:
            return False
        members = self.directory.whole_of(target)
        return bool(members) and all(self._is(member, wanted, (*way, target)) for member in members)

    def _also(self, target: str) -> frozenset[str]:
        found = self._known.get(target)
        if found is None:
            found = self._known[target] = self.directory.also(target)
        return found

    def _reached(self, target: str) -> frozenset[str]:
        """Return targets of which every condition that all senders who are `target` meet names one."""
        found: frozenset[str] = frozenset()
        seen: set[str] = set()
        # Who covers a whole covers its first member too.
        while target not in seen:
            seen.add(target)
            found |= self._also(target)
            target = next(iter(self.directory.whole_of(target)), target)
        return found

    # --- looking candidates up: a condition that implies another shares a key with it ---

    def keys_of_weaker(self, condition: Condition) -> tuple[Key, ...]:
        """Return keys of which every condition that implies this one has one; none when that cannot be said."""
        if isinstance(condition, Among):
            return tuple((condition.name, normal(value)) for value in condition.values)
        if isinstance(condition, SenderIs):
            return tuple((condition.name, target) for target in condition.targets)
        if isinstance(condition, TextHas) and (condition.any or condition.all):
            phrases = condition.any or condition.all[:1]
            return tuple((condition.name, _spelled(one)) for one in phrases)
        if isinstance(condition, Branches):
            lists = [
                next((keys for keys in map(self.keys_of_weaker, _flat(branch)) if keys), ())
                for branch in condition.branches
            ]
            return tuple(key for keys in lists for key in keys) if all(lists) else ()
        return ()

    def keys_of_stronger(self, condition: Condition) -> Iterator[Key]:
        """Yield every key under which a condition that this one implies may be filed."""
        if isinstance(condition, Branches | Not):
            lists = condition.branches if isinstance(condition, Branches) else ()
            for one in (one for branch in lists for one in branch):
                yield from self.keys_of_stronger(one)
        elif isinstance(condition, Among | AtLeast):
            yield from ((condition.name, value) for value in sorted(_values(condition)))
        elif isinstance(condition, SenderIs):
            yield from ((condition.name, target) for target in sorted(self._reached(condition.targets[0])))
        elif isinstance(condition, TextHas):
            yield from ((condition.name, _spelled(one)) for one in (*condition.any, *condition.all))


def _values(condition: Condition) -> frozenset[str]:
    """Return every value that a condition on one value admits."""
    if isinstance(condition, AtLeast):
        return frozenset(map(normal, condition.order[condition.order.index(condition.least) :]))
    return frozenset(map(normal, condition.values)) if isinstance(condition, Among) else frozenset()


def _at_least(stronger: Condition, weaker: AtLeast) -> bool:
    values = _values(stronger)
    return bool(values) and values <= _values(weaker)


def _spelled(one: Words | Expression) -> str:
    return one_spelling(one.phrase) if isinstance(one, Words) else str(one)


def _text(stronger: TextHas, weaker: TextHas) -> bool:
    """Tell whether a text that has what `stronger` asks has what `weaker` asks."""
    some, every, none = ({_spelled(one) for one in ones} for ones in (stronger.any, stronger.all, stronger.none))
    wanted = {_spelled(one) for one in weaker.any}
    any_holds = not wanted or (bool(some) and some <= wanted) or not every.isdisjoint(wanted)
    certain = every | (some if len(some) == 1 else set())
    return (
        any_holds
        and certain >= {_spelled(one) for one in weaker.all}
        and none >= {_spelled(one) for one in weaker.none}
    )
