"""Automatic answers: never an acknowledgement, and one that says "away" hands the matter to the unit's next person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailbot.office.text import fold
from mailbot.routing.choices import telephoned
from mailbot.routing.plans import TO_UNITS, Decision, FactPlan, HeldPlan, MailPlan, Outcome, Purpose, Reason

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery, KnownThread
    from mailbot.routing.model import Site

# What somebody's mailbox says while they are away; "we have received your mail" hands nothing over. Folded.
AWAY = re.compile(
    r"\b(?:vang mat|di vang|di cong tac|dang cong tac|nghi phep|nghi le|nghi thai san|nghi om|khong co mat"
    r"|ngoai van phong|out of (?:the )?office|on (?:annual |sick |maternity )?leave|away from|on vacation|on holiday)\b"
)
PERIOD = re.compile(r"từ (?:ngày )?[\d/.-]{3,10} (?:đến|tới) (?:hết )?(?:ngày )?[\d/.-]{3,10}", re.IGNORECASE)
# A paper that goes to the next person bears the hand-over letter; an invitation invites them as it invited the first.
WITH_A_LETTER = (Purpose.DIRECTIVE, Purpose.ASSIGNMENT)


def decide_auto_reply(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Keep an automatic answer with its deliveries; when somebody is away, ask the unit's next person."""
    deliveries = known.thread.deliveries if known.thread else known.candidates
    facts = tuple(
        FactPlan(delivery.id, "auto_reply", now, "auto_reply", data={"words": reading.text[:200]})
        for delivery in deliveries
    )
    reason = Reason("auto_reply", reading.automatic or "")
    thread = known.thread
    if thread is None or thread.purpose not in TO_UNITS or not thread.deliveries or not _away(reading):
        return Decision(Outcome.DECIDED, (reason,), facts=facts)
    waiting = tuple(delivery for delivery in thread.deliveries if not delivery.satisfied)
    if not waiting or thread.equal_copies:
        return Decision(Outcome.DECIDED, (reason,), facts=facts)
    following = _next_person(waiting[0], thread, site)
    if following is None:
        line = _nobody_else(waiting, site)
        return Decision(Outcome.DECIDED, (reason, Reason("away", "no other address")), facts=facts, held=(line,))
    mail = _handed_over(thread, waiting, following, reading, now)
    return Decision(Outcome.DECIDED, (reason, Reason("handed_over", following[1])), facts=facts, mails=(mail,))


def _away(reading: Reading) -> bool:
    return AWAY.search(fold(f"{reading.subject or ''}\n{reading.text}")) is not None


def _next_person(delivery: KnownDelivery, thread: KnownThread, site: Site) -> tuple[str, str] | None:
    """Return (name, address) of whom the unit has besides those tried: its other mailboxes, then its people."""
    tried = {address.lower() for address in (*delivery.tried, thread.recipient)}
    unit = site.directory.units.get(delivery.unit)
    people = [(f"đồng chí {person.name}", person.mail) for person in unit.people if person.mail] if unit else []
    known = [*((delivery.unit_name, address) for address in delivery.addresses), *people]
    return next(((name, address) for name, address in known if address.lower() not in tried), None)


def _handed_over(
    thread: KnownThread,
    deliveries: tuple[KnownDelivery, ...],
    following: tuple[str, str],
    reading: Reading,
    now: datetime,
) -> MailPlan:
    name, address = following
    document = thread.document.release.values if thread.document and thread.document.release else {}
    values = thread.values
    template = thread.template
    if thread.purpose in WITH_A_LETTER:
        period = PERIOD.search(reading.text)
        item = {key: thread.values.get(key, document.get(key, "")) for key in ("document", "summary", "due_text")}
        values = thread.values | {
            "person": name,
            "absent": f"đồng chí phụ trách hộp thư {thread.recipient}",
            "absent_text": period[0] if period else "",
            "items": [item],
        }
        template = "handover"
    return MailPlan(
        thread.purpose,
        template,
        thread.mailbox,
        address,
        name,
        values,
        deliveries=tuple(delivery.id for delivery in deliveries),
        source_key=thread.document.content_key if thread.document else "",
        step="out-of-office",
        shared=thread.document is not None and thread.purpose is not Purpose.REMINDER,
        not_before=now,
        document_id=thread.document.id if thread.document else None,
    )


def _nobody_else(deliveries: tuple[KnownDelivery, ...], site: Site) -> HeldPlan:
    first = deliveries[0]
    unit = site.directory.units.get(first.unit)
    called = (
        next((f"đ/c {person.name}, ĐT {person.phone}" for person in unit.people if person.phone), "") if unit else ""
    )
    about = ", ".join(dict.fromkeys(one.document_number or "văn bản" for one in deliveries))
    text = f"{first.unit_name}, {about}: báo vắng mặt, không còn địa chỉ khác, cần gọi điện {called}".rstrip()
    return HeldPlan("away", text, delivery_id=first.id, choices=telephoned([one.id for one in deliveries]))
