"""kill -9 in the middle of the work: nothing lost, nothing numbered twice, repetitions are the same mail again."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from email import message_from_bytes
from typing import TYPE_CHECKING

from mailbot.post.smtp_login import SmtpAccount as Account
from mailbot.service.sender import CLAIMS_PER_CONNECTION
from tests.office_site import DIRECTIVE_TEXT, official, write_site
from tests.servers.processes import until
from tests.service.daemon_process import DaemonProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

MAILS = 200
UNITS = 3
# Killed when so many mails are decided, and when so many are sent.
KILL_WHEN = (("decided", 20), ("sent", 60), ("decided", 120), ("sent", 400))
IN_FLIGHT = Account.connections * CLAIMS_PER_CONNECTION  # claimed by one sender, their answers not yet committed


def _count(folder: Path, what: str) -> int:
    question = {
        "decided": "select count(*) from message where state = 'decided'",
        "sent": "select count(*) from outbox where state = 'sent'",
        "delivered": "select count(*) from delivery where transport = 'sent'",
        "new": "select count(*) from message where state = 'new'",
    }[what]
    path = folder / "var" / "mailbot.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
        try:
            return int(db.execute(question).fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def test_killed_in_the_middle_of_200_mails_loses_nothing_and_numbers_nothing_twice(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    office = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=UNITS)
    daemon = DaemonProcess(office.folder)
    daemon.start()
    daemon.until_watching()
    mails = [
        official(
            office.address("tu"),
            office.address("vp"),
            f"chuyển ngay {number}-CV/TU",
            DIRECTIVE_TEXT.format(number=f"{number}-CV/TU", due="30/10/2026"),
        ).as_bytes()
        for number in range(1, MAILS + 1)
    ]
    dovecot.deliver_many(office.office, mails)
    for what, count in KILL_WHEN:
        until(
            lambda what=what, count=count: _count(office.folder, what) >= count,
            f"{count} {what}: {daemon.log()[-2000:]}",
            120,
        )
        daemon.kill()
        daemon.start()
    wanted = MAILS * UNITS
    until(lambda: _count(office.folder, "delivered") == wanted, f"all to be sent: {daemon.log()[-2000:]}", 180)
    assert daemon.stop() == 0

    with closing(sqlite3.connect(office.folder / "var" / "mailbot.db")) as db:
        numbers = [row[0] for row in db.execute("select book_number from document order by book_number")]
        outcomes = Counter(row[0] for row in db.execute("select state from message"))
    assert numbers == list(range(413, 413 + MAILS))
    assert outcomes == {"decided": MAILS}
    copies: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    for received in smtp_sink.mails:
        message_id = str(message_from_bytes(received.raw)["Message-ID"])
        for recipient in received.recipients:  # the clerk gets lists of another kind
            if "-tdp" not in recipient:
                continue
            copies[(recipient, message_id)].append(received.raw)
    assert len(copies) == wanted
    assert all(len(set(same)) == 1 for same in copies.values()), "a repetition is the same bytes again"
    repeated = sum(len(same) - 1 for same in copies.values())
    assert repeated <= len(KILL_WHEN) * IN_FLIGHT, "no more repetitions than sends that can be in flight at a kill"
