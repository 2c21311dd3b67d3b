"""Reads the calendar parts of mails: invitations, changes, cancellations and answers (RFC 5545, 5546, 6047)."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.mail import charsets

# A calendar part is some kB; a public calendar as attachment may be MBs, and is no invitation.
MAX_CALENDAR_BYTES = 1024 * 1024
# More meetings than this in one part are a calendar that somebody shares.
MAX_EVENTS = 10
_WINDOWS_ZONES = {"se asia standard time": "Asia/Bangkok", "singapore standard time": "Asia/Singapore"}
# A zone that names its distance from UTC: `(UTC+07:00) Bangkok, Hanoi, Jakarta`, `GMT+0700`.
_DISTANCE = re.compile(r"(?:utc|gmt)\s*([+-])(\d{1,2})[:.]?(\d\d)?", re.IGNORECASE)
# Times that break RFC 5545 §3.3.5 and are clear all the same: without seconds, with the distance from UTC, as ISO 8601.
_LOOSE_TIME = re.compile(
    r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.\d{1,9})?)?\s?(Z|[+-]\d\d:?\d\d)?)?(?!\d)"
)
# What is looked at of a calendar that the library refuses; its zones are lost, their names are not.
_KEPT_LINE = re.compile(
    r"(?:METHOD|UID|SEQUENCE|STATUS|DTSTART|DTEND|DURATION|SUMMARY|LOCATION|DESCRIPTION|COMMENT|URL|ORGANIZER|ATTENDEE"
    r"|RRULE|RECURRENCE-ID|CONFERENCE|X-GOOGLE-CONFERENCE|X-MICROSOFT-SKYPETEAMSMEETINGURL)[;:]",
    re.IGNORECASE,
)
_CALLS = frozenset({"REQUEST", "PUBLISH", "ADD", ""})
_FOLD = re.compile(r"\r?\n[ \t]")
_URL = re.compile(r"https?://[^\s<>\"'()\\]{4,300}")
# Where people meet online; any other address in a description is no room.
_ROOM = re.compile(
    r"https?://[^\s<>\"'()\\]{0,100}(?:zoom\.us|zoomgov\.com|teams\.microsoft\.com|teams\.live\.com"
    r"|meet\.google\.com|webex\.com"
    r"|meet\.jit\.si|gotomeeting\.com|bluejeans\.com|whereby\.com|zavi\.me|trueconf|\bmeet[.-])[^\s<>\"'()\\]{0,250}",
    re.IGNORECASE,
)
_ROOM_FIELDS = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE", "URL")


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
    text = charsets.decode(content[:MAX_CALENDAR_BYTES], charset)
    with warnings.catch_warnings():
        # The library warns of zones whose name it had to guess; a guess is what is wanted.
        warnings.simplefilter("ignore")
        for form in (text, _rebuilt(text)):
            try:
                event = _first(form, method, ZoneInfo(timezone))
            except Exception:  # noqa: BLE001, S112 - the library raises many kinds on odd calendars; then it is only text
                continue
            if event is not None:
                return event
    return None


def _first(text: str, method: str, zone: ZoneInfo) -> Event | None:
    """The first calendar with a meeting in it; raises what the library raises."""
    import icalendar  # imported late: heavy, and few mails bring a calendar

    for calendar in icalendar.Calendar.from_ical(text, multiple=True):
        events = calendar.walk("VEVENT")
        if events and len({str(event.get("UID")) for event in events}) <= MAX_EVENTS:
            said = str(calendar.get("METHOD", "") or method).upper()
            main = next((event for event in events if event.get("RECURRENCE-ID") is None), events[0])
            return _event(main, said, zone)
    return None


def _rebuilt(text: str) -> str:
    """The first meeting of a calendar that breaks the form (a zone that is none, no end), made anew from its lines."""
    lines: list[str] = []
    method = ""
    depth = 0
    if text.upper().count("BEGIN:VEVENT") > MAX_EVENTS:
        return ""
    for line in _FOLD.sub("", text).replace("\r\n", "\n").split("\n"):
        begins, _, name = line.strip().upper().partition(":")
        if begins == "BEGIN":
            depth += depth > 0 or name == "VEVENT"
        elif begins == "END":
            depth -= depth > 0
            if not depth and lines:
                break
        elif depth <= 1 and _KEPT_LINE.match(line):
            if line[:6].upper() == "METHOD":
                method = method or line
            elif depth:
                lines.append(line)
    if not lines:
        return ""
    return "\r\n".join(
        line for line in ("BEGIN:VCALENDAR", method, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", "") if line
    )


def _event(event: Any, method: str, zone: ZoneInfo) -> Event:
    starts = _time(event.get("DTSTART"), zone)
    ends = _time(event.get("DTEND"), zone)
    duration = getattr(event.get("DURATION"), "dt", None)
    if ends is None and starts is not None and isinstance(duration, timedelta):
        ends = starts + duration
    if ends is not None and starts is not None and (type(ends) is not type(starts) or ends < starts):
        ends = None
    attendees = event.get("ATTENDEE", [])
    rule = event.get("RRULE")
    place = _text(event.get("LOCATION"))
    return Event(
        # A meeting that is called off may come as a request, too.
        method="CANCEL" if method in _CALLS and str(event.get("STATUS", "")).upper() == "CANCELLED" else method,
        uid=_text(event.get("UID")),
        sequence=_number(event.get("SEQUENCE")),
        starts_at=starts,
        ends_at=ends,
        summary=_text(event.get("SUMMARY")),
        place=None if place and _URL.fullmatch(place) else place,
        description=_text(event.get("DESCRIPTION")),
        comment=_text(event.get("COMMENT")),
        url=_room(event, place),
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


def _room(event: Any, place: str | None) -> str | None:
    """Where the meeting is online: a field of its own, a place that is an address, a known room in the description."""
    named = (_text(event.get(name)) for name in _ROOM_FIELDS)
    for value in (*named, place):
        found = _URL.search(value) if value else None
        if found is not None:
            return found[0]
    room = _ROOM.search(_text(event.get("DESCRIPTION")) or "")
    return room[0].rstrip(".,;") if room is not None else None


def _time(value: Any, zone: ZoneInfo) -> datetime | date | None:
    found = getattr(value, "dt", None) if type(value).__name__ != "vBroken" else _loose_time(str(value))
    if isinstance(found, datetime):
        if found.tzinfo is None:
            # A zone name that the library does not know, or a floating time: the office's clock.
            found = found.replace(tzinfo=_zone(str(getattr(value, "params", {}).get("TZID", "")), zone))
        return found.astimezone(UTC)
    return found if isinstance(found, date) else None


def _zone(name: str, office: ZoneInfo) -> tzinfo:
    known = _WINDOWS_ZONES.get(name.lower())
    if known is not None:
        return ZoneInfo(known)
    distance = _DISTANCE.search(name)
    if distance is None:
        return UTC if name.lower().startswith("tzone:") or name.lower() in {"utc", "gmt"} else office
    away = timedelta(hours=int(distance[2]), minutes=int(distance[3] or 0))
    return timezone(away if distance[1] == "+" else -away) if away < timedelta(hours=24) else office


def _loose_time(text: str) -> datetime | date | None:
    """A time that is written otherwise than the RFC asks, or None."""
    match = _LOOSE_TIME.search(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        return date(year, month, day)
    moment = datetime(year, month, day, int(match[4]), int(match[5]), int(match[6] or 0))  # noqa: DTZ001 - see below
    away = match[7] or ("Z" if "/utc:" in text.lower() else "")
    if not away:
        return moment
    sign = -1 if away[0] == "-" else 1
    digits = away[1:].replace(":", "") or "0000"
    return moment.replace(tzinfo=timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))))


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
