"""What a person is told when something is wrong: where, what, and how to mend it, in Vietnamese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.checks import CHECKS, Severity

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Text:
    """One sentence for people, in both languages that the command line speaks."""

    vi: str
    en: str

    def for_locale(self, language: str) -> str:
        """Return the Vietnamese wording for a `vi…` language tag, else the English one."""
        return self.vi if language.lower().startswith("vi") else self.en


@dataclass(frozen=True)
class Position:
    """A place in a file of the site; line and column count from 1, the file is relative to the site."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One mistake in the site, with a check id of mailbot/checks.py, its place, what is wrong and how to mend it."""

    check: str
    position: Position
    text: Text
    mend: Text | None = None

    def __post_init__(self) -> None:
        assert self.check in CHECKS, self.check

    @property
    def warning(self) -> bool:
        """Whether the site may come into force all the same."""
        return CHECKS[self.check].severity is Severity.WARNING

    @property
    def advice(self) -> Text | None:
        """How to mend it: what is said of this place, else of the check in general."""
        check = CHECKS[self.check]
        return self.mend or (Text(check.mend_vi, check.mend_en) if check.mend_vi else None)


class MailbotError(Exception):
    """A failure that a person can act on: public text in both languages, private cause, and a sysexits code."""

    exit_code = 70  # EX_SOFTWARE

    def __init__(self, text: Text, *, mend: Text | None = None, exit_code: int | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.mend = mend
        if exit_code is not None:
            self.exit_code = exit_code


class SiteError(MailbotError):
    """The site folder does not check; `problems` holds every mistake found."""

    exit_code = 78  # EX_CONFIG

    def __init__(self, problems: tuple[Problem, ...], folder: Path | None = None) -> None:
        count = len(problems)
        self.folder = folder
        super().__init__(Text(vi=f"Cấu hình có {count} lỗi.", en=f"The site has {count} problem(s)."))
        self.problems = problems
