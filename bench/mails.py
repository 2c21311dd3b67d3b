"""Makes the mails of a benchmark: a directive each with a number of its own, sizes as in an office's mailbox."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The tenth with a PDF makes 85 % of the bytes: median 15 kB, mean 100 kB (performance.md).
PDF_EVERY = 10
TEXT_BYTES = (7_000, 19_000)
PDF_BYTES = (130_000, 1_050_000)  # base64 makes 1.37 of it
SMALL_TEXT_BYTES = (1_500, 4_000)

SENDER = "Văn thư Quận ủy <vanthu@cap-tren.test>"
MAILBOX = "vanphong@in.test"
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


def generate(count: int, *, small: bool = False, seed: int = 1) -> Iterator[bytes]:
    """Yield `count` mails, the same for the same seed; `small` ones are text of a few kilobytes only."""
    chance = random.Random(seed)  # noqa: S311 nothing secret, and it must repeat
    for number in range(1, count + 1):
        yield directive(number, chance, small=small)


def directive(
    number: int, chance: random.Random, *, small: bool = False, pdf_bytes: tuple[int, int] = PDF_BYTES
) -> bytes:
    """Return one directive as it comes from the server, with CRLF; every tenth has a PDF of a size in the range."""
    sent = datetime(2026, 9, 1, 1, 0, tzinfo=UTC) + timedelta(minutes=number)
    topic = chance.choice(SUBJECTS)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = SENDER
    mail["To"] = MAILBOX
    mail["Subject"] = f"Công văn số {number}-CV/QU {topic}"
    mail["Date"] = format_datetime(sent)
    mail["Message-ID"] = f"<bench.{number}.{chance.getrandbits(64):x}@cap-tren.test>"
    mail.set_content(_text(number, topic, chance, SMALL_TEXT_BYTES if small else TEXT_BYTES), cte="base64")
    if not small and number % PDF_EVERY == 0:
        mail.add_attachment(
            pdf([[f"Cong van so {number}-CV/QU"]], chance.randbytes(chance.randint(*pdf_bytes))),
            maintype="application",
            subtype="pdf",
            filename=f"{number}-CV-QU.pdf",
        )
    return mail.as_bytes()


def _text(number: int, topic: str, chance: random.Random, size: tuple[int, int]) -> str:
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
    return "\n".join([*lines, "T/M BAN THƯỜNG VỤ", "Nguyễn Văn An"])


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
