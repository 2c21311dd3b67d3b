"""What a rule asks of a mail: conditions on the facts of one mail, each saying what it wanted and what it saw."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import re2

from mailbot.office.text import one_spelling, without_accents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, time

    from mailbot.office.working_time import WorkingTime
    from mailbot.reading import Reading
    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Direction

URGENCIES = ("normal", "urgent", "very_urgent", "express", "express_timed")
SECRECIES = ("none", "suspected", "confidential", "secret", "top_secret")
SENSITIVITIES = ("none", "petition", "personnel", "discipline")
KINDS = (
    "directive",
    "invitation",
    "reply",
    "command",
    "bounce",
    "receipt",
    "auto_reply",
    "loop",
    "quarantined",
    "other",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ARRIVAL_DAYS = (*WEEKDAYS, "working_day", "day_off")
SENDER, ARRIVED_ON, ARRIVED_BETWEEN = "from", "arrived.on", "arrived.between"
# How much of a seen text a trace shows; the body is never quoted in it.
LONGEST_SEEN = 100
# RE2 compiles to a bounded program; a bigger expression is refused instead of eating memory.
REGEX_MEMORY = 1 << 20
# Words of an expression that hold an accented letter; what follows a backslash is syntax and stays.
ACCENTED_WORD = re.compile(r"(\\.)|([a-zA-Z]*[^\x00-\x7f][^\W\d_]*)")


@dataclass(frozen=True)
class Arrival:
    """When a mail came, in the office's zone, and whether the office works then."""

    moment: datetime
    working_day: bool
    office_open: bool

    @classmethod
    def of(cls, moment: datetime, calendar: WorkingTime) -> Arrival:
        """Return the arrival at an aware moment by the office's calendar."""
        here = calendar.local(moment)
        working = calendar.is_working_day(here.date())
        return cls(here, working, working and any(opens <= here.time() < closes for opens, closes in calendar.hours))

    @property
    def days(self) -> tuple[str, str]:
        """The day of the week, and whether it is a working day."""
        return WEEKDAYS[self.moment.weekday()], "working_day" if self.working_day else "day_off"

    def __str__(self) -> str:
        return f"{self.days[0]} {self.moment:%Y-%m-%d %H:%M} ({self.days[1]})"


