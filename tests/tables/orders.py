"""The orders of the office's own staff, with and without accents, and sentences that only begin like one."""

# A line, the verb, the arguments.
ORDERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("TRA CỨU 08-ĐA/QU", "lookup", ("08-ĐA/QU",)),
    ("tra cuu phòng cháy chữa cháy", "lookup", ("phòng cháy chữa cháy",)),
    ("TÌNH HÌNH 152-CV/ĐU", "status", ("152-CV/ĐU",)),
    ("tinh hinh 1234-cv/qu", "status", ("1234-CV/QU",)),
    ("NHẮC 152-CV/ĐU Chi bộ 5", "remind", ("152-CV/ĐU", "Chi bộ 5")),
    ("DỪNG NHẮC 152-CV/ĐU, Chi bộ 5", "stop", ("152-CV/ĐU", "Chi bộ 5")),
    ("THU HỒI Công văn số 152-CV/ĐU", "recall", ("152-CV/ĐU",)),
    ("THAY TỆP: Công văn số 152-CV/ĐU", "replace_file", ("152-CV/ĐU",)),
    ("ĐÍNH CHÍNH 152-CV/ĐU", "correct", ("152-CV/ĐU",)),
    ("GỬI LẠI 152-CV/ĐU cho Chi bộ 7", "resend", ("152-CV/ĐU", "Chi bộ 7")),
    ("PHÁT HÀNH 160-CV/ĐU", "publish", ("160-CV/ĐU",)),
    ("PHÂN CÔNG 161-CV/ĐU đ/c Bình, trước 20/12", "assign", ("161-CV/ĐU", "đ/c Bình, trước 20/12")),
    ("gia han 152-cv/đu den 20/12/2019", "extend", ("152-CV/ĐU", "den 20/12/2019")),
    (
        "VÀO SỔ Công văn 88-CV/BTGQU ngày 02/12/2019, nhận bản giấy",
        "register",
        ("88-CV/BTGQU", "ngày 02/12/2019, nhận bản giấy"),
    ),
    (
        "GHI NHẬN Chi bộ 9 đã nhận 152-CV/ĐU bằng bản giấy",
        "note",
        ("152-CV/ĐU", "Chi bộ 9 đã nhận", "bằng bản giấy"),
    ),
    ("GHI NHẬN Tổ dân phố 9 đã nhận qua điện thoại", "note", ("Tổ dân phố 9 đã nhận qua điện thoại",)),
    ("tong hop 152-CV/ĐU", "collect", ("152-CV/ĐU",)),
    ("THỐNG KÊ quý IV/2019", "statistics", ("quý IV/2019",)),
    ("BÁO CÁO 02/2026", "report", ("02/2026",)),
    ("Lịch sử 152-CV/ĐU", "history", ("152-CV/ĐU",)),
    ("KẾT THÚC 140-CV/ĐU", "close", ("140-CV/ĐU",)),
    ("huy lenh", "undo", ()),
    ("Trợ giúp", "help", ()),
    ("Đồng ý", "approve", ()),
    ("KHÔNG GỬI", "reject", ()),
    ("không đồng ý", "reject", ()),
    ("SỬA 152-CV/ĐU hạn 20/12/2019", "amend", ("152-CV/ĐU", "hạn 20/12/2019")),
)

NO_ORDERS: tuple[str, ...] = (
    "Báo cáo kết quả thực hiện nghị quyết",
    "Tình hình tư tưởng đảng viên",
    "Thu hồi đất phục vụ dự án",
    "Tổng hợp ý kiến cử tri",
    "Nhắc các đồng chí đi họp đúng giờ",
    "Sửa chữa trụ sở",
    "Kết thúc nhiệm kỳ",
)
