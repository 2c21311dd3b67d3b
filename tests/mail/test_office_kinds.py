"""Files that are not what they are called, PDFs with more than pages, and what is not read: text or the reason."""

import io
import time

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from mailbot.mail.attachments import PDF, Tools, extract
from mailbot.reading import ReadingContext, read
from tests.mail.signed_pdfs import make_pdf, pdf_of
from tests.mail.test_attachments import DOCX, WORKBOOK, packed

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PAGE = "<html><body><p>Số 12-CV/ĐU</p></body></html>".encode()
ARCHIVED = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: text/html; charset=utf-8\r\n\r\n" + PAGE + b"\r\n--b--\r\n"
)
WORD_2003 = """<?xml version="1.0"?><w:wordDocument><w:p><w:t>Số 12-CV/ĐU</w:t></w:p></w:wordDocument>""".encode()


@pytest.mark.parametrize("declared", ["application/msword", "application/octet-stream"])
@pytest.mark.parametrize("name", ["Công văn.doc", "a.DOC", "a.xls"])
@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        b"\xef\xbb\xbf" + PAGE,
        ARCHIVED,
        WORD_2003,
        "Số 12-CV/ĐU\r\n".encode(),
        b"{\\rtf1 S\\u7889? 12-CV/\\u272?U}",
    ],
)
def test_what_is_called_an_office_file_is_read_as_what_it_is(content: bytes, name: str, declared: str) -> None:
    found = extract(content, declared, name)
    assert (found.text.strip(), found.problem) == ("Số 12-CV/ĐU", None)


@pytest.mark.parametrize(
    ("content", "name", "tools", "reason"),
    [
        (b"Rar!\x1a\x07\x01\0", "a.rar", Tools(), "RAR archives are not unpacked."),
        (b"7z\xbc\xaf\x27\x1c", "a.7z", Tools(), "7z archives are not unpacked."),
        (OLE, "thư.msg", Tools(), "Mails saved by Outlook (.msg) are not read."),
        (
            OLE + "__properties_version1.0".encode("utf-16-le"),
            "thư",
            Tools(),
            "Mails saved by Outlook (.msg) are not read.",
        ),
        (OLE, "a.ppt", Tools(), "Slides are not read."),
        (packed({"ppt/presentation.xml": "<p/>"}), "a.pptx", Tools(), "Slides are not read."),
        (OLE, "a.doc", Tools(), "It is an old office file, and no program that reads it is installed."),
        (OLE, "a.xls", Tools(), "It is an old office file, and no program that reads it is installed."),
        (OLE, "a.doc", Tools(word=lambda _: " "), "No text was found in it."),
        (b"\x89PNG\r\n\x1a\n", "a.png", Tools(), "It is a picture."),
        (b"%PDF-1.4 broken", "a.pdf", Tools(), "It is broken and cannot be opened."),
        (pdf_of(b"", b"<< >>", b"<< >>"), "a.pdf", Tools(), "It is a scan: its pages are pictures."),
    ],
)
def test_what_is_not_read_says_why(content: bytes, name: str, tools: Tools, reason: str) -> None:
    found = extract(content, "application/octet-stream", name, None, tools)
    assert (found.problem, found.reason, found.text.strip()) == ("unreadable_attachment", reason, "")


def test_a_reading_names_the_file_and_why_it_was_not_read() -> None:
    mail = (
        b'From: a@b.test\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: application/octet-stream; name=phuluc.rar\r\n\r\nRar!\r\n--b--\r\n"
    )
    reading = read(mail, ReadingContext())
    assert reading.defects == ("The attachment phuluc.rar was not read: RAR archives are not unpacked.",)
    assert "unreadable_attachment" in reading.review


def rotated(degrees: int) -> bytes:
    return make_pdf("So 12-CV/QU").replace(b"/Type /Page /Parent", b"/Type /Page /Rotate %d /Parent" % degrees)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, -90])
def test_a_turned_page_is_read(degrees: int) -> None:
    assert "So 12-CV/QU" in extract(rotated(degrees), PDF, "a.pdf").text


