"""Papers as a clerk enters them by one line."""

from __future__ import annotations

from datetime import date

import pytest

from mailbot.office.entries import read_entry
from mailbot.office.urgency import Urgency

TODAY = date(2026, 10, 7)
WRITTEN = {
    "12-CV/TU ngày 05/10/2026 của Thành ủy về việc báo cáo chuyển đổi số, hạn 20/10": (
        *("12-CV/TU", "2026-10-05", "Thành ủy", "báo cáo chuyển đổi số", "2026-10-20", None),
    ),
    "12-cv/tu ngay 5/10 cua Thanh uy ve viec bao cao chuyen doi so, han 20/10": (
        *("12-CV/TU", "2026-10-05", "Thanh uy", "bao cao chuyen doi so", "2026-10-20", None),
    ),
    "Công văn số 45/UBND-VP ngày 02/10/2026 của UBND phường v/v phối hợp tổ chức ngày hội của thanh niên": (
        *("45/UBND-VP", "2026-10-02", "UBND phường", "phối hợp tổ chức ngày hội của thanh niên", None, None),
    ),
    "12-CV/TU: tổng kết năm 2026; thời hạn: 25/12/2026; số đến 413": (
        *("12-CV/TU", None, None, "tổng kết năm 2026", "2026-12-25", 413),
    ),
    "thư mời của Hội Cựu chiến binh phường ngày 06/10, về việc dự lễ kỷ niệm": (
        *(None, "2026-10-06", "Hội Cựu chiến binh phường", "dự lễ kỷ niệm", None, None),
    ),
    "12-CV/TU số đến 413": ("12-CV/TU", None, None, None, None, 413),
}


@pytest.mark.parametrize(("words", "expected"), WRITTEN.items(), ids=WRITTEN)
def test_the_parts_of_a_line_are_found_wherever_they_stand(words: str, expected: tuple[object, ...]) -> None:
    found = read_entry(words, TODAY)
    assert (
        found.number.canonical if found.number else None,
        found.issued_on.isoformat() if found.issued_on else None,
        found.issuer,
        found.summary,
        found.due.isoformat() if found.due else None,
        found.book_number,
    ) == expected


def test_a_paper_of_yesterday_and_its_urgency() -> None:
    found = read_entry("12-CV/TU của Thành ủy về việc phòng chống bão, hỏa tốc, nhận ngày 06/10", TODAY)
    assert (found.arrived_on, found.urgency, found.summary) == (date(2026, 10, 6), Urgency.EXPRESS, "phòng chống bão")
