"""What machines report is read by recipient, and is never taken for a person's answer."""

import pytest

from mailbot.mail.message import parse
from mailbot.mail.reports import delivery_reports, read_receipt
from mailbot.reading import Kind, ReadingContext, read


def report(kind: str, *groups: str) -> bytes:
    status = "\r\n\r\n".join(groups)
    return (
        f"From: MAILER-DAEMON@mx.example.vn\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        f"--b\r\n\r\nKhong gui duoc\r\n--b\r\nContent-Type: message/{kind}\r\n\r\n{status}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@anhoa.example.vn>\r\n\r\n--b--\r\n"
    ).encode()


MTA = "Reporting-MTA: dns; mx.example.vn"


@pytest.mark.parametrize(
    ("group", "recipient", "action", "status"),
    [
        ("Final-Recipient: rfc822; A@b.vn\r\nAction: failed\r\nStatus: 5.1.1", "a@b.vn", "failed", "5.1.1"),
        ("Final-Recipient: rfc822;a@b.vn\r\nAction: delayed\r\nStatus: 4.4.1 (later)", "a@b.vn", "delayed", "4.4.1"),
        (
            "Original-Recipient: rfc822;a@b.vn\r\nFinal-Recipient: rfc822;x@c.vn\r\nAction: failed\r\nStatus: 5.2.2",
            "a@b.vn",
            "failed",
            "5.2.2",
        ),
        ("Final-Recipient: rfc822; a@b.vn\r\nAction: relayed", "a@b.vn", "relayed", None),
    ],
)
def test_each_recipient_has_its_fate(group: str, recipient: str, action: str, status: str | None) -> None:
    (bounce,) = delivery_reports(parse(report("delivery-status", MTA, group)))
    assert (bounce.recipient, bounce.action, bounce.status) == (recipient, action, status)
    assert bounce.original_message_id == "ours@anhoa.example.vn"


def test_a_read_receipt_names_its_mail() -> None:
    receipt = read_receipt(
        parse(
            report(
                "disposition-notification",
                "Final-Recipient: rfc822; a@b.vn\r\nOriginal-Message-ID: <x@y.vn>\r\n"
                "Disposition: automatic-action/MDN-sent-automatically; displayed/error",
            )
        )
    )
    assert receipt is not None
    assert (receipt.recipient, receipt.disposition, receipt.original_message_id) == ("a@b.vn", "displayed", "x@y.vn")


HOME_MADE = "From: postmaster@b.vn\r\nReturn-Path: <>\r\nSubject: {}\r\n\r\n{}"


@pytest.mark.parametrize(
    ("subject", "body", "kind"),
    [
        ("Thu khong gui duoc", "Khong chuyen duoc den <a@b.vn>: 550 5.1.1 khong ton tai", Kind.BOUNCE),
        ("Tra loi tu dong: CV 12", "Da nhan duoc thu.", Kind.AUTO_REPLY),
        ("Bao tri he thong", "Toi nay he thong bao tri.", Kind.OTHER),
    ],
)
def test_machines_without_standards_are_told_apart(subject: str, body: str, kind: Kind) -> None:
    assert read(HOME_MADE.format(subject, body).encode(), ReadingContext()).kind is kind
