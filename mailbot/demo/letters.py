"""What the demo's people and machines write back: answers as mail clients write them, receipts, absences, bounces."""

from __future__ import annotations

from datetime import datetime
from email import message_from_string
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from mailbot.demo.cast import Client
from mailbot.demo.papers import DOCX, OFFICE, new_mail, word_file
from mailbot.demo.servers import SERVER_NAME

if TYPE_CHECKING:
    from email.message import EmailMessage, Message

    from mailbot.demo.cast import Line, Person

REPORT_TEXT = """\
BÁO CÁO

Chi bộ đã tổ chức sinh hoạt theo kế hoạch; số đảng viên tham gia: 24/25; không có kiến nghị.
"""


def answer(person: Person, line: Line, original: EmailMessage, now: datetime) -> EmailMessage:
    """Return a person's answer to a mail of the office: subject, threading and quote as their client makes them."""
    mail = new_mail(person.address, _reply_address(original), f"Re: {original['Subject']}", now)
    mail["In-Reply-To"] = mail["References"] = str(original["Message-ID"])
    mail.set_content(f"{line.words}\n\n{_below(person, original)}")
    if line.report is not None:
        mail.add_attachment(word_file(REPORT_TEXT), maintype=DOCX[0], subtype=DOCX[1], filename=line.report)
    return mail


def absence(person: Person, original: EmailMessage, now: datetime) -> EmailMessage:
    """Return the automatic answer of somebody who is away (RFC 3834 section 3)."""
    mail = new_mail(person.address, _reply_address(original), f"Trả lời tự động: {original['Subject']}", now)
    mail["In-Reply-To"] = mail["References"] = str(original["Message-ID"])
    mail["Auto-Submitted"] = "auto-replied (vacation)"
    mail.set_content(f"{person.away}\n\nTrân trọng.\n")
    return mail


def receipt(person: Person, original: EmailMessage, now: datetime) -> Message:
    """Return the receipt that a client sends when its user has looked at a mail (RFC 8098 section 3)."""
    fields = (
        f"Reporting-UA: {person.address.rpartition('@')[2]}; mail client\r\n"
        f"Final-Recipient: rfc822;{person.address}\r\n"
        f"Original-Message-ID: {original['Message-ID']}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    words = "Thư đã được hiển thị trên máy của người nhận. Điều này không có nghĩa là nội dung đã được đọc.\n"
    report = _report("disposition-notification", words, fields)
    _address(report, person.address, OFFICE, f"Đã đọc: {original['Subject']}", now)
    return report


def returned(recipient: str, raw: bytes, now: datetime) -> Message:
    """Return the report of the mail server that could not deliver a mail after all (RFC 3464 section 2)."""
    fields = (
        f"Reporting-MTA: dns; {SERVER_NAME}\r\n"
        f"Arrival-Date: {format_datetime(now)}\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\n"
        "Status: 5.2.2\r\n"
        f"Diagnostic-Code: smtp; 552 5.2.2 <{recipient}>: mailbox is full\r\n"
    )
    words = f"Thư không chuyển được tới người nhận sau:\n\n<{recipient}>: hộp thư đã đầy (552 5.2.2)\n"
    report = _report("delivery-status", words, fields)
    head = MIMENonMultipart("text", "rfc822-headers")
    head.set_payload(raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace") + "\r\n")
    report.attach(head)
    _address(report, f"MAILER-DAEMON@{SERVER_NAME}", OFFICE, "Undelivered Mail Returned to Sender", now)
    report["Auto-Submitted"] = "auto-replied"
    return report


def _report(kind: str, words: str, fields: str) -> MIMEMultipart:
    """Return a multipart/report with its text for people and its fields for machines (RFC 6522)."""
    report: MIMEMultipart = MIMEMultipart("report")
    report.set_param("report-type", kind)
    report.attach(MIMEText(words, "plain", "utf-8"))
    machine = MIMENonMultipart("message", kind)
    # A delivery status is a list of field groups, a disposition notification one group alone.
    machine.set_payload(
        [message_from_string(group) for group in fields.split("\r\n\r\n")] if kind == "delivery-status" else fields
    )
    report.attach(machine)
    return report


def _address(mail: Message, sender: str, recipient: str, subject: str, now: datetime) -> None:
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])


def _reply_address(original: EmailMessage) -> str:
    return str(original["Reply-To"] or original["From"])


def _below(person: Person, original: EmailMessage) -> str:
    """Return signature and quote in the manner of the person's client."""
    body = original.get_body(("plain",))
    quoted = body.get_content().strip() if body is not None else ""
    marked = "\n".join(f"> {line}" for line in quoted.splitlines())
    when = original["Date"].datetime if original["Date"] is not None else None
    hour = f"{when:%H:%M}" if isinstance(when, datetime) else "08:00"
    day = f"{when.day} thg {when.month}, {when.year}" if isinstance(when, datetime) else ""
    sender = f"Văn phòng Đảng ủy <{OFFICE}>"
    signature = f"-- \n{person.signature}\n\n" if person.signature else ""
    if person.client is Client.PHONE:
        return f"Đã gửi từ iPhone của tôi\n\nVào {hour}, {day}, {sender} đã viết:\n\n{marked}\n"
    if person.client is Client.ZIMBRA:
        return (
            f"Trân trọng,\n{person.signature}\n\n----- Thư gốc -----\nTừ: {sender}\nTới: {person.address}\n"
            f"Đã gửi: {day} {hour}\nChủ đề: {original['Subject']}\n\n{quoted}\n"
        )
    return f"{signature}Vào {hour}, {day} {sender} đã viết:\n\n{marked}\n"
