"""The desk where tests hand in mails: journal, knowing, deciding, recording as the daemon does it, without servers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.routing.decision import decide
from mailbot.routing.finding import findable
from mailbot.routing.model import Mode
from mailbot.routing.sameness import direction_of, identify
from mailbot.routing.storms import words_key
from mailbot.store import outbox
from mailbot.store.filed import Filed
from mailbot.store.journal import Arrival, waiting, write_arrivals
from mailbot.store.knowing import know
from mailbot.store.ledger import record
from mailbot.store.mailing import Envelope
from mailbot.store.tables import TABLES
from mailbot.tracking.following import follow_up, rescheduled
from tests.example_office import MAILBOX, NOW, example, mail, reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage

    from mailbot.routing.plans import Decision
    from mailbot.store.database import Store
    from mailbot.store.outbox import Claim

UIDVALIDITY = 4_294_967_295  # the largest that IMAP knows
SECRET = b"k" * 32


class Desk:
    """One mailbox of the example office, live, with its ledger; digests are told of where they are tested."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.site = replace(example(), mode=Mode.LIVE, digests=())
        self.envelope = Envelope(SECRET, {MAILBOX: "anhoa.example.vn"}, lambda _mail: True)
        self.now = NOW
        self.parts = "b" * 64  # the hash of what the next mail brings
        self._uid = 0

    def arrive(self, now: datetime | None = None) -> int:
        """Journal one mail and return its row."""
        self._uid += 1
        came = [Arrival(self._uid, 1000, now or self.now)]
        with self.store.write() as connection:
            write_arrivals(
                connection, MAILBOX, "INBOX", UIDVALIDITY, came, start=None, last_uid=self._uid, now=now or self.now
            )
            return waiting(connection)[-1].id

    def plan(self, connection: sa.Connection, written: EmailMessage | bytes, row: int, **known: Any) -> Any:
        """Know and decide, in the caller's transaction; return the decision and what is filed with it."""
        reading = reading_of(written, self.site, self.now)
        facts: dict[str, Any] = {"message": row, "mailbox": MAILBOX, "received_at": self.now, "now": self.now}
        facts["words"] = words_key(reading)
        identity = identify(reading, self.site, direction_of(reading, self.site))
        found = know(connection, reading, identity, **facts | {"confirmed": False} | known)
        decision = decide(reading, self.site, found, self.now)
        filed = Filed(
            message=row,
            mailbox=MAILBOX,
            folder="INBOX",
            uidvalidity=UIDVALIDITY,
            uid=self._uid,
            kind=str(reading.kind),
            content_key=reading.content_key,
            sender=reading.sender.address,
            subject=reading.subject,
            message_id=reading.message_id,
            archive_hash="a" * 64,
            shared_hash=self.parts,
            boundary=f"=_m{self.parts[0]}",
            reminders=follow_up(decision, self.site, self.now),
            rescheduled=rescheduled(decision, self.site, self.now),
            findable=findable(decision, reading, self.site),
            words_key=words_key(reading),
        )
        return decision, filed

    def record(self, connection: sa.Connection, decision: Decision, filed: Filed) -> None:
        """Record a decision, in the caller's transaction."""
        record(decision, filed, self.envelope, connection, self.now)

    def take(self, written: EmailMessage | bytes, *, now: datetime | None = None, **known: Any) -> Decision:
        """Journal, decide and record one mail in one write transaction."""
        self.now = now or self.now
        row = self.arrive()
        with self.store.write() as connection:
            decision, filed = self.plan(connection, written, row, **known)
            record(decision, filed, self.envelope, connection, self.now)
        return decision  # type: ignore[no-any-return]

    def again(self, written: EmailMessage) -> Decision:
        """Decide a mail once more that a person's word has taken out of the held ones."""
        with self.store.write() as connection:
            (row,) = waiting(connection)
            known = {"remedy": row.remedy, "confirmed": row.confirmed, "matched": row.matched}
            known["let_through"] = row.let_through
            decision, filed = self.plan(connection, written, row.id, **known)
            filed = replace(filed, words=row.words)
            record(decision, filed, self.envelope, connection, self.now)
        return decision  # type: ignore[no-any-return]

    def send(self) -> None:
        """Compose and send all that is due, to a server that takes everything."""
        self.compose()
        while claims := self.claim():
            self.finish(claims, "sent", 250, "2.0.0 queued")

    def answer(self, sender: str, words: str, *, to: str, purpose: str | None = None, **more: Any) -> Decision:
        """Reply to the newest mail of ours to an address, on its token, and record what is decided."""
        where = {"recipient": to} | ({"purpose": purpose} if purpose else {})
        token = self.rows("outbox", **where)[-1]["token"]
        return self.take(mail(sender, f"Re: Văn bản [#{token}]", words, **more), now=self.now + timedelta(minutes=5))

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Return rows of a table, oldest first."""
        columns = TABLES[table].c
        order = [columns.id] if "id" in columns else list(TABLES[table].primary_key)
        query = sa.select(TABLES[table]).where(*(columns[name] == value for name, value in where.items()))
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]

    def one(self, table: str, **where: Any) -> dict[str, Any]:
        """Return the only row that there is."""
        (row,) = self.rows(table, **where)
        return row

    def compose(self) -> None:
        """Fix the bytes of every planned mail."""
        with self.store.write() as connection:
            planned = outbox.planned(connection, 1000)
            outbox.fix(
                connection,
                [outbox.Fixed(row.id, f"mail {row.id}".encode(), "h", "subject", "t", row.boundary) for row in planned],
            )

    def claim(self, count: int = 100) -> list[Claim]:
        """Claim mails that are due."""
        with self.store.write() as connection:
            return outbox.claim(connection, MAILBOX, count, self.now)

    def finish(self, claims: Sequence[Claim], result: str, code: int | None = None, text: str = "") -> None:
        """Write what the server answered to claims."""
        answers = [
            outbox.Answered(claim, result, code, None, text, claim.recipients if result == "sent" else ())
            for claim in claims
        ]
        with self.store.write() as connection:
            outbox.finish(connection, answers, self.now, jitter=0.0)
