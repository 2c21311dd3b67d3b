"""The page is made from the text: headings, lists, tables of figures, answers as links that any client understands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mailbot.rendering.page import BlockKind, blocks, together

REPLY_TO = "van+phong+abc@anhoa.example.vn"
MAILTO = "mailto:van%2Bphong%2Babc@anhoa.example.vn"


def made(text: str, **words: Any) -> list[tuple[str, list[str]]]:
    found = blocks(text, reply_to=REPLY_TO, subject="Việc [#abc]", **words)
    return [(str(block.kind), [item.text for item in block.items]) for block in found]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Một\nhai\n\nba", [("paragraph", ["Một", "hai"]), ("paragraph", ["ba"])]),
        ("Xin gia hạn (02)\n- A: b", [("heading", ["Xin gia hạn (02)"]), ("list", ["b"])]),
        ("Các đơn vị sau:\n- A: b", [("paragraph", ["Các đơn vị sau:"]), ("list", ["b"])]),
        ("Đứng riêng\n\n- A: b", [("paragraph", ["Đứng riêng"]), ("list", ["b"])]),
        ("- Đã gửi: 40/40\n- Đã nhận: 37/40 đơn vị", [("figures", ["40/40", "37/40 đơn vị"])]),
        ("- Đã gửi: 40/40\n- Văn bản: 152-CV/ĐU", [("list", ["40/40", "152-CV/ĐU"])]),
        ("- Số tệp nhận được: 2", [("list", ["2"])]),
        ("1. Một\n   Hạn: mai\n2. Hai", [("list", ["1. Một", "mai", "2. Hai"])]),
        ("Trả lời:\n    Đã nhận\n    Dự họp", [("paragraph", ["Trả lời:"]), ("answers", ["Đã nhận", "Dự họp"])]),
    ],
)
def test_the_shape_of_a_page(text: str, shape: list[tuple[str, list[str]]]) -> None:
    assert made(text) == shape


def test_what_follows_the_offices_name_is_the_signature() -> None:
    shape = made("Thư\n\nVĂN PHÒNG\n- không là danh sách", signature="VĂN PHÒNG")
    assert shape == [("paragraph", ["Thư"]), ("signature", ["VĂN PHÒNG", "- không là danh sách"])]


@pytest.mark.parametrize(
    ("line", "subject", "link", "hint"),
    [
        (
            "Đã nhận",
            "Việc [#abc]",
            f"{MAILTO}?subject=Re%3A%20Vi%E1%BB%87c%20%5B%23abc%5D&body=%C4%90%C3%A3%20nh%E1%BA%ADn",
            "",
        ),
        (
            "A & b = c?        (nếu cần)",
            "Re: x",
            f"{MAILTO}?subject=Re%3A%20x&body=A%20%26%20b%20%3D%20c%3F",
            "(nếu cần)",
        ),
    ],
    ids=["Vietnamese", "signs of the address itself"],
)
def test_an_answer_is_a_link_of_rfc_6068(line: str, subject: str, link: str, hint: str) -> None:
    (block,) = blocks(f"    {line}", reply_to=REPLY_TO, subject=subject)
    (item,) = block.items
    assert (block.kind, item.link, item.hint) == (BlockKind.ANSWERS, link, hint)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Công văn số 152-CV/ĐU, ngày 05/10/2026 của", ["152-CV/ĐU", "ngày 05/10/2026"]),
        ("đ/c Võ Văn G, ĐT 0900.000.009", ["ĐT 0900.000.009"]),
        ("45-GM/VPĐU và 1234-CV/BTCTU-BTGDV", ["45-GM/VPĐU", "1234-CV/BTCTU-BTGDV"]),
        ("152-CV-DU.signed.pdf", []),
        ("16-10-2026, 40/40", []),
    ],
)
def test_numbers_and_days_stay_on_one_line(text: str, held: list[str]) -> None:
    assert re.findall(r'<span class="together">(.*?)</span>', together(text)) == held


def test_what_is_held_together_is_escaped_all_the_same() -> None:
    assert together("<b>152-CV/ĐU</b>") == '&lt;b&gt;<span class="together">152-CV/ĐU</span>&lt;/b&gt;'
