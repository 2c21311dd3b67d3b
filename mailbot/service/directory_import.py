"""A spreadsheet becomes changes of the directory's files: planned, checked as a whole site, then written at once."""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailbot import site
from mailbot.collecting import collecting_paused
from mailbot.problems import MailbotError, SiteError, Text
from mailbot.reporting.sheets import read_sheets, write_sheet
from mailbot.routing.directory_changes import compare, rows_of
from mailbot.routing.directory_sheet import SheetProblem, heading_row, read_sheet
from mailbot.yaml_editing import edited, written
from mailbot.yaml_source import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailbot.problems import Problem
    from mailbot.routing.directory_changes import DirectoryChanges, UnitChange

EX_DATAERR = 65
EX_CANTCREAT = 73
IMPORTED = f"{site.DIRECTORY_FOLDER}/imported.yaml"
HEAD = "# Đơn vị nhập từ bảng tính (mailbot directory import); sửa tay được, lần nhập sau sửa tại chỗ.\nunits:\n"


class SheetError(MailbotError):
    """The sheet has mistakes, each at its cell; nothing was changed."""

    exit_code = EX_DATAERR

    def __init__(self, problems: Sequence[SheetProblem]) -> None:
        count = len(problems)
        super().__init__(Text(f"Bảng có {count} lỗi.", f"The sheet has {count} problem(s)."))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class _File:
    """One file of the directory as it lies on the disk: its bytes, and its text as it is read."""

    raw: bytes
    text: str

    def bytes_of(self, text: str) -> bytes:
        """Return a new text as this file writes its lines."""
        if b"\r\n" in self.raw:
            text = text.replace("\n", "\r\n")
        mark = b"\xef\xbb\xbf" if self.raw.startswith(b"\xef\xbb\xbf") else b""
        return mark + text.encode()


@dataclass(frozen=True)
class PlannedImport:
    """What an import would do: the changes, the units that cannot be changed by it, and the files' new texts."""

    changes: DirectoryChanges
    unsafe: tuple[UnitChange, ...]
    notices: tuple[SheetProblem, ...]
    texts: Mapping[str, str]
    files: Mapping[str, _File]


@collecting_paused()
def export_directory(folder: Path, path: Path) -> int:
    """Write all units of a site into a spreadsheet; return how many there are."""
    site.load(folder)
    units, _ = _units(folder)
    write_sheet(path, rows_of(units))
    return len(units)


@collecting_paused()
def plan_import(folder: Path, path: Path) -> PlannedImport:
    """Return what the sheet would change, checked as a whole site; raises SheetError with every mistake at its cell."""
    before = site.load(folder)
    units, files = _units(folder)
    sheets = read_sheets(path)
    sheet = next((one for one in sheets if heading_row(one)), sheets[0])
    reading = read_sheet(sheet, before.site.directory)
    if reading.problems:
        raise SheetError(reading.problems)
    changes = compare(reading.entries, units)
    on_disk = {name: _on_disk(folder / name) for name in {*files.values(), IMPORTED}}
    texts, unsafe = _new_texts(changes, files, {name: one.text for name, one in on_disk.items() if one})
    planned = PlannedImport(
        changes, unsafe, tuple(reading.notices), texts, {name: one for name, one in on_disk.items() if one}
    )
    return replace(planned, notices=(*planned.notices, *_checked(folder, planned, before.warnings)))


