"""The life of one delivery: facts in whatever order, one state out (design: transport, handling, RSVP, recall)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.routing.model import Ask

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Fact(StrEnum):
    """Everything that can become known of a delivery; each is an event row and never taken back."""

    QUEUED = "queued"
    SENT = "sent"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    DELIVERED = "delivered"
    READ = "read"
    RECEIVED = "received"
    REFUSED = "refused"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    RETURNED = "returned"
    EXEMPT = "exempt"
    PROBLEM = "problem"
    QUESTION = "question"
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    SETTLED = "settled"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELEGATED = "delegated"
    TENTATIVE = "tentative"
    LATE = "late"
    EXCUSED = "excused"
    MUST_ATTEND = "must_attend"
    RECALL_REQUESTED = "recall_requested"
    RECALL_DONE = "recall_done"
    FILE_REPLACED = "file_replaced"
    CORRECTED = "corrected"
    RIGHT_COPY = "right_copy"
    FILES_CLEARED = "files_cleared"
    RESENT = "resent"
    SUPERSEDED = "superseded"
    UNREACHABLE = "unreachable"


class Attendance(StrEnum):
    """Whether a unit comes to a meeting; an absence or a delegate waits for the chair, never for the machine."""

    COMES = "comes"
    LATE = "comes_late"
    UNSURE = "unsure"
    AWAITS_CHAIR = "awaits_chair"
    EXCUSED = "excused"
    SUBSTITUTED = "substituted"
    MUST_ATTEND = "must_attend"


class Exchange(StrEnum):
    """What is being put right about a paper that went out wrong, and whether the unit has confirmed it."""

    RECALL_OPEN = "recall_open"
    RECALL_DONE = "recall_done"
    FILE_OPEN = "file_open"
    FILE_DONE = "file_done"
    CORRECTION_OPEN = "correction_open"
    CORRECTION_DONE = "correction_done"


# Per address; a later mail server's word ("delivered", "read") beats an earlier delay or bounce of the same address.
TRANSPORT = (Fact.QUEUED, Fact.SENT, Fact.DELAYED, Fact.BOUNCED, Fact.DELIVERED, Fact.READ)

# National status codes: QCVN 102:2016/BTTTT, QĐ 28/2018/QĐ-TTg.
HANDLING_CODES = {
    Fact.RECEIVED: "01",
    Fact.REFUSED: "02",
    Fact.ACKNOWLEDGED: "03",
    Fact.ASSIGNED: "04",
    Fact.IN_PROGRESS: "05",
    Fact.COMPLETED: "06",
    Fact.RETURNED: "05",  # its report was sent back: it is at work again
}
HANDLING = (Fact.RECEIVED, Fact.ACKNOWLEDGED, Fact.ASSIGNED, Fact.IN_PROGRESS, Fact.COMPLETED)
# What the office says of a report: it comes again, or none is expected.
OFFICE_SAYS = (Fact.RETURNED, Fact.EXEMPT)
RSVP = (Fact.ACCEPTED, Fact.DECLINED, Fact.DELEGATED, Fact.TENTATIVE)
# What the chair of the meeting said to an absence or a delegate; before it both wait (chờ ý kiến).
CHAIR = (Fact.EXCUSED, Fact.MUST_ATTEND)
ATTENDANCE: dict[tuple[Fact, Fact | None], Attendance] = {
    (Fact.ACCEPTED, None): Attendance.COMES,
    (Fact.TENTATIVE, None): Attendance.UNSURE,
    (Fact.DECLINED, None): Attendance.AWAITS_CHAIR,
    (Fact.DECLINED, Fact.EXCUSED): Attendance.EXCUSED,
    (Fact.DECLINED, Fact.MUST_ATTEND): Attendance.MUST_ATTEND,
    (Fact.DELEGATED, None): Attendance.AWAITS_CHAIR,
    (Fact.DELEGATED, Fact.EXCUSED): Attendance.SUBSTITUTED,
    (Fact.DELEGATED, Fact.MUST_ATTEND): Attendance.MUST_ATTEND,
}
# What the office asks, while nobody has confirmed it, and then. A cell cannot refuse: it has not confirmed yet.
EXCHANGES: dict[Fact, tuple[Exchange, Exchange]] = {
    Fact.RECALL_REQUESTED: (Exchange.RECALL_OPEN, Exchange.RECALL_DONE),
    Fact.FILE_REPLACED: (Exchange.FILE_OPEN, Exchange.FILE_DONE),
    Fact.CORRECTED: (Exchange.CORRECTION_OPEN, Exchange.CORRECTION_DONE),
}
CONFIRMS_EXCHANGE = (Fact.RECALL_DONE, Fact.RIGHT_COPY)
UNCONFIRMED = frozenset({Exchange.RECALL_OPEN, Exchange.FILE_OPEN, Exchange.CORRECTION_OPEN})
RECALLED = frozenset({Exchange.RECALL_OPEN, Exchange.RECALL_DONE})

# Every intent of a human answer and the fact that it is; None goes to the clerk alone.
FACT_OF_INTENT: dict[str, Fact | None] = {
    "acknowledge": Fact.ACKNOWLEDGED,
    "problem": Fact.PROBLEM,
    "refuse": Fact.REFUSED,
    "accept": Fact.ACCEPTED,
    "tentative": Fact.TENTATIVE,
    "decline": Fact.DECLINED,
    "delegate": Fact.DELEGATED,
    "report": Fact.COMPLETED,
    "progress": Fact.IN_PROGRESS,
    "extension": Fact.EXTENSION_ASKED,
    "question": Fact.QUESTION,
    "recall_done": Fact.RECALL_DONE,
    "approve": None,
    "reject": None,
    "none": None,
}

# What only a person of the unit can say: whoever says it has the document before them.
PERSONAL = frozenset(fact for fact in FACT_OF_INTENT.values() if fact is not None) | {
    *(Fact.ASSIGNED, Fact.DELEGATED, Fact.RIGHT_COPY)
}

# What the office says to end an open matter: more time was given or not, a question was answered.
SETTLES = (Fact.EXTENDED, Fact.SETTLED)

# Facts that a person in the office must see even when they moved the state by themselves.
FOR_CLERK = frozenset({Fact.PROBLEM, Fact.QUESTION, Fact.REFUSED, Fact.EXTENSION_ASKED, Fact.DECLINED, Fact.DELEGATED})

# Facts that count only from a registered address of the unit, token or not (a stranger must not close a task).
NEEDS_REGISTERED_ADDRESS = frozenset({Fact.COMPLETED, Fact.REFUSED, Fact.EXTENSION_ASKED})


@dataclass(frozen=True, slots=True)
class Seen:
    """One fact with its moment (UTC) and, for transport, the address that it is about."""

    fact: Fact
    at: datetime
    address: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the facts add up to; `handling`, `rsvp`, `attendance` and `exchange` are None until something is known."""

    transport: Fact | None = None
    handling: Fact | None = None
    rsvp: Fact | None = None
    attendance: Attendance | None = None
    exchange: Exchange | None = None
    open_matter: Fact | None = None
    superseded: bool = False
    answered: bool = False

    @property
    def code(self) -> str | None:
        """The national status code of the handling state."""
        return HANDLING_CODES.get(self.handling) if self.handling else None


