"""`mailbot report NUMBER` at the terminal: the table of a document's reports, its JSON, the ZIP."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from mailbot.routing.gathering import TABLE
from tests.cli.ledgers import filled
from tests.cli.test_bad_input import mailbot
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office where one of two cells has reported, in words."""
    with filled(tmp_path_factory.mktemp("office")) as (folder, desk):
        released(desk)
        desk.answer(CELLS["hop-tac-xa"], "Không phát sinh", to=CELLS["hop-tac-xa"])
    return folder


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi_VN.UTF-8", ("Tình hình", "Chưa ghi", "phát sinh")), ("C.UTF-8", ("State", "Notes", "phát sinh"))],
)
def test_the_table_tells_how_each_unit_stands(office: Path, language: str, words: tuple[str, ...]) -> None:
    run = mailbot("report", "152-CV/ĐU", "-C", str(office), language=language)
    assert run.returncode == 0, run.stderr
    assert [word for word in words if word not in run.stdout] == [], run.stdout


def test_json_has_every_version(office: Path) -> None:
    first, second = json.loads(mailbot("report", "152", "--json", "-C", str(office)).stdout)
    assert (first["unit"], first["state"], first["versions"]) == ("det-may", "missing", [])
    assert (second["state"], second["versions"][0]["nothing"]) == ("in_time", True)


def test_the_zip_is_written(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "bc.zip"
    run = mailbot("report", "152-CV/ĐU", "-o", str(file), "-C", str(office), language="vi_VN.UTF-8")
    assert (run.returncode, "1/2 đơn vị" in run.stdout) == (0, True), run.stderr
    assert zipfile.ZipFile(file).namelist() == [TABLE, "02-Chi-bo-Hop-tac-xa-An-Hoa/noi-dung-thu.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("999-CV/ĐU",), 66, "không tìm thấy 999-CV/ĐU"),
        (("152-CV/ĐU", "-o", "bc.xlsx"), 64, "đuôi .zip"),
        (("152-CV/ĐU", "-o", "/khong/co/bc.zip"), 73, "không ghi được"),
    ],
)
def test_what_cannot_be_done_is_said(office: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    run = mailbot("report", *arguments, "-C", str(office), language="vi_VN.UTF-8")
    assert (run.returncode, said in run.stderr) == (code, True), run.stderr
