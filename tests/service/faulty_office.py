"""An office whose servers, disk, database or clock fail while its daemon works; what it must show afterwards."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from mailbot.service.daemon import Daemon
from mailbot.service.health import examine
from mailbot.service.jumps import Jumps
from mailbot.service.runtime import Runtime, utc_now
from mailbot.store import views
from mailbot.store.tables import TABLES
from tests.office_site import DIRECTIVE_TEXT, OfficeSite, official
from tests.servers.processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

SLOW = 60.0
KEY = "van-phong"


def change(office: OfficeSite, old: str, new: str) -> None:
    """Change a line of the office's mailbot.yaml."""
    main = office.folder / "mailbot.yaml"
    text = main.read_text("utf-8")
    assert old in text
    main.write_text(text.replace(old, new), "utf-8")


def paper(office: OfficeSite, number: int, note: str | None = None, attachment: bytes | None = None) -> bytes:
    """Return a superior's paper that goes to every unit at once; a note stands in its header, as it is on the wire."""
    text = DIRECTIVE_TEXT.format(number=f"{number}-CV/TU", due="30/10/2026")
    subject = f"chuyển ngay {number}-CV/TU"
    mail = official(office.address("tu"), office.address("vp"), subject, text, attachment=attachment)
    if note is not None:
        mail["X-Note"] = note
    return mail.as_bytes()


class FaultyOffice:
    """A running daemon with its log; `now` may be moved by `offset`."""

    def __init__(self, site: OfficeSite, log: list[MutableMapping[str, Any]]) -> None:
        self.site, self.log = site, log
        self.offset = timedelta()
        self.runtime = Runtime(site.folder, now=lambda: utc_now() + self.offset)
        self.daemon = Daemon(self.runtime, poll_seconds=1, due_seconds=1)

    def later(self, span: timedelta) -> None:
        """Let time pass at once, for everybody."""
        self.offset += span
        for sender in self.daemon.senders.values():
            sender.wake()

    def said(self, event: str) -> list[MutableMapping[str, Any]]:
        """Return the lines of the log with that event."""
        return [line for line in self.log if line["event"] == event]

    def troubles(self) -> list[str]:
        """Return what `mailbot health` tells, but for the lock, which no test of one process holds."""
        settings = self.runtime.in_force.settings
        issues = examine(self.runtime.store, settings, self.runtime.var, self.runtime.now()).issues
        return [issue.en for issue in issues if "is not running" not in issue.en]

    def until_told(self, words: str) -> None:
        """Wait until health tells of it."""
        until(lambda: any(words in told for told in self.troubles()), f"health to tell “{words}”: {self.log}", SLOW)

    def until_well(self) -> None:
        """Wait until health has nothing to tell any more, without anybody's hand."""
        until(lambda: not self.troubles(), f"health to be good: {self.troubles()} {self.log}", SLOW)

    def journal(self) -> list[dict[str, Any]]:
        with self.runtime.store.read() as connection:
            return sorted(views.messages(connection), key=lambda row: row["id"])

    def states(self) -> list[str]:
        """Return the states of the mails that came, in the order of arrival."""
        return [row["state"] for row in self.journal()]

    def until_states(self, *states: str) -> None:
        until(lambda: self.states() == list(states), f"{states}: {self.states()} {self.log}", SLOW)

    def outbox(self) -> Counter[str]:
        """Return how many mails to units there are of each state."""
        table = TABLES["outbox"]
        wanted = sa.select(table.c.state).where(table.c.purpose == "directive")
        with self.runtime.store.read() as connection:
            return Counter(state.value for state in connection.execute(wanted).scalars())

    def until_sent(self, count: int) -> None:
        until(lambda: self.outbox()["sent"] == count, f"{count} sent: {self.outbox()} {self.log}", SLOW)

    def waiting_for_people(self) -> list[str]:
        """Return the reasons of all matters that wait for a person."""
        table = TABLES["held"]
        with self.runtime.store.read() as connection:
            return list(connection.execute(sa.select(table.c.reason).order_by(table.c.id)).scalars())

    def numbers(self) -> list[int]:
        """Return the số đến that were given."""
        table = TABLES["document"]
        with self.runtime.store.read() as connection:
            return list(connection.execute(sa.select(table.c.book_number).order_by(table.c.book_number)).scalars())

    def deliver(self, dovecot: Dovecot, *mails: bytes) -> None:
        dovecot.deliver_many(self.site.office, list(mails))

    def until_watching(self) -> None:
        key = f"good mailbox {KEY}"

        def marked() -> bool:
            with self.runtime.store.read() as connection:
                return key in connection.execute(sa.select(TABLES["daemon_state"].c.key)).scalars().all()

        until(marked, f"the mailbox to be watched: {self.log}", SLOW)


def copies(sink: SmtpSink) -> Counter[tuple[str, str]]:
    """Count what each unit got, by address and Message-ID."""
    return Counter(
        (address, str(message_from_bytes(mail.raw)["Message-ID"]))
        for mail in sink.mails
        for address in mail.recipients
        if "-tdp" in address
    )


def each_once(sink: SmtpSink, copies_wanted: int) -> bool:
    """Tell whether the units got so many mails, and none of them twice."""
    return list(copies(sink).values()) == [1] * copies_wanted


@contextmanager
def at_work(site: OfficeSite, *, jumps: bool = False) -> Iterator[FaultyOffice]:
    """Run the office's daemon in this process and stop it at the end, which must not hang.

    With `jumps` its clock is the machine's, so that `offset` is a jump of it.
    """
    with structlog.testing.capture_logs() as log:
        office = FaultyOffice(site, log)
        if jumps:
            office.runtime.jumps = Jumps(office.runtime.now)
        office.daemon.start()
        try:
            yield office
        finally:
            office.daemon.stop()
            office.runtime.close()
