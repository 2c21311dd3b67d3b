"""Writes docs/checks.md, every check with an example, from mailbot/checks.py and the broken offices of the tests.

`python -m tools.checks` from the root of the checkout; a test fails when the page is not what this would write. With
`--expected` it first writes what `mailbot check` now says of each broken office: look at the difference before it is
committed.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import groupby
from pathlib import Path

from mailbot.checks import CHECKS
from tests import broken_sites

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
HEAD = """# What `mailbot check` looks at

Written by `python -m tools.checks` from `mailbot/checks.py` and the broken offices in `tests/broken/`, each held by a
test; `mailbot check --list` prints the same table. An *error* keeps a site from coming into force. A *warning* tells of
what is allowed and often a slip; a comment at the end of the line, or alone on the line above, silences it there:

```yaml
mail: [chung@example.org]   # mailbot: allow directory.shared_address
```

Several ids are parted by commas. Errors cannot be silenced. A comment that silences nothing is told as a warning, too.
In templates the comment is `{# mailbot: allow template.unused #}`.
"""
FAMILIES = {
    "file": "Files",
    "site": "Files",
    "yaml": "The form of YAML",
    "value": "Values",
    "unknown": "Names that nothing bears",
    "settings": "mailbot.yaml",
    "calendar": "mailbot.yaml",
    "online": "Servers (`--online`)",
    "directory": "The directory",
    "rule": "Rules",
    "ladder": "Ladders",
    "template": "Mail templates",
    "test": "Rule tests",
    "check": "Comments that silence",
}


def page() -> str:
    """Return the page's text as it must lie in docs/."""
    parts = [HEAD]
    for family, names in groupby(CHECKS, lambda name: FAMILIES[name.partition(".")[0]]):
        parts.append(f"## {family}\n")
        for name in names:
            check = CHECKS[name]
            english, vietnamese = (broken_sites.CASES / name / broken_sites.EXPECTED).read_text("utf-8").split("\n\n")
            parts.append(f"### `{name}`\n\n{check.severity}: {check.en}. *{check.vi}.*\n")
            parts.append(f"```text\n{english.rstrip()}\n\n{vietnamese.rstrip()}\n```\n")
    return "\n".join(parts)


def write_expected() -> None:
    """Write what `mailbot check` says now of each broken office."""
    with tempfile.TemporaryDirectory() as name:
        example = broken_sites.example(Path(name) / "example")
        for check in broken_sites.names():
            folder = broken_sites.broken(check, example, Path(name) / check)
            said = broken_sites.shown(broken_sites.examined(check, folder), folder)
            (broken_sites.CASES / check / broken_sites.EXPECTED).write_text(said, "utf-8")


if __name__ == "__main__":
    if "--expected" in sys.argv:
        write_expected()
    PAGE.write_text(page(), "utf-8")
