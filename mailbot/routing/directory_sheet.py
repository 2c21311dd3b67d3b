"""Rows of a directory's sheet become units: headings found, keys made, names resolved, each mistake at its cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailbot.problems import Text
from mailbot.routing.directory import phrase
from mailbot.routing.directory_columns import (
    HEADINGS,
    KNOWN_HEADINGS,
    PAPER,
    SEVERAL,
    Column,
    WrongCellError,
    column_of,
    line,
    plain,
    read_cell,
)
from mailbot.routing.directory_form import SAME_AS
from mailbot.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailbot.routing.directory import Directory
    from mailbot.routing.directory_columns import Value

# A title, the office's name and an empty line stand above the headings; further down nobody looks for them.
HEADINGS_WITHIN = 30
# Columns that offices keep for themselves; of other unknown ones it is told that they are not read.
OFFICES_OWN = frozenset({"stt", "tt", "so tt", "so thu tu", "no", "ghi chu", "note", "notes"})
SHORT_HEADING = 4


@dataclass(frozen=True)
class Row:
    """One row of a sheet: its number, its values, and the columns whose value is of a cell merged from above."""

    number: int
    values: tuple[Value, ...]
    continued: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file, whatever the file's kind."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong (or worth knowing) at one cell, `Danh bạ!C7`, and how to mend it."""

    cell: str
    text: Text
    mend: Text | None = None


@dataclass
class Entry:
    """What one unit's rows say: values by column, all of them texts as the site has them; `made` keys are new."""

    key: str
    row: int
    values: dict[Column, tuple[str, ...]]
    cells: dict[Column, str]
    made: bool = False


@dataclass
class SheetReading:
    """The units of a sheet, every mistake in it, and what was understood without being said."""

    entries: list[Entry] = field(default_factory=list)
    columns: tuple[Column, ...] = ()
    problems: list[SheetProblem] = field(default_factory=list)
    notices: list[SheetProblem] = field(default_factory=list)


def letters(index: int) -> str:
    """Return the letters of a column counted from 0: A, B … Z, AA."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def cell_name(sheet: str, row: int, index: int) -> str:
    """Return a cell's name as a spreadsheet shows it: `Danh bạ!C7`."""
    return f"{sheet}!{letters(index)}{row}"


def heading_row(sheet: Sheet) -> Row | None:
    """Return the row with the headings, wherever a title puts it: the first that names units and something of them."""
    for row in sheet.rows[:HEADINGS_WITHIN]:
        columns = {column_of(value) for value in row.values} - {None}
        if len(columns) > 1 and columns & {Column.NAME, Column.KEY}:
            return row
    return None


def read_sheet(sheet: Sheet, directory: Directory) -> SheetReading:
    """Return the units of a sheet with every mistake; names of groups, units and people become their keys."""
    reading = SheetReading()
    head = heading_row(sheet)
    if head is None:
        names = ", ".join(names[0] for names in HEADINGS.values())
        text = Text("không thấy hàng tiêu đề", "there is no row of headings")
        mend = Text(f"ghi một hàng tiêu đề, ví dụ: {names}", f"write a row of headings, such as: {names}")
        reading.problems.append(SheetProblem(cell_name(sheet.name, 1, 0), text, mend))
        return reading
    columns = _columns(sheet, head, reading)
    reading.columns = tuple(dict.fromkeys(columns.values()))
    for row in sheet.rows:
        if row.number > head.number:
            _read_row(sheet, row, columns, reading)
    _name_keys(sheet, reading, directory)
    _refuse_twins(reading)
    _resolve(reading, directory)
    # What is wrong at a cell leads to more at the same cell; the first is what to mend.
    first = {problem.cell: problem for problem in reversed(reading.problems)}
    reading.problems = sorted(first.values(), key=lambda problem: _in_rows(problem.cell))
    return reading


def _in_rows(cell: str) -> tuple[int, int, str]:
    name = cell.rpartition("!")[2]
    column = name.rstrip("0123456789")
    return int(name.removeprefix(column)), len(column), column


def _columns(sheet: Sheet, head: Row, reading: SheetReading) -> dict[int, Column]:
    columns: dict[int, Column] = {}
    for index, value in enumerate(head.values):
        column, cell = column_of(value), cell_name(sheet.name, head.number, index)
        if column is None:
            reading.notices.extend(_unused(line(value), cell))
        elif column in columns.values() and column not in SEVERAL:
            text = Text(f"cột “{line(value)}” có hai lần", f'the column "{line(value)}" stands twice')
            reading.problems.append(SheetProblem(cell, text, Text("xóa hoặc đổi tên một cột", "remove or rename one")))
        else:
            columns[index] = column
    return columns


