"""Spreadsheet files of the directory: XLSX and CSV into sheets of values, rows into XLSX and CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

from mailbot.problems import MailbotError, Text
from mailbot.routing.directory_columns import HEADINGS, Uncomputed
from mailbot.routing.directory_sheet import Row, Sheet, heading_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from mailbot.routing.directory_columns import Value

EX_DATAERR = 65
EX_NOINPUT = 66
SHEET_NAME = "Danh bạ"
# Ten thousand units are two megabytes; more than this unpacked is no directory, or was made to fill the memory.
LARGEST_PART, LARGEST_FILE = 300_000_000, 100_000_000
MOST_ROWS, MOST_COLUMNS = 200_000, 200
MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
DELIMITERS = ",;\t"
# A text that begins so is a formula to a spreadsheet that opens CSV; an apostrophe says that it is none.
LIKE_FORMULA = ("=", "+", "-", "@")
WIDTHS = {"Tên": 36, "Tên gọi khác": 28, "Thư điện tử": 36, "Bí thư": 24, "Thư bí thư": 28}


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an XLSX or CSV file, or say why it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _unreadable(path, Text("tệp quá lớn", "the file is too big"))
        if path.suffix.casefold() == ".csv":
            return (_csv(path),)
        if path.suffix.casefold() in (".xlsx", ".xlsm"):
            return tuple(_workbook(path))
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise _unreadable(path, Text(said, said), EX_NOINPUT) from error
    mend = Text("lưu lại thành .xlsx hoặc .csv", "save it as .xlsx or .csv")
    raise _unreadable(path, Text("không phải .xlsx hay .csv", "it is neither .xlsx nor .csv"), mend=mend)


def _unreadable(path: Path, why: Text, code: int = EX_DATAERR, mend: Text | None = None) -> MailbotError:
    text = Text(f"không đọc được {path.name}: {why.vi}", f"cannot read {path.name}: {why.en}")
    return MailbotError(text, mend=mend, exit_code=code)


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv(path: Path) -> Sheet:
    raw = path.read_bytes()
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        mend = Text("lưu lại dưới dạng CSV UTF-8", "save it as CSV UTF-8")
        raise _unreadable(path, Text("tệp không phải UTF-8", "it is not UTF-8"), mend=mend) from error
    try:
        sheets = [Sheet(path.stem, tuple(_records(text, delimiter))) for delimiter in DELIMITERS]
    except csv.Error as error:
        raise _unreadable(path, Text(str(error), str(error))) from error
    return max(sheets, key=_recognised)


def _recognised(sheet: Sheet) -> int:
    """Return how many columns of the headings there are: the right delimiter shows most."""
    head = heading_row(sheet)
    return len(head.values) if head else 0


def _records(text: str, delimiter: str) -> Iterator[Row]:
    for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
        if any(record):
            yield Row(number, tuple(map(_unguarded, record[:MOST_COLUMNS])))


def _unguarded(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:2] in LIKE_FORMULA else value


# --- XLSX -----------------------------------------------------------------------------------------------------------


def _workbook(path: Path) -> Iterator[Sheet]:
    import openpyxl  # half a second to import, and only spreadsheets need it

    try:
        with zipfile.ZipFile(path) as archive:
            if any(part.file_size > LARGEST_PART for part in archive.infolist()):
                raise _unreadable(path, Text("tệp quá lớn khi giải nén", "it is too big when unpacked"))
            values = openpyxl.load_workbook(path, read_only=True, data_only=True)
            formulas = None
            for sheet in values.worksheets:
                xml = archive.read(sheet._worksheet_path.lstrip("/"))
                if FORMULA.search(xml) and formulas is None:
                    formulas = openpyxl.load_workbook(path, read_only=True)
                rows = dict(_rows(sheet))
                if formulas is not None:
                    _mark_uncomputed(rows, _rows(formulas[sheet.title]))
                yield Sheet(sheet.title, tuple(_merged(rows, MERGED.findall(xml))))
            values.close()
    except (MailbotError, OSError):
        raise
    except Exception as error:  # openpyxl lets through whatever a broken file makes its parsers raise
        mend = Text("mở tệp bằng Excel hoặc LibreOffice rồi lưu lại", "open and save it in Excel or LibreOffice")
        raise _unreadable(path, Text("tệp hỏng", "the file is broken"), mend=mend) from error


def _rows(sheet: Any) -> Iterator[tuple[int, list[Value]]]:
    sheet.reset_dimensions()  # some programs write a wrong size
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(value is not None for value in row):
            yield number, list(row[:MOST_COLUMNS])
        if number >= MOST_ROWS:
            return


def _mark_uncomputed(rows: dict[int, list[Value]], formulas: Iterable[tuple[int, list[Value]]]) -> None:
    """Put a mark where a formula stands whose value nobody has worked out: it is not an empty cell."""
    for number, row in formulas:
        known = rows.setdefault(number, [])
        known += [None] * (len(row) - len(known))
        for index, formula in enumerate(row):
            if known[index] is None and formula is not None:
                known[index] = Uncomputed(str(formula))


def _merged(rows: dict[int, list[Value]], ranges: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> Iterator[Row]:
    """Give each row of a cell merged downwards its value, and tell that it came from above."""
    continued: dict[int, set[int]] = {}
    for left, top, _, bottom in ranges:
        index, first, last = _index(left.decode()), int(top), min(int(bottom), MOST_ROWS)
        source = rows.get(first, [])
        value = source[index] if index < len(source) else None
        for number in range(first + 1, last + 1):
            row = rows.get(number)
            if row is not None and index < MOST_COLUMNS:
                row += [None] * (index + 1 - len(row))
                row[index] = value
                continued.setdefault(number, set()).add(index)
    for number in sorted(rows):
        yield Row(number, tuple(rows[number]), frozenset(continued.get(number, ())))


def _index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


# --- writing --------------------------------------------------------------------------------------------------------


def write_sheet(path: Path, rows: Iterable[Sequence[str | date]]) -> None:
    """Write the directory's rows under its Vietnamese headings, as XLSX or CSV by the file's name."""
    titles = [names[0] for names in HEADINGS.values()]
    if path.suffix.casefold() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(titles)
            writer.writerows([_guarded(value) for value in row] for row in rows)
        return
    _write_workbook(path, titles, rows)


def _guarded(value: str | date) -> str:
    text = f"{value:%d/%m/%Y}" if isinstance(value, date) else value
    return f"'{text}" if text.startswith(LIKE_FORMULA) else text


def _write_workbook(path: Path, titles: Sequence[str], rows: Iterable[Sequence[str | date]]) -> None:
    import xlsxwriter

    # Nothing that somebody wrote as a name becomes a formula or a link.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(SHEET_NAME)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        # As text, so that 0900000001 typed into the column keeps its first 0.
        as_text, as_day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd/mm/yyyy"})
        last = 0
        for index, title in enumerate(titles):
            sheet.set_column(index, index, WIDTHS.get(title, 14), as_text)
            sheet.write_string(0, index, title, bold)
        for last, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(last, index, value, as_day)
                elif value:
                    sheet.write_string(last, index, value, as_text)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, last, len(titles) - 1)
