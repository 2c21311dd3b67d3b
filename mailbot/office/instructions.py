"""A leader's one line on a paper (bút phê): who does what, by when, what is left out; told apart from what is unclear.

Nothing is guessed: words that this module does not wholly understand come back in `unclear`, and whoever carries the
instruction out must then carry out none of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.limits import Anchors, Found, read_limit
from mailbot.office.text import fold, normalize, squeeze
from mailbot.office.times import dates

if TYPE_CHECKING:
    from collections.abc import Iterable


class Part(StrEnum):
    """What somebody is to do with the paper; `given` leaves it open: a person handles it, a unit carries it out."""

    GIVEN = "given"
    LEAD = "lead"
    COOPERATE = "cooperate"
    EXECUTE = "execute"
    CONSOLIDATE = "consolidate"
    KNOW = "know"
    ATTEND = "attend"


@dataclass(frozen=True, slots=True)
class Limit:
    """By when: the last permitted day or moment, the words, and the day named where only a weekday or a week is."""

    due: date | datetime
    words: str
    named: date | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """Who, in the leader's words, and their part; a limit of its own where one stands behind them."""

    who: str
    part: Part
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a leader wrote, taken apart.

    `approves` is the proposal as it was shown, less what `without` names and with what `added` names. A `limit` that
    belongs to no clause is everybody's. `submit_to` names another leader. `keep` files the paper.
    """

    text: str
    approves: bool = False
    keep: bool = False
    without: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    submit_to: str | None = None
    limit: Limit | None = None
    unclear: tuple[str, ...] = ()

    @property
    def clear(self) -> bool:
        """Tell whether all of it was understood, and whether it orders anything."""
        orders = self.approves or self.keep or self.without or self.clauses or self.submit_to or self.added
        return bool(orders) and not self.unclear


# All patterns see folded text of the same length as what was written.
_TITLE = r"(?:cac dong chi|cac d/c|dong chi|d/c|d\.c|dc(?= [^t])|anh|chi(?! bo| uy| doan| hoi| nhanh)|em|ong|ba(?= ))"
_POLITE = re.compile(
    r"^(?:(?:vang|ok|oke|okay|oki|nhe|a|va|roi|thi|nhung|van phong|vp|chi dao|y kien(?: cua toi)?)\b[\s,:.!-]*)+"
    r"(?=\S)"
)
_TAIL = re.compile(
    r"[\s,.!:;-]*\b(?:nhe|nha|a|giup|gium|ngay|luon|giup (?:toi|anh|em|minh)"
    r"|cam on(?: d/c| dong chi| em| anh| chi)?|thanks?)$"
)
# Lines that order nothing: greetings, thanks, what a phone puts below.
_NOISE_LINE = re.compile(
    r"^(?:kinh gui|kinh chao|chao|em chao|thua)\b.{0,60}$"
    r"|^gui (?:van phong|vp|van thu|em|d/c van thu|cac dong chi)\s*[,:.!]*$"
    r"|^(?:xin )?(?:cam on|tran trong|thanks?|tks|than)\b.{0,40}$"
    r"|^(?:sent from|da gui tu|duoc gui tu|gui tu|get outlook|tai outlook|nhan tu|outlook for)\b.*$"
    r"|^--.*$|^(?:dt|sdt|tel|di dong|mobile|email)\s*[:.]?\s*[\d.+() a-z@-]+$|^[\d .+()-]{8,}$"
)
_LIMIT = re.compile(
    r"[,\s]*\b(?P<lead>(?:(?:va )?(?:xong|hoan thanh|bao cao(?: ket qua)?(?: lai)?|gui|nop|trinh)\s+)?)"
    r"(?P<word>(?:thoi )?han(?: chot| cuoi)?(?: la)?\s*:?\s*(?:truoc|den het|den)?|truoc|cham nhat(?: la)?|muon nhat"
    r"|den het|het|trong|vao|xong|den)\s*:?\s+(?:ngay (?=thu|chu nhat|\d|mai))?"
)
_DATED = re.compile(r"\d\s*[/.-]\s*\d")
_NEXT_DAYS = re.compile(r"^(?:ngay )?(?:thu|th|chu nhat|cn)\b")

_APPROVES = re.compile(
    r"^(?:toi |da |co ban |hoan toan )*(?:dong y|nhat tri|thong nhat|duyet|chap thuan|cho phep|ok|oke|okay|dc|duoc)\b"
    r"(?:\s+(?:voi|theo|nhu|cho|y kien|noi dung|phuong an|de xuat|du kien|cua|van phong|vp|tren|do|d/c|dong chi|em"
    r"|chuyen|gui|trien khai|thuc hien|phat hanh|di|tat ca|cac don vi|trinh)\b)*\s*[:.,]*"
)
_SOMEBODY_ADDRESSED = re.compile(r"^(?:em|anh|chi|d/c|dong chi|vp|van phong|cac d/c|cac dong chi)$")
_AS_PROPOSED = re.compile(r"^(?:nhu|theo)\s+(?:de xuat|du kien|y kien|van phong|vp|tren)(?:\s+(?:cua|van phong|vp))*$")
_WITHOUT = re.compile(
    r"^(?:nhung |va |rieng )?(?:tru|ngoai tru|tru ra|bo|khong (?:chuyen|gui)|khong bao gom|khong gom)(?: cho| den)?\s+"
    r"(?P<who>.+)$"
)
_ADDED = re.compile(r"^(?:va )?(?:them|bo sung|(?:chuyen|gui) them)(?: cho| den)?\s+(?P<who>.+)$")
_KEEP = re.compile(
    r"^(?:cho |de )?(?:luu(?: lai)?(?: (?:ho so|van ban|vb|van phong|vp|vt|van thu|tham khao|theo doi|giup))*"
    r"|xep(?: ho so)?|theo doi(?: chung)?|(?:da )?biet|da xem|da doc|de biet"
    r"|khong (?:phai )?(?:chuyen|gui)(?: di| xuong| gi)?)$"
)
_SUBMIT = re.compile(
    r"^(?:kinh )?(?:trinh|xin y kien|chuyen (?=d/c bi thu|dong chi bi thu|bi thu))(?: len)?(?: cua)?\s+(?P<who>.+?)"
    r"(?:\s+(?:xem xet|cho y kien|xin y kien|quyet dinh|chi dao|co y kien|xem|cho chi dao|xin chi dao)(?:.{0,40}))?$"
)
_GIVES = re.compile(
    r"^(?:va |de nghi |nho |kinh |yeu cau )?(?:chuyen|giao|phan cong|gui|cu|moi|de nghi|yeu cau|nho|de|phan)"
    r"(?: nhiem vu| viec)?(?: cho| den| toi| sang| ngay(?= cho| d/c| dong chi| cac| chi bo)){0,2}\s+(?P<rest>.+)$"
)

# What somebody does, as it stands behind their name. The first that is found decides; the longest wording first.
_DOES: tuple[tuple[Part, str], ...] = (
    (Part.LEAD, r"(?:lam )?(?:don vi |co quan )?(?:chu tri|c/tri|dau moi|chiu trach nhiem(?: chinh)?|phu trach)"),
    (Part.COOPERATE, r"(?:cung )?(?:phoi hop|p/hop|ho tro)|cung lam"),
    (Part.CONSOLIDATE, r"tong hop"),
    (Part.ATTEND, r"(?:tham )?du(?: hop| hoi nghi| thay)?|di (?:hop|du)|tham gia hop|di"),
    (Part.EXECUTE, r"(?:to chuc |trien khai )?(?:thuc hien|quan triet|thi hanh|pho bien)|trien khai"),
    (Part.KNOW, r"(?:de )?(?:biet|tham khao)|de nam"),
    (
        Part.LEAD,
        (
            r"(?:truc tiep )?(?:xu ly|giai quyet|tham muu|nghien cuu|soan(?: thao)?|du thao|chuan bi|tra loi|lam"
            r"|xay dung|theo doi|don doc|xem xet|de xuat|kiem tra|ra soat)"
        ),
    ),
)
_DOING = re.compile("|".join(rf"(?P<p{index}>\b(?:{pattern})\b)" for index, (_, pattern) in enumerate(_DOES)))
_PARTS = {f"p{index}": part for index, (part, _) in enumerate(_DOES)}
# `Chủ trì: đ/c Bình`, `chủ trì đ/c Bình`.
_HEADED = re.compile(
    rf"^(?P<does>chu tri|phoi hop|thuc hien|tong hop|de biet|dau moi)\s*(?::|la|(?={_TITLE}\b))\s*(?P<who>.+)$"
)
_HEADS = {
    "chu tri": Part.LEAD,
    "dau moi": Part.LEAD,
    "phoi hop": Part.COOPERATE,
    "thuc hien": Part.EXECUTE,
    "tong hop": Part.CONSOLIDATE,
    "de biet": Part.KNOW,
}
# `chủ trì, phối hợp với Ban XDĐ`: whoever stands behind cooperates.
_TOGETHER = re.compile(
    r"^\W*(?:va )?(?:phoi hop|cung)(?: voi| cung)?\s+(?!chat che|thuc hien|trien khai|xu ly)(?P<who>\S.*)$"
)
# What is done with the result is the officer's to read; whom it names gets nothing by it.
_RESULT = re.compile(
    r"^(?:va |roi |sau do )?(?:bao cao|trinh|xin y kien|tham muu|de xuat|tong hop|du thao|soan|don doc|theo doi"
    r"|kiem tra|nghien cuu|chuan bi|thuc hien|trien khai|quan triet|xu ly|giai quyet|tra loi|ky|ban hanh|gui bao cao"
    r"|(?:gui|bao|noi)(?: cho| lai)? (?:toi|anh|chi)$|\(?qua (?:van phong|vp|ban|d/c)"
    r"|phoi hop(?: chat che| thuc hien| trien khai| xu ly)*$)(?![a-z])"
)
# What the one to whom a paper is submitted is asked for.
_FOR_A_WORD = re.compile(r"^(?:va )?(?:xem xet|cho y kien|xin y kien|quyet dinh|chi dao|cho chi dao)\b[^,]{0,30}$")
# Words that would have to be carried out: behind a part that is understood they make the whole unclear.
_OPERATIVE = re.compile(
    r"\b(?:tru|ngoai tru|khong|chua|khoan|dung (?:lai|gui|chuyen)|huy (?:bo|van ban)|neu|sau khi|truoc khi|sau do"
    r"|doi (?:y kien|den|hop)|luu|chuyen|(?<!tuyen )giao(?! duc| vien)|phan cong|them|rieng|ai|nao)\b|\?"
)
_NO_NAME = re.compile(r"\b(?:ngay|hom|tuan|thang|nam \d|hop btv|hop bch|truoc mat|tam thoi)\b|\d\s*/\s*\d")
_ASKS = re.compile(r"\?\s*$|^(?:da |co )?(?:ai|sao|the nao|vi sao)\b")
_SENTENCE = re.compile(r"[;\n]+|(?<![/\d])(?<!\bd)(?<!\btp)\.(?=\s|$)|(?<=[a-z])\.(?=\s+[a-z])")


def read_instruction(text: str, anchors: Anchors, signature: Iterable[str] = ()) -> Instruction:
    """Read what a leader wrote (own words only).

    `anchors` give the day of the mail, from which weekdays and missing years count. `signature` are the names and posts
    under which the leader signs: a line that holds nothing else is no order.
    """
    signed = {squeeze(fold(words)) for words in signature}
    reader = _Reader(anchors)
    lines = [line for line in map(squeeze, normalize(text).splitlines()) if line and not _is_noise(line, signed)]
    for line in lines:
        for start, end in _pieces(line):
            reader.sentence(line[start:end].strip(' -–•+*"“”'))
    return reader.instruction(text)


def _is_noise(line: str, signed: set[str]) -> bool:
    folded = fold(line).strip(" .,!-_*")
    if not folded or _NOISE_LINE.match(folded) is not None or folded in signed:
        return True
    # `Chánh Văn phòng Đảng ủy phường An Hòa` below the leader's name.
    post = next((words for words in signed if len(words) > _SHORT_NAME and folded.startswith(words)), None)
    return post is not None and _DOING.search(folded, len(post)) is None and "," not in folded


def _pieces(line: str) -> list[tuple[int, int]]:
    """Return the places of the sentences of a line."""
    folded, places, start = fold(line), [], 0
    for match in _SENTENCE.finditer(folded):
        places.append((start, match.start()))
        start = match.end()
    return [(begin, end) for begin, end in (*places, (start, len(line))) if line[begin:end].strip()]


class _Reader:
    """Collects the clauses of an instruction, sentence by sentence."""

    def __init__(self, anchors: Anchors) -> None:
        self._anchors = anchors
        self._clauses: list[Clause] = []
        self._without: list[str] = []
        self._added: list[str] = []
        self._unclear: list[str] = []
        self._approves = self._keep = False
        self._submit_to: str | None = None
        self._limit: Limit | None = None
        self._listing: list[str] | None = None  # `trừ Chi bộ 3, Chi bộ 5`: what goes on without a verb

    def instruction(self, text: str) -> Instruction:
        return Instruction(
            text=text,
            approves=self._approves,
            keep=self._keep,
            without=tuple(self._without),
            added=tuple(self._added),
            clauses=tuple(self._clauses),
            submit_to=self._submit_to,
            limit=self._limit,
            unclear=(*self._unclear, *self._contradictions()),
        )

    def _contradictions(self) -> Iterable[str]:
        if self._keep and (self._clauses or self._approves or self._submit_to):
            yield "vừa lưu vừa giao xử lý"
        if self._submit_to and (self._clauses or self._approves):
            yield "vừa trình vừa giao xử lý"
        if self._without and not (self._approves or self._clauses):
            yield "bỏ đơn vị nhưng chưa rõ có đồng ý đề xuất không"

    # --- one sentence ---

    def sentence(self, words: str) -> None:
        folded = fold(words)
        if _is_noise(words, set()):
            return
        if _ASKS.search(folded):
            self._unclear.append(words)
            return
        words, limits = self._without_limits(words)
        before = len(self._clauses)
        if before and _RESULT.match(folded):
            before = 0  # `…; báo cáo tôi trước thứ 6` goes on with what was said before
        if any(dates(fold(words), self._anchors.reference)):
            self._unclear.append(words)  # a day that is no limit: nobody knows what for
            return
        self._listing = None
        waiting: list[str] = []  # names whose part stands behind a later one
        understood = False
        for piece in _commas(words):
            result = self._piece(piece, waiting, before)
            if not result:
                self._unclear.append(piece)
            understood = True
        if waiting:
            self._clauses.append(Clause(", ".join(waiting), Part.GIVEN))
        self._put_limits(limits, before, understood)

    def _without_limits(self, words: str) -> tuple[str, list[Limit]]:
        """Take the limits out of a sentence; what they leave reads as if they had not been there."""
        limits: list[Limit] = []
        place = 0
        while (match := _LIMIT.search(fold(words), place)) is not None:
            folded = fold(words)
            strict = "truoc" in match["word"]
            found = self._read(folded[match.end() :], match["word"], strict)
            if found is None:
                place = match.end()
                continue
            end = match.end() + found.end
            tail = folded[match.end() : end]
            day = found.day + timedelta(1) if strict and not isinstance(found.due, datetime) else found.day
            vague = found.vague or (_NEXT_DAYS.match(tail) is not None and not _DATED.search(tail))
            said = squeeze(words[match.start("word") : end])
            limits.append(Limit(found.due, said, day if vague else None))
            if found.conflict:
                self._unclear.append(f"{said} (thứ và ngày không khớp)")
            words = f"{words[: match.start()]}, {words[end:]}"
            place = match.start()
        return words, limits

    def _read(self, tail: str, word: str, strict: bool) -> Found | None:
        found = read_limit(tail, strict, self._anchors, None)
        if found is not None or not word.startswith("trong"):
            return found
        # `trong 3 ngày làm việc` counts from today.
        found = read_limit(f"vong {tail}", strict, self._anchors, None)
        return replace(found, end=found.end - len("vong ")) if found is not None else None

    def _put_limits(self, limits: list[Limit], before: int, understood: bool) -> None:
        """A limit behind a clause is that clause's; one of a sentence of its own is everybody's."""
        if not limits:
            return
        if len(limits) > 1:
            self._unclear.append("có hai thời hạn: " + "; ".join(limit.words for limit in limits))
        mine = self._clauses[before:]
        if mine and understood:
            self._clauses[before:] = [replace(clause, limit=clause.limit or limits[0]) for clause in mine]
        elif self._limit is None:
            self._limit = limits[0]
        else:
            self._unclear.append(f"có hai thời hạn: {self._limit.words}; {limits[0].words}")

    # --- one piece between commas ---

    def _piece(self, piece: str, waiting: list[str], before: int) -> bool:
        piece = _plain(piece)
        if not piece:
            return True
        folded = fold(piece)
        for read in (self._approval, self._kept, self._less_or_more, self._together, self._submitted):
            if read(piece, folded, before, bool(waiting)):
                return True
        return self._given(piece, folded, waiting, before)

    def _approval(self, piece: str, folded: str, before: int, _waiting: bool) -> bool:
        if _AS_PROPOSED.match(folded) and self._approves:
            return True
        match = _APPROVES.match(folded)
        if match is None:
            return False
        self._approves = True
        rest = piece[match.end() :].strip(" ,.:")
        if not rest or _SOMEBODY_ADDRESSED.match(fold(rest)):
            return True
        # `Đồng ý chuyển đ/c Bình`: the verb belongs to what follows.
        verb = re.search(r"\b(chuyen|gui|trinh)\b[\s:.,]*$", folded[: match.end()])
        words = piece[verb.start() :] if verb else rest
        waiting: list[str] = []
        done = self._piece(words, waiting, before)
        if waiting:
            self._clauses.append(Clause(", ".join(waiting), Part.GIVEN))
        return done

    def _kept(self, _piece: str, folded: str, before: int, waiting: bool) -> bool:
        if _KEEP.match(folded) is None or waiting or len(self._clauses) > before:
            return False
        self._keep = True
        return True

    def _less_or_more(self, piece: str, folded: str, _before: int, _waiting: bool) -> bool:
        for pattern, into in ((_WITHOUT, self._without), (_ADDED, self._added)):
            match = pattern.match(folded)
            if match is None or _doing(piece, match.start("who")) is not None:
                continue
            if not _orders_more(piece[match.start("who") :]):
                into.append(piece[match.start("who") :])
                self._listing = into
                return True
        return False

    def _together(self, piece: str, folded: str, before: int, waiting: bool) -> bool:
        match = _TOGETHER.match(folded)
        if match is None or waiting or len(self._clauses) == before:
            return False
        self._cooperating(piece[match.start("who") :])
        return True

    def _cooperating(self, words: str) -> None:
        does = _doing(words)
        who = words[: does.start()] if does else words
        self._clauses.append(Clause(who.strip(" ,:"), Part.COOPERATE))

    def _submitted(self, piece: str, folded: str, before: int, waiting: bool) -> bool:
        if self._submit_to and _FOR_A_WORD.match(folded):
            return True
        match = _SUBMIT.match(folded)
        if match is None or waiting or len(self._clauses) > before:
            return False
        self._submit_to = piece[match.start("who") : match.end("who")]
        return True

    def _given(self, piece: str, folded: str, waiting: list[str], before: int) -> bool:
        headed = _HEADED.match(folded)
        if headed is not None:
            self._clauses.append(Clause(piece[headed.start("who") :].strip(), _HEADS[headed["does"]]))
            return True
        if self._is_result(piece, folded, waiting, before):
            return True
        gives = _GIVES.match(folded)
        start = gives.start("rest") if gives else 0
        does = _doing(piece, start)
        if does is None:
            return self._named(piece[start:].strip(), folded[start:], waiting, gives is not None)
        who, tail = piece[start : does.start()].strip(" ,:"), folded[does.end() :]
        part = next(part for name, part in _PARTS.items() if does[name] is not None)
        led = any(clause.part is Part.LEAD for clause in self._clauses)
        if waiting and part is Part.COOPERATE and not led:
            self._unclear.append(f"{', '.join(waiting)}: chưa rõ ai chủ trì")
            waiting.clear()
            return True
        who = re.sub(r"(?i)\s+(?:để|de|sẽ|se)$", "", who)
        names = [*waiting, who]
        waiting.clear()
        return self._add(names, part, piece[does.end() :], tail)

    def _is_result(self, piece: str, folded: str, waiting: list[str], before: int) -> bool:
        """Tell whether a piece only says what those named before are to do with it."""
        if waiting or len(self._clauses) == before or _RESULT.match(folded) is None:
            return False
        return not _orders_more(piece) and not _names_somebody(folded)

    def _named(self, who: str, folded: str, waiting: list[str], given: bool) -> bool:
        """Keep a name whose part is said later, or not at all; anything longer than a name is none."""
        if _orders_more(who) or _NO_NAME.search(folded) or len(folded.split()) > MOST_WORDS_OF_A_NAME:
            return False
        if self._listing is not None and not given and not waiting:
            self._listing.append(who)
            return True
        if not given and not waiting and not re.match(rf"^{_TITLE}\b", folded):
            return False
        waiting.append(who)
        return True

    def _add(self, names: list[str], part: Part, tail: str, folded_tail: str) -> bool:
        who = ", ".join(names)
        folded = fold(who)
        if not who or len(fold(names[-1]).split()) > MOST_WORDS_OF_A_NAME or _NO_NAME.search(folded):
            return False
        together = _TOGETHER.match(folded_tail)
        if _orders_more(who) or (together is None and (_orders_more(tail) or _names_somebody(folded_tail))):
            return False
        self._clauses.append(Clause(who, part))
        if together is not None:
            self._cooperating(tail[together.start("who") :])
        return True


MOST_WORDS_OF_A_NAME = 12
_SHORT_NAME = 8
_BRACKETS = re.compile(r"\(([^()]*)\)")
_SOMEBODY = re.compile(rf"\b{_TITLE}\b")
_REPORTS_TO = re.compile(r"\b(?:bao cao|trinh|xin y kien|tham muu(?: cho)?|cho)(?: lai)?\s+$")


_BEHIND_TITLE = re.compile(rf"\b{_TITLE}\s+$")


def _is_name(match: re.Match[str], words: str, folded: str) -> bool:
    """Tell whether a word that orders something is somebody's name here: `đ/c Lâm`, `Nguyễn Văn Lưu`."""
    if _BEHIND_TITLE.search(folded[: match.start()]):
        return True
    return match.start() > 0 and words[match.start()].isupper() and not words.isupper()


