"""From a rule's action to the units that get a document, and from a release to its deliveries and mails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.office.text import fold as plain
from mailbot.routing import letters, wording
from mailbot.routing.circulating import kept_inside, withheld_lines
from mailbot.routing.model import Ask, Channel, Copy, Mode, Span, SpanUnit
from mailbot.routing.plans import ActionPlan, DeliveryPlan, MailPlan, Purpose, Recipient, Release
from mailbot.routing.slips import slip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.office.deadlines import Deadline
    from mailbot.reading import Reading
    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Action, Assign, DueRule, Site

ADDRESSEES = "addressees"
# A server must take a hundred recipients in one transaction; fewer leave room for those that count aliases.
EQUAL_AT_ONCE = 50
EVERYBODY = "Các đơn vị nhận văn bản"
ONLY_PUBLIC = "chỉ có hộp thư công cộng"
# A unit named only so that it knows is never asked for a report (domain: "để biết", "để b/c", "Lưu").
ONLY_TO_KNOW = frozenset({"inform", "report_to", "file"})


@dataclass(frozen=True)
class Due:
    """A unit's deadline: ISO text, its wording for the unit, and why it is that day."""

    limit: str | None = None
    words: str = ""
    because: str = ""


def due_of(rule: DueRule | None, reading: Reading, unit_name: str, site: Site, today: date) -> Due:
    """Return a unit's deadline: the document's own, else the rule's span from today."""
    if rule is None:
        return Due()
    calendar = site.office.working_time
    found = deadline_for(reading.deadlines, unit_name)
    if found is not None and rule.from_document and found.due is not None:
        limit = found.due
        said = f"document: {found.text}"
        if rule.before_document is not None:
            before = rule.before_document
            because = f"{said} ({limit.isoformat()}); rule: {before.amount} {before.unit} before"
            ours = before_limit(limit, before, site)
            return Due(ours, f"đến hết ngày {letters.day_text(date.fromisoformat(ours))}", because)
        return Due(limit.isoformat(), found.text, said)
    span = rule.otherwise or (rule.before_document and Span(5, SpanUnit.WORKING_DAY))
    if span is None:
        return Due()
    moment = calendar.deadline(datetime.combine(today, calendar.hours[0][0], tzinfo=calendar.zone), span)
    limit_day = moment.date()
    because = f"rule: {span.amount} {span.unit} from {today}"
    return Due(limit_day.isoformat(), f"chậm nhất ngày {letters.day_text(limit_day)}", because)


def before_limit(limit: date | datetime, span: Span, site: Site) -> str:
    """Return the day (ISO 8601) so much earlier than a limit, in which people can still act."""
    calendar = site.office.working_time
    day = calendar.last_working_day(limit.date() if isinstance(limit, datetime) else limit)
    if span.unit is SpanUnit.WORKING_DAY:
        return calendar.add_working_days(day, -span.amount).isoformat()
    return (day - timedelta(days=span.amount)).isoformat()


def _span_words(span: Span) -> str:
    words = {SpanUnit.WORKING_DAY: "ngày làm việc", SpanUnit.DAY: "ngày", SpanUnit.WORKING_HOUR: "giờ làm việc"}
    return f"{span.amount} {words.get(span.unit, str(span.unit))}"


def deadline_for(deadlines: Sequence[Deadline], unit_name: str) -> Deadline | None:
    """Return the deadline that names this unit, else the first that names nobody."""
    name = plain(unit_name)
    for deadline in deadlines:
        if deadline.addressee and plain(deadline.addressee) in name:
            return deadline
    return next((deadline for deadline in deadlines if deadline.addressee is None), None)