def apply_import(folder: Path, planned: PlannedImport) -> tuple[str, ...]:
    """Write the planned texts, each file whole or not at all; return the names of the files written."""
    for name in planned.texts:
        if _on_disk(folder / name) != planned.files.get(name):
            text = Text(
                f"{name} vừa bị người khác sửa, chưa ghi gì", f"{name} was changed meanwhile, nothing is written"
            )
            raise MailbotError(text, mend=Text("chạy lại lệnh", "run the command again"), exit_code=EX_CANTCREAT)
    # New units first: what is changed may refer to them, and they refer to nothing that changes.
    names = sorted(planned.texts, key=lambda name: (name != IMPORTED, name))
    waiting: list[tuple[Path, Path]] = []
    try:
        for name in names:
            file = planned.files.get(name) or _File(b"", "")
            waiting.append(_beside(folder / name, file.bytes_of(planned.texts[name])))
        for temporary, target in waiting:
            temporary.replace(target)
            _flush_folder(target.parent)
    except OSError as error:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
        said = error.strerror or type(error).__name__
        text = Text(f"không ghi được: {said}", f"cannot write: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
    return tuple(names)


def _units(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return every unit's entry as it is written, and the file that has it."""
    units: dict[str, Any] = {}
    files: dict[str, str] = {}
    for document in site.directory_documents(folder):
        for key, entry in (document.data.get("units") or {}).items() if document.data else ():
            units[key], files[key] = entry, document.file
    return units, files


def _on_disk(path: Path) -> _File | None:
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _File(raw, raw.decode("utf-8-sig").replace("\r\n", "\n"))


def _new_texts(
    changes: DirectoryChanges, files: Mapping[str, str], texts: Mapping[str, str]
) -> tuple[dict[str, str], tuple[UnitChange, ...]]:
    """Return the files that change with their new texts, and the units whose entries cannot be changed in place."""
    new: dict[str, str] = {}
    unsafe: list[UnitChange] = []
    by_file: dict[str, dict[tuple[str, ...], UnitChange]] = {}
    for change in changes.changed:
        by_file.setdefault(files[change.key], {})["units", change.key] = change
    for name, wanted in by_file.items():
        text, left = edited(texts[name], {path: change.after for path, change in wanted.items()})
        unsafe += [wanted[path] for path in left]
        if text != texts[name]:
            new[name] = text
    if changes.added:
        new[IMPORTED] = _with_added(new.get(IMPORTED) or texts.get(IMPORTED, ""), changes.added)
    return new, tuple(unsafe)


def _with_added(text: str, added: Sequence[UnitChange]) -> str:
    """Return imported.yaml with more units behind those that it has."""
    data = parse(text, IMPORTED).data or {}
    if not data:
        return HEAD + "".join(f"  {written(one.key)}: {written(one.after)}\n" for one in added)
    entries = {**(data.get("units") or {}), **{one.key: one.after for one in added}}
    result, left = edited(text, {("units",): entries})
    if left:
        message = Text(f"không thêm được đơn vị vào {IMPORTED}", f"units cannot be added to {IMPORTED}")
        mend = Text("đặt lại tên tệp đó rồi chạy lại", "rename that file and run the command again")
        raise MailbotError(message, mend=mend, exit_code=EX_CANTCREAT)
    return result


def _checked(folder: Path, planned: PlannedImport, known: Iterable[Problem]) -> list[SheetProblem]:
    """Check the site as it would be; return new warnings at their cells, or raise SheetError with what is wrong."""
    if not planned.texts:
        return []
    try:
        warnings = site.load(folder, instead=planned.texts).warnings
    except SiteError as error:
        wrong = [problem for problem in error.problems if not problem.warning]
        raise SheetError(_at_cells(wrong, planned)) from error
    said = {problem.text for problem in known}
    return _at_cells([problem for problem in warnings if problem.text not in said], planned)


def _at_cells(problems: Sequence[Problem], planned: PlannedImport) -> list[SheetProblem]:
    """Return problems of the new files at the cells that brought them; others keep their file and line."""
    cells = {change.key: change.cell for change in (*planned.changes.added, *planned.changes.changed)}
    lines: dict[str, list[tuple[int, str]]] = {}
    for name in {problem.position.file for problem in problems} & set(planned.texts):
        document = parse(planned.texts[name], name)
        keys = (document.data or {}).get("units") or {}
        lines[name] = sorted((document.key_position(("units", key)).line, key) for key in keys)
    found = []
    for problem in problems:
        starts = lines.get(problem.position.file, [])
        at = bisect_right(starts, (problem.position.line, "\U0010ffff"))
        cell = cells.get(starts[at - 1][1]) if at else None
        found.append(SheetProblem(cell or str(problem.position), problem.text, problem.mend))
    return found


def _beside(path: Path, content: bytes) -> tuple[Path, Path]:
    """Write a file's new content beside it, safe on the disk; return both places."""
    target = path.resolve()  # behind a link, so that the link stays
    target.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, target.stat().st_mode & 0o777 if target.exists() else 0o644)
            file.write(content)
            file.flush()
            os.fsync(handle)
    except OSError:
        Path(name).unlink()
        raise
    return Path(name), target


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
