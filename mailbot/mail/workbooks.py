"""Gets the text out of XLSX workbooks with a streaming XML parser: a line per row, a tab between cells."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.parsers import expat

from mailbot.mail import archives

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Sequence

# Shared texts kept in memory, together; a list of all the cells of a province is a tenth of it.
MAX_SHARED_CHARACTERS = 2_000_000
_MAX_SHARED_COUNT = 200_000
# A cell lies six tags deep; the parser keeps something in memory for each that is open.
MAX_DEPTH = 100
_CHUNK = 64 * 1024
_SHEET = re.compile(r"xl/worksheets/sheet(\d{1,6})\.xml", re.IGNORECASE)
# Built-in number formats that show a date or a time (ECMA-376 part 1, §18.8.30).
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
# In a custom format, what stands in quotes or brackets is decoration.
_DECORATION = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)


class _FullError(Exception):
    """Enough text was found; the parser stops."""


class _Reader:
    """Feeds one XML file of the workbook to its handlers; namespaces prefixes are dropped, a DTD is refused."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.depth = 0

    def run(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._opened
        parser.EndElementHandler = self._closed
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = _refuse_document_type
        try:
            for at in range(0, len(content), _CHUNK):
                parser.Parse(content[at : at + _CHUNK], False)
            parser.Parse(b"", True)
        except (_FullError, expat.ExpatError):
            # Broken XML keeps what was read before the break, as the programs that repair workbooks do.
            return

    def _opened(self, name: str, values: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise archives.RefusedError(f"A workbook's XML is nested deeper than {MAX_DEPTH} tags.")
        self.start(name.rpartition(":")[2], values)

    def _closed(self, name: str) -> None:
        self.depth -= 1
        self.end(name.rpartition(":")[2])

    def taken(self) -> str:
        text = "".join(self.text)
        self.text.clear()
        return text

    def start(self, name: str, values: dict[str, str]) -> None:
        """Called at each opening tag."""

    def end(self, name: str) -> None:
        """Called at each closing tag."""


def _refuse_document_type(*_: object) -> None:
    # No program writes one here; only entity bombs need it.
    raise archives.RefusedError("A workbook's XML declares a document type.")


class _SharedTexts(_Reader):
    """The table of texts that cells point into (§18.4.9); phonetic readings are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.left = MAX_SHARED_CHARACTERS
        self.runs: list[str] = []
        self.phonetic = False

    def start(self, name: str, values: dict[str, str]) -> None:  # noqa: ARG002 - the handlers share one form
        self.phonetic = self.phonetic or name == "rPh"
        if name == "t":
            self.text.clear()

    def end(self, name: str) -> None:
        if name == "t":
            text = self.taken()
            if not self.phonetic:
                self.runs.append(text)
        elif name == "rPh":
            self.phonetic = False
        elif name == "si":
            self.texts.append("".join(self.runs)[: self.left])
            self.runs.clear()
            self.left -= len(self.texts[-1])
            if self.left <= 0 or len(self.texts) >= _MAX_SHARED_COUNT:
                raise _FullError


class _Styles(_Reader):
    """Which cell styles show a date (§18.8.10, §18.8.30)."""

    def __init__(self) -> None:
        super().__init__()
        self.custom: set[int] = set()
        self.dates: list[bool] = []
        self.in_cells = False

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "numFmt" and _DATE_LETTERS.search(_DECORATION.sub("", values.get("formatCode", ""))):
            self.custom.add(_number(values.get("numFmtId")))
        elif name == "cellXfs":
            self.in_cells = True
        elif name == "xf" and self.in_cells:
            number = _number(values.get("numFmtId"))
            self.dates.append(number in _DATE_FORMATS or number in self.custom)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            raise _FullError


class _Book(_Reader):
    """Whether days are counted from 1904 (§18.2.28)."""

    epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's dates have no zone

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "workbookPr" and values.get("date1904") in {"1", "true"}:
            self.epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - see above


class _Cells(_Reader):
    """The rows of one sheet as lines (§18.3.1)."""

    def __init__(self, shared: Sequence[str], dates: Sequence[bool], epoch: datetime, limit: int) -> None:
        super().__init__()
        self.shared = shared
        self.dates = dates
        self.epoch = epoch
        self.left = limit
        self.lines: list[str] = []
        self.row: list[str] = []
        self.kind = self.value = ""
        self.style = -1

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "c":
            self.kind = values.get("t", "n")
            self.style = _number(values.get("s"))
            self.value = ""
        elif name in {"v", "t"}:
            self.text.clear()

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self.value += self.taken()
        elif name == "c":
            self.row.append(self._shown())
            self.left -= len(self.row[-1]) + 1
            if self.left <= 0:
                self._close_row()
                raise _FullError
        elif name == "row":
            self._close_row()

    def _close_row(self) -> None:
        line = "\t".join(self.row).rstrip("\t")
        self.row.clear()
        if line.strip():
            self.lines.append(line)

    def _shown(self) -> str:
        if self.kind == "s":
            number = _number(self.value)
            return self.shared[number] if 0 <= number < len(self.shared) else ""
        if self.kind == "n" and 0 <= self.style < len(self.dates) and self.dates[self.style]:
            return _as_date(self.value, self.epoch)
        return "" if self.kind == "e" else self.value


def _number(text: str | None) -> int:
    return int(text) if text and len(text) <= 9 and text.isdecimal() else -1


def _as_date(value: str, epoch: datetime) -> str:
    """Show a day count as a Vietnamese reader sees it: day first, the hour only where there is one."""
    try:
        days = float(value)
        moment = epoch + timedelta(minutes=round(days * 1440))
    except (ValueError, OverflowError):
        return value
    hour = f"{moment:%H:%M}"
    if 0 < days < 1:
        return hour
    return f"{moment:%d/%m/%Y}" if hour == "00:00" else f"{hour} {moment:%d/%m/%Y}"


def text_of(archive: zipfile.ZipFile, allowance: archives.Allowance, limit: int) -> str:
    """Return the text of a workbook, sheets in order, at most `limit` characters (ECMA-376 part 1, §18).

    Raises archives.RefusedError where a limit of the archive is passed or the XML declares entities.
    """
    members = {member.filename: member for member in archive.infolist()}
    book, shared, styles = _Book(), _SharedTexts(), _Styles()
    readers: dict[str, _Reader] = {"xl/workbook.xml": book, "xl/sharedStrings.xml": shared, "xl/styles.xml": styles}
    for name, reader in readers.items():
        if name in members:
            reader.run(allowance.unpack(archive, members[name]))
    sheets = sorted((int(found[1]), name) for name in members if (found := _SHEET.fullmatch(name)))
    lines: list[str] = []
    left = limit
    for _, name in sheets:
        cells = _Cells(shared.texts, styles.dates, book.epoch, left)
        cells.run(allowance.unpack(archive, members[name]))
        lines += cells.lines
        left = cells.left
        if left <= 0:
            break
    return "\n".join(lines)[:limit]