def fold(facts: Iterable[Seen]) -> State:
    """Return the state that these facts make, the same whatever their order."""
    ordered = sorted(facts, key=lambda seen: (seen.at, seen.fact))
    return State(
        transport=_transport(ordered),
        handling=_handling(ordered),
        rsvp=_last(ordered, RSVP),
        attendance=_attendance(ordered),
        exchange=_exchange(ordered),
        open_matter=_open_matter(ordered),
        superseded=any(seen.fact is Fact.SUPERSEDED for seen in ordered),
        answered=any(seen.fact in PERSONAL for seen in ordered),
    )


def _last(ordered: list[Seen], kinds: tuple[Fact, ...]) -> Fact | None:
    found = [seen.fact for seen in ordered if seen.fact in kinds]
    return found[-1] if found else None


def _exchange(ordered: list[Seen]) -> Exchange | None:
    """Return what the office asked last to be put right; what was confirmed before is of an earlier one."""
    asked = next((seen for seen in reversed(ordered) if seen.fact in EXCHANGES), None)
    if asked is None:
        return None
    confirmed = any(seen.fact in CONFIRMS_EXCHANGE and seen.at >= asked.at for seen in ordered)
    return EXCHANGES[asked.fact][confirmed]


def _attendance(ordered: list[Seen]) -> Attendance | None:
    """Return what the last answer and what was said of it since add up to; a new answer begins anew."""
    answer = next((seen for seen in reversed(ordered) if seen.fact in RSVP), None)
    if answer is None:
        return None
    since = [seen for seen in ordered if seen.at >= answer.at]
    if answer.fact in (Fact.ACCEPTED, Fact.TENTATIVE):
        late = any(seen.fact is Fact.LATE for seen in since)
        return Attendance.LATE if late else ATTENDANCE[answer.fact, None]
    return ATTENDANCE[answer.fact, _last(since, CHAIR)]


