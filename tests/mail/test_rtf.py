"""RTF gives its text: Unicode signs without their substitutes, letters of the fonts in disguise as their bytes."""

import time

import pytest

from mailbot.mail.rtf import rtf_text
from mailbot.reading import ReadingContext, read

TCVN3 = r"K\'ddnh g\'f6i c\'b8c \'ae\'e5ng ch\'dd chi b\'e9"
LETTER = "Kính gửi các đồng chí chi bộ"
FONTS = (
    r"{\f0\fnil\fcharset0 .VnTime;}",
    r"{\f0 .VnTime;}",
    r"{\f0\fswiss\fcharset0\fprq2{\*\panose 020b7200000000000000}.VnArial;}",
    r"{\f1\froman Times New Roman;}{\f0\fnil .VnTimeH;}",
)


def rtf(body: str, fonts: str = r"{\f0\froman Times New Roman;}", head: str = r"\ansi\ansicpg1258") -> bytes:
    return (r"{\rtf1" + head + r"{\fonttbl" + fonts + "}" + body + r"\par}").encode("ascii")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"g\u7917?i \u272\'d0\u7843?ng", "gửi Đảng"),
        (r"g\u7917\'3fi", "gửi"),
        (r"\uc2 g\u7917\'3f\'3fi", "gửi"),
        (r"\uc0 g\u7917i?", "gửi?"),
        (r"{\uc0 g\u7917i} g\u7917?i", "gửi gửi"),
        (r"g\u7917 ?i", "gửi"),
        (r"C\'f3 t\'e0i li\'eau", "Có tài liêu"),
    ],
)
def test_signs_beyond_ascii_are_read_once(body: str, text: str) -> None:
    assert rtf_text(rtf(body), 1000) == (f"{text}\n", False)


@pytest.mark.parametrize("fonts", FONTS)
def test_fonts_in_disguise_are_told(fonts: str) -> None:
    assert rtf_text(rtf(TCVN3, fonts), 1000)[1]


def document(content: bytes) -> str:
    head = b'From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    part = b"Content-Type: application/rtf; name=a.rtf\r\n\r\n" + content + b"\r\n--b--\r\n"
    return read(head + part, ReadingContext()).document_text.strip()


@pytest.mark.parametrize("fonts", FONTS[:3])
@pytest.mark.parametrize("head", [r"\ansi", r"\ansi\ansicpg1252", r"\ansi\ansicpg1258"])
def test_letters_of_such_fonts_become_unicode(fonts: str, head: str) -> None:
    assert document(rtf(TCVN3, fonts, head)) == LETTER


def test_unicode_in_a_file_that_only_lists_such_a_font_stays() -> None:
    signs = "".join(sign if sign.isascii() else rf"\u{ord(sign)}?" for sign in LETTER)
    assert document(rtf(signs, FONTS[0])) == LETTER


@pytest.mark.parametrize("piece", [r"{\f1\a", r"{\f1{\a", r"{\f1 a", r"\u1", r"{\f1\fnil\fnil", "{", "}"])
def test_files_made_to_be_slow_are_read_in_linear_time(piece: str) -> None:
    begun = time.perf_counter()
    rtf_text(rtf(piece * 40_000, piece * 40_000), 300_000)
    assert time.perf_counter() - begun < 5
