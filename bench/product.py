"""The product beside the yardsticks: the real daemon on the same full mailbox and sink, told by its own ledger."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bench.mails import MAILBOX, SENDER
from bench.measures import Measured, Place, row, tree_usage
from bench.raw import LATENCY_MAILS, deliver

if TYPE_CHECKING:
    from collections.abc import Callable

MAILBOT = """\
mode: {mode}
office: {{name: Đảng ủy phường An Hòa, unit: dang-uy, hours: [00:00-23:59], reminders_at: [08:00]}}
mailboxes:
  van-phong:
    address: {mailbox}
    imap: {{host: {place.host}, port: {place.imap_port}, tls: none, user: {user}, password: {place.password}}}
    smtp: {{host: {place.host}, port: {place.smtp_port}, tls: none}}
    start: 2020-01-01
    processed: {{flag: $MailbotDone}}
    limits: {{send_per_minute: 10000000, send_per_day: 100000000}}
registers:
  van-ban-den: {{takes: incoming, restart: year, next: 1}}
database: sqlite:///var/mailbot.db
trust: {{documents: [known_address], orders: [internal]}}
officers: {{clerk: role:van-thu, leader: role:van-thu, admin: role:van-thu, secrets: role:van-thu}}
"""
DIRECTORY = """\
units:
  quan-uy: {{name: Quận ủy, relation: superior, symbols: [QU], mail: [{sender}]}}
  dang-uy: {{name: Đảng ủy phường An Hòa, relation: self, symbols: [ĐU]}}
{units}
groups:
  chi-bo: {{name: Các chi bộ, members: [{members}]}}
roles:
  van-thu: [vanthu@in.test]
"""
RULES = """\
rules:
  - id: cap-tren
    title: Chuyển ngay văn bản của cấp trên
    when: {{direction: incoming, from: relation:superior, kind: directive}}
    then:
      register: van-ban-den
      send: {{to: [group:chi-bo], template: directive{copies}}}
      pass_down: automatic
      ask: {ask}
      acknowledge_within: 1 working day
      ladder: xac-nhan
      confirm: never
ladders:
  xac-nhan:
    - {{at: acknowledgement overdue, do: remind}}
"""


def product_in(place: Place) -> Measured:
    """Fetch, read, decide, record with every delivery, flag; in shadow, so that nothing is sent."""
    return _run(place, "mailbot, in", "shadow", done=_all_flagged)


def product_personal(place: Place) -> Measured:
    """The same, and a personal copy to each unit."""
    return _run(place, "mailbot, personal copies", "live", done=_all_sent)


def product_shared(place: Place) -> Measured:
    """The same, and equal copies for all units in one transaction."""
    return _run(place, "mailbot, equal copies shared", "live", done=_all_sent, copies=", copy: equal", ask="none")


def product_latency(place: Place) -> Measured:
    """Milliseconds from a delivery to the body in the daemon's hand; up to 500 are Dovecot's own, as for a raw client.

    Each session hears of a mail at its own time, so that the notice itself cannot be seen from outside.
    """
    user = f"{place.user}-ours"
    folder = Path(place.folder) / "mailbot-latency"
    write_site(folder, place, "shadow", user=user)
    log = folder / "log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = _start(folder, output, "debug")
        _until_log(log, "mailbox.connected", 1)
        waits = []
        for number in range(1, LATENCY_MAILS + 1):
            delivered = deliver(place, user, number)
            waits.append((_until_log(log, "mail.fetched", number) - delivered) * 1000)
        process.terminate()
        process.wait(60)
    made = row("mailbot, delivery to body", LATENCY_MAILS, 0, time.perf_counter() - started, 0.0, 0.0)
    return made | {"delivery_ms_median": statistics.median(waits), "delivery_ms_p99": max(waits)}


def _until_log(log: Path, event: str, count: int) -> float:
    """Wait until the daemon's log has the event so many times; return when it says the last one was (Unix time)."""
    while True:
        lines = [line for line in log.read_text("utf-8").splitlines() if f'"{event}"' in line]
        if len(lines) >= count:
            return datetime.fromisoformat(json.loads(lines[count - 1])["timestamp"]).timestamp()
        time.sleep(0.005)


def _start(folder: Path, output: BinaryIO, level: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mailbot", "run", "-C", str(folder), "--log-level", level]
    return subprocess.Popen(command, stderr=output, start_new_session=True)


def write_site(
    folder: Path, place: Place, mode: str, *, copies: str = "", ask: str = "acknowledgement", user: str | None = None
) -> None:
    """Write a site whose superior's mails go straight down to `place.recipients` units."""
    (folder / "rules").mkdir(parents=True)
    numbers = range(1, place.recipients + 1)
    units = "\n".join(f"  cb-{n}: {{name: Chi bộ {n}, mail: [don-vi-{n}@units.test]}}" for n in numbers)
    members = ", ".join(f"unit:cb-{n}" for n in numbers)
    (folder / "mailbot.yaml").write_text(
        MAILBOT.format(mode=mode, place=place, mailbox=MAILBOX, user=user or place.user), "utf-8"
    )
    (folder / "rules" / "directory.yaml").write_text(
        DIRECTORY.format(sender=SENDER.split("<")[-1].rstrip(">"), units=units, members=members), "utf-8"
    )
    (folder / "rules" / "10.yaml").write_text(RULES.format(copies=copies, ask=ask), "utf-8")


def _run(
    place: Place,
    name: str,
    mode: str,
    *,
    done: Callable[[sqlite3.Connection, Place], bool],
    copies: str = "",
    ask: str = "acknowledgement",
) -> Measured:
    folder = Path(place.folder) / name.replace(" ", "-").replace(",", "")
    write_site(folder, place, mode, copies=copies, ask=ask)
    log = (folder / "log").open("wb")
    started = time.perf_counter()
    process = _start(folder, log, "warning")
    watching = _wait(folder, process, lambda db: db.execute("select count(*) from message").fetchone()[0] > 0)
    begun, cpu_begun = time.perf_counter(), tree_usage(process.pid)[0]
    _wait(folder, process, lambda db: done(db, place))
    seconds = time.perf_counter() - begun
    cpu, memory, peak = tree_usage(process.pid)
    process.terminate()
    process.wait(120)
    log.close()
    deliveries = 0 if mode == "shadow" else place.mails * place.recipients
    return row(
        name,
        place.mails,
        deliveries,
        seconds,
        cpu - cpu_begun,
        memory,
        start_seconds=watching - started,
        peak_rss_mb=peak,
    )


def _wait(folder: Path, process: subprocess.Popen[bytes], done: Callable[[sqlite3.Connection], bool]) -> float:
    path = folder / "var" / "mailbot.db"
    while True:
        if process.poll() is not None:
            raise RuntimeError((folder / "log").read_text("utf-8")[-2000:])
        if path.exists():
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as db:
                try:
                    if done(db):
                        return time.perf_counter()
                except sqlite3.OperationalError:
                    pass  # the tables are being made
        time.sleep(0.02)


def _all_flagged(db: sqlite3.Connection, place: Place) -> bool:
    return bool(db.execute("select count(*) from mailbox_action where state = 'done'").fetchone()[0] == place.mails)


def _all_sent(db: sqlite3.Connection, place: Place) -> bool:
    return bool(
        db.execute("select count(*) from delivery where transport = 'sent'").fetchone()[0]
        == place.mails * place.recipients
    )
