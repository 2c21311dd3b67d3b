"""Office time of the demo never goes back, jumps forward when told, and the agenda keeps its order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailbot.demo.agenda import Agenda
from mailbot.demo.clock import FastClock

START = datetime(2026, 10, 6, 1, 10, tzinfo=UTC)


def test_clock_jumps_forward_and_never_back() -> None:
    clock = FastClock(START, rate=0)
    assert clock.now() == START
    clock.advance(START + timedelta(days=2))
    clock.advance(START)
    assert clock.now() == START + timedelta(days=2)


def test_clock_goes_on_from_where_it_is_at_another_rate() -> None:
    clock = FastClock(START, rate=1000)
    before = clock.now()
    clock.run_at(0)
    stopped = clock.now()
    assert START <= before <= stopped == clock.now()


def test_agenda_hands_out_what_is_due_in_order_of_time() -> None:
    agenda, done = Agenda(), []
    for minutes in (30, 10, 20):
        agenda.add(START + timedelta(minutes=minutes), lambda minutes=minutes: done.append(minutes))
    assert agenda.next_moment() == START + timedelta(minutes=10)
    while (taken := agenda.take(START + timedelta(minutes=20))) is not None:
        taken[1]()
    assert done == [10, 20]
    assert agenda.next_moment() == START + timedelta(minutes=30)
