"""Spreadsheets change the directory's files: what was previewed is written, or nothing."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from mailbot import site
from mailbot.cli.main import app
from mailbot.problems import MailbotError
from mailbot.reporting.sheets import write_sheet
from mailbot.routing.directory_columns import Column
from mailbot.service.directory_import import IMPORTED, SheetError, apply_import, export_directory, plan_import
from mailbot.shipped import folder as shipped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    shutil.copytree(shipped("rules"), folder / "rules")
    (folder / "rules" / site.MAIN).rename(folder / site.MAIN)
    return folder


def row(**values: str) -> tuple[str, ...]:
    return tuple(values.get(column.value, "") for column in Column)


def new_unit(key: str = "kp-9", **values: str) -> tuple[str, ...]:
    return row(**{"key": key, "name": f"Chi bộ {key}", "mail": f"{key}@example.org", **values})


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_exported_and_imported_again_nothing_changes(office: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"d.{suffix}"
    count = export_directory(office, path)
    planned = plan_import(office, path)
    assert planned.texts == {}
    assert planned.changes.untouched == count == len(site.load(office).site.directory.units)


def test_new_units_go_into_a_file_of_their_own_and_are_changed_there(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    for name in ("Chi bộ Mới", "Chi bộ Khác"):
        write_sheet(path, [new_unit(name=name, groups="to-dan-pho", valid_from="2025-07-01")])
        assert apply_import(office, plan_import(office, path)) == (IMPORTED,)
        unit = site.load(office).site.directory.units["kp-9"]
        assert (unit.name, unit.groups, str(unit.valid_from)) == (name, ("to-dan-pho",), "2025-07-01")
    write_sheet(path, [new_unit("kp-10")])
    apply_import(office, plan_import(office, path))
    assert {"kp-9", "kp-10"} <= set(site.load(office).site.directory.units)


def test_hand_written_units_are_changed_in_place_with_their_comments(office: Path, tmp_path: Path) -> None:
    directory = office / "rules" / site.DIRECTORY
    before = directory.read_bytes().replace(b"\n", b"\r\n")
    directory.write_bytes(b"\xef\xbb\xbf" + before)
    path = tmp_path / "d.csv"
    write_sheet(path, [row(key="tdp-1", name="Chi bộ Một", mail="moi@example.org", secretary="Lê Thị Bích")])
    apply_import(office, plan_import(office, path))
    after = directory.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf")
    assert "mail: [moi@example.org]   # địa chỉ đầu được dùng".encode() in after
    changed = [line for line in after.split(b"\r\n") if line not in before.split(b"\r\n")]
    assert len(changed) <= 5
    assert site.load(office).site.directory.units["tdp-1"].name == "Chi bộ Một"


def test_a_unit_that_cannot_be_changed_in_place_is_left_and_named(office: Path, tmp_path: Path) -> None:
    more = office / "rules" / "directory.d" / "more.yaml"
    more.parent.mkdir()
    more.write_text(
        "units:\n  kp-9:\n    name: KP 9\n    mail:\n      # chính\n      - a@example.org\n"
        "  kp-8: {name: KP 8, mail: b@example.org}\n"
    )
    path = tmp_path / "d.csv"
    write_sheet(path, [new_unit("kp-9"), new_unit("kp-8")])
    planned = plan_import(office, path)
    assert [change.key for change in planned.unsafe] == ["kp-9"]
    apply_import(office, planned)
    units = site.load(office).site.directory.units
    assert (units["kp-9"].name, units["kp-8"].name) == ("KP 9", "Chi bộ kp-8")
    assert "cannot be changed in place" in run("import", path, "-C", office).output


def test_a_folder_that_cannot_be_written_keeps_what_it_has(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_sheet(path, [row(key="tdp-1", name="Chi bộ Một", mail="m@example.org"), new_unit()])
    planned = plan_import(office, path)
    (office / "rules" / "directory.d").write_text("a file where a folder must be")
    before = content(office)
    with pytest.raises(MailbotError, match="cannot write"):
        apply_import(office, planned)
    assert content(office) == before


def test_what_the_site_refuses_is_told_at_the_cell_and_changes_nothing(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_sheet(path, [new_unit(), new_unit("kp-10", overseer="person:khong-co")])
    before = content(office)
    with pytest.raises(SheetError) as raised:
        plan_import(office, path)
    assert [problem.cell for problem in raised.value.problems] == ["d!A3"]
    assert content(office) == before


def test_a_file_changed_since_the_preview_is_not_overwritten(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_sheet(path, [new_unit(), row(key="tdp-1", name="Chi bộ Một", mail="m@example.org")])
    planned = plan_import(office, path)
    with (office / "rules" / site.DIRECTORY).open("a", encoding="utf-8") as file:
        file.write("# someone's word\n")
    before = content(office)
    with pytest.raises(MailbotError, match="changed meanwhile"):
        apply_import(office, planned)
    assert content(office) == before


def test_new_warnings_of_the_whole_site_are_shown_at_their_cells(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_sheet(path, [new_unit(mail="tdp1@example.org")])
    assert any(one.cell == "d!A2" and "tdp-1" in one.text.en for one in plan_import(office, path).notices)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["directory", *map(str, arguments)])


def test_the_command_previews_first_and_writes_when_told(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    write_sheet(path, [new_unit()])
    before = content(office)
    preview = run("import", path, "-C", office)
    assert preview.exit_code == 0, preview.output
    assert "kp-9" in preview.output
    assert content(office) == before
    done = json.loads(run("import", path, "-C", office, "--apply", "--json").output)
    assert (done["applied"], done["files"], [one["key"] for one in done["added"]]) == (True, [IMPORTED], ["kp-9"])
    assert content(office) != before


def test_the_command_tells_every_cell_to_mend(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    write_sheet(path, [new_unit(mail="không phải"), new_unit(channel="bồ câu")])
    result = run("import", path, "-C", office, "--apply")
    assert result.exit_code == SheetError.exit_code
    assert "Danh bạ!E2" in result.output
    assert "Danh bạ!F3" in result.output
    assert not (office / IMPORTED).exists()


def test_an_export_does_not_replace_a_file_unasked(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    assert run("export", path, "-C", office).exit_code == 0
    assert isinstance(run("export", path, "-C", office).exception, MailbotError)
    assert run("export", path, "-C", office, "--overwrite").exit_code == 0