def encrypted(user: str) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(make_pdf("So 12-CV/QU"))))
    writer.encrypt(owner_pass="owner", user_pass=user)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_that_only_forbids_changes_is_read() -> None:
    assert "So 12-CV/QU" in extract(encrypted(""), PDF, "a.pdf").text


def test_a_pdf_with_a_password_says_so() -> None:
    found = extract(encrypted("1234"), PDF, "a.pdf")
    assert (found.problem, found.reason) == ("encrypted_attachment", "It has a password.")


def test_what_was_filled_into_a_form_is_read() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(make_pdf("Phieu tra loi")))
    field = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Widget"),
            generic.pdf_name("/FT"): generic.pdf_name("/Tx"),
            generic.pdf_name("/T"): generic.TextStringObject("so"),
            generic.pdf_name("/V"): generic.TextStringObject("Số 12-CV/ĐU"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 100, 300, 120))),
        }
    )
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Annots"] = generic.ArrayObject([writer.add_object(field)])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert extract(out.getvalue(), PDF, "a.pdf").text.split("\n") == ["Phieu tra loi", "Số 12-CV/ĐU"]


def portfolio(files: dict[str, bytes]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(make_pdf("Open this portfolio in Acrobat")))
    for name, content in files.items():
        embedded = EmbeddedFileObject.from_file_data(writer, data=content)
        embed_file(writer, FileSpec(file_spec_string=name, file_name=name, embedded_data=embedded))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_documents_in_a_portfolio_are_read() -> None:
    found = extract(portfolio({"Công văn.docx": DOCX, "a.bin": b"\0"}), PDF, "a.pdf")
    assert [(name, inner.text) for name, inner in found.inner] == [
        ("", "Open this portfolio in Acrobat"),
        ("Công văn.docx", "Số 12-CV/ĐU\n"),
    ]


def test_portfolios_in_portfolios_end() -> None:
    nested = DOCX
    for _ in range(5):
        nested = portfolio({"a.pdf": nested})
    found = extract(nested, PDF, "a.pdf")
    assert "12-CV" not in found.text
    assert "deeper than one level" in found.reason


BILLION = (
    "<!DOCTYPE x [<!ENTITY a '"
    + "ha" * 5000
    + "'>"
    + "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdef", "bcdefg", strict=True))
)


@pytest.mark.parametrize(
    "document",
    [
        BILLION + "]><w:p><w:t>&g;</w:t></w:p>",
        '<!DOCTYPE x [<!ENTITY g SYSTEM "file:///etc/passwd">]><w:p><w:t>&g;</w:t></w:p>',
        "<w:p>" * 2_000_000 + "<w:t>&amp;g;</w:t>",
        "<mc:Fallback>" * 300_000 + "<w:t>&g;</w:t>",
        "<mc:Fallback>" * 300_000 + "</mc:Fallback><w:t>&g;</w:t>",
        "<w:t>" * 1_000_000 + "<w:t>&g;</w:t>",
    ],
    ids=["billion laughs", "external entity", "deep", "never closed", "closed once", "texts begun"],
)
@pytest.mark.parametrize("name", ["word/document.xml", "content.xml"])
def test_a_hostile_document_costs_little_and_tells_nothing(document: str, name: str) -> None:
    marked = {"mimetype": "application/vnd.oasis.opendocument.text"} if name == "content.xml" else {}
    begun = time.perf_counter()
    found = extract(packed({**marked, name: document}), "", "a")
    assert time.perf_counter() - begun < 5
    assert found.problem == "unreadable_attachment" or found.text.strip() in {"&g;", "&amp;g;", ""}


def test_deep_nesting_in_a_workbook_is_refused() -> None:
    found = extract(
        packed({**WORKBOOK, "xl/sharedStrings.xml": "".join(f"<a{pow(n, 5, 10**9)}>" for n in range(100_000))}),
        "",
        "a.xlsx",
    )
    assert (found.problem, "nested deeper" in found.reason) == ("unreadable_attachment", True)
