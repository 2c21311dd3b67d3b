"""The admin's word on the command line: carried out the way of a mail, journalled, decided and recorded like one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from mailbot.office.answer_words import Intent
from mailbot.office.answers import Reply
from mailbot.problems import MailbotError, Text
from mailbot.reading import Kind, Reading, read
from mailbot.routing.choices import LEAVE
from mailbot.routing.known import KnownThread
from mailbot.routing.listing import decide_list
from mailbot.routing.ordering import decide_orders
from mailbot.routing.plans import Decision, Outcome, Purpose, Reason
from mailbot.routing.rights import ALL
from mailbot.routing.sameness import direction_of, identify
from mailbot.store import following
from mailbot.store.filed import Filed
from mailbot.store.journal import COMMAND_LINE, journal_command
from mailbot.store.knowing import know
from mailbot.store.ledger import record
from mailbot.tracking.following import follow_up, rescheduled

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from mailbot.routing.known import Known
    from mailbot.service.runtime import Runtime
    from mailbot.store.following import OpenMatter

EX_USAGE, EX_DATAERR = 64, 65


@dataclass(frozen=True)
class Line:
    """One line of the admin with its result, as the transcript of a mail would have it."""

    order: str
    result: str
    done: bool
    rows: tuple[str, ...] = ()


def order(runtime: Runtime, words: str) -> list[Line]:
    """Carry out orders, one a line, as if the admin had mailed them; the transcript is returned and not mailed.

    Raises:
        MailbotError: the words are no order.
    """
    now = runtime.now()
    reading = _reading(runtime, words)
    if not reading.commands:
        raise MailbotError(
            Text(f"“{words}” không phải là một yêu cầu", f"“{words}” is no order"),
            mend=Text("xem các yêu cầu: mailbot order TRỢ GIÚP", "see the orders: mailbot order TRO GIUP"),
            exit_code=EX_USAGE,
        )
    with runtime.store.write() as connection:
        message = journal_command(connection, next(iter(runtime.in_force.site.mailboxes)), now)
        known = _known(runtime, connection, reading, message, now)
        return _recorded(
            runtime, connection, decide_orders(reading, runtime.in_force.site, known, now, ALL), message, now
        )


def answer(runtime: Runtime, number: int, words: str) -> list[Line]:
    """Answer a matter as the clerk's list is answered by number.

    Raises:
        MailbotError: there is no such matter, or it is done with.
    """
    now = runtime.now()
    with runtime.store.write() as connection:
        matter = _open(connection, number)
        reading = replace(_reading(runtime, words), kind=Kind.REPLY, commands=(), reply=Reply(Intent.NONE, words))
        message = journal_command(connection, next(iter(runtime.in_force.site.mailboxes)), now)
        known = _known(runtime, connection, reading, message, now, _as_list(matter, runtime))
        return _recorded(runtime, connection, decide_list(reading, runtime.in_force.site, known, now), message, now)


def again(runtime: Runtime, number: int) -> None:
    """Have the mail of a matter decided once more by the daemon.

    Raises:
        MailbotError: there is no such matter, or it came of no mail.
    """
    now = runtime.now()
    with runtime.store.write() as connection:
        matter = _open(connection, number)
        if matter.message is None:
            raise MailbotError(
                Text(f"việc {number} không do một thư mà có", f"matter {number} came of no mail"), exit_code=EX_DATAERR
            )
        message = journal_command(connection, next(iter(runtime.in_force.site.mailboxes)), now)
        reason = Reason("retried", f"matter {number}")
        decision = Decision(Outcome.DECIDED, (reason,), retries=(matter.message,), closes=(number,))
        _recorded(runtime, connection, decision, message, now)


def choices(runtime: Runtime, number: int) -> tuple[OpenMatter, list[str]]:
    """Return a matter and the words by which it may be answered.

    Raises:
        MailbotError: there is no such matter, or it is done with.
    """
    with runtime.store.read() as connection:
        matter = _open(connection, number)
    return matter, [choice["words"] for choice in matter.choices] or [LEAVE.words]


def _open(connection: sa.Connection, number: int) -> OpenMatter:
    matter = following.matter(connection, number)
    if matter is None:
        raise MailbotError(
            Text(f"không có việc chờ số {number}", f"nothing waits under number {number}"),
            mend=Text("xem: mailbot held list", "see: mailbot held list"),
            exit_code=EX_DATAERR,
        )
    return matter


def _as_list(matter: OpenMatter, runtime: Runtime) -> KnownThread:
    """A list of one: what `decide_list` answers."""
    listed: dict[str, Any] = {"text": matter.text, "matter": matter.id, "choices": list(matter.choices)}
    name, address = _admin(runtime)
    return KnownThread(
        outbox_id=0,
        purpose=Purpose.CLERK_LIST,
        recipient=address,
        recipient_name=name,
        template="clerk_list",
        values={"matters": [listed]},
        found_by=COMMAND_LINE,
        mailbox=next(iter(runtime.in_force.site.mailboxes)),
    )


def _admin(runtime: Runtime) -> tuple[str, str]:
    site = runtime.in_force.site
    name, address = site.directory.addresses(site.officers.admin)[0]
    return name or "quản trị", address


def _reading(runtime: Runtime, words: str) -> Reading:
    mail = EmailMessage()
    name, address = _admin(runtime)
    mailbox = next(iter(runtime.in_force.site.mailboxes.values()))
    mail["From"], mail["To"] = f"{name} <{address}>", mailbox.address
    mail.set_content(words)
    return read(bytes(mail), runtime.reading_context(runtime.now()))


def _known(
    runtime: Runtime,
    connection: sa.Connection,
    reading: Reading,
    message: int,
    now: datetime,
    thread: KnownThread | None = None,
) -> Known:
    site = runtime.in_force.site
    return know(
        connection,
        reading,
        identify(reading, site, direction_of(reading, site)),
        message=message,
        mailbox=next(iter(site.mailboxes)),
        received_at=now,
        now=now,
        confirmed=True,  # whoever may write the database may order
        answered=thread,
    )


def _recorded(
    runtime: Runtime, connection: sa.Connection, decision: Decision, message: int, now: datetime
) -> list[Line]:
    transcripts = [mail for mail in decision.mails if mail.purpose is Purpose.ORDER_ANSWER]
    decision = replace(decision, mails=tuple(mail for mail in decision.mails if mail not in transcripts))
    site = runtime.in_force.site
    filed = Filed(
        message=message,
        mailbox=next(iter(site.mailboxes)),
        folder=COMMAND_LINE,
        uidvalidity=0,
        uid=message,
        kind=str(Kind.COMMAND),
        content_key=f"{COMMAND_LINE}:{message}",
        sender=_admin(runtime)[1],
        reminders=follow_up(decision, site, now),
        rescheduled=rescheduled(decision, site, now),
    )
    record(decision, filed, runtime.envelope(), connection, now)
    told = [line for mail in transcripts for line in mail.values["lines"]]
    if told:
        return [Line(line["order"], line["result"], line["done"], tuple(line["rows"])) for line in told]
    return [Line("", reason.detail, done=True) for reason in decision.reasons]
