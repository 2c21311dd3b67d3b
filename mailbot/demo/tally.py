"""What the ledger says of the demo's week: the figures, whether all is quiet, and what is not as the story tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailbot.problems import Text
from mailbot.routing.plans import NUMBERED, Purpose
from mailbot.store.tables import TABLES, ActionState, MessageState, OutboxState, ReminderState
from mailbot.tracking.states import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

MESSAGE, DOCUMENT, DELIVERY, EVENT = (TABLES[name] for name in ("message", "document", "delivery", "event"))
OUTBOX, OUTBOX_DELIVERY, REMINDER, ACTION = (
    TABLES[name] for name in ("outbox", "outbox_delivery", "reminder", "mailbox_action")
)


@dataclass(frozen=True)
class Figures:
    """The demo's result, read from the ledger."""

    received: int
    documents: int
    deliveries: int
    acknowledged: int
    rsvp: int
    bounced: int
    reminded: int
    unanswered: int
    outbox_pending: int
    failed: int

    def to_json(self) -> dict[str, int]:
        """Return the figures by their names."""
        return asdict(self)


@dataclass(frozen=True)
class Standing:
    """How one delivery stands."""

    number: str
    unit: str
    unit_name: str
    channel: str
    transport: str | None
    handling: str | None
    rsvp: str | None
    open_matter: str | None
    reminded: bool

    @property
    def word(self) -> str:
        """The most telling state: the RSVP, an open question, the handling, or a mail that came back."""
        if self.handling == Fact.COMPLETED:
            return str(Fact.COMPLETED)
        asked = self.open_matter if self.open_matter != Fact.UNREACHABLE else None
        returned = self.transport if self.transport == Fact.BOUNCED else None
        return self.rsvp or asked or self.handling or returned or ""


def figures(connection: sa.Connection) -> Figures:
    """Count what the ledger holds."""
    answers = connection.execute(sa.select(DELIVERY.c.answered_at, DELIVERY.c.rsvp)).all()
    bounced = sa.select(sa.func.count(sa.distinct(EVENT.c.delivery_ref))).where(EVENT.c.what == str(Fact.BOUNCED))
    return Figures(
        received=_count(connection, MESSAGE),
        documents=_count(connection, DOCUMENT),
        deliveries=len(answers),
        acknowledged=sum(row.answered_at is not None for row in answers),
        rsvp=sum(row.rsvp is not None for row in answers),
        bounced=int(connection.execute(bounced).scalar_one()),
        reminded=len(_reminded(connection)),
        unanswered=_count(connection, DELIVERY, DELIVERY.c.ask != "none", DELIVERY.c.satisfied.is_(False)),
        outbox_pending=_count(connection, OUTBOX, OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY))),
        failed=_failed(connection),
    )


