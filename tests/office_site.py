"""A small office for tests: its site folder, its people's mails, and the times that tests speak of."""

from __future__ import annotations

import smtplib
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAILBOT = """\
mode: {mode}
office:
  name: Đảng ủy phường An Hòa
  unit: dang-uy
  timezone: Asia/Ho_Chi_Minh
  hours: [00:00-23:59]
  reminders_at: [08:00, 14:00]
mailboxes:
  van-phong:
    address: {office}@in.test
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, user: {office}, password: secret}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none}}
    watch: [INBOX]
    start: now
    processed: {{flag: $MailbotDone}}
    quarantine: Cách ly
    save_sent: Sent
    plus_addressing: {plus}
    limits: {{send_per_minute: 100000, send_per_day: 1000000}}
registers:
  van-ban-den: {{takes: incoming, restart: year, next: 413}}
  van-ban-di: {{takes: outgoing, series_per: type, restart: term}}
database: {database}
trust:
  own_servers: [mail.example.test]
  orders: [internal, confirmed]
  documents: [internal, known_address]
officers: {{clerk: role:van-thu, leader: role:cvp, admin: role:quan-tri, secrets: role:bao-mat}}
readers: 1
"""

DIRECTORY = """\
units:
  thanh-uy: {{name: Thành ủy Hưng Hải, relation: superior, symbols: [TU], mail: [{p}-tu@in.test]}}
  dang-uy:
    name: Đảng ủy phường An Hòa
    relation: self
    symbols: [ĐU, VPĐU]
    terms: [{{name: 2025-2030, from: 2025-07-01}}]
{units}
groups:
  chi-bo: {{name: Các chi bộ trực thuộc, members: [group:to-dan-pho], called: [các chi bộ trực thuộc]}}
  to-dan-pho: {{name: Các chi bộ tổ dân phố}}
roles:
  van-thu: [{p}-vanthu@in.test]
  cvp: [{p}-cvp@in.test]
  quan-tri: [{p}-admin@in.test]
  bao-mat: [{p}-baomat@in.test]
"""

RULES = """\
rules:
  - id: chuyen-ngay
    title: Văn bản của cấp trên, chuyển ngay không chờ ý kiến
    when: {direction: incoming, from: relation:superior, kind: directive, subject: {any: [chuyển ngay]}}
    then:
      register: van-ban-den
      send: {to: [group:chi-bo], template: directive_from_superior}
      pass_down: automatic
      ask: acknowledgement
      acknowledge_within: 1 working day
      ladder: bao-cao
  - id: cap-tren
    title: Văn bản của cấp trên
    when: {direction: incoming, from: relation:superior, kind: directive}
    then:
      register: van-ban-den
      submit: {to: role:cvp, propose: {to: [group:chi-bo], due: 3 working days before document}}
  - id: giay-moi
    title: Giấy mời
    when: {direction: outgoing, from: role:van-thu, kind: invitation}
    then:
      register: van-ban-di
      send: {to: [addressees], template: invitation}
      ask: rsvp
      confirm: never
  - id: nhanh
    title: Gửi ngay, không cần xác nhận
    when: {direction: outgoing, from: role:van-thu, kind: directive, subject: {any: [gửi ngay]}}
    then:
      register: van-ban-di
      send: {to: [group:chi-bo], template: directive}
      ask: acknowledgement
      acknowledge_within: 1 working day
      ladder: bao-cao
      confirm: never
  - id: bao-cao
    title: Văn bản đi
    when: {direction: outgoing, from: role:van-thu, kind: directive}
    then:
      register: van-ban-di
      send: {to: [addressees], template: directive}
      ask: report
      acknowledge_within: 1 working day
      due: {document: yes, otherwise: 5 working days}
      ladder: bao-cao
      confirm: always
ladders:
  bao-cao:
    - {at: acknowledgement overdue, do: remind}
    - {at: due, do: remind}
    - {at: 1 working day after due, do: remind}
"""


