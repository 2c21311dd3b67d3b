"""`mailbot reconcile`: whether everything that arrived, was planned and was numbered is accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import Text

EX_DATAERR = 65


def reconcile(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Compare mailboxes, journal, deliveries and books, and name what is missing / đối chiếu thư và sổ."""
    from mailbot.service import reconciling
    from mailbot.service.runtime import utc_now
    from mailbot.site import load
    from mailbot.store.database import Store

    settings = load(folder.absolute()).settings
    store = Store(settings.database)
    try:
        found = reconciling.reconcile(store, settings, utc_now())
        reconciling.remember(store, found)
    finally:
        store.close()
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        states = " + ".join(f"{count} {state}" for state, count in sorted(found.account.journal.items())) or "0"
        console.print(
            say(
                Text(
                    vi=f"Đã nhận {found.received} thư = {states}; đã đối chiếu {found.compared} thư trong các hộp thư.",
                    en=f"{found.received} mails received = {states}; {found.compared} on the servers were compared.",
                )
            )
        )
        if not found.findings:
            told = Text(vi="Không thiếu thư, văn bản, số nào.", en="Nothing is missing.")
            console.print(f"[bold green]{say(told)}[/]")
        for finding in found.findings:
            console.print(f"  [bold red]{escape(say(finding))}[/]")
    if found.findings:
        raise typer.Exit(EX_DATAERR)