def _unused(heading: str, cell: str) -> Iterator[SheetProblem]:
    """Tell of a column that nobody reads, unless every office has it for itself."""
    words = plain(heading)
    if not words or words in OFFICES_OWN:
        return
    guess = nearest(words, tuple(KNOWN_HEADINGS)) if len(words) > SHORT_HEADING else None
    wanted = HEADINGS[KNOWN_HEADINGS[guess]][0] if guess else ""
    mend = Text(f"có phải ý bạn là “{wanted}”?", f'did you mean "{wanted}"?') if guess else None
    yield SheetProblem(cell, Text(f"cột “{heading}” không được dùng", f'the column "{heading}" is not used'), mend)


def _read_row(sheet: Sheet, row: Row, columns: Mapping[int, Column], reading: SheetReading) -> None:
    values: dict[Column, tuple[str, ...]] = dict.fromkeys(columns.values(), ())
    cells: dict[Column, str] = {}
    for index, column in columns.items():
        value = row.values[index] if index < len(row.values) else None
        cell = cell_name(sheet.name, row.number, index)
        cells.setdefault(column, cell)
        try:
            read = read_cell(column, value)
        except WrongCellError as error:
            reading.problems.append(SheetProblem(cell, error.text, error.mend))
            continue
        if column is Column.PHONE and read and read[0] != line(value):
            text = Text(f"{line(value)} được hiểu là {read[0]}", f"{line(value)} is taken for {read[0]}")
            reading.notices.append(SheetProblem(cell, text))
        values[column] = tuple(dict.fromkeys((*values[column], *read)))
    continued = {column for index, column in columns.items() if index in row.continued}
    if continued & {Column.NAME, Column.KEY} and reading.entries:
        _continue(reading.entries[-1], values, cells, reading)
    elif any(values.values()):
        key = "".join(values.get(Column.KEY, ()))
        reading.entries.append(Entry(key, row.number, values, cells))


def _continue(
    entry: Entry, values: Mapping[Column, tuple[str, ...]], cells: Mapping[Column, str], reading: SheetReading
) -> None:
    """Add a further row of the same unit, whose name is merged over both: another address, another name."""
    for column, more in values.items():
        both = tuple(dict.fromkeys((*entry.values[column], *more)))
        if len(both) > 1 and column not in SEVERAL:
            text = Text(f"đơn vị này đã có “{both[0]}”", f'this unit has "{both[0]}" already')
            reading.problems.append(SheetProblem(cells[column], text))
        else:
            entry.values[column] = both


# --- keys, twins and references -------------------------------------------------------------------------------------


def made_key(name: str, taken: Mapping[str, object] | set[str]) -> str:
    """Return a new key from a name: `chi-bo-to-dan-pho-12`, with a number behind it when that is taken."""
    base = plain(name).replace(" ", "-") or "don-vi"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def _name_keys(sheet: Sheet, reading: SheetReading, directory: Directory) -> None:
    """Give rows without a key that of the unit of their name, else a new one; a row without a name is told."""
    by_name: dict[str, list[str]] = {}
    for unit in directory.units.values():
        by_name.setdefault(phrase(unit.name), []).append(unit.key)
    taken = {*directory.units, *(entry.key for entry in reading.entries)}
    kept = []
    for entry in reading.entries:
        name = "".join(entry.values.get(Column.NAME, ()))
        cell = entry.cells.get(Column.NAME) or cell_name(sheet.name, entry.row, 0)
        named = Column.NAME in entry.values
        if not name and (named or entry.key not in directory.units):
            text = Text("thiếu tên đơn vị", "the unit's name is missing")
            mend = Text("ghi tên, hoặc xóa cả hàng", "write the name, or clear the whole row")
            reading.problems.append(SheetProblem(cell, text, mend))
            continue
        if not entry.key:
            known = by_name.get(phrase(name), [])
            if len(known) > 1:
                keys = ", ".join(known)
                text = Text(f"nhiều đơn vị cùng tên này: {keys}", f"several units bear this name: {keys}")
                reading.problems.append(SheetProblem(cell, text, Text("ghi mã ở cột “Mã”", "write the key")))
                continue
            entry.key = known[0] if known else made_key(name, taken)
            entry.made = not known
            taken.add(entry.key)
            vi, en = ("đơn vị đã có", "the unit that is there") if known else ("mã mới", "a new key")
            reading.notices.append(SheetProblem(cell, Text(f"{name}: {vi}, {entry.key}", f"{name}: {en}, {entry.key}")))
        entry.values.pop(Column.KEY, None)
        kept.append(entry)
    reading.entries = kept


def _refuse_twins(reading: SheetReading) -> None:
    first: dict[str, Entry] = {}
    for entry in reading.entries:
        known = first.setdefault(entry.key, entry)
        if known is not entry:
            text = Text(
                f"mã “{entry.key}” đã có ở hàng {known.row}", f'the key "{entry.key}" stands already in row {known.row}'
            )
            mend = Text("gộp hai hàng, hoặc đổi một mã", "make one of the two rows, or change one key")
            reading.problems.append(SheetProblem(entry.cells.get(Column.KEY) or entry.cells[Column.NAME], text, mend))


