"""A wrong annex on Dovecot and Postfix: replaced after three cells used it, and everybody's part in it told."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from tests.office_site import answer, official
from tests.stories.town import HANOI, PAPER, Town, subject_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

NUMBER = "152-CV/ĐU"
WRONG, RIGHT = b"phu luc: cot cu\r\n", b"phu luc: cot dung, du 12 cot\r\n"


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> Iterator[Town]:
    founded = Town(tmp_path, dovecot, postfix, datetime(2026, 10, 6, 9, 0, tzinfo=HANOI), units=4)
    yield founded
    founded.close()


def paper(town: Town, annex: bytes) -> EmailMessage:
    text = PAPER.format(number=NUMBER, due="16/10/2026", now=datetime(2026, 10, 6, tzinfo=HANOI))
    return official(
        town.address("vanthu"), town.address("vp"), f"Công văn {NUMBER}", text, attachment=annex, name="phu-luc.txt"
    )


def annex_of(raw: bytes) -> list[bytes]:
    whole: EmailMessage = message_from_bytes(raw, policy=default)  # type: ignore[assignment]
    return [part.get_payload(decode=True) for part in whole.iter_attachments()]


def has_read(town: Town, who: str) -> None:
    """Somebody's program says that it has shown the newest mail (RFC 8098)."""
    original = message_from_bytes(town.mails(who)[-1], policy=default)
    receipt = (
        f"From: {town.address(who)}\nTo: {town.address('vp')}\nSubject: Read\nMessage-ID: <doc-{who}@client.test>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nDa xem.\n--b\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822; {town.address(who)}\nOriginal-Message-ID: {original['Message-ID']}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"
    )
    town.arrive(message_from_bytes(receipt.encode(), policy=default))  # type: ignore[arg-type]


def test_a_wrong_annex_is_replaced_after_three_cells_used_it(town: Town) -> None:
    town.arrive(paper(town, WRONG), staff=True)
    town.answers("vanthu", "ĐỒNG Ý")
    town.answers("tdp1", "Đã nhận")
    report = answer(town.mails("tdp2")[-1], town.address("tdp2"), town.address("vp"), "Gửi báo cáo")
    report.add_attachment(b"bao cao", maintype="application", subtype="octet-stream", filename="bao-cao.txt")
    town.arrive(report)
    has_read(town, "tdp3")

    town.now = datetime(2026, 10, 7, 9, 0, tzinfo=HANOI)
    town.arrive(paper(town, RIGHT), staff=True)
    question = text_of(town.mails("vanthu")[-1])
    assert subject_of(town.mails("vanthu")[-1]) == f"Hỏi lại: {NUMBER} đã có, thư mới kèm nội dung khác"
    assert "bản cũ: phu-luc.txt (17 byte); bản mới: phu-luc.txt (30 byte)" in question
    assert [len(town.mails(f"tdp{n}")) for n in (1, 2, 3, 4)] == [1, 1, 1, 1], "nothing goes out before the answer"

    town.answers("vanthu", "THAY TỆP lý do nhầm phụ lục")
    town.look()  # the mail that was asked about is decided again, perhaps after the pass has sent its mails
    told = text_of(town.mails("vanthu")[-1])
    used = [
        "đã dùng bản cũ: Chi bộ Tổ dân phố 1 (đã xác nhận nhận 06/10)",
        "đã dùng bản cũ: Chi bộ Tổ dân phố 2 (đã báo cáo 06/10, đã xác nhận nhận 06/10)",
        "đã dùng bản cũ: Chi bộ Tổ dân phố 3 (đã mở xem 06/10)",
    ]
    assert [line for line in used if line not in told] == []
    assert "Tổ dân phố 4" not in told, "whoever has not touched it is not accused of it"
    for who in ("tdp1", "tdp2", "tdp3", "tdp4"):
        mail = town.mails(who)[-1]
        assert subject_of(mail) == f"[THAY TỆP] {NUMBER}: đề nghị sử dụng bản gửi kèm thư này"
        assert "(nhầm phụ lục)" in text_of(mail)
        assert annex_of(mail) == [RIGHT]

    town.answers("tdp1", "Đã nhận bản đúng")
    town.answers("tdp2", "Đã huỷ bản cũ, dùng bản mới")
    town.answers("tdp3", "da nhan ban dung")
    town.until(datetime(2026, 10, 8, 17, 0, tzinfo=HANOI))
    assert [subject_of(town.mails(f"tdp{n}")[-1]).partition(":")[0] for n in (1, 4)] == [
        f"[THAY TỆP] {NUMBER}",
        f"Nhắc việc {NUMBER}",
    ]
    assert "Đã nhận bản đúng" in text_of(town.mails("tdp4")[-1])
    listed = text_of(next(mail for mail in reversed(town.mails("vanthu")) if "cần xem lại báo cáo" in text_of(mail)))
    assert f"{NUMBER}: Chi bộ Tổ dân phố 2 đã báo cáo theo bản cũ" in listed

    town.now += timedelta(hours=16)
    town.arrive(official(town.address("vanthu"), town.address("vp"), f"TÌNH HÌNH {NUMBER}", ""), staff=True)
    status = text_of(town.mails("vanthu")[-1])
    assert "Đã nhận bản đúng: 3/4" in status
    assert "Chưa xác nhận bản đúng (01) - Chi bộ Tổ dân phố 4" in status
    assert "Đã dùng bản cũ trước khi được báo (03)" in status
    town.arrive(
        official(town.address("vanthu"), town.address("vp"), f"GỬI LẠI {NUMBER} Chi bộ Tổ dân phố 4", ""), staff=True
    )
    town.now += timedelta(minutes=11)
    town.look()
    again = town.mails("tdp4")[-1]
    assert subject_of(again).startswith(NUMBER)
    assert annex_of(again) == [RIGHT]
