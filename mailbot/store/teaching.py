"""Addresses from which units answer, as the clerk has said; nothing is ever sent there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store import events
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailbot.routing.plans import TaughtAddress

TAUGHT = TABLES["taught_address"]


@dataclass(frozen=True)
class Taught:
    """One address, the unit whose answers come from it, and who said so when."""

    address: str
    unit: str
    by: str
    at: datetime


def taught_units(connection: sa.Connection, address: str) -> frozenset[str]:
    """Return the units that answer from an address by the clerk's word."""
    query = sa.select(TAUGHT.c.unit).where(TAUGHT.c.address == address.lower())
    return frozenset(connection.execute(query).scalars())


def teach(connection: sa.Connection, plans: Sequence[TaughtAddress], now: datetime, message: int | None) -> None:
    """Remember addresses; one that is known already stays as it was said first."""
    for plan in plans:
        if plan.unit in taught_units(connection, plan.address):
            continue
        row = {"address": plan.address.lower(), "unit": plan.unit, "by": plan.by, "at": now}
        connection.execute(sa.insert(TAUGHT).values(row))
        said = events.event(now, plan.by, "address_taught", plan.unit, message_ref=message, address=plan.address)
        events.append(connection, [said])


def all_taught(connection: sa.Connection) -> list[Taught]:
    """Return every remembered address, by unit."""
    rows = connection.execute(sa.select(TAUGHT).order_by(TAUGHT.c.unit, TAUGHT.c.address))
    return [Taught(row.address, row.unit, row.by, row.at) for row in rows]


def forget(connection: sa.Connection, address: str, now: datetime) -> int:
    """Forget an address and return for how many units it had stood."""
    count = connection.execute(sa.delete(TAUGHT).where(TAUGHT.c.address == address.lower())).rowcount
    if count:
        events.append(connection, [events.event(now, "admin", "address_forgotten", "", address=address)])
    return int(count)
