"""The orders about papers that are out: reminded, stopped, extended, noted, closed, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.answers import day_asked_for
from mailbot.office.handing import read_handing
from mailbot.office.text import fold
from mailbot.routing import attendance, letters, mending, standing
from mailbot.routing.model import Ask
from mailbot.routing.order_lines import Order, Refused, Result, said_by
from mailbot.routing.plans import FactPlan, MailPlan, Purpose, ReschedulePlan
from mailbot.routing.wording import INTENTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from mailbot.office.handing import Handing
    from mailbot.routing.known import Known, KnownDelivery, KnownMatter
    from mailbot.routing.model import Site


def remind(order: Order) -> Result:
    """NHẮC: whoever has not done what was asked is reminded now; in office hours, once a day."""
    matter = order.matter()
    late = [one for one in order.named(matter) if not one.satisfied]
    if not late:
        return Result(f"không đơn vị nào còn phải nhắc theo {matter.document.number or 'văn bản'}")
    names = "; ".join(one.unit_name for one in late)
    return Result(
        f"nhắc {len(late):02d} đơn vị theo {matter.document.number or 'văn bản'}: {names}",
        reminds=tuple(one.id for one in late),
    )


def stop(order: Order) -> Result:
    """DỪNG NHẮC: nobody (or none of these units) is reminded any more; what was asked stays open."""
    matter = order.matter()
    deliveries = [one for one in order.named(matter) if not one.satisfied]
    about = matter.document.number or "văn bản"
    return Result(f"dừng nhắc {len(deliveries):02d} đơn vị theo {about}", stops=tuple(one.id for one in deliveries))


def close(order: Order) -> Result:
    """What is open ends by the office's word: nobody is reminded, and the log names who said so."""
    matter = order.matter()
    deliveries = [one for one in order.named(matter) if not one.satisfied]
    facts = tuple(_fact(order, one, "superseded", "closed by order") for one in deliveries)
    words = f"kết thúc theo dõi {len(deliveries):02d} đơn vị theo {matter.document.number or ''}"
    return Result(words, facts=facts, ends=() if order.words else (matter.document.id,))


def extend(order: Order) -> Result:
    """GIA HẠN: all or some units get until another day."""
    matter = order.matter()
    words, until = _until(order)
    deliveries = order.units(matter, words) if words else matter.deliveries
    return extended(deliveries, until, order.site, order.known, said_by(order.reading), order.now)


def extended(
    deliveries: Iterable[KnownDelivery], until: date, site: Site, known: Known, by: dict[str, Any], now: datetime
) -> Result:
    """Give units more time: the fact, the new limit with its reminders, one mail to each unit."""
    open_ones = [one for one in deliveries if not one.satisfied and one.ask is not Ask.NONE]
    if not open_ones:
        raise Refused("đơn vị đã thực hiện xong, không cần gia hạn")
    limit = until.isoformat()
    data = by | {"until": limit}
    names = "; ".join(one.unit_name for one in open_ones)
    return Result(
        f"gia hạn đến hết {letters.long_day(until)} cho {names}",
        facts=tuple(FactPlan(one.id, "extended", now, "extension granted", None, data) for one in open_ones),
        reschedules=tuple(ReschedulePlan(one.id, limit, one.ladder, one.unit) for one in open_ones),
        mails=tuple(
            _told(one, until, site, known, now) for one in open_ones if one.addresses and one.channel == "mail"
        ),
    )


def _by_mail(delivery: KnownDelivery) -> bool:
    return delivery.channel == "mail" and bool(delivery.addresses) and delivery.transport != "bounced"


def _told(delivery: KnownDelivery, until: date, site: Site, known: Known, now: datetime) -> MailPlan:
    number = delivery.document_number or "văn bản"
    values = letters.office_values(site.office) | {
        "unit": delivery.unit_name,
        "number": number,
        "granted": True,
        "until": letters.long_day(until),
    }
    return MailPlan(
        Purpose.EXTENSION_DECIDED,
        "extension_decided",
        known.mailbox,
        delivery.addresses[0],
        delivery.unit_name,
        values,
        deliveries=(delivery.id,),
        source_key=f"delivery {delivery.id}",
        step=f"extended {until.isoformat()}",
        not_before=now,
    )


def _until(order: Order) -> tuple[str, date]:
    """Split `Chi bộ 5 đến thứ 6` into the unit's name and the day; a weekday is the next one."""
    words = order.words
    folded = fold(words)
    place = max(folded.rfind(" den "), folded.rfind(" toi "), 0 if folded.startswith("den ") else -1)
    if place < 0:
        raise Refused("chưa rõ gia hạn đến ngày nào; ví dụ: GIA HẠN Chi bộ Tổ dân phố 3 đến 20/10/2026")
    until = day_asked_for(folded[place:], order.today)
    if until is None or until < order.today:
        raise Refused(f"chưa rõ ngày “{words[place:].strip()}”; đề nghị ghi đủ ngày/tháng/năm")
    return words[:place].strip(" ,;:"), until


