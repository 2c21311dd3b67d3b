"""What a person is told of papers that were looked up: in a mail for a phone, and the same at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailbot.office.text import fold
from mailbot.routing import letters
from mailbot.routing.finding import Found, FoundPaper, marked, query_of
from mailbot.routing.model import Direction
from mailbot.routing.plans import MailPlan, Purpose

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailbot.office.orders import Command
    from mailbot.routing.finding import Query
    from mailbot.routing.model import Site

# So many papers are told in a mail that is read on a phone.
MOST_IN_A_MAIL = 10
MOST_OF_A_SUMMARY = 160
MOST_OF_AN_INSTRUCTION = 120
# Asks for the file itself: TRA CỨU 152-CV/ĐU kèm tệp.
WITH_FILE = ("kem tep", "kem file", "kem van ban", "gui kem", "gui tep", "gui file")
HIDDEN = "(nội dung không nêu)"
STATES = {
    "cancelled": "không gửi",
    "awaiting_confirmation": "chờ xác nhận gửi",
    "awaiting_instruction": "chờ ý kiến chỉ đạo",
    "recorded": "lưu tại văn thư",
}


def asked_for(command: Command) -> tuple[str, bool]:
    """Return what an order looks for, and whether it asks for the file too."""
    text = " ".join(command.arguments)
    folded = fold(text)
    at = min((place for words in WITH_FILE if (place := folded.find(words)) >= 0), default=-1)
    return (text[:at].strip(" ,;:-("), True) if at >= 0 else (text, False)


def plain_paper(paper: FoundPaper, query: Query, site: Site) -> dict[str, str]:
    """Return a paper that was found in words: which one, what it is about, what happened, where it lies."""
    day = site.office.working_time.local(paper.recorded_at).date()
    return {
        "name": _name(paper, day),
        "from": _issuer(paper, site),
        "summary": HIDDEN if paper.numbers_only else marked(_cut(paper.summary or "", MOST_OF_A_SUMMARY), query),
        "hit": _hit(paper),
        "happened": _happened(paper),
        "instruction": _instruction(paper),
        "lies": _lies(paper),
        "due": paper.due_text or "",
    }


def _name(paper: FoundPaper, day: date) -> str:
    incoming = paper.direction == Direction.INCOMING
    entry = f", số {'đến' if incoming else 'đi'} {paper.book_number}" if paper.book_number else ""
    return f"{paper.number or 'văn bản không số'}, {'đến' if incoming else 'đi'} ngày {letters.day_text(day)}{entry}"


def _issuer(paper: FoundPaper, site: Site) -> str:
    unit = site.directory.units.get((paper.issuer_unit or "").partition("/")[0])
    return unit.name if unit else paper.issuer_unit or paper.sender_address or ""


def _hit(paper: FoundPaper) -> str:
    if paper.where == "answer":
        return f"có trong trả lời của {paper.answered_by}" if paper.answered_by else "có trong trả lời"
    return "có trong nội dung" if paper.where == "text" else ""


def _happened(paper: FoundPaper) -> str:
    """Return what became of the copies, in the figures that TÌNH HÌNH gives."""
    if not paper.total:
        return ""
    counts = [f"đã gửi {paper.sent}/{paper.total}", f"xác nhận {paper.acknowledged}/{paper.total}"]
    if paper.asked:
        counts.append(f"báo cáo {paper.reported}/{paper.asked}")
    return "; ".join(counts)


def _instruction(paper: FoundPaper) -> str:
    if not paper.instruction or paper.numbers_only:
        return ""
    return f"{_cut(paper.instruction, MOST_OF_AN_INSTRUCTION)} ({paper.instructed_by})"


def _lies(paper: FoundPaper) -> str:
    if paper.state in STATES:
        return STATES[paper.state]
    if paper.officer:
        return f"{paper.officer} chủ trì, chưa xong"
    return f"còn {paper.open} đơn vị chưa xong" if paper.open else "đã xong"


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def more_words(found: Found) -> str:
    """Return how many papers are not shown: `còn 12 văn bản`; empty when all are."""
    if not found.more:
        return ""
    return f"còn {'hơn ' if found.uncounted else ''}{found.more} văn bản"


def seen_by(found: Found, address: str, *, officer: bool) -> Found:
    """Return what somebody may see of it: officers of the office all, others the papers that they sent."""
    if officer:
        return found
    return Found(tuple(one for one in found.papers if (one.sender_address or "").lower() == address.lower()))


def lookup_mail(
    command: Command, found: Found, site: Site, now: datetime, recipient: tuple[str, str], mailbox: str
) -> MailPlan:
    """Return the answer to TRA CỨU for a person (name, address), with the file of the one paper that it is asked for.

    The file goes only where the paper is meant beyond doubt: the only one found, or the only one of that number.
    """
    asked, with_file = asked_for(command)
    query = query_of(asked)
    meant = [paper for paper in found.papers if paper.where == "number"] or list(found.papers)
    paper = meant[0] if with_file and len(meant) == 1 else None
    attached = paper if paper is not None and paper.has_file and not paper.numbers_only else None
    values: dict[str, Any] = letters.office_values(site.office) | {
        "person": recipient[0],
        "asked": asked,
        "papers": [plain_paper(one, query, site) for one in found.papers],
        "more": more_words(found),
        "example": next((one.number for one in found.papers if one.number), "") or "",
        "file": _file_words(with_file, attached, len(meant)),
    }
    here = site.office.working_time.local(now)
    return MailPlan(
        Purpose.LOOKUP,
        "lookup",
        mailbox,
        recipient[1],
        recipient[0],
        values,
        source_key=f"lookup {asked}",
        step=f"{here:%Y-%m-%d %H:%M:%S}",
        shared=attached is not None,
        to_message=attached is None,
        document_id=attached.id if attached is not None else None,
        not_before=now,
    )


def _file_words(wanted: bool, attached: FoundPaper | None, meant: int) -> str:
    if not wanted:
        return ""
    if attached is not None:
        return f"Kèm theo: tệp của {attached.number or 'văn bản'}."
    if meant > 1:
        return f"Chưa kèm tệp: có {meant:02d} văn bản, đề nghị ghi đúng số của văn bản cần lấy."
    return "Chưa kèm tệp: tệp của văn bản này không gửi qua thư, đề nghị liên hệ văn thư."
