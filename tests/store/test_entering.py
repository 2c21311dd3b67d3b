"""VÀO SỔ: papers that came on paper get the next number of the one sequence and go on like those that came by mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.rendering.letters import Letters
from tests.example_office import CLERK, LEADER, mail
from tests.store.test_ledger import superiors
from tests.store.test_registers import INCOMING, OUTGOING, issued, rows

if TYPE_CHECKING:
    from tests.store.desk import Desk

LINE = "VÀO SỔ 12-CV/TU ngày 05/10/2026 của Thành ủy về việc báo cáo kết quả chuyển đổi số, hạn 20/10"


def enter(desk: Desk, words: str, sender: str = CLERK, **more: Any) -> list[dict[str, Any]]:
    """Send the order; return the lines of the transcript, each with its entry in words."""
    desk.now += timedelta(minutes=5)
    desk.take(mail(sender, "", words, at=desk.now, **more))
    values = desk.rows("outbox", purpose="order_answer")[-1]["values"]
    entries = values["entries"]
    return [line | {"entry": entries[line["entry"]] if line["entry"] is not None else None} for line in values["lines"]]


def words_of(desk: Desk, row: dict[str, Any]) -> list[str]:
    """Return the texts of a mail as it goes out."""
    values = row["values"] if row["document_ref"] is None else with_document(desk, row)
    return [Letters(desk.site.templates).render(row["template"], values, token=row["token"], reply_to=CLERK).text]


def with_document(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """Return what a mail is rendered from: its own values over those of its document's release."""
    (document,) = desk.rows("document", id=row["document_ref"])
    return ((document["plan"] or {}).get("values") or {}) | row["values"]


def test_a_paper_gets_the_next_number_of_the_one_sequence_and_is_submitted(desk: Desk) -> None:
    desk.take(superiors())
    (line,) = enter(desk, LINE, files={"scan.txt": "bản chụp"})
    assert (line["done"], line["entry"]) == (True, "số đến 2, ngày 06/10/2026"), line
    assert line["result"] == "vào sổ 12-CV/TU (bản giấy), trình đ/c Đỗ Minh Phúc"
    document = desk.rows("document")[-1]
    assert (document["came_by"], document["state"], document["due"]) == ("paper", "awaiting_instruction", "2026-10-20")
    assert (document["archive_hash"], document["issuer_unit"]) == ("a" * 64, "thanh-uy/TU")
    submitted = desk.rows("outbox", purpose="for_instruction")[-1]
    assert (submitted["recipient"], submitted["values"]["arrival_number"]) == (LEADER, 2)
    assert submitted["shared_hash"] == "b" * 64, "the scan goes along"
    (event,) = desk.rows("event", what="entered")
    assert (event["actor"], event["document_ref"]) == (CLERK, document["id"])
    row = rows(desk, INCOMING)[-1]
    assert (row["Số đến"], row["Tác giả"], row["Ghi chú"]) == ("02", "Thành ủy Hưng Hải", "bản giấy; chờ ý kiến")


def test_the_leader_answers_a_paper_like_a_mail_and_it_goes_down(desk: Desk) -> None:
    enter(desk, LINE)
    desk.answer(LEADER, "Đồng ý", to=LEADER, purpose="for_instruction")
    assert desk.one("document")["state"] == "released"
    assert len(desk.rows("delivery")) == 13
    texts = [text for row in desk.rows("outbox") for text in words_of(desk, row)]
    assert " ".join(" ".join(texts).split()).count("; số đến 1, ngày 06/10/2026") == 1, "the answer tells the number"


def test_without_accents_from_a_phone(desk: Desk) -> None:
    (line,) = enter(desk, "vao so 12-cv/tu ngay 5/10 cua Thanh uy ve viec bao cao chuyen doi so, han 20/10")
    assert line["done"], line
    assert desk.one("document")["summary"] == "bao cao chuyen doi so"


