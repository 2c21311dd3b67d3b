"""What the clerk answers by number to a list of papers that are handed over by hand: facts, kept as their word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.handing import Way, read_handing
from mailbot.office.text import fold
from mailbot.routing.model import Ask
from mailbot.routing.order_lines import Refused, Result, said_by, transcript
from mailbot.routing.orders_on_papers import HAPPENED, evidence
from mailbot.routing.plans import Decision, FactPlan, Outcome, Reason
from mailbot.routing.wording import INTENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailbot.office.handing import Handing
    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery
    from mailbot.routing.model import Site

# "1 đã giao", "1. đã giao", "1, 2 và 4 đã giao", "1-3 đã giao"
ITEMS = re.compile(r"\s*(\d{1,2}(?:\s*(?:,|;|và|va|-|–)\s*\d{1,2})*)(?:\s*[.):\-–]\s*|\s+)(\D.*)$", re.IGNORECASE)
RANGE = re.compile(r"(\d{1,2})\s*[-–]\s*(\d{1,2})")
ALL = re.compile(r"\b(?:tat ca|het|ca hai|ca ba|toan bo|xong ca|day du)\b|\b(?:ca|du)\s+\d+\b")
HANDS_OVER = re.compile(r"\b(?:giao|chuyen|dua|trao|goi|bao|dien thoai|ky nhan)\b")
HOW_DONE = "chưa rõ đã giao hay chưa; ví dụ: đã giao 06/10, đ/c E ký nhận; hoặc đã báo qua điện thoại 09 giờ 15"


def decide_handing(reading: Reading, site: Site, known: Known, now: datetime) -> Decision | None:
    """Write down what the clerk answered to a paper list, line by line, and answer with a transcript.

    None for a mail that speaks of no unit: "Đã nhận" is the clerk's own, of the list.
    """
    assert known.thread is not None
    deliveries = {delivery.item: delivery for delivery in known.thread.deliveries}
    lines, results = [], []
    for numbers, words, line in _lines(reading, len(deliveries)):
        lines.append(line)
        try:
            named = [_delivery(deliveries, number) for number in numbers]
            results.append(handed(named, words, site, said_by(reading), now))
        except Refused as refused:
            results.append(Result(str(refused), done=False))
    if not lines:
        return None
    return Decision(
        Outcome.DECIDED,
        tuple(Reason("paper_answer", f"{line}: {result.text}") for line, result in zip(lines, results, strict=True)),
        mails=(transcript(reading, site, known, lines, results),),
        facts=tuple(fact for result in results for fact in result.facts),
    )


def _lines(reading: Reading, count: int) -> list[tuple[list[int], str, str]]:
    """Return (numbers, words, line) of the lines; one without a number is about all, if it says so or there is one."""
    text = reading.reply.text if reading.reply else ""
    written = [line.strip() for line in text.splitlines() if line.strip()]
    found = [(_numbers(match[1]), match[2].strip(), line) for line in written if (match := ITEMS.match(line))]
    if found or not written:
        return found
    folded = fold(written[0])
    if ALL.search(folded) or (count == 1 and HANDS_OVER.search(folded)):
        return [(list(range(1, count + 1)), written[0], written[0])]
    return []


def _numbers(text: str) -> list[int]:
    spans = [(int(match[1]), int(match[2])) for match in RANGE.finditer(text)]
    singles = [int(number) for number in re.findall(r"\d+", RANGE.sub(" ", text))]
    return sorted({*singles, *(number for first, last in spans for number in range(first, last + 1))})


def _delivery(deliveries: dict[int, KnownDelivery], number: int) -> KnownDelivery:
    if number not in deliveries:
        raise Refused(f"danh sách không có đơn vị số {number}")
    return deliveries[number]


def handed(deliveries: Sequence[KnownDelivery], words: str, site: Site, by: dict[str, Any], now: datetime) -> Result:
    """Return the facts that a clerk's words on units are: received on paper or by telephone, reported, comes or not.

    Raises:
        Refused: the words do not say what happened, or name a day that is to come.
    """
    here = site.office.working_time.local(now)
    read = read_handing(words, here.date())
    folded = fold(words)
    may_say = [Intent.REPORT]
    if all(one.ask is Ask.RSVP for one in deliveries):
        may_say += [Intent.DECLINE, Intent.ACCEPT]
    said = next((intent for intent in may_say if _says(folded, intent)), None)
    names = "; ".join(one.unit_name for one in deliveries)
    if said is None and read.done is None:
        raise Refused(HOW_DONE)
    if said is None and not read.done:
        return Result(f"{names}: chưa giao được, văn bản vẫn tính là chưa nhận")
    at = moment(read, site, now)
    data = by | {"words": words[:400]} | evidence(read)
    said = said or Intent.ACKNOWLEDGE
    facts = tuple(FactPlan(one.id, str(said), at, "noted by the office", None, data) for one in deliveries)
    signed = f", {read.signed_by} ký nhận" if read.signed_by else ""
    how = " qua điện thoại" if read.way is Way.TELEPHONE else ""
    return Result(f"ghi nhận {names}: {INTENTS[said]}{how} {at.astimezone(here.tzinfo):%d/%m}{signed}", facts=facts)


def _says(folded: str, intent: Intent) -> bool:
    return any(words in folded for words in HAPPENED[intent])


def moment(read: Handing, site: Site, now: datetime) -> datetime:
    """Return when it happened: at the hour and day written, else now.

    Raises:
        Refused: that day is to come.
    """
    calendar = site.office.working_time
    today = calendar.local(now).date()
    day = read.on or today
    if day > today:
        raise Refused(f"ngày {day:%d/%m/%Y} chưa tới")
    if read.at is not None:
        return min(calendar.at(day, read.at), now)
    return now if day == today else calendar.end_of_day(day)
