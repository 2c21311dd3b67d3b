"""The books of the office in their columns, as tables to be printed or opened: in, out, handling, transfer.

Columns and cover follow NĐ 30/2020/NĐ-CP, phụ lục IV, and TT 07/2012/TT-BNV, as Party offices keep them (Quy định
693-QĐ/VPTW); days are written `03/01, 27/7`: two digits below 10, and for January and February.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mailbot.routing import letters
from mailbot.routing.letters import URGENCY_WORDS, is_late
from mailbot.routing.model import Direction
from mailbot.routing.wording import way_words
from mailbot.store.tables import DocumentState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mailbot.office.periods import Period
    from mailbot.office.working_time import WorkingTime
    from mailbot.routing.model import Register, Site
    from mailbot.store.registers import Entry, Handed


class View(StrEnum):
    """Which of the statutory books a register is written out as."""

    ENTRIES = "entries"
    HANDLING = "handling"
    TRANSFER = "transfer"


TITLES = {
    (Direction.INCOMING, View.ENTRIES): "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN",
    (Direction.OUTGOING, View.ENTRIES): "SỔ ĐĂNG KÝ VĂN BẢN ĐI",
    (Direction.INCOMING, View.HANDLING): "SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN",
    (Direction.INCOMING, View.TRANSFER): "SỔ CHUYỂN GIAO VĂN BẢN ĐẾN",
    (Direction.OUTGOING, View.TRANSFER): "SỔ CHUYỂN GIAO VĂN BẢN ĐI",
}
FILES = {
    (Direction.INCOMING, View.ENTRIES): "so-van-ban-den",
    (Direction.OUTGOING, View.ENTRIES): "so-van-ban-di",
    (Direction.INCOMING, View.HANDLING): "so-theo-doi-giai-quyet",
    (Direction.INCOMING, View.TRANSFER): "so-chuyen-giao-van-ban-den",
    (Direction.OUTGOING, View.TRANSFER): "so-chuyen-giao-van-ban-di",
}
# Heading and relative width of each column; those that are centred.
INCOMING = (
    *(("Ngày đến", 7), ("Số đến", 6), ("Tác giả", 15), ("Số, ký hiệu", 13), ("Ngày tháng văn bản", 8)),
    *(("Tên loại và trích yếu nội dung", 34), ("Đơn vị hoặc người nhận", 17), ("Ngày chuyển", 7)),
    *(("Ký nhận", 13), ("Ghi chú", 12)),
)
OUTGOING = (
    *(("Số, ký hiệu", 12), ("Ngày tháng văn bản", 8), ("Tên loại và trích yếu nội dung", 33), ("Người ký", 13)),
    *(("Nơi nhận", 18), ("Đơn vị, người nhận bản lưu", 8), ("Số lượng bản", 7), ("Ngày chuyển", 7)),
    *(("Ký nhận", 14), ("Ghi chú", 12)),
)
HANDLING = (
    *(("Số đến", 6), ("Tên loại, số và ký hiệu, ngày tháng, tác giả", 30), ("Đơn vị hoặc người nhận", 21)),
    *(("Thời hạn giải quyết", 9), ("Tiến độ giải quyết", 24), ("Số, ký hiệu văn bản trả lời", 14), ("Ghi chú", 12)),
)
TRANSFER = (("Ngày chuyển", 8), ("Số, ký hiệu", 15), ("Nơi nhận", 40), ("Ký nhận", 32), ("Ghi chú", 20))
KEPT_BY = "Văn thư"
# More names than this are told by their group or counted.
MOST_NAMES = 3
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Cover:
    """What the first page of a book says beside what its entries tell."""

    period: Period
    volume: int = 1


def tables(
    view: View,
    register: Register,
    entries: Sequence[Entry],
    site: Site,
    cover: Cover | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return a register's entries as the tables of `rendering.workbooks`: one for each period and series, in order.

    Without a cover the tables are pages, as the morning's digest brings them.
    """
    grouped: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.period, entry.series].append(entry)
    if not grouped:
        grouped["", ""] = []
    return [_table(view, register, sorted(some, key=_place), site, cover, now) for _, some in sorted(grouped.items())]


def _place(entry: Entry) -> tuple[int, int]:
    """A paper whose number another bears already stands beside that one."""
    return (entry.number or printed_number(entry) or 10**9, entry.id or 0)


def printed_number(entry: Entry) -> int | None:
    """Return the number that a symbol begins with: 152 of `152-CV/ĐU`."""
    found = DIGITS.match(entry.symbol or "")
    return int(found.group()) if found else None


