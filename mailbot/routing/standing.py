"""Where a document stands, unit by unit: one set of rows for the mail of TÌNH HÌNH, its workbook and the terminal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mailbot.problems import Text
from mailbot.routing import attendance, letters, reports
from mailbot.routing.handed_in import ReportState
from mailbot.routing.model import Ask
from mailbot.routing.plans import MailPlan, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from mailbot.routing.known import KnownDelivery, KnownMatter
    from mailbot.routing.model import Site

ATTENDANCE = {
    "comes": Text("dự họp", "comes"),
    "comes_late": Text("đến muộn", "comes late"),
    "unsure": Text("chưa chắc", "tentative"),
    "awaits_chair": Text("chờ ý kiến", "awaits the chair"),
    "excused": Text("vắng có phép", "excused"),
    "substituted": Text("cử dự thay", "sends a deputy"),
    "must_attend": Text("đề nghị dự họp", "is asked to come"),
}
# What stands beside the moment of a report, or instead of it.
REPORTS = {
    ReportState.IN_TIME: Text("", ""),
    ReportState.LATE: Text("sau hạn", "late"),
    ReportState.EXEMPT: Text("miễn báo cáo", "exempt"),
    ReportState.RETURNED: Text("trả lại, đang làm lại", "sent back"),
    ReportState.MISSING: Text("", ""),
}
NOTHING_OCCURRED = Text("không phát sinh", "nothing to report")
# What the office has to do next where a unit has said or met something that nobody has settled.
OFFICE_NEXT = {
    "extension_asked": Text("cho ý kiến gia hạn", "decide on more time"),
    "question": Text("trả lời câu hỏi", "answer the question"),
    "problem": Text("gửi lại văn bản", "send the paper again"),
    "unreachable": Text("gọi điện", "telephone"),
}
# What a unit has said of a wrong file, a correction or a recall; it cannot refuse one.
EXCHANGES = {
    "recall_open": Text("chưa xác nhận thu hồi", "recall not confirmed"),
    "recall_done": Text("đã hủy", "withdrawn"),
    "file_open": Text("chưa xác nhận bản đúng", "right file not confirmed"),
    "file_done": Text("đã nhận bản đúng", "has the right file"),
    "correction_open": Text("chưa xác nhận đính chính", "correction not confirmed"),
    "correction_done": Text("đã nhận đính chính", "has the correction"),
}
UNCONFIRMED = ("recall_open", "file_open", "correction_open")
# When the office asked for it, by the facts of which that says something.
ASKED_BY = ("recall_requested", "file_replaced", "corrected")
EXCHANGE_COLUMNS = (Text("Thay tệp, thu hồi", "Replaced, recalled"), Text("Đã dùng bản cũ", "Used the old one"))
LADDER_NEXT = {
    "remind": Text("nhắc", "reminder"),
    "telephone": Text("gọi điện", "telephone"),
    "list": Text("báo cáo người phụ trách", "told to the overseer"),
}
DONE = Text("xong", "done")
PAPER = Text("bản giấy", "on paper")
BOUNCED = Text("không đến được", "bounced")
COLUMNS = (
    Text("Đơn vị", "Unit"),
    Text("Gửi", "Sent"),
    Text("Đến", "Reached"),
    Text("Xem", "Read"),
    Text("Xác nhận", "Acknowledged"),
    Text("Dự họp", "RSVP"),
    Text("Báo cáo", "Report"),
    Text("Hạn", "Deadline"),
    Text("Nhắc", "Reminded"),
    Text("Bước tiếp", "Next step"),
)
NOT_YET = {
    Ask.REPORT: "Chưa báo cáo",
    Ask.ACKNOWLEDGEMENT: "Chưa xác nhận nhận",
    Ask.RSVP: "Chưa trả lời dự họp",
}
# A mail that fits a phone; everybody stands in the workbook.
MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit's way with one document: moments (None where nothing is known yet), what it said, what comes next."""

    unit: str
    name: str
    channel: str
    ask: str
    sent_at: datetime | None
    reached_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None
    attendance: str | None
    reported_at: datetime | None  # the version that counts
    report: str | None  # in_time, late, returned, exempt or missing; None where none is asked for
    nothing_occurred: bool
    extended: bool
    due: str | None
    reminded_at: tuple[datetime, ...]
    next_at: datetime | None
    next_step: str | None
    satisfied: bool
    bounced: bool
    contact: str
    exchange: str | None = None
    used_old: str = ""


def standings(matter: KnownMatter, site: Site) -> tuple[Standing, ...]:
    """Return where each unit of a document stands; what is shown of it anywhere is made of these."""
    return tuple(_standing(one, site) for one in matter.deliveries)


