"""Invitations: when, and what changes them."""

from datetime import date

import pytest

from mailbot.office.limits import Anchors
from mailbot.office.meeting_times import read_when
from mailbot.office.meetings import Change, Delegation, read_meeting
from mailbot.office.text import normalize

DAY = date(2019, 12, 19)
ANCHORS = Anchors(DAY, DAY, "Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("08 giờ 00, ngày 20/12/2019 (thứ Sáu)", "2019-12-20T08:00:00+07:00", None),
        ("7g30, sáng thứ Hai (ngày 23.12)", "2019-12-23T07:30:00+07:00", None),
        ("½ ngày, từ 7h30 -9h00, Thứ ba, ngày 24/12/2019", "2019-12-24T07:30:00+07:00", "2019-12-24T09:00:00+07:00"),
        ("03 ngày, bắt đầu từ 08h00’ ngày 24/12/2019", "2019-12-24T08:00:00+07:00", "2019-12-26"),
        (
            "ngày 20/12/2019.\n- Từ 7h30’ đến 8h00’: A\n- Từ 8h00’ đến 11h00’: B",
            "2019-12-20T07:30:00+07:00",
            "2019-12-20T11:00:00+07:00",
        ),
        ("Trong 2 ngày 27-28/12", "2019-12-27", "2019-12-28"),
        ("Đúng 14 giờ, thứ 6, ngày 20/12", "2019-12-20T14:00:00+07:00", None),
        ("13 giờ 30 phút, ngày 25/12/2019 (nhằm ngày 30/11 âm lịch)", "2019-12-25T13:30:00+07:00", None),
        (
            "khai mạc lúc 8 giờ 00 ngày 26/12, bế mạc 11 giờ 30 ngày 27/12/2019",
            "2019-12-26T08:00:00+07:00",
            "2019-12-27T11:30:00+07:00",
        ),
        ("2 giờ chiều ngày 20/12", "2019-12-20T14:00:00+07:00", None),
        ("7 giờ rưỡi ngày 20/12", "2019-12-20T07:30:00+07:00", None),
        ("lúc 8.00 ngày 20/12/2019", "2019-12-20T08:00:00+07:00", None),
        ("8h00 ngày 03/01", "2020-01-03T08:00:00+07:00", None),
        ("sáng thứ Hai tuần sau, 08h00", "2019-12-23T08:00:00+07:00", None),
        ("sẽ thông báo sau", None, None),
    ],
)
def test_the_wording_of_a_time_is_resolved(text: str, starts: str | None, ends: str | None) -> None:
    when = read_when(normalize(text), ANCHORS, normalize(text))
    assert (when.starts_at.isoformat() if when.starts_at else None) == starts
    assert (when.ends_at.isoformat() if when.ends_at else None) == ends


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8h00, thứ Hai, ngày 20/12/2019", "weekday_conflict"),
        ("Chiều ngày 20/12/2019", "time_inferred"),
        ("8h00 ngày 20/12", "year_inferred"),
    ],
)
def test_what_was_guessed_is_told(text: str, code: str) -> None:
    assert code in read_when(normalize(text), ANCHORS).review


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("Kính mời các đồng chí dự họp giao ban.", Change.NEW),
        ("Xin thông báo huỷ cuộc họp giao ban ngày 20/12.", Change.CANCELLED),
        ("Thông báo tạm hoãn Hội nghị báo cáo viên.", Change.POSTPONED),
        ("Điều chỉnh thời gian họp Ban Chỉ đạo: chuyển từ 8 giờ ngày 20/12 sang 9 giờ ngày 21/12.", Change.UPDATE),
        ("Giấy mời này thay thế Giấy mời số 45-GM/VPQU.", Change.UPDATE),
    ],
)
def test_changes_are_told_from_new_meetings(text: str, change: Change) -> None:
    assert read_meeting(normalize(text), "", None, ANCHORS)[0].change is change


@pytest.mark.parametrize(
    ("text", "delegation"),
    [
        ("Đề nghị dự họp đúng thành phần, không cử người dự thay.", Delegation.NOT_ALLOWED),
        ("Trường hợp vắng mặt phải báo cáo và được sự đồng ý của đồng chí Bí thư.", Delegation.NEEDS_PERMISSION),
        ("Đồng chí nào bận có thể uỷ quyền cho cấp phó dự thay.", Delegation.ALLOWED),
        ("Đề nghị các đồng chí đến dự đầy đủ.", Delegation.UNSPECIFIED),
    ],
)
def test_who_may_send_a_deputy(text: str, delegation: Delegation) -> None:
    assert read_meeting(normalize(text), "", None, ANCHORS)[0].delegation is delegation