def _count(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def _reminded(connection: sa.Connection) -> set[int]:
    query = (
        sa.select(OUTBOX_DELIVERY.c.delivery_ref)
        .join(OUTBOX, OUTBOX.c.id == OUTBOX_DELIVERY.c.outbox_ref)
        .where(OUTBOX.c.purpose == "reminder", OUTBOX.c.state == OutboxState.SENT)
    )
    return set(connection.execute(query).scalars())


def _failed(connection: sa.Connection) -> int:
    """Count mails that were neither sent nor told of: a refused address is a bounce of its delivery, not a failure."""
    bounce = sa.select(EVENT.c.id).where(EVENT.c.outbox_ref == OUTBOX.c.id, EVENT.c.what == str(Fact.BOUNCED)).exists()
    refused = _count(connection, OUTBOX, OUTBOX.c.state == OutboxState.FAILED, ~bounce)
    held = _count(connection, OUTBOX, OUTBOX.c.state == OutboxState.HELD)
    return refused + held + _count(connection, MESSAGE, MESSAGE.c.state == MessageState.FAILED)


# Mails that ask the clerk something by the office's own doing.
ASKS = frozenset({*NUMBERED, Purpose.ESCALATION, Purpose.ORDER_ASKED, Purpose.CHALLENGE})


@dataclass(frozen=True)
class Asked:
    """How often the clerk was asked, by day; the ĐỒNG Ý wanted for papers that the clerk mailed in is apart."""

    days: Mapping[date, int]
    approvals: int

    @property
    def most(self) -> int:
        """The count of the day with the most."""
        return max(self.days.values(), default=0)

    def sentence(self) -> Text:
        """Say it in a line."""
        days = ", ".join(f"{day:%d/%m}: {count}" for day, count in self.days.items())
        return Text(
            vi=f"Văn thư được hỏi nhiều nhất {self.most} lần một ngày ({days}); "
            f"ngoài ra {self.approvals} lần xin ĐỒNG Ý "
            "cho văn bản do chính văn thư gửi vào",
            en=f"The clerk was asked at most {self.most} times a day ({days}); besides, {self.approvals} times for the "
            "ĐỒNG Ý to papers that the clerk mailed in",
        )


def asked(connection: sa.Connection, clerk: str, zone: ZoneInfo) -> Asked:
    """Count the mails that asked the clerk: numbered lists, digests, lists of late units, single questions."""
    query = sa.select(OUTBOX.c.purpose, OUTBOX.c.planned_at).where(OUTBOX.c.recipient == clerk).order_by(OUTBOX.c.id)
    rows = connection.execute(query).all()
    days = Counter(row.planned_at.astimezone(zone).date() for row in rows if row.purpose in ASKS)
    return Asked(dict(days), sum(row.purpose == Purpose.CONFIRM for row in rows))


def standings(connection: sa.Connection) -> list[Standing]:
    """Return how every delivery stands, in the order in which they were made."""
    reminded = _reminded(connection)
    query = (
        sa.select(DELIVERY, DOCUMENT.c.number)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_ref)
        .order_by(DELIVERY.c.id)
    )
    return [
        Standing(
            row.number or "",
            row.unit,
            row.unit_name,
            row.channel,
            row.transport,
            row.handling,
            row.rsvp,
            row.open_matter,
            row.id in reminded,
        )
        for row in connection.execute(query)
    ]


def amiss(connection: sa.Connection, expected: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what is not as the story tells it; empty when every answer was counted and nothing waits."""
    found = {(item.number, item.unit): item.word for item in standings(connection)}
    wanted = {(number, unit): word for number, units in expected.items() for unit, word in units.items()}
    lines = [
        f"{number} / {unit}: {found.get((number, unit), 'no delivery')!r} != {word!r}"
        for (number, unit), word in wanted.items()
        if found.get((number, unit)) != word
    ]
    lines += [f"{number} / {unit}: not in the story" for number, unit in found.keys() - wanted.keys()]
    result = figures(connection)
    undecided = _count(connection, MESSAGE, MESSAGE.c.state == MessageState.NEW)
    more = {"undecided": undecided, "outbox_pending": result.outbox_pending, "failed": result.failed}
    return lines + [f"{name}: {count}" for name, count in more.items() if count]


def restless(connection: sa.Connection, delivered: int, now: datetime) -> bool:
    """Tell whether the daemon has work under way: mail not decided, not sent, not flagged, a step not taken."""
    return (
        _count(connection, MESSAGE) < delivered
        or _count(connection, MESSAGE, MESSAGE.c.state == MessageState.NEW) > 0
        or _count(connection, OUTBOX, OUTBOX.c.state.in_((OutboxState.PLANNED, OutboxState.READY))) > 0
        or _count(connection, ACTION, ACTION.c.state == ActionState.PENDING, ACTION.c.next_attempt_at <= now) > 0
        or _count(connection, REMINDER, REMINDER.c.state == ReminderState.PENDING, REMINDER.c.at <= now) > 0
    )


def next_step(connection: sa.Connection) -> datetime | None:
    """Return when the next step of a ladder falls due."""
    query = sa.select(sa.func.min(REMINDER.c.at)).where(REMINDER.c.state == ReminderState.PENDING)
    return connection.execute(query).scalar()
