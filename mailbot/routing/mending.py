"""A paper that went out wrong: THAY TỆP, ĐÍNH CHÍNH, THU HỒI reach every unit that has it, and who used it is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.documents import circulation_of
from mailbot.office.orders import Verb
from mailbot.office.public_mail import is_public
from mailbot.office.text import fold
from mailbot.routing import letters, standing
from mailbot.routing.choices import SEEN, confirmed_by_telephone
from mailbot.routing.circulating import shut_in
from mailbot.routing.order_lines import Order, Refused, Result, said_by
from mailbot.routing.plans import FactPlan, HeldPlan, MailPlan, Purpose, Remedy, RemedyPlan
from mailbot.routing.sameness import files_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailbot.reading import Reading
    from mailbot.routing.known import KnownDelivery, KnownMatter, KnownThread
    from mailbot.routing.model import Site

# What a unit hears of each remedy, by which mail, and the fact that it was asked to confirm it.
MAILS = {
    Remedy.REPLACE_FILE: (Purpose.REPLACEMENT_FILE, "file_replaced"),
    Remedy.CORRECT: (Purpose.CORRECTION, "corrected"),
    Remedy.RECALL: (Purpose.RECALL, "recall_requested"),
}
DONE = {
    Remedy.REPLACE_FILE: "thay tệp {about}, gửi bản đúng tới {count:02d} đơn vị",
    Remedy.CORRECT: "đính chính {about}, gửi tới {count:02d} đơn vị",
    Remedy.RECALL: "thu hồi {about} ở {count:02d} đơn vị",
}
BY_HAND = {
    Remedy.REPLACE_FILE: "đổi bản giấy",
    Remedy.CORRECT: "báo đính chính",
    Remedy.RECALL: "thu hồi bản giấy",
}
OVER = {"recalled": "đã thu hồi", "superseded": "đã được văn bản khác thay thế", "cancelled": "đã hủy, chưa gửi đi"}
# What a unit writes when it takes the right file, in a mail of another thread.
RIGHT_COPY = ("ban dung", "ban moi", "tep dung", "tep moi", "dinh chinh")
INTRODUCES = re.compile(r"^(?:l[ýy]\s+do|v[ìi]|do)\b[\s:]*", re.IGNORECASE)
TAKES_IT = frozenset({Intent.ACKNOWLEDGE, Intent.APPROVE, Intent.REPORT, Intent.PROGRESS, Intent.ACCEPT})


@dataclass(frozen=True)
class Brought:
    """The files of the mail in question: names, sizes in bytes, and the hash over their contents."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    key: str

    @classmethod
    def of(cls, reading: Reading) -> Brought | None:
        """Return what a mail brings; None for one without files."""
        named = [item for item in reading.attachments if item.name]
        if not named:
            return None
        return cls(tuple(str(item.name) for item in named), tuple(item.size for item in named), files_key(reading))


@dataclass(frozen=True)
class Mending:
    """What is to be done about which paper, by whose word, from which mail."""

    remedy: Remedy
    matter: KnownMatter
    site: Site
    mailbox: str
    now: datetime
    by: dict[str, Any]  # whose word it is
    words: str = ""  # why, or what is wrong and what is right
    brought: Brought | None = None  # the files that go along with it

    @property
    def about(self) -> str:
        """How the paper is called in a line."""
        return self.matter.document.number or "văn bản"


# --- the orders ----------------------------------------------------------------------------------------------------


def recall(order: Order) -> Result:
    """THU HỒI: every unit that has the paper is told to stop and asked for its word; what has not left stays here."""
    return mended(_of(order, Remedy.RECALL))


def replace_file(order: Order) -> Result:
    """THAY TỆP: the file of this mail is from now on the paper's; every unit that has the old one gets it."""
    if not order.reading.attachments:
        raise Refused("thư chưa kèm tệp đúng; đề nghị gửi lại yêu cầu, đính kèm tệp đúng")
    if sum(one.verb is Verb.REPLACE_FILE for one in order.reading.commands) > 1:
        raise Refused("mỗi thư chỉ một THAY TỆP; đề nghị gửi thư riêng cho từng văn bản")
    _stays_inside(order)
    return mended(_of(order, Remedy.REPLACE_FILE))


def _stays_inside(order: Order) -> None:
    """Refuse a new file with a limit of circulation that the old one had not, where units have public mailboxes."""
    # An order brings files and is no paper itself: of them only the text is known.
    words, matter = circulation_of(order.reading.document_text or "") or "", order.matter()
    was_inside = matter.document.release is not None and matter.document.release.inside
    if was_inside or not shut_in(words, order.site):
        return
    domains = order.site.papers.public_domains
    public = [one.unit_name for one in matter.deliveries if one.addresses and is_public(one.addresses[0], domains)]
    if public:
        raise Refused(
            f"tệp mới ghi “{words}”, không gửi tới hộp thư công cộng của {', '.join(public)}; "
            "đề nghị THU HỒI rồi gửi văn bản mới"
        )


