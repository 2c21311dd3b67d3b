"""What a look at the due steps orders: mails to who can be reached, lines for the clerk about who cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from mailbot import site
from mailbot.cli.site_commands import example_files, write_site
from mailbot.routing.model import Mode
from mailbot.tracking.reminding import DueReminder, plan_round

if TYPE_CHECKING:
    from pathlib import Path

    from mailbot.routing.model import Site

NOW = datetime(2026, 10, 8, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def _due(number: int, step: int, delivery: int = 9, channel: str = "mail") -> DueReminder:
    return DueReminder(
        id=number,
        delivery=delivery,
        document=delivery,
        step=step,
        do="remind",
        needs="due",
        template="reminder",
        to=(),
        unit="tdp-2",
        unit_name="Chi bộ Tổ dân phố 2",
        ask="report",
        channel=channel,
        addresses=("tdp2@example.org",),
        transport="sent",
        due="2026-10-15",
        at=NOW,
        content_key="key",
        mailbox="van-phong",
        values={"number": "152-CV/ĐU"},
    )


def office(folder: Path) -> Site:
    write_site(folder, example_files({}, templates=False))
    return site.load(folder).site


def test_a_postponed_step_and_the_next_one_make_one_mail_that_names_the_delivery_once(tmp_path: Path) -> None:
    due = [_due(1, 0), _due(2, 1), _due(3, 0, delivery=10)]
    round_ = plan_round(due, office(tmp_path), NOW, frozenset())
    assert [mail.deliveries for mail in round_.mails] == [(9, 10)]
    assert round_.sent == (1, 2, 3)


def test_a_unit_on_paper_is_one_line_for_the_clerk_however_many_steps_are_due(tmp_path: Path) -> None:
    due = [_due(1, 0, channel="paper"), _due(2, 1, channel="paper")]
    round_ = plan_round(due, office(tmp_path), NOW, frozenset())
    assert [line.reason for line in round_.held] == ["remind_by_telephone"]
    assert not round_.mails
    assert round_.sent == (1, 2)


@pytest.mark.parametrize(("mode", "sent", "needless"), [(Mode.LIVE, (2,), (1,)), (Mode.SHADOW, (1, 2), ())])
def test_a_paper_that_was_only_rehearsed_is_chased_by_nobody_once_the_office_is_live(
    tmp_path: Path, mode: Mode, sent: tuple[int, ...], needless: tuple[int, ...]
) -> None:
    due = [replace(_due(1, 0), rehearsed=True), _due(2, 0, delivery=10)]
    round_ = plan_round(due, replace(office(tmp_path), mode=mode), NOW, frozenset())
    assert (round_.sent, round_.needless) == (sent, needless)
    assert {delivery for mail in round_.mails for delivery in mail.deliveries} == ({9, 10} if needless == () else {10})


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ({}, "đã nhắc, chưa có trả lời"),
        ({"answered": True}, "đã nhận văn bản, chưa có báo cáo"),
        ({"answered": True, "open_matter": "extension_asked"}, "xin gia hạn, chưa có ý kiến"),
        ({"transport": "bounced", "open_matter": "unreachable"}, "thư không đến được, cần gọi điện"),
        ({"channel": "paper"}, "nhận bản giấy"),
    ],
)
def test_a_list_for_the_overseer_says_what_each_unit_did(tmp_path: Path, state: dict[str, Any], note: str) -> None:
    due = replace(_due(1, 4), do="list", to=("role:chanh-van-phong",), **state)
    (mail,) = plan_round([due], office(tmp_path), NOW, frozenset()).mails
    assert [unit["note"] for unit in mail.values["late"]] == [note]
