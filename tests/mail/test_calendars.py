"""Calendar parts are read as people meant them: zones by many names, broken forms, rooms on the net, whole days."""

import pytest

from mailbot.mail.calendars import MAX_EVENTS, read_calendar
from mailbot.reading import Kind, ReadingContext, read

SAIGON = "Asia/Ho_Chi_Minh"
ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Zone of ours\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
    "TZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE"
)
EIGHT = "DTSTART;TZID=Asia/Ho_Chi_Minh:20260615T080000"


def calendar(*lines: str, before: str = "", method: str = "METHOD:REQUEST", after: str = "") -> bytes:
    """A calendar with one meeting of these lines."""
    meeting = ("BEGIN:VEVENT", "UID:m1", "SUMMARY:Họp giao ban", *lines, "END:VEVENT")
    whole = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        method,
        *before.split("\n"),
        *meeting,
        *after.split("\n"),
        "END:VCALENDAR",
    )
    return "".join(f"{line}\r\n" for line in whole if line).encode()


def starts(content: bytes) -> str | None:
    event = read_calendar(content, "utf-8", "", SAIGON)
    return event.starts_at.isoformat() if event is not None and event.starts_at is not None else None


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        (EIGHT, "2026-06-15T01:00:00+00:00"),
        ("DTSTART;TZID=SE Asia Standard Time:20260615T080000", "2026-06-15T01:00:00+00:00"),
        ("DTSTART;TZID=Tokyo Standard Time:20260615T080000", "2026-06-14T23:00:00+00:00"),
        ('DTSTART;TZID="(UTC+07:00) Bangkok, Hanoi, Jakarta":20260615T080000', "2026-06-15T01:00:00+00:00"),
        ('DTSTART;TZID="(GMT+09.00) Tokyo / Seoul":20260615T080000', "2026-06-14T23:00:00+00:00"),
        ("DTSTART;TZID=GMT-0500:20260615T080000", "2026-06-15T13:00:00+00:00"),
        ("DTSTART;TZID=/citadel.org/20260101_1/Asia/Ho_Chi_Minh:20260615T080000", "2026-06-15T01:00:00+00:00"),
        ("DTSTART;TZID=tzone://Microsoft/Utc:20260615T010000", "2026-06-15T01:00:00+00:00"),
        ("DTSTART;TZID=Customized Time Zone:20260615T080000", "2026-06-15T01:00:00+00:00"),
        ("DTSTART;TZID=Zone of ours:20260615T080000", "2026-06-14T23:00:00+00:00"),
        ("DTSTART:20260615T080000", "2026-06-15T01:00:00+00:00"),
        ("DTSTART:20260615T010000Z", "2026-06-15T01:00:00+00:00"),
        ("DTSTART:20260615T0100Z", "2026-06-15T01:00:00+00:00"),
        ("DTSTART:20260615T080000+0700", "2026-06-15T01:00:00+00:00"),
        ("DTSTART:2026-06-15T08:00:00+07:00", "2026-06-15T01:00:00+00:00"),
        ("DTSTART;VALUE=DATE:20260615", "2026-06-15"),
        ("DTSTART:20260615", "2026-06-15"),
        ("DTSTART:next Monday", None),
    ],
)
def test_times_are_read_in_their_zones(line: str, moment: str | None) -> None:
    before = ZONE if "ours" in line else ""
    assert starts(calendar(line, before=before)) == moment


@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        (("DTEND:20260615T030000Z",), "2026-06-15T03:00:00+00:00"),
        (("DURATION:PT90M",), "2026-06-15T02:30:00+00:00"),
        (("DTEND:20260615T000000Z",), None),
        (("DTEND;VALUE=DATE:20260616",), None),
        ((), None),
    ],
)
def test_a_meeting_ends_after_it_began_or_nobody_knows(lines: tuple[str, ...], ends: str | None) -> None:
    event = read_calendar(calendar(EIGHT, *lines), "utf-8", "", SAIGON)
    assert event is not None
    assert (event.ends_at.isoformat() if event.ends_at else None) == ends


