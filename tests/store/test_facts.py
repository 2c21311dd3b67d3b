"""What becomes known of a delivery: facts in any order, one state; an answer ends reminders in its own transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.office.answer_words import Intent
from mailbot.routing.plans import FactPlan
from mailbot.store import events
from mailbot.store.facts import apply_facts, fact_of
from mailbot.store.tables import TABLES
from mailbot.tracking.states import Fact
from tests.example_office import CLERK, NOW
from tests.store.test_ledger import invitation, ours

if TYPE_CHECKING:
    import random

    from tests.store.desk import Desk

EVENT = TABLES["event"]


@pytest.fixture
def sent(desk: Desk) -> Desk:
    """A desk whose paper went out to its units."""
    desk.take(ours())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    desk.compose()
    desk.finish(desk.claim(), "sent", 250, "queued")
    return desk


def delivery(desk: Desk, unit: str = "tdp-1") -> dict[str, Any]:
    return desk.one("delivery", unit=unit)


def pending(desk: Desk, unit: str = "tdp-1") -> list[str]:
    return [row["needs"] for row in desk.rows("reminder", delivery_ref=delivery(desk, unit)["id"], state="pending")]


# --- from the server's 250 to the report ---


def test_the_servers_250_is_a_fact_of_each_unit_in_the_mail(sent: Desk) -> None:
    assert {row["unit"]: row["transport"] for row in sent.rows("delivery")} == {
        "tdp-1": "sent",
        "tdp-3": "sent",
        "tdp-4": "sent",
        "tdp-5": None,
    }
    told = sent.rows("event", what="sent")
    assert {row["address"] for row in told} == {"tdp1@example.org", "tdp3@example.org"}


def test_acknowledgement_ends_the_reminders_for_it_and_the_report_is_still_wanted(sent: Desk) -> None:
    assert pending(sent) == ["acknowledgement", "due", "due", "due", "due"]
    sent.answer("tdp1@example.org", "Đã nhận", to="tdp1@example.org")
    found = delivery(sent)
    assert (found["handling"], found["satisfied"]) == ("acknowledged", False)
    assert pending(sent) == ["due"] * 4


def test_report_ends_every_reminder(sent: Desk) -> None:
    sent.answer("tdp1@example.org", "Gửi báo cáo", to="tdp1@example.org", files={"bc.txt": "Kết quả."})
    found = delivery(sent)
    assert (found["handling"], found["satisfied"]) == ("completed", True)
    assert pending(sent) == []
    assert len(pending(sent, "tdp-3")) == 5


def test_one_answer_counts_for_both_units_of_a_shared_mailbox(sent: Desk) -> None:
    sent.answer("tdp3@example.org", "Đã nhận", to="tdp3@example.org")
    assert [delivery(sent, unit)["handling"] for unit in ("tdp-3", "tdp-4")] == ["acknowledged"] * 2


def test_question_is_an_open_matter_and_the_task_goes_on(sent: Desk) -> None:
    sent.answer("tdp1@example.org", "Cho hỏi mẫu báo cáo lấy ở đâu?", to="tdp1@example.org")
    found = delivery(sent)
    assert (found["open_matter"], found["satisfied"]) == ("question", False)
    assert sent.rows("held", delivery_ref=found["id"])


def test_rsvp_ends_the_reminders_of_an_invitation(desk: Desk) -> None:
    desk.take(invitation())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    assert pending(desk, "thcs")
    desk.answer("thcsanhoa@example.org", "Xin vắng, lý do: đi công tác", to="thcsanhoa@example.org")
    found = delivery(desk, "thcs")
    assert (found["rsvp"], found["satisfied"]) == ("declined", True)
    assert pending(desk, "thcs") == []


def test_automatic_reply_is_kept_with_the_delivery_and_changes_nothing(sent: Desk) -> None:
    before = delivery(sent)
    sent.answer("tdp1@example.org", "Đã nhận, tôi nghỉ phép", to="tdp1@example.org", Auto_Submitted="auto-replied")
    assert delivery(sent) == before
    assert sent.rows("event", what="auto_reply", delivery_ref=before["id"])


def test_answer_that_is_rolled_back_leaves_the_reminders_alone(sent: Desk) -> None:
    said = FactPlan(delivery(sent)["id"], "report", sent.now, "answer_report", "tdp1@example.org")
    with pytest.raises(RuntimeError), sent.store.write() as connection:
        apply_facts(connection, [said], actor="tdp1@example.org")
        raise RuntimeError
    assert len(pending(sent)) == 5
    assert delivery(sent)["handling"] is None


# --- any order ---

SAID = [*(str(fact) for fact in Fact), *(str(intent) for intent in Intent if fact_of(str(intent)) is not None)]
# Those that can turn a state back, so that chance meets them often.
TURNING = ["refused", "received", "acknowledged", "report", "question", "unreachable", "accepted"]
FACTS = st.lists(
    st.tuples(
        st.sampled_from(TURNING) | st.sampled_from(SAID),
        st.integers(0, 3),
        st.sampled_from(["tdp1@example.org", "b@example.org"]),
    ),
    min_size=1,
    max_size=6,
)


class Undo(Exception):  # noqa: N818 - no failure: the transaction is only looked at
    """Throw the transaction away."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, chance=st.randoms(use_true_random=False))
