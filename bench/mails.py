"""Makes the mails of a benchmark: a directive each with a number of its own, sizes as in an office's mailbox."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The tenth with a PDF makes 85 % of the bytes: median 15 kB, mean 100 kB (performance.md).
PDF_EVERY = 10
TEXT_BYTES = (7_000, 19_000)
PDF_BYTES = (130_000, 1_050_000)  # base64 makes 1.37 of it
SMALL_TEXT_BYTES = (1_500, 4_000)
HTML_TEXT_BYTES = (2_600, 4_600)  # Word and base64 make 14 kB of it in the middle

SENDER = "Văn thư Quận ủy <vanthu@cap-tren.test>"
MAILBOX = "vanphong@in.test"
SERVER = "mx.in.test"
DOMAIN = b"coquan-"
# Senders differ from mail to mail, so that nothing that is kept of one address flatters who reads the next.
OFFICES = ("Quận ủy", "Đảng ủy phường", "Ban Tổ chức", "Ban Tuyên giáo", "Văn phòng Thành ủy", "Ủy ban Kiểm tra")
FAMILIES = (("Nguyễn", "nguyen"), ("Trần", "tran"), ("Lê", "le"), ("Phạm", "pham"), ("Hoàng", "hoang"), ("Vũ", "vu"))
GIVEN = (("Minh Tâm", "tam"), ("Thu Hà", "ha"), ("Quốc Bảo", "bao"), ("Thị Lan", "lan"), ("Đức Anh", "anh"))
SUBJECTS = (
    "về việc tổ chức sinh hoạt chuyên đề quý III",
    "về việc báo cáo kết quả thu nộp đảng phí",
    "về việc rà soát hồ sơ đảng viên",
    "về việc chuẩn bị đại hội chi bộ trực thuộc",
    "về việc triển khai học tập nghị quyết",
)
SENTENCES = (
    "Căn cứ Chương trình công tác năm, Ban Thường vụ yêu cầu các chi bộ trực thuộc thực hiện các nội dung sau.",
    "Tổ chức quán triệt đến toàn thể cán bộ, đảng viên trong chi bộ; phân công đồng chí cấp ủy trực tiếp theo dõi.",
    "Tổng hợp kết quả thực hiện, nêu rõ ưu điểm, hạn chế, nguyên nhân và kiến nghị, đề xuất.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị phản ánh về Văn phòng để được hướng dẫn.",
)
# What Word puts around a letter: a style sheet, its own settings in a comment, classes and spans in each paragraph.
WORD_STYLES = "\r\n".join(
    f"p.{name}, li.{name}, div.{name}\r\n\t{{{{mso-style-priority:{rank}; margin:0in; margin-bottom:.0001pt;"
    f' font-size:{rank}.0pt; font-family:"Times New Roman","serif";}}}}'
    for rank, name in enumerate(("MsoNormal", "MsoHeader", "MsoFooter", "MsoListParagraph", "MsoBodyText"), 11)
)
WORD_PAGE = (
    '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">\r\n<head>\r\n'
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n<meta name="Generator"'
    ' content="Microsoft Word 15 (filtered medium)">\r\n<!--[if !mso]><style>v\\:* {{behavior:url(#default#VML);}}'
    "</style><![endif]--><style><!--\r\n" + WORD_STYLES + "\r\n--></style><!--[if gte mso 9]><xml>\r\n"
    '<o:shapedefaults v:ext="edit" spidmax="1026" />\r\n</xml><![endif]-->\r\n</head>\r\n'
    '<body lang="VI" link="#0563C1" vlink="#954F72">\r\n<div class="WordSection1">\r\n<table class="MsoNormalTable"'
    ' border="0" cellspacing="0" cellpadding="0" style="border-collapse:collapse">\r\n{rows}</table>\r\n{paragraphs}'
    '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\r\n</div>\r\n</body>\r\n</html>\r\n'
)
WORD_CELL = (
    '<td width="302" valign="top" style="width:226.8pt;padding:0in 5.4pt 0in 5.4pt"><p class="MsoNormal"'
    ' align="center" style="text-align:center"><b>{}</b><o:p></o:p></p></td>'
)
WORD_PARAGRAPH = (
    '<p class="MsoNormal" style="margin-top:6.0pt;text-align:justify;text-indent:.5in"><span lang="VI"'
    ' style="font-size:14.0pt;font-family:&quot;Times New Roman&quot;,serif">{}<o:p></o:p></span></p>\r\n'
)


def generate(count: int, *, small: bool = False, seed: int = 1) -> Iterator[bytes]:
    """Yield `count` mails, the same for the same seed; `small` ones are text of a few kilobytes only."""
    chance = random.Random(seed)  # noqa: S311 nothing secret, and it must repeat
    for number in range(1, count + 1):
        yield directive(number, chance, small=small)


def directive(
    number: int,
    chance: random.Random,
    *,
    small: bool = False,
    as_html: bool = False,
    varied: bool = False,
    pdf_bytes: tuple[int, int] = PDF_BYTES,
) -> bytes:
    """Return one directive as it comes from the server, with CRLF; every tenth has a PDF of a size in the range.

    With `as_html` it is HTML only, as Word and Outlook write it, of some fourteen kilobytes; `varied` ones have each a
    sender of its own, and the line of the server to which he gave it.
    """
    sent = datetime(2026, 9, 1, 1, 0, tzinfo=UTC) + timedelta(minutes=number)
    topic = chance.choice(SUBJECTS)
    mail = EmailMessage(policy=SMTP)
    if varied:
        mail["Received"], mail["From"] = _submission(number, format_datetime(sent))
    else:
        mail["From"] = SENDER
    mail["To"] = MAILBOX
    mail["Subject"] = f"Công văn số {number}-CV/QU {topic}"
    mail["Date"] = format_datetime(sent)
    mail["Message-ID"] = f"<bench.{number}.{chance.getrandbits(64):x}@cap-tren.test>"
    if as_html:
        mail.set_content(word_page(_lines(number, topic, chance, HTML_TEXT_BYTES)), subtype="html", cte="base64")
    else:
        text = _lines(number, topic, chance, SMALL_TEXT_BYTES if small else TEXT_BYTES)
        mail.set_content("\n".join(text), cte="base64")
    if not small and number % PDF_EVERY == 0:
        mail.add_attachment(
            pdf([[f"Cong van so {number}-CV/QU"]], chance.randbytes(chance.randint(*pdf_bytes))),
            maintype="application",
            subtype="pdf",
            filename=f"{number}-CV-QU.pdf",
        )
    return mail.as_bytes()


def from_elsewhere(raw: bytes, number: int) -> bytes:
    """Return a varied mail as one from another office, so that nobody remembers its sender from the round before."""
    return raw.replace(DOMAIN, b"%s%d-" % (DOMAIN, number))


def _submission(number: int, when: str) -> tuple[str, str]:
    """The Received and the From of one mail; no two mails of a run come from the same person and address."""
    family, written = FAMILIES[number % len(FAMILIES)]
    given, short = GIVEN[number // len(FAMILIES) % len(GIVEN)]
    office = OFFICES[number // 7 % len(OFFICES)]
    host = f"{DOMAIN.decode()}{number % 40}.test"
    address = f"{written}.{short}.{number}@{host}"
    received = (
        f"from may-{number}.{host} (may-{number}.{host} [198.51.100.{number % 250 + 1}]) (Authenticated sender: "
        f"{address}) by {SERVER} (Postfix) with ESMTPSA id {number:010X} for <{MAILBOX}>; {when}"
    )
    return received, f"{family} {given} - {office} {number} <{address}>"


def _lines(number: int, topic: str, chance: random.Random, size: tuple[int, int]) -> list[str]:
    lines = [
        f"Số {number}-CV/QU",
        "Kính gửi: Các chi bộ, đảng bộ cơ sở trực thuộc",
        f"Thực hiện chỉ đạo của Thành ủy {topic}, Ban Thường vụ Quận ủy yêu cầu:",
        "Báo cáo gửi về Văn phòng trước 17 giờ ngày 15/9/2026.",
    ]
    wanted = chance.randint(*size) * 3 // 4  # base64
    held = 0
    while held < wanted:
        sentence = chance.choice(SENTENCES)
        held += len(sentence.encode()) + 1
        lines.append(sentence)
    return [*lines, "T/M BAN THƯỜNG VỤ", "Nguyễn Văn An"]


def word_page(lines: Sequence[str]) -> str:
    """Return the page that Word makes of lines: its styles, the number in the head's table, a paragraph for each."""
    number, *rest = (escape(line) for line in lines)
    cells = (
        ("ĐẢNG BỘ THÀNH PHỐ", "ĐẢNG CỘNG SẢN VIỆT NAM"),
        ("QUẬN ỦY", "&nbsp;"),
        (number, "<i>Thành phố, ngày 01 tháng 9 năm 2026</i>"),
    )
    rows = "".join(f"<tr>{''.join(WORD_CELL.format(cell) for cell in row)}</tr>\r\n" for row in cells)
    # Word writes accents as entities in some languages and a span for each change of the keyboard.
    shown = "".join(WORD_PARAGRAPH.format(line.replace("ê", "&ecirc;").replace("à", "&agrave;")) for line in rest)
    return WORD_PAGE.format(rows=rows, paragraphs=shown)


def pdf(pages: Sequence[Sequence[str]], filler: bytes = b"") -> bytes:
    """Return a valid PDF with lines (ASCII, no brackets) on pages, heavy by an embedded stream as a scan would be."""
    resources, first = 4, 6
    shown = [b"BT /F1 12 Tf 14 TL 72 760 Td " + b"".join(_shown(line) for line in lines) + b"ET" for lines in pages]
    kids = b" ".join(b"%d 0 R" % (first + 2 * index) for index in range(len(shown)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(shown)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 3 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(filler), filler),
    ]
    for index, content in enumerate(shown):
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources %d 0 R >>"
        objects.append(page % (first + 2 * index + 1, resources))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _shown(line: str) -> bytes:
    return b"(" + line.encode("ascii") + b") Tj T* "
