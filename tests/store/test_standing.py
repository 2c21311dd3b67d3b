"""Where a document stands: the same rows in the mail of TÌNH HÌNH, in its workbook and in `mailbot status`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.problems import Text
from mailbot.rendering.letters import Letters
from mailbot.routing.standing import COLUMNS, cells, plain_values, standings
from mailbot.service.due import plan_due
from mailbot.store.knowing import matter_of
from tests.example_office import CLERK, HANOI, directive, mail
from tests.store.test_attendance import wire
from tests.store.test_orders import CELLS, order, released

if TYPE_CHECKING:
    from mailbot.routing.standing import Standing
    from tests.store.desk import Desk


def rows(desk: Desk) -> dict[str, Standing]:
    with desk.store.read() as connection:
        matter = matter_of(connection, 1)
    assert matter is not None
    return {row.unit: row for row in standings(matter, desk.site)}


def shown(row: Standing) -> dict[str, str]:
    names = [column.en for column in COLUMNS]
    found = [cell.vi if isinstance(cell, Text) else cell for cell in cells(row, HANOI)]
    return dict(zip(names, found, strict=True))


def ask(desk: Desk) -> dict[str, Any]:
    """Ask for the state; return the mail that answers."""
    desk.now += timedelta(minutes=5)
    desk.take(mail(CLERK, "", "TÌNH HÌNH 152-CV/ĐU", at=desk.now))
    return desk.rows("outbox", purpose="status_table")[-1]


def test_a_row_follows_its_unit_from_sending_to_the_report(desk: Desk) -> None:
    released(desk)
    row = shown(rows(desk)["det-may"])
    assert (row["Sent"], row["Reached"], row["Acknowledged"], row["Report"]) == ("", "", "", "")
    assert row["Next step"] == "nhắc 08/10 08:00"
    desk.compose()
    desk.finish(desk.claim(), "sent", 250)
    desk.answer(CELLS["det-may"], "Đã nhận", to=CELLS["det-may"])
    row = shown(rows(desk)["det-may"])
    assert (row["Sent"], row["Acknowledged"], row["Report"]) == ("06/10 08:20", "06/10 08:25", "")
    assert row["Reached"] == "06/10 08:25", "who answers has got it"
    assert (row["Deadline"], row["Next step"]) == ("15/10/2026", "nhắc 13/10 08:00")
    desk.answer(CELLS["det-may"], "Gửi báo cáo", to=CELLS["det-may"], files={"bao-cao.txt": "Báo cáo"})
    row = shown(rows(desk)["det-may"])
    assert (row["Report"], row["Next step"]) == ("06/10 08:30", "xong")


def test_reminders_and_what_the_office_owes_are_shown(desk: Desk) -> None:
    released(desk)
    desk.now = datetime(2026, 10, 8, 8, 0, tzinfo=HANOI)
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, desk.now)
    desk.answer(CELLS["hop-tac-xa"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["hop-tac-xa"])
    found = rows(desk)
    assert shown(found["det-may"])["Reminded"] == "08/10"
    assert shown(found["hop-tac-xa"])["Next step"] == "cho ý kiến gia hạn"
    values = ask(desk)["values"]
    sections = {section["title"]: section["lines"][0] for section in values["sections"]}
    assert sections["Chưa báo cáo"]["note"] == "chưa xác nhận nhận; nhắc 08/10"
    assert sections["Xin gia hạn"]["note"].startswith("xin đến 23/10/2026, chưa có ý kiến")


def test_the_orders_that_the_mail_offers_work_as_they_are_written(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["hop-tac-xa"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["hop-tac-xa"])
    offered = [one["words"] for one in ask(desk)["values"]["orders"]]
    assert offered == [
        "NHẮC 152-CV/ĐU",
        "GIA HẠN 152-CV/ĐU Chi bộ Hợp tác xã An Hòa đến 23/10/2026",
        "KẾT THÚC 152-CV/ĐU",
    ]
    assert all(line["done"] for words in offered for line in order(desk, words))
    assert ask(desk)["values"]["orders"] == [], "nothing is open: nothing is offered"


def test_a_unit_on_paper_is_shown_as_such_and_noted_by_telephone(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Các chi bộ trực thuộc.")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    paper = next(row for row in rows(desk).values() if row.channel == "paper")
    assert shown(paper)["Sent"] == "bản giấy"
    values = ask(desk)["values"]
    (words,) = [one["words"] for one in values["orders"] if one["words"].startswith("GHI NHẬN")]
    (line,) = order(desk, words)
    assert line["done"], line
    assert values["total"] == len(rows(desk))


def test_mail_workbook_and_json_tell_the_same(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Đã nhận", to=CELLS["det-may"])
    told = ask(desk)
    (head, *_), table = told["values"]["workbook"]["columns"], told["values"]["workbook"]["rows"]
    assert head == "Đơn vị"
    assert [row[:-1] for row in table] == [list(shown(row).values()) for row in rows(desk).values()]
    assert b'filename="tinh-hinh-152-CV-DU.xlsx"' in wire(desk, told)
    said = json.loads(json.dumps([plain_values(row) for row in rows(desk).values()]))
    assert said[0]["acknowledged_at"].startswith("2026-10-06T01:")
    text = Letters(desk.site.templates).render("status_table", told["values"], token="k7m2p9", reply_to=CLERK).text
    assert "Đã xác nhận nhận: 1/2" in text
