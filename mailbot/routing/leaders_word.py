"""A leader's word on a submitted paper: what it orders is recorded, doubts are asked back, an answer completes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailbot.office.instruction_words import Part
from mailbot.office.text import fold
from mailbot.routing import instructing, letters, naming
from mailbot.routing.circulating import to_collect
from mailbot.routing.instructing import OFFICERS, Carried, Doubts, Giver, Question
from mailbot.routing.model import Channel
from mailbot.routing.plans import (
    Decision,
    FactPlan,
    HeldPlan,
    InstructionPlan,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
    Recipient,
    ReschedulePlan,
    Said,
)
from mailbot.routing.releasing import carry_out, clerk, save_sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery, KnownMatter, KnownThread
    from mailbot.routing.model import Site
    from mailbot.routing.plans import DeliveryPlan, Release

ITEM = re.compile(r"\s*(\d{1,2})(?:\s*[.):\-–]\s*|\s+)(\D.*)$")
DROP = re.compile(r"^(?:bo|bo qua|thoi|huy|khong lam|bo lenh)\b")
HOW = (
    "Chuyển đ/c Bình chủ trì, trước ngày 20/10",
    "Chuyển các chi bộ thực hiện; Ban XDĐ tổng hợp",
    "Lưu",
)
RE_AND_TOKEN = re.compile(r"^(?:re|trả lời)\s*:\s*|\s*\[#\w+\]", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """An instruction under way: the leader's text, whose it is, on which document, and what was asked meanwhile."""

    text: str
    giver: Giver
    matter: KnownMatter
    reading: Reading
    site: Site
    known: Known
    now: datetime
    answers: Mapping[str, str]
    scans: tuple[str, ...] = ()  # files that the clerk attached: the paper with the leader's hand on it

    @property
    def today(self) -> date:
        """The day of the word in the office's zone."""
        return self.site.office.working_time.local(self.now).date()

    @property
    def number(self) -> str:
        """The number of the paper, or what stands for one without."""
        return self.matter.document.number or "văn bản"


def decide_word(word: Word) -> Decision:
    """Carry out what a leader wrote; ask back what is not clear, and then let nothing go before the answer."""
    said = instructing.read(word.text, word.giver, word.site, word.now)
    result = instructing.plan(said, word.matter, word.giver, word.answers, word.site, word.now)
    if isinstance(result, Doubts):
        return _asked(word, result)
    return _carried(word, result)


def giver_of(thread: KnownThread, site: Site) -> Giver:
    """Return the leader to whom a paper was submitted."""
    return giver_at(thread.recipient_name, thread.recipient, site)


def giver_at(name: str, address: str, site: Site) -> Giver:
    """Return who gives instructions from an address, with name and post as the directory has them."""
    people = site.directory.people_at(address)
    person = site.directory.person(people[0]) if people else None
    return Giver(person.name if person else name, (person.post or "") if person else "", address)


# --- asked back -----------------------------------------------------------------------------------------------------


def _asked(word: Word, doubts: Doubts) -> Decision:
    """Tell what was not carried out and why, with the answers that complete it; what nobody reads goes to the clerk."""
    held: tuple[HeldPlan, ...] = ()
    if doubts.unclear:
        text = " ".join(word.text.split())[:120]
        held = (HeldPlan("instruction_for_clerk", f'ý kiến về {word.number} của {word.giver.name}: "{text}"'),)
    questions = () if doubts.unclear else doubts.questions
    why = "; ".join((*doubts.unclear, *(one.text for one in doubts.questions)))
    lines = [line(word.text, one.text) for one in questions] or [line(word.text, f"chưa rõ {why}; đã chuyển văn thư")]
    answers = [
        f"{number} {words}"
        for number, one in enumerate(questions, 1)
        for words in (*(label for label, _ in one.choices), "bỏ")
    ]
    pending = {
        "text": word.text,
        "answers": dict(word.answers) | dict(doubts.assumed),
        "questions": [_kept(one) for one in questions],
    }
    mail = question_mail(word, lines, answers or list(HOW), pending)
    outcome = Outcome.HELD if held else Outcome.DECIDED
    return Decision(outcome, (Reason("instruction_asked", why),), held=held, mails=(mail,))


def line(order: str, result: str) -> dict[str, Any]:
    """Return one line of a transcript that was not carried out."""
    return {"order": " ".join(order.split())[:200], "result": result, "done": False, "rows": []}


def _kept(question: Question) -> dict[str, Any]:
    return {"key": question.key, "text": question.text, "choices": [list(choice) for choice in question.choices]}


