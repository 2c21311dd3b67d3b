"""The proof: what was handed in and what came out, against each other and against the ledger of the daemon between."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import imapclient

    from tests.servers.sink import Received

_NUMBER = re.compile(r"\b(\d+-CV/TU)\b")
# Who gets papers; the others get lists.
UNIT = "-tdp"
SETTLED = ("decided", "held", "quarantined", "failed", "repeated")


@dataclass(frozen=True)
class Copy:
    """One mail of ours that the sink took: for whom, which paper it carries, its Message-ID and bytes."""

    recipient: str
    paper: str
    message_id: str
    raw: bytes


@dataclass
class Verdict:
    """What was found; `complaints` say it in words, and none of them is allowed."""

    mails: int = 0
    deliveries: int = 0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    repeated: int = 0
    in_flight: int = 0
    complaints: list[str] = field(default_factory=list)

    def complain(self, words: str) -> None:
        """Add a complaint, each once."""
        if words not in self.complaints:
            self.complaints.append(words)


class Ledger:
    """The daemon's database, looked at from outside and never written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "var" / "mailbot.db"

    def ask(self, question: str) -> list[tuple]:
        """Return the rows of a question; none before there are tables."""
        if not self._path.exists():
            return []
        # Not read-only: whoever opens the database first after a kill must be able to take up what lies in its WAL.
        with closing(sqlite3.connect(f"file:{self._path}?mode=rw", uri=True, timeout=30)) as db:
            try:
                return db.execute(question).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def count(self, question: str) -> int:
        """Return the only figure of a question, 0 before there are tables."""
        rows = self.ask(question)
        return int(rows[0][0]) if rows else 0


def copies(received: Sequence[Received]) -> list[Copy]:
    """Return the copies of papers among what the sink took."""
    found = []
    for mail in received:
        head = message_from_bytes(mail.raw.partition(b"\r\n\r\n")[0], policy=default)
        paper = _NUMBER.search(str(head["Subject"]))
        found += [
            Copy(recipient, paper[1] if paper else "", str(head["Message-ID"]), mail.raw)
            for recipient in mail.recipients
            if UNIT in recipient
        ]
    return found


def at_a_death(ledger: Ledger, inbox: imapclient.IMAPClient, flag: str, received: Sequence[Received]) -> Iterator[str]:
    """Yield what must never hold, not even in the moment after a kill."""
    listed = set(inbox.search("ALL"))
    journalled = {row[0] for row in ledger.ask("select uid from message where folder = 'INBOX'")}
    for (cursor,) in ledger.ask("select last_uid from mailbox_cursor where folder = 'INBOX'"):
        passed_by = sorted(uid for uid in listed if uid <= cursor and uid not in journalled)
        if passed_by:
            yield f"the cursor stands at {cursor}, and the journal does not have the UIDs {passed_by}"
    settled = {row[0] for row in ledger.ask(f"select uid from message where state in {SETTLED}")}
    early = sorted(set(inbox.search(["KEYWORD", flag])) - settled)
    if early:
        yield f"the UIDs {early} are flagged as done, and nothing is decided"
    attempts = dict(ledger.ask("select message_id, attempts from outbox"))
    sent = Counter((copy.recipient, copy.message_id) for copy in copies(received))
    for (recipient, message_id), number in sent.items():
        counted = attempts.get(message_id, 0)
        if number > counted:
            yield f"{recipient} has {number} copies of {message_id}, counted were {counted} attempts"


def at_the_end(ledger: Ledger, handed_in: dict[str, str], units: int, received: Sequence[Received]) -> Verdict:
    """Compare what was handed in (Message-ID -> number of the paper) with what came out, when all is quiet."""
    verdict = Verdict(mails=len(handed_in), deliveries=len(handed_in) * units)
    _every_mail_has_one_outcome(ledger, handed_in, verdict)
    _every_unit_has_each_paper(handed_in, units, copies(received), verdict)
    _numbers_have_no_gap(ledger, verdict)
    verdict.in_flight = ledger.count("select count(*) from attempt where result in ('interrupted', 'unknown')")
    if verdict.repeated > verdict.in_flight:
        verdict.doubled += verdict.repeated - verdict.in_flight
        verdict.complain(f"{verdict.repeated} repetitions, but only {verdict.in_flight} sends were in flight at a kill")
    return verdict


def _every_mail_has_one_outcome(ledger: Ledger, handed_in: dict[str, str], verdict: Verdict) -> None:
    outcomes = defaultdict(list)
    for message_id, state in ledger.ask("select message_id, state from message where folder = 'INBOX'"):
        outcomes[f"<{message_id}>"].append(state)
    for message_id, paper in handed_in.items():
        if [state for state in outcomes[message_id] if state in SETTLED] != outcomes[message_id] or not outcomes[
            message_id
        ]:
            verdict.lost += 1
            verdict.complain(f"{paper}: outcomes {outcomes[message_id]}")
        elif len(outcomes[message_id]) > 1:
            verdict.doubled += 1
            verdict.complain(f"{paper} is in the journal {len(outcomes[message_id])} times")


def _every_unit_has_each_paper(handed_in: dict[str, str], units: int, came: Sequence[Copy], verdict: Verdict) -> None:
    by_unit: dict[tuple[str, str], list[Copy]] = defaultdict(list)
    for copy in came:
        by_unit[(copy.paper, copy.recipient)].append(copy)
    for paper in handed_in.values():
        reached = sum(1 for of_paper, _ in by_unit if of_paper == paper)
        if reached < units:
            verdict.lost += units - reached
            verdict.complain(f"{paper} reached {reached} of {units} units")
    for (paper, recipient), same in by_unit.items():
        verdict.repeated += len(same) - 1
        if len({copy.message_id for copy in same}) > 1:
            verdict.doubled += 1
            verdict.complain(f"{recipient} has {paper} under several Message-IDs")
        if len({copy.raw for copy in same}) > 1:
            verdict.doubled += 1
            verdict.complain(f"the copies of {paper} for {recipient} differ")


def _numbers_have_no_gap(ledger: Ledger, verdict: Verdict) -> None:
    given = sorted(row[0] for row in ledger.ask("select book_number from document where book_number is not null"))
    if len(given) != len(set(given)):
        verdict.doubled += len(given) - len(set(given))
        verdict.complain("a số đến was given twice")
    if given and given != list(range(given[0], given[0] + len(given))):
        verdict.gaps += given[-1] - given[0] + 1 - len(set(given))
        verdict.complain("a số đến is missing")
    if len(given) != verdict.mails:
        verdict.complain(f"{len(given)} numbers for {verdict.mails} papers")
