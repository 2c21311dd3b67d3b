"""What an inspection asks of one paper: who got it where and when, by what evidence, by which rule and whose word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailbot.office.text import fold
from mailbot.routing import letters
from mailbot.routing.looking_up import HIDDEN
from mailbot.routing.plans import MailPlan, Purpose
from mailbot.routing.wording import NAMED_BY, PURPOSES, way_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from mailbot.routing.model import Site


@dataclass(frozen=True)
class Trace:
    """One event of the log as it stands in the chain; `whole` says that its hash follows from what it says."""

    id: int
    at: datetime
    actor: str
    what: str
    reason: str
    hash: str
    whole: bool
    delivery: int | None = None
    message: int | None = None
    address: str | None = None
    rule: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One try to send one mail, and what the server answered, word for word."""

    mail: int
    purpose: str
    recipient: str
    message_id: str
    head_hash: str | None
    number: int
    started_at: datetime
    finished_at: datetime | None
    result: str | None
    code: int | None
    enhanced: str | None
    answer: str | None


@dataclass(frozen=True)
class Copy:
    """One unit (or person) that the paper went to."""

    delivery: int
    name: str
    channel: str
    addresses: tuple[str, ...]
    reason: str
    ask: str
    due: str | None


@dataclass(frozen=True)
class Original:
    """A mail that was kept: its name in the ZIP, and the hash of its bytes."""

    name: str
    about: str
    at: datetime
    address: str
    subject: str
    sha256: str
    outbox: int | None = None  # the fixed head of a mail of ours; else a mail that came, by its hash in the archive


@dataclass(frozen=True)
class Word:
    """What a leader or the sender said of the paper, word for word."""

    by: str
    text: str
    at: datetime
    message: int


@dataclass(frozen=True)
class Chain:
    """The whole log recomputed: how many events, the hash at its end, and those that do not follow from the one before.

    An event that was taken out shows in the one behind it; the hash at the end is what earlier copies are held against.
    """

    events: int
    end: str
    broken: tuple[int, ...] = ()


