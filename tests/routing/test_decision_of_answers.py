"""What comes back on our mails: answers, approvals, bounces and receipts, tied to deliveries or put to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.known import KnownDelivery, KnownDocument, KnownThread
from mailbot.routing.model import Ask, TrustLevel
from mailbot.routing.plans import Outcome, Purpose
from mailbot.routing.releasing import carry_out
from tests.example_office import CLERK, LEADER, MAILBOX, NOW, decided, directive, example, mail, with_trust

if TYPE_CHECKING:
    from mailbot.routing.plans import Decision

UNIT = "tdp1@example.org"
SECOND = "bithu.tdp1@example.org"
ELSEWHERE = "may.o.nha@example.com"


def waiting(state: str = "awaiting_confirmation", **more: Any) -> KnownDocument:
    plan = decided(mail(CLERK, "Công văn 152-CV/ĐU", directive())).document
    assert plan is not None
    return KnownDocument(
        3,
        state,
        "outgoing",
        "152-CV/ĐU",
        "key of the paper",
        release=plan.release,
        shared_hash="h",
        boundary="b",
        **more,
    )


def delivery(*, ask: str = "report", **more: Any) -> KnownDelivery:
    facts: dict[str, Any] = {
        "id": 11,
        "document_id": 3,
        "unit": "tdp-1",
        "unit_name": "Chi bộ Tổ dân phố 1",
        "ask": Ask(ask),
        "addresses": (UNIT, SECOND),
        "document_number": "152-CV/ĐU",
        "tried": (UNIT,),
    }
    return KnownDelivery(**facts | more)


def thread(purpose: Purpose = Purpose.DIRECTIVE, recipient: str = UNIT, **more: Any) -> KnownThread:
    facts: dict[str, Any] = {
        "outbox_id": 21,
        "purpose": purpose,
        "recipient": recipient,
        "recipient_name": "Chi bộ Tổ dân phố 1",
        "template": "directive",
        "values": {"number": "152-CV/ĐU"},
        "found_by": "token",
        "mailbox": MAILBOX,
        "document": waiting("released"),
        "deliveries": (delivery(),),
    }
    return KnownThread(**facts | more)


def says(
    words: str, sender: str = UNIT, *, about: KnownThread | None = None, site: Any = None, **more: Any
) -> Decision:
    """Decide about a reply to our mail."""
    written = mail(sender, "Re: Công văn 152-CV/ĐU", words, In_Reply_To="<mb.x@anhoa.example.vn>", **more)
    return decided(written, site, thread=about or thread())


def facts(decision: Decision) -> list[tuple[int, str]]:
    return [(fact.delivery_id, fact.said) for fact in decision.facts]


# --- the words of a unit ---


@pytest.mark.parametrize(
    ("words", "ask", "said", "told"),
    [
        ("Đã nhận", "report", "acknowledge", []),
        ("Da nhan duoc van ban", "acknowledgement", "acknowledge", []),
        ("Đồng ý", "report", "acknowledge", []),
        ("Đồng ý", "rsvp", "accept", []),
        ("Dự họp", "rsvp", "accept", []),
        ("Xin vắng, lý do: đi công tác", "rsvp", "decline", ["unit_decline"]),
        ("Cử đồng chí Lê Văn Cát, Phó Bí thư, dự thay", "rsvp", "delegate", ["unit_delegate"]),
        ("Xin gia hạn đến ngày 20/10/2026, lý do: nhiều việc", "report", "extension", ["unit_extension"]),
        ("Không mở được tệp đính kèm", "report", "problem", ["unit_problem"]),
        ("Văn bản này gửi nhầm, không phải của chi bộ tôi", "report", "refuse", ["unit_refuse"]),
    ],
)
def test_units_words_become_facts_and_what_needs_a_person_is_told(
    words: str, ask: str, said: str, told: list[str]
) -> None:
    decision = says(words, about=thread(deliveries=(delivery(ask=ask),)))
    assert facts(decision) == [(11, said)]
    assert [line.reason for line in decision.held] == told
    assert not decision.mails


def test_words_that_nobody_understands_move_nothing() -> None:
    decision = says("Chuyện này để hôm khác nói sau nhé anh.")
    assert (decision.outcome, facts(decision)) == (Outcome.HELD, [])
    assert [line.delivery_id for line in decision.held] == [11]


def test_one_answer_counts_for_all_units_behind_the_mailbox() -> None:
    both = thread(recipient="tdp3@example.org", deliveries=(delivery(id=1), delivery(id=2, unit="tdp-4")))
    assert facts(says("Đã nhận", about=both)) == [(1, "acknowledge"), (2, "acknowledge")]


@pytest.mark.parametrize("sender", [UNIT, SECOND, "nguyenvanan@example.org"])
def test_every_registered_address_of_the_unit_speaks_for_it(sender: str) -> None:
    decision = says("Đã gửi báo cáo", sender, files={"bc.txt": "Kết quả quý III."})
    assert facts(decision) == [(11, "report")]
    assert "unregistered" not in decision.facts[0].data


def test_acknowledgement_by_token_counts_from_any_address_marked_and_shown() -> None:
    decision = says("Đã nhận", ELSEWHERE)
    assert facts(decision) == [(11, "acknowledge")]
    assert decision.facts[0].data["unregistered"] == ELSEWHERE
    assert [line.reason for line in decision.held] == ["unregistered_address"]
    assert ELSEWHERE in decision.held[0].text


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("Gửi báo cáo kèm theo", {"bc.txt": "Kết quả."}),
        ("Xin gia hạn đến ngày 20/10/2026", {}),
        ("Văn bản gửi nhầm, không phải của chi bộ tôi", {}),
    ],
    ids=["report", "extension", "refusal"],
)
def test_what_would_close_a_task_waits_when_the_address_is_not_the_units(words: str, files: dict[str, str]) -> None:
    decision = says(words, ELSEWHERE, files=files)
    assert (decision.outcome, facts(decision)) == (Outcome.HELD, [])
    assert [line.reason for line in decision.held] == ["unregistered_address"]


def test_office_that_does_not_trust_tokens_lets_no_stranger_speak() -> None:
    site = with_trust(answers=(TrustLevel.KNOWN_ADDRESS,))
    assert facts(says("Đã nhận", ELSEWHERE, site=site)) == []


def test_numbered_report_in_the_thread_closes_the_task_and_enters_the_book() -> None:
    report = "CHI BỘ TỔ DÂN PHỐ 1\nSố 12-BC/CB\nAn Hòa, ngày 06 tháng 10 năm 2026\n\nBÁO CÁO\nkết quả cải cách\n"
    decision = says("Gửi báo cáo kèm theo.", files={"12-BC.txt": report})
    assert facts(decision) == [(11, "report")]
    assert decision.document is not None
    assert (decision.document.book, decision.document.number) == ("van-ban-den", "12-BC/CB")


def test_our_own_paper_sent_back_is_not_registered_as_theirs() -> None:
    decision = says("Chi bộ gửi báo cáo.", files={"152.txt": directive()})
    assert decision.document is None


def test_answer_outside_a_thread_is_shown_with_its_candidates_and_guessed_never() -> None:
    decision = decided(mail(UNIT, "Đã nhận văn bản", "Đã nhận"), candidates=(delivery(), delivery(id=12)))
    assert (decision.outcome, facts(decision)) == (Outcome.HELD, [])
    assert [line.reason for line in decision.held] == ["candidates"]
    assert "152-CV/ĐU" in decision.held[0].text


def test_numbered_report_outside_a_thread_is_registered_and_the_clerk_ties_it() -> None:
    report = "CHI BỘ TỔ DÂN PHỐ 1\nSố 12-BC/CB\nAn Hòa, ngày 06 tháng 10 năm 2026\n\nBÁO CÁO\nkết quả cải cách\n"
    letter = mail(UNIT, "Báo cáo số 12-BC/CB", "Gửi văn bản.", files={"12-BC.txt": report}, submitted=False)
    decision = decided(letter, candidates=(delivery(),))
    assert decision.document is not None
    assert "candidates" in [line.reason for line in decision.held]
    assert facts(decision) == []


# --- the word of the office ---


def asked(state: str = "awaiting_confirmation", **more: Any) -> KnownThread:
    return thread(Purpose.CONFIRM, CLERK, recipient_name="Văn thư", document=waiting(state), deliveries=(), **more)


@pytest.mark.parametrize(
    "words", ["ĐỒNG Ý", "Dong y", "đồng ý gửi", "Nhất trí phát hành.", "ĐỒNG Ý\n\nTrân trọng\nCán bộ văn thư"]
)
def test_word_of_the_asked_address_sends_the_paper_as_it_was_shown(words: str) -> None:
    decision = says(words, CLERK, about=asked())
    release = waiting().release
    assert release is not None
    assert decision.release_of == 3
    planned, mails = carry_out(release, example(), "key of the paper", NOW)
    assert decision.deliveries == planned
    assert [plan.recipient for plan in decision.mails] == [*(plan.recipient for plan in mails), CLERK]
    assert decision.mails[-1].purpose is Purpose.RELEASED
    assert ("save_sent", "Sent") in [(action.action, action.argument) for action in decision.actions]


@pytest.mark.parametrize(
    ("words", "sender", "state", "code", "cancel"),
    [
        ("KHÔNG GỬI", CLERK, "awaiting_confirmation", "rejected", 3),
        ("Không đồng ý", CLERK, "awaiting_confirmation", "rejected", 3),
        ("ĐỒNG Ý", ELSEWHERE, "awaiting_confirmation", "trust", None),
        ("ĐỒNG Ý", UNIT, "awaiting_confirmation", "trust", None),
        ("ĐỒNG Ý", CLERK, "released", "already_decided", None),
        ("ĐỒNG Ý", CLERK, "cancelled", "already_decided", None),
        ("ĐỒNG Ý, trừ Chi bộ 3", CLERK, "awaiting_confirmation", "instruction_for_clerk", None),
        ("Đồng ý nhưng bỏ Chi bộ 3", CLERK, "awaiting_confirmation", "instruction_for_clerk", None),
        ("ĐỒNG Ý\nTRỪ Chi bộ 3", CLERK, "awaiting_confirmation", "instruction_for_clerk", None),
        ("Đồng ý. Giao đ/c Nam chủ trì", CLERK, "awaiting_confirmation", "instruction_for_clerk", None),
        ("Đồng ý gửi ngày mai", CLERK, "awaiting_confirmation", "instruction_for_clerk", None),
        ("Xem lại ngày tháng giúp", CLERK, "awaiting_confirmation", "instruction_for_clerk", None),
    ],
)
def test_anything_but_that_word_sends_nothing(
    words: str, sender: str, state: str, code: str, cancel: int | None
) -> None:
    decision = says(words, sender, about=asked(state))
    assert ([reason.code for reason in decision.reasons], decision.cancel) == ([code], cancel)
    assert (decision.release_of, decision.deliveries, decision.mails) == (None, (), ())


def submitted(state: str = "awaiting_instruction") -> KnownThread:
    return thread(Purpose.SUBMISSION, LEADER, recipient_name="Đỗ Minh Phúc", document=waiting(state), deliveries=())


def test_leaders_instruction_is_kept_word_for_word_and_told_to_the_units() -> None:
    decision = says("Đồng ý", LEADER, about=submitted())
    assert decision.instruction is not None
    assert (decision.instruction.given_by, decision.instruction.text) == ("Đỗ Minh Phúc", "Đồng ý")
    assert decision.mails[0].values["instructed_by"] == "Đỗ Minh Phúc"


@pytest.mark.parametrize("words", ["Lưu", "Lưu hồ sơ.", "LƯU VĂN BẢN"])
def test_leader_may_have_it_kept_only(words: str) -> None:
    decision = says(words, LEADER, about=submitted())
    assert (decision.files, decision.cancel, decision.release_of) == (3, None, None)


@pytest.mark.parametrize("words", ["Xem lại ngày tháng giúp", "Đồng ý gửi ngày mai", "Khoan, để họp đã"])
def test_what_nobody_makes_out_of_a_leader_s_words_goes_to_the_clerk_and_is_told(words: str) -> None:
    decision = says(words, LEADER, about=submitted())
    assert words in decision.held[0].text
    assert [(plan.purpose, plan.recipient) for plan in decision.mails] == [(Purpose.ORDER_ASKED, LEADER)]
    assert (decision.release_of, decision.files, decision.deliveries, decision.instruction) == (None, None, (), None)


# --- was it really you? ---


def challenge() -> KnownThread:
    return thread(Purpose.CHALLENGE, CLERK, document=None, deliveries=(), message_ref=77)


@pytest.mark.parametrize(
    ("words", "sender", "code", "again"),
    [
        ("ĐỒNG Ý", CLERK, "sender_confirmed", 77),
        ("KHÔNG GỬI", CLERK, "sender_denied", None),
        ("ĐỒNG Ý", ELSEWHERE, "trust", None),
        ("Việc gì thế em?", CLERK, "not_understood", None),
    ],
)
def test_only_the_registered_address_confirms_a_doubtful_mail(
    words: str, sender: str, code: str, again: int | None
) -> None:
    decision = says(words, sender, about=challenge())
    assert ([reason.code for reason in decision.reasons], decision.decide_again) == ([code], again)
    assert bool(decision.held) is (again is None)


# --- machines ---

DSN = """\
From: MAILER-DAEMON@mx.example.org
To: vanphong@anhoa.example.vn
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} user unknown

