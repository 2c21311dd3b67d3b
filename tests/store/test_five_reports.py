"""Five units and one deadline: late, sent back and come again, nothing occurred, excused, missing, in one ZIP."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mailbot.rendering.letters import Letters
from mailbot.routing.gathering import TABLE
from tests.example_office import CLERK, HANOI, directive, mail
from tests.store.test_gathering import archived as archived
from tests.store.test_gathering import asked, packed, table, tick
from tests.store.test_orders import CELLS, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.desk import Desk

TDP_1, LATE, AGAIN = "tdp1@example.org", CELLS["det-may"], CELLS["hop-tac-xa"]
TO = "Chi bộ Tổ dân phố 1; Chi bộ Tổ dân phố 2; Chi bộ Tổ dân phố 5; các chi bộ doanh nghiệp."
NUMBER = "152-CV/ĐU"


def five_report(desk: Desk) -> None:
    """Let the deadline come and the units do as units do."""
    desk.take(mail(CLERK, f"Công văn {NUMBER} v/v báo cáo", directive(addressees=TO)))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    desk.answer(TDP_1, "Khong phat sinh", to=TDP_1)
    desk.answer(AGAIN, "Gửi báo cáo", to=AGAIN, files={"bao-cao.txt": "thiếu biểu"})
    (line,) = order(desk, f"GHI NHẬN {NUMBER} Chi bộ Tổ dân phố 5 được miễn báo cáo")
    assert line["done"], line
    (line,) = order(desk, f"TRẢ LẠI BÁO CÁO {NUMBER} Chi bộ Hợp tác xã An Hòa, lý do: thiếu biểu số 2")
    assert line["done"], line
    second = {"bao-cao.txt": "đủ biểu"}
    desk.now = datetime(2026, 10, 14, 9, 0, tzinfo=HANOI)
    desk.answer(AGAIN, "Gửi lại báo cáo số 07-BC/CB", to=AGAIN, purpose="report_returned", files=second)


def test_the_five_late_reports(desk: Desk, archived: Callable[[str], bytes]) -> None:
    five_report(desk)
    (by_itself,) = tick(desk, datetime(2026, 10, 16, 8, 0, tzinfo=HANOI))
    assert (by_itself["recipient"], by_itself["values"]["reported"], by_itself["values"]["total"]) == (CLERK, 2, 5)
    missing = ["Chi bộ Tổ dân phố 2", "Chi bộ Công ty Dệt may Hưng Hải"]
    assert [unit["name"] for unit in by_itself["values"]["missing"]] == missing

    desk.now = datetime(2026, 10, 16, 10, 0, tzinfo=HANOI)
    desk.answer(LATE, "Gửi báo cáo", to=LATE, purpose="directive", files={"Báo cáo muộn.txt": "muộn"})
    row = asked(desk)
    opened = packed(desk, row, archived)
    assert opened.namelist() == [
        TABLE,
        "01-Chi-bo-To-dan-pho-1/noi-dung-thu.txt",
        "04-Chi-bo-Cong-ty-Det-may-Hung-Hai/Báo cáo muộn.txt",
        "05-Chi-bo-Hop-tac-xa-An-Hoa/bao-cao.txt",
    ]
    assert opened.testzip() is None
    assert opened.read(opened.namelist()[-1]).decode().strip() == "đủ biểu", "the version that counts"
    found = {line["Đơn vị"]: line for line in table(opened)}
    assert {name: line["Tình hình"] for name, line in found.items()} == {
        "Chi bộ Tổ dân phố 1": "Đúng hạn, không phát sinh",
        "Chi bộ Tổ dân phố 2": "Chưa ghi nhận",
        "Chi bộ Tổ dân phố 5": "Miễn báo cáo",
        "Chi bộ Công ty Dệt may Hưng Hải": "Sau thời hạn",
        "Chi bộ Hợp tác xã An Hòa": "Đúng hạn",
    }
    again = found["Chi bộ Hợp tác xã An Hòa"]
    assert (again["Số báo cáo"], again["Gửi lúc"][:10]) == ("07-BC/CB", "14/10/2026")
    assert again["Ghi chú"] == "bản 1 ngày 06/10 trả lại: thiếu biểu số 2"
    text = Letters(desk.site.templates).render(row["template"], row["values"], token="k7m2p9", reply_to=CLERK).text
    for words in (
        "Đã báo cáo: 3/5",
        "Sau thời hạn: 01",
        "Miễn báo cáo: 01",
        "Chưa ghi nhận: 01",
        "Không phát sinh: 01",
    ):
        assert f"- {words}" in text
    assert len(tick(desk, datetime(2026, 10, 19, 9, 0, tzinfo=HANOI))) == 2, "by itself it comes once"


def test_status_and_statistics_tell_the_same_states_apart(desk: Desk) -> None:
    five_report(desk)
    order(desk, f"GIA HẠN {NUMBER} Chi bộ Tổ dân phố 2 đến 23/10/2026")
    desk.now = datetime(2026, 10, 16, 10, 0, tzinfo=HANOI)
    desk.answer(LATE, "Gửi báo cáo", to=LATE, purpose="directive", files={"muon.txt": "muộn"})
    desk.take(mail(CLERK, "", f"TÌNH HÌNH {NUMBER}", at=desk.now))
    values = desk.rows("outbox", purpose="status_table")[-1]["values"]
    assert (values["reported"], values["asked"]) == (3, 5)
    assert values["report_notes"] == "sau thời hạn 01; không phát sinh 01; miễn báo cáo 01; được gia hạn 01"
    column = values["workbook"]["columns"].index("Báo cáo")
    cells = {row[0]: row[column] for row in values["workbook"]["rows"]}
    assert cells["Chi bộ Tổ dân phố 5"] == "miễn báo cáo"
    assert cells["Chi bộ Công ty Dệt may Hưng Hải"] == "16/10 10:05, sau hạn"
    assert cells["Chi bộ Tổ dân phố 1"].endswith("không phát sinh")
    assert [section["title"] for section in values["sections"]] == ["Miễn báo cáo", "Được gia hạn"]
    desk.take(mail(CLERK, "", "THỐNG KÊ tháng 10/2026", at=desk.now))
    (*_, total) = desk.rows("outbox", purpose="statistics")[-1]["values"]["workbook"]["rows"]
    assert total == ["Cộng", 5, 2, 1, 0, 0, 1, 1, 1]