def question_mail(word: Word, lines: list[dict[str, Any]], answers: list[str], pending: dict[str, Any]) -> MailPlan:
    """Return the mail that asks the giver of an instruction back; it keeps all that the answer completes."""
    giver, office = word.giver, word.site.office
    values = letters.office_values(office) | {
        "person": giver.typed_by or giver.name,
        "lines": lines,
        "answers": answers,
        "number": word.number,
        "original_subject": RE_AND_TOKEN.sub("", word.reading.subject or "") or word.number,
        "received_at": letters.received_text(word.known.received_at, office),
        "pending": pending
        | {"giver": {"name": giver.name, "title": giver.title, "address": giver.address, "typed_by": giver.typed_by}},
    }
    return MailPlan(
        Purpose.ORDER_ASKED,
        "order_not_understood",
        word.known.mailbox,
        giver.address,
        giver.typed_by or giver.name,
        values,
        source_key=word.reading.content_key,
        step=f"{word.now.isoformat()}",
        document_id=word.matter.document.id,
    )


# --- carried out ----------------------------------------------------------------------------------------------------


def _carried(word: Word, done: Carried) -> Decision:
    document = word.matter.document
    instruction = InstructionPlan(document.id, word.giver.name, word.text.strip())
    told = notices(word, done.rows)
    reasons = (Reason("instructed", "; ".join(done.rows)), *_typed(word))
    if done.files:
        return Decision(Outcome.DECIDED, reasons, files=document.id, instruction=instruction, mails=told)
    if done.submit_to:
        mail = _submitted_on(word, done.submit_to)
        return Decision(Outcome.DECIDED, reasons, instruction=instruction, mails=(mail, *told))
    deliveries, mails, release = sent(word, done)
    scans = _scans(word, mails)
    again = document.state == "released"
    return Decision(
        Outcome.DECIDED,
        reasons,
        release_of=None if again else document.id,
        adds_to=document.id if again else None,
        release=release,
        deliveries=deliveries,
        mails=(*mails, *scans, *_told_anew(word, done), *told),
        facts=tuple(
            FactPlan(one.delivery.id, "extended", word.now, "limit by instruction", None, by(word) | {"until": one.due})
            for one in done.limits
        ),
        reschedules=tuple(
            ReschedulePlan(one.delivery.id, one.due, one.delivery.ladder, one.delivery.unit) for one in done.limits
        ),
        actions=save_sent(word.site, word.matter.mailbox or word.known.mailbox) if mails and not again else (),
        instruction=instruction,
        held=to_collect(release, word.now) if release is not None else (),
    )


def _typed(word: Word) -> tuple[Reason, ...]:
    if not word.giver.typed_by:
        return ()
    scans = f", kèm {'; '.join(word.scans)}" if word.scans else ""
    return (Reason("typed_in", f"{word.giver.typed_by} nhập{scans}"),)


def by(word: Word) -> dict[str, Any]:
    """Return whose word a fact is."""
    return {"by": word.giver.name, "by_address": word.giver.address, "words": word.text[:400]}


# What a mail says of the word by which it goes out: what is kept of it, for the day on which it goes out once more.
_SAID = (
    *("arrival_number", "arrival_date", "instruction", "instructed_by", "instructed_by_address", "leader_title"),
    *("instructed_on", "lead", "cooperating", "part", "attends"),
)


def sent(word: Word, done: Carried) -> tuple[tuple[DeliveryPlan, ...], tuple[MailPlan, ...], Release | None]:
    """Return the deliveries and mails of what is new, and the release that is kept with the document."""
    if done.release is None:
        return (), (), None
    deliveries, mails = carry_out(
        done.release, word.site, word.matter.document.content_key, word.now, said_values(word, done.release)
    )
    mails = tuple(_with_part(mail, done.parts) for mail in mails)
    said = tuple(Said(mail.units, {name: mail.values[name] for name in _SAID if name in mail.values}) for mail in mails)
    proposed = word.matter.document.release
    kept = replace(done.release, said=said)
    if word.matter.document.state == "released" and proposed is not None:
        recipients = (*proposed.recipients, *done.release.recipients)
        kept = replace(proposed, recipients=recipients, said=(*proposed.said, *said))
    return deliveries, mails, kept


