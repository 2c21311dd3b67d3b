"""Papers that not everybody may have: what the clerk alone sees, and what goes to no public mailbox."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailbot.routing.model import PaperHandling, Papers
from mailbot.service.due import plan_due
from mailbot.store import digesting, following
from tests.example_office import CLERK, HANOI, LEADER, directive, mail
from tests.store.test_lists import reply, the_list
from tests.store.test_orders import order
from tests.store.test_searching import numbers

if TYPE_CHECKING:
    from tests.store.desk import Desk

SUPERIOR = "vptu@hunghai.example.vn"
PUBLIC = "chibodetmay@gmail.com"
INSIDE = "htx@anhoa.example.vn"
EVERYBODY = "Các chi bộ doanh nghiệp."

OUTGOING = directive("152-CV/ĐU", EVERYBODY).replace("kết quả cải cách hành chính", "{about}")
INCOMING = (
    "THÀNH ỦY HƯNG HẢI\nSố 318-CV/TU\nV/v {about}\nHưng Hải, ngày 05 tháng 10 năm 2026\n\n"
    "Kính gửi: Đảng ủy các phường.\n\nĐồng chí Lê Văn Kín. Đề nghị báo cáo trước ngày 24/10/2026.\n"
)
ABOUT = {
    "petitions": "giải quyết đơn thư của ông Lê Văn Kín",
    "personnel": "bổ nhiệm đồng chí Lê Văn Kín",
    "discipline": "thi hành kỷ luật đồng chí Lê Văn Kín",
}


def limited(*limits: str, number: str = "152-CV/ĐU") -> str:
    """Return a công văn to two cells that bears these limits under its number."""
    return directive(number, EVERYBODY).replace(f"Số {number}\n", "\n".join((f"Số {number}", *limits, "")))


@pytest.fixture
def public(desk: Desk) -> Desk:
    """The office whose first company has a public mailbox alone, the second a public one and one of its own."""
    units = dict(desk.site.directory.units)
    units["det-may"] = replace(units["det-may"], mail=(PUBLIC,))
    units["hop-tac-xa"] = replace(units["hop-tac-xa"], mail=("htxanhoa@yahoo.com.vn", INSIDE))
    desk.site = replace(desk.site, directory=replace(desk.site.directory, units=units))
    return desk


def everything_written(desk: Desk) -> str:
    """Return all that the ledger holds in words: mails, lists, papers, events, the index."""
    tables = ("message", "outbox", "held", "document", "delivery", "event", "instruction", "search_entry")
    return json.dumps([desk.rows(name) for name in tables], default=str, ensure_ascii=False)


# --- petitions, personnel, discipline -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ABOUT)
@pytest.mark.parametrize(("sender", "text"), [(CLERK, OUTGOING), (SUPERIOR, INCOMING)], ids=["ours", "a superior's"])
def test_a_sensitive_paper_is_put_before_the_clerk_alone_and_quoted_nowhere(
    desk: Desk, key: str, sender: str, text: str
) -> None:
    about = ABOUT[key]
    decision = desk.take(mail(sender, f"Công văn v/v {about}", text.format(about=about)))
    assert f"clerk_alone: papers.{key}: clerk_alone" in [str(reason) for reason in decision.reasons]
    assert (desk.rows("document"), desk.rows("delivery"), desk.rows("outbox")) == ([], [], [])
    (matter,) = the_list(desk)
    assert {row["recipient"] for row in desk.rows("outbox")} == {CLERK}
    assert sender in matter["text"]
    assert "Kín" not in everything_written(desk)
    assert numbers(desk, "Lê Văn Kín") == numbers(desk, "318-CV/TU") == []
    (found,) = order(desk, 'TRA CỨU "Lê Văn Kín"', LEADER)
    assert "không" in found["result"]


def test_without_any_rule_for_it_a_petition_is_still_the_clerk_s_alone(desk: Desk) -> None:
    desk.take(mail("cong.dan@example.org", "Đơn tố cáo ông Phan Văn Bịa", "Tôi tố cáo ông Bịa.", submitted=False))
    (matter,) = the_list(desk)
    assert "cong.dan@example.org" in matter["text"]
    assert "Bịa" not in everything_written(desk)


def test_under_the_number_of_another_paper_it_is_asked_about_nobody_else_either(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive("152-CV/ĐU", EVERYBODY)))
    about = ABOUT["personnel"]
    decision = desk.take(mail(CLERK, f"Công văn v/v {about}", OUTGOING.format(about=about)))
    assert "clerk_alone" in [reason.code for reason in decision.reasons]
    assert decision.mails == ()
    assert "Kín" not in everything_written(desk)


def test_the_clerk_may_say_that_it_is_an_ordinary_paper(desk: Desk) -> None:
    written = mail(CLERK, "Công văn v/v nhân sự", OUTGOING.format(about="hướng dẫn công tác nhân sự đại hội"))
    desk.take(written)
    (matter,) = the_list(desk)
    assert matter["answers"] == ["1 xử lý như văn bản thường", "1 bỏ qua"]
    (line,) = reply(desk, "1 xu ly nhu van ban thuong")
    assert line["done"], line
    (row,) = desk.rows("message", state="new")
    assert row["trace"]["words"]["confirmed"]
    with desk.store.write() as connection:
        decision, filed = desk.plan(connection, written, row["id"], confirmed=True)
        desk.record(connection, decision, filed)
    assert desk.one("document")["state"] == "awaiting_confirmation"
    assert desk.one("outbox", purpose="confirm_before_send")["recipient"] == CLERK


def test_an_office_may_let_its_rules_decide_and_still_no_public_mailbox_gets_it(public: Desk) -> None:
    public.site = replace(public.site, papers=Papers(personnel=PaperHandling.BY_RULE))
    public.take(mail(CLERK, "Công văn v/v nhân sự", OUTGOING.format(about="kiện toàn nhân sự chi ủy")))
    public.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    assert {row["recipient"] for row in public.rows("outbox", purpose="directive")} == {INSIDE}
    assert numbers(public, "kiện toàn") == []


# --- for internal use, drafts, to be given back ---------------------------------------------------------------------

LIMITS = ["LƯU HÀNH NỘI BỘ", "THU HỒI SAU HỘI NGHỊ", "Xem xong trả lại", "DỰ THẢO LẦN 2"]


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_limited_goes_to_the_address_that_is_not_public_or_on_paper(public: Desk, limit: str) -> None:
    public.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", limited(limit)))
    asked = public.one("outbox", purpose="confirm_before_send")["values"]
    assert asked["withheld"] == [
        f"Chi bộ Công ty Dệt may Hưng Hải giao bản giấy thay cho {PUBLIC}",
        f"Chi bộ Hợp tác xã An Hòa gửi tới {INSIDE} thay cho htxanhoa@yahoo.com.vn",
    ]
    assert asked["paper_units"] == ["Chi bộ Công ty Dệt may Hưng Hải"]
    public.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    assert public.one("outbox", purpose="directive")["recipient"] == INSIDE
    assert public.one("document")["plan"]["values"]["circulation"].casefold() in limit.casefold()
    (unit,) = public.one("outbox", purpose="paper_list")["values"]["units"]
    assert (unit["name"], unit["withheld"]) == ("Chi bộ Công ty Dệt may Hưng Hải", "chỉ có hộp thư công cộng")
    assert public.one("outbox", purpose="released")["values"]["withheld"] == asked["withheld"]
    public.now = datetime(2026, 10, 16, 14, 0, tzinfo=HANOI)
    with public.store.write() as connection:
        plan_due(connection, public.site, public.envelope, public.now)
    gone = {row["recipient"] for row in public.rows("outbox")}
    assert not {PUBLIC, "htxanhoa@yahoo.com.vn"} & gone, "no later mail about it, either"


def test_a_unit_that_the_sender_adds_is_held_to_the_same_limit(public: Desk) -> None:
    text = limited("LƯU HÀNH NỘI BỘ").replace(EVERYBODY, "Chi bộ Hợp tác xã An Hòa.")
    public.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", text))
    public.answer(CLERK, "SỬA thêm Chi bộ Công ty Dệt may Hưng Hải", to=CLERK, purpose="confirm_before_send")
    public.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    assert {row["recipient"] for row in public.rows("outbox", purpose="directive")} == {INSIDE}
    assert public.one("delivery", unit="det-may")["channel"] == "paper"


def test_a_superior_s_limited_paper_is_passed_down_within_its_limit(public: Desk) -> None:
    text = INCOMING.format(about="báo cáo kết quả").replace("Số 318-CV/TU\n", "Số 318-CV/TU\nLưu hành nội bộ\n")
    decision = public.take(mail(SUPERIOR, "Công văn 318-CV/TU", text, submitted=False))
    assert "circulation: lưu hành nội bộ: no public mail domain" in [str(reason) for reason in decision.reasons]
    public.answer(LEADER, "Chuyển các chi bộ doanh nghiệp thực hiện", to=LEADER, purpose="for_instruction")
    assert public.one("delivery", unit="det-may")["channel"] == "paper"
    sent = public.rows("outbox", purpose="directive")
    assert PUBLIC not in {row["recipient"] for row in sent}


def test_a_leader_with_a_public_mailbox_is_submitted_to_on_paper(desk: Desk) -> None:
    roles = dict(desk.site.directory.roles)
    (chief,) = roles["chanh-van-phong"]
    roles["chanh-van-phong"] = (replace(chief, address="phuc.cvp@gmail.com"),)
    desk.site = replace(desk.site, directory=replace(desk.site.directory, roles=roles))
    text = INCOMING.format(about="báo cáo kết quả").replace("Số 318-CV/TU\n", "Số 318-CV/TU\nLưu hành nội bộ\n")
    desk.take(mail(SUPERIOR, "Công văn 318-CV/TU", text, submitted=False))
    assert desk.one("document")["state"] == "awaiting_instruction"
    assert desk.rows("outbox", purpose="for_instruction") == []
    (matter,) = the_list(desk)
    assert "trình bản giấy" in matter["text"]


UNLIMITED = [
    pytest.param(Papers(), (), id="no limit printed"),
    pytest.param(Papers(internal_inside=False), ("LƯU HÀNH NỘI BỘ",), id="internal: anywhere"),
    pytest.param(Papers(drafts_inside=False), ("DỰ THẢO",), id="drafts: anywhere"),
]


@pytest.mark.parametrize(("papers", "limits"), UNLIMITED)
def test_without_a_limit_or_by_the_office_s_policy_every_address_is_used(
    public: Desk, papers: Papers, limits: tuple[str, ...]
) -> None:
    public.site = replace(public.site, papers=papers)
    public.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", limited(*limits)))
    public.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    sent = {row["recipient"] for row in public.rows("outbox", purpose="directive")}
    assert sent == {PUBLIC, "htxanhoa@yahoo.com.vn"}


def test_an_office_names_more_public_domains(desk: Desk) -> None:
    desk.site = replace(desk.site, papers=Papers(public_domains=frozenset({"example.org"})))
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", limited("LƯU HÀNH NỘI BỘ")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    assert desk.rows("outbox", purpose="directive") == []
    assert {row["channel"] for row in desk.rows("delivery")} == {"paper"}


# --- thu hồi sau hội nghị -------------------------------------------------------------------------------------------

INVITATION = (
    "ĐẢNG ỦY PHƯỜNG AN HÒA\nSố 45-GM/ĐU\nTHU HỒI SAU HỘI NGHỊ\nAn Hòa, ngày 06 tháng 10 năm 2026\n\nGIẤY MỜI\n"
    "họp góp ý báo cáo chính trị\n\nKính gửi: Các chi bộ doanh nghiệp.\n\nĐảng ủy kính mời các đồng chí dự họp.\n"
    "Thời gian: 08 giờ 00, ngày 09/10/2026 (thứ Sáu)\nĐịa điểm: Hội trường\n"
)


def lists(desk: Desk, until: datetime) -> list[Any]:
    """Let the slots of the office come and go; return the matters that the clerk has been mailed."""
    office = desk.site.office
    while (slot := office.working_time.next_slot(desk.now + timedelta(minutes=1), office.reminders_at)) <= until:
        desk.now = slot
        with desk.store.write() as connection:
            plan_due(connection, desk.site, desk.envelope, desk.now)
    return [one for row in desk.rows("outbox", purpose="clerk_list") for one in row["values"]["matters"]]


def test_the_clerk_is_reminded_after_the_meeting_to_take_the_papers_back(desk: Desk) -> None:
    desk.take(mail(CLERK, "Giấy mời 45-GM/ĐU", INVITATION))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    told = lists(desk, datetime(2026, 10, 9, 7, 45, tzinfo=HANOI))
    assert not [one for one in told if "thu lại" in one["text"]], "nobody is reminded before the meeting"
    with desk.store.read() as connection:
        assert following.open_matters(connection, until=desk.now) == []
        assert digesting.matters_for(connection, desk.now, desk.now) == [], "nor told by the digest"
    (line,) = [one for one in lists(desk, datetime(2026, 10, 9, 14, 0, tzinfo=HANOI)) if "thu lại" in one["text"]]
    assert line["text"] == "45-GM/ĐU (thu hồi sau hội nghị): cuộc họp đã diễn ra, cần thu lại ở 02 nơi nhận"
    assert any(answer.endswith("đã thu hồi") for answer in line["answers"])


def test_without_a_known_meeting_the_line_comes_at_once(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", limited("THU HỒI SAU HỘI NGHỊ")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")
    (matter,) = the_list(desk)
    assert matter["text"].endswith("cần thu lại sau hội nghị, văn bản không nêu ngày họp")
    (line,) = reply(desk, "1 đã thu hồi")
    assert line["done"]
    assert {row["state"] for row in desk.rows("held")} == {"closed"}
