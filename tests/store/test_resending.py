"""GỬI LẠI: a paper goes out once more with the file that it has now, or to a unit that was not on its list."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.store.test_mending import NEW_PARTS, out, replaced
from tests.store.test_orders import CELLS, later, order, pending

if TYPE_CHECKING:
    from tests.store.desk import Desk


def test_a_paper_is_sent_once_more_with_the_file_it_has_now_and_not_twice_in_an_hour(desk: Desk) -> None:
    out(desk)
    replaced(desk)
    later(desk)
    (line,) = order(desk, "GỬI LẠI 152-CV/ĐU Dệt may Hưng Hải")
    assert line["result"] == "gửi lại 152-CV/ĐU tới 01 đơn vị: Chi bộ Công ty Dệt may Hưng Hải"
    again = desk.rows("outbox", purpose="directive", recipient=CELLS["det-may"])[-1]
    assert again["shared_hash"] == NEW_PARTS
    assert "resent" in [row["what"] for row in desk.rows("event")]
    (line,) = order(desk, "GỬI LẠI 152-CV/ĐU Dệt may Hưng Hải")
    assert "đã gửi lại trong vòng một giờ" in line["result"]
    desk.now += timedelta(hours=1)
    (line,) = order(desk, "GỬI LẠI 152-CV/ĐU Dệt may Hưng Hải")
    assert line["done"]


def test_without_a_name_it_goes_to_those_who_have_not_received_it(desk: Desk) -> None:
    out(desk)
    desk.answer(CELLS["det-may"], "Đã nhận", to=CELLS["det-may"])
    (line,) = order(desk, "GỬI LẠI 152-CV/ĐU")
    assert line["result"] == "gửi lại 152-CV/ĐU tới 01 đơn vị: Chi bộ Hợp tác xã An Hòa"


def test_it_goes_also_to_a_unit_that_was_not_on_the_list(desk: Desk) -> None:
    out(desk)
    (line,) = order(desk, "GỬI LẠI 152-CV/ĐU Chi bộ Trạm Y tế")
    assert line["result"] == "gửi thêm 152-CV/ĐU tới Chi bộ Trạm Y tế"
    added = desk.one("delivery", unit="tram-y-te")
    assert (added["ask"], added["due"]) == ("report", "2026-10-15")
    assert [unit for unit, _ in pending(desk) if unit == "tram-y-te"]