def said_values(word: Word, release: Release) -> dict[str, Any]:
    """Return what every mail of an instruction says of it: whose, when, word for word, who leads, who helps."""
    by_part: dict[str, list[str]] = {}
    for item in release.recipients:
        if item.template == "assignment":
            by_part.setdefault(item.reason.removeprefix("assign: "), []).append(f"đ/c {item.name}")
    text = word.text.strip()
    kept = ("arrival_number", "arrival_date")
    return {name: word.matter.values[name] for name in kept if name in word.matter.values} | {
        "instruction": " ".join(text.split()),
        "instructed_by": word.giver.name,
        "instructed_by_address": word.giver.address,
        "leader_title": word.giver.title,
        "instructed_on": instructing.given_on(word.now, word.site),
        "lead": "; ".join(by_part.get("chủ trì", ())),
        "cooperating": "; ".join(by_part.get("phối hợp", ())),
    }


def _with_part(mail: MailPlan, parts: Mapping[str, Part]) -> MailPlan:
    if mail.purpose is not Purpose.ASSIGNMENT:
        return mail
    part = parts[mail.units[0]]
    return replace(mail, values=mail.values | {"part": OFFICERS[part][0], "attends": part is Part.ATTEND})


def _scans(word: Word, mails: Iterable[MailPlan]) -> tuple[MailPlan, ...]:
    """Send the paper with the leader's hand on it after each assignment: one mail carries one mail's parts."""
    if not word.scans:
        return ()
    return tuple(
        replace(
            mail,
            template="instruction_scan",
            values=mail.values | {"attachments": list(word.scans)},
            step="scan",
            own_parts=True,
        )
        for mail in mails
        if mail.purpose is Purpose.ASSIGNMENT
    )


def _told_anew(word: Word, done: Carried) -> tuple[MailPlan, ...]:
    """Return the mails that tell a new limit to those who have the paper already."""
    proposed = done.release or word.matter.document.release
    if not done.limits or proposed is None:
        return ()
    items = tuple(again(each.delivery, each.due) for each in done.limits)
    numbers = {each.delivery.unit: each.delivery.id for each in done.limits}
    release = replace(proposed, recipients=tuple(item for item in items if item.addresses))
    _, mails = carry_out(release, word.site, word.matter.document.content_key, word.now, said_values(word, release))
    return tuple(
        replace(
            mail,
            units=(),
            deliveries=tuple(numbers[unit] for unit in mail.units),
            step=f"limit {word.now.isoformat()}",
            values=mail.values | {"part": "", "attends": False},
        )
        for mail in mails
    )


def again(delivery: KnownDelivery, due: str | None) -> Recipient:
    """Return a delivery as a recipient that is told once more."""
    return Recipient(
        delivery.unit,
        delivery.unit_name,
        delivery.unit_name,
        delivery.addresses,
        Channel(delivery.channel),
        delivery.ask,
        delivery.purpose,
        delivery.reason,
        due=due,
        template="assignment" if delivery.reason.startswith("assign:") else None,
    )


def _submitted_on(word: Word, target: str) -> MailPlan:
    name, address = word.site.directory.addresses(target)[0]
    values = dict(word.matter.values) | {
        "leader": name,
        "said_before": f"{word.giver.name}: {' '.join(word.text.split())}",
    }
    return MailPlan(
        Purpose.SUBMISSION,
        "for_instruction",
        word.matter.mailbox or word.known.mailbox,
        address,
        name,
        values,
        source_key=word.matter.document.content_key,
        step=f"from {word.giver.address}",
        shared=True,
        document_id=word.matter.document.id,
    )


def notices(word: Word, rows: Iterable[str]) -> tuple[MailPlan, ...]:
    """Tell the leader and the văn thư, once each, what was done."""
    giver, office = word.giver, word.site.office
    clerk_name, clerk_address = clerk(word.site)
    to = {giver.address.lower(): (giver.typed_by or giver.name, giver.address)}
    to.setdefault(clerk_address.lower(), (clerk_name, clerk_address))
    line = {
        "order": " ".join(word.text.split())[:200],
        "result": f"{word.number}, theo ý kiến của {giver.title or 'đồng chí'} {giver.name}:",
        "done": True,
        "rows": list(rows),
        "entry": None,
    }
    values = letters.office_values(office) | {
        "lines": [line],
        "entries": [],
        "undo_until": "",
        "all_done": True,
        "original_subject": RE_AND_TOKEN.sub("", word.reading.subject or "") or word.number,
        "received_at": letters.received_text(word.known.received_at, office),
    }
    return tuple(
        MailPlan(
            Purpose.ORDER_ANSWER,
            "order_answer",
            word.known.mailbox,
            address,
            name,
            values | {"person": name},
            source_key=word.reading.content_key,
            step="instructed",
            document_id=word.matter.document.id,
        )
        for name, address in to.values()
    )


