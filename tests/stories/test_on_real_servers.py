"""Stories on Dovecot and Postfix: real mailboxes, real bounces, a clock that is set by hand."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.office_site import official
from tests.servers.processes import until
from tests.stories.town import HANOI, Town, subject_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

moment = partial(datetime, tzinfo=HANOI)


@pytest.fixture
def found(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> Iterator[Callable[..., Town]]:
    """Found a town; it is closed at the end."""
    towns: list[Town] = []

    def make(now: datetime, **wishes: object) -> Town:
        towns.append(Town(tmp_path, dovecot, postfix, now, **wishes))  # type: ignore[arg-type]
        return towns[-1]

    yield make
    for town in towns:
        town.close()


def test_a_silent_unit_goes_through_the_whole_ladder_and_tet_shifts_every_step(found: Callable[..., Town]) -> None:
    """Tết 2026 is off from 16 to 20 February: the limit falls into it, the last reminder comes after it."""
    town = found(moment(2026, 2, 9, 9, 0))
    town.hand_in("12-CV/ĐU", "19/02/2026")
    town.answers("tdp2", "Đã nhận")
    town.until(moment(2026, 2, 23, 17, 0))
    assert [subject.partition(":")[0].partition(" (")[0] for subject in town.subjects("tdp1")] == [
        "12-CV/ĐU",
        "Nhắc việc 12-CV/ĐU",
        "Nhắc việc 12-CV/ĐU",
        "Đề nghị gửi báo cáo theo 12-CV/ĐU",
    ]
    assert _days(town, "tdp1") == ["2026-02-09", "2026-02-11", "2026-02-13", "2026-02-23"]
    assert _days(town, "tdp2") == ["2026-02-09", "2026-02-13", "2026-02-23"], "who has acknowledged is asked once less"
    town.until(moment(2026, 3, 9, 17, 0))
    assert len(town.subjects("tdp1")) == 4, "a ladder ends"
    assert town.unit("tdp-1", "12-CV/ĐU")["satisfied"] is False, "and what is open stays visible"


def _days(town: Town, who: str) -> list[str]:
    dates = (parsedate_to_datetime(str(message_from_bytes(mail)["Date"])) for mail in town.mails(who))
    return [f"{date.astimezone(HANOI):%Y-%m-%d}" for date in dates]


def test_a_spoofed_order_is_not_carried_out_until_its_alleged_sender_says_so(found: Callable[..., Town]) -> None:
    town = found(moment(2026, 10, 5, 9, 0))
    town.hand_in("152-CV/ĐU", "16/10/2026")
    before = town.unit("tdp-1", "152-CV/ĐU")["next_reminder_at"]
    assert before is not None
    forged = official(town.address("vanthu"), town.address("vp"), "DỪNG NHẮC 152-CV/ĐU", "")
    town.arrive(forged)  # no server of ours has seen its sender log in
    assert town.unit("tdp-1", "152-CV/ĐU")["next_reminder_at"] == before
    asked = town.mails("vanthu")[-1]
    assert "máy chủ không xác thực được địa chỉ gửi" in text_of(asked)
    town.answers("vanthu", "ĐỒNG Ý")
    town.look()
    assert town.unit("tdp-1", "152-CV/ĐU")["next_reminder_at"] is None
    assert subject_of(town.mails("vanthu")[-1]).startswith("Đã thực hiện")


def test_two_units_on_one_mailbox_get_one_mail_and_answer_once_for_both(found: Callable[..., Town]) -> None:
    town = found(moment(2026, 10, 5, 9, 0), unit_mail="{p}-tdp1@in.test")
    town.hand_in("152-CV/ĐU", "16/10/2026")
    assert len(town.mails("tdp1")) == 1
    assert "Chi bộ Tổ dân phố 1 và Chi bộ Tổ dân phố 2" in text_of(town.mails("tdp1")[0])
    town.answers("tdp1", "Da nhan")
    assert [town.unit(unit, "152-CV/ĐU")["handling"] for unit in ("tdp-1", "tdp-2")] == ["acknowledged"] * 2


def test_who_is_away_hands_the_paper_to_the_unit_s_next_mailbox(found: Callable[..., Town]) -> None:
    town = found(moment(2026, 10, 5, 9, 0), directory=(("-tdp1@in.test]", "-tdp1@in.test, {p}-tdp9@in.test]"),))
    town.hand_in("152-CV/ĐU", "16/10/2026")
    away = "Tôi đi công tác từ ngày 05/10/2026 đến ngày 09/10/2026."
    town.answers("tdp1", away, Auto_Submitted="auto-replied")
    (handed,) = town.mails("tdp9")
    assert "từ ngày 05/10/2026 đến ngày 09/10/2026" in text_of(handed)
    town.answers("tdp9", "Đã nhận")
    assert town.unit("tdp-1", "152-CV/ĐU")["handling"] == "acknowledged"


def test_after_four_days_of_downtime_what_is_due_goes_out_once_and_together(found: Callable[..., Town]) -> None:
    town = found(moment(2026, 10, 5, 9, 0))
    town.hand_in("152-CV/ĐU", "08/10/2026")
    town.hand_in("153-CV/ĐU", "09/10/2026")
    before = len(town.mails("tdp1"))
    town.now = moment(2026, 10, 9, 9, 0)
    town.look()
    town.look()
    late = town.subjects("tdp1")[before:]
    assert len(late) == 1, late
    assert late[0].startswith("02 nội dung")
    assert "152-CV/ĐU" in text_of(town.mails("tdp1")[-1])
    assert "153-CV/ĐU" in text_of(town.mails("tdp1")[-1])


def test_more_time_is_asked_given_by_one_number_and_kept(found: Callable[..., Town]) -> None:
    town = found(moment(2026, 10, 5, 9, 0))
    town.hand_in("152-CV/ĐU", "08/10/2026")
    town.answers("tdp1", "Xin gia hạn đến ngày 14/10/2026, lý do chưa đủ số liệu")
    town.until(moment(2026, 10, 5, 14, 30))
    asked = town.mails("vanthu")[-1]
    assert "1 đồng ý" in text_of(asked)
    town.answers("vanthu", "1 dong y")
    assert town.unit("tdp-1", "152-CV/ĐU")["due"] == "2026-10-14"
    town.now = moment(2026, 10, 5, 14, 45)  # an order's mails wait until it can no longer be taken back
    town.look()
    assert "được gia hạn đến hết thứ Tư, ngày 14/10/2026" in text_of(town.mails("tdp1")[-1])
    town.until(moment(2026, 10, 9, 17, 0))
    reminders = [subject for subject in town.subjects("tdp1") if "Nhắc việc" in subject or "Đề nghị gửi" in subject]
    assert reminders == []
    assert any("Đề nghị gửi" in subject for subject in town.subjects("tdp2")), "the other unit's limit stayed"


def test_a_real_bounce_is_tried_at_the_next_address_and_then_comes_to_the_clerk(found: Callable[..., Town]) -> None:
    town = found(moment(2026, 10, 5, 9, 0), unit_mail="{p}-gone{n}@bounce.test, {p}-gone{n}@refused.test")
    town.hand_in("152-CV/ĐU", "16/10/2026")
    until(lambda: len(town.dovecot.mailbox(town.office.office)) >= 4, "Postfix to return two mails")
    town.look()
    town.look()
    unit = town.unit("tdp-1", "152-CV/ĐU")
    assert (unit["transport"], unit["open_matter"]) == ("bounced", "unreachable")
    assert "cần gọi điện" in text_of(town.mails("vanthu")[-1])
