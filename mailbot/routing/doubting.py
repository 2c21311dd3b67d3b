"""What keeps a paper from its way: a sender who is not believed is asked at the registered address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.routing import letters, wording
from mailbot.routing.choices import DOUBTED
from mailbot.routing.model import Direction
from mailbot.routing.plans import Decision, HeldPlan, MailPlan, Outcome, Purpose, Reason
from mailbot.routing.trusting import believed, is_known, proven

if TYPE_CHECKING:
    from mailbot.reading import Reading
    from mailbot.routing.known import Known
    from mailbot.routing.model import Site


def disbelieved(reading: Reading, site: Site, known: Known, direction: Direction) -> Decision | None:
    """Hold what its sender does not prove, and ask the registered address; nothing goes to strangers."""
    wanted = site.trust.orders if direction is Direction.OUTGOING else site.trust.documents
    levels = proven(reading, site, confirmed=known.confirmed)
    if believed(levels, wanted):
        return None
    seen = ", ".join(sorted(levels)) or "none"
    reason = Reason("trust", f"shown {seen}, wanted one of {', '.join(wanted)}")
    why = f"người gửi chưa được xác thực ({wording.trust_words(levels)})"
    held = HeldPlan("trust", paper_line(reading, why), choices=DOUBTED)
    return Decision(Outcome.HELD, (reason,), held=(held,), mails=_challenge(reading, site, known))


def _challenge(reading: Reading, site: Site, known: Known) -> tuple[MailPlan, ...]:
    if len(reading.from_addresses) != 1 or reading.automatic is not None or known.automatic_answers_last_hour:
        return ()
    address = reading.from_addresses[0]
    if not is_known(address, site):
        return ()
    name = site.directory.addresses(address)[0][0]
    values = letters.office_values(site.office) | {
        "person": name,
        "order": reading.subject or "(không có tiêu đề)",
        "original_subject": reading.subject or "",
        "address": address,
        "reason": "máy chủ không xác thực được địa chỉ gửi",
        "challenge": True,
        "received_at": letters.received_text(known.received_at, site.office),
    }
    return (
        MailPlan(
            Purpose.CHALLENGE,
            "refused",
            known.mailbox,
            address,
            name or reading.sender.name or "",
            values,
            source_key=reading.content_key,
            to_message=True,
        ),
    )


def paper_line(reading: Reading, why: str) -> str:
    """Return a paper in one line of the clerk's list: number, subject and sender, and why it stands there."""
    number = reading.documents[0].number if reading.documents else None
    who = reading.sender.address or "không rõ người gửi"
    if reading.sensitivity != "none":
        return f"thư từ {who}: {why}"  # petitions, personnel and discipline are quoted nowhere
    return f'{number or "văn bản"} "{(reading.subject or "(không có tiêu đề)")[:100]}" từ {who}: {why}'
