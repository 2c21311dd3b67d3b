"""What officers answer to what they were given: done by which paper, or that another should handle it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.numbers import find_numbers
from mailbot.office.text import fold
from mailbot.routing import instructing, letters, naming
from mailbot.routing.instructing import OFFICERS, Carried, Giver
from mailbot.routing.leaders_word import (
    DROP,
    ITEM,
    RE_AND_TOKEN,
    Word,
    again,
    by,
    giver_at,
    line,
    notices,
    question_mail,
    said_values,
    sent,
)
from mailbot.routing.plans import Decision, FactPlan, InstructionPlan, MailPlan, Outcome, Purpose, Reason
from mailbot.routing.releasing import carry_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery, KnownThread
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Release

KEEPS = re.compile(r"^(?:khong dong y|khong|giu nguyen|van giao|de nghi (?:tiep tuc|thuc hien)|tiep tuc)\b")
# An officer's short word that it is done; a unit says what it sends.
DONE = re.compile(
    r"^\W*(?:(?:toi|em|da)\s+)*(?:xu ly |giai quyet |thuc hien |lam )?(?:xong|hoan thanh|giai quyet xong)\b"
)


def says_done(intent: Intent, delivery: KnownDelivery, reading: Reading) -> bool:
    """Tell whether an officer's words that mean nothing to a unit say that the matter is settled."""
    if not delivery.reason.startswith("assign:") or intent not in (Intent.NONE, Intent.ACKNOWLEDGE):
        return False
    return DONE.match(fold(reading.reply.text if reading.reply else "")) is not None


def answering_number(reading: Reading, delivery: KnownDelivery) -> str | None:
    """Return the number of the paper that settles what was asked: the one named, else the one attached."""
    named = [one.canonical for one in find_numbers(reading.reply.text if reading.reply else "")]
    named += [one.number for one in reading.documents if one.number]
    return next((number for number in named if number != delivery.document_number), None)


def put_to_leader(answer: Decision, reading: Reading, site: Site, known: Known) -> Decision:
    """Put an officer's wish that another handle it to whoever assigned it, and not to the clerk."""
    assert known.thread is not None
    text = reading.reply.text if reading.reply else ""
    refused = {fact.delivery_id for fact in answer.facts if fact.said == Intent.REFUSE}
    asked = {
        one.id: mail
        for one in known.thread.deliveries
        if one.id in refused and (mail := ask_to_reassign(one, text, known.thread, reading, site, known)) is not None
    }
    lines = tuple(replace(line, audience="log") if line.delivery_id in asked else line for line in answer.held)
    return replace(answer, mails=(*answer.mails, *asked.values()), held=lines) if asked else answer


def ask_to_reassign(
    delivery: KnownDelivery, words: str, thread: KnownThread, reading: Reading, site: Site, known: Known
) -> MailPlan | None:
    """Put an officer's `đề nghị chuyển đồng chí khác` to whoever assigned it; None when it is no assignment."""
    if not delivery.reason.startswith("assign:"):
        return None
    address = thread.values.get("instructed_by_address")
    leader = site.directory.addresses(site.officers.leader)[0]
    whose = giver_at(thread.values.get("instructed_by", leader[0]), address or leader[1], site)
    if whose.address.lower() in {one.lower() for one in delivery.addresses}:
        return None
    about = delivery.document_number or "văn bản"
    said = " ".join(words.split())[:160]
    text = f"đ/c {delivery.unit_name} ({delivery.reason.removeprefix('assign: ')} {about}) đề nghị chuyển: “{said}”"
    values = letters.office_values(site.office) | {
        "person": whose.name,
        "lines": [{"order": said, "result": text, "done": False, "rows": []}],
        "answers": ["1 (họ tên đồng chí khác)", "1 giữ nguyên"],
        "number": about,
        "original_subject": RE_AND_TOKEN.sub("", reading.subject or "") or about,
        "received_at": letters.received_text(known.received_at, site.office),
        "pending": {
            "text": thread.values.get("instruction") or "",
            "answers": {},
            "questions": [],
            "delivery": delivery.id,
            "giver": {"name": whose.name, "title": whose.title, "address": whose.address, "typed_by": ""},
        },
    }
    return MailPlan(
        Purpose.ORDER_ASKED,
        "order_not_understood",
        thread.mailbox,
        whose.address,
        whose.name,
        values,
        source_key=reading.content_key,
        step=f"reassign {delivery.id}",
        document_id=delivery.document_id,
    )


