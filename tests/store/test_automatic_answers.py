"""Somebody is away: the matter goes to the unit's next person, once each, and to the clerk when there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailbot.routing.model import Person
from tests.example_office import mail
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

OUT = "Tôi hiện đang đi công tác từ ngày 06/10/2026 đến ngày 10/10/2026, vui lòng liên hệ đồng chí Phó Bí thư."
THANKS = "Cảm ơn bạn đã gửi thư. Chúng tôi sẽ phản hồi sớm nhất."
DEPUTY = "pho.detmay@example.org"


def with_a_deputy(desk: Desk) -> None:
    """Give the cell of the textile company a deputy with a mailbox of their own."""
    directory = desk.site.directory
    unit = replace(directory.units["det-may"], people=(Person("pho", "Lê Thị Mai", mail=DEPUTY),))
    units = {**directory.units, "det-may": unit}
    desk.site = replace(desk.site, directory=replace(directory, units=units))


def automatic(desk: Desk, words: str) -> None:
    address = CELLS["det-may"]
    token = desk.rows("outbox", recipient=address)[-1]["token"]
    answer = mail(address, f"Trả lời tự động: [#{token}]", words, Auto_Submitted="auto-replied", at=desk.now)
    desk.take(answer)


def test_who_is_away_hands_the_matter_to_the_next_person_with_the_document(desk: Desk) -> None:
    with_a_deputy(desk)
    released(desk)
    automatic(desk, OUT)
    handed = desk.one("outbox", template="handover")
    assert (handed["recipient"], handed["recipient_name"], handed["shared_hash"]) == (
        DEPUTY,
        "đồng chí Lê Thị Mai",
        "b" * 64,
    )
    assert handed["values"]["absent_text"] == "từ ngày 06/10/2026 đến ngày 10/10/2026"
    assert handed["values"]["items"][0]["document"].startswith("Công văn số 152-CV/ĐU")
    assert desk.one("delivery", unit="det-may")["handling"] is None, "a machine's word is no acknowledgement"


def test_the_next_person_s_answer_counts_for_the_unit(desk: Desk) -> None:
    with_a_deputy(desk)
    released(desk)
    automatic(desk, OUT)
    desk.answer(DEPUTY, "Đã nhận", to=DEPUTY)
    assert desk.one("delivery", unit="det-may")["handling"] == "acknowledged"


@pytest.mark.parametrize("times", [1, 3])
def test_without_another_person_the_clerk_is_told_to_telephone(desk: Desk, times: int) -> None:
    released(desk)
    for number in range(times):
        automatic(desk, f"{OUT} ({number})")
    lines = {row["text"] for row in desk.rows("held", reason="away")}
    assert len(lines) == 1
    assert "cần gọi điện" in lines.pop()
    assert desk.rows("outbox", template="handover") == []


def test_a_machine_that_only_says_that_it_received_hands_nothing_over(desk: Desk) -> None:
    with_a_deputy(desk)
    released(desk)
    automatic(desk, THANKS)
    assert desk.rows("outbox", template="handover") == []


def test_the_same_person_is_not_asked_twice(desk: Desk) -> None:
    with_a_deputy(desk)
    released(desk)
    for number in range(2):
        automatic(desk, f"{OUT} ({number})")
    assert len(desk.rows("outbox", template="handover")) == 1
