"""The office's books, from the mails to the printed page: columns, cover, cancelled numbers, gaps, doubles, periods."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pypdfium2
import pytest

from mailbot.office.periods import year_of
from mailbot.rendering.printing import write_pdf
from mailbot.rendering.workbooks import write_workbooks
from mailbot.reporting import registers as books
from mailbot.reporting.registers import Cover, View
from mailbot.store import registers
from mailbot.store.events import broken_links
from tests.example_office import CLERK, HANOI, LEADER, directive, mail
from tests.store.test_ledger import ours, superiors

if TYPE_CHECKING:
    from tests.store.desk import Desk

YEAR = year_of(2026)
INCOMING, OUTGOING = "van-ban-den", "van-ban-di"


def entries(desk: Desk, book: str, first: date = YEAR.first, last: date = YEAR.last) -> list[registers.Entry]:
    day = "issued_on" if book == OUTGOING else "arrived_on"
    with desk.store.read() as connection:
        return registers.entries(connection, book, day=day, first=first, last=last, zone=HANOI)


def pages(desk: Desk, book: str, view: View = View.ENTRIES, **span: date) -> list[dict[str, Any]]:
    """Return the tables of a book, with the cover of the year."""
    found = entries(desk, book, **span)
    return books.tables(view, desk.site.registers[book], found, desk.site, Cover(YEAR), desk.now)


def rows(desk: Desk, book: str, view: View = View.ENTRIES) -> list[dict[str, str]]:
    return [dict(zip(table["columns"], row, strict=True)) for table in pages(desk, book, view) for row in table["rows"]]


def cancel(desk: Desk, book: str, number: int, reason: str, series: str = "", period: str = "2026") -> int | None:
    with desk.store.write() as connection:
        return registers.cancel(
            connection, book, period, series, number, reason=reason, actor="command line", now=desk.now
        )


def issued(desk: Desk, number: str, addressees: str = "Các chi bộ doanh nghiệp.") -> None:
    """Send one of our papers out, with its sender's ĐỒNG Ý."""
    desk.take(mail(CLERK, f"Công văn {number}", directive(number, addressees), at=desk.now))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")


def test_what_came_in_stands_in_the_columns_of_the_regulation(desk: Desk) -> None:
    desk.take(superiors())
    (row,) = rows(desk, INCOMING)
    assert row == {
        "Ngày đến": "06/10",
        "Số đến": "01",
        "Tác giả": "Thành ủy Hưng Hải",
        "Số, ký hiệu": "318-CV/TU",
        "Ngày tháng văn bản": "05/10",
        "Tên loại và trích yếu nội dung": "Công văn: báo cáo kết quả chuyển đổi số",
        "Đơn vị hoặc người nhận": "đ/c Đỗ Minh Phúc",
        "Ngày chuyển": "06/10",
        "Ký nhận": "",
        "Ghi chú": "chờ ý kiến",
    }


def test_what_went_out_says_to_whom_how_and_who_confirmed(desk: Desk) -> None:
    issued(desk, "152-CV/ĐU", "Các chi bộ tổ dân phố.")
    desk.answer("tdp1@example.org", "Đã nhận", to="tdp1@example.org")
    (row,) = rows(desk, OUTGOING)
    assert (row["Số, ký hiệu"], row["Ngày tháng văn bản"], row["Ngày chuyển"]) == ("152-CV/ĐU", "06/10", "06/10")
    assert row["Nơi nhận"] == "Các chi bộ tổ dân phố (05)"
    assert (row["Số lượng bản"], row["Ký nhận"]) == ("01", "01/05 đã xác nhận")


def test_a_book_by_types_is_a_table_for_each_series_with_the_cover_of_its_term(desk: Desk) -> None:
    issued(desk, "152-CV/ĐU")
    issued(desk, "31-KH/ĐU")
    first, second = pages(desk, OUTGOING)
    assert [table["sheet"] for table in (first, second)] == ["Công văn (CV)", "Kế hoạch (KH)"]
    assert second["cover"] == [
        "ĐẢNG ỦY PHƯỜNG AN HÒA",
        "SỔ ĐĂNG KÝ VĂN BẢN ĐI",
        "Loại văn bản: Kế hoạch (KH)",
        "Nhiệm kỳ 2025-2030",
        "Từ ngày 01/01/2026 đến ngày 31/12/2026",
        "Từ số 31 đến số 31",
        "Quyển số: 01",
    ]