@dataclass(frozen=True)
class Inspection:
    """All that the ledger holds of one paper; moments are aware, the chain is None where only its own events count."""

    id: int
    number: str | None
    summary: str | None
    issuer: str | None
    issued_on: str | None
    direction: str
    book: str | None
    book_period: str | None
    book_number: int | None
    sender: str | None
    recorded_at: datetime
    released_at: datetime | None
    due_text: str | None
    rule: str | None
    content_key: str
    hidden: bool  # of petitions, personnel and discipline papers nothing is quoted
    copies: tuple[Copy, ...] = ()
    words: tuple[Word, ...] = ()
    events: tuple[Trace, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    originals: tuple[Original, ...] = ()
    chain: Chain | None = None


# --- tables ---------------------------------------------------------------------------------------------------------

NAMES = {
    "decided": "quyết định",
    "entered": "vào sổ",
    "instructed": "ý kiến",
    "sent": "gửi",
    "delayed": "máy chủ báo chậm",
    "bounced": "không đến được",
    "delivered": "đến",
    "read": "xem",
    "received": "nhận",
    "refused": "trả lại",
    "acknowledged": "xác nhận",
    "assigned": "phân công",
    "in_progress": "đang xử lý",
    "completed": "báo cáo",
    "returned": "trả lại báo cáo",
    "exempt": "miễn báo cáo",
    "problem": "báo sự cố",
    "question": "hỏi",
    "extension_asked": "xin gia hạn",
    "extended": "gia hạn",
    "settled": "đã trả lời",
    "accepted": "dự họp",
    "declined": "xin vắng",
    "delegated": "cử dự thay",
    "tentative": "chưa chắc dự",
    "late": "đến muộn",
    "excused": "vắng có phép",
    "must_attend": "đề nghị dự họp",
    "recall_requested": "thu hồi",
    "recall_done": "đã hủy bản thu hồi",
    "file_replaced": "thay tệp",
    "corrected": "đính chính",
    "right_copy": "xác nhận bản đúng",
    "files_cleared": "cho chuyển tệp",
    "resent": "gửi lại",
    "paper_replace_file": "đổi tệp của văn bản",
    "paper_correct": "đính chính văn bản",
    "paper_recall": "thu hồi văn bản",
    "paper_superseded": "được văn bản khác thay thế",
    "superseded": "thôi theo dõi",
    "unreachable": "không còn địa chỉ",
    "mail_removed": "xóa thư gốc, hết thời hạn lưu",
    "auto_reply": "trả lời tự động",
    "new_period": "kỳ mới",
}
CONFIRMS = (
    *("acknowledged", "received", "assigned", "in_progress", "accepted", "declined", "delegated", "tentative"),
    *("question", "extension_asked", "problem", "refused", "completed"),
)
FOUND_BY = {"token": "mã trong thư", "message_id": "chuỗi thư", "clerk": "lời văn thư"}
RULE = re.compile(r"(?P<id>.+?)@(?P<place>[^#]+)#(?P<version>[0-9a-f]+)")
MOST_WORDS = 160


def tables(found: Inspection, site: Site, now: datetime) -> list[dict[str, Any]]:
    """Return an inspection as the tables of `rendering.workbooks`, to be opened or printed."""
    page = _Page(found, site, now)
    return [page.units(), page.grounds(), page.course(), page.attempts(), page.originals(), page.chain()]


class _Page:
    """What the tables of one inspection share."""

    def __init__(self, found: Inspection, site: Site, now: datetime) -> None:
        self.found, self.site, self.now = found, site, now
        self.zone = site.office.working_time.zone
        self.names = {copy.delivery: copy.name for copy in found.copies}

    def _table(
        self, sheet: str, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]], *notes: str
    ) -> dict[str, Any]:
        about = HIDDEN if self.found.hidden else self.found.summary or ""
        return {
            "sheet": sheet,
            "title": title,
            "lines": [f"{self.found.number or 'Văn bản không số'}: {about}", f"Số liệu đến {self.moment(self.now)}"],
            "columns": [name for name, _ in columns],
            "widths": [width for _, width in columns],
            "rows": [["" if value is None else value for value in row] for row in rows],
            "notes": list(notes),
            "office": self.site.office.name,
        }

    def moment(self, at: datetime | None) -> str:
        return f"{at.astimezone(self.zone):%d/%m/%Y %H:%M:%S}" if at else ""

    def quoted(self, words: str | None) -> str:
        """Return words between quotation marks, cut; of a sensitive paper none."""
        if self.found.hidden or not words:
            return ""
        line = " ".join(words.split())
        return f"“{line if len(line) <= MOST_WORDS else line[:MOST_WORDS] + '…'}”"

    # --- who got it ---

    def units(self) -> dict[str, Any]:
        columns = (
            *(("TT", 4), ("Đơn vị", 17), ("Địa chỉ", 16), ("Gửi lúc, bằng chứng", 18), ("Đến lúc, bằng chứng", 17)),
            *(("Xem lúc, bằng chứng", 14), ("Xác nhận lúc, bằng chứng", 20), ("Báo cáo lúc, bằng chứng", 20)),
            ("Vì sao gửi", 14),
        )
        rows = [self._unit(number, copy) for number, copy in enumerate(self.found.copies, start=1)]
        return self._table("Ai nhận", "AI NHẬN VĂN BẢN, BẰNG CHỨNG", columns, rows)

    def _unit(self, number: int, copy: Copy) -> list[object]:
        mine = [event for event in self.found.events if event.delivery == copy.delivery]

        def cell(*kinds: str, named: bool = False) -> str:
            return "\n".join(
                " ".join(filter(None, (self.moment(one.at), NAMES.get(one.what, one.what) if named else "")))
                + f"\n{self.evidence(one)}"
                for one in mine
                if one.what in kinds
            )

        where = "bản giấy" if copy.channel == "paper" else "\n".join(copy.addresses)
        reached = cell("delivered", "bounced", "delayed", "unreachable", named=True)
        return [
            number,
            copy.name,
            where,
            cell("sent"),
            reached or self._implied(mine),
            cell("read"),
            cell(*(kind for kind in CONFIRMS if kind != "completed"), named=True),
            cell("completed"),
            "; ".join(filter(None, (way_words(copy.reason, self.site.directory), copy.reason.partition(NAMED_BY)[2])))
            or copy.reason,
        ]

    def _implied(self, mine: Sequence[Trace]) -> str:
        """Who has read or answered a mail has got it, whether or not a server said so."""
        if any(one.what == "read" for one in mine):
            return "suy từ biên nhận đã xem"
        by_itself = any(one.what in CONFIRMS and not one.data.get("by") for one in mine)
        return "suy từ thư trả lời" if by_itself else ""

    def evidence(self, event: Trace) -> str:
        """Return what proves an event: the server's words, a machine's report, the mail, or the clerk's word."""
        kind = next((words for begins, words in EVIDENCE if event.reason.startswith(begins)), None)
        if kind is not None:
            return kind(self, event)
        if event.data.get("by"):
            return _noted(self, event)
        return event.reason if event.what != "sent" else f"máy chủ nhận: {event.reason}"

    # --- why ---

    def grounds(self) -> dict[str, Any]:
        found = self.found
        columns = (("Việc", 22), ("Nội dung", 52), ("Lúc", 18), ("Ai", 24), ("Bằng chứng", 24))
        entry = f"{found.book}, {found.book_period}, số {found.book_number}" if found.book_number else "không vào sổ"
        rows: list[list[object]] = [
            ["Văn bản", found.number or "không số", found.issued_on or "", found.issuer or "", ""],
            ["Vào sổ", entry, self.moment(found.recorded_at), "mailbot", ""],
            ["Người gửi đến văn phòng", found.sender or "", self.moment(found.recorded_at), "", ""],
        ]
        rule = RULE.fullmatch(found.rule or "")
        if rule is not None:
            rows.append(["Quy tắc", f"{rule['id']}, tại {rule['place']}", "", "", f"phiên bản {rule['version']}"])
        rows += [
            ["Ý kiến", self.quoted(word.text), self.moment(word.at), word.by, f"thư m{word.message}"]
            for word in found.words
        ]
        rows.append(["Phát hành", f"{len(found.copies)} nơi nhận", self.moment(found.released_at), "", ""])
        if found.due_text:
            rows.append(["Thời hạn", found.due_text, "", "", ""])
        return self._table("Căn cứ", "QUY TẮC VÀ Ý KIẾN CHỈ ĐẠO", columns, rows)

    # --- what happened ---

    def course(self) -> dict[str, Any]:
        columns = (
            *(("Số", 5), ("Lúc", 13), ("Ai", 16), ("Việc", 11), ("Đơn vị", 16), ("Vì sao", 24), ("Địa chỉ", 14)),
            *(("Thư", 5), ("Mã băm SHA-256", 25), ("Khớp", 7)),
        )
        rows = [
            [
                one.id,
                self.moment(one.at),
                one.actor,
                NAMES.get(one.what, one.what),
                self.names.get(one.delivery or 0, ""),
                HIDDEN if self.found.hidden and one.what == "instructed" else one.reason,
                one.address,
                f"m{one.message}" if one.message else "",
                one.hash,
                "có" if one.whole else "KHÔNG",
            ]
            for one in self.found.events
        ]
        return self._table("Diễn biến", "DIỄN BIẾN THEO NHẬT KÝ", columns, rows)

    def attempts(self) -> dict[str, Any]:
        columns = (
            *(("Thư", 5), ("Việc", 13), ("Tới", 18), ("Lần", 4), ("Bắt đầu", 13), ("Kết thúc", 13), ("Mã", 8)),
            *(("Trả lời của máy chủ", 26), ("Message-ID", 24), ("SHA-256 của phần đầu thư", 24)),
        )
        rows = [
            [
                f"o{one.mail}",
                PURPOSES.get(Purpose(one.purpose), one.purpose),
                one.recipient,
                one.number,
                self.moment(one.started_at),
                self.moment(one.finished_at),
                " ".join(str(code) for code in (one.code, one.enhanced) if code),
                one.answer or one.result or "chưa rõ",
                one.message_id,
                one.head_hash,
            ]
            for one in self.found.attempts
        ]
        return self._table("Lần gửi", "TỪNG LẦN GỬI VÀ TRẢ LỜI CỦA MÁY CHỦ", columns, rows)

    def originals(self) -> dict[str, Any]:
        columns = (("Tệp", 22), ("Việc", 20), ("Lúc", 14), ("Địa chỉ", 22), ("Tiêu đề", 30), ("SHA-256", 40))
        rows = [
            [
                one.name,
                one.about,
                self.moment(one.at),
                one.address,
                HIDDEN if self.found.hidden else one.subject,
                one.sha256,
            ]
            for one in self.found.originals
        ]
        return self._table("Thư gốc", "THƯ GỐC ĐƯỢC LƯU", columns, rows, HOW_TO_CHECK)

    def chain(self) -> dict[str, Any]:
        changed = [one.id for one in self.found.events if not one.whole]
        rows: list[list[object]] = [
            ["Sự kiện của văn bản này", len(self.found.events)],
            ["Sự kiện không khớp mã băm", ", ".join(map(str, changed)) or "không có"],
        ]
        chain = self.found.chain
        if chain is not None:
            rows += [
                ["Sự kiện của toàn bộ nhật ký", chain.events],
                ["Chỗ đứt của toàn bộ nhật ký", ", ".join(map(str, chain.broken)) or "không có"],
                ["Mã băm cuối nhật ký", chain.end],
            ]
        columns = (("Mục", 40), ("Kết quả", 90))
        return self._table("Chuỗi băm", "KIỂM TRA CHUỖI BĂM CỦA NHẬT KÝ", columns, rows, HOW_CHAINED)


