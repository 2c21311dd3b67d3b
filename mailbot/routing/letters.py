"""The frozen values of our mails: what is understood of a document, in the words that people read."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mailbot.office.meetings import quota_of
from mailbot.office.numbers import types
from mailbot.office.urgency import Urgency
from mailbot.routing.wording import issuer_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.office.documents import Document
    from mailbot.office.working_time import WorkingTime
    from mailbot.reading import Reading
    from mailbot.routing.model import Office, Site

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
# A subject line on a phone shows about 35 characters; the number stands before, the deadline after this.
SHORT_SUMMARY = 60

URGENCY_TAGS = {
    Urgency.URGENT: "[KHẨN] ",
    Urgency.VERY_URGENT: "[THƯỢNG KHẨN] ",
    Urgency.EXPRESS: "[HỎA TỐC] ",
    Urgency.EXPRESS_TIMED: "[HỎA TỐC HẸN GIỜ] ",
}
URGENCY_WORDS = {
    Urgency.NORMAL: "thường",
    Urgency.URGENT: "khẩn",
    Urgency.VERY_URGENT: "thượng khẩn",
    Urgency.EXPRESS: "hỏa tốc",
    Urgency.EXPRESS_TIMED: "hỏa tốc hẹn giờ",
}
PURPOSE_WORDS = {"execute": "triển khai thực hiện", "inform": "biết, phối hợp", "report_to": "báo cáo"}


def day_text(day: date) -> str:
    """Return a day as official papers write it: `16/10/2026`."""
    return f"{day:%d/%m/%Y}"


def long_day(day: date) -> str:
    """Return a day with its weekday: `thứ Sáu, ngày 16/10/2026`."""
    return f"{WEEKDAYS[day.weekday()]}, ngày {day_text(day)}"


def moment_text(moment: datetime) -> str:
    """Return a moment of the office's zone: `08 giờ 00, thứ Sáu, ngày 16/10/2026`."""
    return f"{moment:%H giờ %M}, {long_day(moment.date())}"


def received_text(moment: datetime | None, office: Office) -> str:
    """Return when a mail came, in the office's zone and in words; empty when nobody knows."""
    return moment_text(office.working_time.local(moment)) if moment else ""


def short_moment(moment: datetime) -> str:
    """Return a moment for a subject line: `08 giờ 00 thứ Sáu 16/10`."""
    return f"{moment:%H giờ %M} {WEEKDAYS[moment.weekday()]} {moment:%d/%m}"


def limit_text(limit: str | None, calendar: WorkingTime) -> str | None:
    """Return the last working day within an ISO limit in words; an hour is kept when one is given."""
    if limit is None:
        return None
    value = parse_limit(limit)
    if isinstance(value, datetime):
        return moment_text(value.astimezone(calendar.zone))
    return long_day(calendar.last_working_day(value))


def parse_limit(limit: str) -> date | datetime:
    """Return a stored limit (ISO 8601) as the date or aware moment that it is."""
    return datetime.fromisoformat(limit) if "T" in limit else date.fromisoformat(limit)


def is_late(due: str | None, moment: datetime, calendar: WorkingTime) -> bool:
    """Tell whether a moment is past a limit: a day is over at its midnight, an hour when it has come."""
    if due is None:
        return False
    limit = parse_limit(due)
    return moment > limit if isinstance(limit, datetime) else calendar.local(moment).date() > limit


def shorten(text: str, length: int = SHORT_SUMMARY) -> str:
    """Cut a text at a word, with an ellipsis."""
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def plain_name(number: str) -> str:
    """Return a number as a part of a file name: `152-CV/ĐU` as `152-CV-DU`."""
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in number.replace("Đ", "D")).strip("-")


def type_name(abbreviation: str | None) -> str:
    """Return the name of a document type in words; `Văn bản` for one that no table knows."""
    return types().get(abbreviation or "", {}).get("name", "Văn bản")


