"""Invitations: every wording of time, place, people and change, and what it means.

The invitation was written and received on Thursday 19/12/2019.
"""

# Wording, start, end, review codes.
TIMES: tuple[tuple[str, str | None, str | None, tuple[str, ...]], ...] = (
    ("Thời gian: 08 giờ 00, ngày 20/12/2019 (thứ Sáu)", "2019-12-20T08:00:00+07:00", None, ()),
    ("vào lúc 14h30' ngày 05-3-2020", "2020-03-05T14:30:00+07:00", None, ()),
    ("bắt đầu từ 7g30, sáng thứ Hai (ngày 16.3)", "2020-03-16T07:30:00+07:00", None, ("year_inferred",)),
    (
        "Thời gian: từ 08 giờ 00 đến 11 giờ 30, ngày 23-12-2019",
        "2019-12-23T08:00:00+07:00",
        "2019-12-23T11:30:00+07:00",
        (),
    ),
    (
        "2. Thời gian:  ½ ngày, từ 7h30 -9h00, Thứ ba, ngày 06/02/2018.",
        "2018-02-06T07:30:00+07:00",
        "2018-02-06T09:00:00+07:00",
        (),
    ),
    (
        "- Thời gian: 03 ngày, bắt đầu từ 08h00’ ngày 06 tháng 12 năm 2023 (Thứ Tư).",
        "2023-12-06T08:00:00+07:00",
        "2023-12-08",
        (),
    ),
    (
        "1. Thời gian: ½ ngày, ngày 18/6/2020 (Thứ Năm).\n- Từ 7h30’ đến 7h40’: A\n- Từ 8h30’ đến 12h00’: Đại hội.",
        "2020-06-18T07:30:00+07:00",
        "2020-06-18T12:00:00+07:00",
        (),
    ),
    ("Thời gian: 8h30 thứ ba ngày 15 tháng 9 năm 2020", "2020-09-15T08:30:00+07:00", None, ()),
    ("Thời gian: 16h30 ngày 31/3/2014", "2014-03-31T16:30:00+07:00", None, ()),
    ("Vào lúc 14h00 hôm nay (19/12)", "2019-12-19T14:00:00+07:00", None, ("year_inferred",)),
    ("Vào lúc 14h00 hôm nay", "2019-12-19T14:00:00+07:00", None, ("date_inferred",)),
    ("họp gấp lúc 14h chiều nay", "2019-12-19T14:00:00+07:00", None, ("date_inferred",)),
    ("8 giờ sáng mai", "2019-12-20T08:00:00+07:00", None, ("date_inferred",)),
    ("Trong 2 ngày 27-28/3", "2020-03-27", "2020-03-28", ()),
    ("Thời gian: Chiều ngày 25/12", "2019-12-25T13:30:00+07:00", None, ("year_inferred", "time_inferred")),
    ("họp chi ủy chiều thứ Hai tuần tới (23/12/2019)", "2019-12-23T13:30:00+07:00", None, ("time_inferred",)),
    ("họp sáng thứ Hai tuần tới", "2019-12-23T07:30:00+07:00", None, ("date_inferred", "time_inferred")),
    ("Thời gian: Sáng 30/6/2020", "2020-06-30T07:30:00+07:00", None, ("time_inferred",)),
    ("họp cuối giờ chiều ngày 20/12/2019", "2019-12-20T16:00:00+07:00", None, ("time_inferred",)),
    ("họp cả ngày 20/12/2019", "2019-12-20", None, ()),
    ("Đúng 14 giờ, thứ 6, ngày 20/12", "2019-12-20T14:00:00+07:00", None, ("year_inferred",)),
    (
        "lúc 13 giờ 30 phút, ngày 25 tháng 12 năm 2019 (nhằm ngày 30/11 âm lịch)",
        "2019-12-25T13:30:00+07:00",
        None,
        (),
    ),
    (
        "Thời gian: 01 buổi, bắt đầu lúc 07 giờ 30 (đại biểu có mặt trước 15 phút), ngày 20/12/2019",
        "2019-12-20T07:30:00+07:00",
        None,
        (),
    ),
    (
        "Thời gian: 1,5 ngày, khai mạc lúc 8 giờ 00 ngày 26/12, bế mạc 11 giờ 30 ngày 27/12/2019",
        "2019-12-26T08:00:00+07:00",
        "2019-12-27T11:30:00+07:00",
        (),
    ),
    ("Thời gian: Ngay sau khi kết thúc Hội nghị (khoảng 10 giờ)", None, None, ("time_inferred",)),
    ("Thời gian: khoảng 10 giờ ngày 20/12/2019", "2019-12-20T10:00:00+07:00", None, ("time_inferred",)),
    ("Thời gian và địa điểm: 14 giờ 00, ngày 30-12-2019, tại Hội trường tầng 2", "2019-12-30T14:00:00+07:00", None, ()),
    ("2 giờ chiều ngày 20/12/2019", "2019-12-20T14:00:00+07:00", None, ()),
    ("7 giờ rưỡi ngày 20/12/2019", "2019-12-20T07:30:00+07:00", None, ()),
    ("họp lúc 08:00 ngày 20/12/2019", "2019-12-20T08:00:00+07:00", None, ()),
    ("Thời gian: 8.00 ngày 20/12/2019", "2019-12-20T08:00:00+07:00", None, ()),
    ("lúc 8.00 ngày 20/12/2019", "2019-12-20T08:00:00+07:00", None, ()),
    ("8h00 ngày 03/01", "2020-01-03T08:00:00+07:00", None, ("year_inferred",)),
    ("sáng thứ Hai tuần sau, 08h00", "2019-12-23T08:00:00+07:00", None, ("date_inferred",)),
    ("8h00, thứ Hai, ngày 20/12/2019", "2019-12-20T08:00:00+07:00", None, ("weekday_conflict",)),
    ("8h00, thứ Hai, ngày 20/12", "2019-12-20T08:00:00+07:00", None, ("year_inferred", "weekday_conflict")),
    ("Thời gian: 15h30 ngày 24/12/2019 (thay cho 14h00 như đã thông báo)", "2019-12-24T15:30:00+07:00", None, ()),
    (
        "An Hòa, ngày 19 tháng 12 năm 2019\nMời dự họp lúc 2 giờ chiều thứ Ba (24/12/2019)",
        "2019-12-24T14:00:00+07:00",
        None,
        (),
    ),
    ("Thời gian: sẽ thông báo sau", None, None, ()),
    # Other papers' days, limits and the names of events are no meeting.
    (
        "dự Lễ trao Huy hiệu Đảng đợt 03/02, tổ chức vào buổi sáng ngày 24/12/2019",
        "2019-12-24T07:30:00+07:00",
        None,
        ("time_inferred",),
    ),
    (
        "Thực hiện Công văn số 12-CV/TU, ngày 05/12/2019, kính mời dự họp lúc 8h00 ngày 24/12/2019",
        "2019-12-24T08:00:00+07:00",
        None,
        (),
    ),
    (
        "Đăng ký trước ngày 20/12/2019. Hội nghị diễn ra lúc 14h00 ngày 24/12/2019",
        "2019-12-24T14:00:00+07:00",
        None,
        (),
    ),
)