# --- typed in by the clerk -----------------------------------------------------------------------------------------


def decide_typed(
    text: str, matter: KnownMatter, sender: tuple[str, str], reading: Reading, site: Site, known: Known, now: datetime
) -> Decision:
    """Carry out an instruction that an officer of the office types in (PHÂN CÔNG), with its scan where one is attached.

    It is the word of the leader to whom the paper was submitted, unless a leader writes it; questions go to the sender.
    """
    name, address = sender
    holders = {one.lower() for _, one in site.directory.addresses(site.officers.leader)}
    leader = matter.values.get("leader")
    if address.lower() in holders or not leader or leader == name:
        giver = giver_at(name, address, site)
    else:
        asked = next((person for person in site.directory.people.values() if person.name == leader), None)
        title = (asked.post or "") if asked else ""
        giver = Giver(str(leader), title, address, typed_by=name or "đồng chí văn thư")
    scans = tuple(item.name for item in reading.attachments if item.name)
    return decide_word(Word(text, giver, matter, reading, site, known, now, {}, scans))


# --- the answer to a question --------------------------------------------------------------------------------------


def decide_completed(reading: Reading, text: str, site: Site, known: Known, now: datetime) -> Decision | None:
    """Take the answer to a question of ours (`1 Nguyễn Thanh Bình`, `1 bỏ`) and carry the instruction out with it.

    A new instruction in place of an answer is taken as such; None when the mail asks about nothing of ours.
    """
    assert known.thread is not None
    pending = known.thread.values.get("pending")
    (matter,) = known.matters.get("", ()) or (None,)
    if not pending or matter is None:
        return None
    giver = Giver(**pending["giver"])
    word = Word(pending["text"], giver, matter, reading, site, known, now, dict(pending["answers"]))
    answers, dropped, unknown = _answers(text, pending["questions"], word)
    if dropped:
        words = " ".join(word.text.split())[:120]
        return Decision(Outcome.DECIDED, (Reason("instruction_dropped", words),))
    if not answers and not unknown:
        return decide_word(replace(word, text=text, answers={}))
    if unknown:
        questions = tuple(Question(q["key"], q["text"], tuple(map(tuple, q["choices"]))) for q in pending["questions"])
        return _asked(replace(word, answers=dict(word.answers) | answers), Doubts(questions))
    return decide_word(replace(word, answers=dict(word.answers) | answers))


def _answers(text: str, questions: list[dict[str, Any]], word: Word) -> tuple[dict[str, str], bool, bool]:
    """Return the answers by their keys, whether the whole is dropped, and whether a line answers nothing known."""
    found: dict[str, str] = {}
    unknown = False
    lines = [match for line in text.splitlines() if (match := ITEM.match(line))]
    pairs = [(int(match[1]), match[2].strip(" .,")) for match in lines]
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if not pairs and len(questions) == 1 and first:
        pairs = [(1, first.strip(" .,"))]
    for number, words in pairs:
        if DROP.match(fold(words)):
            return {}, True, False
        if not 1 <= number <= len(questions):
            unknown = True
            continue
        value = _choice(questions[number - 1], words, word)
        if value is None:
            unknown = unknown or bool(lines)  # without a number it may be a new instruction
        else:
            found[questions[number - 1]["key"]] = value
    return found, False, unknown


def _alike(target: str, other: str) -> bool:
    people = ("person:", "role:")
    return target.startswith(people) == other.startswith(people)


def _choice(question: dict[str, Any], words: str, word: Word) -> str | None:
    """Return what an answer stands for: the only choice that it names, or somebody of the directory."""
    wanted = fold(naming.TITLE.sub("", words))
    fits = [value for label, value in question["choices"] if fold(label) == wanted]
    fits = fits or [value for label, value in question["choices"] if f" {wanted} " in f" {fold(label)} "]
    if len(fits) == 1:
        return str(fits[0])
    if question["key"].startswith("who "):
        meant = naming.who_is(words, word.site, word.giver.address, word.today)
        target = meant[0].targets[0] if len(meant) == 1 and meant[0].sure else None
        # A person is no answer to the question which unit is meant: the number is that of another question.
        alike = (
            not question["choices"] or target is None or any(_alike(target, value) for _, value in question["choices"])
        )
        return target if alike else None
    if question["key"].startswith("day "):
        said = instructing.read(f"trước {words}", word.giver, word.site, word.now).limit
        said = instructing.read(f"hạn {words}", word.giver, word.site, word.now).limit or said
        return said.due.isoformat() if said is not None and said.named is None else None
    return None