def _open_matter(ordered: list[Seen]) -> Fact | None:
    """Return what the unit asked last and nobody has settled since."""
    last = _last(ordered, (Fact.PROBLEM, Fact.QUESTION, Fact.EXTENSION_ASKED, Fact.UNREACHABLE, *SETTLES))
    return None if last in SETTLES else last


def _transport(ordered: list[Seen]) -> Fact | None:
    by_address: dict[str | None, int] = {}
    for seen in ordered:
        if seen.fact in TRANSPORT:
            rank = TRANSPORT.index(seen.fact)
            by_address[seen.address] = max(rank, by_address.get(seen.address, 0))
    if not by_address:
        return None
    bounced = TRANSPORT.index(Fact.BOUNCED)
    alive = [rank for rank in by_address.values() if rank != bounced]
    return TRANSPORT[max(alive, default=bounced)]


def _handling(ordered: list[Seen]) -> Fact | None:
    refused_at = max((seen.at for seen in ordered if seen.fact is Fact.REFUSED), default=None)
    steps = [seen for seen in ordered if seen.fact in HANDLING]
    if refused_at is not None and all(seen.at <= refused_at for seen in steps):
        return Fact.REFUSED
    said = _last(ordered, OFFICE_SAYS)
    # A version that was sent back is none; one that came after it, or after the unit was let off, counts.
    returned_at = max((seen.at for seen in ordered if seen.fact is Fact.RETURNED), default=None)
    counts = [seen for seen in steps if not _sent_back(seen, returned_at)]
    furthest = max((seen.fact for seen in counts), key=HANDLING.index, default=None)
    return furthest if furthest is Fact.COMPLETED or said is None else said


def _sent_back(seen: Seen, returned_at: datetime | None) -> bool:
    return seen.fact is Fact.COMPLETED and returned_at is not None and seen.at <= returned_at


def acknowledged(state: State) -> bool:
    """Tell whether the unit has shown that it has the document: any answer of a person, not a machine's."""
    return state.answered


def satisfied(ask: Ask, state: State) -> bool:
    """Tell whether what was asked has come, so that nobody is reminded any more."""
    if state.superseded or state.handling is Fact.REFUSED or state.exchange in RECALLED:
        return True
    return {
        Ask.NONE: True,
        Ask.ACKNOWLEDGEMENT: acknowledged(state),
        Ask.REPORT: state.handling in (Fact.COMPLETED, Fact.EXEMPT),
        Ask.RSVP: state.rsvp is not None,
    }[ask]
