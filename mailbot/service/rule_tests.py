"""Rule tests of a site: each mail is read, decided and followed up on a thrown-away ledger, then compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from mailbot.problems import SiteError
from mailbot.reading import read
from mailbot.routing import coverage
from mailbot.routing.decision import as_paper
from mailbot.routing.documents import facts_of
from mailbot.routing.known import Known
from mailbot.routing.plans import Purpose
from mailbot.rule_test_source import ExpectSource, MailSource, problems_of_tests, read_tests
from mailbot.service.converters import tools_for
from mailbot.service.rehearsal import stage
from mailbot.service.runtime import reading_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from mailbot.problems import Position, Problem
    from mailbot.reading import Reading
    from mailbot.routing.conditions import RuleFacts
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision, Release
    from mailbot.rule_test_source import ExpectedMail, TestSource
    from mailbot.service.rehearsal import RehearsedMail, Stage

# The mails of a ladder; what goes out at once is told by `send_to`, `paper` and `confirm`.
ASKED, SUBMITTED = "awaiting_confirmation", "awaiting_instruction"
OF_THE_LADDER = (Purpose.REMINDER, Purpose.ESCALATION)


@dataclass(frozen=True)
class Difference:
    """One key that is not as expected."""

    key: str
    expected: Any
    seen: Any


@dataclass(frozen=True)
class Outcome:
    """What was read and decided, in the words of `expect`."""

    reading: Reading
    decision: Decision

    @property
    def release(self) -> Release | None:
        """What would be sent to units and officers."""
        return self.decision.document.release if self.decision.document is not None else None

    @property
    def ladder(self) -> str | None:
        """The reminders that follow."""
        return self.release.ladder if self.release is not None else None

    def awaits(self, state: str) -> bool:
        """Tell whether the document waits for somebody's word."""
        return self.decision.document is not None and self.decision.document.state == state

    def units(self, channel: str) -> list[str]:
        """Return the units that the paper reaches by mail or on paper; nobody, while a leader's word is awaited."""
        if self.release is None or self.awaits(SUBMITTED):
            return []
        units = (item for item in self.release.recipients if item.template != "assignment")
        return sorted(item.unit for item in units if item.channel == channel)

    def due(self) -> str | None:
        """Return the first deadline that a unit gets."""
        return next((item.due for item in self.release.recipients if item.due), None) if self.release else None

    def assigned(self) -> list[str]:
        """Return the officers who handle it, by their keys."""
        recipients = self.release.recipients if self.release else ()
        return sorted(item.unit.partition(":")[2] for item in recipients if item.template == "assignment")

    def submitted(self) -> list[str]:
        """Return the addresses to which it is submitted."""
        return sorted(plan.recipient for plan in self.decision.mails if plan.purpose == Purpose.SUBMISSION)


@dataclass(frozen=True)
class Seen(Outcome):
    """What became of the mail of one test, and what followed while nobody answered."""

    facts: RuleFacts
    ladder_mails: list[RehearsedMail]
    steps: frozenset[tuple[str, int]]

    def reached(self, site: Site) -> frozenset[str]:
        """Return the keys of the branches (routing.coverage) that the mail took."""
        taken = [site.rules.get(trial.rule) for trial in self.decision.trials if trial.matched]
        matched = [rule for rule in taken if rule is not None]
        has_deadline = any(deadline.due for deadline in self.reading.deadlines)
        keys = coverage.reached(matched, self.facts, has_deadline=has_deadline, asked=self.awaits(ASKED))
        return keys | {coverage.step_key(ladder, step) for ladder, step in self.steps}


@dataclass(frozen=True)
class Result:
    """One test that was run."""

    name: str
    position: Position
    differences: tuple[Difference, ...]
    seen: Seen

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.differences


@dataclass(frozen=True)
class LoadedTest:
    """One test with its place; `raw` is the mail as bytes."""

    source: TestSource
    position: Position
    raw: bytes


def load_tests(folder: Path, site: Site) -> list[LoadedTest]:
    """Return the rule tests of a site folder in file-name order, then in order of appearance.

    Raises:
        SiteError: a file of tests has mistakes; all of them are told.
    """
    problems: list[Problem] = []
    found: list[LoadedTest] = []
    for file in read_tests(folder):
        wrong = tuple(problems_of_tests(file, site))
        problems += wrong
        for index, test in enumerate(file.source.tests if not wrong else ()):
            place = file.document.position(("tests", index))
            found.append(LoadedTest(test, place, _raw(test, file.path.parent, site)))
    if problems:
        raise SiteError(tuple(problems), folder)
    return found


def _raw(test: TestSource, folder: Path, site: Site) -> bytes:
    """Return the mail as bytes: of a file beside the tests, or written in place."""
    if isinstance(test.mail, MailSource):
        return _written(test.mail, test.at.replace(tzinfo=site.office.working_time.zone), site)
    return (folder / test.mail).read_bytes()


