"""The index of words, on both databases: what is found, in which order, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from alembic import command

from mailbot.routing.finding import Filters, query_of
from mailbot.routing.model import PaperHandling, Papers
from mailbot.store import searching
from mailbot.store.database import Store
from mailbot.store.lookups import look_up
from tests.example_office import CLERK, HANOI, directive, mail
from tests.store.test_ledger import superiors
from tests.store.test_migrations import config
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from mailbot.routing.finding import Found
    from tests.store.desk import Desk


def search(desk: Desk, text: str, **filters: object) -> Found:
    with desk.store.read() as connection:
        return look_up(connection, query_of(text, Filters(**filters)), HANOI)  # type: ignore[arg-type]


def numbers(desk: Desk, text: str, **filters: object) -> list[str | None]:
    return [paper.number for paper in search(desk, text, **filters).papers]


def paper(desk: Desk, number: str, about: str, body: str = "", **files: str) -> None:
    """Let the clerk mail in a công văn about something, later than the one before."""
    text = directive(number, "Các chi bộ doanh nghiệp.", body).replace("kết quả cải cách hành chính", about)
    desk.take(mail(CLERK, f"Công văn {number} v/v {about}", text, files=files, at=desk.now))
    desk.now += timedelta(minutes=5)


def by_rule(desk: Desk) -> None:
    """Let the rules decide about personnel papers, which are put before the clerk alone by default."""
    desk.site = replace(desk.site, papers=Papers(personnel=PaperHandling.BY_RULE))


@pytest.mark.parametrize("written", ["hoa binh", "hoà bình", "hòa bình", "HOÀ BÌNH", "hoa\u0300 bi\u0300nh"])
def test_every_spelling_finds_the_same(desk: Desk, written: str) -> None:
    paper(desk, "152-CV/ĐU", "kết quả xây dựng quê hương Hòa Bình")
    paper(desk, "153-CV/ĐU", "kết quả đấu tranh vì hoà bình")
    paper(desk, "154-CV/ĐU", "kết quả cải cách hành chính")
    assert numbers(desk, written) == ["153-CV/ĐU", "152-CV/ĐU"]
    assert numbers(desk, f'"{written}"') == ["153-CV/ĐU", "152-CV/ĐU"]


@pytest.mark.parametrize(
    "written",
    ["152-CV/ĐU", "152 cv du", "152cv/du", "152cvdu", "Công văn số 152-CV/ĐU", "0152-cv/đu", "152-CV", "152 cv", "152"],
)
def test_a_number_is_found_however_it_is_written_and_before_those_who_cite_it(desk: Desk, written: str) -> None:
    paper(desk, "152-CV/ĐU", "kết quả cải cách hành chính")
    paper(desk, "153-CV/ĐU", "kết quả theo Công văn số 152-CV/ĐU")
    paper(desk, "1152-CV/ĐU", "kết quả khác")
    assert numbers(desk, written)[0] == "152-CV/ĐU"
    assert "1152-CV/ĐU" not in numbers(desk, written)


def test_the_summary_comes_before_the_text_and_of_equals_the_newest_first(desk: Desk) -> None:
    body = "Về việc trồng cây phượng vĩ, đề nghị báo cáo trước ngày 16/10/2026."
    paper(desk, "152-CV/ĐU", "kết quả trồng cây phượng vĩ")
    paper(desk, "153-CV/ĐU", "kết quả trồng phượng, vĩ độ, cây")
    paper(desk, "154-CV/ĐU", "kết quả khác", body)
    paper(desk, "155-CV/ĐU", "kết quả khác nữa", **{"phu-luc.txt": "Danh sách nơi trồng cây phượng vĩ"})
    assert numbers(desk, "cay phuong vi") == ["153-CV/ĐU", "152-CV/ĐU", "155-CV/ĐU", "154-CV/ĐU"]
    assert numbers(desk, '"cây phượng vĩ"') == ["152-CV/ĐU", "155-CV/ĐU", "154-CV/ĐU"]
    assert [one.where for one in search(desk, '"cây phượng vĩ"').papers] == ["summary", "text", "text"]
    assert numbers(desk, "phuong vi khong co o dau") == []


def test_a_report_is_found_under_its_paper_with_who_wrote_it_and_what_happened_since(desk: Desk) -> None:
    released(desk)
    files = {"bao-cao.txt": "BÁO CÁO\nĐã số hóa ba trăm hồ sơ lưu trữ"}
    desk.answer(CELLS["det-may"], "Chi bộ gửi báo cáo", to=CELLS["det-may"], files=files)
    desk.answer(CELLS["hop-tac-xa"], "Đã nhận", to=CELLS["hop-tac-xa"])
    (found,) = search(desk, "số hoá hồ sơ").papers
    assert (found.number, found.where, found.answered_by) == ("152-CV/ĐU", "answer", "Chi bộ Công ty Dệt may Hưng Hải")
    assert (found.total, found.asked, found.acknowledged, found.reported, found.open) == (2, 2, 2, 1, 1)
    assert found.instruction == "Đồng ý"


FILTERED = {
    "the day it was recorded, or later": ({"since": date(2026, 10, 7)}, ["318-CV/TU"]),
    "that day at the latest": ({"until": date(2026, 10, 6)}, ["152-CV/ĐU"]),
    "a unit that it went to": ({"unit": "det-may"}, ["152-CV/ĐU"]),
    "a unit that it came from": ({"unit": "thanh-uy"}, ["318-CV/TU"]),
    "what came in": ({"direction": "incoming"}, ["318-CV/TU"]),
    "a book": ({"book": "van-ban-di"}, ["152-CV/ĐU"]),
    "a kind": ({"kind": "invitation"}, []),
    "a day on which nothing was recorded": ({"since": date(2026, 12, 1)}, []),
}


@pytest.mark.parametrize(("filters", "found"), FILTERED.values(), ids=FILTERED)
def test_filters_leave_what_they_mean(desk: Desk, filters: dict[str, object], found: list[str]) -> None:
    released(desk)
    desk.now += timedelta(days=1)
    desk.take(superiors())
    assert sorted(numbers(desk, "báo cáo")) == ["152-CV/ĐU", "318-CV/TU"]
    assert numbers(desk, "báo cáo", **filters) == found


def test_of_a_personnel_paper_nothing_but_its_number_is_found(desk: Desk) -> None:
    by_rule(desk)
    paper(desk, "152-CV/ĐU", "kết quả bổ nhiệm cán bộ nguồn", "Nguyễn Thị Bí Mật, báo cáo trước ngày 16/10/2026.")
    for words in ("bổ nhiệm", "cán bộ nguồn", "Bí Mật", "báo cáo"):
        assert numbers(desk, words) == []
    for found in search(desk, "152-CV/ĐU").papers:
        assert found.numbers_only


def test_what_is_quarantined_is_not_found(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU", "MẬT\n" + directive()))
    assert desk.one("message")["state"] == "quarantined"
    assert desk.rows("search_entry") == []


def test_a_paper_that_its_sender_mends_is_found_by_the_mended_words(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Các chi bộ doanh nghiệp.")))
    desk.answer(CLERK, "SỬA trích yếu: kết quả chuyển đổi số", to=CLERK, purpose="confirm_before_send")
    assert numbers(desk, "chuyển đổi số") == ["152-CV/ĐU"]


def test_papers_of_an_earlier_release_are_found_by_number_and_summary(empty_database: str) -> None:
    store = Store(empty_database)
    with store.engine.connect() as connection:
        command.downgrade(config(connection), "0001")
    moment = "'2026-01-06 01:10:00+00'"
    with store.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO message (id, mailbox, folder, uidvalidity, uid, size, journalled_at, state, attempts)"
            f" VALUES (1, 'v', 'INBOX', 1, 1, 1, {moment}, 'decided', 0)"
        )
        for number, summary in (("7-CV/ĐU", "tuyên truyền hoà bình"), ("8-QĐ/ĐU", "bổ nhiệm cán bộ")):
            connection.exec_driver_sql(
                "INSERT INTO document (message_ref, direction, state, kind, number, summary, recorded_at, content_key)"
                f" VALUES (1, 'outgoing', 'released', 'directive', '{number}', '{summary}', {moment}, '{number}')"
            )
    store.migrate()
    with store.read() as connection:
        found = [look_up(connection, query_of(text), HANOI).papers for text in ("hòa bình", "8-QĐ/ĐU", "bổ nhiệm")]
    store.close()
    assert [[(one.number, one.numbers_only) for one in papers] for papers in found] == [
        [("7-CV/ĐU", False)],
        [("8-QĐ/ĐU", True)],
        [],
    ]


def test_a_paper_that_stands_several_times_in_the_index_is_one_result(desk: Desk) -> None:
    now = desk.now
    paper(desk, "152-CV/ĐU", "kết quả cải cách hành chính")
    found = query_of("cải cách")
    with desk.store.write() as connection:
        for _ in range(3):
            searching.amend(connection, desk.one("document")["id"], None, "cải cách lần nữa", now)
        hits = searching.find(connection, found, HANOI, limit=1)
    assert (len(hits.shown), hits.more, hits.uncounted) == (1, 0, False)
