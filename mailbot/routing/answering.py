"""What comes back on a mail of ours: answers, approvals, bounces and read receipts, each tied to its deliveries."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.answers import day_asked_for, read_reply
from mailbot.office.orders import Verb
from mailbot.office.text import fold as plain
from mailbot.routing import harmful, listing, meetings, mending, officers, reports
from mailbot.routing.circulating import for_clerk_alone
from mailbot.routing.confirming import amend, amendments, is_bare_approval
from mailbot.routing.escalating import decide_escalation
from mailbot.routing.handing import decide_handing
from mailbot.routing.known import KnownDelivery, KnownMatter, KnownThread
from mailbot.routing.leaders_word import Word, decide_completed, decide_word, giver_of
from mailbot.routing.letters import office_values, received_text
from mailbot.routing.listing import decide_list
from mailbot.routing.model import Ask, TrustLevel
from mailbot.routing.order_lines import own_words
from mailbot.routing.plans import (
    BY_CLERK,
    TO_UNITS,
    Choice,
    Decision,
    FactPlan,
    HeldPlan,
    InstructionPlan,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
)
from mailbot.routing.publishing import release_now
from mailbot.routing.releasing import clerk, released_notice
from mailbot.routing.same_number import decide_same_number
from mailbot.routing.trusting import believed, proven
from mailbot.routing.wording import INTENTS, PURPOSES

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDocument
    from mailbot.routing.model import Site

# What a stranger with our token may say for a unit; a report, a refusal or an extension waits for the clerk.
STRANGER_MAY_SAY = frozenset(
    {
        *(Intent.ACKNOWLEDGE, Intent.ACCEPT, Intent.DECLINE, Intent.TENTATIVE, Intent.DELEGATE),
        Intent.RECALL_DONE,
    }
)
# What the clerk sees even when the state moved by itself.
TOLD_TO_CLERK = {
    Intent.PROBLEM: "báo không mở được hoặc thiếu",
    Intent.QUESTION: "hỏi",
    Intent.REFUSE: "trả lại",
    Intent.EXTENSION: "xin gia hạn",
    Intent.DECLINE: "xin vắng",
    Intent.DELEGATE: "cử người dự thay",
    Intent.RECALL_DONE: "xác nhận đã hủy",
}
ITEM = re.compile(r"\s*(\d{1,2})(?:\s*[.):\-–]\s*|\s+)(\D.*)$")
# "Sẽ gửi ngày 20/10": a promise with a day; how long it may keep the reminders away.
PROMISES = re.compile(r"\b(?:se (?:gui|nop|bao cao|hoan thanh|co)|hen (?:gui|ngay)|gui sau)\b")
LONGEST_SNOOZE_WORKING_DAYS = 5
# Why a document is sent back; a bare "trả lại" is asked about.
REASON = re.compile(
    r"\b(?:vi|do|ly do|khong thuoc|khong phai|nham|sai|khong co|khong lien quan|da giai the|sap nhap)\b"
)
# What our own subject gets before and behind it on its way back.
RE_AND_TOKEN = re.compile(r"^(?:re|trả lời)\s*:\s*|\s*\[#\w+\]", re.IGNORECASE)
WORDS_OF_A_BARE_REFUSAL = 8
# What the unit itself is asked about once, beside the clerk, and by which mail.
ASKED_BACK = {
    "not_understood": Purpose.NOT_UNDERSTOOD,
    "refused_without_reason": Purpose.NOT_UNDERSTOOD,
    reports.BARE: Purpose.REPORT_MISSING,
}
# Where a leader's word may still do something.
INSTRUCTABLE = frozenset({"awaiting_instruction", "released", "filed"})
WORDS_OF_A_BARE_REJECTION = 4


def decide_answer(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Decide about a person's mail that answers one of ours; what does not fit is put before the clerk."""
    thread = known.thread
    assert thread is not None
    word = _word(reading, site, known, thread, now)
    if word is not None:
        return word
    if thread.purpose is Purpose.PAPER_LIST and _mail_back(reading, thread):
        handed = decide_handing(reading, site, known, now)
        if handed is not None:
            return handed
    if _numbered(thread) and _mail_back(reading, thread):
        return decide_list(reading, site, known, now)
    if thread.purpose is Purpose.ESCALATION and _mail_back(reading, thread):
        word = decide_escalation(reading, site, known, now)
        if word is not None:
            return word
    if thread.deliveries and thread.purpose in TO_UNITS:
        # The server's time of arrival counts: a Date header may say anything.
        answer = _units_answer(reading, site, known, thread, known.received_at or now)
        answer = officers.put_to_leader(answer, reading, site, known)
        return replace(answer, mails=(*answer.mails, *_asked_back(answer, reading, site, known, thread, now)))
    return held(reading, "answer_for_clerk", f"trả lời thư {PURPOSES[thread.purpose]}: {_words(reading)}")


