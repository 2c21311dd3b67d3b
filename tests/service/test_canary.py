"""The canary goes the whole way on a real mailbox: out by SMTP, in by IMAP, read, decided, and nobody is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailbot.service import canary
from mailbot.service.daemon import once
from mailbot.service.health import examine
from mailbot.service.runtime import Runtime, utc_now
from tests.office_site import write_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink


class Town:
    """An office whose mails to itself come by the sink and are put into its mailbox, when the way is whole."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: SmtpSink, mode: str = "live") -> None:
        self.dovecot, self.sink = dovecot, sink
        self.site = write_site(folder, imap=dovecot.imap_port, smtp=sink.port, mode=mode)
        main = self.site.folder / "mailbot.yaml"
        main.write_text(main.read_text("utf-8") + "health: {canary: yes}\n", "utf-8")
        self.runtime = Runtime(self.site.folder)
        self.late = timedelta()
        self.runtime.now = lambda: utc_now() + self.late
        once(self.runtime)

    def after(self, span: timedelta) -> None:
        self.late += span
        once(self.runtime)

    def carries(self) -> None:
        """What the server does with a mail to ourselves."""
        for mail in self.to_itself():
            self.dovecot.deliver(self.site.office, mail)
        self.sink.clear()

    def to_itself(self) -> list[bytes]:
        return [mail.raw for mail in self.sink.mails if mail.recipients == (self.site.address("vp"),)]

    def issues(self) -> list[str]:
        found = examine(self.runtime.store, self.runtime.in_force.settings, self.runtime.var, self.runtime.now())
        return [issue.en for issue in found.issues if "canary" in issue.en]


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Iterator[Town]:
    made = Town(tmp_path / "site", dovecot, smtp_sink)
    yield made
    made.runtime.close()


def test_a_canary_that_comes_back_asks_nobody_and_the_next_flies_an_hour_later(town: Town) -> None:
    assert len(town.to_itself()) == 1
    town.carries()
    town.after(timedelta(minutes=5))
    town.after(timedelta(minutes=50))
    assert town.to_itself() == [], "one an hour"
    assert town.issues() == []
    with town.runtime.store.read() as connection:
        assert connection.exec_driver_sql("select state from message").scalars().all() == ["decided"]
        assert connection.exec_driver_sql("select count(*) from held").scalar() == 0
    town.after(timedelta(minutes=10))
    assert len(town.to_itself()) == 1


def test_a_canary_that_does_not_come_back_is_told_until_one_does(town: Town) -> None:
    town.sink.clear()
    town.after(canary.OVERDUE + timedelta(minutes=1))
    (told,) = town.issues()
    assert "has not come back" in told
    assert town.to_itself() == [], "one is out: another would only say the same"
    town.after(canary.AGAIN)
    assert len(town.to_itself()) == 1
    town.carries()
    town.after(timedelta(minutes=1))
    town.after(timedelta(minutes=1))
    assert town.issues() == []


def test_in_shadow_no_canary_flies(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    made = Town(tmp_path / "site", dovecot, smtp_sink, mode="shadow")
    assert made.to_itself() == []
    made.runtime.close()
