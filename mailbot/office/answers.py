"""What people answer: acknowledgement, RSVP, report, problem, question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from mailbot.office.answer_words import RESENDS, RULES, Intent, plain_words
from mailbot.office.limits import Anchors, read_limit
from mailbot.office.text import fold, squeeze
from mailbot.office.times import dates
from mailbot.prefilter import Prefiltered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer, with what it names: the deputy, the day asked for, who comes, the items of a list.

    `posts` are those of the people named, by their names; `late` says that they come after the beginning.
    """

    intent: Intent
    text: str
    delegate: str | None = None
    until: date | datetime | None = None
    attendees: tuple[str, ...] = ()
    count: int | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[str, str] = field(default_factory=dict)
    late: bool = False


_CAPITALS = "A-ZÀ-ÖØ-ÝĂĐĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA, 2)))
_CAPITAL = rf"[{_CAPITALS}]\w*"
_NAME = re.compile(rf"{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,4}}")
# Folded. A title, and the posts that may stand between it and the name: `đ/c Phó Bí thư Lê Văn Sáu`.
_TITLE = (
    r"(?:dong chi|d/c|bac si|(?:co|thay) giao|(?:thieu|trung|thuong|dai) (?:uy|ta)|ong|ba|anh|chi)\b"
    r"(?! (?:bo|uy|hoi|doan|em)\b)\s*[.:]?\s+"
)
_POST = (
    r"(?:(?:pho|bi thu|chu tich|chu nhiem|chanh van phong|van phong|truong|giam doc|hieu truong|(?:\w+ )?uy vien"
    r"|thuong truc|can bo|chuyen vien|thu ky|to|ban|chi bo|chi uy|dang uy|cap uy)\b\s*)+"
)
_PERSON = Prefiltered(rf"\b{_TITLE}(?P<post>{_POST})?|\b(?P<alone>(?:pho|bi thu|chu tich|truong)\b\s*{_POST})")
_SENDS = re.compile(r"\b(?:cu|uy quyen|uy nhiem|phan cong|giao|nho|de nghi|de)(?: cho)?\s+$")
_LISTED = re.compile(rf"(?m)^\s*(?:\d{{1,2}}\s*[.)]|[-+*•])\s*(?P<name>{_NAME.pattern})\s*(?:$|[-–,;(:])")
_POSTS = re.compile(rf"^{_POST}")
# Behind a name: `Lê Văn Sáu, chức vụ Phó Bí thư, dự thay`; `Lê Văn Sáu (Phó Bí thư)`.
_POST_BEHIND = re.compile(rf"\s*[,(–-]\s*(?:chuc vu\s*:?\s*)?(?P<post>{_POST})")
# A single name is told from a title by what they do: `anh Nam họp thay tôi`.
_SENT_BEHIND = re.compile(r"[^.;\n]{0,40}\b(?:du|hop|di|thay|tham du|tham gia)\b")
# A post in capitals behind a name: `Lan PBT`.
_POST_LETTERS = re.compile(rf"(?<=[a-zà-ỹ])(?:[ \t]+[{_CAPITALS}]{{2,6}})+$")
_LATE = Prefiltered(r"\b(?:den|toi|du|hop|vao)(?: hop| du)? (?:muon|tre|cham)\b|\b(?:muon|tre|cham) \d{1,3} phut\b")
# Without a title, a whole name before what says that he comes instead; on the text as it was written.
_UNTITLED = re.compile(
    rf"({_CAPITAL}(?:[ \t]+{_CAPITAL}){{1,4}})\s*(?:[,(–-]\s*[^,.;\n)]{{2,40}}\)?,?\s*)?"
    r"(?:sẽ |se )?(?:đi|dự|họp|tham dự|di|du|hop|tham du)\b[^.\n]{0,20}\bthay\b"
)
# `đến ngày 25`, `tới 25 tây`: the next such day.
_DAY_ALONE = Prefiltered(
    r"\b(?:den|toi|sang|vao)(?: het)? (?:ngay |hom |mung |mong )?(\d{1,2})"
    r"(?:(?<=ngay \d)|(?<=ngay \d\d)|(?<=hom \d\d)|(?<=mung \d)|(?<=mong \d)|(?= tay\b))(?![\d/.:-]*\d)(?! (?:gio|h"
    r"|phut|thang)\b)"
)
# The day that was set is not the one asked for.
_INSTEAD_OF = re.compile(r"\bthay (?:vi|cho)(?: ngay| han| thoi han)* \d[\d/.-]*")
_INSTEAD = Prefiltered(r"\b(?:du|di|hop|tham du|tham gia|hoi nghi)\b[^.;\n]{0,20}\bthay\b")
_COUNT = Prefiltered(
    r"(?:dang ky|du|tham du|tham gia|cu|gom|co)\b[^.\n\d]{0,30}?:?\s*(\d{1,3})\s*(?:dong chi|d/c|nguoi|dai bieu"
    r"|ban\b|dang vien|doan vien|can bo|hoc vien|anh chi)"
)
_ITEM = re.compile(r"(?m)^\s*(\d{1,2})\s*(?:[.):\-–]\s*|/\s+|/(?=\D))(\S[^\n]*)$")
# As our own reminder asks for them: a number and a blank. One such line alone counts people or files.
_BARE_ITEM = re.compile(
    r"(?m)^[ \t]*(\d{1,2})[ \t]+(?!(?i:đồng chí|đ/c|người|ngày|tệp|file|bản|đảng viên|giờ|h)\b)(\D[^\n]*)$"
)
_FROM_TO = Prefiltered(r"\b(?:tu|thay vi)\b.{0,60}?\b(?:sang|den|thanh|qua)\b(.{0,60})", re.DOTALL)
_TILL = Prefiltered(r"\b(?:(?:den|toi|sang) het|den|vao|truoc|sang|toi|trong)\s+(?=\w)")
# What may be said beside a report without its being less of one.
_SAID_BESIDE_A_REPORT = {Intent.NONE, Intent.ACKNOWLEDGE, Intent.PROGRESS, Intent.REPORT}
# Stands for the unknown day of a mail: only dates with their year count then.
_NO_DAY = date(2000, 1, 1)


