"""The attendance sheet of a meeting: who comes, with which post, who waits for the chair, who has not answered."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from mailbot.routing import letters
from mailbot.routing.model import Ask
from mailbot.routing.plans import MailPlan, Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailbot.office.working_time import WorkingTime
    from mailbot.routing.known import KnownDelivery, KnownMatter
    from mailbot.routing.model import Site

# By the state of a delivery, in the order of the sheet; the empty one has not answered.
WORDS: dict[str, str] = {
    "comes": "Dự họp",
    "comes_late": "Dự họp, đến muộn",
    "substituted": "Cử người dự thay",
    "excused": "Vắng có phép",
    "awaits_chair": "Chờ ý kiến đồng chí chủ trì",
    "must_attend": "Đã đề nghị dự họp, chưa trả lời lại",
    "unsure": "Chưa chắc chắn dự được",
    "": "Chưa trả lời",
}
COMING = ("comes", "comes_late", "substituted")
COLUMNS = (
    "STT",
    "Đơn vị, đồng chí được mời",
    "Tình hình",
    "Người dự, chức vụ",
    "Số người",
    "Nội dung trả lời",
    "Liên hệ",
)
# When the organiser reads the last sheet before the meeting.
MORNING = time(8, 0)


class SheetMoment(NamedTuple):
    """When a sheet goes out, and why then."""

    at: datetime
    because: str


def sheet_moments(rsvp_by: str | None, starts_at: str | None, calendar: WorkingTime) -> tuple[SheetMoment, ...]:
    """Return when the organiser gets the sheet: at the limit for answers, and the last working morning before.

    Limits are ISO 8601. Answers to a limit without an hour may come all that day, so that its sheet is of the next.
    """
    found: dict[datetime, str] = {}
    limit = letters.parse_limit(rsvp_by) if rsvp_by else None
    if isinstance(limit, datetime):
        found[calendar.local(limit)] = f"limit for answers {rsvp_by}"
    elif limit is not None:
        found[calendar.at(calendar.add_working_days(limit, 1), MORNING)] = f"limit for answers {rsvp_by}"
    start = letters.parse_limit(starts_at) if starts_at else None
    if start is not None:
        day = calendar.local(start).date() if isinstance(start, datetime) else start
        found = {at: because for at, because in found.items() if at.date() <= day}
        eve = calendar.at(calendar.last_working_day(day - timedelta(days=1)), MORNING)
        found.setdefault(eve, f"last working morning before {starts_at}")
    return tuple(SheetMoment(at, found[at]) for at in sorted(found))


def next_sheet(rsvp_by: str | None, starts_at: str | None, calendar: WorkingTime, after: datetime) -> datetime | None:
    """Return the first moment after another at which the sheet goes out; None when there is none left."""
    return next((moment.at for moment in sheet_moments(rsvp_by, starts_at, calendar) if moment.at > after), None)


def because(rsvp_by: str | None, starts_at: str | None, calendar: WorkingTime, at: datetime) -> str:
    """Return why the sheet that is due at a moment goes out then; empty when its times were changed since."""
    return next((moment.because for moment in sheet_moments(rsvp_by, starts_at, calendar) if moment.at == at), "")


def invited(matter: KnownMatter) -> tuple[KnownDelivery, ...]:
    """Return the deliveries of a document that are asked whether they come."""
    return tuple(one for one in matter.deliveries if one.ask is Ask.RSVP)


def counts(deliveries: Iterable[KnownDelivery]) -> dict[str, int]:
    """Return how many stand in each state of `WORDS`."""
    states = [one.attendance or "" for one in deliveries]
    return {state: states.count(state) for state in WORDS}


def summary(deliveries: tuple[KnownDelivery, ...]) -> str:
    """Return the figures in one line, for a phone."""
    found = counts(deliveries)
    coming = sum(found[state] for state in COMING)
    late = f" (đến muộn {found['comes_late']:02d})" if found["comes_late"] else ""
    others = (
        ("cử thay", "substituted"),
        ("vắng có phép", "excused"),
        ("chờ ý kiến", "awaits_chair"),
        ("đã đề nghị dự", "must_attend"),
        ("chưa chắc", "unsure"),
        ("chưa trả lời", ""),
    )
    rest = [f"{words} {found[state]:02d}" for words, state in others if found[state]]
    return "; ".join([f"dự {coming:02d}/{len(deliveries):02d}{late}", *rest])


def who(delivery: KnownDelivery) -> str:
    """Return who comes, as the answer names them with their posts."""
    posts = delivery.said.get("posts") or {}
    deputy = delivery.said.get("delegate")
    names = list(delivery.said.get("attendees") or ())
    if deputy and deputy not in names:
        names.insert(0, deputy)
    return "; ".join(f"{name}, {posts[name]}" if posts.get(name) else name for name in names)


def people(delivery: KnownDelivery) -> int:
    """Return how many come from there: as many as the answer says, or names, or one."""
    if delivery.attendance not in COMING:
        return 0
    return delivery.said.get("count") or len(delivery.said.get("attendees") or ()) or 1


def note(delivery: KnownDelivery) -> str:
    """Return what a line of the mail says of one delivery beside its name."""
    words = " ".join(str(delivery.said.get("words") or "").split())[:120]
    named = who(delivery)
    if delivery.attendance in COMING:
        count = people(delivery)
        return named or (f"{count:02d} đồng chí" if count > 1 else "")
    return f"“{words}”" if words else ""


def sheet_mail(matter: KnownMatter, site: Site, now: datetime, recipient: tuple[str, str]) -> MailPlan:
    """Return the mail with the sheet of a meeting, for a person (name, address); its rows go along as a workbook."""
    deliveries = invited(matter)
    release = matter.document.release
    assert release is not None
    values, title = release.values, _meeting_of(release.values)
    here = site.office.working_time.local(now)
    as_of = f"{here:%H giờ %M} ngày {letters.day_text(here.date())}"
    number = matter.document.number or "giấy mời"
    file_name = f"tinh-hinh-du-hop-{letters.plain_name(number)}.xlsx"
    said = letters.office_values(site.office) | title
    said |= {
        "person": recipient[0],
        "document": values.get("document") or number,
        "as_of": as_of,
        "counts_text": summary(deliveries),
        "coming": sum(counts(deliveries)[state] for state in COMING),
        "people": sum(map(people, deliveries)),
        "total": len(deliveries),
        "sections": [section for state in WORDS if (section := _section(state, deliveries, site))["lines"]],
        "attachments": [file_name],
        "workbook": {
            "file": file_name,
            "title": f"Tình hình dự họp: {title['meeting_title']}",
            "lines": [f"Thời gian: {title['start']}", f"Số liệu đến {as_of}: {summary(deliveries)}"],
            "columns": list(COLUMNS),
            "rows": _rows(deliveries, site),
        },
    }
    return MailPlan(
        Purpose.ATTENDANCE,
        "attendance",
        release.mailbox,
        recipient[1],
        recipient[0],
        said,
        source_key=matter.document.content_key,
        step=f"{here:%Y-%m-%d %H:%M}",
        not_before=now,
    )


def _meeting_of(values: dict[str, Any]) -> dict[str, str]:
    """Return how a meeting is called and when and where it is, of an invitation or of a change of one."""
    meeting = values.get("meeting") or {}
    return {
        "meeting_title": values.get("meeting_title") or meeting.get("title") or values.get("summary") or "cuộc họp",
        "meeting_short": values.get("meeting_short") or meeting.get("short") or "cuộc họp",
        "start": values.get("new_start") or meeting.get("start") or "",
        "start_short": values.get("new_start_short") or meeting.get("start_short") or "",
        "place": values.get("new_place") or meeting.get("place") or "",
    }


def _section(state: str, deliveries: tuple[KnownDelivery, ...], site: Site) -> dict[str, Any]:
    named = [one for one in deliveries if (one.attendance or "") == state]
    silent = state not in COMING  # whom one may have to call
    return {
        "title": WORDS[state],
        "lines": [
            {"name": one.unit_name, "note": note(one), "contact": contact(one, site) if silent else ""} for one in named
        ],
    }


def _rows(deliveries: tuple[KnownDelivery, ...], site: Site) -> list[list[Any]]:
    order = list(WORDS)
    by_state = sorted(deliveries, key=lambda one: order.index(one.attendance or ""))
    return [
        [
            number,
            one.unit_name,
            WORDS[one.attendance or ""],
            who(one),
            people(one),
            " ".join(str(one.said.get("words") or "").split()),
            contact(one, site),
        ]
        for number, one in enumerate(by_state, start=1)
    ]


def contact(delivery: KnownDelivery, site: Site) -> str:
    """Return whom one calls at a unit; empty when the directory knows no number."""
    kind, _, key = delivery.unit.rpartition(":")
    person = site.directory.person(key) if kind == "person" else None
    unit = site.directory.units.get(delivery.unit)
    reached = [person] if person is not None else list(unit.people) if unit is not None else []
    return next((f"đ/c {one.name}, ĐT {one.phone}" for one in reached if one.phone), "")
