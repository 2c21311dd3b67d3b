"""What keeps us out of storms: budgets of answers by address, thread and domain; the same words again and again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mailbot.office.text import fold
from mailbot.reading import Kind
from mailbot.routing.plans import ANSWERS, Decision, HeldPlan, Reason

if TYPE_CHECKING:
    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownThread
    from mailbot.routing.model import Site

OVER_BUDGET = "answers_over_budget"
# Our token, and whatever counts up: numbers, days, hours, ids.
_ASIDE = re.compile(r"\[#\w+\]|\d+|[^\w\s]")
# A machine repeats itself from its first words on.
_COMPARED = 4000
# Prefixes that servers and people pile up: "Re: Re: Undeliverable: Re: …" says the same as once.
_PREFIX = re.compile(r"^(?:\s*(?:re|fwd?|tl|aw|undeliverable|undelivered|tra loi)\s*:)+")


@dataclass(frozen=True)
class _Budget:
    """How much was answered so far, how much may be, and what it is the budget of, in words."""

    spent: int
    limit: int
    code: str
    words: str


def words_key(reading: Reading) -> str | None:
    """Return the sameness of what a sender says, numbers aside: equal for the hundredth answer of one machine.

    None where nothing of the words may be kept, not even a hash, and for what names no single sender.
    """
    if reading.kind is Kind.QUARANTINED or reading.sensitivity != "none" or len(reading.from_addresses) != 1:
        return None
    said = reading.reply.text if reading.reply is not None and reading.reply.text else reading.text
    subject = _PREFIX.sub("", fold(reading.subject or ""))
    words = " ".join(_ASIDE.sub(" ", f"{subject} \n {fold(said[:_COMPARED])}").split())
    return hashlib.sha256(f"{reading.from_addresses[0]}\0{words}".encode()).hexdigest()[:32]


def conversation(reading: Reading, thread: KnownThread | None) -> str:
    """Return what all mails of one conversation with us have in common: the key of its first mail."""
    return thread.root if thread is not None and thread.root else reading.content_key[:32]


def calmed(decision: Decision, reading: Reading, site: Site, known: Known) -> Decision:
    """Return a decision whose answers are within the budgets, each with its thread; what is beyond is told.

    Only answers are left out, never what a mail does: an order is carried out, a fact is recorded. What goes out by a
    person's word or a ladder is no answer and has no budget here.
    """
    if not any(mail.purpose in ANSWERS for mail in decision.mails):
        return decision
    thread = conversation(reading, known.thread)
    over = _over(reading, site, known)
    if over is None:
        mails = (replace(mail, thread=thread) if mail.purpose in ANSWERS else mail for mail in decision.mails)
        return replace(decision, mails=tuple(mails))
    said = f"{over.words} đã nhận {over.spent} thư trả lời tự động trong một ngày, tạm ngừng trả lời"
    return replace(
        decision,
        mails=tuple(mail for mail in decision.mails if mail.purpose not in ANSWERS),
        reasons=(*decision.reasons, Reason(OVER_BUDGET, f"{over.code}: {over.spent} of {over.limit}")),
        held=(*decision.held, HeldPlan(OVER_BUDGET, said, "admin")),
    )


def _over(reading: Reading, site: Site, known: Known) -> _Budget | None:
    """Return the first budget that is spent."""
    limits, so_far = site.mailboxes[known.mailbox].answers, known.answers
    address = reading.from_addresses[0] if reading.from_addresses else "người gửi không rõ"
    budgets = [
        _Budget(so_far.address, limits.per_address, "address", address),
        _Budget(so_far.thread, limits.per_thread, "thread", f"một chuỗi thư với {address}"),
        _Budget(so_far.domain, limits.per_domain, "domain", f"tên miền {address.rpartition('@')[2]}"),
    ]
    if reading.kind is not Kind.COMMAND:  # the same order for paper after paper is an honest day's work
        budgets.append(_Budget(known.same_words, limits.same_words, "same_words", f"những lời y hệt của {address}"))
    return next((budget for budget in budgets if budget.spent >= budget.limit), None)
