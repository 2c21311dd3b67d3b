"""Tables of frozen values as the XLSX file that goes with a mail of ours, or that an office keeps as its book.

A table is a mapping of plain values (it is kept as JSON with its mail): `title`, `lines` above the table, `columns`,
`rows` of texts and numbers; a book has besides `cover` (lines of its first page), `widths` (of its columns, relative),
`sheet` (its name in the file), `notes` (lines below the table) and `office`.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a unit writes may begin with "=": it is shown, never calculated, and no link is made of it.
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDEST_COLUMN = 60
# Of a landscape A4 page: what the relative widths of a book's columns add up to.
PAGE_WIDTH = 130
PAPER_A4 = 9
FONT = "Times New Roman"
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
LONGEST_SHEET_NAME = 31


def write_workbook(table: Mapping[str, Any], written_at: datetime) -> bytes:
    """Return the XLSX of one table; see `write_workbooks`."""
    return write_workbooks([table], written_at)


def write_workbooks(tables: Sequence[Mapping[str, Any]], written_at: datetime) -> bytes:
    """Return one XLSX with a sheet for each table, and one before it for the cover of each book.

    The same tables and moment give the same bytes, since the bytes of a mail are fixed once.
    """
    import xlsxwriter  # imported late: heavy, and few mails bring a table

    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, AS_TEXT)
    title = tables[0]["title"] if tables else ""
    workbook.set_properties({"title": title, "created": written_at.replace(tzinfo=None, microsecond=0)})
    names: set[str] = set()
    for table in tables:
        if "widths" in table:
            _book(workbook, table, names)
        else:
            _listing(workbook, table)
    workbook.close()
    return made.getvalue()


def _listing(workbook: Any, table: Mapping[str, Any]) -> None:
    """A table to be sorted and filtered on a screen."""
    sheet = workbook.add_worksheet()
    strong = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    at = 0
    for at, line in enumerate((table["title"], *table["lines"])):
        sheet.write(at, 0, line, workbook.add_format({"bold": at == 0}))
    head = at + 2
    for column, name in enumerate(table["columns"]):
        sheet.write(head, column, name, strong)
        texts = (name, *(str(row[column]) for row in table["rows"]))
        sheet.set_column(column, column, min(max(map(len, texts)) + 2, WIDEST_COLUMN))
    for below, row in enumerate(table["rows"], start=head + 1):
        for column, value in enumerate(row):
            sheet.write(below, column, value, plain)
    sheet.autofilter(head, 0, head + len(table["rows"]), len(table["columns"]) - 1)
    sheet.freeze_panes(head + 1, 0)


# --- books ----------------------------------------------------------------------------------------------------------


def _book(workbook: Any, table: Mapping[str, Any], names: set[str]) -> None:
    """A table to be printed and bound: landscape A4, its head on each page, page numbers, a cover before it."""
    name = str(table.get("sheet") or "Sổ")
    if table.get("cover"):
        _cover(workbook, table, _sheet_name(f"Bìa {name}", names))
    sheet = workbook.add_worksheet(_sheet_name(name, names))
    font = {"font_name": FONT, "font_size": 11}
    boxed = font | {"text_wrap": True, "border": 1}
    head_format = workbook.add_format(boxed | {"bold": True, "align": "center", "valign": "vcenter"})
    number_format = workbook.add_format(boxed | {"italic": True, "align": "center", "font_size": 9})
    plain = workbook.add_format(boxed | {"valign": "top"})
    centred = workbook.add_format(boxed | {"valign": "top", "align": "center"})
    last = len(table["columns"]) - 1
    at = 0
    for at, line in enumerate((table["title"], *table["lines"])):
        look = font | {"align": "center", "bold": at == 0, "font_size": 14 if at == 0 else 11}
        sheet.merge_range(at, 0, at, last, line, workbook.add_format(look))
    head = at + 2
    total = sum(table["widths"])
    for column, (heading, width) in enumerate(zip(table["columns"], table["widths"], strict=True)):
        sheet.set_column(column, column, round(width * PAGE_WIDTH / total, 1))
        sheet.write(head, column, heading, head_format)
        sheet.write(head + 1, column, f"({column + 1})", number_format)
    body = head + 2
    for below, row in enumerate(table["rows"], start=body):
        for column, value in enumerate(row):
            sheet.write(below, column, value, centred if column in table.get("centred", ()) else plain)
    small = workbook.add_format(font | {"italic": True, "text_wrap": True})
    for below, note in enumerate(table.get("notes", ()), start=body + len(table["rows"]) + 1):
        sheet.merge_range(below, 0, below, last, note, small)
    _for_printing(sheet, table, head)


def _for_printing(sheet: Any, table: Mapping[str, Any], head: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.set_margins(left=0.6, right=0.4, top=0.5, bottom=0.6)  # the left side is bound
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head, head + 1)
    sheet.freeze_panes(head + 2, 0)
    office = str(table.get("office", "")).replace("&", "&&")
    sheet.set_footer(f"&L&9{office}&C&9{str(table['title']).replace('&', '&&')}&R&9Trang &P/&N")


def _cover(workbook: Any, table: Mapping[str, Any], name: str) -> None:
    sheet = workbook.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.center_horizontally()
    sheet.center_vertically()
    sheet.fit_to_pages(1, 1)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, PAGE_WIDTH)
    for at, (line, size, bold) in enumerate(cover_lines(table)):
        look = {"font_name": FONT, "font_size": size, "bold": bold, "align": "center", "valign": "vcenter"}
        sheet.set_row(at, size * 2.2)
        sheet.write(at, 0, line, workbook.add_format(look | {"text_wrap": True}))


def cover_lines(table: Mapping[str, Any]) -> list[tuple[str, int, bool]]:
    """Return the lines of a book's cover: office, title, the rest; each with its size in points, and whether bold."""
    office, title, *rest = table["cover"]
    return [
        (office, 16, True),
        ("", 16, False),
        ("", 16, False),
        (title, 26, True),
        *((line, 15, False) for line in rest),
    ]


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """Return a name that a sheet may bear and no other bears (Excel compares them without regard to case)."""
    plain = NOT_IN_SHEET_NAMES.sub("-", wanted)[:LONGEST_SHEET_NAME].strip("' ") or "Sổ"
    name, count = plain, 1
    while name.casefold() in taken:
        count += 1
        name = f"{plain[: LONGEST_SHEET_NAME - 4]} ({count})"
    taken.add(name.casefold())
    return name
