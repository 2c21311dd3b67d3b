"""What units were asked to deal with in a span of days, as THỐNG KÊ and `mailbot report` count it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.reports import with_fact
from mailbot.routing.statistics import Counted
from mailbot.store.facts import TAKEN_BACK
from mailbot.store.tables import TABLES
from mailbot.tracking.states import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from mailbot.office.periods import Period
    from mailbot.routing.handed_in import Report

DOCUMENT, DELIVERY, EVENT = TABLES["document"], TABLES["delivery"], TABLES["event"]


def counted(connection: sa.Connection, period: Period, zone: tzinfo) -> tuple[Counted, ...]:
    """Return what went to units in a period and asks for something; the days are those of `zone`."""
    first = datetime.combine(period.first, time(), tzinfo=zone)
    last = datetime.combine(period.last + timedelta(days=1), time(), tzinfo=zone)
    names = ("unit", "unit_name", "due", "satisfied", "handling", "answered_at")
    asked = (DOCUMENT.c.released_at >= first, DOCUMENT.c.released_at < last, DELIVERY.c.ask != "none")
    query = (
        sa.select(DELIVERY.c.id, *(DELIVERY.c[name] for name in names))
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(*asked)
        .order_by(DELIVERY.c.id)
    )
    versions, extended = _reports(connection, asked)
    return tuple(
        Counted(
            row.unit,
            row.unit_name,
            row.due,
            row.satisfied,
            row.handling,
            row.answered_at,
            versions.get(row.id, ()),
            row.id in extended,
        )
        for row in connection.execute(query)
    )


def _reports(connection: sa.Connection, asked: Sequence[Any]) -> tuple[dict[int, tuple[Report, ...]], set[int]]:
    """Return the versions of reports by delivery, without their words, and which deliveries got more time."""
    kinds = (str(Fact.COMPLETED), str(Fact.RETURNED), str(Fact.EXTENDED), TAKEN_BACK)
    query = (
        sa.select(EVENT.c.id, EVENT.c.delivery_ref, EVENT.c.what, EVENT.c.at, EVENT.c.data)
        .join(DELIVERY, DELIVERY.c.id == EVENT.c.delivery_ref)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(*asked, EVENT.c.what.in_(kinds))
        .order_by(EVENT.c.at, EVENT.c.id)
    )
    rows = connection.execute(query).all()
    void = {number for row in rows if row.what == TAKEN_BACK for number in row.data["events"]}
    versions: dict[int, tuple[Report, ...]] = {}
    extended: set[int] = set()
    for row in rows:
        if row.id in void:
            continue
        if row.what == Fact.EXTENDED:
            extended.add(row.delivery_ref)
        else:
            limit = {"due": (row.data or {}).get("due")}
            versions[row.delivery_ref] = with_fact(versions.get(row.delivery_ref, ()), row.what, row.at, limit)
    return versions, extended
