"""Orders by mail, from the words to the ledger: who may, what changes, what the transcript says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.service.due import plan_due
from tests.example_office import CLERK, LEADER, directive, mail

if TYPE_CHECKING:
    from tests.store.desk import Desk

CELLS = {"det-may": "detmay@example.org", "hop-tac-xa": "htxanhoa@example.org"}


def released(desk: Desk) -> None:
    """Send a công văn that wants a report by 15/10 to the two cells of enterprises."""
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Các chi bộ doanh nghiệp.")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    desk.now += timedelta(minutes=5)


def order(desk: Desk, words: str, sender: str = CLERK, **more: Any) -> list[dict[str, Any]]:
    """Send orders in a mail of their own; return the lines of the transcript."""
    desk.now += timedelta(minutes=5)
    desk.take(mail(sender, "", words, at=desk.now, **more))
    return desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]  # type: ignore[no-any-return]


def later(desk: Desk) -> None:
    """Let the time pass in which an order can be taken back, and do what is due."""
    desk.now += timedelta(minutes=11)
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)


def pending(desk: Desk) -> list[tuple[str, str]]:
    units = {row["id"]: row["unit"] for row in desk.rows("delivery")}
    rows = desk.rows("reminder", state="pending")
    here = desk.site.office.working_time.local
    return sorted((units[row["delivery_ref"]], f"{here(row['at']):%m-%d}") for row in rows)


def test_more_time_moves_the_limit_and_the_reminders_and_is_told_to_the_unit(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    assert desk.one("delivery", unit="det-may")["open_matter"] == "extension_asked"
    (line,) = order(desk, "gia han 152 cv/du Det may Hung Hai den 23/10/2026")
    assert line["done"], line
    delivery = desk.one("delivery", unit="det-may")
    assert (delivery["due"], delivery["open_matter"]) == ("2026-10-23", None)
    assert [day for unit, day in pending(desk) if unit == "det-may"] == ["10-21", "10-23", "10-26", "10-28"]
    assert [day for unit, day in pending(desk) if unit == "hop-tac-xa"] == ["10-08", "10-13", "10-15", "10-16", "10-20"]
    told = desk.one("outbox", purpose="extension_decided")
    assert (told["recipient"], told["values"]["until"]) == (CELLS["det-may"], "thứ Sáu, ngày 23/10/2026")


def test_a_weekday_is_the_next_one_and_is_echoed_with_its_date(desk: Desk) -> None:
    released(desk)
    (line,) = order(desk, "GIA HẠN 152-CV/ĐU Hợp tác xã An Hòa đến thứ 6")
    assert "thứ Sáu, ngày 09/10/2026" in line["result"]


def test_reminding_by_order_reminds_only_who_is_late_and_once_a_day(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    (line,) = order(desk, "NHẮC 152-CV/ĐU")
    assert line["result"] == "nhắc 01 đơn vị theo 152-CV/ĐU: Chi bộ Hợp tác xã An Hòa"
    later(desk)
    assert [row["recipient"] for row in desk.rows("outbox", purpose="reminder")] == [CELLS["hop-tac-xa"]]
    order(desk, "NHẮC 152-CV/ĐU")
    later(desk)
    assert len(desk.rows("outbox", purpose="reminder")) == 1


def test_reminders_stop_for_one_unit_or_for_all(desk: Desk) -> None:
    released(desk)
    order(desk, "DỪNG NHẮC 152-CV/ĐU Hợp tác xã An Hòa")
    assert {unit for unit, _ in pending(desk)} == {"det-may"}
    order(desk, "DỪNG NHẮC 152-CV/ĐU")
    assert pending(desk) == []


@pytest.mark.parametrize(
    ("words", "handling", "satisfied"),
    [
        ("GHI NHẬN 152-CV/ĐU Hợp tác xã An Hòa đã nhận qua điện thoại", "acknowledged", False),
        ("ghi nhan 152-cv/du hop tac xa an hoa da bao cao bang ban giay", "completed", True),
    ],
    ids=["received by telephone", "reported on paper, typed without accents"],
)
def test_what_happened_outside_mail_is_noted_as_the_clerk_s_word(
    desk: Desk, words: str, handling: str, satisfied: bool
) -> None:
    released(desk)
    (line,) = order(desk, words)
    assert line["done"], line
    delivery = desk.one("delivery", unit="hop-tac-xa")
    assert (delivery["handling"], delivery["satisfied"]) == (handling, satisfied)
    event = next(row for row in desk.rows("event", delivery_ref=delivery["id"]) if row["what"] == handling)
    assert event["data"]["by_address"] == CLERK


def test_what_is_closed_is_not_followed_any_more(desk: Desk) -> None:
    released(desk)
    order(desk, "KẾT THÚC 152-CV/ĐU")
    assert pending(desk) == []
    assert all(row["satisfied"] for row in desk.rows("delivery"))


def test_the_state_of_a_document_fits_a_phone(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Đã nhận", to=CELLS["det-may"])
    desk.take(mail(LEADER, "", "tinh hinh 152-cv/du", at=desk.now))
    told = desk.one("outbox", purpose="status_table")
    assert told["recipient"] == LEADER
    (section,) = told["values"]["sections"]
    assert [(section["title"], section["count"])] == [("Chưa báo cáo", 2)]
    assert [(line["name"], line["note"]) for line in section["lines"]] == [
        ("Chi bộ Công ty Dệt may Hưng Hải", "đã nhận 06/10"),
        ("Chi bộ Hợp tác xã An Hòa", "chưa xác nhận nhận"),
    ]
    assert desk.rows("outbox", purpose="order_answer") == [], "one question, one mail"


def test_this_document_is_the_one_of_the_thread(desk: Desk) -> None:
    released(desk)
    desk.answer(CLERK, "DỪNG NHẮC", to=CLERK, purpose="released")
    assert pending(desk) == []


REFUSED = {
    "a number that nobody knows": ("NHẮC 999-CV/ĐU", "chưa thấy văn bản số 999-CV/ĐU"),
    "no document": ("DỪNG NHẮC", "đề nghị ghi số"),
    "a unit that did not get it": ("GIA HẠN 152-CV/ĐU Trạm Y tế đến 23/10/2026", "không gửi cho “Trạm Y tế”"),
    "no day": ("GIA HẠN 152-CV/ĐU Hợp tác xã An Hòa", "chưa rõ gia hạn đến ngày nào"),
    "a day that is over": ("GIA HẠN 152-CV/ĐU Hợp tác xã An Hòa đến 01/09/2026", "chưa rõ ngày"),
    "nothing to note": ("GHI NHẬN 152-CV/ĐU Hợp tác xã An Hòa", "chưa rõ ghi nhận việc gì"),
}


@pytest.mark.parametrize(("words", "why"), REFUSED.values(), ids=REFUSED)
def test_a_line_that_cannot_be_carried_out_says_why_and_changes_nothing(desk: Desk, words: str, why: str) -> None:
    released(desk)
    before = pending(desk)
    (line,) = order(desk, words)
    assert (line["done"], why in line["result"]) == (False, True), line
    assert pending(desk) == before


def test_several_orders_are_answered_line_by_line_and_one_bad_line_does_not_stop_the_next(desk: Desk) -> None:
    released(desk)
    lines = order(desk, "NHẮC 999-CV/ĐU\nDỪNG NHẮC 152-CV/ĐU\n# ghi chú\nHẾT\nTrân trọng")
    assert [line["done"] for line in lines] == [False, True]
    assert pending(desk) == []


def test_an_order_that_its_sender_does_not_prove_is_asked_back_and_not_carried_out(desk: Desk) -> None:
    released(desk)
    before = pending(desk)
    decision = desk.take(mail(CLERK, "DỪNG NHẮC 152-CV/ĐU", submitted=False))
    assert decision.reasons[0].code == "trust"
    assert pending(desk) == before
    assert desk.one("outbox", purpose="refused")["recipient"] == CLERK
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="refused")


def test_a_unit_may_not_order(desk: Desk) -> None:
    released(desk)
    before = pending(desk)
    desk.take(mail(CELLS["det-may"], "DỪNG NHẮC 152-CV/ĐU"))
    assert pending(desk) == before
    assert desk.rows("outbox", purpose="order_answer") == []
