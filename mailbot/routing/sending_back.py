"""TRẢ LẠI BÁO CÁO: a unit's report is sent back with the reason, and is waited for and reminded of once more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mailbot.office.answers import day_asked_for
from mailbot.office.text import fold
from mailbot.routing import letters, reports
from mailbot.routing.order_lines import Order, Refused, Result, said_by
from mailbot.routing.plans import FactPlan, HeldPlan, MailPlan, Purpose, ReschedulePlan

if TYPE_CHECKING:
    from mailbot.office.working_time import WorkingTime
    from mailbot.routing.known import KnownDelivery, KnownMatter

EXAMPLE = "TRẢ LẠI BÁO CÁO 152-CV/ĐU Chi bộ Tổ dân phố 3, lý do: thiếu biểu số 2"
# What stands between the unit and the reason.
REASON = re.compile(r"[\s,;:.]*\bly do\b[\s:]*|[\s,;]+(?:vi|do)\s+(?=\S)|\s*[,;:]\s*")
# "Gửi lại trước ngày 20/10" behind the reason.
AGAIN_BY = re.compile(r"[\s,;.]*\b(?:gui|nop|lam) lai\b[^,;]*\b(?:ngay|thu|\d{1,2}[/-]\d{1,2})\b.*$")
WORKING_DAYS_TO_MEND = 2


@dataclass(frozen=True)
class Wanted:
    """What an order says: of which unit (empty where its thread tells), why, and by when where it says so."""

    unit: str
    reason: str
    until: date | None


def send_back(order: Order) -> Result:
    """TRẢ LẠI BÁO CÁO: the unit hears why, its state goes back, reminders count from the new limit."""
    if not order.words:
        # KHÔNG GỬI, KHÔNG ĐỒNG Ý where nothing waits for that word: a person sees what is meant.
        about = f"yêu cầu của {order.sender()[0]}: không đồng ý {' '.join(order.command.arguments)}".rstrip()
        return Result(
            "chưa rõ yêu cầu về việc nào; đã chuyển văn thư", done=False, held=(HeldPlan("order_for_clerk", about),)
        )
    matter = order.matter()
    wanted = _wanted(order)
    found = order.units(matter, wanted.unit) if wanted.unit else _of_thread(order, matter)
    here = [one for one in found if reports.counting(one)]
    if not here:
        names = "; ".join(one.unit_name for one in found)
        raise Refused(f"chưa ghi nhận báo cáo của {names}, không có gì để trả lại")
    return _sent_back(order, matter, here, wanted)


def _wanted(order: Order) -> Wanted:
    """Split `Chi bộ 5, lý do: thiếu biểu 2, gửi lại trước ngày 20/10`."""
    words = ", ".join(order.command.arguments[1 if order.numbered else 0 :])
    folded = fold(words)
    until = None
    again = AGAIN_BY.search(folded)
    if again is not None:
        until = day_asked_for(again[0], order.today)
        if until is not None and "truoc" in again[0]:
            until -= timedelta(days=1)  # "trước ngày" leaves the day itself out
        if until is not None and until < order.today:
            raise Refused(f"ngày gửi lại {letters.day_text(until)} đã qua")
        words, folded = words[: again.start()], folded[: again.start()]
    split = REASON.search(folded)
    if folded.startswith("ly do"):
        split = re.match(r"ly do\b[\s:]*", folded)
    reason = words[split.end() :].strip(" .,;:") if split else ""
    if not split or not reason:
        raise Refused(f"chưa nêu lý do trả lại báo cáo; ví dụ: {EXAMPLE}")
    return Wanted(words[: split.start()].strip(" .,;:"), reason, until)


def _of_thread(order: Order, matter: KnownMatter) -> tuple[KnownDelivery, ...]:
    """Return the delivery of the unit in whose thread the order stands."""
    thread = order.known.thread
    told = {one.id for one in thread.deliveries} if thread is not None and not thread.equal_copies else set()
    found = tuple(one for one in matter.deliveries if one.id in told)
    if not found:
        raise Refused(f"chưa rõ trả lại báo cáo của đơn vị nào; ví dụ: {EXAMPLE}")
    return found


def _sent_back(order: Order, matter: KnownMatter, here: list[KnownDelivery], wanted: Wanted) -> Result:
    calendar = order.site.office.working_time
    limits = {one.id: _limit(one, wanted.until, order.today, calendar) for one in here}
    by = said_by(order.reading)
    told = [one for one in here if one.channel == "mail" and one.addresses and one.transport != "bounced"]
    unheard = "; ".join(one.unit_name for one in here if one not in told)
    names = "; ".join(one.unit_name for one in here)
    text = f"trả lại báo cáo của {names}, gửi lại chậm nhất {letters.limit_text(limits[here[0].id], calendar)}"
    return Result(
        text + (f"; cần báo bằng điện thoại: {unheard}" if unheard else ""),
        facts=tuple(
            FactPlan(
                one.id,
                "returned",
                order.now,
                "report sent back",
                None,
                by | {"words": wanted.reason, "due": one.due, "version": reports.counting(one)[-1].version},
            )
            for one in here
        ),
        reschedules=tuple(ReschedulePlan(one.id, limits[one.id], one.ladder, one.unit) for one in here),
        mails=tuple(_told(order, matter, one, limits[one.id], wanted.reason) for one in told),
    )


def _limit(delivery: KnownDelivery, until: date | None, today: date, calendar: WorkingTime) -> str:
    """Return by when a report comes again: as ordered, else the limit that it had, with time enough to mend it."""
    if until is not None:
        return until.isoformat()
    soon = calendar.add_working_days(today, WORKING_DAYS_TO_MEND)
    had = letters.parse_limit(delivery.due) if delivery.due else None
    day = calendar.local(had).date() if isinstance(had, datetime) else had
    return delivery.due if delivery.due and day is not None and day > soon else soon.isoformat()


def _told(order: Order, matter: KnownMatter, delivery: KnownDelivery, limit: str, reason: str) -> MailPlan:
    release = matter.document.release
    office = order.site.office
    number = delivery.document_number or "văn bản"
    came = reports.counting(delivery)[-1].at
    values = letters.office_values(office) | {
        "unit": delivery.unit_name,
        "number": number,
        "document": (release.values.get("document") if release else None) or number,
        "reported_at": letters.received_text(came, office),
        "why": reason,
        "until": letters.limit_text(limit, office.working_time) or "",
    }
    return MailPlan(
        Purpose.REPORT_RETURNED,
        "report_returned",
        matter.mailbox or order.known.mailbox,
        delivery.addresses[0],
        delivery.unit_name,
        values,
        deliveries=(delivery.id,),
        source_key=f"delivery {delivery.id}",
        step=f"returned {order.now.isoformat()}",
        not_before=order.now,
    )
