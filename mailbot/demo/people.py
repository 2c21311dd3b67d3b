"""The demo's people: they read their own mailboxes by IMAP and answer through the submission port, as anybody does."""

from __future__ import annotations

import select
import smtplib
import threading
from collections import Counter, defaultdict
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import structlog
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from mailbot.demo import letters
from mailbot.demo.papers import PAPERS
from mailbot.demo.servers import LOOPBACK
from mailbot.routing.plans import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from email.message import EmailMessage, Message

    from mailbot.demo.agenda import Agenda
    from mailbot.demo.cast import Line, Person
    from mailbot.demo.clock import FastClock
    from mailbot.demo.servers import MailServers

log = structlog.get_logger(__name__)
# IDLE tells of new mail at once; a look all the same, as every careful client does.
LOOK_SECONDS = 0.3
RECEIPT_AFTER = timedelta(minutes=5)
AWAY_AFTER = timedelta(minutes=1)


class _Mailbox:
    """One person's open mailbox, waiting in IDLE between looks."""

    def __init__(self, person: Person, port: int, password: str) -> None:
        self.person = person
        self._last = 0
        self._client = IMAPClient(LOOPBACK, port, ssl=False)
        self._client.login(person.address, password)
        self._client.select_folder("INBOX")
        self._client.idle()
        # A mail that comes into a mailbox that nobody has asked about is found by the first look.
        self.socket = self._client.socket()

    def new_mails(self) -> list[bytes]:
        """Return what has come since the last look, and wait in IDLE again."""
        self._client.idle_done()
        numbers = [uid for uid in self._client.search(["UID", f"{self._last + 1}:*"]) if uid > self._last]
        found = self._client.fetch(numbers, ["BODY[]"]) if numbers else {}
        self._last = max(numbers, default=self._last)
        self._client.idle()
        return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def close(self) -> None:
        self._client.shutdown()


class People:
    """All persons of the story in one thread; what they will write stands in the agenda, for the right moment."""

    def __init__(
        self,
        persons: Sequence[Person],
        servers: MailServers,
        clock: FastClock,
        agenda: Agenda,
        narrate: Callable[[str], None],
    ) -> None:
        self.seen: Counter[str] = Counter()
        self._servers, self._clock, self._agenda, self._narrate = servers, clock, agenda, narrate
        self._mailboxes = [_Mailbox(person, servers.imap_port, servers.passwords[person.address]) for person in persons]
        self._first_mails: dict[str, dict[str, EmailMessage]] = defaultdict(dict)
        self._told_away: set[str] = set()
        self._answered_late: set[tuple[str, str]] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo people", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Close all mailboxes."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for mailbox in self._mailboxes:
            mailbox.close()

    def waiting(self) -> int:
        """Return how many mails lie in mailboxes of the story and have not been looked at."""
        return sum(
            self._servers.delivered[mailbox.person.address] - self.seen[mailbox.person.address]
            for mailbox in self._mailboxes
        )

    def submit(self, sender: str, mail: EmailMessage | Message, *, null_sender: bool = False) -> None:
        """Send a mail through the submission port, logged in as its sender; reports go from the null sender."""
        with smtplib.SMTP(LOOPBACK, self._servers.smtp_port, local_hostname="may-tram", timeout=30) as client:
            client.login(sender, self._servers.passwords[sender])
            client.send_message(mail, "" if null_sender else sender, [str(mail["To"])])

    # --- reading ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        by_socket = {mailbox.socket: mailbox for mailbox in self._mailboxes}
        while not self._stopping.is_set():
            ready, _, _ = select.select(list(by_socket), [], [], LOOK_SECONDS)
            try:
                self._look([by_socket[one] for one in ready] or self._mailboxes)
            except (OSError, IMAPClientError):
                if not self._stopping.is_set():
                    log.exception("demo.mailbox_trouble")
                return

    def _look(self, mailboxes: Iterable[_Mailbox]) -> None:
        for mailbox in mailboxes:
            for raw in mailbox.new_mails():
                mail = message_from_bytes(raw, policy=policy.default)
                self._react(mailbox.person, mail)
                self.seen[mailbox.person.address] += 1

    def _react(self, person: Person, mail: EmailMessage) -> None:
        purpose = str(mail["X-Mailbot-Purpose"] or "")
        if purpose == Purpose.REMINDER:
            self._reminded(person)
            return
        key = next((paper.number for paper in PAPERS if paper.number in str(mail["Subject"])), purpose)
        if person.sends_receipts:
            self._plan(RECEIPT_AFTER, lambda: self._receipt(person, mail))
        if person.away is not None and person.address not in self._told_away:
            self._told_away.add(person.address)  # one notice a correspondent, RFC 3834 section 2
            self._plan(AWAY_AFTER, lambda: self._absence(person, mail))
        self._first_mails[person.address].setdefault(key, mail)
        for line in person.answers.get(purpose, person.answers.get(key, ())):
            self._plan_answer(person, line, mail, key)

    def _reminded(self, person: Person) -> None:
        """Somebody who answers only when reminded goes back to the papers themselves."""
        for key, lines in person.when_reminded.items():
            original = self._first_mails[person.address].get(key)
            if original is None or (person.address, key) in self._answered_late:
                continue
            self._answered_late.add((person.address, key))
            for line in lines:
                self._plan_answer(person, line, original, key)

    # --- writing ---------------------------------------------------------------------------------------------------

    def _plan(self, after: timedelta, deed: Callable[[], None]) -> None:
        self._agenda.add(self._clock.now() + after, deed)

    def _plan_answer(self, person: Person, line: Line, mail: EmailMessage, key: str) -> None:
        self._plan(line.after, lambda: self._answer(person, line, mail, key))

    def _answer(self, person: Person, line: Line, mail: EmailMessage, key: str) -> None:
        self.submit(person.address, letters.answer(person, line, mail, self._clock.now()))
        attached = f" (+ {line.report})" if line.report else ""
        self._narrate(f"{person.address} → {key}: “{line.words}”{attached}")

    def _receipt(self, person: Person, mail: EmailMessage) -> None:
        self.submit(person.address, letters.receipt(person, mail, self._clock.now()), null_sender=True)

    def _absence(self, person: Person, mail: EmailMessage) -> None:
        self.submit(person.address, letters.absence(person, mail, self._clock.now()), null_sender=True)
        self._narrate(f"{person.address}: “{person.away}”")
