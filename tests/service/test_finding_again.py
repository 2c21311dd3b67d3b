"""On real servers: a document is looked up with its file, its history is mailed, and the ZIP has the very mails."""

from __future__ import annotations

import hashlib
import zipfile
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

from tests.cli.test_bad_input import mailbot
from tests.office_site import DIRECTIVE_TEXT, answer, official, submit
from tests.servers.processes import until
from tests.service.test_whole_way import _units as units
from tests.service.test_whole_way import daemon as daemon
from tests.service.test_whole_way import office as office

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.office_site import OfficeSite
    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix
    from tests.service.daemon_process import DaemonProcess

PAPER = bytes(range(256)) * 40


def newest(dovecot: Dovecot, user: str, count: int) -> EmailMessage:
    return message_from_bytes(dovecot.wait_for(user, count)[count - 1], policy=default)  # type: ignore[return-value]


def test_a_document_is_found_again_with_its_file_and_all_that_proves_it(
    office: OfficeSite, daemon: DaemonProcess, dovecot: Dovecot, postfix: Postfix, tmp_path: Path
) -> None:
    clerk, mailbox = office.address("vanthu"), office.address("vp")

    def send(mail: EmailMessage) -> None:
        submit(postfix.submission_port, office.user("vanthu"), mail)

    text = DIRECTIVE_TEXT.format(number="152-CV/ĐU", due="16/10/2026")
    subject = "CV 152-CV/ĐU v/v báo cáo"
    send(official(clerk, mailbox, subject, text, attachment=PAPER, name="152.bin"))
    send(answer(dovecot.wait_for(office.user("vanthu"), 1)[0], clerk, mailbox, "ĐỒNG Ý"))
    received = dovecot.wait_for(office.user("tdp2"), 1)[0]
    submit(
        postfix.submission_port,
        office.user("tdp2"),
        answer(received, office.address("tdp2"), mailbox, "Da nhan"),
    )
    until(lambda: units(daemon, "152")["tdp-2"]["handling"] == "acknowledged", f"the answer to count: {daemon.log()}")
    known = len(dovecot.wait_for(office.user("vanthu"), 2))  # the question, the confirmation

    send(official(clerk, mailbox, "tra cuu 152 cv du kem tep", ""))
    found = newest(dovecot, office.user("vanthu"), known + 1)
    assert "Tra cứu" in str(found["Subject"])
    (file,) = found.iter_attachments()
    assert (file.get_filename(), file.get_payload(decode=True)) == ("152.bin", PAPER)

    send(official(clerk, mailbox, "LICH SU 152-CV/DU", ""))
    history = newest(dovecot, office.user("vanthu"), known + 2)
    assert [part.get_filename() for part in history.iter_attachments()] == ["lich-su-152-cv-du.xlsx"]

    packed = tmp_path / "kiem-tra.zip"
    run = mailbot("log", "152-CV/ĐU", "--file", str(packed), "-C", str(office.folder))
    assert (run.returncode, run.stderr) == (0, "")
    with zipfile.ZipFile(packed) as opened:
        lines = dict(reversed(line.split("  ")) for line in opened.read("SHA256SUMS").decode().splitlines())
        contents = {name: opened.read(name) for name in opened.namelist() if name != "SHA256SUMS"}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()} == lines
    came = [message_from_bytes(content, policy=default) for name, content in contents.items() if "thu-den/" in name]
    assert {str(mail["From"]) for mail in came} >= {clerk, office.address("tdp2")}
    went = [message_from_bytes(content, policy=default) for name, content in contents.items() if "thu-di/" in name]
    assert str(received_id := message_from_bytes(received, policy=default)["Message-ID"]) in {
        str(mail["Message-ID"]) for mail in went
    }, received_id
    assert mailbot("log", "--verify", "-C", str(office.folder)).returncode == 0
