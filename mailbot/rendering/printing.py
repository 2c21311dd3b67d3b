"""Tables of frozen values as PDF, to be printed, signed and bound: books of the office, delivery slips."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from mailbot.rendering.workbooks import cover_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MEDIA_TYPE = "application/pdf"
# Source Serif has every Vietnamese letter, under the SIL Open Font License; what it has not (emoji) becomes a box.
FONT, FONT_PACKAGE = "Source Serif", "font_source_serif_pro"
FACES = {"": "SourceSerifPro-Regular.ttf", "B": "SourceSerifPro-Bold.ttf"}
UNKNOWN_SIGN = "\u25a1"
# Millimetres of an A4 page; the left side is bound.
LEFT, RIGHT, TOP, BOTTOM = 20.0, 10.0, 12.0, 15.0
BODY_SIZE, HEAD_SIZE, SMALL_SIZE, LINE = 9.5, 9.5, 8.0, 4.4


def write_pdf(tables: Sequence[Mapping[str, Any]], written_at: datetime) -> bytes:
    """Return one PDF of tables (see `workbooks`), landscape A4 unless a table says `portrait`.

    Each book has its cover, its head on every page, and pages numbered of its own. The same tables and moment give the
    same bytes, since the bytes of a mail are fixed once.
    """
    import fpdf  # imported late: it brings fontTools and Pillow, and few mails bring a PDF

    paper = fpdf.FPDF(orientation="landscape", unit="mm", format="A4")
    paper.set_creation_date(written_at)
    paper.set_title(_shown(tables[0]["title"]) if tables else "")
    paper.set_lang("vi")
    folder = files(FONT_PACKAGE) / "files"
    for style, name in FACES.items():
        paper.add_font(FONT, style, str(folder / name))
    paper.set_margins(LEFT, TOP, RIGHT)
    paper.set_auto_page_break(auto=True, margin=BOTTOM)
    for table in tables:
        if table.get("cover"):
            _cover(paper, table)
        _Pages(paper, table).write()
    return bytes(paper.output())


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(str(files(FONT_PACKAGE) / "files" / FACES[""]), lazy=True) as font:
        return frozenset(font.getBestCmap())


def _shown(value: object) -> str:
    """Return a value as the font can show it: composed letters, no control signs."""
    text = unicodedata.normalize("NFC", "" if value is None else str(value))
    known = _letters()
    return "".join(sign if ord(sign) in known or sign == "\n" else _instead(sign) for sign in text)


def _instead(sign: str) -> str:
    if unicodedata.category(sign) in ("Zs", "Cc"):
        return " "
    return (
        "" if unicodedata.category(sign) in ("Cf", "Mn") else UNKNOWN_SIGN if ord(UNKNOWN_SIGN) in _letters() else "?"
    )


def _cover(paper: Any, table: Mapping[str, Any]) -> None:
    paper.add_page()
    paper.set_draw_color(0)
    paper.rect(LEFT, TOP, paper.w - LEFT - RIGHT, paper.h - TOP - BOTTOM)
    paper.set_y(50)
    for line, size, bold in cover_lines(table):
        paper.set_font(FONT, "B" if bold else "", size)
        paper.multi_cell(0, size * 0.65, _shown(line), align="C", new_x="LMARGIN", new_y="NEXT")


class _Pages:
    """One table on its pages: a row never lies across two of them unless it is longer than a page."""

    def __init__(self, paper: Any, table: Mapping[str, Any]) -> None:
        self.paper, self.table = paper, table
        self.columns = [_shown(name) for name in table["columns"]]
        widths = table.get("widths") or [1] * len(self.columns)
        self.orientation = "portrait" if table.get("portrait") else "landscape"
        room = (210.0 if table.get("portrait") else 297.0) - LEFT - RIGHT
        self.widths = [width * room / sum(widths) for width in widths]
        self.page = 0

    def write(self) -> None:
        """Put the table on pages of its own."""
        self._new_page()
        for line in self.table["lines"]:
            self._line(_shown(line), "", BODY_SIZE + 1)
        self.paper.ln(2)
        self._head()
        for row in self.table["rows"]:
            self._row([_shown(value) for value in row])
        self.paper.ln(2)
        for note in self.table.get("notes", ()):
            self._note(_shown(note))
        for left, right in self.table.get("signatures", ()):
            self._signatures(_shown(left), _shown(right))

    def _new_page(self) -> None:
        self.paper.add_page(orientation=self.orientation)
        self.page += 1
        paper = self.paper
        paper.set_auto_page_break(auto=False)
        paper.set_font(FONT, "", SMALL_SIZE)
        paper.set_xy(LEFT, paper.h - BOTTOM + 4)
        width = (paper.w - LEFT - RIGHT) / 2
        paper.cell(width, 4, _shown(self.table.get("office", "")), align="L")
        paper.cell(width, 4, f"Trang {self.page}", align="R")
        paper.set_xy(LEFT, TOP)
        if self.page == 1:
            if self.table.get("letterhead"):
                paper.set_font(FONT, "B", BODY_SIZE + 1)
                paper.multi_cell(0, 6, _shown(self.table["letterhead"]).upper(), new_x="LMARGIN", new_y="NEXT")
                paper.ln(4)
            self._line(_shown(self.table["title"]), "B", 14)

    def _line(self, text: str, style: str, size: float) -> None:
        self.paper.set_font(FONT, style, size)
        self.paper.multi_cell(0, size * 0.5, text, align="C", new_x="LMARGIN", new_y="NEXT")

    def _head(self) -> None:
        self._cells(self.columns, "B", HEAD_SIZE, ["C"] * len(self.columns))
        numbers = [f"({number})" for number in range(1, len(self.columns) + 1)]
        self._cells(numbers, "", SMALL_SIZE, ["C"] * len(self.columns))

    def _row(self, texts: Sequence[str]) -> None:
        centred = self.table.get("centred", ())
        aligned = ["C" if column in centred else "L" for column in range(len(texts))]
        self._cells(texts, "", BODY_SIZE, aligned, keep_head=True, least=self.table.get("row_height", 0.0))

    def _cells(
        self,
        texts: Sequence[str],
        style: str,
        size: float,
        aligned: Sequence[str],
        *,
        keep_head: bool = False,
        least: float = 0.0,
    ) -> None:
        """Draw one row, as high as its longest cell; what is longer than a page goes on below the next head."""
        paper = self.paper
        paper.set_font(FONT, style, size)
        lines = [self._wrapped(text, width) for text, width in zip(texts, self.widths, strict=True)]
        while True:
            height = max(least, max(map(len, lines)) * LINE + 1.6)
            room = paper.h - BOTTOM - paper.get_y()
            whole_page = paper.h - BOTTOM - TOP - 20
            if height > room and keep_head and (room < whole_page or height <= room):
                self._new_page()
                self._head()
                paper.set_font(FONT, style, size)
                room = paper.h - BOTTOM - paper.get_y()
            fits = max(1, int((room - 1.6) / LINE))
            self._draw([some[:fits] for some in lines], aligned, min(height, room))
            lines = [some[fits:] for some in lines]
            if not any(lines):
                return

    def _wrapped(self, text: str, width: float) -> list[str]:
        return [str(line) for line in self.paper.multi_cell(width, LINE, text, dry_run=True, output="LINES")] or [""]

    def _draw(self, lines: Sequence[Sequence[str]], aligned: Sequence[str], height: float) -> None:
        paper = self.paper
        x, y = LEFT, paper.get_y()
        for some, width, side in zip(lines, self.widths, aligned, strict=True):
            paper.rect(x, y, width, height)
            for number, line in enumerate(some):
                paper.set_xy(x, y + 0.8 + number * LINE)
                paper.cell(width, LINE, line, align=side)
            x += width
        paper.set_xy(LEFT, y + height)

    def _note(self, text: str) -> None:
        self.paper.set_font(FONT, "", BODY_SIZE)
        if self.paper.get_y() > self.paper.h - BOTTOM - 2 * LINE:
            self._new_page()
        self.paper.multi_cell(0, LINE + 0.4, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def _signatures(self, left: str, right: str) -> None:
        if self.paper.get_y() > self.paper.h - BOTTOM - 35:
            self._new_page()
        self.paper.ln(4)
        self.paper.set_font(FONT, "B", BODY_SIZE + 1)
        width = (self.paper.w - LEFT - RIGHT) / 2
        self.paper.cell(width, 6, left, align="C")
        self.paper.cell(width, 6, right, align="C", new_x="LMARGIN", new_y="NEXT")
        self.paper.ln(24)
