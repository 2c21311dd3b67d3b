"""What units answer, in few words and without accents, means one thing."""

from datetime import date

import pytest

from mailbot.office.answer_words import Intent
from mailbot.office.answers import read_reply
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
        "Đã nhận công văn về việc gửi danh sách đảng viên",
        "nhận rồi nhé em",
        "da nhan dc vb",
        "Vâng ạ, em nhận rồi",
        "👍",
        "Chi bộ tiếp thu và nghiêm túc thực hiện",
        "Em đã trình đồng chí Bí thư",
        "Chi bộ 12 xác nhận đã nhận được văn bản. Trân trọng.",
        "Dạ em đã nhận, cảm ơn anh ạ",
        "da nhan duoc file, cam on vp",
        "Đã nhận công văn về việc xin ý kiến dự thảo báo cáo chính trị.",
        "Đã nhận thông báo hoãn họp.",
        "Đã nhận giấy mời.",
        "Đã nhận thông báo gia hạn thời gian báo cáo, cảm ơn Văn phòng",
        "Đảng ủy Công an phường đã tiếp nhận Công văn số 152-CV/ĐU và phân công đ/c Minh thực hiện.",
        "Noted, thanks.",
        "Rồi em nhé",
        "Đã nhận được công văn yêu cầu báo cáo danh sách đảng viên vi phạm",
        "Mình nhận được rồi nha",
        "Đã nhận đầy đủ 3 văn bản. Cảm ơn đồng chí Mai",
        "Chi bộ Trường THCS Lê Lợi đã nhận được Giấy mời số 45-GM/VPQU",
        "vang da nhan",
        "Ok nha chị",
        "Đã nhận, sẽ báo cáo đúng hạn",
        "Đã nhận được văn bản thu hồi, chi bộ sẽ thực hiện",
        "Chi ủy đã nhận và sẽ phổ biến trong kỳ sinh hoạt tháng 12",
        "Văn phòng Hội Nông dân xác nhận đã nhận được email này",
    ),
    Intent.PROBLEM: (
        "Đã nhận nhưng không mở được file",
        "file lỗi font",
        "chưa nhận được phụ lục",
        "Em chưa thấy file đính kèm",
        "Đã nhận được công văn nhưng chưa thấy phụ lục 2 đâu ạ",
        "File trắng, không có nội dung gì anh ơi",
        "file đính kèm không đúng với công văn",
        "Văn phòng gửi nhầm file rồi ạ",
        "bản scan mờ quá",
        "em ko mở đc file",
        "Em tải về mà máy báo file hỏng",
        "đường link không truy cập được",
        "Công văn ghi sai năm phải không ạ?",
        "Chi bộ chỉ nhận được 1 file",
        "còn thiếu 02 trang",
        "file yêu cầu mật khẩu, nhờ văn phòng cho xin mật khẩu ạ",
        "Chi bộ sẽ dự họp nhưng chưa nhận được tài liệu",
        "Không thấy đính kèm gì cả anh ơi",
        "File pdf bị khóa không copy được, anh gửi file word giúp em",
        "Đề nghị Văn phòng gửi bổ sung biểu mẫu số 2",
        "Email gửi không có nội dung",
        "Đã nhận nhưng nội dung không đọc được do lỗi font chữ",
        "Chi bộ em vẫn chưa có văn bản này, vp gửi lại cho em với",
        "Không mở file được anh ơi",
        "Chị ơi file rar đòi pass",
        "Trong mail chỉ thấy mỗi cái công văn, không thấy phụ lục",
        "Tệp bị mất trang 3, 4",
        "Đồng chí gửi nhầm phụ lục của phường khác rồi",
        "Chưa nhận được giấy mời bản giấy",
        "Font chữ bị nhảy hết không đọc được gì",
        "Số công văn ghi trong mail khác với số trong file, nhờ kiểm tra",
    ),
    Intent.REFUSE: (
        "gửi nhầm đơn vị",
        "không thuộc thẩm quyền của chi bộ",
        "Văn bản này không liên quan đến đơn vị chúng tôi",
        "Nội dung thuộc trách nhiệm của Hội Cựu chiến binh, không thuộc Chi bộ Trường Mầm non",
        "Đề nghị Văn phòng xem lại nơi nhận",
        "Chi bộ chúng tôi đã sáp nhập vào Chi bộ 6 từ tháng 10",
        "Chi bộ em không phải đơn vị thực hiện, đề nghị xem lại",
        "Nhầm địa chỉ rồi, đây là mail của Trường Tiểu học",
        "Việc này thuộc thẩm quyền của UBND phường, Đảng ủy không giải quyết",
        "Chi bộ cơ quan Quân sự không thuộc đối tượng báo cáo",
        "Gửi nhầm rồi đồng chí ơi, chi bộ mình là tổ dân phố 12 chứ không phải 21",
        "Nội dung này do Ban Tuyên giáo phụ trách, Văn phòng chuyển giúp",
    ),
    Intent.REPORT: (
        "Chi bộ xin gửi báo cáo kết quả",
        "Không phát sinh",
        "Chi bộ không có đảng viên nào vi phạm trong tháng 11",
        "Chi bộ 3 gửi danh sách đảng viên ạ",
        "Em gửi báo cáo ạ",
        "Chi bộ 4 kính gửi Văn phòng báo cáo quý IV, đề nghị Văn phòng tiếp nhận",
        "Chi bộ nộp lại báo cáo đã chỉnh sửa",
        "Trong tháng chi bộ không phát sinh trường hợp nào",
        "Báo cáo: tổng số 25 đảng viên, dự sinh hoạt 24, vắng 01",
        "Gửi anh báo cáo của chi bộ 3",
        "Chi bộ 7 nộp báo cáo",
        "Đính kèm là báo cáo theo yêu cầu",
        "Kết quả: 100% đảng viên dự học nghị quyết. Chi bộ báo cáo Văn phòng tổng hợp.",
        "Chi bộ không phát sinh nội dung báo cáo trong tháng",
    ),
    Intent.QUESTION: (
        "Cho hỏi biểu mẫu ở đâu ạ",
        "Nộp bản giấy hay bản mềm?",
        "Họp ở đâu vậy anh",
        "Nộp bản mềm được không ạ",
        "Đề nghị Văn phòng hướng dẫn thêm về cách tính tỷ lệ",
        "Anh cho em hỏi hạn nộp là ngày nào ạ",
        "Trường hợp đảng viên miễn sinh hoạt có phải kiểm điểm không?",
        "Mẫu này làm cho cả đảng viên dự bị à anh?",
        "Báo cáo này gửi về đâu vậy anh?",
        "Thời hạn là ngày 15 hay ngày 20 ạ?",
        "Chi bộ ghép có phải làm riêng không anh",
        "Cho em xin mẫu báo cáo với ạ",
    ),
    Intent.EXTENSION: (
        "xin gia hạn đến ngày 20/12",
        "Chi bộ xin nộp chậm báo cáo đến 18/12",
        "chi bo xin nop bao cao tre den ngay 16/12",
        "Đã nhận công văn. Do Bí thư đi công tác nên xin được gửi báo cáo vào ngày 18/12 ạ",
        "Xin phép cho chi bộ gửi báo cáo vào thứ Hai tuần sau được không ạ?",
        "Đề nghị Văn phòng cho chi bộ thêm 03 ngày để hoàn thiện báo cáo",
        "Chi bộ xin khất đến cuối tuần",
        "không kịp báo cáo đúng hạn, cho chi bộ xin đến 17/12 nhé",
        "Cho em xin thêm 2 ngày nữa",
        "Chi bộ đề nghị được báo cáo vào ngày 20/12/2019",
        "xin gia han them 3 ngay",
        "Đề nghị lùi hạn nộp sang tuần sau",
        "Xin phép cho em nộp muộn 1 ngày",
        "Đề nghị Đảng ủy gia hạn thời gian đến 25/12",
        "Chi bộ chưa kịp làm, xin Văn phòng cho nộp vào thứ Hai",
        "Cho chi bộ lùi lại đến cuối tháng được không ạ?",
    ),
    Intent.ACCEPT: (
        "sẽ tham dự",
        "đăng ký dự: 02 đồng chí",
        "không vắng",
        "du hop day du",
        "Da em se di hop dung gio a",
        "Đảng ủy phường cử 02 đồng chí tham dự",
        "Dự họp 02 đồng chí, vắng 01 đồng chí (ốm)",
        "Chi bộ có mặt 12 đồng chí, vắng: 0",
        "Đoàn phường tham gia đủ 5 bạn ạ",
        "Vâng em dự ạ",
        "Bí thư chi bộ dự",
        "đăng ký 2 người",
        "Em sẽ tham gia đầy đủ ạ",
        "Chi bộ cử 1 đồng chí đi họp",
        "ok em du",
        "Tôi dự họp được.",
        "Xác nhận: Bí thư và Phó Bí thư chi bộ 7 sẽ có mặt.",
        "Đã nhận giấy mời, tôi sẽ đến đúng giờ",
        "Dạ, em xin xác nhận tham dự.",
        "Nhất trí tham dự",
        "Chi bộ đăng ký dự họp: 1. Nguyễn Văn A 2. Trần Thị B",
        "Tôi sẽ về dự",
        "da, chi bo em di du 2 nguoi",
        "Vâng, tôi sẽ có mặt",
        "Có, tôi dự",
        "Đồng chí Bí thư sẽ trực tiếp dự họp",
    ),
    Intent.DECLINE: (
        "xin phép vắng mặt",
        "không dự được do bận họp",
        "Tôi bận nên không thể tham dự",
        "em ban viec gia dinh, xin nghi hop hom nay a",
        "Tôi nhất trí với nội dung họp nhưng có lịch tiếp dân nên không dự được",
        "bận quá ko đi đc",
        "hôm đó có đám tang nên không cử được người dự",
        "Tôi đi công tác nên vắng",
        "Tôi bận họp ở Thành ủy nên không dự họp được, mong các đồng chí thông cảm",
        "Xin vắng vì lý do sức khỏe",
        "em khong tham du duoc vi dang o que",
        "Báo cáo: đ/c Hòa vắng có phép, lý do ốm",
        "Rất tiếc tôi không thể có mặt",
        "Hôm đó tôi phải đi khám bệnh, xin phép đồng chí cho tôi vắng",
        "Toi xin phep vang mat vi ly do suc khoe",
        "Em không đi được ạ",
        "Xin lỗi, tôi không tham gia được",
        "Chi bộ không có đồng chí nào dự được",
    ),
    Intent.DELEGATE: (
        "cử đ/c Trần Thị B – Phó Bí thư dự thay",
        "Tôi bận, uỷ quyền cho đồng chí Lê Văn C",
        "chi bộ cử đồng chí Phó Bí thư dự thay",
        "tôi xin phép vắng và ủy nhiệm chị Hồ Thị Bông tham dự",
        "Đồng chí Phan Thị Mười sẽ dự họp thay đồng chí Bí thư",
        "Tôi đi công tác, đ/c Lê Thị Hoa (Phó Chủ tịch) đi thay tôi",
        "Xin ủy quyền đ/c Trần Minh dự",
        "Vì bận nên tôi cử anh Phạm Văn Tài, cán bộ văn phòng dự họp",
        "anh Ba ban, em Tu di thay",
        "Chi bộ phân công đồng chí Lê Văn Tư, Phó Bí thư tham dự thay đồng chí Bí thư",
        "Tôi nhờ đồng chí Hạnh đi họp giúp",
        "Bí thư ốm, Phó bí thư dự thay",
        "em xin phép để chị Lan phó chủ nhiệm đi thay em ạ",
    ),
    Intent.TENTATIVE: (
        "Tôi chưa sắp xếp được lịch, mai sẽ trả lời Văn phòng",
        "xin đến muộn",
        "nếu ra viện kịp tôi sẽ dự, sẽ báo lại Văn phòng sau",
        "Nếu kịp về tôi sẽ dự",
        "Có thể tôi sẽ đến muộn 15 phút",
        "Tôi sẽ cố gắng sắp xếp dự",
        "Chưa biết có dự được không, chiều em báo lại",
    ),
    Intent.PROGRESS: (
        "Chi bộ đang triển khai, đã hoàn thành 50%",
        "đến nay đã có 12/20 đảng viên nộp bản kiểm điểm",
        "Cơ bản hoàn thành, còn chờ số liệu",
        "Đã triển khai xong bước 1, đang lấy ý kiến đảng viên",
        "Chiều mai em gửi báo cáo nhé",
        "Đang làm anh nhé",
        "Chi bộ đang rà soát, sẽ có báo cáo sau",
        "Đã xong 80%, còn phần phụ lục",
        "Chi bộ chưa tổ chức họp nên chưa có báo cáo",
        "Chi bộ đang hoàn thiện, mai gửi",
        "Còn 2 chi bộ trực thuộc chưa gửi số liệu nên chưa tổng hợp xong",
        "Đã triển khai đến 5/7 tổ đảng",
    ),
    Intent.RECALL_DONE: (
        "Đã thu hồi văn bản",
        "Chi bộ đã xóa công văn theo yêu cầu thu hồi",
        "Đã hủy văn bản và không sử dụng",
        "Đã hủy",
        "da huy",
        "Chi bộ đã huỷ ạ.",
        "Đã huỷ bản cũ, dùng bản mới",
        "Chi bộ 2 đã tiêu hủy văn bản theo thông báo thu hồi",
    ),
    Intent.APPROVE: (
        "Đồng ý",
        "Nhất trí",
        "Ok, đồng ý phát hành",
        "Thống nhất với dự thảo, không có ý kiến gì thêm",
        "Nhất trí. Cho phát hành.",
        "Đồng ý với đề xuất của Văn phòng",
        "Duyệt",
        "Ok duyệt em nhé",
        "Tôi đồng ý, phát hành đi",
    ),
    Intent.REJECT: (
        "Không đồng ý",
        "KHÔNG GỬI",
        "Chưa gửi vội, để tôi xem lại",
        "Tạm dừng nhé",
        "Chưa duyệt, bổ sung Chi bộ 9 vào danh sách",
        "Không duyệt. Làm lại.",
        "Khoan đã, để tôi hỏi lại Thường trực",
    ),
    Intent.NONE: (
        "Chúc mừng năm mới",
        "Chúc cả nhà cuối tuần vui vẻ",
        "Cảm ơn anh",
    ),
}


