"""Where the shipped example office and mail templates lie, in a wheel as in an editable install."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """Return the folder `rules`, `templates`, `schemas` or `docs` that came with this installation."""
    package = Path(__file__).parent
    in_wheel = package / "shipped" / name
    return in_wheel if in_wheel.is_dir() else package.parent / name
