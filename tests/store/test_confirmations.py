"""A paper of ours before it leaves: SỬA by one line, one reminder, and what becomes of it when nobody answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from mailbot.service.due import plan_due
from tests.example_office import CLERK, directive, mail

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PAPER = directive(addressees="Các chi bộ doanh nghiệp.")


def waiting(desk: Desk) -> dict[str, Any]:
    """Hand in a paper; return the question that its sender gets."""
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", PAPER))
    return question(desk)


def question(desk: Desk) -> dict[str, Any]:
    row = desk.rows("outbox", purpose="confirm_before_send")[-1]
    return {**row, "said": row["values"]}


def amend(desk: Desk, words: str) -> dict[str, Any]:
    desk.answer(CLERK, words, to=CLERK, purpose="confirm_before_send")
    return question(desk)["said"]  # type: ignore[no-any-return]


def names(said: dict[str, Any]) -> list[str]:
    return [unit["name"] for unit in said["recipients"]]


CHANGES = {
    "a deadline": ("SỬA hạn 20/10/2026", ["hạn: thứ Ba, ngày 20/10/2026"]),
    "a deadline as a weekday, without accents": ("sua han thu 6", ["hạn: thứ Sáu, ngày 09/10/2026"]),
    "a unit less": ("SỬA bỏ Chi bộ Hợp tác xã An Hòa", ["bỏ Chi bộ Hợp tác xã An Hòa"]),
    "a unit more": ("SỬA thêm Chi bộ Quân sự phường", ["thêm Chi bộ Quân sự phường"]),
    "two changes in one line": (
        "SỬA bỏ Hợp tác xã An Hòa; SỬA thêm Trạm Y tế phường",
        ["bỏ Chi bộ Hợp tác xã An Hòa", "thêm Chi bộ Trạm Y tế"],
    ),
    "a summary": (
        "SỬA trích yếu: báo cáo cải cách hành chính quý III",
        ["trích yếu: báo cáo cải cách hành chính quý III"],
    ),
}


@pytest.mark.parametrize(("words", "done"), CHANGES.values(), ids=CHANGES)
def test_one_line_changes_what_waits_and_it_is_shown_once_more(desk: Desk, words: str, done: list[str]) -> None:
    waiting(desk)
    said = amend(desk, words)
    assert (said["amended"], said["not_amended"]) == (done, [])
    assert len(desk.rows("outbox", purpose="confirm_before_send")) == 2
    assert desk.one("document")["state"] == "awaiting_confirmation"


def test_what_was_changed_is_what_goes_out(desk: Desk) -> None:
    waiting(desk)
    amend(desk, "SỬA bỏ Hợp tác xã An Hòa; SỬA thêm Chi bộ Quân sự phường; SỬA hạn 20/10/2026")
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    found = {row["unit"]: row["due"] for row in desk.rows("delivery")}
    assert found == {"det-may": "2026-10-20", "quan-su": "2026-10-20"}
    told = desk.one("outbox", purpose="released")
    assert "Chi bộ Hợp tác xã An Hòa (theo ý kiến người gửi)" in told["values"]["excluded"]


WRONG = {
    "a unit that is not there": ("SỬA bỏ Trạm Y tế phường", "không có trong danh sách nơi nhận"),
    "a unit that nobody knows": ("SỬA thêm Chi bộ Hỏa tinh", "danh bạ không có"),
    "no day": ("SỬA hạn sớm nhất", "chưa rõ ngày"),
    "nothing that can be changed": ("SỬA màu chữ", "chưa rõ sửa gì"),
    "everybody": ("SỬA bỏ Các chi bộ doanh nghiệp", "không còn đơn vị nào"),
}


@pytest.mark.parametrize(("words", "why"), WRONG.values(), ids=WRONG)
def test_a_change_that_is_not_understood_is_told_and_changes_nothing(desk: Desk, words: str, why: str) -> None:
    before = names(waiting(desk)["said"])
    said = amend(desk, words)
    assert said["amended"] == []
    assert why in said["not_amended"][0]
    assert names(said) == before


def tick(desk: Desk, at: datetime) -> None:
    desk.now = at
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)


def test_the_sender_is_asked_once_more_and_then_the_paper_is_given_up_and_its_sender_told(desk: Desk) -> None:
    first = waiting(desk)
    assert first["said"]["remind_at"] == "14 giờ 10 thứ Ba 06/10"
    assert first["said"]["expires_at"] == "08 giờ 40 thứ Tư 07/10"
    tick(desk, datetime(2026, 10, 6, 14, 0, tzinfo=HANOI))
    assert len(desk.rows("outbox", purpose="confirm_before_send")) == 1
    tick(desk, datetime(2026, 10, 6, 14, 15, tzinfo=HANOI))
    tick(desk, datetime(2026, 10, 6, 15, 0, tzinfo=HANOI))
    assert [row["values"]["again"] for row in desk.rows("outbox", purpose="confirm_before_send")] == [False, True]
    tick(desk, datetime(2026, 10, 7, 9, 0, tzinfo=HANOI))
    assert desk.one("document")["state"] == "cancelled"
    assert desk.one("outbox", purpose="confirm_expired")["recipient"] == CLERK
    assert desk.rows("delivery") == []


def test_a_word_on_the_reminder_counts_like_one_on_the_question(desk: Desk) -> None:
    waiting(desk)
    tick(desk, datetime(2026, 10, 6, 14, 15, tzinfo=HANOI))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    assert len(desk.rows("delivery")) == 2
    tick(desk, datetime(2026, 10, 8, 9, 0, tzinfo=HANOI))
    assert desk.rows("outbox", purpose="confirm_expired") == []


def test_after_a_weekend_without_the_daemon_nothing_is_sent_late_and_nothing_is_asked_twice(desk: Desk) -> None:
    waiting(desk)
    tick(desk, desk.now + timedelta(days=6))
    assert len(desk.rows("outbox", purpose="confirm_before_send")) == 1
    assert desk.one("document")["state"] == "cancelled"


def test_a_paper_that_was_given_up_may_be_mailed_in_again(desk: Desk) -> None:
    waiting(desk)
    tick(desk, datetime(2026, 10, 7, 9, 0, tzinfo=HANOI))
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo (gửi lại)", PAPER, at=desk.now))
    assert [row["state"] for row in desk.rows("document")] == ["cancelled", "awaiting_confirmation"]
