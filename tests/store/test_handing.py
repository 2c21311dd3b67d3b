"""Papers on paper: the slip that goes along with the list, and what the clerk's answer by number writes down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from mailbot.mail.message import parse
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import SendingMailbox, compose_mail
from mailbot.store import outbox
from tests.example_office import CLERK, HANOI, OFFICE, directive, mail
from tests.store.test_registers import OUTGOING, View, rows

if TYPE_CHECKING:
    from tests.store.desk import Desk

PAPER = "Chi bộ Tổ dân phố 5"


@pytest.fixture
def listed(desk: Desk) -> Desk:
    """A paper of ours is out; one of its units is on paper and on the clerk's list."""
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU", directive("152-CV/ĐU", "Các chi bộ tổ dân phố.")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    return desk


def answer(desk: Desk, words: str) -> list[dict[str, Any]]:
    """Answer the paper list a day later; return the lines of the transcript."""
    desk.now += timedelta(days=1)
    desk.answer(CLERK, words, to=CLERK, purpose="paper_list")
    return desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]  # type: ignore[no-any-return]


def handling(desk: Desk) -> str | None:
    return desk.one("delivery", unit="tdp-5")["handling"]  # type: ignore[no-any-return]


def test_the_list_brings_a_slip_to_be_signed_beside_the_paper_itself(listed: Desk) -> None:
    with listed.store.read() as connection:
        (planned,) = [one for one in outbox.planned(connection, 100) if one.purpose == "paper_list"]
    letters = Letters(listed.site.templates)
    made = compose_mail(letters, planned, SendingMailbox(OFFICE, "Đảng ủy", "Asia/Ho_Chi_Minh"), listed.now)
    whole = made.head + b"\r\n--=_mb\r\nContent-Type: application/pdf; name=goc.pdf\r\n\r\n%PDF\r\n--=_mb--\r\n"
    found = {part.name: part for part in parse(whole).attachments}
    assert list(found) == ["phieu-giao-152-CV-DU.pdf", "goc.pdf"]
    text = pypdfium2.PdfDocument(found["phieu-giao-152-CV-DU.pdf"].content)[0].get_textpage().get_text_range()
    assert [words for words in ("PHIẾU GIAO VĂN BẢN", "152-CV/ĐU", PAPER, "chữ ký") if words not in text] == []


def test_an_answer_by_number_is_kept_as_the_clerk_s_word_with_who_signed_and_when(listed: Desk) -> None:
    (line,) = answer(listed, "1 đã giao 06/10, đ/c Ngô Văn Đức ký nhận")
    assert (line["done"], line["result"]) == (
        True,
        f"ghi nhận {PAPER}: đã nhận 06/10, đ/c Ngô Văn Đức ký nhận",
    )
    assert handling(listed) == "acknowledged"
    delivery = listed.one("delivery", unit="tdp-5")["id"]
    (event,) = [row for row in listed.rows("event", delivery_ref=delivery) if row["what"] == "acknowledged"]
    assert event["at"] == datetime(2026, 10, 6, 10, 0, tzinfo=UTC), "the end of that day's hours"
    assert {"by_address": CLERK, "way": "paper", "signed_by": "đ/c Ngô Văn Đức"}.items() <= event["data"].items()
    (row,) = [row for row in rows(listed, OUTGOING, View.TRANSFER) if row["Nơi nhận"] == PAPER]
    assert (row["Ký nhận"], row["Ghi chú"]) == ("đ/c Ngô Văn Đức ký nhận 06/10", "bản giấy")


def test_a_telephone_call_is_one_too(listed: Desk) -> None:
    (line,) = answer(listed, "1 da bao qua dien thoai 07 gio 15")
    assert line["done"], line
    event = next(row for row in listed.rows("event") if row["what"] == "acknowledged")
    assert (event["at"].astimezone(HANOI).hour, event["data"]["way"]) == (7, "telephone")


SAID = {
    "of a list with one unit the number may be left out": ("đã giao hôm nay", True, "acknowledged"),
    "several numbers in a line": ("1-1 đã giao", True, "acknowledged"),
    "reported on paper": ("1 đã nộp báo cáo giấy", True, "completed"),
    "not yet": ("1 chưa giao được, đi vắng", True, None),
    "a number that is not there": ("7 đã giao", False, None),
    "a day that is to come": ("1 đã giao 20/12/2026", False, None),
    "nobody knows what": ("1 ok nhé", False, None),
}


@pytest.mark.parametrize(("words", "done", "state"), SAID.values(), ids=SAID)
def test_other_answers(listed: Desk, words: str, done: bool, state: str | None) -> None:
    (line,) = answer(listed, words)
    assert (line["done"], handling(listed)) == (done, state), line


@pytest.mark.parametrize("words", ["Đã nhận", "Cảm ơn"])
def test_what_speaks_of_no_unit_is_no_unit_s_word(listed: Desk, words: str) -> None:
    listed.answer(CLERK, words, to=CLERK, purpose="paper_list")
    assert handling(listed) is None
    assert [row["reason"] for row in listed.rows("held")] == ["answer_for_clerk"]


def test_only_the_clerk_who_got_the_list_answers_it(listed: Desk) -> None:
    token = listed.rows("outbox", purpose="paper_list")[-1]["token"]
    listed.take(mail("la@example.com", f"Re: [#{token}]", "1 đã giao", submitted=False))
    assert handling(listed) is None