# Wording, place.
PLACES: tuple[tuple[str, str | None], ...] = (
    (
        "Địa điểm: Hội trường lớn, số 162 Trần Quang Khải, Hoàn Kiếm, Hà Nội.",
        "Hội trường lớn, số 162 Trần Quang Khải, Hoàn Kiếm, Hà Nội",
    ),
    (
        "Thời gian và địa điểm: 14 giờ 00, ngày 30-12-2019, tại Hội trường tầng 2, Quận ủy (503 Trần Cao Vân)",
        "Hội trường tầng 2, Quận ủy (503 Trần Cao Vân)",
    ),
    ("14h ngày 20/12 tại Phòng họp số 1", "Phòng họp số 1"),
    ("Vào lúc: 17 giờ 00, ngày 20/12/2019.\nTại: Hội trường Quận ủy.", "Hội trường Quận ủy"),
    (
        "Địa điểm: điểm cầu chính tại Hội trường Thành ủy; điểm cầu tại các quận",
        "điểm cầu chính tại Hội trường Thành ủy; điểm cầu tại các quận",
    ),
    ("đổi địa điểm họp từ Phòng họp số 1 sang Hội trường tầng 2", "Hội trường tầng 2"),
    ("cuộc họp chuyển từ Hội trường sang Phòng họp số 3, thời gian không thay đổi", "Phòng họp số 3"),
    ("họp trực tuyến qua Zoom: ID 812 3456 7890, mật khẩu: 123456", None),
)

