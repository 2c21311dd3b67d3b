"""`mailbot parse` prints one object a line, says what it cannot open, and never shows a traceback."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from mailbot.cli import parse
from mailbot.reading import CONTRACT_KEYS

app = typer.Typer()
app.command()(parse.parse)
SAMPLE = Path(__file__).parent / "samples" / "directive-05-party-hoa-toc-8bit.eml"


def test_each_file_is_one_line_with_every_key() -> None:
    done = CliRunner().invoke(app, ["--json", str(SAMPLE), str(SAMPLE)])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [tuple(line) for line in lines] == [("file", *CONTRACT_KEYS)] * 2
    assert lines[0]["deadlines"][1]["due"] == "2020-04-01T10:00:00+07:00"


def test_a_missing_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.eml"
    broken.write_bytes(b"\x00\xff")
    done = CliRunner().invoke(app, ["--json", str(tmp_path / "none.eml"), str(broken)])
    assert done.exit_code == 1
    assert "none.eml" in done.stderr
    assert json.loads(done.stdout)["kind"] == "other"


def test_the_summary_shows_markup_of_mails_as_it_is() -> None:
    done = CliRunner().invoke(app, [str(SAMPLE)])
    assert done.exit_code == 0
    assert "[HỎA TỐC]" in done.stdout
    assert "1405-CV/QU" in done.stdout