def test_several_papers_in_one_mail_each_get_a_number_and_a_bad_line_stops_none(desk: Desk) -> None:
    lines = enter(
        desk,
        f"{LINE}\nVÀO SỔ 13-CV/TU\nVÀO SỔ 14-CV/TU ngày 05/10/2026 của Thành ủy về việc sơ kết quý III\n{LINE}",
    )
    assert [(line["done"], line["entry"]) for line in lines] == [
        (True, "số đến 1, ngày 06/10/2026"),
        (False, None),
        (True, "số đến 2, ngày 06/10/2026"),
        (False, None),
    ]
    assert "chưa rõ trích yếu" in lines[1]["result"]
    assert "ghi hai lần" in lines[3]["result"]
    assert [row["book_number"] for row in desk.rows("document")] == [1, 2]


def test_the_same_paper_gets_no_second_number_whether_it_came_by_mail_or_on_paper(desk: Desk) -> None:
    desk.take(superiors("12-CV/TU"))
    (line,) = enter(desk, LINE)
    assert (line["done"], line["result"]) == (False, "12-CV/TU đã có trong sổ: số 1, không vào sổ lần nữa")
    (other,) = enter(desk, LINE.replace("12-CV", "15-CV"))
    assert other["entry"] == "số đến 2, ngày 06/10/2026"
    desk.take(superiors("15-CV/TU"))
    assert len(desk.rows("document")) == 2


def test_a_paper_that_no_rule_wants_is_only_entered(desk: Desk) -> None:
    (line,) = enter(desk, "VÀO SỔ thư mời của Hội Khuyến học phường ngày 06/10 về việc dự lễ trao học bổng")
    assert (line["done"], line["entry"]) == (True, "số đến 1, ngày 06/10/2026"), line
    assert desk.one("document")["state"] == "recorded"
    (row,) = rows(desk, INCOMING)
    assert row["Tên loại và trích yếu nội dung"] == "dự lễ trao học bổng"


def test_our_own_paper_that_went_out_on_paper_fills_its_gap(desk: Desk) -> None:
    issued(desk, "150-CV/ĐU")
    (line,) = enter(desk, "VÀO SỔ 151-CV/ĐU ngày 06/10/2026 về việc gửi bản giấy")
    assert (line["done"], line["entry"]) == (True, "số 151 trong sổ đi"), line
    assert [row["Số, ký hiệu"] for row in rows(desk, OUTGOING)] == ["150-CV/ĐU", "151-CV/ĐU"]
    assert len(desk.rows("outbox", purpose="confirm_before_send")) == 1, "it is sent to nobody"


REFUSED = {
    "no summary": ("VÀO SỔ 12-CV/TU ngày 05/10/2026", "chưa rõ trích yếu"),
    "neither number nor issuer": ("VÀO SỔ về việc tổng kết năm", "chưa rõ số hoặc cơ quan"),
    "a day that is to come": (f"{LINE}, nhận ngày 20/12/2026", "chưa tới"),
    "a number that the book gives itself": (f"{LINE}, số đến 77", "do hệ thống cấp"),
}


@pytest.mark.parametrize(("words", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_entered_says_why_and_takes_no_number(desk: Desk, words: str, why: str) -> None:
    (line,) = enter(desk, words)
    assert (line["done"], why in line["result"]) == (False, True), line
    assert desk.rows("document") == []


def test_only_those_who_have_the_right_enter_papers(desk: Desk) -> None:
    (admin,) = [address for _, address in desk.site.directory.addresses(desk.site.officers.admin)]
    (line,) = enter(desk, LINE, sender=admin)
    assert (line["done"], desk.rows("document")) == (False, [])


def test_a_book_that_mirrors_another_system_takes_its_number_over(desk: Desk) -> None:
    register = replace(desk.site.registers[INCOMING], mirror=True)
    desk.site = replace(desk.site, registers={**desk.site.registers, INCOMING: register})
    (line,) = enter(desk, f"{LINE}, số đến 413")
    assert line["entry"] == "số đến 413, ngày 06/10/2026", line
    desk.take(superiors("318-CV/TU", note="Số đến: 414. "))
    (bare,) = enter(desk, LINE.replace("12-CV", "13-CV"))
    assert bare["entry"] == "chưa có số trong sổ"
    assert [row["book_number"] for row in desk.rows("document")] == [413, 414, None]
