"""The demo's mail system believes only who has logged in, and says truthfully who that was."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from imapclient import IMAPClient

from mailbot.demo.servers import LOOPBACK, MailServers, Manners

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 10, 6, 1, 10, tzinfo=UTC)
AN, BINH = "an@example.vn", "binh@example.vn"
MAIL = f"From: {AN}\r\nTo: {BINH}\r\nSubject: Test\r\n\r\nchào\r\n".encode()


class System:
    """The servers with what they wanted to return."""

    def __init__(self) -> None:
        self.returned: list[tuple[str, str]] = []
        manners = Manners(refused=frozenset({"dead@example.vn"}), returned=frozenset({"full@example.vn"}))
        self.servers = MailServers(manners, lambda: NOW, lambda *mail: self.returned.append(mail[:2]))

    def client(self, user: str | None = AN) -> smtplib.SMTP:
        client = smtplib.SMTP(LOOPBACK, self.servers.smtp_port)
        if user is not None:
            client.login(user, "secret")
        return client

    def inbox(self, user: str) -> list[tuple[bytes, datetime]]:
        with IMAPClient(LOOPBACK, self.servers.imap_port, ssl=False) as client:
            client.normalise_times = False
            client.login(user, "secret")
            client.select_folder("INBOX")
            numbers = client.search()
            found = client.fetch(numbers, ["BODY.PEEK[]", "INTERNALDATE"]) if numbers else {}
            return [(mail[b"BODY[]"], mail[b"INTERNALDATE"]) for mail in found.values()]


@pytest.fixture
def system() -> Iterator[System]:
    running = System()
    running.servers.start()
    running.servers.open_accounts({AN: "secret", BINH: "secret"})
    yield running
    running.servers.stop()


def test_submitted_mail_arrives_at_the_offices_time_under_a_line_that_names_its_sender(system: System) -> None:
    with system.client() as client:
        client.sendmail(AN, ["binh+tag@example.vn"], MAIL)
    ((raw, arrived),) = system.inbox(BINH)
    assert f"(Authenticated sender: {AN}) by mail.anhoa.example.vn with ESMTPA".encode() in raw
    assert raw.endswith(MAIL)
    assert arrived == NOW


@pytest.mark.parametrize(
    ("user", "sender", "recipient", "mail", "code"),
    [
        (None, AN, BINH, MAIL, 530),
        (BINH, AN, BINH, MAIL, 553),
        (BINH, BINH, AN, MAIL, 550),
        (AN, AN, "dead@example.vn", MAIL, 550),
        (AN, AN, "nobody@example.vn", MAIL, 550),
    ],
    ids=["without login", "another's envelope", "another's From", "dead address", "unknown address"],
)
def test_what_is_not_the_senders_own_or_has_no_mailbox_is_refused(
    system: System, user: str | None, sender: str, recipient: str, mail: bytes, code: int
) -> None:
    with system.client(user) as client, pytest.raises(smtplib.SMTPException) as refused:
        client.sendmail(sender, [recipient], mail)
    assert str(code) in str(refused.value)
    assert system.inbox(AN) == system.inbox(BINH) == []


def test_full_mailbox_takes_the_mail_and_gives_it_back_later(system: System) -> None:
    with system.client() as client:
        client.sendmail(AN, ["full@example.vn"], MAIL)
    assert system.returned == [(AN, "full@example.vn")]