@dataclass(frozen=True)
class OfficeSite:
    """A written site with the prefix that makes its mailboxes its own on a shared server."""

    folder: Path
    prefix: str

    @property
    def office(self) -> str:
        return f"{self.prefix}-vp"

    def user(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def address(self, name: str) -> str:
        return f"{self.prefix}-{name}@in.test"


def write_site(
    folder: Path,
    *,
    imap: int,
    smtp: int,
    units: int = 3,
    mode: str = "live",
    plus: str = "no",
    database: str = "sqlite:///var/mailbot.db",
    unit_mail: str = "{p}-tdp{n}@in.test",
) -> OfficeSite:
    """Write a site whose units have mailboxes on the test server; the prefix keeps parallel tests apart."""
    prefix = f"t{uuid.uuid4().hex[:8]}"
    lines = [
        f"  tdp-{n}: {{name: Chi bộ Tổ dân phố {n}, called: [Chi bộ {n}], groups: [to-dan-pho], "
        f"mail: [{unit_mail.format(p=prefix, n=n)}]}}"
        for n in range(1, units + 1)
    ]
    (folder / "rules").mkdir(parents=True)
    main = MAILBOT.format(mode=mode, office=f"{prefix}-vp", imap=imap, smtp=smtp, plus=plus, database=database)
    (folder / "mailbot.yaml").write_text(main, "utf-8")
    (folder / "rules" / "directory.yaml").write_text(DIRECTORY.format(p=prefix, units="\n".join(lines)), "utf-8")
    (folder / "rules" / "10-rules.yaml").write_text(RULES, "utf-8")
    return OfficeSite(folder, prefix)


DIRECTIVE_TEXT = """\
ĐẢNG BỘ PHƯỜNG AN HÒA                 ĐẢNG CỘNG SẢN VIỆT NAM
ĐẢNG ỦY PHƯỜNG
*                                     An Hòa, ngày 05 tháng 10 năm 2026
Số {number}
V/v báo cáo kết quả sinh hoạt chuyên đề quý III năm 2026

Kính gửi: Các chi bộ trực thuộc

Thực hiện chương trình công tác năm 2026, Đảng ủy phường đề nghị các chi bộ báo cáo kết quả sinh hoạt chuyên đề
quý III, gửi về Đảng ủy trước ngày {due} để tổng hợp, báo cáo Thành ủy./.

Nơi nhận:                             T/M BAN THƯỜNG VỤ
- Như trên,                           PHÓ BÍ THƯ
- Lưu VPĐU.                           Trần Thị B
"""

INVITATION_TEXT = """\
ĐẢNG BỘ PHƯỜNG AN HÒA                 ĐẢNG CỘNG SẢN VIỆT NAM
VĂN PHÒNG ĐẢNG ỦY
*                                     An Hòa, ngày 05 tháng 10 năm 2026
Số {number}

GIẤY MỜI
họp giao ban tháng 10 năm 2026

Kính gửi: Các chi bộ trực thuộc

Văn phòng Đảng ủy trân trọng kính mời các đồng chí dự họp giao ban:
- Thời gian: 08 giờ 00, ngày 16/10/2026 (thứ Sáu)
- Địa điểm: Hội trường Đảng ủy phường
- Chủ trì: Đồng chí Trần Thị B, Phó Bí thư
Đề nghị xác nhận dự họp trước 16 giờ 00 ngày 14/10/2026./.
"""


def official(
    sender: str, to: str, subject: str, text: str, *, attachment: bytes | None = None, name: str = "van-ban.pdf"
) -> EmailMessage:
    """Return a mail of an office: text and, if given, one attachment."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@client.test>"
    mail["Date"] = "Mon, 05 Oct 2026 08:10:00 +0700"
    mail.set_content(text)
    if attachment is not None:
        mail.add_attachment(attachment, maintype="application", subtype="octet-stream", filename=name)
    return mail


def answer(original: bytes, sender: str, to: str, text: str) -> EmailMessage:
    """Return a person's reply to a mail of ours, as a mail client writes it."""
    from email import message_from_bytes
    from email.policy import default

    mail, first = EmailMessage(), message_from_bytes(original, policy=default)
    mail["From"], mail["To"] = sender, first["Reply-To"] or to
    mail["Subject"] = f"Re: {first['Subject']}"
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@client.test>"
    mail["In-Reply-To"] = first["Message-ID"]
    mail["References"] = first["Message-ID"]
    mail["Date"] = "Mon, 05 Oct 2026 09:30:00 +0700"
    mail.set_content(text)
    return mail


def submit(port: int, user: str, mail: EmailMessage, certificate: object = None) -> None:
    """Send a mail through the submission port as an authenticated user: the trust level `internal`."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.starttls(context=context)
        client.login(user, "secret")
        client.send_message(mail)
