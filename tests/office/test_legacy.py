"""Vietnamese from before Unicode is read: fonts in disguise, VISCII, UTF-8 encoded twice, in body, subject and page."""

import base64

import pytest

from mailbot.office.legacy import restore
from mailbot.reading import Reading, ReadingContext, read

LETTER = "Kính gửi các đồng chí Bí thư chi bộ. Đề nghị báo cáo kết quả công tác quý ba trước ngày 20/12/2019."
# The letter as its bytes look in Windows-1252.
TCVN3 = "KÝnh göi c¸c ®ång chÝ BÝ th\xad chi bé. §Ò nghÞ b¸o c¸o kÕt qu¶ c«ng t¸c quý ba tr\xadíc ngµy 20/12/2019."
VNI = (
    "Kính göûi caùc ñoàng chí Bí thö chi boä. Ñeà nghò baùo caùo keát quaû coâng taùc quyù ba tröôùc ngaøy 20/12/2019."
)
VISCII = (
    b"K\xednh g\xd8i c\xe1c \xf0\xb0ng ch\xed B\xed th\xdf chi b\xb5. \xd0\xab ngh\xb8 b\xe1o c\xe1o k\xaat"
    b" qu\xe4 c\xf4ng t\xe1c qu\xfd ba tr\xdf\xbec ng\xe0y 20/12/2019."
)


def twice(text: str, times: int = 1) -> str:
    for _ in range(times):
        text = text.encode().decode("latin-1")
    return text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (TCVN3, "tcvn3"),
        (VNI, "vni"),
        (VISCII.decode("latin-1"), "viscii"),
        (twice(LETTER), "utf8-twice"),
        (twice(LETTER, 2), "utf8-twice"),
        (LETTER, None),
    ],
)
def test_old_encodings_are_undone(text: str, name: str | None) -> None:
    assert restore(text) == (LETTER, name)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("Sè 12-CV/QU, §· nhËn, §Ò nghÞ", "Số 12-CV/QU, Đã nhận, Đề nghị"),
        ("BÝ TH\xad, QUËN Uû, héi nghÞ, VÒ VIÖC", "BÍ THƯ, QUẬN UỶ, hội nghị, VỀ VIỆC"),
        ("§¶NG Bé THµNH PHè, c¸c ®ång chÝ", "ĐẢNG BỘ THÀNH PHỐ, các đồng chí"),
    ],
)
def test_small_letters_of_tcvn3_that_are_meant_as_capitals_become_such(text: str, read_as: str) -> None:
    assert restore(text) == (read_as, "tcvn3")


def test_true_vietnamese_beside_what_was_encoded_twice_stays() -> None:
    assert restore(f"{twice(LETTER)}\nVăn phòng Đảng ủy phường")[0] == f"{LETTER}\nVăn phòng Đảng ủy phường"


@pytest.mark.parametrize(
    "text",
    [
        "Début de la réunion à 8 heures, les élèves français étaient là où ça compte.",
        "Grüße aus München, schöne Straße, für Übermäßiges.",
        "NÃO há informação; a situação é ótima, São João.",
        "Microsoft® Windows™, 20 °C, 5 µm, § 12, «tiếng»",
    ],
)
def test_other_tongues_are_left_alone(text: str) -> None:
    assert restore(text) == (text, None)


def mail(body: bytes, kind: str, subject: bytes = b"Hop") -> Reading:
    head = b"From: a@b.test\r\nSubject: " + subject + b"\r\nMIME-Version: 1.0\r\nContent-Type: " + kind.encode()
    return read(head + b"\r\n\r\n" + body, ReadingContext())


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=iso-8859-1", "text/plain; charset=us-ascii"])
@pytest.mark.parametrize("body", [TCVN3.encode("latin-1"), VNI.encode("latin-1"), VISCII, twice(LETTER).encode()])
def test_mails_in_old_encodings_are_read(body: bytes, kind: str) -> None:
    reading = mail(body, kind)
    assert (reading.text, "legacy_encoding" in reading.review) == (LETTER, True)


@pytest.mark.parametrize("name", ["viscii", "VISCII1.1-1", "x-viet-tcvn5712"])
def test_declared_old_encodings_are_read(name: str) -> None:
    body = TCVN3.encode("latin-1") if "tcvn" in name else VISCII
    assert mail(body, f"text/plain; charset={name}").text == LETTER


@pytest.mark.parametrize(
    ("font", "words"),
    [
        ('<p style="font-family:.VnTime">§· nhËn.', "Đã nhận."),
        ("<font face='.VnTimeH'>§· nhËn.", "Đã nhận."),
        ('<p style="font-family: VNI-Times">Ñaõ nhaän.', "Đã nhận."),
        ('<p style="font-family:.VnTime">Chi bộ đã nhận đủ, cảm ơn.', "Chi bộ đã nhận đủ, cảm ơn."),
    ],
)
def test_the_font_of_a_page_tells_how_few_words_are_meant(font: str, words: str) -> None:
    assert mail(font.encode(), "text/html; charset=utf-8").text == words


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (b"=?iso-8859-1?Q?Gi=CAy_m=EAi_h=E4p_=AE=E9t_xu=CAt?=", "Giấy mời họp đột xuất"),
        (b"=?utf-8?B?" + base64.b64encode(twice("Giấy mời họp").encode()) + b"?=", "Giấy mời họp"),
        (b"=?utf-8?Q?Gi=E1=BA=A5y_m=E1=BB=9Di_h=E1=BB?=", "Giấy mời h\ufffd"),
    ],
)
def test_subjects_in_old_or_cut_encodings_are_read(subject: bytes, words: str) -> None:
    assert mail(b"x", "text/plain", subject).subject == words


def test_a_body_cut_within_a_sign_keeps_its_encoding() -> None:
    assert mail("Đã nhận đủ".encode()[:-1], "text/plain; charset=utf-8").text == "Đã nhận đ\ufffd"


def test_unicode_that_only_its_first_sign_declares_is_read() -> None:
    assert mail(LETTER.encode("utf-16"), "text/plain").text == LETTER
