"""A paper with a file that could do harm waits for the clerk's word; a report with one counts, its files wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.plans import Outcome
from tests.example_office import CLERK, LEADER, directive, mail
from tests.mail.test_dangers import PROGRAM, docx, macro_types, xlsx
from tests.store.test_gathering import CELL, FIRST, archived, asked, packed
from tests.store.test_lists import reply, the_list
from tests.store.test_orders import released

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from mailbot.routing.plans import Decision
    from tests.store.desk import Desk

__all__ = ["archived"]
SUPERIOR = "thanhuy@hunghai.example.vn"


def with_file(written: EmailMessage, name: str, content: bytes) -> EmailMessage:
    written.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return written


def paper(name: str = "biểu mẫu.docm", content: bytes = b"", sender: str = CLERK, **more: Any) -> EmailMessage:
    return with_file(
        mail(sender, "Đề nghị báo cáo", directive(), **more), name, content or macro_types(docx("Biểu mẫu"))
    )


def test_the_clerk_reads_which_file_and_why_and_one_word_lets_it_through(desk: Desk) -> None:
    written = paper()
    decision = desk.take(written)
    assert (decision.outcome, decision.reasons[0].code) == (Outcome.HELD, "dangerous_file")
    assert desk.rows("document") == desk.rows("delivery") == desk.rows("outbox") == []
    (matter,) = the_list(desk)
    assert "“biểu mẫu.docm” có macro" in matter["text"]
    assert matter["answers"] == ["1 cho chuyển", "1 bỏ qua"]
    (line,) = reply(desk, "1 cho chuyen")
    assert line["done"], line
    assert desk.again(written).document is not None
    assert desk.one("document")["number"] == "152-CV/ĐU"
    assert [row["state"] for row in desk.rows("held", reason="dangerous_file")] == ["closed"]


def test_what_the_clerk_leaves_goes_nowhere(desk: Desk) -> None:
    desk.take(paper())
    the_list(desk)
    reply(desk, "1 bỏ qua")
    assert desk.rows("message", state="new") == desk.rows("document") == []


def test_the_word_about_files_is_no_word_about_their_sender_and_each_is_asked_for_once(desk: Desk) -> None:
    written = paper(submitted=False)
    desk.take(written)
    the_list(desk)
    reply(desk, "1 cho chuyển")
    assert desk.again(written).reasons[0].code == "trust"
    the_list(desk)
    reply(desk, "1 đã xác minh")
    assert desk.again(written).document is not None, "that the files may go on is not forgotten"


def test_a_sender_s_own_confirmation_lets_no_file_through(desk: Desk) -> None:
    assert desk.take(paper(submitted=False), confirmed=True).reasons[0].code == "dangerous_file"


@pytest.mark.parametrize(
    ("sender", "subject", "words"),
    [
        (CLERK, "THAY TỆP 152-CV/ĐU", "THAY TỆP 152-CV/ĐU"),
        (CLERK, "ĐÍNH CHÍNH 152-CV/ĐU", "ĐÍNH CHÍNH 152-CV/ĐU: bản đúng kèm theo"),
        (CLERK, "GỬI THÊM 152-CV/ĐU", "GỬI THÊM 152-CV/ĐU cho Chi bộ 5"),
    ],
)
def test_an_order_that_brings_such_a_file_does_nothing(desk: Desk, sender: str, subject: str, words: str) -> None:
    released(desk)
    before = len(desk.rows("outbox"))
    decision = desk.take(with_file(mail(sender, subject, words), "ban dung.exe", PROGRAM))
    assert decision.reasons[0].code == "dangerous_file"
    assert len(desk.rows("outbox")) == before


def test_a_leader_s_word_with_such_a_file_waits(desk: Desk) -> None:
    desk.take(mail(SUPERIOR, "Công văn của Thành ủy", directive("15-CV/TU"), submitted=False))
    token = desk.rows("outbox", recipient=LEADER)[-1]["token"]
    written = with_file(mail(LEADER, f"Re: Trình [#{token}]", "Đồng ý"), "scan.pdf", PROGRAM)
    assert desk.take(written).reasons[0].code == "dangerous_file"


def test_an_office_that_wants_it_sends_every_file_on(desk: Desk) -> None:
    desk.site = replace(desk.site, holds_dangerous=False)
    assert desk.take(paper()).document is not None


def test_the_clerk_of_a_petition_reads_that_there_is_such_a_file_and_not_its_name(desk: Desk) -> None:
    desk.take(with_file(mail(CLERK, "Chuyển đơn tố cáo", directive()), "Nguyen Van A to cao.exe", PROGRAM))
    assert "Nguyen" not in str(desk.rows("held") + desk.rows("message"))


def reported(desk: Desk, name: str = "biểu.xlsm", content: bytes = b"x") -> Decision:
    token = desk.rows("outbox", recipient=CELL)[-1]["token"]
    written = mail(CELL, f"Re: Văn bản [#{token}]", "Gửi báo cáo số 12-BC/CB", files={"Báo cáo.txt": "Kết quả"})
    return desk.take(with_file(written, name, content))


def test_a_report_counts_and_its_file_is_kept_out_of_the_zip_until_the_clerk_s_word(
    desk: Desk, archived: Callable[[str], bytes]
) -> None:
    released(desk)
    reported(desk)
    assert desk.one("delivery", unit="det-may")["satisfied"], "the unit has done its part and is not reminded"
    opened = packed(desk, asked(desk), archived)
    note = f"{FIRST}/biểu.xlsm.CHUA-CHO-CHUYEN.txt"
    assert {f"{FIRST}/Báo cáo.txt", note} <= set(opened.namelist())
    assert "có macro" in opened.read(note).decode()
    assert f"{FIRST}/biểu.xlsm" not in opened.namelist()
    (matter,) = [one for one in the_list(desk) if "biểu.xlsm" in one["text"]]
    (line,) = reply(desk, matter["answers"][0])
    assert line["done"], line
    assert f"{FIRST}/biểu.xlsm" in packed(desk, asked(desk), archived).namelist()


def test_an_ordinary_workbook_of_a_report_goes_into_the_zip_at_once(
    desk: Desk, archived: Callable[[str], bytes]
) -> None:
    released(desk)
    reported(desk, "biểu.xlsx", xlsx())
    assert f"{FIRST}/biểu.xlsx" in packed(desk, asked(desk), archived).namelist()
    assert desk.rows("held", reason="dangerous_file") == []
