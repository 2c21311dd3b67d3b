"""The outbox: a mail is rendered once, counted before it is tried, and its answer kept whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.plans import MailPlan, Purpose
from mailbot.store import outbox
from mailbot.store.mailing import write_mails
from mailbot.store.tables import OutboxState
from tests.example_office import CLERK, MAILBOX, NOW

if TYPE_CHECKING:
    from tests.store.desk import Desk


def plan(recipient: str = "tdp1@example.org", **more: Any) -> MailPlan:
    facts: dict[str, Any] = {
        "purpose": Purpose.CLERK_LIST,
        "template": "clerk_list",
        "mailbox": MAILBOX,
        "recipient": recipient,
        "recipient_name": "Chi bộ",
        "values": {"n": 1},
        "source_key": "key",
    }
    return MailPlan(**facts | more)


def put(desk: Desk, *plans: MailPlan) -> None:
    with desk.store.write() as connection:
        write_mails(connection, plans, desk.envelope, desk.now)


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A desk with three mails that can be sent."""
    put(desk, *(plan(f"u{n}@example.org") for n in range(3)))
    desk.compose()
    return desk


# --- planning and rendering ---


def test_the_same_mail_is_planned_once(desk: Desk) -> None:
    put(desk, plan(), plan("other@example.org"))
    put(desk, plan())
    assert len(desk.rows("outbox")) == 2
    put(desk, plan(step="1"), plan(issue=1), plan(purpose=Purpose.RECEIPT), plan(source_key="x"))
    assert len(desk.rows("outbox")) == 6


def test_a_mail_in_shadow_is_recorded_and_never_claimed(desk: Desk) -> None:
    shadow = desk.envelope.__class__(desk.envelope.secret, desk.envelope.domains, lambda mail: mail.recipient == CLERK)
    with desk.store.write() as connection:
        write_mails(connection, [plan(), plan(CLERK)], shadow, desk.now)
    assert [row["state"] for row in desk.rows("outbox")] == ["shadow", "planned"]
    desk.compose()
    assert [claim.recipients for claim in desk.claim()] == [(CLERK,)]


def test_a_mail_cannot_be_claimed_before_its_bytes_are_fixed(desk: Desk) -> None:
    put(desk, plan())
    assert desk.claim() == []
    desk.compose()
    assert [claim.head for claim in desk.claim()] == [b"mail 1"]


def test_bytes_are_fixed_once(ready: Desk) -> None:
    with ready.store.write() as connection:
        outbox.fix(connection, [outbox.Fixed(1, b"other bytes", "h2", "s", "t")])
    assert ready.rows("outbox_head")[0]["head"] == b"mail 1"


def test_a_mail_whose_template_fails_is_held_with_the_reason_and_the_others_go(desk: Desk) -> None:
    put(desk, plan(), plan("other@example.org"))
    with desk.store.write() as connection:
        outbox.cannot_render(connection, 1, "template clerk_list:3: 'x' is undefined")
    desk.compose()
    assert [claim.id for claim in desk.claim()] == [2]
    held = desk.rows("outbox")[0]
    assert (held["state"], held["answer"]) == (OutboxState.HELD, "template clerk_list:3: 'x' is undefined")


# --- claiming ---


def test_claiming_counts_the_attempt_before_anything_is_sent(ready: Desk) -> None:
    claims = ready.claim()
    assert [(claim.id, claim.attempt) for claim in claims] == [(1, 1), (2, 1), (3, 1)]
    assert {row["attempts"] for row in ready.rows("outbox")} == {1}
    assert [(row["number"], row["started_at"], row["finished_at"]) for row in ready.rows("attempt")] == [
        (1, NOW, None)
    ] * 3


def test_what_is_claimed_is_nobody_elses_until_the_lease_is_over(ready: Desk) -> None:
    assert len(ready.claim(2)) == 2
    assert [claim.id for claim in ready.claim()] == [3]
    assert ready.claim() == []
    ready.now += outbox.LEASE
    assert [claim.attempt for claim in ready.claim()] == [2, 2, 2]


@pytest.mark.parametrize(("mailbox", "count"), [("other", 10), (MAILBOX, 0), (MAILBOX, -1)])
def test_nothing_is_claimed_for_another_mailbox_or_no_room(ready: Desk, mailbox: str, count: int) -> None:
    with ready.store.write() as connection:
        assert outbox.claim(connection, mailbox, count, ready.now) == []


def test_a_mail_is_not_sent_before_its_time(desk: Desk) -> None:
    put(desk, plan(not_before=NOW + timedelta(hours=1)))
    desk.compose()
    assert desk.claim() == []
    with desk.store.read() as connection:
        assert outbox.next_due(connection, MAILBOX) == NOW + timedelta(hours=1)
    desk.now += timedelta(hours=1)
    assert len(desk.claim()) == 1


# --- what the server said ---


@pytest.mark.parametrize(
    ("result", "code", "state", "next_in"),
    [
        ("sent", 250, "sent", None),
        ("refused", 550, "failed", None),
        ("deferred", 451, "ready", timedelta(minutes=1)),
        ("unknown", None, "ready", timedelta(minutes=1)),
        ("unreachable", None, "ready", timedelta(minutes=1)),
    ],
)
def test_the_answer_is_kept_whole_and_decides_what_follows(
    ready: Desk, result: str, code: int | None, state: str, next_in: timedelta | None
) -> None:
    ready.finish(ready.claim(1), result, code, "2.0.0 queued as 4Y1")
    row, attempt = ready.rows("outbox")[0], ready.one("attempt")
    assert (row["state"], row["code"], row["answer"]) == (state, code, "2.0.0 queued as 4Y1")
    assert (attempt["result"], attempt["code"], attempt["finished_at"]) == (result, code, NOW)
    assert row["sent_at"] == (NOW if result == "sent" else None)
    if next_in is not None:
        assert row["next_attempt_at"] == NOW + next_in


