"""The words of SMTP without the wire: commands of a transaction, replies out of bytes, what they mean for a mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mailbot.post.connections import Failure

# RFC 5321 4.5.3.1.5 allows 512 bytes a line; a server that sends this much without an end is not speaking SMTP.
MAX_REPLY = 64 * 1024
OK = 250
START_INPUT = 354
CLOSING = 421
# The server wants a login or encryption first: our configuration is at fault and not the mail (RFC 4954, 3207).
OURS_TO_MEND = frozenset({530, 534, 535, 538})


class Result(StrEnum):
    """What became of a mail: taken, not now, never, or nobody can tell (it may have been taken)."""

    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """How far a transaction came."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Job:
    """One mail to hand over: `chunks` are ready for the wire (CRLF, leading dots doubled, CRLF at the end).

    `sender` may be empty (RFC 5321 4.5.5); `eight_bit` says that the bytes are not all ASCII (RFC 6152).
    """

    key: int
    sender: str
    recipients: tuple[str, ...]
    chunks: tuple[bytes, ...]
    eight_bit: bool = False

    @property
    def size(self) -> int:
        """Return the number of bytes to send."""
        return sum(map(len, self.chunks))


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server: 250, 2.1.5, and its words, lines joined by LF."""

    code: int
    enhanced: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said of one recipient."""

    recipient: str
    result: Result
    code: int | None = None
    enhanced: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a Job; `answers` tell it for each recipient, `cause` is for the log and never for people.

    SENT means that the server took it for at least one recipient. A REFUSED in the phase `mail` is about our sender
    address and in `data` or `answer` about the content; only in `rcpt` is it about the recipient.
    """

    key: int
    result: Result
    phase: Phase
    answers: tuple[Answer, ...]
    code: int | None = None
    enhanced: str | None = None
    text: str = ""
    cause: str = ""
    failure: Failure | None = None


class ReplyError(Exception):
    """The server sent something that is no SMTP reply."""


class AddressError(Exception):
    """An address cannot be written on a command line of SMTP."""


class ReplyReader:
    """Turns the bytes of a server into replies (RFC 5321 4.2.1), however they are cut."""

    def __init__(self) -> None:
        self._left = b""
        self._lines: list[str] = []

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that `data` completes; raise ReplyError when it is not SMTP."""
        *lines, self._left = (self._left + data).split(b"\n")
        replies = [reply for line in lines if (reply := self._take(line))]
        if len(self._left) + sum(len(line) + len("250-\r\n") for line in self._lines) > MAX_REPLY:
            raise ReplyError("reply without end")
        return replies

    def _take(self, line: bytes) -> Reply | None:
        if not line[:3].isdigit() or line[3:4] not in (b"-", b" ", b"", b"\r"):
            raise ReplyError(f"not an SMTP reply: {line[:100]!r}")
        self._lines.append(line[4:].decode("utf-8", "replace").strip())
        if line[3:4] == b"-":
            return None
        text = "\n".join(self._lines)
        self._lines = []
        found = _ENHANCED.match(text)
        return Reply(int(line[:3]), found.group() if found else None, text)


_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")  # RFC 2034
# What would end the address or the line early; addresses come from mail, so that this is a matter of safety.
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")


def envelope(job: Job, extensions: Collection[str]) -> list[bytes]:
    """Return the MAIL and RCPT lines for a server with these EHLO keywords (lower case); raise AddressError."""
    if not job.recipients:
        raise AddressError("no recipient")
    options = ""
    if "size" in extensions:
        options += f" SIZE={job.size}"
    if job.eight_bit and "8bitmime" in extensions:
        options += " BODY=8BITMIME"
    addresses = (job.sender, *job.recipients)
    for address in addresses:
        if _UNSAFE.search(address) or (not address and address is not job.sender):
            raise AddressError(f"{address!r} is no address")
    if not all(map(str.isascii, addresses)):
        if "smtputf8" not in extensions:
            raise AddressError("the server takes no addresses beyond ASCII (SMTPUTF8)")
        options += " SMTPUTF8"
    return [
        f"MAIL FROM:<{job.sender}>{options}\r\n".encode(),
        *(f"RCPT TO:<{recipient}>\r\n".encode() for recipient in job.recipients),
    ]