# What happened outside mail, as the văn thư writes it behind the unit's name.
HAPPENED: dict[str, tuple[str, ...]] = {
    "exempt": ("duoc mien bao cao", "mien bao cao", "khong phai bao cao"),
    Intent.ACKNOWLEDGE: ("da nhan", "da giao", "da bao", "ky nhan", "da xac nhan", "nhan qua"),
    Intent.RECALL_DONE: ("da huy", "da tieu huy", "da thu hoi", "da tra lai"),
    Intent.REPORT: ("da bao cao", "da gui bao cao", "da nop", "khong phat sinh"),
    Intent.ACCEPT: ("se du", "du hop", "tham du"),
    Intent.DECLINE: ("xin vang", "vang", "khong du"),
}


def note(order: Order) -> Result:
    """GHI NHẬN: what a unit said by telephone or on paper; the fact is marked as the clerk's word."""
    matter = order.matter()
    folded = fold(order.words)
    places = {
        intent: place
        for intent, words in HAPPENED.items()
        if (place := min((folded.find(word) for word in words if word in folded), default=-1)) > 0
    }
    if not places:
        raise Refused("chưa rõ ghi nhận việc gì; ví dụ: GHI NHẬN Chi bộ Tổ dân phố 5 đã nhận qua điện thoại")
    first = (said for said in ("exempt", Intent.REPORT) if said in places)
    said = next(first, None) or min(places, key=lambda intent: places[intent])
    name = order.words[: min(places.values())].strip(" ,;:-")
    deliveries = order.units(matter, name) if name else matter.deliveries
    noted = [str(said)]
    if said == Intent.DECLINE and "vang co phep" in folded:
        noted.append("excused")  # the chair has agreed already
    if said is Intent.ACKNOWLEDGE and any(words in folded for words in mending.RIGHT_COPY):
        noted.append("right_copy")
    read = read_handing(order.words, order.today)
    proof = evidence(read)
    facts = tuple(_fact(order, one, each, "noted by the office", proof) for one in deliveries for each in noted)
    names = "; ".join(one.unit_name for one in deliveries)
    done = "miễn báo cáo" if said == "exempt" else INTENTS[Intent(said)]
    return Result(f"ghi nhận {names}: {done}", facts=facts)


def evidence(read: Handing) -> dict[str, Any]:
    """Return what a receipt outside mail is proved by, as its event keeps it: the way, the day, who signed."""
    found = {"way": str(read.way), "on": read.on.isoformat() if read.on else None, "signed_by": read.signed_by}
    return {name: value for name, value in found.items() if value}


def _fact(
    order: Order, delivery: KnownDelivery, said: str, reason: str, proof: dict[str, Any] | None = None
) -> FactPlan:
    data = said_by(order.reading) | {"words": order.words[:400]} | (proof or {})
    return FactPlan(delivery.id, said, order.now, reason, None, data)


def status(order: Order) -> Result:
    """The state of a document is a mail of its own, with the whole table; the transcript has its figures."""
    matter = order.matter()
    mended = any(one.exchange for one in matter.deliveries)
    if attendance.invited(matter) and matter.document.release is not None and not mended:
        return _who_comes(order, matter)
    about = matter.document.number or "văn bản"
    if matter.document.release is None or not matter.deliveries:
        return Result(f"{about} chưa gửi tới đơn vị nào")
    mail = standing.status_mail(matter, order.site, order.now, order.sender())
    return Result(f"tình hình {about}: {standing.counts_text(mail.values)}", mails=(mail,), says_all=True)


def _who_comes(order: Order, matter: KnownMatter) -> Result:
    """Of an invitation the state is the attendance sheet: its figures and who does not come, and the sheet by mail."""
    invited = attendance.invited(matter)
    missing = [one for one in invited if one.attendance not in attendance.COMING]
    rows = [attendance.summary(invited)]
    rows += [f"{one.unit_name}: {attendance.WORDS[one.attendance or ''].lower()}" for one in missing]
    sheet = attendance.sheet_mail(matter, order.site, order.now, order.sender())
    about = f"tình hình dự họp {matter.document.number or 'cuộc họp'}, bảng đầy đủ gửi ở thư sau:"
    return Result(about, rows=tuple(rows), mails=(sheet,))
