"""A leader's instruction carried out: words become people, units and limits, or are asked back before anything goes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mailbot.office.instruction_words import Part
from mailbot.office.instructions import Clause, Instruction, read_instruction
from mailbot.office.limits import Anchors
from mailbot.office.text import fold
from mailbot.routing import letters, naming
from mailbot.routing.circulating import shut_in
from mailbot.routing.model import Anchor, Ask, Channel
from mailbot.routing.plans import Purpose, Recipient, Release
from mailbot.routing.releasing import person_recipient, recipient_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mailbot.office.instructions import Limit
    from mailbot.routing.known import KnownDelivery, KnownMatter
    from mailbot.routing.model import Site

BY_LEADER = "theo ý kiến chỉ đạo"
# The part of an officer, as the assignment says it, and what is asked of them.
OFFICERS: dict[Part, tuple[str, Ask]] = {
    Part.GIVEN: ("chủ trì", Ask.REPORT),
    Part.LEAD: ("chủ trì", Ask.REPORT),
    Part.EXECUTE: ("thực hiện", Ask.REPORT),
    Part.CONSOLIDATE: ("tổng hợp", Ask.REPORT),
    Part.COOPERATE: ("phối hợp", Ask.ACKNOWLEDGEMENT),
    Part.KNOW: ("để biết", Ask.NONE),
    Part.ATTEND: ("dự họp", Ask.RSVP),
}
LEADS = (Part.GIVEN, Part.LEAD)
WEEK = timedelta(days=7)
# How many units a line names one by one.
MOST_NAMES = 4


@dataclass(frozen=True)
class Giver:
    """Whose instruction it is, and the address to which questions about it go."""

    name: str
    title: str
    address: str
    typed_by: str = ""  # the clerk who typed it in


@dataclass(frozen=True)
class Question:
    """What only the leader can say: one line, and the answers with what each of them stands for."""

    key: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Doubts:
    """Why an instruction is not carried out yet: questions with answers, and what nobody can make out."""

    questions: tuple[Question, ...] = ()
    unclear: tuple[str, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)  # answers that the questions echo, taken when answered


@dataclass(frozen=True)
class Reassigned:
    """A delivery whose limit changes: it was given out before."""

    delivery: KnownDelivery
    due: str


@dataclass(frozen=True)
class Carried:
    """What an instruction comes to: a release of what is new, limits that move, or that it is filed or submitted on."""

    release: Release | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)  # by unit of the release
    limits: tuple[Reassigned, ...] = ()
    files: bool = False
    submit_to: str | None = None  # a target
    rows: tuple[str, ...] = ()


def read(text: str, giver: Giver, site: Site, now: datetime) -> Instruction:
    """Read what a leader wrote on that day; their own name below it is no order."""
    calendar = site.office.working_time
    today = calendar.local(now).date()
    anchors = Anchors(None, today, site.office.timezone, calendar, now)
    signature = [giver.name, giver.title, *giver.name.split()[-1:], " ".join(giver.name.split()[-2:])]
    return read_instruction(text, anchors, [words for words in signature if words])


def plan(
    said: Instruction, matter: KnownMatter, giver: Giver, answers: Mapping[str, str], site: Site, now: datetime
) -> Carried | Doubts:
    """Resolve an instruction against the directory, the calendar and what went out before.

    `answers` are what the leader has said to earlier questions, by their keys. Nothing is carried out by halves: any
    doubt about any part gives Doubts alone.
    """
    return _Planning(said, matter, giver, answers, site, now).plan()


class _Planning:
    """One instruction on its way to a plan; collects recipients and doubts."""

    def __init__(
        self,
        said: Instruction,
        matter: KnownMatter,
        giver: Giver,
        answers: Mapping[str, str],
        site: Site,
        now: datetime,
    ) -> None:
        self.said, self.matter, self.giver, self.answers, self.site = said, matter, giver, answers, site
        self.today = site.office.working_time.local(now).date()
        self.proposed = matter.document.release
        self.questions: dict[str, Question] = {}
        self.unclear: list[str] = list(said.unclear)
        self.found: dict[str, tuple[Part, Recipient]] = {}
        self.existing = {one.unit: one for one in matter.deliveries}
        self.limits: dict[str, Reassigned] = {}
        self.meets = bool(matter.values.get("meeting")) or matter.meeting is not None

    def plan(self) -> Carried | Doubts:
        if not self.said.clear and not self.unclear:
            self.unclear.append(self.said.text.strip()[:120] or "(không có nội dung)")
        if self.unclear:
            return Doubts(unclear=tuple(self.unclear))
        if self.said.keep:
            return self._filed()
        if self.said.submit_to:
            return self._submitted(self.said.submit_to)
        self._proposal()
        for clause in self.said.clauses:
            self._clause(clause)
        self._without()
        self._one_lead()
        self._past()
        if self.unclear or self.questions:
            return self._doubts()
        if not self.found and not self.limits:
            return self._nothing()
        return Carried(
            self._release(),
            {unit: part for unit, (part, _) in self.found.items()},
            tuple(self.limits.values()),
            rows=tuple(self._rows()),
        )

    def _doubts(self) -> Doubts:
        """Weekdays are echoed beside another question, and are a question of their own where there is no other."""
        days = [one for key, one in self.questions.items() if key.startswith("day ")]
        others = [one for key, one in self.questions.items() if not key.startswith("day ")]
        if not others:
            return Doubts(tuple(days), tuple(self.unclear))
        echo = "".join(f"; {one.text}" for one in days)
        first = replace(others[0], text=others[0].text + echo)
        return Doubts((first, *others[1:]), tuple(self.unclear), {one.key: one.choices[0][1] for one in days})

    # --- filed, submitted on, nothing ---

    def _filed(self) -> Carried | Doubts:
        if self.matter.document.state == "released":
            return Doubts(unclear=("văn bản đã chuyển đi, không lưu lại được; muốn dừng theo dõi, ghi KẾT THÚC",))
        return Carried(files=True, rows=("lưu, không chuyển đơn vị nào",))

    def _submitted(self, words: str) -> Carried | Doubts:
        target = self._who(words, only_people=True)
        if target is None or len(target) != 1:
            if not self.questions:
                self.unclear.append(f"“{words}”: chỉ trình được một đồng chí")
            return Doubts(tuple(self.questions.values()), tuple(self.unclear))
        if not self.site.directory.addresses(target[0]):
            return Doubts(unclear=(f"{naming.name_of(target[0], self.site.directory)} không có địa chỉ thư",))
        return Carried(submit_to=target[0], rows=(f"trình {naming.name_of(target[0], self.site.directory)}",))

    def _nothing(self) -> Carried | Doubts:
        if self.said.approves and self.proposed is None and not self.meets:
            return Carried(files=True, rows=("lưu, theo dõi như đề xuất",))
        why = "giấy mời này chưa rõ đồng chí nào dự" if self.said.approves else "việc này đã giao từ trước"
        return Doubts(unclear=(why,))

    # --- whom ---

    def _who(self, words: str, *, only_people: bool = False) -> tuple[str, ...] | None:
        """Return the targets that words mean, or None when something of them must be asked."""
        targets, asked = [], False
        for meant in naming.who_is(words, self.site, self.giver.address, self.today):
            key = f"who {fold(meant.words)}"
            said = self.answers.get(key)
            choices = tuple(one for one in meant.targets if not only_people or one.startswith(("person:", "role:")))
            if said:
                targets.append(said)
            elif len(choices) == 1:
                targets.append(choices[0])
            else:
                self._ask_who(key, meant, choices)
                asked = True
        return None if asked else tuple(dict.fromkeys(targets))

    def _ask_who(self, key: str, meant: naming.Meant, choices: tuple[str, ...]) -> None:
        directory = self.site.directory
        offered = choices or meant.near
        names = {target: naming.name_of(target, directory).removeprefix("đ/c ") for target in offered}
        if len(set(names.values())) < len(names):  # two of the very same name are told apart by their posts
            names = {target: f"{name}, {_post(target, self.site)}" for target, name in names.items()}
        text = f"danh bạ không có “{meant.words}”"
        if choices:
            bare = naming.TITLE.sub("", meant.words)
            people = all(target.startswith("person:") for target in choices)
            text = f"có {len(choices):02d} {'đồng chí tên' if people else 'nơi gọi là'} {bare}"
        self.questions[key] = Question(key, text, tuple((name, target) for target, name in names.items()))

    # --- by when ---

    def _limit(self, limit: Limit | None) -> str | None:
        """Return a limit (ISO 8601); a weekday alone is asked back with its date unless another question echoes it."""
        limit = limit or self.said.limit
        if limit is None:
            return None
        key = f"day {fold(limit.words)}"
        if limit.named is not None and key not in self.answers:
            days = (limit.named, limit.named + WEEK)
            shift = [limit.due, limit.due + WEEK]
            choices = tuple((letters.long_day(day), due.isoformat()) for day, due in zip(days, shift, strict=True))
            self.questions[key] = Question(key, f"“{limit.words}” hiểu là {letters.long_day(limit.named)}", choices)
        return self.answers.get(key) or limit.due.isoformat()

    def _past(self) -> None:
        """A limit that has passed is a slip; a weekday need not be asked for where another question echoes it."""
        limits = [clause.limit for clause in self.said.clauses] + [self.said.limit]
        for limit in {limit for limit in limits if limit is not None}:
            day = limit.due.date() if isinstance(limit.due, datetime) else limit.due
            if day < self.today:
                self.unclear.append(f"thời hạn “{limit.words}” đã qua")

    # --- what was proposed ---

    def _proposal(self) -> None:
        if not (self.said.approves or self.said.added):
            return
        named = [clause for clause in self.said.clauses if clause.part in (Part.GIVEN, Part.EXECUTE)]
        if self.proposed is None or (named and self._scope(named) == "named"):
            return
        due = self._limit(None)
        for item in self.proposed.recipients:
            given = replace(item, due=due, due_because=BY_LEADER) if due and item.ask is not Ask.NONE else item
            self._take(Part.EXECUTE, given)
        for words in self.said.added:
            for target in self._who(words) or ():
                self._units(Part.EXECUTE, target, due)

    def _scope(self, clauses: Iterable[Clause]) -> str:
        """`Đồng ý, chuyển Chi bộ 1`: that one alone, or as proposed and that one; asked where it makes a difference."""
        assert self.proposed is not None
        units: set[str] = set()
        for clause in clauses:
            targets = self._who(clause.who) or ()
            units |= {one for target in targets for one in naming.units_of([target], self.site, self.today)}
        proposed = {item.unit for item in self.proposed.recipients}
        if not units or not units & proposed or units >= proposed:
            return "all"
        asked = f"đồng ý đề xuất ({len(proposed):02d} đơn vị) nhưng nêu tên {len(units & proposed):02d} đơn vị"
        choices = (("chỉ đơn vị nêu tên", "named"), ("tất cả như đề xuất", "all"))
        if "scope" not in self.answers:
            self.questions["scope"] = Question("scope", asked, choices)
        return self.answers.get("scope", "all")

    def _without(self) -> None:
        for words in self.said.without:
            targets = self._who(words)
            if targets is None:
                continue
            units = set(naming.units_of(targets, self.site, self.today)) | set(targets)
            if not units & set(self.found):
                self.unclear.append(f"“{words}” không có trong các nơi nhận")
            self.found = {unit: each for unit, each in self.found.items() if unit not in units}

    # --- clauses ---

    def _clause(self, clause: Clause) -> None:
        due = self._limit(clause.limit)
        for target in self._who(clause.who) or ():
            kind = target.partition(":")[0]
            if kind in ("person", "role"):
                self._officer(clause.part, target, due)
            elif self.site.directory.people_of(target) and not naming.units_of([target], self.site, self.today):
                self._people(clause, target, due)
            else:
                self._units(clause.part, target, due)

    def _people(self, clause: Clause, target: str, due: str | None) -> None:
        """A group of people: who leads of them is nobody's guess."""
        if clause.part in LEADS:
            self.unclear.append(f"“{clause.who}”: chưa rõ đồng chí nào chủ trì")
            return
        for person in self.site.directory.people_of(target):
            self._officer(clause.part, person, due)

    def _officer(self, part: Part, target: str, due: str | None) -> None:
        if self.meets and part is Part.GIVEN and self.proposed is None:
            part = Part.ATTEND
        if part is Part.ATTEND and not self.meets:
            self.unclear.append("văn bản này không phải giấy mời họp")
            return
        words, ask = OFFICERS[part]
        limit = due if part is not Part.ATTEND else None
        if limit is None and ask is Ask.REPORT:
            limit = self.matter.document.due
        if limit is not None and self.matter.document.due and not due and limit[:10] < self.today.isoformat():
            limit = None  # a superior's limit that has passed is nobody's any more
        recipient = officer_recipient(target, ask, self.site)
        if recipient is None:
            self.unclear.append(f"{naming.name_of(target, self.site.directory)} không có trong danh bạ")
            return
        because = BY_LEADER if due else "document"
        self._take(
            part,
            replace(recipient, reason=f"assign: {words}", due=limit, due_because=because if limit else ""),
        )

    def _units(self, part: Part, target: str, due: str | None) -> None:
        units = naming.units_of([target], self.site, self.today)
        if not units:
            self.unclear.append(f"{naming.name_of(target, self.site.directory)}: không còn đơn vị nào")
        proposed = {item.unit: item for item in self.proposed.recipients} if self.proposed is not None else {}
        model = next((item for item in proposed.values() if item.ask is not Ask.NONE), None)
        for unit in units:
            item = proposed.get(unit) or recipient_like(model or _model(bool(due)), unit, BY_LEADER, self.site)
            item = replace(item, reason=f"{BY_LEADER}: {target}", purpose="inform" if part is Part.KNOW else "execute")
            if part is Part.KNOW:
                item = replace(item, ask=Ask.NONE, due=None, due_because="")
            elif part is Part.COOPERATE:
                item = replace(item, ask=Ask.ACKNOWLEDGEMENT)
            if due and part is not Part.KNOW:
                item = replace(item, due=due, due_because=BY_LEADER)
            self._take(part, item)

    def _take(self, part: Part, item: Recipient) -> None:
        """Take somebody in, once; who has the paper already keeps it, and gets the new limit."""
        before = self.existing.get(item.unit)
        if before is None:
            earlier = self.found.get(item.unit)
            # A part of their own beats what they get with all the others.
            if earlier is None or part is not Part.EXECUTE:
                self.found[item.unit] = (part, item)
        elif item.due and item.due != before.due and not before.satisfied and before.ask is not Ask.NONE:
            self.limits[item.unit] = Reassigned(before, item.due)

    def _one_lead(self) -> None:
        """Exactly one leads (NĐ 30/2020, Art. 23.2); of several the leader says which."""
        leads = [unit for unit, (part, item) in self.found.items() if part in LEADS and item.template == "assignment"]
        if len(leads) < 2:
            return
        chosen = self.answers.get("lead")
        if chosen is None:
            names = [(self.found[unit][1].name, unit) for unit in leads]
            self.questions["lead"] = Question("lead", f"có {len(leads):02d} đồng chí chủ trì", tuple(names))
            return
        for unit in leads:
            if unit != chosen:
                words, ask = OFFICERS[Part.COOPERATE]
                item = replace(self.found[unit][1], ask=ask, reason=f"assign: {words}")
                self.found[unit] = (Part.COOPERATE, item)

    # --- what it comes to ---

    def _release(self) -> Release | None:
        if not self.found:
            return None
        recipients = tuple(item for _, item in self.found.values())
        meeting = self.matter.meeting
        values = dict(self.matter.values)
        if self.proposed is not None:
            values = dict(self.proposed.values)
        base = self.proposed or Release(
            recipients=(),
            template="directive_from_superior",
            purpose=Purpose.DIRECTIVE,
            mailbox=self.matter.mailbox,
            values=values,
            inside=shut_in(str(values.get("circulation") or ""), self.site),
        )
        attends = any(part is Part.ATTEND for part, _ in self.found.values())
        anchor = Anchor.MEETING if attends else Anchor.DUE
        return replace(
            base,
            recipients=recipients,
            values=values,
            ladder=base.ladder or _ladder(self.site, anchor),
            meeting_at=meeting.starts_at if meeting is not None else None,
            excluded=(*base.excluded, *(f"{words} ({BY_LEADER})" for words in self.said.without)),
        )

    def _rows(self) -> Iterable[str]:
        """Yield what was done, a line for each part."""
        groups: dict[tuple[str, str | None], list[str]] = {}
        for part, item in self.found.values():
            words = OFFICERS[part][0] if item.template == "assignment" or part is not Part.GIVEN else "thực hiện"
            name = f"đ/c {item.name}" if item.template == "assignment" else item.name
            groups.setdefault((words, item.due), []).append(name)
        for (words, due), names in groups.items():
            who = "; ".join(names) if len(names) <= MOST_NAMES else f"{len(names):02d} đơn vị"
            yield f"{words}: {who}{_by(due, self.site)}"
        for each in self.limits.values():
            yield f"{each.delivery.unit_name}: đã giao từ trước, thời hạn mới{_by(each.due, self.site)}"
        for words in self.said.without:
            yield f"không chuyển: {words}"
        latest = max((item.due[:10] for _, item in self.found.values() if item.due), default="")
        ours = self.matter.document.due
        if ours and latest > ours[:10]:
            yield f"lưu ý: thời hạn giao sau hạn phải báo cáo cấp trên{_by(ours, self.site)}"