def test_gaps_and_doubles_of_printed_numbers_are_told(desk: Desk) -> None:
    issued(desk, "150-CV/ĐU")
    issued(desk, "152-CV/ĐU")
    issued(desk, "156-CV/ĐU")
    # Another paper with a number that is taken: the same digits, another letter behind them.
    issued(desk, "152a-CV/ĐU")
    (table,) = pages(desk, OUTGOING)
    assert table["notes"] == [
        "Số chưa thấy trong sổ: 151, 153-155",
        "Trùng số: 152a-CV/ĐU (báo cáo kết quả cải cách hành chính)",
    ]
    assert [row[0] for row in table["rows"]] == ["150-CV/ĐU", "152-CV/ĐU", "152a-CV/ĐU", "156-CV/ĐU"]


def test_a_year_end_book_keeps_its_cancelled_numbers_and_gives_them_to_no_other_paper(desk: Desk) -> None:
    desk.now = datetime(2026, 12, 29, 8, 30, tzinfo=HANOI)
    for number in ("318-CV/TU", "319-CV/TU", "320-CV/TU"):
        desk.take(superiors(number), now=desk.now + timedelta(minutes=5))
    document = cancel(desk, INCOMING, 2, "vào sổ nhầm, thuộc Hội đồng nhân dân phường")
    assert document == desk.rows("document")[1]["id"]
    desk.take(superiors("321-CV/TU"), now=desk.now + timedelta(minutes=5))
    found = rows(desk, INCOMING)
    assert [row["Số đến"] for row in found] == ["01", "02", "03", "04"], "no number is given twice"
    assert found[1]["Ghi chú"] == "Hủy (29/12): vào sổ nhầm, thuộc Hội đồng nhân dân phường"
    # The book of the new year begins at 1.
    desk.take(superiors("1-CV/TU"), now=datetime(2027, 1, 4, 8, 0, tzinfo=HANOI))
    assert [row["Số đến"] for row in rows(desk, INCOMING)] == ["01", "02", "03", "04"]
    assert [one.number for one in entries(desk, INCOMING, date(2027, 1, 1), date(2027, 12, 31))] == [1]
    (event,) = desk.rows("event", what="number_cancelled")
    assert (event["document_ref"], event["data"]["number"], event["actor"]) == (document, 2, "command line")
    with desk.store.read() as connection:
        assert list(broken_links(connection)) == []


def test_a_spoilt_number_of_ours_that_no_paper_bears_stands_in_the_book_all_the_same(desk: Desk) -> None:
    issued(desk, "150-CV/ĐU")
    issued(desk, "152-CV/ĐU")
    assert cancel(desk, OUTGOING, 151, "in hỏng", "CV", "term 2025-2030") is None
    (table,) = pages(desk, OUTGOING)
    assert [row[0] for row in table["rows"]] == ["150-CV/ĐU", "151", "152-CV/ĐU"]
    assert table["rows"][1][-1] == "Hủy (06/10): in hỏng"
    assert table["notes"] == [], "it is no gap any more"


@pytest.mark.parametrize(("number", "error"), [(7, registers.NoSuchEntryError), (1, registers.AlreadyCancelledError)])
def test_only_a_number_of_the_book_is_cancelled_and_once(desk: Desk, number: int, error: type[Exception]) -> None:
    desk.take(superiors())
    cancel(desk, INCOMING, 1, "vào sổ nhầm")
    with pytest.raises(error):
        cancel(desk, INCOMING, number, "vào sổ nhầm")


def test_a_book_may_begin_in_mid_year(desk: Desk) -> None:
    register = replace(desk.site.registers[INCOMING], start_number=413)
    desk.site = replace(desk.site, registers={**desk.site.registers, INCOMING: register})
    desk.take(superiors())
    (table,) = pages(desk, INCOMING)
    assert (table["cover"][-2], table["notes"]) == ("Từ số 413 đến số 413", [])


def test_what_comes_after_hours_is_of_the_next_working_day(desk: Desk) -> None:
    desk.take(superiors("318-CV/TU"), now=datetime(2026, 10, 9, 16, 59, tzinfo=HANOI))
    desk.take(superiors("319-CV/TU"), now=datetime(2026, 10, 9, 17, 30, tzinfo=HANOI))
    desk.take(superiors("320-CV/TU"), now=datetime(2026, 10, 10, 9, 0, tzinfo=HANOI))
    assert [row["Ngày đến"] for row in rows(desk, INCOMING)] == ["09/10", "12/10", "12/10"]


def test_a_paper_refused_before_it_went_out_leaves_its_number_free(desk: Desk) -> None:
    desk.take(ours())
    desk.answer(CLERK, "Không gửi", to=CLERK)
    assert entries(desk, OUTGOING) == []


