"""Outbox rows -> head bytes, in batches, before they can be claimed; what copies share is joined at send time."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from mailbot.mail import compose
from mailbot.mail.message import parse
from mailbot.problems import MailbotError
from mailbot.rendering.mails import Fixed, SendingMailbox, compose_mail
from mailbot.service.readers import Batch
from mailbot.service.status import COMPOSER, good_cycle, trouble
from mailbot.store import outbox
from mailbot.store.documents import source_of_shared
from mailbot.store.errors import StoreError
from mailbot.store.tables import OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.routing.model import Site
    from mailbot.service.readers import Readers
    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

BATCH = 50


class Composer:
    """The thread that has planned mails composed in the reader processes, so that nobody waits for a template."""

    def __init__(self, runtime: Runtime, readers: Readers, on_composed: Callable[[], None]) -> None:
        self._runtime = runtime
        self._readers = readers
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
                while not self._stopping.is_set() and compose_planned(self._runtime, self._readers):
                    self._on_composed()
                good_cycle(self._runtime, COMPOSER)
            except MailbotError as error:
                log.warning("composer.trouble", why=error.text.en)
                trouble(self._runtime, COMPOSER, error.text)
            except Exception as error:  # a bug must not end composing for good; the rows stay planned, tried again
                log.exception("composer.bug")
                trouble(self._runtime, COMPOSER, f"{type(error).__name__}: {error}")


def compose_planned(runtime: Runtime, readers: Readers, limit: int = BATCH) -> int:
    """Fix the bytes of planned mails, one batch in one commit; return how many mails were taken.

    A mail whose template fails is held with the reason; the others go on.
    """
    with runtime.store.read() as connection:
        rows = outbox.planned(connection, limit)
    if not rows:
        return 0
    site = runtime.in_force.site
    mailboxes = {key: sending_mailbox(site, key) for key in {row.mailbox for row in rows}}
    pairs = [(row, mailboxes[row.mailbox]) for row in rows]
    batch = Batch(site.version, site.templates, site.office.spelling, pairs, runtime.now(), runtime.archive.folder)
    composed = readers.compose(batch)
    with runtime.store.write() as connection:
        outbox.fix(connection, [item for item in composed if isinstance(item, Fixed)])
        for item in composed:
            if not isinstance(item, Fixed):
                log.error("mail.cannot_compose", outbox=item.id, why=item.why)
                outbox.cannot_render(connection, item.id, item.why)
    return len(rows)


def sending_mailbox(site: Site, key: str) -> SendingMailbox:
    """Return from where the mails of a mailbox go out and how answers come back to it."""
    profile = site.mailboxes[key]
    return SendingMailbox(profile.address, site.office.name, site.office.timezone, profile.plus_addressing)


class NotYetError(Exception):
    """The copies of a document are not composed yet, or none is sent; the wish is tried again."""


def copy_for_sent(runtime: Runtime, document: int) -> bytes | None:
    """Return the ONE copy of a document for the folder of sent mails, addressed to all its units; None in shadow.

    Raises:
        NotYetError: the mails to the units wait for rendering, or none of them has been sent.
    """
    with runtime.store.read() as connection:
        mails = outbox.mails_of_document(connection, document)
    if all(state is OutboxState.SHADOW for _, state in mails):
        return None
    states = {state for _, state in mails}
    # A copy there says that the paper went out: a restored site would believe it (see resuming.py).
    if OutboxState.PLANNED in states or (OutboxState.READY in states and OutboxState.SENT not in states):
        raise NotYetError
    rows = [row for row, _ in mails]
    first = rows[0]
    names = ", ".join(dict.fromkeys(row.recipient_name for row in rows))
    whole = replace(first, values=first.values | {"unit": names, "unit_short": "các đơn vị"})
    everybody = tuple((row.recipient_name, row.recipient) for row in rows)
    in_force = runtime.in_force
    mailbox = sending_mailbox(in_force.site, first.mailbox)
    head = compose_mail(in_force.letters, whole, mailbox, runtime.now(), everybody).head
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
            source, boundary = source_of_shared(connection, digest)
        if source is None or boundary is None:
            raise
        again = compose.shared_parts(parse(runtime.archive.get(source)), boundary)
        if hashlib.sha256(again).hexdigest() != digest:
            raise
        runtime.archive.put(again, durable=False)
        return again
