"""Problems of a site as a person sees them: place, sentence, the line with a caret, the mend; secrets starred."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.markup import escape

from mailbot.checks import CHECKS
from mailbot.cli.site_commands import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from mailbot.problems import Position, Problem

# How wide a shown line may be where no terminal says so.
WIDTH = 120
INDENT = "    "
# What is shown of a line that holds a secret itself, which it should not: what is written where it lies may be read.
SECRET_VALUE = re.compile(
    r"""\b(?:password|client_secret|refresh_token)["']?\s*:\s*(?!(?:env|file|credential):)"""
    r"""("[^"]*"?|'[^']*'?|[^,}\s#][^,}#]*)"""
)
SECRET_IN_URL = re.compile(r"://[^/@\s:]*:([^@\s]+)@")
STANDS_THERE = "settings.plain_password"
# What ends a line for YAML and for those who count lines in editors; other characters do not.
LINE_END = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")


def as_dictionary(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON shows it."""
    mend = problem.advice
    return {
        "check": problem.check,
        "severity": str(CHECKS[problem.check].severity),
        "file": problem.position.file,
        "line": problem.position.line,
        "column": problem.position.column,
        "text": {"vi": problem.text.vi, "en": problem.text.en},
        "mend": {"vi": mend.vi, "en": mend.en} if mend else None,
    }


# --- showing places -------------------------------------------------------------------------------------------------


@dataclass
class _Sources:
    """The lines of the files in which problems stand, each file read once."""

    folder: Path
    files: dict[str, list[str]] = field(default_factory=dict)

    def line(self, position: Position) -> str:
        """Return a line for showing; nothing when it cannot be read (that is the problem told)."""
        lines = self.files.get(position.file)
        if lines is None:
            try:
                lines = LINE_END.split((self.folder / position.file).read_text("utf-8-sig", errors="replace"))
            except OSError:
                lines = []
            self.files[position.file] = lines
        line = lines[position.line - 1] if 0 < position.line <= len(lines) else ""
        # Control characters (a tab, too) would move the cursor or the caret; each takes one cell.
        return without_secrets("".join(char if char.isprintable() else " " for char in line))


def without_secrets(line: str) -> str:
    """Return a line of a site with a star for each letter of a password in it: others read terminals and mails."""
    for found in (*SECRET_VALUE.finditer(line), *SECRET_IN_URL.finditer(line)):
        line = line[: found.start(1)] + "*" * len(found[1]) + line[found.end(1) :]
    return line


def show(problems: Sequence[Problem], folder: Path, console: Console) -> None:
    """Print problems: place, sentence and id; the line with a caret under the column; the mend."""
    sources = _Sources(folder)
    width = (console.width if console.is_terminal else WIDTH) - len(INDENT)
    for problem in problems:
        colour = "yellow" if problem.warning else "red"
        place, said = escape(str(problem.position)), escape(say(problem.text))
        console.print(f"[bold]{place}:[/] [{colour}]{said}[/] [dim]{escape(f'[{problem.check}]')}[/]")
        line = sources.line(problem.position)
        if problem.check == STANDS_THERE:  # it may stand on a line of its own, behind nothing that tells
            at = problem.position.column - 1
            line = line[:at] + re.sub(r"[^,}\s#]", "*", line[at:])
        if line.strip():
            shown, before = excerpt(line, problem.position.column, width)
            console.print(f"{INDENT}{escape(shown)}")
            console.print(f"{INDENT}{' ' * before}[{colour}]^[/]")
        if problem.advice is not None:
            console.print(f"{INDENT}{escape(say(problem.advice))}")


def excerpt(line: str, column: int, width: int) -> tuple[str, int]:
    """Return what is shown of a line in `width` cells, and the number of cells before the caret under `column`.

    Wide characters take two cells and combining marks none; of a longer line the part around the column is shown.
    """
    start, end = 0, len(line)
    # Two thirds of the width are kept for what stands before the place: it says in which entry one is.
    while cell_len(line[start : column - 1]) > width * 2 // 3:
        start += 1
    lead = "…" if start else ""
    while end > column and cell_len(lead + line[start:end]) > width - 1:
        end -= 1
    tail = "…" if end < len(line) else ""
    return lead + line[start:end] + tail, cell_len(lead + line[start : column - 1])
