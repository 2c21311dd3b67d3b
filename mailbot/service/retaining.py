"""Once a day raw mails that are kept long enough (`retention:` of mailbot.yaml) leave the archive, with a tombstone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from dateutil.relativedelta import relativedelta

from mailbot.store import retention
from mailbot.store.marks import marks, put

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.service.runtime import Runtime
    from mailbot.store.archive import Archive
    from mailbot.store.database import Store

log = structlog.get_logger(__name__)

PART = "retention"
EVERY = timedelta(days=1)
# So many mails a transaction: nobody waits long for the write lock.
BATCH = 200
# Whatever the clock says: an archive is not emptied in a night because of it. An office gets dozens of mails a day.
MOST_A_DAY = 1000
# After so long a pause the clock may have jumped: a person has a day to notice.
LONG_PAUSE = timedelta(days=40)


def once_a_day(runtime: Runtime) -> None:
    """Remove what is due, at most once a day; nothing without `retention:`."""
    months = runtime.in_force.settings.retention_months
    if months is None:
        return
    now = runtime.now()
    with runtime.store.read() as connection:
        last = marks(connection).get(PART)
    if last is not None and timedelta() <= now - last.at < EVERY:
        return
    jumped = last is not None and not timedelta() <= now - last.at < LONG_PAUSE
    if jumped:
        log.warning("archive.nothing_removed", why="the clock has jumped, or nothing ran for long")
    count = 0 if jumped else remove_old(runtime.store, runtime.archive, months, now)
    with runtime.store.write() as connection:
        put(connection, PART, str(count), now)


def remove_old(store: Store, archive: Archive, months: int, now: datetime) -> int:
    """Remove the mails that nothing has happened to for so many months; return how many. `now` is aware."""
    _unlink(store, archive, now)
    before, count = now - relativedelta(months=months), 0
    while True:
        with store.write() as connection:
            found = retention.expired(connection, before, min(BATCH, MOST_A_DAY - count))
            retention.bury(connection, found, f"{months} months", now)
        _unlink(store, archive, now)
        count += len(found)
        if len(found) < BATCH or count >= MOST_A_DAY:
            _sweep(store, archive, before)
            if count:
                log.info("archive.removed", mails=count, before=before.isoformat())
            return count


def _sweep(store: Store, archive: Archive, before: datetime) -> None:
    """Remove parts that were encoded of removed mails, and of mails that no decision has named, since before then."""
    with store.read() as connection:
        living = retention.living(connection, before)
    for path in archive.folder.glob("??/*"):
        if path.parent.name + path.name not in living and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)


def _unlink(store: Store, archive: Archive, now: datetime) -> None:
    """Remove the files of what is noted as removed; one that cannot be removed is tried again the next day."""
    with store.read() as connection:
        digests = retention.to_unlink(connection)
    gone = []
    for digest in digests:
        try:
            archive.path(digest).unlink(missing_ok=True)
            gone.append(digest)
        except OSError as error:
            log.warning("archive.not_removed", sha256=digest, why=error.strerror)
    if gone:
        with store.write() as connection:
            retention.unlinked(connection, gone, now)