def test_facts_in_any_order_and_any_batches_give_the_same_row(
    sent: Desk, facts: list[tuple[str, int, str]], chance: random.Random
) -> None:
    number = delivery(sent)["id"]
    plans = [FactPlan(number, said, NOW + timedelta(hours=hour), said, who) for said, hour, who in facts]
    shuffled = chance.sample(plans, len(plans))
    cut = chance.randint(0, len(plans))
    assert outcome(sent, number, [plans]) == outcome(sent, number, [shuffled[:cut], shuffled[cut:]])


def outcome(desk: Desk, number: int, batches: list[list[FactPlan]]) -> Any:
    found: Any = None
    row, pending_rows = TABLES["delivery"], TABLES["reminder"]
    try:
        with desk.store.write() as connection:
            for batch in batches:
                apply_facts(connection, batch, actor="test")
            state = connection.execute(sa.select(row).where(row.c.id == number)).one()
            waiting = sa.select(pending_rows.c.state).where(pending_rows.c.delivery_ref == number)
            found = tuple(state), connection.execute(waiting.order_by(pending_rows.c.id)).scalars().all()
            raise Undo
    except Undo:
        return found


# --- the chain ---


def test_every_event_follows_from_the_one_before(sent: Desk) -> None:
    rows = sent.rows("event")
    assert rows[0]["previous_hash"] == events.FIRST_HASH
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    with sent.store.read() as connection:
        assert list(events.broken_links(connection)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (sa.update(EVENT).where(EVENT.c.id == 2).values(reason="something else"), [2]),
        (sa.update(EVENT).where(EVENT.c.id == 2).values(at=NOW + timedelta(days=1)), [2]),
        (sa.update(EVENT).where(EVENT.c.id == 2).values(data={"units": []}), [2]),
        (sa.update(EVENT).where(EVENT.c.id == 2).values(hash="f" * 64), [2, 3]),
        (sa.delete(EVENT).where(EVENT.c.id == 2), [3]),
    ],
    ids=["words", "time", "data", "hash", "deleted"],
)
def test_a_changed_log_shows_where(sent: Desk, change: Any, found: list[int]) -> None:
    with sent.store.write() as connection:
        connection.execute(change)
    with sent.store.read() as connection:
        assert list(events.broken_links(connection)) == found


def test_no_events_no_chain(desk: Desk) -> None:
    with desk.store.write() as connection:
        events.append(connection, [])
    with desk.store.read() as connection:
        assert list(events.broken_links(connection)) == []
