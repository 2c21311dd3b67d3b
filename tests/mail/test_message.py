"""Mails are taken apart as their senders meant, however they broke the rules."""

from datetime import UTC, datetime

import pytest

from mailbot.mail.charsets import decode
from mailbot.mail.headers import decode_text, parse_addresses, parse_date, parse_parameters
from mailbot.mail.html import html_to_text
from mailbot.mail.message import MAX_PARTS, parse


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?B?VsSDbiBwaMOybmc=?=", "Văn phòng"),
        (b"=?utf-8?Q?V=C4?= =?utf-8?Q?=83n?=", "Văn"),
        (b"=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        (b"Re: =?UTF-8?Q?Gi=E1=BA=A5y_m=E1=BB=9Di?=", "Re: Giấy mời"),
        ("Hỏa tốc".encode(), "Hỏa tốc"),
        (b"=?windows-1258?Q?Qu=E2=F2n?=", "Quận"),
        (b"=?no-such-charset?Q?abc?=", "abc"),
        (b"=?utf-8?B?VsSDb?=", "Vă"),
        (b"a\tb", "a b"),
    ],
)
def test_headers_are_decoded(raw: bytes, text: str) -> None:
    assert decode_text(raw).startswith(text[:2])
    if b"1258" not in raw:
        assert decode_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "addresses"),
    [
        (b"a@b.vn", [("", "a@b.vn")]),
        (b"Chi bo 5 <A@B.vn>, c@d.vn", [("Chi bo 5", "a@b.vn"), ("", "c@d.vn")]),
        (b'"Nguyen, Van A" <a@b.vn>', [("Nguyen, Van A", "a@b.vn")]),
        (b"=?utf-8?Q?A=2C_B?= <a@b.vn>", [("A, B", "a@b.vn")]),
        (b"a@b.vn (Mail System)", [("Mail System", "a@b.vn")]),
        (b"group: a@b.vn, c@d.vn;", [("", "a@b.vn"), ("", "c@d.vn")]),
        (b"", []),
    ],
)
def test_addresses_are_read(raw: bytes, addresses: list[tuple[str, str]]) -> None:
    assert [(entry.name, entry.address) for entry in parse_addresses(raw)] == addresses


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b'attachment; filename="a b.pdf"', "a b.pdf"),
        (b"attachment; filename*=UTF-8''C%C3%B4ng%20v%C4%83n.pdf", "Công văn.pdf"),
        (b"attachment; filename*0*=UTF-8''C%C3; filename*1*=%B4ng; filename*2=.pdf", "Công.pdf"),
        (b'attachment; filename="=?utf-8?Q?C=C3=B4ng.pdf?="', "Công.pdf"),
        (b"attachment; filename=a.pdf; size=3", "a.pdf"),
        (b'attachment; filename="open', "open"),
    ],
)
def test_file_names_are_read(raw: bytes, name: str) -> None:
    assert parse_parameters(raw)[1]["filename"] == name


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 6 Dec 2019 08:10:02 +0700", datetime(2019, 12, 6, 1, 10, 2, tzinfo=UTC)),
        ("fri, 06 dec 2019 01:10:02 -0730", datetime(2019, 12, 6, 8, 40, 2, tzinfo=UTC)),
        ("Fri, 6 Dec 2019 01:10:02 -0000", datetime(2019, 12, 6, 1, 10, 2, tzinfo=UTC)),
        ("Fri, 6 Dec 2019 08:10:02 +0700 (ICT)", datetime(2019, 12, 6, 1, 10, 2, tzinfo=UTC)),
        ("Fri, 6 Dec 2019 08:10:02 +9900", None),
        ("6 Dec 2019 01:10:02 GMT", datetime(2019, 12, 6, 1, 10, 2, tzinfo=UTC)),
        ("nonsense", None),
        ("Fri, 99 Dec 2019 08:10:02 +0700", None),
        ("", None),
    ],
)
def test_dates_are_read_or_none(text: str, moment: datetime | None) -> None:
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        ("Đảng".encode(), None, "Đảng"),
        ("Đảng".encode(), "us-ascii", "Đảng"),
        ("Đảng".encode(), "iso-8859-1", "Đảng"),
        ("Đảng".encode(), "nonsense", "Đảng"),
        ("Đảng".encode("utf-16"), "utf-16", "Đảng"),
        (b"caf\xe9", "latin-1", "café"),
        (b"abc", "zlib", "abc"),
        (b"\xff\xfe", "base64", "ÿþ"),
    ],
)
def test_charsets_that_lie_are_seen_through(content: bytes, declared: str | None, text: str) -> None:
    assert decode(content, declared) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Kính gửi&nbsp;<b>các</b> đ/c</p><p>Hết</p>", "Kính gửi\xa0các đ/c\n\nHết"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<style>p{}</style><script>x</script>a", "a"),
        ('<div style="display:none">ẩn<div>ẩn</div></div>hiện', "hiện"),
        ("a<blockquote>b<br>c</blockquote>d", "a\n\n> b\n> c\n> \nd"),
        ("<ul><li>một<li>hai</ul>", "- một\n- hai"),
        ("1 < 2 &lt; 3", "1 < 2 < 3"),
        # As many of one sign as of the other, and yet not those of tags alone.
        ("x >b< y <p>z", "x >b< y\n\nz"),
        ("a > b < c <br>d", "a > b < c\nd"),
        ("a<!-- 1 > 0 <p> -->b<br>c", "ab\nc"),
        ("a <- b <br> c -> d", "a <- b\nc -> d"),
        # Tags that only dress the text are no blanks, and what they part is not put together anew.
        ("Đã<b></b>nhận <i> đủ", "Đãnhận đủ"),
        ("&am<b></b>p; <<b>br>", "&amp; <br>"),
        ("A&<b>nbsp;</b>B", "A&nbsp;B"),
        ("một&#10;hai &#32; ba\r\n\tbốn", "một hai ba bốn"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th><td>d</td></tr></table>e", "a    b\nc    d\n\ne"),
        ("a<pre>  b\r\n\r\n\tc &amp;&#32; \n</pre> d", "a\n\n  b\n\n\tc &\n\nd"),
        ('<p style="mso-hide:all">ẩn<p>ẩn</p>ẩn</p>hiện<span style="display: none">ẩn', "hiện"),
        ('<p style="display:none"/>hiện<br style="display:none">hai', "hiện\nhai"),
        ('<div style="display:none"><pre>ẩn</div><p>a  b', "a b"),
        ("<!-- <p>ẩn --><![if x]>a<![endif]><!-- ẩn", "a"),
        ("<head><title>ẩn</title><style>ẩn</style></head>a<script>ẩn", "a"),
        ("a&#xdc00;b&#xdc02;&#56320;c", "a\ufffdb\ufffd\ufffdc"),
        ("\r\n<p>một\r\nhai\r\n\r\n</p>\r\n", "một hai"),
    ],
)
def test_html_becomes_lines(source: str, text: str) -> None:
    assert html_to_text(source) == text


