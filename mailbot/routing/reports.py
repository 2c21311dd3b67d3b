"""What a unit hands in when a report is asked for: what counts as one, its versions, whether it came in time."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.text import fold
from mailbot.routing.choices import LEAVE
from mailbot.routing.handed_in import NOTHING_OCCURRED, File, Report, ReportState
from mailbot.routing.harmful import CLEARED
from mailbot.routing.letters import is_late
from mailbot.routing.model import Ask
from mailbot.routing.officers import answering_number
from mailbot.routing.plans import Act, Choice, FactPlan, HeldPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailbot.office.working_time import WorkingTime
    from mailbot.reading import Reading
    from mailbot.routing.known import KnownDelivery

# "Báo cáo: đã họp ngày 12, 45 đảng viên dự": the report itself, in the mail.
SAYS_IT_HERE = re.compile(r"\b(?:bao cao|ket qua)[^.:\n]{0,40}:\s*\S+(?:\s+\S+){3}")
# "Đã gửi ngày 12/10, bằng bản giấy", "đã báo cáo", "da gui bc roi": of whoever was asked for a report they mean it.
SAYS_SENT = re.compile(
    r"^\W*(?:(?:em|toi|minh|chi bo|don vi|chung toi)\b\W*)*da (?:bao cao\b|(?:gui|nop)\b"
    r"(?:\s+(?:bc|bang|bu|du|hom|ngay|qua|roi|sang|chieu|truc|tu|van phong|ve|xong|a|nhe)\b|\W*$))"
)
# So many words say more than that something was sent.
WORDS_OF_A_REPORT = 40
# What was sent by another way than to us is a person's to confirm.
ELSEWHERE = re.compile(
    r"\b(?:ban giay|truc tiep|buu dien|van thu|zalo|fax|qua dien thoai|mang (?:len|den|sang)|tan tay|he thong"
    r"|phan mem)\b"
)
# Under which reasons words that bring nothing are kept: the unit is asked, or a person looks.
BARE, SENT_ELSEWHERE = "report_without_anything", "report_sent_elsewhere"
MOST_WORDS = 10_000
MOST_FILES = 50


# --- what counts as one ---------------------------------------------------------------------------------------------


def says_sent(intent: Intent, delivery: KnownDelivery, reading: Reading) -> bool:
    """Tell whether words that mean nothing elsewhere say, of a unit that was asked for a report, that it is sent."""
    if delivery.ask is not Ask.REPORT or intent is not Intent.NONE or reading.reply is None:
        return False
    return SAYS_SENT.match(fold(reading.reply.text)) is not None


def is_bare(reading: Reading, delivery: KnownDelivery) -> bool:
    """Tell whether words that say a report was sent bring none: no file, no number, nothing said.

    Whoever was assigned a matter says that it is done; only who is asked for a report must bring it.
    """
    if delivery.ask is not Ask.REPORT or delivery.reason.startswith("assign:"):
        return False
    if reading.attachments or answering_number(reading, delivery) is not None:
        return False
    words = fold(reading.reply.text if reading.reply else "")
    if NOTHING_OCCURRED.search(words) or SAYS_IT_HERE.search(words):
        return False
    return len(words.split()) < WORDS_OF_A_REPORT


def without_anything(
    reading: Reading, delivery: KnownDelivery, now: datetime, data: Mapping[str, Any], *, asked: bool
) -> tuple[list[FactPlan], list[HeldPlan]]:
    """Return what a bare "đã gửi báo cáo" comes to: the unit has the paper, and is to be asked for the report.

    What was sent another way, or is said again where the unit was `asked` already, is put before the clerk.
    """
    words = " ".join((reading.reply.text if reading.reply else "").split())
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else None
    fact = FactPlan(delivery.id, str(Intent.ACKNOWLEDGE), now, BARE, address, dict(data))
    reason = SENT_ELSEWHERE if asked or ELSEWHERE.search(fold(words)) else BARE
    text = f"{delivery.unit_name}, {delivery.document_number or 'văn bản'}: báo đã gửi báo cáo, trong thư không có"
    done = Choice("đã báo cáo", Act.FACT, {"deliveries": [delivery.id], "said": str(Intent.REPORT)})
    audience = "log" if reason == BARE else "clerk"
    line = HeldPlan(reason, f'{text}: "{words[:120]}"', audience, delivery_id=delivery.id, choices=(done, LEAVE))
    return [fact], [line]


def brought(reading: Reading, number: str | None, *, clerk_alone: bool, dangerous: Mapping[str, str]) -> dict[str, Any]:
    """Return what a report brings, as its fact keeps it; by its number the book tells what was settled by what.

    Of one that is for the `clerk_alone` nothing is quoted. `dangerous` files, by SHA-256, are marked with what they do.
    """
    files = [
        {"name": one.name or f"tep-{place}", "size": one.size, "sha256": one.sha256}
        | ({"danger": dangerous[one.sha256]} if one.sha256 in dangerous else {})
        for place, one in enumerate(reading.attachments[:MOST_FILES], start=1)
    ]
    words = (reading.reply.text if reading.reply else "")[:MOST_WORDS]
    said = {"words": "", "clerk_alone": True} if clerk_alone else {"words": words}
    return said | ({"files": files} if files else {}) | ({"answering_number": number} if number else {})


# --- its versions ----------------------------------------------------------------------------------------------------


def with_fact(
    reports: tuple[Report, ...],
    what: str,
    at: datetime,
    data: Mapping[str, Any],
    address: str | None = None,
    archive: str | None = None,
) -> tuple[Report, ...]:
    """Return the versions of a report after one more fact (in order of time): a new one, or all so far sent back."""
    if what == "completed":
        files = tuple(File(one["name"], one["size"], one["sha256"], one.get("danger")) for one in data.get("files", ()))
        return (
            *reports,
            Report(
                at=at,
                version=len(reports) + 1,
                words=data.get("words") or "",
                number=data.get("answering_number"),
                files=files,
                by=data.get("by"),
                address=address,
                archive=archive,
                clerk_alone=bool(data.get("clerk_alone")),
            ),
        )
    if what == "returned":
        why = data.get("words") or "…"
        return tuple(one if one.returned else replace(one, returned=why, due_then=data.get("due")) for one in reports)
    if what == CLEARED:
        return tuple(replace(one, files=tuple(replace(file, danger=None) for file in one.files)) for one in reports)
    return reports


def counting(delivery: KnownDelivery) -> tuple[Report, ...]:
    """Return the versions that count: all that came since one was sent back."""
    return _since_returned(delivery.reports)


def _since_returned(versions: tuple[Report, ...]) -> tuple[Report, ...]:
    return tuple(one for one in versions if not one.returned)


def came_late(versions: tuple[Report, ...], due: str | None, calendar: WorkingTime) -> bool:
    """Tell whether a report is late: its first version after the limit it had, or the one that counts after its."""
    first, counts = versions[:1], _since_returned(versions)[:1]
    return any(is_late(one.due_then or due, one.at, calendar) for one in first) or any(
        is_late(due, one.at, calendar) for one in counts
    )


def state_of(delivery: KnownDelivery, calendar: WorkingTime) -> ReportState:
    """Return how a unit stands with its report."""
    if delivery.handling == ReportState.EXEMPT:
        return ReportState.EXEMPT
    if not counting(delivery):
        return ReportState.RETURNED if delivery.handling == ReportState.RETURNED else ReportState.MISSING
    late = came_late(delivery.reports, delivery.due, calendar)
    return ReportState.LATE if late else ReportState.IN_TIME
