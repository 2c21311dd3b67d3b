"""At which limits the reports of a document are collected by themselves, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.store.tables import TABLES, DocumentState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mailbot.routing.plans import DeliveryPlan

DOCUMENT, DELIVERY = TABLES["document"], TABLES["delivery"]
_ASKED = sa.and_(DELIVERY.c.ask == "report", DELIVERY.c.reason.not_like("assign:%"))


@dataclass(frozen=True)
class DueCollection:
    """A document whose reports were due at a limit (ISO 8601), and the limits of those that have not come."""

    document: int
    limit: str
    open_limits: tuple[str | None, ...]


def plan_collection(connection: sa.Connection, document: int | None, plans: Sequence[DeliveryPlan]) -> None:
    """Note the last limit of the units that are asked for a report, where one has a limit."""
    asked = (plan.recipient for plan in plans if plan.recipient.ask == "report")
    limits = [one.due for one in asked if one.due is not None and not one.reason.startswith("assign:")]
    if limits:
        set_collection(connection, document, max(limits))


def set_collection(connection: sa.Connection, document: int | None, limit: str | None) -> None:
    """Set at which limit (ISO 8601) the reports are collected; None for never."""
    connection.execute(sa.update(DOCUMENT).where(DOCUMENT.c.id == document).values(collect_at=limit))


def due_collections(connection: sa.Connection, today: date) -> list[DueCollection]:
    """Return the papers that went out whose limit has come, today or before."""
    query = sa.select(DOCUMENT.c.id, DOCUMENT.c.collect_at).where(
        # The first ten characters of a limit are its day.
        DOCUMENT.c.collect_at < f"{today.isoformat()}~",
        DOCUMENT.c.state == DocumentState.RELEASED,
    )
    return [
        DueCollection(row.id, row.collect_at, _open_limits(connection, row.id))
        for row in connection.execute(query.order_by(DOCUMENT.c.id)).all()
    ]


def next_limit(connection: sa.Connection) -> str | None:
    """Return the earliest limit at which reports are collected."""
    query = sa.select(sa.func.min(DOCUMENT.c.collect_at)).where(DOCUMENT.c.state == DocumentState.RELEASED)
    return connection.execute(query).scalar()


def _open_limits(connection: sa.Connection, document: int) -> tuple[str | None, ...]:
    query = sa.select(DELIVERY.c.due).where(
        DELIVERY.c.document_ref == document, _ASKED, DELIVERY.c.satisfied.is_(False)
    )
    return tuple(connection.execute(query).scalars())
