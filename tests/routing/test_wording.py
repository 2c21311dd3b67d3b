"""What people read of codes and issuers: every code has its words, names in capitals take the directory's spelling."""

from __future__ import annotations

import pytest

from mailbot.office.answer_words import Intent
from mailbot.office.documents import Document
from mailbot.reading import Kind, Reading, Sender
from mailbot.routing import wording
from mailbot.routing.model import TrustLevel
from mailbot.routing.plans import Purpose
from tests.example_office import CLERK, example

SITE = example()
SUPERIOR, CELL = "thanhuy@hunghai.example.vn", "tdp1@example.org"


@pytest.mark.parametrize(
    ("codes", "words"), [(Intent, wording.INTENTS), (TrustLevel, wording.TRUST), (Purpose, wording.PURPOSES)]
)
def test_every_code_has_its_words(codes: type, words: dict[str, str]) -> None:
    assert set(words) == set(codes)


def test_a_doubt_that_no_table_knows_is_not_lost() -> None:
    assert wording.doubt_words(["number_missing", "quite_new"]) == ["chưa rõ số văn bản", "quite_new"]


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ((), "chưa có căn cứ nào"),
        (("known_address",), "chỉ mới khớp địa chỉ"),
        (("dmarc", "token"), "DMARC đạt, có mã thư"),
    ],
)
def test_trust_in_words(levels: tuple[str, ...], words: str) -> None:
    assert wording.trust_words(levels) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [("group:chi-bo > group:to-dan-pho", "Các chi bộ trực thuộc"), ("tdp-1", ""), ("relation:superior", "")],
)
def test_the_way_to_a_unit_is_a_group_by_name(reason: str, words: str) -> None:
    assert wording.way_words(reason, SITE.directory) == words


@pytest.mark.parametrize(
    ("sender", "symbol", "printed", "words"),
    [
        (CLERK, "ĐU", "BAN THƯỜNG VỤ", "Ban Thường vụ Đảng ủy phường An Hòa"),
        (SUPERIOR, "TU", "BAN THƯỜNG VỤ", "Ban Thường vụ Thành ủy Hưng Hải"),
        (CLERK, "TU", "THÀNH ỦY", "Thành ủy"),
        (SUPERIOR, "VPTU", "VĂN PHÒNG THÀNH ỦY", "Văn phòng Thành ủy"),
        (CLERK, "VPĐU", "VĂN PHÒNG ĐẢNG ỦY", "Văn phòng Đảng ủy"),
        ("la@example.com", "SNV", "SỞ NỘI VỤ", "SỞ NỘI VỤ"),
        ("la@example.com", None, "Sở Nội vụ", "Sở Nội vụ"),
        (CELL, None, None, "Chi bộ Tổ dân phố 1"),
        (CLERK, None, None, "Đảng ủy phường An Hòa"),
        ("la@example.com", None, None, "la@example.com"),
    ],
)
def test_the_issuer_in_running_text(sender: str, symbol: str | None, printed: str | None, words: str) -> None:
    document = Document(number=None, issuer=symbol, issuer_name=printed)
    reading = Reading(
        kind=Kind.DIRECTIVE, documents=(document,), from_addresses=(sender,), sender=Sender(name=None, address=sender)
    )
    assert wording.issuer_words(reading, SITE) == words