def _word(reading: Reading, site: Site, known: Known, thread: KnownThread, now: datetime) -> Decision | None:
    """Return what the word comes to that a mail of ours waited for; None for a mail that waited for none."""
    if thread.purpose is Purpose.CONFIRM:
        return _word_of_office(reading, site, thread, now)
    if thread.purpose in (Purpose.SUBMISSION, Purpose.ORDER_ASKED):
        return _word_of_leader(reading, site, known, now)
    if thread.purpose is Purpose.CHALLENGE:
        return _confirmed_sender(reading, thread)
    if thread.purpose is Purpose.SAME_NUMBER and thread.document is not None:
        return _not_theirs(reading, site, thread, thread.document) or decide_same_number(
            reading, thread, waits=known.asked_of
        )
    return None


def _numbered(thread: KnownThread) -> bool:
    """Tell whether a mail of ours was a numbered list with answers; a digest is one for the clerk alone."""
    listed = thread.values.get("matters", ())
    return thread.purpose is Purpose.CLERK_LIST or (
        thread.purpose is Purpose.DIGEST and any(matter.get("choices") for matter in listed)
    )


def held(
    reading: Reading, reason: str, text: str, outcome: Outcome = Outcome.HELD, choices: tuple[Choice, ...] = ()
) -> Decision:
    """Put a mail before the clerk with one line that says why, and with the answers that the line may get."""
    who = reading.sender.address or "không rõ người gửi"
    line = HeldPlan(reason, f"{text} (thư của {who})", choices=choices)
    return Decision(outcome=outcome, reasons=(Reason(reason, text),), held=(line,))


def _words(reading: Reading) -> str:
    text = reading.reply.text if reading.reply else reading.subject
    return f'"{" ".join((text or "").split())[:120]}"'


def _says(reading: Reading) -> tuple[bool, bool, str]:
    """Return whether the mail approves, whether it rejects, and its words."""
    verbs = {command.verb for command in reading.commands}
    intent = reading.reply.intent if reading.reply else None
    text = (reading.reply.text if reading.reply else "") or " ".join(_command_words(reading))
    approves = intent is Intent.APPROVE or Verb.APPROVE in verbs
    rejects = intent is Intent.REJECT or Verb.REJECT in verbs
    return approves and not rejects, rejects, text


def _command_words(reading: Reading) -> list[str]:
    return [" ".join((str(command.verb), *command.arguments)) for command in reading.commands]


def _word_of_office(reading: Reading, site: Site, thread: KnownThread, now: datetime) -> Decision:
    """ĐỒNG Ý, SỬA or KHÔNG GỬI of the sender of a paper of ours, on the mail that asked for it."""
    document = thread.document
    if document is None or document.release is None:
        return held(reading, "nothing_to_release", f"trả lời về văn bản không còn chờ: {_words(reading)}")
    doubt = _not_theirs(reading, site, thread, document)
    if doubt is not None:
        return doubt
    approves, rejects, text = _says(reading)
    instruction = InstructionPlan(document.id, thread.recipient_name, text)
    if document.state != "awaiting_confirmation":
        return _too_late(reading, document, instruction, approves)
    if approves and is_bare_approval(text):
        return _released(site, thread, now, instruction)
    changes = amendments(reading)
    if changes:
        return amend(thread, changes, instruction, site, now)
    if rejects:
        return Decision(Outcome.DECIDED, (Reason("rejected", text),), cancel=document.id, instruction=instruction)
    return _for_clerk(reading, document, instruction)


