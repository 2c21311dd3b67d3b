"""Thời hạn: every wording that offices use, the last permitted moment, how it recurs, and what a clerk must look at.

The paper was signed on Thursday 05/12/2019 and received on Friday 06/12/2019 at 08:10.
"""

# Wording, the last permitted moment, RRULE, review codes.
Row = tuple[str, str, str | None, tuple[str, ...]]

INFERRED, VAGUE, PASSED = ("year_inferred",), ("deadline_vague",), ("deadline_passed",)

DEADLINES: tuple[Row, ...] = (
    # Strict: the day itself is too late.
    ("báo cáo trước ngày 15/12/2019", "2019-12-14", None, ()),
    ("gửi trước 15.12.2019", "2019-12-14", None, ()),
    ("hoàn thành xong trước 31/12/2019", "2019-12-30", None, ()),
    ("thời gian hoàn thành: trước 30/12/2019", "2019-12-29", None, ()),
    ("báo cáo kết quả về Quận ủy (qua Ban Tổ chức) trước ngày 15/12/2019 để tổng hợp", "2019-12-14", None, ()),
    # Inclusive.
    ("gửi chậm nhất ngày 15/12/2019", "2019-12-15", None, ()),
    ("gửi chậm nhất là ngày 15/12/2019", "2019-12-15", None, ()),
    ("gửi chậm nhất (là) ngày 15/12/2019", "2019-12-15", None, ()),
    ("gửi muộn nhất ngày 15/12/2019", "2019-12-15", None, ()),
    ("gửi không quá ngày 15-12-2019", "2019-12-15", None, ()),
    ("gửi hạn cuối ngày 15/12/2019", "2019-12-15", None, ()),
    ("báo cáo đến hết ngày 15/12/2019", "2019-12-15", None, ()),
    ("gửi về Văn phòng từ nay đến ngày 15/12/2019", "2019-12-15", None, ()),
    ("nộp hồ sơ từ ngày 10/12 đến hết ngày 20/12/2019", "2019-12-20", None, ()),
    ("hoàn thành việc tặng quà từ ngày 10/12 đến ngày 17/12/2019", "2019-12-17", None, ()),
    ("gửi vào ngày cuối tháng 12", "2019-12-31", None, INFERRED),
    ("Hạn: 15/12/2019", "2019-12-15", None, ()),
    ("Hạn nộp: 13/12/2019", "2019-12-13", None, ()),
    ("Thời hạn hoàn thành: ngày 15/12/2019", "2019-12-15", None, ()),
    ("gui bao cao cham nhat ngay 15 thang 12 nam 2019", "2019-12-15", None, ()),
    # That very day.
    ("gửi báo cáo trong ngày 13/12", "2019-12-13", None, INFERRED),
    ("gửi báo cáo ngay trong ngày.", "2019-12-06", None, ()),
    ("gửi báo cáo trong ngày hôm nay", "2019-12-06", None, ()),
    ("gửi trong ngày mai", "2019-12-07", None, ()),
    # An hour.
    ("gửi trước 16 giờ 00 ngày 13-12-2019", "2019-12-13T16:00:00+07:00", None, ()),
    ("gửi chậm nhất 17h00 ngày 13/12/2019", "2019-12-13T17:00:00+07:00", None, ()),
    ("nộp trước 11h30' ngày 10.12.2019", "2019-12-10T11:30:00+07:00", None, ()),
    ("báo cáo trước lúc 15h ngày 13/12/2019", "2019-12-13T15:00:00+07:00", None, ()),
    ("gửi trước ngày 13/12/2019 (trước 16h00)", "2019-12-13T16:00:00+07:00", None, ()),
    ("báo cáo chậm nhất ngày 13/12/2019, lúc 10 giờ 30", "2019-12-13T10:30:00+07:00", None, ()),
    ("báo cáo trước 10 giờ sáng mai", "2019-12-07T10:00:00+07:00", None, ()),
    ("gửi trước 9 giờ ngày mai", "2019-12-07T09:00:00+07:00", None, ()),
    ("gửi báo cáo trước 16 giờ 30.", "2019-12-06T16:30:00+07:00", None, VAGUE),
    ("hạn chót: 17h00 ngày 13/12", "2019-12-13T17:00:00+07:00", None, INFERRED),
    # A half of the working day.
    ("gửi cuối giờ chiều thứ Sáu (13/12)", "2019-12-13T17:00:00+07:00", None, INFERRED),
    ("gửi báo cáo đầu giờ sáng thứ Hai", "2019-12-09T07:30:00+07:00", None, VAGUE),
    ("gửi về Quận ủy chậm nhất trong sáng ngày 13/12/2019", "2019-12-13T11:30:00+07:00", None, ()),
    ("gửi trước buổi chiều ngày 13/12/2019", "2019-12-13T13:30:00+07:00", None, ()),
    # A weekday; weeks begin with Monday.
    ("gửi chậm nhất thứ Sáu tuần này", "2019-12-06", None, VAGUE),
    ("gửi chậm nhất thứ Hai tuần tới", "2019-12-09", None, VAGUE),
    ("gửi trước 17h00, thứ Sáu, ngày 13/12", "2019-12-13T17:00:00+07:00", None, INFERRED),
    ("nộp dứt điểm trong ngày thứ Năm (12/12/2019)", "2019-12-12", None, ()),
    ("gửi chậm nhất thứ Bảy, ngày 13/12/2019", "2019-12-13", None, ("weekday_conflict",)),
    ("gửi chậm nhất ngày 13/12/2019 (thứ Năm)", "2019-12-13", None, ("weekday_conflict",)),
    # A period ends with its last day.
    ("hoàn thành trong quý IV/2019", "2019-12-31", None, ()),
    ("hoàn thành trong tháng 12", "2019-12-31", None, INFERRED),
    ("hoàn thành trong năm 2019", "2019-12-31", None, ()),
    ("hoàn thành trong 6 tháng đầu năm 2020", "2020-06-30", None, ()),
    ("hoàn thành trước quý II/2020", "2020-03-31", None, ()),
    # Wordings that the Civil Code settles, and some that nobody does: a clerk should look.
    ("hoàn thành vào giữa tháng 12", "2019-12-15", None, (*INFERRED, *VAGUE)),
    ("hoàn thành cuối tháng 12/2019", "2019-12-31", None, VAGUE),
    ("hoàn thành đầu tháng 01/2020", "2020-01-01", None, VAGUE),
    ("hoàn thành trước giữa năm 2020", "2020-06-29", None, VAGUE),
    ("báo cáo trong tuần này", "2019-12-06", None, VAGUE),
    ("báo cáo đầu tuần sau", "2019-12-10", None, VAGUE),
    # Spans: the day of the event is not counted.
    ("gửi trong vòng 05 ngày làm việc kể từ ngày nhận được văn bản", "2019-12-13", None, ()),
    ("hoàn thành trong thời hạn 07 ngày kể từ ngày nhận được Công văn này", "2019-12-13", None, ()),
    ("hoàn thành trong thời gian 10 ngày làm việc, kể từ ngày ban hành Kế hoạch", "2019-12-19", None, ()),
    ("chậm nhất sau 05 ngày làm việc kể từ ngày nhận văn bản phải báo cáo", "2019-12-13", None, ()),
    ("gửi trong vòng một tuần kể từ ngày nhận công văn này", "2019-12-13", None, ()),
    ("hoàn thành sau 10 ngày kể từ ngày ký", "2019-12-15", None, ()),
    ("hoàn thành trong vòng 10 ngày kể từ ngày 10/12/2019", "2019-12-20", None, ()),
    ("hoàn thành trong vòng 01 tháng kể từ ngày ban hành", "2020-01-05", None, ()),
    ("báo cáo trong vòng 3 ngày", "2019-12-09", None, ()),
    ("báo cáo trong vòng 24h", "2019-12-07T08:10:00+07:00", None, ()),
    ("báo cáo trong 48 giờ", "2019-12-08T08:10:00+07:00", None, ()),
    # Recurring.
    ("báo cáo định kỳ hằng tháng (trước ngày 25)", "2019-12-24", "FREQ=MONTHLY;BYMONTHDAY=24", ()),
    ("báo cáo trước ngày 20 hằng tháng", "2019-12-19", "FREQ=MONTHLY;BYMONTHDAY=19", ()),
    ("báo cáo định kỳ vào ngày 25 hàng tháng", "2019-12-25", "FREQ=MONTHLY;BYMONTHDAY=25", ()),
    (
        "gửi hằng quý (trước ngày 10 của tháng cuối quý)",
        "2019-12-09",
        "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=9",
        (),
    ),
    ("báo cáo quý trước ngày 20 tháng cuối quý", "2019-12-19", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=19", ()),
    ("gửi báo cáo vào ngày cuối cùng hằng tháng", "2019-12-31", "FREQ=MONTHLY;BYMONTHDAY=-1", ()),
    (
        "gửi vào ngày làm việc cuối cùng của quý, định kỳ hằng quý",
        "2019-12-31",
        "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        (),
    ),
    ("báo cáo hằng năm trước ngày 15/11", "2020-11-14", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=14", ()),
    ("báo cáo hằng tuần, trước 15 giờ 00 thứ Năm", "2019-12-05T15:00:00+07:00", "FREQ=WEEKLY;BYDAY=TH", ()),
    ("báo cáo trước 16 giờ hằng ngày", "2019-12-06T16:00:00+07:00", "FREQ=DAILY", ()),
    # No year: the first such day that is not before the paper.
    ("gửi trước ngày 05/01", "2020-01-04", None, INFERRED),
    ("gui bao cao truoc ngay 20/12", "2019-12-19", None, INFERRED),
    # Moved and chased.
    ("gia hạn thời gian nộp báo cáo đến ngày 25/12/2019", "2019-12-25", None, ()),
    ("điều chỉnh thời hạn báo cáo từ ngày 10/12 thành ngày 20/12/2019", "2019-12-20", None, ()),
    ("đã quá thời hạn nhưng chưa có báo cáo, đề nghị gửi trước ngày 10/12/2019", "2019-12-09", None, ()),
    # Over before it came.
    ("gửi báo cáo chậm nhất ngày 05/12/2019", "2019-12-05", None, PASSED),
    ("hoàn thành rà soát trong hai ngày kể từ ngày nhận Công văn này", "2019-12-08", None, ()),
    ("gửi số liệu trước 11h trưa nay", "2019-12-06T11:00:00+07:00", None, ()),
)

# Several in one sentence, each its own.
SEVERAL: tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...] = (
    (
        "Chế độ báo cáo: hằng quý (trước ngày 10 của tháng cuối quý), 6 tháng (trước ngày 05/6), năm (trước 05/12)",
        (
            ("2019-12-09", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=9"),
            ("2020-06-04", "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=4"),
            ("2020-12-04", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=4"),
        ),
    ),
    (
        "báo cáo tháng trước ngày 25 hàng tháng; báo cáo quý trước ngày 20 tháng cuối quý",
        (
            ("2019-12-24", "FREQ=MONTHLY;BYMONTHDAY=24"),
            ("2019-12-19", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=19"),
        ),
    ),
)

# What looks like a deadline and gives no day; the review codes say why a clerk should look, where he should.
NO_DEADLINES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("hoàn thành trước Tết Nguyên đán Canh Tý", ("deadline_lunar", "deadline_vague")),
    ("hoàn thành trước ngày 23 tháng Chạp", ("deadline_lunar", "deadline_vague")),
    ("hoàn thành trước ngày 20/12 âm lịch", ("deadline_lunar", "deadline_vague")),
    ("hoàn thành trước Đại hội", ("deadline_event", "deadline_vague")),
    ("báo cáo chậm nhất 03 ngày sau khi kết thúc hội nghị", ("deadline_event", "deadline_vague")),
    ("báo cáo trong vòng 03 ngày sau khi kết thúc đợt kiểm tra", ("deadline_event", "deadline_vague")),
    ("hoàn thành trong nhiệm kỳ", ("deadline_vague",)),
    ("gửi báo cáo trước ngày 30/11", PASSED),
    ("khẩn trương triển khai thực hiện", ()),
    ("sớm hoàn thành, kịp thời báo cáo ngay, đúng thời gian quy định", ()),
    ("các nội dung đã thực hiện trước ngày 01/7/2025", ()),
    ("các mô hình hoạt động trước ngày 01/7/2025 thì báo cáo", ()),
    ("số liệu báo cáo tính đến ngày 30/12/2019", ()),
    ("số liệu đến ngày 30/12/2019, gửi báo cáo", ()),
    ("Quyết định này có hiệu lực từ ngày 01/01/2020, đề nghị thực hiện", ()),
    ("thực hiện Công văn số 12-CV/QU, ngày 20/12/2019", ()),
    ("kết quả công tác trong năm 2019", ()),
    ("đại biểu có mặt trước 15 phút", ()),
    ("đề nghị kiểm tra kỹ trước khi gửi báo cáo", ()),
    ("Ban Thường vụ dự kiến tổ chức sơ kết, đánh giá vào cuối tháng 12/2019", ()),
    ("được nghỉ từ ngày 01/01/2020 đến hết ngày 04/01/2020, tổ chức trực", ()),
)
