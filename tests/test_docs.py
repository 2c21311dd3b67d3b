"""Documents that lie fail: every module, command and template is told where people look for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailbot.cli.main import app
from mailbot.routing.plans import Purpose

ROOT = Path(__file__).parent.parent
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
MODULES = sorted(
    str(path.relative_to(ROOT / "mailbot"))
    for path in (ROOT / "mailbot").rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py") and not {"migrations", "demo", "shipped"} & set(path.parts)
)


def rooms() -> dict[str, set[str]]:
    """The modules that the page names, by room; those beside the rooms stand under the empty name."""
    found: dict[str, set[str]] = {}
    room = ""
    for line in ARCHITECTURE.splitlines():
        if line.startswith("#"):
            heading = re.match(r"### `(\w+)/`", line)
            room = heading[1] if heading else ""
        found.setdefault(room, set()).update(re.findall(r"`(\w+\.py)`", line))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_architecture_names_every_module(module: str) -> None:
    folder, _, name = module.rpartition("/")
    assert name in rooms()[folder], f"{module} is not in docs/architecture.md"


def test_architecture_names_no_module_that_is_gone() -> None:
    named = {f"{room}/{name}" for room, names in rooms().items() if room for name in names}
    assert [name for name in sorted(named) if not (ROOT / "mailbot" / name).exists()] == []


def test_readme_names_every_command() -> None:
    commands = [command.callback.__name__ for command in app.registered_commands if command.callback]
    groups = [
        f"{group.name} {command.name or command.callback.__name__}"
        for group in app.registered_groups
        if group.typer_instance is not None
        for command in group.typer_instance.registered_commands
        if command.callback
    ]
    missing = [name for name in (*commands, *groups) if f"`mailbot {name}" not in README]
    assert not missing


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_kind_of_mail_has_a_shipped_template(purpose: Purpose) -> None:
    assert (ROOT / "templates" / f"{purpose}.txt.j2").exists()
    assert (ROOT / "templates" / f"{purpose}.subject.j2").exists()
