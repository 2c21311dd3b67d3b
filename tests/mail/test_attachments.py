"""Attachments give up their text, and bombs, locks and broken files only their reason."""

import io
import struct
import zipfile

import pytest

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


def packed(files: dict[str, str | bytes]) -> bytes:
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
