"""Loops and storms: budgets of answers, the same words again and again, and the breaker that pauses sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.model import AnswerLimits
from mailbot.routing.storms import OVER_BUDGET, words_key
from mailbot.service.breaking import trip
from mailbot.settings import Limits
from mailbot.store import fence, storms
from tests.example_office import CLERK, MAILBOX, directive, mail, reading_of
from tests.store.desk import Desk

if TYPE_CHECKING:
    from mailbot.store.database import Store

ORDER = "TÌNH HÌNH 152-CV/ĐU"


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def with_limits(desk: Desk, **limits: int) -> Desk:
    profile = replace(desk.site.mailboxes[MAILBOX], answers=replace(AnswerLimits(), **limits))
    desk.site = replace(desk.site, mailboxes={MAILBOX: profile})
    return desk


def ask(desk: Desk, times: int, *, sender: str = CLERK) -> list[Any]:
    """Send the same order again and again, a minute apart, as a machine does."""
    start = desk.now
    moments = [start + timedelta(minutes=n + 1) for n in range(times)]
    return [desk.take(mail(sender, ORDER, at=moment), now=moment) for moment in moments]


def answers(desk: Desk) -> int:
    return len(desk.rows("outbox", recipient=CLERK))


@pytest.mark.parametrize(
    ("limits", "code"), [({"per_address": 3}, "address: 3 of 3"), ({"per_domain": 3}, "domain: 3 of 3")]
)
def test_a_budget_that_is_spent_ends_the_answers_and_is_told_once(
    desk: Desk, limits: dict[str, int], code: str
) -> None:
    decisions = ask(with_limits(desk, **limits), 8)
    assert answers(desk) == 3
    assert [reason.detail for reason in decisions[-1].reasons if reason.code == OVER_BUDGET] == [code]
    assert [row["audience"] for row in desk.rows("held", reason=OVER_BUDGET)] == ["admin"]
    later = desk.now + timedelta(days=1)
    desk.take(mail(CLERK, ORDER, at=later), now=later)
    assert answers(desk) == 4, "a day later the budget is whole again"


def test_a_conversation_has_its_own_budget_whoever_writes_in_it(desk: Desk) -> None:
    with_limits(desk, per_thread=3)
    desk.take(mail(CLERK, ORDER))
    for _ in range(6):
        desk.answer(CLERK, ORDER, to=CLERK, at=desk.now + timedelta(minutes=1))
    assert answers(desk) == 3
    assert len({row["thread"] for row in desk.rows("outbox", recipient=CLERK)}) == 1
    ask(desk, 1)
    assert answers(desk) == 4, "a new conversation is answered"


def test_orders_beyond_the_budget_are_carried_out_all_the_same(desk: Desk) -> None:
    with_limits(desk, per_address=0)
    decision = desk.take(mail(CLERK, "Công văn 152-CV/ĐU", directive()))
    assert decision.document is not None
    assert decision.mails == ()


def test_the_same_words_are_answered_a_few_times_numbers_aside(desk: Desk) -> None:
    desk = with_limits(desk, same_words=2)
    for number in range(1, 6):
        paper = directive(f"{number}-CV/ĐU")
        desk.take(mail(CLERK, f"Công văn {number}-CV/ĐU", paper), now=desk.now + timedelta(minutes=5))
    asked = desk.rows("outbox", purpose="confirm_before_send")
    assert len(asked) == 2
    other = directive("77-CV/ĐU", body="Đề nghị các chi bộ cử đại biểu dự lễ kỷ niệm trước ngày 16/10/2026.")
    desk.take(mail(CLERK, "Công văn 77-CV/ĐU", other), now=desk.now + timedelta(minutes=5))
    assert len(desk.rows("outbox", purpose="confirm_before_send")) == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Re: Re: Phiếu 12", "Mã số 9981. Xin chào"), ("Re: Phiếu 13", "Mã số 9982. Xin chào"), True),
        (("Phiếu 12 [#abcdefghijklm]", "x"), ("Undeliverable: Phiếu 13 [#nopqrstuvwxyz]", "x"), True),
        (("Phiếu 12", "Xin chào"), ("Phiếu 12", "Xin gia hạn"), False),
    ],
)
def test_words_are_the_same_numbers_and_piled_up_prefixes_aside(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    keys = [words_key(reading_of(mail("may@example.org", *words))) for words in (one, other)]
    assert None not in keys
    assert (keys[0] == keys[1]) is same


def test_nothing_is_kept_of_the_words_of_a_secret(desk: Desk) -> None:
    desk.take(mail("ai@example.org", "[MẬT] Kế hoạch", "Độ mật: MẬT\nNội dung"))
    assert desk.one("message")["words_key"] is None


def test_a_storm_of_500_answers_pauses_sending_and_goes_on_receiving(desk: Desk) -> None:
    with_limits(desk, per_address=10_000, per_domain=10_000, per_thread=10_000)
    start = desk.now
    for n in range(500):
        desk.take(mail(CLERK, f"{ORDER} {n}"), now=start + timedelta(seconds=n))
    with desk.store.write() as connection:
        assert trip(connection, MAILBOX, Limits(), desk.now)
        stands = fence.standing(connection)
        assert stands is not None
        assert (stands.why, stands.said) == (fence.Why.STORM, f"{MAILBOX}: 500 > 300/h")
        assert len(fence.pending(connection)) == 500
    assert desk.take(mail(CLERK, ORDER), now=desk.now).mails, "what comes is decided all the same"
    with desk.store.write() as connection:
        assert fence.lift(connection, desk.now)
        assert not trip(connection, MAILBOX, Limits(), desk.now + timedelta(seconds=1)), (
            "what was released counts no more"
        )


def test_an_honest_day_breaks_nothing(desk: Desk) -> None:
    ask(desk, 40)
    desk.send()
    with desk.store.write() as connection:
        assert not trip(connection, MAILBOX, Limits(), desk.now)
    assert answers(desk) == 40


@pytest.mark.parametrize(("returned", "paused"), [(19, False), (20, False), (21, True)])
def test_sending_pauses_when_too_much_comes_back(desk: Desk, returned: int, paused: bool) -> None:
    ask(desk, 40)
    desk.compose()
    claims = desk.claim()
    desk.finish(claims[:returned], "refused", 550, "5.1.1 unknown")
    desk.finish(claims[returned:], "sent", 250, "ok")
    with desk.store.write() as connection:
        figures = storms.figures(connection, MAILBOX, desk.now, None)
        assert (figures.tried, figures.returned) == (40, returned)
        assert trip(connection, MAILBOX, Limits(), desk.now) is paused
