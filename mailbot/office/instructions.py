"""A leader's one line on a paper (bút phê): who does what, by when, what is left out; told apart from what is unclear.

Nothing is guessed: words that this module does not wholly understand come back in `unclear`, and whoever carries the
instruction out must then carry out none of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mailbot.office import instruction_words as wordings
from mailbot.office.instruction_words import Part
from mailbot.office.limits import Anchors, Found, read_limit
from mailbot.office.text import fold, normalize, squeeze
from mailbot.office.times import dates

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    if not folded or wordings.NOISE_LINE.match(folded) is not None or folded in signed:
        return True
    # `Chánh Văn phòng Đảng ủy phường An Hòa` below the leader's name.
    post = next((words for words in signed if len(words) > wordings.SHORT_NAME and folded.startswith(words)), None)
    return post is not None and wordings.DOING.search(folded, len(post)) is None and "," not in folded


def _pieces(line: str) -> list[tuple[int, int]]:
    """Return the places of the sentences of a line."""
    folded, places, start = fold(line), [], 0
    for match in wordings.SENTENCE.finditer(folded):
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
        if wordings.ASKS.search(folded):
            self._unclear.append(words)
            return
        words, limits = self._without_limits(words)
        before = len(self._clauses)
        if before and wordings.RESULT.match(folded):
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
        while (match := wordings.LIMIT.search(fold(words), place)) is not None:
            folded = fold(words)
            strict = "truoc" in match["word"]
            found = self._read(folded[match.end() :], match["word"], strict)
            if found is None:
                place = match.end()
                continue
            end = match.end() + found.end
            tail = folded[match.end() : end]
            day = found.day + timedelta(1) if strict and not isinstance(found.due, datetime) else found.day
            vague = found.vague or (wordings.NEXT_DAYS.match(tail) is not None and not wordings.DATED.search(tail))
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
        if wordings.AS_PROPOSED.match(folded) and self._approves:
            return True
        match = wordings.APPROVES.match(folded)
        if match is None:
            return False
        self._approves = True
        rest = piece[match.end() :].strip(" ,.:")
        if not rest or wordings.SOMEBODY_ADDRESSED.match(fold(rest)):
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
        if wordings.KEEP.match(folded) is None or waiting or len(self._clauses) > before:
            return False
        self._keep = True
        return True

    def _less_or_more(self, piece: str, folded: str, _before: int, _waiting: bool) -> bool:
        for pattern, into in ((wordings.WITHOUT, self._without), (wordings.ADDED, self._added)):
            match = pattern.match(folded)
            if match is None or _doing(piece, match.start("who")) is not None:
                continue
            if not _orders_more(piece[match.start("who") :]):
                into.append(piece[match.start("who") :])
                self._listing = into
                return True
        return False

    def _together(self, piece: str, folded: str, before: int, waiting: bool) -> bool:
        match = wordings.TOGETHER.match(folded)
        if match is None or waiting or len(self._clauses) == before:
            return False
        self._cooperating(piece[match.start("who") :])
        return True

    def _cooperating(self, words: str) -> None:
        does = _doing(words)
        who = words[: does.start()] if does else words
        self._clauses.append(Clause(who.strip(" ,:"), Part.COOPERATE))

    def _submitted(self, piece: str, folded: str, before: int, waiting: bool) -> bool:
        if self._submit_to and wordings.FOR_A_WORD.match(folded):
            return True
        match = wordings.SUBMIT.match(folded)
        if match is None or waiting or len(self._clauses) > before:
            return False
        self._submit_to = piece[match.start("who") : match.end("who")]
        return True

    def _given(self, piece: str, folded: str, waiting: list[str], before: int) -> bool:
        headed = wordings.HEADED.match(folded)
        if headed is not None:
            self._clauses.append(Clause(piece[headed.start("who") :].strip(), wordings.HEADS[headed["does"]]))
            return True
        if self._is_result(piece, folded, waiting, before):
            return True
        gives = wordings.GIVES.match(folded)
        start = gives.start("rest") if gives else 0
        does = _doing(piece, start)
        if does is None:
            return self._named(piece[start:].strip(), folded[start:], waiting, gives is not None)
        who, tail = piece[start : does.start()].strip(" ,:"), folded[does.end() :]
        part = next(part for name, part in wordings.PARTS.items() if does[name] is not None)
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
        if waiting or len(self._clauses) == before or wordings.RESULT.match(folded) is None:
            return False
        return not _orders_more(piece) and not _names_somebody(folded)

    def _named(self, who: str, folded: str, waiting: list[str], given: bool) -> bool:
        """Keep a name whose part is said later, or not at all; anything longer than a name is none."""
        if _orders_more(who) or wordings.NO_NAME.search(folded) or len(folded.split()) > MOST_WORDS_OF_A_NAME:
            return False
        if self._listing is not None and not given and not waiting:
            self._listing.append(who)
            return True
        if not given and not waiting and not re.match(rf"^{wordings.TITLE}\b", folded):
            return False
        waiting.append(who)
        return True

    def _add(self, names: list[str], part: Part, tail: str, folded_tail: str) -> bool:
        who = ", ".join(names)
        folded = fold(who)
        if not who or len(fold(names[-1]).split()) > MOST_WORDS_OF_A_NAME or wordings.NO_NAME.search(folded):
            return False
        together = wordings.TOGETHER.match(folded_tail)
        if _orders_more(who) or (together is None and (_orders_more(tail) or _names_somebody(folded_tail))):
            return False
        self._clauses.append(Clause(who, part))
        if together is not None:
            self._cooperating(tail[together.start("who") :])
        return True


MOST_WORDS_OF_A_NAME = 12


def _is_name(match: re.Match[str], words: str, folded: str) -> bool:
    """Tell whether a word that orders something is somebody's name here: `đ/c Lâm`, `Nguyễn Văn Lưu`."""
    if wordings.BEHIND_TITLE.search(folded[: match.start()]):
        return True
    return match.start() > 0 and words[match.start()].isupper() and not words.isupper()


