"""One look at what is due: who gets which mail, who waits, who is telephoned; never outside office hours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.rendering.letters import Letters
from mailbot.routing.plans import Purpose
from mailbot.tracking.reminding import DueReminder, Matter, list_for, plan_round
from tests.example_office import CLERK, HANOI, MAILBOX, decided, directive, example, mail

if TYPE_CHECKING:
    from mailbot.tracking.reminding import Round

SLOT = datetime(2026, 10, 8, 8, 0, tzinfo=HANOI)
OVERSEER = "hoangvannam@anhoa.example.vn"
BUREAU = "dominhphuc@anhoa.example.vn"


def values() -> dict[str, Any]:
    document = decided(mail(CLERK, "Công văn 152-CV/ĐU", directive())).document
    assert document is not None
    assert document.release is not None
    return document.release.values


def due(number: int, unit: str = "tdp-1", **more: Any) -> DueReminder:
    known = example().directory.units[unit]
    facts: dict[str, Any] = {
        "id": number,
        "delivery": number,
        "document": 3,
        "step": 1,
        "do": "remind",
        "needs": "due",
        "template": "reminder",
        "to": (),
        "unit": unit,
        "unit_name": known.name,
        "ask": "report",
        "channel": str(known.channel),
        "addresses": known.mail,
        "transport": "sent",
        "due": "2026-10-15",
        "at": SLOT,
        "content_key": "key",
        "mailbox": MAILBOX,
        "values": values(),
        "done": 2,
        "total": 5,
    }
    return DueReminder(**facts | more)


def round_of(*items: DueReminder, now: datetime = SLOT, today: frozenset[str] = frozenset()) -> Round:
    return plan_round(items, example(), now, today)


def sent(found: Round) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(plan.recipient, plan.template, plan.deliveries) for plan in found.mails]


def test_each_unit_gets_its_reminder() -> None:
    found = round_of(due(1), due(2, "tdp-2"))
    assert sent(found) == [("tdp1@example.org", "reminder", (1,)), ("tdp2@example.org", "reminder", (2,))]
    assert (found.sent, found.postponed, found.held) == ((1, 2), (), ())


def test_units_behind_one_address_share_the_mail() -> None:
    found = round_of(due(1, "tdp-3"), due(2, "tdp-4"))
    assert sent(found) == [("tdp3@example.org", "reminder", (1, 2))]
    assert found.mails[0].values["unit"] == "Chi bộ Tổ dân phố 3 và Chi bộ Tổ dân phố 4"


def test_several_papers_become_one_numbered_list() -> None:
    found = round_of(due(1), due(2, document=4), due(3, document=5, ask="rsvp"))
    assert sent(found) == [("tdp1@example.org", "reminder_coalesced", (1, 2, 3))]
    assert [item["expected"] for item in found.mails[0].values["items"]] == ["báo cáo", "báo cáo", "xác nhận dự họp"]


def test_an_answer_names_the_paper_by_the_number_that_the_list_shows() -> None:
    found = round_of(due(1, "tdp-3"), due(2, "tdp-4"), due(3, "tdp-3", document=4), due(4, "tdp-4", document=4))
    assert [(plan.deliveries, plan.items) for plan in found.mails] == [((1, 2, 3, 4), (1, 1, 2, 2))]


def test_a_late_step_decides_the_tone() -> None:
    assert sent(round_of(due(1, template="reminder_overdue"))) == [("tdp1@example.org", "reminder_overdue", (1,))]


def test_what_is_asked_is_named() -> None:
    (plan,) = round_of(due(1, needs="acknowledgement")).mails
    assert plan.values["expected"] == "xác nhận đã nhận văn bản"
    (plan,) = round_of(due(1, needs="acknowledgement", ask="rsvp")).mails
    assert plan.values["expected"] == "xác nhận dự họp"


def test_whoever_was_reminded_today_waits_for_the_next_working_day() -> None:
    friday = datetime(2026, 10, 9, 14, 0, tzinfo=HANOI)
    found = round_of(due(1), due(2, "tdp-2"), now=friday, today=frozenset({"tdp1@example.org"}))
    assert sent(found) == [("tdp2@example.org", "reminder", (2,))]
    assert (found.sent, found.postponed) == ((2,), (1,))
    assert found.until == datetime(2026, 10, 12, 8, 0, tzinfo=HANOI)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-10-08 07:29",
        "2026-10-08 12:00",
        "2026-10-08 17:00",
        "2026-10-10 08:00",
        "2026-10-11 08:00",
        "2027-02-08 08:00",
    ],
    ids=["before opening", "at noon", "after closing", "Saturday", "Sunday", "Tết"],
)
def test_outside_office_hours_nothing_goes_out_and_nothing_is_lost(moment: str) -> None:
    found = round_of(due(1), due(2, "tdp-5"), now=datetime.fromisoformat(moment).replace(tzinfo=HANOI))
    assert (found.mails, found.sent, found.postponed, found.held) == ((), (), (), ())


@pytest.mark.parametrize(
    "item",
    [due(1, "tdp-5"), due(1, transport="bounced"), due(1, addresses=())],
    ids=["paper", "every address refuses", "no address"],
)
def test_who_cannot_be_reached_by_mail_is_telephoned(item: DueReminder) -> None:
    found = round_of(item)
    assert (found.mails, found.sent) == ((), (1,))
    (line,) = found.held
    assert line.delivery_id == 1
    assert "0900.000.00" in line.text
    assert "152-CV/ĐU" in line.text


def test_overseers_and_leaders_get_one_list_a_paper() -> None:
    listed = {"do": "list", "template": "escalation", "to": ("overseer", "role:chanh-van-phong")}
    found = round_of(due(1, **listed), due(2, "tdp-2", **listed), due(3, "thcs", **listed))
    assert [(plan.recipient, [line["name"] for line in plan.values["late"]]) for plan in found.mails] == [
        (OVERSEER, ["Chi bộ Tổ dân phố 1", "Chi bộ Tổ dân phố 2"]),
        (BUREAU, ["Chi bộ Tổ dân phố 1", "Chi bộ Tổ dân phố 2", "Chi bộ Trường THCS An Hòa"]),
        ("buithioanh@anhoa.example.vn", ["Chi bộ Trường THCS An Hòa"]),
    ]
    first = found.mails[0]
    assert (first.purpose, first.values["done_count"], first.values["total"]) == (Purpose.ESCALATION, 2, 5)
    assert "0900.000.001" in first.values["late"][0]["contact"]
    assert found.sent == (1, 2, 3)


def test_two_papers_are_two_lists() -> None:
    listed = {"do": "list", "template": "escalation", "to": ("role:chanh-van-phong",)}
    assert len(round_of(due(1, **listed), due(2, document=4, **listed)).mails) == 2


def test_every_mail_of_a_round_can_be_rendered() -> None:
    listed = {"do": "list", "template": "escalation", "to": ("overseer",)}
    items = (due(1), due(2, "tdp-2"), due(3, "tdp-2", document=4, values=values() | {"number": "153-CV/ĐU"}))
    found = round_of(*items, due(4, "thcs", template="reminder_overdue"), due(5, **listed))
    letters = Letters(example().templates)
    for plan in found.mails:
        letter = letters.render(plan.template, plan.values, token="a" * 13, reply_to="vanphong@anhoa.example.vn")
        assert letter.subject.endswith(f"[#{'a' * 13}]")
        assert "None" not in letter.text


@pytest.mark.parametrize("purpose", [Purpose.CLERK_LIST, Purpose.ADMIN_NOTICE])
def test_open_matters_become_one_numbered_list(purpose: Purpose) -> None:
    matters = [Matter(7, "thư\n    một"), Matter(9, "thư hai")]
    plan = list_for(matters, "Văn thư", CLERK, MAILBOX, purpose, example(), SLOT)
    letter = Letters(example().templates).render(plan.template, plan.values, token="a" * 13, reply_to="x@example.org")
    assert "1. thư một" in letter.text
    assert "2. thư hai" in letter.text
    later = list_for([*matters, Matter(11, "thư ba")], "Văn thư", CLERK, MAILBOX, purpose, example(), SLOT)
    assert later.source_key != plan.source_key