def decide_reassigned(reading: Reading, text: str, site: Site, known: Known, now: datetime) -> Decision:
    """Another officer gets what the first asked to be rid of, or the first keeps it; old reminders are gone."""
    assert known.thread is not None
    pending = known.thread.values["pending"]
    matter = known.matters[""][0]
    word = Word(pending["text"], Giver(**pending["giver"]), matter, reading, site, known, now, {})
    old = next(one for one in word.matter.deliveries if one.id == pending["delivery"])
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    match = ITEM.match(first)
    words = (match[2] if match else first).strip(" .,")
    if KEEPS.match(fold(words)) or DROP.match(fold(words)):
        return _kept_by(word, old)
    said = instructing.read(words, word.giver, word.site, word.now)
    names = said.clauses[0].who if said.clear and len(said.clauses) == 1 else words
    meant = naming.who_is(names, word.site, word.giver.address, word.today)
    if len(meant) != 1 or not meant[0].sure or not meant[0].targets[0].startswith(("person:", "role:")):
        return _whom_then(word, pending, words, meant)
    target = meant[0].targets[0]
    if any(one.unit == target for one in word.matter.deliveries):
        return _whom_then(word, pending, f"{words} (đã có tên trong văn bản này)", ())
    return _handed_over(replace(word, text=pending["text"] or words), old, target, words)


def _whom_then(word: Word, pending: Mapping[str, Any], words: str, meant: Iterable[naming.Meant]) -> Decision:
    directory = word.site.directory
    choices = [
        naming.name_of(target, directory).removeprefix("đ/c ") for one in meant for target in one.targets or one.near
    ]
    lines = [line(words, "chưa rõ chuyển đồng chí nào")]
    answers = [f"1 {name}" for name in dict.fromkeys(choices)] + ["1 giữ nguyên"]
    mail = question_mail(word, lines, answers, {name: value for name, value in pending.items() if name != "giver"})
    return Decision(Outcome.DECIDED, (Reason("instruction_asked", words),), mails=(mail,))


def _kept_by(word: Word, old: KnownDelivery) -> Decision:
    """The officer keeps it: what was sent back is theirs again, with its reminders."""
    fact = FactPlan(old.id, "assigned", word.now, "not reassigned", None, by(word))
    row = f"đ/c {old.unit_name} tiếp tục {old.reason.removeprefix('assign: ')}"
    release = word.matter.document.release
    mails: tuple[MailPlan, ...] = ()
    if release is not None:
        mails = _mails_again(word, replace(release, recipients=(again(old, old.due),)), old)
    return Decision(
        Outcome.DECIDED,
        (Reason("not_reassigned", row),),
        adds_to=word.matter.document.id,
        facts=(fact,),
        mails=(*mails, *notices(word, (row,))),
    )


def _mails_again(word: Word, release: Release, old: KnownDelivery) -> tuple[MailPlan, ...]:
    _, mails = carry_out(release, word.site, word.matter.document.content_key, word.now, said_values(word, release))
    part = old.reason.removeprefix("assign: ")
    return tuple(
        replace(
            mail,
            units=(),
            deliveries=(old.id,),
            step=f"kept {word.now.isoformat()}",
            values=mail.values | {"part": part, "attends": old.reason == "assign: dự họp"},
        )
        for mail in mails
    )


def _handed_over(word: Word, old: KnownDelivery, target: str, words: str) -> Decision:
    part = next(part for part, (called, _) in reversed(OFFICERS.items()) if old.reason == f"assign: {called}")
    item = instructing.officer_recipient(target, old.ask, word.site)
    release = word.matter.document.release
    assert item is not None
    assert release is not None
    item = replace(item, reason=old.reason, due=old.due, due_because="reassigned" if old.due else "")
    row = f"chuyển từ đ/c {old.unit_name} sang đ/c {item.name} ({old.reason.removeprefix('assign: ')})"
    done = Carried(replace(release, recipients=(item,), ladder=old.ladder or release.ladder), {item.unit: part})
    deliveries, mails, kept = sent(word, done)
    return Decision(
        Outcome.DECIDED,
        (Reason("reassigned", row),),
        adds_to=word.matter.document.id,
        release=kept,
        deliveries=deliveries,
        mails=(*mails, *notices(word, (row,))),
        facts=(FactPlan(old.id, "superseded", word.now, "reassigned", None, by(word) | {"to": item.unit}),),
        instruction=InstructionPlan(word.matter.document.id, word.giver.name, words),
    )
