"""A leader's line on Dovecot and Postfix: what is asked back, what the officer and the cells really get."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from tests.office_site import official
from tests.stories.town import HANOI, Town, subject_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

PEOPLE = (
    "roles:\n",
    """people:
  binh-1: {name: Nguyễn Thanh Bình, post: Chuyên viên Văn phòng, mail: "{p}-binh@in.test"}
  binh-2: {name: Trần Hòa Bình, post: Chuyên viên Ban Xây dựng Đảng, mail: "{p}-hoabinh@in.test"}
  truong: {name: Đỗ Minh Phúc, post: Chánh Văn phòng, mail: "{p}-cvp@in.test"}
roles:
""",
)
DIRECTIVE = """\
THÀNH ỦY HƯNG HẢI
Số {number}
V/v báo cáo kết quả thực hiện Chỉ thị số 05

Hưng Hải, ngày 05 tháng 10 năm 2026

Kính gửi: Đảng ủy các phường

Đề nghị các đồng chí báo cáo kết quả về Thành ủy trước ngày 24/10/2026 để tổng hợp.
"""


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> Iterator[Town]:
    founded = Town(tmp_path, dovecot, postfix, datetime(2026, 10, 6, 9, 0, tzinfo=HANOI), directory=(PEOPLE,))
    yield founded
    founded.close()


def from_above(town: Town, number: str) -> None:
    paper = official(town.address("tu"), town.address("vp"), f"Công văn {number}", DIRECTIVE.format(number=number))
    paper.add_attachment(b"%PDF-1.4 van ban", maintype="application", subtype="pdf", filename="van-ban.pdf")
    town.arrive(paper)


def files_of(raw: bytes) -> list[tuple[str | None, bytes]]:
    whole: EmailMessage = message_from_bytes(raw, policy=default)  # type: ignore[assignment]
    return [(part.get_filename(), part.get_content()) for part in whole.iter_attachments()]


def test_a_directive_is_instructed_from_a_phone_and_passed_down(town: Town) -> None:
    from_above(town, "263-CV/TU")
    assert "Chuyển đ/c … chủ trì" in text_of(town.mails("cvp")[-1])
    town.answers("cvp", "Chuyen cac chi bo thuc hien; d/c Binh chu tri, truoc 20/10\n\nSent from my iPhone")
    asked = town.mails("cvp")[-1]
    assert subject_of(asked).startswith("Chưa thực hiện")
    assert "1 Nguyễn Thanh Bình 1 Trần Hòa Bình 1 bỏ" in text_of(asked)
    assert (town.mails("tdp1"), town.mails("binh")) == ([], []), "nothing goes before the answer"
    town.answers("cvp", "1 Nguyễn Thanh Bình")
    (given,) = town.mails("binh")
    assert "Chuyen cac chi bo thuc hien; d/c Binh chu tri, truoc 20/10" in text_of(given)
    assert "chậm nhất thứ Hai, ngày 19/10/2026" in text_of(given)
    assert files_of(given)[0] == ("van-ban.pdf", b"%PDF-1.4 van ban")
    (down,) = town.mails("tdp1")
    assert "Thực hiện ý kiến chỉ đạo của đồng chí Đỗ Minh Phúc" in text_of(down)
    assert subject_of(town.mails("cvp")[-1]).startswith("Đã thực hiện")
    assert subject_of(town.mails("vanthu")[-1]).startswith("Đã thực hiện")
    town.answers("tdp1", "Đã nhận")
    town.answers("binh", "Đã xong, văn bản số 34-BC/ĐU")
    assert town.unit("person:binh-1", "263-CV/TU")["handling"] == "completed"
    assert town.unit("tdp-1", "263-CV/TU")["handling"] == "acknowledged"


def test_the_clerk_s_scan_follows_the_assignment(town: Town) -> None:
    from_above(town, "264-CV/TU")
    words = "PHÂN CÔNG 264-CV/TU: chuyển đ/c Thanh Bình chủ trì, trước 20/10"
    order = official(town.address("vanthu"), town.address("vp"), "Phân công", words)
    order.add_attachment(b"%PDF-1.4 but phe", maintype="application", subtype="pdf", filename="but-phe.pdf")
    town.arrive(order, staff=True)
    scan, given = sorted(town.mails("binh"), key=subject_of)
    assert files_of(given)[0] == ("van-ban.pdf", b"%PDF-1.4 van ban")
    assert subject_of(scan).startswith("Bản chụp bút phê 264-CV/TU")
    assert files_of(scan)[0] == ("but-phe.pdf", b"%PDF-1.4 but phe")
    assert "Theo ý kiến chỉ đạo của Chánh Văn phòng Đỗ Minh Phúc" in text_of(given)
