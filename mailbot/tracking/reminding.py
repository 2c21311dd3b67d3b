"""From due steps to mails: one reminder a cell a day, coalesced; lists for overseers; telephone where mail fails."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mailbot.routing import letters
from mailbot.routing.choices import confirmed_by_telephone, telephoned
from mailbot.routing.handed_in import ReportState
from mailbot.routing.model import Mode
from mailbot.routing.plans import HeldPlan, MailPlan, Purpose
from mailbot.tracking.ladder import EXCHANGE, TELEPHONE
from mailbot.tracking.states import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from mailbot.routing.model import Site

EXPECTED = {
    "acknowledgement": "xác nhận đã nhận văn bản",
    "rsvp": "xác nhận dự họp",
    "report": "báo cáo",
    "none": "phản hồi",
}
# What a unit is asked about a paper that went out wrong: how its reminder asks for it, and what is not noted yet.
EXCHANGES = {
    Exchange.RECALL_OPEN: ("recall", "xác nhận đã hủy văn bản thu hồi"),
    Exchange.FILE_OPEN: ("replacement_file", "xác nhận đã nhận bản đúng"),
    Exchange.CORRECTION_OPEN: ("correction", "xác nhận đã nhận đính chính"),
}
MENDED = "báo cáo đã hoàn chỉnh"
OVERSEER = "overseer"
# What a unit has asked or told and nobody has settled yet: whoever reads a list must not take it for silence.
OPEN_MATTERS = {
    "extension_asked": "xin gia hạn, chưa có ý kiến",
    "question": "có câu hỏi, chưa có trả lời của Văn phòng",
    "problem": "báo không mở được hoặc thiếu văn bản",
}


@dataclass(frozen=True)
class DueReminder:
    """One step that is due for one delivery that has not answered; `values` are those its document was sent with.

    `rehearsed` is a document whose mails were held back by `mode: shadow`: its units know nothing of it.
    """

    id: int
    delivery: int
    document: int
    step: int
    do: str
    needs: str
    template: str
    to: tuple[str, ...]
    unit: str
    unit_name: str
    ask: str
    channel: str
    addresses: tuple[str, ...]
    transport: str | None
    due: str | None
    at: datetime
    content_key: str
    mailbox: str
    values: dict[str, Any]
    done: int = 0
    total: int = 0
    rehearsed: bool = False
    answered: bool = False
    open_matter: str | None = None
    ladder: str | None = None
    handling: str | None = None
    exchange: str | None = None


@dataclass(frozen=True)
class Round:
    """What one look at the due steps orders."""

    mails: tuple[MailPlan, ...] = ()
    sent: tuple[int, ...] = ()
    postponed: tuple[int, ...] = ()
    until: datetime | None = None
    needless: tuple[int, ...] = ()
    held: tuple[HeldPlan, ...] = ()


def plan_round(due: Sequence[DueReminder], site: Site, now: datetime, reminded_today: frozenset[str]) -> Round:
    """Return the mails of the steps due now, in office hours only; whoever was reminded today waits for tomorrow."""
    calendar = site.office.working_time
    if not due or not calendar.in_hours(now):
        return Round()
    needless = tuple(item.id for item in due if item.rehearsed and site.mode is Mode.LIVE)
    due = [item for item in due if item.id not in needless]
    reminds = [item for item in due if item.do in ("remind", TELEPHONE)]
    reachable = [item for item in reminds if _by_mail(item)]
    others = [item for item in reminds if item not in reachable]
    waiting = [item for item in reachable if item.addresses[0].lower() in reminded_today]
    now_due = [item for item in reachable if item not in waiting]
    lists = [item for item in due if item.do == "list"]
    tomorrow = calendar.add_working_days(calendar.local(now).date(), 1)
    mails = [
        _reminder(list(group), site, now) for _, group in _grouped(now_due, lambda item: item.addresses[0].lower())
    ]
    mails += _escalations(lists, site, now)
    return Round(
        mails=tuple(mails),
        sent=tuple(item.id for item in (*now_due, *others, *lists)),
        postponed=tuple(item.id for item in waiting),
        until=calendar.next_slot(calendar.start_of_day(tomorrow), site.office.reminders_at),
        needless=needless,
        held=tuple(_by_telephone(item, site) for item in {item.delivery: item for item in others}.values()),
    )


def _by_mail(item: DueReminder) -> bool:
    return item.do == "remind" and item.channel == "mail" and bool(item.addresses) and item.transport != "bounced"


def _grouped(items: Iterable[DueReminder], key: Any) -> Iterable[tuple[Any, Iterable[DueReminder]]]:
    return groupby(sorted(items, key=lambda item: (key(item), item.at, item.id)), key=key)


def _by_telephone(item: DueReminder, site: Site) -> HeldPlan:
    about = f"{item.unit_name}, {item.values.get('number', 'văn bản')}"
    text = f"{about}: chưa ghi nhận {_expected(item)[1]}, nhắc bằng điện thoại {_contact(item, site)}"
    choices = confirmed_by_telephone if item.needs == EXCHANGE else telephoned
    return HeldPlan("remind_by_telephone", text.rstrip(), delivery_id=item.delivery, choices=choices([item.delivery]))


def _expected(item: DueReminder) -> tuple[str, str]:
    """Return how a reminder asks, and what has not been noted yet, in words."""
    if item.needs == EXCHANGE:
        return EXCHANGES[Exchange(item.exchange or Exchange.FILE_OPEN)]
    if item.needs == "acknowledgement" and item.ask != "rsvp":
        return item.ask, EXPECTED["acknowledgement"]
    return item.ask, MENDED if _sent_back(item) else EXPECTED[item.ask]


def _sent_back(item: DueReminder) -> bool:
    return item.handling == ReportState.RETURNED


def _contact(item: DueReminder, site: Site) -> str:
    unit = site.directory.units.get(item.unit)
    people = [person for person in unit.people if person.phone] if unit else []
    return f"đ/c {people[0].name}, ĐT {people[0].phone}" if people else ""


def _as_of(site: Site, now: datetime) -> str:
    here = site.office.working_time.local(now)
    return f"{here:%H giờ %M} ngày {letters.day_text(here.date())}"


def _reminder(group: list[DueReminder], site: Site, now: datetime) -> MailPlan:
    """One mail for all that is due at one address; several documents become a numbered list."""
    # A wrong file or a recalled paper comes before what else is open of it.
    first = next((item for item in group if item.needs == EXCHANGE), group[0])
    officers = all(_is_officer(item) for item in group)
    names = list(dict.fromkeys(_called(item) for item in group))
    documents = list(dict.fromkeys(item.document for item in group))
    unit = " và ".join(names)
    short = "đồng chí" if officers else "Chi bộ" if len(names) == 1 and unit.startswith("Chi bộ") else "đơn vị"
    values = letters.office_values(site.office) | {"unit": unit, "unit_short": short, "as_of": _as_of(site, now)}
    here = site.office.working_time.local(now)
    if len(documents) == 1:
        overdue = first.needs != EXCHANGE and any(item.template == "reminder_overdue" for item in group)
        template = "reminder_overdue" if overdue else first.template
        values = first.values | values | _item(first, site)
    else:
        template = "reminder_coalesced"
        by_document = {item.document: item for item in sorted(group, key=lambda item: item.needs == EXCHANGE)}
        values |= {
            "items": [by_document[one].values | _item(by_document[one], site) for one in documents],
            "date": letters.day_text(here.date()),
        }
    # Two steps of one ladder may fall on the same day when the first had to wait: one mail, one line.
    by_delivery = {item.delivery: documents.index(item.document) + 1 for item in group}
    return MailPlan(
        purpose=Purpose.REMINDER,
        template=template,
        mailbox=first.mailbox,
        recipient=first.addresses[0],
        recipient_name=unit,
        values=values,
        deliveries=tuple(by_delivery),
        items=tuple(by_delivery.values()),  # the number that the list shows, by which the answer names it
        source_key=first.content_key,
        step=f"{first.step} {here:%Y-%m-%d %H:%M}",
        not_before=now,
    )


def _item(item: DueReminder, site: Site) -> dict[str, Any]:
    ask, expected = _expected(item)
    own = _is_officer(item) or _sent_back(item)
    mends = item.needs == EXCHANGE  # nothing of the paper's own limit is asked for with it
    return {
        "expected": expected,
        "ask": ask,
        "officer": _is_officer(item) and item.ask != "rsvp",
        "due_last": (letters.limit_text(item.due, site.office.working_time) or "") if not mends else "",
        # The document's words are about the units' limit; an officer has one of their own, so has what comes again.
        "due_text": "" if not item.due or own or mends else item.values.get("due_text", ""),
    }


def _escalations(lists: list[DueReminder], site: Site, now: datetime) -> list[MailPlan]:
    """One list a person and document: who has not answered, with telephone numbers."""
    by_person: dict[tuple[str, str, int, bool], list[DueReminder]] = {}
    for item in lists:
        for target in item.to:
            # The Thường trực hears of it only after the Chánh Văn phòng has agreed: he is asked in their place.
            asked = target == site.officers.standing
            for name, address in _people(site.officers.leader if asked else target, item, site):
                by_person.setdefault((address.lower(), name, item.document, asked), []).append(item)
    return [
        _escalation(name, address, group, site, now, ask_standing=asked)
        for (address, name, _, asked), group in by_person.items()
    ]


def _people(target: str, item: DueReminder, site: Site) -> tuple[tuple[str, str], ...]:
    if target != OVERSEER:
        return site.directory.addresses(target)
    unit = site.directory.units.get(item.unit)
    return site.directory.addresses(unit.overseer) if unit and unit.overseer else ()


def _escalation(
    name: str, address: str, group: list[DueReminder], site: Site, now: datetime, *, ask_standing: bool
) -> MailPlan:
    first = group[0]
    late = [
        {"name": item.unit_name, "contact": _contact(item, site), "note": _note(item), "asked": _asked(item)}
        for item in group
    ]
    values = first.values | letters.office_values(site.office) | _item(first, site)
    values |= {"person": name, "late": late, "done_count": first.done, "total": first.total, "as_of": _as_of(site, now)}
    values |= {"ask_standing": ask_standing}
    return MailPlan(
        purpose=Purpose.ESCALATION,
        template="escalation",
        mailbox=first.mailbox,
        recipient=address,
        recipient_name=name,
        values=values,
        source_key=first.content_key,
        step=f"{first.step} {site.office.working_time.local(now):%Y-%m-%d %H:%M}{' standing' if ask_standing else ''}",
        not_before=now,
    )


def _called(item: DueReminder) -> str:
    """Return how a mail addresses somebody: an officer is a person, whoever is invited bears the title already."""
    bare = _is_officer(item) and not item.unit_name.startswith("đồng chí")
    return f"đồng chí {item.unit_name}" if bare else item.unit_name


def _is_officer(item: DueReminder) -> bool:
    return item.unit.startswith(("role:", "person:"))


def _asked(item: DueReminder) -> dict[str, Any]:
    """Return what an answer of a leader needs to know of a late delivery (routing.listing.asked)."""
    return {
        "delivery": item.delivery,
        "document": item.document,
        "unit": item.unit,
        "unit_name": item.unit_name,
        "number": item.values.get("number"),
        "addresses": list(item.addresses),
        "channel": item.channel,
        "ladder": item.ladder,
        "ask": item.ask,
    }


def _note(item: DueReminder) -> str:
    if item.channel == "paper":
        return "nhận bản giấy"
    if item.open_matter in OPEN_MATTERS:
        return OPEN_MATTERS[item.open_matter]
    if _sent_back(item):
        return "báo cáo đã trả lại, đang làm lại"
    if item.answered:
        return f"đã nhận văn bản, chưa có {EXPECTED[item.ask]}"
    return "thư không đến được, cần gọi điện" if item.transport == "bounced" else "đã nhắc, chưa có trả lời"


@dataclass(frozen=True)
class Matter:
    """One line of a person's list: its row, its words, and the answers that it may get."""

    id: int
    text: str
    choices: tuple[Mapping[str, Any], ...] = ()