def document_title(document: Document | None) -> str:
    """Return how a document is named in a sentence: `Công văn số 152-CV/ĐU, ngày 05/10/2026`."""
    if document is None or document.number is None:
        return "Văn bản (chưa rõ số)" if document is None else type_name(document.type) + " (chưa rõ số)"
    dated = f", ngày {day_text(document.issued_on)}" if document.issued_on else ""
    return f"{type_name(document.type)} số {document.number}{dated}"


def office_values(office: Office) -> dict[str, Any]:
    """Return what every mail says of this office."""
    room = office.name if office.name.startswith("Văn phòng") else f"Văn phòng {office.name}"
    return {"office": office.name, "office_room": room, "contact": office.contact or "", "spelling": office.spelling}


def document_values(reading: Reading, site: Site) -> dict[str, Any]:
    """Return what a mail can say of the main document of a reading."""
    document = reading.documents[0] if reading.documents else None
    summary = (document.summary if document else None) or reading.subject or ""
    urgency = document.urgency if document else Urgency.NORMAL
    signer = document.signer if document else None
    return office_values(site.office) | {
        "number": (document.number if document else None) or "Văn bản",
        "document": document_title(document),
        "issuer": issuer_words(reading, site),
        "summary": summary,
        "summary_short": shorten(summary),
        "urgency": URGENCY_WORDS[urgency],
        "urgency_tag": URGENCY_TAGS.get(urgency, ""),
        "issued_on": day_text(document.issued_on) if document and document.issued_on else "",
        "signer": signer.name if signer else "",
        "attachments": [item.name for item in reading.attachments if item.name],
        "file_sizes": [item.size for item in reading.attachments if item.name],
        "meeting": _meeting_values(reading, site),
    }


def _meeting_values(reading: Reading, site: Site) -> dict[str, Any] | None:
    meeting = reading.meeting
    if meeting is None:
        return None
    zone = site.office.working_time.zone
    starts, ends = meeting.starts_at, meeting.ends_at
    summary = (reading.documents[0].summary if reading.documents else None) or reading.subject or "cuộc họp"
    summary = summary.removeprefix("dự ")  # the mail itself says "kính mời đồng chí dự"
    return {
        "short": shorten(summary, 40),
        "title": summary,
        "start": meeting_times(starts, zone).long,
        "start_short": meeting_times(starts, zone).short,
        "end": _when(ends, zone, moment_text, long_day),
        "place": meeting.place or "",
        "chair": meeting.chair or "",
        "participants": meeting.participants or "",
        "quota": quota_of(_one_text(meeting.participants)),
        "online_url": meeting.online_url or "",
        "rsvp_text": rsvp_text(meeting.rsvp_by, zone),
        "needs_permission": str(meeting.delegation) in ("needs_permission", "not_allowed"),
    }


def _one_text(participants: str | Sequence[str] | None) -> str:
    return participants if isinstance(participants, str) else "; ".join(participants or ())


class MeetingTime(NamedTuple):
    """A time of a meeting in words: whole, and short for a subject."""

    long: str
    short: str


def meeting_times(value: datetime | date | None, zone: Any) -> MeetingTime:
    """Return a moment or a day of a meeting in words; empty ones for none."""
    short = _when(value, zone, short_moment, lambda day: f"{WEEKDAYS[day.weekday()]} {day:%d/%m}")
    return MeetingTime(_when(value, zone, moment_text, long_day), short)


def _when(value: Any, zone: Any, moment: Any, day: Any) -> str:
    if value is None:
        return ""
    return str(moment(value.astimezone(zone))) if isinstance(value, datetime) else str(day(value))


def rsvp_text(rsvp_by: date | datetime | None, zone: Any) -> str:
    """Return by when an invitation wants its answer, in words; empty when it does not say."""
    if rsvp_by is None:
        return ""
    if isinstance(rsvp_by, datetime):
        here = rsvp_by.astimezone(zone)
        return f"trước {here:%H giờ %M} ngày {day_text(here.date())}"
    return f"chậm nhất ngày {day_text(rsvp_by)}"
