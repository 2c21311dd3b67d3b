"""What people answer: acknowledgement, RSVP, report, problem, question; and the orders of the office's own staff."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.numbers import find_numbers
from mailbot.office.text import fold, normalize, squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping


class Intent(StrEnum):
    """What an answer means."""

    ACKNOWLEDGE = "acknowledge"
    PROBLEM = "problem"
    REFUSE = "refuse"
    ACCEPT = "accept"
    TENTATIVE = "tentative"
    DECLINE = "decline"
    DELEGATE = "delegate"
    REPORT = "report"
    PROGRESS = "progress"
    EXTENSION = "extension"
    QUESTION = "question"
    RECALL_DONE = "recall_done"
    APPROVE = "approve"
    REJECT = "reject"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer, with what it names: the deputy, the day asked for, who comes, the items of a list."""

    intent: Intent
    text: str
    delegate: str | None = None
    until: date | datetime | None = None
    attendees: tuple[str, ...] = ()
    count: int | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)


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


_NAME = (
    r"([A-ZĐ\u00c0-\u1ef9][\w\u00c0-\u1ef9]*(?:\s+(?:[A-ZĐ\u00c0-\u1ef9][\w\u00c0-\u1ef9]*|thư|trưởng"
    r"|tịch|nhiệm|văn phòng)){0,4})"
)
_DELEGATE_NAME = re.compile(
    r"(?:cử|ủy quyền(?: cho)?|uỷ quyền(?: cho)?|cu|uy quyen(?: cho)?)\s+(?:đồng chí|đ/c|dong chi|d/c"
    r"|ông|bà|anh|chị)\s*\.?\s+" + _NAME
)
_TITLED = re.compile(r"(?:[Đđ]ồng chí|[Đđ]/c|[Dd]ong chi|[Dd]/c|\b[Ôô]ng|\b[Bb]à|\b[Aa]nh|\b[Cc]hị)\s*[.:]?\s+" + _NAME)
_LISTED = re.compile(r"(?m)^\s*(?:\d{1,2}\s*[.)]|[-+*•])\s*" + _NAME + r"\s*(?:$|[-–,;(:])")
_POSTS = re.compile(r"^(?:pho )?(?:bi thu|chu tich|chu nhiem|chanh van phong|truong|giam doc|uy vien|van phong)\b")
_COUNT = re.compile(
    r"(?:dang ky|du|tham du|tham gia|cu|gom|co)\b[^.\n\d]{0,30}?:?\s*(\d{1,3})\s*(?:dong chi|d/c|nguoi|dai bieu)"
)
_ITEM = re.compile(r"(?m)^\s*(\d{1,2})\s*[.):\-–]\s*(\S[^\n]*)$")
_FROM_TO = re.compile(r"\b(?:tu|thay vi)\b.{0,60}?\b(?:sang|den|thanh|qua)\b(.{0,60})", re.DOTALL)
_DATE = re.compile(
    r"(?<![\d/])(\d{1,2})\s?(?:[/.-]|\s+thang\s+)\s?(\d{1,2})(?:\s?(?:[/.-]|\s*nam\s+)\s?(\d{4}|\d{2}))?(?![\d/])"
)

