"""How much was answered, said and returned lately: the figures on which budgets and the circuit breaker go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.routing.known import Answers
from mailbot.routing.plans import ANSWERS, AUTOMATIC_ANSWERS
from mailbot.store.tables import TABLES, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

OUTBOX, MESSAGE, EVENT = TABLES["outbox"], TABLES["message"], TABLES["event"]
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
_PURPOSES = sorted(str(purpose) for purpose in ANSWERS)
# Statements of the hot path are built once: building them costs more than running them.
_AUTOMATIC = frozenset(str(purpose) for purpose in AUTOMATIC_ANSWERS)
# LIKE finds a little more than is meant, a sign of a domain being any sign; the rows are looked at again.
_ANSWERED = sa.select(OUTBOX.c.recipient, OUTBOX.c.thread, OUTBOX.c.purpose, OUTBOX.c.planned_at).where(
    OUTBOX.c.purpose.in_(_PURPOSES),
    OUTBOX.c.planned_at > sa.bindparam("since"),
    sa.or_(sa.func.lower(OUTBOX.c.recipient).like(sa.bindparam("domain")), OUTBOX.c.thread == sa.bindparam("root")),
)
_SAID = sa.select(sa.func.count()).where(
    MESSAGE.c.words_key == sa.bindparam("key"), MESSAGE.c.decided_at > sa.bindparam("since")
)


@dataclass(frozen=True)
class Figures:
    """What one mailbox did: answers planned in the last hour; mails tried and mails that came back in the last day."""

    answers: int
    tried: int
    returned: int


def answers_so_far(connection: sa.Connection, address: str, thread: str, now: datetime) -> tuple[Answers, int]:
    """Count the answers of the last day to an address, in its thread, and to its domain.

    Behind them stands how many went to the address in the last hour without any person's word.
    """
    domain = address.rpartition("@")[2].lower()
    rows = connection.execute(_ANSWERED, {"since": now - A_DAY, "domain": f"%@{domain}", "root": thread}).all()
    recipients = [row.recipient.lower() for row in rows]
    answers = Answers(
        address=recipients.count(address.lower()),
        thread=sum(row.thread == thread for row in rows),
        domain=sum(recipient.rpartition("@")[2] == domain for recipient in recipients),
    )
    lately = (row for row in rows if row.planned_at > now - AN_HOUR and row.purpose in _AUTOMATIC)
    return answers, sum(row.recipient.lower() == address.lower() for row in lately)


def said_before(connection: sa.Connection, key: str | None, now: datetime) -> int:
    """Count how often a sender has said the same within a day, numbers aside."""
    if key is None:
        return 0
    return int(connection.execute(_SAID, {"key": key, "since": now - A_DAY}).scalar() or 0)


def figures(connection: sa.Connection, mailbox: str, now: datetime, released: datetime | None) -> Figures:
    """Count what the breaker looks at; what came before somebody `released` the sending counts no more."""
    hour, day = (max(now - span, released) if released else now - span for span in (AN_HOUR, A_DAY))
    mine = sa.and_(OUTBOX.c.mailbox == mailbox, OUTBOX.c.state != OutboxState.SHADOW)
    answers = sa.select(sa.func.count()).where(mine, OUTBOX.c.purpose.in_(_PURPOSES), OUTBOX.c.planned_at > hour)
    sent = sa.select(sa.func.count()).where(mine, OUTBOX.c.sent_at > day)
    failed = sa.select(sa.func.count()).where(
        mine, OUTBOX.c.state == OutboxState.FAILED, OUTBOX.c.planned_at > day, OUTBOX.c.sent_at.is_(None)
    )
    returned = sa.select(sa.func.count(sa.distinct(EVENT.c.outbox_ref))).where(
        EVENT.c.what == "bounced",
        EVENT.c.at > day,
        EVENT.c.outbox_ref.in_(sa.select(OUTBOX.c.id).where(mine, OUTBOX.c.sent_at > day)),
    )
    counted = [int(connection.execute(query).scalar() or 0) for query in (answers, sent, failed, returned)]
    return Figures(counted[0], counted[1] + counted[2], counted[2] + counted[3])
