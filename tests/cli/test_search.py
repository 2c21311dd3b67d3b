"""`mailbot search`: the table, its JSON, its filters and what it says when nothing is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_bad_input import mailbot
from tests.cli.test_status import office as office

if TYPE_CHECKING:
    from pathlib import Path


def test_the_table_shows_the_paper_and_what_happened_since(office: Path) -> None:
    run = mailbot("search", "cai cach hanh chinh", "-C", str(office), language="vi_VN.UTF-8")
    assert run.returncode == 0, run.stderr
    shown = " ".join(run.stdout.replace("│", " ").split())
    for words in ("152-CV/ĐU", "«cải»", "xác nhận", "Đồng ý"):
        assert words in shown


def test_json_has_the_paper_as_the_ledger_has_it(office: Path) -> None:
    run = mailbot("search", '"HÀNH CHÍNH"', "--unit", "det-may", "--from", "06/10/2026", "--json", "-C", str(office))
    found = json.loads(run.stdout)
    assert [(one["number"], one["where"], one["acknowledged"]) for one in found["papers"]] == [
        ("152-CV/ĐU", "summary", 1)
    ]
    assert (found["more"], found["uncounted"]) == (0, False)


MISTAKES = {
    "nothing found": (("tàu vũ trụ",), 66, "Không tìm thấy"),
    "filtered away": (("hành chính", "--to", "2026-10-05"), 66, "Không tìm thấy"),
    "no words": (("...",), 64, "chưa rõ tìm gì"),
    "no day": (("hành chính", "--from", "mai"), 64, "chưa rõ ngày"),
    "no such unit": (("hành chính", "--unit", "Hỏa tinh"), 64, "danh bạ không có"),
    "no such register": (("hành chính", "--book", "so-den"), 64, "không có sổ"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), MISTAKES.values(), ids=MISTAKES)
def test_what_cannot_be_found_is_said_in_a_sentence(
    office: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    run = mailbot("search", *arguments, "-C", str(office), language="vi_VN.UTF-8")
    assert (run.returncode, said in run.stderr) == (code, True), run.stderr