def read_reply(text: str, *, has_report: bool, sent_on: date | None) -> Reply:
    """Read what a person wrote (own words only, normalized); `has_report` when a report (BC) hangs on the mail."""
    folded = plain_words(text)
    intent = next((intent for intent, pattern in RULES if pattern.search(folded)), Intent.NONE)
    sends_again = intent is Intent.PROBLEM and RESENDS.search(folded) is not None
    if has_report and (sends_again or intent in _SAID_BESIDE_A_REPORT):
        intent = Intent.REPORT
    comes = intent in {Intent.ACCEPT, Intent.DELEGATE}
    count = _COUNT.search(folded) if comes else None
    return Reply(
        intent=intent,
        text=text,
        delegate=_deputy(text, fold(text)) if intent is Intent.DELEGATE else None,
        until=day_asked_for(folded, sent_on) if intent is Intent.EXTENSION else None,
        attendees=_attendees(text) if comes else (),
        count=int(count[1]) if count else None,
        numbers=_items(text),
        posts=dict(_posts(text)) if comes else {},
        late=intent in {Intent.ACCEPT, Intent.TENTATIVE} and _LATE.search(folded) is not None,
    )


def _items(text: str) -> dict[str, str]:
    """The items of a numbered list that an answer names, with what it says of each."""
    found = _ITEM.findall(text)
    if not found:
        bare = _BARE_ITEM.findall(text)
        found = bare if len(bare) > 1 else []
    return {number: squeeze(words) for number, words in found[:50]}


def _people(text: str, folded: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the people whom a text names with a title: the place, the name or else the post, and whether by name."""
    for match in _PERSON.finditer(folded):
        name = _NAME.match(text, match.end())
        if name is not None and (" " in name[0] or _SENT_BEHIND.match(folded, name.end())):
            yield match.start(), squeeze(_POST_LETTERS.sub("", name[0])), True
        elif match["post"] or match["alone"]:
            yield match.start(), squeeze(text[match.start("post" if match["post"] else "alone") : match.end()]), False


def _posts(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, post) of the people whom an answer names with a post, before the name or behind it."""
    folded = fold(text)
    named = [(match.start("name"), None) for match in _LISTED.finditer(text)]
    titled = [(match.end(), match.span("post") if match["post"] else None) for match in _PERSON.finditer(folded)]
    for place, before in (*named, *titled):
        name = _NAME.match(text, place)
        if name is None or " " not in name[0]:
            continue
        behind = _POST_BEHIND.match(folded, name.end())
        span = before or (behind.span("post") if behind else None)
        if span is not None:
            yield squeeze(name[0]), squeeze(text[slice(*span)])


def _deputy(text: str, folded: str) -> str | None:
    """Who comes instead: behind `cử`, `ủy quyền`, else the last one before `dự thay`; by name, else by post."""
    people = list(_people(text, folded))
    sent = [person for person in people if _SENDS.search(folded[max(0, person[0] - 30) : person[0]])]
    if not sent:
        instead = _INSTEAD.search(folded)
        sent = [person for person in people if instead and person[0] < instead.start()][::-1]
    best = next((person for person in sent if person[2]), next(iter(sent), None))
    untitled = _UNTITLED.search(text) if best is None or not best[2] else None
    if untitled is not None:
        return squeeze(untitled[1])
    return best[1] if best is not None else None


def _attendees(text: str) -> tuple[str, ...]:
    """The people named as coming: behind a title (`đ/c`), or a line each; a post alone is nobody's name."""
    places = [(place, name) for place, name, named in _people(text, fold(text)) if named]
    places += [(match.start("name"), squeeze(match["name"])) for match in _LISTED.finditer(text)]
    names = (name for _, name in sorted(places) if " " in name and not _POSTS.match(fold(name)))
    return tuple(dict.fromkeys(names))[:50]


def day_asked_for(folded: str, sent_on: date | None) -> date | None:
    """The day asked for: in `từ A sang B` the second, else the last one named, else what is said behind `đến`."""
    reference = sent_on or _NO_DAY
    moved = _FROM_TO.search(folded)
    found = list(dates(moved[1], reference)) if moved else []
    found = found or list(dates(_INSTEAD_OF.sub(" ", folded), reference)) or list(dates(folded, reference))
    if found:
        last = found[-1]
        return last.day if sent_on is not None or not last.inferred else None
    if sent_on is None:
        return None
    alone = _DAY_ALONE.search(folded)
    if alone is not None:
        return _next_day_of_month(int(alone[1]), sent_on)
    limits = (  # of which only the day counts, in any zone
        read_limit(folded[match.end() :], match[0].startswith("truoc"), Anchors(None, sent_on, "UTC"), None)
        for match in _TILL.finditer(folded)
    )
    return next((limit.day for limit in limits if limit is not None), None)


def _next_day_of_month(number: int, sent_on: date) -> date | None:
    """The first such day of a month that is not before the mail."""
    for months in range(3):
        years, month = divmod(sent_on.month - 1 + months, 12)
        try:
            day = date(sent_on.year + years, month + 1, number)
        except ValueError:
            continue
        if day >= sent_on:
            return day
    return None
