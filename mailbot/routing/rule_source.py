"""Rules and ladders as an admin writes them: YAML documents in, a Ruleset, ladders and every mistake out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, ValidationError

from mailbot.problems import Position, Problem, Text
from mailbot.routing.actions import ThenSource, build_action
from mailbot.routing.conditions import (
    ARRIVAL_DAYS,
    KINDS,
    SECRECIES,
    SENSITIVITIES,
    URGENCIES,
    Among,
    ArrivedBetween,
    ArrivedOn,
    AtLeast,
    Branches,
    Expression,
    Not,
    SenderIs,
    TextHas,
    Words,
)
from mailbot.routing.directory_source import check_target, unknown_name
from mailbot.routing.model import Direction, Do, Ladder, Step
from mailbot.routing.rule_doubts import doubtful_ladders, sends_to_nobody, unreachable_rules
from mailbot.routing.rules import Rule, Ruleset
from mailbot.routing.spans import StepText, StepTime  # noqa: TC001 - pydantic reads the annotations
from mailbot.yaml_source import Strict, YamlDocument, build
from mailbot.yaml_values import Flag, Line, Lines, PartsOfDay, flag, listed, mapping, one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from mailbot.routing.conditions import Condition
    from mailbot.routing.directory import Directory
    from mailbot.yaml_source import Path


def level(value: Any) -> Any:
    """Let `urgent` or `[urgent, express]` stand for `{in: […]}`; `{at_least: urgent}` stays."""
    return value if isinstance(value, dict) else {"in": one_or_many(value)}


def phrases(value: Any) -> Any:
    """Let `báo cáo` or a list of phrases stand for `{any: […]}`."""
    return value if isinstance(value, dict) else {"any": one_or_many(value)}


class LevelWhen(Strict):
    """Values of an ordered list: some of them, or all from one on."""

    among: Lines = Field((), alias="in")
    at_least: Line | None = None


class TextWhen(Strict):
    """Phrases of a text, and expressions (RE2) of which one must be found."""

    any: Lines = ()
    all: Lines = ()
    none: Lines = ()
    regex: Lines = ()


Level = Annotated[LevelWhen, BeforeValidator(level)]
Phrases = Annotated[TextWhen, BeforeValidator(phrases)]


class DocumentWhen(Strict):
    """What the main document must be."""

    type: Lines = ()
    issuer: Lines = ()
    urgency: Level | None = None
    draft: Flag | None = None
    number: Flag | None = None


class ArrivedWhen(Strict):
    """When the mail came, by the office's zone and calendar."""

    on: Lines = ()
    between: PartsOfDay = ()
    office_hours: Flag | None = None


class When(Strict):
    """All the conditions of a rule; every one must hold."""

    direction: Literal["incoming", "outgoing"] | None = None
    mailbox: Lines = ()
    sender: Lines = Field((), alias="from")
    kind: Lines = ()
    arrived: ArrivedWhen | None = None
    document: DocumentWhen | None = None
    subject: Phrases | None = None
    summary: Phrases | None = None
    attachments: Phrases | None = None
    text: Phrases | None = None
    secrecy: Level | None = None
    sensitivity: Level | None = None
    not_: When | None = Field(None, alias="not")
    any: Annotated[tuple[When, ...], BeforeValidator(listed)] = ()
    all: Annotated[tuple[When, ...], BeforeValidator(listed)] = ()


class RuleSource(Strict):
    """One rule."""

    id: Line
    title: Line | None = None
    when: Annotated[When, BeforeValidator(mapping)]
    then: ThenSource
    go_on: Annotated[bool, PlainValidator(flag)] = False


class StepSource(Strict):
    """One rung of a ladder."""

    at: StepText
    do: Literal["remind", "list"]
    to: Lines = ()


Steps = Annotated[tuple[StepSource, ...], BeforeValidator(listed)]


def entries(value: Any) -> Any:
    """Let an empty value stand for no entries."""
    return listed(value or [])


class RulesFile(Strict):
    """One file of rules."""

    rules: Annotated[tuple[RuleSource, ...], BeforeValidator(entries)] = ()
    ladders: Annotated[dict[str, Steps], BeforeValidator(mapping)] = Field(default_factory=dict)


@dataclass(frozen=True)
class Names:
    """What rules may refer to besides the directory; no templates means that they are not known here."""

    registers: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


@dataclass
class _Building:
    directory: Directory
    names: Names
    ladders: dict[str, Ladder] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ids: dict[str, Position] = field(default_factory=dict)
    places: dict[str, tuple[YamlDocument, int]] = field(default_factory=dict)  # of a rule: its file, its number there
    ladder_documents: dict[str, YamlDocument] = field(default_factory=dict)


@dataclass(frozen=True)
class Built:
    """The rules and ladders of all files, and what is wrong with them."""

    rules: Ruleset
    ladders: dict[str, Ladder]
    problems: tuple[Problem, ...]


