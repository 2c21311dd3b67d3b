"""Digests for the people of the office: the day's work each morning, what is late and the week that comes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.reporting import registers
from mailbot.reporting.registers import View
from mailbot.reporting.schedule import week_of, week_rows
from mailbot.routing import attendance, letters
from mailbot.routing.handed_in import ReportState
from mailbot.routing.plans import MailPlan, Purpose
from mailbot.store.tables import DocumentState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailbot.office.working_time import WorkingTime
    from mailbot.routing.known import KnownMatter
    from mailbot.routing.model import Digest, Site
    from mailbot.store.digesting import Figures, Limit, OurTask, Waiting
    from mailbot.store.following import OpenMatter
    from mailbot.store.meetings import Meeting
    from mailbot.store.registers import Entry

# A numbered list longer than this is read by nobody; the rest stands in the next one.
MOST_MATTERS = 30
MOST_UNITS = 40
MOST_WAITING = 20
NOT_YET = {"report": "chưa báo cáo", "acknowledgement": "chưa xác nhận nhận"}


# --- the morning --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Morning:
    """What the ledger tells in the morning; `matters` are those that no list has told today."""

    matters: Sequence[OpenMatter]
    waiting: Sequence[Waiting]
    limits: Sequence[Limit]
    tasks: Sequence[OurTask]
    meetings: Sequence[tuple[Meeting, KnownMatter | None]]
    figures: Figures
    entered: Mapping[str, Sequence[Entry]]  # by book, since the last working day


def morning_days(now: datetime, calendar: WorkingTime) -> tuple[date, date]:
    """Return today and the last day whose limits are those of today or of the next working day.

    A limit on a day off is one of the last working day before it.
    """
    today = calendar.local(now).date()
    following = calendar.add_working_days(today, 2)
    return today, following - timedelta(days=1)


def daily_mail(
    digest: Digest, recipient: tuple[str, str], morning: Morning, site: Site, now: datetime, *, for_clerk: bool
) -> MailPlan | None:
    """Return the morning's mail to a person (name, address); None when there is nothing to say.

    The clerk answers the matters by number as in the clerk's list; others read how many there are.
    """
    here = site.office.working_time.local(now)
    matters = list(morning.matters)[:MOST_MATTERS] if for_clerk else []
    items = [_waiting(one, site) for one in morning.waiting[:MOST_WAITING]]
    if len(morning.waiting) > MOST_WAITING:
        items.append(f"Còn {len(morning.waiting) - MOST_WAITING:02d} văn bản khác chờ ý kiến hoặc chờ xác nhận")
    todo: list[dict[str, Any]] = [{"text": text, "answers": [], "matter": None, "choices": []} for text in items]
    todo += [_matter(one, number) for number, one in enumerate(matters, start=len(todo) + 1)]
    due = _due_lines(morning, site, here.date())
    if not for_clerk and morning.matters:
        due = [*due, f"Văn thư còn {len(morning.matters):02d} việc chờ xử lý"]
    if not todo and not due and morning.figures.nothing:
        return None
    values = letters.office_values(site.office) | {
        "person": recipient[0],
        "weekday": letters.WEEKDAYS[here.weekday()],
        "date": letters.day_text(here.date()),
        "todo": [{"text": item["text"], "answers": item["answers"]} for item in todo],
        # What an answer by number is looked up in, in the order of the lines.
        "matters": [{name: item[name] for name in ("text", "matter", "choices")} for item in todo],
        "due": due,
        "figures": _figures(morning.figures),
        "attachments": [],
    }
    pages = _pages(morning.entered, site, now)
    if pages:
        values |= {"workbook": pages, "attachments": [pages[0]["file"]]}
    return _plan("digest", digest, recipient, values, site, here)


def _plan(
    template: str, digest: Digest, recipient: tuple[str, str], values: dict[str, Any], site: Site, here: datetime
) -> MailPlan:
    return MailPlan(
        Purpose.DIGEST,
        template,
        next(iter(site.mailboxes)),
        recipient[1],
        recipient[0],
        values,
        source_key=f"digest {digest.key}",
        step=f"{here:%Y-%m-%d %H:%M}",
        not_before=here,
    )


def _matter(one: OpenMatter, number: int) -> dict[str, Any]:
    return {
        "text": " ".join(one.text.split()),  # words of mails may hold line ends
        "answers": [f"{number} {choice['words']}" for choice in one.choices],
        "matter": one.id,
        "choices": list(one.choices),
    }


def _waiting(one: Waiting, site: Site) -> str:
    calendar = site.office.working_time
    name = one.number or f"“{letters.shorten(one.summary)}”"
    since = f"{calendar.local(one.since):%d/%m}"
    if one.state == DocumentState.AWAITING_INSTRUCTION:
        arrival = f" (số đến {one.arrival_number})" if one.arrival_number else ""
        return f"Chờ ý kiến chỉ đạo: {name}{arrival}, trình ngày {since}, chưa có ý kiến"
    until = f", hết hạn {letters.short_moment(calendar.local(one.expires_at))}" if one.expires_at else ""
    return f"Chờ xác nhận gửi: {name}, hỏi ngày {since}{until}"


def _due_lines(morning: Morning, site: Site, today: date) -> list[str]:
    """Return a line for each paper, meeting and task of ours, in the order of their days."""
    calendar = site.office.working_time
    found = [*_papers(morning.limits, calendar), *_tasks(morning.tasks, site)]
    found += [_meeting(meeting, matter, calendar) for meeting, matter in morning.meetings]
    return [f"{_day_words(day, today)}: {line}" for day, line in sorted(found, key=lambda one: one[0])]


def _day_words(day: date, today: date) -> str:
    words = letters.WEEKDAYS[day.weekday()]
    return "Hôm nay" if day <= today else f"{words[0].upper()}{words[1:]}, {day:%d/%m}"


def _last_day(limit: str, calendar: WorkingTime) -> date:
    value = letters.parse_limit(limit)
    day = calendar.local(value).date() if isinstance(value, datetime) else value
    return calendar.last_working_day(day)


def _papers(limits: Sequence[Limit], calendar: WorkingTime) -> Iterable[tuple[date, str]]:
    grouped: dict[tuple[date, int, str], list[Limit]] = defaultdict(list)
    for limit in limits:
        if not limit.assigned:
            grouped[_last_day(limit.due, calendar), limit.document, limit.ask].append(limit)
    for (day, _, ask), found in grouped.items():
        late = sum(not limit.satisfied for limit in found)
        if late:
            about = f"{found[0].number or 'văn bản'}, còn {late:02d}/{len(found):02d} đơn vị {NOT_YET[ask]}"
            yield day, about + _of_these(found)
    for limit in limits:
        if limit.assigned and not limit.satisfied:
            yield _last_day(limit.due, calendar), f"{limit.number or 'văn bản'}: việc của đ/c {limit.name}"


def _of_these(limits: Sequence[Limit]) -> str:
    """Return how many of a paper's reports come again and how many are not expected."""
    said = {"trả lại, đang làm lại": ReportState.RETURNED, "miễn báo cáo": ReportState.EXEMPT}
    counts = {words: sum(one.handling == state for one in limits) for words, state in said.items()}
    told = "; ".join(f"{words} {count:02d}" for words, count in counts.items() if count)
    return f" ({told})" if told else ""


