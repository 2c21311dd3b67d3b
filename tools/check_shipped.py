"""Checks that the shipped example office loads without a problem, as `mailbot init` would write it."""

import sys
import tempfile
from pathlib import Path

from mailbot.cli.site_commands import example_files, write_site
from mailbot.problems import SiteError
from mailbot.site import load

with tempfile.TemporaryDirectory() as folder:
    target = Path(folder) / "office"
    write_site(target, example_files({}, templates=True))
    try:
        load(target)
    except SiteError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem.position}: {problem.text.en}\n")
        sys.exit(1)
