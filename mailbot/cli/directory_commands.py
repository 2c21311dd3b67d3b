"""`mailbot directory export|import|taught`: the directory as a spreadsheet and back; what the clerk has taught."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli.listing import ledger, print_json
from mailbot.cli.site_commands import EX_CANTCREAT, JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailbot.routing.directory_changes import FieldChange, UnitChange
    from mailbot.routing.directory_sheet import SheetProblem
    from mailbot.service.directory_import import PlannedImport

# More lines than this nobody reads on a screen; --json has them all.
SHOWN = 100
MADE_UP = Text("(trống)", "(empty)")
UNSAFE = Text(
    "không sửa tại chỗ được (chú thích hay tham chiếu xen giữa), hãy sửa tay",
    "cannot be changed in place (comments or references between), change it by hand",
)

FileArgument = Annotated[Path, typer.Argument(help="An .xlsx or .csv file / tệp .xlsx hoặc .csv.")]


def export_(
    path: FileArgument,
    folder: SiteOption = Path(),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file / ghi đè tệp đã có.")] = False,
) -> None:
    """Write all units into a spreadsheet with Vietnamese headings, for editing and importing again."""
    from mailbot.service.directory_import import export_directory

    if path.suffix.casefold() not in (".xlsx", ".csv"):
        text = Text(f"{path.name}: chỉ ghi .xlsx hoặc .csv", f"{path.name}: only .xlsx and .csv are written")
        raise MailbotError(text, exit_code=64)
    if path.exists() and not overwrite:
        text = Text(f"{path} đã có", f"{path} is there already")
        mend = Text("chọn tên khác, hoặc thêm --overwrite", "choose another name, or add --overwrite")
        raise MailbotError(text, mend=mend, exit_code=EX_CANTCREAT)
    try:
        count = export_directory(folder.absolute(), path)
    except OSError as error:
        said = error.strerror or type(error).__name__
        text = Text(f"không ghi được {path}: {said}", f"cannot write {path}: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
    typer.echo(say(Text(f"Đã ghi {count} đơn vị vào {path}.", f"{count} units were written to {path}.")))


def taught(
    folder: SiteOption = Path(),
    forget: Annotated[str, typer.Option("--forget", help="An address to forget / địa chỉ cần bỏ.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show the addresses that the clerk has taught, from which units answer besides their own; or forget one."""
    from mailbot.store import teaching

    with ledger(folder, write=bool(forget)) as (connection, _):
        if forget:
            if not teaching.forget(connection, forget, datetime.now(UTC)):
                raise MailbotError(Text(f"chưa ghi nhớ địa chỉ {forget}", f"{forget} is not remembered"))
            typer.echo(say(Text(f"Đã bỏ ghi nhớ {forget}.", f"{forget} is forgotten.")))
            return
        found = teaching.all_taught(connection)
    if as_json:
        print_json([asdict(one) | {"at": one.at.isoformat()} for one in found])
        return
    for one in found:
        typer.echo(f"{one.address} → {one.unit} ({one.by}, {one.at:%Y-%m-%d %H:%M} UTC)")


def import_(
    path: FileArgument,
    folder: SiteOption = Path(),
    apply: Annotated[bool, typer.Option("--apply", help="Write the changes / ghi các thay đổi.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a spreadsheet would change in the directory; with --apply it is checked as a whole and written."""
    from mailbot.service.directory_import import SheetError, apply_import, plan_import

    try:
        planned = plan_import(folder.absolute(), path)
    except SheetError as error:
        if as_json:
            print_json({"applied": False, "problems": [_as_values(one) for one in error.problems]})
        else:
            console = Console(highlight=False, soft_wrap=True)
            _show_cells(error.problems, "red", console)
            console.print(f"[bold red]{escape(say(error.text))}[/]")
        raise typer.Exit(error.exit_code) from None
    written = apply_import(folder.absolute(), planned) if apply else ()
    if as_json:
        print_json({"applied": apply, "files": list(written), **_plan_as_values(planned)})
    else:
        _show(planned, written, apply)


def _show(planned: PlannedImport, written: tuple[str, ...], applied: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    _show_cells(planned.notices, "yellow", console)
    lines = [
        f"[green]+[/] {escape(one.key)}  {escape(one.after['name'])} [dim]{escape(one.cell)}[/]"
        for one in planned.changes.added
    ]
    left = {one.key for one in planned.unsafe}
    for one in planned.changes.changed:
        mark = f" [red]{escape(say(UNSAFE))}[/]" if one.key in left else ""
        lines.append(f"[yellow]~[/] {escape(one.key)} [dim]{escape(one.cell)}[/]{mark}")
        lines += [f"    {escape(_as_line(field))}" for field in one.fields]
    _print_some(lines, console)
    changes = planned.changes
    console.print(
        say(
            Text(
                f"Thêm {len(changes.added)}, đổi {len(changes.changed)}, giữ nguyên {changes.untouched}, "
                f"không có trong bảng (vẫn giữ) {len(changes.left_out)}.",
                f"{len(changes.added)} added, {len(changes.changed)} changed, {changes.untouched} untouched, "
                f"{len(changes.left_out)} not in the sheet (they stay).",
            )
        )
    )
    if written:
        console.print(f"[bold green]{escape(say(Text('Đã ghi', 'Written')))}:[/] {escape(', '.join(written))}")
    elif not applied and planned.texts:
        console.print(
            say(Text("Xem trước, chưa ghi gì; --apply để ghi.", "A preview, nothing is written; --apply writes."))
        )


def _as_line(change: FieldChange) -> str:
    from mailbot.routing.directory_columns import HEADINGS

    old, new = ("; ".join(values) or say(MADE_UP) for values in (change.old, change.new))
    return f"{say(Text(HEADINGS[change.column][0], change.column))}: {old} → {new}"


def _show_cells(problems: Iterable[SheetProblem], colour: str, console: Console) -> None:
    lines = []
    for problem in problems:
        mend = f"\n    {escape(say(problem.mend))}" if problem.mend else ""
        lines.append(f"[bold]{escape(problem.cell)}:[/] [{colour}]{escape(say(problem.text))}[/]{mend}")
    _print_some(lines, console)


def _print_some(lines: list[str], console: Console) -> None:
    for line in lines[:SHOWN]:
        console.print(line)
    more = len(lines) - SHOWN
    if more > 0:
        console.print(say(Text(f"… và {more} dòng nữa (--json in hết)", f"… and {more} more lines (--json has all)")))


def _plan_as_values(planned: PlannedImport) -> dict[str, Any]:
    return {
        "added": [{"key": one.key, "cell": one.cell, "entry": one.after} for one in planned.changes.added],
        "changed": [_change_as_values(one) for one in planned.changes.changed],
        "not_changeable": [one.key for one in planned.unsafe],
        "left_out": list(planned.changes.left_out),
        "untouched": planned.changes.untouched,
        "notices": [_as_values(one) for one in planned.notices],
        "problems": [],
    }


def _change_as_values(change: UnitChange) -> dict[str, Any]:
    fields = [{"column": str(one.column), "old": list(one.old), "new": list(one.new)} for one in change.fields]
    return {"key": change.key, "cell": change.cell, "fields": fields}


def _as_values(problem: SheetProblem) -> dict[str, Any]:
    mend = problem.mend
    return {
        "cell": problem.cell,
        "text": {"vi": problem.text.vi, "en": problem.text.en},
        "mend": {"vi": mend.vi, "en": mend.en} if mend else None,
    }