def multipart(count: int) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * count + b"--b--\r\n"


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (multipart(MAX_PARTS + 5), "more parts"),
        (b"X: y\r\n" * 2000 + b"\r\nbody", "more header fields"),
        (b"Subject: " + b"x" * 300_000, "header is longer"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx", "no closing boundary"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nx", "never used"),
        (b"no header at all", "No header field"),
        (b"Content-Transfer-Encoding: x-odd\r\n\r\nx", "unknown transfer encoding"),
    ],
)
def test_what_breaks_a_rule_or_limit_is_told(raw: bytes, defect: str) -> None:
    assert any(defect in told for told in parse(raw).defects)


def test_deep_nesting_ends() -> None:
    raw = b"x"
    for index in range(60):
        boundary = f"b{index}".encode()
        raw = (
            b"Content-Type: multipart/mixed; boundary="
            + boundary
            + b"\r\n\r\n--"
            + boundary
            + b"\r\n"
            + raw
            + b"\r\n--"
            + boundary
            + b"--\r\n"
        )
    assert any("nested too deep" in told for told in parse(raw).defects)


def test_the_body_of_a_signature_picture_is_no_attachment() -> None:
    raw = (
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>a</p>\r\n"
        b"--b\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <1>\r\n\r\nx\r\n--b--\r\n"
    )
    message = parse(raw)
    assert message.attachments == ()
    assert message.body_text() == "a"
