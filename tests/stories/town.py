"""An office on real mail servers with a clock that is set by hand: mails arrive, passes are made, people read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mailbot.service.daemon import once
from mailbot.service.runtime import Runtime
from mailbot.store import views
from tests.office_site import answer, official, write_site

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OWN_SERVER = "mail.example.test"
PAPER = """\
ĐẢNG BỘ PHƯỜNG AN HÒA
ĐẢNG ỦY PHƯỜNG
*                                     An Hòa, ngày {now:%d} tháng {now:%m} năm {now:%Y}
Số {number}
V/v báo cáo kết quả sinh hoạt chuyên đề

Kính gửi: Các chi bộ trực thuộc

Đề nghị các chi bộ báo cáo kết quả sinh hoạt chuyên đề, gửi về Đảng ủy trước ngày {due} để tổng hợp./.
"""


@dataclass
class Town:
    """The office, its people's mailboxes on Dovecot, and the hour that it is there."""

    folder: Path
    dovecot: Dovecot
    postfix: Postfix
    now: datetime
    units: int = 2
    unit_mail: str = "{p}-tdp{n}@in.test"
    directory: tuple[tuple[str, str], ...] = ()
    runtime: Runtime = field(init=False)

    def __post_init__(self) -> None:
        """Write the site with office hours, and let the first pass mark where its mail begins."""
        self.office = write_site(
            self.folder / "site",
            imap=self.dovecot.imap_port,
            smtp=self.postfix.smtp_port,
            units=self.units,
            unit_mail=self.unit_mail,
        )
        self._change("mailbot.yaml", "hours: [00:00-23:59]", "hours: [07:30-11:30, 13:30-17:00]")
        for old, new in self.directory:
            self._change("rules/directory.yaml", old, new.replace("{p}", self.office.prefix))
        self.runtime = Runtime(self.office.folder, now=lambda: self.now)
        self.look()

    def _change(self, file: str, old: str, new: str) -> None:
        path = self.office.folder / file
        text = path.read_text("utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), "utf-8")

    def close(self) -> None:
        self.runtime.close()

    # --- what people do ---

    def hand_in(self, number: str, due: str, subject: str = "v/v báo cáo") -> None:
        """The văn thư mails in a signed paper, says ĐỒNG Ý to the question, and it goes out."""
        text = PAPER.format(number=number, due=due, now=self.now)
        paper = official(self.address("vanthu"), self.address("vp"), f"Công văn {number} {subject}", text)
        self.arrive(paper, staff=True)
        asked = self.mails("vanthu")[-1]
        assert "Xin xác nhận trước khi gửi" in subject_of(asked)
        self.answers("vanthu", "ĐỒNG Ý")

    def arrive(self, mail: EmailMessage, *, staff: bool = False) -> None:
        """A mail comes into the office's mailbox at this hour, and a pass is made."""
        del mail["Date"]
        mail["Date"] = format_datetime(self.now)
        raw = mail.as_bytes()
        if staff:
            stamp = (
                f"Received: from pc (pc [10.0.0.7]) (Authenticated sender: {mail['From']}) by {OWN_SERVER} (Postfix)"
            )
            raw = f"{stamp} with ESMTPSA id 1; {format_datetime(self.now)}\r\n".encode() + raw
        with self.dovecot.client(self.office.office) as client:
            client.append("INBOX", raw, msg_time=self.now)
        self.look()

    def answers(self, who: str, words: str, **headers: str) -> None:
        """Somebody replies to the newest mail that they got."""
        mail = answer(self.mails(who)[-1], self.address(who), self.address("vp"), words)
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        self.arrive(mail, staff=who in ("vanthu", "cvp", "admin"))

    def look(self) -> None:
        """The daemon makes one whole pass."""
        once(self.runtime)

    def until(self, end: datetime) -> None:
        """Let time pass, with one look at each slot of the office until then."""
        office = self.runtime.in_force.site.office
        while (following := office.working_time.next_slot(self.now + timedelta(minutes=1), office.reminders_at)) <= end:
            self.now = following
            self.look()
        self.now = end

    # --- what people see ---

    def address(self, name: str) -> str:
        return self.office.address(name)

    def mails(self, name: str) -> list[bytes]:
        """Return what came into somebody's mailbox, oldest first; what is under way is waited for."""
        wanted = self._sent_to(self.address(name))
        return self.dovecot.wait_for(self.office.user(name), wanted) if wanted else []

    def _sent_to(self, address: str) -> int:
        with self.runtime.store.read() as connection:
            return sum(
                1 for mail in views.mails(connection, limit=1000) if mail["recipient"] == address and mail["sent_at"]
            )

    def subjects(self, name: str) -> list[str]:
        return [subject_of(mail) for mail in self.mails(name)]

    def unit(self, key: str, number: str) -> dict[str, Any]:
        """Return the state of one unit of a paper, as `mailbot status` shows it."""
        with self.runtime.store.read() as connection:
            (document,) = views.find_documents(connection, number)
            return next(unit for unit in views.matrix(connection, document)["units"] if unit["unit"] == key)


def subject_of(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=default)["Subject"]).rpartition(" [#")[0]


def text_of(raw: bytes) -> str:
    """Return the words of a mail, without regard to its line breaks."""
    part = message_from_bytes(raw, policy=default).get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())
