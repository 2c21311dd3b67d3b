"""The clerk's numbered list: the answers that each matter may get, and what an answer by number does."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from mailbot.office.answers import Intent
from mailbot.office.text import fold
from mailbot.routing import letters
from mailbot.routing.model import Ask
from mailbot.routing.ordering import Refused, Result, extended, said_by, transcript
from mailbot.routing.plans import (
    Act,
    Choice,
    Decision,
    FactPlan,
    KnownDelivery,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Known

ITEM = re.compile(r"\s*(\d{1,2})(?:\s*[.):\-–]\s*|\s+)(\D.*)$")
LEAVE = Choice("bỏ qua", Act.CLOSE)


# --- the answers that a matter may get -----------------------------------------------------------------------------


def whose(deliveries: Iterable[KnownDelivery]) -> tuple[Choice, ...]:
    """Of which delivery a mail speaks is the clerk's word: each by its unit, and its number where there are several."""
    several = tuple(deliveries)
    units = [one.unit for one in several]
    names = (
        one.unit_name if units.count(one.unit) == 1 else f"{one.unit_name}, {one.document_number or ''}".strip(", ")
        for one in several
    )
    found = (Choice(name, Act.MATCH, {"delivery": one.id}) for name, one in zip(names, several, strict=True))
    return (*found, LEAVE)


def meant(delivery: KnownDelivery) -> tuple[Choice, ...]:
    """What a unit meant by words that nobody understands."""
    said = {
        Ask.REPORT: (("đã nhận", Intent.ACKNOWLEDGE), ("đã báo cáo", Intent.REPORT)),
        Ask.RSVP: (("dự họp", Intent.ACCEPT), ("xin vắng", Intent.DECLINE)),
    }.get(delivery.ask, (("đã nhận", Intent.ACKNOWLEDGE),))
    return (*(Choice(words, Act.FACT, _said([delivery.id], intent)) for words, intent in said), LEAVE)


def telephoned(deliveries: list[int]) -> tuple[Choice, ...]:
    """What comes of a call to a unit that mail does not reach."""
    return (
        Choice("đã báo", Act.FACT, _said(deliveries, Intent.ACKNOWLEDGE)),
        Choice("đã báo cáo", Act.FACT, _said(deliveries, Intent.REPORT)),
        LEAVE,
    )


def settled(said: Intent, delivery: KnownDelivery, until: date | datetime | None) -> tuple[Choice, ...]:
    """What the office says to a unit's wish: more time or not, a question answered."""
    if said is Intent.EXTENSION and until is not None:
        wish = _kept(delivery) | {"until": until.isoformat()}
        return (Choice("đồng ý", Act.EXTEND, wish), Choice("không đồng ý", Act.REFUSE_EXTENSION, wish))
    if said in (Intent.QUESTION, Intent.PROBLEM, Intent.EXTENSION):
        return (Choice("đã trả lời", Act.SETTLE, {"deliveries": [delivery.id]}),)
    return (Choice("đã xem", Act.CLOSE),)


def absent(
    said: Intent, delivery: KnownDelivery, meeting: Mapping[str, Any], answered_at: datetime
) -> tuple[Choice, ...]:
    """What the chair says to an absence or a delegate; both are put before a person, never refused by the machine."""
    kept = _kept(delivery) | {"delegated": said is Intent.DELEGATE, "meeting": dict(meeting)}
    kept["answered_at"] = answered_at.isoformat()
    return (
        Choice("đồng ý", Act.ABSENCE, kept | {"granted": True}),
        Choice("đề nghị dự họp", Act.ABSENCE, kept | {"granted": False}),
    )


def _kept(delivery: KnownDelivery) -> dict[str, Any]:
    """Return all of a delivery that carrying a choice out needs, as JSON values."""
    return {
        "delivery": delivery.id,
        "unit": delivery.unit,
        "unit_name": delivery.unit_name,
        "number": delivery.document_number,
        "document": delivery.document_id,
        "addresses": list(delivery.addresses),
        "channel": delivery.channel,
        "ladder": delivery.ladder,
        "ask": str(delivery.ask),
    }