--b
Content-Type: text/rfc822-headers

Message-ID: <mb.x@anhoa.example.vn>
Subject: 152-CV/DU

--b--
"""
MDN = """\
From: {sender}
To: vanphong@anhoa.example.vn
Subject: Read: 152-CV/DU
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

Your message was {disposition}.

--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; {sender}
Original-Message-ID: <mb.x@anhoa.example.vn>
Disposition: manual-action/MDN-sent-manually; {disposition}

--b--
"""


def dsn(action: str = "failed", status: str = "5.1.1", recipient: str = UNIT) -> bytes:
    return DSN.format(action=action, status=status, recipient=recipient).replace("\n", "\r\n").encode()


def test_bounce_sends_the_same_mail_to_the_units_next_address() -> None:
    decision = decided(dsn(), thread=thread())
    assert facts(decision) == [(11, "bounced")]
    (again,) = decision.mails
    assert (again.recipient, again.template, again.deliveries, again.shared) == (SECOND, "directive", (11,), True)
    assert again.source_key == "key of the paper"
    assert [line.audience for line in decision.held] == ["admin"]


def test_bounce_of_the_last_address_goes_to_the_clerk_with_a_telephone_number() -> None:
    last = thread(recipient=SECOND, deliveries=(delivery(tried=(UNIT, SECOND)),))
    decision = decided(dsn(recipient=SECOND), thread=last)
    assert facts(decision) == [(11, "bounced"), (11, "unreachable")]
    assert not decision.mails
    assert [(line.reason, line.audience) for line in decision.held] == [("unreachable", "clerk")]
    assert "0900.000.001" in decision.held[0].text


@pytest.mark.parametrize(
    ("action", "status", "said"), [("delayed", "4.4.1", "delayed"), ("delivered", "2.0.0", "delivered")]
)
def test_other_delivery_reports_only_tell_where_the_mail_is(action: str, status: str, said: str) -> None:
    decision = decided(dsn(action, status), thread=thread())
    assert (facts(decision), decision.mails, decision.held) == ([(11, said)], (), ())


def test_bounce_of_a_mail_that_is_not_ours_is_told_to_the_admin() -> None:
    decision = decided(dsn())
    assert (facts(decision), [line.audience for line in decision.held]) == ([], ["admin"])


@pytest.mark.parametrize(("disposition", "said"), [("displayed", "read"), ("deleted", "delivered")])
def test_read_receipt_is_read_and_never_an_acknowledgement(disposition: str, said: str) -> None:
    raw = MDN.format(sender=UNIT, disposition=disposition).replace("\n", "\r\n").encode()
    decision = decided(raw, thread=thread())
    assert (facts(decision), decision.mails, decision.held) == ([(11, said)], (), ())


def test_automatic_reply_is_noted_and_never_an_acknowledgement() -> None:
    decision = says("Cảm ơn, chúng tôi đã nhận được thư.", Auto_Submitted="auto-replied")
    assert facts(decision) == [(11, "auto_reply")]
    assert (decision.outcome, decision.mails) == (Outcome.DECIDED, ())


def test_who_is_away_has_the_unit_s_next_mailbox_asked() -> None:
    decision = says("Tôi đã nhận được thư, hiện đang nghỉ phép.", Auto_Submitted="auto-replied")
    assert facts(decision) == [(11, "auto_reply")]
    assert [(plan.template, plan.recipient) for plan in decision.mails] == [("handover", "bithu.tdp1@example.org")]


def test_bounce_of_a_reminder_carries_no_paper() -> None:
    decision = decided(dsn(), thread=replace(thread(), purpose=Purpose.REMINDER, template="reminder"))
    assert [plan.shared for plan in decision.mails] == [False]


@pytest.mark.parametrize("purpose", [Purpose.PAPER_LIST, Purpose.ESCALATION, Purpose.RELEASED])
def test_what_the_office_answers_on_its_own_lists_is_never_a_units_word(purpose: Purpose) -> None:
    decision = says("Đã nhận", CLERK, about=thread(purpose, CLERK))
    assert (decision.outcome, facts(decision)) == (Outcome.HELD, [])


# --- one mail about several papers ---


def several(*asks: str) -> KnownThread:
    papers = tuple(
        delivery(id=number, document_id=number, item=number, ask=ask, document_number=f"15{number}-CV/ĐU")
        for number, ask in enumerate(asks, start=1)
    )
    return thread(Purpose.REMINDER, deliveries=papers)


@pytest.mark.parametrize(
    ("words", "said", "unclear"),
    [
        ("1 đã nhận\n2 dự họp", [(1, "acknowledge"), (2, "accept")], []),
        ("1. Đã nhận\n3) Xin gia hạn đến ngày 20/10/2026", [(1, "acknowledge"), (3, "extension")], []),
        ("2: Xin vắng, lý do: đi công tác", [(2, "decline")], []),
        ("Đã nhận", [(1, "acknowledge"), (2, "acknowledge"), (3, "acknowledge")], []),
        ("Xin vắng, lý do: đi công tác", [], [1, 2, 3]),
        ("9 đã nhận", [], []),
    ],
)
def test_a_list_is_answered_line_by_line(words: str, said: list[tuple[int, str]], unclear: list[int]) -> None:
    decision = says(words, about=several("report", "rsvp", "report"))
    assert facts(decision) == said
    assert [
        line.delivery_id for line in decision.held if line.reason == "which_document" and line.delivery_id
    ] == unclear
    assert decision.facts or decision.held


def test_the_servers_clock_counts_and_not_the_senders() -> None:
    written = mail(UNIT, "Re: Công văn", "Đã nhận", at=NOW - timedelta(days=300))
    (fact,) = decided(written, thread=thread(), received_at=NOW).facts
    assert fact.at == NOW


def test_a_message_id_that_was_used_before_is_a_new_mail_with_a_warning() -> None:
    decision = decided(mail(CLERK, "Công văn 152-CV/ĐU", directive()), same_message_id=4)
    assert [reason.code for reason in decision.reasons][1:] == ["to_confirm", "same_message_id"]
