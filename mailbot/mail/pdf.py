"""Text and page pictures of PDF files, through PDFium, in memory and within limits (ISO 32000-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# More pages than any directive; the face and the deadlines stand in the first ones.
MAX_PAGES = 40
# Reading a picture takes seconds a page; the number, the date and the deadlines stand in the first ones.
MAX_SCANNED_PAGES = 5
# 200 dots an inch: enough for print of 13 points, a quarter of the cost of 400.
_SCALE = 200 / 72


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a PDF; or why there is none: `locked` needs a password, `broken` cannot be opened."""

    text: str = ""
    locked: bool = False
    broken: bool = False


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
            size += len(texts[-1])
            if size > limit:
                break
    finally:
        document.close()
    return PdfText("\n".join(texts).replace("\r\n", "\n").replace("\ufffe", "").replace("\x02", ""))


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
