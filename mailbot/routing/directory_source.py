"""The directory as an admin writes it: YAML documents in, a Directory and every mistake out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mailbot.problems import Position, Problem, Text
from mailbot.routing.directory import Directory, RoleHolder, phrase
from mailbot.routing.directory_form import SAME_AS, DirectorySource, GroupSource, PersonSource, UnitSource
from mailbot.routing.model import Channel, Group, Organ, Person, Relation, Term, Unit
from mailbot.yaml_source import YamlDocument, build, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

# How many units a sentence names.
MOST_NAMED = 5


@dataclass
class _Building:
    """What has been read so far: the entries of all files, where each stands, and what is wrong."""

    units: dict[str, UnitSource] = field(default_factory=dict)
    groups: dict[str, GroupSource] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    people: dict[str, PersonSource] = field(default_factory=dict)
    documents: dict[tuple[str, str], YamlDocument] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, section: str, key: str, *path: str | int) -> Position:
        document = self.documents[section, key]
        return document.position((section, key, *path)) if path else document.key_position((section, key))

    def say(self, check: str, place: Position, vi: str, en: str, mend: Text | None = None) -> None:
        self.problems.append(Problem(check, place, Text(vi, en), mend))

    def unknown(self, check: str, place: Position, word: str, known: Sequence[str]) -> None:
        self.problems.append(unknown_name(check, place, word, known))


NOUNS = {
    "unit": "đơn vị",
    "group": "nhóm",
    "role": "vai trò",
    "person": "người",
    "ladder": "lịch đôn đốc",
    "template": "mẫu thư",
    "register": "sổ",
    "mailbox": "hộp thư",
    "relation": "quan hệ",
    "day": "ngày",
    "kind": "loại thư",
    "urgency": "độ khẩn",
    "secrecy": "độ mật",
    "sensitivity": "loại nhạy cảm",
    "rule": "quy tắc",
}


def unknown_name(kind: str, place: Position, word: str, known: Sequence[str]) -> Problem:
    """Return the problem of a name that nothing bears, with the nearest one that something does."""
    guess = nearest(word, tuple(known))
    mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?') if guess else None
    noun = NOUNS.get(kind, kind)
    return Problem(f"unknown.{kind}", place, Text(vi=f"không có {noun} “{word}”", en=f'unknown {kind} "{word}"'), mend)


def build_directory(documents: Sequence[YamlDocument]) -> tuple[Directory, tuple[Problem, ...]]:
    """Return the directory of all files and every mistake in them; what is wrong is left out of the directory."""
    building = _Building()
    for document in documents:
        source, problems = build(DirectorySource, document)
        building.problems.extend(problems)
        _collect(building, source or _salvaged(document), document)
    _imply_groups(building)
    directory = Directory(
        units={key: _unit(building, key, source) for key, source in building.units.items()},
        groups={key: _group(building, key, source) for key, source in building.groups.items()},
        roles={key: tuple(_holders(building, key, holders)) for key, holders in building.roles.items()},
        people={key: _person(key, source) for key, source in building.people.items()},
    )
    _check_references(building, directory)
    _check_overseers(building, directory)
    _check_groups(building, directory)
    _check_addresses(building, directory)
    _check_names(building, directory)
    return directory, tuple(building.problems)


# What stands in for an entry that is told as wrong, so that those who refer to it are not told as wrong too.
STAND_IN = "?"
STAND_INS: Mapping[str, Any] = {
    "units": {"name": STAND_IN, "channel": "paper"},
    "groups": {"name": STAND_IN},
    "roles": ["nobody@example.invalid"],
    "people": {"name": STAND_IN, "mail": "nobody@example.invalid"},
}


def _salvaged(document: YamlDocument) -> DirectorySource:
    """Return what is right in a file with mistakes; a site with mistakes is never used, only checked to its end."""
    kept: dict[str, dict[str, Any]] = {}
    for section, stand_in in STAND_INS.items():
        entries = document.data.get(section) if isinstance(document.data, dict) else None
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            fits = not isinstance(_entry(section, key, entry), ValidationError)
            kept.setdefault(section, {})[key] = entry if fits else stand_in
    return DirectorySource.model_validate(kept)


def _entry(section: str, key: str, entry: Any) -> DirectorySource | ValidationError:
    try:
        return DirectorySource.model_validate({section: {key: entry}})
    except ValidationError as error:
        return error


def _collect(building: _Building, source: DirectorySource, document: YamlDocument) -> None:
    sections: tuple[tuple[str, dict[str, Any], Mapping[str, Any]], ...] = (
        ("units", building.units, source.units),
        ("groups", building.groups, source.groups),
        ("roles", building.roles, source.roles),
        ("people", building.people, source.people),
    )
    for section, known, entries in sections:
        for key, entry in entries.items():
            if key in known:
                first = building.place(section, key)
                place = document.key_position((section, key))
                building.say("directory.twice", place, f"“{key}” đã có ở {first}", f'"{key}" stands already at {first}')
                continue
            known[key] = entry
            building.documents[section, key] = document


def _imply_groups(building: _Building) -> None:
    """Make the groups that units name and nobody declares; told, because a slip of the pen looks just so."""
    for key, source in tuple(building.units.items()):
        for index, group in enumerate(source.groups):
            if group in building.groups:
                continue
            guess = nearest(group, tuple(building.groups))
            place = building.place("units", key, "groups", index)
            vi, en = f"nhóm “{group}” chưa được khai báo", f'the group "{group}" is not declared'
            mend_vi, mend_en = (
                f"khai báo dưới “groups:”: {group}: {{name: …}}",
                f"declare it: groups: {group}: {{name: …}}",
            )
            if guess:
                mend_vi, mend_en = f"{mend_vi}, hay ý bạn là “{guess}”?", f'{mend_en}, or did you mean "{guess}"?'
            building.say("directory.undeclared_group", place, vi, en, Text(mend_vi, mend_en))
            building.groups[group] = GroupSource(name=group)
            building.documents["groups", group] = building.documents["units", key]


def _person(key: str, source: PersonSource, unit: str | None = None) -> Person:
    return Person(key, source.name, source.post, source.mail, source.phone, unit)


def _unit(building: _Building, key: str, source: UnitSource) -> Unit:
    shared = _shares_with(building, key, source)
    organs = (Organ(name, organ.name, organ.symbols, organ.mail, organ.called) for name, organ in source.organs.items())
    return Unit(
        key=key,
        name=source.name,
        position=building.place("units", key),
        called=source.called,
        relation=source.relation,
        symbols=source.symbols,
        parent=source.parent,
        groups=source.groups,
        mail=_own_mail(building.units[shared]) if shared else _own_mail(source),
        shares_mail_with=shared,
        channel=Channel(source.channel),
        people=tuple(_person(name, person, key) for name, person in source.people.items()),
        overseer=source.overseer,
        valid_from=source.valid.since,
        valid_to=source.valid.to,
        merged_into=source.merged_into,
        terms=tuple(Term(term.name, term.since) for term in source.terms),
        organs=tuple(organs),
        hours=source.hours,
    )


def _own_mail(source: UnitSource) -> tuple[str, ...]:
    return tuple(mail for mail in source.mail if not mail.startswith(SAME_AS))


def _shares_with(building: _Building, key: str, source: UnitSource) -> str | None:
    """Follow `same_as:` to the unit whose mailbox it is."""
    seen = [key]
    while True:
        share = next((mail.removeprefix(SAME_AS) for mail in source.mail if mail.startswith(SAME_AS)), None)
        if share is None:
            return seen[-1] if len(seen) > 1 else None
        place = building.place("units", key, "mail")
        if share not in building.units:
            building.unknown("unit", place, share, tuple(building.units))
            return None
        if share in seen:
            building.say("directory.same_as_circle", place, "same_as: đi vòng tròn", "same_as: goes in a circle")
            return None
        seen.append(share)
        source = building.units[share]


def _group(building: _Building, key: str, source: GroupSource) -> Group:
    return Group(key, source.name or key, building.place("groups", key), source.members, source.people, source.called)


def _holders(building: _Building, key: str, holders: tuple[str, ...]) -> Iterator[RoleHolder]:
    names = {person.mail: person.name for person in building.people.values() if person.mail}
    for index, holder in enumerate(holders):
        if not holder.startswith("person:"):
            yield RoleHolder(names.get(holder, ""), holder)
            continue
        place = building.place("roles", key, index)
        person = building.people.get(holder.removeprefix("person:"))
        if person is None:
            building.unknown("person", place, holder.removeprefix("person:"), tuple(building.people))
        elif person.mail is None:
            building.say(
                "directory.no_address", place, f"{person.name} không có địa chỉ thư", f"{person.name} has no mail"
            )
        else:
            yield RoleHolder(person.name, person.mail)
    if not holders:
        place = building.place("roles", key)
        building.say("directory.empty_role", place, f"vai trò “{key}” không có ai", f'nobody holds the role "{key}"')


def _check_references(building: _Building, directory: Directory) -> None:
    for key, source in building.units.items():
        for name, other in (("parent", source.parent), ("merged_into", source.merged_into)):
            if other is not None and other not in directory.units:
                building.unknown("unit", building.place("units", key, name), other, tuple(directory.units))
        if source.overseer is not None:
            problem = check_target(directory, source.overseer, building.place("units", key, "overseer"))
            building.problems.extend((problem,) if problem else ())
        _check_merger(building, key, source)
        closed = source.valid.to is not None
        if source.relation is Relation.SELF or closed or source.channel == "paper" or directory.units[key].mail:
            continue
        shared = directory.units[key].shares_mail_with
        lends = building.units[shared].name if shared is not None else STAND_IN
        if lends == STAND_IN and any(mail.startswith(SAME_AS) for mail in source.mail):
            continue  # told already
        building.say(
            "directory.no_address",
            building.place("units", key),
            f"đơn vị “{key}” ({source.name}) không có địa chỉ thư",
            f'the unit "{key}" ({source.name}) has no mail address',
            Text(
                vi="thêm “mail: [địa chỉ]”, hoặc “channel: paper” nếu đơn vị nhận bản giấy",
                en='add "mail: [address]", or "channel: paper" for a unit that gets paper',
            ),
        )


def _check_merger(building: _Building, key: str, source: UnitSource) -> None:
    if source.merged_into is None or source.valid.to is not None:
        return
    building.say(
        "directory.never_ends",
        building.place("units", key, "merged_into"),
        f"“{key}” sáp nhập vào “{source.merged_into}” nhưng không có ngày cuối, nên thư vẫn gửi cho “{key}”",
        f'"{key}" is merged into "{source.merged_into}" and has no last day, so mail still goes to "{key}"',
        Text(vi="thêm “valid: {to: ngày cuối}”", en='add "valid: {to: its last day}"'),
    )


def _check_overseers(building: _Building, directory: Directory) -> None:
    """Warn of each overseer whom no mail can reach: a step of a ladder that tells them tells nobody."""
    overseen: dict[str, list[str]] = {}
    for key, source in building.units.items():
        if source.overseer is not None:
            overseen.setdefault(source.overseer, []).append(key)
    for overseer, units in overseen.items():
        place = building.place("units", units[0], "overseer")
        if check_target(directory, overseer, place) or directory.addresses(overseer):
            continue
        named = ", ".join(units) if len(units) <= MOST_NAMED else f"{', '.join(units[:MOST_NAMED])}, …"
        building.say(
            "directory.overseer",
            place,
            f"“{overseer}” không có địa chỉ thư, nên báo cáo về {named} không đến được",
            f'"{overseer}" has no mail address, so nothing told of {named} arrives',
            Text(vi=f"thêm “mail:” cho {overseer}", en=f'give {overseer} a "mail:"'),
        )


def check_target(directory: Directory, target: str, place: Position) -> Problem | None:
    """Return what is wrong with a target (`unit:x`, `group:x`, `role:x`, `person:x`, `relation:x`, an address)."""
    kind, colon, key = target.rpartition(":")
    if not colon:
        if "@" in target or target in directory.units or target in directory.groups:
            return None
        return unknown_name("unit", place, target, (*directory.units, *directory.groups))
    names: dict[str, Collection[str]] = {
        "unit": directory.units,
        "group": directory.groups,
        "role": directory.roles,
        "person": directory.people,
        "relation": tuple(Relation),
    }
    if kind not in names:
        kinds = ", ".join(f"{name}:" for name in names)
        text_ = Text(
            vi=f"“{target}” phải bắt đầu bằng {kinds} hoặc là địa chỉ thư", en=f'"{target}" must begin with {kinds}'
        )
        return Problem("unknown.target", place, text_)
    if key in names[kind] or (kind == "person" and directory.person(key)):
        return None
    return unknown_name(kind, place, key, tuple(names[kind]))


def _check_groups(building: _Building, directory: Directory) -> None:
    for key, source in building.groups.items():
        for name, targets in (("members", source.members), ("people", source.people)):
            for index, target in enumerate(targets):
                problem = check_target(directory, target, building.place("groups", key, name, index))
                building.problems.extend((problem,) if problem else ())
        way = _circle(building.groups, key)
        if way:
            said = " > ".join(way)
            place = building.place("groups", key)
            building.say("directory.circle", place, f"nhóm đi vòng tròn: {said}", f"groups go in a circle: {said}")
    for key in sorted(directory.empty_groups() & set(building.groups)):
        if building.groups[key].name == STAND_IN or _circle(building.groups, key):
            continue  # told already
        mend = Text(
            vi=f"thêm “members:” cho nhóm, hoặc ghi “groups: [{key}]” ở các đơn vị thuộc nhóm",
            en=f'give the group "members:", or write "groups: [{key}]" at the units that belong to it',
        )
        vi, en = f"nhóm “{key}” không có ai", f'the group "{key}" is empty'
        building.say("directory.empty_group", building.place("groups", key), vi, en, mend)


def _circle(groups: Mapping[str, GroupSource], start: str) -> tuple[str, ...]:
    """Return the way on which a group comes back to itself; empty when it does not."""
    waiting: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while waiting:
        way = waiting.pop()
        source = groups.get(way[-1])
        for member in source.members if source else ():
            key = member.removeprefix("group:")
            if key == start:
                return (*way, key)
            if key in groups and key not in seen and not member.startswith("unit:"):
                seen.add(key)
                waiting.append((*way, key))
    return ()


def _check_addresses(building: _Building, directory: Directory) -> None:
    """Warn of two units with one address that do not say so: normal life, but often a slip."""
    owners: dict[str, str] = {}
    for unit in directory.units.values():
        for mail in unit.mail if unit.shares_mail_with is None else ():
            first = owners.setdefault(mail.casefold(), unit.key)
            if first != unit.key:
                building.say(
                    "directory.shared_address",
                    building.place("units", unit.key, "mail"),
                    f"{mail} cũng là địa chỉ của “{first}”",
                    f'{mail} is the address of "{first}" too',
                    Text(
                        vi=f"nếu dùng chung hộp thư, viết mail: same_as:{first}",
                        en=f"when they share a mailbox, write mail: same_as:{first}",
                    ),
                )


def _check_names(building: _Building, directory: Directory) -> None:
    """Warn of a name that two units bear: a paper addressed so goes to the clerk, nothing is guessed."""
    owners: dict[str, str] = {}
    for target, name in directory.names():
        if name == STAND_IN:
            continue
        first = owners.setdefault(phrase(name), target)
        if first == target:
            continue
        kind, _, key = target.partition(":")
        building.say(
            "directory.one_name",
            building.place({"unit": "units", "group": "groups", "person": "people"}[kind], key),
            f"“{name}” cũng là tên của {first}: thư gửi tên này sẽ hỏi văn thư",
            f'"{name}" is a name of {first} too: papers addressed so will be put before the clerk',
        )