@dataclass(frozen=True)
class RuleFacts:
    """What rules may look at in one mail; texts are folded once, when a rule first asks for them."""

    direction: str
    mailbox: str
    kind: str
    sender: str = ""
    sender_targets: frozenset[str] = frozenset()
    number: str | None = None
    type: str | None = None
    issuer: str | None = None
    urgency: str = "normal"
    draft: bool = False
    summary: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[str, ...] = ()
    secrecy: str = "none"
    sensitivity: str = "none"
    arrived: Arrival | None = None

    @classmethod
    def of(
        cls, reading: Reading, direction: Direction, mailbox: str, directory: Directory, arrived: Arrival | None = None
    ) -> RuleFacts:
        """Return the facts of a reading; a sender counts only when the mail has exactly one From address."""
        document: Any = reading.documents[0] if reading.documents else None
        sender = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
        return cls(
            direction=str(direction),
            mailbox=mailbox,
            kind=str(reading.kind),
            sender=sender,
            sender_targets=directory.sender_targets(sender) if sender else frozenset(),
            number=document.number if document else None,
            type=document.type if document else None,
            issuer=document.issuer if document else None,
            urgency=str(document.urgency) if document else "normal",
            draft=bool(document.draft) if document else False,
            summary=(document.summary if document else None) or "",
            subject=reading.subject or "",
            text=f"{reading.text}\n{reading.document_text}",
            attachments=tuple(attachment.name or "" for attachment in reading.attachments),
            secrecy=str(reading.secrecy),
            sensitivity=str(reading.sensitivity),
            arrived=arrived,
        )

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {}

    def words(self, name: str) -> str:
        """Return the folded text of `subject`, `summary`, `text` or `attachments`."""
        found = self._texts.get(name)
        if found is None:
            raw = "\n".join(self.attachments) if name == "attachments" else str(getattr(self, name))
            found = self._texts[name] = one_spelling(raw)
        return found

    def value(self, name: str) -> str:
        """Return the folded value of a condition on values, such as `document.type`."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = normal(VALUES[name](self))
        return found

    def keys(self, name: str) -> Iterable[str]:
        """Return everything that the mail is under the name of a condition without a text: the index looks it up."""
        if name == SENDER:
            return self.sender_targets
        if name == ARRIVED_ON:
            return self.arrived.days if self.arrived else ()
        return (self.value(name),)

    def bare(self, name: str) -> str:
        """Return the folded text without accents."""
        key = f"{name} unaccented"
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = without_accents(self.words(name))
        return found


class Condition(Protocol):
    """One thing that a rule asks; `name` is the key as the admin wrote it."""

    @property
    def name(self) -> str:
        """The key, with its parents: `document.type`."""

    @property
    def wanted(self) -> str:
        """What would match, for the trace."""

    def matches(self, facts: RuleFacts) -> bool:
        """Tell whether the mail is so."""

    def saw(self, facts: RuleFacts) -> str:
        """Return what the mail has instead, for the trace."""


def normal(word: str) -> str:
    """Return a symbol or key for comparison: `ĐU` and `đu` are one, `QĐi` and `QĐ` are two."""
    return one_spelling(word)


# What a condition on values reads from the facts.
VALUES: dict[str, Callable[[RuleFacts], str]] = {
    "direction": lambda facts: facts.direction,
    "mailbox": lambda facts: facts.mailbox,
    "kind": lambda facts: facts.kind,
    "secrecy": lambda facts: facts.secrecy,
    "sensitivity": lambda facts: facts.sensitivity,
    "document.type": lambda facts: facts.type or "",
    "document.issuer": lambda facts: facts.issuer or "",
    "document.urgency": lambda facts: facts.urgency,
    "document.draft": lambda facts: "yes" if facts.draft else "no",
    "document.number": lambda facts: "yes" if facts.number else "no",
    "arrived.office_hours": lambda facts: ("yes" if facts.arrived.office_open else "no") if facts.arrived else "",
}


@dataclass(frozen=True)
class Among:
    """The value is one of those listed."""

    name: str
    values: tuple[str, ...]

    @cached_property
    def _normal(self) -> frozenset[str]:
        return frozenset(normal(value) for value in self.values)

    @property
    def wanted(self) -> str:
        """The values listed."""
        return ", ".join(self.values)

    def matches(self, facts: RuleFacts) -> bool:
        """Compare folded."""
        return facts.value(self.name) in self._normal

    def saw(self, facts: RuleFacts) -> str:
        """Return the value."""
        return VALUES[self.name](facts) or "-"


@dataclass(frozen=True)
class AtLeast:
    """The value stands at or above one place of an order: urgency, secrecy."""

    name: str
    order: tuple[str, ...]
    least: str

    @property
    def wanted(self) -> str:
        """The least value."""
        return f"at least {self.least}"

    def matches(self, facts: RuleFacts) -> bool:
        """Compare places in the order; an unknown value is below all."""
        value = VALUES[self.name](facts)
        return value in self.order and self.order.index(value) >= self.order.index(self.least)

    def saw(self, facts: RuleFacts) -> str:
        """Return the value."""
        return VALUES[self.name](facts)


@dataclass(frozen=True)
class SenderIs:
    """The sender is one of the targets, which are spelled as `Directory.sender_targets` spells them."""

    targets: tuple[str, ...]
    name: str = SENDER

    @property
    def wanted(self) -> str:
        """The targets."""
        return ", ".join(self.targets)

    def matches(self, facts: RuleFacts) -> bool:
        """Look the targets up among what the sender is."""
        return not facts.sender_targets.isdisjoint(self.targets)

    def saw(self, facts: RuleFacts) -> str:
        """Return the address and everything that the directory knows it to be."""
        known = sorted(target for target in facts.sender_targets if ":" in target)
        return f"{facts.sender or 'no single sender'} ({', '.join(known) or 'unknown'})"


@dataclass(frozen=True)
class ArrivedOn:
    """The mail came on one of these days: of the week, working days, days off."""

    days: tuple[str, ...]
    name: str = ARRIVED_ON

    @property
    def wanted(self) -> str:
        """The days listed."""
        return ", ".join(self.days)

    def matches(self, facts: RuleFacts) -> bool:
        """Look at the day of arrival by the office's calendar; a mail without an arrival came on no day."""
        return facts.arrived is not None and any(day in self.days for day in facts.arrived.days)

    def saw(self, facts: RuleFacts) -> str:
        """Return when the mail came."""
        return str(facts.arrived or "-")


@dataclass(frozen=True)
class ArrivedBetween:
    """The mail came in one of these parts of the day; `17:00-07:30` goes over midnight."""

    spans: tuple[tuple[time, time], ...]
    name: str = ARRIVED_BETWEEN

    @property
    def wanted(self) -> str:
        """The hours listed."""
        return ", ".join(f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in self.spans)

    def matches(self, facts: RuleFacts) -> bool:
        """Compare the hour of arrival; the first moment of a span belongs to it, the last does not."""
        if facts.arrived is None:
            return False
        hour = facts.arrived.moment.time()
        return any(
            begins <= hour < ends if begins < ends else hour >= begins or hour < ends for begins, ends in self.spans
        )

    def saw(self, facts: RuleFacts) -> str:
        """Return when the mail came."""
        return str(facts.arrived or "-")


