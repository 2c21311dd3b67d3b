"""Số và ký hiệu in every writing that people use."""

import pytest

from mailbot.office.documents import read_document
from mailbot.office.legacy import restore
from mailbot.office.numbers import find_blank, find_numbers, from_file_name
from mailbot.office.text import fold, normalize
from tests.tables.numbers import FILES, NO_NUMBERS, NUMBERS


@pytest.mark.parametrize(("written", "number"), NUMBERS)
def test_numbers_are_found_in_any_writing(written: str, number: str) -> None:
    assert [found.canonical for found in find_numbers(normalize(written))] == [number]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_left(text: str) -> None:
    assert find_numbers(normalize(text)) == ()


@pytest.mark.parametrize(("name", "canonical"), FILES)
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


@pytest.mark.parametrize(
    ("line", "number", "kind"),
    [("Số: 4263", "4263", None), ("Số 03-HD", "03-HD", "HD"), ("Số 12, đường 3/2", None, None)],
)
def test_a_number_without_its_issuer_is_kept_as_printed(line: str, number: str | None, kind: str | None) -> None:
    document = read_document(f"BỘ TƯ LỆNH VÙNG\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n{line}\n")
    assert (document.number, document.type) == (number, kind)
