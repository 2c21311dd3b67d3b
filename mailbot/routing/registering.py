"""VÀO SỔ: a paper that came on paper is entered by the clerk's line, and goes on as if it had come by mail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailbot.office.deadlines import Deadline
from mailbot.office.documents import Document
from mailbot.office.entries import read_entry
from mailbot.office.numbers import System
from mailbot.office.text import fold
from mailbot.reading import Kind
from mailbot.routing.documents import Paper, facts_of, note
from mailbot.routing.model import Action, Channel, Direction, Relation
from mailbot.routing.plans import Decision, Outcome, Reason
from mailbot.routing.sameness import identify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from mailbot.office.entries import WrittenEntry
    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDocument
    from mailbot.routing.model import Register, Site
    from mailbot.routing.plans import RuleTrial
    from mailbot.routing.rules import Rule

EXAMPLE = "VÀO SỔ 12-CV/TU ngày 05/10/2026 của Thành ủy về việc …, hạn 20/10"


class NotEnteredError(ValueError):
    """The line cannot be entered; the words say why and what to write instead."""


def enter(words: str, reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Return what entering one paper comes to: its document, its entry, and what the matching rule orders.

    `reading` is the mail that holds the line; what is attached to it is the scan.

    Raises:
        NotEnteredError: the line lacks something, or the paper is in the book already.
    """
    today = site.office.working_time.local(now).date()
    entry = read_entry(words, today)
    direction, unit = _whose(entry, site, today)
    if entry.summary is None:
        raise NotEnteredError(f"chưa rõ trích yếu; ví dụ: {EXAMPLE}")
    if entry.number is None and entry.issuer is None:
        raise NotEnteredError(f"chưa rõ số hoặc cơ quan ban hành; ví dụ: {EXAMPLE}")
    if entry.arrived_on is not None and entry.arrived_on > today:
        raise NotEnteredError(f"ngày đến {entry.arrived_on:%d/%m/%Y} chưa tới")
    paper = _as_reading(entry, words, reading, unit, site)
    identity = identify(paper, site, direction, unit)
    twin = _twin(identity, direction, known)
    if twin is not None:
        raise NotEnteredError(_in_the_book(twin))
    register = _register(direction, site)
    if entry.book_number is not None and not register.mirror and direction is Direction.INCOMING:
        raise NotEnteredError(f"số đến trong sổ {register.key} do hệ thống cấp theo thứ tự; đề nghị bỏ “số đến …”")
    came = site.office.working_time.at(entry.arrived_on, now.timetz().replace(tzinfo=None)) if entry.arrived_on else now
    way = _Way(paper, site, replace(known, received_at=came, document=None), now, direction, identity, register, unit)
    decision = way.decide()
    if decision.document is None:
        raise NotEnteredError("đơn thư, văn bản về nhân sự, kỷ luật: đề nghị vào sổ riêng, không qua thư")
    document = replace(decision.document, came_by=Channel.PAPER)
    if register.mirror and direction is Direction.INCOMING:
        document = replace(document, book_number=entry.book_number)
    return replace(decision, document=document)


@dataclass(frozen=True)
class _Way:
    """A paper that the clerk enters, on its way to a decision; whoever enters it is believed already."""

    reading: Reading
    site: Site
    known: Known
    now: datetime
    direction: Direction
    identity: dict[str, Any]
    register: Register
    unit: str | None

    def decide(self) -> Decision:
        """Decide by the rule for such papers of that unit; what went out on paper is entered and sent to nobody."""
        if self.direction is Direction.OUTGOING:
            return self._entered_alone()
        facts = replace(
            facts_of(self.reading, self.site, self.known, self.now),
            direction=str(self.direction),
            sender="",
            sender_targets=self._issued_by(),
        )
        match = self.site.rules.decide(facts)
        if match.rule is None or match.action is None:
            return self._entered_alone()
        action = match.action if match.action.register else replace(match.action, register=self.register.key)
        trials = tuple(note(trial) for trial in match.trials)
        return self._paper(match.rule, action, trials).decide()

    def _issued_by(self) -> frozenset[str]:
        directory = self.site.directory
        return directory.also(f"unit:{self.unit}") if self.unit else frozenset((f"relation:{Relation.OTHER}",))

    def _paper(self, rule: Rule | None, action: Action, trials: tuple[RuleTrial, ...]) -> Paper:
        return Paper(self.reading, self.site, self.known, self.now, self.direction, self.identity, rule, action, trials)

    def _entered_alone(self) -> Decision:
        action = Action(register=self.register.key)
        document = replace(self._paper(None, action, ()).plan("recorded", action, None), rule=None)
        return Decision(Outcome.DECIDED, (Reason("entered"),), document=document)


