"""The `mailbot` command: registers the commands of this folder's modules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot import __version__
from mailbot.cli import (
    backup_commands,
    calendar_command,
    check_command,
    daemon_commands,
    demo_command,
    directory_commands,
    explain_command,
    held_commands,
    key_commands,
    ledger_commands,
    outbox_commands,
    parse,
    reconcile_command,
    register_commands,
    rule_commands,
    search_command,
    site_commands,
    template_commands,
)
from mailbot.cli.check_command import report
from mailbot.cli.site_commands import fail
from mailbot.problems import MailbotError, SiteError

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
outbox = typer.Typer(no_args_is_help=True, help="The mails that go out / thư gửi đi.")
held = typer.Typer(no_args_is_help=True, help="What waits for a person / việc chờ xử lý.")
rules = typer.Typer(no_args_is_help=True, help="Test, show and compare rules / kiểm thử, xem, so sánh quy tắc.")
templates = typer.Typer(no_args_is_help=True, help="List, preview and check the mails / xem và kiểm tra mẫu thư.")
directory = typer.Typer(no_args_is_help=True, help="The directory as a spreadsheet / danh bạ thành bảng tính.")

COMMANDS: tuple[Callable[..., None], ...] = (
    site_commands.init,
    check_command.check,
    daemon_commands.run,
    daemon_commands.once,
    demo_command.demo,
    parse.parse,
    explain_command.explain,
    rule_commands.simulate,
    ledger_commands.status,
    ledger_commands.log,
    held_commands.order,
    search_command.search,
    calendar_command.calendar,
    register_commands.report,
    daemon_commands.health,
    reconcile_command.reconcile,
    backup_commands.backup,
    backup_commands.restore,
    backup_commands.resume,
    backup_commands.verify,
)
for command in COMMANDS:
    app.command()(command)
for group, named in ((outbox, outbox_commands), (held, held_commands)):
    group.command("list")(named.list_)
for command in (
    outbox_commands.show,
    outbox_commands.hold,
    outbox_commands.release,
    outbox_commands.retry,
    outbox_commands.cancel,
):
    outbox.command()(command)
for command in (
    held_commands.show,
    held_commands.answer,
    held_commands.approve,
    held_commands.reject,
    held_commands.retry,
):
    held.command()(command)
rules.command("test")(rule_commands.run_tests)
for command in (rule_commands.show, rule_commands.coverage, rule_commands.diff):
    rules.command()(command)
templates.command("list")(template_commands.list_templates)
for command in (template_commands.preview, template_commands.check, template_commands.copy):
    templates.command()(command)
register = typer.Typer(no_args_is_help=True, help="The office's books / các sổ của cơ quan.")
register.command("list")(register_commands.list_)
for command in (register_commands.show, register_commands.export, register_commands.cancel):
    register.command()(command)
directory.command("export")(directory_commands.export_)
directory.command("import")(directory_commands.import_)
directory.command("taught")(directory_commands.taught)
key = typer.Typer(no_args_is_help=True, help="The key of the tokens in our mails / khóa của mã thư.")
key.command("rotate")(key_commands.rotate)
app.add_typer(directory, name="directory")
app.add_typer(key, name="key")
app.add_typer(register, name="register")
app.add_typer(rules, name="rules")
app.add_typer(templates, name="templates")
app.add_typer(outbox, name="outbox")
app.add_typer(held, name="held")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mailbot {__version__}")
        raise typer.Exit


@app.callback()
def office(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The mail work of a committee office / công việc thư của văn phòng cấp ủy."""


def main() -> None:
    """Run the command line; what a person can act on becomes a sentence and a sysexits code, never a traceback."""
    try:
        app()
    except SiteError as error:
        report(error.problems, error.folder or Path(), as_json=False)
        sys.exit(error.exit_code)
    except MailbotError as error:
        try:
            fail(error)
        except typer.Exit as leaving:
            sys.exit(leaving.exit_code)
