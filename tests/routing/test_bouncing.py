"""Why a mail came back, by codes and by words."""

from __future__ import annotations

import pytest

from mailbot.routing.bouncing import IN_WORDS, Cause, cause_of

SEEN = [
    ("5.1.1", "550 5.1.1 <a@example.org>: Recipient address rejected: User unknown", Cause.ADDRESS),
    ("5.1.10", "RESOLVER.ADR.RecipientNotFound", Cause.ADDRESS),
    ("5.2.1", "The email account is disabled", Cause.ADDRESS),
    ("5.2.2", "552 5.2.2 Mailbox full", Cause.FULL),
    ("4.2.2", "The recipient's inbox is out of storage space", Cause.FULL),
    ("5.2.3", "message exceeds the mailbox's size", Cause.CONTENT),
    ("5.3.4", "Message size exceeds fixed limit", Cause.CONTENT),
    ("5.6.1", "media not supported", Cause.CONTENT),
    ("5.7.1", "550 5.7.1 message rejected due to policy", Cause.POLICY),
    ("5.7.26", "unauthenticated mail, DMARC", Cause.POLICY),
    ("5.4.4", "Host or domain name not found", Cause.ADDRESS),
    ("4.4.7", "delivery time expired", Cause.DELAY),
    ("5.0.0", "Quota exceeded", Cause.FULL),
    ("5.0.0", "blocked using a spam list", Cause.POLICY),
    (None, "Hộp thư đầy", Cause.FULL),
    (None, "Địa chỉ không tìm thấy", Cause.ADDRESS),
    (None, "Connection timed out", Cause.DELAY),
    (None, None, Cause.OTHER),
    ("5.5.0", "what nobody has seen", Cause.OTHER),
]


@pytest.mark.parametrize(("status", "diagnostic", "cause"), SEEN)
def test_cause_of_a_bounce(status: str | None, diagnostic: str | None, cause: Cause) -> None:
    assert cause_of(status, diagnostic) is cause


def test_every_cause_has_its_words() -> None:
    assert set(IN_WORDS) == set(Cause)
