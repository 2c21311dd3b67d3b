"""Meetings of ours: what goes into a calendar, and how a moved or cancelled one takes the earlier's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.office.meetings import Change
from mailbot.routing import letters
from mailbot.routing.attendance import next_sheet
from mailbot.routing.model import Ask, Channel
from mailbot.routing.plans import FactPlan, HeldPlan, MeetingPlan, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mailbot.office.working_time import WorkingTime
    from mailbot.reading import Reading
    from mailbot.routing.known import KnownDelivery, KnownMatter, KnownThread
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Release

# So late a change needs more than a mail: the clerk gets the telephone numbers too.
SHORT_NOTICE = timedelta(days=1)
ANSWERS = {
    "accepted": "Dự họp",
    "declined": "Xin vắng",
    "delegated": "Cử người dự thay",
    "tentative": "Chưa chắc chắn dự được",
}
TEMPLATES = {
    Change.UPDATE: "invitation_change",
    Change.POSTPONED: "invitation_cancelled",
    Change.CANCELLED: "invitation_cancelled",
}


def calendar_values(reading: Reading, earlier: KnownMatter | None) -> dict[str, Any] | None:
    """Return what the calendar part says of a meeting, as JSON values; None when it has no time.

    A postponed or cancelled meeting is taken out of the calendar at its old time.
    """
    meeting = reading.meeting
    if meeting is None:
        return None
    gone = meeting.change in (Change.POSTPONED, Change.CANCELLED)
    starts = _iso(meeting.starts_at) if not gone else None
    ends = _iso(meeting.ends_at) if not gone else None
    if starts is None and earlier is not None and earlier.meeting is not None:
        starts, ends = earlier.meeting.starts_at, earlier.meeting.ends_at
    if starts is None:
        return None
    old = earlier.meeting.sequence if earlier is not None and earlier.meeting is not None else None
    return {
        "method": "CANCEL" if gone else "REQUEST",
        "sequence": (old or 0) + 1 if earlier is not None else 0,
        "starts_at": starts,
        "ends_at": ends,
        "place": meeting.place or (earlier.meeting.place if earlier and earlier.meeting else None) or "",
    }


def _iso(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def meeting_plan(
    reading: Reading, values: Mapping[str, Any], sheets: tuple[WorkingTime, datetime] | None
) -> MeetingPlan | None:
    """Return the meeting that a paper invites to; of ours (`sheets`: calendar, now) with the moment of its sheet."""
    meeting = reading.meeting
    if meeting is None:
        return None
    starts_at, rsvp_by = _iso(meeting.starts_at), _iso(meeting.rsvp_by)
    return MeetingPlan(
        starts_at=starts_at,
        ends_at=_iso(meeting.ends_at),
        place=meeting.place,
        chair=meeting.chair,
        rsvp_by=rsvp_by,
        uid=meeting.uid,
        sequence=(values.get("calendar") or {}).get("sequence", meeting.sequence),
        sheet_at=next_sheet(rsvp_by, starts_at, *sheets) if sheets is not None else None,
    )


def changed_values(reading: Reading, earlier: KnownMatter, site: Site) -> dict[str, Any]:
    """Return what the mail of a change says: the old time and place beside the new ones."""
    meeting, old = reading.meeting, earlier.meeting
    assert meeting is not None
    zone = site.office.working_time.zone
    starts = letters.parse_limit(old.starts_at) if old is not None and old.starts_at else None
    spoken = letters.meeting_times(starts, zone)
    new = letters.meeting_times(meeting.starts_at, zone)
    title = earlier.document.release.values.get("meeting") if earlier.document.release is not None else None
    name = (title or {}).get("title") or (reading.documents[0].summary if reading.documents else None) or "cuộc họp"
    day = starts.astimezone(zone).date() if isinstance(starts, datetime) else starts
    return {
        "old_invitation": _title_of(earlier),
        "meeting_title": name,
        "meeting_short": letters.shorten(name, 40),
        "old_start": spoken.long,
        "old_start_short": spoken.short,
        "old_date": letters.day_text(day) if day is not None else "",
        "old_place": (old.place if old is not None else None) or "",
        "new_start": new.long or spoken.long,
        "new_start_short": new.short or spoken.short,
        "new_place": meeting.place or (old.place if old is not None else None) or "",
        "reason": "",
        "postponed": meeting.change is Change.POSTPONED,
        "rsvp_text": letters.rsvp_text(meeting.rsvp_by, zone),
    }


def _title_of(earlier: KnownMatter) -> str:
    values = earlier.document.release.values if earlier.document.release is not None else {}
    return str(values.get("document") or f"Giấy mời số {earlier.document.number or ''}".strip())


def invited_again(found: Iterable[Recipient], earlier: KnownMatter, gone: bool) -> tuple[Recipient, ...]:
    """Return who hears of a change: whom the new paper names, else all who were invited; each with its old answer."""
    old = {delivery.unit: delivery for delivery in earlier.deliveries}
    named = {recipient.unit: recipient for recipient in found} or {
        delivery.unit: _as_recipient(delivery) for delivery in earlier.deliveries
    }
    return tuple(
        replace(
            recipient,
            ask=Ask.NONE if gone else recipient.ask,
            previous_answer=ANSWERS.get(old[unit].rsvp or "", "") if unit in old else "",
            calendar_key=old[unit].first_key if unit in old else None,
        )
        for unit, recipient in named.items()
    )


def _as_recipient(delivery: KnownDelivery) -> Recipient:
    return Recipient(
        unit=delivery.unit,
        name=delivery.unit_name,
        short_name="đồng chí",
        addresses=delivery.addresses,
        channel=Channel(delivery.channel),
        ask=Ask.RSVP,
        purpose="execute",
        reason=f"invited by {delivery.document_number or 'the earlier invitation'}",
    )


def to_call(recipients: Iterable[Recipient], earlier: KnownMatter, site: Site) -> str:
    """Return everybody's telephone number, for a change that comes on short notice."""
    called = "; ".join(f"{one.name}: {one.contact or _contact(one, site)}" for one in recipients)
    return f"{_title_of(earlier)} thay đổi trong vòng một ngày, cần gọi điện: {called}"


