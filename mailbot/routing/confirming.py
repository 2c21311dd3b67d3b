"""Before a paper of ours leaves: what its sender is shown, what SỬA changes, and what happens when nobody answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailbot.office.answers import day_asked_for
from mailbot.office.orders import Verb
from mailbot.office.text import fold
from mailbot.routing import letters, wording
from mailbot.routing.circulating import kept_inside, withheld_lines
from mailbot.routing.model import Ask, Span, SpanUnit
from mailbot.routing.order_lines import Refused
from mailbot.routing.plans import AmendPlan, Decision, MailPlan, Outcome, Purpose, Reason, Release
from mailbot.routing.releasing import recipient_like

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import KnownThread
    from mailbot.routing.model import Site
    from mailbot.routing.plans import InstructionPlan

# All that may stand beside ĐỒNG Ý when it means the paper just as it was shown (folded text).
BARE_APPROVAL = re.compile(
    r"\W*(?:(?:toi|vang|da|ok|em|anh|chi)\W+)*(?:dong y|nhat tri|duyet|chap thuan)\b"
    r"(?:\W+(?:gui|di|ngay|luon|phat hanh|ban hanh|cho|chuyen|voi|theo|nhu|de xuat|cua|van phong|noi dung|tren|a|em|nhe"
    r"|nha|thuc hien|dong chi|cam on|tran trong))*\W*$"
)
RESTRICTS = re.compile(r"\b(?:tru|nhung|ngoai|rieng|sua|khong|chua|them|thoi han|giao)\b")
AMEND = re.compile(r"\s*(?:sửa|sua)\b[:\s]*(.+)", re.IGNORECASE)
BY_OFFICE = "theo ý kiến người gửi"


@dataclass(frozen=True)
class Limits:
    """When the sender is asked once more, and when the paper is given up; aware moments of the office's zone."""

    ask_again_at: datetime
    expires_at: datetime


