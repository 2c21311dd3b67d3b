"""Stamps of secrecy and urgency, and the many words that only look like them."""

# A line of a paper, the level, whether it is definite.
STAMPS: tuple[tuple[str, str, bool], ...] = (
    ("MẬT", "confidential", True),
    ("TỐI MẬT", "secret", True),
    ("TUYỆT MẬT", "top_secret", True),
    ("ĐỘ TỐI MẬT", "secret", True),
    ("TÀI LIỆU TỐI MẬT", "secret", True),
    ("Tối mật", "secret", True),
    ("Độ mật: Mật", "confidential", True),
    ("Độ mật: Tuyệt mật", "top_secret", True),
    ("Độ mật: Mật\nĐộ khẩn: Thường", "confidential", True),
    ("M Ậ T", "confidential", True),
    ("Độ mật: Mật        Độ khẩn: Khẩn", "confidential", True),
    ("T Ố I   M Ậ T", "secret", True),
    ("QUẬN ỦY            MẬT", "confidential", True),
    ("Mật", "suspected", False),
    ("DO MAT: MAT", "suspected", False),
)

# A subject or file name, the level, whether it is definite.
TAGS: tuple[tuple[str, str, bool], ...] = (
    ("[MẬT] Kế hoạch", "confidential", True),
    ("Kế hoạch (MẬT)", "confidential", True),
    ("MẬT", "confidential", True),
    ("Tối mật - kế hoạch", "secret", True),
    ("Gửi văn bản mật", "confidential", True),
    ("Tài liệu mật số 12", "confidential", True),
    ("Sổ đăng ký bí mật nhà nước", "confidential", True),
    ("[toi mat] Ke hoach", "suspected", False),
)

NOT_SECRET: tuple[str, ...] = (
    "Luật Bảo vệ bí mật nhà nước",
    "tuyên truyền công tác bảo vệ bí mật nhà nước",
    "Quyết định ban hành danh mục bí mật nhà nước độ Mật",
    "BÍ MẬT NHÀ NƯỚC",
    "bảo mật thông tin",
    "mật độ dân cư",
    "MẬT KHẨU",
    "M Ậ T  K H Ẩ U",
    "M A T",
    "Độ mật độ khẩn",
    "mật thiết",
    "cơ mật",
    "mật ong",
    "mật vụ",
    "độ mật của văn bản",
    "hop mat tran",
    "MAT",
    "Họp mặt",
    "mất giấy tờ",
    "lưu hành nội bộ",
)

# A line of a paper's head, the urgency.
URGENT_STAMPS: tuple[tuple[str, str], ...] = (
    ("KHẨN", "urgent"),
    ("(KHẨN)", "urgent"),
    ("THƯỢNG KHẨN", "very_urgent"),
    ("HỎA TỐC", "express"),
    ("HOẢ TỐC", "express"),
    ("Độ khẩn: Hỏa tốc", "express"),
    ("HỎA TỐC HẸN GIỜ", "express_timed"),
    ("Hoả tốc hẹn giờ: 14 giờ 00 ngày 20/12", "express_timed"),
    ("KHẨN TRƯƠNG", "normal"),
    ("KHẨN CẤP", "normal"),
    ("Số điện thoại khẩn", "normal"),
)

# A subject, the urgency.
URGENT_SUBJECTS: tuple[tuple[str, str], ...] = (
    ("[HỎA TỐC] GM số 45-GM/VPQU", "express"),
    ("[hoa toc] cong van", "express"),
    ("CV 12 (hoả tốc)", "express"),
    ("Hỏa tốc - Giấy mời họp", "express"),
    ("CV hỏa tốc", "express"),
    ("Cực khẩn: báo cáo", "express"),
    ("[Rất khẩn] CV 12", "very_urgent"),
    ("[Khẩn] CV 12", "urgent"),
    ("KHẨN!", "urgent"),
    ("Gấp: nộp báo cáo", "urgent"),
    ("KHẨN - CV 12-CV/QU", "urgent"),
    ("Khẩn trương báo cáo", "normal"),
    ("[Khẩn trương] báo cáo", "normal"),
    ("Phòng chống dịch khẩn cấp", "normal"),
    ("Số điện thoại khẩn", "normal"),
    ("Gặp mặt đầu năm", "normal"),
)
