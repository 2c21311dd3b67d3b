"""Old Word files and pictures are read by programs where the machine has them, and only where the office wants it."""

import shutil
import struct
import zlib
from pathlib import Path

import pytest

from mailbot.mail.attachments import PDF, extract
from mailbot.mail.pdf import page_pictures
from mailbot.reading import ReadingContext
from mailbot.service.converters import _run, tools_for
from tests.mail.signed_pdfs import make_pdf, pdf_of

WITHOUT_WORD = shutil.which("antiword") is None and shutil.which("catdoc") is None


def test_letters_are_read_off_pictures_only_where_the_office_wants_it() -> None:
    assert tools_for(ReadingContext()).letters is None


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_an_empty_picture_has_no_letters() -> None:
    letters = tools_for(ReadingContext(ocr=True)).letters
    assert letters is not None
    assert letters(b"P5 200 100 255\n" + b"\xff" * 20_000).strip() == ""


@pytest.mark.skipif(WITHOUT_WORD, reason="neither antiword nor catdoc is installed")
def test_what_is_no_word_file_gives_no_text_and_no_error() -> None:
    word = tools_for(ReadingContext()).word
    assert word is not None
    assert word(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<I", 0) * 400) == ""


def test_a_program_that_fails_or_is_missing_gives_no_text(tmp_path: Path) -> None:
    assert _run(("false",), b"") == ""
    assert _run((str(tmp_path / "none"),), b"") == ""
    assert _run(("cat",), "Đã nhận".encode()) == "Đã nhận"


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_a_scanned_paper_is_read_where_the_office_wants_it() -> None:
    paper = scanned("So 12-CV/QU ngay 05 thang 12 nam 2019")
    assert extract(paper, PDF, "scan.pdf", None, tools_for(ReadingContext())).problem == "unreadable_attachment"
    found = extract(paper, PDF, "scan.pdf", None, tools_for(ReadingContext(ocr=True)))
    assert "12-CV/QU" in found.text
    assert found.problem is None


def scanned(text: str) -> bytes:
    """A PDF that is a picture of this text."""
    head, pixels = next(page_pictures(make_pdf(text))).split(b" 255\n", 1)
    width, height = map(int, head.split()[1:])
    packed = zlib.compress(pixels)
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (width, height, len(packed), packed)
    )
    return pdf_of(b"q 595 0 0 842 0 0 cm /I Do Q", b"<< /XObject << /I 4 0 R >> >>", picture)
