"""The clerk's numbered list: the answers that each matter may get, and what an answer by number does."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.text import fold
from mailbot.routing import letters, mending, undoing
from mailbot.routing.choices import LEAVE, SEEN, said
from mailbot.routing.known import KnownDelivery
from mailbot.routing.model import Ask
from mailbot.routing.order_lines import Refused, Result, said_by, transcript
from mailbot.routing.orders_on_papers import extended
from mailbot.routing.plans import (
    Act,
    Choice,
    Decision,
    FactPlan,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
    Remedy,
    RemedyWord,
    TaughtAddress,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known
    from mailbot.routing.model import Site

ITEM = re.compile(r"\s*(\d{1,2})(?:\s*[.):\-–]\s*|\s+)(\D.*)$")
REMEMBER = "ghi nhớ địa chỉ"


# --- the answers that a matter may get -----------------------------------------------------------------------------


def whose(deliveries: Iterable[KnownDelivery], address: str = "") -> tuple[Choice, ...]:
    """Of which delivery a mail speaks is the clerk's word: each by its unit, and its number where there are several.

    Behind the name `ghi nhớ địa chỉ` may stand: then the sender's address is the unit's from now on.
    """
    several = tuple(deliveries)
    units = [one.unit for one in several]
    names = (
        one.unit_name if units.count(one.unit) == 1 else f"{one.unit_name}, {one.document_number or ''}".strip(", ")
        for one in several
    )
    pairs = [(name, {"delivery": one.id, "unit": one.unit}) for name, one in zip(names, several, strict=True)]
    found = [Choice(name, Act.MATCH, data) for name, data in pairs]
    if address and len(set(units)) == 1:
        found += [Choice(f"{name}, {REMEMBER}", Act.MATCH, data | {"address": address}) for name, data in pairs[:1]]
    return (*found, LEAVE)


def named(address: str) -> tuple[Choice, ...]:
    """Whose mail it is that answers nothing we know of: the clerk writes the unit's name."""
    return (Choice(f"TÊN ĐƠN VỊ (thêm “{REMEMBER}” nếu đơn vị còn dùng)", Act.NAME, {"address": address}), LEAVE)


def taught(unit: str, address: str) -> tuple[Choice, ...]:
    """Whether an address from which a unit has answered is remembered as its own."""
    return (Choice(REMEMBER, Act.TEACH, {"unit": unit, "address": address}), LEAVE)


def meant(delivery: KnownDelivery) -> tuple[Choice, ...]:
    """What a unit meant by words that nobody understands."""
    meanings = {
        Ask.REPORT: (("đã nhận", Intent.ACKNOWLEDGE), ("đã báo cáo", Intent.REPORT)),
        Ask.RSVP: (("dự họp", Intent.ACCEPT), ("xin vắng", Intent.DECLINE)),
    }.get(delivery.ask, (("đã nhận", Intent.ACKNOWLEDGE),))
    return (*(Choice(words, Act.FACT, said([delivery.id], intent)) for words, intent in meanings), LEAVE)


def settled(said: Intent, delivery: KnownDelivery, until: date | datetime | None) -> tuple[Choice, ...]:
    """What the office says to a unit's wish: more time or not, a question answered."""
    if said is Intent.EXTENSION and until is not None:
        wish = _kept(delivery) | {"until": until.isoformat()}
        return (Choice("đồng ý", Act.EXTEND, wish), Choice("không đồng ý", Act.REFUSE_EXTENSION, wish))
    if said in (Intent.QUESTION, Intent.PROBLEM, Intent.EXTENSION):
        return (Choice("đã trả lời", Act.SETTLE, {"deliveries": [delivery.id]}),)
    return (SEEN,)


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


# --- an answer by number -------------------------------------------------------------------------------------------