def build_rules(
    documents: Sequence[YamlDocument], directory: Directory, names: Names, today: date | None = None
) -> Built:
    """Return the rules in file order; a rule with a mistake is left out and told.

    What looks useless is told when nothing is wrong, since a rule that is left out makes ladders look so; whom groups
    mean is looked at on `today`, or not at all.
    """
    building = _Building(directory, names)
    read = [_read(building, document) for document in documents]
    for document, file in zip(documents, read, strict=True):
        for key, steps in file.ladders.items():
            _ladder(building, document, key, steps)
    rules = []
    for document, file in zip(documents, read, strict=True):
        for index, source in file.rules:
            rules.append(_rule(building, document, source, index))
    building.problems.extend(unreachable_rules(rules, directory))
    if not any(not problem.warning for problem in building.problems):
        building.problems.extend(_doubts(building, rules, today))
    return Built(Ruleset(tuple(rules)), building.ladders, tuple(building.problems))


@dataclass(frozen=True)
class _File:
    """What could be read of one file: rules with their place in it, and ladders."""

    rules: tuple[tuple[int, RuleSource], ...]
    ladders: Mapping[str, tuple[StepSource, ...]]


# Stands in for a ladder that is told as wrong, so that the rules that name it are not told as wrong too.
ANY_LADDER = [{"at": "due", "do": "remind"}]


def _read(building: _Building, document: YamlDocument) -> _File:
    """Read a file whole; when it has mistakes, tell them and read what is right, so that all is checked."""
    source, problems = build(RulesFile, document)
    building.problems.extend(problems)
    if source is not None:
        return _File(tuple(enumerate(source.rules)), source.ladders)
    data = document.data if isinstance(document.data, dict) else {}
    rules, ladders = data.get("rules"), data.get("ladders")
    right: list[tuple[int, RuleSource]] = []
    for index, entry in enumerate(rules if isinstance(rules, list) else ()):
        found = _fitting({"rules": [entry]})
        right.extend((index, rule) for rule in found.rules)
    known: dict[str, tuple[StepSource, ...]] = {}
    for key, steps in ladders.items() if isinstance(ladders, dict) else ():
        known.update(_fitting({"ladders": {key: steps}}).ladders or _fitting({"ladders": {key: ANY_LADDER}}).ladders)
    return _File(tuple(right), known)


def _fitting(data: dict[str, Any]) -> RulesFile:
    try:
        return RulesFile.model_validate(data)
    except ValidationError:
        return RulesFile()


# Whom a ladder step may tell besides targets of the directory: the unit's own overseer, and the unit itself.
STEP_TARGETS = ("overseer", "unit")


def _ladder(building: _Building, document: YamlDocument, key: str, steps: tuple[StepSource, ...]) -> None:
    path: Path = ("ladders", key)
    place = document.key_position(path)
    if key in building.ladders:
        first = building.ladders[key].position
        text = Text(vi=f"lịch đôn đốc “{key}” đã có ở {first}", en=f'the ladder "{key}" stands already at {first}')
        building.problems.append(Problem("ladder.twice", place, text))
        return
    if not steps:
        text = Text(vi=f"lịch đôn đốc “{key}” không có bước nào", en=f'the ladder "{key}" has no steps')
        building.problems.append(Problem("ladder.empty", place, text))
    for index, step in enumerate(steps):
        for number, target in enumerate(step.to):
            if target not in STEP_TARGETS:
                where = document.position((*path, index, "to", number))
                problem = check_target(building.directory, target, where)
                building.problems.extend((problem,) if problem else ())
        if step.do == "list" and not step.to:
            text = Text(vi="bước “list” phải có “to:”: báo cáo cho ai", en='a step "list" needs "to:": who is told')
            building.problems.append(Problem("ladder.to", document.position((*path, index)), text))
    building.ladder_documents[key] = document
    building.ladders[key] = Ladder(key, tuple(_step(step) for step in steps), place)


def _step(source: StepSource) -> Step:
    moment: StepTime = source.at
    return Step(moment.anchor, Do(source.do), moment.offset, moment.before, source.to, moment.overdue)


def version_of(data: Any) -> str:
    """Return the hash of a rule's content; order of keys, comments and place in the file do not count."""
    normal = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(normal.encode()).hexdigest()


def _rule(building: _Building, document: YamlDocument, source: RuleSource, index: int) -> Rule:
    path: Path = ("rules", index)
    place = document.position((*path, "id"))
    if source.id in building.ids:
        first = building.ids[source.id]
        text = Text(vi=f"quy tắc “{source.id}” đã có ở {first}", en=f'the rule "{source.id}" stands already at {first}')
        building.problems.append(Problem("rule.twice", place, text))
    building.ids.setdefault(source.id, place)
    building.places.setdefault(source.id, (document, index))
    conditions = tuple(_Conditions(building, document).all_of(source.when, (*path, "when")))
    action, problems = build_action(
        source.then, document, (*path, "then"), building.directory, building.ladders, building.names
    )
    building.problems.extend(problems)
    version = version_of(document.data["rules"][index])
    position = document.position(path)
    return Rule(source.id, source.title or source.id, position, version, conditions, action, source.go_on)