# Wording, link.
LINKS: tuple[tuple[str, str | None], ...] = (
    ("Đường link: https://meet.example.vn/abc-defg", "https://meet.example.vn/abc-defg"),
    ("họp trực tuyến qua Zoom tại https://zoom.example.vn/j/81234567890.", "https://zoom.example.vn/j/81234567890"),
    ("họp trực tuyến qua Zoom: ID 812 3456 7890, mật khẩu: 123456", None),
    ("Tài liệu tại https://tailieu.example.vn/hop", None),
)

# Wording, chair.
CHAIRS: tuple[tuple[str, str | None], ...] = (
    (
        "Chủ trì: Đồng chí Trần Văn B – Ủy viên BTV Thành ủy, Bí thư Quận ủy",
        "Đồng chí Trần Văn B - Ủy viên BTV Thành ủy, Bí thư Quận ủy",
    ),
    ("Hội nghị do đồng chí Trần Văn B, Bí thư Quận ủy chủ trì và kết luận", "Trần Văn B, Bí thư Quận ủy"),
)

# Wording, those invited.
PARTICIPANTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Thành phần:\n- Các đ/c Ủy viên BTV;\n- Bí thư Đảng ủy phường;\n- Toàn thể đảng viên các Chi bộ trực thuộc.",
        ("Các đ/c Ủy viên BTV", "Bí thư Đảng ủy phường", "Toàn thể đảng viên các Chi bộ trực thuộc"),
    ),
    ("Trân trọng kính mời các đồng chí Quận ủy viên dự Hội nghị", ("các đồng chí Quận ủy viên",)),
    ("Thường trực triệu tập các đồng chí Đảng ủy viên dự Hội nghị", ("các đồng chí Đảng ủy viên",)),
    (
        "Kính mời các đồng chí:\n- Bí thư Đảng ủy các phường;\n- Trưởng các ban Đảng.\nĐến dự họp giao ban.",
        ("Bí thư Đảng ủy các phường", "Trưởng các ban Đảng"),
    ),
)

# Wording, the last moment to answer.
ANSWERS_BY: tuple[tuple[str, str], ...] = (
    (
        "Xác nhận dự họp qua thư điện tử hoặc điện thoại 0236.3123456 (đ/c B) trước 16 giờ 00 ngày 24/12",
        "2019-12-24T16:00:00+07:00",
    ),
    ("Đăng ký danh sách đại biểu dự họp chậm nhất ngày 24/12/2019", "2019-12-24"),
    (
        "Nếu vắng phải báo về Văn phòng (đ/c Hoa, ĐT 0236.3555111) trước 10g00 ngày 24/12/2019",
        "2019-12-24T10:00:00+07:00",
    ),
)

