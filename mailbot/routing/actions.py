"""What a rule orders, as an admin writes it under `then:`, checked against the names that the office has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from mailbot.problems import Position, Problem, Text
from mailbot.routing.directory_source import check_target, unknown_name
from mailbot.routing.model import Action, Ask, Assign, Confirm, ConfirmMode, Copy, DueRule, Send, Submit
from mailbot.routing.spans import SpanText, due_sentence
from mailbot.yaml_source import Strict
from mailbot.yaml_values import Flag, Line, Lines, one_or_many, text, whole, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Ladder
    from mailbot.routing.rule_source import Names
    from mailbot.yaml_source import Path, YamlDocument

# Whom `send` may name besides targets of the directory: those whom the paper itself addresses, and who mailed it in.
SEND_TARGETS = ("addressees", "sender")


class DueMapping(Strict):
    """`{document: yes, before: 3 working days, otherwise: 5 working days}`."""

    document: Flag = True
    before: SpanText | None = None
    otherwise: SpanText | None = None


def read_due(value: Any) -> Any:
    """Read a deadline: one sentence, or the mapping."""
    if isinstance(value, dict):
        return value
    words = text(value)
    if due_sentence(words) is None:
        raise wrong(
            "due",
            f"“{words}” không phải thời hạn",
            f'"{words}" is no deadline',
            "viết: 5 working days, 3 working days before document, hoặc {document: yes, otherwise: 5 working days}",
            "write: 5 working days, 3 working days before document, or {document: yes, otherwise: 5 working days}",
        )
    # The sentence becomes the mapping it stands for, so that one model types both.
    length, found, _ = words.partition(" before document")
    if found:
        return {"before": length}
    return {} if words == "document" else {"document": "no", "otherwise": words}


def read_confirm(value: Any) -> Confirm:
    """Read `always`, `never` or `{over_units: 5}`."""
    if isinstance(value, dict) and set(value) == {"over_units"}:
        return Confirm(ConfirmMode.OVER_UNITS, whole(value["over_units"]))
    if value in (ConfirmMode.ALWAYS.value, ConfirmMode.NEVER.value):
        return Confirm(ConfirmMode(value))
    raise wrong(
        "confirm",
        "phải là always, never hoặc {over_units: 5}",
        "must be always, never or {over_units: 5}",
    )


def sending(value: Any) -> Any:
    """Let `addressees` or a list of targets stand for `{to: […]}`."""
    return value if isinstance(value, dict) else {"to": one_or_many(value)}


Due = Annotated[DueMapping, BeforeValidator(read_due)]


class SendSource(Strict):
    """Who gets a copy."""

    to: Lines
    excepted: Lines = Field((), alias="except")
    template: Line = "directive"
    copy_: Literal["personal", "equal"] = Field("personal", alias="copy")


class ProposeSource(Strict):
    """What the leader is asked to pass down, and by when."""

    to: Lines = ()
    due: Due | None = None


class SubmitSource(Strict):
    """To whom an incoming paper is submitted, with a proposal."""

    to: Line
    propose: ProposeSource | None = None


class AssignSource(Strict):
    """Who in the office handles it: chủ trì, phối hợp, thời hạn."""

    lead: Line
    cooperating: Lines = ()
    due: Due | None = None


class ThenSource(Strict):
    """All the orders of a rule."""

    register_: Line | None = Field(None, alias="register")
    submit: SubmitSource | None = None
    pass_down: Literal["automatic"] | None = None
    send: Annotated[SendSource, BeforeValidator(sending)] | None = None
    ask: Literal["none", "acknowledgement", "report", "rsvp"] = "none"
    acknowledge_within: SpanText | None = None
    due: Due | None = None
    assign: AssignSource | None = None
    ladder: Line | None = None
    confirm: Annotated[Confirm, PlainValidator(read_confirm)] = Confirm()
    clerk_alone: Flag = False


def due_rule(source: DueMapping | None) -> DueRule | None:
    """Return the deadline rule of a `due:`."""
    return DueRule(source.document, source.otherwise, source.before) if source else None


@dataclass
class _Checking:
    document: YamlDocument
    path: Path
    directory: Directory
    problems: list[Problem] = field(default_factory=list)

    def place(self, *path: str | int) -> Position:
        return self.document.position((*self.path, *path))

    def targets(self, targets: Sequence[str], special: Sequence[str], *path: str | int) -> None:
        for index, target in enumerate(targets):
            if target in special:
                continue
            problem = check_target(self.directory, target, self.place(*path, index))
            self.problems.extend((problem,) if problem else ())

    def name(self, kind: str, word: str | None, known: Sequence[str], *path: str) -> None:
        if word is not None and word not in known:
            self.problems.append(unknown_name(kind, self.place(*path), word, known))

    def refuse(self, check: str, vi: str, en: str, *path: str) -> None:
        self.problems.append(Problem(check, self.place(*path), Text(vi, en)))


def build_action(
    source: ThenSource,
    document: YamlDocument,
    path: Path,
    directory: Directory,
    ladders: Mapping[str, Ladder],
    names: Names,
) -> tuple[Action, tuple[Problem, ...]]:
    """Return the action of a `then:` and what is wrong with it."""
    checking = _Checking(document, path, directory)
    checking.name("register", source.register_, names.registers, "register")
    checking.name("ladder", source.ladder, tuple(ladders), "ladder")
    _check_people(checking, source, names)
    _check_sense(checking, source)
    send, submit, assign = source.send, source.submit, source.assign
    action = Action(
        register=source.register_,
        submit=_submit(submit) if submit else None,
        pass_down=source.pass_down is not None,
        send=Send(send.to, send.excepted, send.template, Copy(send.copy_)) if send else None,
        ask=Ask(source.ask),
        acknowledge_within=source.acknowledge_within,
        due=due_rule(source.due),
        assign=Assign(assign.lead, assign.cooperating, due_rule(assign.due)) if assign else None,
        ladder=source.ladder,
        confirm=source.confirm,
        clerk_alone=source.clerk_alone,
    )
    return action, tuple(checking.problems)


def _submit(source: SubmitSource) -> Submit:
    propose = source.propose
    return Submit(source.to, propose.to if propose else (), due_rule(propose.due) if propose else None)


def _check_people(checking: _Checking, source: ThenSource, names: Names) -> None:
    if source.send is not None:
        checking.targets(source.send.to, SEND_TARGETS, "send", "to")
        checking.targets(source.send.excepted, (), "send", "except")
        if names.templates:
            checking.name("template", source.send.template, names.templates, "send", "template")
    if source.submit is not None:
        problem = check_target(checking.directory, source.submit.to, checking.place("submit", "to"))
        checking.problems.extend((problem,) if problem else ())
        if source.submit.propose is not None:
            checking.targets(source.submit.propose.to, SEND_TARGETS, "submit", "propose", "to")
    if source.assign is not None:
        problem = check_target(checking.directory, source.assign.lead, checking.place("assign", "lead"))
        checking.problems.extend((problem,) if problem else ())
        checking.targets(source.assign.cooperating, (), "assign", "cooperating")


def _check_sense(checking: _Checking, source: ThenSource) -> None:
    """Refuse orders that contradict each other."""
    ordered = any((source.register_, source.submit, source.send, source.assign, source.clerk_alone))
    if not ordered:
        vi = "quy tắc không yêu cầu làm gì: cần register, submit, send, assign hoặc clerk_alone"
        checking.refuse("rule.nothing", vi, "the rule orders nothing: register, submit, send, assign or clerk_alone")
    if source.submit and source.send:
        vi = "“submit” chờ ý kiến lãnh đạo còn “send” gửi ngay: chỉ dùng một trong hai"
        en = '"submit" waits for the leader while "send" sends at once: use one of them'
        checking.refuse("rule.submit_and_send", vi, en, "send")
    if source.pass_down and not source.send:
        vi = "“pass_down: automatic” cần “send:”: gửi cho ai"
        checking.refuse("rule.pass_down", vi, '"pass_down: automatic" needs "send:": to whom', "pass_down")
    if source.clerk_alone and (source.send or source.submit or source.assign):
        vi = "“clerk_alone” là chỉ văn thư xem: không gửi, trình hay phân công"
        en = '"clerk_alone" means that the clerk alone sees it: nothing is sent, submitted or assigned'
        checking.refuse("rule.clerk_alone", vi, en, "clerk_alone")
    if source.ask != "none" and not (source.send or source.submit):
        vi = "“ask” cần “send:” hoặc “submit:”: hỏi ai"
        checking.refuse("rule.ask", vi, '"ask" needs "send:" or "submit:": who is asked', "ask")
