"""`mailbot templates list|preview|check|copy`: the mails of an office, looked at before anybody gets one."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from mailbot import shipped
from mailbot.allowing import silenced, unused_allows
from mailbot.cli.explain_command import mail_bytes, mailbox_named
from mailbot.cli.listing import print_json
from mailbot.cli.problems_shown import as_dictionary, show
from mailbot.cli.site_commands import EX_CANTCREAT, EX_CONFIG, JsonOption, SiteOption, say
from mailbot.problems import MailbotError, SiteError, Text
from mailbot.template_source import difference, stamped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mailbot.problems import Problem
    from mailbot.routing.model import Site

EX_USAGE = 64
FOLDER = "templates"
SHIPPED = Text("có sẵn", "shipped")
CHANGED = Text("cơ quan sửa", "changed by the office")
OWN = Text("riêng", "the office's own")


class Form(StrEnum):
    """How a mail is shown."""

    PAGE = "page"
    EML = "eml"
    TEXT = "text"


# --- list -----------------------------------------------------------------------------------------------------------


def list_templates(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """List the mails: what each is for, whether the office changed it, which values it may use."""
    from mailbot.rendering.letters import Letters
    from mailbot.rendering.samples import sample

    site = _site(folder)
    own, given = own_files(folder), _shipped_files()
    rows = []
    for name in Letters(site.templates).names():
        found = sample(name)
        rows.append((name, found.about, _whose(name, own, given), sorted(found.values)))
    if as_json:
        keys = ("template", "about", "whose", "values")
        print_json([dict(zip(keys, (row[0], row[1].en, row[2].en, row[3]), strict=True)) for row in rows])
        return
    console = Console(highlight=False)
    for name, about, whose, values in rows:
        console.print(f"[bold]{escape(name)}[/]  {escape(say(about))}  [dim]({escape(say(whose))})[/]")
        console.print(Padding(escape(", ".join(values)), (0, 0, 0, 4)))


def _whose(name: str, own: frozenset[str], given: dict[str, str]) -> Text:
    if not any(file.startswith(f"{name}.") for file in given):
        return OWN
    return CHANGED if any(file.startswith(f"{name}.") for file in own) else SHIPPED


def own_files(folder: Path) -> frozenset[str]:
    """Return the names of the templates that lie in the site's own folder."""
    root = folder / FOLDER
    return frozenset(path.relative_to(root).as_posix() for path in root.rglob("*.j2") if path.is_file())


def _shipped_files() -> dict[str, str]:
    root = shipped.folder(FOLDER)
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(root.rglob("*.j2"))}


def _site(folder: Path) -> Site:
    from mailbot.site import load

    return load(folder.absolute()).site


# --- preview --------------------------------------------------------------------------------------------------------


