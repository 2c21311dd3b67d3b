"""Orders by mail of the office's own people: each line is carried out or says why not, and the answer repeats it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailbot.office.orders import Command, Verb
from mailbot.office.periods import read_period
from mailbot.office.text import fold
from mailbot.routing import inspecting, letters, looking_up, mending, rights, undoing
from mailbot.routing.gathering import collect
from mailbot.routing.leaders_word import decide_typed
from mailbot.routing.order_lines import NAMES, Order, Refused, Result, transcript
from mailbot.routing.orders_on_papers import close, extend, note, remind, status, stop
from mailbot.routing.plans import Decision, HeldPlan, MailPlan, Outcome, Purpose, Reason
from mailbot.routing.publishing import publish
from mailbot.routing.registering import NotEnteredError, enter
from mailbot.routing.resending import resend
from mailbot.routing.sending_back import send_back
from mailbot.routing.statistics import statistics_mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known
    from mailbot.routing.model import Site

HELP = (
    "TRA CỨU cải cách hành chính, hoặc TRA CỨU 152-CV/ĐU kèm tệp",
    "LỊCH SỬ 152-CV/ĐU",
    "TÌNH HÌNH 152-CV/ĐU",
    "NHẮC 152-CV/ĐU",
    "DỪNG NHẮC 152-CV/ĐU, hoặc DỪNG NHẮC Chi bộ Tổ dân phố 3",
    "GIA HẠN Chi bộ Tổ dân phố 3 đến 20/10/2026",
    "GHI NHẬN Chi bộ Tổ dân phố 5 đã nhận qua điện thoại, hoặc GHI NHẬN Chi bộ Tổ dân phố 5 vắng có phép",
    "TỔNG HỢP 152-CV/ĐU",
    "TRẢ LẠI BÁO CÁO 152-CV/ĐU Chi bộ Tổ dân phố 3, lý do: thiếu biểu số 2",
    "KẾT THÚC 152-CV/ĐU",
    "VÀO SỔ 12-CV/TU ngày 05/10/2026 của Thành ủy về việc …, hạn 20/10 (văn bản giấy; kèm bản chụp nếu có)",
    "PHÂN CÔNG 263-CV/TU: chuyển đ/c Bình chủ trì, trước ngày 20/10",
    "THỐNG KÊ tháng 10/2026, hoặc THỐNG KÊ quý IV/2026",
    "PHÁT HÀNH 152-CV/ĐU",
    "THU HỒI 152-CV/ĐU lý do …",
    "THAY TỆP 152-CV/ĐU lý do … (kèm tệp đúng)",
    "ĐÍNH CHÍNH 152-CV/ĐU hạn báo cáo là ngày 18/10/2026, không phải ngày 16/10/2026",
    "GỬI LẠI 152-CV/ĐU Chi bộ Tổ dân phố 5, hoặc GỬI LẠI 152-CV/ĐU: các đơn vị chưa nhận",
    "HỦY LỆNH: rút lại yêu cầu vừa gửi, trong thời gian ghi ở thư kết quả",
)


def decide_orders(
    reading: Reading, site: Site, known: Known, now: datetime, allowed: frozenset[Verb] | None = None
) -> Decision:
    """Carry out the orders of a believed mail line by line, and answer with a transcript.

    `allowed` are the orders that its sender may give, where that is not what the site says of their address.
    """
    may = rights.may_give(reading.from_addresses[0], site, known) if allowed is None else allowed
    results = _once([_carried_out(Order(command, reading, site, known, now), may) for command in reading.commands])
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
        papers=tuple(result.paper for result in results if result.paper is not None),
        mails=(*_all(results, "mails"), *answers),
        facts=_all(results, "facts"),
        held=(*lines, *_all(results, "held")),
        remedies=_all(results, "remedies"),
        stops=_all(results, "stops"),
        reminds=_all(results, "reminds"),
        reschedules=_all(results, "reschedules"),
        ends=_all(results, "ends"),
        takes_back=next((result.takes_back for result in results if result.takes_back is not None), None),
    )
    decided = undoing.can_be_taken_back(decided, site, now)
    instructed = next((result.decision for result in results if result.decision is not None), None)
    return _together(instructed, decided) if instructed is not None else decided


def _once(results: list[Result]) -> list[Result]:
    """Refuse what one mail enters twice: the same paper gets one number."""
    seen: set[tuple[str | None, ...]] = set()
    found = []
    for result in results:
        document = result.paper.document if result.paper is not None else None
        key: tuple[str | None, ...] = ()
        if document is not None and document.number_key is not None:
            key = (document.issuer_unit, document.type, document.number_key, document.series)
        again = bool(key) and key in seen
        seen.add(key)
        found.append(Result("ghi hai lần trong một thư, chỉ vào sổ một lần", done=False) if again else result)
    return found


def _together(instructed: Decision, others: Decision) -> Decision:
    """Return an instruction with what the other lines of its mail order."""
    return replace(
        instructed,
        reasons=(*instructed.reasons, *others.reasons),
        papers=others.papers,
        mails=(*instructed.mails, *others.mails),
        facts=(*instructed.facts, *others.facts),
        held=(*instructed.held, *others.held),
        stops=others.stops,
        reminds=others.reminds,
        reschedules=(*instructed.reschedules, *others.reschedules),
        ends=others.ends,
        remedies=others.remedies,
        undoable=others.undoable,
        not_before=others.not_before,
        takes_back=others.takes_back,
    )


def _answer(reading: Reading, site: Site, known: Known, results: list[Result]) -> MailPlan:
    return transcript(reading, site, known, list(map(_line, reading.commands)), results)


def _all(results: Iterable[Result], name: str) -> tuple[Any, ...]:
    return tuple(item for result in results for item in getattr(result, name))


def _line(command: Command) -> str:
    if command.verb is Verb.REJECT and not command.arguments:
        return "KHÔNG ĐỒNG Ý"
    return " ".join((NAMES.get(command.verb, str(command.verb)), *command.arguments))


def _carried_out(order: Order, may: frozenset[Verb]) -> Result:
    carry_out = ORDERS.get(order.command.verb)
    if carry_out is None:
        return Result("hệ thống chưa làm được yêu cầu này; đã chuyển văn thư", done=False)
    if order.command.verb not in may:
        # Their own papers a sender may follow up; of others they are told no more than that.
        return Result(f"địa chỉ này chưa được giao quyền {NAMES[order.command.verb]}", done=False)
    try:
        return carry_out(order)
    except Refused as refused:
        return Result(str(refused), done=False)


def _help(_order: Order) -> Result:
    return Result("các yêu cầu dùng được, mỗi dòng một yêu cầu, có dấu hoặc không dấu:", rows=HELP)


def _assign(order: Order) -> Result:
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


def _undo(order: Order) -> Result:
    words, message = undoing.taken_back(order.known, order.site, order.now)
    return Result(words, done=message is not None, takes_back=message)


def _look_up(order: Order) -> Result:
    """What was found is a mail of its own; who is no officer of the office sees only the papers they sent."""
    asked, _ = looking_up.asked_for(order.command)
    name, address = order.sender()
    found = order.known.found.get(asked)
    if found is None or not asked:
        raise Refused("chưa rõ tra cứu gì; ví dụ: " + order.line_with("cải cách hành chính"))
    seen = looking_up.seen_by(found, address, officer=address.lower() in rights.officers(order.site))
    if not seen.papers:
        raise Refused(f"không tìm thấy văn bản nào có “{asked}”")
    mail = looking_up.lookup_mail(order.command, seen, order.site, order.now, (name, address), order.known.mailbox)
    return Result(f"tìm thấy {len(seen.papers):02d} văn bản", mails=(mail,), says_all=True)


def _history(order: Order) -> Result:
    """All that an inspection asks about a document, as one file; of a sensitive paper to the clerk alone."""
    matter = order.matter()
    found = order.known.inspected.get(matter.document.id)
    about = matter.document.number or "văn bản"
    name, address = order.sender()
    if found is None or (found.hidden and address.lower() not in rights.officers(order.site, clerk_alone=True)):
        raise Refused(f"lịch sử {about} chỉ văn thư được xem")
    as_pdf = "pdf" in fold(order.words).split()
    mail = inspecting.history_mail(found, order.site, order.now, (name, address), order.known.mailbox, as_pdf=as_pdf)
    return Result(f"lịch sử {about}: {len(found.events):02d} sự kiện", mails=(mail,), says_all=True)


def _register(order: Order) -> Result:
    """VÀO SỔ: a paper gets the next số đến of the one sequence and goes on like one that came by mail."""
    several = sum(one.verb is Verb.REGISTER for one in order.reading.commands) > 1
    if several and order.reading.attachments:
        raise Refused("thư có nhiều VÀO SỔ và tệp kèm theo; đề nghị mỗi văn bản có bản chụp một thư riêng")
    try:
        paper = enter(", ".join(order.command.arguments), order.reading, order.site, order.known, order.now)
    except NotEnteredError as error:
        raise Refused(str(error)) from error
    assert paper.document is not None
    name = paper.document.number or f"“{letters.shorten(paper.document.summary or '')}”"
    return Result(f"vào sổ {name} (bản giấy){_what_follows(paper)}", paper=paper)


def _what_follows(paper: Decision) -> str:
    if paper.deliveries:
        return f", chuyển {len(paper.deliveries):02d} nơi nhận"
    leaders = [mail.recipient_name for mail in paper.mails if mail.purpose is Purpose.SUBMISSION]
    return f", trình đ/c {leaders[0]}" if leaders else ""


def _statistics(order: Order) -> Result:
    """The figures of a period are a mail of their own, with the table of the units."""
    words = ", ".join(order.command.arguments)
    period = read_period(words or "tháng này", order.today)
    if period is None:
        raise Refused(f"chưa rõ kỳ “{words}”; ví dụ: " + order.line_with("tháng 10/2026"))
    name, address = order.sender()
    counted = order.known.counted.get(words, ())
    mail = statistics_mail(counted, period, order.site, order.now, (name, address), order.known.mailbox)
    return Result(f"thống kê {period.name}", mails=(mail,), says_all=True)


ORDERS: dict[Verb, Callable[[Order], Result]] = {
    Verb.LOOKUP: _look_up,
    Verb.HISTORY: _history,
    Verb.STATUS: status,
    Verb.REMIND: remind,
    Verb.STOP: stop,
    Verb.EXTEND: extend,
    Verb.NOTE: note,
    Verb.REJECT: send_back,
    Verb.COLLECT: collect,
    Verb.CLOSE: close,
    Verb.ASSIGN: _assign,
    Verb.REGISTER: _register,
    Verb.STATISTICS: _statistics,
    Verb.PUBLISH: publish,
    Verb.RECALL: mending.recall,
    Verb.REPLACE_FILE: mending.replace_file,
    Verb.CORRECT: mending.correct,
    Verb.RESEND: resend,
    Verb.UNDO: _undo,
    Verb.HELP: _help,
}
