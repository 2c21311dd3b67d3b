"""A sheet of the directory is understood as offices write it, every mistake told at its cell."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.routing.directory_changes import compare, rows_of
from mailbot.routing.directory_columns import Column, Uncomputed, column_of, read_cell
from mailbot.routing.directory_sheet import Row, Sheet, SheetReading, read_sheet
from mailbot.routing.directory_source import build_directory
from mailbot.yaml_editing import written
from mailbot.yaml_source import parse

if TYPE_CHECKING:
    from mailbot.routing.directory import Directory

UNITS = """
units:
  dang-uy: {name: Đảng ủy, relation: self}
  tdp-1:
    {name: Chi bộ Tổ dân phố 1, groups: tdp, mail: a@example.org, people: {bi-thu: {name: Ngô An, phone: 0900.000.001}}}
  tdp-2: {name: Chi bộ Tổ dân phố 2, mail: same_as:tdp-1}
groups:
  tdp: {name: Các tổ dân phố, members: [unit:tdp-1]}
people:
  uv-1: {name: Trần Thị Bích, mail: b@example.org}
"""


def directory(text: str = UNITS) -> Directory:
    found, problems = build_directory([parse(text, "directory.yaml")])
    assert not [problem for problem in problems if not problem.warning]
    return found


def sheet(*rows: tuple[Any, ...], continued: dict[int, set[int]] | None = None) -> Sheet:
    more = continued or {}
    numbered = enumerate(rows, start=1)
    return Sheet("Danh bạ", tuple(Row(at, row, frozenset(more.get(at, ()))) for at, row in numbered))


def read(*rows: tuple[Any, ...], continued: dict[int, set[int]] | None = None) -> SheetReading:
    return read_sheet(sheet(*rows, continued=continued), directory())


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Mã", Column.KEY),
        ("MÃ ĐƠN VỊ", Column.KEY),
        ("ten", Column.NAME),
        ("Tên gọi khác", Column.CALLED),
        ("Thư điện tử 2", Column.MAIL),
        ("E-mail", Column.MAIL),
        ("Email1", Column.MAIL),
        ("Kênh (thư/giấy)", Column.CHANNEL),
        ("Thư bí thư", Column.SECRETARY_MAIL),
        ("bi  thu:", Column.SECRETARY),
        ("Hiệu lực đến", Column.VALID_TO),
        ("valid_from", Column.VALID_FROM),
        ("merged into", Column.MERGED_INTO),
        ("STT", None),
        (7, None),
        (None, None),
    ],
)
def test_headings_are_known_with_and_without_accents(heading: Any, column: Column | None) -> None:
    assert column_of(heading) is column


@pytest.mark.parametrize(
    ("column", "value", "values"),
    [
        (Column.PHONE, 900000001, ("0900000001",)),
        (Column.PHONE, 900000001.0, ("0900000001",)),
        (Column.PHONE, "0900.000.001", ("0900.000.001",)),
        (Column.PHONE, "+84 900 000 001", ("+84 900 000 001",)),
        (Column.VALID_TO, datetime(2025, 6, 30), ("2025-06-30",)),  # noqa: DTZ001 - as Excel has it
        (Column.VALID_TO, date(2025, 6, 30), ("2025-06-30",)),
        (Column.VALID_TO, "30/6/2025", ("2025-06-30",)),
        (Column.VALID_TO, "2025-06-30", ("2025-06-30",)),
        (Column.VALID_TO, 45838, ("2025-06-30",)),
        (
            Column.MAIL,
            "a@example.org; b@example.org,c@example.org\nd@example.org e@example.org",
            tuple(f"{x}@example.org" for x in "abcde"),
        ),
        (Column.MAIL, "chung với tdp-1", ("same_as:tdp-1",)),
        (Column.CHANNEL, "Bản giấy", ("paper",)),
        (Column.CALLED, "các chi, đảng bộ; CB 1", ("các chi, đảng bộ", "CB 1")),
        (Column.NAME, "  Chi bộ\n 1 ", ("Chi bộ 1",)),
        (Column.NAME, 12, ("12",)),
        (Column.NAME, "   ", ()),
    ],
)
def test_cells_become_what_the_site_writes(column: Column, value: Any, values: tuple[str, ...]) -> None:
    assert read_cell(column, value) == values


HEAD = ("Mã", "Tên", "Thư điện tử", "Kênh", "Bí thư", "Điện thoại", "Nhóm", "Hiệu lực đến")


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        (("x", "X", "không phải"), "Danh bạ!C2", "no mail address"),
        (("x", "X", "x@example.org", "bồ câu"), "Danh bạ!D2", "no channel"),
        (("x", "X", "x@example.org", None, None, "0900"), "Danh bạ!E2", "secretary's name"),
        (("x", "X", "x@example.org", None, None, None, "tdpp"), "Danh bạ!G2", 'unknown group "tdpp"'),
        (("x", "X", "x@example.org", None, None, None, None, "31/2/2025"), "Danh bạ!H2", "no date"),
        (("x", None, "x@example.org"), "Danh bạ!B2", "name is missing"),
        (("x", "#REF!", "x@example.org"), "Danh bạ!B2", "formula"),
        (("x", Uncomputed("=A1"), "x@example.org"), "Danh bạ!B2", "formula"),
        (("x", "X"), "Danh bạ!C2", "no mail address"),
        (("x", "X", "chung với nha-khac"), "Danh bạ!C2", 'unknown unit "nha-khac"'),
    ],
)
def test_each_mistake_is_told_at_its_cell(row: tuple[Any, ...], cell: str, words: str) -> None:
    (problem,) = read(HEAD, row).problems
    assert problem.cell == cell
    assert words in problem.text.en


def test_all_mistakes_are_told_at_once_in_the_order_of_the_rows() -> None:
    bad = ("x", "X", "không phải", "bồ câu")
    problems = read(HEAD, bad, bad).problems
    assert [problem.cell.rpartition("!")[2] for problem in problems] == ["C2", "D2", "A3", "C3", "D3"]


def test_a_sheet_without_headings_says_which_there_could_be() -> None:
    (problem,) = read(("a", "b"), ("c", "d")).problems
    assert problem.mend is not None
    assert "Thư điện tử" in problem.mend.vi


def test_the_headings_may_stand_below_a_title() -> None:
    reading = read(("DANH SÁCH CHI BỘ",), (None,), ("STT", "Tên đơn vị", "Email"), (1, "Chi bộ Mới", "m@example.org"))
    assert reading.problems == []
    (entry,) = reading.entries
    assert (entry.key, entry.values[Column.MAIL]) == ("chi-bo-moi", ("m@example.org",))
    assert entry.made


def test_a_row_without_key_is_the_unit_of_its_name_else_gets_a_new_key() -> None:
    mail = "x@example.org"
    reading = read(("Tên", "Thư điện tử"), ("chi bộ tổ dân phố 01", mail), ("Tdp 1", mail), ("TDP-1", mail))
    assert [entry.key for entry in reading.entries] == ["tdp-1", "tdp-1-2", "tdp-1-3"]
    assert [notice.cell for notice in reading.notices] == ["Danh bạ!A2", "Danh bạ!A3", "Danh bạ!A4"]


def test_names_of_groups_units_and_people_become_keys() -> None:
    reading = read(
        ("Mã", "Tên", "Thư điện tử", "Nhóm", "Cấp trên", "Phụ trách", "Sáp nhập vào"),
        ("x", "Chi bộ X", "x@example.org", "cac to dan pho", "Đảng ủy", "trần thị bích", "Chi bộ Y"),
        ("y", "Chi bộ Y", "chung với x", "tdp", "dang-uy", "person:uv-1", None),
    )
    assert reading.problems == []
    x = reading.entries[0].values
    assert reading.entries[1].values[Column.MAIL] == ("same_as:x",)
    assert (x[Column.GROUPS], x[Column.PARENT], x[Column.OVERSEER], x[Column.MERGED_INTO]) == (
        ("tdp",),
        ("dang-uy",),
        ("person:uv-1",),
        ("y",),
    )


def test_rows_below_a_merged_name_belong_to_the_same_unit() -> None:
    rows = (("Tên", "Thư điện tử", "Kênh"), ("Chi bộ X", "x@example.org", "thư"), ("Chi bộ X", "y@example.org", None))
    (entry,) = read(*rows, continued={3: {0}}).entries
    assert entry.values[Column.MAIL] == ("x@example.org", "y@example.org")


def test_what_the_sheet_changes_is_told_field_by_field_and_nobody_is_removed() -> None:
    reading = read(HEAD, ("tdp-1", "Chi bộ Một", "b@example.org", None, "Ngô An", 900000001, "tdp", "30/06/2026"))
    changes = compare(reading.entries, parse(UNITS, "").data["units"])
    assert changes.left_out == ("dang-uy", "tdp-2")
    (change,) = changes.changed
    assert [(field.column, field.old, field.new) for field in change.fields] == [
        (Column.NAME, ("Chi bộ Tổ dân phố 1",), ("Chi bộ Một",)),
        (Column.MAIL, ("a@example.org",), ("b@example.org",)),
        (Column.VALID_TO, (), ("2026-06-30",)),
    ]
    assert change.after["people"]["bi-thu"]["phone"] == "0900.000.001"
    assert change.after["valid"] == {"to": "2026-06-30"}


def test_columns_that_the_sheet_lacks_stay_and_emptied_cells_are_emptied() -> None:
    units = parse(UNITS, "").data["units"]
    assert compare(read(("Mã", "Tên"), ("tdp-1", "Chi bộ Tổ dân phố 1")).entries, units).changed == ()
    rows = (("Mã", "Tên", "Bí thư", "Điện thoại"), ("tdp-1", "Chi bộ Tổ dân phố 1", None, None))
    (change,) = compare(read(*rows).entries, units).changed
    assert "people" not in change.after


KEYS = st.from_regex(r"[a-z]{1,4}(-[0-9])?", fullmatch=True)
NAMES = st.text("abc ĐủẾ;,1=+'-/()#:\u0301", min_size=1, max_size=10).filter(lambda words: words.strip(" ;"))
MAILS = st.from_regex(r"[a-z]{1,3}@example\.(org|vn)", fullmatch=True)
PERSON = st.fixed_dictionaries({"name": NAMES}, optional={"phone": NAMES, "mail": MAILS, "post": NAMES})
UNIT = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "called": st.lists(NAMES, max_size=3),
        "groups": st.lists(st.sampled_from(["g-1", "g-2"]), max_size=2),
        "mail": st.lists(MAILS, min_size=1, max_size=3) | MAILS,
        "channel": st.sampled_from(["mail", "paper"]),
        "people": st.dictionaries(st.sampled_from(["bi-thu", "pho-bi-thu"]), PERSON, min_size=1),
        "valid": st.fixed_dictionaries({}, optional={"from": st.just("2015-07-01"), "to": st.just("2030-01-31")}),
        "symbols": st.lists(NAMES, max_size=1),
    },
)


@given(units=st.dictionaries(KEYS, UNIT, min_size=1, max_size=5))
def test_a_sheet_of_the_directory_as_it_is_changes_nothing(units: dict[str, Any]) -> None:
    for unit in units.values():
        unit.setdefault("channel", "paper")
    text = "units:\n" + "".join(f"  {written(key)}: {written(unit)}\n" for key, unit in units.items())
    found, _ = build_directory([parse(text, "x.yaml")])
    titles = tuple(str(column) for column in Column)
    reading = read_sheet(sheet(titles, *rows_of(units)), found)
    assert reading.problems == []
    changes = compare(reading.entries, units)
    assert (changes.added, changes.changed, changes.left_out) == ((), (), ())
    assert changes.untouched == len(units)
