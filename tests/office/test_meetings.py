"""Invitations: when, where, with whom, and what changes them."""

from datetime import date, datetime

import pytest

from mailbot.office.limits import Anchors
from mailbot.office.meeting_calls import calls_to_meeting
from mailbot.office.meetings import Meeting, quota_of, read_meeting
from mailbot.office.text import normalize
from tests.tables import meetings as tables

DAY = date(2019, 12, 19)
ANCHORS = Anchors(DAY, DAY, "Asia/Ho_Chi_Minh")


def meeting(text: str, title: str = "") -> tuple[Meeting, tuple[str, ...]]:
    return read_meeting(normalize(text), title, None, ANCHORS)


def written(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment is not None else None


@pytest.mark.parametrize(("text", "starts", "ends", "codes"), tables.TIMES)
def test_the_wording_of_a_time_is_resolved(
    text: str, starts: str | None, ends: str | None, codes: tuple[str, ...]
) -> None:
    found, review = meeting(text)
    assert (written(found.starts_at), written(found.ends_at), review) == (starts, ends, codes)
    assert found.time_inferred is ("time_inferred" in codes)


def test_the_day_may_stand_in_the_title_alone() -> None:
    found, _ = meeting("Thời gian: 14 giờ 00\nĐịa điểm: Phòng họp số 1", "Giấy mời họp Ban Thường vụ ngày 24/12/2019")
    assert written(found.starts_at) == "2019-12-24T14:00:00+07:00"


@pytest.mark.parametrize(("text", "place"), tables.PLACES)
def test_where_it_is(text: str, place: str | None) -> None:
    assert meeting(text)[0].place == place


@pytest.mark.parametrize(("text", "link"), tables.LINKS)
def test_the_link_is_that_of_the_meeting(text: str, link: str | None) -> None:
    assert meeting(text)[0].online_url == link


@pytest.mark.parametrize(("text", "chair"), tables.CHAIRS)
def test_who_chairs(text: str, chair: str | None) -> None:
    assert meeting(text)[0].chair == chair


@pytest.mark.parametrize(("text", "participants"), tables.PARTICIPANTS)
def test_who_comes(text: str, participants: tuple[str, ...]) -> None:
    assert meeting(text)[0].participants == participants


@pytest.mark.parametrize(("text", "by"), tables.ANSWERS_BY)
def test_until_when_to_answer(text: str, by: str) -> None:
    assert written(meeting(text)[0].rsvp_by) == by


@pytest.mark.parametrize(("text", "change", "replaces"), tables.CHANGES)
def test_changes_are_told_from_new_meetings(text: str, change: str, replaces: str | None) -> None:
    found, _ = meeting(text)
    assert (found.change, found.replaces) == (change, replaces)


@pytest.mark.parametrize(("text", "starts"), tables.MOVED)
def test_of_a_move_the_second_value_is_new(text: str, starts: str) -> None:
    assert written(meeting(text)[0].starts_at) == starts


@pytest.mark.parametrize(("text", "delegation"), tables.DELEGATIONS)
def test_who_may_send_a_deputy(text: str, delegation: str) -> None:
    assert meeting(text)[0].delegation == delegation


@pytest.mark.parametrize(("title", "calls"), tables.TITLES)
def test_what_a_title_is_about(title: str, calls: bool) -> None:
    assert calls_to_meeting(title) is calls


def test_of_a_schedule_of_many_meetings_the_days_are_told() -> None:
    text = "LỊCH CÔNG TÁC TUẦN\n(Từ ngày 23/12 đến ngày 27/12/2019)\nThứ Hai (23/12)\n- 7h30: Chào cờ."
    found, review = meeting(text, "Lịch công tác tuần 52")
    assert (written(found.starts_at), written(found.ends_at), found.all_day) == ("2019-12-23", "2019-12-27", True)
    assert "several_meetings" in review


@pytest.mark.parametrize(
    ("participants", "quota"),
    [
        ("Mỗi chi bộ cử 02 đồng chí", "02 đồng chí"),
        ("Các chi bộ trực thuộc (mỗi đơn vị 01 lãnh đạo)", "01 lãnh đạo"),
        ("Bí thư các chi bộ trực thuộc; 40 đồng chí", ""),
        ("", ""),
    ],
)
def test_a_quota_is_what_each_unit_sends(participants: str, quota: str) -> None:
    assert quota_of(participants) == quota