def _whose(entry: WrittenEntry, site: Site, today: date) -> tuple[Direction, str | None]:
    """Return which book a paper belongs to and who issued it, by its symbol, else by the words behind `của`."""
    symbol = entry.number.issuer if entry.number else None
    directory = site.directory
    own = {fold(one) for one in directory.units[site.office.unit].symbols}
    if symbol and fold(symbol) in own:
        return Direction.OUTGOING, site.office.unit
    if symbol:
        above = directory.superiors_bearing(symbol)
        bearing = above if len(above) == 1 else directory.bearing(symbol)
        if len(bearing) == 1:
            return Direction.INCOMING, bearing[0]
    if entry.issuer:
        named = {one.unit for one in directory.addressees([entry.issuer], today).expansions}
        named = named or set(_called(entry.issuer, site))
        if len(named) == 1:
            return Direction.INCOMING, named.pop()
    return Direction.INCOMING, None


def _called(words: str, site: Site) -> Iterable[str]:
    """Yield superiors whose name begins with the words: `Thành ủy` is ours, there is but one above us."""
    wanted = fold(words)
    for unit in site.directory.units.values():
        if unit.relation is Relation.SUPERIOR and fold(unit.name).startswith(wanted):
            yield unit.key


def _as_reading(entry: WrittenEntry, words: str, mail: Reading, unit: str | None, site: Site) -> Reading:
    """Return the paper as if it had been read off a mail: what rules, letters and books look at."""
    known = site.directory.units.get(unit or "")
    number = entry.number
    scan = mail.documents[0] if mail.documents and number and mail.documents[0].number == number.canonical else None
    document = Document(
        number=number.canonical if number else None,
        system=number.system if number else System.OTHER,
        type=number.type if number else None,
        issuer=number.issuer if number else None,
        issued_on=entry.issued_on or (scan.issued_on if scan else None),
        summary=entry.summary,
        urgency=entry.urgency,
        issuer_name=known.name if known else entry.issuer,
        signer=scan.signer if scan else None,
    )
    limit = Deadline(entry.due, entry.due_text) if entry.due else None
    return replace(
        mail,
        kind=Kind.DIRECTIVE,
        subject=entry.summary,
        documents=(document,),
        deadlines=(limit,) if limit else (),
        meeting=None,
        reply=None,
        command=None,
        commands=(),
        review=(),
        text=words,
        wants_receipt=False,
        content_key=hashlib.sha256(f"{mail.content_key}\n{words}".encode()).hexdigest(),
    )


def _twin(identity: dict[str, Any], direction: Direction, known: Known) -> KnownDocument | None:
    """Return the same paper (issuer, type, number, term or year) that the book has, however it came."""
    names = ("issuer_unit", "type", "number_key", "series")
    if identity["number_key"] is None or identity["series"] is None:
        return None
    for matter in known.matters.get(identity["number"], ()):
        one = matter.document
        if one.direction == direction and all(getattr(one, name) == identity[name] for name in names):
            return one
    return None


def _in_the_book(twin: KnownDocument) -> str:
    number = f": số {twin.arrival_number}" if twin.arrival_number is not None else ""
    return f"{twin.number} đã có trong sổ{number}, không vào sổ lần nữa"


def _register(direction: Direction, site: Site) -> Register:
    """Return the book for papers: the first that takes this direction and says `paper_too`, else the first."""
    books = [one for one in site.registers.values() if one.takes is direction]
    if not books:
        raise NotEnteredError("cơ quan chưa khai báo sổ trong mailbot.yaml")
    return next((one for one in books if one.paper_too), books[0])
