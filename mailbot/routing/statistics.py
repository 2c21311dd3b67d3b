"""THỐNG KÊ: for each unit what it got in a period and how it was dealt with, in time or late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.routing import letters
from mailbot.routing.handed_in import ReportState
from mailbot.routing.letters import is_late
from mailbot.routing.plans import MailPlan, Purpose
from mailbot.routing.reports import came_late

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mailbot.office.periods import Period
    from mailbot.office.working_time import WorkingTime
    from mailbot.routing.handed_in import Report
    from mailbot.routing.model import Site

COLUMNS = (
    *("Đơn vị", "Tổng nhận", "Đã xử lý đúng hạn", "Đã xử lý quá hạn", "Đang xử lý trong hạn"),
    *("Đang xử lý quá hạn", "Chưa xử lý", "Được miễn báo cáo", "Được gia hạn"),
)


@dataclass(frozen=True)
class Counted:
    """One paper that a unit was asked to deal with; the limit in ISO 8601, the answer's moment aware."""

    unit: str
    name: str
    due: str | None
    satisfied: bool
    handling: str | None
    answered_at: datetime | None
    reports: tuple[Report, ...] = ()  # every version
    extended: bool = False  # whatever became of it then


@dataclass(frozen=True)
class Tally:
    """One unit's figures; without a confirmation a paper is untouched, in time or not."""

    name: str
    received: int = 0
    done: int = 0
    done_late: int = 0
    open: int = 0
    open_late: int = 0
    untouched: int = 0
    exempt: int = 0
    extended: int = 0  # of all that it got; the others add up to that

    @property
    def row(self) -> list[Any]:
        """The figures in the order of COLUMNS."""
        return [
            self.name,
            self.received,
            self.done,
            self.done_late,
            self.open,
            self.open_late,
            self.untouched,
            self.exempt,
            self.extended,
        ]


def tallies(counted: Iterable[Counted], calendar: WorkingTime, now: datetime) -> list[Tally]:
    """Return the figures of each unit by name, and below them those of all."""
    found: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for one in counted:
        names[one.unit] = one.name
        figures = found.setdefault(one.unit, [0] * 8)
        figures[0] += 1
        figures[_kind(one, calendar, now)] += 1
        figures[7] += one.extended
    units = sorted((Tally(names[unit], *figures) for unit, figures in found.items()), key=lambda one: one.name)
    return [*units, Tally("Cộng", *(sum(column) for column in zip(*found.values(), strict=True)))] if units else []


def _kind(one: Counted, calendar: WorkingTime, now: datetime) -> int:
    if one.handling == ReportState.EXEMPT:
        return 6
    if one.satisfied:
        if one.reports:
            return 2 if came_late(one.reports, one.due, calendar) else 1
        return 2 if is_late(one.due, one.answered_at or now, calendar) else 1
    if one.handling is None:
        return 5
    return 4 if is_late(one.due, now, calendar) else 3


def table(figures: Sequence[Tally], period: Period, site: Site, now: datetime) -> dict[str, Any]:
    """Return the figures as the table of rendering.workbooks."""
    here = site.office.working_time.local(now)
    return {
        "file": f"thong-ke-{period.first:%d-%m-%Y}-{period.last:%d-%m-%Y}.xlsx",
        "title": f"Tình hình xử lý văn bản, {period.name}",
        "lines": [site.office.name, f"Số liệu đến {letters.moment_text(here)}"],
        "columns": list(COLUMNS),
        "rows": [one.row for one in figures],
    }


def statistics_mail(
    counted: Iterable[Counted], period: Period, site: Site, now: datetime, to: tuple[str, str], mailbox: str
) -> MailPlan:
    """Return the mail with the figures of a period, the whole table as XLSX, to a person (name, address)."""
    calendar = site.office.working_time
    figures = tallies(counted, calendar, now)
    made = table(figures, period, site, now)
    late = [one for one in figures[:-1] if one.open_late or one.untouched]
    total = figures[-1] if figures else Tally("Cộng")
    values = letters.office_values(site.office) | {
        "person": to[0],
        "period": period.name,
        "as_of": letters.moment_text(calendar.local(now)),
        "figures": [
            {"name": name, "value": f"{value:02d}"} for name, value in zip(COLUMNS[1:], total.row[1:], strict=True)
        ],
        "unit_count": max(0, len(figures) - 1),
        "late": [
            {"name": one.name, "note": f"đang xử lý quá hạn {one.open_late:02d}, chưa xử lý {one.untouched:02d}"}
            for one in late
        ],
        "workbook": made,
        "attachments": [made["file"]],
    }
    return MailPlan(
        Purpose.STATISTICS,
        "statistics",
        mailbox,
        to[1],
        to[0],
        values,
        source_key=f"statistics {period.first} {period.last}",
        step=now.isoformat(),
    )