# In order: negation beats agreement, the narrower beats the wider. All patterns see folded text.
_RULES: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(pattern))
    for intent, pattern in (
        (
            Intent.RECALL_DONE,
            r"\bda (?:thu hoi|xoa|huy|tieu huy)\b.{0,40}\b(?:van ban|cong van|thu|tep|file|ban)\b|\bda thu hoi\b",
        ),
        (
            Intent.EXTENSION,
            (
                r"\b(?:xin|de nghi|cho phep|mong)\b.{0,60}\b(?:gia han|lui (?:thoi (?:gian|han)|han|ngay)"
                r"|keo dai thoi|nop (?:cham|muon)|gui (?:cham|muon))|\bxin (?:gia han|lui)\b"
                r"|\bxin\b[^.\n]{0,40}\b(?:nop|gui|bao cao)\b[^.\n]{0,30}\b(?:cham|muon)\b(?! nhat)"
            ),
        ),
        (
            Intent.REFUSE,
            (
                r"\bkhong (?:thuoc|phai) (?:tham quyen|trach nhiem|pham vi|nhiem vu|don vi)|\bgui nham\b"
                r"|\bnham (?:don vi|dia chi)|\bkhong phai cua (?:don vi|chi bo)|\btra lai (?:van ban"
                r"|cong van)"
            ),
        ),
        (
            Intent.PROBLEM,
            (
                r"\bchua nhan (?:duoc|du)|\bkhong (?:nhan duoc|mo duoc|doc duoc|xem duoc|tai duoc"
                r"|thay (?:file|tep|van ban|phu luc|dinh kem))|\bchua (?:mo|doc|xem|tai) duoc"
                r"|\b(?:chua|khong) thay\b.{0,30}\b(?:file|tep|dinh kem|phu luc|van ban|cong van)"
                r"|\b(?:file|tep|van ban|font|phong chu)\b.{0,20}\bloi\b|\bloi (?:font|file|tep|phong)"
                r"|\bthieu (?:phu luc|file|tep|trang|bieu|dinh kem|van ban)|\bde nghi gui (?:lai|bo sung)"
                r"|\bgui lai\b.{0,20}\b(?:giup|cho|file|tep)"
            ),
        ),
        (
            Intent.DELEGATE,
            (
                r"\b(?:cu (?=dong chi|d/c|anh |chi |ong |ba |em |can bo|nguoi|pho |dai dien|\d)|uy quyen(?: cho)?\b)"
                r".{0,80}\b(?:du thay|di thay|thay|tham du|du hop|hop|du)\b"
                r"|\buy quyen cho\b|\bdu thay\b"
            ),
        ),
        (Intent.ACCEPT, r"\bkhong (?:co (?:dong chi|ai) )?vang\b|\bkhong (?:ai|dong chi nao) vang"),
        (
            Intent.DECLINE,
            (
                r"\b(?:xin|xin phep|bao) (?:duoc )?vang|\bvang mat\b|\bkhong (?:the )?(?:du|tham du"
                r"|tham gia|den|di|sap xep)(?: hop)?(?: duoc)?\b|\bkhong du duoc\b|\bxin phep khong\b"
            ),
        ),
        (
            Intent.TENTATIVE,
            (
                r"\bse (?:co gang|bao lai|xac nhan sau)\b|\bchua chac\b|\bco the (?:se )?(?:du|tham du"
                r"|den muon)|\bxin den muon"
            ),
        ),
        (
            Intent.ACCEPT,
            (
                r"\b(?:se |xac nhan |dang ky )?(?:du hop|tham du|du day du|tham gia (?:hop|day du))\b"
                r"|\bdang ky du\b|\bse (?:du|den|co mat)\b|\bco mat (?:dung gio|day du)|\bxac nhan du\b"
            ),
        ),
        (
            Intent.QUESTION,
            r"\?\s*(?:$|\n)|\b(?:xin|cho) (?:hoi|duoc hoi|biet)\b|\bcho hoi\b|\bxin y kien\b|\bde nghi huong dan\b",
        ),
        (
            Intent.PROGRESS,
            (
                r"\bdang (?:tong hop|trien khai|thuc hien|hoan thien|xay dung|ra soat|xu ly|soan|lam)\b"
                r"|\bda hoan thanh (?:khoang )?\d{1,2} ?%|\bhoan thanh (?:khoang|duoc) \d"
            ),
        ),
        (
            Intent.REPORT,
            (
                r"\b(?<!se )(?<!se xin )(?<!chua )(?:gui|nop|xin gui|kinh gui|da gui"
                r"|gui kem)\b.{0,40}\bbao cao\b|\bbao cao (?:ket qua"
                r"|theo)\b.{0,80}\b(?:kem|dinh kem)|\bkhong phat sinh\b|\bxin bao cao\b"
            ),
        ),
        (Intent.REJECT, r"^\W*(?:khong dong y|khong gui|khong duyet|chua dong y)\b"),
        (Intent.APPROVE, r"^\W*(?:toi )?(?:nhat tri|dong y|duyet|chap thuan)\b"),
        (
            Intent.ACKNOWLEDGE,
            (
                r"\bda (?:nhan|tiep nhan|xem|doc|ro|nam)\b|\bnhan (?:duoc|du|roi)\b|\bxac nhan\b"
                r"|^\W*(?:da |vang |da vang )?(?:ok|oke|okay|ro|da ro|vang|duoc|noted"
                r"|received)\b(?:\s+\w+){0,3}\W*$|\bwell received\b|\bse (?:trien khai|thuc hien"
                r"|chap hanh)\b"
            ),
        ),
    )
)
_NOT_A_QUESTION = re.compile(r"https?://\S+")