def _by_machine(words: str) -> Callable[[_Page, Trace], str]:
    return lambda _page, event: f"{words}, thư m{event.message}" if event.message else words


def _bounced(_page: _Page, event: Trace) -> str:
    said = " ".join(filter(None, (event.data.get("status"), event.data.get("diagnostic"))))
    by = f"thư báo lỗi m{event.message}" if event.message else "máy chủ từ chối khi gửi"
    return f"{by}: {said or event.reason}"


def _answered(page: _Page, event: Trace) -> str:
    way = FOUND_BY.get(str(event.data.get("found_by")), "")
    known = f"; nhận ra qua {way}" if way else ""
    words = page.quoted(event.data.get("words"))
    return f"thư m{event.message} của {event.address or event.actor}{': ' if words else ''}{words}{known}"


def _noted(page: _Page, event: Trace) -> str:
    """What happened outside mail is the word of whoever noted it, and is called so."""
    words = page.quoted(event.data.get("words"))
    mail = f", thư m{event.message}" if event.message else ""
    return f"lời của {event.data.get('by')}{': ' if words else ''}{words}{mail}"


EVIDENCE: tuple[tuple[str, Callable[[_Page, Trace], str]], ...] = (
    ("dsn_", _by_machine("thông báo phát thư của máy chủ (DSN)")),
    ("mdn_", _by_machine("biên nhận đã xem (MDN)")),
    ("bounce", _bounced),
    ("answer_", _answered),
    ("noted by the office", _noted),
)
HOW_TO_CHECK = (
    "Các tệp này nằm trong tệp ZIP (mailbot log SỐ --file TÊN.zip); trong thư mục đã giải nén chạy"
    " “sha256sum -c SHA256SUMS” để kiểm tra từng tệp."
)
HOW_CHAINED = (
    "Mỗi sự kiện mang mã băm SHA-256 tính từ nội dung của nó và mã băm của sự kiện liền trước: sửa một sự kiện thì mã"
    " của nó không khớp, bỏ một sự kiện thì sự kiện liền sau không khớp. Giữ lại mã băm cuối để đối chiếu về sau."
    " Kiểm tra lại toàn bộ nhật ký: mailbot log --verify."
)


