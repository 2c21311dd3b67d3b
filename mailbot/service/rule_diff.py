"""What a changed site would have decided otherwise: the archived mails, decided again under both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.routing.decision import decide
from mailbot.routing.known import Known
from mailbot.service.rule_tests import SEEN, Difference, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.store.journal import Archived

# What units and officers would notice; `kind` and `number` are read from the mail and the same for both.
COMPARED = ("rule", "outcome", "confirm", "send_to", "paper", "due", "register", "submit_to", "assign", "clerk_alone")


@dataclass(frozen=True)
class Change:
    """One mail that the two sites decide differently about."""

    message: int
    came_at: datetime
    sender: str | None
    subject: str | None
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return {
            "message": self.message,
            "came_at": self.came_at.isoformat(),
            "sender": self.sender,
            "subject": self.subject,
            "changes": [{"key": one.key, "old": one.expected, "new": one.seen} for one in self.differences],
        }


def change_of(mail: Archived, reading: Reading, old: Site, new: Site) -> Change | None:
    """Decide about one archived mail under both sites, as if it came alone at its own time; None when nothing differs.

    A mailbox that one of the sites no longer has is stood in for by its first one.
    """
    outcomes = []
    for site in (old, new):
        mailbox = mail.mailbox if mail.mailbox in site.mailboxes else next(iter(site.mailboxes))
        decision = decide(reading, site, Known(mailbox=mailbox, received_at=mail.came_at), mail.came_at)
        outcomes.append(Outcome(reading, decision))
    before, after = outcomes
    differences = (*_compared(before, after), *_ladders(before, after, old, new))
    if not differences:
        return None
    # Petitions, personnel and discipline papers are quoted nowhere.
    subject = reading.subject if reading.sensitivity == "none" else None
    return (
        Change(mail.message, mail.came_at, reading.sender.address, subject, tuple(differences)) if differences else None
    )


def _compared(before: Outcome, after: Outcome) -> Iterator[Difference]:
    for key in COMPARED:
        was, now = SEEN[key](before), SEEN[key](after)
        if was != now:
            yield Difference(key, was, now)


def _ladders(before: Outcome, after: Outcome, old: Site, new: Site) -> Iterator[Difference]:
    """Compare the reminders that would follow: another ladder, or other steps under the same name."""
    was, now = before.ladder, after.ladder
    if was != now:
        yield Difference("ladder", was, now)
    elif was is not None and _steps(old, was) != _steps(new, was):
        yield Difference("ladder", _steps(old, was), _steps(new, was))


def _steps(site: Site, name: str) -> Sequence[str]:
    ladder = site.ladders.get(name)
    return [str(step) for step in ladder.steps] if ladder else []
