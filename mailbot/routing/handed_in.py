"""A report as a unit has handed it in: how far it has come, its versions, and the files of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.text import fold

if TYPE_CHECKING:
    from datetime import datetime

# "Không phát sinh", "không có trường hợp nào": a report without a figure is one.
NOTHING_OCCURRED = re.compile(
    r"\bkhong (?:co )?phat sinh\b|\bkhong co\b[^.\n]{0,40}\b(?:phat sinh|vi pham|truong hop nao)\b"
)


class ReportState(StrEnum):
    """How far a unit has come with the report that was asked of it; late is derived from time, never stored."""

    MISSING = "missing"
    RETURNED = "returned"  # sent back, to come again
    EXEMPT = "exempt"  # by the office's word
    IN_TIME = "in_time"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a report, as it lies in the archived mail."""

    name: str
    size: int
    sha256: str
    # What it could do when opened, in words; until the clerk lets it through it goes into no ZIP.
    danger: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One version of a unit's report; `archive` is the hash of the mail that brought it.

    `by` is whoever noted it for the unit, `returned` why it was sent back and `due_then` the limit that it had.
    """

    at: datetime
    version: int
    words: str = ""
    number: str | None = None
    files: tuple[File, ...] = ()
    by: str | None = None
    address: str | None = None
    archive: str | None = None
    clerk_alone: bool = False  # a petition, a matter of personnel or discipline: its words are not kept here
    returned: str | None = None
    due_then: str | None = None

    @property
    def nothing(self) -> bool:
        """Tell whether it says that there was nothing to report."""
        return not self.files and NOTHING_OCCURRED.search(fold(self.words)) is not None