def _doing(words: str, start: int = 0) -> re.Match[str] | None:
    """Return the first part that stands behind a name."""
    folded = fold(words)
    found = (match for match in _DOING.finditer(folded, start) if match.start() > start)
    return next((match for match in found if not _is_name(match, words, folded)), None)


def _orders_more(words: str) -> bool:
    """Tell whether words hold something that would have to be carried out."""
    folded = fold(words)
    return any(not _is_name(match, words, folded) for match in _OPERATIVE.finditer(folded))


def _names_somebody(folded: str) -> bool:
    """Tell whether words behind a part name a person who gets something to do, not only the one who is reported to."""
    return any(_REPORTS_TO.search(folded[: match.start()]) is None for match in _SOMEBODY.finditer(folded))


def _plain(piece: str) -> str:
    """Return a piece without the words of courtesy around it."""
    piece = _BRACKETS.sub(lambda found: f" {found[1]} " if _DOING.search(fold(found[1])) else found[0], piece)
    piece = squeeze(piece.strip(' ,.:;!-–"“”'))
    polite = _POLITE.match(fold(piece))
    if polite is not None and not re.match(
        r"^(?:van phong|vp)\s+(?:\w+\s+){0,3}(?:chu tri|tham muu|tong hop|xu ly|phoi hop)", fold(piece)
    ):
        rest = piece[polite.end() :]
        piece = piece if not rest or _SOMEBODY_ADDRESSED.match(fold(rest)) else rest
    tail = _TAIL.search(fold(piece))
    while tail is not None and tail.start() > 0:
        piece = piece[: tail.start()].rstrip(" ,.!")
        tail = _TAIL.search(fold(piece))
    return piece


def _commas(words: str) -> list[str]:
    """Return the pieces between commas, dashes and brackets; a bracketed remark stays with its name."""
    return [piece for piece in re.split(r"\s*,\s*|\s+[-–]\s+", words) if piece.strip(" .;:")]
