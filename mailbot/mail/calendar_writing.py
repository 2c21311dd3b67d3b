"""Writes the calendar part of an invitation, shown with buttons, and feeds of meetings (RFC 5545, 5546, 6047)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRODUCT = "-//mailbot//VI"
FIRST_DAY = date(2020, 1, 1)
# A paper seldom says when a meeting ends; a meeting without an end is shown as a moment.
USUAL_LENGTH = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One meeting for one attendee; moments are aware, whole days are dates. `method` is REQUEST or CANCEL."""

    method: str
    uid: str
    sequence: int
    written_at: datetime
    starts_at: datetime | date
    ends_at: datetime | date | None
    timezone: str
    summary: str
    place: str
    description: str
    organizer: tuple[str, str]
    attendee: tuple[str, str]
    wants_answer: bool = True


def write_invitation(invitation: Invitation) -> bytes:
    """Return the iTIP message (RFC 5546 §3.2.2, §3.2.5) as UTF-8 with CRLF, lines folded."""
    import icalendar  # imported late: heavy, and few mails bring a calendar

    event = icalendar.Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.written_at.astimezone(UTC))
    event.add("dtstart", _local(invitation.starts_at, invitation.timezone))
    event.add("dtend", _local(_end(invitation), invitation.timezone))
    event.add("summary", invitation.summary)
    if invitation.place:
        event.add("location", invitation.place)
    if invitation.description:
        event.add("description", invitation.description)
    event.add("status", "CANCELLED" if invitation.method == "CANCEL" else "CONFIRMED")
    event.add("organizer", _address(icalendar, *invitation.organizer))
    answer = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION"}
    answer |= {"RSVP": "TRUE" if invitation.wants_answer else "FALSE"}
    event.add("attendee", _address(icalendar, *invitation.attendee, answer), encode=False)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    if isinstance(invitation.starts_at, datetime):
        calendar.add_component(_zone(invitation.timezone))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One meeting of a feed; `written_at` is the moment of the paper that it is from."""

    uid: str
    sequence: int
    written_at: datetime
    starts_at: datetime | date
    ends_at: datetime | date | None
    summary: str
    place: str
    description: str
    cancelled: bool


def write_feed(events: Iterable[FeedEvent], name: str, timezone: str, organizer: tuple[str, str]) -> bytes:
    """Return a calendar that is published and asks nobody (RFC 5546 §3.2.1), as UTF-8 with CRLF, lines folded."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add_component(_zone(timezone))
    for each in events:
        event = icalendar.Event()
        event.add("uid", each.uid)
        event.add("sequence", each.sequence)
        event.add("dtstamp", each.written_at.astimezone(UTC))
        event.add("dtstart", _local(each.starts_at, timezone))
        event.add("dtend", _local(_end(each), timezone))
        event.add("summary", each.summary)
        for key, text in (("location", each.place), ("description", each.description)):
            if text:
                event.add(key, text)
        event.add("status", "CANCELLED" if each.cancelled else "CONFIRMED")
        event.add("organizer", _address(icalendar, *organizer))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


@lru_cache(maxsize=8)
def _zone(timezone: str) -> Any:
    """Return the VTIMEZONE of a zone (RFC 5545 §3.6.5), from the years that invitations of ours can speak of."""
    import icalendar

    return icalendar.Timezone.from_tzid(timezone, first_date=FIRST_DAY)


def _local(moment: datetime | date, timezone: str) -> datetime | date:
    return moment.astimezone(ZoneInfo(timezone)) if isinstance(moment, datetime) else moment


def _end(invitation: Invitation | FeedEvent) -> datetime | date:
    """Return the end that a calendar wants: of whole days the day after the last (RFC 5545 §3.6.1)."""
    starts, ends = invitation.starts_at, invitation.ends_at
    if isinstance(starts, datetime):
        return ends if isinstance(ends, datetime) and ends > starts else starts + USUAL_LENGTH
    last = ends.date() if isinstance(ends, datetime) else ends
    return (last if last is not None and last > starts else starts) + timedelta(days=1)


def _address(icalendar: Any, name: str, address: str, parameters: Mapping[str, str] | None = None) -> Any:
    made = icalendar.vCalAddress(f"mailto:{address}")
    if name:
        made.params["CN"] = name
    for key, value in (parameters or {}).items():
        made.params[key] = value
    return made
