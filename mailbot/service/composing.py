"""Outbox rows -> head bytes, in batches, before they can be claimed; what copies share is joined at send time."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from mailbot.mail import compose
from mailbot.mail.message import parse
from mailbot.problems import MailbotError
from mailbot.store import outbox
from mailbot.store.database import StoreError
from mailbot.store.tables import TABLES, OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailbot.service.runtime import Runtime
    from mailbot.store.outbox import Fixed, Planned

log = structlog.get_logger(__name__)

BATCH = 50
OUTBOX, DOCUMENT = TABLES["outbox"], TABLES["document"]


class Composer:
    """The thread that fixes planned mails, so that the senders never wait for a template."""

    def __init__(self, runtime: Runtime, on_composed: Callable[[], None]) -> None:
        self._runtime = runtime
        self._on_composed = on_composed
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="composer", daemon=True)

    def start(self) -> None:
        """Start composing."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Compose what has been planned meanwhile."""
        self._woken.set()

    def stop(self) -> None:
        """End after the batch that is being composed."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            try:
                while not self._stopping.is_set() and compose_planned(self._runtime):
                    self._on_composed()
            except MailbotError as error:
                log.warning("composer.trouble", why=error.text.en)
            except Exception:  # a bug must not end composing for good; the rows stay planned and are tried again
                log.exception("composer.bug")


def compose_planned(runtime: Runtime, limit: int = BATCH) -> int:
    """Fix the bytes of planned rows, one batch in one commit; return how many rows were taken.

    A row whose template fails is held with the reason; the others go on.
    """
    with runtime.store.read() as connection:
        rows = outbox.planned(connection, limit)
    if not rows:
        return 0
    fixed: list[Fixed] = []
    failed: list[tuple[int, str]] = []
    for row in rows:
        try:
            fixed.append(_fixed(runtime, row, runtime.now()))
        except (MailbotError, ValueError) as error:
            text = error.text.en if isinstance(error, MailbotError) else str(error)
            log.error("mail.cannot_compose", outbox=row.id, template=row.template, why=text)
            failed.append((row.id, text))
    with runtime.store.write() as connection:
        outbox.fix(connection, fixed)
        for number, why in failed:
            outbox.cannot_render(connection, number, why)
    return len(rows)


def reply_address(runtime: Runtime, mailbox: str, token: str) -> str:
    """Return where answers go: the mailbox itself, with the token where plus addressing works."""
    profile = runtime.in_force.site.mailboxes[mailbox]
    if not profile.plus_addressing:
        return profile.address
    local, _, domain = profile.address.rpartition("@")
    return f"{local}+{token}@{domain}"


def _fixed(runtime: Runtime, row: Planned, now: datetime, to: tuple[tuple[str, str], ...] | None = None) -> Fixed:
    site = runtime.in_force.site
    profile = site.mailboxes[row.mailbox]
    reply_to = reply_address(runtime, row.mailbox, row.token)
    letter = runtime.in_force.letters.render(row.template, row.values, token=row.token, reply_to=reply_to)
    envelope = compose.Envelope(
        from_name=str(row.values.get("office_room") or site.office.name),
        from_address=profile.address,
        to=to or ((row.recipient_name, row.recipient),),
        subject=letter.subject,
        message_id=row.message_id.strip("<>"),
        date=now.astimezone(site.office.working_time.zone),
        reply_to=reply_to if reply_to != profile.address else None,
        # RFC 3834: whoever answers automatically must not answer this, and we must know our own mail again.
        auto_submitted="auto-generated",
        extra_headers=(("X-Mailbot-Purpose", row.purpose), ("X-Loop", profile.address)),
    )
    if row.shared_hash and row.boundary:
        head = compose.head(envelope, row.boundary, letter.text, letter.html)
    else:
        head = compose.whole(envelope, letter.text, letter.html)
    return outbox.Fixed(
        row.id, head, hashlib.sha256(head).hexdigest(), letter.subject, letter.template_hash, row.boundary
    )


class NotYetError(Exception):
    """The copies of a document are not composed yet; the wish is tried again."""


def copy_for_sent(runtime: Runtime, document: int) -> bytes | None:
    """Return the ONE copy of a document for the folder of sent mails, addressed to all its units; None in shadow.

    Raises:
        NotYetError: the mails to the units wait for rendering.
    """
    with runtime.store.read() as connection:
        mails = outbox.mails_of_document(connection, document)
    if all(state is OutboxState.SHADOW for _, state in mails):
        return None
    if any(state is OutboxState.PLANNED for _, state in mails):
        raise NotYetError
    rows = [row for row, _ in mails]
    first = rows[0]
    names = ", ".join(dict.fromkeys(row.recipient_name for row in rows))
    whole = replace(first, values=first.values | {"unit": names, "unit_short": "các đơn vị"})
    everybody = tuple((row.recipient_name, row.recipient) for row in rows)
    head = _fixed(runtime, whole, runtime.now(), everybody).head
    shared = shared_bytes(runtime, first.shared_hash) if first.shared_hash else b""
    # The wire form has leading dots doubled; a file has not.
    return (head + shared).replace(b"\r\n..", b"\r\n.")


def shared_bytes(runtime: Runtime, digest: str) -> bytes:
    """Return a document's shared parts; what a power cut took of them is encoded again from the archived mail.

    Raises:
        StoreError: the mail itself is gone or changed, or gives other parts than were promised.
    """
    try:
        return runtime.archive.get(digest)
    except StoreError:
        with runtime.store.read() as connection:
            row = connection.execute(
                sa.select(DOCUMENT.c.archive_hash, DOCUMENT.c.boundary).where(DOCUMENT.c.shared_hash == digest)
            ).first()
        if row is None or row.archive_hash is None:
            raise
        again = compose.shared_parts(parse(runtime.archive.get(row.archive_hash)), row.boundary)
        if hashlib.sha256(again).hexdigest() != digest:
            raise
        runtime.archive.put(again, durable=False)
        return again
