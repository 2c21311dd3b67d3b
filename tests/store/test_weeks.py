"""A week's invitations into the lịch công tác, on both databases: whoever goes, what moves, what a schedule brings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from mailbot.cli.main import app
from mailbot.rendering.letters import Letters
from tests.example_office import CLERK, HANOI, LEADER, mail, write_example
from tests.store.test_calendars import SUPERIOR as GIVEN_TO_US
from tests.store.test_digests import FRIDAY, tick
from tests.store.test_meetings import FIRST, MOVED, THCS, invite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.desk import Desk

CITY = "vptu@hunghai.example.vn"
NAM = "hoangvannam@anhoa.example.vn"
SCHEDULE = """\
Kính gửi: Đảng ủy các phường.

LỊCH CÔNG TÁC TUẦN
của Thường trực Thành ủy, từ ngày 12/10/2026 đến ngày 18/10/2026

Thứ Hai, 12/10: 08 giờ 00, họp giao ban Thường trực, Phòng họp số 1.
Thứ Ba, 13/10: 14 giờ 00, làm việc với Đảng ủy phường An Hòa về chuyển đổi số, tại trụ sở Đảng ủy phường.

Trân trọng./.
"""


def calendar_of_the_week(tmp_path: Path, database: str, *options: str) -> list[Any]:
    """Run `mailbot calendar` on the ledger; return its rows."""
    site = tmp_path / "office"
    main = site / "mailbot.yaml"
    if not main.exists():
        write_example(site)
    main.write_text(main.read_text("utf-8").replace("sqlite:///var/mailbot.db ", f"{database} "), "utf-8")
    done = CliRunner().invoke(app, ["calendar", "--week", "2026-W42", "--json", "-C", str(site), *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_week_s_invitations_come_into_the_schedule_as_they_stand_at_last(
    desk: Desk, database: str, tmp_path: Path
) -> None:
    desk.site = replace(desk.site, digests=(FRIDAY,))
    tick(desk, desk.now)
    # A superior's invitation: the leader names who goes, from a phone, and nobody below is asked.
    desk.take(mail(CITY, "Giấy mời số 88-GM/TU", GIVEN_TO_US, at=desk.now, submitted=False))
    desk.answer(LEADER, "D/c Nam du hop", to=LEADER, purpose="for_instruction")
    desk.answer(NAM, "Dự họp", to=NAM)
    # A meeting of ours, moved to another day and room before the week begins.
    invite(desk, FIRST.format(number=21), "Giấy mời số 21-GM/ĐU họp sơ kết quý III")
    desk.answer(THCS, "Dự họp", to=THCS)
    invite(desk, MOVED, "Giấy mời số 22-GM/ĐU thay Giấy mời số 21-GM/ĐU")
    # A superior's whole schedule by mail: it is put before the leader, and to nobody else.
    desk.take(mail(CITY, "Lịch công tác tuần từ 12/10 đến 18/10/2026", SCHEDULE, at=desk.now, submitted=False))
    assert desk.rows("outbox", purpose="for_instruction")[-1]["recipient"] == LEADER
    asked = {row["unit"] for row in desk.rows("delivery")}
    assert asked == {"person:uvtv-1", "mam-non", "tieu-hoc", "thcs"}, "the cells hear of our own meeting alone"

    rows = calendar_of_the_week(tmp_path, database)
    told = [(row["Ngày"], row["Giờ"], row["Thành phần, phân công"]) for row in rows]
    assert told == [
        ("thứ Hai, ngày 12/10/2026", "", "chưa phân công"),
        ("thứ Tư, ngày 14/10/2026", "08 giờ 00", "Hoàng Văn Nam"),
        (
            "thứ Sáu, ngày 16/10/2026",
            "08 giờ 00",
            "Chi bộ Trường Mầm non Hoa Sen; Chi bộ Trường Tiểu học An Hòa; Chi bộ Trường THCS An Hòa",
        ),
    ]
    assert not any("15/10/2026" in row["Ngày"] for row in rows), "the day that the meeting was moved from is free"

    (weekly,) = tick(desk, datetime(2026, 10, 9, 15, 0, tzinfo=HANOI))
    assert (weekly["to"], weekly["template"]) == (LEADER, "digest_weekly")
    text = Letters(desk.site.templates).render("digest_weekly", weekly, token="t", reply_to=CLERK).text
    flat = " ".join(text.split())
    assert "Dự kiến lịch công tác tuần tới" in flat
    assert "thứ Tư, ngày 14/10/2026, 08 giờ 00: " in flat
    assert "88-GM/TU); Hội trường Thành ủy; Hoàng Văn Nam" in flat
    assert "thứ Sáu, ngày 16/10/2026, 08 giờ 00: " in flat
    assert "15/10/2026" not in flat


MOVED_BY_CITY = (
    GIVEN_TO_US.replace("88-GM/TU", "89-GM/TU")
    .replace("GIẤY MỜI\n", "GIẤY MỜI\n(thay Giấy mời số 88-GM/TU)\n")
    .replace("08 giờ 00, ngày 14/10/2026 (thứ Tư)", "14 giờ 00, ngày 15/10/2026 (thứ Năm)")
)


def moves_it(desk: Desk) -> None:
    subject = "Giấy mời số 89-GM/TU thay Giấy mời số 88-GM/TU"
    desk.take(mail(CITY, subject, MOVED_BY_CITY, at=desk.now, submitted=False))


def test_a_meeting_that_moves_before_the_leader_has_said_a_word_is_in_the_week_once(
    desk: Desk, database: str, tmp_path: Path
) -> None:
    desk.take(mail(CITY, "Giấy mời số 88-GM/TU", GIVEN_TO_US, at=desk.now, submitted=False))
    moves_it(desk)
    assert [row["Ngày"] for row in calendar_of_the_week(tmp_path, database)] == ["thứ Năm, ngày 15/10/2026"]


def test_a_superior_that_moves_its_meeting_is_in_the_week_once(desk: Desk, database: str, tmp_path: Path) -> None:
    desk.take(mail(CITY, "Giấy mời số 88-GM/TU", GIVEN_TO_US, at=desk.now, submitted=False))
    desk.answer(LEADER, "D/c Nam du hop", to=LEADER, purpose="for_instruction")
    moves_it(desk)
    rows = calendar_of_the_week(tmp_path, database)
    assert [(row["Ngày"], row["Giờ"]) for row in rows] == [("thứ Năm, ngày 15/10/2026", "14 giờ 00")]
    asked = desk.rows("outbox", purpose="for_instruction")[-1]["values"]
    assert asked["said_before"] == "Giấy mời số 88-GM/TU, ngày 06/10/2026: đ/c Hoàng Văn Nam dự họp"
    assert desk.one("delivery")["satisfied"], "nobody is reminded of the hour that is past"
    assert [row["state"] for row in desk.rows("document")] == ["superseded", "awaiting_instruction"]
    desk.answer(LEADER, "D/c Nam du hop", to=LEADER, purpose="for_instruction")
    rows = calendar_of_the_week(tmp_path, database)
    assert [row["Thành phần, phân công"] for row in rows] == ["Hoàng Văn Nam"]


def test_another_superior_s_paper_moves_nobody_else_s_meeting(desk: Desk, database: str, tmp_path: Path) -> None:
    desk.take(mail(CITY, "Giấy mời số 88-GM/TU", GIVEN_TO_US, at=desk.now, submitted=False))
    foreign = GIVEN_TO_US.replace("THÀNH ỦY HƯNG HẢI", "BAN TỔ CHỨC").replace("Số 88-GM/TU", "Số 12-GM/BTCTU")
    foreign = foreign.replace("GIẤY MỜI\n", "GIẤY MỜI\n(thay Giấy mời số 88-GM/TU)\n")
    desk.take(mail("btctu@hunghai.example.vn", "Giấy mời số 12-GM/BTCTU", foreign, at=desk.now, submitted=False))
    assert [row["state"] for row in desk.rows("document")] == ["awaiting_instruction"] * 2
    assert len(calendar_of_the_week(tmp_path, database)) == 2