def read_reply(text: str, *, has_report: bool, sent_on: date | None) -> Reply:
    """Read what a person wrote (own words only, normalized); `has_report` when a report (BC) hangs on the mail."""
    folded = fold(_NOT_A_QUESTION.sub(" ", text))
    intent = next((intent for intent, pattern in _RULES if pattern.search(folded)), Intent.NONE)
    if has_report and intent in {Intent.NONE, Intent.ACKNOWLEDGE, Intent.PROGRESS, Intent.REPORT}:
        intent = Intent.REPORT
    delegate = _DELEGATE_NAME.search(text) if intent is Intent.DELEGATE else None
    count = _COUNT.search(folded) if intent in {Intent.ACCEPT, Intent.DELEGATE} else None
    return Reply(
        intent=intent,
        text=text,
        delegate=squeeze(delegate[1]) if delegate else None,
        until=_until(folded, sent_on) if intent is Intent.EXTENSION else None,
        attendees=_attendees(text) if intent in {Intent.ACCEPT, Intent.DELEGATE} else (),
        count=int(count[1]) if count else None,
        numbers={number: squeeze(words) for number, words in _ITEM.findall(text)[:50]},
    )


def _attendees(text: str) -> tuple[str, ...]:
    """The people named as coming: behind a title (`đ/c`), or a line each; a post alone is nobody's name."""
    places = sorted(
        (match.start(1), squeeze(match[1])) for pattern in (_TITLED, _LISTED) for match in pattern.finditer(text)
    )
    names = (name for _, name in places if len(name.split()) > 1 and not _POSTS.match(fold(name)))
    return tuple(dict.fromkeys(names))[:50]


def _until(folded: str, sent_on: date | None) -> date | None:
    """The day asked for: in `từ A sang B` the second, else the last one named."""
    moved = _FROM_TO.search(folded)
    found = list(_DATE.finditer(moved[1])) if moved else []
    found = found or list(_DATE.finditer(folded))
    if not found:
        return None
    day, month, year = found[-1].groups()
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        if sent_on is None:
            return None
        chosen = date(sent_on.year, int(month), int(day))
        return chosen if chosen >= sent_on else chosen.replace(year=sent_on.year + 1)
    except ValueError:
        return None


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
            "sua": Verb.AMEND,
        }.items(),
        key=lambda entry: -len(entry[0]),
    )
)
_VERB_WORDS = tuple(words for words, _ in _VERBS)
# A comment or a quote may stand above the orders.
_ORDER_BEGINNINGS = ("#", ">", "[", *_VERB_WORDS)
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
_END_WORD = re.compile(r"^(?:het|end|--|trân trọng|tran trong)\W*$", re.IGNORECASE)


def may_begin_order(folded: str) -> bool:
    """Tell quickly whether a folded text could begin with an order; most mails do not."""
    return folded.lstrip().startswith(_ORDER_BEGINNINGS)


def read_commands(subject: str | None, text: str) -> tuple[Command, ...]:
    """Return the orders of a mail: its subject, else the lines at the top of the body up to the first other line.

    Lines beginning with `#` are comments; HẾT ends the orders, so that signatures are safe.
    """
    line = _TOKEN.sub("", normalize(subject or "")).strip()
    if line and not _PREFIX.match(fold(line)):
        order = read_command(line)
        if order is not None:
            return (order,)
    orders: list[Command] = []
    for row in text.split("\n", 60)[:60]:
        line = normalize(row).strip()
        if not line or line.startswith("#"):
            continue
        order = None if _END_WORD.match(fold(line)) else read_command(line)
        if order is None:
            break
        orders.append(order)
    return tuple(orders)


def read_command(line: str) -> Command | None:
    """Read one line as an order, or None when it is none."""
    folded = fold(line)
    if not folded.startswith(_VERB_WORDS):
        return None
    for words, verb in _VERBS:
        if folded.startswith(words) and not folded[len(words) : len(words) + 1].isalnum():
            rest = line[len(words) :].strip(" .:;-,")
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


def _arguments(rest: str) -> tuple[str, ...]:
    """Numbers in canonical writing, the rest cut at commas."""
    if not rest:
        return ()
    numbers = find_numbers(rest)
    if numbers:
        first = numbers[0]
        after = rest[first.end :].strip(" ,;:-")
        return (first.canonical, *((squeeze(after),) if after else ()))
    return tuple(squeeze(piece) for piece in re.split(r"[,;]", rest) if piece.strip())
