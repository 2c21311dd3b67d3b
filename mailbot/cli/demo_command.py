"""`mailbot demo`: an office that lives for a minute, on embedded servers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.site_commands import JsonOption


def demo(
    as_json: JsonOption = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the servers and print the accounts / giữ máy chủ.")
    ] = False,
    site: Annotated[
        Path | None, typer.Option("--site", help="Leave the office's site here / để lại thư mục cấu hình.")
    ] = None,
) -> None:
    """Show the main job on embedded mail servers, by itself, in under a minute / trình diễn."""
    from mailbot.demo.play import play

    raise typer.Exit(play(as_json=as_json, keep=keep, site=site))