@dataclass(frozen=True)
class Words:
    """A phrase stands in a text as whole words; accents may be missing from the mail, or from the rule."""

    phrase: str

    @cached_property
    def _spellings(self) -> tuple[str, str | None]:
        exact = one_spelling(self.phrase)
        bare = without_accents(exact)
        return exact, None if bare == exact else bare

    def found(self, facts: RuleFacts, name: str) -> bool:
        """Tell whether the text has the phrase: as written, or typed without accents, never with other accents."""
        exact, bare = self._spellings
        if bare is None:
            return whole(exact, facts.bare(name))
        text = facts.words(name)
        return whole(exact, text) or whole(bare, text)

    def __str__(self) -> str:
        return f"“{self.phrase}”"


def whole(needle: str, text: str) -> bool:
    """Tell whether the needle stands in the text with no letter or digit right before or behind it."""
    start = text.find(needle)
    while start >= 0:
        end = start + len(needle)
        if not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum()):
            return True
        start = text.find(needle, start + 1)
    return False


@dataclass(frozen=True)
class Expression:
    """A regular expression of the admin (RE2, linear time), matched on folded text, with and without accents."""

    pattern: str

    @property
    def spellings(self) -> tuple[str, ...]:
        """The expression as written, folded, and as typed without accents."""
        exact = ACCENTED_WORD.sub(lambda found: found[1] or one_spelling(found[2]), self.pattern)
        return tuple(dict.fromkeys((exact, without_accents(exact))))

    @cached_property
    def _compiled(self) -> tuple[Any, ...]:
        return tuple(re2.compile(spelling, options=regex_options()) for spelling in self.spellings)

    def problem(self) -> str | None:
        """Return why the expression cannot be compiled, in RE2's words."""
        try:
            return None if self._compiled else ""
        except re2.error as error:
            said = error.args[0] if error.args else ""
            return said.decode(errors="replace") if isinstance(said, bytes) else str(said)

    def found(self, facts: RuleFacts, name: str) -> bool:
        """Search the folded text."""
        text = facts.words(name)
        return any(compiled.search(text) is not None for compiled in self._compiled)

    def __str__(self) -> str:
        return f"/{self.pattern}/"


def regex_options() -> Any:
    """Return how expressions are compiled: no letter case, errors raised and not printed."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = REGEX_MEMORY
    return options


@dataclass(frozen=True)
class TextHas:
    """A text holds any of these, all of those, none of the others."""

    name: str
    any: tuple[Words | Expression, ...] = ()
    all: tuple[Words | Expression, ...] = ()
    none: tuple[Words | Expression, ...] = ()

    @property
    def wanted(self) -> str:
        """The phrases."""
        parts = (("any", self.any), ("all", self.all), ("none", self.none))
        return "; ".join(f"{how} of {', '.join(str(one) for one in ones)}" for how, ones in parts if ones)

    def matches(self, facts: RuleFacts) -> bool:
        """Search the folded text for each phrase until the answer is sure."""
        if self.any and not any(one.found(facts, self.name) for one in self.any):
            return False
        if not all(one.found(facts, self.name) for one in self.all):
            return False
        return not any(one.found(facts, self.name) for one in self.none)

    def saw(self, facts: RuleFacts) -> str:
        """Return the text, shortened; of a body only its length, for traces are kept and bodies are not quoted."""
        if self.name == "text":
            return f"{len(facts.text)} characters"
        seen = "; ".join(facts.attachments) if self.name == "attachments" else str(getattr(facts, self.name))
        return seen if len(seen) <= LONGEST_SEEN else seen[: LONGEST_SEEN - 1] + "…"


@dataclass(frozen=True)
class Not:
    """Not all of these conditions hold."""

    conditions: tuple[Condition, ...]
    name: str = "not"

    @property
    def wanted(self) -> str:
        """The conditions, denied."""
        return "not (" + " and ".join(f"{one.name}: {one.wanted}" for one in self.conditions) + ")"

    def matches(self, facts: RuleFacts) -> bool:
        """Deny."""
        return not all(one.matches(facts) for one in self.conditions)

    def saw(self, facts: RuleFacts) -> str:
        """Return what each saw."""
        return "; ".join(f"{one.name}: {one.saw(facts)}" for one in self.conditions)


@dataclass(frozen=True)
class Branches:
    """At least one (or every one) of several lists of conditions holds."""

    branches: tuple[tuple[Condition, ...], ...]
    every: bool = False

    @property
    def name(self) -> str:
        """`any` or `all`."""
        return "all" if self.every else "any"

    @property
    def wanted(self) -> str:
        """The branches."""
        shown = (" and ".join(f"{one.name}: {one.wanted}" for one in branch) for branch in self.branches)
        return (" and " if self.every else " or ").join(f"({branch})" for branch in shown)

    def matches(self, facts: RuleFacts) -> bool:
        """Try the branches in order."""
        held = (all(one.matches(facts) for one in branch) for branch in self.branches)
        return all(held) if self.every else any(held)

    def saw(self, facts: RuleFacts) -> str:
        """Return the first failure of each branch."""
        failures = (next((one for one in branch if not one.matches(facts)), None) for branch in self.branches)
        return "; ".join(f"{one.name}: {one.saw(facts)}" for one in failures if one is not None)