@dataclass(frozen=True)
class _Words:
    """What a reference may say: keys, and names with the keys that bear them."""

    noun: Text
    keys: Mapping[str, object]
    names: Mapping[str, str | None]
    mend: Text

    def key(self, word: str) -> str | None:
        kind, _, bare = word.rpartition(":")
        if bare in self.keys and kind in ("", self.noun.en):
            return bare
        return self.names.get(phrase(word)) or self.names.get(plain(word))

    def problem(self, word: str, cell: str) -> SheetProblem:
        guess = nearest(word, tuple(self.keys))
        mend = Text(f"có phải ý bạn là “{guess}”?", f'did you mean "{guess}"?') if guess else self.mend
        return SheetProblem(cell, Text(f"không có {self.noun.vi} “{word}”", f'unknown {self.noun.en} "{word}"'), mend)


def _once(pairs: Iterator[tuple[str, str]]) -> dict[str, str | None]:
    """Return the key for each name, with and without accents; None for a name that two bear."""
    found: dict[str, str | None] = {}
    for name, key in pairs:
        for words in {phrase(name), plain(name)}:
            found[words] = key if found.get(words, key) == key else None
    return found


def _references(reading: SheetReading, directory: Directory) -> Mapping[Column, _Words]:
    names = {entry.key: "".join(entry.values.get(Column.NAME, ())) for entry in reading.entries}
    known = {key: unit.name for key, unit in directory.units.items()}
    units = known | {key: name for key, name in names.items() if name}
    unit = _Words(
        Text("đơn vị", "unit"),
        units,
        _once((name, key) for key, name in units.items()),
        Text("ghi mã hoặc tên của một đơn vị", "write the key or name of a unit"),
    )
    group = _Words(
        Text("nhóm", "group"),
        directory.groups,
        _once((name, key) for key, one in directory.groups.items() for name in (one.name, *one.called)),
        Text("khai báo nhóm dưới “groups:” trong danh bạ", "declare the group under groups: in the directory"),
    )
    return {Column.PARENT: unit, Column.MERGED_INTO: unit, Column.GROUPS: group, Column.MAIL: unit}


def _resolve(reading: SheetReading, directory: Directory) -> None:
    references = _references(reading, directory)
    people = _once((person.name, f"person:{key}") for key, person in directory.people.items())
    for entry in reading.entries:
        for column, words in references.items():
            if column in entry.values:
                found = (_resolved(column, one, words, entry.cells[column], reading) for one in entry.values[column])
                entry.values[column] = tuple(dict.fromkeys(found))
        overseer = entry.values.get(Column.OVERSEER, ())
        if overseer:
            entry.values[Column.OVERSEER] = (
                people.get(phrase(overseer[0])) or people.get(plain(overseer[0])) or overseer[0],
            )
        _check_whole(entry, directory, reading)


def _resolved(column: Column, word: str, words: _Words, cell: str, reading: SheetReading) -> str:
    if column is Column.MAIL:
        if not word.startswith(SAME_AS):
            return word
        return SAME_AS + _resolved(Column.PARENT, word.removeprefix(SAME_AS), words, cell, reading)
    key = words.key(word)
    if key is None:
        reading.problems.append(words.problem(word, cell))
    return key or word


def _check_whole(entry: Entry, directory: Directory, reading: SheetReading) -> None:
    """Say what a unit's values lack taken together: a name to call, an address, an end after the beginning."""
    values = entry.values
    beside = [column for column in (Column.PHONE, Column.SECRETARY_MAIL) if values.get(column)]
    if beside and Column.SECRETARY in values and not values[Column.SECRETARY]:
        text = Text("thiếu tên bí thư", "the secretary's name is missing")
        mend = Text("ghi tên, hoặc xóa điện thoại và thư của bí thư", "write it, or clear telephone and address")
        reading.problems.append(SheetProblem(entry.cells[Column.SECRETARY], text, mend))
    begins, ends = values.get(Column.VALID_FROM, ()), values.get(Column.VALID_TO, ())
    if begins and ends and begins > ends:
        text = Text("ngày hết hiệu lực trước ngày có hiệu lực", "the unit ends before it begins")
        reading.problems.append(SheetProblem(entry.cells[Column.VALID_TO], text))
    if entry.key not in directory.units and not (
        values.get(Column.MAIL) or ends or PAPER in values.get(Column.CHANNEL, ())
    ):
        text = Text("đơn vị không có địa chỉ thư", "the unit has no mail address")
        mend = Text(
            "ghi địa chỉ, hoặc kênh “giấy”; nếu là dòng tiêu đề thì xóa tên",
            'write an address, or "giấy" as the channel; clear the name of a heading',
        )
        reading.problems.append(SheetProblem(entry.cells.get(Column.MAIL) or entry.cells[Column.NAME], text, mend))
