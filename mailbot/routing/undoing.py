"""HỦY LỆNH: an order is taken back while its mails have not left; what it does to units waits that long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailbot.routing.plans import TO_UNITS, Decision, MailPlan, Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.routing.known import Known, KnownOrder
    from mailbot.routing.model import Site


def can_be_taken_back(decision: Decision, site: Site, now: datetime) -> Decision:
    """Return a decision whose mails to units leave only when its sender has had time to think better of it."""
    changed = (decision.stops, decision.reminds, decision.reschedules, decision.facts, decision.closes)
    changes = any(changed) or bool(decision.remedies)
    if not changes and not any(mail.purpose in TO_UNITS for mail in decision.mails):
        return decision
    until = until_when(site, now)
    return replace(
        decision, undoable=True, not_before=until, mails=tuple(_mail(mail, until, site) for mail in decision.mails)
    )


def until_when(site: Site, now: datetime) -> datetime:
    """Return until when an order given now can be taken back."""
    return site.office.working_time.deadline(now, site.office.undo_within)


def _mail(mail: MailPlan, until: datetime, site: Site) -> MailPlan:
    if mail.purpose is Purpose.ORDER_ANSWER:
        clock = site.office.working_time.local(until)
        return replace(mail, values=mail.values | {"undo_until": f"{clock:%H giờ %M}"})
    return replace(mail, not_before=max(mail.not_before or until, until)) if mail.purpose in TO_UNITS else mail


def taken_back(known: Known, site: Site, now: datetime) -> tuple[str, int | None]:
    """Return what HỦY LỆNH comes to, in words, and the order (journal row) that is taken back; None for none."""
    last = known.last_order
    if last is None:
        return "không có yêu cầu nào của đồng chí để hủy", None
    if now > until_when(site, last.at):
        at = site.office.working_time.local(last.at)
        return f"yêu cầu gần nhất lúc {at:%H giờ %M ngày %d/%m} đã quá thời gian được hủy", None
    if not last.changed:
        at = site.office.working_time.local(last.at)
        return f"yêu cầu gần nhất lúc {at:%H giờ %M ngày %d/%m} là giao việc, {_stands(last)}", None
    left = f"; {last.gone:02d} thư đã gửi đi, không rút lại được" if last.gone else ""
    left += f"; việc đã giao thì {_stands(last)}" if last.assigned is not None else ""
    return f"đã hủy yêu cầu trước của đồng chí{left}", last.message


def _stands(last: KnownOrder) -> str:
    """What can be done about a paper that was given to somebody: it is in their hands at once."""
    recall = f"THU HỒI {last.assigned}".strip()
    return f"đã chuyển ngay nên không hủy được; giao thêm bằng PHÂN CÔNG, thu lại bằng {recall}"