def limits(site: Site, now: datetime) -> Limits:
    """Return the moments that a confirmation asked for now has, in working time."""
    calendar, whole = site.office.working_time, site.office.confirm_within
    half = Span(max(whole.amount // 2, 1), whole.unit)
    if whole.unit is SpanUnit.WORKING_DAY and whole.amount == 1:
        half = Span(4, SpanUnit.WORKING_HOUR)
    return Limits(calendar.add(now, half), calendar.add(now, whole))


def listed(release: Release, site: Site) -> dict[str, Any]:
    """Return what the sender must see of a release: units by which line, exceptions, paper list, deadline."""
    release = kept_inside(release, site)
    due = next((item.due for item in release.recipients if item.due), None)
    ways = dict.fromkeys(wording.way_words(item.reason, site.directory) for item in release.recipients)
    return {
        "sender": release.sender_name,
        "unit_count": len(release.recipients),
        "ways": [way for way in ways if way],
        "recipients": [
            {"name": item.name, "ask": str(item.ask), "purpose": item.purpose} for item in release.recipients
        ],
        "excluded": list(release.excluded),
        "unknown_lines": list(release.unknown_lines),
        "paper_units": [item.name for item in release.recipients if not item.addresses],
        "withheld": withheld_lines(release.recipients),
        "due_text": release.values.get("due_text", ""),
        "due_last": letters.limit_text(due, site.office.working_time) or "",
    }


def question(
    release: Release, values: dict[str, Any], content_key: str, until: Limits, issue: int, site: Site
) -> MailPlan:
    """Return the mail that asks the sender of a paper for the word; `issue` counts the times that it is asked."""
    zone = site.office.working_time.zone
    said = values | {
        "expires_at": letters.short_moment(until.expires_at.astimezone(zone)),
        "remind_at": letters.short_moment(until.ask_again_at.astimezone(zone)) if issue == 0 else "",
        "again": issue > 0,
    }
    return MailPlan(
        Purpose.CONFIRM,
        "confirm_before_send",
        release.mailbox,
        release.sender_address or "",
        release.sender_name,
        said,
        source_key=content_key,
        issue=issue,
    )


def expired(release: Release, number: str | None, content_key: str, site: Site) -> MailPlan:
    """Return the mail that tells the sender that the paper was not sent, because nobody confirmed it in time."""
    values = release.values | letters.office_values(site.office) | {"sender": release.sender_name}
    return MailPlan(
        Purpose.CONFIRM_EXPIRED,
        "confirm_expired",
        release.mailbox,
        release.sender_address or "",
        release.sender_name,
        values | {"number": number or values.get("number", "Văn bản")},
        source_key=content_key,
    )


# --- the word ---


def amendments(reading: Reading) -> list[str]:
    """Return what stands behind each SỬA of a mail: `hạn 20/10/2026`, `bỏ Chi bộ 7`; several may share a line."""
    orders = ["; ".join(command.arguments) for command in reading.commands if command.verb is Verb.AMEND]
    text = reading.reply.text if reading.reply else ""
    written = [found[1] for line in text.splitlines() if (found := AMEND.match(line))]
    pieces = (AMEND.sub(r"\1", piece) for line in written or orders for piece in line.split(";"))
    return [piece.strip(" .,:") for piece in pieces if piece.strip(" .,:")]


def is_bare_approval(text: str) -> bool:
    """Tell whether an approval is nothing but that; "đồng ý, trừ Chi bộ 3" must not send to Chi bộ 3."""
    lines = [line for line in (fold(line).strip() for line in text.splitlines()) if line]
    return bool(lines) and BARE_APPROVAL.match(lines[0]) is not None and not RESTRICTS.search("\n".join(lines[1:]))


# --- SỬA ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Amended:
    release: Release
    number: str | None = None
    summary: str | None = None


def amend(
    thread: KnownThread, lines: Iterable[str], instruction: InstructionPlan, site: Site, now: datetime
) -> Decision:
    """Change what waits for its ĐỒNG Ý as the sender says, and show it once more; what is not understood is told."""
    document = thread.document
    assert document is not None
    assert document.release is not None
    today = site.office.working_time.local(now).date()
    changed, done, refused = _Amended(document.release), [], []
    for line in lines:
        try:
            changed, words = _one(changed, line, site, today)
            done.append(words)
        except Refused as reason:
            refused.append(f"SỬA {line}: {reason}")
    until = limits(site, now)
    values = thread.values | changed.release.values | listed(changed.release, site)
    values |= {"amended": done, "not_amended": refused}
    asked = question(changed.release, values, document.content_key, until, issue=thread.issue + 1, site=site)
    plan = AmendPlan(
        document.id, changed.release, changed.number, changed.summary, until.ask_again_at, until.expires_at
    )
    return Decision(
        Outcome.DECIDED,
        (Reason("amended", "; ".join([*done, *refused])),),
        mails=(asked,),
        amend=plan,
        instruction=instruction,
    )


def _one(amended: _Amended, line: str, site: Site, today: date) -> tuple[_Amended, str]:
    folded = fold(line).strip()
    for words, change in CHANGES:
        if re.match(rf"{words}\b", folded):
            rest = line.strip()[len(words) :].strip(" :.,")
            if not rest:
                break
            return change(amended, rest, site, today)
    raise Refused("chưa rõ sửa gì; ví dụ: SỬA hạn 20/10/2026; SỬA bỏ Chi bộ Tổ dân phố 7; SỬA thêm Chi bộ Quân sự")


def _due(amended: _Amended, words: str, _site: Site, today: date) -> tuple[_Amended, str]:
    until = day_asked_for(fold(words), today) or day_asked_for(f"den {fold(words)}", today)
    if until is None or until < today:
        raise Refused(f"chưa rõ ngày “{words}”")
    release = amended.release
    recipients = tuple(
        item if item.ask is Ask.NONE else replace(item, due=until.isoformat(), due_because=f"SỬA: {words}")
        for item in release.recipients
    )
    values = release.values | {"due_text": f"chậm nhất ngày {letters.day_text(until)}"}
    return replace(amended, release=replace(release, recipients=recipients, values=values)), (
        f"hạn: {letters.long_day(until)}"
    )


def _named(words: str, site: Site, today: date) -> list[str]:
    result = site.directory.addressees([words], today)
    found = [*(one.unit for one in result.expansions), *result.people]
    if not found:
        raise Refused(f"danh bạ không có “{words}”")
    return found


def _without(amended: _Amended, words: str, site: Site, today: date) -> tuple[_Amended, str]:
    release, units = amended.release, set(_named(words, site, today))
    left = tuple(item for item in release.recipients if item.unit not in units)
    gone = [item.name for item in release.recipients if item.unit in units]
    if not gone:
        raise Refused(f"“{words}” không có trong danh sách nơi nhận")
    if not left:
        raise Refused("không còn đơn vị nào; nếu không gửi, đề nghị trả lời KHÔNG GỬI")
    excluded = (*release.excluded, *(f"{name} ({BY_OFFICE})" for name in gone))
    return replace(amended, release=replace(release, recipients=left, excluded=excluded)), f"bỏ {'; '.join(gone)}"


def _with(amended: _Amended, words: str, site: Site, today: date) -> tuple[_Amended, str]:
    release, known = amended.release, {item.unit for item in amended.release.recipients}
    like = next((item for item in release.recipients if item.ask is not Ask.NONE), release.recipients[0])
    added = tuple(
        recipient_like(like, unit, BY_OFFICE, site) for unit in _named(words, site, today) if unit not in known
    )
    if not added:
        raise Refused(f"“{words}” đã có trong danh sách nơi nhận")
    names = "; ".join(item.name for item in added)
    return replace(amended, release=replace(release, recipients=(*release.recipients, *added))), f"thêm {names}"


def _number(amended: _Amended, words: str, _site: Site, _today: date) -> tuple[_Amended, str]:
    release = amended.release
    values = release.values | {"number": words, "document": f"Văn bản số {words}"}
    return replace(amended, release=replace(release, values=values), number=words), f"số: {words}"


def _summary(amended: _Amended, words: str, _site: Site, _today: date) -> tuple[_Amended, str]:
    release = amended.release
    values = release.values | {"summary": words, "summary_short": letters.shorten(words)}
    return replace(amended, release=replace(release, values=values), summary=words), f"trích yếu: {words}"


# What may stand behind SỬA; folded, the longer wording first.
CHANGES: tuple[tuple[str, Callable[[_Amended, str, Site, date], tuple[_Amended, str]]], ...] = (
    ("thoi han", _due),
    ("han", _due),
    ("bo", _without),
    ("tru", _without),
    ("them", _with),
    ("trich yeu", _summary),
    ("so", _number),
)
