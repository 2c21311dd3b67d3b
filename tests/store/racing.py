"""A process that races others for the ledger: `python -m tests.store.racing URL numbers|claims`, prints what it got."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from mailbot.store import events, outbox
from mailbot.store.database import Store
from mailbot.store.documents import allocate

NOW = datetime(2026, 10, 6, 1, 10, tzinfo=UTC)
ROUNDS = 40


class GivenUpError(Exception):
    """The transaction is thrown away, as after a twin was found."""


def numbers(store: Store) -> list[int]:
    """Take numbers of one book, throwing away every fourth transaction."""
    found = []
    for turn in range(ROUNDS):
        try:
            with store.write() as connection:
                number = allocate(connection, "van-ban-den", "2026", "", 413)
                events.append(connection, [events.event(NOW, "race", "took", str(number))])
                if turn % 4 == 3:
                    raise GivenUpError
        except GivenUpError:
            continue
        found.append(number)
    return found


def claims(store: Store) -> list[int]:
    """Claim what is due in small bites until nothing is left."""
    found: list[int] = []
    while True:
        with store.write() as connection:
            taken = outbox.claim(connection, "van-phong", 3, NOW)
        if not taken:
            return found
        found += [claim.id for claim in taken]


if __name__ == "__main__":
    sys.stdin.readline()  # the starting shot
    opened = Store(sys.argv[1], migrate=False)
    print(json.dumps({"numbers": numbers, "claims": claims}[sys.argv[2]](opened)))
