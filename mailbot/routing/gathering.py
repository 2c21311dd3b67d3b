"""TỔNG HỢP: the reports of a document's units as one ZIP in the order of the units, with a table and who is missing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.office.public_mail import is_public
from mailbot.office.text import without_accents
from mailbot.routing import attendance, letters, reports, rights
from mailbot.routing.handed_in import ReportState
from mailbot.routing.model import Ask
from mailbot.routing.order_lines import Order, Refused, Result
from mailbot.routing.plans import MailPlan, Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailbot.office.working_time import WorkingTime
    from mailbot.routing.handed_in import Report
    from mailbot.routing.known import KnownDelivery, KnownMatter
    from mailbot.routing.model import Site

COLUMNS = (
    *("TT", "Đơn vị", "Liên hệ", "Gửi lúc", "Tình hình", "Số báo cáo", "Tệp"),
    *("Nội dung thư", "Ghi chú"),
)
WORDS = {
    ReportState.IN_TIME: "Đúng hạn",
    ReportState.LATE: "Sau thời hạn",
    ReportState.EXEMPT: "Miễn báo cáo",
    ReportState.RETURNED: "Đã trả lại, đang làm lại",
    ReportState.MISSING: "Chưa ghi nhận",
}
# Facts of a delivery, as its moments and its handling have them.
EXTENDED, REFUSED = "extended", "refused"
TABLE = "00-bang-tong-hop.xlsx"
# Behind the name of a file that could do harm: in its place stands a note until the clerk lets it through.
HELD_BACK = ".CHUA-CHO-CHUYEN.txt"
WORDS_FILE = "noi-dung-thu.txt"
MOST_MAILS = 5
MOST_WORDS_IN_CELL = 500
# What a mail needs besides its ZIP: text, header, the ZIP's own table; and what base64 makes of three bytes.
OVERHEAD_BYTES = 200_000
BASE64 = 78 / 57
OVERHEAD_OF_FILE = 400
LONGEST_NAME, LONGEST_FOLDER = 100, 60
# What Windows takes for devices, whatever stands behind the dot.
DEVICES = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
# Of a paper without a single report.
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """How one unit stands with its report: the versions that count, none where it is missing."""

    place: int
    delivery: KnownDelivery
    state: ReportState
    counting: tuple[Report, ...]

    @property
    def nothing(self) -> bool:
        """Tell whether the report says that nothing occurred."""
        return bool(self.counting) and all(one.nothing for one in self.counting)


def gathered(matter: KnownMatter, calendar: WorkingTime) -> tuple[Row, ...]:
    """Return a row for each unit that was asked for a report, in the order in which the document went to them.

    Officers who were given the matter are left out: it is they who sum up.
    """
    asked = [one for one in matter.deliveries if one.ask is Ask.REPORT and not one.reason.startswith("assign:")]
    return tuple(
        Row(place, one, reports.state_of(one, calendar), reports.counting(one))
        for place, one in enumerate(asked, start=1)
    )


# --- the table ------------------------------------------------------------------------------------------------------


def table(rows: Sequence[Row], matter: KnownMatter, site: Site) -> dict[str, Any]:
    """Return the rows as the table of rendering.workbooks; it says nothing of the present moment."""
    values = matter.values
    document = values.get("document") or matter.document.number or "Văn bản"
    lines = [str(values.get("summary") or ""), f"Thời hạn: {values['due_text']}" if values.get("due_text") else ""]
    return {
        "title": f"Tổng hợp báo cáo theo {document}",
        "lines": [line for line in lines if line],
        "columns": list(COLUMNS),
        "rows": [_cells(row, site) for row in rows],
    }


def _cells(row: Row, site: Site) -> list[Any]:
    calendar = site.office.working_time
    words = " ".join(" ".join(one.words.split()) for one in row.counting)
    return [
        row.place,
        row.delivery.unit_name,
        attendance.contact(row.delivery, site),
        "\n".join(f"{calendar.local(one.at):%d/%m/%Y %H:%M}" for one in row.counting),
        state_words(row),
        "; ".join(dict.fromkeys(one.number for one in row.counting if one.number)),
        "\n".join(file.name for one in row.counting for file in one.files),
        words[:MOST_WORDS_IN_CELL],
        "; ".join(notes(row, calendar)),
    ]


def state_words(row: Row) -> str:
    """Return how a unit stands, in words."""
    said = WORDS[row.state]
    return f"{said}, không phát sinh" if row.nothing else said


def notes(row: Row, calendar: WorkingTime) -> list[str]:
    """Return what else is to be known of a unit's report: more time, sent back and why, by whose word."""
    found = []
    if EXTENDED in row.delivery.moments:
        found.append(f"được gia hạn đến {_limit(row.delivery, calendar)}")
    for one in row.delivery.reports:
        if one.returned:
            found.append(f"bản {one.version} ngày {calendar.local(one.at):%d/%m} trả lại: {one.returned}")
    if row.state is ReportState.RETURNED:
        found.append(f"gửi lại chậm nhất {_limit(row.delivery, calendar)}")
    if any(one.clerk_alone for one in row.counting):
        found.append("báo cáo thuộc diện hạn chế, văn thư giữ")
    found += [f"theo ghi nhận của {one.by}" for one in row.counting if one.by]
    if row.delivery.handling == REFUSED:
        found.append("đơn vị trả lại văn bản")
    return found


