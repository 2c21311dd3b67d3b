"""Old Word files and pictures are read by programs where the machine has them, and only where the office wants it."""

import shutil
import struct
from pathlib import Path

import pytest

from mailbot.reading import ReadingContext
from mailbot.service.converters import _run, tools_for

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
