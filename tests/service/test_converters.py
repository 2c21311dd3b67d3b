"""Old Word files and pictures are read by programs where the machine has them, and only where the office wants it."""

import base64
import shutil
import struct
import zlib
from pathlib import Path

import pytest

from mailbot.mail.attachments import PDF, extract
from mailbot.mail.pdf import page_pictures
from mailbot.reading import ReadingContext
from mailbot.service.converters import _run, tools_for
from mailbot.service.readers import read_alone
from tests.mail.signed_pdfs import make_pdf, pdf_of

# Written for this test with an office program and saved in the formats of 1997.
FILES = Path(__file__).parents[1] / "mail" / "files"
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


@pytest.mark.skipif(WITHOUT_WORD, reason="neither antiword nor catdoc is installed")
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "letter.doc",
            (
                "Số 17-CV/QU",
                "V/v chuẩn bị báo cáo sơ kết sáu tháng",
                "Bến Lụa, ngày 12 tháng 5 năm 2025",
                "Trần Quốc Khải",
            ),
        ),
        pytest.param(
            "short.doc",
            ("CHI BỘ 5", "Số 03-BC/CB", "Đã nhận đủ tài liệu."),
            marks=pytest.mark.skipif(shutil.which("catdoc") is None, reason="antiword alone refuses short files"),
        ),
    ],
)
def test_old_word_files_are_read_in_vietnamese(name: str, lines: tuple[str, ...]) -> None:
    found = extract((FILES / name).read_bytes(), "application/msword", name, None, tools_for(ReadingContext()))
    assert (found.media_type, found.problem, found.reason) == ("application/msword", None, "")
    assert set(lines) <= {line.strip() for line in found.text.split("\n")}


@pytest.mark.skipif(WITHOUT_WORD, reason="neither antiword nor catdoc is installed")
def test_a_letter_in_an_old_word_file_is_a_document() -> None:
    part = base64.encodebytes((FILES / "letter.doc").read_bytes())
    head = b'From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    kind = b"Content-Type: application/msword; name=a.doc\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (document,) = read_alone(head + kind + part + b"\r\n--b--\r\n", ReadingContext()).documents
    assert (document.number, document.type, document.summary) == (
        "17-CV/QU",
        "CV",
        "chuẩn bị báo cáo sơ kết sáu tháng",
    )


@pytest.mark.skipif(shutil.which("xls2csv") is None, reason="catdoc's xls2csv is not installed")
def test_old_workbooks_are_read_in_vietnamese() -> None:
    content = (FILES / "units.xls").read_bytes()
    found = extract(content, "application/vnd.ms-excel", "a.xls", None, tools_for(ReadingContext()))
    assert "Chi bộ Trường mầm non Hướng Dương\tNguyễn Thị Ánh Tuyết" in found.text
    assert found.problem is None


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
