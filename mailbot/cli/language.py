"""The language of the command line: Vietnamese or English, as the locale says."""

from __future__ import annotations

import os


def language() -> str:
    """Return `vi` when the locale of messages is Vietnamese, else `en` (POSIX: LC_ALL, then LC_MESSAGES, then LANG)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"
