"""Text of DOCX, XLSX and ODT files: XML inside a ZIP, read piece by piece and never unpacked beyond a limit."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

# The XML of a document is 1 MB at most, that of a table 10; more is a bomb.
MAX_MEMBER_BYTES = 30 * 1024 * 1024
# Forms have a few sheets; each costs a member.
MAX_SHEETS = 20
_WORD_PIECE = re.compile(
    r"<w:t(?: [^<>]*)?>([^<]*)</w:t>|<w:(tab|br|cr)\b[^<>]*/>|</w:(p)>|<w:(noBreakHyphen|softHyphen)/>"
)
# What old versions of Word see instead of a text box: the same text a second time.
_FALLBACK = re.compile(r"<mc:Fallback\b.*?</mc:Fallback>", re.DOTALL)
_STRING_ITEM = re.compile(r"<si\b[^<>]*>(.*?)</si>", re.DOTALL)
_STRING_TEXT = re.compile(r"<t(?: [^<>]*)?>([^<]*)</t>")
_CELL = re.compile(r"<c\b([^<>]*?)(?:/>|>(.*?)</c>)|</(row)>", re.DOTALL)
_CELL_VALUE = re.compile(r"<(?:v|t)(?: [^<>]*)?>([^<]*)</(?:v|t)>")
_OPEN_PIECE = re.compile(r"([^<>]+)|<text:(tab|line-break|s)\b[^<>]*/>|</text:(p|h)>|<[^<>]*>")


def member_bytes(archive: zipfile.ZipFile, name: str, limit: int = MAX_MEMBER_BYTES) -> bytes:
    """Return one file of an archive, cut at the limit, so that a bomb unpacks to nothing worse."""
    with archive.open(name) as file:
        return file.read(limit)


def docx_text(archive: zipfile.ZipFile) -> str:
    """Return the text of a DOCX, a line for each paragraph (ECMA-376 Part 1 §17)."""
    xml = member_bytes(archive, "word/document.xml").decode("utf-8", "replace")
    if "<mc:Fallback" in xml:
        xml = _FALLBACK.sub("", xml)
    pieces: list[str] = []
    for match in _WORD_PIECE.finditer(xml):
        if match[3]:
            pieces.append("\n")
        elif match[2]:
            pieces.append("\t" if match[2] == "tab" else "\n")
        elif match[4]:
            pieces.append("-" if match[4] == "noBreakHyphen" else "")
        else:
            pieces.append(html.unescape(match[1]) if "&" in match[1] else match[1])
    return "".join(pieces)


def xlsx_text(archive: zipfile.ZipFile) -> str:
    """Return the text of an XLSX, a line for each row, cells apart by tabs (ECMA-376 Part 1 §18)."""
    names = archive.namelist()
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        xml = member_bytes(archive, "xl/sharedStrings.xml").decode("utf-8", "replace")
        shared = ["".join(_STRING_TEXT.findall(item)) for item in _STRING_ITEM.findall(xml)]
    sheets = sorted(name for name in names if name.startswith("xl/worksheets/sheet"))[:MAX_SHEETS]
    lines = (line for name in sheets for line in _rows(member_bytes(archive, name).decode("utf-8", "replace"), shared))
    return html.unescape("\n".join(lines))


def _rows(xml: str, shared: list[str]) -> Iterator[str]:
    cells: list[str] = []
    for match in _CELL.finditer(xml):
        if match[3]:
            if any(cells):
                yield "\t".join(cells)
            cells = []
        else:
            cells.append(_cell(match[1], match[2] or "", shared))
    if any(cells):
        yield "\t".join(cells)


def _cell(attributes: str, content: str, shared: list[str]) -> str:
    text = "".join(_CELL_VALUE.findall(content))
    if 't="s"' not in attributes:
        return text
    index = int(text) if text.isdecimal() and len(text) < 8 else -1
    return shared[index] if 0 <= index < len(shared) else ""


def odt_text(archive: zipfile.ZipFile) -> str:
    """Return the text of an ODT, a line for each paragraph (OpenDocument 1.3 Part 3)."""
    xml = member_bytes(archive, "content.xml").decode("utf-8", "replace")
    pieces: list[str] = []
    for match in _OPEN_PIECE.finditer(xml, max(0, xml.find("<office:body"))):
        if match[1]:
            pieces.append(match[1])
        elif match[2]:
            pieces.append({"tab": "\t", "s": " "}.get(match[2], "\n"))
        elif match[3]:
            pieces.append("\n")
    return html.unescape("".join(pieces))