@pytest.mark.parametrize(
    ("intent", "words"), [(intent, words) for intent, several in WORDS.items() for words in several]
)
def test_an_answer_means_one_thing(intent: Intent, words: str) -> None:
    assert read_reply(normalize(words), has_report=False, sent_on=date(2019, 12, 6)).intent is intent


# What is written, who comes instead.
DEPUTIES: tuple[tuple[str, str | None], ...] = (
    ("cử đ/c Trần Thị B – Phó Bí thư dự thay", "Trần Thị B"),
    ("Vì đ/c Bí thư đi học nên xin cử đ/c Phó Bí thư Lê Văn Sáu đi họp thay", "Lê Văn Sáu"),
    ("ủy quyền cho đ/c phó bí thư chi bộ Lê Văn Sáu dự họp", "Lê Văn Sáu"),
    ("Đồng chí Phan Thị Mười, Chi ủy viên sẽ dự họp thay đồng chí Bí thư", "Phan Thị Mười"),
    ("Đ/c Lê Văn A đi học, đ/c Võ Văn Út đi họp thay", "Võ Văn Út"),
    ("Đồng chí Bí thư bận họp, chi bộ cử đồng chí Phó Bí thư dự thay", "Phó Bí thư"),
    ("chi bộ sẽ cử người dự thay", None),
)

