"""GỬI LẠI: a paper goes out once more with the file that it has now, or to a unit that was not on its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mailbot.routing.circulating import kept_inside
from mailbot.routing.mending import OVER
from mailbot.routing.model import Ask, Channel, Copy
from mailbot.routing.order_lines import Order, Refused, Result, said_by
from mailbot.routing.plans import Decision, FactPlan, MailPlan, Outcome, Reason, Release
from mailbot.routing.releasing import carry_out, recipient_like

if TYPE_CHECKING:
    from mailbot.routing.known import KnownDelivery, KnownMatter

NOT_AGAIN_WITHIN = timedelta(hours=1)
BY_ORDER = "theo yêu cầu gửi lại"


def resend(order: Order) -> Result:
    """Send a released paper once more: to the units that the order names, else to all that have not received it."""
    matter = order.matter()
    about, document = matter.document.number or "văn bản", matter.document
    if document.state in OVER:
        raise Refused(f"{about} {OVER[document.state]}")
    if document.state != "released" or document.release is None:
        raise Refused(f"{about} chưa gửi đi; để phát hành: PHÁT HÀNH {about}")
    if order.words and not _is_listed(order, matter):
        return _to_more(order, matter, document.release)
    named = order.units(matter, order.words) if order.words else _not_received(matter)
    if not named:
        return Result(f"mọi đơn vị đã nhận {about}, không gửi lại")
    by_mail = [one for one in named if one.channel == "mail" and one.addresses]
    ready = [one for one in by_mail if not _just_sent(one, order)]
    if not ready:
        why = "đã gửi lại trong vòng một giờ" if by_mail else "nhận bản giấy"
        raise Refused(f"{'; '.join(one.unit_name for one in named)} {why}")
    mails = _mails(order, matter, document.release, ready)
    rows = tuple(
        f"{one.unit_name}: {'đã gửi lại trong vòng một giờ' if one in by_mail else 'nhận bản giấy'}, không gửi"
        for one in named
        if one not in ready
    )
    data = said_by(order.reading)
    facts = tuple(FactPlan(one.id, "resent", order.now, "ordered", one.addresses[0], data) for one in ready)
    names = "; ".join(one.unit_name for one in ready)
    return Result(f"gửi lại {about} tới {len(ready):02d} đơn vị: {names}", rows=rows, mails=mails, facts=facts)


def _is_listed(order: Order, matter: KnownMatter) -> bool:
    """Tell whether the words name somebody to whom the paper went."""
    try:
        return bool(order.units(matter, order.words))
    except Refused as refused:
        if "không gửi cho" in str(refused):
            return False
        raise


def _not_received(matter: KnownMatter) -> tuple[KnownDelivery, ...]:
    """Return the deliveries of which neither a person nor a machine has said that they were received."""
    seen = ("answered", "read", "delivered")
    return tuple(one for one in matter.deliveries if not any(name in one.moments for name in seen))


def _just_sent(one: KnownDelivery, order: Order) -> bool:
    last = one.latest.get("resent")
    return last is not None and order.now - last < NOT_AGAIN_WITHIN


def _mails(
    order: Order, matter: KnownMatter, release: Release, deliveries: list[KnownDelivery]
) -> tuple[MailPlan, ...]:
    """Return the mails of the first sending, made anew for these units: same words, the file that the paper has now."""
    known = {one.unit: one for one in release.recipients}
    like = next((one for one in release.recipients if one.ask is not Ask.NONE), release.recipients[0])
    rows = {one.unit: one for one in deliveries}
    chosen = tuple(
        replace(
            known.get(unit) or recipient_like(like, unit, BY_ORDER, order.site),
            addresses=one.addresses,
            due=one.due,
            channel=Channel.MAIL,
            calendar_key=one.first_key,
        )
        for unit, one in rows.items()
    )
    again = replace(release, recipients=chosen, copy=Copy.PERSONAL)
    _, mails = carry_out(again, order.site, matter.document.content_key, order.now)
    step = f"resent {order.now.isoformat()}"
    return tuple(
        replace(
            mail,
            units=(),
            deliveries=tuple(rows[unit].id for unit in mail.units),
            step=step,
            document_id=matter.document.id,
        )
        for mail in mails
    )


def _to_more(order: Order, matter: KnownMatter, release: Release) -> Result:
    """Send a released paper to a unit that was not on its list; it is asked what the others are asked."""
    found = order.site.directory.addressees([order.words], order.today)
    keys = [*(one.unit for one in found.expansions), *found.people]
    if not keys:
        raise Refused(f"danh bạ không có “{order.words}”")
    like = next((one for one in release.recipients if one.ask is not Ask.NONE), release.recipients[0])
    added = tuple(recipient_like(like, key, BY_ORDER, order.site) for key in keys)
    document = matter.document
    more = kept_inside(replace(release, recipients=added), order.site)
    added = more.recipients
    deliveries, mails = carry_out(more, order.site, document.content_key, order.now)
    names = "; ".join(one.name for one in added)
    text = f"gửi thêm {document.number or 'văn bản'} tới {names}"
    whole = replace(release, recipients=(*release.recipients, *added))
    decision = Decision(
        Outcome.DECIDED,
        (Reason("sent_to_more", names),),
        adds_to=document.id,
        release=whole,
        deliveries=deliveries,
        mails=tuple(replace(mail, document_id=document.id) for mail in mails),
    )
    return Result(text, decision=decision)
