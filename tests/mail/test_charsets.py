"""A declared charset that fails is made up for, without swallowing the legacy Vietnamese encodings."""

import pytest

from mailbot.mail.charsets import decode

RUSSIAN = "Уважаемые коллеги, приглашаем вас на встречу делегаций, которая состоится в понедельник утром."
JAPANESE = "お世話になっております。来週の月曜日の午前に会議室で打ち合わせを行いますので、ご出席をお願いいたします。"
CHINESE = "尊敬的各位同事：兹定于下周一上午在大会议室召开代表团会晤，请准时出席会议，谢谢大家的支持与合作。"
KOREAN = "안녕하십니까. 다음 주 월요일 오전에 대회의실에서 대표단 회의가 있으니 참석하여 주시기 바랍니다."
# "Kính gửi các đồng chí Bí thư chi bộ" in TCVN3, as its bytes look in Windows-1252.
TCVN3 = "KÝnh göi c¸c ®ång chÝ BÝ th­ chi bé, mêi dù héi nghÞ ®¸nh gi¸ kÕt qu¶ c«ng t¸c quý ba cña §¶ng ñy".encode(
    "cp1252"
)


@pytest.mark.parametrize("declared", ["x-broken", "utf-8", "us-ascii; x"])
@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "euc_kr"),
    ],
)
def test_foreign_scripts_are_found_when_the_declaration_fails(text: str, codec: str, declared: str) -> None:
    assert decode(text.encode(codec), declared) == text


@pytest.mark.parametrize("declared", ["x-broken", "utf-8", "gb2312", "us-ascii", None])
def test_legacy_vietnamese_keeps_its_bytes_apart(declared: str | None) -> None:
    assert decode(TCVN3, declared) == TCVN3.decode("cp1252")


@pytest.mark.parametrize("declared", ["us-ascii", "unknown-8bit", None])
def test_nothing_is_guessed_where_nothing_was_claimed(declared: str | None) -> None:
    assert decode(RUSSIAN.encode("cp1251"), declared)[:3] == "Óâà"


@pytest.mark.parametrize("content", [b"\xff", b"\x80\x81\x82" * 5000, bytes(range(256)) * 40])
def test_any_bytes_become_text(content: bytes) -> None:
    assert isinstance(decode(content, "x-broken"), str)