def superseding(release: Release, now: datetime) -> tuple[tuple[FactPlan, ...], tuple[HeldPlan, ...]]:
    """Return what a release does to an earlier invitation: its deliveries are over, and whom to call in a hurry."""
    facts = tuple(FactPlan(one, "superseded", now, "a later paper") for one in release.supersedes)
    moment = letters.parse_limit(release.earlier_start) if release.earlier_start else None
    late = isinstance(moment, datetime) and now <= moment < now + SHORT_NOTICE
    return facts, (HeldPlan("late_change", release.to_call),) if late and release.to_call else ()


def who_was_to_go(earlier: KnownMatter) -> dict[str, str]:
    """Return what a leader is reminded of when a superior moves a meeting: whom the earlier invitation was given to."""
    names = "; ".join(f"đ/c {one.unit_name}" for one in earlier.deliveries)
    return {"said_before": f"{_title_of(earlier)}: {names} dự họp"} if names else {}


def who_comes(reading: Reading) -> dict[str, Any]:
    """Return whom an answer names, as values of its fact: the deputy, who comes with which post, how many."""
    reply = reading.reply
    if reply is None:
        return {}
    named = {
        "delegate": reply.delegate,
        "attendees": list(reply.attendees),
        "posts": dict(reply.posts),
        "count": reply.count,
    }
    return {key: value for key, value in named.items() if value}


def absence_values(reading: Reading, thread: KnownThread) -> dict[str, Any]:
    """Return what the mail of the chair's word says of a meeting and of who was to come instead, as JSON values."""
    release = thread.document.release if thread.document is not None else None
    values = (release.values if release is not None else {}) | thread.values
    meeting = values.get("meeting") or {}
    reply = reading.reply
    delegate = (reply.delegate if reply is not None else None) or ""
    post = reply.posts.get(delegate, "") if reply is not None else ""
    return {
        "meeting_title": values.get("meeting_title") or meeting.get("title") or values.get("summary") or "cuộc họp",
        "start": values.get("new_start") or meeting.get("start") or "",
        "delegate": f"{delegate}, {post}" if post else delegate,
    }


def _contact(recipient: Recipient, site: Site) -> str:
    unit = site.directory.units.get(recipient.unit)
    people = [person for person in unit.people if person.phone] if unit else []
    return f"đ/c {people[0].name}, ĐT {people[0].phone}" if people else "chưa có số điện thoại"
