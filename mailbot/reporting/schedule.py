"""Meetings for people and their calendars: the week's lịch công tác as a table, a unit's meetings as an ICS feed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.mail.calendar_writing import FeedEvent, write_feed
from mailbot.routing import letters

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from mailbot.store.meetings import Meeting

COLUMNS = ("Ngày", "Giờ", "Nội dung", "Địa điểm", "Chủ trì", "Thành phần, phân công")
# More names than this are counted.
MOST_NAMES = 4
NOBODY_YET = "chưa phân công"


def week_of(day: date) -> str:
    """Return the ISO week of a day as `--week` takes it: `2026-W42`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def first_day(week: str) -> date:
    """Return the Monday of an ISO week written `2026-W42`; raises ValueError for anything else."""
    return datetime.strptime(f"{week}-1", "%G-W%V-%u").date()  # noqa: DTZ007 - a day has no zone


def week_rows(meetings: Iterable[Meeting], week: str, zone: ZoneInfo) -> list[list[str]]:
    """Return the meetings of a week in their order: day, hour, content, place, chair, who."""
    monday = first_day(week)
    days = {monday + timedelta(days=count) for count in range(7)}
    found = [(_start(meeting, zone), meeting) for meeting in meetings]
    mine = sorted(
        ((day, hour, meeting) for (day, hour), meeting in found if day in days),
        key=lambda one: (one[0], one[1], one[2].document),
    )
    return [
        [letters.long_day(day), hour, _content(meeting), meeting.place, meeting.chair, _who(meeting)]
        for day, hour, meeting in mine
    ]


def week_title(week: str) -> str:
    """Return the heading of a week's schedule."""
    monday = first_day(week)
    sunday = monday + timedelta(days=6)
    return f"Lịch công tác tuần, từ ngày {letters.day_text(monday)} đến ngày {letters.day_text(sunday)}"


def week_workbook(rows: list[list[str]], week: str) -> dict[str, Any]:
    """Return the week as the table that becomes a workbook."""
    return {"title": week_title(week), "lines": [], "columns": list(COLUMNS), "rows": rows}


def _start(meeting: Meeting, zone: ZoneInfo) -> tuple[date, str]:
    moment = letters.parse_limit(meeting.starts_at)
    if not isinstance(moment, datetime):
        return moment, ""
    here = moment.astimezone(zone)
    return here.date(), f"{here:%H giờ %M}"


def _content(meeting: Meeting) -> str:
    mark = ("HOÃN: " if meeting.postponed else "HỦY: ") if meeting.cancelled else ""
    return f"{mark}{meeting.title}" + (f" ({meeting.number})" if meeting.number else "")


def _who(meeting: Meeting) -> str:
    """Return who goes: of a superior's meeting whom we sent, else the leader's word on it; of ours who is invited."""
    if meeting.direction == "incoming":
        return "; ".join(one.name for one in meeting.invited if one.assigned) or meeting.word or NOBODY_YET
    if meeting.participants:
        return meeting.participants
    names = [one.name for one in meeting.invited]
    return "; ".join(names) if len(names) <= MOST_NAMES else f"{len(names):02d} đơn vị, đồng chí được mời"


def unit_feed(
    meetings: Iterable[Meeting], unit: str, name: str, zone: ZoneInfo, organizer: tuple[str, str]
) -> tuple[bytes, int]:
    """Return the ICS feed of a unit's meetings of ours, and how many it has.

    An event has the UID of the invitation that the unit was mailed, so that a calendar shows both as one.
    """
    domain = organizer[1].rpartition("@")[2]
    events = [
        FeedEvent(
            uid=f"mb.{one.key}@{domain}" if one.key else f"document-{meeting.document}.{unit}@{domain}",
            sequence=meeting.sequence,
            written_at=meeting.written_at,
            starts_at=letters.parse_limit(meeting.starts_at),
            ends_at=letters.parse_limit(meeting.ends_at) if meeting.ends_at else None,
            summary=meeting.title,
            place=meeting.place,
            description=f"Giấy mời số {meeting.number}" if meeting.number else "",
            cancelled=meeting.cancelled,
        )
        for meeting in meetings
        for one in meeting.invited
        if meeting.direction == "outgoing" and one.unit == unit
    ]
    return write_feed(events, name, str(zone), organizer), len(events)