@dataclass(slots=True)
class Course:
    """The replies of one transaction so far; filled by whoever drives the wire."""

    phase: Phase = Phase.MAIL
    mail: Reply | None = None
    recipients: list[Reply] = field(default_factory=list)
    data: Reply | None = None
    final: Reply | None = None

    def take(self, reply: Reply, expected: int) -> None:
        """File one reply of the group MAIL, RCPT for each of `expected` recipients, DATA."""
        if self.mail is None:
            self.mail, self.phase = reply, Phase.RCPT
        elif len(self.recipients) < expected:
            self.recipients.append(reply)
            self.phase = Phase.DATA if len(self.recipients) == expected else Phase.RCPT
        else:
            self.data = reply

    @property
    def accepted(self) -> bool:
        """Return whether the server takes the mail for anybody."""
        return self.mail is not None and _taken(self.mail) and any(map(_taken, self.recipients))

    @property
    def unheard(self) -> bool:
        """Return whether the server has not taken up the mail at all, so that another connection may be tried."""
        return self.mail is None or self.mail.code == CLOSING


def outcome(job: Job, course: Course, cause: str = "") -> Outcome:
    """Weigh the replies of a transaction that is over; `cause` says why it ended early, if it did."""
    whole, phase = _decisive(course)
    answers = tuple(_answer(job, number, course, whole) for number in range(len(job.recipients)))
    results = {answer.result for answer in answers}
    result = next((kind for kind in _STRONGEST if kind in results), Result.DEFERRED)
    told = whole or next((reply for reply in course.recipients if not _taken(reply)), None)
    code, enhanced, text = (told.code, told.enhanced, told.text) if told else (None, None, "")
    return Outcome(job.key, result, phase, answers, code, enhanced, text, cause)


def unsent(job: Job, result: Result, phase: Phase, cause: str, failure: Failure | None = None) -> Outcome:
    """Return the outcome of a job that no server has heard of."""
    answers = tuple(Answer(recipient, result) for recipient in job.recipients)
    code = int(failure.code) if failure and failure.code and failure.code.isdigit() else None
    return Outcome(job.key, result, phase, answers, code, None, "", cause, failure)


# A mail that somebody got must not be sent again as a whole; one that may yet succeed is not given up.
_STRONGEST = (Result.SENT, Result.UNKNOWN, Result.DEFERRED, Result.REFUSED)


def _decisive(course: Course) -> tuple[Reply | None, Phase]:
    """Return the reply that counts for every accepted recipient, and the phase it belongs to."""
    if course.final is not None:
        return course.final, Phase.ANSWER
    if course.mail is not None and not _taken(course.mail):
        return course.mail, Phase.MAIL
    if course.mail is not None and course.recipients and not course.accepted:
        return None, Phase.RCPT
    if course.data is not None and course.data.code != START_INPUT:
        return course.data, Phase.DATA
    return None, course.phase


def _answer(job: Job, number: int, course: Course, whole: Reply | None) -> Answer:
    recipient = job.recipients[number]
    own = course.recipients[number] if number < len(course.recipients) else None
    reply = own if own is not None and not _taken(own) and course.mail and _taken(course.mail) else whole
    if reply is not None:
        return Answer(recipient, result_of(reply.code), reply.code, reply.enhanced, reply.text)
    return Answer(recipient, Result.UNKNOWN if course.phase is Phase.ANSWER else Result.DEFERRED)


def result_of(code: int) -> Result:
    """Return what a reply code means for a mail (RFC 5321 4.2.1); what is none of the known kinds may mend itself."""
    if code in OURS_TO_MEND:
        return Result.DEFERRED
    return {2: Result.SENT, 5: Result.REFUSED}.get(code // 100, Result.DEFERRED)


def _taken(reply: Reply) -> bool:
    return reply.code // 100 == OK // 100


def pipelined(commands: Iterable[bytes]) -> bytes:
    """Return MAIL, RCPT and DATA as one group (RFC 2920 3.1)."""
    return b"".join((*commands, b"DATA\r\n"))