def _tasks(tasks: Sequence[OurTask], site: Site) -> Iterable[tuple[date, str]]:
    for task in tasks:
        who = f" - thụ lý: {', '.join(task.officers)}" if task.officers else " - chưa phân công"
        about = task.number or f"“{letters.shorten(task.summary)}”"
        owner = registers.issuer_name(task.issuer, site) or "cấp trên"
        yield _last_day(task.due, site.office.working_time), f"thời hạn với {owner} theo {about}{who}"


def _meeting(meeting: Meeting, matter: KnownMatter | None, calendar: WorkingTime) -> tuple[date, str]:
    start = letters.parse_limit(meeting.starts_at)
    here = calendar.local(start) if isinstance(start, datetime) else None
    day = here.date() if here else start
    hour = f" {here:%H giờ %M}" if here else ""
    invited = attendance.invited(matter) if matter else ()
    who = f" - {attendance.summary(invited)}" if invited else ""
    return day, f"họp{hour}: {letters.shorten(meeting.title)}{who}"


def _figures(figures: Figures) -> list[dict[str, str]]:
    if figures.nothing:
        return []
    numbers = [number for number in figures.arrived if number is not None]
    span = f" (số đến {_span(min(numbers), max(numbers))})" if numbers else ""
    issued = [number for number in figures.issued if number]
    named = f" ({', '.join(issued[:5])}{', …' if len(issued) > 5 else ''})" if issued else ""
    return [
        {"name": "Văn bản đến", "value": f"{len(figures.arrived):02d}{span}"},
        {"name": "Văn bản đi", "value": f"{len(figures.issued):02d}{named}"},
        {"name": "Thư đã gửi", "value": f"{figures.sent:02d}"},
        {"name": "Thư không đến được", "value": f"{figures.bounced:02d}"},
        {"name": "Báo cáo nhận được", "value": f"{figures.reports:02d}"},
    ]


