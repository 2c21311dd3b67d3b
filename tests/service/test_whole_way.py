"""The product's main job on real servers: a mail in the mailbox becomes an acknowledged delivery."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from tests.office_site import DIRECTIVE_TEXT, INVITATION_TEXT, answer, official, submit, write_site
from tests.servers.processes import until
from tests.service.daemon_process import DaemonProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.office_site import OfficeSite
    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> OfficeSite:
    return write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=postfix.smtp_port)


@pytest.fixture
def daemon(office: OfficeSite) -> Iterator[DaemonProcess]:
    running = DaemonProcess(office.folder)
    running.start()
    running.until_watching()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.stop()


def _units(daemon: DaemonProcess, number: str) -> dict[str, dict[str, str]]:
    found = daemon.listing("status", number) or [{"units": []}]
    return {unit["unit"]: unit for unit in found[0]["units"]}


def test_directive_goes_out_after_the_clerk_agrees_and_comes_back_acknowledged(
    office: OfficeSite, daemon: DaemonProcess, dovecot: Dovecot, postfix: Postfix
) -> None:
    paper = bytes(range(256)) * 40
    text = DIRECTIVE_TEXT.format(number="152-CV/ĐU", due="16/10/2026")
    mail = official(
        office.address("vanthu"),
        office.address("vp"),
        "CV 152-CV/ĐU v/v báo cáo",
        text,
        attachment=paper,
        name="Công văn 152.bin",
    )
    submit(postfix.submission_port, office.user("vanthu"), mail)

    asked = dovecot.wait_for(office.user("vanthu"), 1)[0]
    assert "Xin xác nhận trước khi gửi 152-CV/ĐU" in str(message_from_bytes(asked, policy=default)["Subject"])
    assert not dovecot.mailbox(office.user("tdp1"))
    submit(
        postfix.submission_port,
        office.user("vanthu"),
        answer(asked, office.address("vanthu"), office.address("vp"), "ĐỒNG Ý"),
    )

    for number in (1, 2, 3):
        copy = message_from_bytes(dovecot.wait_for(office.user(f"tdp{number}"), 1)[0], policy=default)
        attachments = list(copy.iter_attachments())
        assert [part.get_filename() for part in attachments] == ["Công văn 152.bin"]
        assert attachments[0].get_payload(decode=True) == paper
        assert copy["Auto-Submitted"] == "auto-generated"
        assert "152-CV/ĐU" in str(copy["Subject"])

    received = dovecot.mailbox(office.user("tdp2"))[0]
    submit(
        postfix.submission_port,
        office.user("tdp2"),
        answer(received, office.address("tdp2"), office.address("vp"), "Da nhan"),
    )
    until(
        lambda: _units(daemon, "152-CV/ĐU")["tdp-2"]["handling"] == "acknowledged",
        f"the answer to count: {daemon.log()}",
    )
    units = _units(daemon, "152")
    assert units["tdp-1"]["handling"] is None
    assert units["tdp-1"]["transport"] == "sent"
    assert len(dovecot.wait_for(office.office, 1, folder="Sent")) == 1


def test_invitation_goes_to_every_cell_and_their_words_are_their_rsvp(
    office: OfficeSite, daemon: DaemonProcess, dovecot: Dovecot, postfix: Postfix
) -> None:
    mail = official(
        office.address("vanthu"),
        office.address("vp"),
        "Giấy mời 45-GM/VPĐU họp giao ban",
        INVITATION_TEXT.format(number="45-GM/VPĐU"),
    )
    submit(postfix.submission_port, office.user("vanthu"), mail)
    words = {1: "Dự họp", 2: "Xin vắng, lý do: đi công tác", 3: "Cử đồng chí Lê Văn C, Phó Bí thư, dự thay"}
    for number, text in words.items():
        received = dovecot.wait_for(office.user(f"tdp{number}"), 1)[0]
        submit(
            postfix.submission_port,
            office.user(f"tdp{number}"),
            answer(received, office.address(f"tdp{number}"), office.address("vp"), text),
        )
    wanted = {"tdp-1": "accepted", "tdp-2": "declined", "tdp-3": "delegated"}
    until(
        lambda: {unit: state["rsvp"] for unit, state in _units(daemon, "45-GM/VPĐU").items()} == wanted,
        f"all RSVPs: {daemon.log()}",
    )


def test_superiors_paper_gets_the_next_number_and_waits_for_the_leaders_word(
    office: OfficeSite, daemon: DaemonProcess, dovecot: Dovecot, postfix: Postfix
) -> None:
    text = DIRECTIVE_TEXT.format(number="263-CV/TU", due="30/10/2026")
    submit(
        postfix.submission_port,
        office.user("tu"),
        official(office.address("tu"), office.address("vp"), "Công văn 263-CV/TU", text),
    )
    asked = dovecot.wait_for(office.user("cvp"), 1)[0]
    body = message_from_bytes(asked, policy=default).get_body(("plain",))
    assert body is not None
    assert "Số đến: 413" in body.get_content()
    assert not dovecot.mailbox(office.user("tdp1"))
    submit(
        postfix.submission_port,
        office.user("cvp"),
        answer(asked, office.address("cvp"), office.address("vp"), "Dong y"),
    )
    received = message_from_bytes(dovecot.wait_for(office.user("tdp1"), 1)[0], policy=default)
    assert "Thực hiện ý kiến chỉ đạo" in str(received.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_forged_directive_is_held_and_the_registered_address_is_asked(
    office: OfficeSite, daemon: DaemonProcess, dovecot: Dovecot, postfix: Postfix
) -> None:
    text = DIRECTIVE_TEXT.format(number="153-CV/ĐU", due="16/10/2026")
    forged = official(office.address("vanthu"), office.address("vp"), "gửi ngay 153-CV/ĐU", text)
    dovecot.deliver(
        office.office,
        b"Received: from evil (Authenticated sender: vanthu) by mail.evil.test; Mon, 5 Oct 2026 08:00:00 +0700\r\n"
        + forged.as_bytes(),
    )
    asked = dovecot.wait_for(office.user("vanthu"), 1)[0]
    assert "Chưa thực hiện" in str(message_from_bytes(asked, policy=default)["Subject"])
    assert not dovecot.mailbox(office.user("tdp1"))
    submit(
        postfix.submission_port,
        office.user("vanthu"),
        answer(asked, office.address("vanthu"), office.address("vp"), "ĐỒNG Ý"),
    )
    assert dovecot.wait_for(office.user("tdp1"), 1)
