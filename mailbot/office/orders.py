"""The orders of the office's own staff: one a line at the top of a mail, a verb and its arguments (parse contract)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mailbot.office.numbers import find_numbers, types
from mailbot.office.text import fold, normalize, squeeze


class Verb(StrEnum):
    """An order to the service."""

    LOOKUP = "lookup"
    STATUS = "status"
    REMIND = "remind"
    STOP = "stop"
    RECALL = "recall"
    REPLACE_FILE = "replace_file"
    CORRECT = "correct"
    RESEND = "resend"
    PUBLISH = "publish"
    ASSIGN = "assign"
    EXTEND = "extend"
    REGISTER = "register"
    NOTE = "note"
    COLLECT = "collect"
    STATISTICS = "statistics"
    REPORT = "report"
    HISTORY = "history"
    CLOSE = "close"
    UNDO = "undo"
    HELP = "help"
    APPROVE = "approve"
    REJECT = "reject"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class Command:
    """One order with its arguments."""

    verb: Verb
    arguments: tuple[str, ...] = ()


# A report that is not accepted; of all orders to reject the only one that names what it is about.
SENDS_BACK = "tra lai bao cao"
# Orders: the longest wording first, so that KHÔNG ĐỒNG Ý is not ĐỒNG Ý. Folded.
_VERBS: tuple[tuple[str, Verb], ...] = tuple(
    sorted(
        {
            "tra cuu": Verb.LOOKUP,
            "tinh hinh": Verb.STATUS,
            "nhac": Verb.REMIND,
            "dung nhac": Verb.STOP,
            "thu hoi": Verb.RECALL,
            "thay tep": Verb.REPLACE_FILE,
            "dinh chinh": Verb.CORRECT,
            "gui lai": Verb.RESEND,
            "phat hanh": Verb.PUBLISH,
            "phan cong": Verb.ASSIGN,
            "but phe": Verb.ASSIGN,
            "gia han": Verb.EXTEND,
            "vao so": Verb.REGISTER,
            "ghi nhan": Verb.NOTE,
            "tong hop": Verb.COLLECT,
            "thong ke": Verb.STATISTICS,
            "bao cao": Verb.REPORT,
            "lich su": Verb.HISTORY,
            "ket thuc": Verb.CLOSE,
            "huy lenh": Verb.UNDO,
            "tro giup": Verb.HELP,
            "dong y": Verb.APPROVE,
            "khong gui": Verb.REJECT,
            "khong dong y": Verb.REJECT,
            SENDS_BACK: Verb.REJECT,
            "sua": Verb.AMEND,
        }.items(),
        key=lambda entry: -len(entry[0]),
    )
)
_VERB_WORDS = tuple(words for words, _ in _VERBS)
VERB_OF = dict(_VERBS)
# A comment or a quote may stand above the orders.
_ORDER_BEGINNINGS = ("#", ">", "[", *_VERB_WORDS)
# So may one greeting, in a line of its own.
_GREETINGS = ("kinh gui", "kinh chao", "em chao", "xin chao", "chao", "dear", "hi", "hello", "thua")
_GREETING = re.compile(rf"^(?:{'|'.join(_GREETINGS)})\b[^\n]{{0,60}}$")
_ORDERS_BELOW = tuple(f"\n{words}" for words in _VERB_WORDS)
# Words that are also ordinary ones: a number, a month or nothing must follow for them to be orders.
_EVERYDAY = {
    Verb.REMIND,
    Verb.RESEND,
    Verb.CORRECT,
    Verb.REPORT,
    Verb.STATUS,
    Verb.COLLECT,
    Verb.RECALL,
    Verb.STATISTICS,
}
_EVERYDAY |= {Verb.ASSIGN, Verb.PUBLISH, Verb.EXTEND, Verb.AMEND, Verb.CLOSE}
_PERIOD = re.compile(r"^(?:thang |quy |nam )?(?:\d{1,2}/\d{4}|\d{4}|[ivx]{1,4}/\d{4}|\d{1,2})\b")
_TOKEN = re.compile(r"\[#[a-z0-9]{4,20}\]", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:(?:re|fwd?|tl|tra loi|chuyen tiep)\s*:\s*)+", re.IGNORECASE)
_MOST_BARE = 10
_END_WORD = re.compile(r"^(?:het|end|--|trân trọng|tran trong)\W*$", re.IGNORECASE)


def may_begin_order(folded: str) -> bool:
    """Tell quickly whether a folded text could begin with an order; most mails do not."""
    folded = folded.lstrip()
    return folded.startswith(_ORDER_BEGINNINGS) or (
        folded.startswith(_GREETINGS) and any(below in folded for below in _ORDERS_BELOW)
    )


def read_commands(subject: str | None, text: str) -> tuple[Command, ...]:
    """Return the orders of a mail: its subject, else the lines at the top of the body up to the first other line.

    Lines beginning with `#` are comments; HẾT ends the orders, so that signatures are safe. Below a greeting ordinary
    sentences begin with the same words; there an order is in capitals.
    """
    line = _TOKEN.sub("", normalize(subject)).strip() if subject else ""
    folded = fold(line)
    titled = read_command(line, folded) if line and not _PREFIX.match(folded) else None
    if titled is not None and titled.arguments:
        return (titled,)
    # `Phân công` alone is what the orders below are about.
    return _in_body(text) or ((titled,) if titled is not None else ())


def says_nothing_else(text: str) -> bool:
    """Tell whether each line of a text is an order with a number alone behind it, or with nothing."""
    lines = [normalize(line).strip() for line in text.split("\n") if line.strip()]
    orders = [read_command(line) for line in lines[:_MOST_BARE]]
    return len(lines) <= _MOST_BARE and all(
        order is not None and (not order.arguments or (len(order.arguments) == 1 and find_numbers(order.arguments[0])))
        for order in orders
    )


def _in_body(text: str) -> tuple[Command, ...]:
    orders: list[Command] = []
    greeted = False
    for row in text.split("\n", 60)[:60]:
        line = normalize(row).strip()
        if not line or line.startswith("#"):
            continue
        folded = fold(line)
        if not orders and not greeted and _GREETING.match(folded):
            greeted = True
            continue
        order = None if _END_WORD.match(folded) else read_command(line, folded)
        if order is None or (greeted and not line[:4].isupper()):
            break
        orders.append(order)
    return tuple(orders)


def read_command(line: str, folded: str | None = None) -> Command | None:
    """Read one line (and its folding, where the caller has it) as an order, or None when it is none."""
    folded = fold(line) if folded is None else folded
    if not folded.startswith(_VERB_WORDS):
        return None
    for words, verb in _VERBS:
        if folded.startswith(words) and not folded[len(words) : len(words) + 1].isalnum():
            rest = with_dashes(line[len(words) :].strip(" .:;-,"))
            return Command(verb, _arguments(rest)) if _is_order(verb, line, words, rest) else None
    return None


def _is_order(verb: Verb, line: str, words: str, rest: str) -> bool:
    """Everyday words are orders only when nothing, a number or a period follows, or when they are in capitals."""
    if len(rest) > 300:
        return False
    if verb not in _EVERYDAY:
        return True
    numbers = find_numbers(rest)
    starts = bool(numbers) and numbers[0].start <= 8
    capitals = line[: len(words)].isupper()
    return not rest or starts or (capitals and (_PERIOD.match(fold(rest)) is not None or verb is not Verb.REPORT))


# What stands before a number and only says what it is the number of: `Công văn số`.
NAMES_PAPER = re.compile(
    rf"(?:\b(?:{'|'.join(fold(entry['name']) for entry in types().values())}|van ban|cv|kh)\b\s*)?(?:\bso\b)?[\s:.,-]*$"
)


def _arguments(rest: str) -> tuple[str, ...]:
    """The number in canonical writing, then what stands before and behind it; else the words, cut at commas."""
    if not rest:
        return ()
    numbers = find_numbers(rest)
    if numbers:
        first = numbers[0]
        before = NAMES_PAPER.sub("", fold(rest[: first.start]))
        after = re.sub(r"^cho\s+(?=\S)", "", rest[first.end :].strip(" ,;:-"))
        told = (squeeze(words).strip(" ,;:-") for words in (rest[: len(before)], after))
        return (first.canonical, *(words for words in told if words))
    return tuple(squeeze(piece) for piece in re.split(r"[,;]", rest) if piece.strip())


# A number typed on a phone: `152 cv/du`, `152 CV DU`.
_TYPED_NUMBER = re.compile(r"\b(\d{1,5})\s+([a-zA-ZĐđ]{2,5})\s*[/ -]\s*([a-zA-ZĐđ]{2,6})\b")


def with_dashes(line: str) -> str:
    """Return a line with a number that was typed with blanks written with its dash."""
    found = _TYPED_NUMBER.search(line)
    if found is None or fold(found[2]) not in {fold(abbreviation) for abbreviation in types()}:
        return line
    return f"{line[: found.start()]}{found[1]}-{found[2]}/{found[3]}{line[found.end() :]}"
