"""A rehearsal runs the daemon's own clock on a copy of the ledger, and the ledger itself stays as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.service.rehearsal import ledger_at, stage
from mailbot.store.tables import TABLES
from tests.example_office import CLERK, MAILBOX, NOW, directive, mail, reading_of

if TYPE_CHECKING:
    from mailbot.store.database import Store
    from tests.store.desk import Desk

UNTIL = NOW + timedelta(days=30)


def _rows(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {
            name: int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
            for name, table in TABLES.items()
        }


def _released(desk: Desk) -> None:
    desk.take(mail(CLERK, "Công văn 152-CV/ĐU v/v báo cáo", directive(addressees="Các chi bộ doanh nghiệp.")))
    desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")


def test_the_copy_tells_what_the_ledger_would_do_and_the_ledger_is_not_changed(desk: Desk) -> None:
    _released(desk)
    before = _rows(desk.store)
    with ledger_at(desk.store, desk.site) as scene:
        told = [(f"{made.at:%m-%d %H:%M}", made.mail.template, made.mail.units) for made in scene.run(NOW, UNTIL)]
    assert told == [
        ("10-08 08:00", "reminder", ("det-may",)),
        ("10-08 08:00", "reminder", ("hop-tac-xa",)),
        ("10-13 08:00", "reminder", ("det-may",)),
        ("10-13 08:00", "reminder", ("hop-tac-xa",)),
        ("10-15 08:00", "reminder", ("det-may",)),
        ("10-15 08:00", "reminder", ("hop-tac-xa",)),
        ("10-16 08:00", "reminder_overdue", ("det-may",)),
        ("10-16 08:00", "reminder_overdue", ("hop-tac-xa",)),
        ("10-16 08:00", "collection", ()),
        ("10-20 08:00", "escalation", ()),
        ("10-20 08:00", "escalation", ()),
    ]
    assert _rows(desk.store) == before


def test_every_reminder_says_because_of_which_step_it_goes_then(desk: Desk) -> None:
    _released(desk)
    with ledger_at(desk.store, desk.site) as scene:
        reasons = [made.because for made in scene.run(NOW, UNTIL)]
    assert reasons[0] == "acknowledgement, next slot 2026-10-08 08:00"
    assert all(reasons)


def test_the_clock_stops_at_the_end_that_is_given(desk: Desk) -> None:
    _released(desk)
    with ledger_at(desk.store, desk.site) as scene:
        assert [made.mail.units for made in scene.run(NOW, NOW + timedelta(days=2))] == [("det-may",), ("hop-tac-xa",)]


def test_nothing_of_one_scene_is_seen_in_the_next(desk: Desk) -> None:
    reading = reading_of(mail(CLERK, "Công văn 152-CV/ĐU", directive()), desk.site)
    with stage() as on:
        outcomes = []
        for _ in range(2):
            with on.scene(desk.site) as scene:
                decision, made = scene.take(reading, MAILBOX, NOW)
                outcomes.append((str(decision.outcome), [each.mail.id for each in made]))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == "decided"