def _limit(delivery: KnownDelivery, calendar: WorkingTime) -> str:
    return letters.limit_text(delivery.due, calendar) or "…"


# --- the files ------------------------------------------------------------------------------------------------------


def entries(rows: Iterable[Row], site: Site, *, for_clerk: bool) -> list[list[dict[str, Any]]]:
    """Return for each unit with a report what goes into the ZIP: a file of an archived mail, or a text of our own.

    Each has `path` (NFC, of a name that every system takes), `at` (ISO 8601, of the office's zone), `size` in bytes,
    and `mail` with `sha256` (the archived mail and the file in it), or `text`. What is for the clerk alone is left out
    for everybody else.
    """
    calendar = site.office.working_time
    return [found for row in rows if (found := _of_unit(row, calendar, for_clerk=for_clerk))]


def _of_unit(row: Row, calendar: WorkingTime, *, for_clerk: bool) -> list[dict[str, Any]]:
    folder = f"{row.place:02d}-{_ascii(row.delivery.unit_name)}"
    taken: set[str] = set()
    found: list[dict[str, Any]] = []
    for report in row.counting:
        if report.clerk_alone and not for_clerk:
            continue
        here = calendar.local(report.at)
        before = f"ban-{report.version}-" if len(row.counting) > 1 else ""
        if not report.files or report.archive is None:
            text = _as_text(row, report, here)
            path = f"{folder}/{_free(before + WORDS_FILE, taken)}"
            found.append({"path": path, "at": here.isoformat(), "size": len(text.encode()), "text": text})
            continue
        for file in report.files:
            if file.danger is not None:
                path = f"{folder}/{_free(before + safe_name(file.name) + HELD_BACK, taken)}"
                note = f"Tệp {file.name} {file.danger}, văn thư chưa cho chuyển (SHA-256 {file.sha256}).\r\n"
                found.append({"path": path, "at": here.isoformat(), "size": len(note.encode()), "text": note})
                continue
            path = f"{folder}/{_free(before + safe_name(file.name), taken)}"
            of_mail = {"mail": report.archive, "sha256": file.sha256, "size": file.size, "name": file.name}
            found.append({"path": path, "at": here.isoformat(), **of_mail})
    return found


def _as_text(row: Row, report: Report, here: datetime) -> str:
    way = f"Theo ghi nhận của {report.by}" if report.by else f"Thư từ {report.address or 'đơn vị'}"
    return f"{row.delivery.unit_name}\r\n{way}, {letters.moment_text(here)}\r\n\r\n" + "\r\n".join(
        report.words.splitlines()
    )


