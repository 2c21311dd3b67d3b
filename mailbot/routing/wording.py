"""What people read in place of our codes: doubts, trust, intents, kinds of our own mails, ways to a unit, issuers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.office.answer_words import Intent
from mailbot.office.text import fold as plain
from mailbot.routing.model import TrustLevel
from mailbot.routing.plans import Purpose

# Between the way to a unit and the line of the paper that named it.
NAMED_BY = " ← "

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailbot.office.documents import Document
    from mailbot.reading import Reading
    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Site, Unit

# What a clerk should look at, by the review codes of a reading.
DOUBTS = {
    "weekday_conflict": "thứ và ngày ghi trong văn bản không khớp nhau",
    "number_conflict": "số trong thư và số trong tệp khác nhau",
    "number_missing": "chưa rõ số văn bản",
    "year_inferred": "năm do máy suy ra",
    "date_inferred": "ngày do máy suy ra",
    "time_inferred": "giờ do máy suy ra",
    "deadline_passed": "thời hạn đã qua",
    "deadline_vague": "thời hạn ghi chưa rõ ngày",
    "deadline_lunar": "thời hạn ghi theo âm lịch",
    "deadline_event": "thời hạn tính theo một sự kiện, không theo ngày",
    "unreadable_attachment": "có tệp không đọc được chữ",
    "encrypted_attachment": "có tệp đặt mật khẩu",
    "legacy_encoding": "thư dùng bảng mã cũ, cần xem lại dấu",
    "several_documents": "thư có nhiều văn bản",
    "several_meetings": "thư có lịch nhiều cuộc họp",
    "unreadable": "không đọc được thư, chỉ có tiêu đề",
}
TRUST = {
    TrustLevel.TOKEN: "có mã thư",
    TrustLevel.KNOWN_ADDRESS: "chỉ mới khớp địa chỉ",
    TrustLevel.INTERNAL: "đăng nhập máy chủ của cơ quan",
    TrustLevel.DMARC: "DMARC đạt",
    TrustLevel.CONFIRMED: "đã xác nhận lại",
    TrustLevel.SIGNED_PDF: "tệp PDF ký số",
    TrustLevel.SIGNED: "thư ký số",
}
INTENTS = {
    Intent.ACKNOWLEDGE: "đã nhận",
    Intent.PROBLEM: "báo không mở được hoặc thiếu",
    Intent.REFUSE: "trả lại",
    Intent.ACCEPT: "dự họp",
    Intent.TENTATIVE: "chưa chắc dự họp",
    Intent.DECLINE: "xin vắng",
    Intent.DELEGATE: "cử người dự thay",
    Intent.REPORT: "gửi báo cáo",
    Intent.PROGRESS: "đang xử lý",
    Intent.EXTENSION: "xin gia hạn",
    Intent.QUESTION: "hỏi",
    Intent.RECALL_DONE: "xác nhận đã hủy",
    Intent.APPROVE: "đồng ý",
    Intent.REJECT: "không đồng ý",
    Intent.NONE: "chưa rõ ý",
}
PURPOSES = {
    Purpose.DIRECTIVE: "chuyển văn bản",
    Purpose.INVITATION: "giấy mời",
    Purpose.ASSIGNMENT: "phân công xử lý",
    Purpose.REMINDER: "nhắc việc",
    Purpose.ESCALATION: "báo cáo đơn vị chậm",
    Purpose.CONFIRM: "xin xác nhận trước khi gửi",
    Purpose.CONFIRM_EXPIRED: "hết hạn xác nhận",
    Purpose.SUBMISSION: "trình xin ý kiến",
    Purpose.RECEIPT: "báo nhận",
    Purpose.RELEASED: "báo đã phát hành",
    Purpose.CHALLENGE: "hỏi lại người gửi",
    Purpose.PAPER_LIST: "danh sách giao bản giấy",
    Purpose.CLERK_LIST: "danh sách việc chờ xử lý",
    Purpose.ORDER_ANSWER: "kết quả thực hiện yêu cầu",
    Purpose.ORDER_ASKED: "hỏi lại ý kiến chỉ đạo",
    Purpose.NOT_UNDERSTOOD: "hỏi lại đơn vị",
    Purpose.REPORT_MISSING: "hỏi báo cáo chưa thấy",
    Purpose.REPORT_RETURNED: "trả lại báo cáo",
    Purpose.COLLECTION: "tổng hợp báo cáo",
    Purpose.EXTENSION_DECIDED: "ý kiến về gia hạn",
    Purpose.ABSENCE_DECIDED: "ý kiến về xin vắng",
    Purpose.SAME_NUMBER: "hỏi về tệp khác cùng số",
    Purpose.REPLACEMENT_FILE: "thay tệp",
    Purpose.CORRECTION: "đính chính",
    Purpose.RECALL: "thu hồi",
    Purpose.ATTENDANCE: "tình hình dự họp",
    Purpose.STATUS: "tình hình văn bản",
    Purpose.LOOKUP: "kết quả tra cứu",
    Purpose.HISTORY: "lịch sử văn bản",
    Purpose.STATISTICS: "thống kê xử lý văn bản",
    Purpose.DIGEST: "thư tổng hợp",
    Purpose.ADMIN_NOTICE: "báo quản trị",
    Purpose.SECRECY_NOTICE: "báo thư có dấu mật",
}
# Organs that every committee has; printed alone in capitals they stand for that organ of the issuing committee.
_ORGANS = ("Ban Thường vụ", "Thường trực", "Ban Chấp hành", "Văn phòng", "Ủy ban Kiểm tra", "Ban Xây dựng Đảng")
_COMMITTEES = ("Tỉnh ủy", "Thành ủy", "Quận ủy", "Huyện ủy", "Đảng ủy")
ORGANS = {plain(name): name for name in _ORGANS}
COMMITTEES = {plain(name): name for name in _COMMITTEES} | {
    plain(f"{organ} {name}"): f"{organ} {name}" for organ in _ORGANS for name in _COMMITTEES
}


def doubt_words(codes: Iterable[str]) -> list[str]:
    """Return review codes in words; one that no table knows stays as it is, so that it is not lost."""
    return [DOUBTS.get(code, code) for code in codes]


def trust_words(levels: Iterable[str]) -> str:
    """Return what a mail proved of its sender in words."""
    return ", ".join(TRUST[TrustLevel(level)] for level in sorted(levels)) or "chưa có căn cứ nào"


def way_words(reason: str, directory: Directory) -> str:
    """Return the name of the group through which a unit was found; empty for one named by itself."""
    way, _, _ = reason.partition(NAMED_BY)
    kind, _, key = way.partition(" > ")[0].partition(":")
    group = directory.groups.get(key) if kind == "group" else None
    return group.name if group else ""


def issuer_words(reading: Reading, site: Site) -> str:
    """Return who issued the main document, in running text: as printed, capitals put into the directory's spelling.

    A paper that names nobody is its sender's; `BAN THƯỜNG VỤ` alone is that of the committee whose symbol it bears.
    """
    document = reading.documents[0] if reading.documents else None
    owner = _owner(document, reading, site)
    printed = " ".join(document.issuer_name.split()) if document and document.issuer_name else ""
    if not printed:
        return owner.name if owner else reading.sender.name or reading.sender.address or "cơ quan gửi"
    if not printed.isupper():
        return printed
    organ = ORGANS.get(plain(printed))
    if organ is not None:
        return f"{organ} {owner.name}" if owner else organ
    return site.directory.spelled(printed) or COMMITTEES.get(plain(printed), printed)


def _owner(document: Document | None, reading: Reading, site: Site) -> Unit | None:
    """Return the unit whose symbol the document bears, else the one that its sender writes for."""
    units = site.directory.units
    found = site.directory.bearing(document.issuer) if document and document.issuer else ()
    if len(found) == 1:
        return units[found[0]]
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
    keys = site.directory.units_at(address)
    if keys:
        return units[keys[0]]
    return units.get(site.office.unit) if site.directory.roles_at(address) else None
