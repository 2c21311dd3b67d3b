"""One broken office for each check: the example office, changed as tests/broken/CHECK/case.yaml says."""

from __future__ import annotations

import io
import os
import re
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import yaml
from rich.console import Console

from mailbot.cli.check_command import Examined, examine
from mailbot.cli.problems_shown import show
from mailbot.cli.site_commands import example_files, write_site
from mailbot.cli.template_commands import problems_of_templates
from mailbot.site import load

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = Path(__file__).parent / "broken"
TODAY = date(2026, 10, 6)
EXPECTED = "expected.txt"


def names() -> list[str]:
    """Return the checks that have a broken example."""
    return sorted(path.name for path in CASES.iterdir() if path.is_dir())


def case(name: str) -> Mapping[str, Any]:
    """Return how the example office is broken for a check."""
    return yaml.safe_load((CASES / name / "case.yaml").read_text("utf-8"))  # type: ignore[no-any-return]


def example(folder: Path) -> Path:
    """Write the example office."""
    write_site(folder, example_files({}, templates=False))
    return folder


def broken(name: str, example_office: Path, folder: Path) -> Path:
    """Write the example office into a new folder, broken as the case says."""
    shutil.copytree(example_office, folder)
    how = case(name)
    for change in how.get("change", ()):
        path = folder / change["file"]
        text = path.read_text("utf-8")
        assert change["from"] in text, f"{name}: {change['from']}"
        path.write_text(text.replace(change["from"], change["to"], 1), "utf-8")
    for file, text in how.get("put", {}).items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, "utf-8")
    for file, digits in how.get("bytes", {}).items():
        (folder / file).write_bytes(bytes.fromhex(digits))
    for file, size in how.get("size", {}).items():
        (folder / file).touch()
        os.truncate(folder / file, size)
    for file in how.get("folders", ()):
        (folder / file).mkdir()
    for file in how.get("remove", ()):
        (folder / file).unlink()
    return folder


def examined(name: str, folder: Path) -> Examined:
    """Return what `mailbot check` finds in a broken office on the day of the tests, or `mailbot templates check`."""
    if case(name).get("templates"):
        problems = tuple(problems_of_templates(folder))
        return Examined(problems, None if any(not problem.warning for problem in problems) else load(folder))
    with mock.patch.dict(os.environ, {"MAILBOT_PASSWORD": "x"}):
        return examine(folder, TODAY, online=case(name).get("online", False))


def shown(found: Examined, folder: Path) -> str:
    """Return what `mailbot check` prints of it, in both languages."""
    parts = []
    for language in ("en", "vi"):
        console = Console(file=io.StringIO(), highlight=False, soft_wrap=True)
        with mock.patch.dict(os.environ, {"LC_ALL": f"{language}.UTF-8"}):
            show(found.problems, folder, console)
        parts.append(console.file.getvalue())  # type: ignore[attr-defined]
    said = "\n".join("".join(f"{line.rstrip()}\n" for line in part.splitlines()) for part in parts)
    # The hash of a shipped template changes whenever its words do.
    return re.sub(r"# shipped [0-9a-f]{12}", "# shipped 000000000000", said)
