"""Units, groups, roles and people: who is meant by a name, an address or a target, on a given day."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mailbot.office.text import fold, one_spelling, without_accents
from mailbot.routing.model import Channel, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from mailbot.routing.model import Group, Person, Unit

# How many neighbouring parts of a line may belong to one name: “các chi, đảng bộ, ban, ngành trực thuộc”.
LONGEST_NAME_IN_PARTS = 6
# A chain of mergers is followed this far; two units merged into each other would be followed for ever.
LONGEST_MERGER = 20

EXCEPTION = re.compile(r"\((?:trừ|ngoại trừ|không gồm|tru)\s+([^()]*)\)")
NOTE = re.compile(r"\(([^()]*)\)")
# Whoever gets a paper for information is never asked for a report (domain: Nơi nhận with purposes).
FOR_INFORMATION = re.compile(r"\b(?:để b/?c|để báo cáo|báo cáo|để biết|b/?c|de b/?c|de bao cao|bao cao|de biet)\b")
NOBODY = re.compile(r"^(?:như (?:trên|kính gửi|thành phần|điều)|lưu|nhu (?:tren|kinh gui|thanh phan|dieu)|luu)\b")
COURTESY = re.compile(r"^(?:kính gửi|kinh gui|các đồng chí|cac dong chi|đồng chí|dong chi|đ/c|d/c)\s*:?\s+")
SEPARATOR = re.compile(r"(\s*[,;]\s*|\s+(?:và|va)\s+)")
NOISE = re.compile(r"[^\w/&]+")
HOUSE_NUMBER = re.compile(r"\b(?:số |so )?0*(\d+)\b")


def phrase(text: str) -> str:
    """Return a name as the index holds it: folded, without punctuation, `số 05` as `5`."""
    return HOUSE_NUMBER.sub(r"\1", NOISE.sub(" ", one_spelling(text)).strip())


def _addresses_of(unit: Unit) -> Iterator[str]:
    """Yield every address from which a unit writes: its own, those of its people and organs."""
    yield from unit.mail
    yield from (person.mail for person in unit.people if person.mail)
    yield from (mail for organ in unit.organs for mail in organ.mail)


def _owners(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return who owns each key, each owner once."""
    found: dict[str, dict[str, None]] = {}
    for key, owner in pairs:
        found.setdefault(key, {})[owner] = None
    return {key: tuple(owners) for key, owners in found.items()}


@dataclass(frozen=True, slots=True)
class Expansion:
    """One unit that a target means, and by which way: `group:chi-bo > group:to-dan-pho`; `line` is what named it."""

    unit: str
    because: str
    line: str = ""


@dataclass(frozen=True)
class RoleHolder:
    """Somebody who holds a role: a mail address, and the name where the directory knows it."""

    name: str
    address: str


@dataclass(frozen=True)
class AddresseeResult:
    """What the addressee lines of a paper mean: units, people, copies for information, and lines that name nobody."""

    expansions: tuple[Expansion, ...] = ()
    unknown_lines: tuple[str, ...] = ()
    excepted: tuple[Expansion, ...] = ()
    copies: tuple[Expansion, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)  # and the line that names each


