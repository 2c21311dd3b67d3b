"""outbox -> SMTP: rows are claimed when a connection is free, counted before dialling, answered whole."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import OrderedDict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from mailbot.post.dialogue import Answer, Job, Outcome, Phase, Result
from mailbot.post.smtp import Sender as Post
from mailbot.problems import MailbotError, Text
from mailbot.routing.plans import HeldPlan
from mailbot.routing.returning import bounced
from mailbot.service.accounts import smtp_account
from mailbot.service.breaking import trip
from mailbot.service.composing import shared_bytes
from mailbot.service.status import good_cycle, trouble
from mailbot.store import fence, outbox
from mailbot.store.facts import apply_facts
from mailbot.store.ledger import hold
from mailbot.store.mailing import write_mails
from mailbot.store.outbox import Answered, Claim, Refusal
from mailbot.store.tables import OutboxState
from mailbot.store.threads import thread_by_outbox

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from mailbot.service.runtime import Runtime
    from mailbot.settings import MailboxSettings

log = structlog.get_logger(__name__)

# A claim waits for its connection no longer than its neighbour's dialogue; more would only lengthen a crash's lease.
CLAIMS_PER_CONNECTION = 8
# Answers that come close together share a commit: waiting this long for more costs a mail nothing that it would feel.
GATHER_SECONDS = 0.01
SHARED_CACHE_BYTES = 6 * 1024 * 1024
LOOK_AGAIN_SECONDS = 30.0
COUNT_AGAIN = timedelta(minutes=1)


class Sender:
    """The thread that empties the outbox of one mailbox."""

    def __init__(self, runtime: Runtime, key: str) -> None:
        self.runtime, self.key = runtime, key
        self._thread = threading.Thread(target=self._run, name=f"sender {key}", daemon=True)
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._answers: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._under_way: dict[int, Claim] = {}
        # What servers said stays here until the ledger has it: a database in trouble must not make us ask again.
        self._unwritten: list[Answered] = []
        self._full_today = False
        self.failure: MailbotError | None = None  # why nothing could be sent at the last try
        self._shared = _SharedParts(runtime)
        self._started: deque[float] = deque()
        self._idle = threading.Event()
        self._counted_at: datetime | None = None
        self._watched_at: datetime | None = None
        self._sent_today = 0

    @property
    def settings(self) -> MailboxSettings:
        """The mailbox as the site in force describes it."""
        return self.runtime.in_force.settings.mailboxes[self.key]

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def wake(self) -> None:
        """Look into the outbox now."""
        self._idle.clear()
        self._woken.set()
        self._answers.put(None)

    def wait_until_idle(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left that can leave now, or nothing can leave at all (see `failure`); for `once`."""
        return self._idle.wait(timeout)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Post(smtp_account(self.settings, self.runtime.folder)) as post:
                    self._send_all(post)
            except MailbotError as error:
                log.warning("sender.trouble", mailbox=self.key, why=error.text.en)
                self._failed(error)
            except Exception as error:  # a bug must not end sending for good; rows keep their state, tried again
                log.exception("sender.bug", mailbox=self.key)
                said = f"{type(error).__name__}: {error}"
                self._failed(MailbotError(Text(said, said)))
        self._write_what_is_left()

    def _failed(self, error: MailbotError) -> None:
        """Tell what is in the way, and wait before all is tried again."""
        self.failure = error
        trouble(self.runtime, f"sender {self.key}", error.text)
        self._idle.set()
        self._stopping.wait(LOOK_AGAIN_SECONDS)

    def _write_what_is_left(self) -> None:
        """Write at the end what was answered while the ledger could not be written; else it would be sent again."""
        while not self._answers.empty():
            self._take(self._answers.get())
        try:
            self._exchange(0)
        except MailbotError as error:
            log.error("sender.answers_lost", mailbox=self.key, answers=len(self._unwritten), why=error.text.en)

    def _send_all(self, post: Post) -> None:
        while True:
            stopping = self._stopping.is_set()
            claims = self._exchange(0 if stopping else self._room())
            self._hand_over(post, claims)
            if not self._under_way and stopping and not self._unwritten:
                return
            self._collect()

    def _room(self) -> int:
        """Return how many rows may be claimed now: free connections, and the limits a minute and a day."""
        free = self.settings.smtp.connections * CLAIMS_PER_CONNECTION - len(self._under_way)
        return max(0, min(free, self._left_this_minute()))

    def _left_this_minute(self) -> int:
        minute_ago = time.monotonic() - 60
        while self._started and self._started[0] < minute_ago:
            self._started.popleft()
        return self.settings.limits.send_per_minute - len(self._started)

    def _exchange(self, room: int) -> list[Claim]:
        """Write what was answered and claim what is next, in one commit."""
        answers = self._unwritten
        if not answers and room <= 0:
            return []
        now = self.runtime.now()
        jitter = random.random()  # noqa: S311 - spreads retries, keeps no secret
        if not answers and not self._anything_due():
            return []
        with self.runtime.store.write() as connection:
            outbox.finish(connection, answers, now, jitter)
            for answer in answers:
                self._after_failure(connection, answer)
            fenced = self._fenced(connection, now)
            left_today = self._left_today(connection) if room else 0
            self._full_today = bool(room) and left_today <= 0
            room = 0 if fenced else min(room, left_today)
            # What is under way stays so however long its server takes; only the dead lose their claims.
            claims = outbox.claim(connection, self.key, room, now, besides=self._under_way)
        self._unwritten = []
        for answer in answers:
            self._log(answer)
        return claims

    def _fenced(self, connection: sa.Connection, now: datetime) -> bool:
        """Tell whether nothing may leave; the breaker looks once a minute, and at once after a restart."""
        if fence.standing(connection) is not None:
            return True
        if self._watched_at is not None and timedelta() <= now - self._watched_at < COUNT_AGAIN:
            return False
        self._watched_at = now
        return trip(connection, self.key, self.settings.limits, now)

    def _anything_due(self) -> bool:
        due = self._next_due()
        return due is not None and due <= self.runtime.now()

    def _next_due(self) -> datetime | None:
        """Return when the next mail may leave; none while a fence waits for somebody to look."""
        with self.runtime.store.read() as connection:
            if fence.standing(connection) is not None:
                return None
            return outbox.next_due(connection, self.key)

    def _left_today(self, connection: sa.Connection) -> int:
        """Return how many mails the limit of a day leaves; the ledger is counted once a minute, not at every claim."""
        now = self.runtime.now()
        if self._counted_at is None or not timedelta() <= now - self._counted_at < COUNT_AGAIN:
            self._counted_at = now
            self._sent_today = outbox.sent_since(connection, self.key, now - timedelta(days=1)) + len(self._under_way)
        return self.settings.limits.send_per_day - self._sent_today

    def _hand_over(self, post: Post, claims: list[Claim]) -> None:
        jobs = []
        for claim in claims:
            try:
                chunks = (claim.head, self._shared.get(claim.shared_hash)) if claim.shared_hash else (claim.head,)
            except MailbotError as error:  # one mail whose parts are lost stops no other; it is tried again later
                self._cannot_be_read(claim, error)
                continue
            self._under_way[claim.id] = claim
            self._sent_today += 1
            self._started.append(time.monotonic())
            eight_bit = not all(chunk.isascii() for chunk in chunks)
            jobs.append(Job(claim.id, self.settings.address, claim.recipients, chunks, eight_bit=eight_bit))
        post.submit(jobs, self._answers.put)

    def _cannot_be_read(self, claim: Claim, error: MailbotError) -> None:
        log.error("mail.parts_lost", outbox=claim.id, mailbox=self.key, why=error.text.en)
        told = Text(vi=f"thư o{claim.id}: {error.text.vi}", en=f"mail o{claim.id}: {error.text.en}")
        self.failure = MailbotError(told)
        trouble(self.runtime, f"sender {self.key}", told)
        self._unwritten.append(Answered(claim, "deferred", None, None, error.text.en, left=claim.recipients))

    def _collect(self) -> None:
        """Wait for the first answer, a wake-up or the time when something is due; take the answers that are there."""
        if not self._under_way and not self._unwritten:
            self._rest()
        self.runtime.signs_of_life[f"sender {self.key}"] = self.runtime.now()
        before = len(self._unwritten)
        try:
            self._take(self._answers.get(timeout=self._pause()))
            until = time.monotonic() + GATHER_SECONDS
            while True:
                enough = len(self._unwritten) - before > len(self._under_way)
                self._take(self._next_answer(until, enough=enough))
        except queue.Empty:
            return

    def _take(self, outcome: Outcome | None) -> None:
        """Keep what a server said until it is written; None is only a wake-up."""
        if outcome is not None:
            self._unwritten.append(self._answered(outcome))

    def _rest(self) -> None:
        """Nothing is under way: all is well unless the last mail met a failure and still waits for better times."""
        due = self._next_due()
        if self.failure is None or due is None:
            self.failure = None
            good_cycle(self.runtime, f"sender {self.key}")
        if due is None or due > self.runtime.now() or self._full_today:
            self._idle.set()

    def _next_answer(self, until: float, *, enough: bool) -> Outcome | None:
        """Return the next answer; wait for it a moment while most of what is under way is unanswered."""
        left = until - time.monotonic()
        if enough or left <= 0:
            return self._answers.get_nowait()
        return self._answers.get(timeout=left)

    def _pause(self) -> float:
        if self._unwritten:
            return 0.0
        if self._under_way:
            return LOOK_AGAIN_SECONDS
        if self._full_today:
            return LOOK_AGAIN_SECONDS
        if self._left_this_minute() <= 0:
            return max(0.05, 60 - (time.monotonic() - self._started[0]))
        due = self._next_due()
        if due is None:
            return LOOK_AGAIN_SECONDS
        return max(0.01, min(LOOK_AGAIN_SECONDS, (due - self.runtime.now()).total_seconds()))

    def _answered(self, outcome: Outcome) -> Answered:
        claim = self._under_way.pop(outcome.key)
        self.failure = None
        if outcome.result is Result.DEFERRED and outcome.phase is Phase.CONNECT and outcome.failure is not None:
            self.failure = MailbotError(outcome.failure.text, mend=outcome.failure.mend)
            trouble(self.runtime, f"sender {self.key}", outcome.failure.text)
        return answered(claim, outcome)

    def _after_failure(self, connection: sa.Connection, answer: Answered) -> None:
        """What follows a refusal: the unit's next address, or a line for the clerk; an unknown end twice is held."""
        now = self.runtime.now()
        state = outbox.state_after(answer, now)
        if state is OutboxState.HELD:
            hold(connection, [_unknown_twice(answer)], now)
            return
        refused = answer.refused
        if state is not OutboxState.READY:  # three days are over for whom is left, too
            refused += tuple(Refusal(address, answer.enhanced, answer.text) for address in answer.left)
        thread = thread_by_outbox(connection, answer.claim.id) if refused else None
        if thread is None:
            return
        number = thread.document.id if thread.document else None
        for refusal in refused:
            site = self.runtime.in_force.site
            facts, mails, lines = bounced(thread, refusal.address.lower(), refusal.status, refusal.text, site, now)
            apply_facts(connection, facts, actor="smtp server", outbox=answer.claim.id)
            write_mails(connection, mails, self.runtime.envelope(), now)
            hold(connection, lines, now, document=number)

    def _log(self, answer: Answered) -> None:
        log.info(
            "mail.sent" if answer.result == "sent" else "mail.not_sent",
            outbox=answer.claim.id,
            mailbox=self.key,
            purpose=answer.claim.purpose,
            attempt=answer.claim.attempt,
            result=answer.result,
            code=answer.code,
            enhanced=answer.enhanced,
        )


