"""What the ledger tells: documents, the matrix of units, one thing's history, and how an answer finds its mail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mailbot.store import views
from mailbot.store.knowing import know
from mailbot.store.threads import thread_of
from tests.example_office import CLERK, MAILBOX, mail, reading_of
from tests.store.test_ledger import ours, superiors

if TYPE_CHECKING:
    from tests.store.desk import Desk


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk with one paper out and acknowledged by one unit, one from above, and one mail for the clerk."""
    desk.take(ours())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    desk.compose()
    desk.finish(desk.claim(), "sent", 250)
    desk.answer("tdp1@example.org", "Đã nhận", to="tdp1@example.org")
    desk.take(superiors())
    desk.take(mail("nguoi.la@example.com", "Xin chào", "Chào."))
    return desk


def test_documents_come_newest_first_with_who_has_answered(told: Desk) -> None:
    with told.store.read() as connection:
        found = views.documents(connection)
    assert [(row["number"], row["state"], row["deliveries"], row["asked"], row["answered"]) for row in found] == [
        ("318-CV/TU", "awaiting_instruction", 0, 0, 0),
        ("152-CV/ĐU", "released", 4, 4, 0),
    ]
    json.dumps(found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("152-CV/ĐU", [1]),
        ("152-cv/đu", [1]),
        ("152cvdu", [1]),
        ("0152", [1]),
        ("152-cv", [1]),
        ("#2", [2]),
        ("318", [2]),
        ("15", []),
        ("3", []),
        ("không có", []),
        ("#99", []),
        ("", []),
    ],
)
def test_a_document_is_found_as_people_write_its_number(told: Desk, wanted: str, found: list[int]) -> None:
    with told.store.read() as connection:
        assert views.find_documents(connection, wanted) == found


def test_matrix_shows_where_each_unit_stands(told: Desk) -> None:
    with told.store.read() as connection:
        found = views.matrix(connection, 1)
        assert views.matrix(connection, 99) == {}
    json.dumps(found)
    units = {unit["unit"]: unit for unit in found["units"]}
    assert (units["tdp-1"]["handling"], units["tdp-1"]["transport"], units["tdp-1"]["reminded"]) == (
        "acknowledged",
        "sent",
        0,
    )
    assert units["tdp-1"]["next_reminder_at"].startswith("2026-10-13T01:00")
    assert units["tdp-3"]["next_reminder_at"].startswith("2026-10-08T01:00")
    assert units["tdp-3"]["sent_at"] is not None
    assert units["tdp-5"]["sent_at"] is None


def test_history_tells_who_said_what_when(told: Desk) -> None:
    number = told.one("delivery", unit="tdp-1")["id"]
    with told.store.read() as connection:
        of_delivery = views.history(connection, "delivery", number)
        of_message = views.history(connection, "message", 1)
    assert [(row["what"], row["actor"]) for row in of_delivery] == [
        ("sent", "mailbot"),
        ("acknowledged", "tdp1@example.org"),
    ]
    assert [row["what"] for row in of_message] == ["decided"]
    json.dumps([*of_delivery, *of_message])


def test_lists_of_mails_messages_and_matters(told: Desk) -> None:
    with told.store.read() as connection:
        assert [row["id"] for row in views.messages(connection, limit=2)] == [5, 4]
        assert views.message(connection, 1)["sender"] == CLERK
        assert views.message(connection, 99) == {}
        assert {row["purpose"] for row in views.mails(connection, states=["sent"])} == {
            "confirm_before_send",
            "directive",
            "paper_list",
            "released",
        }
        assert [row["purpose"] for row in views.mails(connection, states=["planned"])] == ["for_instruction"]
        assert len(views.mails(connection, limit=1)) == 1
        waiting = views.matters(connection)
        assert [row["message_ref"] for row in waiting] == [5]
        json.dumps([*waiting, *views.mails(connection), *views.messages(connection)])


# --- how an answer finds its mail ---


@pytest.mark.parametrize(
    ("place", "found_by"),
    [("subject", "token"), ("plus address", "token"), ("In-Reply-To", "message_id"), ("References", "message_id")],
)
def test_an_answer_finds_its_mail(told: Desk, place: str, found_by: str) -> None:
    ours_ = told.one("outbox", recipient="tdp1@example.org")
    headers: dict[str, str] = {}
    if place == "plus address":
        headers["Delivered_To"] = f"vanphong+{ours_['token']}@anhoa.example.vn"
    if place in ("In-Reply-To", "References"):
        headers[place] = ours_["message_id"]
    subject = f"Re: [#{ours_['token'].upper()}]" if place == "subject" else "Re: Công văn"
    with told.store.read() as connection:
        thread = thread_of(connection, reading_of(mail("tdp1@example.org", subject, "Đã nhận", **headers)))
    assert thread is not None
    assert (thread.outbox_id, thread.found_by) == (ours_["id"], found_by)
    assert [item.unit for item in thread.deliveries] == ["tdp-1"]
    assert thread.document is not None
    assert thread.document.number == "152-CV/ĐU"


@pytest.mark.parametrize("subject", ["Re: Công văn 152-CV/ĐU", "Re: [#aaaaaaaaaaaaa]", "Re: [#1]"])
def test_a_guess_finds_nothing(told: Desk, subject: str) -> None:
    with told.store.read() as connection:
        assert thread_of(connection, reading_of(mail("tdp1@example.org", subject, "Đã nhận"))) is None


def test_an_answer_outside_a_thread_has_open_deliveries_of_its_sender_as_candidates(told: Desk) -> None:
    reading = reading_of(mail("tdp3@example.org", "Re: Công văn", "Đã nhận"))
    with told.store.read() as connection:
        known = know(
            connection, reading, {}, message=99, mailbox=MAILBOX, received_at=told.now, now=told.now, confirmed=False
        )
    assert sorted(item.unit for item in known.candidates) == ["tdp-3", "tdp-4"]
