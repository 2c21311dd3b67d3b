"""Who answers what and when in the demo's week, and how the ledger must stand at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot.demo.papers import CLERK, FROM_ABOVE, GUIDANCE, INVITATION, REPORT_WANTED
from mailbot.demo.servers import Manners
from mailbot.routing.plans import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

# A fixed working day, so that every run tells the same story.
START = datetime(2026, 10, 6, 8, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
# After the list of the report's late units has gone to their overseers, three working days after its deadline.
END = datetime(2026, 10, 14, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

LEADER = "dominhphuc@anhoa.example.vn"
MANNERS = Manners(refused=frozenset({"tdp1@example.org"}), returned=frozenset({"tdp2@example.org"}))


class Client(StrEnum):
    """How a person's mail client quotes the mail that is answered."""

    GMAIL = "gmail"
    PHONE = "phone"
    ZIMBRA = "zimbra"


@dataclass(frozen=True)
class Line:
    """One answer: how long after the mail came it is written, its words, and a report when one hangs on it."""

    after: timedelta
    words: str
    report: str | None = None


@dataclass(frozen=True)
class Person:
    """Who reads one mailbox, and what that person answers to each paper, at first and when reminded."""

    address: str
    signature: str
    client: Client = Client.GMAIL
    answers: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    when_reminded: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    sends_receipts: bool = False
    away: str | None = None


def _later(words: str, *, minutes: int = 0, hours: int = 0, days: int = 0, report: str | None = None) -> Line:
    return Line(timedelta(days=days, hours=hours, minutes=minutes), words, report)


A, B, C, D = FROM_ABOVE.number, REPORT_WANTED.number, GUIDANCE.number, INVITATION.number
REPORT_FILE = "Bao-cao-sinh-hoat-chuyen-de.docx"
DIGITAL_FILE = "Bao-cao-chuyen-doi-so.docx"
SENT_REPORT = "Chi bộ gửi báo cáo theo Công văn số 152-CV/ĐU kèm theo thư này."
SENT_DIGITAL = "Chi bộ gửi báo cáo kết quả chuyển đổi số theo Công văn số 263-CV/TU kèm theo."


def _digital(days: int, minutes: int) -> Line:
    return _later(SENT_DIGITAL, days=days, minutes=minutes, report=DIGITAL_FILE)


def _report(days: int, minutes: int) -> Line:
    return _later(SENT_REPORT, days=days, minutes=minutes, report=REPORT_FILE)


