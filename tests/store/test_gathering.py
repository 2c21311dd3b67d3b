"""TỔNG HỢP: the reports of all units as one ZIP with a table, asked for by mail or come at the deadline, once."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import Planned, SendingMailbox, compose_mail
from mailbot.routing.gathering import COLUMNS, TABLE, kept_inside, safe_name, split
from mailbot.service.due import plan_due
from mailbot.store.archive import Archive
from mailbot.store.knowing import matter_of
from tests.example_office import CLERK, HANOI, LEADER, MAILBOX, directive, mail
from tests.store.test_orders import CELLS, order, released

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.desk import Desk

CELL, OTHER = CELLS["det-may"], CELLS["hop-tac-xa"]
FIRST = "01-Chi-bo-Cong-ty-Det-may-Hung-Hai"
SECOND = "02-Chi-bo-Hop-tac-xa-An-Hoa"


@pytest.fixture
def archived(desk: Desk, tmp_path: Path) -> Callable[[str], bytes]:
    """Keep each mail that is handed in as the readers do; return what fetches one by its hash."""
    archive = Archive(tmp_path / "archive")
    plan = desk.plan

    def kept(connection: Any, written: Any, row: int, **known: Any) -> Any:
        raw = written if isinstance(written, bytes) else bytes(written)
        decision, filed = plan(connection, written, row, **known)
        return decision, replace(filed, archive_hash=archive.put(raw))

    desk.plan = kept  # type: ignore[method-assign]
    return archive.get


def asked(desk: Desk, words: str = "TỔNG HỢP 152-CV/ĐU") -> dict[str, Any]:
    desk.now += timedelta(minutes=5)
    desk.take(mail(CLERK, "", words, at=desk.now))
    return desk.rows("outbox", purpose="collection")[-1]


def packed(desk: Desk, row: dict[str, Any], fetch: Callable[[str], bytes]) -> zipfile.ZipFile:
    """Compose the mail and open its ZIP."""
    names = ("id", "token", "message_id", "mailbox", "purpose", "template", "recipient", "recipient_name", "values")
    planned = Planned(**{name: row[name] for name in names}, shared_hash=None, boundary=None)
    mailbox = SendingMailbox("vanphong@anhoa.example.vn", "Đảng ủy phường An Hòa", "Asia/Ho_Chi_Minh")
    head = compose_mail(Letters(desk.site.templates), planned, mailbox, desk.now, fetch=fetch).head
    (part,) = message_from_bytes(head.replace(b"\r\n..", b"\r\n."), policy=default).iter_attachments()
    assert part.get_filename() == row["values"]["pack"]["file"]
    return zipfile.ZipFile(io.BytesIO(part.get_content()))


def table(opened: zipfile.ZipFile) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(io.BytesIO(opened.read(TABLE))).worksheets[0].iter_rows(values_only=True))
    head = rows.index(COLUMNS)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[head + 1 :]]


def test_all_reports_come_in_the_order_of_the_units_with_a_table(desk: Desk, archived: Callable[[str], bytes]) -> None:
    released(desk)
    desk.answer(OTHER, "Không phát sinh", to=OTHER)
    desk.answer(CELL, "Gửi báo cáo số 12-BC/CB", to=CELL, files={"Báo cáo quý III.txt": "Kết quả"})
    opened = packed(desk, asked(desk), archived)
    assert opened.namelist() == [TABLE, f"{FIRST}/Báo cáo quý III.txt", f"{SECOND}/noi-dung-thu.txt"]
    assert opened.read(f"{FIRST}/Báo cáo quý III.txt").decode().strip() == "Kết quả"
    assert "Không phát sinh" in opened.read(f"{SECOND}/noi-dung-thu.txt").decode("utf-8-sig")
    first, second = table(opened)
    assert (first["Tình hình"], first["Số báo cáo"], first["Tệp"]) == ("Đúng hạn", "12-BC/CB", "Báo cáo quý III.txt")
    assert (second["Tình hình"], second["Nội dung thư"]) == ("Đúng hạn, không phát sinh", "Không phát sinh")


def test_the_same_state_gives_the_same_bytes(desk: Desk, archived: Callable[[str], bytes]) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files={"a.txt": "Kết quả"})

    def digest() -> str:
        opened = packed(desk, asked(desk), archived)
        assert opened.fp is not None
        opened.fp.seek(0)
        return hashlib.sha256(opened.fp.read()).hexdigest()

    first = digest()
    desk.now += timedelta(days=1)
    assert digest() == first
    desk.answer(OTHER, "Không phát sinh", to=OTHER)
    assert digest() != first


def test_files_of_one_name_and_both_versions_stand_apart(desk: Desk, archived: Callable[[str], bytes]) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files={"bc.txt": "một"})
    desk.answer(CELL, "Gửi báo cáo bổ sung", to=CELL, files={"bc.txt": "hai"})
    opened = packed(desk, asked(desk), archived)
    assert opened.namelist()[1:] == [f"{FIRST}/ban-1-bc.txt", f"{FIRST}/ban-2-bc.txt"]


def test_a_file_that_the_archive_has_lost_is_named_and_the_others_come(desk: Desk, tmp_path: Path) -> None:
    released(desk)
    desk.answer(CELL, "Gửi báo cáo", to=CELL, files={"bc.txt": "một"})
    desk.answer(OTHER, "Không phát sinh", to=OTHER)
    opened = packed(desk, asked(desk), Archive(tmp_path).get)
    assert opened.namelist()[1:] == [f"{FIRST}/bc.txt.KHONG-CON-TRONG-KHO-LUU.txt", f"{SECOND}/noi-dung-thu.txt"]


def test_who_is_missing_is_told_in_the_mail_with_what_is_known_of_them(desk: Desk) -> None:
    released(desk)
    order(desk, "GIA HẠN 152-CV/ĐU Hợp tác xã An Hòa đến 23/10/2026")
    row = asked(desk)
    text = Letters(desk.site.templates).render(row["template"], row["values"], token="k7m2p9", reply_to=CLERK).text
    assert "- Đã báo cáo: 0/2" in text
    assert "Chi bộ Hợp tác xã An Hòa: được gia hạn đến thứ Sáu, ngày 23/10/2026" in text
    assert row["recipient"] == CLERK


def tick(desk: Desk, now: datetime) -> list[dict[str, Any]]:
    desk.now = now
    with desk.store.write() as connection:
        plan_due(connection, desk.site, desk.envelope, now)
    return desk.rows("outbox", purpose="collection")


def test_at_the_deadline_it_comes_by_itself_to_the_sender_once(desk: Desk) -> None:
    released(desk)
    assert desk.one("document")["collect_at"] == "2026-10-15"
    assert tick(desk, datetime(2026, 10, 15, 16, 0, tzinfo=HANOI)) == []
    assert tick(desk, datetime(2026, 10, 16, 6, 0, tzinfo=HANOI)) == [], "in office hours only"
    (row,) = tick(desk, datetime(2026, 10, 16, 8, 0, tzinfo=HANOI))
    assert (row["recipient"], row["values"]["at_deadline"]) == (CLERK, True)
    assert len(tick(desk, datetime(2026, 10, 16, 9, 0, tzinfo=HANOI))) == 1
    assert len(tick(desk, datetime(2026, 10, 19, 9, 0, tzinfo=HANOI))) == 1


def test_where_all_that_are_open_got_more_time_it_comes_at_the_later_limit(desk: Desk) -> None:
    released(desk)
    desk.answer(CELL, "Không phát sinh", to=CELL)
    order(desk, "GIA HẠN 152-CV/ĐU Hợp tác xã An Hòa đến 23/10/2026")
    assert tick(desk, datetime(2026, 10, 16, 9, 0, tzinfo=HANOI)) == []
    assert len(tick(desk, datetime(2026, 10, 26, 9, 0, tzinfo=HANOI))) == 1


def test_a_stranger_gets_no_reports(desk: Desk) -> None:
    released(desk)
    desk.take(mail(OTHER, "TỔNG HỢP 152-CV/ĐU", "TỔNG HỢP 152-CV/ĐU"))
    assert desk.rows("outbox", purpose="collection") == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Báo cáo.docx", "Báo cáo.docx"),
        ("Ba\u0301o ca\u0301o.docx", "Báo cáo.docx"),
        ("a/b\\c:d*e?.pdf", "a_b_c_d_e_.pdf"),
        ("CON.txt", "_CON.txt"),
        ("com1", "_com1"),
        ("..\\..\\x.exe", "_.._x.exe"),
        (" . ", "tep"),
        ("a" * 200 + ".docx", "a" * 95 + ".docx"),
        ("\u202egpj.exe", "_gpj.exe"),
    ],
)
def test_names_are_such_as_every_system_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def entry(path: str, size: int) -> dict[str, Any]:
    return {"path": path, "size": size}


def test_what_is_too_much_for_one_mail_goes_in_several_and_what_fits_none_is_named() -> None:
    groups = [[entry("1/a", 9_000_000)], [entry("2/a", 8_000_000), entry("2/b", 1_000)], [entry("3/a", 60_000_000)]]
    groups.append([entry("4/a", 1_000)])
    found, left = split(groups, 20_000_000)
    assert [[one["path"] for one in part] for part in found] == [["1/a"], ["2/a", "2/b", "4/a"]]
    assert [one["path"] for one in left] == ["3/a"]


def test_every_mail_stays_below_the_size_that_its_mailbox_takes(desk: Desk, archived: Callable[[str], bytes]) -> None:
    small = replace(desk.site.mailboxes[MAILBOX], mail_size=600_000)
    desk.site = replace(desk.site, mailboxes={MAILBOX: small})
    released(desk)
    noise = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(3000))
    for cell in (CELL, OTHER):
        desk.answer(cell, "Gửi báo cáo", to=cell, files={"bc.txt": noise})
    desk.now += timedelta(minutes=5)
    desk.take(mail(CLERK, "", "TỔNG HỢP 152-CV/ĐU", at=desk.now))
    rows = desk.rows("outbox", purpose="collection")
    assert [row["values"]["mail_part"] for row in rows] == [1, 2]
    names = [packed(desk, row, archived).namelist() for row in rows]
    assert names == [[TABLE, f"{FIRST}/bc.txt"], [TABLE, f"{SECOND}/bc.txt"]]


def test_a_report_for_the_clerk_alone_goes_to_nobody_else_and_is_not_quoted(
    desk: Desk, archived: Callable[[str], bytes]
) -> None:
    released(desk)
    token = desk.rows("outbox", recipient=CELL, purpose="directive")[-1]["token"]
    subject = f"Báo cáo giải quyết đơn tố cáo ông Lê Văn Kín [#{token}]"
    desk.now += timedelta(minutes=5)
    desk.take(mail(CELL, subject, "Gửi báo cáo về ông Lê Văn Kín", files={"bc.txt": "Kín"}, at=desk.now))
    assert desk.one("delivery", unit="det-may")["satisfied"] is True
    told = "".join(str(row["data"]) for row in desk.rows("event", what="completed"))
    assert "Kín" not in told
    desk.now += timedelta(minutes=5)
    desk.take(mail(LEADER, "", "TỔNG HỢP 152-CV/ĐU", at=desk.now))
    row = desk.rows("outbox", purpose="collection")[-1]
    opened = packed(desk, row, archived)
    assert (row["recipient"], opened.namelist()) == (LEADER, [TABLE])
    assert table(opened)[0]["Ghi chú"] == "báo cáo thuộc diện hạn chế, văn thư giữ"
    assert packed(desk, asked(desk), archived).namelist() == [TABLE, f"{FIRST}/bc.txt"]


def test_what_is_reported_on_a_paper_for_internal_use_goes_to_no_public_mailbox(desk: Desk) -> None:
    inside = directive(addressees="Các chi bộ doanh nghiệp.").replace(
        "Số 152-CV/ĐU\n", "Số 152-CV/ĐU\nLưu hành nội bộ\n"
    )
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", inside))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    public = "dominhphuc@gmail.com"
    with desk.store.read() as connection:
        matter = matter_of(connection, 1)
    assert matter is not None
    assert kept_inside(matter, public, desk.site)
    assert not kept_inside(matter, CLERK, desk.site)
