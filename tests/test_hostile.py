"""Texts made to be slow are read in time that grows with their length; damaged files of every kind give a reading."""

import io
import json
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.mail import tnef
from mailbot.mail.attachments import extract
from mailbot.reading import ReadingContext, read
from tests.mail.signed_pdfs import make_authority, make_pdf, sign

PIECES = (
    *("trước ngày ", "chậm nhất ", "Thời gian: ", "12-CV/", "Số ", "Kính gửi: ", "- Như trên\n", "từ "),
    *("sang ", "ngày 1/1 ", "1/1/1/", "thứ hai ", "8h00 ", "8 giờ 00 - ", "hằng tháng (", "báo cáo "),
    *("chuyển từ ", "đ/c ", "Đồng chí Nguyễn ", "MẬT ", "[MẬT", "độ mật: ", "khẩn ", "> ", ">", "\n", " "),
    *("\t", "   ", "-", "--", "_" * 40 + "\n", "<", "&", "&#", "<div>", "<blockquote>", "<!--", "Vào ", "On "),
    *("đã viết:\n", "Từ: a\n", "From: a\n", "a@b.vn ", "<a@b.vn>:\n> x\n", "8:00 <a@b.vn", "Trân trọng\n"),
    *("Sent from ", "gửi từ iPhone ", "hoãn họp ", "cử đ/c ", "xin phép vắng ", "1. A\n", "(", ")"),
    *("cảm ơn bạn ", "tôi đang đi công tác ", "hiện đang ", "kể từ ngày ", "6 tháng (", "QUYẾT ĐỊNH\n"),
    *("T/M A\n", "Nơi nhận:\n"),
)
LENGTH = 120_000
# A second is ten times what such a text takes; what grows with the square takes minutes.
SECONDS = 4.0


@pytest.mark.parametrize("piece", PIECES, ids=repr)
@pytest.mark.parametrize(
    "head",
    [
        pytest.param("Subject: Re: x\r\nIn-Reply-To: <1@b.vn>\r\nContent-Type: text/plain", id="answer"),
        pytest.param("Subject: Re: x\r\nContent-Type: text/html", id="HTML answer"),
        pytest.param("Subject: Moi hop\r\nContent-Type: text/plain", id="invitation"),
    ],
)
def test_a_text_of_one_piece_is_read_quickly(piece: str, head: str) -> None:
    paper = "ĐẢNG CỘNG SẢN VIỆT NAM\nSố 12-GM/ĐU\nKính mời họp\n"
    raw = (f"{head}; charset=utf-8\r\n\r\n{paper}" + piece * (LENGTH // len(piece))).encode()
    started = time.process_time()
    read(raw, ReadingContext())
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "piece", ["=?utf-8?Q?a?= ", "a@b.vn, ", '"a" <a@b.vn>, ', "(", "group: ", ";a=b", "a*0*=b; ", "<x@y> ", " ", " \t"]
)
def test_a_header_of_one_piece_is_read_quickly(piece: str) -> None:
    names = ("Subject", "From", "To", "Content-Type", "References", "Received", "Authentication-Results")
    value = ("a" + piece * (60_000 // len(piece)) + "z").encode()
    raw = b"".join(name.encode() + b": " + value + b"\r\n" for name in names[:4]) + b"\r\nx"
    more = b"".join(name.encode() + b": " + value + b"\r\n" for name in names[4:]) + b"\r\nx"
    started = time.process_time()
    for mail in (raw, more):
        read(mail, ReadingContext(own_servers=("mx.b.vn",)))
    assert time.process_time() - started < SECONDS


def packed(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


FILES: dict[str, bytes] = {
    "a.pdf": make_pdf("So 12-CV/QU"),
    "signed.pdf": sign(make_pdf("So 12-CV/QU"), make_authority("CA"), "A"),
    "a.docx": packed("word/document.xml", "<w:p><w:t>Số 12-CV/ĐU</w:t></w:p>".encode()),
    "a.xlsx": packed("xl/workbook.xml", b"<workbook/>"),
    "a.odt": packed("content.xml", "<office:body><text:p>Số 12-CV/ĐU</text:p></office:body>".encode()),
    "a.zip": packed("a.zip", packed("a.docx", b"x")),
    "a.rtf": rb"{\rtf1{\fonttbl{\f0 .VnTime;}}\f0 S\'e8 12-CV/\'a7U\par}",
    "winmail.dat": tnef.SIGNATURE + b"\x01\x00\x02\x02\x90\x06\x00\x0e\x00\x00\x00" + b"\x00" * 40,
}


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_files_give_a_text_or_a_reason(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(content)))  # damage may have left nothing: then it begins at the end
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=12))
    damaged = bytes(content[: data.draw(st.integers(0, len(content)))])
    once, twice = extract(damaged, "", name), extract(damaged, "", name)
    assert once == twice
    assert tnef.unpack(damaged) == tnef.unpack(damaged)
    raw = b"Content-Type: application/octet-stream; name=" + name.encode() + b"\r\n\r\n" + damaged
    json.dumps(read(raw, ReadingContext()).to_json(name), ensure_ascii=False).encode()