def _pages(entered: Mapping[str, Sequence[Entry]], site: Site, now: datetime) -> list[dict[str, Any]]:
    """Return the pages of the books that go along: what was entered on the last working day and since."""
    calendar = site.office.working_time
    day = calendar.add_working_days(calendar.local(now).date(), -1)
    books = sorted((site.registers[book] for book, entries in entered.items() if entries), key=lambda one: one.takes)
    tables = [
        table | {"lines": [*table["lines"], f"Ngày {letters.day_text(day)}"], "notes": []}
        for register in books
        for table in registers.tables(View.ENTRIES, register, entered[register.key], site, None, now)
    ]
    if tables:
        name = registers.FILES[books[0].takes, View.ENTRIES]
        tables[0]["file"] = f"{name}-{day:%d-%m-%Y}.xlsx"
    return tables


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


# --- the week -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """What the ledger tells at the end of the week: limits that are open, those of this week, all meetings."""

    open_limits: Sequence[Limit]
    limits: Sequence[Limit]
    meetings: Sequence[Meeting]


def week_days(now: datetime, calendar: WorkingTime) -> tuple[date, date]:
    """Return the Monday of the week and today."""
    today = calendar.local(now).date()
    return today - timedelta(days=today.weekday()), today


def weekly_mail(digest: Digest, recipient: tuple[str, str], week: Week, site: Site, now: datetime) -> MailPlan | None:
    """Return the week's mail to a person (name, address); None when nobody is late and no meeting comes."""
    calendar = site.office.working_time
    here = calendar.local(now)
    late = [limit for limit in week.open_limits if _is_late(limit, here, calendar)]
    coming = week_rows(week.meetings, week_of(here.date() + timedelta(days=7)), calendar.zone)
    if not late and not coming:
        return None
    units = [limit for limit in late if not limit.assigned]
    named = _by_name(units)
    values = letters.office_values(site.office) | {
        "person": recipient[0],
        "date": letters.day_text(here.date()),
        "late_count": len(late),
        "units": named[:MOST_UNITS],
        "more": max(0, len(named) - MOST_UNITS),
        "groups": _by_group(units, [limit for limit in week.limits if not limit.assigned], site, here),
        "officers": _by_name([limit for limit in late if limit.assigned]),
        "meetings": [_coming(row) for row in coming],
    }
    return _plan("digest_weekly", digest, recipient, values, site, here)


def _is_late(limit: Limit, here: datetime, calendar: WorkingTime) -> bool:
    value = letters.parse_limit(limit.due)
    return value < here if isinstance(value, datetime) else _last_day(limit.due, calendar) < here.date()


def _by_name(late: Sequence[Limit]) -> list[dict[str, str]]:
    """Return who is late with which papers, those with most papers first."""
    grouped: dict[tuple[str, str], list[Limit]] = defaultdict(list)
    for limit in late:
        grouped[limit.unit, limit.name].append(limit)
    ordered = sorted(grouped.items(), key=lambda one: (-len(one[1]), one[0][1]))
    return [
        {"name": name, "note": f"{len(found):02d} việc: " + "; ".join(map(_paper, found))}
        for (_, name), found in ordered
    ]


def _paper(limit: Limit) -> str:
    day = date.fromisoformat(limit.due[:10])
    return f"{limit.number or 'văn bản'} (hạn {day:%d/%m})"


def _by_group(late: Sequence[Limit], this_week: Sequence[Limit], site: Site, here: datetime) -> list[dict[str, str]]:
    """Return for each group how many are late, and how many of this week's limits were met."""
    calendar = site.office.working_time
    over = [limit for limit in this_week if limit.satisfied or _is_late(limit, here, calendar)]
    found = []
    for group in site.directory.groups.values():
        members = {one.unit for one in site.directory.expand(f"group:{group.key}", here.date())}
        mine = [limit for limit in over if limit.unit in members]
        behind = {limit.unit for limit in late if limit.unit in members}
        if not mine and not behind:
            continue
        done = sum(limit.satisfied for limit in mine)
        rate = f"; hạn trong tuần: xong {done:02d}/{len(mine):02d} ({done * 100 // len(mine)}%)" if mine else ""
        found.append({"name": group.name, "note": f"{len(behind):02d}/{len(members):02d} đơn vị quá hạn{rate}"})
    return found


def _coming(row: Sequence[str]) -> str:
    day, hour, content, place, chair, who = row
    rest = "; ".join(filter(None, (place, f"chủ trì: {chair}" if chair else "", who)))
    return f"{day}{', ' + hour if hour else ''}: {content}" + (f"; {rest}" if rest else "")
