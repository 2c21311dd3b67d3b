"""Reports on Dovecot and Postfix: one is sent back and comes again, and at the deadline the ZIP of all arrives."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import openpyxl
import pytest

from mailbot.routing.gathering import COLUMNS, TABLE
from tests.office_site import answer
from tests.stories.town import HANOI, Town, subject_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> Iterator[Town]:
    founded = Town(tmp_path, dovecot, postfix, datetime(2026, 10, 5, 9, 0, tzinfo=HANOI), units=3)
    yield founded
    founded.close()


def reports(town: Town, who: str, words: str, name: str, content: bytes) -> None:
    mail = answer(town.mails(who)[-1], town.address(who), town.address("vp"), words)
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    town.arrive(mail)


def test_a_report_sent_back_comes_again_and_the_zip_arrives_at_the_deadline(town: Town) -> None:
    town.hand_in("152-CV/ĐU", "09/10/2026")
    reports(town, "tdp1", "Gửi báo cáo", "Báo cáo.bin", b"\x00one")
    town.answers("tdp2", "Không phát sinh")
    mail = answer(town.mails("tdp1")[-1], town.address("vanthu"), town.address("vp"), "")
    mail.set_content("TRẢ LẠI BÁO CÁO, lý do: thiếu biểu số 2")
    town.arrive(mail, staff=True)
    town.until(datetime(2026, 10, 5, 14, 0, tzinfo=HANOI))
    town.look()
    back = town.mails("tdp1")[-1]
    assert subject_of(back).startswith("Đề nghị hoàn chỉnh báo cáo theo 152-CV/ĐU")
    assert "Lý do: thiếu biểu số 2" in text_of(back)
    reports(town, "tdp1", "Gửi lại báo cáo", "Báo cáo.bin", b"\x00two")
    town.until(datetime(2026, 10, 9, 8, 30, tzinfo=HANOI))
    town.look()
    found = [mail for mail in town.mails("vanthu") if subject_of(mail).startswith("Tổng hợp báo cáo 152-CV/ĐU: 2/3")]
    assert len(found) == 1, town.subjects("vanthu")
    (part,) = message_from_bytes(found[0], policy=default).iter_attachments()
    opened = zipfile.ZipFile(io.BytesIO(part.get_content()))
    first, second = "01-Chi-bo-To-dan-pho-1/Báo cáo.bin", "02-Chi-bo-To-dan-pho-2/noi-dung-thu.txt"
    assert opened.namelist() == [TABLE, first, second]
    assert opened.read(first) == b"\x00two"
    rows = list(openpyxl.load_workbook(io.BytesIO(opened.read(TABLE))).worksheets[0].iter_rows(values_only=True))
    states = [row[COLUMNS.index("Tình hình")] for row in rows[rows.index(COLUMNS) + 1 :]]
    assert states == ["Đúng hạn", "Đúng hạn, không phát sinh", "Chưa ghi nhận"]
