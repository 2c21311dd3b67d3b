"""An inspection: one file answers who got what, where, when, by what evidence; the chain shows what was changed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa

from mailbot.problems import Text
from mailbot.rendering.letters import Letters
from mailbot.rendering.workbooks import write_workbooks
from mailbot.reporting.inspections import MANIFEST, write_file
from mailbot.routing.inspecting import tables
from mailbot.store.errors import StoreError
from mailbot.store.inspecting import head_of, inspect, verify
from mailbot.store.tables import TABLES
from tests.example_office import CLERK, LEADER, mail
from tests.store.test_orders import CELLS, order, released
from tests.store.test_searching import by_rule, paper

if TYPE_CHECKING:
    from pathlib import Path

    from mailbot.routing.inspecting import Inspection, Original
    from tests.store.desk import Desk

EVENT = TABLES["event"]
DET_MAY, HTX = CELLS["det-may"], CELLS["hop-tac-xa"]
RECEIPT = """\
Reporting-UA: dienthoai.example.org; Mail
Final-Recipient: rfc822; {address}
Original-Message-ID: {message_id}
Disposition: manual-action/MDN-sent-manually; displayed
"""


def receipt(sender: str, message_id: str) -> bytes:
    """Return a read receipt for a mail of ours (RFC 8098)."""
    text = (
        f"From: {sender}\nTo: vanphong@anhoa.example.vn\nSubject: Da xem\nMessage-ID: <r1@dienthoai.example.org>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nDa xem.\n--b\nContent-Type: message/disposition-notification\n\n"
        f"{RECEIPT.format(address=sender, message_id=message_id)}\n--b--\n"
    )
    return text.encode()


@pytest.fixture
def followed(desk: Desk) -> Desk:
    """A desk whose paper was sent, read, acknowledged and reported by one unit, noted by the clerk for the other."""
    released(desk)
    desk.compose()
    desk.finish(desk.claim(), "sent", 250, "2.0.0 Ok: queued as 4Y1")
    (copy,) = desk.rows("outbox", recipient=DET_MAY)
    desk.take(receipt(DET_MAY, copy["message_id"]), now=desk.now + timedelta(minutes=1))
    desk.answer(DET_MAY, "Đã nhận", to=DET_MAY)
    desk.answer(DET_MAY, "Gửi báo cáo", to=DET_MAY, files={"bc.txt": "BÁO CÁO"})
    order(desk, "GHI NHẬN 152-CV/ĐU Hợp tác xã An Hòa đã nhận qua điện thoại")
    return desk


def inspected(desk: Desk) -> Inspection:
    with desk.store.read() as connection:
        found = inspect(connection, 1)
        assert found is not None
        return replace(found, chain=verify(connection))


def sheets(raw: bytes) -> dict[str, list[list[Any]]]:
    """Return the cells of a workbook by sheet, without empty rows."""
    book = openpyxl.load_workbook(io.BytesIO(raw))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True) if any(row)] for sheet in book}


def test_one_file_answers_who_got_it_when_and_by_what_evidence(followed: Desk) -> None:
    found = inspected(followed)
    seen = sheets(write_workbooks(tables(found, followed.site, followed.now), followed.now))
    assert list(seen) == ["Ai nhận", "Căn cứ", "Diễn biến", "Lần gửi", "Thư gốc", "Chuỗi băm"]
    units = {row[1]: row for row in seen["Ai nhận"]}
    det_may, htx = units["Chi bộ Công ty Dệt may Hưng Hải"], units["Chi bộ Hợp tác xã An Hòa"]
    assert det_may[2] == DET_MAY
    assert det_may[3] == "06/10/2026 08:20:00\nmáy chủ nhận: 250 2.0.0 Ok: queued as 4Y1"
    assert det_may[5] == "06/10/2026 08:21:00\nbiên nhận đã xem (MDN), thư m3"
    confirmed = "xác nhận\nthư m4 của detmay@example.org: “Đã nhận”; nhận ra qua mã trong thư"
    assert det_may[6] == f"06/10/2026 08:26:00 {confirmed}"
    assert "thư m5 của detmay@example.org: “Gửi báo cáo”" in det_may[7]
    assert f"lời của {CLERK}: “Hợp tác xã An Hòa đã nhận qua điện thoại”, thư m6" in htx[6]
    grounds = {row[0]: row for row in seen["Căn cứ"]}
    assert grounds["Quy tắc"][1] == "de-nghi-bao-cao, tại rules/20-phat-hanh.yaml:32:5"
    assert grounds["Quy tắc"][4].startswith("phiên bản ")
    assert (grounds["Ý kiến"][1], grounds["Ý kiến"][3]) == ("“Đồng ý”", CLERK)
    attempt = next(row for row in seen["Lần gửi"] if row[2] == DET_MAY)
    assert (attempt[3], attempt[6], attempt[7]) == (1, "250", "2.0.0 Ok: queued as 4Y1")
    originals = [row[0] for row in seen["Thư gốc"] if str(row[0]).startswith("thu-")]
    assert originals[:2] == ["thu-den/m1.eml", "thu-den/m2.eml"]
    assert ["Mã băm cuối nhật ký", followed.rows("event")[-1]["hash"]] in [row[:2] for row in seen["Chuỗi băm"]]


def test_the_zip_has_the_mails_with_a_manifest_that_holds(followed: Desk, tmp_path: Path) -> None:
    found = inspected(followed)

    def fetch(original: Original) -> bytes | None:
        if original.outbox is None:
            raise StoreError(Text("mất", "lost"))
        with followed.store.read() as connection:
            return head_of(connection, original.outbox)

    missing = write_file(tmp_path / "kiem-tra.zip", found, followed.site, followed.now, fetch)
    packed = zipfile.ZipFile(tmp_path / "kiem-tra.zip")
    lines = dict(reversed(line.split("  ")) for line in packed.read(MANIFEST).decode().splitlines())
    assert set(missing) == {name for name in lines if name.startswith("thu-den/")}, "the desk keeps no archive"
    assert set(packed.namelist()) == set(lines) - set(missing) | {MANIFEST}
    for name in ("lich-su-152-cv-du.xlsx", "lich-su-152-cv-du.pdf"):
        assert hashlib.sha256(packed.read(name)).hexdigest() == lines[name]
    pages = pypdfium2.PdfDocument(packed.read("lich-su-152-cv-du.pdf"))
    assert "AI NHẬN VĂN BẢN" in pages[0].get_textpage().get_text_bounded()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (sa.update(EVENT).where(EVENT.c.id == 5).values(reason="250 khác"), (5,)),
        (sa.update(EVENT).where(EVENT.c.id == 5).values(address="la@example.com"), (5,)),
        (sa.delete(EVENT).where(EVENT.c.id == 5), (6,)),
    ],
    ids=["other words", "another address", "taken out"],
)
def test_a_log_that_was_altered_says_where_it_breaks(followed: Desk, change: sa.Executable, found: tuple[int]) -> None:
    with followed.store.read() as connection:
        whole = verify(connection)
    assert (whole.broken, whole.events) == ((), len(followed.rows("event")))
    with followed.store.write() as connection:
        connection.execute(change)
    with followed.store.read() as connection:
        assert verify(connection).broken == found
    changed = [one.id for one in inspected(followed).events if not one.whole]
    assert changed == ([5] if found == (5,) else [])


def test_history_is_answered_by_a_mail_with_the_file(followed: Desk) -> None:
    followed.take(mail(LEADER, "", "lich su 152-cv/du", at=followed.now))
    (told,) = followed.rows("outbox", purpose="history")
    values = told["values"]
    assert told["recipient"] == LEADER
    figures = [values[name] for name in ("total", "sent", "reached", "read", "confirmed", "reported")]
    assert figures == [2, 2, 2, 1, 2, 1]
    assert [table["sheet"] for table in values["workbook"]][:2] == ["Ai nhận", "Căn cứ"]
    text = Letters(followed.site.templates).render("history", values, token="k7m2p9", reply_to=CLERK).text
    assert "tất cả khớp mã băm" in text
    assert "lich-su-152-cv-du.xlsx" in text
    assert followed.rows("outbox", purpose="order_answer")[1:] == [], "one question, one mail"


def test_history_comes_as_pdf_when_asked(followed: Desk) -> None:
    followed.take(mail(CLERK, "", "LỊCH SỬ 152-CV/ĐU PDF", at=followed.now))
    (told,) = followed.rows("outbox", purpose="history")
    assert told["values"]["attachments"] == ["lich-su-152-cv-du.pdf"]
    assert told["values"]["printed"][0]["file"] == "lich-su-152-cv-du.pdf"


def test_the_history_of_a_personnel_paper_is_the_clerk_s_alone_and_quotes_nothing(desk: Desk) -> None:
    by_rule(desk)
    paper(desk, "152-CV/ĐU", "kết quả bổ nhiệm cán bộ")
    (line,) = order(desk, "LỊCH SỬ 152-CV/ĐU", LEADER)
    assert (line["done"], "chỉ văn thư" in line["result"]) == (False, True)
    desk.take(mail(CLERK, "", "LỊCH SỬ 152-CV/ĐU", at=desk.now))
    (told,) = desk.rows("outbox", purpose="history")
    assert "bổ nhiệm" not in str(told["values"])


def test_what_proves_nothing_by_itself_is_not_called_arrival(followed: Desk) -> None:
    found = inspected(followed)
    rows = {row[1]: row for row in tables(found, followed.site, followed.now)[0]["rows"]}
    assert rows["Chi bộ Công ty Dệt may Hưng Hải"][4] == "suy từ biên nhận đã xem"
    assert rows["Chi bộ Hợp tác xã An Hòa"][4] == "", "a word by telephone says nothing of the mail"
    assert "Các chi bộ doanh nghiệp" in rows["Chi bộ Hợp tác xã An Hòa"][8]