def test_handling_tells_who_has_it_until_when_and_how_far_it_has_come(desk: Desk) -> None:
    desk.take(superiors())
    (waiting,) = rows(desk, INCOMING, View.HANDLING)
    assert (waiting["Thời hạn giải quyết"], waiting["Tiến độ giải quyết"]) == ("19/10", "chờ ý kiến chỉ đạo")
    desk.answer(LEADER, "Đồng ý", to=LEADER)
    desk.answer("tdp1@example.org", "Gửi báo cáo", to="tdp1@example.org", files={"bao-cao.txt": "Báo cáo"})
    (row,) = rows(desk, INCOMING, View.HANDLING)
    done = sum(one["satisfied"] for one in desk.rows("delivery"))
    assert row["Tiến độ giải quyết"] == f"đã báo cáo {done:02d}/{len(desk.rows('delivery')):02d} đơn vị"
    assert row["Tên loại, số và ký hiệu, ngày tháng, tác giả"].startswith("Công văn 318-CV/TU, ngày 05/10, Thành ủy")


def test_the_transfer_book_has_a_line_for_each_unit_and_what_it_signed(desk: Desk) -> None:
    issued(desk, "152-CV/ĐU", "Các chi bộ tổ dân phố.")
    desk.answer("tdp1@example.org", "Đã nhận", to="tdp1@example.org")
    found = {row["Nơi nhận"]: row for row in rows(desk, OUTGOING, View.TRANSFER)}
    assert len(found) == 5
    assert (found["Chi bộ Tổ dân phố 1"]["Ký nhận"], found["Chi bộ Tổ dân phố 1"]["Ghi chú"]) == (
        "đã nhận 06/10",
        "thư điện tử",
    )
    assert (found["Chi bộ Tổ dân phố 5"]["Ký nhận"], found["Chi bộ Tổ dân phố 5"]["Ghi chú"]) == ("", "bản giấy")


# --- the files ------------------------------------------------------------------------------------------------------


def test_the_workbook_has_a_cover_its_head_on_every_page_and_no_formulas(desk: Desk) -> None:
    desk.take(superiors())
    issued(desk, "152-CV/ĐU")
    made = openpyxl.load_workbook(io.BytesIO(write_workbooks(pages(desk, INCOMING), desk.now)))
    assert made.sheetnames == ["Bìa Sổ đến", "Sổ đến"]
    cover = [cell.value for (cell,) in made["Bìa Sổ đến"].iter_rows(max_col=1) if cell.value]
    assert cover[:2] == ["ĐẢNG ỦY PHƯỜNG AN HÒA", "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN"]
    assert cover[-3:] == ["Từ ngày 01/01/2026 đến ngày 31/12/2026", "Từ số 01 đến số 01", "Quyển số: 01"]
    sheet = made["Sổ đến"]
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$4:$5")
    head = [cell.value for cell in sheet[4]]
    assert head == [name for name, _ in books.INCOMING]
    assert [cell.value for cell in sheet[6]][3] == "318-CV/TU"


def test_the_printed_book_repeats_its_head_and_numbers_its_pages(desk: Desk) -> None:
    desk.take(superiors())
    (table,) = pages(desk, INCOMING)
    table["rows"] = [table["rows"][0]] * 60
    document = pypdfium2.PdfDocument(write_pdf([table], desk.now))
    texts = [page.get_textpage().get_text_range() for page in document]
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN" in texts[0]
    assert len(texts) > 3
    assert all("Tác giả" in text and f"Trang {number}" in text for number, text in enumerate(texts[1:], start=1))
    assert sum(text.count("318-CV/TU") for text in texts) == 60, "every line is printed, and once"
    assert all(page.get_width() > page.get_height() for page in document)


def test_the_same_book_gives_the_same_bytes(desk: Desk) -> None:
    desk.take(superiors())
    table = pages(desk, INCOMING)
    assert write_pdf(table, desk.now) == write_pdf(table, desk.now)
    assert write_workbooks(table, desk.now) == write_workbooks(table, desk.now)


def test_a_cell_longer_than_a_page_is_printed_whole_and_unknown_signs_do_no_harm(desk: Desk) -> None:
    desk.take(superiors())
    (table,) = pages(desk, INCOMING)
    long = " ".join(f"chữ{number}" for number in range(2000))
    table["rows"][0][5] = f"{long} 😀 \u200b 漢"
    document = pypdfium2.PdfDocument(write_pdf([table], desk.now))
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    assert "chữ0" in text
    assert "chữ1999" in text
