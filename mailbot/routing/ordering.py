"""Orders by mail of the office's own people: each line is carried out or says why not, and the answer repeats it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailbot.office.answers import Intent, day_asked_for
from mailbot.office.handing import read_handing
from mailbot.office.orders import Command, Verb
from mailbot.office.text import fold
from mailbot.routing import attendance, inspecting, letters, looking_up, standing, undoing
from mailbot.routing.leaders_word import decide_typed
from mailbot.routing.model import Ask
from mailbot.routing.plans import (
    Decision,
    FactPlan,
    HeldPlan,
    KnownMatter,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
    ReschedulePlan,
)
from mailbot.routing.wording import INTENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from mailbot.office.handing import Handing
    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Known, KnownDelivery, TaughtAddress

# How an order is called where people read it.
NAMES = {
    Verb.LOOKUP: "TRA CỨU",
    Verb.HISTORY: "LỊCH SỬ",
    Verb.STATUS: "TÌNH HÌNH",
    Verb.REMIND: "NHẮC",
    Verb.STOP: "DỪNG NHẮC",
    Verb.EXTEND: "GIA HẠN",
    Verb.NOTE: "GHI NHẬN",
    Verb.CLOSE: "KẾT THÚC",
    Verb.ASSIGN: "PHÂN CÔNG",
    Verb.UNDO: "HỦY LỆNH",
    Verb.HELP: "TRỢ GIÚP",
}
# How an order is written where only its meaning is at hand.
VERBS = {verb: NAMES.get(verb, "") for verb in Verb} | {Verb.APPROVE: "Đồng ý", Verb.REJECT: "Không đồng ý"}
HELP = (
    "TRA CỨU cải cách hành chính, hoặc TRA CỨU 152-CV/ĐU kèm tệp",
    "LỊCH SỬ 152-CV/ĐU",
    "TÌNH HÌNH 152-CV/ĐU",
    "NHẮC 152-CV/ĐU",
    "DỪNG NHẮC 152-CV/ĐU, hoặc DỪNG NHẮC Chi bộ Tổ dân phố 3",
    "GIA HẠN Chi bộ Tổ dân phố 3 đến 20/10/2026",
    "GHI NHẬN Chi bộ Tổ dân phố 5 đã nhận qua điện thoại, hoặc GHI NHẬN Chi bộ Tổ dân phố 5 vắng có phép",
    "KẾT THÚC 152-CV/ĐU",
    "PHÂN CÔNG 263-CV/TU: chuyển đ/c Bình chủ trì, trước ngày 20/10",
    "HỦY LỆNH: rút lại yêu cầu vừa gửi, trong thời gian ghi ở thư kết quả",
)


@dataclass(frozen=True)
class Result:
    """What became of one line: its words for the transcript, and all that it changes."""

    text: str
    done: bool = True
    rows: tuple[str, ...] = ()
    facts: tuple[FactPlan, ...] = ()
    mails: tuple[MailPlan, ...] = ()
    stops: tuple[int, ...] = ()
    reminds: tuple[int, ...] = ()
    reschedules: tuple[ReschedulePlan, ...] = ()
    ends: tuple[int, ...] = ()
    teaches: tuple[TaughtAddress, ...] = ()
    speaks_of: tuple[int, ...] = ()  # the deliveries of which the mail in question speaks
    says_all: bool = False  # its mail is the answer: nothing is left for a transcript to say
    takes_back: int | None = None
    decision: Decision | None = None  # what an instruction comes to, beside all else


class Refused(Exception):  # noqa: N818 - what a line cannot do, told in its transcript
    """The line is not carried out; the words say why and what to write instead."""


@dataclass(frozen=True)
class _Order:
    """One line with all that it may look at."""

    command: Command
    reading: Reading
    site: Site
    known: Known
    now: datetime

    @property
    def words(self) -> str:
        """What stands behind the verb and the number."""
        return " ".join(self.command.arguments if self._number is None else self.command.arguments[1:])

    @property
    def numbered(self) -> bool:
        """Tell whether the order names its document by number."""
        return self._number is not None

    @property
    def _number(self) -> str | None:
        first = next(iter(self.command.arguments), "")
        return first if first in self.known.matters and first else None

    @property
    def today(self) -> date:
        """The day of the order in the office's zone."""
        return self.site.office.working_time.local(self.now).date()

    def matter(self) -> KnownMatter:
        """Return the document that the order names; without a number the one that its mail answers about."""
        first = next(iter(self.command.arguments), "")
        found = self.known.matters.get(first) if self._number else self.known.matters.get("", ())
        if not found and self._number:
            raise Refused(f"chưa thấy văn bản số {first} trong sổ")
        if not found:
            raise Refused("chưa rõ văn bản nào; đề nghị ghi số, ví dụ: " + self.line_with("152-CV/ĐU"))
        if len(found) > 1:
            raise Refused(f"có {len(found):02d} văn bản cùng số {first}; đề nghị trả lời thư của văn bản cần dùng")
        return found[0]

    def line_with(self, words: str) -> str:
        """Return the order as it should have been written."""
        return f"{NAMES.get(self.command.verb, str(self.command.verb))} {words}"

    def units(self, matter: KnownMatter, words: str) -> tuple[KnownDelivery, ...]:
        """Return the deliveries of the units that the words name, as the directory calls them."""
        found = self.site.directory.addressees([words], self.today)
        named = {one.unit for one in found.expansions} | set(found.people)
        deliveries = tuple(one for one in matter.deliveries if one.unit in named)
        if not deliveries:
            wanted = fold(words).strip()
            deliveries = tuple(one for one in matter.deliveries if wanted and wanted in fold(one.unit_name))
            if len({one.unit for one in deliveries}) > 1:
                names = "; ".join(one.unit_name for one in deliveries)
                raise Refused(f"“{words}” có thể là {names}; đề nghị ghi đủ tên đơn vị")
        if not deliveries:
            raise Refused(f"{matter.document.number or 'văn bản'} không gửi cho “{words}”")
        return deliveries

    def sender(self) -> tuple[str, str]:
        """Return the name and address of whoever gives the order."""
        address = self.reading.from_addresses[0]
        return self.reading.sender.name or self.site.directory.addresses(address)[0][0], address

    def named(self, matter: KnownMatter) -> tuple[KnownDelivery, ...]:
        """Return the deliveries that the order is about: all of the document, or those of the units it names."""
        return self.units(matter, self.words) if self.words else matter.deliveries


