"""TRA CỨU by mail: what the answer tells, who may see what, and when the file comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mailbot.rendering.letters import Letters
from tests.example_office import CLERK, LEADER, mail
from tests.store.test_orders import CELLS, order, released
from tests.store.test_searching import by_rule, paper

if TYPE_CHECKING:
    from tests.store.desk import Desk


def look(desk: Desk, words: str, sender: str = LEADER, **more: Any) -> dict[str, Any]:
    """Order a look-up; return the mail that answers it."""
    before = len(desk.rows("outbox"))
    desk.take(mail(sender, "", words, at=desk.now, **more))
    (told,) = desk.rows("outbox")[before:]
    assert (told["purpose"], told["recipient"]) == ("lookup", sender)
    return told


def test_a_look_up_tells_what_happened_since(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Chi bộ gửi báo cáo", to=CELLS["det-may"], files={"bc.txt": "BÁO CÁO kết quả"})
    (told,) = look(desk, "tra cuu cai cach hanh chinh")["values"]["papers"]
    assert told["name"] == "152-CV/ĐU, đi ngày 06/10/2026, số đi 152"
    assert told["summary"] == "báo cáo kết quả «cải» «cách» «hành» «chính»"
    assert told["happened"] == "đã gửi 0/2; xác nhận 1/2; báo cáo 1/2"
    assert told["lies"] == "còn 1 đơn vị chưa xong"


def test_the_answer_fits_a_phone_and_counts_the_rest(desk: Desk) -> None:
    for number in range(150, 163):
        paper(desk, f"{number}-CV/ĐU", "kết quả phòng cháy")
    told = look(desk, "TRA CỨU phòng cháy")["values"]
    assert len(told["papers"]) == 10
    assert told["more"] == "còn 3 văn bản"
    text = Letters(desk.site.templates).render("lookup", told, token="k7m2p9", reply_to=CLERK).text
    assert "còn 3 văn bản" in text
    assert text.count("phòng» «cháy»") == 10


@pytest.mark.parametrize(
    ("words", "sent", "said"),
    [
        ("TRA CỨU 152-CV/ĐU kèm tệp", True, "Kèm theo: tệp của 152-CV/ĐU."),
        ("tra cuu 152 cv du gui kem file", True, "Kèm theo: tệp của 152-CV/ĐU."),
        ("TRA CỨU 152-CV/ĐU", False, ""),
        ("TRA CỨU cải cách hành chính kèm tệp", False, "có 02 văn bản"),
    ],
    ids=["by number", "without accents", "not asked for", "not one paper"],
)
def test_the_file_comes_only_when_one_paper_is_asked_for_with_it(desk: Desk, words: str, sent: bool, said: str) -> None:
    paper(desk, "152-CV/ĐU", "kết quả cải cách hành chính", **{"phu-luc.txt": "Biểu mẫu"})
    paper(desk, "153-CV/ĐU", "kết quả cải cách hành chính, thay Công văn số 152-CV/ĐU")
    told = look(desk, words)
    assert (told["shared_hash"] is not None) is sent
    assert said in told["values"]["file"]
    assert bool(said) == bool(told["values"]["file"])


def test_the_file_of_a_personnel_paper_is_not_sent(desk: Desk) -> None:
    by_rule(desk)
    paper(desk, "152-CV/ĐU", "kết quả bổ nhiệm cán bộ")
    told = look(desk, "TRA CỨU 152-CV/ĐU kèm tệp")
    assert told["shared_hash"] is None
    assert [one["summary"] for one in told["values"]["papers"]] == ["(nội dung không nêu)"]
    assert "bổ nhiệm" not in str(told["values"])


def test_what_nobody_finds_is_said_in_the_transcript(desk: Desk) -> None:
    released(desk)
    (line,) = order(desk, "TRA CỨU tàu vũ trụ")
    assert (line["done"], "không tìm thấy" in line["result"]) == (False, True)


def test_units_and_strangers_look_nothing_up(desk: Desk) -> None:
    released(desk)
    for sender in (CELLS["det-may"], "nguoi.la@example.com"):
        desk.take(mail(sender, "", "TRA CỨU 152-CV/ĐU kèm tệp", at=desk.now))
    assert desk.rows("outbox", purpose="lookup") == []