def list_for(
    matters: Sequence[Matter],
    person: str,
    address: str,
    mailbox: str,
    purpose: Purpose,
    site: Site,
    now: datetime,
) -> MailPlan:
    """Return the one numbered list of a slot that puts matters before a person, each with the answers it may get."""
    here = site.office.working_time.local(now)
    texts = [" ".join(matter.text.split()) for matter in matters]  # words of mails may hold line ends
    shared = letters.office_values(site.office)
    if purpose is Purpose.ADMIN_NOTICE:
        lines = "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
        values = shared | {
            "subject_line": f"{len(matters)} việc kỹ thuật, {letters.day_text(here.date())}",
            "body": lines,
        }
    else:
        values = shared | {
            "person": person,
            "date": letters.day_text(here.date()),
            "matters": [
                {
                    "text": text,
                    "matter": matter.id,
                    "choices": list(matter.choices),
                    "answers": [f"{number} {choice['words']}" for choice in matter.choices],
                }
                for number, (matter, text) in enumerate(zip(matters, texts, strict=True), start=1)
            ],
        }
    key = ",".join(str(matter.id) for matter in matters)
    return MailPlan(
        purpose,
        str(purpose),
        mailbox,
        address,
        person,
        values,
        source_key=f"list {key}",
        step=f"{here:%Y-%m-%d %H:%M}",
        not_before=now,
    )
