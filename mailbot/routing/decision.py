"""Reading + Site + Known + now -> Decision, with the full trace of why; the dry run and the daemon call the same."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mailbot.office.answer_words import Intent
from mailbot.office.orders import Verb
from mailbot.reading import Kind
from mailbot.routing import harmful
from mailbot.routing.absence import decide_auto_reply
from mailbot.routing.answering import decide_answer, held
from mailbot.routing.disguises import disguises
from mailbot.routing.documents import decide_document
from mailbot.routing.doubting import disbelieved
from mailbot.routing.letters import office_values, received_text
from mailbot.routing.listing import named, whose
from mailbot.routing.model import Direction, Relation
from mailbot.routing.ordering import decide_orders
from mailbot.routing.plans import ActionPlan, Decision, HeldPlan, MailPlan, Outcome, Purpose, Reason
from mailbot.routing.returning import decide_bounce, decide_receipt
from mailbot.routing.rights import may_give
from mailbot.routing.storms import calmed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known
    from mailbot.routing.model import Site

# Mails of ours that wait for one word; orders on them are that word.
ASKS_FOR_A_WORD = (Purpose.CONFIRM, Purpose.CHALLENGE, Purpose.SAME_NUMBER)
# A number as an order holds it; `20/10` and `đ/c Bình` are none.
NUMBER = re.compile(r"^\d{1,6}[a-z]?[-/](?=\S*[^\W\d_])\S+$")
INSTRUCTED = (Purpose.SUBMISSION, Purpose.ORDER_ASKED)
INSTRUCTS = frozenset({Verb.APPROVE, Verb.REJECT, Verb.AMEND, Verb.ASSIGN})
# Lists of ours are answered in words that are orders elsewhere: "Gia hạn đến …" is about what the list names.
LISTS = (Purpose.ESCALATION, Purpose.CLERK_LIST, Purpose.DIGEST)
WORDS = frozenset({Verb.EXTEND, Verb.REMIND, Verb.STOP, Verb.APPROVE, Verb.REJECT, Verb.AMEND})
DOCUMENT_KINDS = (Kind.DIRECTIVE, Kind.INVITATION)


def decide(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Return all that is to be done about one mail. Pure: the same values give the same decision.

    `now` is aware; Known holds what the ledger knows of this mail (its thread, its document, whether it was seen).
    """
    seen = as_paper(reading, site, known)
    for gate in GATES:
        decision = gate(seen, site, known, now)
        if decision is not None:
            told = _with_disguise(_with_warning(decision, known), reading, site, known)
            told = calmed(told, reading, site, known)
            return _with_flag(told, site, known)
    raise AssertionError("the last gate decides every mail")


def as_paper(reading: Reading, site: Site, known: Known) -> Reading:
    """A report that comes from above answers nobody: a superior's numbered paper outside any thread is a directive."""
    if reading.kind is not Kind.REPLY or known.thread is not None or not _number(reading):
        return reading
    units = site.directory.units_at(reading.from_addresses[0]) if len(reading.from_addresses) == 1 else ()
    above = any(site.directory.units[unit].relation is Relation.SUPERIOR for unit in units)
    return replace(reading, kind=Kind.DIRECTIVE) if above else reading


def _number(reading: Reading) -> str | None:
    return reading.documents[0].number if reading.documents else None


def _with_warning(decision: Decision, known: Known) -> Decision:
    """Note that another mail bears the same Message-ID: a new item all the same, some servers use an id twice."""
    if known.same_message_id is None or known.same_content is not None:
        return decision
    warning = Reason("same_message_id", f"message {known.same_message_id} has other content")
    return replace(decision, reasons=(*decision.reasons, warning))


def _with_disguise(decision: Decision, reading: Reading, site: Site, known: Known) -> Decision:
    """Tell the clerk of a sender who looks like somebody of the directory without being it."""
    found = disguises(reading, site, known.taught) if decision.held else ()
    if not found:
        return decision
    words = "; ".join(disguised.words for disguised in found)
    lines = tuple(
        replace(line, text=f"{line.text} (cảnh giác: {words})") if line.audience == "clerk" else line
        for line in decision.held
    )
    reasons = (Reason(str(disguised.code), disguised.words) for disguised in found)
    return replace(decision, held=lines, reasons=(*decision.reasons, *reasons))