def _written(source: MailSource, at: datetime, site: Site) -> bytes:
    mail = EmailMessage(policy=SMTP)
    if source.submitted and site.trust.own_servers:
        mail["Received"] = (
            f"from rule-test (rule-test [127.0.0.1]) (Authenticated sender: {source.sender}) "
            f"by {site.trust.own_servers[0]} (Postfix) with ESMTPSA id 1; {format_datetime(at)}"
        )
    mail["From"] = source.sender
    mail["To"] = source.to or next(iter(site.mailboxes.values())).address
    mail["Subject"] = source.subject
    mail["Date"] = format_datetime(at)
    digest = hashlib.sha256(f"{source.subject}\n{source.text}\n{at}".encode()).hexdigest()
    mail["Message-ID"] = f"<rule-test-{digest[:24]}@example.invalid>"
    mail.set_content(source.text)
    for item in source.attachments:
        mail.add_attachment(item.text, filename=item.name)
    return mail.as_bytes()


def run_tests(tests: Sequence[LoadedTest], site: Site) -> Iterator[Result]:
    """Run rule tests one by one, each on an empty ledger, as if the văn thư said ĐỒNG Ý at once and nobody answered."""
    with stage() as on:
        for test in tests:
            seen = look(on, test.raw, site, test.source.mailbox, test.source.at)
            yield Result(test.source.name, test.position, tuple(_differences(test.source.expect, seen, site)), seen)


def look(on: Stage, raw: bytes, site: Site, mailbox: str | None, at: datetime) -> Seen:
    """Read, decide and follow up one mail that comes at a moment of the office's zone."""
    now = at.replace(tzinfo=site.office.working_time.zone)
    key = mailbox or next(iter(site.mailboxes))
    context = reading_context(site, now)
    reading = read(raw, context, tools_for(context))
    with on.scene(site) as scene:
        decision, _ = scene.take(reading, key, now)
        # An instruction of a leader is a decision of their own: nothing is foretold of it.
        if Outcome(reading, decision).awaits(ASKED):
            scene.agree(now)
        followed = [each for each in scene.run(now) if each.mail.purpose in OF_THE_LADDER]
        steps = scene.steps_taken()
    known = Known(mailbox=key, received_at=now)
    facts = facts_of(as_paper(reading, site, known), site, known, now)
    return Seen(reading, decision, facts, followed, steps)


# --- what is compared -----------------------------------------------------------------------------------------------

SEEN: dict[str, Callable[[Outcome], Any]] = {
    "rule": lambda seen: (seen.decision.rule or "").partition("@")[0] or None,
    "outcome": lambda seen: str(seen.decision.outcome),
    "number": lambda seen: seen.decision.document.number if seen.decision.document else None,
    "kind": lambda seen: str(seen.reading.kind),
    "confirm": lambda seen: seen.awaits(ASKED),
    "send_to": lambda seen: seen.units("mail"),
    "paper": lambda seen: seen.units("paper"),
    "due": Outcome.due,
    "register": lambda seen: seen.decision.document.book if seen.decision.document else None,
    "submit_to": Outcome.submitted,
    "assign": Outcome.assigned,
    "ladder": lambda seen: seen.ladder,
    "clerk_alone": lambda seen: "clerk_alone" in {reason.code for reason in seen.decision.reasons},
}


def _differences(expect: ExpectSource, seen: Seen, site: Site) -> Iterator[Difference]:
    for name, info in ExpectSource.model_fields.items():
        key = info.alias or name
        if name not in expect.model_fields_set or key not in SEEN:
            continue
        wanted, found = getattr(expect, name), SEEN[key](seen)
        if key == "submit_to":
            found = _by_their_names(wanted or (), found, site)
        if isinstance(wanted, tuple):
            wanted = sorted(wanted)
        if wanted != found:
            yield Difference(key, wanted, found)
    for key, expected in (("mails", expect.mails), ("mails~", expect.some_mails)):
        if expected is not None:
            yield from _mail_differences(key, expected, seen, site)


def _by_their_names(wanted: Sequence[str], addresses: Sequence[str], site: Site) -> list[str]:
    """Return the names that the test uses for those addresses, and the bare addresses of the others."""
    left = list(addresses)
    named = []
    for name in wanted:
        mine = {address for target in _targets(name) for _, address in site.directory.addresses(target)}
        if mine & set(left):
            named.append(name)
            left = [address for address in left if address not in mine]
    return sorted([*named, *left])


def _targets(name: str) -> tuple[str, ...]:
    return (name,) if ":" in name or "@" in name else (f"person:{name}", f"role:{name}", f"unit:{name}")


def _mail_differences(key: str, expected: Sequence[ExpectedMail], seen: Seen, site: Site) -> Iterator[Difference]:
    planned: dict[tuple[str, str], list[RehearsedMail]] = {}
    for made in seen.ladder_mails:
        planned.setdefault((f"{made.at:%Y-%m-%d %H:%M}", made.mail.template), []).append(made)
    for wanted in expected:
        place = (f"{wanted.at:%Y-%m-%d %H:%M}", wanted.template)
        found = _recipients(wanted.to, planned.pop(place, []), site)
        if sorted(wanted.to) != found:
            yield Difference(f"{key} {place[0]} {place[1]}", sorted(wanted.to), found)
    if key == "mails":
        for (at, template), mails in planned.items():
            yield Difference(f"{key} {at} {template}", None, _recipients((), mails, site))


def _recipients(wanted: Sequence[str], mails: Sequence[RehearsedMail], site: Site) -> list[str]:
    """Return who got these mails: units by their keys, people by the names that the test uses for them."""
    units = [unit for made in mails for unit in made.mail.units]
    people = [made.mail.recipient for made in mails if not made.mail.units]
    return sorted({*units, *_by_their_names(wanted, people, site)})
