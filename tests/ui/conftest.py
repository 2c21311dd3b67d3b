"""Tells at the end where the pictures lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SHOTS = Path(os.environ.get("MAILBOT_SCREENSHOTS", "build/screenshots")).absolute()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran = terminalreporter.stats.get("passed") or terminalreporter.stats.get("failed")
    if ran and SHOTS.is_dir():
        terminalreporter.write_line(f"screenshots: {SHOTS}")
