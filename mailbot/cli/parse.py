"""`mailbot parse`: prints what is understood of mails in files, as JSON Lines or as a short summary."""

from __future__ import annotations

import json as json_module
import os
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.reading import ReadingContext
from mailbot.service.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailbot.reading import Reading

# Each holds its libraries in memory; more of them help nobody who waits at a terminal.
MOST_READERS = 4
_FILES = typer.Argument(help="Mails as .eml files.")
_JSON = typer.Option("--json", help="One JSON object a line.")
_SITE = typer.Option("--site", help="The site whose addresses, servers and calendar count.")


def parse(
    files: Annotated[list[Path], _FILES],
    json: Annotated[bool, _JSON] = False,
    site: Annotated[Path | None, _SITE] = None,
) -> None:
    """Read mails from files and print what was understood. Nothing is sent, stored or changed."""
    context = _context(site)
    failed: list[Path] = []
    readers = Readers(min(len(files), MOST_READERS, os.cpu_count() or 1))
    try:
        for file, reading in readers.in_order(_opened(files, failed), context):
            if json:
                typer.echo(json_module.dumps(reading.to_json(str(file)), ensure_ascii=False))
            else:
                _summary(str(file), reading)
    finally:
        readers.close(wait=False)
    if failed:
        raise typer.Exit(1)


def _opened(files: Iterable[Path], failed: list[Path]) -> Iterator[tuple[Path, bytes]]:
    """Yield each file with its bytes; one that cannot be opened is told at once and noted in `failed`."""
    for file in files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            failed.append(file)
            typer.echo(f"{file}: {error.strerror or 'cannot be opened'}", err=True)
            continue
        yield file, raw


def _context(site: Path | None) -> ReadingContext:
    """The context of a site, or that of no office in particular."""
    if site is None:
        return ReadingContext(frozenset())
    from mailbot.service.runtime import reading_context  # imported late: parsing alone needs no site
    from mailbot.site import load

    return reading_context(load(site).site)


def _summary(file: str, reading: Reading) -> None:
    """A few lines for people; text from mails is escaped, since `[khẩn]` is markup to rich."""
    console = Console(highlight=False)
    console.print(f"[bold]{escape(file)}[/]  {reading.kind}", soft_wrap=True)
    if reading.sender.address:
        console.print(f"  {escape(reading.sender.name or '')} <{escape(reading.sender.address)}>", soft_wrap=True)
    if reading.subject:
        console.print(f"  {escape(reading.subject)}", soft_wrap=True)
    for document in reading.documents:
        words = (document.number or "?", str(document.issued_on or ""), document.summary or "")
        console.print("  • " + escape("  ".join(word for word in words if word)), soft_wrap=True)
    for deadline in reading.deadlines:
        console.print(f"  ⏰ {deadline.due}  {escape(deadline.text)}", soft_wrap=True)
    if reading.meeting is not None:
        console.print(f"  {reading.meeting.change}: {reading.meeting.starts_at or '?'}", soft_wrap=True)
        console.print(f"  {escape(reading.meeting.place or '')}", soft_wrap=True)
    if reading.reply is not None:
        console.print(f"  {reading.reply.intent}: {escape(reading.reply.text)}", soft_wrap=True)
    for command in reading.commands:
        console.print(f"  {command.verb}: {escape(' '.join(command.arguments))}", soft_wrap=True)
    for code in reading.review:
        console.print(f"  [yellow]{escape(code)}[/]", soft_wrap=True)