def correct(order: Order) -> Result:
    """ĐÍNH CHÍNH: the paper stays as it is, every unit is told what is wrong in it and what is right."""
    if not order.words:
        example = "152-CV/ĐU hạn báo cáo là ngày 18/10/2026, không phải ngày 16/10/2026"
        raise Refused("chưa rõ đính chính nội dung gì; ví dụ: " + order.line_with(example))
    return mended(_of(order, Remedy.CORRECT))


def _of(order: Order, remedy: Remedy) -> Mending:
    words = reason_of(order.words) if remedy is not Remedy.CORRECT else order.words.strip(" ,;:.")
    by, brought = said_by(order.reading), Brought.of(order.reading)
    return Mending(remedy, order.matter(), order.site, order.known.mailbox, order.now, by, words, brought)


def reason_of(words: str) -> str:
    """Return why something is done, without the words that introduce it and the dots of an example."""
    return INTRODUCES.sub("", words.strip(" ,;:.-…")).strip(" ,;:.-…")


# --- what follows --------------------------------------------------------------------------------------------------


def mended(mending: Mending) -> Result:
    """Return all that a remedy changes: facts, mails to the units, the paper itself, and who has used the wrong one.

    Raises:
        Refused: the paper is no longer in force, or nobody has got it.
    """
    document, remedy = mending.matter.document, mending.remedy
    if document.state in OVER:
        raise Refused(f"{mending.about} {OVER[document.state]}")
    deliveries = [one for one in mending.matter.deliveries if not _is_over(one)]
    if not deliveries and remedy is not Remedy.REPLACE_FILE:
        raise Refused(f"{mending.about} chưa gửi tới đơn vị nào")
    holders = [one for one in deliveries if one.left or one.channel == "paper" or remedy is Remedy.CORRECT]
    text = DONE[remedy].format(about=mending.about, count=len(holders))
    kept = len(deliveries) - len(holders)
    if kept:
        said = "giữ lại, không gửi nữa" if remedy is Remedy.RECALL else "chỉ nhận bản đúng"
        text += f"; {kept:02d} đơn vị chưa gửi: {said}"
    return Result(
        text,
        rows=used(holders, mending.site.office.working_time.zone),
        facts=(*_facts(mending, holders), *_withheld(mending, deliveries, holders)),
        mails=_mails(mending, holders),
        held=(*_by_hand(mending, holders), *_reported(mending, holders)),
        remedies=(_plan(mending, holders),),
    )


def _is_over(one: KnownDelivery) -> bool:
    return "superseded" in one.moments or one.exchange in ("recall_open", "recall_done")


def _plan(mending: Mending, holders: Sequence[KnownDelivery]) -> RemedyPlan:
    chases = tuple((one.id, one.unit) for one in holders)
    brought = mending.brought
    if mending.remedy is not Remedy.REPLACE_FILE or brought is None:
        return RemedyPlan(mending.matter.document.id, mending.remedy, reason=mending.words, chases=chases)
    values = {"attachments": list(brought.names), "file_sizes": list(brought.sizes)}
    return RemedyPlan(mending.matter.document.id, mending.remedy, brought.key, values, mending.words, chases)


def _facts(mending: Mending, holders: Iterable[KnownDelivery]) -> tuple[FactPlan, ...]:
    _, said = MAILS[mending.remedy]
    data: dict[str, Any] = mending.by | {"words": mending.words[:400]}
    if mending.remedy is Remedy.REPLACE_FILE and mending.brought is not None:
        data |= {"files": list(mending.brought.names), "old_files": list(shown(mending.matter).get("attachments", ()))}
    return tuple(FactPlan(one.id, said, mending.now, f"{mending.remedy} ordered", None, data) for one in holders)


def _withheld(
    mending: Mending, deliveries: Iterable[KnownDelivery], holders: Sequence[KnownDelivery]
) -> tuple[FactPlan, ...]:
    """Of a recalled paper nobody is asked anything to whom it never went."""
    if mending.remedy is not Remedy.RECALL:
        return ()
    return tuple(
        FactPlan(one.id, "superseded", mending.now, "recalled before it was sent", None, mending.by)
        for one in deliveries
        if one not in holders
    )


def shown(matter: KnownMatter) -> dict[str, Any]:
    """Return what the paper's own mails say of it."""
    release = matter.document.release
    return dict(release.values if release is not None else matter.values)