# Wording, what it does to the meeting, the earlier invitation.
CHANGES: tuple[tuple[str, str, str | None], ...] = (
    ("Kính mời các đồng chí dự họp giao ban.", "new", None),
    ("Phát huy kết quả hội nghị trước, kính mời dự họp", "new", None),
    ("hoãn cuộc họp giao ban", "postponed", None),
    ("tạm hoãn hội nghị, thời gian tổ chức sẽ thông báo sau", "postponed", None),
    ("lùi thời gian họp, thời gian cụ thể sẽ thông báo sau", "postponed", None),
    ("lùi thời gian họp từ ngày 20/12 sang ngày 23/12/2019", "update", None),
    ("dời thời gian họp từ 8h00 ngày 20/12 sang 14h00 ngày 21/12/2019", "update", None),
    ("Hoãn cuộc họp lúc 8h00 ngày 20/12, chuyển sang 8h00 ngày 24/12/2019", "update", None),
    ("đổi địa điểm họp từ Phòng họp số 1 sang Hội trường tầng 2", "update", None),
    ("Thông báo về việc thay đổi thời gian tổ chức kỳ họp", "update", None),
    ("cuộc họp ngày 20/12 lùi từ 14h00 xuống 15h30 cùng ngày", "update", None),
    ("cuộc họp chiều nay chuyển sang Phòng họp số 3", "update", None),
    ("hủy cuộc họp chiều 20/12", "cancelled", None),
    ("chiều nay không họp giao ban như giấy mời", "cancelled", None),
    ("thu hồi Giấy mời số 45-GM/VPQU", "cancelled", "45-GM/VPQU"),
    ("nội dung không hợp lệ, đề nghị dự họp đúng giờ", "new", None),
    ("tạm dừng tổ chức Hội nghị, thời gian sẽ thông báo sau", "postponed", None),
    ("không tổ chức hội nghị ngày 20/12", "cancelled", None),
    ("Giấy mời này thay thế Giấy mời số 45-GM/VPQU ngày 10/12/2019", "update", "45-GM/VPQU"),
    ("Giấy mời này thay (thay thế) Giấy mời số 45-GM/VPQU", "update", "45-GM/VPQU"),
    ("thay thư mời trước", "update", None),
    ("bổ sung thành phần dự họp", "update", None),
    ("đính chính Giấy mời số 45-GM/VPQU", "update", "45-GM/VPQU"),
    ("cuộc họp chuyển sang hình thức họp trực tuyến", "update", None),
)

# What the second value of a move is.
MOVED: tuple[tuple[str, str], ...] = (
    ("lùi thời gian họp từ ngày 20/12 sang ngày 23/12/2019", "2019-12-23"),
    ("dời thời gian họp từ 8h00 ngày 20/12 sang 14h00 ngày 21/12/2019", "2019-12-21T14:00:00+07:00"),
    ("Hoãn cuộc họp lúc 8h00 ngày 20/12, chuyển sang 8h00 ngày 24/12/2019", "2019-12-24T08:00:00+07:00"),
    ("chuyển cuộc họp sang 14 giờ 00 ngày 24/12/2019", "2019-12-24T14:00:00+07:00"),
    ("cuộc họp ngày 24/12/2019 lùi từ 14h00 xuống 15h30 cùng ngày", "2019-12-24T15:30:00+07:00"),
)

DELEGATIONS: tuple[tuple[str, str], ...] = (
    ("Đề nghị dự họp đúng thành phần, không cử người dự thay.", "not_allowed"),
    ("không mời cấp phó đi thay", "not_allowed"),
    ("đề nghị không ủy quyền cho người khác", "not_allowed"),
    ("Trường hợp vắng mặt phải báo cáo và được sự đồng ý của đồng chí Bí thư.", "needs_permission"),
    ("trường hợp vắng mặt phải báo cáo đồng chí Bí thư (xin phép) trước 16h00 ngày 19/12", "needs_permission"),
    ("Đồng chí nào vắng phải có lý do và được Thường trực Quận ủy đồng ý.", "needs_permission"),
    ("Đồng chí nào bận có thể uỷ quyền cho cấp phó dự thay.", "allowed"),
    ("nếu bận thì ủy quyền cho đồng chí cấp phó dự họp", "allowed"),
    ("Đề nghị các đồng chí đến dự đầy đủ.", "unspecified"),
)

# A subject or trích yếu, whether it is about a meeting.
TITLES: tuple[tuple[str, bool], ...] = (
    ("Giấy mời họp Ban Thường vụ", True),
    ("V/v mời dự hội nghị trực tuyến", True),
    ("Moi hop giao ban", True),
    ("Lùi giờ họp", True),
    ("Thông báo không họp giao ban chiều nay", True),
    ("Lịch công tác tuần 50 (từ 09/12 đến 13/12/2019)", True),
    ("Đăng ký lịch công tác tuần 51", False),
    ("Đổi mật khẩu hộp thư công vụ", False),
    ("Chuyển hồ sơ phối hợp", False),
    ("Thay đổi hợp đồng", False),
    ("Hoàn thành tổng hợp", False),
    ("Đính chính địa điểm họp", True),
    ("Tạm hoãn lớp tập huấn phần mềm", True),
    ("Không tổ chức Hội nghị trực tuyến ngày 04/12/2020", True),
    ("Hoàn thiện hồ sơ đại hội", False),
    ("Tạm dừng các hội nghị đông người", False),
)
