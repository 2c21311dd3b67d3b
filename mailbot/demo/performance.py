"""One performance of the demo: everything that runs, started in order and ended in the other."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from datetime import timedelta
from email import policy
from typing import TYPE_CHECKING

from rich.console import Console

from mailbot.demo import cast, letters, office, tally
from mailbot.demo.agenda import Agenda
from mailbot.demo.clock import FastClock
from mailbot.demo.director import Director
from mailbot.demo.papers import CLERK, OFFICE, PAPERS, mail_of
from mailbot.demo.people import People
from mailbot.demo.screen import Screen
from mailbot.demo.servers import LOOPBACK, MailServers
from mailbot.problems import MailbotError, Text
from mailbot.service.daemon import Daemon, SiteLock
from mailbot.service.due import MOST_A_DAY
from mailbot.service.runtime import Runtime
from mailbot.store import journal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mailbot.demo.office import Changes
    from mailbot.demo.papers import Paper

# Office seconds a real second while mail is under way: far below the lease of a claimed mail, which is in office time.
RATE = 20.0
POLL_SECONDS = 0.7
DUE_SECONDS = 0.4
WATCHING_SECONDS = 20.0
# Between two bursts on a terminal, so that the eye can follow.
PAUSE_SECONDS = 0.25
RETURNED_AFTER = timedelta(minutes=4)
INTERRUPTED = 130


class Performance:
    """The demo with all its parts, for one run."""

    def __init__(self, folder: Path, *, as_json: bool, keep: bool, stays: bool, say: Callable[[Text], str]) -> None:
        self._folder, self._as_json, self._keep, self._stays, self._say = folder, as_json, keep, stays, say
        self._clock = FastClock(cast.START, RATE)
        self._agenda = Agenda()

    def run(self, write_office: Callable[[Path, Mapping[str, Changes]], None]) -> int:
        """Play the story; return the exit code of the command."""
        with contextlib.ExitStack() as stack:
            try:
                return self._run(stack, write_office)
            except KeyboardInterrupt:
                return INTERRUPTED

    def _run(self, stack: contextlib.ExitStack, write_office: Callable[[Path, Mapping[str, Changes]], None]) -> int:
        servers, runtime = self._open(stack, write_office)
        console = Console(stderr=self._as_json, highlight=False)
        live = console.is_terminal and not self._as_json
        screen = stack.enter_context(Screen(runtime, self._clock.now, console, live=live))
        people = People((*cast.CELLS, *cast.OFFICE_PEOPLE), servers, self._clock, self._agenda, screen.narrate)
        stack.callback(people.stop)
        people.start()
        stack.enter_context(SiteLock(runtime.var))
        daemon = Daemon(runtime, poll_seconds=POLL_SECONDS, due_seconds=DUE_SECONDS)
        stack.callback(daemon.stop)
        daemon.start()
        _until_watching(runtime)
        for paper in PAPERS:
            self._agenda.add(self._clock.now() + paper.after, self._mailing(paper, people, screen))
        director = Director(runtime, self._clock, servers, people, self._agenda, screen.show)
        director.play(cast.END, pause=PAUSE_SECONDS if live else 0.0)
        return self._end(runtime, servers, screen)

    def _open(
        self, stack: contextlib.ExitStack, write_office: Callable[[Path, Mapping[str, Changes]], None]
    ) -> tuple[MailServers, Runtime]:
        """Start the servers, write the office that knows them, open its ledger and everybody's mailbox."""
        servers = MailServers(cast.MANNERS, self._clock.now, self._returned)
        stack.callback(servers.stop)
        servers.start()
        self._servers = servers
        write_office(self._folder, office.changes(servers.imap_port, servers.smtp_port))
        runtime = Runtime(self._folder, now=self._clock.now)
        stack.callback(runtime.close)
        passwords = office.passwords_for(office.addresses_of(runtime.in_force.site))
        servers.open_accounts(passwords)
        office.write_password(self._folder, passwords)
        return servers, runtime

    def _mailing(self, paper: Paper, people: People, screen: Screen) -> Callable[[], None]:
        def mail_it() -> None:
            mail = mail_of(paper, self._clock.now())
            if self._stays:
                office.keep_mail(self._folder, paper.file_name, mail.as_bytes(policy=policy.SMTP))
            people.submit(paper.sender, mail)
            screen.narrate(f"{paper.sender} → {OFFICE}: {paper.subject}")

        return mail_it

    def _returned(self, sender: str, recipient: str, raw: bytes) -> None:
        """A mail that was taken cannot be delivered after all: its report follows some minutes later."""

        def report() -> None:
            dsn = letters.returned(recipient, raw, self._clock.now())
            self._servers.deliver(sender, "", dsn.as_bytes(policy=policy.SMTP))

        self._agenda.add(self._clock.now() + RETURNED_AFTER, report)

    # --- the end ---------------------------------------------------------------------------------------------------

    def _end(self, runtime: Runtime, servers: MailServers, screen: Screen) -> int:
        with runtime.store.read() as connection:
            figures = tally.figures(connection)
            missing = tally.amiss(connection, cast.EXPECTED)
            asked = tally.asked(connection, CLERK, runtime.in_force.site.office.working_time.zone)
        if asked.most > MOST_A_DAY:
            missing.append(f"the clerk was asked {asked.most} times a day")
        screen.stop()
        if not self._as_json:
            screen.final(figures)
        screen.say([asked.sentence()], self._say)
        if missing:
            screen.say([Text(vi=f"Chưa đúng: {line}", en=f"Not as expected: {line}") for line in missing], self._say)
        if self._keep:
            self._stay(servers, screen)
        elif not self._as_json:
            screen.say(self._what_next(), self._say)
        if self._as_json:
            sys.stdout.write(json.dumps(figures.to_json()) + "\n")
        return 1 if missing else 0

    def _stay(self, servers: MailServers, screen: Screen) -> None:
        """Go on at the speed of real time until Ctrl-C, so that a person can look and answer with a mail client."""
        self._clock.run_at(1.0)
        where = f"IMAP {LOOPBACK}:{servers.imap_port}, SMTP {LOOPBACK}:{servers.smtp_port}"
        lines = [
            Text(
                vi=f"Máy chủ thư và mailbot vẫn chạy: {where}, không TLS. Thư mục: {self._folder}. Ctrl-C để kết thúc.",
                en=f"Mail servers and mailbot go on: {where}, no TLS. Site: {self._folder}. Ctrl-C ends them.",
            )
        ]
        lines += [Text(f"  {user}  {word}", f"  {user}  {word}") for user, word in servers.passwords.items()]
        screen.say(lines, self._say)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()

    def _what_next(self) -> list[Text]:
        if not self._stays:
            return [
                Text(
                    vi="Tiếp theo: mailbot demo --site THƯ_MỤC để lại cơ quan này cho status, log, explain; README.md",
                    en="Next: mailbot demo --site DIR leaves this office behind for status, log, explain; README.md",
                )
            ]
        commands = (
            f"mailbot status -C {self._folder}",
            f"mailbot status 152-CV/ĐU -C {self._folder}",
            f"mailbot log -C {self._folder}",
            f"mailbot log m1 -C {self._folder}",
            f"mailbot outbox list -C {self._folder}",
            f"mailbot held list -C {self._folder}",
        )
        explain = f"mailbot explain {office.kept_mail(self._folder, PAPERS[1].file_name)} -C {self._folder}"
        head = Text(vi="Tiếp theo (xem cả README.md):", en="Next (see also README.md):")
        return [head, *(Text(f"  {line}", f"  {line}") for line in (*commands, explain))]


def _until_watching(runtime: Runtime) -> None:
    """Wait until the daemon has taken note of the empty mailbox: mail that lies there before its start is the past."""
    patience = time.monotonic() + WATCHING_SECONDS
    while time.monotonic() < patience:
        with runtime.store.read() as connection:
            if journal.cursor(connection, office.MAILBOX, "INBOX") is not None:
                return
        time.sleep(0.05)
    raise MailbotError(
        Text(
            vi=f"mailbot không vào được hộp thư trình diễn, xem {runtime.folder / 'demo.log'}",
            en=f"mailbot could not open the demo's mailbox, see {runtime.folder / 'demo.log'}",
        )
    )
