"""Spreadsheet files as programs and people make them."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from mailbot.problems import MailbotError
from mailbot.reporting.sheets import read_sheets, write_sheet
from mailbot.routing.directory_columns import HEADINGS, Uncomputed

if TYPE_CHECKING:
    from collections.abc import Callable

TITLES = tuple(names[0] for names in HEADINGS.values())
HOSTILE = ("=1+1", "+84900000001", "-5", "@SUM(A1)", "http://example.org", "0900", "a, b; c", 'nói "x"', "", "", "", "")


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_texts_come_back_as_they_were_and_are_never_formulas(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"d.{suffix}"
    write_sheet(path, [(*HOSTILE, date(2025, 6, 30), "")])
    (found,) = read_sheets(path)
    day: Any = datetime(2025, 6, 30) if suffix == "xlsx" else "30/06/2025"  # noqa: DTZ001 - as Excel has it
    assert tuple(value or "" for value in found.rows[0].values) == TITLES
    assert tuple(value or "" for value in found.rows[1].values)[: len(HOSTILE) + 1] == (*HOSTILE, day)


def test_a_csv_guards_what_a_spreadsheet_would_take_for_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_sheet(path, [("k", "=HYPERLINK(1)", *[""] * 12)])
    assert "k,'=HYPERLINK(1)," in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_country_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "cells.csv"
    path.write_bytes(f"Mã{delimiter}Tên\r\n\r\nx{delimiter}Chi bộ Đông\r\n".encode(encoding))
    (found,) = read_sheets(path)
    assert (found.name, [(row.number, row.values) for row in found.rows]) == (
        "cells",
        [(1, ("Mã", "Tên")), (3, ("x", "Chi bộ Đông"))],
    )


def made(path: Path, change: Callable[[Any], None]) -> tuple[Any, ...]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    change(sheet)
    book.save(path)
    return read_sheets(path)[0].rows


def test_cells_merged_downwards_give_every_row_their_value(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        for row in (("Tên", "Nhóm"), ("A", "tdp"), ("B", None), ("C", "x")):
            sheet.append(row)
        sheet.merge_cells("B2:B3")

    rows = made(tmp_path / "d.xlsx", change)
    assert [row.values for row in rows] == [("Tên", "Nhóm"), ("A", "tdp"), ("B", "tdp"), ("C", "x")]
    assert [row.continued for row in rows] == [frozenset(), frozenset(), {1}, frozenset()]


def test_a_formula_nobody_worked_out_is_not_taken_for_an_empty_cell(tmp_path: Path) -> None:
    rows = made(tmp_path / "d.xlsx", lambda sheet: sheet.append(("Tên", "=A1")))
    assert rows[0].values == ("Tên", Uncomputed("=A1"))


def test_a_formula_is_read_by_its_value(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "d.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Danh bạ")
        sheet.write_row(0, 0, ["Tên", "Mã"])
        sheet.write_formula(1, 0, '="Chi bộ "&1', None, "Chi bộ 1")
    (found,) = read_sheets(path)
    assert found.rows[1].values[0] == "Chi bộ 1"


def test_a_sheet_formatted_to_its_end_costs_nothing(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.append(("Tên", "Mã"))
        sheet.cell(row=1_048_576, column=1).number_format = "@"

    assert len(made(tmp_path / "d.xlsx", change)) == 1


def broken(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x")


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("d.xlsx", lambda path: path.write_bytes(b"no zip"), "broken"),
        ("d.xlsx", broken, "broken"),
        ("d.xls", lambda path: path.write_bytes(b"x"), "neither"),
        ("d.csv", lambda path: path.write_bytes(b"T\xean"), "UTF-8"),
        ("d.csv", Path.exists, "No such file"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, write: Callable[[Path], object], words: str) -> None:
    write(tmp_path / name)
    with pytest.raises(MailbotError) as raised:
        read_sheets(tmp_path / name)
    assert words in raised.value.text.en