def _not_theirs(reading: Reading, site: Site, thread: KnownThread, document: KnownDocument) -> Decision | None:
    """Hold a word that did not come from the address that was asked, or is not believed."""
    mail_back = _mail_back(reading, thread)
    levels = proven(reading, site) | ({TrustLevel.CONFIRMED} if mail_back else frozenset())
    if mail_back and believed(levels, site.trust.orders):
        return None
    about = document.number or "văn bản"
    return held(reading, "trust", f"ý kiến về {about} từ địa chỉ chưa được tin: {_words(reading)}")


def _word_of_leader(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """A leader's word on a paper that was submitted, or the answer to what we asked about it."""
    thread = known.thread
    assert thread is not None
    document = thread.document
    if document is None or document.state not in INSTRUCTABLE:
        return held(reading, "nothing_to_release", f"trả lời về văn bản không còn chờ: {_words(reading)}")
    doubt = _not_theirs(reading, site, thread, document)
    if doubt is not None:
        return doubt
    text = own_words(reading)
    if thread.purpose is Purpose.ORDER_ASKED:
        if (thread.values.get("pending") or {}).get("delivery") is not None:
            return officers.decide_reassigned(reading, text, site, known, now)
        completed = decide_completed(reading, text, site, known, now)
        return completed or held(reading, "not_understood", f"trả lời chưa rõ: {_words(reading)}")
    giver = giver_of(thread, site)
    instruction = InstructionPlan(document.id, giver.name, text)
    if is_bare_approval(text) and document.release is not None:
        if document.state == "released":
            return _too_late(reading, document, instruction, approves=True)
        return _with_clerk_s_notice(_released(site, thread, now, instruction), thread, site)
    if _says(reading)[1] and len(text.split()) <= WORDS_OF_A_BARE_REJECTION and document.state != "released":
        return Decision(Outcome.DECIDED, (Reason("rejected", text),), files=document.id, instruction=instruction)
    matters = known.matters.get("", ())
    matter = matters[0] if matters else KnownMatter(document, thread.deliveries, None, thread.values, thread.mailbox)
    return decide_word(Word(text, giver, matter, reading, site, known, now, {}))


def _with_clerk_s_notice(decision: Decision, thread: KnownThread, site: Site) -> Decision:
    """Tell the văn thư too what went out on the leader's word."""
    name, address = clerk(site)
    document = thread.document
    if document is None or document.release is None or address.lower() == thread.recipient.lower():
        return decision
    notice = released_notice(site, name or "đồng chí văn thư", address, document.release, document.content_key)
    return replace(decision, mails=(*decision.mails, notice))


def _for_clerk(reading: Reading, document: KnownDocument, instruction: InstructionPlan) -> Decision:
    """Keep a leader's word and put it before the clerk, who carries it out."""
    decision = held(reading, "instruction_for_clerk", f"ý kiến về {document.number or 'văn bản'}: {_words(reading)}")
    return Decision(decision.outcome, decision.reasons, held=decision.held, instruction=instruction)


def _too_late(reading: Reading, document: KnownDocument, instruction: InstructionPlan, approves: bool) -> Decision:
    """A word on what is decided changes nothing; who wants a refused paper sent after all is told to a person."""
    reason = Reason("already_decided", document.state)
    if document.state != "cancelled" or not approves:
        return Decision(Outcome.DECIDED, (reason,), instruction=instruction)
    number = document.number or "văn bản"
    late = held(reading, "already_decided", f"đồng ý gửi {number} sau khi đã hủy: gửi lại văn bản nếu vẫn phát hành")
    return Decision(Outcome.HELD, (reason,), held=late.held, instruction=instruction)


def _released(site: Site, thread: KnownThread, now: datetime, instruction: InstructionPlan) -> Decision:
    assert thread.document is not None
    person = (thread.recipient_name, thread.recipient)
    return release_now(thread.document, person, thread.mailbox, site, now, instruction)


def _mail_back(reading: Reading, thread: KnownThread) -> bool:
    """Tell whether the answer came from the very address that was asked, on the token that only it was sent."""
    return reading.from_addresses == (thread.recipient.lower(),)


def _confirmed_sender(reading: Reading, thread: KnownThread) -> Decision:
    """The registered address says that a doubtful mail was really its own, or that it was not."""
    approves, rejects, text = _says(reading)
    if not _mail_back(reading, thread) or thread.message_ref is None:
        return held(reading, "trust", f"xác nhận người gửi từ địa chỉ khác: {_words(reading)}")
    if approves:
        return Decision(Outcome.DECIDED, (Reason("sender_confirmed", text),), decide_again=thread.message_ref)
    if rejects:
        return held(
            reading,
            "sender_denied",
            "đồng chí được nêu tên báo KHÔNG gửi thư này, cần kiểm tra giả mạo",
            Outcome.DECIDED,
        )
    return held(reading, "not_understood", f"trả lời xác nhận người gửi chưa rõ: {_words(reading)}")


def _units_answer(reading: Reading, site: Site, known: Known, thread: KnownThread, now: datetime) -> Decision:
    """An answer of a unit: facts for each delivery that it speaks of, a line for the clerk where a person must look."""
    intent = reading.reply.intent if reading.reply else Intent.NONE
    facts: list[FactPlan] = []
    lines: list[HeldPlan] = []
    deliveries = _whose_answer(reading, site, known, thread)
    if not deliveries:
        return held(
            reading, "unregistered_address", f"trả lời thư gửi chung, không rõ của đơn vị nào: {_words(reading)}"
        )
    for delivery, meant in _by_item(reading, deliveries, intent):
        if meant is None:
            lines.append(_which(reading, delivery))
            continue
        said = _meaning(meant, delivery, reading)
        fact, line = _one_answer(reading, site, known, thread, delivery, said, now)
        facts.extend(fact)
        lines.extend(line)
    snoozes = _snoozes(reading, facts, site, now)
    reason = Reason(f"answer_{intent}", f"by {thread.found_by}")
    if not facts and not lines:
        return held(reading, "which_document", f"trả lời chung nhiều văn bản, chưa rõ mục nào: {_words(reading)}")
    outcome = Outcome.DECIDED if facts else Outcome.HELD
    return Decision(outcome, (reason,), facts=tuple(facts), held=tuple(lines), snoozes=snoozes)


def _snoozes(reading: Reading, facts: list[FactPlan], site: Site, now: datetime) -> tuple[tuple[int, datetime], ...]:
    """Return until when units that said "sẽ gửi ngày …" are left in peace: the slot after that day, within a week.

    The limit stays what it was, and so do the lists to those who oversee.
    """
    promised = [fact.delivery_id for fact in facts if fact.said == Intent.PROGRESS]
    calendar, text = site.office.working_time, plain(reading.reply.text if reading.reply else "")
    today = calendar.local(now).date()
    day = day_asked_for(text, today) if promised and PROMISES.search(text) else None
    if day is None or not today <= day <= calendar.add_working_days(today, LONGEST_SNOOZE_WORKING_DAYS):
        return ()
    until = calendar.next_slot(calendar.end_of_day(day), site.office.reminders_at)
    return tuple((delivery, until) for delivery in promised)


def _asked_back(
    answer: Decision, reading: Reading, site: Site, known: Known, thread: KnownThread, now: datetime
) -> tuple[MailPlan, ...]:
    """Return the one mail a thread that tells a unit how to answer, when nobody understood what it wrote.

    Only a registered address is asked, and no address more than once an hour (loops, storms).
    """
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
    puzzling = {line.delivery_id: ASKED_BACK[line.reason] for line in answer.held if line.reason in ASKED_BACK}
    asked = [delivery for delivery in thread.deliveries if delivery.id in puzzling]
    if not asked or known.automatic_answers_last_hour or reading.automatic is not None or thread.found_by == BY_CLERK:
        return ()
    purpose = puzzling[asked[0].id]
    if thread.purpose is purpose or not is_registered(address, asked[0], site, known):
        return ()
    values = office_values(site.office) | {
        "unit": " và ".join(dict.fromkeys(delivery.unit_name for delivery in asked)),
        "original_subject": RE_AND_TOKEN.sub("", reading.subject or ""),
        "received_at": received_text(known.received_at, site.office),
        "number": asked[0].document_number or "văn bản",
        "ask": str(asked[0].ask),
    }
    return (
        MailPlan(
            purpose,
            str(purpose),
            thread.mailbox,
            address,
            reading.sender.name or asked[0].unit_name,
            values,
            deliveries=tuple(delivery.id for delivery in asked),
            # A missing report is asked for once, whatever mail of ours is answered.
            source_key=f"outbox {thread.outbox_id}" if purpose is Purpose.NOT_UNDERSTOOD else "",
            not_before=now,
        ),
    )


def _whose_answer(reading: Reading, site: Site, known: Known, thread: KnownThread) -> tuple[KnownDelivery, ...]:
    """Return the deliveries that an answer can speak of: of a mail that went to all alike, only the sender's own."""
    if not thread.equal_copies:
        return thread.deliveries
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
    return tuple(delivery for delivery in thread.deliveries if is_registered(address, delivery, site, known))


def _by_item(
    reading: Reading, deliveries: tuple[KnownDelivery, ...], intent: Intent
) -> list[tuple[KnownDelivery, Intent | None]]:
    """Return what an answer says of each delivery; None where nobody can tell of which document it speaks.

    A list of several documents is answered line by line ("1 đã nhận", "2 dự họp"); what is not named is not answered.
    """
    if len({delivery.document_id for delivery in deliveries}) < 2 or reading.reply is None:
        return [(delivery, intent) for delivery in deliveries]
    lines = [ITEM.match(line) for line in reading.reply.text.splitlines()]
    said = {int(line[1]): read_reply(line[2], has_report=False, sent_on=None).intent for line in lines if line}
    if said:
        return [(delivery, said[delivery.item]) for delivery in deliveries if delivery.item in said]
    # A general "đã nhận" is of all of them; anything else is of one, and of which is a person's guess.
    general = intent if intent in (Intent.ACKNOWLEDGE, Intent.APPROVE, Intent.NONE) else None
    return [(delivery, general) for delivery in deliveries]


def _which(reading: Reading, delivery: KnownDelivery) -> HeldPlan:
    about = f"{delivery.unit_name}, {delivery.document_number or 'văn bản'}"
    return HeldPlan(
        "which_document", f"{about}: trả lời chung nhiều văn bản, chưa rõ {_words(reading)}", delivery_id=delivery.id
    )


def _meaning(intent: Intent, delivery: KnownDelivery, reading: Reading) -> Intent:
    if officers.says_done(intent, delivery, reading) or reports.says_sent(intent, delivery, reading):
        return Intent.REPORT
    # "Đồng ý" on an invitation is "dự họp"; on a document it says that it was seen.
    if intent is Intent.APPROVE:
        return Intent.ACCEPT if delivery.ask is Ask.RSVP else Intent.ACKNOWLEDGE
    return intent


def _one_answer(
    reading: Reading,
    site: Site,
    known: Known,
    thread: KnownThread,
    delivery: KnownDelivery,
    said: Intent,
    now: datetime,
) -> tuple[list[FactPlan], list[HeldPlan]]:
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
    registered = thread.found_by == BY_CLERK or is_registered(address, delivery, site, known)
    about = f"{delivery.unit_name}, {delivery.document_number or 'văn bản'}"
    if said is Intent.REFUSE and not _says_why(reading):
        # QĐ 28/2018: a document is sent back with a reason.
        text = f"{about}: trả lại nhưng chưa nêu lý do {_words(reading)}"
        choices = listing.meant(delivery)
        return [], [HeldPlan("refused_without_reason", text, delivery_id=delivery.id, choices=choices)]
    if said in (Intent.NONE, Intent.REJECT):
        return [], [
            HeldPlan(
                "not_understood",
                f"{about}: chưa rõ nội dung trả lời {_words(reading)}",
                delivery_id=delivery.id,
                choices=listing.meant(delivery),
            )
        ]
    if not registered and (said not in STRANGER_MAY_SAY or TrustLevel.TOKEN not in site.trust.answers):
        return [], [
            HeldPlan(
                "unregistered_address",
                f"{about}: {INTENTS[said]} từ địa chỉ không phải của đơn vị {address}: {_words(reading)}",
                delivery_id=delivery.id,
                choices=listing.whose((delivery,), address),
            )
        ]
    data: dict[str, Any] = {
        "words": (reading.reply.text if reading.reply else "")[:400],
        "found_by": thread.found_by,
    } | ({} if registered else {"unregistered": address})
    if said is Intent.REPORT and reports.is_bare(reading, delivery):
        asked = thread.purpose is Purpose.REPORT_MISSING
        return reports.without_anything(reading, delivery, now, data, asked=asked)
    if said is Intent.REPORT:
        data |= reports.brought(
            reading,
            officers.answering_number(reading, delivery),
            clerk_alone=for_clerk_alone(reading, site) is not None,
            dangerous=harmful.held_back(reading, site, known),
        )
    if reading.reply and reading.reply.until:
        data["until"] = reading.reply.until.isoformat()
    facts = [FactPlan(delivery.id, str(said), now, f"answer_{said}", address, data | meetings.who_comes(reading))]
    if reading.reply and reading.reply.late and said in (Intent.ACCEPT, Intent.TENTATIVE):
        facts.append(FactPlan(delivery.id, "late", now, f"answer_{said}", address))
    mends, lines = mending.answered(said, delivery, thread, reading, now)
    facts.extend(mends)
    lines = [*lines, *harmful.of_report(said, reading, site, known, delivery)]
    if not registered:
        lines.append(
            HeldPlan(
                "unregistered_address",
                f"{about}: {INTENTS[said]} từ địa chỉ không phải của đơn vị {address}, đã ghi nhận",
                delivery_id=delivery.id,
                choices=listing.taught(delivery.unit, address),
            )
        )
    # Who confirms what was asked for is counted, and no line for anybody.
    if said in TOLD_TO_CLERK and not (said is Intent.RECALL_DONE and delivery.exchange):
        lines.append(
            HeldPlan(
                f"unit_{said}",
                f"{about} {TOLD_TO_CLERK[said]}: {_words(reading)}",
                delivery_id=delivery.id,
                choices=_choices(reading, said, delivery, thread, now),
            )
        )
    return facts, lines


def _choices(
    reading: Reading, said: Intent, delivery: KnownDelivery, thread: KnownThread, now: datetime
) -> tuple[Choice, ...]:
    if delivery.ask is Ask.RSVP and said in (Intent.DECLINE, Intent.DELEGATE):
        return listing.absent(said, delivery, meetings.absence_values(reading, thread), now)
    return listing.settled(said, delivery, reading.reply.until if reading.reply else None)


def _says_why(reading: Reading) -> bool:
    """Tell whether a refusal bears a reason: more words than the refusal itself, or one of those that give reasons."""
    text = plain(reading.reply.text if reading.reply else "")
    return REASON.search(text) is not None or len(text.split()) > WORDS_OF_A_BARE_REFUSAL


def is_registered(address: str, delivery: KnownDelivery, site: Site, known: Known) -> bool:
    """Tell whether an address belongs to the unit (or person) of a delivery, by the directory or the clerk's word."""
    if delivery.unit in known.taught:
        return True
    lowered = address.lower()
    if lowered in {known.lower() for known in delivery.addresses}:
        return True
    return delivery.unit in site.directory.units_at(lowered)
