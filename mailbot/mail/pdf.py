"""Text and page pictures of PDF files, through PDFium, in memory and within limits (ISO 32000-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# More pages than any directive; the face and the deadlines stand in the first ones.
MAX_PAGES = 40
# A form has dozens of fields; a portfolio holds a letter and its annexes.
MAX_FIELDS = 500
MAX_VALUE_BYTES = 20_000
MAX_CARRIED = 20
MAX_CARRIED_BYTES = 30 * 1024 * 1024
# Reading a picture takes seconds a page; the number, the date and the deadlines stand in the first ones.
MAX_SCANNED_PAGES = 5
# 200 dots an inch: enough for print of 13 points, a quarter of the cost of 400.
_SCALE = 200 / 72


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a PDF and the files in it; or why there is none: `locked` needs a password, `broken` is no PDF."""

    text: str = ""
    locked: bool = False
    broken: bool = False
    files: tuple[tuple[str, bytes], ...] = ()


def pdf_text(content: bytes, limit: int) -> PdfText:
    """Return the text of a PDF's first pages, up to about `limit` characters."""
    import pypdfium2  # imported late: a reader that sees no PDF need not hold PDFium

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        return PdfText(locked=locked, broken=not locked)
    texts: list[str] = []
    size = 0
    try:
        for page in _pages(document, MAX_PAGES):
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            text_page.close()
            texts[-1] += _filled_in(page)
            size += len(texts[-1])
            if size > limit:
                break
        files = _files(document)
    finally:
        document.close()
    text = "\n".join(texts).replace("\r\n", "\n").replace("\ufffe", "").replace("\x02", "")
    return PdfText(text, files=files)


def _filled_in(page: Any) -> str:
    """What was filled into the form fields of a page, a line for each: it is no part of the page's own text."""
    from pypdfium2 import raw  # imported late, as above

    lines = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), MAX_FIELDS)):
        field = raw.FPDFPage_GetAnnot(page, index)
        if field is not None and raw.FPDFAnnot_GetSubtype(field) == raw.FPDF_ANNOT_WIDGET:
            lines.append(_value(field).strip())
        raw.FPDFPage_CloseAnnot(field)
    return "".join(f"\n{line}" for line in lines if line)


def _value(field: Any) -> str:
    """The value (/V) of a form field, which PDFium hands out as UTF-16 (§12.7.4)."""
    import ctypes

    from pypdfium2 import raw  # imported late, as above

    size = raw.FPDFAnnot_GetStringValue(field, b"V", None, 0)
    if not 2 < size <= MAX_VALUE_BYTES:
        return ""
    room = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(field, b"V", ctypes.cast(room, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return room.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def _files(document: Any) -> tuple[tuple[str, bytes], ...]:
    """The files that a PDF carries (a portfolio, §7.11.4), by name, within limits."""
    found: list[tuple[str, bytes]] = []
    left = MAX_CARRIED_BYTES
    for index in range(min(document.count_attachments(), MAX_CARRIED)):
        file = document.get_attachment(index)
        data = bytes(file.get_data())
        left -= len(data)
        if left < 0:
            break
        found.append((file.get_name(), data))
    return tuple(found)


def page_pictures(content: bytes) -> Iterator[bytes]:
    """Yield the first pages as grey pictures (PGM), for a program that reads letters off pictures."""
    import pypdfium2  # imported late, as above

    document = pypdfium2.PdfDocument(content)
    try:
        for page in _pages(document, MAX_SCANNED_PAGES):
            bitmap = page.render(scale=_SCALE, grayscale=True)
            rows = bytes(bitmap.buffer)
            width, height, stride = bitmap.width, bitmap.height, bitmap.stride
            lines = (rows[row * stride : row * stride + width] for row in range(height))
            yield b"P5 %d %d 255\n" % (width, height) + b"".join(lines)
    finally:
        document.close()


def _pages(document: Any, limit: int) -> Iterator[Any]:
    for index in range(min(len(document), limit)):
        page = document[index]
        yield page
        page.close()
