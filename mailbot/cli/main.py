"""The `mailbot` command: registers the commands of this folder's modules."""

from __future__ import annotations

import typer

from mailbot.cli import parse

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(parse.parse)


@app.callback()
def office() -> None:
    """The mail work of a committee office."""


def main() -> None:
    """Run the command line."""
    app()
