"""What a clerk writes of papers handed over and of telephone calls."""

from __future__ import annotations

from datetime import date

import pytest

from mailbot.office.handing import read_handing

TODAY = date(2026, 10, 7)
# words -> done, way, day, hour, who signed
WRITTEN = {
    "đã giao 06/10, đ/c E ký nhận": (True, "paper", "2026-10-06", None, "đ/c E"),
    "da giao 06/10, d/c Ngo Van Duc ky nhan": (True, "paper", "2026-10-06", None, "d/c Ngo Van Duc"),
    "đã báo qua điện thoại 09 giờ 15": (True, "telephone", None, "09:15", None),
    "Đã gọi điện cho bí thư lúc 14h30 ngày 6/10": (True, "telephone", "2026-10-06", "14:30", None),
    "đồng chí Lê Thị Hoa đã ký nhận sáng nay": (True, "paper", "2026-10-07", None, "đồng chí Lê Thị Hoa"),
    "đã ký nhận: Lê Thị Hoa": (True, "paper", None, None, "Lê Thị Hoa"),
    "đã giao, Nguyễn Văn An ký nhận ngày 06/10/2026": (True, "paper", "2026-10-06", None, "Nguyễn Văn An"),
    "đã giao, đ/c … ký nhận": (True, "paper", None, None, None),
    "đã ký nhận ngày 06/10": (True, "paper", "2026-10-06", None, None),
    "đã giao 28/12": (True, "paper", "2025-12-28", None, None),
    "chưa giao được, đi vắng": (False, "paper", None, None, None),
    "không liên lạc được": (False, "paper", None, None, None),
    "không nghe máy": (False, "paper", None, None, None),
    "ok": (None, "paper", None, None, None),
}


@pytest.mark.parametrize(("words", "expected"), WRITTEN.items(), ids=WRITTEN)
def test_how_when_and_who_signed(
    words: str, expected: tuple[bool | None, str, str | None, str | None, str | None]
) -> None:
    found = read_handing(words, TODAY)
    on = found.on.isoformat() if found.on else None
    hour = f"{found.at:%H:%M}" if found.at else None
    assert (found.done, str(found.way), on, hour, found.signed_by) == expected
