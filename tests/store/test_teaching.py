"""Addresses that the directory does not have: whose they are is the clerk's word, and may be remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailbot.store import teaching
from tests.example_office import mail
from tests.store.test_lists import decide_again, everything_is_sent, reply, the_list
from tests.store.test_orders import CELLS, order, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

CELL = "Chi bộ Công ty Dệt may Hưng Hải"
OWN = "bi-thu.rieng@example.com"


def test_a_personal_address_is_remembered_by_one_word_and_then_answers_for_its_unit(desk: Desk) -> None:
    released(desk)
    files = {"bc.txt": "BÁO CÁO"}
    desk.answer(OWN, "Gửi báo cáo", to=CELLS["det-may"], submitted=False, files=files)
    the_list(desk)
    (line,) = reply(desk, f"1 {CELL}, ghi nhớ địa chỉ")
    assert line["done"], line
    assert OWN in line["result"]
    with desk.store.read() as connection:
        (kept,) = teaching.all_taught(connection)
        assert (kept.address, kept.unit) == (OWN, "det-may")
    # What waited was decided as the unit's own; the next mail from there needs nobody.
    desk.answer(OWN, "Gửi lại báo cáo", to=CELLS["det-may"], submitted=False, files=files)
    assert desk.one("delivery", unit="det-may")["handling"] == "completed"


@pytest.mark.parametrize(
    "words", [f"1 {CELL}", "1 cong ty det may hung hai", f"1 {CELL} (ghi nhớ địa chỉ)", f"1 {CELL}, 152-CV/ĐU"]
)
def test_a_mail_that_answers_nothing_known_is_of_the_unit_that_the_clerk_names(desk: Desk, words: str) -> None:
    released(desk)
    everything_is_sent(desk)
    written = mail(OWN, "Re: V/v báo cáo", "Da nhan", at=desk.now)
    desk.take(written)
    (matter,) = the_list(desk)
    assert "TÊN ĐƠN VỊ" in matter["answers"][0]
    (line,) = reply(desk, words)
    assert line["done"], line
    decide_again(desk, written)
    assert desk.one("delivery", unit="det-may")["handling"] == "acknowledged"
    with desk.store.read() as connection:
        assert len(teaching.all_taught(connection)) == ("ghi nhớ" in words)


def test_a_name_that_fits_several_units_is_asked_back_and_nothing_is_done(desk: Desk) -> None:
    released(desk)
    everything_is_sent(desk)
    desk.take(mail(OWN, "Re: V/v báo cáo", "Da nhan", at=desk.now))
    the_list(desk)
    (line,) = reply(desk, "1 Chi bộ")
    assert not line["done"]
    assert CELL in line["result"]
    assert {row["state"] for row in desk.rows("held", reason="unmatched_answer")} == {"told"}


def test_a_matter_that_is_done_is_not_done_again_by_an_old_list(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    the_list(desk)
    assert reply(desk, "1 đồng ý")[0]["done"]
    (line,) = reply(desk, "1 không đồng ý")
    assert not line["done"]
    assert len(desk.rows("outbox", purpose="extension_decided")) == 1


def test_what_an_order_has_settled_does_not_come_on_the_list(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    order(desk, f"GIA HẠN 152-CV/ĐU {CELL} đến 23/10/2026")
    with pytest.raises(IndexError):
        the_list(desk)


def test_a_forgotten_address_is_a_stranger_s_again(desk: Desk) -> None:
    released(desk)
    desk.answer(OWN, "Gửi báo cáo", to=CELLS["det-may"], submitted=False)
    the_list(desk)
    reply(desk, f"1 {CELL}, ghi nhớ địa chỉ")
    with desk.store.write() as connection:
        assert teaching.forget(connection, OWN.upper(), desk.now) == 1
        assert teaching.taught_units(connection, OWN) == frozenset()
