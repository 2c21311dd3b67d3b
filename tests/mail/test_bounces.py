"""Bounces by no standard, in any tongue, are told with recipient, fate, status and the mail that they speak of."""

import pytest

from mailbot.reading import Kind, Reading, ReadingContext, read

RETURNED = (
    "From: vanthu@anhoa.example.vn\nTo: chibo9@xa.example\nSubject: Cong van\nMessage-ID: <ours@anhoa.example.vn>\n"
)
DAEMON = "Mail Delivery System <mailer-daemon@mx.xa.example>"
REPORT = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'

TYPED_TWICE = """--b
Content-Type: message/xdelivery-status

Reporting-MTA: dns; a

Original-Recipient: rfc822; rfc822;chibo9@xa.example
Action: failed

--b--"""
ACTION_OF_ALL = """--b
Content-Type: message/delivery-status

Reporting-MTA: dns; a
Action: failed

Final-Recipient: rfc822; chibo9@xa.example
Action: failed

--b--"""


def mail(sender: str, subject: str, body: str, *headers: str) -> bytes:
    usual = (f"From: {sender}", "To: vanthu@anhoa.example.vn", f"Subject: {subject}")
    typed = (
        () if any(line.startswith("Content-Type") for line in headers) else ("Content-Type: text/plain; charset=utf-8",)
    )
    return "\n".join((*usual, *headers, *typed, "", body)).replace("\n", "\r\n").encode()


def bounced(raw: bytes) -> Reading:
    reading = read(raw, ReadingContext())
    assert reading.kind is Kind.BOUNCE
    return reading


@pytest.mark.parametrize(
    ("sender", "subject", "body", "status", "ours"),
    [
        (
            DAEMON,
            "Undeliverable",
            '"chibo9@xa.example":\n5.1.1 User Unknown\n\n--- The original header. ---\n\n' + RETURNED,
            "5.1.1",
            True,
        ),
        (
            DAEMON,
            "failure notice",
            "<chibo9@xa.example>:\nRemote host said: 552 5.2.2 full\n\n--- Below is a copy.\n\n" + RETURNED,
            "5.2.2",
            True,
        ),
        (
            "Postmaster@xa.example",
            "DELIVERY FAILURE: not listed",
            "was not delivered to:\n\nchibo9@xa.example\n\nUser is not listed in it",
            "5.1.1",
            False,
        ),
        (
            "postmaster@xa.example",
            "Undeliverable",
            "--- Failure Reasons ---\n\nUser not listed in it\nchibo9@xa.example\n\n--- Returned Message ---\n"
            + RETURNED,
            "5.1.1",
            True,
        ),
        (
            '"Postmaster" <postmaster@xa.example>',
            "Undeliverable Mail",
            "User mailbox exceeds allowed size: chibo9@xa.example\n\nOriginal message follows.\n\n" + RETURNED,
            "5.2.2",
            True,
        ),
        (
            "MDaemon@xa.example",
            "Permanent Delivery Failure",
            "Failed address: chibo9@xa.example\n\n--- Session Transcript ---\n <-- 550 5.1.1 unknown\n",
            "5.1.1",
            False,
        ),
        (
            DAEMON,
            "Unzustellbar: Cong van",
            "Fehler bei der Zustellung an:\nchibo9@xa.example\nDie Adresse konnte nicht gefunden werden.",
            "5.1.1",
            False,
        ),
        (
            DAEMON,
            "Non remis : Cong van",
            "Échec de la remise :\nchibo9@xa.example\nL'adresse est introuvable.",
            "5.1.1",
            False,
        ),
        (
            DAEMON,
            "Không gửi được thư",
            "Thư gửi chibo9@xa.example không gửi được vì không tìm thấy địa chỉ.",
            "5.1.1",
            False,
        ),
        (DAEMON, "Ваше сообщение не доставлено", "Адрес chibo9@xa.example не существует.", "5.1.1", False),
        ("postmaster@xa.example", "系统退信", "收件人：chibo9@xa.example\n收件人邮件地址不存在", "5.1.1", False),
        (DAEMON, "Mail System Error", "アドレスが見つかりませんでした。\n<chibo9@xa.example>", "5.1.1", False),
        (DAEMON, "Undelivered", "chibo9@xa.example: the account is disabled, delivery failed", "5.2.1", False),
        (DAEMON, "Undelivered", "chibo9@xa.example: refused, in words that nobody knows", None, False),
    ],
)
def test_what_a_daemon_writes_is_understood(
    sender: str, subject: str, body: str, status: str | None, ours: bool
) -> None:
    (bounce,) = bounced(mail(sender, subject, body)).bounces
    assert (bounce.recipient, bounce.action, bounce.status) == ("chibo9@xa.example", "failed", status)
    assert bounce.original_message_id == ("ours@anhoa.example.vn" if ours else None)
    assert (bounce.diagnostic is None) == (status is None)


