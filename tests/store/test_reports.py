"""Reports: what counts as one, sent back and come again, excused; the versions are kept and told apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.rendering.letters import Letters
from mailbot.routing.handed_in import ReportState
from mailbot.routing.reports import state_of
from mailbot.routing.statistics import COLUMNS
from mailbot.service.due import plan_due
from mailbot.store.knowing import matter_of
from tests.example_office import CLERK, HANOI, mail
from tests.store.test_orders import CELLS, order, pending, released

if TYPE_CHECKING:
    from mailbot.routing.known import KnownDelivery
    from tests.store.desk import Desk

CELL, OTHER = CELLS["det-may"], CELLS["hop-tac-xa"]
NAME = "Chi bộ Công ty Dệt may Hưng Hải"
FILES = {"bao-cao.txt": "Báo cáo kết quả"}
BACK = f"TRẢ LẠI BÁO CÁO 152-CV/ĐU {NAME}, lý do: thiếu biểu số 2"


def known(desk: Desk, unit: str = "det-may") -> KnownDelivery:
    with desk.store.read() as connection:
        matter = matter_of(connection, 1)
    assert matter is not None
    return next(one for one in matter.deliveries if one.unit == unit)


def state(desk: Desk, unit: str = "det-may") -> ReportState:
    return state_of(known(desk, unit), desk.site.office.working_time)


def text_of(desk: Desk, row: dict[str, Any]) -> str:
    return Letters(desk.site.templates).render(row["template"], row["values"], token="k7m2p9", reply_to=CLERK).text


@pytest.mark.parametrize(
    ("words", "files", "counts"),
    [
        ("Gửi báo cáo", FILES, True),
        ("Chi bộ gửi báo cáo số 12-BC/CB ngày 14/10/2026", {}, True),
        ("Không phát sinh", {}, True),
        ("Chi bo bao cao: khong co truong hop nao vi pham", {}, True),
        ("Báo cáo: chi bộ đã sinh hoạt ngày 12/10, 45 đảng viên dự", {}, True),
        ("Chi bộ đã gửi báo cáo", {}, False),
        ("Da nop bao cao roi nhe", {}, False),
        ("Da gui bc roi", {}, False),
        ("Chi bộ đã báo cáo", {}, False),
    ],
)
def test_a_report_is_a_file_a_numbered_paper_or_words_that_say_something(
    desk: Desk, words: str, files: dict[str, str], counts: bool
) -> None:
    released(desk)
    desk.answer(CELL, words, to=CELL, files=files)
    assert desk.one("delivery", unit="det-may")["satisfied"] is counts
    assert bool(known(desk).reports) is counts
    assert len(desk.rows("outbox", purpose="report_missing")) == (not counts)


def test_what_a_report_brought_is_kept_with_it(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo số 12-BC/CB", to=CELL, files=FILES)
    (report,) = known(desk).reports
    assert (report.version, report.number, report.address) == (1, "12-BC/CB", CELL)
    assert [(file.name, len(file.sha256)) for file in report.files] == [("bao-cao.txt", 64)]
    assert report.archive == "a" * 64
    assert state(desk) is ReportState.IN_TIME


def test_who_says_without_sending_is_asked_once_and_then_it_is_the_clerk_s(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Chi bộ đã gửi báo cáo", to=CELL, purpose="directive")
    asked = desk.one("outbox", purpose="report_missing")
    assert asked["recipient"] == CELL
    assert "chưa thấy báo cáo theo 152-CV/ĐU" in text_of(desk, asked)
    assert desk.one("delivery", unit="det-may")["handling"] == "acknowledged"
    assert desk.rows("held", audience="clerk") == [], "the unit mends it by itself"
    desk.answer(CELL, "Chi bộ đã gửi báo cáo rồi", to=CELL, purpose="report_missing")
    assert len(desk.rows("outbox", purpose="report_missing")) == 1
    assert desk.one("held", audience="clerk")["reason"] == "report_sent_elsewhere"


@pytest.mark.parametrize(
    "words", ["Chi bộ đã gửi báo cáo bằng bản giấy ngày 05/10", "Đã gửi ngày 05/10, bằng bản giấy", "da gui qua zalo"]
)
def test_what_went_on_paper_is_the_clerk_s_to_confirm_and_the_unit_is_not_asked(desk: Desk, words: str) -> None:
    released(desk)
    desk.answer(CELL, words, to=CELL)
    assert desk.rows("outbox", purpose="report_missing") == []
    (line,) = desk.rows("held", audience="clerk")
    assert [choice["words"] for choice in line["choices"]] == ["đã báo cáo", "bỏ qua"]
    order(desk, f"GHI NHẬN 152-CV/ĐU {NAME} đã nộp báo cáo bản giấy")
    (report,) = known(desk).reports
    assert report.by
    assert report.files == ()


def test_nothing_occurred_is_shown_as_such(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Không phát sinh", to=CELL)
    (report,) = known(desk).reports
    assert report.nothing


def test_a_report_sent_back_is_told_with_its_reason_and_reminded_of_again(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files=FILES)
    assert [unit for unit, _ in pending(desk) if unit == "det-may"] == []
    desk.now = datetime(2026, 10, 15, 9, 0, tzinfo=HANOI)
    (line,) = order(desk, BACK)
    assert line["done"], line
    assert line["result"] == f"trả lại báo cáo của {NAME}, gửi lại chậm nhất thứ Hai, ngày 19/10/2026"
    row = desk.one("delivery", unit="det-may")
    assert (row["handling"], row["satisfied"], row["due"]) == ("returned", False, "2026-10-19")
    assert [day for unit, day in pending(desk) if unit == "det-may"] == ["10-19", "10-20", "10-22"]
    told = desk.one("outbox", purpose="report_returned")
    words = text_of(desk, told)
    assert told["recipient"] == CELL
    assert "Lý do: thiếu biểu số 2" in words
    assert "Thời hạn gửi lại: thứ Hai, ngày 19/10/2026" in words
    assert state(desk) is ReportState.RETURNED


def test_a_unit_is_reminded_of_the_mended_report_and_its_overseer_reads_that_it_was_sent_back(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files=FILES)
    desk.now = datetime(2026, 10, 15, 9, 0, tzinfo=HANOI)
    order(desk, BACK)
    for day, hour in ((19, 8), (20, 8), (22, 8)):
        desk.now = datetime(2026, 10, day, hour, 0, tzinfo=HANOI)
        with desk.store.write() as connection:
            plan_due(connection, desk.site, desk.envelope, desk.now)
    reminded = desk.rows("outbox", purpose="reminder", recipient=CELL)[-1]
    words = text_of(desk, reminded)
    assert "chưa ghi nhận báo cáo đã hoàn chỉnh" in words
    assert "16/10" not in words, "the paper's own limit is over"
    first = text_of(desk, desk.rows("outbox", purpose="reminder", recipient=CELL)[0])
    assert "- Thời hạn: chậm nhất thứ Hai, ngày 19/10/2026" in first
    assert "Đã nhận" not in first
    late = [one for row in desk.rows("outbox", purpose="escalation") for one in row["values"]["late"]]
    assert {one["note"] for one in late if one["name"] == NAME} == {"báo cáo đã trả lại, đang làm lại"}


def test_the_second_version_counts_and_both_are_kept(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files=FILES)
    order(desk, BACK)
    desk.now += timedelta(days=1)
    desk.answer(CELL, "Gửi lại báo cáo đã hoàn chỉnh", to=CELL, purpose="report_returned", files={"b.txt": "Bản hai"})
    first, second = known(desk).reports
    assert (first.version, first.returned) == (1, "thiếu biểu số 2")
    assert (second.version, second.returned, second.files[0].name) == (2, None, "b.txt")
    row = desk.one("delivery", unit="det-may")
    assert (row["handling"], row["satisfied"]) == ("completed", True)
    assert [unit for unit, _ in pending(desk) if unit == "det-may"] == []
    assert state(desk) is ReportState.IN_TIME


@pytest.mark.parametrize(
    ("words", "unit_until"),
    [
        (f"tra lai bao cao 152 cv/du {NAME} vi so lieu chua khop", None),
        (f"TRẢ LẠI BÁO CÁO 152-CV/ĐU {NAME}: sai mẫu, gửi lại trước ngày 20/10/2026", "2026-10-19"),
        (f"TRẢ LẠI BÁO CÁO 152-CV/ĐU {NAME}, lý do: sai mẫu; nộp lại chậm nhất ngày 20/10", "2026-10-20"),
    ],
)
def test_the_order_is_understood_as_people_write_it(desk: Desk, words: str, unit_until: str | None) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files=FILES)
    (line,) = order(desk, words)
    assert line["done"], line
    # The limit that it had (15/10) leaves time enough.
    assert desk.one("delivery", unit="det-may")["due"] == (unit_until or "2026-10-15")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (f"TRẢ LẠI BÁO CÁO 152-CV/ĐU {NAME}", "chưa nêu lý do"),
        ("TRẢ LẠI BÁO CÁO 152-CV/ĐU, lý do: thiếu biểu", "chưa rõ trả lại báo cáo của đơn vị nào"),
        ("TRẢ LẠI BÁO CÁO 152-CV/ĐU Chi bộ Hợp tác xã An Hòa, lý do: thiếu", "chưa ghi nhận báo cáo"),
    ],
)
def test_what_cannot_be_sent_back_is_told(desk: Desk, words: str, why: str) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files=FILES)
    (line,) = order(desk, words)
    assert (line["done"], why in line["result"]) == (False, True), line
    assert state(desk) is ReportState.IN_TIME


def test_in_the_report_s_own_thread_no_number_and_no_unit_need_be_named(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, purpose="directive", files=FILES)
    token = desk.rows("outbox", recipient=CELL, purpose="directive")[-1]["token"]
    desk.now += timedelta(minutes=5)
    words = "Trả lại báo cáo, lý do: thiếu biểu số 2"
    desk.take(mail(CLERK, f"Re: báo cáo [#{token}]", words, at=desk.now))
    assert state(desk) is ReportState.RETURNED


def test_an_order_to_send_back_can_be_taken_back(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files=FILES)
    order(desk, BACK)
    order(desk, "HỦY LỆNH")
    assert state(desk) is ReportState.IN_TIME
    assert desk.one("outbox", purpose="report_returned")["state"] == "cancelled"
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-15"


def test_who_is_let_off_is_reminded_no_more_and_has_not_reported(desk: Desk) -> None:
    released(desk)
    (line,) = order(desk, "GHI NHẬN 152-CV/ĐU Chi bộ Hợp tác xã An Hòa được miễn báo cáo")
    assert line["result"] == "ghi nhận Chi bộ Hợp tác xã An Hòa: miễn báo cáo"
    assert state(desk, "hop-tac-xa") is ReportState.EXEMPT
    assert desk.one("delivery", unit="hop-tac-xa")["satisfied"] is True
    assert [unit for unit, _ in pending(desk) if unit == "hop-tac-xa"] == []


def test_late_is_what_came_after_its_limit_and_a_report_in_time_stays_so_when_it_is_mended_later(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, purpose="directive", files=FILES)
    desk.now = datetime(2026, 10, 16, 9, 0, tzinfo=HANOI)
    desk.answer(OTHER, "Gửi báo cáo", to=OTHER, purpose="directive", files={"c.txt": "Báo cáo"})
    assert state(desk, "hop-tac-xa") is ReportState.LATE
    order(desk, BACK)
    desk.answer(CELL, "Gửi lại báo cáo", to=CELL, purpose="report_returned", files={"b.txt": "Bản hai"})
    assert state(desk) is ReportState.IN_TIME


def test_a_late_report_stays_late_when_it_is_mended_in_time(desk: Desk) -> None:
    released(desk)
    desk.now = datetime(2026, 10, 16, 9, 0, tzinfo=HANOI)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, purpose="directive", files=FILES)
    order(desk, BACK)
    desk.answer(CELL, "Gửi lại báo cáo", to=CELL, purpose="report_returned", files={"b.txt": "Bản hai"})
    assert state(desk) is ReportState.LATE
    assert _done_late(desk) == 1


def test_a_second_version_after_its_own_limit_is_late(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, purpose="directive", files=FILES)
    order(desk, BACK)
    desk.now = datetime(2026, 10, 20, 9, 0, tzinfo=HANOI)
    assert _done_late(desk) == 0
    desk.answer(CELL, "Gửi lại báo cáo", to=CELL, purpose="report_returned", files={"b.txt": "Bản hai"})
    assert state(desk) is ReportState.LATE
    assert _done_late(desk) == 1


def _done_late(desk: Desk) -> int:
    desk.now += timedelta(minutes=5)
    desk.take(mail(CLERK, "", "THỐNG KÊ tháng 10/2026", at=desk.now))
    (*_, total) = desk.rows("outbox", purpose="statistics")[-1]["values"]["workbook"]["rows"]
    return int(total[COLUMNS.index("Đã xử lý quá hạn")])


def test_a_refusal_to_send_that_answers_nothing_still_comes_before_the_clerk(desk: Desk) -> None:
    released(desk)
    (line,) = order(desk, "KHÔNG GỬI")
    assert line["done"] is False
    assert desk.one("held", reason="order_for_clerk")["audience"] == "clerk"
