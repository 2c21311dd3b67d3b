"""Every rule test that the example office ships with holds when its mail is read, decided and followed up."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from mailbot import shipped
from mailbot.routing.releasing import carry_out
from mailbot.tracking.following import steps_of
from tests.example_office import HANOI, decided, example, mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from mailbot.routing.plans import Decision, DeliveryPlan, Release
    from mailbot.tracking.ladder import DueStep


def _cases() -> Iterator[Any]:
    for path in sorted((shipped.folder("rules") / "tests").glob("*.yaml")):
        for case in YAML(typ="base").load(path)["tests"]:
            yield pytest.param(case, id=case["name"])


def _mail(case: dict[str, Any], at: datetime) -> EmailMessage:
    inline = case["mail"]
    files = {item["name"]: item["text"] for item in inline.get("attachments", ())}
    return mail(inline["from"], inline["subject"], inline["text"], files=files, at=at)


class _Outcome:
    """A decision in the words of `expect`, as if the clerk said ĐỒNG Ý at once."""

    def __init__(self, decision: Decision, at: datetime) -> None:
        self.decision, self.at = decision, at
        self.document = decision.document
        self.release: Release | None = self.document.release if self.document else None

    @property
    def _waits_for_leader(self) -> bool:
        return self.document is not None and self.document.state == "awaiting_instruction"

    @property
    def deliveries(self) -> tuple[DeliveryPlan, ...]:
        if self.release is None or self._waits_for_leader:
            return ()
        return carry_out(self.release, example(), "key", self.at)[0]

    def units(self, channel: str) -> list[str]:
        return sorted(
            plan.recipient.unit
            for plan in self.deliveries
            if plan.recipient.channel == channel and plan.recipient.template != "assignment"
        )

    def submit_to(self) -> list[str]:
        site = example()
        addresses = [plan.recipient for plan in self.decision.mails if plan.purpose == "for_instruction"]
        return [key for key, person in site.directory.people.items() if person.mail in addresses]

    def due(self) -> str | None:
        found = [item.due for item in self.release.recipients if item.due] if self.release else []
        return found[0] if found else None

    def assign(self) -> str:
        found = [plan.recipient.unit for plan in self.deliveries if plan.recipient.template == "assignment"]
        return found[0].removeprefix("role:").removeprefix("person:")

    def mails(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for plan in self.deliveries:
            for step in steps_of(plan, example(), self.at):
                found[f"{step.at:%Y-%m-%d %H:%M}", step.template] |= set(self._to(step, plan))
        return {key: sorted(names) for key, names in found.items() if names}

    def _to(self, step: DueStep, plan: DeliveryPlan) -> list[str]:
        if step.do == "remind":
            return [plan.recipient.unit] if plan.recipient.channel == "mail" else []
        unit = example().directory.units[plan.recipient.unit]
        targets = [(unit.overseer or "") if target == "overseer" else target for target in step.to]
        return [target.partition(":")[2] for target in targets]


CHECKS: dict[str, Callable[[_Outcome], Any]] = {
    "rule": lambda seen: (seen.decision.rule or "").partition("@")[0],
    "number": lambda seen: seen.document.number if seen.document else None,
    "confirm": lambda seen: "yes" if seen.document and seen.document.state == "awaiting_confirmation" else "no",
    "send_to": lambda seen: seen.units("mail"),
    "paper": lambda seen: seen.units("paper"),
    "due": _Outcome.due,
    "register": lambda seen: seen.document.book if seen.document else None,
    "submit_to": _Outcome.submit_to,
    "assign": _Outcome.assign,
    "clerk_alone": lambda seen: "yes" if "clerk_alone" in {one.code for one in seen.decision.reasons} else "no",
}


@pytest.mark.parametrize("case", [*_cases()])
def test_shipped_rule_test_holds(case: dict[str, Any]) -> None:
    at = datetime.fromisoformat(case["at"]).replace(tzinfo=HANOI)
    seen = _Outcome(decided(_mail(case, at), at=at), at)
    expected = dict(case["expect"])
    mails = expected.pop("mails", None)
    some_mails = expected.pop("mails~", None)
    wanted = {key: sorted(value) if isinstance(value, list) else value for key, value in expected.items()}
    assert {key: CHECKS[key](seen) for key in wanted} == wanted, [str(one) for one in seen.decision.reasons]
    listed = {(item["at"], item["template"]): sorted(item["to"]) for item in mails or some_mails or ()}
    planned = seen.mails()
    if some_mails is not None:
        planned = {key: planned.get(key, []) for key in listed}
    if listed:
        assert planned == listed