def safe_name(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a file's name so that every system can write it: composed, without signs and names that Windows refuses.

    Its ending is kept when it is cut.
    """
    plain = FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "tep"
    plain = f"_{plain}" if DEVICES.match(plain) else plain
    stem, dot, ending = plain.rpartition(".")
    if len(plain) <= longest:
        return plain
    return (
        f"{stem[: longest - len(ending) - 1].rstrip(' .')}.{ending}" if dot and len(ending) <= 10 else plain[:longest]
    )


def _ascii(name: str) -> str:
    found = re.sub(r"[^A-Za-z0-9]+", "-", without_accents(unicodedata.normalize("NFC", name.replace("Đ", "D"))))
    return found[:LONGEST_FOLDER].strip("-") or "don-vi"


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no other file of the folder bears, whatever the case of its letters."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot and stem else (name, "")
    found, count = name, 1
    while found.casefold() in taken:
        count += 1
        found = f"{stem} ({count}){ending}"
    taken.add(found.casefold())
    return found


def split(
    groups: Iterable[list[dict[str, Any]]], most_bytes: int
) -> tuple[list[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Share files out to ZIPs that fit a mail of `most_bytes`, a unit's together where they can be.

    What fits none is returned beside them: what is too large for a mail by itself, and what comes after the last mail.
    """
    room = int(most_bytes / BASE64) - OVERHEAD_BYTES
    found: list[list[dict[str, Any]]] = [[]]
    left: list[dict[str, Any]] = []
    used = 0
    for group in groups:
        fits = sum(map(_cost, group)) <= room
        for bundle in [group] if fits else [[entry] for entry in group]:
            cost = sum(map(_cost, bundle))
            if cost <= room < used + cost and len(found) < MOST_MAILS:
                found.append([])
                used = 0
            if used + cost > room:
                left += bundle
            else:
                found[-1] += bundle
                used += cost
    return found, left


def _cost(entry: dict[str, Any]) -> int:
    return int(entry["size"]) + OVERHEAD_OF_FILE


def packs(
    rows: Sequence[Row], matter: KnownMatter, site: Site, most_bytes: int | None = None, *, for_clerk: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the ZIPs as rendering.packing writes them, and the files that fit none; one ZIP without a limit.

    The same state gives the same ZIPs: they bear the moments of the reports and not that of the question.
    """
    groups = entries(rows, site, for_clerk=for_clerk)
    parts, left = (
        split(groups, most_bytes) if most_bytes is not None else ([[one for group in groups for one in group]], [])
    )
    moments = [one.at for row in rows for one in row.counting]
    at = site.office.working_time.local(max(moments, default=NO_MOMENT)).isoformat()
    stem = f"tong-hop-{letters.plain_name(matter.document.number or '') or 'bao-cao'}"
    whole = {"path": TABLE, "at": at, "tables": [table(rows, matter, site)]}
    made = [
        {"file": f"{stem}{f'-{part}' if len(parts) > 1 else ''}.zip", "entries": [whole, *found]}
        for part, found in enumerate(parts, start=1)
    ]
    return made, left


# --- when it comes by itself ----------------------------------------------------------------------------------------


def collects_at(limit: str, site: Site) -> datetime:
    """Return when the reports of a limit (ISO 8601) are collected: at its hour, or in the first slot after its day."""
    calendar = site.office.working_time
    value = letters.parse_limit(limit)
    if isinstance(value, datetime):
        return calendar.next_slot(value, ())
    return calendar.next_slot(calendar.start_of_day(value + timedelta(days=1)), site.office.reminders_at)


def later_limit(limit: str, open_limits: Sequence[str | None]) -> str | None:
    """Return at which limit to collect instead, where all units that have not reported got more time; else None."""
    later = [one for one in open_limits if one is not None and one > limit]
    return max(later) if later and len(later) == len(open_limits) else None


def because(limit: str) -> str:
    """Return why reports are collected by themselves."""
    return f"limit for reports {limit}"


# --- the mail -------------------------------------------------------------------------------------------------------


def collect(order: Order) -> Result:
    """TỔNG HỢP: what has come so far, as a mail of its own."""
    matter = order.matter()
    about = matter.document.number or "văn bản"
    rows = gathered(matter, order.site.office.working_time)
    if not rows:
        raise Refused(f"{about} không yêu cầu đơn vị nào báo cáo")
    if kept_inside(matter, order.sender()[1], order.site):
        raise Refused(f"{about} lưu hành nội bộ, báo cáo không gửi ra hộp thư công cộng {order.sender()[1]}")
    mails = collection_mails(matter, order.site, order.now, order.sender())
    return Result(f"tổng hợp {about}: {counts_text(rows)}", mails=mails, says_all=True)


def kept_inside(matter: KnownMatter, address: str, site: Site) -> bool:
    """Tell whether the limit of a paper keeps what is reported on it from a mailbox that anybody could have."""
    release = matter.document.release
    return release is not None and release.inside and is_public(address, site.papers.public_domains)


def counts_text(rows: Sequence[Row]) -> str:
    """Return in one line how many have reported."""
    return f"đã báo cáo {sum(bool(row.counting) for row in rows):02d}/{len(rows):02d}"


def collection_mails(
    matter: KnownMatter, site: Site, now: datetime, to: tuple[str, str], *, at_deadline: str | None = None
) -> tuple[MailPlan, ...]:
    """Return the mail with the reports, for a person (name, address); several where one would be too large.

    `at_deadline` is the limit (ISO 8601) at which it comes by itself, once.
    """
    calendar = site.office.working_time
    here = calendar.local(now)
    rows = gathered(matter, calendar)
    mailbox = matter.mailbox or next(iter(site.mailboxes))
    for_clerk = to[1].lower() in rights.officers(site, clerk_alone=True)
    made, left = packs(rows, matter, site, site.mailboxes[mailbox].mail_size, for_clerk=for_clerk)
    number = matter.document.number or "văn bản"
    values = letters.office_values(site.office) | {
        "person": to[0],
        "number": number,
        "document": matter.values.get("document") or number,
        "summary": matter.values.get("summary") or "",
        "due_text": matter.values.get("due_text") or "",
        "as_of": f"{here:%H giờ %M} ngày {letters.day_text(here.date())}",
        "as_of_short": f"{here:%H giờ %M} ngày {here:%d/%m}",
        "at_deadline": at_deadline is not None,
        "reported": sum(bool(row.counting) for row in rows),
        "total": len(rows),
        "figures": _figures(rows),
        "missing": _missing(rows, site),
        "too_large": [{"name": one["path"], "note": f"{one['size'] / 1_000_000:.1f} MB"} for one in left],
        "parts": len(made),
    }
    step = f"at {at_deadline}" if at_deadline is not None else now.isoformat()
    return tuple(
        MailPlan(
            Purpose.COLLECTION,
            "collection",
            mailbox,
            to[1],
            to[0],
            values | {"mail_part": part, "attachments": [pack["file"]], "pack": pack},
            source_key=matter.document.content_key,
            step=f"{step} {part}",
            not_before=now,
        )
        for part, pack in enumerate(made, start=1)
    )


def _figures(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return how many stand in which state, none where nobody does."""
    counts = {words: sum(row.state is state for row in rows) for state, words in WORDS.items()}
    counts["Không phát sinh"] = sum(row.nothing for row in rows)
    counts["Được gia hạn, chưa báo cáo"] = sum(
        EXTENDED in row.delivery.moments and row.state is ReportState.MISSING for row in rows
    )
    return [{"name": words, "value": f"{count:02d}"} for words, count in counts.items() if count]


def _missing(rows: Sequence[Row], site: Site) -> list[dict[str, str]]:
    """Return whom one may have to call, with what is known of them."""
    calendar = site.office.working_time
    return [
        {
            "name": row.delivery.unit_name,
            "note": "; ".join([WORDS[row.state].lower()] * (row.state is ReportState.RETURNED) + notes(row, calendar)),
            "contact": attendance.contact(row.delivery, site),
        }
        for row in rows
        if row.state in (ReportState.MISSING, ReportState.RETURNED)
    ]