def decide_list(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Carry out what the clerk answered, line by line, and answer with a transcript."""
    assert known.thread is not None
    matters = known.thread.values.get("matters", [])
    lines, results, closes = [], [], []
    matches: list[tuple[int, int]] = []
    remedied: list[tuple[int, RemedyWord]] = []
    again: defaultdict[Act, list[int]] = defaultdict(list)
    for number, words, line in _lines(reading, len(matters)):
        lines.append(line)
        try:
            matter = _matter(matters, number)
            choice = _choice(matter, words)
            if matter["matter"] in known.settled and choice["act"] != Act.ABSENCE:
                # The chair may think better of it; what else is done is done, and a mail of it has gone out.
                raise Refused(f"việc số {number} đã xử lý xong trước đó")
            results.append(ACTS[Act(choice["act"])](choice, site, known, said_by(reading), now))
        except Refused as refused:
            results.append(Result(str(refused), done=False))
            continue
        closes.append(matter["matter"])
        if Act(choice["act"]) is Act.REMEDY:
            remedied.append((choice["message"], RemedyWord(Remedy(choice["data"]["remedy"]))))
        elif choice.get("message"):
            matches.extend((choice["message"], delivery) for delivery in results[-1].speaks_of)
            again[Act(choice["act"])].append(choice["message"])
    if not lines:
        lines, results = ["…"], [Result(HOW, done=False)]
    decided = Decision(
        Outcome.DECIDED,
        tuple(Reason("list_answer", f"{line}: {result.text}") for line, result in zip(lines, results, strict=True)),
        mails=(
            *(mail for result in results for mail in result.mails),
            transcript(reading, site, known, lines, results),
        ),
        facts=tuple(fact for result in results for fact in result.facts),
        reschedules=tuple(one for result in results for one in result.reschedules),
        matches=tuple(matches),
        believes=tuple(again[Act.BELIEVE]),
        lets_through=tuple(again[Act.LET_THROUGH]),
        retries=tuple(again[Act.RETRY]),
        remedied=tuple(remedied),
        remedies=tuple(one for result in results for one in result.remedies),
        held=tuple(one for result in results for one in result.held),
        closes=tuple(closes),
        teaches=tuple(one for result in results for one in result.teaches),
    )
    return undoing.can_be_taken_back(decided, site, now)


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
    # A line of the digest that is no held matter has nothing to be left out of.
    leave = [asdict(LEAVE)] if matter.get("matter") is not None else []
    choices: list[dict[str, Any]] = matter.get("choices") or leave
    wanted = fold(words).strip(" .,;:")
    exact = [one for one in choices if fold(one["words"]) == wanted]
    near = [one for one in choices if wanted.startswith(fold(one["words"])) or wanted in fold(one["words"])]
    longest = max((len(one["words"]) for one in near), default=0)
    # "không đồng ý" begins with nothing of "đồng ý", and "đã báo cáo" is no "đã báo": the longest wording counts.
    best = exact or [one for one in near if len(one["words"]) == longest]
    best = best or [one | {"written": words} for one in choices if one["act"] == Act.NAME]
    if len(best) != 1:
        listed = "; ".join(one["words"] for one in choices) or "việc này không trả lời bằng thư được"
        raise Refused(f"chưa rõ “{words}”; có thể ghi: {listed}")
    return best[0]


def _match(choice: dict[str, Any], site: Site, known: Known, by: dict[str, Any], now: datetime) -> Result:
    data = choice["data"]
    told = f"thư được ghi nhận cho {choice['words'].removesuffix(f', {REMEMBER}')}"
    also = _teach(choice, site, known, by, now) if "address" in data else None
    text = f"{told}; {also.text}" if also else told
    return Result(text, speaks_of=(data["delivery"],), teaches=also.teaches if also else ())


def _name(choice: dict[str, Any], site: Site, known: Known, by: dict[str, Any], now: datetime) -> Result:
    """Tie a mail to the one open delivery of the unit that the clerk has named; a number tells several apart."""
    written = fold(choice["written"])
    remember = fold(REMEMBER) in written or "ghi nho" in written
    wanted = re.split(r"[,(]?\s*ghi nho", written)[0].strip(" ,.;:()")
    name, _, number = wanted.partition(",")
    found = [one for one in known.open_deliveries if name.strip() and name.strip() in fold(one.unit_name)]
    exact = [one for one in found if fold(one.unit_name) == name.strip()]
    found = [one for one in exact or found if number.strip() in fold(one.document_number or "")]
    if not found:
        raise Refused(f"không có việc nào đang chờ của “{choice['written']}”; đề nghị ghi đủ tên đơn vị")
    if len(found) > 1:
        listed = "; ".join(f"{one.unit_name}, {one.document_number or 'văn bản'}" for one in found[:5])
        raise Refused(f"“{choice['written']}” có thể là {listed}; đề nghị ghi tên đơn vị, số văn bản")
    data = {"delivery": found[0].id, "unit": found[0].unit}
    data |= {"address": choice["data"]["address"]} if remember else {}
    words = f"{found[0].unit_name}, {found[0].document_number or 'văn bản'}"
    return _match({"words": words, "data": data}, site, known, by, now)


def _believe(_choice: dict[str, Any], _site: Site, _known: Known, _by: dict[str, Any], _now: datetime) -> Result:
    return Result("đã ghi nhận là đúng người gửi, thư được xử lý tiếp")


def _let_through(_choice: dict[str, Any], _site: Site, _known: Known, _by: dict[str, Any], _now: datetime) -> Result:
    return Result("các tệp được chuyển, thư được xử lý tiếp")


def _retry(_choice: dict[str, Any], _site: Site, _known: Known, _by: dict[str, Any], _now: datetime) -> Result:
    return Result("thư được đọc và xử lý lại")


def _teach(choice: dict[str, Any], site: Site, _known: Known, by: dict[str, Any], _now: datetime) -> Result:
    address, unit = choice["data"]["address"], choice["data"]["unit"]
    name = site.directory.units[unit].name if unit in site.directory.units else unit
    taught_one = TaughtAddress(address.lower(), unit, by["by"])
    return Result(f"thư từ {address} từ nay là thư trả lời của {name}", teaches=(taught_one,))


def _fact(choice: dict[str, Any], _site: Site, _known: Known, by: dict[str, Any], now: datetime) -> Result:
    data = choice["data"]
    facts = tuple(FactPlan(one, data["said"], now, "noted by the office", None, by) for one in data["deliveries"])
    return Result(f"đã ghi nhận: {choice['words']}", facts=facts)


def _settle(choice: dict[str, Any], _site: Site, _known: Known, by: dict[str, Any], now: datetime) -> Result:
    deliveries = choice["data"]["deliveries"]
    facts = tuple(FactPlan(one, "settled", now, "settled by the office", None, by) for one in deliveries)
    return Result("đã ghi nhận", facts=facts)


def _remedy(choice: dict[str, Any], _site: Site, _known: Known, _by: dict[str, Any], _now: datetime) -> Result:
    return Result(f"{choice['words']}: được thực hiện với thư này, kết quả gửi người gửi văn bản")


def _recall(choice: dict[str, Any], site: Site, known: Known, by: dict[str, Any], now: datetime) -> Result:
    matter = known.recallable.get(choice["data"]["document"])
    if matter is None:
        raise Refused("không còn văn bản đó")
    return mending.mended(mending.Mending(Remedy.RECALL, matter, site, known.mailbox, now, by))


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
    Act.NAME: _name,
    Act.BELIEVE: _believe,
    Act.LET_THROUGH: _let_through,
    Act.RETRY: _retry,
    Act.TEACH: _teach,
    Act.FACT: _fact,
    Act.EXTEND: _extend,
    Act.REFUSE_EXTENSION: _refuse_extension,
    Act.ABSENCE: _absence,
    Act.SETTLE: _settle,
    Act.RECALL: _recall,
    Act.REMEDY: _remedy,
    Act.CLOSE: _close,
}
