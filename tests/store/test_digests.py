"""Digests by schedule: what they tell whom, that each comes once, and that nothing is told twice on one morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.rendering.letters import Letters
from mailbot.routing.model import Digest, DigestKind, Schedule
from mailbot.service.due import plan_due
from tests.example_office import CLERK, HANOI, LEADER, mail
from tests.store.test_attendance import wire
from tests.store.test_ledger import superiors
from tests.store.test_meetings import first
from tests.store.test_orders import CELLS, order, released

if TYPE_CHECKING:
    from tests.store.desk import Desk

MORNING = Digest("sang", Schedule(time(7, 30)), ("role:van-thu", "role:chanh-van-phong"))
FRIDAY = Digest("tuan", Schedule(time(15, 0), 4), ("role:chanh-van-phong",), DigestKind.WEEKLY)


@pytest.fixture
def office(desk: Desk) -> Desk:
    """The example office with a digest each morning and one a week, just started."""
    desk.site = replace(desk.site, digests=(MORNING, FRIDAY))
    tick(desk, desk.now)
    return desk


def at(day: int, hour: int = 7, minute: int = 30) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=HANOI)


def tick(desk: Desk, now: datetime) -> list[dict[str, Any]]:
    """Let the clock tick; return the values of the digests made, with `to` and the template."""
    desk.now = now
    before = len(desk.rows("outbox", purpose="digest"))
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, now)
    rows = desk.rows("outbox", purpose="digest")[before:]
    return [row["values"] | {"to": row["recipient"], "template": row["template"]} for row in rows]


def for_clerk(desk: Desk, now: datetime) -> dict[str, Any]:
    (found,) = [one for one in tick(desk, now) if one["to"] == CLERK]
    return found


def test_nothing_to_say_is_no_mail_and_the_log_says_so(office: Desk) -> None:
    assert tick(office, at(7)) == []
    assert [row["reason"] for row in office.rows("event", what="digest")] == ["due 2026-10-07 07:30, nothing to say"]


def test_the_clerk_answers_the_digest_by_number_and_no_list_tells_the_matter_again(office: Desk) -> None:
    released(office)
    office.now = at(6, 16, 0)
    office.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    told = for_clerk(office, at(7))
    assert [item["answers"] for item in told["todo"]] == [["1 đồng ý", "1 không đồng ý"]]
    tick(office, at(7, 8, 0))
    assert office.rows("outbox", purpose="clerk_list") == []
    office.answer(CLERK, "1 đồng ý", to=CLERK, purpose="digest")
    assert office.one("delivery", unit="det-may")["due"] == "2026-10-23"
    assert tick(office, at(8)) == [], "it is settled"


def test_what_stays_unanswered_comes_again_but_not_on_the_morning_of_its_list(office: Desk) -> None:
    released(office)
    office.answer(CELLS["det-may"], "Alo alo", to=CELLS["det-may"])
    tick(office, at(6, 14, 0))
    assert len(office.rows("outbox", purpose="clerk_list")) == 1
    late = replace(MORNING, key="trua", at=Schedule(time(15, 0)))
    office.site = replace(office.site, digests=(MORNING, late))
    tick(office, at(6, 14, 1))
    assert all(one["todo"] == [] for one in tick(office, at(6, 15, 0))), "the list has told it an hour ago"
    assert len(for_clerk(office, at(7))["todo"]) == 1


@pytest.mark.parametrize(
    ("asks", "settles"),
    [
        ("Xin gia hạn đến ngày 23/10/2026", "GIA HẠN 152-CV/ĐU Dệt may Hưng Hải đến 23/10/2026"),
        ("Alo alo", "GHI NHẬN 152-CV/ĐU Dệt may Hưng Hải đã báo cáo qua điện thoại"),
    ],
)
def test_what_an_order_has_settled_since_is_not_told_again(office: Desk, asks: str, settles: str) -> None:
    released(office)
    office.answer(CELLS["det-may"], asks, to=CELLS["det-may"])
    tick(office, at(6, 14, 0))
    (line,) = order(office, settles)
    assert line["done"], line
    assert for_clerk(office, at(7))["todo"] == []


@pytest.mark.parametrize("settled", [False, True])
def test_an_absence_is_told_each_morning_until_the_chair_has_spoken(office: Desk, *, settled: bool) -> None:
    first(office)
    office.answer("thcsanhoa@example.org", "Xin vắng, lý do: đi công tác", to="thcsanhoa@example.org")
    tick(office, at(6, 14, 0))
    if settled:
        order(office, "GHI NHẬN 21-GM/ĐU Trường THCS An Hòa xin vắng có phép")
    assert sum(len(one["todo"]) for one in tick(office, at(7))) == (0 if settled else 1)


def test_papers_that_wait_are_told_and_the_leader_reads_how_much_the_clerk_has_to_do(office: Desk) -> None:
    office.take(superiors())
    office.take(mail("nguoi.la@example.com", "Xin chào", "Chào.", at=office.now))
    texts = {one["to"]: one for one in tick(office, at(7))}
    waits = "Chờ ý kiến chỉ đạo: 318-CV/TU (số đến 1), trình ngày 06/10, chưa có ý kiến"
    assert [item["text"] for item in texts[LEADER]["todo"]] == [waits]
    assert "Văn thư còn 01 việc chờ xử lý" in texts[LEADER]["due"]
    first_one, _ = texts[CLERK]["todo"]
    assert first_one["text"] == waits


def test_an_item_without_an_answer_by_mail_keeps_its_number(office: Desk) -> None:
    office.take(superiors())
    released(office)
    office.answer(CELLS["det-may"], "Alo alo", to=CELLS["det-may"])
    for_clerk(office, at(7))
    office.answer(CLERK, "2 đã báo cáo\n1 bỏ qua", to=CLERK, purpose="digest")
    lines = office.rows("outbox", purpose="order_answer")[-1]["values"]["lines"]
    assert [line["done"] for line in lines] == [True, False]
    assert office.one("delivery", unit="det-may")["handling"] == "completed"


@pytest.mark.parametrize(("day", "begins"), [(14, "Thứ Năm, 15/10: "), (15, "Hôm nay: "), (13, None)])
def test_limits_of_today_and_the_next_working_day_stand_with_how_many_are_missing(
    office: Desk, day: int, begins: str | None
) -> None:
    released(office)
    office.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    made = tick(office, at(day))
    lines = [line for one in made if one["to"] == CLERK for line in one["due"]]
    assert lines == ([f"{begins}152-CV/ĐU, còn 01/02 đơn vị chưa báo cáo"] if begins else [])


def test_reports_that_come_again_and_those_not_expected_are_told_apart(office: Desk) -> None:
    released(office)
    office.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    order(office, "TRẢ LẠI BÁO CÁO 152-CV/ĐU Chi bộ Công ty Dệt may Hưng Hải, lý do: thiếu biểu")
    order(office, "GHI NHẬN 152-CV/ĐU Chi bộ Hợp tác xã An Hòa được miễn báo cáo")
    lines = [line for one in tick(office, at(15)) if one["to"] == CLERK for line in one["due"]]
    said = "152-CV/ĐU, còn 01/02 đơn vị chưa báo cáo (trả lại, đang làm lại 01; miễn báo cáo 01)"
    assert lines == [f"Hôm nay: {said}"]


def test_a_superior_s_limit_for_us_is_told_with_whom_it_is_owed_to(office: Desk) -> None:
    office.take(superiors())
    assert for_clerk(office, at(16))["due"] == [
        "Thứ Hai, 19/10: thời hạn với Thành ủy Hưng Hải theo 318-CV/TU - chưa phân công"
    ]


def test_a_meeting_stands_with_who_comes(office: Desk) -> None:
    first(office)
    office.answer("thcsanhoa@example.org", "Xin vắng, lý do: đi công tác", to="thcsanhoa@example.org")
    (line,) = for_clerk(office, at(14))["due"]
    total = len(office.rows("delivery"))
    assert line.startswith("Thứ Năm, 15/10: họp 14 giờ 00: ")
    assert line.endswith(f"dự 00/{total:02d}; chờ ý kiến 01; chưa trả lời {total - 1:02d}")


def test_yesterday_is_told_in_figures(office: Desk) -> None:
    office.take(superiors())
    released(office)
    office.compose()
    office.finish(office.claim(), "sent", 250)
    sent = sum(row["state"] == "sent" for row in office.rows("outbox"))
    office.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    figures = {one["name"]: one["value"] for one in for_clerk(office, at(7))["figures"]}
    assert figures == {
        "Văn bản đến": "01 (số đến 1)",
        "Văn bản đi": "01 (152-CV/ĐU)",
        "Thư đã gửi": f"{sent:02d}",
        "Thư không đến được": "00",
        "Báo cáo nhận được": "01",
    }
    assert for_clerk(office, at(8))["figures"] == []


def test_yesterday_s_pages_of_the_books_go_along_as_a_workbook(office: Desk) -> None:
    office.take(superiors())
    released(office)
    for_clerk(office, at(7))
    sent = office.rows("outbox", purpose="digest")[0]
    incoming, outgoing = sent["values"]["workbook"]
    assert incoming["rows"][0][:4] == ["06/10", "01", "Thành ủy Hưng Hải", "318-CV/TU"]
    assert outgoing["rows"][0][0] == "152-CV/ĐU"
    assert [table["lines"][-1] for table in (incoming, outgoing)] == ["Ngày 06/10/2026"] * 2
    assert b'filename="so-van-ban-den-06-10-2026.xlsx"' in wire(office, sent)
    assert "workbook" not in for_clerk(office, at(8)), "nothing was entered"


def test_many_papers_that_wait_are_counted(office: Desk) -> None:
    for number in range(400, 423):
        office.take(superiors(number=f"{number}-CV/TU"))
    todo = for_clerk(office, at(7))["todo"]
    assert len(todo) == 21
    assert todo[-1]["text"] == "Còn 03 văn bản khác chờ ý kiến hoặc chờ xác nhận"


def test_after_days_of_downtime_one_digest_comes_and_in_office_hours(office: Desk) -> None:
    office.take(superiors())
    assert tick(office, at(10, 9, 0)) == [], "a Saturday"
    assert tick(office, at(12, 5, 0)) == []
    assert [one["to"] for one in tick(office, at(12, 9, 0))] == [CLERK, LEADER]
    assert tick(office, at(12, 9, 1)) == []
    assert len(tick(office, at(13))) == 2


def test_a_digest_before_office_hours_comes_at_its_hour(office: Desk) -> None:
    office.site = replace(office.site, digests=(replace(MORNING, at=Schedule(time(6, 45))),))
    office.take(superiors())
    tick(office, at(6, 9, 0))
    assert tick(office, at(7, 6, 44)) == []
    assert len(tick(office, at(7, 6, 46))) == 2


@pytest.mark.parametrize(
    ("changed_at", "comes"),
    [
        pytest.param(at(7, 7, 0), at(7, 8, 0), id="before the old hour: today at the new one"),
        pytest.param(at(7, 7, 40), at(8, 8, 0), id="after today's run: tomorrow"),
    ],
)
def test_a_changed_hour_neither_repeats_nor_loses_a_run(office: Desk, changed_at: datetime, comes: datetime) -> None:
    office.take(superiors())
    made = len(tick(office, changed_at - timedelta(minutes=5)))
    assert made == (2 if changed_at > at(7) else 0)
    office.site = replace(office.site, digests=(replace(MORNING, at=Schedule(time(8, 0))),))
    assert tick(office, changed_at) == []
    assert tick(office, comes - timedelta(minutes=1)) == []
    assert len(tick(office, comes)) == 2


def test_a_run_that_was_missed_before_its_hour_was_changed_is_made_up_once(office: Desk) -> None:
    office.take(superiors())
    office.site = replace(office.site, digests=(replace(MORNING, at=Schedule(time(10, 0))),))
    assert len(tick(office, at(7, 9, 0))) == 2
    assert tick(office, at(7, 10, 0)) == []
    assert len(tick(office, at(8, 10, 0))) == 2


def test_the_week_tells_who_is_late_by_unit_and_group_and_what_comes(office: Desk) -> None:
    released(office)
    first(office)
    office.answer(CELLS["hop-tac-xa"], "Gửi báo cáo", to=CELLS["hop-tac-xa"], files={"bao-cao.txt": "Báo cáo"})
    office.site = replace(office.site, digests=(FRIDAY,))
    assert tick(office, at(9, 15, 0)), "the meeting of the next week"
    (told,) = tick(office, at(16, 15, 0))
    assert (told["to"], told["template"]) == (LEADER, "digest_weekly")
    late = "01 việc: 152-CV/ĐU (hạn 15/10)"
    assert told["units"] == [{"name": "Chi bộ Công ty Dệt may Hưng Hải", "note": late}]
    notes = [group["note"] for group in told["groups"]]
    assert any(note.startswith("01/") and note.endswith("hạn trong tuần: xong 01/02 (50%)") for note in notes), notes
    assert told["meetings"] == []
    text = Letters(office.site.templates).render("digest_weekly", told, token="k7m2p9", reply_to=CLERK).text
    assert late in text


def test_the_next_week_s_meetings_stand_with_hour_and_place(office: Desk) -> None:
    first(office)
    (told,) = tick(office, at(9, 15, 0))
    (line,) = told["meetings"]
    assert line.startswith("thứ Năm, ngày 15/10/2026, 14 giờ 00: ")
    assert "Hội trường tầng 2" in line
