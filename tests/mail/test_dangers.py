"""Files that could do harm are told by name and by content, packed or not; ordinary ones are not."""

import io
import struct
import zipfile

import openpyxl
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.attachments import extract
from mailbot.mail.dangers import Danger, danger_of
from tests.mail.signed_pdfs import make_pdf

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 120 + b"PE\x00\x00"
SHORTCUT = b"L\x00\x00\x00\x01\x14\x02\x00" + b"\x00" * 70
DISK = b"\x00" * 0x8000 + b"\x01CD001\x01\x00" + b"\x00" * 2040


def ole(*streams: str, content: bytes = b"") -> bytes:
    """An OLE file by its first bytes and the names in its directory, which is all that is looked at."""
    return OLE + b"\x00" * 504 + b"".join(name.encode("utf-16-le") + b"\x00" * 32 for name in streams) + content


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(text: str = "Số 12-CV/ĐU", **parts: bytes) -> bytes:
    """A real Word file, with more parts put into it."""
    written = Document()
    written.add_paragraph(text)
    buffer = io.BytesIO()
    written.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files |= {name.replace("__", "/").replace("_DOT_", "."): content for name, content in parts.items()}
    return zipped(files)


def xlsx() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["TT", "Chi bộ"])
    book.save(buffer)
    return buffer.getvalue()