def _table(
    view: View, register: Register, entries: Sequence[Entry], site: Site, cover: Cover | None, now: datetime
) -> dict[str, Any]:
    page = _Page(register, entries, site, now)
    columns, rows, centred = VIEWS[register.takes, view](page)
    title = TITLES[register.takes, view]
    first = entries[0] if entries else None
    table: dict[str, Any] = {
        "title": title,
        "office": site.office.name,
        "sheet": series_words(first.series) if first and first.series else ("Sổ đến", "Sổ đi")[page.outgoing],
        "lines": _lines(register, first, cover),
        "columns": [name for name, _ in columns],
        "widths": [width for _, width in columns],
        "centred": list(centred),
        "rows": rows,
        "notes": findings(entries) if view is View.ENTRIES else [],
    }
    if cover is not None:
        table["cover"] = _cover(title, register, entries, site, cover)
    return table


def _lines(register: Register, first: Entry | None, cover: Cover | None) -> list[str]:
    said = [register.title] if register.title else []
    if first and first.series:
        said.append(series_words(first.series))
    if cover is not None:
        said.append(cover.period.name[:1].upper() + cover.period.name[1:])
    return said


def _cover(title: str, register: Register, entries: Sequence[Entry], site: Site, cover: Cover) -> list[str]:
    numbers = sorted(one for entry in entries if (one := entry.number) is not None)
    first = entries[0] if entries else None
    lines = [site.office.name.upper(), title]
    lines += [register.title] if register.title else []
    lines += [f"Loại văn bản: {series_words(first.series)}"] if first and first.series else []
    lines.append(period_words(first.period) if first and first.period else f"Năm {cover.period.first.year}")
    lines.append(f"Từ ngày {letters.day_text(cover.period.first)} đến ngày {letters.day_text(cover.period.last)}")
    lines.append(f"Từ số {numbers[0]:02d} đến số {numbers[-1]:02d}" if numbers else "Từ số …… đến số ……")
    lines.append(f"Quyển số: {cover.volume:02d}")
    return lines


def period_words(period: str) -> str:
    """Return a book's period in words: `2026` is a year, `term 2025-2030` a nhiệm kỳ."""
    kind, _, name = period.rpartition(" ")
    return f"Nhiệm kỳ {name}" if kind == "term" else f"Năm {name}"


def series_words(series: str) -> str:
    """Return a series in words: `CV/VPĐU` is `Công văn (CV/VPĐU)`."""
    kind = series.partition("/")[0]
    return f"{letters.type_name(kind)} ({series})"


def book_day(day: date | None, year: int) -> str:
    """Return a day as books write it: `03/01`, `27/7`; the year only where it is another than the book's."""
    if day is None:
        return ""
    text = f"{day.day:02d}/{day.month:02d}" if day.month <= 2 else f"{day.day:02d}/{day.month}"
    return text if day.year == year else f"{text}/{day.year}"


def findings(entries: Sequence[Entry]) -> list[str]:
    """Return what a book's numbers show: gaps, doubles, papers without a number.

    The ledger's book begins with the first number seen: an office that starts in mid-year has those before it on paper.
    """
    numbers = sorted({entry.number for entry in entries if entry.number is not None})
    found = []
    if numbers and numbers[-1] - numbers[0] + 1 > len(numbers):
        missing = [number for number in range(numbers[0], numbers[-1]) if number not in set(numbers)]
        found.append(f"Số chưa thấy trong sổ: {spans(missing)}")
    again = [entry for entry in entries if entry.number is None and printed_number(entry) in numbers]
    if again:
        named = "; ".join(f"{entry.symbol} ({letters.shorten(entry.summary, 50)})" for entry in again)
        found.append(f"Trùng số: {named}")
    bare = sum(entry.number is None for entry in entries) - len(again)
    if bare:
        found.append(f"Chưa có số: {bare:02d} văn bản")
    return found


