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
from mailbot.problems import MailbotError
from mailbot.routing.plans import HeldPlan
from mailbot.routing.returning import bounced
from mailbot.service.accounts import smtp_account
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
        self._shared = _SharedParts(runtime)
        self._started: deque[float] = deque()
        self._idle = threading.Event()
        self._counted_at: datetime | None = None
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
        """Wait until nothing due is left to send; for `once` and the demo."""
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
                trouble(self.runtime, f"sender {self.key}", error.text)
                self._stopping.wait(LOOK_AGAIN_SECONDS)
            except Exception as error:  # a bug must not end sending for good; rows keep their state, tried again
                log.exception("sender.bug", mailbox=self.key)
                trouble(self.runtime, f"sender {self.key}", f"{type(error).__name__}: {error}")
                self._stopping.wait(LOOK_AGAIN_SECONDS)

    def _send_all(self, post: Post) -> None:
        answers: list[Answered] = []
        while True:
            stopping = self._stopping.is_set()
            claims = self._exchange(answers, 0 if stopping else self._room())
            self._hand_over(post, claims)
            if not self._under_way and stopping:
                return
            answers = self._collect()

    def _room(self) -> int:
        """Return how many rows may be claimed now: free connections, and the limits a minute and a day."""
        free = self.settings.smtp.connections * CLAIMS_PER_CONNECTION - len(self._under_way)
        return max(0, min(free, self._left_this_minute()))

    def _left_this_minute(self) -> int:
        minute_ago = time.monotonic() - 60
        while self._started and self._started[0] < minute_ago:
            self._started.popleft()
        return self.settings.limits.send_per_minute - len(self._started)

    def _exchange(self, answers: list[Answered], room: int) -> list[Claim]:
        """Write what was answered and claim what is next, in one commit."""
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
            fenced = fence.backup_behind(connection) is not None
            room = min(room, self._left_today(connection)) if room and not fenced else 0
            claims = outbox.claim(connection, self.key, room, now)
        for answer in answers:
            self._log(answer)
        return claims

    def _anything_due(self) -> bool:
        due = self._next_due()
        return due is not None and due <= self.runtime.now()

    def _next_due(self) -> datetime | None:
        """Return when the next mail may leave; none while a restored site waits for somebody to look at it."""
        with self.runtime.store.read() as connection:
            if fence.backup_behind(connection) is not None:
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
            self._under_way[claim.id] = claim
            self._sent_today += 1
            self._started.append(time.monotonic())
            chunks = (claim.head, self._shared.get(claim.shared_hash)) if claim.shared_hash else (claim.head,)
            eight_bit = not all(chunk.isascii() for chunk in chunks)
            jobs.append(Job(claim.id, self.settings.address, claim.recipients, chunks, eight_bit=eight_bit))
        post.submit(jobs, self._answers.put)

    def _collect(self) -> list[Answered]:
        """Wait for the first answer, a wake-up or the time when something is due; return the answers that are there."""
        found: list[Answered] = []
        if not self._under_way:
            good_cycle(self.runtime, f"sender {self.key}")
            if not self._anything_due():
                self._idle.set()
        self.runtime.signs_of_life[f"sender {self.key}"] = self.runtime.now()
        try:
            item = self._answers.get(timeout=self._pause())
            until = time.monotonic() + GATHER_SECONDS
            while True:
                if item is not None:
                    found.append(self._answered(item))
                item = self._next_answer(until, enough=len(found) > len(self._under_way))
        except queue.Empty:
            return found

    def _next_answer(self, until: float, *, enough: bool) -> Outcome | None:
        """Return the next answer; wait for it a moment while most of what is under way is unanswered."""
        left = until - time.monotonic()
        if enough or left <= 0:
            return self._answers.get_nowait()
        return self._answers.get(timeout=left)

    def _pause(self) -> float:
        if self._under_way:
            return LOOK_AGAIN_SECONDS
        if self._left_this_minute() <= 0:
            return max(0.05, 60 - (time.monotonic() - self._started[0]))
        due = self._next_due()
        if due is None:
            return LOOK_AGAIN_SECONDS
        return max(0.01, min(LOOK_AGAIN_SECONDS, (due - self.runtime.now()).total_seconds()))

    def _answered(self, outcome: Outcome) -> Answered:
        claim = self._under_way.pop(outcome.key)
        if outcome.result is Result.DEFERRED and outcome.phase is Phase.CONNECT and outcome.failure is not None:
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
