"""The papers of the demo's week: a directive from above, two of the office's own, an invitation; mails with files."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

import docx

if TYPE_CHECKING:
    from datetime import datetime

DOCX = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")
OFFICE = "vanphong@anhoa.example.vn"
CLERK = "vanthu@anhoa.example.vn"
SUPERIOR = "thanhuy@hunghai.example.vn"

_OWN_HEAD = """\
ĐẢNG BỘ PHƯỜNG AN HÒA                 ĐẢNG CỘNG SẢN VIỆT NAM
{issuer}
*                                     An Hòa, ngày 06 tháng 10 năm 2026
Số {number}
"""


@dataclass(frozen=True)
class Paper:
    """One paper: when (after the demo's start) who mails it to the office, and what it says."""

    number: str
    sender: str
    after: timedelta
    subject: str
    letter: str
    file_name: str
    text: str
    form: str | None = None


FROM_ABOVE = Paper(
    number="263-CV/TU",
    sender=SUPERIOR,
    after=timedelta(minutes=1),
    subject="Công văn số 263-CV/TU v/v báo cáo kết quả chuyển đổi số quý III",
    letter="""\
Kính gửi: Đảng ủy phường An Hòa

Văn phòng Thành ủy gửi kèm theo thư này Công văn số 263-CV/TU của Thành ủy. Đề nghị Đảng ủy phường triển khai thực hiện.

Trân trọng./.
""",
    file_name="Cong-van-263-CV-TU.docx",
    text="""\
ĐẢNG BỘ THÀNH PHỐ HƯNG HẢI            ĐẢNG CỘNG SẢN VIỆT NAM
THÀNH ỦY
*                                     Hưng Hải, ngày 05 tháng 10 năm 2026
Số 263-CV/TU
V/v báo cáo kết quả chuyển đổi số quý III năm 2026

Kính gửi: Đảng ủy các phường

Thực hiện chương trình công tác năm 2026, Thành ủy đề nghị Đảng ủy các phường báo cáo kết quả chuyển đổi số trong \
sinh hoạt chi bộ quý III, gửi về Thành ủy trước ngày 16/10/2026 để tổng hợp./.

Nơi nhận:                             T/L BAN THƯỜNG VỤ
- Như trên,                           CHÁNH VĂN PHÒNG
- Lưu VPTU.                           Phan Thị Giang
""",
)
REPORT_WANTED = Paper(
    number="152-CV/ĐU",
    sender=CLERK,
    after=timedelta(minutes=15),
    subject="CV 152-CV/ĐU v/v báo cáo kết quả sinh hoạt chuyên đề quý III",
    letter="Văn thư gửi Công văn số 152-CV/ĐU đã ký và biểu mẫu kèm theo, đề nghị gửi các chi bộ.\n",
    file_name="Cong-van-152-CV-ĐU.docx",
    text=_OWN_HEAD.format(issuer="ĐẢNG ỦY PHƯỜNG", number="152-CV/ĐU")
    + """\
V/v báo cáo kết quả sinh hoạt chuyên đề quý III năm 2026

Kính gửi: Các chi bộ trực thuộc

Đảng ủy phường đề nghị các chi bộ báo cáo kết quả sinh hoạt chuyên đề quý III theo biểu mẫu, gửi về Đảng ủy trước \
ngày 10/10/2026 để tổng hợp./.

Nơi nhận:                             T/M BAN THƯỜNG VỤ
- Như trên,                           PHÓ BÍ THƯ THƯỜNG TRỰC
- Lưu VPĐU.                           Đặng Thị Mai
""",
    form="Bieu-mau.docx",
)
GUIDANCE = Paper(
    number="31-HD/ĐU",
    sender=CLERK,
    after=timedelta(minutes=25),
    subject="Hướng dẫn số 31-HD/ĐU về sinh hoạt chi bộ thường kỳ",
    letter="Văn thư gửi Hướng dẫn số 31-HD/ĐU để phát hành.\n",
    file_name="Huong-dan-31-HD-ĐU.docx",
    text=_OWN_HEAD.format(issuer="ĐẢNG ỦY PHƯỜNG", number="31-HD/ĐU")
    + """\

HƯỚNG DẪN
về sinh hoạt chi bộ thường kỳ

Kính gửi: Các chi bộ trực thuộc

Đảng ủy phường hướng dẫn các chi bộ sinh hoạt thường kỳ vào tuần đầu của tháng, nội dung theo tài liệu của cấp trên./.

Nơi nhận:                             T/M BAN THƯỜNG VỤ
- Như trên,                           PHÓ BÍ THƯ THƯỜNG TRỰC
- Lưu VPĐU.                           Đặng Thị Mai
""",
)
INVITATION = Paper(
    number="45-GM/ĐU",
    sender=CLERK,
    after=timedelta(minutes=35),
    subject="Giấy mời số 45-GM/ĐU họp giao ban tháng 10",
    letter="Văn thư gửi Giấy mời số 45-GM/ĐU họp giao ban, đề nghị gửi các chi bộ.\n",
    file_name="Giay-moi-45-GM-ĐU.docx",
    text=_OWN_HEAD.format(issuer="ĐẢNG ỦY PHƯỜNG", number="45-GM/ĐU")
    + """\

GIẤY MỜI
họp giao ban tháng 10 năm 2026

Kính gửi: Các chi bộ trực thuộc

Ban Thường vụ Đảng ủy kính mời các đồng chí dự họp giao ban:
- Thời gian: 08 giờ 00, ngày 13/10/2026 (thứ Ba)
- Địa điểm: Hội trường tầng 2, Đảng ủy phường
- Chủ trì: Đồng chí Đặng Thị Mai, Phó Bí thư Thường trực
Xác nhận dự họp qua thư điện tử trước 16 giờ 00 ngày 09/10/2026./.

Nơi nhận:                             T/L BAN THƯỜNG VỤ
- Như trên,                           CHÁNH VĂN PHÒNG
- Lưu VPĐU.                           Đỗ Minh Phúc
""",
)
PAPERS = (FROM_ABOVE, REPORT_WANTED, GUIDANCE, INVITATION)

FORM = """\
Biểu mẫu: kết quả sinh hoạt chuyên đề

Chuyên đề:
Số đảng viên tham gia:
Kiến nghị:
"""


def word_file(text: str) -> bytes:
    """Return a DOCX file with one paragraph a line."""
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def mail_of(paper: Paper, now: datetime) -> EmailMessage:
    """Return the mail by which a paper comes into the office's mailbox."""
    mail = new_mail(paper.sender, OFFICE, paper.subject, now)
    mail.set_content(paper.letter)
    mail.add_attachment(word_file(paper.text), maintype=DOCX[0], subtype=DOCX[1], filename=paper.file_name)
    if paper.form is not None:
        mail.add_attachment(word_file(FORM), maintype=DOCX[0], subtype=DOCX[1], filename=paper.form)
    return mail


def new_mail(sender: str, recipient: str, subject: str, now: datetime) -> EmailMessage:
    """Return an empty mail with the header that a mail client writes."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    return mail