# What is written, the day asked for; on Friday 06/12/2019.
ASKED_FOR: tuple[tuple[str, date | None], ...] = (
    ("Xin gia hạn từ ngày 15/12 sang ngày 20/12", date(2019, 12, 20)),
    ("Xin gia hạn đến hết ngày 05/01", date(2020, 1, 5)),
    ("Xin phép cho gửi báo cáo vào thứ Hai tuần sau", date(2019, 12, 9)),
    ("Xin khất đến ngày mai", date(2019, 12, 7)),
    ("Xin lùi thời gian báo cáo đến hết tháng 12", date(2019, 12, 31)),
    ("Xin gia hạn thêm 03 ngày", None),
)


@pytest.mark.parametrize(("words", "deputy"), DEPUTIES)
def test_who_comes_instead(words: str, deputy: str | None) -> None:
    found = read_reply(normalize(words), has_report=False, sent_on=date(2019, 12, 6))
    assert (found.intent, found.delegate) == (Intent.DELEGATE, deputy)


@pytest.mark.parametrize(("words", "until"), ASKED_FOR)
def test_the_day_asked_for(words: str, until: date | None) -> None:
    found = read_reply(normalize(words), has_report=False, sent_on=date(2019, 12, 6))
    assert (found.intent, found.until) == (Intent.EXTENSION, until)


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