def spans(numbers: Sequence[int]) -> str:
    """Return numbers with their runs joined: `12, 15-17`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def issuer_name(issuer: str | None, site: Site) -> str:
    """Return who issued a paper, by `unit/symbol` as the ledger keeps it: the organ with that symbol, or the unit."""
    key, _, symbol = (issuer or "").partition("/")
    unit = site.directory.units.get(key)
    if unit is None:
        return issuer or ""
    organ = next((one for one in unit.organs if symbol and symbol in one.symbols), None)
    return organ.name if organ else unit.name


Rows = tuple[tuple[tuple[str, int], ...], list[list[Any]], tuple[int, ...]]


class _Page:
    """The entries of one book with what its columns are filled from; holds, changes nothing."""

    def __init__(self, register: Register, entries: Sequence[Entry], site: Site, now: datetime) -> None:
        self.entries, self.site = entries, site
        self.calendar: WorkingTime = site.office.working_time
        self.now = now
        self.outgoing = register.takes is Direction.OUTGOING
        days = [day for entry in entries if (day := self.dated(entry)) is not None]
        self.year = Counter(day.year for day in days).most_common(1)[0][0] if days else self.calendar.local(now).year

    def dated(self, entry: Entry) -> date | None:
        """Return the day of an entry: of the paper where it is ours, else of its arrival."""
        known = entry.issued_on if self.outgoing else entry.arrived_on
        return known or self.local(entry.recorded_at)

    def local(self, moment: datetime | None) -> date | None:
        """Return the day of a moment in the office's zone."""
        return self.calendar.local(moment).date() if moment else None

    def day(self, day: date | None) -> str:
        """Return a day as this book writes it."""
        return book_day(day, self.year)

    def moment(self, moment: datetime | None) -> str:
        """Return the day of a moment as this book writes it."""
        return self.day(self.local(moment))

    # --- what the columns say ---

    def incoming(self) -> Rows:
        """Return the columns and rows of sổ đăng ký văn bản đến."""
        rows = [
            [
                self.day(self.dated(entry)),
                _number(entry),
                issuer_name(entry.issuer, self.site),
                entry.symbol or "",
                self.day(entry.issued_on),
                _content(entry),
                self.who(entry),
                self.moment(entry.released_at or entry.submitted_at),
                self.receipts(entry.handed),
                self.remarks(entry),
            ]
            for entry in self.entries
        ]
        return INCOMING, rows, (0, 1, 4, 7)

    def sent_out(self) -> Rows:
        """Return the columns and rows of sổ đăng ký văn bản đi."""
        rows = [
            [
                entry.symbol or _number(entry),
                self.day(entry.issued_on),
                _content(entry),
                entry.signer or "",
                self.recipients(entry.handed),
                KEPT_BY if entry.id is not None else "",
                _copies(entry),
                self.moment(entry.released_at),
                self.receipts(entry.handed),
                self.remarks(entry),
            ]
            for entry in self.entries
        ]
        return OUTGOING, rows, (1, 6, 7)

    def handling(self) -> Rows:
        """Return the columns and rows of sổ theo dõi giải quyết văn bản đến."""
        rows = [
            [
                _number(entry),
                self.paper(entry),
                self.who(entry),
                self.limit(entry.due),
                "; ".join(self.progress(entry)),
                "; ".join(dict.fromkeys(number for one in entry.handed if (number := answering_number(one)))),
                self.remarks(entry),
            ]
            for entry in self.entries
            if entry.id is not None and entry.cancelled is None
        ]
        return HANDLING, rows, (0, 3)

    def transfer(self) -> Rows:
        """Return the columns and rows of sổ chuyển giao văn bản: a row for each unit or officer that got a paper."""
        rows = [
            [
                self.moment(one.sent_at or entry.released_at),
                entry.symbol or _number(entry),
                one.name,
                self.receipt(one),
                _way(one),
            ]
            for entry in self.entries
            for one in entry.handed
        ]
        return TRANSFER, rows, (0,)

    def paper(self, entry: Entry) -> str:
        """Return type, symbol, day and author of a paper in one cell."""
        dated = f"ngày {self.day(entry.issued_on)}" if entry.issued_on else ""
        named = f"{letters.type_name(entry.type)} {entry.symbol or '(chưa rõ số)'}"
        return ", ".join(filter(None, (named, dated, issuer_name(entry.issuer, self.site)))) + f". {entry.summary}"

    def limit(self, due: str | None) -> str:
        """Return a limit as this book writes it."""
        if due is None:
            return ""
        value = letters.parse_limit(due)
        return self.day(self.local(value) if isinstance(value, datetime) else value)

    def who(self, entry: Entry) -> str:
        """Return who handles or got what came in: officers first, then units, else the leader it lies before."""
        officers = [f"{_short(one.name)} ({one.reason.partition(': ')[2]})" for one in entry.handed if one.assigned]
        units = [one for one in entry.handed if not one.assigned]
        found = [*officers, *([self.recipients(units)] if units else [])]
        if found or entry.submitted_to is None:
            return "; ".join(found)
        return f"đ/c {entry.submitted_to}"

    def recipients(self, handed: Iterable[Handed]) -> str:
        """Return who got a paper: units found through one group by its name, the others by theirs."""
        grouped: dict[str, list[Handed]] = defaultdict(list)
        for one in handed:
            grouped[way_words(one.reason, self.site.directory)].append(one)
        found = []
        for group, some in grouped.items():
            if group and len(some) > MOST_NAMES:
                found.append(f"{group} ({len(some):02d})")
            else:
                found += [one.name for one in some]
        return "; ".join(found)

    def receipt(self, one: Handed) -> str:
        """Return how one unit signed or confirmed: whose name stands on the slip, or the day of its answer."""
        if one.told_at is None:
            return ""
        day = one.told.get("on")
        when = self.day(date.fromisoformat(day)) if day else self.moment(one.told_at)
        signed = one.told.get("signed_by")
        if signed:
            return f"{signed} ký nhận {when}"
        how = " qua điện thoại" if one.told.get("way") == "telephone" else ""
        return f"đã nhận{how} {when}"

    def receipts(self, handed: Sequence[Handed]) -> str:
        """Return the receipts of a paper: by name where they are few, else how many of how many."""
        told = [one for one in handed if one.told_at is not None]
        if not told:
            return ""
        if len(handed) == 1:
            return self.receipt(told[0])
        if len(handed) <= MOST_NAMES:
            return "; ".join(f"{one.name}: {self.receipt(one)}" for one in told)
        return f"{len(told):02d}/{len(handed):02d} đã xác nhận"

    def progress(self, entry: Entry) -> Iterable[str]:
        """Yield how far the handling of a paper has come: each officer, then the units in figures."""
        if entry.state == DocumentState.AWAITING_INSTRUCTION:
            yield "chờ ý kiến chỉ đạo"
        for one in entry.handed:
            if one.assigned and one.ask == "report":
                yield f"{_short(one.name)}: {self.stage(one)}"
        asked = [one for one in entry.handed if not one.assigned and one.ask == "report"]
        if asked:
            yield f"đã báo cáo {sum(one.satisfied for one in asked):02d}/{len(asked):02d} đơn vị"

    def stage(self, one: Handed) -> str:
        """Return where one officer stands: done in time or late, at work, not yet confirmed."""
        if one.satisfied and one.done_at is None:
            return "thôi xử lý"  # handed over to another, or closed by order
        if one.satisfied:
            late = one.done_at is not None and is_late(one.due, one.done_at, self.calendar)
            done = self.moment(one.done_at)
            return f"xong {done}{' (quá hạn)' if late else ''}".strip()
        state = "đang xử lý" if one.told_at else "chưa xác nhận nhận việc"
        return f"{state}, quá hạn" if is_late(one.due, self.now, self.calendar) else state

    def remarks(self, entry: Entry) -> str:
        """Return what stands in ghi chú: cancelled, on paper, urgent, waiting for a word."""
        if entry.cancelled is not None:
            return f"Hủy ({self.moment(entry.cancelled.at)}): {entry.cancelled.reason}"
        said = []
        if entry.id is not None and entry.number is None:
            said.append("trùng số hoặc chưa có số")
        if entry.came_by == "paper":
            said.append("bản giấy")
        if entry.urgency and entry.urgency != "normal":
            said.append(URGENCY_WORDS.get(entry.urgency, entry.urgency))  # type: ignore[call-overload]
        said.append(STATES.get((self.outgoing, entry.state), ""))
        return "; ".join(filter(None, said))


