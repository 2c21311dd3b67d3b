"""Reads the calendar parts of mails: invitations, changes, cancellations and answers (RFC 5545, 5546, 6047)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.mail import charsets

# A calendar part is some kB; a public calendar as attachment may be MBs, and is no invitation.
MAX_CALENDAR_BYTES = 1024 * 1024
_WINDOWS_ZONES = {"se asia standard time": "Asia/Bangkok", "singapore standard time": "Asia/Singapore"}


@dataclass(frozen=True, slots=True)
class Attendee:
    """One ATTENDEE line."""

    address: str
    name: str | None
    status: str
    delegated_to: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """What an iTIP message says of one meeting; times are aware, or dates for whole days."""

    method: str
    uid: str | None
    sequence: int
    starts_at: datetime | date | None
    ends_at: datetime | date | None
    summary: str | None
    place: str | None
    description: str | None
    comment: str | None
    url: str | None
    organizer: str | None
    attendees: tuple[Attendee, ...]
    recurrence: str | None
    # Whether the message speaks of one day of a series only (RECURRENCE-ID, RFC 5545 §3.8.4.4).
    one_of_series: bool = False


def read_calendar(content: bytes, charset: str | None, method: str, timezone: str) -> Event | None:
    """Return the event of a calendar, or None when there is none or it cannot be read.

    A series comes with its exceptions beside it: the series itself counts; where only one day is sent, that day.

    `method` is the parameter of the part's Content-Type, used where the calendar has no METHOD; `timezone` is the
    office's, for floating times.
    """
    import icalendar  # imported late: heavy, and few mails bring a calendar

    try:
        text = charsets.decode(content[:MAX_CALENDAR_BYTES], charset)
        calendar = icalendar.Calendar.from_ical(text)
        events = calendar.walk("VEVENT")
        if not events:
            return None
        said = str(calendar.get("METHOD", "") or method).upper()
        main = next((event for event in events if event.get("RECURRENCE-ID") is None), events[0])
        return _event(main, said, ZoneInfo(timezone))
    except Exception:  # noqa: BLE001 - the library raises many kinds on odd calendars; such a part is only text then
        return None


def _event(event: Any, method: str, zone: ZoneInfo) -> Event:
    starts = _time(event.get("DTSTART"), zone)
    ends = _time(event.get("DTEND"), zone)
    duration = getattr(event.get("DURATION"), "dt", None)
    if ends is None and starts is not None and isinstance(duration, timedelta):
        ends = starts + duration
    attendees = event.get("ATTENDEE", [])
    rule = event.get("RRULE")
    return Event(
        method=method,
        uid=_text(event.get("UID")),
        sequence=_number(event.get("SEQUENCE")),
        starts_at=starts,
        ends_at=ends,
        summary=_text(event.get("SUMMARY")),
        place=_text(event.get("LOCATION")),
        description=_text(event.get("DESCRIPTION")),
        comment=_text(event.get("COMMENT")),
        url=_text(event.get("X-GOOGLE-CONFERENCE")) or _text(event.get("URL")),
        organizer=_address(event.get("ORGANIZER")),
        attendees=tuple(_attendee(entry) for entry in (attendees if isinstance(attendees, list) else [attendees])),
        recurrence=rule.to_ical().decode("utf-8") if rule is not None and not isinstance(rule, list) else None,
        one_of_series=event.get("RECURRENCE-ID") is not None,
    )


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    text = str(value).strip() if value is not None else ""
    return text or None


def _number(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0


def _time(value: Any, zone: ZoneInfo) -> datetime | date | None:
    found = getattr(value, "dt", None)
    if isinstance(found, datetime):
        if found.tzinfo is None:
            # A zone name of Windows that the library did not know, or a floating time: the office's clock.
            name = str(getattr(value, "params", {}).get("TZID", "")).lower()
            return found.replace(tzinfo=ZoneInfo(_WINDOWS_ZONES[name]) if name in _WINDOWS_ZONES else zone)
        return found.astimezone(UTC)
    return found if isinstance(found, date) else None


def _address(value: Any) -> str | None:
    text = _text(value)
    return text.lower().removeprefix("mailto:") if text else None


def _attendee(value: Any) -> Attendee:
    parameters = getattr(value, "params", {})
    delegated = parameters.get("DELEGATED-TO")
    if isinstance(delegated, (list, tuple)):
        delegated = delegated[0] if delegated else None
    return Attendee(
        address=_address(value) or "",
        name=_text(parameters.get("CN")),
        status=str(parameters.get("PARTSTAT", "NEEDS-ACTION")).upper(),
        delegated_to=_address(delegated),
    )
