"""The invented office, document, meeting and people of which the samples of our mails are made."""

from __future__ import annotations

from typing import Any

Values = dict[str, Any]

# Names as long as they really get, and a file name that no line break helps.
LONG: Values = {
    "unit": "Chi bộ Trung tâm Giáo dục nghề nghiệp - Giáo dục thường xuyên và Hướng nghiệp phường An Hòa",
    "name": "Chi bộ Trung tâm Giáo dục nghề nghiệp - Giáo dục thường xuyên và Hướng nghiệp phường An Hòa",
    "summary": "việc tăng cường công tác lãnh đạo, chỉ đạo thực hiện đợt sinh hoạt chính trị, kiểm điểm, đánh giá, "
    "xếp loại chất lượng tổ chức đảng, đảng viên và tập thể, cá nhân cán bộ lãnh đạo, quản lý các cấp năm 2026",
    "issuer": "Ban Chỉ đạo phòng, chống tham nhũng, lãng phí, tiêu cực thành phố Hưng Hải",
    "attachments": ["Phu_luc_02_Bieu_mau_bao_cao_ket_qua_sinh_hoat_chuyen_de_quy_III_nam_2026_ban_chinh.signed.pdf"],
    "meeting_title": "Hội nghị sơ kết công tác xây dựng Đảng và hệ thống chính trị chín tháng đầu năm, triển khai "
    "nhiệm vụ trọng tâm quý IV năm 2026",
}

