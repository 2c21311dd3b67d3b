"""What is decided about a mail: who is believed, what is held, what goes to whom; on the shipped example office."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.known import KnownDocument
from mailbot.routing.model import Assign, DueRule, Span, SpanUnit, TrustLevel
from mailbot.routing.plans import Outcome, Purpose
from mailbot.routing.releasing import carry_out
from mailbot.routing.rules import Ruleset
from mailbot.routing.sameness import direction_of, files_key, identify
from tests.example_office import CLERK, LEADER, NOW, decided, directive, example, mail, reading_of, with_trust

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailbot.routing.plans import Decision

SUPERIOR = "thanhuy@hunghai.example.vn"
STRANGER = "nguoi.la@example.com"
OWN = "by mail.anhoa.example.vn (Postfix) with ESMTPS id 4Y2; Tue, 06 Oct 2026 08:10:00 +0700"


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def to(decision: Decision) -> list[tuple[str, str]]:
    return [(str(plan.purpose), plan.recipient) for plan in decision.mails]


def superiors_letter(number: str = "318-CV/TU", body: str = "") -> str:
    text = body or "Đề nghị Đảng ủy các phường báo cáo kết quả về Thành ủy trước ngày 20/10/2026 để tổng hợp."
    return (
        f"THÀNH ỦY HƯNG HẢI\nSố {number}\nV/v báo cáo kết quả chuyển đổi số\n"
        f"Hưng Hải, ngày 05 tháng 10 năm 2026\n\nKính gửi: Đảng ủy các phường.\n\n{text}\n"
    )


# --- trust ---


def received(written: EmailMessage, *headers: tuple[str, str]) -> bytes:
    """Put headers on top, as a server does."""
    return "".join(f"{name}: {value}\n" for name, value in headers).encode() + written.as_bytes()


CLERKS = mail(CLERK, "Công văn 152-CV/ĐU", directive(), submitted=False)
RESULTS = "mx.anhoa.example.vn; dmarc=pass header.from=anhoa.example.vn"
RELAYED = ("Received", f"from gw.example.com (gw.example.com [192.0.2.9]) {OWN}")
FORGED = ("Received", f"from x (x [10.0.0.7]) (Authenticated sender: {CLERK}) {OWN.replace('ESMTPS', 'ESMTPSA')}")


@pytest.mark.parametrize(
    ("raw", "outcome", "reason", "mails"),
    [
        pytest.param(
            mail(CLERK, "Công văn 152-CV/ĐU", directive()),
            Outcome.DECIDED,
            "to_confirm",
            [("confirm_before_send", CLERK)],
            id="submitted by login",
        ),
        pytest.param(
            received(CLERKS, ("Authentication-Results", RESULTS), RELAYED),
            Outcome.DECIDED,
            "to_confirm",
            [("confirm_before_send", CLERK)],
            id="aligned DMARC",
        ),
        pytest.param(CLERKS, Outcome.HELD, "trust", [("refused", CLERK)], id="a From line proves nothing"),
        pytest.param(
            received(CLERKS, RELAYED, FORGED),
            Outcome.HELD,
            "trust",
            [("refused", CLERK)],
            id="login claimed below ours",
        ),
        pytest.param(
            received(CLERKS, RELAYED, ("Authentication-Results", RESULTS)),
            Outcome.HELD,
            "trust",
            [("refused", CLERK)],
            id="results claimed below ours",
        ),
        pytest.param(
            received(CLERKS, ("From", "khac@example.com")), Outcome.HELD, "trust", [], id="two From headers, one asks"
        ),
        pytest.param(
            mail(STRANGER, "Công văn 152-CV/ĐU", directive(), submitted=False),
            Outcome.HELD,
            "trust",
            [],
            id="strangers get no answer",
        ),
        pytest.param(
            mail(STRANGER, "Công văn 318-CV/TU", superiors_letter(), submitted=False),
            Outcome.HELD,
            "trust",
            [],
            id="a superior's paper from a stranger",
        ),
        pytest.param(
            mail(SUPERIOR, "Công văn 318-CV/TU", superiors_letter(), submitted=False),
            Outcome.DECIDED,
            "submitted",
            [("for_instruction", LEADER)],
            id="a superior's registered address is enough for papers",
        ),
    ],
)
def test_only_who_is_proven_is_obeyed(raw: Any, outcome: Outcome, reason: str, mails: list[tuple[str, str]]) -> None:
    decision = decided(raw)
    assert (decision.outcome, to(decision)) == (outcome, mails)
    assert reason in codes(decision)
    assert not decision.deliveries
    if outcome is Outcome.HELD:
        assert decision.document is None
        assert [line.reason for line in decision.held] == [reason]


def test_office_that_accepts_known_addresses_takes_a_bare_from_line() -> None:
    site = with_trust(orders=(TrustLevel.KNOWN_ADDRESS,))
    assert "to_confirm" in codes(decided(CLERKS, site))


def test_confirmed_sender_is_believed_once_more() -> None:
    assert "to_confirm" in codes(decided(CLERKS, confirmed=True, same_content=7))


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ({}, {"automatic_answers_last_hour": 1}),
        ({"Auto_Submitted": "auto-generated"}, {}),
        ({"Precedence": "bulk"}, {}),
        ({"List_Id": "<tin.example.org>"}, {}),
    ],
    ids=["asked within the hour", "automatic mail", "bulk", "mailing list"],
)
def test_machines_and_the_just_asked_are_not_asked(headers: dict[str, str], known: dict[str, int]) -> None:
    decision = decided(mail(CLERK, "Công văn 152-CV/ĐU", directive(), submitted=False, **headers), **known)
    assert (decision.outcome, to(decision)) == (Outcome.HELD, [])


# --- the same again ---


def test_the_same_mail_again_does_nothing() -> None:
    decision = decided(mail(CLERK, "Công văn 152-CV/ĐU", directive()), same_content=5)
    assert (decision.outcome, codes(decision), to(decision)) == (Outcome.REPEATED, ["same_content"], [])


def known_document(files: str, **more: Any) -> KnownDocument:
    return KnownDocument(3, "released", "outgoing", "152-CV/ĐU", "key of the first", files_key=files, **more)


def test_the_same_paper_by_another_way_gets_no_second_number() -> None:
    again = mail(CLERK, "Văn bản 152-CV/ĐU", "Kèm văn bản.", files={"152.txt": directive()})
    decision = decided(again, document=known_document(files_key(reading_of(again))))
    assert (decision.outcome, decision.document, to(decision)) == (Outcome.REPEATED, None, [])


def test_the_same_number_with_other_content_is_asked_about() -> None:
    other = mail(CLERK, "Công văn 152-CV/ĐU", directive())
    decision = decided(other, document=known_document("hash of another file"))
    assert (decision.outcome, decision.document, to(decision)) == (Outcome.HELD, None, [])
    assert "152-CV/ĐU" in decision.held[0].text


def test_mail_that_lay_too_long_is_held_for_the_clerk() -> None:
    old = mail(CLERK, "Công văn 152-CV/ĐU", directive())
    decision = decided(old, received_at=NOW - timedelta(days=8))
    assert (decision.outcome, codes(decision), to(decision)) == (Outcome.HELD, ["too_old"], [])


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(mail(CLERK, "Công văn 152-CV/ĐU", ""), id="our own paper"),
        pytest.param(mail(SUPERIOR, "Công văn số 318-CV/TU", "", submitted=False), id="a superior's paper"),
        pytest.param(mail(CLERK, "TÌNH HÌNH 152-CV/ĐU", ""), id="an order"),
    ],
)
def test_a_mail_too_large_to_fetch_is_put_before_the_clerk_and_nothing_else(written: EmailMessage) -> None:
    decision = decided(written, too_large=30_106_356)
    assert (decision.outcome, codes(decision), to(decision)) == (Outcome.HELD, ["too_large"], [])
    assert decision.document is None
    assert "30 MB" in decision.held[0].text


# --- whom a paper goes to ---


def release_of(text: str) -> Any:
    decision = decided(mail(CLERK, "Công văn 152-CV/ĐU", text))
    assert decision.document is not None
    return decision, decision.document.release


def test_exceptions_are_left_out_and_shown_before_sending() -> None:
    decision, release = release_of(directive(addressees="Các chi bộ trường học (trừ Trường Mầm non Hoa Sen)."))
    assert {item.unit for item in release.recipients} == {"tieu-hoc", "thcs"}
    assert any("Mầm non" in text for text in decision.mails[0].values["excluded"])


def test_whoever_gets_it_to_know_is_asked_for_nothing() -> None:
    text = (
        directive(addressees="Chi bộ Tổ dân phố 1.") + "\nNơi nhận:\n- Như trên,\n- Chi bộ Công an phường (để biết),\n"
    )
    _, release = release_of(text)
    asked = {item.unit: (str(item.ask), item.due) for item in release.recipients}
    assert asked == {"tdp-1": ("report", "2026-10-15"), "cong-an": ("none", None)}
    deliveries, mails = carry_out(release, example(), "key", NOW)
    silent = next(plan for plan in deliveries if plan.recipient.unit == "cong-an")
    assert (silent.ladder, silent.acknowledge_by) == (None, None)
    told = next(plan for plan in mails if plan.recipient == "congan@example.org")
    assert (told.values["ask"], told.values["due_text"], told.values["due_last"]) == ("none", "", "")


def test_unknown_addressee_goes_to_the_clerk_and_the_rest_is_sent() -> None:
    decision, release = release_of(directive(addressees="\n- Chi bộ Tổ dân phố 1,\n- Hội Cựu chiến binh xã Xa Lạ."))
    assert [item.unit for item in release.recipients] == ["tdp-1"]
    assert decision.mails[0].values["unknown_lines"] == ["Hội Cựu chiến binh xã Xa Lạ"]


def test_units_that_share_a_mailbox_get_one_mail_and_those_on_paper_a_list() -> None:
    _, release = release_of(directive(addressees="Các chi bộ tổ dân phố."))
    deliveries, mails = carry_out(release, example(), "key", NOW)
    assert [plan.recipient.unit for plan in deliveries] == ["tdp-1", "tdp-2", "tdp-3", "tdp-4", "tdp-5"]
    assert [(str(plan.purpose), plan.recipient, plan.units) for plan in mails] == [
        ("directive", "tdp1@example.org", ("tdp-1",)),
        ("directive", "tdp2@example.org", ("tdp-2",)),
        ("directive", "tdp3@example.org", ("tdp-3", "tdp-4")),
        ("paper_list", CLERK, ("tdp-5",)),
    ]
    assert mails[2].values["unit"] == "Chi bộ Tổ dân phố 3 và Chi bộ Tổ dân phố 4"


def test_superiors_paper_gets_a_number_and_waits_for_the_leader() -> None:
    decision = decided(mail(SUPERIOR, "Công văn 318-CV/TU", superiors_letter(), submitted=False))
    document = decision.document
    assert document is not None
    assert (document.book, document.book_period, document.state) == ("van-ban-den", "2026", "awaiting_instruction")
    assert (document.issuer_unit, document.series) == ("thanh-uy/TU", "year 2026")
    assert document.release is not None
    assert {item.due for item in document.release.recipients if item.due} == {"2026-10-14"}
    assert "13 đơn vị" in decision.mails[0].values["proposal"]


def test_superior_that_asks_for_a_confirmation_gets_one() -> None:
    body = "Đề nghị các đơn vị xác nhận đã nhận được văn bản này qua thư điện tử."
    letter = mail(SUPERIOR, "Công văn 318-CV/TU", superiors_letter(body=body), submitted=False)
    assert ("receipt", SUPERIOR) in to(decided(letter))
    assert ("receipt", SUPERIOR) not in to(decided(letter, automatic_answers_last_hour=1))


@pytest.mark.parametrize("sender", [SUPERIOR, CLERK, "tdp1@example.org"])
def test_a_superiors_paper_is_the_same_one_whoever_passes_it_on(sender: str) -> None:
    reading = reading_of(mail(sender, "Công văn 318-CV/TU", superiors_letter()))
    identity = identify(reading, example(), direction_of(reading, example()))
    assert (identity["issuer_unit"], identity["number_key"], identity["type"]) == ("thanh-uy/TU", "318", "CV")


# --- what is never routed ---


def test_petition_reaches_the_clerk_alone_without_a_word_of_it() -> None:
    text = "Kính gửi: Đảng ủy phường.\n\nTôi tố cáo ông Phan Văn Bịa về đất công."
    decision = decided(mail("dan@example.org", "Đơn tố cáo ông Phan Văn Bịa", text, submitted=False))
    assert (decision.outcome, to(decision), decision.document) == (Outcome.HELD, [], None)
    assert "clerk_alone" in codes(decision)
    assert "Bịa" not in decision.held[0].text
    assert "dan@example.org" in decision.held[0].text


def test_secret_mail_is_moved_away_and_told_without_its_subject() -> None:
    text = "ĐẢNG ỦY PHƯỜNG AN HÒA\nSố 09-BC/ĐU\nTUYỆT MẬT\n\nBÁO CÁO\nvề việc Hoa Đào\n"
    decision = decided(mail(SUPERIOR, "[TUYỆT MẬT] Báo cáo về việc Hoa Đào", text))
    assert decision.outcome is Outcome.QUARANTINED
    assert [(action.action, action.argument) for action in decision.actions] == [("quarantine", "Mailbot/Cách ly")]
    assert to(decision) == [("secrecy_notice", LEADER)]
    assert "Hoa Đào" not in json.dumps(asdict(decision), default=str, ensure_ascii=False)


# --- whatever comes ---

ANY_MAIL = [
    pytest.param(mail(CLERK, "Công văn 152-CV/ĐU", directive()), id="our own"),
    pytest.param(mail(SUPERIOR, "Công văn 318-CV/TU", superiors_letter(), submitted=False), id="a superior's"),
    pytest.param(mail(STRANGER, "Xin chào", "Chào các anh chị."), id="a stranger's"),
    pytest.param(mail("tdp1@example.org", "Re: Công văn", "Đã nhận"), id="an answer to nothing"),
    pytest.param(mail(CLERK, "TÌNH HÌNH 152", ""), id="an order"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"\x00\xff" * 50, id="noise"),
]


@pytest.mark.parametrize("raw", ANY_MAIL)
def test_deciding_is_repeatable_explained_and_can_be_written_down(raw: Any) -> None:
    raw = raw if isinstance(raw, bytes) else raw.as_bytes()
    first, again = decided(raw), decided(raw)
    assert first == again
    assert first.reasons
    assert first.outcome is not Outcome.HELD or first.held
    # The values that reach the outbox and the plan that waits for a word are stored as JSON.
    json.dumps([plan.values for plan in first.mails])
    if first.document is not None and first.document.release is not None:
        json.dumps(first.document.release.values)


@pytest.mark.parametrize("raw", ANY_MAIL)
def test_the_mailbox_shows_what_is_done(raw: Any) -> None:
    assert ("flag", "$MailbotDone") in [(action.action, action.argument) for action in decided(raw).actions]


def test_order_of_the_office_is_answered_and_one_that_nobody_can_carry_out_yet_goes_to_the_clerk_too() -> None:
    decision = decided(mail(CLERK, "BÁO CÁO tháng 9/2026", ""))
    assert (decision.outcome, codes(decision)) == (Outcome.DECIDED, ["order_report"])
    assert [line.reason for line in decision.held] == ["order_for_clerk"]
    assert [plan.purpose for plan in decision.mails] == [Purpose.ORDER_ANSWER]


def test_order_of_a_unit_goes_to_the_clerk() -> None:
    decision = decided(mail("tdp1@example.org", "TÌNH HÌNH 152", ""))
    assert (decision.outcome, codes(decision)) == (Outcome.HELD, ["order_for_clerk"])


def test_our_own_mail_coming_back_is_done_with() -> None:
    back = mail("vanphong@anhoa.example.vn", "Công văn", directive(), X_Loop="vanphong@anhoa.example.vn")
    decision = decided(back)
    assert (decision.outcome, codes(decision), to(decision)) == (Outcome.DECIDED, ["loop"], [])


def test_newsletter_bothers_nobody() -> None:
    decision = decided(
        mail("tin@example.com", "Bản tin tuần", "Tin tức.", submitted=False, List_Id="<tin.example.com>")
    )
    assert [line.audience for line in decision.held] == ["log"]


def test_processed_folder_instead_of_a_flag() -> None:
    site = example()
    moved = replace(site.mailboxes["van-phong"], processed_folder="Mailbot/Đã xử lý", processed_flag=None)
    decision = decided(mail(CLERK, "TÌNH HÌNH", ""), replace(site, mailboxes={"van-phong": moved}))
    assert ("move", "Mailbot/Đã xử lý") in [(action.action, action.argument) for action in decision.actions]


def test_the_office_s_own_task_has_the_superior_s_deadline_beside_the_cells_earlier_one() -> None:
    site = example()
    rule = site.rules.get("cap-tren")
    assert rule is not None
    ours = Assign("person:uvtv-1", due=DueRule(before_document=Span(1, SpanUnit.WORKING_DAY)))
    changed = replace(rule, action=replace(rule.action, assign=ours))
    rules = Ruleset(tuple(changed if one is rule else one for one in site.rules))
    paper = mail(SUPERIOR, "Công văn 318-CV/TU", superiors_letter(), submitted=False)
    decision = decided(paper, site=replace(site, rules=rules))
    assert decision.document is not None
    assert decision.document.release is not None
    due = {item.unit: item.due for item in decision.document.release.recipients}
    assert (due["tdp-1"], due["person:uvtv-1"]) == ("2026-10-14", "2026-10-16")