# --- the mail -------------------------------------------------------------------------------------------------------


def file_stem(number: str | None) -> str:
    """Return the name of an inspection's file without its ending: `lich-su-152-cv-du`."""
    return "lich-su-" + ("-".join(re.findall(r"[a-z0-9]+", fold(number or ""))) or "van-ban")


def history_mail(
    found: Inspection, site: Site, now: datetime, recipient: tuple[str, str], mailbox: str, *, as_pdf: bool = False
) -> MailPlan:
    """Return the answer to LỊCH SỬ for a person (name, address): the figures, and everything in a workbook or PDF."""
    here = site.office.working_time.local(now)
    seen = {kind: {one.delivery for one in found.events if one.what in kinds} for kind, kinds in COUNTED.items()}
    name = f"{file_stem(found.number)}.{'pdf' if as_pdf else 'xlsx'}"
    first, *others = tables(found, site, now)
    values = letters.office_values(site.office) | {
        "person": recipient[0],
        "number": found.number or "văn bản",
        "summary": HIDDEN if found.hidden else found.summary or "",
        "as_of": f"{here:%H giờ %M} ngày {letters.day_text(here.date())}",
        "total": len(found.copies),
        "sent": len(seen["sent"]),
        "reached": len(seen["reached"]),
        "read": len(seen["read"]),
        "confirmed": len(seen["confirmed"]),
        "reported": len(seen["reported"]),
        "events": len(found.events),
        "changed": [one.id for one in found.events if not one.whole],
        "attachments": [name],
        "printed" if as_pdf else "workbook": [first | {"file": name}, *others],
    }
    return MailPlan(
        Purpose.HISTORY,
        "history",
        mailbox,
        recipient[1],
        recipient[0],
        values,
        source_key=found.content_key,
        step=f"{here:%Y-%m-%d %H:%M:%S}",
        not_before=now,
    )


COUNTED = {
    "sent": ("sent",),
    "reached": ("delivered", "read", *CONFIRMS),
    "read": ("read",),
    "confirmed": CONFIRMS,
    "reported": ("completed",),
}
