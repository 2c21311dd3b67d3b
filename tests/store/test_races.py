"""Two processes at one ledger: numbers without a gap or a twin, and no mail in two hands."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from mailbot.store import events
from mailbot.store.mailing import write_mails
from tests.store.racing import NOW, ROUNDS
from tests.store.test_outbox import plan

if TYPE_CHECKING:
    from tests.store.desk import Desk


def race(url: str, what: str) -> list[list[int]]:
    """Run two racers that wait for the same starting shot; return what each got."""
    command = [sys.executable, "-m", "tests.store.racing", url, what]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    results = []
    for racer in racers:
        output, trouble = racer.communicate(timeout=60)
        assert racer.returncode == 0, trouble
        results.append(json.loads(output))
    return results


def test_incoming_numbers_are_gapless_and_unique_when_two_processes_race(database: str, desk: Desk) -> None:
    first, second = race(database, "numbers")
    kept = 2 * ROUNDS * 3 // 4
    assert sorted(first + second) == list(range(413, 413 + kept))
    assert desk.one("register_counter")["next"] == 413 + kept
    with desk.store.read() as connection:
        assert list(events.broken_links(connection)) == []


def test_two_claimers_never_get_the_same_mail(database: str, desk: Desk) -> None:
    with desk.store.write() as connection:
        write_mails(connection, [plan(f"u{n}@example.org") for n in range(60)], desk.envelope, NOW)
    desk.compose()
    first, second = race(database, "claims")
    assert sorted(first + second) == [row["id"] for row in desk.rows("outbox")]
    assert {row["attempts"] for row in desk.rows("outbox")} == {1}
