"""What a sheet would change in the directory: units added, fields old and new, units left out (never removed)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.routing.directory_columns import BY_MAIL, Column, read_cell, write_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mailbot.routing.directory_sheet import Entry

# The person of a unit whom the sheet's three columns mean.
SECRETARY = "bi-thu"
# Where each column's value stands in a unit's entry.
PATHS: Mapping[Column, tuple[str, ...]] = {
    Column.NAME: ("name",),
    Column.CALLED: ("called",),
    Column.PARENT: ("parent",),
    Column.GROUPS: ("groups",),
    Column.MAIL: ("mail",),
    Column.CHANNEL: ("channel",),
    Column.SECRETARY: ("people", SECRETARY, "name"),
    Column.PHONE: ("people", SECRETARY, "phone"),
    Column.SECRETARY_MAIL: ("people", SECRETARY, "mail"),
    Column.OVERSEER: ("overseer",),
    Column.VALID_FROM: ("valid", "from"),
    Column.VALID_TO: ("valid", "to"),
    Column.MERGED_INTO: ("merged_into",),
}
LISTS = (Column.CALLED, Column.GROUPS, Column.MAIL)


@dataclass(frozen=True)
class FieldChange:
    """One field of a unit, as it is and as the sheet has it."""

    column: Column
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class UnitChange:
    """One unit that the sheet adds (`before` is None) or changes, with its whole entry before and after."""

    key: str
    cell: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class DirectoryChanges:
    """All that a sheet would do; `left_out` are the units that it does not have, which stay as they are."""

    added: tuple[UnitChange, ...]
    changed: tuple[UnitChange, ...]
    left_out: tuple[str, ...]
    untouched: int


def values_of(unit: Mapping[str, Any], column: Column) -> tuple[str, ...]:
    """Return the texts that a unit's entry (as YAML gives it) has for a column."""
    found: Any = unit
    for part in PATHS[column]:
        found = found.get(part) if isinstance(found, dict) else None
    if found is None:
        return (BY_MAIL,) if column is Column.CHANNEL else ()
    return tuple(map(str, found)) if isinstance(found, list | tuple) else (str(found),)


def rows_of(units: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield a sheet's rows for the units of the directory, one value for each Column in order."""
    for key, unit in units.items():
        yield tuple(key if one is Column.KEY else write_cell(one, values_of(unit, one)) for one in Column)


def _as_shown(column: Column, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return values as they would come back from a sheet, so that what a cell cannot hold is no change."""
    return read_cell(column, write_cell(column, values))


def compare(entries: Sequence[Entry], units: Mapping[str, Mapping[str, Any]]) -> DirectoryChanges:
    """Return what the entries of a sheet change in the units of the directory."""
    added: list[UnitChange] = []
    changed: list[UnitChange] = []
    seen: set[str] = set()
    for entry in entries:
        seen.add(entry.key)
        unit = units.get(entry.key)
        fields = tuple(_changed(entry, unit or {}))
        if unit is not None and not fields:
            continue
        after = changed_entry(unit or {}, fields)
        cell = entry.cells.get(Column.KEY) or next(iter(entry.cells.values()))
        (changed if unit is not None else added).append(UnitChange(entry.key, cell, unit, after, fields))
    left_out = tuple(key for key in units if key not in seen)
    untouched = len(units) - len(left_out) - len(changed)
    return DirectoryChanges(tuple(added), tuple(changed), left_out, untouched)


def _changed(entry: Entry, unit: Mapping[str, Any]) -> Iterator[FieldChange]:
    for column in Column:
        if column not in entry.values:
            continue
        values = entry.values[column]
        new = values or ((BY_MAIL,) if column is Column.CHANNEL else ())
        old = _as_shown(column, values_of(unit, column))
        if old != new and not (column is Column.PHONE and _digits(old) == _digits(new)):
            yield FieldChange(column, old, new)


def _digits(values: tuple[str, ...]) -> str:
    """Return a telephone number without its dots and blanks, which say nothing."""
    return "".join(char for one in values for char in one if char.isalnum() or char == "+")


def changed_entry(unit: Mapping[str, Any], fields: Sequence[FieldChange]) -> dict[str, Any]:
    """Return a unit's entry with other values; what the sheet does not speak of stays."""
    entry = dict(unit)
    for change in fields:
        value: Any = list(change.new) if change.column in LISTS else "".join(change.new)
        if change.column is Column.CHANNEL and value == BY_MAIL:
            value = ""
        _put(entry, PATHS[change.column], value)
    secretary = (entry.get("people") or {}).get(SECRETARY)
    if secretary is not None and "name" not in secretary:
        _put(entry, ("people", SECRETARY), "")  # nobody holds the post now
    return entry


def _put(entry: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    first, rest = path[0], path[1:]
    if rest:
        inner = dict(entry.get(first) or {})
        _put(inner, rest, value)
        value = inner
    if value in ("", [], {}):
        entry.pop(first, None)
    else:
        entry[first] = value