def decide_orders(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Carry out the orders of a believed mail line by line, and answer with a transcript."""
    results = [_carried_out(_Order(command, reading, site, known, now)) for command in reading.commands]
    reasons = tuple(
        Reason(f"order_{command.verb}", result.text) for command, result in zip(reading.commands, results, strict=True)
    )
    lines = tuple(
        HeldPlan("order_for_clerk", f"yêu cầu của {reading.sender.name or reading.sender.address}: {_line(command)}")
        for command in reading.commands
        if command.verb not in ORDERS
    )
    # Whoever asks for one thing gets one mail.
    answers = [] if results and all(result.says_all for result in results) else [_answer(reading, site, known, results)]
    decided = Decision(
        Outcome.DECIDED,
        reasons,
        mails=(*_all(results, "mails"), *answers),
        facts=_all(results, "facts"),
        held=lines,
        stops=_all(results, "stops"),
        reminds=_all(results, "reminds"),
        reschedules=_all(results, "reschedules"),
        ends=_all(results, "ends"),
        takes_back=next((result.takes_back for result in results if result.takes_back is not None), None),
    )
    decided = undoing.can_be_taken_back(decided, site, now)
    instructed = next((result.decision for result in results if result.decision is not None), None)
    return _together(instructed, decided) if instructed is not None else decided


def _together(instructed: Decision, others: Decision) -> Decision:
    """Return an instruction with what the other lines of its mail order."""
    return replace(
        instructed,
        reasons=(*instructed.reasons, *others.reasons),
        mails=(*instructed.mails, *others.mails),
        facts=(*instructed.facts, *others.facts),
        held=(*instructed.held, *others.held),
        stops=others.stops,
        reminds=others.reminds,
        reschedules=(*instructed.reschedules, *others.reschedules),
        ends=others.ends,
    )


def _answer(reading: Reading, site: Site, known: Known, results: list[Result]) -> MailPlan:
    return transcript(reading, site, known, list(map(_line, reading.commands)), results)


def _all(results: Iterable[Result], name: str) -> tuple[Any, ...]:
    return tuple(item for result in results for item in getattr(result, name))


def _line(command: Command) -> str:
    return " ".join((NAMES.get(command.verb, str(command.verb)), *command.arguments))


def _carried_out(order: _Order) -> Result:
    carry_out = ORDERS.get(order.command.verb)
    if carry_out is None:
        return Result("hệ thống chưa làm được yêu cầu này; đã chuyển văn thư", done=False)
    try:
        return carry_out(order)
    except Refused as refused:
        return Result(str(refused), done=False)


def officers(site: Site, *, clerk_alone: bool = False) -> frozenset[str]:
    """Return the addresses of the clerk, the leader and the admin, in small letters, or those of the clerk alone."""
    targets = {site.officers.clerk} if clerk_alone else {site.officers.clerk, site.officers.leader, site.officers.admin}
    return frozenset(each.lower() for target in targets for _, each in site.directory.addresses(target))


def may_order(address: str, site: Site, known: Known) -> bool:
    """Tell whether an address may give orders: an officer's of the office, or who mailed in what it speaks of."""
    holders = officers(site)
    senders = {
        (matter.document.sender_address or "").lower() for matters in known.matters.values() for matter in matters
    }
    return address.lower() in holders or (bool(known.matters) and senders == {address.lower()})


# --- the orders ---------------------------------------------------------------------------------------------------


def _help(_order: _Order) -> Result:
    return Result("các yêu cầu dùng được, mỗi dòng một yêu cầu, có dấu hoặc không dấu:", rows=HELP)


def _remind(order: _Order) -> Result:
    matter = order.matter()
    late = [one for one in order.named(matter) if not one.satisfied]
    if not late:
        return Result(f"không đơn vị nào còn phải nhắc theo {matter.document.number or 'văn bản'}")
    names = "; ".join(one.unit_name for one in late)
    return Result(
        f"nhắc {len(late):02d} đơn vị theo {matter.document.number or 'văn bản'}: {names}",
        reminds=tuple(one.id for one in late),
    )


def _stop(order: _Order) -> Result:
    matter = order.matter()
    deliveries = [one for one in order.named(matter) if not one.satisfied]
    about = matter.document.number or "văn bản"
    return Result(f"dừng nhắc {len(deliveries):02d} đơn vị theo {about}", stops=tuple(one.id for one in deliveries))


def _close(order: _Order) -> Result:
    """What is open ends by the office's word: nobody is reminded, and the log names who said so."""
    matter = order.matter()
    deliveries = [one for one in order.named(matter) if not one.satisfied]
    facts = tuple(_fact(order, one, "superseded", "closed by order") for one in deliveries)
    words = f"kết thúc theo dõi {len(deliveries):02d} đơn vị theo {matter.document.number or ''}"
    return Result(words, facts=facts, ends=() if order.words else (matter.document.id,))


def _extend(order: _Order) -> Result:
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


def _until(order: _Order) -> tuple[str, date]:
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
HAPPENED = {
    Intent.ACKNOWLEDGE: ("da nhan", "da giao", "da bao", "ky nhan", "da xac nhan", "nhan qua"),
    Intent.REPORT: ("da bao cao", "da gui bao cao", "da nop", "khong phat sinh"),
    Intent.ACCEPT: ("se du", "du hop", "tham du"),
    Intent.DECLINE: ("xin vang", "vang", "khong du"),
}


def _note(order: _Order) -> Result:
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
    said = Intent.REPORT if Intent.REPORT in places else min(places, key=lambda intent: places[intent])
    name = order.words[: min(places.values())].strip(" ,;:-")
    deliveries = order.units(matter, name) if name else matter.deliveries
    noted = [str(said)]
    if said is Intent.DECLINE and "vang co phep" in folded:
        noted.append("excused")  # the chair has agreed already
    read = read_handing(order.words, order.today)
    proof = evidence(read)
    facts = tuple(_fact(order, one, each, "noted by the office", proof) for one in deliveries for each in noted)
    names = "; ".join(one.unit_name for one in deliveries)
    return Result(f"ghi nhận {names}: {INTENTS[said]}", facts=facts)


def evidence(read: Handing) -> dict[str, Any]:
    """Return what a receipt outside mail is proved by, as its event keeps it: the way, the day, who signed."""
    found = {"way": str(read.way), "on": read.on.isoformat() if read.on else None, "signed_by": read.signed_by}
    return {name: value for name, value in found.items() if value}


def _fact(
    order: _Order, delivery: KnownDelivery, said: str, reason: str, proof: dict[str, Any] | None = None
) -> FactPlan:
    data = said_by(order.reading) | {"words": order.words[:400]} | (proof or {})
    return FactPlan(delivery.id, said, order.now, reason, None, data)


def own_words(reading: Reading) -> str:
    """Return what a person wrote, also where it was read as orders."""
    if reading.reply is not None and reading.reply.text:
        return reading.reply.text
    return "\n".join(f"{VERBS[one.verb]} {', '.join(one.arguments)}".strip() for one in reading.commands)


def said_by(reading: Reading) -> dict[str, Any]:
    """Return whose word it is: facts that did not come from the unit itself always name somebody."""
    address = reading.from_addresses[0] if reading.from_addresses else ""
    return {"by": reading.sender.name or address, "by_address": address}


def _status(order: _Order) -> Result:
    """The state of a document is a mail of its own, with the whole table; the transcript has its figures."""
    matter = order.matter()
    if attendance.invited(matter) and matter.document.release is not None:
        return _who_comes(order, matter)
    about = matter.document.number or "văn bản"
    if matter.document.release is None or not matter.deliveries:
        return Result(f"{about} chưa gửi tới đơn vị nào")
    mail = standing.status_mail(matter, order.site, order.now, order.sender())
    return Result(f"tình hình {about}: {standing.counts_text(mail.values)}", mails=(mail,), says_all=True)


def _assign(order: _Order) -> Result:
    """PHÂN CÔNG: the leader's instruction as the clerk types it in, the scan attached; its own mails tell the rest."""
    matter = order.matter()
    about = matter.document.number or "văn bản"
    if matter.document.direction != "incoming" or not matter.values:
        raise Refused(f"{about} không phải văn bản đến đã trình; không phân công được")
    if matter.document.state not in ("awaiting_instruction", "released", "filed"):
        raise Refused(f"{about} không còn chờ ý kiến chỉ đạo")
    assigns = [one for one in order.reading.commands if one.verb is Verb.ASSIGN]
    if order.command is not assigns[0]:
        raise Refused("mỗi thư chỉ một PHÂN CÔNG; đề nghị gửi thư riêng")
    text = ", ".join(order.command.arguments[1 if order.numbered else 0 :])
    decision = decide_typed(text, matter, order.sender(), order.reading, order.site, order.known, order.now)
    done = decision.instruction is not None
    said = f"phân công {about}" if done else f"phân công {about}: còn phải hỏi lại"
    return Result(said, done=done, says_all=True, decision=decision)


def _undo(order: _Order) -> Result:
    words, message = undoing.taken_back(order.known, order.site, order.now)
    return Result(words, done=message is not None, takes_back=message)


def _who_comes(order: _Order, matter: KnownMatter) -> Result:
    """Of an invitation the state is the attendance sheet: its figures and who does not come, and the sheet by mail."""
    invited = attendance.invited(matter)
    missing = [one for one in invited if one.attendance not in attendance.COMING]
    rows = [attendance.summary(invited)]
    rows += [f"{one.unit_name}: {attendance.WORDS[one.attendance or ''].lower()}" for one in missing]
    sheet = attendance.sheet_mail(matter, order.site, order.now, order.sender())
    about = f"tình hình dự họp {matter.document.number or 'cuộc họp'}, bảng đầy đủ gửi ở thư sau:"
    return Result(about, rows=tuple(rows), mails=(sheet,))


def _look_up(order: _Order) -> Result:
    """What was found is a mail of its own; who is no officer of the office sees only the papers they sent."""
    asked, _ = looking_up.asked_for(order.command)
    name, address = order.sender()
    found = order.known.found.get(asked)
    if found is None or not asked:
        raise Refused("chưa rõ tra cứu gì; ví dụ: " + order.line_with("cải cách hành chính"))
    seen = looking_up.seen_by(found, address, officer=address.lower() in officers(order.site))
    if not seen.papers:
        raise Refused(f"không tìm thấy văn bản nào có “{asked}”")
    mail = looking_up.lookup_mail(order.command, seen, order.site, order.now, (name, address), order.known.mailbox)
    return Result(f"tìm thấy {len(seen.papers):02d} văn bản", mails=(mail,), says_all=True)


def _history(order: _Order) -> Result:
    """All that an inspection asks about a document, as one file; of a sensitive paper to the clerk alone."""
    matter = order.matter()
    found = order.known.inspected.get(matter.document.id)
    about = matter.document.number or "văn bản"
    name, address = order.sender()
    if found is None or (found.hidden and address.lower() not in officers(order.site, clerk_alone=True)):
        raise Refused(f"lịch sử {about} chỉ văn thư được xem")
    as_pdf = "pdf" in fold(order.words).split()
    mail = inspecting.history_mail(found, order.site, order.now, (name, address), order.known.mailbox, as_pdf=as_pdf)
    return Result(f"lịch sử {about}: {len(found.events):02d} sự kiện", mails=(mail,), says_all=True)


ORDERS: dict[Verb, Callable[[_Order], Result]] = {
    Verb.LOOKUP: _look_up,
    Verb.HISTORY: _history,
    Verb.STATUS: _status,
    Verb.REMIND: _remind,
    Verb.STOP: _stop,
    Verb.EXTEND: _extend,
    Verb.NOTE: _note,
    Verb.CLOSE: _close,
    Verb.ASSIGN: _assign,
    Verb.UNDO: _undo,
    Verb.HELP: _help,
}


# --- the answer ---------------------------------------------------------------------------------------------------


def transcript(reading: Reading, site: Site, known: Known, lines: list[str], results: list[Result]) -> MailPlan:
    """Return the answer that repeats each line of a mail with its result."""
    address = reading.from_addresses[0]
    name = reading.sender.name or site.directory.addresses(address)[0][0]
    shown = [
        {"order": line, "result": result.text, "done": result.done, "rows": list(result.rows)}
        for line, result in zip(lines, results, strict=True)
    ]
    values = letters.office_values(site.office) | {
        "person": name,
        "lines": shown,
        "undo_until": "",
        "all_done": all(result.done for result in results),
        "original_subject": reading.subject or "; ".join(lines),
        "received_at": letters.received_text(known.received_at, site.office),
    }
    return MailPlan(
        Purpose.ORDER_ANSWER,
        "order_answer",
        known.mailbox,
        address,
        name,
        values,
        source_key=reading.content_key,
        to_message=True,
    )
