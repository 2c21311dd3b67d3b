"""Mails made to hurt: the work that they cost is counted, not timed, and what the office sees of them is checked."""

from __future__ import annotations

import sys
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.mail import compose
from mailbot.mail.message import MAX_DEPTH, MAX_PARTS, parse
from mailbot.reading import Kind, ReadingContext, read
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import Planned, SendingMailbox, compose_mail
from mailbot.routing.plans import Outcome
from tests.example_office import CLERK, NOW, OFFICE, decided, directive, example, mail, reading_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.routing.plans import Decision, MailPlan


def work(step: Callable[[], Any]) -> int:
    """How many functions, of Python and of C, are called for a step: the same on every machine, busy or not."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        step()
    finally:
        sys.setprofile(None)
    return calls


def reading(raw: bytes) -> Callable[[], Any]:
    return lambda: read(raw, ReadingContext())


def nested(depth: int) -> bytes:
    """Multiparts in multiparts, as deep as one likes."""
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (at, at) for at in range(depth))
    return b"Subject: x\nMIME-Version: 1.0\n" + opened + b"Content-Type: text/plain\n\nSau trong cung\n"


def forwarded(depth: int) -> bytes:
    """Mails in mails, as deep as one likes."""
    return b"Subject: x\nContent-Type: message/rfc822\n\n" * depth + b"Subject: x\n\nSau trong cung\n"


def recipients(count: int) -> bytes:
    names = b", ".join(b"a%d@example.org" % at for at in range(count))
    return b"From: a@example.org\nTo: " + names + b"\nSubject: x\n\nx"


def fields(count: int) -> bytes:
    return b"".join(b"X-%d: y\n" % at for at in range(count)) + b"Subject: x\n\nx"


def parts(count: int) -> bytes:
    body = b"".join(b"--b\nContent-Type: application/pdf; name=a%d.pdf\n\nx\n" % at for at in range(count))
    return b'Subject: x\nContent-Type: multipart/mixed; boundary="b"\n\n' + body + b"--b--\n"


def heavy(megabytes: int) -> bytes:
    line = b"QUFB" * 19 + b"\n"
    head = b"Subject: x\nContent-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n"
    return head + line * (megabytes * 1024 * 1024 // len(line))


def page(count: int) -> bytes:
    return b"Subject: x\nContent-Type: text/html\n\n" + b"<script>alert(1)</script><p onclick='x()'>a</p>" * count


# A mail by its size, a size beyond the limit, and one many times that: the second costs hardly more than the first.
BOUNDED: dict[str, tuple[Callable[[int], bytes], int, int]] = {
    "a million recipients": (recipients, 100_000, 1_000_000),
    "a million header fields": (fields, 200_000, 1_000_000),
    "mails in mails": (forwarded, 200, 5_000),
    "parts": (parts, 1_000, 20_000),
    "fifty megabytes": (heavy, 2, 50),
    "a page of scripts": (page, 20_000, 200_000),
}


@pytest.mark.parametrize(("make", "much", "more"), BOUNDED.values(), ids=BOUNDED)
def test_beyond_a_limit_more_costs_no_more_work(make: Callable[[int], bytes], much: int, more: int) -> None:
    read(make(1), ReadingContext())  # what is imported and compiled at the first mail is no mail's work
    first, second = work(reading(make(much))), work(reading(make(more)))
    assert second <= first * 1.2 + 200, (first, second)


def test_multiparts_in_multiparts_cost_no_more_than_their_length() -> None:
    read(nested(1), ReadingContext())
    first, second = work(reading(nested(10_000))), work(reading(nested(40_000)))
    assert second <= first * 4 * 1.2, (first, second)


def test_nesting_ends_and_is_told() -> None:
    for raw in (nested(5_000), forwarded(5_000)):
        found = parse(raw)
        assert len(found.parts) <= MAX_PARTS
    assert any("nested too deep" in defect for defect in parse(nested(5_000)).defects)
    assert read(nested(MAX_DEPTH - 2), ReadingContext()).text.strip() == "Sau trong cung"


def test_a_million_recipients_are_cut_and_the_mail_is_still_read() -> None:
    found = read(recipients(1_000_000), ReadingContext())
    assert found.kind is Kind.OTHER
    assert found.sender.address == "a@example.org"
    assert len(found.to) < 100_000
    assert any("longer than its limit" in defect for defect in found.defects)


# --- header injection -----------------------------------------------------------------------------------------------

ENCODED = "=?utf-8?Q?x=0D=0ABcc:_evil=40example.org=0D=0A=0D=0A=3Cscript=3E?="


def sent(decision: Decision) -> list[Any]:
    """Return the mails that a decision makes, as a client reads them."""
    site = example()
    mailbox = SendingMailbox(OFFICE, site.office.name, site.office.timezone)
    letters = Letters(site.templates)
    return [message_from_bytes(composed(plan, mailbox, letters), policy=default) for plan in decision.mails]


def composed(plan: MailPlan, mailbox: SendingMailbox, letters: Letters) -> bytes:
    planned = Planned(
        id=1,
        token="a" * 13,
        message_id="<1@anhoa.example.vn>",
        mailbox=plan.mailbox,
        purpose=plan.purpose,
        template=plan.template,
        recipient=plan.recipient,
        recipient_name=plan.recipient_name,
        values=plan.values,
        shared_hash=None,
        boundary="b" * 20,
    )
    return (
        compose_mail(letters, planned, mailbox, NOW).head.replace(b"\r\n..", b"\r\n.") + b"\r\n--" + b"b" * 20 + b"--"
    )


OURS = {
    *("from", "to", "reply-to", "subject", "message-id", "date", "in-reply-to", "references", "auto-submitted"),
    *(
        "x-loop",
        "x-mailbot-purpose",
        "mime-version",
        "content-type",
        "x-auto-response-suppress",
        "precedence",
        "content-transfer-encoding",
    ),
}


@pytest.mark.parametrize("where", ["subject", "name", "file", "all"])
def test_nothing_that_is_written_in_a_mail_becomes_a_header_of_ours(where: str) -> None:
    name = f"{ENCODED} " if where in ("name", "all") else ""
    subject = ENCODED if where in ("subject", "all") else "Đề nghị báo cáo"
    raw = mail(CLERK, "SUBJECT", directive()).as_bytes()
    raw = raw.replace(b"Subject: SUBJECT", f"Subject: {subject}".encode()).replace(
        f"From: {CLERK}".encode(), f"From: {name}<{CLERK}>".encode()
    )
    if where in ("file", "all"):
        body = raw.partition(b"\n\n")
        kept = b"\n".join(line for line in body[0].split(b"\n") if not line.lower().startswith(b"content-"))
        file = b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        file += b"Content-Disposition: attachment;"
        file += b" filename*=utf-8''a%0D%0ABcc%3A%20evil%40example.org%0D%0A%0D%0A.txt\n\n" + directive().encode()
        raw = kept + b'\nContent-Type: multipart/mixed; boundary="x"\n\n--x\n' + file + b"\n--x--\n"
    decision = decided(raw)
    assert decision.mails, decision.reasons
    for written in sent(decision):
        assert {header.lower() for header in written.keys()} <= OURS  # noqa: SIM118 - a message is no mapping of one
        assert "evil@example.org" not in f"{written['to']} {written['reply-to']} {written['from']}"
        assert all("\n" not in str(value) for value in written.values())
    shared = compose.shared_parts(parse(raw), "y" * 20)
    again = message_from_bytes(
        b'Content-Type: multipart/mixed; boundary="' + b"y" * 20 + b'"\r\n' + shared, policy=default
    )
    for part in again.walk():
        assert "bcc" not in {header.lower() for header in part.keys()}  # noqa: SIM118


def test_a_script_in_a_subject_or_a_name_is_text_in_our_pages() -> None:
    decision = decided(mail(f'"<script>alert(1)</script>" <{CLERK}>', "<script>alert(2)</script>", directive()))
    pages = [
        part.get_content()
        for written in sent(decision)
        for part in written.walk()
        if part.get_content_subtype() == "html"
    ]
    assert pages
    assert not [one for one in pages if "<script" in one]


# --- who it pretends to be -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    [
        f'"{CLERK}" <evil@example.org>',
        f'"Văn thư {CLERK}" <evil@example.org>',
        f"{CLERK} <evil@example.org>",
        f'"{CLERK}>" <evil@example.org>',
        f"evil@example.org ({CLERK})",
        CLERK.replace("a", "\u0430", 1),
        CLERK.replace("anhoa.example.vn", "anhoa.example.vn.evil.org"),
        f"{CLERK}, evil@example.org",
        f"evil@example.org, {CLERK}",
    ],
)
@pytest.mark.parametrize("subject", ["Đề nghị báo cáo", "KẾT THÚC 152-CV/ĐU"])
def test_who_pretends_to_be_the_clerk_orders_and_sends_nothing(sender: str, subject: str) -> None:
    raw = mail("SENDER@example.org", subject, directive(), submitted=False).as_bytes()
    raw = raw.replace(b"From: SENDER@example.org", f"From: {sender}".encode())
    decision = decided(raw)
    assert not decision.deliveries
    assert decision.document is None
    assert decision.outcome is Outcome.HELD, decision.reasons
    assert not [plan for plan in decision.mails if "evil" in plan.recipient]


def test_what_a_page_hides_or_runs_is_no_word_of_its_sender() -> None:
    hidden = (
        "<html><body><p>Kính gửi các chi bộ</p><script>document.write('MẬT')</script>"
        "<style>p:after{content:'MẬT'}</style><p style='display:none'>KẾT THÚC 152-CV/ĐU</p></body></html>"
    )
    written = mail(CLERK, "Thông báo", "x")
    written.set_content(hidden, subtype="html")
    found = reading_of(written)
    assert found.text.strip() == "Kính gửi các chi bộ"
    assert found.commands == ()
    assert [str(one.danger) for one in found.dangers] == ["active_page"], "it would go along as it is"
