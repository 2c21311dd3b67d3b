"""A daemon at work takes a hundred changes of its site, half of them bad, and no mail notices."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from email import message_from_bytes
from typing import TYPE_CHECKING

from tests.office_site import DIRECTIVE_TEXT, official, write_site
from tests.servers.processes import until
from tests.service.daemon_process import DaemonProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.office_site import OfficeSite
    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

RELOADS = 100
MAILS_A_RELOAD = 2
GROUP = "send: {to: [group:chi-bo], template: directive_from_superior}"
NUMBER_TWO_ALONE = "send: {to: [unit:tdp-2], template: directive_from_superior}"
WRONG = "send: {to: [unit:tdp-3], template: directive_from_superior}"
# What a slip of the pen looks like; each would send to the wrong unit if what is right in the file were used.
SLIPS = (
    lambda rules: rules.replace(GROUP, WRONG).replace("ladders:", "ladder:"),
    lambda rules: rules.replace(GROUP, WRONG) + "\n  - {id: [}",
    lambda rules: rules.replace(GROUP, WRONG).replace("relation:superior", "relation:cap-tren"),
    lambda rules: rules.replace(GROUP, WRONG.replace("tdp-3", "tdp-3, unit:khong-co")),
)


def _mails(office: OfficeSite, first: int) -> list[bytes]:
    return [
        official(
            office.address("tu"),
            office.address("vp"),
            f"chuyển ngay {number}-CV/TU",
            DIRECTIVE_TEXT.format(number=f"{number}-CV/TU", due="30/10/2026"),
        ).as_bytes()
        for number in range(first, first + MAILS_A_RELOAD)
    ]


def _looked_at(daemon: DaemonProcess) -> tuple[int, int]:
    log = daemon.log()
    return log.count("site.reloaded"), log.count("site.refused")


def _sent(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder}/var/mailbot.db?mode=ro", uri=True, timeout=30)) as db:
        return int(db.execute("select count(*) from delivery where transport = 'sent'").fetchone()[0])


def test_a_hundred_reloads_half_of_them_bad_lose_repeat_and_misroute_nothing(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    office = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port, units=3)
    rules = office.folder / "rules" / "10-rules.yaml"
    # Group chi-bo without tdp-3: whatever reaches tdp-3 was sent by a file that was refused.
    directory = office.folder / "rules" / "directory.yaml"
    group = "members: [group:to-dan-pho]"
    directory.write_text(directory.read_text("utf-8").replace(group, "members: [unit:tdp-1, unit:tdp-2]"), "utf-8")
    good = rules.read_text("utf-8")
    daemon = DaemonProcess(office.folder)
    daemon.start()
    daemon.until_watching()
    accepted = refused = 0
    for number in range(RELOADS):
        dovecot.deliver_many(office.office, _mails(office, 1 + number * MAILS_A_RELOAD))
        if number % 2:
            refused += 1
            rules.write_text(SLIPS[number // 2 % len(SLIPS)](good), "utf-8")
        else:
            accepted += 1
            rules.write_text(good.replace("Văn bản đi", f"Văn bản đi {number}"), "utf-8")
        wanted = (accepted, refused)
        until(
            lambda wanted=wanted: _looked_at(daemon) == wanted,
            f"change {number} to be looked at: {daemon.log()[-2000:]}",
        )
    # The last word is a good one with another unit, so that the new rules are seen to be in force.
    rules.write_text(good.replace(GROUP, NUMBER_TWO_ALONE), "utf-8")
    until(lambda: _looked_at(daemon) == (accepted + 1, refused), "the last change to be taken")
    count = RELOADS * MAILS_A_RELOAD
    dovecot.deliver_many(office.office, _mails(office, 1 + count))
    wanted = count * 2 + MAILS_A_RELOAD
    until(lambda: _sent(office.folder) >= wanted, f"all to be sent: {daemon.log()[-2000:]}", 180)
    assert daemon.stop() == 0

    with closing(sqlite3.connect(office.folder / "var" / "mailbot.db")) as db:
        numbers = [row[0] for row in db.execute("select book_number from document order by book_number")]
        outcomes = Counter(row[0] for row in db.execute("select state from message"))
    assert numbers == list(range(413, 413 + count + MAILS_A_RELOAD)), "every paper has its number, none has two"
    assert outcomes == {"decided": count + MAILS_A_RELOAD}
    copies = Counter(
        (recipient, str(message_from_bytes(mail.raw)["Message-ID"]))
        for mail in smtp_sink.mails
        for recipient in mail.recipients
        if "-tdp" in recipient
    )
    units = Counter(recipient for recipient, _ in copies)
    assert units == {office.address("tdp1"): count, office.address("tdp2"): count + MAILS_A_RELOAD}, (
        "nothing reached the wrong unit"
    )
    assert set(copies.values()) == {1}, "nothing was repeated"
    told = [mail for mail in smtp_sink.mails if office.address("admin") in mail.recipients]
    assert len(told) == refused, "each bad change between two good ones was told once"
