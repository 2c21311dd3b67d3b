"""The attendance sheet: when it is due, what it says, and the workbook that goes with it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from mailbot.office.working_time import WorkingTime
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import Planned, SendingMailbox, compose_mail
from mailbot.routing.attendance import sheet_moments
from mailbot.service.due import plan_due
from mailbot.service.rehearsal import ledger_at
from tests.example_office import CLERK
from tests.store.test_meetings import CANCELLED, MOVED, THCS, first, invite

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LIMIT = datetime(2026, 10, 13, 16, 0, tzinfo=HANOI)
MORNING_BEFORE = datetime(2026, 10, 14, 8, 0, tzinfo=HANOI)


@pytest.mark.parametrize(
    ("rsvp_by", "starts_at", "moments"),
    [
        ("2026-10-13T16:00:00+07:00", "2026-10-15T14:00:00+07:00", ["13 16:00", "14 08:00"]),
        ("2026-10-13", "2026-10-15T14:00:00+07:00", ["14 08:00"]),
        (None, "2026-10-19T08:00:00+07:00", ["16 08:00"]),
        ("2026-10-13T16:00:00+07:00", None, ["13 16:00"]),
        ("2026-10-16", "2026-10-16T08:00:00+07:00", ["15 08:00"]),
        (None, None, []),
    ],
)
def test_sheets_are_due_at_the_limit_and_the_last_working_morning_before(
    rsvp_by: str | None, starts_at: str | None, moments: list[str]
) -> None:
    found = sheet_moments(rsvp_by, starts_at, WorkingTime())
    assert [f"{moment.at:%d %H:%M}" for moment in found] == moments


def tick(desk: Desk, now: datetime) -> list[dict[str, Any]]:
    desk.now = now
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, now)
    return desk.rows("outbox", purpose="attendance")


def wire(desk: Desk, row: dict[str, Any]) -> bytes:
    names = ("id", "token", "message_id", "mailbox", "purpose", "template", "recipient", "recipient_name", "values")
    planned = Planned(**{name: row[name] for name in names}, shared_hash=None, boundary=None)
    mailbox = SendingMailbox("vanphong@anhoa.example.vn", "Đảng ủy phường An Hòa", "Asia/Ho_Chi_Minh", False)
    return compose_mail(Letters(desk.site.templates), planned, mailbox, desk.now).head


def test_the_organiser_gets_the_sheet_at_the_limit_and_the_morning_before_once_each(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, "Dự họp: đ/c Lê Văn Sáu, Phó Bí thư và đ/c Trần Thị Bảy", to=THCS)
    assert tick(desk, LIMIT - timedelta(minutes=1)) == []
    (sheet,) = tick(desk, LIMIT)
    assert sheet["recipient"] == CLERK
    assert (sheet["values"]["coming"], sheet["values"]["people"]) == (1, 2)
    lines = {section["title"]: section["lines"] for section in sheet["values"]["sections"]}
    assert lines["Dự họp"][0]["note"] == "Lê Văn Sáu, Phó Bí thư; Trần Thị Bảy"
    assert len(lines["Chưa trả lời"]) == sheet["values"]["total"] - 1
    assert len(tick(desk, LIMIT + timedelta(minutes=1))) == 1
    assert len(tick(desk, MORNING_BEFORE)) == 2
    assert len(tick(desk, MORNING_BEFORE + timedelta(hours=1))) == 2
    reasons = [row["reason"] for row in desk.rows("event", what="attendance_sheet")]
    assert reasons == [
        "limit for answers 2026-10-13T16:00:00+07:00",
        "last working morning before 2026-10-15T14:00:00+07:00",
    ]


def test_the_sheet_goes_with_a_workbook_in_which_nothing_is_calculated(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, '=HYPERLINK("http://example.org") dự họp', to=THCS)
    (sheet,) = tick(desk, LIMIT)
    parsed = message_from_bytes(wire(desk, sheet), policy=default)
    (part,) = list(parsed.iter_attachments())
    assert part.get_filename() == "tinh-hinh-du-hop-21-GM-DU.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(part.get_content()))
    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    head = next(at for at, row in enumerate(rows) if row[0] == "STT")
    units = {row[1]: row for row in rows[head + 1 :]}
    assert len(units) == len(desk.rows("delivery"))
    mine = units["Chi bộ Trường THCS An Hòa"]
    assert (mine[2], mine[4]) == ("Dự họp", 1)
    cell = next(cell for row in book.active.iter_rows() for cell in row if str(cell.value).startswith("=HYPER"))  # type: ignore[union-attr]
    assert cell.data_type == "s"
    assert wire(desk, sheet) == wire(desk, sheet), "its bytes are fixed once"


def test_a_moved_meeting_has_sheets_of_its_own_and_a_cancelled_one_has_none(desk: Desk) -> None:
    first(desk)
    invite(desk, MOVED, "Giấy mời số 22-GM/ĐU thay Giấy mời số 21-GM/ĐU")
    assert tick(desk, LIMIT) == []
    assert tick(desk, MORNING_BEFORE) == []
    (sheet,) = tick(desk, MORNING_BEFORE + timedelta(days=1))
    assert sheet["values"]["start_short"] == "08 giờ 00 thứ Sáu 16/10"
    invite(desk, CANCELLED.format(number=22), "V/v hủy họp sơ kết quý III")
    assert len(tick(desk, MORNING_BEFORE + timedelta(days=1, hours=2))) == 1
    assert [row["sheet_at"] for row in desk.rows("meeting")] == [None, None, None]


def test_the_state_of_an_invitation_is_its_sheet(desk: Desk) -> None:
    first(desk)
    desk.answer(THCS, "Xin vắng, lý do: đi công tác", to=THCS)
    desk.answer(CLERK, "TÌNH HÌNH", to=CLERK, purpose="released")
    (line,) = desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]
    total = len(desk.rows("delivery"))
    assert line["rows"][0] == f"dự 00/{total:02d}; chờ ý kiến 01; chưa trả lời {total - 1:02d}"
    assert "Chi bộ Trường THCS An Hòa: chờ ý kiến đồng chí chủ trì" in line["rows"]
    assert desk.one("outbox", purpose="attendance")["recipient"] == CLERK


def test_a_rehearsal_shows_the_sheets_with_their_reasons(desk: Desk) -> None:
    first(desk)
    with ledger_at(desk.store, desk.site) as scene:
        made = [(f"{one.at:%d %H:%M}", one.because) for one in scene.run(desk.now) if one.mail.purpose == "attendance"]
    assert made == [
        ("13 16:00", "limit for answers 2026-10-13T16:00:00+07:00"),
        ("14 08:00", "last working morning before 2026-10-15T14:00:00+07:00"),
    ]
