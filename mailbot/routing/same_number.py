"""A paper that is sent in again with its number and other content: its sender says what is to be done with the two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailbot.office.text import fold
from mailbot.routing import letters, mending, standing
from mailbot.routing.choices import LEAVE
from mailbot.routing.doubting import disbelieved, paper_line
from mailbot.routing.model import Direction
from mailbot.routing.order_lines import Refused, Result, own_words, said_by, transcript
from mailbot.routing.plans import (
    Act,
    Choice,
    Decision,
    HeldPlan,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
    Remedy,
    RemedyWord,
)
from mailbot.routing.releasing import deadline_for
from mailbot.routing.sameness import files_key

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownMatter, KnownThread
    from mailbot.routing.model import Site

# How a sender answers; folded, at the beginning of what they write.
ANSWERS = {
    "thay tep": Remedy.REPLACE_FILE,
    "dinh chinh": Remedy.CORRECT,
    "thay the": Remedy.REPLACE,
    "bo qua": Remedy.NOTHING,
}
CALLED = {
    Remedy.REPLACE_FILE: "THAY TỆP",
    Remedy.CORRECT: "ĐÍNH CHÍNH",
    Remedy.REPLACE: "THAY THẾ",
    Remedy.NOTHING: "BỎ QUA",
}
# What the clerk may say in the sender's place. A superior's paper is its own: another file of it, or nothing.
OF_OURS = (Remedy.REPLACE_FILE, Remedy.CORRECT, Remedy.REPLACE)
OF_OTHERS = (Remedy.REPLACE_FILE,)
CODE = "same_number_other_content"
LIMIT = "Thời hạn"


def decide_repeated(reading: Reading, site: Site, known: Known, now: datetime, direction: Direction) -> Decision | None:
    """Decide about a paper that the ledger has; None for one that goes its way as a new paper in the other's place.

    The same files by another way get no second number; other files are asked about, and nothing goes out before.
    """
    document = known.document
    if document is None:
        return None
    if document.files_key == files_key(reading):
        reason = Reason("same_document", f"document {document.id} {document.number or ''}".strip())
        return Decision(Outcome.REPEATED, (reason,))
    if known.remedy is not None and known.repeats is not None:
        return _by_word(known.remedy, reading, site, known, known.repeats, now)
    ours = direction is Direction.OUTGOING
    doubt = disbelieved(reading, site, known, direction) if ours else None
    if doubt is not None:
        return doubt
    line = paper_line(reading, "cùng số nhưng nội dung khác: thay tệp, đính chính, thay thế hay không?")
    choices = tuple(
        Choice(CALLED[one].lower(), Act.REMEDY, {"remedy": str(one)}) for one in (OF_OURS if ours else OF_OTHERS)
    )
    return Decision(
        Outcome.HELD,
        (Reason(CODE, f"document {document.id}"),),
        held=(HeldPlan(CODE, line, choices=(*choices, LEAVE)),),
        mails=(_question(reading, site, known, known.repeats),) if ours and known.repeats is not None else (),
    )


def _question(reading: Reading, site: Site, known: Known, matter: KnownMatter) -> MailPlan:
    """Ask the sender, by a mail of its own, with what differs."""
    address = reading.from_addresses[0]
    name = reading.sender.name or site.directory.addresses(address)[0][0]
    left = [one for one in matter.deliveries if one.left or one.channel == "paper"]
    counts = standing.counts_text(standing.counts(matter, site)) if left else ""
    zone = site.office.working_time.zone
    values = letters.document_values(reading, site) | {
        "person": name,
        "received_at": letters.received_text(known.received_at, site.office),
        "out": bool(left),
        "counts": counts,
        "changes": differences(reading, matter),
        "used": [line.partition(": ")[2] for line in mending.used(left, zone)],
    }
    return MailPlan(
        Purpose.SAME_NUMBER,
        "same_number",
        known.mailbox,
        address,
        name,
        values,
        source_key=reading.content_key,
        to_message=True,
        document_id=matter.document.id,
    )


def differences(reading: Reading, matter: KnownMatter) -> list[dict[str, str]]:
    """Return what differs: the files by name and size, the trích yếu and the limit where they changed."""
    old, brought = mending.shown(matter), mending.Brought.of(reading)
    found = [
        {
            "name": "Tệp",
            "old": _files(old.get("attachments") or [], old.get("file_sizes") or []),
            "new": _files(list(brought.names), list(brought.sizes)) if brought else _files([], []),
        }
    ]
    document = reading.documents[0] if reading.documents else None
    summary = (document.summary if document else None) or ""
    if summary and summary != old.get("summary"):
        found.append({"name": "Trích yếu", "old": str(old.get("summary") or "không có"), "new": summary})
    due = deadline_for(reading.deadlines, "")
    limit = due.due.isoformat() if due is not None and due.due is not None else None
    if limit != matter.document.due:
        new = due.text if due is not None and limit else "không có"
        found.append({"name": LIMIT, "old": matter.document.due_text or "không có", "new": new})
    return found


def _files(names: list[str], sizes: list[int]) -> str:
    if not names:
        return "không có tệp đính kèm"
    # What went out before sizes were kept is told by its names alone.
    known = [*sizes, *[None] * (len(names) - len(sizes))]
    return "; ".join(f"{name} ({size_words(size)})" if size else name for name, size in zip(names, known, strict=False))


def size_words(size: int) -> str:
    """Return a number of bytes as people read it: `820 byte`, `85 KB`, `1,2 MB`."""
    if size < 1000:
        return f"{size} byte"
    if size < 1_000_000:
        return f"{round(size / 1000)} KB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")


# --- the answer ----------------------------------------------------------------------------------------------------


def decide_same_number(reading: Reading, thread: KnownThread, *, waits: bool) -> Decision:
    """Take the sender's word: the mail that was asked about is decided again with it, if it still `waits` for it."""
    text = own_words(reading)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    word = next((one for one in ANSWERS if fold(first).startswith(one)), None)
    if word is None or thread.message_ref is None:
        line = HeldPlan("not_understood", f"trả lời về tệp khác cùng số chưa rõ: “{first[:120]}”")
        return Decision(Outcome.HELD, (Reason("not_understood", first[:120]),), held=(line,))
    if not waits:
        about = thread.document.number if thread.document is not None else None
        text = f"{about or 'văn bản'}: “{first[:120]}” đến sau khi đã xử lý; nếu vẫn cần, đề nghị gửi yêu cầu mới"
        return Decision(
            Outcome.HELD, (Reason("already_decided", first[:120]),), held=(HeldPlan("already_decided", text),)
        )
    rest = first[len(word) :].strip(" ,;:.-…")
    said = RemedyWord(ANSWERS[word], mending.reason_of(rest) if word == "thay tep" else rest)
    return Decision(
        Outcome.DECIDED,
        (Reason("remedy", f"{said.remedy} {said.words}".strip()),),
        remedied=((thread.message_ref, said),),
    )