@dataclass
class _Found:
    """Collects what lines mean, each unit once, in the order of the lines."""

    units: dict[str, Expansion] = field(default_factory=dict)
    copies: dict[str, Expansion] = field(default_factory=dict)
    excepted: dict[str, Expansion] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)  # and the line that names them
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Directory:
    """Everybody whom the office knows; built once from a checked site, every question answered from an index."""

    units: Mapping[str, Unit]
    groups: Mapping[str, Group]
    roles: Mapping[str, tuple[RoleHolder, ...]]
    people: Mapping[str, Person]

    def unit(self, key: str) -> Unit | None:
        """Return the unit of that key."""
        return self.units.get(key)

    def person(self, key: str) -> Person | None:
        """Return a person by key: `dbv-1`, or `tdp-5/bi-thu` for one whom a unit lists."""
        return self.people.get(key) or self.people_of_units.get(key)

    # --- targets: unit:x, group:x, relation:x, role:x, person:x, an address ---

    def expand(self, target: str, day: date) -> tuple[Expansion, ...]:
        """Return the units that a target means on that day, each once; merged units are followed to their heir."""
        found: dict[str, Expansion] = {}
        for key, because in self._members(target, ()):
            living = self.living(key, day)
            if living is not None and living not in found:
                reason = because if living == key else f"{because} > merged from {key}"
                found[living] = Expansion(living, reason)
        return tuple(found.values())

    def living(self, key: str, day: date) -> str | None:
        """Return the unit itself, or the one it was merged into by that day; None when there is none then."""
        unit = self.units.get(key)
        for _ in range(LONGEST_MERGER):
            if unit is None or unit.valid_on(day):
                return unit.key if unit else None
            over = unit.valid_to is not None and day > unit.valid_to
            unit = self.units.get(unit.merged_into) if over and unit.merged_into else None
        return None

    def _members(self, target: str, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield unit keys with the way to them; a group that contains itself is refused when the site is checked."""
        kind, _, key = target.rpartition(":")
        here = (*way, target)
        if target in way:
            return
        if kind == "group" or (not kind and key in self.groups and key not in self.units):
            said = " > ".join(here)
            for member in self._direct_members.get(key, ()):
                unit = member.removeprefix("unit:")
                if unit in self.units:
                    yield unit, said
                else:
                    yield from self._members(member, here)
        elif kind == "relation":
            said = " > ".join(here)
            for unit in self._by_relation.get(key, ()):
                yield unit, said
        elif kind in ("", "unit") and key in self.units:
            yield key, " > ".join(way) or target

    @cached_property
    def _direct_members(self) -> dict[str, tuple[str, ...]]:
        members = {key: list(group.members) for key, group in self.groups.items()}
        for unit in self.units.values():
            for group in unit.groups:
                members.setdefault(group, []).append(f"unit:{unit.key}")
        return {key: tuple(dict.fromkeys(targets)) for key, targets in members.items()}

    @cached_property
    def _by_relation(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for unit in self.units.values():
            found.setdefault(str(unit.relation), []).append(unit.key)
        return {relation: tuple(keys) for relation, keys in found.items()}

    @cached_property
    def people_of_units(self) -> dict[str, Person]:
        """Return the people whom units list, by key: `tdp-5/bi-thu`."""
        return {f"{unit.key}/{person.key}": person for unit in self.units.values() for person in unit.people}

    def people_of(self, target: str) -> tuple[str, ...]:
        """Return the `person:` targets of a group of people, through groups of groups; a person is its own."""
        kind, _, key = target.rpartition(":")
        if kind == "person":
            return (target,)
        return tuple(dict.fromkeys(self._group_people(key, ()))) if kind == "group" else ()

    def _group_people(self, key: str, way: tuple[str, ...]) -> Iterator[str]:
        group = self.groups.get(key)
        if group is None or key in way:
            return
        yield from group.people
        for member in group.members:
            if member.startswith("group:"):
                yield from self._group_people(member.removeprefix("group:"), (*way, key))

    def addresses(self, target: str) -> tuple[tuple[str, str], ...]:
        """Return (name, address) pairs of a role, a person, a unit (in the order to try), or a plain address."""
        kind, _, key = target.rpartition(":")
        if kind == "role":
            return tuple((holder.name, holder.address) for holder in self.roles.get(key, ()))
        if kind == "person":
            person = self.person(key)
            return ((person.name, person.mail),) if person and person.mail else ()
        if kind == "group":
            return tuple(pair for person in self.people_of(target) for pair in self.addresses(person))
        if "@" in key and not kind:
            return ((self._names_of_people.get(key.casefold(), ""), key),)
        unit = self.units.get(key) if kind in ("", "unit") else None
        if unit is None or unit.channel is Channel.PAPER:
            return ()
        return tuple((unit.name, address) for address in unit.mail)

    @cached_property
    def _names_of_people(self) -> dict[str, str]:
        everybody = (*self.people.values(), *self.people_of_units.values())
        return {person.mail.casefold(): person.name for person in everybody if person.mail}

    # --- addresses: who writes from here? ---

    @cached_property
    def _units_by_address(self) -> dict[str, tuple[str, ...]]:
        return _owners((mail.casefold(), unit.key) for unit in self.units.values() for mail in _addresses_of(unit))

    @cached_property
    def _roles_by_address(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for role, holders in self.roles.items():
            for holder in holders:
                found.setdefault(holder.address.casefold(), set()).add(role)
        return {address: frozenset(roles) for address, roles in found.items()}

    @cached_property
    def _people_by_address(self) -> dict[str, tuple[str, ...]]:
        everybody = (*self.people.items(), *self.people_of_units.items())
        return _owners((person.mail.casefold(), key) for key, person in everybody if person.mail)

    @cached_property
    def every_address(self) -> frozenset[str]:
        """Every registered address, of units, roles and people, in small letters."""
        return frozenset((*self._units_by_address, *self._roles_by_address, *self._people_by_address))

    def units_at(self, address: str) -> tuple[str, ...]:
        """Return the units that write from this address: their own mailboxes, those of their people and organs."""
        return self._units_by_address.get(address.casefold(), ())

    def roles_at(self, address: str) -> frozenset[str]:
        """Return the roles held at this address."""
        return self._roles_by_address.get(address.casefold(), frozenset())

    def people_at(self, address: str) -> tuple[str, ...]:
        """Return the keys of the people who write from this address."""
        return self._people_by_address.get(address.casefold(), ())

    @cached_property
    def _groups_of_member(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for group, members in self._direct_members.items():
            for member in members:
                target = member if ":" in member else f"unit:{member}"
                found.setdefault(target, []).append(f"group:{group}")
        for key, people in self.groups.items():
            for person in people.people:
                found.setdefault(person, []).append(f"group:{key}")
        return {member: tuple(groups) for member, groups in found.items()}

    def sender_targets(self, address: str) -> frozenset[str]:
        """Return every target of a `from:` condition that this sender is: units, groups, roles, domain."""
        lower = address.casefold()
        targets = {lower, "@" + lower.rpartition("@")[2]}
        targets.update(f"role:{role}" for role in self.roles_at(lower))
        waiting = [f"person:{key}" for key in self.people_at(lower)]
        for key in self.units_at(lower):
            waiting += [f"unit:{key}", f"relation:{self.units[key].relation}"]
        return frozenset(targets) | self._upwards(waiting)

    def _upwards(self, waiting: list[str]) -> frozenset[str]:
        """Return these targets and every group that they are in, through groups of groups."""
        targets: set[str] = set()
        while waiting:
            target = waiting.pop()
            if target not in targets:
                targets.add(target)
                waiting.extend(self._groups_of_member.get(target, ()))
        return frozenset(targets)

    def also(self, target: str) -> frozenset[str]:
        """Return the targets that every sender is who is `target`: itself, its groups, the relation of a unit."""
        if "@" in target:
            return frozenset((target,)) if target.startswith("@") else self.sender_targets(target)
        kind, _, key = target.rpartition(":")
        unit = self.units.get(key) if kind == "unit" else None
        return self._upwards([target, *((f"relation:{unit.relation}",) if unit is not None else ())])

    def whole_of(self, target: str) -> tuple[str, ...]:
        """Return the targets of which every sender who is `target` is one; nothing when nobody is listed."""
        kind, _, key = target.rpartition(":")
        if kind == "group":
            group = self.groups.get(key)
            listed = (*self._direct_members.get(key, ()), *(group.people if group else ()))
            return tuple(map(self.normal_target, listed))
        if kind == "relation":
            return tuple(f"unit:{unit}" for unit in self._by_relation.get(key, ()))
        return tuple(address.casefold() for _, address in self.addresses(target)) if kind in ("role", "person") else ()

    def empty_groups(self) -> frozenset[str]:
        """Return the keys of groups in which nobody is, whatever the day, through groups of groups."""
        return frozenset(
            key
            for key in self.groups
            if not self.people_of(f"group:{key}") and next(self._members(f"group:{key}", ()), None) is None
        )

    def sender_matches(self, target: str, address: str) -> bool:
        """Tell whether a `from:` target (role:, unit:, group:, relation:, person:, address, @domain) is this sender."""
        return self.normal_target(target) in self.sender_targets(address)

    def normal_target(self, target: str) -> str:
        """Return a target as `sender_targets` spells it: addresses in lower case, a bare key with its kind."""
        if "@" in target:
            return target.casefold()
        if ":" in target:
            return target
        return f"unit:{target}" if target in self.units else f"group:{target}"

    # --- symbols: whose paper is it? ---

    @cached_property
    def _by_symbol(self) -> dict[str, tuple[str, ...]]:
        return _owners((fold(symbol), unit.key) for unit in self.units.values() for symbol in unit.symbols)

    @cached_property
    def _superiors_by_symbol(self) -> dict[str, tuple[str, ...]]:
        superiors = (unit for unit in self.units.values() if unit.relation is Relation.SUPERIOR)
        return _owners(
            (fold(symbol), unit.key)
            for unit in superiors
            for symbol in (*unit.symbols, *(each for organ in unit.organs for each in organ.symbols))
        )

    def bearing(self, symbol: str) -> tuple[str, ...]:
        """Return the units that number their papers with this symbol (`ĐU`), accents and letter case aside."""
        return self._by_symbol.get(fold(symbol), ())

    def superiors_bearing(self, symbol: str) -> tuple[str, ...]:
        """Return the superiors that number their papers with this symbol, themselves or one of their organs."""
        return self._superiors_by_symbol.get(fold(symbol), ())

    # --- names: whom do the addressee lines mean? ---

    @cached_property
    def _by_phrase(self) -> dict[str, frozenset[str]]:
        """Every name folded, and once more without accents: a mail typed on a phone names units so."""
        found: dict[str, set[str]] = {}
        for target, name in self.names():
            # Lines are looked up without "các đồng chí", so a name that begins so is known without it too.
            for written in {phrase(name), phrase(COURTESY.sub("", one_spelling(name)))}:
                found.setdefault(written, set()).add(target)
                found.setdefault(without_accents(written), set()).add(target)
        return {key: frozenset(targets) for key, targets in found.items()}

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield (target, name) for every way in which a unit, its organs, a group or a person is called."""
        for unit in self.units.values():
            for name in (unit.name, *unit.called):
                yield f"unit:{unit.key}", name
            for organ in unit.organs:
                for name in (organ.name, *organ.called):
                    yield f"unit:{unit.key}", name
        for group in self.groups.values():
            for name in (group.name, *group.called):
                yield f"group:{group.key}", name
        for key, person in self.people.items():
            yield f"person:{key}", person.name

    def called(self, name: str) -> str | None:
        """Return the one target that is called so; None for nobody and for several of one name."""
        targets = self._by_phrase.get(phrase(COURTESY.sub("", one_spelling(name))), frozenset())
        return next(iter(targets)) if len(targets) == 1 else None

    @cached_property
    def _spellings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _, name in self.names():
            found.setdefault(phrase(name), name)
        return found

    def spelled(self, name: str) -> str | None:
        """Return a name (printed in capitals, perhaps) as the directory spells it; None when it has none such."""
        return self._spellings.get(phrase(name))

    def addressees(self, lines: Sequence[str], day: date) -> AddresseeResult:
        """Return whom `Kính gửi` or `Nơi nhận` lines mean that day; `(trừ …)` is understood, nothing guessed."""
        found = _Found()
        for line in lines:
            self._line(line, day, found)
        return AddresseeResult(
            tuple(found.units.values()),
            tuple(found.unknown),
            tuple(found.excepted.values()),
            tuple(one for key, one in found.copies.items() if key not in found.units),
            dict(found.people),
        )

    def _line(self, line: str, day: date, found: _Found) -> None:
        words = one_spelling(line).lstrip("-–+*• ")
        if not words or NOBODY.match(words):
            return
        excluded, unknown_exception = self._excluded(words, day)
        words = EXCEPTION.sub(" ", words)
        notes = " ".join(NOTE.findall(words))
        targets, leftover = self.named(NOTE.sub(" ", words))
        informed = FOR_INFORMATION.search(notes) is not None
        if (unknown_exception or leftover) and not informed:
            found.unknown.append(line)
        if unknown_exception:
            return  # an exception that names nobody known could send to exactly the wrong unit: the whole line waits
        into = found.copies if informed else found.units
        for target in targets:
            if not informed:
                found.people.update({one: line for one in self.people_of(target) if one not in excluded})
            for one in self.expand(target, day):
                named = Expansion(one.unit, one.because, line)
                (found.excepted if one.unit in excluded else into).setdefault(one.unit, named)

    def _excluded(self, words: str, day: date) -> tuple[frozenset[str], bool]:
        keys: set[str] = set()
        unknown = False
        for inside in EXCEPTION.findall(words):
            targets, leftover = self.named(inside)
            unknown = unknown or bool(leftover) or not targets
            keys.update(one.unit for target in targets for one in self.expand(target, day))
            keys.update(one for target in targets for one in self.people_of(target))
        return frozenset(keys), unknown

    def named(self, words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Split a line into the longest names that the index knows; return targets and the parts that name nobody."""
        parts = SEPARATOR.split(COURTESY.sub("", words.strip()).strip(" .;,/:"))
        names, between = parts[::2], parts[1::2]
        targets: list[str] = []
        leftover: list[str] = []
        start = 0
        while start < len(names):
            taken = self._longest(names, between, start)
            if taken is None:
                if phrase(names[start]):
                    leftover.append(names[start].strip())
                start += 1
            else:
                target, start = taken
                targets.append(target)
        return tuple(targets), tuple(leftover)

    def _longest(self, names: Sequence[str], between: Sequence[str], start: int) -> tuple[str, int] | None:
        for end in range(min(len(names), start + LONGEST_NAME_IN_PARTS), start, -1):
            pieces: Iterable[str] = (names[i] + (between[i] if i < end - 1 else "") for i in range(start, end))
            target = self.called("".join(pieces))
            if target is not None:
                return target, end
        return None