def _by(due: str | None, site: Site) -> str:
    text = letters.limit_text(due, site.office.working_time)
    return f", chậm nhất {text}" if text else ""


def _post(target: str, site: Site) -> str:
    person = site.directory.person(target.partition(":")[2])
    return (person.post or person.mail or "") if person else ""


def _ladder(site: Site, anchor: Anchor) -> str | None:
    """Return the ladder by which a paper is followed that no rule gave one: the first that counts from this moment."""
    return next((key for key, one in site.ladders.items() if any(step.anchor is anchor for step in one.steps)), None)


def _model(due: bool) -> Recipient:
    ask = Ask.REPORT if due else Ask.ACKNOWLEDGEMENT
    return Recipient("", "", "", (), Channel.MAIL, ask, "execute", BY_LEADER)


def officer_recipient(target: str, ask: Ask, site: Site) -> Recipient | None:
    """Return a person or a role of the office as somebody who handles a paper."""
    if target.startswith("person:"):
        person = site.directory.person(target.removeprefix("person:"))
        if person is None:
            return None
        item = person_recipient(target, "", ask, site)
        return replace(item, name=person.name, short_name=person.name, ask=ask, template="assignment")
    pairs = site.directory.addresses(target)
    if not pairs:
        return None
    name, address = pairs[0]
    called = name or target.partition(":")[2].replace("-", " ")
    return Recipient(target, called, called, (address,), Channel.MAIL, ask, "execute", "", template="assignment")


def given_on(now: datetime, site: Site) -> str:
    """Return the day of an instruction as the assignment says it."""
    day: date = site.office.working_time.local(now).date()
    return letters.day_text(day)
