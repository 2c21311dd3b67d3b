"""A leader's one line on who is late: more time, remind on, leave it to me; the Thường trực only after a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from mailbot.routing.directory import RoleHolder
from mailbot.service.due import plan_due
from tests.example_office import CLERK, LEADER
from tests.store.test_orders import CELLS, pending, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OVERSEER = "buithioanh@anhoa.example.vn"
STANDING = "tranquochung@anhoa.example.vn"
LISTED = datetime(2026, 10, 20, 8, 0, tzinfo=HANOI)


def late(desk: Desk) -> None:
    """Release a paper, let everybody stay silent until the list goes to those who oversee."""
    released(desk)
    while desk.now < LISTED:
        desk.now = desk.site.office.working_time.next_slot(desk.now + timedelta(seconds=1), ())
        desk.now = desk.site.office.working_time.next_slot(desk.now, desk.site.office.reminders_at)
        tick(desk)


def tick(desk: Desk) -> None:
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)


def says(desk: Desk, words: str, who: str = OVERSEER) -> dict[str, Any]:
    desk.answer(who, words, to=who, purpose="escalation")
    return desk.rows("outbox", purpose="order_answer")[-1]["values"]["lines"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("who", [OVERSEER, LEADER], ids=["who oversees", "who may give orders too"])
def test_a_leader_gives_more_time_by_one_line(desk: Desk, who: str) -> None:
    late(desk)
    line = says(desk, "Gia han den ngay 26/10/2026", who)
    assert line["done"], line
    assert {row["due"] for row in desk.rows("delivery")} == {"2026-10-26"}
    assert {row["recipient"] for row in desk.rows("outbox", purpose="extension_decided")} == set(CELLS.values())


def test_a_leader_has_them_reminded_once_more(desk: Desk) -> None:
    late(desk)
    before = len(desk.rows("outbox", purpose="reminder"))
    says(desk, "Tiếp tục nhắc")
    desk.now = datetime(2026, 10, 21, 8, 0, tzinfo=HANOI)
    tick(desk)
    assert len(desk.rows("outbox", purpose="reminder")) == before + 2


def test_a_leader_who_talks_to_them_ends_the_reminders_and_the_log_says_so(desk: Desk) -> None:
    late(desk)
    says(desk, "Để tôi trao đổi trực tiếp")
    assert pending(desk) == []
    said = [row for row in desk.rows("event") if row["what"] == "settled"]
    assert {row["data"]["by_address"] for row in said} == {OVERSEER}


@pytest.mark.parametrize("words", ["Gia hạn", "Tôi đã biết"])
def test_a_word_that_is_not_understood_is_told_what_to_write(desk: Desk, words: str) -> None:
    late(desk)
    line = says(desk, words)
    assert (line["done"], "Gia hạn đến ngày" in line["result"]) == (False, True)


def test_nobody_else_may_answer_for_the_leader(desk: Desk) -> None:
    late(desk)
    desk.answer(CELLS["det-may"], "Gia hạn đến ngày 26/10/2026", to=OVERSEER, purpose="escalation")
    assert {row["due"] for row in desk.rows("delivery")} == {"2026-10-15"}


def with_standing(desk: Desk) -> None:
    """Let the last step of the ladder tell the Thường trực."""
    site = desk.site
    directory = replace(
        site.directory, roles={**site.directory.roles, "thuong-truc": (RoleHolder("Trần Quốc Hưng", STANDING),)}
    )
    ladder = site.ladders["bao-cao"]
    last = replace(ladder.steps[-1], to=("role:thuong-truc",))
    ladders = {**site.ladders, "bao-cao": replace(ladder, steps=(*ladder.steps[:-1], last))}
    officers = replace(site.officers, standing="role:thuong-truc")
    desk.site = replace(site, directory=directory, ladders=ladders, officers=officers)


def test_the_standing_committee_is_told_only_after_the_head_of_office_agrees(desk: Desk) -> None:
    with_standing(desk)
    late(desk)
    asked = desk.one("outbox", purpose="escalation")
    assert (asked["recipient"], asked["values"]["ask_standing"]) == (LEADER, True)
    says(desk, "Đồng ý", LEADER)
    told = desk.rows("outbox", purpose="escalation")[-1]
    assert (told["recipient"], told["values"]["ask_standing"]) == (STANDING, False)
    assert [unit["name"] for unit in told["values"]["late"]] == [unit["name"] for unit in asked["values"]["late"]]


def test_without_a_word_the_standing_committee_hears_nothing(desk: Desk) -> None:
    with_standing(desk)
    late(desk)
    for _ in range(20):
        desk.now += timedelta(days=1)
        tick(desk)
    assert {row["recipient"] for row in desk.rows("outbox", purpose="escalation")} == {LEADER}
    assert CLERK not in {row["recipient"] for row in desk.rows("outbox", purpose="escalation")}
