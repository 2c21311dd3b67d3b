"""Who may give which orders: by the address, for each line; and PHÁT HÀNH, which needs the right to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailbot.office.orders import Verb
from mailbot.routing.model import OrderRight
from mailbot.routing.rights import ALL, order_names
from tests.example_office import CLERK, directive, mail
from tests.store.test_orders import order, released

if TYPE_CHECKING:
    from tests.store.desk import Desk


def give(desk: Desk, target: str, *verbs: Verb) -> None:
    """Set in mailbot.yaml which orders somebody may give."""
    desk.site = replace(desk.site, orders=(OrderRight(target, frozenset(verbs)),))


def test_each_line_is_carried_out_only_where_its_sender_may(desk: Desk) -> None:
    released(desk)
    give(desk, "role:van-thu", Verb.STATUS, Verb.REMIND)
    done, refused = order(desk, "NHẮC 152-CV/ĐU\nKẾT THÚC 152-CV/ĐU")
    assert done["done"]
    assert (refused["done"], refused["result"]) == (False, "địa chỉ này chưa được giao quyền KẾT THÚC")
    assert all(not row["satisfied"] for row in desk.rows("delivery"))


def test_a_person_named_in_the_settings_may_order_what_is_given_to_them(desk: Desk) -> None:
    released(desk)
    person = "person:uvtv-1"
    address = desk.site.directory.addresses(person)[0][1]
    before = len(desk.rows("outbox", purpose="order_answer"))
    desk.take(mail(address, "", "NHẮC 152-CV/ĐU", at=desk.now))
    give(desk, person, Verb.REMIND)
    (line,) = order(desk, "NHẮC 152-CV/ĐU", address)
    assert line["done"], line
    assert len(desk.rows("outbox", purpose="order_answer")) == before + 1, "without the right it was no order at all"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("all", ALL),
        ("tất cả", ALL),
        (["TÌNH HÌNH", "nhac", "extend"], {Verb.STATUS, Verb.REMIND, Verb.EXTEND}),
        ("THU HỒI", {Verb.RECALL}),
    ],
)
def test_orders_are_named_as_people_write_them(written: object, meant: set[Verb]) -> None:
    assert order_names(written) == meant


def test_a_name_that_is_no_order_is_told() -> None:
    with pytest.raises(ValueError, match="DỪNG XE"):
        order_names(["NHẮC", "DỪNG XE"])


def test_what_waits_for_its_word_is_published_by_order(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Các chi bộ doanh nghiệp.")))
    desk.take(mail(CLERK, "PHÁT HÀNH 152-CV/ĐU", at=desk.now))
    assert desk.one("document")["state"] == "released"
    assert len(desk.rows("outbox", purpose="directive")) == 2
    assert desk.one("instruction")["text"] == "Phát hành"
    (line,) = order(desk, "PHÁT HÀNH 152-CV/ĐU")
    assert not line["done"]
    assert "đã phát hành" in line["result"]
    assert len(desk.rows("outbox", purpose="directive")) == 2
