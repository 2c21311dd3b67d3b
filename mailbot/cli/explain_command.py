"""`mailbot explain FILE`: how a mail is read, which rule takes it and why, whom it reaches, every mail that follows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli.listing import EX_NOINPUT, print_json
from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text
from mailbot.reporting import status_table as words

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.routing.model import Site

    Story = dict[str, Any]

WHEN = {
    "at_once": Text("ngay", "at once"),
    "after_the_word": Text("sau khi đồng ý", "after the approval"),
    "while_nobody_answers": Text("nếu không ai trả lời", "if nobody answers"),
}
MATCHED, NOT_MATCHED, ALMOST = "[green]✓[/]", "[red]✗[/]", "[yellow]≈[/]"


def explain(
    file: Annotated[Path, typer.Argument(help="A mail as an .eml file.")],
    folder: SiteOption = Path(),
    at: Annotated[
        datetime | None,
        typer.Option("--at", help="As if it came then (office time); by default at the time of its own Date."),
    ] = None,
    mailbox: Annotated[str | None, typer.Option("--mailbox", help="Into which mailbox; the first by default.")] = None,
    verbose: Annotated[
        int,
        typer.Option("-v", count=True, help="-v: every rule tried; -vv: every condition; -vvv: all read, all mails."),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Show what would be done with a mail and why; nothing is sent or stored / giải thích cách xử lý."""
    from mailbot.service.explaining import explain_mail
    from mailbot.site import load

    site = load(folder.absolute()).site
    moment = at.replace(tzinfo=site.office.working_time.zone) if at is not None else None
    found = explain_mail(mail_bytes(file), site, mailbox_named(site, mailbox), datetime.now(UTC), moment)
    story = found.to_json(str(file))
    if as_json:
        print_json(story)
        return
    for part in PARTS:
        part(story, verbose, Console(highlight=False, soft_wrap=True))


def mailbox_named(site: Site, wanted: str | None) -> str:
    """Return the key of the mailbox that a person names, or of the first one; say which there are if there is none."""
    if wanted is None or wanted in site.mailboxes:
        return wanted or next(iter(site.mailboxes))
    known = ", ".join(site.mailboxes)
    text = Text(vi=f"Không có hộp thư “{wanted}”; có: {known}", en=f'No mailbox "{wanted}"; there are: {known}')
    raise MailbotError(text, exit_code=EX_NOINPUT)