@pytest.mark.parametrize(
    ("subject", "body", "action"),
    [
        ("Warning: message 1ab delayed 24 hours", "has not yet been delivered to chibo9@xa.example", "delayed"),
        (
            "Delivery Status Notification (Delay)",
            "Thư gửi chibo9@xa.example đã bị trễ, hệ thống sẽ tiếp tục thử.",
            "delayed",
        ),
        ("Warning: could not send message", "THIS IS A WARNING MESSAGE ONLY\nDeferred: chibo9@xa.example", "delayed"),
        ("Undelivered", "Delayed for 5 days, given up, permanent failure: chibo9@xa.example", "failed"),
    ],
)
def test_a_delay_is_no_failure(subject: str, body: str, action: str) -> None:
    (bounce,) = bounced(mail(DAEMON, subject, body)).bounces
    assert (bounce.recipient, bounce.action) == ("chibo9@xa.example", action)


@pytest.mark.parametrize(
    ("body", "headers", "recipients"),
    [
        ("Nhóm không tồn tại: tim@xa.example", ("X-Failed-Recipients: chibo9@xa.example",), ["chibo9@xa.example"]),
        ("x", ("X-Failed-Recipients: a@xa.example, B@xa.example",), ["a@xa.example", "b@xa.example"]),
        ("You wrote to chibo9@xa.example. That's not a valid user here.", ("Return-Path: <>",), ["chibo9@xa.example"]),
        ("<<< Nothing Collected >>>", (REPORT, "Return-Path: <>"), [None]),
        (TYPED_TWICE, (REPORT,), ["chibo9@xa.example"]),
        (ACTION_OF_ALL, (REPORT,), ["chibo9@xa.example"]),
    ],
)
def test_marks_of_a_bounce_count_without_words(
    body: str, headers: tuple[str, ...], recipients: list[str | None]
) -> None:
    sender = "<>" if "Return-Path" in headers[0] else DAEMON
    found = bounced(mail(sender, "Thu", body, *headers)).bounces
    assert [bounce.recipient for bounce in found] == recipients


def test_addresses_of_the_returned_mail_do_not_count() -> None:
    page = (
        "<p>Delivery has failed to these recipients:</p><p>chibo9@xa.example</p><p>Remote server: 550 5.1.10 none</p>"
        "<p>Original message headers:</p><pre>Message-ID: &lt;ours@anhoa.example.vn&gt;\nCc: chibo7@xa.example</pre>"
    )
    (bounce,) = bounced(mail(DAEMON, "Undeliverable", page, "Content-Type: text/html")).bounces
    assert (bounce.recipient, bounce.original_message_id) == ("chibo9@xa.example", "ours@anhoa.example.vn")


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("chibo5@xa.example", "Re: Cong van", "Thư tôi gửi chibo9@xa.example bị trả lại: 550 5.1.1 User unknown."),
        ("chibo5@xa.example", "Fwd: Undelivered Mail Returned to Sender", "Nhờ văn thư xem: could not be delivered"),
        ("postmaster@xa.example", "Bảo trì hệ thống", "Máy chủ thư nghỉ từ 22 giờ. Liên hệ it@xa.example."),
    ],
)
def test_a_person_who_speaks_of_a_bounce_is_none(sender: str, subject: str, body: str) -> None:
    assert read(mail(sender, subject, body), ReadingContext()).kind is not Kind.BOUNCE
