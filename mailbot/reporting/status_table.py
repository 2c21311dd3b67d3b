"""The words of listings: states, kinds and purposes as people in an office say them, moments in the office's zone."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from mailbot.problems import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

DIRECTION = {"incoming": Text("đến", "in"), "outgoing": Text("đi", "out")}
DOCUMENT = {
    "recorded": Text("đã vào sổ", "recorded"),
    "awaiting_confirmation": Text("chờ xác nhận gửi", "awaits confirmation"),
    "awaiting_instruction": Text("chờ ý kiến chỉ đạo", "awaits instruction"),
    "released": Text("đã phát hành", "released"),
    "filed": Text("lưu", "filed"),
    "cancelled": Text("không gửi", "cancelled"),
    "recalled": Text("đã thu hồi", "recalled"),
    "superseded": Text("đã được thay thế", "superseded"),
}
MESSAGE = {
    "new": Text("chưa xử lý", "new"),
    "before_start": Text("thư cũ", "before the start"),
    "decided": Text("đã xử lý", "decided"),
    "held": Text("chờ người xem", "held"),
    "quarantined": Text("cách ly", "quarantined"),
    "failed": Text("không đọc được", "failed"),
    "repeated": Text("trùng", "repeated"),
    "gone": Text("đã bị xóa", "gone"),
}
KIND = {
    "directive": Text("văn bản", "directive"),
    "invitation": Text("giấy mời", "invitation"),
    "reply": Text("trả lời", "reply"),
    "command": Text("lệnh", "order"),
    "bounce": Text("không đến được", "bounce"),
    "receipt": Text("báo đã xem", "receipt"),
    "auto_reply": Text("trả lời tự động", "automatic reply"),
    "loop": Text("thư lặp", "loop"),
    "quarantined": Text("có dấu mật", "quarantined"),
    "other": Text("khác", "other"),
}
OUTBOX = {
    "planned": Text("đang soạn", "planned"),
    "ready": Text("chờ gửi", "ready"),
    "sent": Text("đã gửi", "sent"),
    "failed": Text("bị từ chối", "refused"),
    "held": Text("chờ người xem", "held"),
    "cancelled": Text("đã bỏ", "cancelled"),
    "shadow": Text("chạy thử", "shadow"),
}
PURPOSE = {
    "directive": Text("chuyển văn bản", "directive"),
    "invitation": Text("giấy mời", "invitation"),
    "assignment": Text("phân công", "assignment"),
    "reminder": Text("nhắc việc", "reminder"),
    "escalation": Text("báo đơn vị chậm", "escalation"),
    "confirm_before_send": Text("xin xác nhận gửi", "confirmation"),
    "confirm_expired": Text("hết hạn xác nhận", "confirmation expired"),
    "for_instruction": Text("trình xin ý kiến", "for instruction"),
    "receipt": Text("báo nhận", "receipt"),
    "released": Text("báo đã phát hành", "released"),
    "refused": Text("hỏi lại người gửi", "challenge"),
    "paper_list": Text("giao bản giấy", "paper list"),
    "clerk_list": Text("việc chờ xử lý", "clerk's list"),
    "order_answer": Text("trả lời yêu cầu", "answer to orders"),
    "order_not_understood": Text("hỏi lại ý kiến", "order asked back"),
    "not_understood": Text("hỏi lại đơn vị", "asked back"),
    "report_missing": Text("hỏi báo cáo chưa thấy", "report asked for"),
    "report_returned": Text("trả lại báo cáo", "report sent back"),
    "collection": Text("tổng hợp báo cáo", "reports collected"),
    "extension_decided": Text("ý kiến gia hạn", "extension decided"),
    "absence_decided": Text("ý kiến xin vắng", "absence decided"),
    "same_number": Text("hỏi về tệp khác cùng số", "same number, other file"),
    "replacement_file": Text("thay tệp", "replacement file"),
    "correction": Text("đính chính", "correction"),
    "recall": Text("thu hồi", "recall"),
    "attendance": Text("tình hình dự họp", "attendance sheet"),
    "status_table": Text("tình hình văn bản", "status of a document"),
    "history": Text("lịch sử văn bản", "history of a document"),
    "lookup": Text("kết quả tra cứu", "result of a search"),
    "statistics": Text("thống kê", "statistics"),
    "digest": Text("thư tổng hợp", "digest"),
    "admin_notice": Text("báo quản trị", "admin notice"),
    "secrecy_notice": Text("báo thư có dấu mật", "secrecy notice"),
}
AUDIENCE = {"clerk": Text("văn thư", "clerk"), "admin": Text("quản trị", "admin")}
REHEARSED = Text("chạy thử", "shadow")


def word(words: Mapping[str, Text], code: str | None) -> Text:
    """Return a code in words; one that the table does not know stays as it is."""
    return words.get(code or "", Text(code or "", code or ""))


def when(moment: str | datetime | None, zone: ZoneInfo) -> str:
    """Return a moment (aware, or ISO 8601 with zone) as `dd/MM HH:mm` of the office's zone."""
    if not moment:
        return ""
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{value.astimezone(zone):%d/%m %H:%M}"


def limit(due: str | None, zone: ZoneInfo) -> str:
    """Return a stored limit, a day or a moment in ISO 8601, as `dd/MM/yyyy` with its hour where it has one."""
    if not due:
        return ""
    if "T" not in due:
        return f"{date.fromisoformat(due):%d/%m/%Y}"
    return f"{datetime.fromisoformat(due).astimezone(zone):%d/%m/%Y %H:%M}"
