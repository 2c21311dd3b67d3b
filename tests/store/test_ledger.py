"""Recording: whatever is decided becomes rows in one transaction, once, and nothing of it when anything fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from mailbot.store import events
from mailbot.store.errors import AlreadyDecidedError
from mailbot.store.ledger import record
from tests.example_office import CLERK, LEADER, NOW, directive, mail

if TYPE_CHECKING:
    from tests.store.desk import Desk

SUPERIOR = "thanhuy@hunghai.example.vn"
UNITS = "\n- Chi bộ Tổ dân phố 1,\n- Chi bộ Tổ dân phố 3,\n- Chi bộ Tổ dân phố 4,\n- Chi bộ Tổ dân phố 5."


def superiors(number: str = "318-CV/TU", note: str = "") -> Any:
    text = note + (
        f"THÀNH ỦY HƯNG HẢI\nSố {number}\nV/v báo cáo kết quả chuyển đổi số\nHưng Hải, ngày 05 tháng 10 năm 2026\n\n"
        "Kính gửi: Đảng ủy các phường.\n\nĐề nghị báo cáo kết quả trước ngày 20/10/2026.\n"
    )
    return mail(SUPERIOR, f"Công văn {number}", text, submitted=False)


def ours(number: str = "152-CV/ĐU", addressees: str = UNITS) -> Any:
    return mail(CLERK, f"Công văn {number}", directive(number, addressees))


def invitation() -> Any:
    text = (
        "ĐẢNG ỦY PHƯỜNG AN HÒA\nSố 21-GM/ĐU\nAn Hòa, ngày 06 tháng 10 năm 2026\n\nGIẤY MỜI\n\n"
        "Kính gửi: Các chi bộ trường học.\n\nKính mời các đồng chí dự họp sơ kết quý III.\n"
        "Thời gian: 14 giờ 00, ngày 15/10/2026 (thứ Năm)\nĐịa điểm: Hội trường tầng 2\n"
        "Xác nhận dự họp trước 16 giờ 00 ngày 13/10/2026.\n"
    )
    return mail(CLERK, "Giấy mời số 21-GM/ĐU họp sơ kết quý III", text)


# --- a paper of ours, from the clerk's mail to the units ---


def test_our_paper_waits_for_the_clerks_word(desk: Desk) -> None:
    desk.take(ours())
    document, message = desk.one("document"), desk.one("message")
    assert (document["state"], document["direction"]) == ("awaiting_confirmation", "outgoing")
    assert (document["book"], document["book_period"], document["book_number"]) == ("van-ban-di", "term 2025-2030", 152)
    assert (message["state"], message["outcome"], message["archive_hash"]) == ("decided", "rule", "a" * 64)
    assert [row["recipient"] for row in desk.rows("outbox")] == [CLERK]
    assert desk.rows("delivery") == []


def test_the_word_sends_it_with_its_reminders_and_shared_parts(desk: Desk) -> None:
    desk.take(ours())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    document = desk.one("document")
    assert (document["state"], document["released_at"]) == ("released", desk.now)
    deliveries = {row["unit"]: row for row in desk.rows("delivery")}
    assert {unit: (row["channel"], row["transport"], row["due"]) for unit, row in deliveries.items()} == {
        "tdp-1": ("mail", "queued", "2026-10-15"),
        "tdp-3": ("mail", "queued", "2026-10-15"),
        "tdp-4": ("mail", "queued", "2026-10-15"),
        "tdp-5": ("paper", None, "2026-10-15"),
    }
    copies = desk.rows("outbox", purpose="directive")
    assert [(row["recipient"], row["shared_hash"], row["boundary"]) for row in copies] == [
        ("tdp1@example.org", "b" * 64, "=_mb"),
        ("tdp3@example.org", "b" * 64, "=_mb"),
    ]
    links = [(row["outbox_ref"], row["item"]) for row in desk.rows("outbox_delivery", outbox_ref=copies[1]["id"])]
    assert links == [(copies[1]["id"], 1), (copies[1]["id"], 2)]
    steps = desk.rows("reminder", delivery_ref=deliveries["tdp-1"]["id"])
    assert [(row["step"], row["do"], row["state"]) for row in steps] == [
        *((step, "remind", "pending") for step in range(4)),
        (4, "list", "pending"),
    ]
    assert steps[1]["at"] == NOW.replace(day=13, hour=8, minute=0)
    assert desk.one("instruction")["text"] == "ĐỒNG Ý"
    assert {row["action"] for row in desk.rows("mailbox_action")} == {"flag", "save_sent"}


def test_a_refused_paper_is_never_sent(desk: Desk) -> None:
    desk.take(ours())
    desk.answer(CLERK, "KHÔNG GỬI", to=CLERK)
    assert desk.one("document")["state"] == "cancelled"
    late = desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    assert late.release_of is None
    assert desk.rows("delivery") == []


def test_a_paper_is_released_once(desk: Desk) -> None:
    desk.take(ours())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    sent = desk.rows("outbox")
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK, purpose="confirm_before_send")
    assert desk.rows("outbox") == sent


def test_two_words_decided_from_the_same_look_release_once(desk: Desk) -> None:
    desk.take(ours())
    token = desk.one("outbox")["token"]
    rows = [desk.arrive(), desk.arrive()]
    with desk.store.write() as connection:
        planned = [desk.plan(connection, mail(CLERK, f"Re: [#{token}]", "ĐỒNG Ý"), row) for row in rows]
        record(*planned[0], desk.envelope, connection, desk.now)
    with pytest.raises(AlreadyDecidedError), desk.store.write() as connection:
        record(*planned[1], desk.envelope, connection, desk.now)
    assert len(desk.rows("delivery")) == 4
    assert desk.rows("message", id=rows[1])[0]["state"] == "new"


def test_an_invitation_keeps_its_meeting(desk: Desk) -> None:
    desk.take(invitation())
    meeting = desk.one("meeting")
    assert meeting["starts_at"].startswith("2026-10-15T14:00")
    assert meeting["place"] == "Hội trường tầng 2"
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    assert {row["ask"] for row in desk.rows("delivery")} == {"rsvp"}
    assert len(desk.rows("outbox", purpose="invitation")) == 3


# --- a superior's paper ---


def test_superiors_papers_take_numbers_in_the_order_of_arrival(desk: Desk) -> None:
    for number in ("318-CV/TU", "319-CV/TU", "320-CV/TU"):
        desk.take(superiors(number))
    assert [(row["book_number"], row["state"]) for row in desk.rows("document")] == [
        (1, "awaiting_instruction"),
        (2, "awaiting_instruction"),
        (3, "awaiting_instruction"),
    ]
    assert [row["values"]["arrival_number"] for row in desk.rows("outbox")] == [1, 2, 3]


def test_a_number_is_given_back_when_the_transaction_fails(desk: Desk) -> None:
    row = desk.arrive()
    with pytest.raises(RuntimeError), desk.store.write() as connection:
        record(*desk.plan(connection, superiors(), row), desk.envelope, connection, desk.now)
        raise RuntimeError
    assert [desk.rows(table) for table in ("document", "outbox", "event", "register_counter")] == [[], [], [], []]
    desk.take(superiors("319-CV/TU"))
    assert desk.one("document")["book_number"] == 1


def test_the_leaders_word_passes_it_down(desk: Desk) -> None:
    desk.take(superiors())
    desk.answer(LEADER, "Đồng ý", to=LEADER)
    assert desk.one("document")["state"] == "released"
    assert len(desk.rows("delivery")) == 13
    assert desk.rows("outbox", purpose="directive")[0]["values"]["instruction"] == "Đồng ý"


# --- once ---


def test_a_journal_row_is_decided_once(desk: Desk) -> None:
    row = desk.arrive()
    for attempt in range(2):
        with desk.store.write() as connection:
            planned = desk.plan(connection, superiors(), row)
            if attempt == 0:
                record(*planned, desk.envelope, connection, desk.now)
                continue
            with pytest.raises(AlreadyDecidedError):
                record(*planned, desk.envelope, connection, desk.now)
    assert len(desk.rows("document")) == 1


def test_the_database_refuses_the_twin_of_a_document(desk: Desk) -> None:
    """Two mailboxes of the office got the same paper, and both were decided from the same look at the ledger."""
    first, second = desk.arrive(), desk.arrive()
    with desk.store.write() as connection:
        planned = [desk.plan(connection, superiors(), row) for row in (first, second)]
        record(*planned[0], desk.envelope, connection, desk.now)
    with pytest.raises(IntegrityError), desk.store.write() as connection:
        record(*planned[1], desk.envelope, connection, desk.now)
    again = desk.take(superiors())
    assert str(again.outcome) == "repeated"
    assert [row["book_number"] for row in desk.rows("document")] == [1]


def test_the_same_mail_seen_again_is_repeated(desk: Desk) -> None:
    written = superiors()
    desk.take(written)
    desk.take(written)
    assert [row["state"] for row in desk.rows("message")] == ["decided", "repeated"]
    assert len(desk.rows("outbox")) == 1


def test_the_same_number_of_another_office_or_term_is_another_paper(desk: Desk) -> None:
    desk.take(superiors("12-CV/TU"))
    desk.take(superiors("12-KH/TU"))
    desk.take(mail("btctu@hunghai.example.vn", "12-CV/BTCTU", superiors("12-CV/BTCTU").get_content(), submitted=False))
    assert [row["number"] for row in desk.rows("document")] == ["12-CV/TU", "12-KH/TU", "12-CV/BTCTU"]


def test_the_office_and_its_bureau_number_their_own_papers(desk: Desk) -> None:
    desk.take(ours("12-CV/ĐU"))
    desk.take(ours("12-CV/VPĐU"))
    assert [(row["number"], row["book_number"]) for row in desk.rows("document")] == [
        ("12-CV/ĐU", 12),
        ("12-CV/VPĐU", 12),
    ]


def test_a_paper_that_was_taken_back_may_be_mailed_in_again(desk: Desk) -> None:
    desk.take(ours())
    desk.answer(CLERK, "KHÔNG GỬI", to=CLERK)
    mended = desk.take(ours(addressees="Các chi bộ trường học."))
    assert mended.document is not None
    assert [(row["state"], row["book_number"]) for row in desk.rows("document")] == [
        ("cancelled", None),
        ("awaiting_confirmation", 152),
    ]


# --- what is held, moved away, or asked ---


def test_a_doubtful_sender_is_asked_and_his_word_takes_the_mail_out_again(desk: Desk) -> None:
    written = mail(CLERK, "Công văn 152-CV/ĐU", directive(), submitted=False)
    desk.take(written)
    assert [row["state"] for row in desk.rows("message")] == ["held"]
    assert desk.one("outbox")["message_ref"] == desk.one("message")["id"]
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    first = desk.rows("message")[0]
    assert (first["state"], first["trace"]) == ("new", {"words": {"confirmed": 2}})
    assert {row["state"] for row in desk.rows("held", message_ref=first["id"])} == {"closed"}
    with desk.store.write() as connection:
        record(*desk.plan(connection, written, first["id"], confirmed=True), desk.envelope, connection, desk.now)
    assert desk.one("document")["state"] == "awaiting_confirmation"


def test_of_a_secret_mail_nothing_but_that_it_came_is_kept(desk: Desk) -> None:
    desk.take(mail(SUPERIOR, "[TUYỆT MẬT] việc Hoa Đào", "Số 09-BC/TU\nTUYỆT MẬT\n\nviệc Hoa Đào"))
    message = desk.one("message")
    assert (message["state"], message["subject"]) == ("quarantined", None)
    kept = [str(desk.rows(table)) for table in ("message", "event", "outbox", "held", "document")]
    assert "Hoa Đào" not in "".join(kept)
    assert desk.one("mailbox_action")["action"] == "quarantine"


def test_what_no_rule_wants_is_a_line_for_the_clerk(desk: Desk) -> None:
    desk.take(mail("nguoi.la@example.com", "Xin chào", "Chào văn phòng."))
    held = desk.one("held")
    assert (held["audience"], held["state"], held["message_ref"]) == ("clerk", "open", 1)
    assert desk.one("message")["state"] == "held"


def test_every_decision_leaves_its_event_with_the_rule_that_made_it(desk: Desk) -> None:
    desk.take(ours())
    desk.answer(CLERK, "ĐỒNG Ý", to=CLERK)
    told = [(row["actor"], row["what"], row["document_ref"]) for row in desk.rows("event")]
    assert told == [("mailbot", "decided", 1), ("mailbot", "decided", 1), (CLERK, "instructed", 1)]
    assert desk.rows("event")[0]["rule"].startswith("de-nghi-bao-cao@")
    assert desk.one("message", id=1)["trace"]["trials"]
    with desk.store.read() as connection:
        assert list(events.broken_links(connection)) == []


# --- any mail at all ---


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(["a\0b", "\udcff", "152-CV/ĐU \0"]),
    body=st.binary(max_size=200),
)
def test_any_bytes_can_be_recorded(desk: Desk, subject: str, body: bytes) -> None:
    head = f"From: a@example.org\r\nDate: Tue, 06 Oct 2026 08:10:00 +0700\r\nSubject: {subject}\r\n\r\n"
    desk.take(head.encode("utf-8", "surrogateescape") + body)
    assert desk.rows("message")[-1]["state"] != "new"


@pytest.mark.parametrize("wicked", [b"\x00\xff", b"=?utf-7?q?+2AA-?=", b"=?utf-8?q?a=00b=ED=A0=80?="])
def test_what_no_database_can_store_does_not_stop_a_paper(desk: Desk, wicked: bytes) -> None:
    raw = ours().as_bytes()
    for name in (b"Subject: ", b"From: ", b"Message-ID: "):
        raw = raw.replace(name, name + wicked + b" ")
    desk.take(raw)
    assert desk.one("message")["state"] != "new"
