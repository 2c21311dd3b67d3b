"""`mailbot init` writes an example office; what every command shares: the site option, words, failing."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from mailbot import shipped, site, yaml_source
from mailbot.cli.language import language
from mailbot.problems import MailbotError, Text
from mailbot.template_source import stamped
from mailbot.yaml_values import address as address_of

if TYPE_CHECKING:
    from collections.abc import Mapping


EX_CANTCREAT = 73
EX_CONFIG = 78

SiteOption = Annotated[
    Path, typer.Option("-C", "--site", envvar="MAILBOT_SITE", help="The site folder / thư mục cấu hình.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON / in ra JSON.")]


def say(text: Text) -> str:
    """Return a text in the language of the command line."""
    return text.for_locale(language())


def fail(error: MailbotError) -> NoReturn:
    """Print what is wrong and how to mend it on stderr, and leave with its exit code."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]{escape(say(error.text))}[/]")
    if error.mend is not None:
        console.print(f"  {escape(say(error.mend))}")
    raise typer.Exit(error.exit_code)


# --- init -----------------------------------------------------------------------------------------------------------

# New values of a file, by their path in it.
Changes = dict[tuple[str | int, ...], str]
SAFE_SCALAR = re.compile(r"[\w.@+/-]+(?::[\w./-]+)?")
SERVER = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\])(?::(?P<port>\d{1,5}))?")
# What people of the office read; it lies beside the site that it speaks of.
GUIDE = "huong-dan.md"
TLS_OF_PORT = {"993": "implicit", "465": "implicit"}


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to write / thư mục sẽ tạo.")],
    address: Annotated[str | None, typer.Option(help="Address of the office's mailbox / địa chỉ hộp thư.")] = None,
    imap: Annotated[str | None, typer.Option(help="IMAP server, host[:port] / máy chủ nhận thư.")] = None,
    smtp: Annotated[str | None, typer.Option(help="SMTP server, host[:port] / máy chủ gửi thư.")] = None,
    user: Annotated[str | None, typer.Option(help="Login name; default: the address / tên đăng nhập.")] = None,
    password_env: Annotated[
        str | None, typer.Option(help="Environment variable with the password / biến môi trường chứa mật khẩu.")
    ] = None,
    clerk: Annotated[str | None, typer.Option(help="Address of the clerk / địa chỉ của văn thư.")] = None,
    templates: Annotated[bool, typer.Option(help="Copy the mail templates too / chép cả mẫu thư để sửa.")] = False,
) -> None:
    """Write the example office into a new folder; it checks at once and runs in shadow."""
    given = {"address": address, "imap": imap, "smtp": smtp, "user": user, "password_env": password_env, "clerk": clerk}
    try:
        files = example_files(asked(given), templates)
        write_site(folder, files)
    except MailbotError as error:
        fail(error)
    console = Console(highlight=False, soft_wrap=True)
    variable = given["password_env"] or "MAILBOT_PASSWORD"
    written = Text(vi=f"Đã tạo cấu hình mẫu trong {folder}.", en=f"An example site was written to {folder}.")
    following = Text(
        vi=f"Tiếp theo: export {variable}=…; sửa rules/directory.yaml; mailbot check -C {folder}",
        en=f"Next: export {variable}=…; edit rules/directory.yaml; mailbot check -C {folder}",
    )
    guide = Text(
        vi=f"Hướng dẫn cho chi bộ, văn thư, lãnh đạo, quản trị: {folder / GUIDE}",
        en=f"The guide for cells, clerk, leaders and admin, in Vietnamese: {folder / GUIDE}",
    )
    console.print(f"[bold green]{escape(say(written))}[/]\n{escape(say(following))}\n{escape(say(guide))}")


QUESTIONS = {
    "address": Text(vi="Địa chỉ hộp thư của cơ quan", en="Address of the office's mailbox"),
    "imap": Text(vi="Máy chủ IMAP (host[:cổng])", en="IMAP server (host[:port])"),
    "smtp": Text(vi="Máy chủ SMTP (host[:cổng])", en="SMTP server (host[:port])"),
    "clerk": Text(vi="Địa chỉ của văn thư", en="Address of the clerk"),
}


def asked(given: dict[str, str | None]) -> dict[str, str]:
    """Ask a person at a terminal for what no option said; an empty answer keeps the example's value."""
    answers = {name: value for name, value in given.items() if value}
    if answers or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return answers
    for name, question in QUESTIONS.items():
        answer = typer.prompt(say(question), default="", show_default=False).strip()
        if answer:
            answers[name] = answer
    return answers