def _said(deliveries: list[int], intent: Intent) -> dict[str, Any]:
    return {"deliveries": deliveries, "said": str(intent)}


# --- an answer by number -------------------------------------------------------------------------------------------


def decide_list(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Carry out what the clerk answered, line by line, and answer with a transcript."""
    assert known.thread is not None
    matters = known.thread.values.get("matters", [])
    lines, results, closes = [], [], []
    matches: list[tuple[int, int]] = []
    for number, words, line in _lines(reading, len(matters)):
        lines.append(line)
        try:
            matter = _matter(matters, number)
            choice = _choice(matter, words)
            results.append(ACTS[Act(choice["act"])](choice, site, known, said_by(reading), now))
        except Refused as refused:
            results.append(Result(str(refused), done=False))
            continue
        closes.append(matter["matter"])
        if choice["act"] == Act.MATCH and choice.get("message"):
            matches.append((choice["message"], choice["data"]["delivery"]))
    if not lines:
        lines, results = ["…"], [Result(HOW, done=False)]
    return Decision(
        Outcome.DECIDED,
        tuple(Reason("list_answer", f"{line}: {result.text}") for line, result in zip(lines, results, strict=True)),
        mails=(
            *(mail for result in results for mail in result.mails),
            transcript(reading, site, known, lines, results),
        ),
        facts=tuple(fact for result in results for fact in result.facts),
        reschedules=tuple(one for result in results for one in result.reschedules),
        matches=tuple(matches),
        closes=tuple(closes),
    )


HOW = "chưa rõ trả lời việc nào; đề nghị ghi số thứ tự rồi một trong các câu ghi dưới việc đó, ví dụ: 1 bỏ qua"


def _lines(reading: Reading, count: int) -> list[tuple[int, str, str]]:
    """Return (number, words, line) of the numbered lines; of a list with one matter the number may be left out."""
    text = reading.reply.text if reading.reply else ""
    found = [
        (int(match[1]), match[2].strip(), line.strip()) for line in text.splitlines() if (match := ITEM.match(line))
    ]
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return found or ([(1, first, first)] if count == 1 and first else [])


def _matter(matters: list[dict[str, Any]], number: int) -> dict[str, Any]:
    if not 1 <= number <= len(matters):
        raise Refused(f"danh sách không có việc số {number}")
    return matters[number - 1]


def _choice(matter: Mapping[str, Any], words: str) -> dict[str, Any]:
    """Return the choice that the words mean: as written, or the only one that they begin or that begins them."""
    choices: list[dict[str, Any]] = matter.get("choices") or []
    wanted = fold(words).strip(" .,;:")
    exact = [one for one in choices if fold(one["words"]) == wanted]
    near = [one for one in choices if wanted.startswith(fold(one["words"])) or wanted in fold(one["words"])]
    longest = max((len(one["words"]) for one in near), default=0)
    # "không đồng ý" begins with nothing of "đồng ý", and "đã báo cáo" is no "đã báo": the longest wording counts.
    best = exact or [one for one in near if len(one["words"]) == longest]
    if len(best) != 1:
        listed = "; ".join(one["words"] for one in choices) or "việc này không trả lời bằng thư được"
        raise Refused(f"chưa rõ “{words}”; có thể ghi: {listed}")
    return best[0]


def _match(choice: dict[str, Any], _site: Site, _known: Known, _by: dict[str, Any], _now: datetime) -> Result:
    return Result(f"thư được ghi nhận cho {choice['words']}")


def _fact(choice: dict[str, Any], _site: Site, _known: Known, by: dict[str, Any], now: datetime) -> Result:
    data = choice["data"]
    facts = tuple(FactPlan(one, data["said"], now, "noted by the office", None, by) for one in data["deliveries"])
    return Result(f"đã ghi nhận: {choice['words']}", facts=facts)


def _settle(choice: dict[str, Any], _site: Site, _known: Known, by: dict[str, Any], now: datetime) -> Result:
    deliveries = choice["data"]["deliveries"]
    facts = tuple(FactPlan(one, "settled", now, "settled by the office", None, by) for one in deliveries)
    return Result("đã ghi nhận", facts=facts)


def _close(_choice: dict[str, Any], _site: Site, _known: Known, _by: dict[str, Any], _now: datetime) -> Result:
    return Result("đã bỏ khỏi danh sách")


def asked(data: Mapping[str, Any]) -> KnownDelivery:
    """Return the delivery that a list or an escalation kept for its answer."""
    return KnownDelivery(
        id=data["delivery"],
        document_id=data["document"],
        unit=data["unit"],
        unit_name=data["unit_name"],
        ask=Ask(data["ask"]),
        addresses=tuple(data["addresses"]),
        document_number=data["number"],
        channel=data["channel"],
        ladder=data["ladder"],
    )


def _extend(choice: dict[str, Any], site: Site, known: Known, by: dict[str, Any], now: datetime) -> Result:
    data = choice["data"]
    return extended([asked(data)], date.fromisoformat(data["until"][:10]), site, known, by, now)


def _refuse_extension(choice: dict[str, Any], site: Site, known: Known, by: dict[str, Any], now: datetime) -> Result:
    delivery = asked(choice["data"])
    values = letters.office_values(site.office) | {
        "unit": delivery.unit_name,
        "number": delivery.document_number or "văn bản",
        "granted": False,
        "until": "",
    }
    told = MailPlan(
        Purpose.EXTENSION_DECIDED,
        "extension_decided",
        known.mailbox,
        next(iter(delivery.addresses), ""),
        delivery.unit_name,
        values,
        deliveries=(delivery.id,),
        source_key=f"delivery {delivery.id}",
        step=f"not extended {choice['data']['until']}",
        not_before=now,
    )
    fact = FactPlan(delivery.id, "settled", now, "extension refused", None, by)
    by_mail = delivery.channel == "mail" and bool(delivery.addresses)
    return Result(f"không gia hạn cho {delivery.unit_name}", facts=(fact,), mails=(told,) if by_mail else ())


def _absence(choice: dict[str, Any], site: Site, known: Known, by: dict[str, Any], now: datetime) -> Result:
    data = choice["data"]
    delivery, granted = asked(data), bool(data["granted"])
    if known.rsvps.get(delivery.id) != ("delegated" if data["delegated"] else "declined"):
        raise Refused(f"{delivery.unit_name} đã trả lời lại sau đó; việc này không còn")
    values = letters.office_values(site.office) | dict(data["meeting"])
    told = MailPlan(
        Purpose.ABSENCE_DECIDED,
        "absence_decided",
        known.mailbox,
        next(iter(delivery.addresses), ""),
        delivery.unit_name,
        values | {"unit": delivery.unit_name, "delegated": bool(data["delegated"]), "granted": granted},
        deliveries=(delivery.id,),
        source_key=f"delivery {delivery.id}",
        step=f"absence {'granted' if granted else 'not granted'} {data['answered_at']}",  # said twice, told once
        not_before=now,
    )
    fact = FactPlan(delivery.id, "excused" if granted else "must_attend", now, "word of the chair", None, by)
    by_mail = delivery.channel == "mail" and bool(delivery.addresses)
    words = "đồng ý" if granted else "đề nghị dự họp"
    return Result(f"{delivery.unit_name}: {words}", facts=(fact,), mails=(told,) if by_mail else ())


ACTS: dict[Act, Callable[[dict[str, Any], Site, Known, dict[str, Any], datetime], Result]] = {
    Act.MATCH: _match,
    Act.FACT: _fact,
    Act.EXTEND: _extend,
    Act.REFUSE_EXTENSION: _refuse_extension,
    Act.ABSENCE: _absence,
    Act.SETTLE: _settle,
    Act.CLOSE: _close,
}
