"""Số và ký hiệu in every writing that people use."""

import pytest

from mailbot.office.numbers import find_blank, find_numbers, from_file_name
from mailbot.office.text import fold, normalize, restore


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Số 152-CV/ĐU", "152-CV/ĐU"),
        ("số484-CV/BTCTU", "484-CV/BTCTU"),
        ("31/QÐ-QU", "31-QĐ/QU"),
        ("31–QĐ∕QU", "31-QĐ/QU"),
        ("1234-cv/qu", "1234-CV/QU"),
        ("so 77-CV/BTGQU", "77-CV/BTGQU"),
        ("367 - QĐ/TWĐTN-VP", "367-QĐ/TWĐTN-VP"),
        ("Số: 15/QĐ-UBND", "15/QĐ-UBND"),
        ("Số: 15/QĐ–UBND", "15/QĐ-UBND"),
        ("12a/KH-UBND", "12a/KH-UBND"),
        ("số 425/VTLTNN - NVTW", "425/VTLTNN-NVTW"),
        ("Số: 356/UBND-NV", "356/UBND-NV"),
        ("30/2020/NĐ-CP", "30/2020/NĐ-CP"),
        ("29/2018/QH14", "29/2018/QH14"),
        ("06/2022-QH15", "06/2022/QH15"),
        ("22-CTr/ĐU", "22-CTr/ĐU"),
        ("08-QĐi/TW", "08-QĐi/TW"),
    ],
)
def test_numbers_are_found_in_any_writing(written: str, canonical: str) -> None:
    assert [number.canonical for number in find_numbers(normalize(written))] == [canonical]


@pytest.mark.parametrize(
    "text", ["ngày 20/12/2019", "3/UBND", "Điều 1/QH", "tỷ lệ 50/100", "số 8.2 đường", "0236.000.100"]
)
def test_what_is_no_number_is_left(text: str) -> None:
    assert find_numbers(normalize(text)) == ()


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("152-CV-ĐU.pdf", "152-CV/ĐU"),
        ("25_GM-UBND_signed.pdf", "25/GM-UBND"),
        ("ĐU-CV-0100-2025 CV đôn đốc (29-9).signed.signed.pdf", "100-CV/ĐU"),
        ("CV 57.doc", None),
        ("thong bao.pdf", None),
    ],
)
def test_file_names_are_witnesses(name: str, canonical: str | None) -> None:
    number = from_file_name(normalize(name))
    assert (number.canonical if number else None) == canonical


@pytest.mark.parametrize(
    ("text", "found"),
    [("Số    -CV/ĐU", ("CV", "ĐU")), ("Số ….-TB/QU", ("TB", "QU")), ("Số 12-CV/ĐU", None)],
)
def test_an_open_number_is_seen(text: str, found: tuple[str, str] | None) -> None:
    assert find_blank(normalize(text)) == found


def test_swapped_separators_have_one_key() -> None:
    one, other = (find_numbers(normalize(text))[0].key for text in ("31-QĐ/QU", "31/QÐ-QU"))
    assert one == other


@pytest.mark.parametrize(
    ("text", "restored", "encoding"),
    [
        ("KÝnh göi: §¶ng uû ph\u00adêng", "Kính gửi: Đảng uỷ phường", "tcvn3"),
        ("Ñaûng uûy phöôøng An Hoøa, ngaøy", "Đảng ủy phường An Hòa, ngày", "vni"),
        ("KÃ­nh gá»\xadi Äáº£ng á»§y".replace("Äáº£", "Ä\x90áº£"), "Kính gửi Đảng ủy", "utf8-twice"),
        ("Kính gửi Đảng ủy", "Kính gửi Đảng ủy", None),
        ("Windows® and Office® are ©2019", "Windows® and Office® are ©2019", None),
        ("Donau\u00addampf\u00adschiff", "Donau\u00addampf\u00adschiff", None),
        ("© 2019 Smith & Co", "© 2019 Smith & Co", None),
    ],
)
def test_legacy_encodings_are_undone(text: str, restored: str, encoding: str | None) -> None:
    assert restore(text) == (restored, encoding)


@pytest.mark.parametrize("text", ["Đảng uỷ", "ỦY BAN", "İstanbul", "ß", "a\u0301"])
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
