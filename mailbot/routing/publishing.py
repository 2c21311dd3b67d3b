"""A paper that was planned and shown goes to its units, by somebody's word: ĐỒNG Ý, or the order PHÁT HÀNH."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailbot.routing import circulating, meetings
from mailbot.routing.order_lines import Refused, Result
from mailbot.routing.plans import Decision, InstructionPlan, Outcome, Reason, Said
from mailbot.routing.releasing import carry_out, released_notice, save_sent

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.routing.known import KnownDocument
    from mailbot.routing.model import Site
    from mailbot.routing.order_lines import Order


def release_now(
    document: KnownDocument,
    person: tuple[str, str],
    mailbox: str,
    site: Site,
    now: datetime,
    instruction: InstructionPlan,
) -> Decision:
    """Send a document to its units as it was planned and shown, and tell the person (name, address) who said so."""
    assert document.release is not None
    # A bare approval typed on a phone ("dong y") goes down to the units as it would be written.
    said = "Đồng ý" if instruction.text.isascii() else instruction.text
    extra = {"instruction": said, "instructed_by": instruction.given_by}
    units = tuple(item.unit for item in document.release.recipients)
    release = replace(document.release, said=(Said(units, extra),))
    deliveries, mails = carry_out(release, site, document.content_key, now)
    told = released_notice(site, *person, document.release, document.content_key)
    facts, calls = meetings.superseding(document.release, now)
    return Decision(
        Outcome.DECIDED,
        (Reason("approved", instruction.text),),
        release_of=document.id,
        release=release,
        deliveries=deliveries,
        mails=(*mails, told),
        facts=facts,
        held=(*calls, *circulating.to_collect(document.release, now)),
        actions=save_sent(site, mailbox),
        instruction=instruction,
    )


def publish(order: Order) -> Result:
    """PHÁT HÀNH: what waits for its ĐỒNG Ý goes out by the word of its sender or the office."""
    matter = order.matter()
    document, about = matter.document, matter.document.number or "văn bản"
    if document.state == "awaiting_confirmation" and document.release is not None:
        name, address = order.sender()
        instruction = InstructionPlan(document.id, name or address, "Phát hành")
        mailbox = document.release.mailbox
        decision = release_now(document, (name, address), mailbox, order.site, order.now, instruction)
        count = len(document.release.recipients)
        return Result(f"phát hành {about} tới {count:02d} đơn vị", says_all=True, decision=decision)
    if document.state == "released":
        raise Refused(f"{about} đã phát hành; gửi thêm cho đơn vị chưa nhận: GỬI LẠI {about} TÊN ĐƠN VỊ")
    if document.state == "cancelled":
        raise Refused(f"{about} đã hủy, chưa gửi đi; đề nghị gửi lại văn bản để phát hành")
    raise Refused(f"{about} không phải văn bản đi đang chờ phát hành")