def preview(
    name: Annotated[str, typer.Argument(help="Which mail, as `templates list` names it / tên mẫu.")],
    folder: SiteOption = Path(),
    mail: Annotated[
        Path | None, typer.Option("--mail", help="An .eml that came in; what follows from it is shown.")
    ] = None,
    at: Annotated[datetime | None, typer.Option("--at", help="As if it came then (office time).")] = None,
    mailbox: Annotated[str | None, typer.Option("--mailbox", help="Into which mailbox; the first by default.")] = None,
    case: Annotated[str, typer.Option("--case", help="Sample values: full, bare, one, many, long, ask=…")] = "full",
    form: Annotated[Form, typer.Option("--as", help="As a page, as .eml, or as plain text.")] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
) -> None:
    """Show one mail as it would go out; nothing is sent or stored / xem trước một thư."""
    from mailbot.service.previewing import preview_mail, preview_sample

    site = _site(folder)
    now = datetime.now(UTC)
    if mail is None:
        found = preview_sample(site, name, case, now)
    else:
        moment = at.replace(tzinfo=site.office.working_time.zone) if at is not None else None
        found = preview_mail(site, name, mail_bytes(mail), mailbox_named(site, mailbox), now, moment)
    letter = found.letter
    content = {
        Form.PAGE: letter.html.encode(),
        Form.EML: found.eml,
        Form.TEXT: f"{letter.subject}\n\n{letter.text}".encode(),
    }[form]
    _write(content, output)


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        text = Text(vi=f"Không ghi được {output}: {error.strerror}", en=f"{output} cannot be written: {error.strerror}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error


# --- check ----------------------------------------------------------------------------------------------------------


def check(
    folder: SiteOption = Path(),
    verbose: Annotated[bool, typer.Option("-v", help="Also what outdated copies lack / khác biệt mẫu cũ.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Render every mail with samples of every case and read it: unknown values, what reads badly, outdated copies."""
    problems = list(problems_of_templates(folder))
    wrong = any(not problem.warning for problem in problems)
    if as_json:
        print_json({"ok": not wrong, "problems": [as_dictionary(problem) for problem in problems]})
    else:
        console = Console(highlight=False, soft_wrap=True)
        show(problems, folder, console)
        if verbose:
            show_differences(problems, folder)
        errors = sum(not problem.warning for problem in problems)
        count = Text(
            vi=f"Mẫu thư: {errors} lỗi, {len(problems) - errors} điều nên xem.",
            en=f"Templates: {errors} problem(s), {len(problems) - errors} warning(s).",
        )
        console.print(escape(say(count)))
    if wrong:
        raise typer.Exit(EX_CONFIG)


def problems_of_templates(folder: Path) -> Iterator[Problem]:
    """Yield what the site's own check says of templates, and, where it loads, what its mails are like."""
    from mailbot.site import load
    from mailbot.template_checks import letter_problems

    try:
        loaded = load(folder.absolute())
    except SiteError as error:
        mine = [problem for problem in error.problems if problem.check.startswith("template.")]
        if not mine:
            raise
        yield from mine
        return
    yield from (problem for problem in loaded.warnings if problem.check.startswith("template."))
    found = list(letter_problems(loaded.site, own_files(folder)))
    yield from silenced(found, loaded.allowed)
    judged = [allow for allow in loaded.allowed if allow.check.startswith("template.")]
    yield from unused_allows(judged, found, beyond=True)


def show_differences(problems: Sequence[Problem], folder: Path) -> None:
    """Print what each outdated copy would have to take over, as a unified diff."""
    given = _shipped_files()
    for problem in problems:
        if problem.check != "template.outdated":
            continue
        name = problem.position.file.removeprefix(f"{FOLDER}/")
        typer.echo(difference((folder / problem.position.file).read_text("utf-8"), given[name], name))


# --- copy -----------------------------------------------------------------------------------------------------------


def copy(
    names: Annotated[list[str], typer.Argument(help="Which mails / tên mẫu; also `page`, `_signature`.")],
    folder: SiteOption = Path(),
) -> None:
    """Copy shipped templates into the site, to be changed there; nothing that is there is overwritten."""
    given = _shipped_files()
    files: dict[str, str] = {}
    for name in names:
        found = {file: source for file, source in given.items() if re.match(rf"{re.escape(name)}\.", file)}
        if not found:
            known = ", ".join(sorted({file.partition(".")[0] for file in given}))
            text = Text(vi=f"Không có mẫu “{name}”; có: {known}", en=f'No template "{name}"; there are: {known}')
            raise MailbotError(text, exit_code=EX_USAGE)
        files |= found
    for path in _copied(files, folder):
        typer.echo(str(path))


def _copied(files: dict[str, Any], folder: Path) -> Iterable[Path]:
    targets = {folder / FOLDER / name: source for name, source in files.items()}
    there = next((path for path in targets if path.exists()), None)
    if there is not None:
        text = Text(vi=f"{there} đã có, không ghi đè", en=f"{there} is there already, nothing is overwritten")
        raise MailbotError(text, exit_code=EX_CANTCREAT)
    try:
        for path, source in targets.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(stamped(source), encoding="utf-8", newline="\n")
            yield path
    except OSError as error:
        text = Text(
            vi=f"Không ghi được vào {folder}: {error.strerror}", en=f"cannot write to {folder}: {error.strerror}"
        )
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
