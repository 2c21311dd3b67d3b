"""A table of frozen values as the XLSX file that goes with a mail of ours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a unit writes may begin with "=": it is shown, never calculated, and no link is made of it.
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDEST_COLUMN = 60


def write_workbook(table: Mapping[str, Any], written_at: datetime) -> bytes:
    """Return the XLSX of a table: `title`, `lines` above it, `columns`, `rows` of texts and numbers.

    The same table and moment give the same bytes, since the bytes of a mail are fixed once.
    """
    import xlsxwriter  # imported late: heavy, and few mails bring a table

    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, AS_TEXT)
    workbook.set_properties({"title": table["title"], "created": written_at.replace(tzinfo=None, microsecond=0)})
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
    workbook.close()
    return made.getvalue()