def recipients_of(
    action: Action, reading: Reading, site: Site, today: date
) -> tuple[tuple[Recipient, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the recipients that a rule's `send` means, those left out with the reason, and the lines nobody knows."""
    assert action.send is not None
    found: dict[str, tuple[str, str]] = {}  # unit -> (purpose, reason)
    excluded: dict[str, str] = {}
    unknown: list[str] = []
    for target in action.send.to:
        if target == ADDRESSEES:
            # A meeting is of people with posts. Of other papers "các đồng chí Ủy viên" are readers, asked for nothing.
            people = action.ask is Ask.RSVP
            _addressees(reading, site.directory, today, found, excluded, unknown, people=people)
        else:
            for expansion in site.directory.expand(target, today):
                found.setdefault(expansion.unit, ("execute", expansion.because))
            for person in site.directory.people_of(target):
                found.setdefault(person, ("execute", target))
    for target in action.send.excepted:
        for expansion in site.directory.expand(target, today):
            excluded[expansion.unit] = "theo quy tắc"
        excluded |= dict.fromkeys(site.directory.people_of(target), "theo quy tắc")
    recipients = tuple(
        recipient(unit, purpose, reason, action, reading, site, today)
        for unit, (purpose, reason) in found.items()
        if unit not in excluded and unit != site.office.unit
    )
    left_out = tuple(f"{_name(site.directory, unit)} ({why})" for unit, why in excluded.items())
    return recipients, left_out, tuple(unknown)


def _addressees(
    reading: Reading,
    directory: Directory,
    today: date,
    found: dict[str, tuple[str, str]],
    excluded: dict[str, str],
    unknown: list[str],
    *,
    people: bool,
) -> None:
    """Add whom the paper itself names: Kính gửi, else Nơi nhận by purpose, else Thành phần."""
    for lines, purpose in addressee_lines(reading):
        result = directory.addressees(lines, today)
        for expansion in result.expansions:
            found.setdefault(expansion.unit, (purpose, f"{expansion.because}{wording.NAMED_BY}{expansion.line}"))
        if people and purpose == "execute":
            for person, line in result.people.items():
                found.setdefault(person, (purpose, f"{person}{wording.NAMED_BY}{line}"))
        for expansion in result.excepted:
            excluded[expansion.unit] = "văn bản ghi trừ"
        if purpose == "execute":
            unknown.extend(result.unknown_lines)


def addressee_lines(reading: Reading) -> list[tuple[list[str], str]]:
    """Return the lines that name units with their purpose: Kính gửi first, Nơi nhận where it adds, else Thành phần."""
    document = reading.documents[0] if reading.documents else None
    lines: list[tuple[list[str], str]] = []
    if document is not None and document.addressees:
        lines.append((list(document.addressees), "execute"))
    if document is not None:
        for item in document.recipients:
            purpose = str(item.purpose)
            if purpose in ("as_above", "file"):
                continue
            named_above = bool(document.addressees)
            lines.append(([item.name], purpose if not named_above or purpose in ONLY_TO_KNOW else "execute"))
    if not lines and reading.meeting is not None and reading.meeting.participants:
        participants = reading.meeting.participants
        lines.append(([participants] if isinstance(participants, str) else list(participants), "execute"))
    return lines


def recipient(
    unit_key: str, purpose: str, reason: str, action: Action, reading: Reading, site: Site, today: date
) -> Recipient:
    """Return one unit, or one person (`person:bt`), as a recipient: addresses, what is asked and by when."""
    if unit_key.startswith("person:"):
        chair = reading.meeting.chair if reading.meeting is not None else None
        return person_recipient(unit_key, reason, action.ask, site, chair)
    unit = site.directory.units[unit_key]
    asked = Ask.NONE if purpose in ONLY_TO_KNOW else action.ask
    due = due_of(action.due, reading, unit.name, site, today) if asked is not Ask.NONE else Due()
    secretary = next(iter(unit.people), None)
    contact = f"đ/c {secretary.name}, ĐT {secretary.phone}" if secretary and secretary.phone else None
    return Recipient(
        unit=unit.key,
        name=unit.name,
        short_name=unit.name.split(" ", 2)[0] + " " + unit.name.split(" ", 2)[1] if unit.name.count(" ") else unit.name,
        addresses=unit.mail,
        channel=unit.channel if unit.mail else Channel.PAPER,
        ask=asked,
        purpose=purpose,
        reason=reason,
        due=due.limit,
        due_because=due.because,
        contact=contact,
    )


def person_recipient(key: str, reason: str, ask: Ask, site: Site, chair: str | None = None) -> Recipient:
    """Return a person with a post as a recipient; whoever chairs the meeting is told of it, and asked nothing."""
    person = site.directory.person(key.removeprefix("person:"))
    assert person is not None
    post = f", {person.post}" if person.post else ""
    return Recipient(
        unit=key,
        name=f"đồng chí {person.name}{post}",
        short_name="đồng chí",
        addresses=(person.mail,) if person.mail else (),
        channel=Channel.MAIL if person.mail else Channel.PAPER,
        ask=Ask.NONE if chair and plain(person.name) in plain(chair) else ask,
        purpose="execute",
        reason=reason,
        contact=f"đ/c {person.name}, ĐT {person.phone}" if person.phone else None,
    )


def recipient_like(other: Recipient, key: str, reason: str, site: Site) -> Recipient:
    """Return a unit as a recipient that is asked what the others are asked."""
    if key.startswith("person:"):
        return person_recipient(key, reason, other.ask, site)
    unit = site.directory.units[key]
    person = next((each for each in unit.people if each.phone), None)
    return replace(
        other,
        unit=key,
        name=unit.name,
        short_name=unit.name,
        addresses=unit.mail,
        channel=unit.channel if unit.mail else Channel.PAPER,
        reason=reason,
        contact=f"đ/c {person.name}, ĐT {person.phone}" if person else None,
        purpose="execute",
    )


def _name(directory: Directory, key: str) -> str:
    person = directory.person(key.removeprefix("person:")) if key.startswith("person:") else None
    if person is not None:
        return f"đồng chí {person.name}"
    unit = directory.units.get(key)
    return unit.name if unit else key


def officers_of(assign: Assign, reading: Reading, site: Site, today: date) -> tuple[Recipient, ...]:
    """Return the officers who handle a document: the lead is asked for a report, the others for a receipt.

    Their limit may be the document's own: a superior's deadline is the office's, beside the cells' earlier one.
    """
    due = due_of(assign.due, reading, "", site, today)
    found = []
    for target, ask in ((assign.lead, Ask.REPORT), *((other, Ask.ACKNOWLEDGEMENT) for other in assign.cooperating)):
        for named, address in site.directory.addresses(target):
            name = named or ("văn thư" if address == clerk(site)[1] else address)
            role = "chủ trì" if ask is Ask.REPORT else "phối hợp"
            found.append(
                Recipient(
                    target,
                    name,
                    name,
                    (address,),
                    Channel.MAIL,
                    ask,
                    "execute",
                    f"assign: {role}",
                    due=due.limit,
                    due_because=due.because,
                    template="assignment",
                )
            )
    return tuple(found)


def carry_out(
    release: Release, site: Site, source_key: str, now: datetime, extra: dict[str, Any] | None = None
) -> tuple[tuple[DeliveryPlan, ...], tuple[MailPlan, ...]]:
    """Turn a release into its deliveries and mails: one mail an address, a list for those on paper, in order."""
    release = kept_inside(release, site)
    calendar = site.office.working_time
    acknowledge_by = calendar.deadline(now, release.acknowledge_within) if release.acknowledge_within else None
    deliveries = tuple(
        DeliveryPlan(
            recipient=item,
            acknowledge_by=acknowledge_by if item.ask is not Ask.NONE else None,
            ladder=release.ladder if item.ask is not Ask.NONE else None,
            rsvp_by=release.rsvp_by,
            meeting_at=release.meeting_at,
        )
        for item in release.recipients
    )
    groups = _by_address(release.recipients)
    if release.copy is Copy.EQUAL:
        mails = [_equal_mail(release, some, site, source_key, now, extra or {}) for some in _alike(groups)]
    else:
        mails = [_unit_mail(release, group, site, source_key, now, extra or {}) for group in groups]
    paper = [item for item in release.recipients if item.channel is Channel.PAPER]
    if paper:
        mails.append(_paper_list(release, paper, site, source_key, now))
    return deliveries, tuple(mails)


def _by_address(recipients: tuple[Recipient, ...]) -> list[list[Recipient]]:
    """Group what shares a mailbox and a way of being asked: one mail, one answer for all of them."""
    groups: dict[tuple[str, str, str | None], list[Recipient]] = {}
    for item in recipients:
        if item.channel is Channel.MAIL:
            groups.setdefault((item.addresses[0].lower(), str(item.ask), item.template), []).append(item)
    return list(groups.values())


def _alike(groups: list[list[Recipient]]) -> list[list[list[Recipient]]]:
    """Put groups together whose mails say the same, as many as one transaction carries (RFC 5321 4.5.3.1.8)."""
    alike: dict[tuple[object, ...], list[list[Recipient]]] = {}
    for group in groups:
        first = group[0]
        alike.setdefault((first.ask, first.template, first.purpose, first.due), []).append(group)
    return [some[at : at + EQUAL_AT_ONCE] for some in alike.values() for at in range(0, len(some), EQUAL_AT_ONCE)]


def _equal_mail(
    release: Release, groups: list[list[Recipient]], site: Site, source_key: str, now: datetime, extra: dict[str, Any]
) -> MailPlan:
    """One mail for many units: addressed to our own mailbox, so that nobody's answer goes to all the others."""
    everybody = [item for group in groups for item in group]
    mail = _unit_mail(release, everybody, site, source_key, now, extra)
    return replace(
        mail,
        recipient=site.mailboxes[release.mailbox].address,
        recipient_name=EVERYBODY,
        values=mail.values | {"unit": _joined([item.name for item in everybody]), "unit_short": "các đơn vị"},
        recipients=tuple(dict.fromkeys(group[0].addresses[0] for group in groups)),
    )


def _unit_mail(
    release: Release, group: list[Recipient], site: Site, source_key: str, now: datetime, extra: dict[str, Any]
) -> MailPlan:
    first = group[0]
    template = first.template or release.template
    return MailPlan(
        purpose=Purpose.ASSIGNMENT if first.template == "assignment" else release.purpose,
        template=template,
        mailbox=release.mailbox,
        recipient=first.addresses[0],
        recipient_name=_joined([item.name for item in group]),
        values=release.said_to(group[0].unit) | extra | unit_values(group, site),
        units=tuple(item.unit for item in group),
        source_key=source_key,
        shared=True,
        not_before=now,
    )


def unit_values(group: Sequence[Recipient], site: Site) -> dict[str, Any]:
    """Return what a mail says to these units: their names, what is asked of them, by when."""
    first = group[0]
    due_text = letters.limit_text(first.due, site.office.working_time)
    values: dict[str, Any] = {
        "unit": _joined([item.name for item in group]),
        "unit_short": first.short_name if len(group) == 1 else "các đơn vị",
        "ask": str(first.ask),
        "purpose": letters.PURPOSE_WORDS.get(first.purpose, letters.PURPOSE_WORDS["execute"]),
        "due_last": due_text or "",
        "previous_answer": first.previous_answer,
        "calendar_key": first.calendar_key,
        "to_person": first.unit.startswith("person:"),
    }
    if first.due is None:
        values["due_text"] = ""
    return values


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " và " + names[-1]


def _paper_list(release: Release, paper: list[Recipient], site: Site, source_key: str, now: datetime) -> MailPlan:
    name, address = clerk(site)
    units = [
        {"name": item.name, "contact": item.contact or "", "withheld": ONLY_PUBLIC if item.withheld else ""}
        for item in paper
    ]
    return MailPlan(
        purpose=Purpose.PAPER_LIST,
        template="paper_list",
        mailbox=release.mailbox,
        recipient=address,
        recipient_name=name,
        values={"units": units, "count": len(units), "printed": slip(release.values, units)},
        units=tuple(item.unit for item in paper),
        source_key=source_key,
        shared=True,
        not_before=now,
    )


def released_notice(site: Site, name: str, address: str, release: Release, source_key: str) -> MailPlan:
    """Return the one confirmation that a document's sender gets: number, units, deadline, what could not be done."""
    release = kept_inside(release, site)
    by_mail = [item for item in release.recipients if item.channel is Channel.MAIL]
    due = next((item.due for item in release.recipients if item.due), None)
    values = release.values | {
        "due_last": letters.limit_text(due, site.office.working_time) or "",
        "sender": name,
        "unit_count": len(release.recipients),
        "mail_count": len(by_mail),
        "paper_count": len(release.recipients) - len(by_mail),
        "excluded": list(release.excluded),
        "unknown_lines": list(release.unknown_lines),
        "withheld": withheld_lines(release.recipients),
        "shadow": site.mode is Mode.SHADOW,
        "ladder_text": _ladder_words(release, site),
    }
    return MailPlan(Purpose.RELEASED, "released", release.mailbox, address, name, values, source_key=source_key)


def _ladder_words(release: Release, site: Site) -> str:
    ladder = site.ladders.get(release.ladder or "")
    return f"{len(ladder.steps)} lần, theo lịch đôn đốc {ladder.name}" if ladder else "không nhắc"


def save_sent(site: Site, mailbox: str) -> tuple[ActionPlan, ...]:
    """Return the wish for ONE copy a document in the folder of sent mails, where that is configured."""
    folder = site.mailboxes[mailbox].save_sent
    return (ActionPlan("save_sent", folder),) if folder else ()


def clerk(site: Site) -> tuple[str, str]:
    """Return name and address of the clerk, to whom everything doubtful goes."""
    return site.directory.addresses(site.officers.clerk)[0]


def sends_for_real(site: Site, recipient: str) -> bool:
    """Tell whether a mail may leave: in shadow only what goes to the clerk does."""
    return site.mode is Mode.LIVE or recipient.lower() == clerk(site)[1].lower()
