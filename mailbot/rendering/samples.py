"""What every mail is for and which values it has, by invented examples: for previews, checks and whoever writes one.

The keys of a sample are the values that its templates may use. People, units and numbers are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.problems import Text
from mailbot.rendering.sample_values import (
    ASSIGNED,
    ATTENDANCE,
    DOCUMENT,
    INVITED,
    LONG,
    MEETING,
    OFFICE,
    OLD_MEETING,
    RELEASED,
    REMINDED,
    STATUS,
    TO_UNIT,
    WEEKLY,
    Values,
)
from mailbot.routing.slips import slip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANY = 12
ON_PAPER = [
    {"name": "Chi bộ Tổ dân phố 11", "contact": "đ/c Ngô Văn E, ĐT 0900.000.011", "withheld": ""},
    {"name": "Chi bộ Chợ An Hòa", "contact": "đ/c Đặng Thị H, ĐT 0900.000.020", "withheld": "chỉ có hộp thư công cộng"},
]
# What may be missing from a mail altogether, and what may be there and empty; both must read as well without it.
ABSENT = frozenset(
    {
        *("arrival_number", "arrival_date", "instruction", "instructed_by", "leader_title", "instructed_on"),
        *("lead", "cooperating", "part", "attends", "said_before", "replaces", "withdraws", "recall_order"),
    }
)
EMPTY = frozenset(
    {
        *("contact", "urgency_tag", "due_text", "due_text_original", "due_last", "issued_on", "signer", "attachments"),
        *("first_line", "ways", "excluded", "unknown_lines", "paper_units", "doubts", "received_at", "review"),
        *("circulation", "withheld"),
        *("person", "leader", "reason", "old_place", "new_place", "old_start", "old_start_short", "previous_answer"),
        *(
            "rsvp_text",
            "absent_text",
            "reported_at",
            "report_notes",
            "missing",
            "too_large",
            "todo",
            "due",
            "figures",
            "orders",
            "original_subject",
            "answers",
            "meeting",
        ),
        *(
            "note",
            "delegate",
            "quota",
            "lines",
            "explained",
            "place",
            "hit",
            "changed",
            "happened",
            "more",
            "example",
            "file",
        ),
        *("chair", "participants", "online_url", "start", "start_short", "end"),
        *("first_sent_at", "used", "file_sizes", "mended", "withdraws", "recall_order"),
    }
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a mail is for, and all values that it may have, with an example of each."""

    about: Text
    values: Mapping[str, Any]


