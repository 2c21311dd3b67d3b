"""The dry run: the same plan as the daemon's, told as JSON, with the mails that would go out and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.service.explaining import explain_mail
from tests.example_office import CLERK, HANOI, LEADER, MAILBOX, NOW, decided, directive, example, mail
from tests.store.test_ledger import invitation, superiors

if TYPE_CHECKING:
    from email.message import EmailMessage


def explained(written: EmailMessage) -> dict[str, Any]:
    found = explain_mail(written.as_bytes(), example(), MAILBOX, NOW, NOW)
    return json.loads(json.dumps(found.to_json("thu.eml"), ensure_ascii=False))  # type: ignore[no-any-return]


def test_our_own_paper_shows_the_question_now_and_the_copies_after_the_word() -> None:
    found = explained(mail(CLERK, "Công văn 152-CV/ĐU", directive(addressees="Các chi bộ tổ dân phố.")))
    assert found["outcome"] == "decided"
    assert found["rule"].startswith("de-nghi-bao-cao@")
    assert [unit["unit"] for unit in found["units"]] == ["tdp-1", "tdp-2", "tdp-3", "tdp-4", "tdp-5"]
    assert {unit["due"] for unit in found["units"]} == {"2026-10-15"}
    now, later = [
        [(item["purpose"], item["to"]) for item in found["mails"] if item["when"] == when]
        for when in ("at_once", "after_the_word")
    ]
    assert now == [("confirm_before_send", CLERK)]
    assert later == [
        ("directive", "tdp1@example.org"),
        ("directive", "tdp2@example.org"),
        ("directive", "tdp3@example.org"),
        ("paper_list", CLERK),
        ("released", CLERK),
    ]
    reminders = [item for item in found["mails"] if item["to"] == "tdp1@example.org" and item["purpose"] == "reminder"]
    assert [item["at"][:16] for item in reminders] == [f"2026-10-{day:02d}T08:00" for day in (8, 13, 15, 16)]
    assert all(item["because"] for item in reminders)


def test_every_rule_tried_says_which_condition_failed_and_near_misses_are_marked() -> None:
    found = explained(mail(CLERK, "Công văn 152-CV/ĐU", directive()))
    *failed, last = found["rules"]
    assert last["matched"]
    assert all(any(not one["held"] for one in rule["conditions"]) for rule in failed)
    assert {rule["rule"] for rule in failed if rule["near_miss"]} == {"giay-moi", "du-thao"}
    assert all(":" in rule["position"] and len(rule["version"]) == 64 for rule in found["rules"])


def test_units_say_which_line_named_them_and_deadlines_why_that_day() -> None:
    written = mail(CLERK, "Công văn 152-CV/ĐU", directive(addressees="Các chi bộ trường học (trừ Trường THCS An Hòa)."))
    found = explained(written)
    assert {unit["reason"] for unit in found["units"]} == {
        "group:truong-hoc ← Các chi bộ trường học (trừ Trường THCS An Hòa)"
    }
    assert {unit["due_because"] for unit in found["units"]} == {"document: trước ngày 16/10/2026"}
    assert found["excluded"] == ["Chi bộ Trường THCS An Hòa (văn bản ghi trừ)"]


def test_a_mail_of_another_year_is_decided_with_the_directory_and_the_calendar_of_its_time() -> None:
    """Chợ Cũ was a cell of its own until 2025-06-30, when it was merged into Tổ dân phố 2."""
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    units = {}
    for year in (2019, 2026):
        came = datetime(year, 10, 7, 8, 10, tzinfo=HANOI)
        text = directive(addressees="Chi bộ Chợ Cũ.").replace("2026", str(year))
        written = mail(CLERK, "Công văn 152-CV/ĐU", text, at=came)
        found = explain_mail(written.as_bytes(), example(), MAILBOX, now).to_json("thu.eml")
        units[year] = [unit["unit"] for unit in found["units"]]
        assert found["at"][:10] == f"{year}-10-07"
    assert units == {2019: ["cho-cu"], 2026: ["tdp-2"]}


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
    assert {item["purpose"]: item["to"] for item in found["mails"] if item["when"] == "at_once"} == purposes
    decision = decided(written)
    assert found["reasons"] == [str(reason) for reason in decision.reasons]
    assert found["held"] == [line.text for line in decision.held]
