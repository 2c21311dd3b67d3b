"""`mailbot register`: books listed, shown and written to files; wrong words are answered with a sentence."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import openpyxl
import pypdfium2
import pytest

from tests.cli.ledgers import filled
from tests.cli.test_bad_input import mailbot
from tests.store.test_ledger import superiors
from tests.store.test_orders import released

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with two papers in and one out."""
    with filled(tmp_path_factory.mktemp("office")) as (folder, desk):
        desk.take(superiors())
        desk.take(superiors("319-CV/TU"))
        released(desk)
    return folder


def test_the_books_are_listed_with_their_periods_and_numbers(office: Path) -> None:
    run = mailbot("register", "list", "--json", "-C", str(office))
    assert [
        (one["book"], one["period"], one["series"], one["first"], one["last"]) for one in json.loads(run.stdout)
    ] == [
        ("van-ban-den", "2026", "", 1, 2),
        ("van-ban-di", "term 2025-2030", "CV", 152, 152),
    ]


def test_a_book_is_shown_by_period(office: Path) -> None:
    shown = mailbot("register", "show", "van-ban-den", "--period", "tháng 10/2026", "--json", "-C", str(office))
    assert [row["Số đến"] for row in json.loads(shown.stdout)] == ["01", "02"]
    other = mailbot("register", "show", "van-ban-den", "--period", "tháng 9/2026", "--json", "-C", str(office))
    assert json.loads(other.stdout) == []
    days = ("--from", "06/10/2026", "--to", "2026-10-06")
    assert len(json.loads(mailbot("register", "show", "van-ban-den", *days, "--json", "-C", str(office)).stdout)) == 2


def test_a_book_is_written_as_a_workbook_as_print_and_as_csv(office: Path, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"so.{kind}" for kind in ("xlsx", "pdf", "csv")}
    for path in files.values():
        run = mailbot("register", "export", "van-ban-den", "--period", "2026", "-o", str(path), "-C", str(office))
        assert (run.returncode, str(path) in run.stdout) == (0, True), run.stderr
    assert openpyxl.load_workbook(files["xlsx"]).sheetnames == ["Bìa Sổ đến", "Sổ đến"]
    assert len(pypdfium2.PdfDocument(files["pdf"])) == 2, "a cover and a page"
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        assert [row[:3] for row in csv.reader(file)][1:] == [["Sổ đến", "06/10", "01"], ["Sổ đến", "06/10", "02"]]


def test_a_term_is_a_period_too(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "di.xlsx"
    when = ("--period", "nhiệm kỳ 2025-2030")
    run = mailbot("register", "export", "van-ban-di", *when, "-o", str(path), "-C", str(office))
    assert run.returncode == 0, run.stderr
    cover = openpyxl.load_workbook(path)["Bìa Công văn (CV)"]
    assert "Nhiệm kỳ 2025-2030" in [cell.value for (cell,) in cover.iter_rows(max_col=1)]


WRONG = {
    "no such book": (("show", "so-la"), 66, "van-ban-den, van-ban-di"),
    "no period": (("show", "van-ban-den", "--period", "tháng 13"), 64, "không phải là một kỳ"),
    "no day": (("show", "van-ban-den", "--from", "hôm kia"), 64, "không phải là một ngày"),
    "backwards": (("show", "van-ban-den", "--from", "2026-10-07", "--to", "2026-10-06"), 64, "sau 06/10/2026"),
    "no handling of ours": (("show", "van-ban-di", "--as", "handling"), 64, "không có sổ theo dõi"),
    "no known format": (("export", "van-ban-den", "-o", "so.docx"), 64, ".xlsx, .pdf hoặc .csv"),
    "a number that was not given": (("cancel", "van-ban-den", "9", "--reason", "nhầm"), 65, "chưa đến số 9"),
    "no reason": (("cancel", "van-ban-den", "1", "--reason", " "), 64, "chưa nêu lý do"),
    "no such year": (("cancel", "van-ban-den", "1", "--reason", "nhầm", "--period", "2019"), 66, "chưa có số"),
}


@pytest.mark.parametrize(("words", "code", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said_in_a_sentence(office: Path, words: tuple[str, ...], code: int, said: str) -> None:
    run = mailbot("register", *words, "-C", str(office), language="vi_VN.UTF-8")
    assert (run.returncode, said in run.stderr) == (code, True), run.stderr
    assert "Traceback" not in run.stderr


def test_a_cancelled_number_stays_and_is_not_cancelled_twice(office: Path) -> None:
    words = ("register", "cancel", "van-ban-den", "2", "--reason", "vào sổ nhầm", "-C", str(office))
    assert mailbot(*words).returncode == 0
    shown = mailbot("register", "show", "van-ban-den", "--period", "2026", "--json", "-C", str(office))
    assert "vào sổ nhầm" in json.loads(shown.stdout)[1]["Ghi chú"]
    again = mailbot(*words, language="vi_VN.UTF-8")
    assert (again.returncode, "đã hủy trước đó" in again.stderr) == (65, True)