def _doubts(building: _Building, rules: Sequence[Rule], today: date | None) -> Iterator[Problem]:
    """Yield the warnings about rules and ladders that are right each for itself."""

    def in_rule(rule_id: str, *path: str | int) -> Position:
        document, index = building.places[rule_id]
        return document.position(("rules", index, "then", *path))

    def in_ladder(name: str, step: int) -> Position:
        return building.ladder_documents[name].position(("ladders", name, step, "at"))

    yield from doubtful_ladders(rules, building.ladders, in_ladder)
    if today is not None:
        yield from sends_to_nobody(rules, building.directory, today, in_rule)


LEVELS = {"document.urgency": URGENCIES, "secrecy": SECRECIES, "sensitivity": SENSITIVITIES}


@dataclass
class _Conditions:
    """Turns one `when` into conditions, cheap ones first: the order in which they are tried."""

    building: _Building
    document: YamlDocument

    def all_of(self, when: When, path: Path) -> Iterator[Condition]:
        yield from self._envelope(when, path)
        if when.document is not None:
            yield from self._document(when.document, (*path, "document"))
        for name in ("secrecy", "sensitivity"):
            yield from self._level(name, getattr(when, name), (*path, name))
        for name in ("subject", "summary", "attachments", "text"):
            yield from self._text(name, getattr(when, name), (*path, name))
        if when.not_ is not None:
            yield Not(tuple(self.all_of(when.not_, (*path, "not"))))
        for name in ("any", "all"):
            branches = getattr(when, name)
            if branches:
                built = (tuple(self.all_of(one, (*path, name, index))) for index, one in enumerate(branches))
                yield Branches(tuple(built), every=name == "all")

    def _envelope(self, when: When, path: Path) -> Iterator[Condition]:
        if when.direction is not None:
            yield Among("direction", (Direction(when.direction),))
        if when.mailbox:
            self._known("mailbox", when.mailbox, self.building.names.mailboxes, (*path, "mailbox"))
            yield Among("mailbox", when.mailbox)
        if when.kind:
            self._known("kind", when.kind, KINDS, (*path, "kind"))
            yield Among("kind", when.kind)
        if when.arrived is not None:
            yield from self._arrived(when.arrived, (*path, "arrived"))
        if when.sender:
            for index, target in enumerate(when.sender):
                if not target.startswith("@"):
                    place = self.document.position((*path, "from", index))
                    problem = check_target(self.building.directory, target, place)
                    self.building.problems.extend((problem,) if problem else ())
            yield SenderIs(tuple(self.building.directory.normal_target(target) for target in when.sender))

    def _arrived(self, when: ArrivedWhen, path: Path) -> Iterator[Condition]:
        if when.on:
            self._known("day", when.on, ARRIVAL_DAYS, (*path, "on"))
            yield ArrivedOn(when.on)
        if when.office_hours is not None:
            yield Among("arrived.office_hours", ("yes" if when.office_hours else "no",))
        if when.between:
            yield ArrivedBetween(when.between)

    def _known(self, kind: str, words: Sequence[str], known: Sequence[str], path: Path) -> None:
        for index, word in enumerate(words):
            if word not in known:
                place = self.document.position((*path, index))
                self.building.problems.append(unknown_name(kind, place, word, known))

    def _document(self, when: DocumentWhen, path: Path) -> Iterator[Condition]:
        for name in ("type", "issuer"):
            words = getattr(when, name)
            if words:
                yield Among(f"document.{name}", words)
        yield from self._level("document.urgency", when.urgency, (*path, "urgency"))
        for name in ("draft", "number"):
            wanted = getattr(when, name)
            if wanted is not None:
                yield Among(f"document.{name}", ("yes" if wanted else "no",))

    def _level(self, name: str, when: LevelWhen | None, path: Path) -> Iterator[Condition]:
        if when is None:
            return
        order, kind = LEVELS[name], name.rpartition(".")[2]
        if when.among:
            self._known(kind, when.among, order, path)
            yield Among(name, when.among)
        if when.at_least is not None:
            if when.at_least not in order:
                place = self.document.position((*path, "at_least"))
                self.building.problems.append(unknown_name(kind, place, when.at_least, order))
                return
            yield AtLeast(name, order, when.at_least)

    def _text(self, name: str, when: TextWhen | None, path: Path) -> Iterator[Condition]:
        if when is None:
            return
        expressions = tuple(Expression(pattern) for pattern in when.regex)
        for index, expression in enumerate(expressions):
            said = expression.problem()
            if said is not None:
                place = self.document.position((*path, "regex", index))
                text = Text(
                    vi=f"biểu thức chính quy sai: {said}", en=f"the regular expression cannot be compiled: {said}"
                )
                mend = Text(
                    vi="đóng mọi dấu ngoặc; RE2 không có tham chiếu ngược và nhìn trước",
                    en="close every bracket; RE2 has no look-around, no backreference",
                )
                self.building.problems.append(Problem("rule.regex", place, text, mend))
                return
        wanted = tuple(Words(phrase) for phrase in when.any)
        yield TextHas(
            name,
            (*wanted, *expressions),
            tuple(Words(phrase) for phrase in when.all),
            tuple(Words(phrase) for phrase in when.none),
        )