WHOLE = calendar(EIGHT, "LOCATION:Phòng họp số 2")
MANY = "\n".join(f"BEGIN:VEVENT\nUID:n{number}\nDTSTART:20260101\nEND:VEVENT" for number in range(MAX_EVENTS))


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        WHOLE.replace(b"\r\n", b"\n"),
        WHOLE.replace(b"BEGIN", b"begin").replace(b"END", b"end"),
        b"\xef\xbb\xbf\r\n" + WHOLE,
        WHOLE + WHOLE.replace(b"m1", b"m2"),
        WHOLE.replace(b"END:VEVENT\r\nEND:VCALENDAR\r\n", b""),
        calendar(EIGHT, "LOCATION:Phòng họp số 2", "X-NO COLON HERE", "DTSTAMP:garbage", "RRULE:FREQ=SOMETIMES"),
        calendar(EIGHT, "LOCATION:Phòng họp", "  số 2", before=ZONE.replace("16010101T000000", "garbage")),
        calendar(EIGHT, "BEGIN:VALARM", "TRIGGER:garbage", "LOCATION:x", "END:VALARM", "LOCATION:Phòng họp số 2"),
    ],
)
def test_a_calendar_of_odd_form_is_read(content: bytes) -> None:
    event = read_calendar(content, "utf-8", "", SAIGON)
    assert event is not None
    assert (event.uid, event.place, starts(content)) == ("m1", "Phòng họp số 2", "2026-06-15T01:00:00+00:00")


@pytest.mark.parametrize(
    "content", [calendar(EIGHT, after=MANY), b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"", b"\xff\xfe"]
)
def test_a_shared_calendar_or_an_empty_one_is_no_meeting(content: bytes) -> None:
    assert read_calendar(content, "utf-8", "", SAIGON) is None


@pytest.mark.parametrize(
    ("lines", "place", "room"),
    [
        (("LOCATION:https://zoom.us/j/1234",), None, "https://zoom.us/j/1234"),
        (
            ("LOCATION:Phòng 2", "X-GOOGLE-CONFERENCE:https://meet.google.com/a-b-c"),
            "Phòng 2",
            "https://meet.google.com/a-b-c",
        ),
        (("CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.jit.si/x",), None, "https://meet.jit.si/x"),
        (
            ("DESCRIPTION:Vào họp\\nhttps://teams.microsoft.com/l/meetup-join/x.",),
            None,
            "https://teams.microsoft.com/l/meetup-join/x",
        ),
        (("DESCRIPTION:Tài liệu ở https://quan.example.vn/a",), None, None),
    ],
)
def test_a_room_on_the_net_is_found(lines: tuple[str, ...], place: str | None, room: str | None) -> None:
    event = read_calendar(calendar(EIGHT, *lines), "utf-8", "", SAIGON)
    assert event is not None
    assert (event.place, event.url) == (place, room)


def mail(content: bytes, *headers: str) -> bytes:
    usual = ("From: a@quan.example.vn", "Subject: Hop", "MIME-Version: 1.0")
    return "\r\n".join((*usual, *headers, "", "")).encode() + content


@pytest.mark.parametrize(
    ("content", "headers", "kind", "change"),
    [
        (WHOLE, "Content-Type: text/calendar; charset=utf-8; method=REQUEST", Kind.INVITATION, "new"),
        (calendar(EIGHT, method=""), "Content-Type: text/calendar; method=CANCEL", Kind.INVITATION, "cancelled"),
        (calendar(EIGHT, "STATUS:CANCELLED"), "Content-Type: text/calendar", Kind.INVITATION, "cancelled"),
        (WHOLE, 'Content-Type: application/octet-stream; name="moi hop.ics"', Kind.INVITATION, "new"),
        (WHOLE, "Content-Type: application/ics; name=invite.ics", Kind.INVITATION, "new"),
        (WHOLE, "In-Reply-To: <1@x.test>\r\nContent-Type: application/ics; name=invite.ics", Kind.REPLY, None),
        (calendar(method="METHOD:REFRESH"), "Content-Type: text/calendar", Kind.OTHER, None),
    ],
)
def test_a_mail_with_a_calendar_invites(content: bytes, headers: str, kind: Kind, change: str | None) -> None:
    reading = read(mail(content, headers), ReadingContext())
    assert (reading.kind, reading.meeting.change if reading.meeting else None) == (kind, change)


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (("DTSTART;VALUE=DATE:20260615", "DTEND;VALUE=DATE:20260618"), ("2026-06-15", "2026-06-17", True)),
        (("DTSTART;VALUE=DATE:20260615", "DTEND;VALUE=DATE:20260616"), ("2026-06-15", "None", True)),
        (("DTSTART;VALUE=DATE:20260615", "DURATION:P2D"), ("2026-06-15", "2026-06-16", True)),
        (("DTSTART;VALUE=DATE:20260615",), ("2026-06-15", "None", True)),
    ],
)
def test_whole_days_end_with_the_last_of_them(lines: tuple[str, ...], days: tuple[str, str, bool]) -> None:
    meeting = read(mail(calendar(*lines), "Content-Type: text/calendar"), ReadingContext()).meeting
    assert meeting is not None
    assert (str(meeting.starts_at), str(meeting.ends_at), meeting.all_day) == days