CELLS = (
    Person(
        "bithu.tdp1@example.org",
        "Nguyễn Văn An\nBí thư Chi bộ Tổ dân phố 1",
        answers={
            A: (_later("Đã nhận được văn bản, chi bộ sẽ triển khai.", minutes=50), _digital(2, 70)),
            B: (_later("Đã nhận", minutes=35), _report(1, 80)),
            C: (_later("Đã nhận", minutes=30),),
            D: (_later("Dự họp", minutes=20),),
        },
    ),
    Person(
        "htxanhoa@example.org",
        "Phan Văn Sơn",
        Client.PHONE,
        answers={
            A: (_later("Da nhan", minutes=15), _digital(3, 20)),
            B: (_later("Da nhan a", minutes=18), _report(2, 30)),
            C: (_later("Da nhan", minutes=22),),
            D: (_later("Xin vắng, lý do: đi công tác tỉnh đến hết tuần.", minutes=60),),
        },
        sends_receipts=True,
    ),
    Person(
        "tdp3@example.org",
        "Phạm Văn Cường\nChi bộ Tổ dân phố 3",
        answers={
            A: (_later("Đã nhận, hai chi bộ Tổ dân phố 3 và 4 sẽ thực hiện.", minutes=40), _digital(2, 15)),
            B: (_later("Nhận đủ 02 file", minutes=45), _report(1, 130)),
            C: (_later("Rõ", minutes=55),),
            D: (_later("Hai chi bộ dự họp đầy đủ.", minutes=65),),
        },
    ),
    Person(
        "mnhoasen@example.org",
        "Nguyễn Thị Hoa\nPhó Bí thư Chi bộ Trường Mầm non Hoa Sen",
        Client.ZIMBRA,
        answers={
            A: (_later("Chi bộ xác nhận đã nhận công văn.", minutes=33), _digital(1, 25)),
            B: (_report(0, 110),),
            C: (_later("Đã nhận và triển khai", minutes=28),),
            D: (_later("Cử đồng chí Nguyễn Thị Hoa, Phó Bí thư, dự thay", minutes=47),),
        },
    ),
    Person(
        "thanhoa@example.org",
        "Vũ Đình Long\nTrường Tiểu học An Hòa",
        answers={
            A: (_later("Ok em", minutes=12), _digital(2, 95)),
            B: (_later("Cho hỏi biểu mẫu lấy số liệu đến ngày nào?", minutes=25),),
            C: (_later("OK", minutes=16),),
            D: (_later("Dự họp", minutes=52),),
        },
    ),
    Person(
        "thcsanhoa@example.org",
        "Hồ Thị Kim\nChi bộ Trường THCS An Hòa",
        Client.PHONE,
        when_reminded={
            A: (_digital(0, 50),),
            B: (_report(0, 45),),
            C: (_later("Đã nhận, xin lỗi vì trả lời muộn", minutes=40),),
            D: (_later("Sẽ dự họp", minutes=42),),
        },
        away="Hiện tôi đang đi công tác từ ngày 05/10/2026 đến ngày 07/10/2026, sẽ xem thư khi trở về.",
    ),
    Person(
        "congan@example.org",
        "Trịnh Văn Mạnh\nChi bộ Công an phường",
        Client.ZIMBRA,
        answers={
            A: (_later("Đã nhận", minutes=60), _digital(3, 40)),
            B: (_later("Xin gia hạn đến ngày 15/10/2026, lý do: chi bộ họp ngày 12/10.", minutes=95),),
            C: (_later("Đã nhận", minutes=70),),
            D: (_later("Đăng ký dự: 02 đồng chí", minutes=75),),
        },
    ),
    Person("quansu@example.org", "Chi bộ Quân sự phường"),
    Person(
        "tramyte@example.org",
        "Lý Thị Ngân\nTrạm Y tế phường",
        Client.PHONE,
        answers={
            A: (_later("Ro", minutes=80), _digital(2, 45)),
            B: (_later("Đang tổng hợp số liệu, sẽ gửi sau.", minutes=85), _report(3, 60)),
            C: (_later("Da nhan duoc", minutes=82),),
            D: (_later("Du hop", minutes=88),),
        },
        sends_receipts=True,
    ),
    Person("detmay@example.org", "Chi bộ Công ty Dệt may Hưng Hải"),
)
AGREES = Person(CLERK, "Văn thư Đảng ủy phường", answers={Purpose.CONFIRM: (_later("ĐỒNG Ý", minutes=3),)})
INSTRUCTS = Person(LEADER, "", Client.PHONE, answers={Purpose.SUBMISSION: (_later("Dong y", minutes=6),)})
OFFICE_PEOPLE = (AGREES, INSTRUCTS)

# How each delivery must stand at the end: the RSVP, the open matter, the handling or the way of the mail.
_SILENT = {"quan-su": "", "det-may": "", "tdp-2": "bounced", "tdp-5": ""}
EXPECTED: Mapping[str, Mapping[str, str]] = {
    A: dict.fromkeys(
        ("tdp-1", "hop-tac-xa", "tdp-3", "tdp-4", "mam-non", "tieu-hoc", "thcs", "cong-an", "tram-y-te"), "completed"
    )
    | _SILENT,
    B: dict.fromkeys(("tdp-1", "hop-tac-xa", "tdp-3", "tdp-4", "mam-non", "thcs", "tram-y-te"), "completed")
    | {"tieu-hoc": "question", "cong-an": "extension_asked"}
    | _SILENT,
    C: dict.fromkeys(
        ("tdp-1", "hop-tac-xa", "tdp-3", "tdp-4", "mam-non", "tieu-hoc", "thcs", "cong-an", "tram-y-te"), "acknowledged"
    )
    | _SILENT,
    D: dict.fromkeys(("tdp-1", "tdp-3", "tdp-4", "tieu-hoc", "thcs", "cong-an", "tram-y-te"), "accepted")
    | {"hop-tac-xa": "declined", "mam-non": "delegated"}
    | _SILENT,
}