OFFICE: Values = {
    "office": "Đảng ủy phường An Hòa",
    "office_room": "Văn phòng Đảng ủy phường An Hòa",
    "contact": "đ/c Trần Thị B, văn thư - ĐT 0236.000.0101",
    "spelling": "ủy",
}
MEETING: Values = {
    "short": "giao ban tháng 10",
    "title": "Hội nghị giao ban tháng 10 năm 2026",
    "start": "08 giờ 00, thứ Sáu, ngày 16/10/2026",
    "start_short": "08 giờ 00 thứ Sáu 16/10",
    "end": "11 giờ 00, thứ Sáu, ngày 16/10/2026",
    "place": "Hội trường tầng 2, trụ sở Đảng ủy phường",
    "chair": "đồng chí Đỗ Minh Phúc, Bí thư Đảng ủy",
    "participants": "Bí thư các chi bộ trực thuộc",
    "online_url": "https://hop.example.vn/giao-ban-10",
    "rsvp_text": "trước 16 giờ 00 ngày 14/10/2026",
    "quota": "02 đồng chí",
    "needs_permission": True,
}
DOCUMENT: Values = OFFICE | {
    "number": "152-CV/ĐU",
    "document": "Công văn số 152-CV/ĐU, ngày 05/10/2026",
    "issuer": "Ban Thường vụ Đảng ủy phường",
    "summary": "báo cáo kết quả sinh hoạt chuyên đề quý III năm 2026",
    "summary_short": "báo cáo sinh hoạt chuyên đề quý III",
    "urgency": "khẩn",
    "urgency_tag": "[KHẨN] ",
    "issued_on": "05/10/2026",
    "signer": "Đỗ Minh Phúc",
    "attachments": ["152-CV-DU.signed.pdf", "Phụ lục 1.xlsx"],
    "file_sizes": [812_000, 42_500],
    "replaces": "Công văn số 148-CV/ĐU, ngày 01/10/2026",
    "meeting": None,
    "due_text": "trước ngày 16/10/2026",
    "due_text_original": "trước ngày 20/10/2026",
    "due_last": "thứ Năm, ngày 15/10/2026",
    "circulation": "lưu hành nội bộ",
    "first_line": "Thực hiện Kế hoạch số 12-KH/ĐU, đề nghị các chi bộ",
}
# What is known only of an incoming document that a leader has seen; a template asks `is defined` first.
INSTRUCTED: Values = {
    "arrival_number": 413,
    "arrival_date": "06/10/2026",
    "instruction": "Chuyển các chi bộ thực hiện; Ban XDĐ tổng hợp, trình trước ngày 20/10.",
    "instructed_by": "Trần Quốc Hưng",
}
TO_UNIT: Values = (
    DOCUMENT
    | INSTRUCTED
    | {
        "unit": "Chi bộ Tổ dân phố 5",
        "unit_short": "Chi bộ",
        "ask": "report",
        "purpose": "triển khai thực hiện",
        "to_person": False,
    }
)
ASSIGNED: Values = {
    "unit": "Nguyễn Thanh Bình",
    "leader_title": "Chánh Văn phòng",
    "instructed_on": "06/10/2026",
    "lead": "đ/c Nguyễn Thanh Bình",
    "cooperating": "đ/c Lê Thị Lan",
}
INVITED: Values = TO_UNIT | {
    "number": "45-GM/VPĐU",
    "document": "Giấy mời số 45-GM/VPĐU, ngày 08/10/2026",
    "summary": "dự giao ban tháng 10 năm 2026",
    "summary_short": "dự giao ban tháng 10",
    "meeting": MEETING,
    "ask": "rsvp",
}
REMINDED: Values = TO_UNIT | {"as_of": "08 giờ 00 ngày 13/10/2026", "expected": "báo cáo", "officer": False}
RELEASED: Values = DOCUMENT | {
    "sender": "đồng chí Trần Thị B",
    "unit_count": 40,
    "mail_count": 38,
    "paper_count": 2,
    "excluded": ["Chi bộ Quân sự", "Chi bộ Công an"],
    "unknown_lines": ["Hội Cựu chiến binh xã Xa Lạ"],
    "withheld": ["Chi bộ Chợ An Hòa giao bản giấy thay cho choanhoa@gmail.com"],
}
OLD_MEETING: Values = {
    "old_invitation": "Giấy mời số 45-GM/VPĐU, ngày 08/10/2026",
    "old_start": "08 giờ 00, thứ Sáu, ngày 16/10/2026",
    "old_place": "Hội trường tầng 2, trụ sở Đảng ủy phường",
    "meeting_title": "Hội nghị giao ban tháng 10 năm 2026",
    "meeting_short": "giao ban tháng 10",
}
ATTENDANCE: Values = {
    "person": "Trần Thị B",
    "document": INVITED["document"],
    "meeting_title": MEETING["title"],
    "meeting_short": MEETING["short"],
    "start": MEETING["start"],
    "start_short": MEETING["start_short"],
    "place": MEETING["place"],
    "as_of": "16 giờ 00 ngày 14/10/2026",
    "counts_text": "dự 31/40 (đến muộn 01); vắng có phép 01; chờ ý kiến 02; chưa trả lời 06",
    "coming": 31,
    "people": 33,
    "total": 40,
    "sections": [
        {
            "title": "Dự họp",
            "lines": [
                {"name": "Chi bộ Tổ dân phố 5", "note": "Nguyễn Văn A, Bí thư", "contact": ""},
                {"name": "Chi bộ Trạm Y tế", "note": "02 đồng chí", "contact": ""},
            ],
        },
        {
            "title": "Chờ ý kiến đồng chí chủ trì",
            "lines": [
                {
                    "name": "Chi bộ Tổ dân phố 7",
                    "note": "“Xin vắng, lý do: đi công tác”",
                    "contact": "đ/c Phạm Văn C, ĐT 0900.000.007",
                }
            ],
        },
    ],
    "attachments": ["tinh-hinh-du-hop-45-GM-VPDU.xlsx"],
}
STATUS: Values = {key: DOCUMENT[key] for key in ("number", "document", "summary", "due_text")} | {
    "person": "Trần Thị B",
    "as_of": "08 giờ 00 ngày 15/10/2026",
    "as_of_short": "08 giờ 00 ngày 15/10",
    "total": 40,
    "sent": 40,
    "acknowledged": 37,
    "asked": 40,
    "reported": 35,
    "report_notes": "sau thời hạn 02; miễn báo cáo 01",
    "mended": "Đã nhận bản đúng: 3/5",
    "sections": [
        {
            "title": "Chưa báo cáo",
            "count": 31,
            "lines": [
                {
                    "name": "Chi bộ Tổ dân phố 7",
                    "note": "đã nhận 06/10; nhắc 14/10",
                    "contact": "đ/c Phạm Văn C, ĐT 0900.000.007",
                },
                {
                    "name": "Chi bộ Trạm Y tế",
                    "note": "chưa xác nhận nhận; nhắc 08/10, 14/10",
                    "contact": "đ/c Lê Thị D, ĐT 0900.000.012",
                },
            ],
            "more": 29,
        },
        {
            "title": "Xin gia hạn",
            "count": 1,
            "lines": [
                {
                    "name": "Chi bộ Trường THCS Hoa Sen",
                    "note": "xin đến 20/10/2026, chưa có ý kiến",
                    "contact": "",
                }
            ],
            "more": 0,
        },
        {
            "title": "Giao bản giấy",
            "count": 1,
            "lines": [{"name": "Chi bộ Tổ dân phố 11", "note": "đã nhận 06/10", "contact": ""}],
            "more": 0,
        },
    ],
    "attachments": ["tinh-hinh-152-CV-DU.xlsx"],
    "orders": [
        {"words": "NHẮC 152-CV/ĐU", "explained": "nhắc 05 đơn vị chưa thực hiện xong"},
        {"words": "GIA HẠN 152-CV/ĐU Chi bộ Trường THCS Hoa Sen đến 20/10/2026", "explained": ""},
        {"words": "GHI NHẬN 152-CV/ĐU Chi bộ Tổ dân phố 9 đã nhận qua điện thoại", "explained": ""},
    ],
}
WEEKLY: Values = {
    "person": "Hoàng Văn Nam",
    "date": "16/10/2026",
    "late_count": 4,
    "units": [
        {"name": "Chi bộ Tổ dân phố 7", "note": "02 việc: 152-CV/ĐU (hạn 15/10); 147-CV/ĐU (hạn 09/10)"},
        {"name": "Chi bộ Trạm Y tế", "note": "01 việc: 152-CV/ĐU (hạn 15/10)"},
    ],
    "more": 3,
    "groups": [
        {"name": "Các chi bộ trực thuộc", "note": "02/40 đơn vị quá hạn; hạn trong tuần: xong 38/40 (95%)"},
    ],
    "officers": [{"name": "Nguyễn Thanh Bình", "note": "01 việc: 263-CV/TU (hạn 14/10)"}],
    "meetings": [
        "thứ Hai, ngày 19/10/2026, 08 giờ 00: giao ban tháng 10 (45-GM/VPĐU); Phòng họp số 1; chủ trì: Bí thư Đảng ủy",
        "thứ Tư, ngày 21/10/2026, 14 giờ 00: sơ kết quý III (71-GM/TU); Hội trường Thành ủy; chưa phân công",
    ],
}