STATES: dict[tuple[bool, str], str] = {
    (True, DocumentState.AWAITING_CONFIRMATION): "chờ xác nhận gửi",
    (False, DocumentState.AWAITING_INSTRUCTION): "chờ ý kiến",
    (False, DocumentState.CANCELLED): "lưu",
    (False, DocumentState.FILED): "lưu",
    (True, DocumentState.RECALLED): "đã thu hồi",
    (False, DocumentState.RECALLED): "đã thu hồi",
    (True, DocumentState.SUPERSEDED): "đã được thay thế",
    (False, DocumentState.SUPERSEDED): "đã được thay thế",
}
VIEWS: dict[tuple[Direction, View], Callable[[_Page], Rows]] = {
    (Direction.INCOMING, View.ENTRIES): _Page.incoming,
    (Direction.OUTGOING, View.ENTRIES): _Page.sent_out,
    (Direction.INCOMING, View.HANDLING): _Page.handling,
    (Direction.INCOMING, View.TRANSFER): _Page.transfer,
    (Direction.OUTGOING, View.TRANSFER): _Page.transfer,
}


def answering_number(one: Handed) -> str:
    """Return the number of the paper by which somebody reported that a matter is done."""
    return str(one.done.get("answering_number") or "")


def _number(entry: Entry) -> str:
    return f"{entry.number:02d}" if entry.number is not None else ""


def _content(entry: Entry) -> str:
    """Return type and trích yếu; of a number that no paper bore there is none."""
    if entry.id is None:
        return ""
    return f"{letters.type_name(entry.type)}: {entry.summary}" if entry.type else entry.summary


def _copies(entry: Entry) -> str:
    """Return how many copies were printed; a paper that went by mail alone has none."""
    paper = sum(one.channel == "paper" for one in entry.handed)
    return f"{paper:02d}" if paper else "điện tử" if entry.handed else ""


def _way(one: Handed) -> str:
    if one.channel == "paper":
        return "bản giấy"
    return "thư không đến được" if one.transport == "bounced" else "thư điện tử"


def _short(name: str) -> str:
    """Return a person as books name them: `đ/c Nguyễn Thanh Bình`."""
    return f"đ/c {name.removeprefix('đồng chí ')}"