SAMPLES: Mapping[str, Sample] = {
    "directive": Sample(Text("gửi văn bản của cơ quan tới đơn vị", "our own document, to a unit"), TO_UNIT),
    "directive_from_superior": Sample(
        Text("chuyển văn bản của cấp trên tới đơn vị", "a superior's document, to a unit"), TO_UNIT
    ),
    "invitation": Sample(Text("giấy mời họp tới đơn vị", "an invitation, to a unit"), INVITED),
    "invitation_change": Sample(
        Text("báo thay đổi giờ, nơi họp", "a meeting is at another time or place"),
        OFFICE
        | OLD_MEETING
        | {
            "unit": "đồng chí Nguyễn Văn A, Bí thư Chi bộ Tổ dân phố 5",
            "old_start_short": "08 giờ 00 thứ Sáu 16/10",
            "new_start": "14 giờ 00, thứ Hai, ngày 19/10/2026",
            "new_start_short": "14 giờ 00 thứ Hai 19/10",
            "new_place": "Phòng họp số 1, trụ sở Đảng ủy phường",
            "reason": "đồng chí chủ trì dự họp đột xuất tại Thành ủy",
            "previous_answer": "Dự họp",
            "ask": "rsvp",
            "rsvp_text": "trước 16 giờ 00 ngày 16/10/2026",
            "attachments": ["46-GM-VPDU.signed.pdf"],
        },
    ),
    "invitation_cancelled": Sample(
        Text("báo hoãn, hủy cuộc họp", "a meeting is put off or called off"),
        OFFICE
        | OLD_MEETING
        | {
            "unit": "đồng chí Nguyễn Văn A, Bí thư Chi bộ Tổ dân phố 5",
            "old_date": "16/10/2026",
            "postponed": True,
            "reason": "ảnh hưởng của bão số 9",
        },
    ),
    "assignment": Sample(
        Text("phân công cán bộ xử lý", "an officer is to handle a document"),
        TO_UNIT | ASSIGNED | {"part": "chủ trì", "attends": False},
    ),
    "instruction_scan": Sample(
        Text("bản chụp bút phê, sau thư phân công", "the paper with the leader's hand on it, after the assignment"),
        TO_UNIT | ASSIGNED | {"attachments": ["but-phe-263.pdf"]},
    ),
    "for_instruction": Sample(
        Text("trình xin ý kiến chỉ đạo", "a document is put before a leader"),
        DOCUMENT
        | {"leader": "Trần Quốc Hưng", "arrival_number": 413, "arrival_date": "06/10/2026"}
        | {"proposal": "chuyển 40 chi bộ thực hiện", "review": ["chưa rõ số văn bản"]}
        | {"said_before": "Đỗ Minh Phúc: Trình đ/c Bí thư xem xét"}
        | {
            "withdraws": "thu hồi Công văn số 251-CV/TU, đã chuyển xuống: đã gửi 40/40",
            "recall_order": "THU HỒI 251-CV/TU",
        },
    ),
    "reminder": Sample(Text("nhắc trước hạn", "a reminder before the deadline"), REMINDED),
    "reminder_overdue": Sample(Text("nhắc khi đã quá hạn", "a reminder after the deadline"), REMINDED),
    "reminder_coalesced": Sample(
        Text("nhắc gộp nhiều nội dung", "one reminder of several matters"),
        OFFICE
        | {"unit": TO_UNIT["unit"], "unit_short": "Chi bộ", "as_of": REMINDED["as_of"], "date": "13/10/2026"}
        | {"items": [REMINDED, INVITED | {"expected": "xác nhận dự họp"}]},
    ),
    "escalation": Sample(
        Text("báo cáo lãnh đạo các đơn vị chưa báo cáo", "who has not answered, to whoever oversees them"),
        REMINDED
        | {"person": "Hoàng Văn Nam", "done_count": 35, "total": 40}
        | {
            "late": [
                {
                    "name": "Chi bộ Tổ dân phố 7",
                    "contact": "đ/c Phạm Văn C, ĐT 0900.000.007",
                    "note": "đã nhắc, chưa có trả lời",
                },
                {
                    "name": "Chi bộ Trạm Y tế",
                    "contact": "đ/c Lê Thị D, ĐT 0900.000.012",
                    "note": "thư không đến được, cần gọi điện",
                },
            ],
            "ask_standing": False,
        },
    ),
    "receipt": Sample(
        Text("báo nhận cho nơi gửi", "a receipt to the sender"),
        DOCUMENT
        | {"arrival_number": 413, "arrival_date": "06/10/2026", "attachment_count": 2}
        | {"review": ["Phụ lục 2 nêu trong văn bản chưa có trong thư; kính đề nghị gửi bổ sung"]},
    ),
    "released": Sample(
        Text("báo đã phát hành cho người gửi", "a document went out, to who sent it in"),
        RELEASED | {"shadow": False, "ladder_text": "5 lần, theo lịch đôn đốc báo cáo"},
    ),
    "confirm_before_send": Sample(
        Text("xin xác nhận trước khi gửi hàng loạt", "a document waits for its sender's word"),
        RELEASED
        | {
            "ways": ['dòng "Các chi bộ trực thuộc"'],
            "paper_units": ["Chi bộ Tổ dân phố 11"],
            "doubts": ['văn bản ghi "thứ Năm, ngày 16/10/2026" nhưng ngày 16/10/2026 là thứ Sáu'],
            "received_at": "08 giờ 10, thứ Ba, ngày 06/10/2026",
            "recipients": [
                {"name": "Chi bộ Tổ dân phố 5", "ask": "report"},
                {"name": "Chi bộ Trường Tiểu học Bình Minh", "ask": "none"},
            ],
            "amended": ["bỏ Chi bộ Tổ dân phố 7"],
            "not_amended": [],
            "again": True,
            "expires_at": "16 giờ 00 thứ Tư 07/10",
            "remind_at": "",
        },
    ),
    "refused": Sample(
        Text("báo chưa thực hiện, nêu lý do", "an order that was not believed or allowed, and why"),
        OFFICE
        | {
            "person": "Hoàng Văn Nam",
            "order": "THU HỒI 152-CV/ĐU",
            "original_subject": "Thu hồi công văn 152",
            "address": "hoangvannam@thu.example.vn",
            "reason": "máy chủ không xác thực được địa chỉ gửi",
            "challenge": True,
        },
    ),
    "not_understood": Sample(
        Text("chưa hiểu nội dung trả lời", "an answer that was not understood"),
        OFFICE
        | {
            "unit": "Chi bộ Tổ dân phố 5",
            "original_subject": "152-CV/ĐU: báo cáo sinh hoạt chuyên đề quý III",
            "received_at": "09 giờ 20, thứ Tư, ngày 07/10/2026",
            "ask": "report",
        },
    ),
    "report_missing": Sample(
        Text("hỏi đơn vị báo đã gửi báo cáo mà thư không có", "a report is said to be sent and is not there"),
        OFFICE
        | {
            "unit": "Chi bộ Tổ dân phố 5",
            "original_subject": "152-CV/ĐU: báo cáo sinh hoạt chuyên đề quý III",
            "received_at": "09 giờ 20, thứ Tư, ngày 07/10/2026",
            "number": "152-CV/ĐU",
        },
    ),
    "report_returned": Sample(
        Text("trả lại báo cáo để đơn vị hoàn chỉnh", "a report is sent back to be mended"),
        OFFICE
        | {
            "unit": "Chi bộ Tổ dân phố 5",
            "number": "152-CV/ĐU",
            "document": "Công văn số 152-CV/ĐU, ngày 05/10/2026",
            "reported_at": "09 giờ 20, thứ Tư, ngày 14/10/2026",
            "why": "thiếu biểu số 2, số đảng viên dự chưa khớp",
            "until": "thứ Sáu, ngày 16/10/2026",
        },
    ),
    "collection": Sample(
        Text(
            "trả lời TỔNG HỢP, hoặc tự gửi khi đến thời hạn", "the reports of all units, asked for or at the deadline"
        ),
        OFFICE
        | {
            "person": "Trần Thị B",
            "number": "152-CV/ĐU",
            "document": "Công văn số 152-CV/ĐU, ngày 05/10/2026",
            "summary": DOCUMENT["summary"],
            "due_text": "trước ngày 16/10/2026",
            "as_of": "07 giờ 30 ngày 16/10/2026",
            "as_of_short": "07 giờ 30 ngày 16/10",
            "at_deadline": True,
            "reported": 36,
            "total": 40,
            "figures": [
                {"name": "Đúng hạn", "value": "33"},
                {"name": "Sau thời hạn", "value": "03"},
                {"name": "Miễn báo cáo", "value": "01"},
                {"name": "Chưa ghi nhận", "value": "03"},
            ],
            "missing": [
                {
                    "name": "Chi bộ Tổ dân phố 7",
                    "note": "được gia hạn đến thứ Ba, ngày 20/10/2026",
                    "contact": "đ/c Phạm Văn C, ĐT 0900.000.007",
                },
                {"name": "Chi bộ Trạm Y tế", "note": "", "contact": "đ/c Lê Thị D, ĐT 0900.000.012"},
            ],
            "too_large": [{"name": "05-Chi-bo-To-dan-pho-5/anh-hoi-nghi.zip", "note": "31.4 MB"}],
            "attachments": ["tong-hop-152-CV-DU-1.zip"],
            "mail_part": 1,
            "parts": 2,
        },
    ),
    "history": Sample(
        Text("trả lời LỊCH SỬ", "everything about one document, for an inspection"),
        OFFICE
        | {
            "person": "Trần Thị B",
            "number": "152-CV/ĐU",
            "summary": DOCUMENT["summary"],
            "as_of": "08 giờ 00 ngày 15/10/2026",
            "total": 40,
            "sent": 38,
            "reached": 37,
            "read": 12,
            "confirmed": 36,
            "reported": 31,
            "events": 214,
            "changed": [118],
            "attachments": ["lich-su-152-cv-du.xlsx"],
        },
    ),
    "lookup": Sample(
        Text("trả lời TRA CỨU", "what TRA CỨU has found"),
        OFFICE
        | {
            "person": "Trần Thị B",
            "asked": "sinh hoạt chuyên đề",
            "papers": [
                {
                    "name": "152-CV/ĐU, đi ngày 05/10/2026, số đi 152",
                    "from": "Đảng ủy phường An Hòa",
                    "summary": "báo cáo kết quả «sinh hoạt chuyên đề» quý III năm 2026",
                    "hit": "",
                    "happened": "đã gửi 40/40; xác nhận 36/40; báo cáo 31/40",
                    "instruction": "Chuyển các chi bộ thực hiện (Trần Quốc Hưng)",
                    "lies": "còn 09 đơn vị chưa xong",
                    "due": "trước ngày 16/10/2026",
                },
                {
                    "name": "318-CV/QU, đến ngày 12/09/2026, số đến 413",
                    "from": "Quận ủy",
                    "summary": "tăng cường công tác tư tưởng",
                    "hit": "có trong nội dung",
                    "happened": "",
                    "instruction": "",
                    "lies": "chờ ý kiến chỉ đạo",
                    "due": "",
                },
            ],
            "more": "còn 12 văn bản",
            "example": "152-CV/ĐU",
            "file": "Kèm theo: tệp của 152-CV/ĐU.",
        },
    ),
    "status_table": Sample(
        Text("trả lời TÌNH HÌNH: bảng tình hình một văn bản", "where a document stands, unit by unit"),
        OFFICE | STATUS,
    ),
    "statistics": Sample(
        Text("trả lời THỐNG KÊ: từng đơn vị xử lý văn bản ra sao", "how units dealt with the papers of a period"),
        OFFICE
        | {
            "person": "Hoàng Văn Nam",
            "period": "tháng 10/2026",
            "as_of": "08 giờ 00, thứ Hai, ngày 02/11/2026",
            "unit_count": 40,
            "figures": [
                {"name": "Tổng nhận", "value": "412"},
                {"name": "Đã xử lý đúng hạn", "value": "380"},
                {"name": "Đã xử lý quá hạn", "value": "12"},
                {"name": "Đang xử lý trong hạn", "value": "10"},
                {"name": "Đang xử lý quá hạn", "value": "07"},
                {"name": "Chưa xử lý", "value": "03"},
            ],
            "late": [
                {"name": "Chi bộ Tổ dân phố 7", "note": "đang xử lý quá hạn 02, chưa xử lý 00"},
                {"name": "Chi bộ Trạm Y tế", "note": "đang xử lý quá hạn 00, chưa xử lý 01"},
            ],
            "attachments": ["thong-ke-01-10-2026-31-10-2026.xlsx"],
        },
    ),
    "digest": Sample(
        Text("tổng hợp việc trong ngày", "the day's open matters and figures"),
        OFFICE
        | {
            "person": "Hoàng Văn Nam",
            "weekday": "thứ Năm",
            "date": "15/10/2026",
            "todo": [
                {
                    "text": "Chờ ý kiến chỉ đạo: 263-CV/TU (số đến 413), đã trình 14/10, chưa có ý kiến",
                    "answers": [],
                },
                {
                    "text": 'Chưa rõ đơn vị: thư "Da nhan" từ sau.tdp5@thu.example.org',
                    "answers": ["2 Chi bộ Tổ dân phố 5", "2 bỏ qua"],
                },
                {
                    "text": "Cần gọi điện: Chi bộ Tổ dân phố 9 (hộp thư đầy), đ/c Võ Văn G, ĐT 0900.000.009",
                    "answers": [],
                },
            ],
            "due": [
                "Hôm nay: 152-CV/ĐU, còn 05/40 chi bộ chưa báo cáo",
                "Thứ Sáu, 16/10: họp giao ban 08 giờ 00 - dự 31, vắng 03 (01 chờ ý kiến), chưa trả lời 06",
            ],
            "figures": [
                {"name": "Văn bản đến", "value": "07"},
                {"name": "Văn bản đi", "value": "03"},
                {"name": "Thư đã gửi", "value": "118"},
                {"name": "Thư không đến được", "value": "02"},
                {"name": "Báo cáo nhận được", "value": "11"},
            ],
            "attachments": ["so-van-ban-den-14-10-2026.xlsx"],
        },
    ),
    "digest_weekly": Sample(
        Text("việc quá hạn và lịch tuần tới", "what is late, and the week that comes"),
        OFFICE | WEEKLY,
    ),
    "handover": Sample(
        Text("bàn giao việc khi cán bộ vắng mặt", "an officer is away: their matters go to another"),
        OFFICE
        | {
            "person": "đồng chí Lê Thị Mai",
            "absent": "đồng chí Nguyễn Thanh Bình",
            "absent_text": "từ ngày 12/10/2026 đến ngày 16/10/2026",
            "items": [{key: DOCUMENT[key] for key in ("document", "summary", "due_text")}],
            "attachments": ["152-CV-DU.signed.pdf"],
        },
    ),
    "paper_list": Sample(
        Text("danh sách giao bản giấy, gọi điện", "who gets paper or a telephone call, to the clerk"),
        DOCUMENT | {"count": 2, "units": ON_PAPER, "printed": slip(DOCUMENT, ON_PAPER)},
    ),
    "clerk_list": Sample(
        Text("danh sách việc chờ văn thư xử lý", "the matters that wait for the clerk"),
        OFFICE
        | {"person": "văn thư", "date": "06/10/2026"}
        | {
            "matters": [
                {
                    "text": 'Chưa rõ đơn vị: thư "Da nhan" từ sau.tdp5@thu.example.org',
                    "answers": ["1 Chi bộ Tổ dân phố 5", "1 bỏ qua"],
                },
                {
                    "text": "Chi bộ Tổ dân phố 9, 152-CV/ĐU: nhắc bằng điện thoại đ/c Võ Văn G, ĐT 0900.000.009",
                    "answers": [],
                },
            ]
        },
    ),
    "confirm_expired": Sample(
        Text("báo hết hạn xác nhận, văn bản chưa gửi", "nobody confirmed in time: the document was not sent"),
        RELEASED,
    ),
    "order_answer": Sample(
        Text("trả lời yêu cầu bằng thư, từng dòng", "the answer to orders by mail, line by line"),
        OFFICE
        | {
            "person": "Trần Thị B",
            "received_at": "08 giờ 10 ngày 06/10/2026",
            "original_subject": "NHẮC 152-CV/ĐU",
            "all_done": False,
            "undo_until": "08 giờ 20",
            "entries": ["số đến 414, ngày 06/10/2026"],
            "lines": [
                {
                    "order": "VÀO SỔ 12-CV/TU ngày 05/10/2026 của Thành ủy về việc báo cáo chuyển đổi số, hạn 20/10",
                    "result": "vào sổ 12-CV/TU (bản giấy), trình đ/c Đỗ Minh Phúc",
                    "done": True,
                    "rows": [],
                    "entry": 0,
                },
                {
                    "order": "NHẮC 152-CV/ĐU",
                    "result": "nhắc 05 đơn vị theo 152-CV/ĐU",
                    "done": True,
                    "rows": [],
                    "entry": None,
                },
                {
                    "order": "GIA HẠN Chi bộ Tổ dân phố 3",
                    "result": "chưa rõ gia hạn đến ngày nào; ví dụ: GIA HẠN Chi bộ Tổ dân phố 3 đến 20/10/2026",
                    "done": False,
                    "rows": [],
                    "entry": None,
                },
                {
                    "order": "TÌNH HÌNH 152-CV/ĐU",
                    "result": "tình hình 152-CV/ĐU:",
                    "done": True,
                    "entry": None,
                    "rows": ["Đã gửi 12 đơn vị; đã xác nhận nhận 7; đã thực hiện xong 5/12"],
                },
            ],
        },
    ),
    "order_not_understood": Sample(
        Text("ý kiến, yêu cầu chưa rõ, hỏi lại kèm câu trả lời", "an order that is asked back, with its answers"),
        OFFICE
        | {
            "person": "Đỗ Minh Phúc",
            "received_at": "08 giờ 10 ngày 06/10/2026",
            "original_subject": "Xin ý kiến: 263-CV/TU",
            "number": "263-CV/TU",
            "entries": ["số đến 414, ngày 06/10/2026"],
            "lines": [
                {
                    "order": "VÀO SỔ 12-CV/TU ngày 05/10/2026 của Thành ủy về việc báo cáo chuyển đổi số, hạn 20/10",
                    "result": "vào sổ 12-CV/TU (bản giấy), trình đ/c Đỗ Minh Phúc",
                    "done": True,
                    "rows": [],
                    "entry": 0,
                },
                {
                    "order": "chuyen d/c Binh, truoc thu 6",
                    "result": "có 02 đồng chí tên Bình; “thứ 6” hiểu là thứ Sáu, ngày 16/10/2026",
                    "done": False,
                    "rows": [],
                    "entry": None,
                },
            ],
            "answers": ["1 Nguyễn Thanh Bình", "1 Trần Hòa Bình", "1 bỏ"],
        },
    ),
    "extension_decided": Sample(
        Text("trả lời đơn vị xin gia hạn", "the answer to a unit that asks for more time"),
        OFFICE
        | {
            "unit": "Chi bộ Tổ dân phố 5",
            "number": "152-CV/ĐU",
            "granted": True,
            "until": "thứ Ba, ngày 20/10/2026",
        },
    ),
    "absence_decided": Sample(
        Text("trả lời đơn vị xin vắng, cử người dự thay", "the chair's word on an absence or a delegate"),
        OFFICE
        | {
            "unit": "Chi bộ Tổ dân phố 5",
            "meeting_title": MEETING["title"],
            "start": MEETING["start"],
            "delegate": "Lê Văn Sáu, Phó Bí thư",
            "delegated": True,
            "granted": True,
        },
    ),
    "same_number": Sample(
        Text("hỏi người gửi về tệp khác cùng số", "the same number came with another file: what is to be done?"),
        DOCUMENT
        | {
            "person": "Trần Thị B",
            "received_at": "08 giờ 10, thứ Tư, ngày 07/10/2026",
            "out": True,
            "counts": "đã gửi 40/40; đã xác nhận nhận 12/40; đã báo cáo 1/40",
            "changes": [
                {
                    "name": "Tệp",
                    "old": "152-CV-DU.pdf (812 KB)",
                    "new": "152-CV-DU.pdf (840 KB); Phụ lục 1.xlsx (42 KB)",
                },
                {"name": "Thời hạn", "old": "trước ngày 16/10/2026", "new": "trước ngày 18/10/2026"},
            ],
            "used": ["Chi bộ Tổ dân phố 5 (đã báo cáo 07/10, đã xác nhận nhận 06/10)"],
        },
    ),
    "replacement_file": Sample(
        Text("gửi lại tệp đúng, tệp đã gửi không dùng", "the right file in place of the one that was sent"),
        DOCUMENT | {"unit": "Chi bộ Tổ dân phố 5", "first_sent_at": "06/10/2026", "words": "thiếu Phụ lục 2"},
    ),
    "correction": Sample(
        Text("đính chính văn bản đã gửi", "what is wrong in a paper that was sent, and what is right"),
        DOCUMENT
        | {"unit": "Chi bộ Tổ dân phố 5", "first_sent_at": "06/10/2026"}
        | {"words": "hạn báo cáo là ngày 18/10/2026, không phải ngày 16/10/2026"},
    ),
    "recall": Sample(
        Text("thu hồi văn bản đã gửi", "a paper is withdrawn: nobody acts on it any more"),
        DOCUMENT
        | {"unit": "Chi bộ Tổ dân phố 5", "first_sent_at": "06/10/2026", "words": "ban hành chưa đúng thẩm quyền"},
    ),
    "attendance": Sample(
        Text("báo tình hình dự họp cho người mời", "who comes to a meeting, to who invited"),
        OFFICE | ATTENDANCE,
    ),
    "admin_notice": Sample(
        Text("báo việc kỹ thuật cho quản trị", "technical matters, to the admin"),
        OFFICE
        | {"subject_line": "02 việc kỹ thuật"}
        | {"body": "1. Không đăng nhập được hộp thư van-phong\n2. Cấu hình mới có lỗi, chưa áp dụng"},
    ),
    "secrecy_notice": Sample(
        Text("báo thư có dấu hiệu bí mật nhà nước", "a mail with a state-secret mark"),
        OFFICE
        | {
            "mailbox": "vanphong@anhoa.example.vn",
            "sender_address": "vanthu@coquan.example.vn",
            "received_at": "08 giờ 10, thứ Ba, ngày 06/10/2026",
            "quarantine": "Cách ly",
        },
    ),
}
# A letter of the office's own is sent by a rule (`send: {template: …}`), so that it has what a directive has.
OF_A_RULE = "directive_from_superior"