def test_pauses_double_up_to_hours() -> None:
    pauses = [outbox.pause(attempt, 0.0) for attempt in (1, 2, 3, 9, 400)]
    assert pauses == [*(timedelta(minutes=n) for n in (1, 2, 4)), timedelta(hours=4), timedelta(hours=4)]
    assert outbox.pause(1, 1.0) == timedelta(seconds=90)


def test_a_server_that_is_down_is_asked_every_minute(desk: Desk) -> None:
    put(desk, plan())
    desk.compose()
    for _ in range(5):
        desk.finish(desk.claim(), "unreachable")
        desk.now = desk.one("outbox")["next_attempt_at"]
    assert desk.now == NOW + timedelta(minutes=5)


def test_an_unknown_outcome_is_repeated_once_with_the_same_bytes_and_then_held(ready: Desk) -> None:
    first = ready.claim(1)
    ready.finish(first, "unknown", text="connection lost after DATA")
    ready.now += timedelta(minutes=1)
    (again,) = [claim for claim in ready.claim() if claim.id == first[0].id]
    assert (again.head, again.attempt, again.unknowns) == (first[0].head, 2, 1)
    ready.finish([again], "unknown", text="connection lost after DATA")
    assert ready.rows("outbox")[0]["state"] == OutboxState.HELD


def test_temporary_failures_end_after_three_days(ready: Desk) -> None:
    for _ in range(outbox.GIVE_UP_TRIES - 1):
        ready.finish(ready.claim(), "deferred", 451)
        ready.now += outbox.LONGEST_PAUSE * 2
    ready.now += outbox.GIVE_UP_AFTER
    ready.finish(ready.claim(), "deferred", 451)
    assert {row["state"] for row in ready.rows("outbox")} == {OutboxState.FAILED}


def test_days_in_which_nothing_was_tried_are_no_failures(ready: Desk) -> None:
    ready.now += outbox.GIVE_UP_AFTER * 3  # the machine was off over Tết; the first try meets a greylist
    ready.finish(ready.claim(), "deferred", 451)
    assert {row["state"] for row in ready.rows("outbox")} == {OutboxState.READY}


def test_what_is_under_way_gets_no_second_claim_however_long_its_server_takes(ready: Desk) -> None:
    slow = ready.claim(1)[0].id
    ready.now += outbox.LEASE * 2
    with ready.store.write() as connection:
        claims = outbox.claim(connection, MAILBOX, 1, ready.now, besides={slow})
    assert [claim.id == slow for claim in claims] == [False]


def test_an_answer_to_an_older_attempt_changes_nothing(ready: Desk) -> None:
    late = ready.claim(1)
    ready.now += outbox.LEASE
    assert late[0].id in [claim.id for claim in ready.claim()]
    ready.finish(late, "refused", 550)
    assert ready.rows("outbox")[0]["state"] == OutboxState.READY
    assert [(row["number"], row["result"]) for row in ready.rows("attempt", outbox_ref=late[0].id)] == [
        (1, "refused"),
        (2, None),
    ]


def test_what_a_dead_daemon_had_claimed_is_due_again_at_once(ready: Desk) -> None:
    ready.finish(ready.claim(1), "sent", 250)
    dead = ready.claim(1)
    with ready.store.write() as connection:
        assert outbox.recover(connection, ready.now) == 1
    assert [row["result"] for row in ready.rows("attempt")] == ["sent", "interrupted"]
    again = {claim.id: claim for claim in ready.claim()}
    assert again[dead[0].id].head == dead[0].head
    assert 1 not in again
    with ready.store.write() as connection:
        assert outbox.recover(connection, ready.now) == 2


def test_equal_copies_are_one_mail_of_which_only_the_rest_is_tried_again(desk: Desk) -> None:
    put(desk, plan("a@example.org", recipients=("a@example.org", "b@example.org", "c@example.org")))
    desk.compose()
    (first,) = desk.claim()
    refusal = outbox.Refusal("b@example.org", "5.1.1", "unknown")
    answer = outbox.Answered(first, "sent", 250, None, "ok", ("a@example.org",), (refusal,), ("c@example.org",))
    with desk.store.write() as connection:
        outbox.finish(connection, [answer], desk.now, 0.0)
    desk.now += timedelta(minutes=1)
    (again,) = desk.claim()
    assert (again.recipients, again.head) == (("c@example.org",), first.head)
    desk.finish([again], "sent", 250)
    assert desk.one("outbox")["state"] == OutboxState.SENT


def test_counting(ready: Desk) -> None:
    ready.finish(ready.claim(2), "sent", 250)
    with ready.store.read() as connection:
        assert outbox.counts(connection) == {"sent": 2, "ready": 1}
        assert outbox.sent_since(connection, MAILBOX, NOW) == 2
        assert outbox.sent_since(connection, MAILBOX, NOW + timedelta(seconds=1)) == 0


def test_what_was_planned_with_an_older_key_is_the_same_mail_still(desk: Desk) -> None:
    put(desk, plan())
    rotated = replace(desk.envelope, secret=b"j" * 32, older=(desk.envelope.secret,))
    with desk.store.write() as connection:
        assert write_mails(connection, [plan()], rotated, desk.now) == 0
        assert write_mails(connection, [plan("u9@example.org")], rotated, desk.now) == 1
        assert write_mails(connection, [plan()], replace(rotated, older=()), desk.now) == 1, "the key tells them apart"
