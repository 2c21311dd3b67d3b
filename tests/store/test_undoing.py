"""HỦY LỆNH: what an order has changed is put back while its mails have not left, and said to be too late after that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailbot.store.tables import TABLES
from tests.example_office import CLERK, mail
from tests.store.test_instructions import submitted
from tests.store.test_lists import reply, the_list
from tests.store.test_orders import CELLS, later, order, pending, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

CELL = "Chi bộ Công ty Dệt may Hưng Hải"


def standing(desk: Desk) -> dict[str, Any]:
    """Return all that orders may change, as it stands."""
    kept = ("unit", "due", "handling", "satisfied", "open_matter", "rsvp")
    deliveries = [{name: row[name] for name in kept} for row in desk.rows("delivery")]
    return {"deliveries": deliveries, "reminders": pending(desk), "periods": desk.rows("document")[0]["next_period_on"]}


def undo(desk: Desk, **more: Any) -> dict[str, Any]:
    """Take the last order back; return its line of the transcript."""
    return order(desk, "huy lenh", **more)[0]


@pytest.mark.parametrize(
    "words",
    [
        "NHẮC 152-CV/ĐU",
        "DỪNG NHẮC 152-CV/ĐU",
        f"DỪNG NHẮC 152-CV/ĐU {CELL}",
        f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026",
        f"GHI NHẬN 152-CV/ĐU {CELL} đã báo cáo",
        f"GHI NHẬN 152-CV/ĐU {CELL} đã nhận qua điện thoại",
        "KẾT THÚC 152-CV/ĐU",
        f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026\nDỪNG NHẮC 152-CV/ĐU",
    ],
)
def test_what_an_order_has_changed_is_put_back(desk: Desk, words: str) -> None:
    released(desk)
    before = standing(desk)
    order(desk, words)
    if "NHẮC 152" not in words or "DỪNG" in words:
        assert standing(desk) != before
    line = undo(desk)
    assert line["done"], line
    assert standing(desk) == before
    told = {row["state"] for row in desk.rows("outbox") if row["purpose"] in {"extension_decided", "reminder"}}
    assert told <= {"cancelled"}
    later(desk)
    assert desk.rows("outbox", purpose="reminder") == [], "what was taken back does not go out after all"


def test_units_hear_of_an_order_when_it_can_no_longer_be_taken_back(desk: Desk) -> None:
    released(desk)
    order(desk, f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026")
    told = desk.one("outbox", purpose="extension_decided")
    assert told["next_attempt_at"] - desk.now.astimezone(told["next_attempt_at"].tzinfo) == timedelta(minutes=10)
    answer = desk.rows("outbox", purpose="order_answer")[-1]
    assert answer["values"]["undo_until"] == "08 giờ 35"
    assert answer["next_attempt_at"] < told["next_attempt_at"]


def test_after_its_time_an_order_stands(desk: Desk) -> None:
    released(desk)
    order(desk, f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026")
    desk.now += timedelta(minutes=20)
    line = undo(desk)
    assert not line["done"]
    assert "quá thời gian" in line["result"]
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-23"


def test_a_mail_that_has_left_is_told_and_the_rest_is_put_back(desk: Desk) -> None:
    released(desk)
    order(desk, f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026")
    table = TABLES["outbox"]
    with desk.store.write() as connection:
        connection.execute(sa.update(table).where(table.c.purpose == "extension_decided").values(state="sent"))
    line = undo(desk)
    assert "01 thư đã gửi đi" in line["result"]
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-15"


def test_an_order_is_taken_back_once_and_only_by_whoever_gave_it(desk: Desk) -> None:
    released(desk)
    assert not undo(desk)["done"], "there is nothing to take back"
    order(desk, "DỪNG NHẮC 152-CV/ĐU")
    leader = desk.site.directory.addresses(desk.site.officers.leader)[0][1]
    assert not undo(desk, sender=leader)["done"]
    assert undo(desk)["done"]
    assert not undo(desk)["done"]


def test_what_was_given_to_somebody_stands_and_no_earlier_order_is_taken_back_in_its_place(desk: Desk) -> None:
    released(desk)
    order(desk, f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026")
    submitted(desk)
    assert order(desk, "PHÂN CÔNG 263-CV/TU: chuyển Văn phòng Đảng ủy chủ trì, trước 20/10")[0]["done"]
    line = undo(desk)
    assert not line["done"]
    assert "giao việc" in line["result"]
    assert "THU HỒI 263-CV/TU" in line["result"]
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-23"


def test_the_answered_transcript_names_the_order_that_is_meant(desk: Desk) -> None:
    released(desk)
    order(desk, f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026")
    first = desk.rows("outbox", purpose="order_answer")[-1]["token"]
    order(desk, "DỪNG NHẮC 152-CV/ĐU Hợp tác xã An Hòa")
    desk.take(mail(CLERK, f"Re: Kết quả [#{first}]", "HỦY LỆNH", at=desk.now))
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-15"
    other = desk.one("delivery", unit="hop-tac-xa")["id"]
    states = {row["state"] for row in desk.rows("reminder", delivery_ref=other)}
    assert states == {"cancelled"}, "the order given since stands"


def test_an_answer_to_the_clerk_s_list_can_be_taken_back_too(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    the_list(desk)
    before = standing(desk)
    assert reply(desk, "1 đồng ý")[0]["done"]
    assert undo(desk)["done"]
    assert standing(desk) == before
    assert desk.one("held", reason="unit_extension")["state"] == "told"
