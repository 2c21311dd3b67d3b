"""The raw loop: imaplib, a look at the header, raw SQL, and pipelined SMTP on a bare socket; nothing is decided."""

from __future__ import annotations

import imaplib
import re
import select
import smtplib
import socket
import sqlite3
import statistics
import time
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measures import Measured, Place, Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 25
LATENCY_MAILS = 20


def in_only(place: Place) -> Measured:
    """Fetch, read the header, write a row for the mail and one for each delivery, flag."""
    watch = Stopwatch()
    count = 0
    recipients = [f"don-vi-{number}@units.test" for number in range(place.recipients)]
    with _database(place, "in-only") as db:
        for batch in _work(place, db, flag=True):
            rows = [(uid, one) for uid, _ in batch for one in recipients]
            db.executemany("INSERT INTO delivery (uid, recipient) VALUES (?, ?)", rows)
            db.commit()
            count += len(batch)
    return watch.result("raw loop, in", count)


def out_personal(place: Place) -> Measured:
    """The same, and a copy of its own to each recipient."""
    return _out(place, "raw loop, personal copies", shared=False)


def out_shared(place: Place) -> Measured:
    """The same, and one copy with all recipients in one transaction."""
    return _out(place, "raw loop, one copy", shared=True)


def notice_latency(place: Place) -> Measured:
    """An IDLE client: milliseconds from the end of a delivery, and from the server's notice, to the body in hand."""
    watch = Stopwatch()
    client = _login(place, f"{place.user}-latency")
    from_delivery, from_notice = [], []
    for number in range(LATENCY_MAILS):
        client.send(b"i%d IDLE\r\n" % number)
        _until(client, b"+")
        delivered = deliver(place, f"{place.user}-latency", number)
        while b" EXISTS" not in client.readline():
            pass
        noticed = time.time()
        client.send(b"DONE\r\n")
        _until(client, b"i%d" % number)
        client.uid("FETCH", "*", "(BODY.PEEK[])")
        got = time.time()
        from_delivery.append((got - delivered) * 1000)
        from_notice.append((got - noticed) * 1000)
    client.logout()
    return watch.result(
        "raw IDLE client",
        LATENCY_MAILS,
        delivery_ms_median=statistics.median(from_delivery),
        delivery_ms_p99=max(from_delivery),
        notice_ms_median=statistics.median(from_notice),
        notice_ms_p99=max(from_notice),
    )


def deliver(place: Place, user: str, number: int) -> float:
    """Deliver one small mail and return when that was done (Unix time)."""
    with smtplib.LMTP(place.host, place.lmtp_port, local_hostname="localhost") as lmtp:
        lmtp.sendmail("a@b.test", [f"{user}@in.test"], b"Subject: %d\r\n\r\nx\r\n" % number)
        return time.time()


def _out(place: Place, name: str, *, shared: bool) -> Measured:
    watch = Stopwatch()
    count = 0
    recipients = [f"don-vi-{number}@units.test" for number in range(place.recipients)]
    with _database(place, name) as db, Pipelined(place.host, place.smtp_port) as line:
        for batch in _work(place, db, flag=False):
            for uid, raw in batch:
                body = re.sub(rb"(?m)^\.", b"..", raw)
                groups = [recipients] if shared else [[one] for one in recipients]
                for number, group in enumerate(groups):
                    line.send(b"office@in.test", group, b"X-Copy: %d.%d\r\n" % (uid, number), body)
                line.flush()
                rows = [(uid, one) for one in recipients]
                db.executemany("INSERT INTO delivery (uid, recipient) VALUES (?, ?)", rows)
                db.commit()
                count += 1
    return watch.result(name, count, count * place.recipients)


def _work(place: Place, db: sqlite3.Connection, *, flag: bool) -> Iterator[list[tuple[int, bytes]]]:
    client = _login(place, place.user)
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    parser = BytesHeaderParser(policy=compat32)
    for start in range(0, len(uids), BATCH):
        chosen = b",".join(uids[start : start + BATCH]).decode()
        answer = client.uid("FETCH", chosen, "(UID BODY.PEEK[])")[1]
        batch = [(int(re.search(rb"UID (\d+)", part[0])[1]), part[1]) for part in answer if isinstance(part, tuple)]
        rows = []
        for uid, raw in batch:
            header = parser.parsebytes(raw)
            rows.append((uid, len(raw), header["Message-ID"], header["From"], header["Subject"]))
        db.executemany("INSERT INTO message (uid, size, message_id, sender, subject) VALUES (?, ?, ?, ?, ?)", rows)
        db.commit()
        yield batch
        if flag:
            client.uid("STORE", chosen, "+FLAGS.SILENT", "(raw-done)")
    client.logout()


class Pipelined:
    """SMTP on a bare socket, as fast as one connection goes: the end of a mail and the next envelope in one write."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._pending: list[bytes] = []
        self._expect(1)
        self._socket.sendall(b"EHLO bench.test\r\n")
        self._expect(1)

    def __enter__(self) -> Pipelined:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendall(b"QUIT\r\n")
        self._socket.close()

    def send(self, sender: bytes, recipients: list[str], head: bytes, body: bytes) -> None:
        """Hand over one mail; the answer to its end is read with the next one or by `flush`."""
        lines = b"".join(b"RCPT TO:<%s>\r\n" % recipient.encode() for recipient in recipients)
        self._write(b"MAIL FROM:<%s>\r\n%sDATA\r\n" % (sender, lines))
        self._expect(len(recipients) + 2 + (1 if self._ended else 0))
        self._pending = [head, body, b".\r\n"]

    def flush(self) -> None:
        """Wait until the server has taken everything."""
        if self._pending:
            self._write(b"")
            self._expect(1)

    def _write(self, group: bytes) -> None:
        self._ended = bool(self._pending)
        self._socket.sendall(b"".join((*self._pending, group)))
        self._pending = []

    def _expect(self, replies: int) -> None:
        while replies:
            line = self._file.readline()
            if line[:1] not in b"23" or not line:
                raise RuntimeError(f"sink said {line!r}")
            replies -= line[3:4] != b"-"


def _login(place: Place, user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4(place.host, place.imap_port)
    client.login(user, place.password)
    client.select("INBOX")
    return client


def _until(client: imaplib.IMAP4, start: bytes) -> None:
    while not client.readline().startswith(start):
        select.select([client.socket()], [], [], 0)


def _database(place: Place, name: str) -> sqlite3.Connection:
    path = Path(place.folder) / f"{name.replace(' ', '-')}.sqlite"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE message (uid INTEGER PRIMARY KEY, size, message_id, sender, subject)")
    db.execute("CREATE TABLE delivery (uid, recipient, state DEFAULT 'sent')")
    return db
