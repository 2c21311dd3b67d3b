"""What a leader answers to a list of late units: more time, go on reminding, leave it to me, tell the Thường trực."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.answers import day_asked_for
from mailbot.office.orders import Verb
from mailbot.office.text import fold
from mailbot.routing.listing import asked
from mailbot.routing.order_lines import Refused, Result, own_words, said_by, transcript
from mailbot.routing.orders_on_papers import extended
from mailbot.routing.plans import Decision, FactPlan, MailPlan, Outcome, Purpose, Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery
    from mailbot.routing.model import Site

# Folded; the first that is found decides.
WORDS = (
    (re.compile(r"\bgia han\b|\bcho (?:them|den)\b"), "extend"),
    (re.compile(r"\btrao doi truc tiep\b|\bde toi\b|\btoi (?:se )?(?:trao doi|goi|lam viec)\b|\bdung nhac\b"), "leave"),
    (re.compile(r"\btiep tuc nhac\b|\bnhac (?:tiep|lai|them)\b|^\W*nhac\b"), "remind"),
)
HOW = "chưa rõ ý kiến; có thể ghi: Gia hạn đến ngày …; Tiếp tục nhắc; Để tôi trao đổi trực tiếp"


def decide_escalation(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    """Carry out a leader's word on late units, and answer with a transcript; None when it is no such word."""
    assert known.thread is not None
    deliveries = [asked(late["asked"]) for late in known.thread.values.get("late", []) if late.get("asked")]
    if not deliveries:
        return None
    text = own_words(reading)
    what = _what(reading, known, fold(text))
    try:
        result = ACTIONS[what](deliveries, text, reading, site, known, now) if what else Result(HOW, done=False)
    except Refused as refused:
        result = Result(str(refused), done=False)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "…")
    return Decision(
        Outcome.DECIDED,
        (Reason(f"escalation_{what or 'not_understood'}", result.text),),
        mails=(*result.mails, transcript(reading, site, known, [first[:200]], [result])),
        facts=result.facts,
        stops=result.stops,
        reminds=result.reminds,
        reschedules=result.reschedules,
    )


def _what(reading: Reading, known: Known, folded: str) -> str | None:
    found = next((name for pattern, name in WORDS if pattern.search(folded)), None)
    if found is not None:
        return found
    approves = reading.reply is not None and reading.reply.intent is Intent.APPROVE
    approves = approves or Verb.APPROVE in {command.verb for command in reading.commands}
    assert known.thread is not None
    return "tell" if approves and known.thread.values.get("ask_standing") else None


def _extend(
    deliveries: list[KnownDelivery], text: str, reading: Reading, site: Site, known: Known, now: datetime
) -> Result:
    today = site.office.working_time.local(now).date()
    until = day_asked_for(fold(text), today)
    if until is None or until < today:
        raise Refused("chưa rõ gia hạn đến ngày nào; ví dụ: Gia hạn đến ngày 20/10/2026")
    return extended(deliveries, until, site, known, said_by(reading), now)


def _remind(
    deliveries: list[KnownDelivery], _text: str, _reading: Reading, _site: Site, _known: Known, _now: datetime
) -> Result:
    return Result(f"nhắc {len(deliveries):02d} đơn vị", reminds=tuple(one.id for one in deliveries))


def _leave(
    deliveries: list[KnownDelivery], text: str, reading: Reading, _site: Site, _known: Known, now: datetime
) -> Result:
    data: dict[str, Any] = said_by(reading) | {"words": text[:400]}
    facts = tuple(FactPlan(one.id, "settled", now, "a leader talks to the unit", None, data) for one in deliveries)
    names = "; ".join(one.unit_name for one in deliveries)
    return Result(f"dừng nhắc {names}", stops=tuple(one.id for one in deliveries), facts=facts)


def _tell(
    _deliveries: list[KnownDelivery], _text: str, _reading: Reading, site: Site, known: Known, now: datetime
) -> Result:
    """The Chánh Văn phòng agrees: the same list goes to the Thường trực, once."""
    thread = known.thread
    assert thread is not None
    people = site.directory.addresses(site.officers.standing) if site.officers.standing else ()
    mails = tuple(
        MailPlan(
            Purpose.ESCALATION,
            "escalation",
            thread.mailbox,
            address,
            name,
            thread.values | {"person": name, "ask_standing": False},
            source_key=f"outbox {thread.outbox_id}",
            step="standing",
            not_before=now,
        )
        for name, address in people
    )
    return Result(f"đã báo cáo {', '.join(name for name, _ in people) or 'Thường trực'}", mails=mails)


ACTIONS: dict[str, Callable[[list[KnownDelivery], str, Reading, Site, Known, datetime], Result]] = {
    "extend": _extend,
    "remind": _remind,
    "leave": _leave,
    "tell": _tell,
}
