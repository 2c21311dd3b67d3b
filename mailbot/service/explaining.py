"""The same plan as the daemon's, not carried out: what a mail is, which rule takes it, which mails would go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.reading import read
from mailbot.rendering.letters import Letters
from mailbot.routing.decision import as_paper
from mailbot.routing.documents import facts_of
from mailbot.routing.known import Known
from mailbot.service.converters import tools_for
from mailbot.service.rehearsal import stage
from mailbot.service.runtime import reading_context, with_arrival

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.conditions import RuleFacts
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision, Recipient, Release
    from mailbot.routing.rules import Rule
    from mailbot.service.rehearsal import RehearsedMail
    from mailbot.store.rehearsing import PlannedMail

NO_TOKEN = "x" * 13
AT_ONCE, AFTER_THE_WORD, LATER = "at_once", "after_the_word", "while_nobody_answers"


@dataclass(frozen=True)
class Explanation:
    """A reading, its decision, and what would follow: at once, after the word that is waited for, and by itself."""

    reading: Reading
    decision: Decision
    facts: RuleFacts
    site: Site
    now: datetime
    mails: Mapping[str, list[RehearsedMail]]

    def to_json(self, file: str) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        decision, release = self.decision, self._release
        return {
            "reading": self.reading.to_json(file),
            "at": self.site.office.working_time.local(self.now).isoformat(),
            "outcome": str(decision.outcome),
            "reasons": [str(reason) for reason in decision.reasons],
            "rule": decision.rule,
            "rules": [rule_story(rule, self.facts) for rule in self._tried()],
            "units": [_unit(item) for item in self._recipients()],
            "excluded": list(release.excluded) if release else [],
            "unknown_lines": list(release.unknown_lines) if release else [],
            "mails": [self._mail(made, when) for when, some in self.mails.items() for made in some],
            "held": [line.text for line in decision.held],
        }

    def _tried(self) -> Iterator[Rule]:
        """Yield the rules in their order, up to and with the one that ended the search."""
        for rule in self.site.rules if self.decision.trials else ():
            yield rule
            if not rule.go_on and all(one.matches(self.facts) for one in rule.conditions):
                return

    @property
    def _release(self) -> Release | None:
        return self.decision.document.release if self.decision.document is not None else None

    def _recipients(self) -> tuple[Recipient, ...]:
        if self._release is not None:
            return self._release.recipients
        return tuple(plan.recipient for plan in self.decision.deliveries)

    def values(self, mail: PlannedMail) -> dict[str, Any]:
        """Return the values that a mail is rendered with: its own over those of its document."""
        return (self._release.values if self._release is not None else {}) | mail.values

    def _mail(self, made: RehearsedMail, when: str) -> dict[str, Any]:
        mail = made.mail
        letters = Letters(self.site.templates, spelling=self.site.office.spelling)
        letter = letters.render(
            mail.template, self.values(mail), token=NO_TOKEN, reply_to=self.site.mailboxes[mail.mailbox].address
        )
        return {
            "at": made.at.isoformat(),
            "when": when,
            "because": made.because,
            "purpose": mail.purpose,
            "template": mail.template,
            "to": mail.recipient,
            "units": list(mail.units),
            "subject": letter.subject.replace(f"[#{NO_TOKEN}]", "").strip(),
            "text": letter.text,
        }


def rule_story(rule: Rule, facts: RuleFacts) -> dict[str, Any]:
    """Return one rule with each of its conditions: what it wanted, what it saw, whether it held."""
    conditions = [
        {"name": one.name, "wanted": one.wanted, "saw": one.saw(facts), "held": one.matches(facts)}
        for one in rule.conditions
    ]
    failed = [one for one in conditions if not one["held"]]
    return {
        "rule": rule.id,
        "title": rule.title,
        "position": str(rule.position),
        "version": rule.version,
        "matched": not failed,
        "near_miss": len(failed) == 1 and len(conditions) > 1,
        "conditions": conditions,
    }


def _unit(item: Recipient) -> dict[str, Any]:
    return {
        "unit": item.unit,
        "name": item.name,
        "channel": str(item.channel),
        "ask": str(item.ask),
        "due": item.due,
        "due_because": item.due_because,
        "purpose": item.purpose,
        "reason": item.reason,
        "addresses": list(item.addresses),
        "withheld": list(item.withheld),
    }


def explain_mail(raw: bytes, site: Site, mailbox: str, now: datetime, at: datetime | None = None) -> Explanation:
    """Return what would be done with a mail that came into a mailbox that has seen nothing before it.

    It is taken to come at `at`; without one at the time of its own Date header, so that a mail of another year is
    decided with the directory and the calendar of that year; without a sensible one at `now`.
    """
    context = reading_context(site, at)
    reading = read(raw, context, tools_for(context))
    came = at or (reading.sent_at if reading.sent_at is not None and reading.sent_at < now else now)
    if at is None:
        context = with_arrival(context, came)
        reading = read(raw, context, tools_for(context))
    known = Known(mailbox=mailbox, received_at=came)
    with stage() as on, on.scene(site) as scene:
        decision, made = scene.take(reading, mailbox, came)
        mails = {AT_ONCE: made, AFTER_THE_WORD: scene.agree(came), LATER: list(scene.run(came))}
    facts = facts_of(as_paper(reading, site, known), site, known, came)
    return Explanation(reading, decision, facts, site, came, mails)