def _standing(one: KnownDelivery, site: Site) -> Standing:
    seen = one.moments
    settled = one.open_matter if one.open_matter in OFFICE_NEXT else None
    exchange = one.exchange if one.exchange in UNCONFIRMED else None
    step = settled or exchange or (None if one.satisfied else one.next_step)
    counts = reports.counting(one)
    state = reports.state_of(one, site.office.working_time) if one.ask is Ask.REPORT else None
    return Standing(
        unit=one.unit,
        name=one.unit_name,
        channel=one.channel,
        ask=str(one.ask),
        sent_at=seen.get("sent"),
        # Who has read or answered a mail has got it, whether or not a server said so.
        reached_at=min((seen[name] for name in ("delivered", "read", "answered") if name in seen), default=None),
        read_at=seen.get("read"),
        acknowledged_at=seen.get("answered"),
        attendance=one.attendance,
        reported_at=counts[0].at if counts else None,
        report=str(state) if state is not None else None,
        nothing_occurred=bool(counts) and all(report.nothing for report in counts),
        extended="extended" in seen,
        due=one.due,
        reminded_at=one.reminded_at,
        next_at=one.next_at if step and not settled else None,
        next_step=step,
        satisfied=one.satisfied,
        bounced=one.transport == "bounced",
        contact=attendance.contact(one, site),
        exchange=one.exchange,
        used_old=used_before(one, site.office.working_time.zone),
    )


def used_before(one: KnownDelivery, zone: ZoneInfo) -> str:
    """Return what a unit did with a paper before it was replaced, corrected or recalled, in words; or empty."""
    asked = max((one.latest[name] for name in ASKED_BY if name in one.latest), default=None)
    if asked is None:
        return ""
    return use_words({name: at for name, at in one.moments.items() if at < asked}, zone)


def use_words(moments: Mapping[str, datetime], zone: ZoneInfo) -> str:
    """Return what a unit did with a paper, in words with the day of each; empty where nothing is known."""
    did = (("completed", "đã báo cáo"), ("answered", "đã xác nhận nhận"), ("read", "đã mở xem"))
    found = [f"{words} {moments[name].astimezone(zone):%d/%m}" for name, words in did if name in moments]
    return ", ".join(found)


def plain_values(standing: Standing) -> dict[str, Any]:
    """Return a row as JSON values: moments in ISO 8601."""
    values = asdict(standing)
    values["reminded_at"] = [moment.isoformat() for moment in standing.reminded_at]
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def cells(standing: Standing, zone: ZoneInfo) -> tuple[Text | str, ...]:
    """Return a row in the words of `COLUMNS`, moments in the office's zone."""
    said = ATTENDANCE.get(standing.attendance or "", "")
    return (
        standing.name,
        PAPER if standing.channel == "paper" else _short(standing.sent_at, zone),
        BOUNCED if standing.bounced else _short(standing.reached_at, zone),
        _short(standing.read_at, zone),
        _short(standing.acknowledged_at, zone),
        said,
        _report(standing, zone),
        _limit(standing.due, zone),
        ", ".join(f"{moment.astimezone(zone):%d/%m}" for moment in standing.reminded_at),
        _next(standing, zone),
    )


def _short(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d/%m %H:%M}" if moment else ""


def _report(standing: Standing, zone: ZoneInfo) -> Text | str:
    """Return when a report came and what there is to say of it."""
    when = _short(standing.reported_at, zone)
    said = [REPORTS[ReportState(standing.report)]] if standing.report else []
    said += [NOTHING_OCCURRED] if standing.nothing_occurred else []
    if not any(words.vi for words in said):
        return when
    vi, en = ((when, *words) for words in zip(*((one.vi, one.en) for one in said if one.vi), strict=True))
    return Text(", ".join(filter(None, vi)), ", ".join(filter(None, en)))


def _limit(due: str | None, zone: ZoneInfo) -> str:
    value = letters.parse_limit(due) if due else None
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if value else ""


def _next(standing: Standing, zone: ZoneInfo) -> Text | str:
    if standing.next_step is None:
        return DONE if standing.satisfied and standing.ask != Ask.NONE else ""
    words = (OFFICE_NEXT | LADDER_NEXT | EXCHANGES).get(
        standing.next_step, Text(standing.next_step, standing.next_step)
    )
    when = _short(standing.next_at, zone)
    return Text(f"{words.vi} {when}".rstrip(), f"{words.en} {when}".rstrip())


# --- the mail -----------------------------------------------------------------------------------------------------


