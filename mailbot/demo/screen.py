"""What a person sees of the demo: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text as RichText

from mailbot.demo import tally
from mailbot.demo.papers import PAPERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailbot.demo.tally import Standing
    from mailbot.problems import Text
    from mailbot.service.runtime import Runtime

REFRESH_SECONDS = 0.25
LINES = 5
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
# The state of a delivery in the words of the office, with its colour.
WORDS = {
    "completed": ("báo cáo", "green"),
    "acknowledged": ("đã nhận", "green"),
    "in_progress": ("đang làm", "cyan"),
    "accepted": ("dự họp", "green"),
    "declined": ("xin vắng", "magenta"),
    "delegated": ("dự thay", "magenta"),
    "tentative": ("chưa chắc", "magenta"),
    "question": ("hỏi lại", "yellow"),
    "problem": ("sự cố", "yellow"),
    "extension_asked": ("gia hạn", "yellow"),
    "refused": ("trả lại", "yellow"),
    "bounced": ("trả về", "red"),
}
ON_THE_WAY = {
    "queued": ("chờ gửi", "dim"),
    "sent": ("đã gửi", ""),
    "delivered": ("đã đến", ""),
    "read": ("đã xem", "blue"),
}


class Screen:
    """Shows what goes on; `narrate` may be called from any thread, `show` from the director's alone."""

    def __init__(self, runtime: Runtime, now: Callable[[], datetime], console: Console, *, live: bool) -> None:
        self._runtime, self._now, self._console = runtime, now, console
        self._zone: ZoneInfo = runtime.in_force.site.office.working_time.zone
        self._lines: deque[str] = deque(maxlen=LINES)
        self._live = Live(console=console, auto_refresh=False, transient=True) if live else None
        self._shown = 0.0

    def __enter__(self) -> Screen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the live table away; what follows are plain lines."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def narrate(self, line: str) -> None:
        """Tell one event of the story."""
        stamped = f"{self._clock()}  {line}"
        if self._live is not None:
            self._lines.append(stamped)
        else:
            self._console.print(escape(stamped), soft_wrap=True)

    def show(self) -> None:
        """Draw the table anew, not more often than the eye can follow."""
        if self._live is None or time.monotonic() - self._shown < REFRESH_SECONDS:
            return
        self._shown = time.monotonic()
        lines = RichText("\n".join(self._lines), style="dim", no_wrap=True, overflow="ellipsis")
        self._live.update(Group(self.table(), lines), refresh=True)

    def table(self) -> Table:
        """Return each unit's state for each paper, as the ledger has it now."""
        with self._runtime.store.read() as connection:
            found = tally.standings(connection)
        return _matrix(f"{self._runtime.in_force.site.office.name} · {self._clock()}", found)

    def final(self, figures: tally.Figures) -> None:
        """Print the last table and the figures under it."""
        self._console.print(self.table())
        counted = " · ".join(f"{name} {value}" for name, value in figures.to_json().items())
        self._console.print(escape(counted), soft_wrap=True)

    def say(self, lines: Sequence[Text], language: Callable[[Text], str]) -> None:
        """Print sentences in the language of the command line."""
        for line in lines:
            self._console.print(escape(language(line)), soft_wrap=True)

    def _clock(self) -> str:
        here = self._now().astimezone(self._zone)
        return f"{WEEKDAYS[here.weekday()]} {here:%d/%m %H:%M}"


def _matrix(title: str, found: Sequence[Standing]) -> Table:
    numbers = [paper.number for paper in PAPERS]
    table = Table(title=escape(title), title_justify="left", caption="↻ đã nhắc", caption_justify="left")
    table.add_column("Đơn vị", no_wrap=True)
    for number in numbers:
        table.add_column(number, no_wrap=True)
    by_unit: dict[str, dict[str, Standing]] = {}
    for item in found:
        by_unit.setdefault(item.unit_name, {})[item.number] = item
    for name, row in by_unit.items():
        table.add_row(escape(name.removeprefix("Chi bộ ")), *(_cell(row.get(number)) for number in numbers))
    return table


def _cell(item: Standing | None) -> RichText:
    if item is None:
        return RichText("")
    word, colour = WORDS.get(item.word) or ON_THE_WAY.get(item.transport or "", ("", ""))
    if item.channel == "paper" and not item.word:
        word, colour = "bản giấy", "dim"
    return RichText(f"{word}{' ↻' if item.reminded else ''}", style=colour)
