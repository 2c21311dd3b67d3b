"""Orders and answers on the command line: the same decisions as by mail, journalled, with the admin's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailbot.problems import MailbotError
from mailbot.routing.model import Mode
from mailbot.service import commanding
from mailbot.service.runtime import Runtime
from mailbot.store import outbox_admin, views
from mailbot.store.outbox_admin import Hand
from mailbot.store.tables import TABLES
from tests.example_office import CLERK, directive, mail, write_example
from tests.store.test_lists import CELLS
from tests.store.test_orders import released

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.desk import Desk

CELL = "Chi bộ Công ty Dệt may Hưng Hải"


@pytest.fixture
def runtime(tmp_path: Path, desk: Desk) -> Runtime:
    """An office on the desk's ledger and clock."""
    folder = write_example(tmp_path)
    found = Runtime(folder, now=lambda: desk.now + timedelta(minutes=1))
    found.store.close()
    found.store = desk.store
    loaded = found.in_force.loaded
    loaded = replace(loaded, site=replace(loaded.site, mode=Mode.LIVE))
    found.in_force = replace(found.in_force, loaded=loaded)
    return found


def test_an_order_of_the_command_line_is_the_order_by_mail_without_the_mail(desk: Desk, runtime: Runtime) -> None:
    released(desk)
    (line,) = commanding.order(runtime, f"GIA HAN 152-CV/DU {CELL} den 23/10/2026")
    assert line.done, line
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-23"
    assert desk.rows("outbox", purpose="order_answer") == [], "its transcript was printed"
    kept = desk.rows("message")[-1]
    assert (kept["folder"], kept["state"]) == ("command_line", "decided")
    fact = [row for row in desk.rows("event") if row["what"] == "extended"][-1]
    assert fact["message_ref"] == kept["id"]
    assert fact["data"]["by"], "facts of the office name somebody"


def test_two_orders_are_two_rows_of_the_journal(desk: Desk, runtime: Runtime) -> None:
    released(desk)
    lines = commanding.order(runtime, "NHẮC 152-CV/ĐU\nDỪNG NHẮC 152-CV/ĐU")
    assert [line.done for line in lines] == [True, True]
    assert commanding.order(runtime, "TRỢ GIÚP")[0].rows
    assert [row["uid"] for row in desk.rows("message", folder="command_line")] == [1, 2]


def test_words_that_are_no_order_are_told_and_leave_no_trace(desk: Desk, runtime: Runtime) -> None:
    with pytest.raises(MailbotError, match="no order"):
        commanding.order(runtime, "Chào đồng chí")
    assert desk.rows("message") == []


def test_a_matter_is_answered_in_the_words_of_the_clerk_s_list(desk: Desk, runtime: Runtime) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2026", to=CELLS["det-may"])
    (waiting,) = desk.rows("held", reason="unit_extension")
    matter, answers = commanding.choices(runtime, waiting["id"])
    assert (matter.text, answers) == (waiting["text"], ["đồng ý", "không đồng ý"])
    (line,) = commanding.answer(runtime, waiting["id"], "dong y")
    assert line.done, line
    assert desk.one("delivery", unit="det-may")["due"] == "2026-10-23"
    assert desk.one("held", id=waiting["id"])["state"] == "closed"
    with pytest.raises(MailbotError, match="nothing waits"):
        commanding.answer(runtime, waiting["id"], "đồng ý")


def test_what_its_sender_did_not_prove_is_decided_again_when_the_clerk_has_asked(desk: Desk, runtime: Runtime) -> None:
    written = mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive("152-CV/ĐU"), submitted=False)
    desk.take(written)
    (waiting,) = desk.rows("held", reason="trust")
    (line,) = commanding.answer(runtime, waiting["id"], "đã xác minh")
    assert line.done, line
    again = desk.one("message", id=waiting["message_ref"])
    assert again["state"] == "new"
    assert "confirmed" in again["trace"]["words"]


def test_a_mail_is_decided_once_more_when_a_rule_has_come(desk: Desk, runtime: Runtime) -> None:
    desk.take(mail("nguoi.la@example.com", "Chào hàng", "Kính gửi quý cơ quan, xin giới thiệu.", at=desk.now))
    (waiting,) = desk.rows("held")
    commanding.again(runtime, waiting["id"])
    assert desk.one("message", id=waiting["message_ref"])["state"] == "new"
    assert desk.one("held", id=waiting["id"])["state"] == "closed"


@pytest.mark.parametrize(
    ("before", "hand", "after"),
    [
        ("ready", Hand.HOLD, "held"),
        ("planned", Hand.CANCEL, "cancelled"),
        ("held", Hand.RELEASE, "ready"),
        ("failed", Hand.RETRY, "ready"),
        ("sent", Hand.CANCEL, "sent"),
        ("sent", Hand.RETRY, "sent"),
        ("cancelled", Hand.RELEASE, "cancelled"),
    ],
)
def test_an_admin_s_hand_moves_a_mail_that_is_not_sent_and_is_logged(
    desk: Desk, before: str, hand: Hand, after: str
) -> None:
    released(desk)
    desk.compose()
    table = TABLES["outbox"]
    number = desk.rows("outbox", purpose="directive")[0]["id"]
    with desk.store.write() as connection:
        connection.execute(sa.update(table).where(table.c.id == number).values(state=before))
        done = outbox_admin.lay_hand(connection, hand, [number, 99_999], desk.now)
    assert desk.one("outbox", id=number)["state"] == after
    assert done == ([number] if before != after else [])
    with desk.store.read() as connection:
        told = [item["what"] for item in views.history(connection, "outbox", number)]
    assert (f"mail_{hand}" in told) == (before != after)


def test_a_mail_under_way_is_left_alone(desk: Desk) -> None:
    released(desk)
    desk.compose()
    number = desk.claim(1)[0].id
    with desk.store.write() as connection:
        assert outbox_admin.lay_hand(connection, Hand.CANCEL, [number], desk.now) == []
        shown = outbox_admin.one(connection, number)
    assert shown is not None
    assert len(shown["tries"]) == 1
