"""The same plan as the daemon's, not carried out: what a mail is, which rule takes it, which mails would go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.reading import read
from mailbot.rendering.letters import Letters
from mailbot.routing.decision import decide
from mailbot.routing.plans import Known
from mailbot.routing.releasing import carry_out
from mailbot.service.converters import tools_for
from mailbot.service.runtime import reading_context
from mailbot.tracking.following import steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision, DeliveryPlan, MailPlan

NO_TOKEN = "x" * 13


@dataclass(frozen=True)
class Explanation:
    """A reading, its decision, and what would follow by itself."""

    reading: Reading
    decision: Decision
    deliveries: tuple[DeliveryPlan, ...]
    later: tuple[MailPlan, ...]
    site: Site
    now: datetime

    def to_json(self, file: str) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        decision = self.decision
        return {
            "reading": self.reading.to_json(file),
            "outcome": str(decision.outcome),
            "reasons": [str(reason) for reason in decision.reasons],
            "rule": decision.rule,
            "trials": [
                {
                    "rule": trial.rule,
                    "position": trial.position,
                    "matched": trial.matched,
                    "failed": trial.failed,
                    "wanted": trial.wanted,
                    "saw": trial.saw,
                }
                for trial in decision.trials
            ],
            "units": [_unit(plan) for plan in self.deliveries],
            "mails": [*self._mails(decision.mails, ""), *self._mails(self.later, "sau khi đồng ý"), *self._reminders()],
            "held": [line.text for line in decision.held],
        }

    def _mails(self, mails: Sequence[MailPlan], when: str) -> list[dict[str, str]]:
        letters = Letters(self.site.templates, spelling=self.site.office.spelling)
        found = []
        for mail in mails:
            document = self.decision.document
            shared = document.release.values if document is not None and document.release is not None else {}
            values = shared | mail.values | {"arrival_number": "…", "arrival_date": "…"}
            letter = letters.render(
                mail.template, values, token=NO_TOKEN, reply_to=self.site.mailboxes[mail.mailbox].address
            )
            subject = letter.subject.replace(f"[#{NO_TOKEN}]", "").strip()
            found.append(
                {"purpose": str(mail.purpose), "to": mail.recipient, "subject": subject, "when": when or "ngay"}
            )
        return found

    def _reminders(self) -> list[dict[str, str]]:
        found = []
        for plan in self.deliveries:
            for step in steps_of(plan, self.site, self.now):
                to = ", ".join(step.to) if step.to else next(iter(plan.recipient.addresses), "điện thoại")
                found.append(
                    {
                        "purpose": step.template,
                        "to": to,
                        "subject": plan.recipient.name,
                        "when": f"{step.at:%d/%m/%Y %H:%M} ({step.because})",
                    }
                )
        return found


def _unit(plan: DeliveryPlan) -> dict[str, Any]:
    item = plan.recipient
    return {
        "unit": item.unit,
        "name": item.name,
        "channel": str(item.channel),
        "ask": str(item.ask),
        "due": item.due,
        "purpose": item.purpose,
        "reason": item.reason,
        "addresses": list(item.addresses),
    }


def explain_mail(raw: bytes, site: Site, mailbox: str, now: datetime) -> Explanation:
    """Return what would be done with a mail that came now into a mailbox that has seen nothing before it."""
    context = reading_context(site, now)
    reading = read(raw, context, tools_for(context))
    decision = decide(reading, site, Known(mailbox=mailbox, received_at=now), now)
    deliveries = decision.deliveries
    later: tuple[MailPlan, ...] = ()
    if decision.document is not None and decision.document.release is not None and not deliveries:
        # What would follow the ĐỒNG Ý: the same release, carried out on paper.
        deliveries, later = carry_out(decision.document.release, site, reading.content_key, now)
    return Explanation(reading, decision, deliveries, later, site, now)
