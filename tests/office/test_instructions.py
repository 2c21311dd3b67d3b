"""What leaders really write on a paper, from a phone, with and without accents: each line with all that it orders."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.office.instructions import Instruction, Limit, read_instruction
from mailbot.office.limits import Anchors

TUESDAY = date(2026, 10, 6)
ANCHORS = Anchors(None, TUESDAY, "Asia/Ho_Chi_Minh")
SIGNATURE = ("Đỗ Minh Phúc", "Phúc", "Chánh Văn phòng")


def read(words: str) -> Instruction:
    return read_instruction(words, ANCHORS, SIGNATURE)


def by(limit: Limit | None) -> str:
    if limit is None:
        return ""
    day = f"{limit.due:%d/%m %Hh}" if isinstance(limit.due, datetime) else f"{limit.due:%d/%m}"
    return f" <{day}" + (f" ({limit.named:%a %d/%m}?)" if limit.named else "")


def shown(found: Instruction) -> str:
    """Return all that an instruction orders in one line."""
    parts = ["approve"] * found.approves + ["keep"] * found.keep
    parts += [f"without {words}" for words in found.without] + [f"add {words}" for words in found.added]
    parts += [f"submit {found.submit_to}"] * bool(found.submit_to)
    parts += [f"{clause.part} {clause.who}{by(clause.limit)}" for clause in found.clauses]
    parts += [f"all{by(found.limit)}"] * bool(found.limit)
    return "; ".join(parts)


WORDINGS = """
Dong y | approve
Đồng ý. | approve
Nhất trí như đề xuất của Văn phòng | approve
ok | approve
Ok em | approve
Đồng ý ⏎ Đỗ Minh Phúc ⏎ Chánh Văn phòng Đảng ủy phường An Hòa | approve
Đồng ý với đề xuất. Báo cáo trước 14/10 | approve; all <13/10
Đồng ý, trừ Chi bộ Quân sự | approve; without Chi bộ Quân sự
Dong y tru chi bo quan su | approve; without chi bo quan su
Đồng ý, nhưng bỏ Chi bộ 3 | approve; without Chi bộ 3
Đồng ý, trừ Chi bộ 3, Chi bộ 5 | approve; without Chi bộ 3; without Chi bộ 5
ĐỒNG Ý ⏎ TRỪ Chi bộ 3 | approve; without Chi bộ 3
Đồng ý, hạn 14/10 | approve; all <14/10
Đồng ý, thêm Chi bộ Tổ dân phố 3 | approve; add Chi bộ Tổ dân phố 3
Đồng ý. Giao đ/c Nam chủ trì | approve; lead đ/c Nam
Đồng ý, giao đ/c Nam tham mưu | approve; lead đ/c Nam
Dong y chuyen cac chi bo, bao cao truoc 15/10 | approve; given cac chi bo <14/10
Chuyen d/c Binh chu tri, truoc 20/10 | lead d/c Binh <19/10
Chuyển đ/c Bình chủ trì, trước ngày 20/10 | lead đ/c Bình <19/10
CHUYỂN Đ/C BÌNH CHỦ TRÌ, TRƯỚC 20/10 | lead Đ/C BÌNH <19/10
Chuyển đ/c Bình c/trì | lead đ/c Bình
Chuyển đ/c Bình chủ trì trong 3 ngày làm việc | lead đ/c Bình <09/10
Chuyển đ/c Bình chủ trì, hạn 20.10 | lead đ/c Bình <20/10
Giao đ/c Bình - Phó CVP chủ trì | lead đ/c Bình, Phó CVP
Chuyển đ/c Bình | given đ/c Bình
Chuyen binh | given binh
OK chuyển đ/c Bình nhé | given đ/c Bình
Chuyển đ/c Bình giúp anh. Cảm ơn em | given đ/c Bình
Nhờ đ/c Bình xem xét | lead đ/c Bình
Giao đ/c Bình xử lý | lead đ/c Bình
giao binh lam, xong truoc thu 6 | lead binh <08/10 (Fri 09/10?)
Đ/c Bình xử lý, báo cáo kết quả chậm nhất 20/10 | lead Đ/c Bình <20/10
Đ/c Bình nghiên cứu, đề xuất; báo cáo tôi trước thứ 6 | lead Đ/c Bình <08/10 (Fri 09/10?)
Đề nghị đ/c Bình tham mưu văn bản trả lời, gửi tôi trước 15/10 | lead đ/c Bình <14/10
đ/c Bình chủ trì, đ/c Lan phối hợp | lead đ/c Bình; cooperate đ/c Lan
đ/c Bình (chủ trì), đ/c Lan (phối hợp), xong trước 20/10 | lead đ/c Bình <19/10; cooperate đ/c Lan <19/10
Chuyen d/c Binh chu tri; d/c Lan, d/c Hoa phoi hop | lead d/c Binh; cooperate d/c Lan, d/c Hoa
Chuyển đ/c Bình xử lý cùng đ/c Lan | lead đ/c Bình; cooperate đ/c Lan
Chủ trì: đ/c Bình; phối hợp: đ/c Lan; hạn 20/10/2026 | lead đ/c Bình; cooperate đ/c Lan; all <20/10
Chu tri d/c Binh, phoi hop d/c Lan | lead d/c Binh; cooperate d/c Lan
Giao đ/c Bình chủ trì, phối hợp với đ/c Lan, trước 16h 15/10 | lead đ/c Bình <15/10 16h; cooperate đ/c Lan <15/10 16h
Phân công đ/c Bình chủ trì phối hợp với Ban XDĐ tham mưu kế hoạch | lead đ/c Bình; cooperate Ban XDĐ
Giao Văn phòng chủ trì, Ban XDĐ phối hợp | lead Văn phòng; cooperate Ban XDĐ
Giao UBKT chủ trì, phối hợp Ban XDĐ | lead UBKT; cooperate Ban XDĐ
Giao VP tham mưu, báo cáo BTV trước 25/10 | lead VP <24/10
VP tham muu | lead VP
VP tham mưu văn bản triển khai, trình BTV trước 20/10 | lead VP <19/10
Giao Ban Tuyên giáo và Dân vận tham mưu | lead Ban Tuyên giáo và Dân vận
Giao đ/c Chánh Văn phòng | given đ/c Chánh Văn phòng
Giao đ/c Mai theo dõi, đôn đốc | lead đ/c Mai
Giao đ/c Nam tham mưu trả lời | lead đ/c Nam
Chuyển đ/c Lâm xử lý | lead đ/c Lâm
chuyen d/c lam xu ly | lead d/c lam
Giao Nguyễn Văn Lưu chủ trì | lead Nguyễn Văn Lưu
chuyen d/c Dung chu tri | lead d/c Dung
Chuyển đ/c Huy | given đ/c Huy
Chuyển các chi bộ thực hiện; Ban XDĐ tổng hợp | execute các chi bộ; consolidate Ban XDĐ
Chuyển các chi bộ thực hiện; Ban XDĐ tổng hợp, trình trước ngày 20/10. | execute các chi bộ; consolidate Ban XDĐ <19/10
Chuyển Chi bộ 1, Chi bộ 2 và Chi bộ 3 thực hiện | execute Chi bộ 1, Chi bộ 2 và Chi bộ 3
Chuyển Chi bộ Công an, Chi bộ Quân sự triển khai, báo cáo trước 12/10 | execute Chi bộ Công an, Chi bộ Quân sự <11/10
Chuyển các chi bộ thực hiện, trừ Chi bộ Trạm Y tế | without Chi bộ Trạm Y tế; execute các chi bộ
Chuyển các chi bộ triển khai nghiêm túc, báo cáo trước 10h ngày 15/10 (qua Ban XDĐ) | execute các chi bộ <15/10 10h
Chuyển các chi bộ tổ dân phố thực hiện, báo cáo về VP trong tuần này | execute các chi bộ tổ dân phố <09/10 (Fri 09/10?)
Chuyển các chi bộ, hạn thứ 5 | given các chi bộ <08/10 (Thu 08/10?)
Chuyển ngay các chi bộ | given các chi bộ
Gui cac chi bo quan triet | execute cac chi bo
Chuyển các chi bộ biết | know các chi bộ
Chuyển đ/c Hoà biết | know đ/c Hoà
Chuyển UBND phường giải quyết, báo cáo Đảng ủy trước 20/10 | lead UBND phường <19/10
đ/c Bình dự | attend đ/c Bình
Tôi sẽ dự | attend Tôi
D/c Hung du hop | attend D/c Hung
Đồng chí Hưng dự họp | attend Đồng chí Hưng
Cử đ/c Nam dự thay | attend đ/c Nam
Lưu | keep
Lưu, theo dõi | keep
Luu ho so | keep
Không chuyển, lưu | keep
Đã xem | keep
Để biết | keep
Trình đ/c Bí thư | submit đ/c Bí thư
Trinh d/c Bi thu xem xet, cho y kien | submit d/c Bi thu
Chuyển đ/c Bình chủ trì, trước 20/10 ⏎ Phúc ⏎ Gửi từ iPhone của tôi | lead đ/c Bình <19/10
Kính gửi Văn phòng ⏎ Giao đ/c Bình. ⏎ Trân trọng ⏎ Đỗ Minh Phúc ⏎ Chánh Văn phòng ⏎ ĐT: 0900.000.105 | given đ/c Bình
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in WORDINGS.strip().splitlines()]


