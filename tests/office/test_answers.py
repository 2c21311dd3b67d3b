"""What units answer, in few words and without accents, means one thing."""

from datetime import date

import pytest

from mailbot.office.answers import Intent, read_reply
from mailbot.office.text import normalize

WORDS: dict[Intent, tuple[str, ...]] = {
    Intent.ACKNOWLEDGE: (
        "Đã nhận",
        "Da nhan",
        "OK",
        "Ok em",
        "Rõ",
        "Vâng ạ",
        "Nhận đủ 02 file",
        "Đã nhận và triển khai",
        "Đã nhận được công văn, chi bộ sẽ gửi báo cáo trước ngày 15/12",
    ),
    Intent.PROBLEM: (
        "Đã nhận nhưng không mở được file",
        "file lỗi font",
        "chưa nhận được phụ lục",
        "Em chưa thấy file đính kèm",
    ),
    Intent.REFUSE: ("gửi nhầm đơn vị", "không thuộc thẩm quyền của chi bộ"),
    Intent.REPORT: ("Chi bộ xin gửi báo cáo kết quả", "Không phát sinh"),
    Intent.QUESTION: ("Cho hỏi biểu mẫu ở đâu ạ", "Nộp bản giấy hay bản mềm?"),
    Intent.EXTENSION: ("xin gia hạn đến ngày 20/12", "Chi bộ xin nộp chậm báo cáo đến 18/12"),
    Intent.ACCEPT: ("sẽ tham dự", "đăng ký dự: 02 đồng chí", "không vắng", "du hop day du"),
    Intent.DECLINE: ("xin phép vắng mặt", "không dự được do bận họp", "Tôi bận nên không thể tham dự"),
    Intent.DELEGATE: ("cử đ/c Trần Thị B – Phó Bí thư dự thay", "Tôi bận, uỷ quyền cho đồng chí Lê Văn C"),
    Intent.TENTATIVE: ("xin đến muộn",),
    Intent.PROGRESS: ("Chi bộ đang triển khai, đã hoàn thành 50%",),
    Intent.RECALL_DONE: ("Đã thu hồi văn bản",),
    Intent.APPROVE: ("Đồng ý", "Nhất trí"),
    Intent.REJECT: ("Không đồng ý", "KHÔNG GỬI"),
    Intent.NONE: ("Chúc mừng năm mới",),
}


@pytest.mark.parametrize(
    ("intent", "words"), [(intent, words) for intent, several in WORDS.items() for words in several]
)
def test_an_answer_means_one_thing(intent: Intent, words: str) -> None:
    assert read_reply(normalize(words), has_report=False, sent_on=date(2019, 12, 6)).intent is intent


def test_what_an_answer_names_is_taken() -> None:
    day = date(2019, 12, 6)
    deputy = read_reply("Tôi bận, cử đ/c Trần Thị B dự thay.", has_report=False, sent_on=day)
    later = read_reply("Xin gia hạn từ ngày 15/12 sang ngày 20/12", has_report=False, sent_on=day)
    many = read_reply("Đăng ký dự: 03 đồng chí", has_report=False, sent_on=day)
    assert deputy.delegate == "Trần Thị B"
    assert later.until == date(2019, 12, 20)
    assert many.count == 3
    assert read_reply("1. Đồng ý\n2. Không gửi", has_report=False, sent_on=day).numbers == {
        "1": "Đồng ý",
        "2": "Không gửi",
    }