def example_files(answers: Mapping[str, str], templates: bool) -> dict[str, str]:
    """Return the files of a new site by name: the shipped example with the answers in their places."""
    rules = shipped.folder("rules")
    files = {}
    for path in sorted(rules.rglob("*.yaml")):
        name = path.relative_to(rules).as_posix()
        files[name if name == site.MAIN else f"rules/{name}"] = path.read_text(encoding="utf-8")
    files[GUIDE] = (shipped.folder("docs") / GUIDE).read_text(encoding="utf-8")
    # The site's own file stands one folder higher than the shipped one.
    files[site.MAIN] = files[site.MAIN].replace("$schema=../", "$schema=", 1)
    for path in sorted(shipped.folder("schemas").glob("*.json")):
        files[f"schemas/{path.name}"] = path.read_text(encoding="utf-8")
    if templates:
        shipped_templates = shipped.folder("templates")
        for path in sorted(shipped_templates.rglob("*.j2")):
            name = path.relative_to(shipped_templates).as_posix()
            files[f"templates/{name}"] = stamped(path.read_text(encoding="utf-8"))
    files[site.MAIN] = replaced(files[site.MAIN], main_changes(answers))
    directory = f"rules/{site.DIRECTORY}"
    if "clerk" in answers:
        checked_address(answers["clerk"])
        # Whoever tries mailbot out is clerk and admin at once: in shadow every mail comes here.
        changes: Changes = {("roles", role, 0): answers["clerk"] for role in ("van-thu", "quan-tri")}
        files[directory] = replaced(files[directory], changes)
    return files


def main_changes(answers: Mapping[str, str]) -> Changes:
    """Return which values of mailbot.yaml the answers change."""
    mailbox = ("mailboxes", "van-phong")
    changes: Changes = {}
    if "address" in answers:
        changes[*mailbox, "address"] = checked_address(answers["address"])
    user = answers.get("user", answers.get("address"))
    for name in ("imap", "smtp"):
        if user:
            changes[*mailbox, name, "user"] = user
        if "password_env" in answers:
            changes[*mailbox, name, "password"] = f"env:{answers['password_env']}"
        if name not in answers:
            continue
        found = SERVER.fullmatch(answers[name])
        if found is None:
            text = Text(vi=f"“{answers[name]}” không phải máy chủ", en=f'"{answers[name]}" is no server')
            raise MailbotError(
                text, mend=Text(vi="viết host hoặc host:cổng", en="write host or host:port"), exit_code=64
            )
        changes[*mailbox, name, "host"] = found["host"]
        if found["port"]:
            changes[*mailbox, name, "port"] = found["port"]
            changes[*mailbox, name, "tls"] = TLS_OF_PORT.get(found["port"], "starttls")
    return changes


def checked_address(value: str) -> str:
    """Return a mail address, or say that it is none."""
    try:
        return address_of(value)
    except ValueError as error:
        text = Text(vi=f"“{value}” không phải địa chỉ thư", en=f'"{value}" is no mail address')
        raise MailbotError(text, exit_code=64) from error


def replaced(source: str, changes: Changes) -> str:
    """Put new values in the places of old ones, leaving comments and layout as they are."""
    document = yaml_source.parse(source, site.MAIN)
    lines = source.splitlines(keepends=True)
    placed = sorted(
        ((document.values[path], path, new) for path, new in changes.items()), key=lambda one: -one[0].column
    )
    for position, path, new in placed:  # from right to left, so that columns to the left stay true
        old = document.data
        for part in path:
            old = old[part]
        line = lines[position.line - 1]
        start = position.column - 1
        written = new if SAFE_SCALAR.fullmatch(new) else json.dumps(new, ensure_ascii=False)
        lines[position.line - 1] = line[:start] + written + line[start + len(old) :]
    return "".join(lines)


def write_site(folder: Path, files: Mapping[str, str]) -> None:
    """Write a new site; nothing that is there already is overwritten."""
    existing = next((name for name in (site.MAIN, *files) if os.path.lexists(folder / name)), None)
    if existing is not None:
        raise MailbotError(
            Text(
                vi=f"{folder} đã có {existing}, không ghi đè",
                en=f"{folder} has {existing} already, nothing is overwritten",
            ),
            mend=Text(vi="chọn một thư mục mới", en="choose a new folder"),
            exit_code=EX_CANTCREAT,
        )
    try:
        for name in ("rules/tests", "schemas", "templates", "var"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        # The ledger and the archive hold the office's mail.
        (folder / "var").chmod(0o700)
        for name, content in files.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(content)
    except OSError as error:
        said = error.strerror or type(error).__name__
        text = Text(vi=f"không ghi được vào {folder}: {said}", en=f"cannot write to {folder}: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