def status_mail(matter: KnownMatter, site: Site, now: datetime, recipient: tuple[str, str]) -> MailPlan:
    """Return the answer to TÌNH HÌNH for a person (name, address); the whole table goes along as a workbook."""
    release = matter.document.release
    assert release is not None
    here = site.office.working_time.local(now)
    rows, zone = standings(matter, site), site.office.working_time.zone
    more = EXCHANGE_COLUMNS if any(one.exchange for one in rows) else ()
    number = matter.document.number or ""
    file_name = f"tinh-hinh-{letters.plain_name(number) or 'van-ban'}.xlsx"
    document = release.values.get("document") or number or "Văn bản"
    as_of = f"{here:%H giờ %M} ngày {letters.day_text(here.date())}"
    values = letters.office_values(site.office) | {
        "person": recipient[0],
        "number": number or "văn bản",
        "document": document,
        "summary": release.values.get("summary") or "",
        "due_text": release.values.get("due_text") or "",
        "as_of": as_of,
        "as_of_short": f"{here:%H giờ %M} ngày {here:%d/%m}",
        **counts(matter, site),
        "report_notes": _report_notes(rows),
        "sections": [*_sections(matter.deliveries, site), *_used_old(rows)],
        "mended": _mended(rows),
        "attachments": [file_name],
        "orders": _orders(matter, site),
        "workbook": {
            "file": file_name,
            "title": f"Tình hình {document}",
            "lines": [str(release.values.get("summary") or ""), f"Số liệu đến {as_of}"],
            "columns": [*(column.vi for column in (*COLUMNS, *more)), "Liên hệ"],
            "rows": [
                [*map(_vietnamese, cells(one, zone)), *(_exchange_cells(one) if more else ()), one.contact]
                for one in rows
            ],
        },
    }
    return MailPlan(
        Purpose.STATUS,
        "status_table",
        release.mailbox,
        recipient[1],
        recipient[0],
        values,
        source_key=matter.document.content_key,
        step=f"{here:%Y-%m-%d %H:%M:%S}",
        not_before=now,
    )


HANDED_IN = (ReportState.IN_TIME, ReportState.LATE)


def _report_notes(rows: Sequence[Standing]) -> str:
    """Return in one line how many reports came late, are excused, come again, or got more time."""
    counts = {
        "sau thời hạn": sum(one.report == ReportState.LATE for one in rows),
        "không phát sinh": sum(one.nothing_occurred for one in rows),
        "miễn báo cáo": sum(one.report == ReportState.EXEMPT for one in rows),
        "trả lại, đang làm lại": sum(one.report == ReportState.RETURNED for one in rows),
        "được gia hạn": sum(one.extended and one.report == ReportState.MISSING for one in rows),
    }
    return "; ".join(f"{words} {count:02d}" for words, count in counts.items() if count)


def _exchange_cells(one: Standing) -> tuple[str, str]:
    said = EXCHANGES.get(one.exchange or "")
    return (said.vi if said else "", one.used_old)


def _mended(rows: Sequence[Standing]) -> str:
    """Return in one line how many units have confirmed a wrong file's exchange or a recall; empty for neither."""
    asked = [one for one in rows if one.exchange]
    if not asked:
        return ""
    done = sum(one.exchange not in UNCONFIRMED for one in asked)
    kind = (asked[0].exchange or "").partition("_")[0]
    return f"{MENDED[kind]}: {done}/{len(asked)}"


# What a unit confirms, as the figures of a status mail name it.
MENDED = {
    "recall": "Đã hủy theo yêu cầu thu hồi",
    "file": "Đã nhận bản đúng",
    "correction": "Đã nhận đính chính",
}


def _used_old(rows: Sequence[Standing]) -> list[dict[str, Any]]:
    """Return the section of those who had used the old one already."""
    found = [one for one in rows if one.used_old]
    if not found:
        return []
    lines = [{"name": one.name, "note": one.used_old, "contact": one.contact} for one in found[:MOST_LINES]]
    title = "Đã dùng bản cũ trước khi được báo"
    return [{"title": title, "count": len(found), "lines": lines, "more": max(0, len(found) - MOST_LINES)}]


def _vietnamese(cell: Text | str) -> str:
    return cell.vi if isinstance(cell, Text) else cell


# In which section of the mail a unit stands: the first that fits.
SECTIONS: tuple[tuple[str, Callable[[KnownDelivery], bool]], ...] = (
    ("Chưa xác nhận thu hồi", lambda one: one.exchange == "recall_open"),
    ("Chưa xác nhận bản đúng", lambda one: one.exchange == "file_open"),
    ("Chưa xác nhận đính chính", lambda one: one.exchange == "correction_open"),
    ("Xin gia hạn", lambda one: one.open_matter == "extension_asked"),
    ("Có ý kiến hỏi, báo thiếu văn bản", lambda one: one.open_matter in ("question", "problem")),
    ("Miễn báo cáo", lambda one: one.handling == ReportState.EXEMPT),
    ("Đã trả lại báo cáo, chờ gửi lại", lambda one: one.handling == ReportState.RETURNED),
    ("Được gia hạn", lambda one: "extended" in one.moments and not one.satisfied),
    ("Giao bản giấy", lambda one: one.channel == "paper"),
    ("Không đến được", lambda one: one.transport == "bounced" or one.open_matter == "unreachable"),
)
# What went wrong stands first, then who is late, whatever is tried first.
_TITLES = tuple(title for title, _ in SECTIONS)
ORDER = (*_TITLES[: len(UNCONFIRMED)], *NOT_YET.values(), *_TITLES[len(UNCONFIRMED) :])