def macro_types(content: bytes) -> bytes:
    """The same Word file, as Word saves one with macros; its VBA project bears a name of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert plain in files["[Content_Types].xml"]
    files["[Content_Types].xml"] = files["[Content_Types].xml"].replace(
        plain, b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    return zipped(files)


MACRO_SHEET = struct.pack("<HHIBBBB", 0x85, 8 + 6, 1234, 0, 1, 6, 0) + b"Macro1"
ARCHIVED_PAGE = (
    b"Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n"
    b"Content-Transfer-Encoding: base64\n\nPHNjcmlwdD4x\n--x--\n"
)
EVIL: dict[str, tuple[str, bytes, Danger]] = {
    "program by content": ("Giấy mời.pdf", PROGRAM, Danger.PROGRAM),
    "program of Linux": ("a", b"\x7fELF\x02\x01\x01", Danger.PROGRAM),
    "program by name": ("cai-dat.EXE", b"x", Danger.PROGRAM),
    "screen saver": ("anh.scr", PROGRAM, Danger.PROGRAM),
    "two endings": ("Công văn 12.pdf.exe", b"x", Danger.PROGRAM),
    "turned letters": ("cong-van-\u202efdp.exe", b"x", Danger.PROGRAM),
    "blanks and dots behind the ending": ("a.exe . .", b"x", Danger.PROGRAM),
    "installer": ("a.doc", ole(content=bytes.fromhex("84100c0000000000c000000000000046")), Danger.PROGRAM),
    "script": ("báo cáo.js", b"WScript.Echo(1)", Danger.SCRIPT),
    "script of Visual Basic": ("a.vbs", b"MsgBox 1", Danger.SCRIPT),
    "page that is a program": ("a.hta", b"<html>", Danger.SCRIPT),
    "shortcut by content": ("a.txt", SHORTCUT, Danger.SHORTCUT),
    "shortcut by name": ("a.lnk", b"", Danger.SHORTCUT),
    "disk by content": ("a.pdf", DISK, Danger.DISK_IMAGE),
    "disk by name": ("a.iso", b"", Danger.DISK_IMAGE),
    "Word with macros by name": ("a.docm", docx(), Danger.MACRO),
    "Word with macros under another name": ("a.docx", macro_types(docx()), Danger.MACRO),
    "VBA project": ("a.docx", docx(word__vbaProject_DOT_bin=ole("VBA")), Danger.MACRO),
    "Excel 4 sheet": ("a.xlsx", docx(xl__macrosheets__sheet1_DOT_xml=b"<x/>"), Danger.MACRO),
    "old Word file with VBA": ("a.doc", ole("WordDocument", "Macros", "_VBA_PROJECT"), Danger.MACRO),
    "old Excel file with a macro sheet": ("a.xls", ole("Workbook", content=MACRO_SHEET), Danger.MACRO),
    "packed program in Word": ("a.docx", docx(word__embeddings__oleObject1_DOT_bin=ole("\x01Ole10Native")), "embedded"),
    "packed program in old Word": ("a.doc", ole("WordDocument", "\x01Ole10Native"), Danger.EMBEDDED_PROGRAM),
    "packed program in RTF": ("a.rtf", rb"{\rtf1{\object\objemb{\*\objclass Package}}}", Danger.EMBEDDED_PROGRAM),
    "macros in one XML": ("a.doc", b'<?xml version="1.0"?><w:wordDocument w:macrosPresent="yes">', Danger.MACRO),
    "page with a script": ("a.html", b"<html><SCRIPT>alert(1)</SCRIPT>", Danger.ACTIVE_PAGE),
    "page under another name": ("a.doc", b"<!DOCTYPE html><html><body onload='x()'>", Danger.ACTIVE_PAGE),
    "drawing with a script": ("a.svg", b"<svg><script>alert(1)</script></svg>", Danger.ACTIVE_PAGE),
    "archived page": ("a.mht", ARCHIVED_PAGE, Danger.ACTIVE_PAGE),
}


@pytest.mark.parametrize(("name", "content", "danger"), EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_could_do_harm_is_told_alone_and_packed(name: str, content: bytes, danger: str, depth: int) -> None:
    wanted = Danger.EMBEDDED_PROGRAM if danger == "embedded" else danger
    outer = name
    for level in range(depth):
        content, outer = zipped({outer: content, "huong-dan.txt": b"x"}), f"{level}.zip"
    found = extract(content, "application/octet-stream", outer).dangers
    assert [danger for _, danger in found] == [wanted]
    assert depth == 0 or found[0][0].endswith(name.split("/")[-1])


ORDINARY = {
    "công văn.pdf": make_pdf("So 12-CV/QU"),
    "công văn.docx": docx(),
    "biểu.xlsx": xlsx(),
    "cũ.doc": ole("WordDocument", "1Table"),
    "cũ.xls": ole("Workbook", content=struct.pack("<HHIBBBB", 0x85, 8 + 6, 1234, 0, 0, 6, 0) + b"Sheet1"),
    "a.rtf": rb"{\rtf1 S\u7889? 12}",
    "a.html": b"<html><body>Th\xc3\xb4ng b\xc3\xa1o: description on = 5</body></html>",
    "MZ.txt": "MZ là hai chữ cái.".encode(),
    "ảnh.jpg": b"\xff\xd8\xff\xe0" + b"\x00" * 100,
    "many.zip": zipped({f"anh-{at}.txt": b"x" for at in range(90)}),
    "không tên": b"",
}


@pytest.mark.parametrize(("name", "content"), ORDINARY.items(), ids=ORDINARY)
def test_ordinary_files_are_left_alone(name: str, content: bytes) -> None:
    assert extract(content, "application/octet-stream", name).dangers == ()


def test_what_cannot_be_looked_into_is_told_and_names_behind_a_password_are_read() -> None:
    bomb = zipped({"a.txt": b"\x00" * 40_000_000})
    assert extract(bomb, "application/zip", "a.zip").dangers == (("", Danger.UNCHECKED),)
    locked = bytearray(zipped({"cai-dat.exe": b"x"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + offset] |= 1
    assert extract(bytes(locked), "application/zip", "a.zip").dangers == (("cai-dat.exe", Danger.PROGRAM),)


def test_a_list_of_a_million_files_is_refused_by_its_size_before_one_name_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = zipped({f"{at:06}": b"" for at in range(30_000)})
    opened: list[object] = []
    monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", opened.append)
    found = extract(content, "application/zip", "a.zip")
    assert "larger than" in found.reason
    assert found.dangers[0] == ("", Danger.UNCHECKED)
    assert opened == []


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_under_any_name_are_judged_without_an_error(content: bytes, name: str) -> None:
    for beginning in (b"", b"PK\x03\x04", OLE, b"{\\rtf"):
        assert danger_of(beginning + content, "", name) == danger_of(beginning + content, "", name)