@pytest.mark.parametrize(("words", "wanted"), CASES)
def test_a_leader_s_line_is_understood_wholly(words: str, wanted: str) -> None:
    found = read(words.replace(" ⏎ ", "\n"))
    assert (shown(found), found.unclear, found.clear) == (wanted, (), True)


@pytest.mark.parametrize(
    "words",
    [
        "Xem lại ngày tháng giúp",
        "Đồng ý gửi ngày mai",
        "Việc này ai làm?",
        "Tạm thời chưa chuyển",
        "Khoan, để họp BTV đã",
        "Chuyển cho đ/c Bình nếu đ/c Lan đi vắng",
        "Thế này không được",
        "Trước mắt giao đ/c Bình, sau đó đ/c Lan",
        "Chuyển đ/c Bình, đ/c Lan phối hợp",
        "Chuyển đ/c Bình chủ trì 20/10",
        "Chuyển đ/c Bình chủ trì trước 20/10, trước 25/10",
        "Trừ Chi bộ 3",
        "Lưu, giao đ/c Bình xử lý",
        "Trình đ/c Bí thư; giao đ/c Bình",
        "Đồng ý. Nhưng không chuyển Chi bộ 3 khi chưa có số liệu",
        "Giao đ/c Bình, không chuyển các chi bộ thực hiện",
        "Đồng ý nhưng đợi họp BTV",
        "",
        "Phúc",
    ],
)
def test_what_is_not_wholly_understood_says_so(words: str) -> None:
    assert not read(words).clear


def test_a_wrong_weekday_is_told() -> None:
    assert "không khớp" in read("Chuyển đ/c Bình, trước thứ Năm, ngày 16/10/2026").unclear[0]


@given(st.text(alphabet="đồngý chuyểngiaođ/cBình,;.\n trước20/10lưutrừ?()", max_size=80))
def test_no_words_raise(words: str) -> None:
    assert read(words).text == words