def _section(one: KnownDelivery) -> str | None:
    found = next((title for title, fits in SECTIONS if fits(one)), None)
    return found or (None if one.satisfied else NOT_YET.get(one.ask))


def _sections(deliveries: Sequence[KnownDelivery], site: Site) -> list[dict[str, Any]]:
    grouped: dict[str, list[KnownDelivery]] = {title: [] for title in ORDER}
    for one in deliveries:
        title = _section(one)
        if title is not None:
            grouped[title].append(one)
    return [
        {
            "title": title,
            "count": len(found),
            "lines": [_line(one, site) for one in found[:MOST_LINES]],
            "more": max(0, len(found) - MOST_LINES),
        }
        for title, found in grouped.items()
        if found
    ]


def _line(one: KnownDelivery, site: Site) -> dict[str, str]:
    zone = site.office.working_time.zone
    return {"name": one.unit_name, "note": "; ".join(_notes(one, zone)), "contact": attendance.contact(one, site)}


def _notes(one: KnownDelivery, zone: ZoneInfo) -> list[str]:
    """Return the last steps of a unit in words."""

    def day(name: str) -> str:
        return f"{one.moments[name].astimezone(zone):%d/%m}" if name in one.moments else ""

    notes = []
    if one.open_matter == "extension_asked":
        until = _limit(one.asked_until, zone)
        notes.append(f"xin đến {until}, chưa có ý kiến" if until else "chưa có ý kiến")
    elif one.transport == "bounced":
        notes.append("thư không đến được, cần gọi điện")
    elif not one.satisfied and (one.handling == ReportState.RETURNED or "extended" in one.moments):
        notes.append(f"{'gửi lại' if one.handling == ReportState.RETURNED else 'được'} đến {_limit(one.due, zone)}")
    if one.satisfied and "completed" in one.moments:
        notes.append(f"đã báo cáo {day('completed')}")
    elif "answered" in one.moments:
        notes.append(f"đã nhận {day('answered')}")
    elif one.transport != "bounced":
        notes.append("chưa xác nhận nhận")
    if one.reminded_at:
        notes.append("nhắc " + ", ".join(f"{moment.astimezone(zone):%d/%m}" for moment in one.reminded_at))
    return notes


def _orders(matter: KnownMatter, site: Site) -> list[dict[str, str]]:
    """Return what may be ordered by an answer, with names of this very document; nothing that is not open."""
    number = matter.document.number
    late = [one for one in matter.deliveries if not one.satisfied]
    if not number or not late:
        return []
    zone = site.office.working_time.zone
    asks = next((one for one in late if one.open_matter == "extension_asked"), None)
    by_hand = next((one for one in late if one.channel == "paper" or one.transport == "bounced"), None)
    found: list[tuple[str, str]] = [(f"NHẮC {number}", f"nhắc {len(late):02d} đơn vị chưa thực hiện xong")]
    if asks is not None and asks.asked_until:
        found.append((f"GIA HẠN {number} {asks.unit_name} đến {_limit(asks.asked_until, zone)[:10]}", ""))
    if by_hand is not None:
        found.append((f"GHI NHẬN {number} {by_hand.unit_name} đã nhận qua điện thoại", ""))
    if any(one.reports for one in matter.deliveries):
        found.append((f"TỔNG HỢP {number}", "nhận một tệp nén tất cả báo cáo"))
    found.append((f"KẾT THÚC {number}", "không theo dõi, không nhắc nữa"))
    return [{"words": words, "explained": explained} for words, explained in found]


def counts(matter: KnownMatter, site: Site) -> dict[str, int]:
    """Return the figures of a document: how many units there are, got it, acknowledged it, are asked and reported."""
    rows = standings(matter, site)
    asked = [one for one in rows if one.ask == Ask.REPORT]
    return {
        "total": len(rows),
        "sent": sum(one.sent_at is not None or one.channel == "paper" for one in rows),
        "acknowledged": sum(one.acknowledged_at is not None for one in rows),
        "reported": sum(one.report in HANDED_IN for one in asked),
        "asked": len(asked),
    }


def counts_text(values: Mapping[str, Any]) -> str:
    """Return the figures of a status mail in one line, for a transcript."""
    reported = f"; đã báo cáo {values['reported']}/{values['asked']}" if values["asked"] else ""
    sent = f"đã gửi {values['sent']}/{values['total']}"
    return f"{sent}; đã xác nhận nhận {values['acknowledged']}/{values['total']}{reported}"
