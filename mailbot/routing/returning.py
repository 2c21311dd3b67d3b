"""What machines send back on a mail of ours: bounces with the unit's next address, and read receipts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailbot.routing import choices
from mailbot.routing.bouncing import IN_WORDS, cause_of
from mailbot.routing.plans import BRINGS_FILES, Decision, FactPlan, HeldPlan, MailPlan, Outcome, Reason
from mailbot.routing.wording import PURPOSES

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery, KnownThread
    from mailbot.routing.model import Site


def decide_bounce(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """A bounce moves the delivery of the mail that it returns and tries the unit's next address."""
    thread = known.thread
    if thread is None:
        return Decision(
            Outcome.DECIDED,
            (Reason("bounce_unmatched"),),
            held=(HeldPlan("bounce_unmatched", "thư báo không gửi được, không rõ của thư nào", "admin"),),
        )
    facts: list[FactPlan] = []
    mails: list[MailPlan] = []
    lines: list[HeldPlan] = []
    reasons = []
    for item in reading.bounces:
        address = (item.recipient or thread.recipient).lower()
        reasons.append(Reason(f"bounce_{item.action}", f"{address} {item.status or ''}".strip()))
        if item.action == "failed":
            more = bounced(thread, address, item.status, item.diagnostic, site, now)
            facts.extend(more[0])
            mails.extend(more[1])
            lines.extend(more[2])
        else:
            said = {"delayed": "delayed"}.get(str(item.action), "delivered")
            facts.extend(
                FactPlan(delivery.id, said, now, f"dsn_{item.action}", address) for delivery in thread.deliveries
            )
    return Decision(
        Outcome.DECIDED,
        tuple(reasons) or (Reason("bounce_empty"),),
        facts=tuple(facts),
        mails=tuple(mails),
        held=tuple(lines),
    )


def bounced(
    thread: KnownThread, address: str, status: str | None, diagnostic: str | None, site: Site, now: datetime
) -> tuple[list[FactPlan], list[MailPlan], list[HeldPlan]]:
    """Return what follows when an address refuses: the fact, the same mail to the next address, or a line for a person.

    The server's refusal while sending (5xx) and a bounce that comes back later are the same thing.
    """
    if thread.equal_copies:
        at_address = [item for item in thread.deliveries if address in {known.lower() for known in item.addresses}]
        thread = replace(thread, deliveries=tuple(at_address))
    cause = cause_of(status, diagnostic)
    why = " ".join(filter(None, (IN_WORDS[cause], f"({status})" if status else "")))
    data = {"status": status, "diagnostic": (diagnostic or "")[:400], "cause": str(cause)}
    facts = [
        FactPlan(delivery.id, "bounced", now, f"bounce {status or ''}".strip(), address, data)
        for delivery in thread.deliveries
    ]
    if not thread.deliveries:
        return (
            facts,
            [],
            [
                HeldPlan(
                    "bounced",
                    f"thư {PURPOSES[thread.purpose]} tới {address} không gửi được: {why}",
                    "admin",
                )
            ],
        )
    first = thread.deliveries[0]
    tried = {address, *(known.lower() for known in first.tried)}
    following = next((known for known in first.addresses if known.lower() not in tried), None)
    names = ", ".join(delivery.unit_name for delivery in thread.deliveries)
    numbers = [item.document_number for item in thread.deliveries if item.document_number]
    if following is None:
        about = ", ".join((names, *dict.fromkeys(numbers)))
        facts += [FactPlan(delivery.id, "unreachable", now, "no address left") for delivery in thread.deliveries]
        contact = _contact(first, site)
        return (
            facts,
            [],
            [
                HeldPlan(
                    "unreachable",
                    f"{about}: thư không đến được, {why}, cần gọi điện {contact}".rstrip(),
                    delivery_id=first.id,
                    choices=choices.telephoned([delivery.id for delivery in thread.deliveries]),
                )
            ],
        )
    again = MailPlan(
        purpose=thread.purpose,
        template=thread.template,
        mailbox=thread.mailbox,
        recipient=following,
        recipient_name=thread.recipient_name,
        values=thread.values,
        deliveries=tuple(delivery.id for delivery in thread.deliveries),
        source_key=thread.document.content_key if thread.document else "",
        step="next-address",
        shared=thread.document is not None and thread.purpose in BRINGS_FILES,
        not_before=now,
        document_id=thread.document.id if thread.document else None,
    )
    return (
        facts,
        [again],
        [HeldPlan("bounced", f"{names}: {address} không nhận được, {why}; đã gửi lại tới {following}", "admin")],
    )


def _contact(delivery: KnownDelivery, site: Site) -> str:
    unit = site.directory.units.get(delivery.unit)
    people = [person for person in unit.people if person.phone] if unit else []
    return f"đ/c {people[0].name}, ĐT {people[0].phone}" if people else ""


def decide_receipt(reading: Reading, known: Known, now: datetime) -> Decision:
    """A read receipt says that the mail was shown, or deleted unread; it is never an acknowledgement (RFC 8098)."""
    receipt = reading.receipt
    if known.thread is None or receipt is None:
        return Decision(Outcome.DECIDED, (Reason("receipt_unmatched"),))
    said = "read" if receipt.disposition == "displayed" else "delivered"
    address = (receipt.recipient or known.thread.recipient).lower()
    facts = tuple(
        FactPlan(delivery.id, said, now, f"mdn_{receipt.disposition}", address) for delivery in known.thread.deliveries
    )
    return Decision(Outcome.DECIDED, (Reason(f"receipt_{receipt.disposition}"),), facts=facts)