def sample(template: str) -> Sample:
    """Return the sample of a mail; a letter of the office's own has the values that a rule gives."""
    found = SAMPLES.get(template)
    if found is not None:
        return found
    about = Text("mẫu riêng của cơ quan, do quy tắc gọi", "the office's own, named by a rule")
    return Sample(about, {**SAMPLES[OF_A_RULE].values, "meeting": MEETING})


def cases(template: str) -> Iterator[tuple[str, Values]]:
    """Yield each case that a mail must read well in, by name: full, bare (without all that may be missing), one, …"""
    values = dict(sample(template).values)
    bare = {key: value for key, value in values.items() if key not in ABSENT}
    yield "full", values
    yield "bare", _without(bare)
    yield "one", _times(values, 1)
    yield "many", _times(values, MANY)
    yield "long", _lengthened(values)
    for switch in [key for key, value in values.items() if isinstance(value, bool)]:
        yield f"{switch}={'no' if values[switch] else 'yes'}", values | {switch: not values[switch]}
    if "ask" in values:
        yield from ((f"ask={ask}", values | {"ask": ask}) for ask in ("none", "acknowledgement", "report", "rsvp"))


def _without(value: Any, key: str = "") -> Any:
    """Empty what may be empty, at every depth."""
    if key in EMPTY and value is not None:
        # A meeting is there whole or not at all.
        return None if isinstance(value, dict) else type(value)()
    if isinstance(value, dict):
        return {name: _without(inner, name) for name, inner in value.items()}
    return [_without(item) for item in value] if isinstance(value, list) else value


def _times(value: Any, count: int) -> Any:
    """Give each list that many items."""
    if isinstance(value, dict):
        # The few answers to one matter do not grow with the matters.
        return {name: inner if name == "answers" else _times(inner, count) for name, inner in value.items()}
    if isinstance(value, list) and value:
        return [_times(value[at % len(value)], count) for at in range(count)]
    return value


def _lengthened(value: Any) -> Any:
    """Put the longest names that offices have in the places of short ones."""
    if isinstance(value, dict):
        longer = {name: LONG.get(name, inner) for name, inner in value.items()}
        return {name: inner if name in LONG else _lengthened(inner) for name, inner in longer.items()}
    return [_lengthened(item) for item in value] if isinstance(value, list) else value