def _doing(words: str, start: int = 0) -> re.Match[str] | None:
    """Return the first part that stands behind a name."""
    folded = fold(words)
    found = (match for match in wordings.DOING.finditer(folded, start) if match.start() > start)
    return next((match for match in found if not _is_name(match, words, folded)), None)


def _orders_more(words: str) -> bool:
    """Tell whether words hold something that would have to be carried out."""
    folded = fold(words)
    return any(not _is_name(match, words, folded) for match in wordings.OPERATIVE.finditer(folded))


def _names_somebody(folded: str) -> bool:
    """Tell whether words behind a part name a person who gets something to do, not only the one who is reported to."""
    return any(
        wordings.REPORTS_TO.search(folded[: match.start()]) is None for match in wordings.SOMEBODY.finditer(folded)
    )


def _plain(piece: str) -> str:
    """Return a piece without the words of courtesy around it."""
    piece = wordings.BRACKETS.sub(
        lambda found: f" {found[1]} " if wordings.DOING.search(fold(found[1])) else found[0], piece
    )
    piece = squeeze(piece.strip(' ,.:;!-–"“”'))
    polite = wordings.POLITE.match(fold(piece))
    if polite is not None and not re.match(
        r"^(?:van phong|vp)\s+(?:\w+\s+){0,3}(?:chu tri|tham muu|tong hop|xu ly|phoi hop)", fold(piece)
    ):
        rest = piece[polite.end() :]
        piece = piece if not rest or wordings.SOMEBODY_ADDRESSED.match(fold(rest)) else rest
    tail = wordings.TAIL.search(fold(piece))
    while tail is not None and tail.start() > 0:
        piece = piece[: tail.start()].rstrip(" ,.!")
        tail = wordings.TAIL.search(fold(piece))
    return piece


def _commas(words: str) -> list[str]:
    """Return the pieces between commas, dashes and brackets; a bracketed remark stays with its name."""
    return [piece for piece in re.split(r"\s*,\s*|\s+[-–]\s+", words) if piece.strip(" .;:")]
