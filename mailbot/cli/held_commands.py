"""`mailbot held` and `mailbot order`: what waits for a person is answered, and orders are given, without mail."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli.ledger_commands import MATTERS
from mailbot.cli.listing import ledger, print_json, print_table
from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text
from mailbot.reporting import status_table as words
from mailbot.reporting.status_table import when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailbot.service.commanding import Line
    from mailbot.service.runtime import Runtime

EX_DATAERR = 65
NumberArgument = Annotated[int, typer.Argument(help="The number shown by `held list` / số của việc.")]


@contextmanager
def _runtime(folder: Path) -> Iterator[Runtime]:
    from mailbot.service.runtime import Runtime

    runtime = Runtime(folder.absolute())
    try:
        yield runtime
    finally:
        runtime.close()


def list_(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """List what waits for a person / danh sách việc chờ xử lý."""
    from mailbot.store import views

    with ledger(folder) as (connection, site):
        zone = site.office.working_time.zone
        rows = views.matters(connection)
    if as_json:
        print_json(rows)
        return
    table = [
        (
            row["id"],
            when(row["opened_at"], zone),
            words.word(words.AUDIENCE, row["audience"]),
            row["reason"],
            row["text"],
        )
        for row in rows
    ]
    print_table(Text("Việc chờ xử lý", "What waits for a person"), MATTERS, table)


def show(number: NumberArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Show one matter: its mail, since when it waits, and how it may be answered / xem một việc."""
    from mailbot.service.commanding import choices

    with _runtime(folder) as runtime:
        matter, answers = choices(runtime, number)
        zone = runtime.in_force.site.office.working_time.zone
    if as_json:
        print_json(
            {
                "id": matter.id,
                "reason": matter.reason,
                "text": matter.text,
                "audience": matter.audience,
                "opened_at": matter.opened_at.isoformat(),
                "message": matter.message,
                "answers": answers,
            }
        )
        return
    typer.echo(matter.text)
    typer.echo(f"{matter.reason} · {when(matter.opened_at.isoformat(), zone)}")
    if matter.message is not None:
        typer.echo(say(Text(f"xem thư: mailbot log {matter.message}", f"see its mail: mailbot log {matter.message}")))
    for each in answers:
        typer.echo(f'  mailbot held answer {matter.id} "{each}"')


def answer(
    number: NumberArgument,
    text: Annotated[str, typer.Argument(help="The words, as in the clerk's list / lời trả lời.")],
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Answer a matter in the words that `held show` offers / trả lời một việc."""
    _answered(folder, number, text, as_json=as_json)


def approve(number: NumberArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Say yes to a matter: the first of its answers / đồng ý."""
    _by_position(folder, number, 0, as_json=as_json)


def reject(number: NumberArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Say no to a matter, or take it off the list: the last of its answers / không đồng ý, bỏ qua."""
    _by_position(folder, number, -1, as_json=as_json)


def retry(number: NumberArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Have the mail of a matter read and decided once more / đọc và xử lý lại thư."""
    from mailbot.service.commanding import again

    with _runtime(folder) as runtime:
        again(runtime, number)
    text = Text("Thư sẽ được đọc và xử lý lại.", "The mail will be read and decided again.")
    if as_json:
        print_json({"matter": number, "again": True})
    else:
        typer.echo(say(text))


def order(
    text: Annotated[list[str], typer.Argument(help="For example: NHAC 152-CV/DU; several need quotes, one each.")],
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Give an order as by mail (TÌNH HÌNH, NHẮC, GIA HẠN …, with or without accents); TRỢ GIÚP lists them."""
    from mailbot.service.commanding import order as give

    with _runtime(folder) as runtime:
        _print_lines(give(runtime, " ".join(text)), as_json=as_json)


def _by_position(folder: Path, number: int, position: int, *, as_json: bool) -> None:
    from mailbot.service.commanding import choices

    with _runtime(folder) as runtime:
        _, answers = choices(runtime, number)
    if position == 0 and len(answers) == 1:
        off = f"mailbot held reject {number}"
        raise MailbotError(
            Text(f"việc {number} không có gì để đồng ý", f"there is nothing to approve in matter {number}"),
            mend=Text(f"bỏ khỏi danh sách: {off}", f"take it off: {off}"),
            exit_code=EX_DATAERR,
        )
    _answered(folder, number, answers[position], as_json=as_json)


def _answered(folder: Path, number: int, text: str, *, as_json: bool) -> None:
    from mailbot.service.commanding import answer as give

    with _runtime(folder) as runtime:
        _print_lines(give(runtime, number, text), as_json=as_json)


def _print_lines(lines: list[Line], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        console = Console(highlight=False, soft_wrap=True)
        for line in lines:
            console.print(f"[{'green' if line.done else 'red'}]{'✓' if line.done else '✗'}[/] {escape(line.result)}")
            for row in line.rows:
                console.print(f"    {escape(row)}")
    if not all(line.done for line in lines):
        raise typer.Exit(EX_DATAERR)
