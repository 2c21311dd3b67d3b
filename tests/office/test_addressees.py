"""Whom a paper names in its `Kính gửi`, however its lines are broken."""

from __future__ import annotations

import pytest

from mailbot.office.documents import read_document

HEAD = "ĐẢNG ỦY PHƯỜNG AN HÒA\nSố 152-CV/ĐU\nAn Hòa, ngày 06 tháng 10 năm 2026\n\n"


@pytest.mark.parametrize(
    ("lines", "addressees"),
    [
        pytest.param(
            "Kính gửi: Các chi bộ trực thuộc\nĐảng ủy phường đề nghị các chi bộ báo cáo kết quả trước ngày 16.",
            ("Các chi bộ trực thuộc",),
            id="paragraph at once below",
        ),
        pytest.param(
            "Kính gửi: Ban Chỉ huy Quân sự\nphường An Hòa\nCăn cứ Kế hoạch số 05-KH/ĐU, Đảng ủy yêu cầu",
            ("Ban Chỉ huy Quân sự phường An Hòa",),
            id="wrapped name, then the paragraph",
        ),
        pytest.param(
            "Kính gửi: Ban Chỉ huy Quân sự phường\nAn Hòa\n\nĐảng ủy",
            ("Ban Chỉ huy Quân sự phường An Hòa",),
            id="wrapped before a capital",
        ),
        pytest.param(
            "Kính gửi: Chi bộ Công an phường,\nChi bộ Quân sự phường.\n\nThực hiện",
            ("Chi bộ Công an phường", "Chi bộ Quân sự phường"),
            id="a comma promises another one",
        ),
        pytest.param(
            "Kính gửi:\nChi bộ Tổ dân phố 1\nChi bộ Tổ dân phố 2\n\nTriển khai",
            ("Chi bộ Tổ dân phố 1", "Chi bộ Tổ dân phố 2"),
            id="one a line without dashes",
        ),
        pytest.param(
            "Kính gửi:\n\n- Chi bộ 1;\n- Chi bộ 2.\nĐề nghị các đồng chí gửi",
            ("Chi bộ 1", "Chi bộ 2"),
            id="dashes, then the paragraph",
        ),
        pytest.param("Kính gửi: Chi bộ 1; Chi bộ 2.\n\nThực hiện", ("Chi bộ 1", "Chi bộ 2"), id="semicolons"),
        pytest.param("Đảng ủy thông báo như sau", (), id="no addressee line"),
    ],
)
def test_addressees_end_where_the_paragraph_begins(lines: str, addressees: tuple[str, ...]) -> None:
    assert read_document(HEAD + lines).addressees == addressees
