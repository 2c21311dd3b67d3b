"""`mailbot log NUMBER --file OUT` and `mailbot log --verify` at the terminal."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_bad_input import mailbot
from tests.cli.test_status import office as office

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "begins"), [("kt.xlsx", b"PK"), ("kt.pdf", b"%PDF"), ("kt.zip", b"PK")], ids=["xlsx", "pdf", "zip"]
)
def test_the_file_is_what_its_name_says(office: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    run = mailbot("log", "152-CV/ĐU", "--file", str(tmp_path / name), "-C", str(office))
    assert run.returncode == 0, run.stderr
    assert (tmp_path / name).read_bytes().startswith(begins)
    if name.endswith(".zip"):
        names = zipfile.ZipFile(tmp_path / name).namelist()
        assert {"lich-su-152-cv-du.xlsx", "lich-su-152-cv-du.pdf", "SHA256SUMS"} <= set(names)
        assert "thu-den/m1.eml" in run.stderr, "the archive of this office is empty, and that is said"


MISTAKES = {
    "no document": ((), 64, "chưa rõ văn bản nào"),
    "an unknown number": (("999-CV/ĐU",), 66, "không tìm thấy 999-CV/ĐU"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), MISTAKES.values(), ids=MISTAKES)
def test_what_cannot_be_written_is_said(
    office: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    file = str(tmp_path / "kt.zip")
    run = mailbot("log", *arguments, "--file", file, "-C", str(office), language="vi_VN.UTF-8")
    assert (run.returncode, said in run.stderr) == (code, True), run.stderr
    assert not (tmp_path / "kt.zip").exists()


def test_another_ending_is_refused(office: Path, tmp_path: Path) -> None:
    run = mailbot("log", "152", "--file", str(tmp_path / "kt.doc"), "-C", str(office), language="vi_VN.UTF-8")
    assert (run.returncode, ".xlsx, .pdf, .zip" in run.stderr) == (64, True), run.stderr


def test_a_whole_log_gives_its_end_and_an_altered_one_the_place(office: Path, tmp_path: Path) -> None:
    whole = json.loads(mailbot("log", "--verify", "--json", "-C", str(office)).stdout)
    assert (whole["broken"], len(whole["end"])) == ([], 64)
    copied = tmp_path / "office"
    shutil.copytree(office, copied)
    with closing(sqlite3.connect(copied / "var" / "mailbot.db")) as ledger:
        ledger.execute("UPDATE event SET reason = 'khác' WHERE id = 2")
        ledger.commit()
    run = mailbot("log", "--verify", "-C", str(copied), language="vi_VN.UTF-8")
    assert (run.returncode, "BỊ ĐỨT tại sự kiện 2 " in run.stdout) == (65, True), run.stdout


def test_the_log_of_a_document_is_found_by_its_number(office: Path) -> None:
    run = mailbot("log", "152-CV/ĐU", "--json", "-C", str(office))
    assert [one["what"] for one in json.loads(run.stdout)["events"]][:1] == ["decided"]
