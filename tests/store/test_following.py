"""What is due: reminders still needed, lines not yet put before a person, wishes of the mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mailbot.routing.plans import HeldPlan
from mailbot.service.due import plan_due
from mailbot.store import actions, following
from mailbot.store.ledger import hold
from mailbot.store.mailing import write_mails
from mailbot.store.tables import HeldState, ReminderState
from mailbot.tracking.reminding import plan_round
from tests.example_office import CLERK, MAILBOX, NOW
from tests.store.test_ledger import ours

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.tracking.reminding import DueReminder
    from tests.store.desk import Desk

FIRST_STEP = NOW.replace(day=8, hour=8, minute=0)


def released(desk: Desk) -> Desk:
    desk.take(ours())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    desk.compose()
    desk.finish(desk.claim(), "sent", 250)
    return desk


def due(desk: Desk, now: datetime) -> list[DueReminder]:
    with desk.store.read() as connection:
        return following.due_reminders(connection, now)


def test_nothing_is_due_before_its_moment(desk: Desk) -> None:
    released(desk)
    assert due(desk, FIRST_STEP - timedelta(seconds=1)) == []
    assert [item.unit for item in due(desk, FIRST_STEP)] == ["tdp-1", "tdp-3", "tdp-4", "tdp-5"]


def test_who_has_answered_is_not_due_and_counts_as_done(desk: Desk) -> None:
    released(desk)
    desk.answer("tdp1@example.org", "Gửi báo cáo", to="tdp1@example.org", files={"bc.txt": "Kết quả."})
    found = due(desk, FIRST_STEP)
    assert [item.unit for item in found] == ["tdp-3", "tdp-4", "tdp-5"]
    assert {(item.done, item.total) for item in found} == {(1, 4)}


def test_a_round_is_written_and_does_not_come_again(desk: Desk) -> None:
    released(desk)
    with desk.store.write() as connection:
        round_ = plan_round(following.due_reminders(connection, FIRST_STEP), desk.site, FIRST_STEP, frozenset())
        write_mails(connection, round_.mails, desk.envelope, FIRST_STEP)
        following.mark(connection, round_.sent, ReminderState.SENT)
        hold(connection, round_.held, FIRST_STEP)
    reminders = desk.rows("outbox", purpose="reminder")
    assert [row["recipient"] for row in reminders] == ["tdp1@example.org", "tdp3@example.org"]
    assert due(desk, FIRST_STEP) == []
    assert "Tổ dân phố 5" in desk.one("held", reason="remind_by_telephone")["text"]
    with desk.store.read() as connection:
        asked = ["tdp1@example.org", "tdp2@example.org"]
        assert following.reminded_since(connection, asked, FIRST_STEP) == {"tdp1@example.org"}
        assert following.reminded_since(connection, asked, FIRST_STEP + timedelta(days=1)) == set()


def test_an_answer_by_number_moves_the_paper_that_the_reminder_listed_there(desk: Desk) -> None:
    for number in ("152-CV/ĐU", "153-CV/ĐU"):
        desk.take(ours(number))
        desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    with desk.store.write() as connection:
        round_ = plan_round(following.due_reminders(connection, FIRST_STEP), desk.site, FIRST_STEP, frozenset())
        write_mails(connection, round_.mails, desk.envelope, FIRST_STEP)
    desk.now = FIRST_STEP
    desk.answer("tdp3@example.org", "2 đã nhận", to="tdp3@example.org", purpose="reminder")
    moved = {(row["document_ref"], row["unit"]) for row in desk.rows("delivery", handling="acknowledged")}
    assert moved == {(2, "tdp-3"), (2, "tdp-4")}


def test_steps_of_a_paper_decided_in_shadow_are_known_as_rehearsed(desk: Desk) -> None:
    released(desk)
    assert {item.rehearsed for item in due(desk, FIRST_STEP)} == {False}
    desk.envelope = replace(desk.envelope, sends=lambda _mail: False)
    desk.take(ours("153-CV/ĐU"))
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    found = due(desk, FIRST_STEP)
    assert {(item.document, item.rehearsed) for item in found} == {(1, False), (2, True)}


def test_a_postponed_step_is_due_again_later(desk: Desk) -> None:
    released(desk)
    numbers = [item.id for item in due(desk, FIRST_STEP)]
    with desk.store.write() as connection:
        following.postpone(connection, numbers, FIRST_STEP + timedelta(days=1))
        following.postpone(connection, [], FIRST_STEP)
    assert due(desk, FIRST_STEP) == []
    assert [item.id for item in due(desk, FIRST_STEP + timedelta(days=1))] == numbers


def test_a_cancelled_step_is_never_sent(desk: Desk) -> None:
    released(desk)
    number = due(desk, FIRST_STEP)[0].id
    with desk.store.write() as connection:
        following.mark(connection, [number], ReminderState.CANCELLED)
        following.mark(connection, [number], ReminderState.SENT)
    assert desk.rows("reminder", id=number)[0]["state"] == "cancelled"


def test_lines_for_persons_are_told_once(desk: Desk) -> None:
    with desk.store.write() as connection:
        lines = [HeldPlan("no_rule", "một"), HeldPlan("bounced", "hai", "admin"), HeldPlan("x", "ba", "log")]
        hold(connection, lines, NOW)
        hold(connection, [], NOW)
    with desk.store.write() as connection:
        matters = following.open_matters(connection)
        assert [(item.text, item.audience) for item in matters] == [("một", "clerk"), ("hai", "admin")]
        following.told(connection, [matters[0].id])
    with desk.store.read() as connection:
        assert [item.text for item in following.open_matters(connection)] == ["hai"]
        both = following.open_matters(connection, states=(HeldState.OPEN, HeldState.TOLD))
        assert [item.text for item in both] == ["một", "hai"]


# --- wishes of the mailbox ---


def wishes(desk: Desk, after: timedelta = timedelta()) -> list[str]:
    with desk.store.read() as connection:
        return [wish.action for wish in actions.due(connection, MAILBOX, desk.now + after)]


def test_wishes_are_done_in_order_and_once(desk: Desk) -> None:
    released(desk)
    assert wishes(desk) == ["flag", "save_sent", "flag"]
    with desk.store.write() as connection:
        actions.done(connection, [wish.id for wish in actions.due(connection, MAILBOX, desk.now)][:1])
        actions.done(connection, [])
    assert wishes(desk) == ["save_sent", "flag"]


def test_a_wish_whose_need_is_not_ready_waits_a_moment(desk: Desk) -> None:
    released(desk)
    with desk.store.write() as connection:
        actions.later(connection, [wish.id for wish in actions.due(connection, MAILBOX, desk.now)], desk.now)
    assert (wishes(desk), len(wishes(desk, actions.SOON))) == ([], 3)


def test_a_wish_that_fails_is_tried_again_ever_later_and_given_up(desk: Desk) -> None:
    desk.take(ours())
    for _ in range(actions.TRIES):
        with desk.store.write() as connection:
            actions.failed(connection, actions.due(connection, MAILBOX, desk.now), "NO [OVERQUOTA]", desk.now)
        assert wishes(desk) == []
        desk.now += actions.PAUSE * 2**actions.TRIES
    found = desk.one("mailbox_action")
    assert (found["state"], found["attempts"], found["error"]) == ("failed", actions.TRIES, "NO [OVERQUOTA]")


def test_what_a_server_cannot_do_is_not_asked_again(desk: Desk) -> None:
    desk.take(ours())
    with desk.store.write() as connection:
        actions.failed(connection, actions.due(connection, MAILBOX, desk.now), "no MOVE", desk.now, permanent=True)
    assert desk.one("mailbox_action")["state"] == "failed"


def lists_at(desk: Desk) -> list[str]:
    """The hours at which lists went to the clerk, in the office's zone."""
    calendar = desk.site.office.working_time
    return [f"{calendar.local(row['planned_at']):%H:%M}" for row in desk.rows("outbox", purpose="clerk_list")]


def happens(desk: Desk, hour: int, minute: int, reason: str | None = None) -> None:
    desk.now = NOW.replace(hour=hour, minute=minute)
    with desk.store.write() as connection:
        if reason is not None:
            hold(connection, [HeldPlan(reason, f"{hour} giờ {minute}")], desk.now)
        plan_due(connection, desk.site, desk.envelope, desk.now)


def test_the_clerk_is_asked_twice_a_day_however_many_units_mail_does_not_reach(desk: Desk) -> None:
    for minute in (30, 40, 50):
        happens(desk, 8, minute, "unreachable")
    assert lists_at(desk) == ["08:30"], "the first one is told at once"
    happens(desk, 14, 0)
    happens(desk, 15, 0, "unreachable")
    assert lists_at(desk) == ["08:30", "14:00"]
    happens(desk, 15, 30, "late_change")
    assert lists_at(desk) == ["08:30", "14:00", "15:30"], "a meeting that moves tomorrow waits for nobody"