def _by_word(
    word: RemedyWord, reading: Reading, site: Site, known: Known, matter: KnownMatter, now: datetime
) -> Decision | None:
    if word.remedy is Remedy.REPLACE:
        return None
    if word.remedy is Remedy.NOTHING:
        return Decision(Outcome.DECIDED, (Reason("left_as_it_was", matter.document.number or ""),))
    words = word.words
    if word.remedy is Remedy.CORRECT and not words:
        words = "; ".join(
            f"{one['name'].lower()}: {one['new']} (trước đây: {one['old']})" for one in _told(reading, matter)
        )
    brought = mending.Brought.of(reading)
    if brought is None and word.remedy is Remedy.REPLACE_FILE:
        brought = mending.Brought((), (), files_key(reading))  # the mail itself is the paper
    wanted = mending.Mending(word.remedy, matter, site, known.mailbox, now, said_by(reading), words, brought)
    try:
        result = mending.mended(wanted)
    except Refused as refused:
        result = Result(str(refused), done=False)
    if word.remedy is Remedy.REPLACE_FILE and result.done:
        result = replace(result, rows=(*result.rows, *_other_limit(reading, matter)))
    line = f"{CALLED[word.remedy]} {matter.document.number or ''}".strip()
    return Decision(
        Outcome.DECIDED,
        (Reason(f"remedy_{word.remedy}", result.text),),
        facts=result.facts,
        held=result.held,
        mails=(*result.mails, *_answer(reading, site, known, line, result)),
        remedies=result.remedies,
    )


def _other_limit(reading: Reading, matter: KnownMatter) -> tuple[str, ...]:
    """Warn whoever exchanges a file for one with another limit: the units go on being reminded of the first."""
    changed = next((one for one in differences(reading, matter) if one["name"] == LIMIT), None)
    if changed is None:
        return ()
    number = matter.document.number or ""
    told = f"thời hạn trong bản mới là {changed['new']}; thời hạn theo dõi vẫn là {changed['old']}"
    return (f"{told}, muốn đổi: GIA HẠN {number} đến …",)


def _told(reading: Reading, matter: KnownMatter) -> list[dict[str, str]]:
    """Return what a correction tells the units when its sender has not: what the paper says, else its files."""
    found = differences(reading, matter)
    return found[1:] or found


def _answer(reading: Reading, site: Site, known: Known, line: str, result: Result) -> tuple[MailPlan, ...]:
    """Tell the sender of our own paper what was done; a superior hears nothing of it."""
    if not reading.from_addresses or not site.directory.roles_at(reading.from_addresses[0]):
        return ()
    return (transcript(reading, site, known, [line], [result]),)


# --- a paper in another's place ------------------------------------------------------------------------------------


def place_of(reading: Reading, known: Known, direction: Direction) -> KnownMatter | None:
    """Return the paper whose place a paper of ours takes when it goes out: by its sender's word, or by its own."""
    if direction is not Direction.OUTGOING:
        return None
    if known.remedy is not None and known.remedy.remedy is Remedy.REPLACE:
        return known.repeats
    # A paper that tells of a recall stands in nobody's place.
    document = reading.documents[0] if reading.documents else None
    replaced = known.replaced if document is not None and document.replaces is not None else None
    return replaced if replaced is not None and replaced.document.direction == "outgoing" else None


def replacing(matter: KnownMatter) -> dict[str, Any]:
    """Return what the mails of a paper say of the one whose place it takes."""
    return {"replaces": str(mending.shown(matter).get("document") or matter.document.number or "văn bản trước")}