def answered(claim: Claim, outcome: Outcome) -> Answered:
    """Return what the post room's outcome means for a claim and each of its recipients."""
    result = str(outcome.result)
    if outcome.result is Result.DEFERRED and outcome.phase is Phase.CONNECT:
        result = "unreachable"
    said: dict[Result, list[Answer]] = {Result.SENT: [], Result.REFUSED: [], Result.DEFERRED: [], Result.UNKNOWN: []}
    for answer in outcome.answers:
        said[answer.result].append(answer)
    refused = tuple(
        Refusal(item.recipient, item.enhanced or (str(item.code) if item.code else None), item.text)
        for item in said[Result.REFUSED]
    )
    return Answered(
        claim,
        result,
        outcome.code,
        outcome.enhanced,
        outcome.text or outcome.cause,
        accepted=tuple(item.recipient for item in said[Result.SENT]),
        refused=refused,
        left=tuple(item.recipient for item in (*said[Result.DEFERRED], *said[Result.UNKNOWN])),
    )


def _unknown_twice(answer: Answered) -> HeldPlan:
    text = (
        f"thư o{answer.claim.id} tới {answer.claim.recipients[0]}: hai lần không rõ đã gửi được hay chưa, "
        "cần kiểm tra ở máy chủ thư trước khi gửi lại"
    )
    return HeldPlan("send_unknown", text, "admin")


class _SharedParts:
    """The last used shared parts, so that a document's copies read them once; bounded by bytes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, digest: str) -> bytes:
        """Return the bytes of a hash from memory or archive."""
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        raw = shared_bytes(self._runtime, digest)
        self._kept[digest] = raw
        self._size += len(raw)
        while self._size > SHARED_CACHE_BYTES and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old)
        return raw
