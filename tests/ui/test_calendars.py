"""Our calendar parts in ical.js, which Thunderbird reads mails with: one event through invitation, change and end."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailbot.mail.calendar_writing import FeedEvent, write_feed
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import Planned, SendingMailbox, compose_mail
from mailbot.rendering.samples import SAMPLES
from tests.example_office import example

pytestmark = pytest.mark.ui

READER = Path(__file__).parent / "calendars"
OFFICE, TO = "vanphong@anhoa.example.vn", "tdp5@example.org"
KEY = "abcdefghijklmnopqrstuvwxyz234567"
CHANGED = "b" * 32
FIRST = {"starts_at": "2026-10-16T08:00:00+07:00", "ends_at": "2026-10-16T11:00:00+07:00", "place": "Hội trường tầng 2"}
MOVED = {"starts_at": "2026-10-19T14:00:00+07:00", "ends_at": None, "place": "Phòng họp số 1"}


def read_by_ical_js(calendar: bytes) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None or not (READER / "node_modules").is_dir():
        pytest.skip("make test-ui installs ical.js")
    run = subprocess.run([node, "read.js"], input=calendar, capture_output=True, cwd=READER, timeout=60, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def shown(template: str, calendar: dict[str, Any], key: str, first_key: str | None = None) -> dict[str, Any]:
    """Compose a mail as the daemon does; return what ical.js makes of its calendar part, with the MIME method."""
    values = dict(SAMPLES[template].values) | {"calendar": calendar, "calendar_key": first_key}
    planned = Planned(
        id=1,
        mailbox="van-phong",
        token=key[:13],
        message_id=f"<mb.{key}@anhoa.example.vn>",
        purpose="invitation",
        template=template,
        recipient=TO,
        recipient_name="Chi bộ Tổ dân phố 5",
        values=values,
        boundary=None,
        shared_hash=None,
    )
    mailbox = SendingMailbox(OFFICE, "Đảng ủy phường An Hòa", "Asia/Ho_Chi_Minh", plus_addressing=True)
    now = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)
    mail = message_from_bytes(compose_mail(Letters(example().templates), planned, mailbox, now).head, policy=default)
    (part,) = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    found = read_by_ical_js(part.get_payload(decode=True))  # type: ignore[arg-type]
    assert part.get_param("method") == found["method"], "RFC 6047 2.4: the two must agree"
    (event,) = found["events"]
    return event | {"method": found["method"], "reply_to": mail["Reply-To"]}  # type: ignore[no-any-return]


def test_an_invitation_its_change_and_its_end_are_one_event_to_thunderbird() -> None:
    invitation = shown("invitation", FIRST | {"method": "REQUEST", "sequence": 0}, KEY)
    change = shown("invitation_change", MOVED | {"method": "REQUEST", "sequence": 1}, CHANGED, KEY)
    end = shown("invitation_cancelled", MOVED | {"method": "CANCEL", "sequence": 2}, "c" * 32, KEY)
    assert {one["uid"] for one in (invitation, change, end)} == {f"mb.{KEY}@anhoa.example.vn"}
    assert [one["sequence"] for one in (invitation, change, end)] == [0, 1, 2]
    assert [one["method"] for one in (invitation, change, end)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [one["status"] for one in (invitation, change, end)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [one["attendees"][0]["rsvp"] for one in (invitation, change, end)] == ["TRUE", "TRUE", "FALSE"]
    assert all(one["stamped"] for one in (invitation, change, end))


def test_thunderbird_shows_the_hour_of_the_office_the_place_and_where_the_answer_goes() -> None:
    event = shown("invitation", FIRST | {"method": "REQUEST", "sequence": 0}, KEY)
    assert event["start"] == {
        "local": "2026-10-16T08:00:00",
        "zone": "Asia/Ho_Chi_Minh",
        "utc": "2026-10-16T01:00:00.000Z",
    }
    assert event["end"]["utc"] == "2026-10-16T04:00:00.000Z"
    assert event["location"] == "Hội trường tầng 2"
    assert event["summary"] == SAMPLES["invitation"].values["meeting"]["title"]
    assert event["organizer"] == f"mailto:{event['reply_to']}"
    (attendee,) = event["attendees"]
    assert attendee == {
        "address": f"mailto:{TO}",
        "name": "Chi bộ Tổ dân phố 5",
        "rsvp": "TRUE",
        "partstat": "NEEDS-ACTION",
    }


def test_a_unit_s_feed_is_read_with_its_cancelled_meeting() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    start = datetime(2026, 10, 16, 8, 0, tzinfo=zone)
    events = [
        FeedEvent(uid, sequence, start, start, None, "Họp giao ban", "Hội trường", "", cancelled)
        for uid, sequence, cancelled in (("a@x", 0, False), ("b@x", 2, True))
    ]
    found = read_by_ical_js(write_feed(events, "Chi bộ 5", str(zone), ("Văn phòng", OFFICE)))
    assert found["method"] == "PUBLISH"
    assert [(one["uid"], one["sequence"], one["status"]) for one in found["events"]] == [
        ("a@x", 0, "CONFIRMED"),
        ("b@x", 2, "CANCELLED"),
    ]
    assert {one["start"]["utc"] for one in found["events"]} == {"2026-10-16T01:00:00.000Z"}
