"""`mailbot demo`: an office that lives for a minute, on embedded servers."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.site_commands import JsonOption, example_files, replaced, say, write_site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailbot.demo.office import Changes


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

    raise typer.Exit(play(as_json, keep, site, write_office=_write_office, say=say))


def _write_office(folder: Path, changes: Mapping[str, Changes]) -> None:
    """Write the example office as `mailbot init` does, with the demo's own values in some places."""
    files = example_files({}, templates=False)
    for name, values in changes.items():
        files[name] = replaced(files[name], values)
    write_site(folder, files)
