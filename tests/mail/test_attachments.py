"""Attachments give up their text, and bombs, locks and broken files only their reason."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from mailbot.mail import archives
from mailbot.mail.attachments import extract

SHEET = (
    '<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>trước ngày</t></is></c>'
    '<c s="1"><v>46054</v></c></row><row><c><v>12</v></c><c t="e"><v>#REF!</v></c></row></sheetData></worksheet>'
)
WORKBOOK = {
    "xl/workbook.xml": "<workbook/>",
    "xl/sharedStrings.xml": "<sst><si><r><t>Chi bộ</t></r><r><t> 5 &amp; 6</t></r><rPh><t>no</t></rPh></si></sst>",
    "xl/styles.xml": '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml": SHEET,
}
DOCUMENT = {"word/document.xml": "<w:p><w:t>Số 12-CV/ĐU</w:t></w:p>"}


def packed(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def locked(content: bytes) -> bytes:
    """Set the bit that says "password" in the local and the central header."""
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    changed = bytearray(content)
    for at in (local + 6, central + 8):
        struct.pack_into("<H", changed, at, changed[at] | 1)
    return bytes(changed)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Chi bộ 5 & 6\ttrước ngày\t01/02/2026\n12"),
        ({"xl/sharedStrings.xml": "<sst/>"}, "\ttrước ngày\t01/02/2026\n12"),
        ({"xl/workbook.xml": '<workbook><workbookPr date1904="1"/></workbook>'}, "02/02/2030"),
        ({"xl/worksheets/sheet1.xml": SHEET.replace("46054", "46054.3125")}, "07:30 01/02/2026"),
        ({"xl/worksheets/sheet1.xml": SHEET[:150]}, ""),
        ({"xl/worksheets/sheet2.xml": SHEET.replace("12", "13")}, "\n12\nChi bộ 5 & 6\ttrước ngày\t01/02/2026\n13"),
    ],
)
def test_workbooks_are_read_row_by_row(changes: dict[str, str], text: str) -> None:
    found = extract(packed({**WORKBOOK, **changes}), "", "a.xlsx")
    assert text in found.text
    assert found.problem is None


def test_entities_in_a_workbook_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    found = extract(packed({**WORKBOOK, "xl/sharedStrings.xml": bomb}), "", "a.xlsx")
    assert (found.problem, found.text) == ("unreadable_attachment", "")
    assert "document type" in found.reason


def test_a_workbook_that_repeats_one_text_forever_ends() -> None:
    sheet = "<worksheet>" + '<row><c t="s"><v>0</v></c></row>' * 20_000 + "</worksheet>"
    shared = "<sst><si><t>" + "dài " * 25_000 + "</t></si></sst>"
    found = extract(
        packed({"xl/workbook.xml": "", "xl/sharedStrings.xml": shared, "xl/worksheets/sheet1.xml": sheet}), "", "a"
    )
    assert len(found.text) == 300_000


MANY = {f"{index}.xml": "x" for index in range(archives.MAX_MEMBERS + 1)}
DOCX = packed(DOCUMENT)


@pytest.mark.parametrize(
    ("files", "names", "problem", "reason"),
    [
        ({"a/b.docx": DOCX}, ["b.docx"], None, ""),
        ({"a.docx": DOCX, "b.zip": packed({"c.docx": DOCX})}, ["a.docx", "c.docx"], None, ""),
        ({"b.zip": packed({"c.zip": packed({"d.docx": DOCX})})}, [], "unreadable_attachment", "deeper than one"),
        ({"b.zip": locked(packed({"c.docx": DOCX})), "a.docx": DOCX}, ["a.docx"], "encrypted_attachment", "password"),
        ({"0.bin": b"\0" * 8_000_000, "a.docx": DOCX}, ["a.docx"], "unreadable_attachment", "packed more than"),
        ({"a.docx": DOCX, **MANY}, ["a.docx"], "unreadable_attachment", "more than 100 files"),
        ({"__MACOSX/._a.docx": DOCX, "a.docx": DOCX}, ["a.docx"], None, ""),
    ],
)
def test_documents_are_taken_out_of_archives_within_limits(
    files: Mapping[str, str | bytes], names: list[str], problem: str | None, reason: str
) -> None:
    found = extract(packed(files), "application/zip", "a.zip")
    assert [name for name, _ in found.inner] == names
    assert found.problem == problem
    assert reason in found.reason
    assert all("12-CV/ĐU" in inner.text for _, inner in found.inner)


def test_an_archive_unpacks_to_no_more_than_its_total() -> None:
    noise = b"".join(index.to_bytes(4, "big") + b"\0" * 60 for index in range(100_000))
    found = extract(packed({f"{index}.bin": noise for index in range(8)} | {"a.docx": DOCX}), "", "a.zip")
    assert "unpacks to more than" in found.reason
    assert found.problem == "unreadable_attachment"


def test_a_locked_archive_is_told() -> None:
    found = extract(locked(packed({"a.docx": DOCX})), "", "a.zip")
    assert (found.problem, found.text) == ("encrypted_attachment", "")


@pytest.mark.parametrize("name", ["Công văn 12.docx", "Báo cáo.docx"])
def test_names_without_the_flag_of_unicode_are_read(name: str) -> None:
    archive = packed({"x" * len(name.encode()): DOCX}).replace(b"x" * len(name.encode()), name.encode())
    assert [inner for inner, _ in extract(archive, "", "a.zip").inner] == [name]


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_a_damaged_archive_raises_nothing(at: int) -> None:
    content = bytearray(packed({"a.docx": DOCX, "b.xlsx": packed(WORKBOOK)}))
    content[at % len(content)] ^= 0xFF
    assert extract(bytes(content), "application/zip", "a.zip").media_type