def _with_flag(decision: Decision, site: Site, known: Known) -> Decision:
    """Add the wish that the mailbox shows the mail as done, unless it is moved away already."""
    mailbox = site.mailboxes[known.mailbox]
    if any(action.action == "quarantine" for action in decision.actions):
        return decision
    if mailbox.processed_folder:
        wish = ActionPlan("move", mailbox.processed_folder)
    elif mailbox.processed_flag:
        wish = ActionPlan("flag", mailbox.processed_flag)
    else:
        return decision
    return replace(decision, actions=(*decision.actions, wish))


def _secrecy(reading: Reading, site: Site, known: Known, _now: datetime) -> Decision | None:
    if reading.kind is not Kind.QUARANTINED:
        return None
    name, address = site.directory.addresses(site.officers.secrets)[0]
    folder = site.mailboxes[known.mailbox].quarantine or "Quarantine"
    values = office_values(site.office) | {
        "mailbox": site.mailboxes[known.mailbox].address,
        "sender_address": reading.sender.address or "không rõ",
        "quarantine": folder,
        "received_at": received_text(known.received_at, site.office),
    }
    notice = MailPlan(
        Purpose.SECRECY_NOTICE,
        "secrecy_notice",
        known.mailbox,
        address,
        name,
        values,
        source_key=reading.content_key,
        to_message=True,
    )
    return Decision(
        Outcome.QUARANTINED,
        (Reason("secrecy", str(reading.secrecy)),),
        mails=(notice,),
        actions=(ActionPlan("quarantine", folder),),
    )


def _repeated(_reading: Reading, _site: Site, known: Known, _now: datetime) -> Decision | None:
    if known.same_content is None or known.remedy or _looked_at(known):
        return None
    return Decision(Outcome.REPEATED, (Reason("same_content", f"message {known.same_content}"),))


def _looked_at(known: Known) -> bool:
    """Tell whether a person has said something of this very mail: it is neither a twin nor forgotten."""
    return known.confirmed or known.matched or known.let_through


def _loop(reading: Reading, _site: Site, _known: Known, _now: datetime) -> Decision | None:
    if reading.kind is not Kind.LOOP:
        return None
    return Decision(Outcome.DECIDED, (Reason("loop", reading.automatic or ""),))


