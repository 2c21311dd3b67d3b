"""The dry run: the same plan as the daemon's, told as JSON, with the mails that would go out and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.service.explaining import explain_mail
from tests.example_office import CLERK, LEADER, MAILBOX, NOW, decided, directive, example, mail
from tests.store.test_ledger import invitation, superiors

if TYPE_CHECKING:
    from email.message import EmailMessage


def explained(written: EmailMessage) -> dict[str, Any]:
    found = explain_mail(written.as_bytes(), example(), MAILBOX, NOW)
    return json.loads(json.dumps(found.to_json("thu.eml"), ensure_ascii=False))  # type: ignore[no-any-return]


def test_our_own_paper_shows_the_question_now_and_the_copies_after_the_word() -> None:
    found = explained(mail(CLERK, "Công văn 152-CV/ĐU", directive(addressees="Các chi bộ tổ dân phố.")))
    assert found["outcome"] == "decided"
    assert found["rule"].startswith("de-nghi-bao-cao@")
    assert [unit["unit"] for unit in found["units"]] == ["tdp-1", "tdp-2", "tdp-3", "tdp-4", "tdp-5"]
    assert {unit["due"] for unit in found["units"]} == {"2026-10-15"}
    mails = [(item["purpose"], item["to"], item["when"]) for item in found["mails"] if item["when"][:1].isalpha()]
    assert mails == [
        ("confirm_before_send", CLERK, "ngay"),
        ("directive", "tdp1@example.org", "sau khi đồng ý"),
        ("directive", "tdp2@example.org", "sau khi đồng ý"),
        ("directive", "tdp3@example.org", "sau khi đồng ý"),
        ("paper_list", CLERK, "sau khi đồng ý"),
    ]
    later = [item["when"] for item in found["mails"] if item["to"] == "tdp1@example.org"][1:]
    assert [when[:16] for when in later] == [f"{day:02d}/10/2026 08:00" for day in (8, 13, 15, 16)]


def test_every_rule_tried_says_why_it_did_not_match() -> None:
    found = explained(mail(CLERK, "Công văn 152-CV/ĐU", directive()))
    *failed, last = found["trials"]
    assert last["matched"]
    assert all(trial["failed"] and trial["wanted"] for trial in failed)
    assert all(":" in trial["position"] for trial in found["trials"])


@pytest.mark.parametrize(
    ("written", "purposes"),
    [
        (superiors(), {"for_instruction": LEADER}),
        (invitation(), {"confirm_before_send": CLERK}),
        (mail("la@example.com", "Xin chào", "Chào."), {}),
        (mail(CLERK, "Công văn 152-CV/ĐU", directive(), submitted=False), {"refused": CLERK}),
    ],
    ids=["a superior's paper", "an invitation", "a stranger's mail", "an unproven sender"],
)
def test_what_would_go_out_at_once_is_what_the_daemon_decides(written: EmailMessage, purposes: dict[str, str]) -> None:
    found = explained(written)
    assert {item["purpose"]: item["to"] for item in found["mails"] if item["when"] == "ngay"} == purposes
    decision = decided(written)
    assert found["reasons"] == [str(reason) for reason in decision.reasons]
    assert found["held"] == [line.text for line in decision.held]
