"""Whom the office's own people mean by a few words: `đ/c Bình`, a post, a unit, a group, a role; nobody is guessed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.office.text import fold, one_spelling, without_accents
from mailbot.routing.model import Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Person, Site

# How offices shorten; folded, whole words.
SHORT = {
    "vp": "van phong",
    "cvp": "chanh van phong",
    "pcvp": "pho chanh van phong",
    "bt": "bi thu",
    "pbt": "pho bi thu",
    "tt": "thuong truc",
    "btv": "ban thuong vu",
    "bch": "ban chap hanh",
    "xdd": "xay dung dang",
    "xdđ": "xay dung dang",
    "ubkt": "uy ban kiem tra",
    "ct": "chu tich",
    "pct": "pho chu tich",
    "cb": "chi bo",
    "tdp": "to dan pho",
    "vt": "van thu",
}
TITLE = re.compile(
    r"^(?:(?:cac )?(?:đồng chí|dong chi|đ/c|d/c|đ\.c|đc(?= )|dc(?= ))|anh|chị|chi(?! b)|em|ông|ong|bà)\s+",
    re.IGNORECASE,
)
REMARK = re.compile(r"\([^()]*\)")
SELF = frozenset({"toi", "minh", "anh"})
OFFICE_ROOM = frozenset({"van phong", "van phong dang uy", "van phong quan uy", "van phong huyen uy"})
NEAR, MOST_NEAR = 0.7, 4
MOST_CHOICES = 6


@dataclass(frozen=True)
class Meant:
    """A few words and whom they may mean: one target is sure, several are choices, none is unknown.

    `near` are targets with a similar name, to be offered where nobody is called so.
    """

    words: str
    targets: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Tell whether exactly one is meant."""
        return len(self.targets) == 1


def who_is(words: str, site: Site, giver: str, day: date) -> tuple[Meant, ...]:
    """Return whom each name in `words` (`đ/c Bình và VP`) means on a day; `giver` is the address of who says it."""
    directory = site.directory
    plain = REMARK.sub(" ", TITLE.sub("", words.strip())).strip(" .,;:")
    known, leftover = directory.named(plain)
    sure = tuple(Meant(name_of(target, directory), (target,)) for target in known if _may_get(target, directory))
    titled = TITLE.match(words.strip()) is not None
    return (*sure, *(_one(name, site, giver, day, titled=titled) for name in leftover))


def name_of(target: str, directory: Directory) -> str:
    """Return how a target is called where people read it."""
    kind, _, key = target.partition(":")
    if kind == "person":
        person = directory.person(key)
        return f"đ/c {person.name}" if person else key
    if kind == "role":
        holders = directory.addresses(target)
        return (holders[0][0] and f"đ/c {holders[0][0]}") or key.replace("-", " ") if holders else key
    found = directory.units.get(key) if kind == "unit" else directory.groups.get(key)
    return found.name if found else key


def _may_get(target: str, directory: Directory) -> bool:
    """Tell whether the office can give something to a target: never to a superior, nor to itself as a unit."""
    kind, _, key = target.partition(":")
    unit = directory.units.get(key) if kind == "unit" else None
    return unit is None or unit.relation not in (Relation.SUPERIOR, Relation.SELF)


def _one(words: str, site: Site, giver: str, day: date, *, titled: bool) -> Meant:
    directory = site.directory
    name = TITLE.sub("", words.strip())
    titled = titled or name != words.strip()
    found = tuple(dict.fromkeys(_found(name, site, giver, day, titled=titled)))
    if found:
        return Meant(words.strip(), found[:MOST_CHOICES])
    return Meant(words.strip(), (), _near(name, directory))


def _found(name: str, site: Site, giver: str, day: date, *, titled: bool) -> tuple[str, ...]:
    """Return the targets of the first way of naming that finds any."""
    directory, folded = site.directory, _long(name)
    if folded in SELF:
        return tuple(f"person:{key}" for key in directory.people_at(giver))
    if folded in OFFICE_ROOM and not titled:
        holders = {address.casefold() for _, address in directory.addresses(site.officers.leader)}
        return _person_of(site.officers.clerk if giver.casefold() in holders else site.officers.leader, directory)
    for people in (directory.people.items(), directory.people_of_units.items()):
        named = tuple(f"person:{key}" for key, person in people if _is(name, folded, person))
        if named:
            return named
    if titled:
        return ()
    roles = tuple(f"role:{key}" for key in directory.roles if key.replace("-", " ") == folded)
    return roles or _once(_containing(folded, directory), site, day)


def _once(targets: Iterable[str], site: Site, day: date) -> tuple[str, ...]:
    """Return targets without those that mean the very same units as one before."""
    found: dict[tuple[str, ...], str] = {}
    for target in targets:
        units = tuple(sorted(units_of([target], site, day))) or (target,)
        found.setdefault(units, target)
    return tuple(found.values())


def _person_of(target: str, directory: Directory) -> tuple[str, ...]:
    """Return the person who holds a role, as the directory lists them; the role itself where it lists nobody."""
    for _, address in directory.addresses(target)[:1]:
        people = directory.people_at(address)
        return (f"person:{people[0]}",) if people else (target,)
    return ()


def _long(name: str) -> str:
    """Return a name folded, its abbreviations written out."""
    return " ".join(SHORT.get(word, word) for word in re.findall(r"[\w/]+", fold(name)))


def _is(name: str, folded: str, person: Person) -> bool:
    """Tell whether words name a person: the last of their names, more of them, their post, or post and name."""
    words = folded.split()
    post = fold(person.post or "").split()
    if words and post[: len(words)] == words:
        return True
    written = one_spelling(name)
    exact = written if written != without_accents(written) else None
    for start in range(len(words)):
        if start and post[:start] != words[:start]:
            continue
        if _ends_with(exact.split()[-(len(words) - start) :] if exact else words[start:], person, accents=bool(exact)):
            return True
    return False


def _ends_with(words: list[str], person: Person, *, accents: bool) -> bool:
    """Tell whether names are the last of a person's, in their order; middle ones may be left out."""
    own = one_spelling(person.name).split()
    if not accents:
        own = [without_accents(word) for word in own]
    if not words or own[-1] != words[-1]:
        return False
    rest = iter(own)
    return all(word in rest for word in words)


def _containing(folded: str, directory: Directory) -> Iterator[str]:
    """Yield the units and groups in whose name the words stand, as whole words."""
    if len(folded) < len("xa") or not folded:
        return
    wanted = re.compile(rf"\b{re.escape(folded)}\b")
    for target, name in directory.names():
        if not target.startswith("person:") and wanted.search(_long(name)) and _may_get(target, directory):
            yield target


def _near(name: str, directory: Directory) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for target, written in directory.names():
        if _may_get(target, directory):
            names.setdefault(_long(written), target)
            if target.startswith("person:"):
                names.setdefault(_long(written).split()[-1], target)
    close = difflib.get_close_matches(_long(name), names, MOST_NEAR, NEAR)
    return tuple(dict.fromkeys(names[one] for one in close))


def units_of(targets: Iterable[str], site: Site, day: date) -> tuple[str, ...]:
    """Return the units that targets mean on that day, each once, without this office itself."""
    found = (one.unit for target in targets for one in site.directory.expand(target, day))
    return tuple(unit for unit in dict.fromkeys(found) if unit != site.office.unit)
