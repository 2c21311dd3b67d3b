"""One line of orders: what it names, what became of it, and the transcript that repeats it with its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.office.orders import Command, Verb
from mailbot.office.text import fold
from mailbot.routing import letters
from mailbot.routing.plans import Decision, FactPlan, HeldPlan, MailPlan, Purpose, RemedyPlan, ReschedulePlan

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery, KnownMatter
    from mailbot.routing.model import Site
    from mailbot.routing.plans import TaughtAddress

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
    Verb.REGISTER: "VÀO SỔ",
    Verb.STATISTICS: "THỐNG KÊ",
    Verb.PUBLISH: "PHÁT HÀNH",
    Verb.COLLECT: "TỔNG HỢP",
    Verb.REJECT: "TRẢ LẠI BÁO CÁO",
    Verb.RECALL: "THU HỒI",
    Verb.REPLACE_FILE: "THAY TỆP",
    Verb.CORRECT: "ĐÍNH CHÍNH",
    Verb.RESEND: "GỬI LẠI",
    Verb.UNDO: "HỦY LỆNH",
    Verb.HELP: "TRỢ GIÚP",
}


# How an order is written where only its meaning is at hand.
VERBS = {verb: NAMES.get(verb, "") for verb in Verb} | {Verb.APPROVE: "Đồng ý", Verb.REJECT: "Không đồng ý"}


@dataclass(frozen=True)
class Result:
    """What became of one line: its words for the transcript, and all that it changes."""

    text: str
    done: bool = True
    rows: tuple[str, ...] = ()
    facts: tuple[FactPlan, ...] = ()
    mails: tuple[MailPlan, ...] = ()
    held: tuple[HeldPlan, ...] = ()
    stops: tuple[int, ...] = ()
    reminds: tuple[int, ...] = ()
    reschedules: tuple[ReschedulePlan, ...] = ()
    ends: tuple[int, ...] = ()
    teaches: tuple[TaughtAddress, ...] = ()
    speaks_of: tuple[int, ...] = ()  # the deliveries of which the mail in question speaks
    says_all: bool = False  # its mail is the answer: nothing is left for a transcript to say
    takes_back: int | None = None
    decision: Decision | None = None  # what an instruction comes to, beside all else
    remedies: tuple[RemedyPlan, ...] = ()
    paper: Decision | None = None  # what the clerk enters in the book


class Refused(Exception):  # noqa: N818 - what a line cannot do, told in its transcript
    """The line is not carried out; the words say why and what to write instead."""


@dataclass(frozen=True)
class Order:
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


def own_words(reading: Reading) -> str:
    """Return what a person wrote, also where it was read as orders."""
    if reading.reply is not None and reading.reply.text:
        return reading.reply.text
    return "\n".join(f"{VERBS[one.verb]} {', '.join(one.arguments)}".strip() for one in reading.commands)


def said_by(reading: Reading) -> dict[str, Any]:
    """Return whose word it is: facts that did not come from the unit itself always name somebody."""
    address = reading.from_addresses[0] if reading.from_addresses else ""
    return {"by": reading.sender.name or address, "by_address": address}


def transcript(reading: Reading, site: Site, known: Known, lines: list[str], results: list[Result]) -> MailPlan:
    """Return the answer that repeats each line of a mail with its result."""
    address = reading.from_addresses[0]
    name = reading.sender.name or site.directory.addresses(address)[0][0]
    papers = [number for number, result in enumerate(results) if result.paper is not None]
    shown = [
        {
            "order": line,
            "result": result.text,
            "done": result.done,
            "rows": list(result.rows),
            # Which of `entries` is this line's: the number in the book is given when all is recorded.
            "entry": papers.index(number) if number in papers else None,
        }
        for number, (line, result) in enumerate(zip(lines, results, strict=True))
    ]
    values = letters.office_values(site.office) | {
        "person": name,
        "lines": shown,
        "entries": [],
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
