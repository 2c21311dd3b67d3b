"""Folders and files for their owner alone, whatever the umask of whoever starts mailbot by hand says."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDER, FILE = 0o700, 0o600
_OTHERS = 0o077


def make_folder(path: Path) -> None:
    """Make a folder, with those above it that are missing, unless it is there; raises OSError."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=FOLDER, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file unless there is one; raises OSError."""
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE))


def tighten(path: Path) -> None:
    """Take from others what an earlier version, or a copy, has given them of a folder or file that is ours."""
    with contextlib.suppress(OSError):  # not there, or somebody else's: its owner has decided
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