def _mails(mending: Mending, holders: Iterable[KnownDelivery]) -> tuple[MailPlan, ...]:
    """Return one mail for each address that has the paper."""
    groups: dict[str, list[KnownDelivery]] = {}
    for one in holders:
        if one.channel == "mail" and one.addresses:
            groups.setdefault(one.addresses[0].lower(), []).append(one)
    return tuple(_mail(mending, group) for group in groups.values())


def _mail(mending: Mending, group: list[KnownDelivery]) -> MailPlan:
    purpose, _ = MAILS[mending.remedy]
    names = ", ".join(one.unit_name for one in group)
    zone = mending.site.office.working_time.zone
    sent = min((one.moments["sent"] for one in group if "sent" in one.moments), default=None)
    brought = mending.brought if mending.remedy is not Remedy.RECALL else None
    values = letters.office_values(mending.site.office) | {
        "unit": names,
        "first_sent_at": letters.day_text(sent.astimezone(zone).date()) if sent else "",
        "words": mending.words,
        "attachments": list(brought.names) if brought else [],
        **_out_of_calendars(mending, group),
    }
    return MailPlan(
        purpose,
        str(purpose),
        mending.matter.mailbox or mending.mailbox,
        group[0].addresses[0],
        names,
        values,
        deliveries=tuple(one.id for one in group),
        source_key=f"document {mending.matter.document.id}",
        step=f"{mending.remedy} {mending.now.isoformat()}",
        shared=brought is not None,
        own_parts=brought is not None,
        document_id=mending.matter.document.id,
        not_before=mending.now,
    )


def _out_of_calendars(mending: Mending, group: list[KnownDelivery]) -> dict[str, Any]:
    """Return what takes a recalled invitation's event out of the units' calendars (RFC 5546 §3.2.5)."""
    event = shown(mending.matter).get("calendar")
    if mending.remedy is not Remedy.RECALL or not event:
        return {}
    return {
        "calendar": {**event, "method": "CANCEL", "sequence": event["sequence"] + 1},
        "calendar_key": group[0].first_key,
    }


def _by_hand(mending: Mending, holders: Iterable[KnownDelivery]) -> tuple[HeldPlan, ...]:
    """Put before the clerk whom no mail reaches."""
    units = [one for one in holders if one.channel == "paper" or not one.addresses]
    if not units:
        return ()
    names = ", ".join(one.unit_name for one in units)
    line = f"{mending.about}: {BY_HAND[mending.remedy]} của {names}"
    return (HeldPlan("mend_by_hand", line, choices=confirmed_by_telephone([one.id for one in units])),)


def _reported(mending: Mending, holders: Iterable[KnownDelivery]) -> tuple[HeldPlan, ...]:
    """Tell the clerk whose report was made by what is wrong."""
    names = ", ".join(one.unit_name for one in holders if "completed" in one.moments)
    if not names or mending.remedy is Remedy.RECALL:
        return ()
    text = f"{mending.about}: {names} đã báo cáo theo bản cũ, cần xem lại báo cáo"
    return (HeldPlan("report_on_old_file", text, choices=(SEEN,)),)


def used(deliveries: Iterable[KnownDelivery], zone: ZoneInfo) -> tuple[str, ...]:
    """Return a line for each unit that has opened, acknowledged or reported on the paper so far."""
    notes = ((one, standing.use_words(one.moments, zone)) for one in deliveries)
    return tuple(f"đã dùng bản cũ: {one.unit_name} ({words})" for one, words in notes if words)


# --- the units' answers --------------------------------------------------------------------------------------------


def answered(
    said: Intent, delivery: KnownDelivery, thread: KnownThread, reading: Reading, now: datetime
) -> tuple[list[FactPlan], list[HeldPlan]]:
    """Return what an answer adds of a wrong file: that the unit has the right one, or that it reported by the old."""
    if delivery.exchange not in ("file_open", "correction_open"):
        return [], []
    if takes_right_copy(said, thread, reading):
        address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
        return [FactPlan(delivery.id, "right_copy", now, f"answer_{said}", address)], []
    if said is not Intent.REPORT:
        return [], []
    about = f"{delivery.unit_name}, {delivery.document_number or 'văn bản'}"
    text = f"{about}: gửi báo cáo khi chưa xác nhận bản đúng, có thể theo bản cũ"
    return [], [HeldPlan("report_on_old_file", text, delivery_id=delivery.id, choices=(SEEN,))]


def takes_right_copy(said: Intent, thread: KnownThread, reading: Reading) -> bool:
    """Tell whether an answer says that the unit has the right file, or has read the correction."""
    if said not in TAKES_IT:
        return False
    asked = (Purpose.REPLACEMENT_FILE, Purpose.CORRECTION)
    if thread.purpose in asked or thread.values.get("ask") in [str(purpose) for purpose in asked]:
        return True
    words = fold(reading.reply.text if reading.reply else "")
    return any(each in words for each in RIGHT_COPY)
