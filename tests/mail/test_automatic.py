"""Automatic answers are told in the tongues of mail programs; what a person says of being away is an answer."""

import pytest

from mailbot.reading import Kind, Reading, ReadingContext, read


def reading(subject: str, body: str, *headers: str) -> Reading:
    lines = ("From: chibo5@xa.example", "To: vanthu@anhoa.example.vn", f"Subject: {subject}", *headers)
    return read("\r\n".join((*lines, "Content-Type: text/plain; charset=utf-8", "", body)).encode(), ReadingContext())


def kind(subject: str, body: str, *headers: str) -> Kind:
    return reading(subject, body, *headers).kind


@pytest.mark.parametrize(
    "subject",
    [
        "Trả lời tự động: Họp",
        "Automatic reply: Họp",
        "OOO: Họp",
        "Re: Họp (Automatic Response)",
        "Automatische Antwort: Họp",
        "Abwesenheitsnotiz: Họp",
        "Réponse automatique : Họp",
        "Respuesta automática: Họp",
        "Risposta automatica: Họp",
        "Resposta automática: Họp",
        "[Automatyczna odpowiedź] Họp",
        "Автоматический ответ: Họp",
        "自动回复: Họp",
        "自動応答: Họp",
        "자동 회신: Họp",
        "ตอบกลับอัตโนมัติ: Họp",
    ],
)
def test_servers_say_in_the_subject_that_they_answer(subject: str) -> None:
    assert kind(subject, "Họp") is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "body",
    [
        "Hello,\n\nThank you for your message. I am on annual leave and will return on Monday.",
        "Thank you for your e-mail.\nI will endeavour to reply as soon as I can.\nContact me if it is urgent.",
        "I will be out of the office until 5 May with limited access to mail.",
        "Ich bin bis Montag nicht im Büro.",
        "Bonjour,\n\nJe suis actuellement absent.",
        "Здравствуйте!\nЯ нахожусь в отпуске.",
        "您好\n我目前休假。",
        "Từ 05/10 đến hết 16/10 tôi tham gia lớp bồi dưỡng. Việc gấp xin liên hệ đ/c Mận.",
        "Chào anh,\nTuần này không kiểm tra email thường xuyên được, không kiểm tra email. Xin liên hệ đ/c Mận.",
        "Kính chào Quý cơ quan,\nTôi đang trong thời gian nghỉ thai sản. Mọi việc vui lòng liên hệ đ/c Sen.",
        "Cảm ơn anh đã liên hệ. Văn phòng đã nhận được thư.\n(Thư trả lời tự động)",
        "Xin chào,\nYêu cầu của bạn đã được ghi nhận với mã số 12. Chúng tôi sẽ phản hồi sớm.",
        "Cảm ơn Quý vị đã gửi thư. Chúng tôi đã nhận được thư và sẽ trả lời trong 2 ngày làm việc.",
    ],
)
def test_servers_say_first_that_nobody_is_there(body: str) -> None:
    assert kind("Re: Họp", body, "In-Reply-To: <1@anhoa.example.vn>") is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "headers",
    [
        ("In-Reply-To: <1@anhoa.example.vn>", "Return-Path: <>"),
        ("In-Reply-To: <1@anhoa.example.vn>", "Auto-Submitted: auto-generated"),
        ("Precedence: junk", "Return-Path: <>"),
        ("X-Autoreply-From: chibo5@xa.example",),
    ],
)
def test_an_answer_that_nobody_can_be_sent_back_is_no_acknowledgement(headers: tuple[str, ...]) -> None:
    assert kind("Re: Họp", "Đã nhận", *headers) is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "body",
    [
        "I will be out that day, so Mr. Nam will go instead.",
        "Thank you for your message. We will attend.",
        "Tôi đi công tác, xin vắng họp.",
        "Từ 05/10 tôi đi học, cử đ/c Mai dự họp thay, cần gì liên hệ đ/c Mai.",
        "Chúng tôi đã nhận được công văn.",
        "Đã nhận.\n\n> Đây là thư gửi tự động.",
    ],
)
def test_a_person_who_is_away_answers(body: str) -> None:
    assert kind("Re: Họp", body, "In-Reply-To: <1@anhoa.example.vn>") is Kind.REPLY


@pytest.mark.parametrize(
    ("subject", "body", "wanted", "disposition"),
    [
        ("Đã đọc: Họp", "Thư của bạn\n\nđã được đọc vào 08/10/2026 9:40 SA.", Kind.RECEIPT, "displayed"),
        ("Read: Meeting", "Your message\n\nwas read on 8/10/2026 9:40 AM.", Kind.RECEIPT, "displayed"),
        ("Chưa đọc: Họp", "Thư của bạn bị xóa mà không được đọc.", Kind.RECEIPT, "deleted"),
        ("Đã đọc: Họp", "Chi bộ đã đọc và sẽ dự họp.", Kind.REPLY, None),
    ],
)
def test_a_receipt_in_words_is_no_acknowledgement(
    subject: str, body: str, wanted: Kind, disposition: str | None
) -> None:
    got = reading(subject, body, "In-Reply-To: <1@anhoa.example.vn>")
    assert got.kind is wanted
    assert (got.receipt.disposition if got.receipt else None) == disposition


def test_a_newsletter_answers_nobody() -> None:
    body = "Đăng ký dự hội thảo trước ngày 20/10."
    assert kind("Bản tin", body, "List-Unsubscribe: <https://tapchi.example/u>") is Kind.OTHER
