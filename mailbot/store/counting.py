"""What units were asked to deal with in a span of days, as THỐNG KÊ and `mailbot report` count it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.routing.statistics import Counted
from mailbot.store.tables import TABLES

if TYPE_CHECKING:
    from datetime import tzinfo

    from mailbot.office.periods import Period

DOCUMENT, DELIVERY = TABLES["document"], TABLES["delivery"]


def counted(connection: sa.Connection, period: Period, zone: tzinfo) -> tuple[Counted, ...]:
    """Return what went to units in a period and asks for something; the days are those of `zone`."""
    first = datetime.combine(period.first, time(), tzinfo=zone)
    last = datetime.combine(period.last + timedelta(days=1), time(), tzinfo=zone)
    names = ("unit", "unit_name", "due", "satisfied", "handling", "answered_at")
    query = (
        sa.select(*(DELIVERY.c[name] for name in names))
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .where(DOCUMENT.c.released_at >= first, DOCUMENT.c.released_at < last, DELIVERY.c.ask != "none")
        .order_by(DELIVERY.c.id)
    )
    return tuple(Counted(*row) for row in connection.execute(query))