def mail_bytes(file: Path) -> bytes:
    """Return the bytes of a mail in a file, or say why it cannot be opened."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise MailbotError(
            Text(vi=f"Không mở được {file}: {error.strerror}", en=f"{file} cannot be opened: {error.strerror}"),
            exit_code=EX_NOINPUT,
        ) from error


def _reading(story: Story, verbose: int, console: Console) -> None:
    reading = story["reading"]
    kind = say(words.word(words.KIND, reading["kind"]))
    console.print(f"[bold]{say(Text(vi='Hiểu là', en='Read as'))}:[/] {kind}")
    for document in reading["documents"]:
        known = (document["number"], document["type"], document["issued_on"], document["summary"])
        console.print("  " + escape(" · ".join(str(value or "?") for value in known)))
    for deadline in reading["deadlines"]:
        line = f"{say(Text(vi='thời hạn', en='deadline'))}: {deadline['due']} ({deadline['text']})"
        console.print("  " + escape(line))
    for code in reading["review"]:
        console.print(f"  [yellow]{escape(code)}[/]")
    if verbose >= 3:
        for key, value in reading.items():
            if value not in (None, [], {}):
                console.print(f"  [dim]{escape(key)}: {escape(str(value))}[/]")
    console.print(f"[dim]{say(Text(vi='Như thể thư đến lúc', en='As if it came at'))} {story['at']}[/]")


def _rules(story: Story, verbose: int, console: Console) -> None:
    """The rule that took it, and those that came near; all of them with -v, all their conditions with -vv."""
    for rule in story["rules"]:
        if not (rule["matched"] or rule["near_miss"] or verbose >= 1):
            continue
        sign = MATCHED if rule["matched"] else ALMOST if rule["near_miss"] else NOT_MATCHED
        title = escape(f"{rule['rule']}: {rule['title']}")
        console.print(f"{sign} {title}  [dim]{escape(rule['position'])} #{rule['version'][:12]}[/]")
        failed = [one for one in rule["conditions"] if not one["held"]]
        for one in rule["conditions"] if verbose >= 2 else failed[:1]:
            wanted, saw = say(Text("cần", "wanted")), say(Text("thấy", "saw"))
            line = escape(f"{one['name']}: {wanted} {one['wanted']}; {saw} {one['saw']}")
            console.print(f"    {MATCHED if one['held'] else NOT_MATCHED} {line}")


def _decision(story: Story, _verbose: int, console: Console) -> None:
    reasons = escape("; ".join(story["reasons"]))
    console.print(f"[bold]{say(Text(vi='Quyết định', en='Decision'))}:[/] {story['outcome']} - {reasons}")
    for line in story["held"]:
        console.print(f"  {say(Text(vi='chờ xử lý', en='held'))}: {escape(line)}")


def _units(story: Story, _verbose: int, console: Console) -> None:
    """Units that are there for the same reason, with the same question and deadline, stand in one line."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for unit in story["units"]:
        key = (unit["reason"], unit["channel"], unit["ask"], str(unit["due"] or ""), unit["due_because"])
        alike.setdefault(key, []).append(unit["unit"])
    if alike:
        console.print(f"[bold]{say(Text('Đơn vị nhận', 'Units'))}[/] ({len(story['units'])})")
    for (reason, channel, ask, due, because), units in alike.items():
        limit = f", {say(Text('hạn', 'due'))} {due} ({because})" if due else ""
        console.print(f"  [bold]{escape(', '.join(units))}[/]  [dim]{escape(f'{channel}, {ask}{limit}')}[/]")
        console.print(f"      {say(Text('vì', 'because'))} {escape(reason)}")
    for unit in story["units"]:
        if unit["withheld"]:
            says = say(Text("không gửi hộp thư công cộng", "not to the public mailbox"))
            console.print(f"  {escape(unit['unit'])}: {says} {escape(', '.join(unit['withheld']))}")
    for unit in story["excluded"]:
        console.print(f"  {say(Text(vi='không gửi', en='left out'))}: {escape(unit)}")
    for line in story["unknown_lines"]:
        console.print(f"  {say(Text(vi='không rõ là ai', en='names nobody known'))}: {escape(line)}")


def _mails(story: Story, verbose: int, console: Console) -> None:
    """Mails of one moment and one kind stand in one line; each with its text at -vvv."""
    alike: dict[tuple[str, str, str, str], list[Story]] = {}
    for mail in story["mails"]:
        alike.setdefault((mail["at"], mail["when"], mail["template"], mail["because"]), []).append(mail)
    if alike:
        console.print(f"[bold]{say(Text('Thư sẽ gửi', 'Mails that would go out'))}[/] ({len(story['mails'])})")
    for (at, when, template, because), mails in alike.items():
        to = ", ".join(", ".join(mail["units"]) or mail["to"] for mail in mails)
        why = escape(because or say(WHEN[when]))
        console.print(f"  {datetime.fromisoformat(at):%d/%m/%Y %H:%M} [bold]{escape(template)}[/] → {escape(to)}")
        console.print(f"      {escape(mails[0]['subject'])}  [dim]{why}[/]")
    for mail in story["mails"] if verbose >= 3 else ():
        console.rule(escape(f"{mail['to']}: {mail['subject']}"), align="left")
        console.print(escape(mail["text"]))


PARTS: tuple[Callable[[Story, int, Console], None], ...] = (_reading, _rules, _decision, _units, _mails)
