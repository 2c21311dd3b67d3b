"""Listings speak the language of the locale: every code that the ledger holds has its words in both."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from mailbot.reading import Kind
from mailbot.reporting import status_table as words
from mailbot.routing import standing
from mailbot.routing.model import Direction
from mailbot.routing.plans import Purpose
from mailbot.store.tables import DocumentState, MessageState, OutboxState
from mailbot.tracking.states import Attendance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mailbot.problems import Text

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("codes", "table"),
    [
        pytest.param(DocumentState, words.DOCUMENT, id="documents"),
        pytest.param(MessageState, words.MESSAGE, id="messages"),
        pytest.param(OutboxState, words.OUTBOX, id="outbox"),
        pytest.param(Purpose, words.PURPOSE, id="purposes"),
        pytest.param(Kind, words.KIND, id="kinds"),
        pytest.param(Direction, words.DIRECTION, id="directions"),
        pytest.param(Attendance, standing.ATTENDANCE, id="attendance"),
    ],
)
def test_every_code_has_words_in_both_languages(codes: Iterable[str], table: Mapping[str, Text]) -> None:
    assert {str(code) for code in codes} <= set(table)
    assert all(text.vi and text.en for text in table.values())


def test_a_code_that_no_table_knows_is_shown_as_it_is() -> None:
    assert words.word(words.DOCUMENT, "quite_new").vi == "quite_new"
    assert words.word(words.DOCUMENT, None).en == ""


@pytest.mark.parametrize(
    ("due", "shown"),
    [(None, ""), ("2026-12-03", "03/12/2026"), ("2026-12-03T09:30:00+00:00", "03/12/2026 16:30")],
)
def test_a_limit_is_shown_as_offices_write_it(due: str | None, shown: str) -> None:
    assert words.limit(due, HANOI) == shown