def _machine(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    if reading.kind is Kind.BOUNCE:
        return decide_bounce(reading, site, known, now)
    if reading.kind is Kind.RECEIPT:
        return decide_receipt(reading, known, now)
    if reading.kind is not Kind.AUTO_REPLY:
        return None
    return decide_auto_reply(reading, site, known, now)


def _too_old(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    limit = site.mailboxes[known.mailbox].max_age_days
    if known.received_at is None or known.remedy or (now - known.received_at).days < limit:
        return None
    if _looked_at(known):
        return None
    return held(reading, "too_old", f"thư đến hộp thư từ {known.received_at:%d/%m/%Y}, quá {limit} ngày, chưa xử lý")


def _too_large(reading: Reading, _site: Site, known: Known, _now: datetime) -> Decision | None:
    """Nothing is sent on or counted as an answer by its header alone: a person opens the mail in the mailbox."""
    if not known.too_large:
        return None
    megabytes = f"{known.too_large / 1_000_000:.0f} MB"
    return held(reading, "too_large", f"thư quá lớn ({megabytes}), cần mở trong hộp thư: {_subject(reading)}")


def _is_a_word(reading: Reading, known: Known) -> bool:
    """Tell whether the orders of a mail are the word that its thread waits for, and no orders by themselves."""
    if known.thread is None:
        return False
    names_papers = any(NUMBER.match(argument) for command in reading.commands for argument in command.arguments)
    if known.thread.purpose in INSTRUCTED:
        # What a leader says of the paper itself; TÌNH HÌNH or KẾT THÚC below it is an order about it.
        return not names_papers and {one.verb for one in reading.commands} <= INSTRUCTS
    if known.thread.purpose in ASKS_FOR_A_WORD:
        return True
    return known.thread.purpose in LISTS and not names_papers and {one.verb for one in reading.commands} <= WORDS


def _harmful(reading: Reading, site: Site, known: Known, _now: datetime) -> Decision | None:
    """An order or a word on a paper may bring files that go to units: none does harm without the clerk's word."""
    word = known.thread is not None and known.thread.purpose in (*INSTRUCTED, *ASKS_FOR_A_WORD, *LISTS)
    return harmful.kept(reading, site, known) if word or reading.commands else None


def _order(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    """Orders of those who may give them; a word on what waits for it (ĐỒNG Ý, SỬA) is an answer and no order."""
    if (
        not reading.commands
        or _is_a_word(reading, known)
        or reading.automatic is not None
        or len(reading.from_addresses) != 1
    ):
        return None
    if not may_give(reading.from_addresses[0], site, known):
        return None
    mail_back = known.thread is not None and reading.from_addresses[0].lower() == known.thread.recipient.lower()
    doubt = disbelieved(reading, site, replace(known, confirmed=known.confirmed or mail_back), Direction.OUTGOING)
    return doubt or decide_orders(reading, site, known, now)


def _answer(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    if known.thread is None or reading.kind not in (Kind.REPLY, Kind.COMMAND, Kind.OTHER):
        return None
    answer = decide_answer(reading, site, known, now)
    return _registered(answer, reading, site, known, now) if answer.facts else answer


def _registered(answer: Decision, reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """A numbered report that answers us is an incoming paper too: the rule that wants it enters it in the book."""
    assert known.thread is not None
    ours = {delivery.document_number for delivery in known.thread.deliveries}
    if reading.reply is None or reading.reply.intent is not Intent.REPORT or _number(reading) in {None, *ours}:
        return answer
    paper = _by_rule(reading, site, known, now)
    if paper is None or paper.outcome is Outcome.REPEATED:
        return answer
    return replace(
        paper,
        outcome=answer.outcome,
        reasons=(*answer.reasons, *paper.reasons),
        facts=answer.facts,
        held=(*answer.held, *paper.held),
    )


def _document(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    if reading.kind not in DOCUMENT_KINDS:
        return None
    return decide_document(reading, site, known, now)


def _for_clerk(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    if reading.kind is Kind.REPLY and known.candidates:
        # A numbered paper belongs into its book whatever it answers; which delivery it closes is the clerk's word.
        paper = _by_rule(reading, site, known, now) if _number(reading) and reading.automatic is None else None
        units = ", ".join(
            dict.fromkeys(f"{item.unit_name} {item.document_number or ''}".strip() for item in known.candidates)
        )
        asked = held(
            reading,
            "candidates",
            f"chưa rõ trả lời văn bản nào ({units}): {_subject(reading)}",
            choices=whose(known.candidates),
        )
        return replace(paper, held=(*paper.held, *asked.held)) if paper is not None else asked
    reasons = {
        Kind.REPLY: ("unmatched_answer", "thư trả lời không rõ của văn bản nào"),
        Kind.COMMAND: ("order_for_clerk", "yêu cầu bằng thư"),
    }
    code, text = reasons.get(reading.kind, ("no_rule", "thư chưa có quy tắc xử lý"))
    if reading.automatic is not None:
        return Decision(
            Outcome.DECIDED,
            (Reason("automatic_mail", reading.automatic),),
            held=(HeldPlan("automatic_mail", f"thư tự động: {_subject(reading)}", "log"),),
        )
    choices = (
        named(reading.from_addresses[0]) if code == "unmatched_answer" and len(reading.from_addresses) == 1 else ()
    )
    return _by_rule(reading, site, known, now) or held(reading, code, f"{text}: {_subject(reading)}", choices=choices)


def _by_rule(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    """A rule may also want what is no directive (a unit's report, a petition); without one it goes to the clerk."""
    decision = decide_document(reading, site, known, now)
    alone = any(reason.code == "clerk_alone" for reason in decision.reasons)
    return decision if decision.rule is not None or alone else None


def _subject(reading: Reading) -> str:
    if reading.sensitivity != "none":
        return "(nội dung không nêu)"  # petitions, personnel and discipline are quoted nowhere
    return f'"{(reading.subject or "(không có tiêu đề)")[:120]}"'


GATES: tuple[Callable[[Reading, Site, Known, datetime], Decision | None], ...] = (
    _secrecy,
    _repeated,
    _loop,
    _machine,
    _too_old,
    _too_large,
    _harmful,
    _order,
    _answer,
    _document,
    _for_clerk,
)
