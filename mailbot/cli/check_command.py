"""`mailbot check` tells what a site has, or every mistake in it: where, what was meant, how to mend it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailbot import site
from mailbot.allowing import silenced, unused_allows, wrong_allows
from mailbot.checks import CHECKS
from mailbot.cli.problems_shown import as_dictionary, show
from mailbot.cli.site_commands import EX_CANTCREAT, JsonOption, SiteOption, say
from mailbot.cli.template_commands import show_differences
from mailbot.problems import MailbotError, Position, Problem, SiteError, Text
from mailbot.rule_test_source import problems_of_tests, read_tests
from mailbot.settings import secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from mailbot.settings import MailboxSettings
    from mailbot.site import Loaded

EX_UNAVAILABLE = 69
EX_CONFIG = 78
# What people call the parts of a site.
INVENTORY = {
    "units": Text(vi="đơn vị", en="units"),
    "groups": Text(vi="nhóm", en="groups"),
    "people": Text(vi="người", en="people"),
    "roles": Text(vi="vai trò", en="roles"),
    "rules": Text(vi="quy tắc", en="rules"),
    "ladders": Text(vi="lịch đôn đốc", en="ladders"),
    "templates": Text(vi="mẫu thư", en="templates"),
    "registers": Text(vi="sổ", en="registers"),
    "mailboxes": Text(vi="hộp thư", en="mailboxes"),
}
SEVERITIES = {"error": Text(vi="lỗi", en="error"), "warning": Text(vi="cảnh báo", en="warning")}


def check(
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
    online: Annotated[bool, typer.Option("--online", help="Also try every server / thử cả các máy chủ.")] = False,
    verbose: Annotated[bool, typer.Option("-v", help="Also what outdated templates lack / khác biệt mẫu cũ.")] = False,
    write: Annotated[
        bool, typer.Option("--schemas", help="Write JSON Schemas into DIR / ghi JSON Schema vào DIR.")
    ] = False,
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Of --schemas; default: schemas.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="List every check / liệt kê các mã kiểm tra.")] = False,
) -> None:
    """Check the site: an inventory when all is well, else every problem with its place and mend."""
    if listing:
        list_checks(as_json)
        return
    if write:
        write_schemas(directory or folder / "schemas")
        return
    if directory is not None:
        raise typer.BadParameter(f"mailbot check -C {directory}", param_hint="DIR")
    examined = examine(folder, datetime.now(UTC).astimezone().date(), online=online)
    report(examined.problems, folder, as_json, site.inventory(examined.loaded) if examined.loaded else None)
    if verbose and not as_json:
        show_differences(examined.problems, folder)
    if not examined.loaded:
        raise typer.Exit(EX_UNAVAILABLE if examined.servers_only else EX_CONFIG)


@dataclass(frozen=True)
class Examined:
    """Everything that was found, and the site when nothing is wrong with it."""

    problems: tuple[Problem, ...]
    loaded: Loaded | None

    @property
    def servers_only(self) -> bool:
        """Whether the folder is right and only servers are not to be reached."""
        return all(problem.check.startswith("online.") for problem in self.problems if not problem.warning)


def examine(folder: Path, today: date, *, online: bool = False) -> Examined:
    """Return every problem of a site folder: the site by `today`, its rule tests, its passwords, its servers."""
    try:
        loaded = site.load(folder, today)
        found = [*unset_secrets(loaded)]
        known, allowed = loaded.warnings, loaded.allowed
    except SiteError as error:
        loaded, known, found, allowed = None, error.problems, [], ()
    for file in read_tests(folder):
        found += problems_of_tests(file, loaded.site if loaded else None)
        found += wrong_allows(file.allowed)
        allowed += file.allowed
    if online and loaded:
        from mailbot.cli.online import try_servers  # the mail libraries are loaded only when asked for

        found += try_servers(loaded)
    if loaded:
        # A comment on what looks beyond the folder can be judged only where it was looked.
        elsewhere = ("template.",) if online else ("template.", "online.")
        judged = [one for one in allowed if not one.check.startswith(elsewhere)]
        found += unused_allows(judged, [*found, *loaded.silenced], beyond=True)
    problems = site.in_order([*known, *silenced(found, allowed)])
    return Examined(problems, None if any(not problem.warning for problem in problems) else loaded)


def unset_secrets(loaded: Loaded) -> Iterator[Problem]:
    """Yield a warning for each password that cannot be read here; the daemon may run where it can."""
    seen: set[str] = set()
    for mailbox in loaded.settings.mailboxes.values():
        for path, reference in _secrets(mailbox):
            if reference is None or reference in seen:
                continue
            seen.add(reference)
            try:
                secret(reference, loaded.settings.folder)
            except MailbotError as error:
                place = loaded.places.get(("mailboxes", mailbox.key, *path), Position(site.MAIN))
                yield Problem("settings.secret", place, error.text, error.mend)


def _secrets(mailbox: MailboxSettings) -> Iterator[tuple[tuple[str, str], str | None]]:
    """Yield the place of each secret of a mailbox and where it lies."""
    yield ("imap", "password"), mailbox.imap.password
    yield ("smtp", "password"), mailbox.smtp.password
    if mailbox.oauth2 is not None:
        yield ("oauth2", "client_secret"), mailbox.oauth2.client_secret
        yield ("oauth2", "refresh_token"), f"file:{mailbox.oauth2.refresh_token}"


def write_schemas(folder: Path) -> None:
    """Write the JSON Schemas of all files of a site, over those of an earlier version."""
    from mailbot.schemas import schema_files

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in schema_files().items():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
            typer.echo(str(folder / name))
    except OSError as error:
        said = error.strerror or type(error).__name__
        text = Text(vi=f"không ghi được vào {folder}: {said}", en=f"cannot write to {folder}: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error


def list_checks(as_json: bool) -> None:
    """Print the table of all checks."""
    if as_json:
        listed = [
            {"check": name, "severity": str(one.severity), "text": {"vi": one.vi, "en": one.en}}
            for name, one in CHECKS.items()
        ]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, one in CHECKS.items():
        table.add_row(name, say(SEVERITIES[one.severity]), escape(say(Text(one.vi, one.en))))
    Console(highlight=False).print(table)


def report(
    problems: Sequence[Problem], folder: Path, as_json: bool, inventory: Mapping[str, int] | None = None
) -> None:
    """Print problems and, when the site checks, its inventory."""
    if as_json:
        listed = [as_dictionary(problem) for problem in problems]
        content = {"ok": inventory is not None, "inventory": inventory, "problems": listed}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    show(problems, folder, console)
    errors = sum(not problem.warning for problem in problems)
    if inventory is None:
        count = Text(vi=f"Cấu hình có {errors} lỗi.", en=f"The site has {errors} problem(s).")
        console.print(f"[bold red]{escape(say(count))}[/]")
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, count_of in inventory.items():
        table.add_row(str(count_of), say(INVENTORY[name]))
    console.print(table)
    console.print(f"[bold green]{say(Text(vi='Cấu hình hợp lệ.', en='The site is in order.'))}[/]")
