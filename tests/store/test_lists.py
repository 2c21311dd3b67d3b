"""The clerk's numbered list, from its mail to what an answer by number does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailbot.service.due import plan_due
from mailbot.store.tables import TABLES
from tests.example_office import CLERK, directive, mail
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

MESSAGE, OUTBOX = TABLES["message"], TABLES["outbox"]


def the_list(desk: Desk) -> list[dict[str, Any]]:
    """Let the next slot come; return the matters that the clerk is mailed."""
    desk.now = desk.site.office.working_time.next_slot(desk.now + timedelta(minutes=1), desk.site.office.reminders_at)
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)
    return desk.rows("outbox", purpose="clerk_list")[-1]["values"]["matters"]  # type: ignore[no-any-return]


def reply(desk: Desk, words: str) -> list[dict[str, Any]]:
    """Answer the newest list; return the lines of the transcript."""
    desk.answer(CLERK, words, to=CLERK, purpose="clerk_list")
    return desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]  # type: ignore[no-any-return]


def everything_is_sent(desk: Desk) -> None:
    with desk.store.write() as connection:
        connection.execute(sa.update(OUTBOX).where(OUTBOX.c.state == "planned").values(state="sent"))


def decide_again(desk: Desk, written: Any) -> None:
    """Decide what the clerk has matched, as the processor does with mails that are `new` again."""
    (row,) = desk.rows("message", state="new")
    matched = row["trace"]["words"]["matched"]
    with desk.store.write() as connection:
        decision, filed = desk.plan(connection, written, row["id"], matched=matched)
        desk.record(connection, decision, filed)


def test_a_unit_that_asks_for_time_gets_it_by_one_line_of_the_clerk(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026, lý do thiếu số liệu", to=CELLS["det-may"])
    (matter,) = the_list(desk)
    assert matter["answers"] == ["1 đồng ý", "1 không đồng ý"]
    (line,) = reply(desk, "1 dong y")
    assert line["done"], line
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-23"
    assert desk.one("outbox", purpose="extension_decided")["values"]["granted"] is True
    assert {row["state"] for row in desk.rows("held", reason="unit_extension")} == {"closed"}


def test_more_time_that_is_not_given_is_told_and_changes_no_limit(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    the_list(desk)
    reply(desk, "1 không đồng ý")
    delivery = desk.one("delivery", unit="det-may")
    assert (delivery["due"], delivery["open_matter"]) == ("2026-10-15", None)
    assert desk.one("outbox", purpose="extension_decided")["values"]["granted"] is False


def test_an_answer_without_a_token_is_asked_about_and_counts_for_the_unit_that_the_clerk_names(desk: Desk) -> None:
    released(desk)
    everything_is_sent(desk)
    written = mail(CELLS["det-may"], "V/v báo cáo", "Đã nhận", at=desk.now)
    desk.take(written)
    assert desk.one("delivery", unit="det-may")["handling"] is None, "a candidate only is never a match"
    (matter,) = the_list(desk)
    assert matter["answers"] == ["1 Chi bộ Công ty Dệt may Hưng Hải", "1 bỏ qua"]
    (line,) = reply(desk, "1 Chi bo Cong ty Det may Hung Hai")
    assert line["done"], line
    decide_again(desk, written)
    assert desk.one("delivery", unit="det-may")["handling"] == "acknowledged"
    event = next(row for row in desk.rows("event") if row["what"] == "acknowledged")
    assert event["data"]["found_by"] == "clerk"


def test_words_that_nobody_understands_are_given_their_meaning_by_the_clerk(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Alo alo", to=CELLS["det-may"])
    (matter,) = the_list(desk)
    assert matter["answers"] == ["1 đã nhận", "1 đã báo cáo", "1 bỏ qua"]
    reply(desk, "1 đã báo cáo")
    assert desk.one("delivery", unit="det-may")["handling"] == "completed"
    event = next(row for row in desk.rows("event") if row["what"] == "completed")
    assert event["data"]["by_address"] == CLERK


def test_several_matters_are_answered_in_one_mail_and_what_is_not_named_stays(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Alo alo", to=CELLS["det-may"])
    desk.answer(CELLS["hop-tac-xa"], "Văn bản này có áp dụng cho hợp tác xã không?", to=CELLS["hop-tac-xa"])
    matters = the_list(desk)
    assert [matter["answers"][-1] for matter in matters] == ["1 bỏ qua", "2 đã trả lời"]
    lines = reply(desk, "2 đã trả lời\n7 bỏ qua\n1 abc")
    assert [line["done"] for line in lines] == [True, False, False]
    assert "không có việc số 7" in lines[1]["result"]
    assert "có thể ghi: đã nhận; đã báo cáo; bỏ qua" in lines[2]["result"]
    assert desk.one("delivery", unit="hop-tac-xa")["open_matter"] is None
    assert [row["state"] for row in desk.rows("held", reason="not_understood")] == ["told"]


@pytest.mark.parametrize("words", ["cảm ơn", "ok em"])
def test_an_answer_that_names_no_number_of_several_is_told_how_to_write(desk: Desk, words: str) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Alo alo", to=CELLS["det-may"])
    desk.answer(CELLS["hop-tac-xa"], "Alo alo", to=CELLS["hop-tac-xa"])
    the_list(desk)
    (line,) = reply(desk, words)
    assert (line["done"], "ghi số thứ tự" in line["result"]) == (False, True)


def test_nobody_but_the_clerk_answers_the_clerk_s_list(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Alo alo", to=CELLS["det-may"])
    the_list(desk)
    desk.answer(CELLS["hop-tac-xa"], "1 đã báo cáo", to=CLERK, purpose="clerk_list")
    assert desk.one("delivery", unit="det-may")["handling"] is None


def test_a_second_paper_of_the_same_unit_is_told_apart_by_its_number(desk: Desk) -> None:
    released(desk)
    second = directive(number="153-CV/ĐU", addressees="Các chi bộ doanh nghiệp.")
    desk.take(mail(CLERK, "Công văn 153-CV/ĐU v/v báo cáo", second, at=desk.now))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    everything_is_sent(desk)
    desk.take(mail(CELLS["det-may"], "Trả lời", "Đã nhận", at=desk.now))
    (matter,) = the_list(desk)
    assert matter["answers"] == [
        "1 Chi bộ Công ty Dệt may Hưng Hải, 153-CV/ĐU",
        "1 Chi bộ Công ty Dệt may Hưng Hải, 152-CV/ĐU",
        "1 bỏ qua",
    ]
