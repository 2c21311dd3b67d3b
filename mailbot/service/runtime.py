"""What the parts of the running daemon share: the site in force, the store, the clock, the key of our tokens."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailbot.reading import ReadingContext
from mailbot.rendering.letters import Letters
from mailbot.routing.releasing import sends_for_real
from mailbot.service import token_keys
from mailbot.service.domain_keys import DomainKeys
from mailbot.service.jumps import Jumps
from mailbot.site import Loaded, load
from mailbot.store.archive import Archive
from mailbot.store.database import Store
from mailbot.store.mailing import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailbot.routing.model import Site
    from mailbot.routing.plans import MailPlan
    from mailbot.settings import Settings


def utc_now() -> datetime:
    """Return the present moment; the only place besides the demo's fast clock where mailbot asks what time it is."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class InForce:
    """One loaded site with what is made of it once."""

    loaded: Loaded
    letters: Letters

    @property
    def site(self) -> Site:
        """The values that deciding looks at."""
        return self.loaded.site

    @property
    def settings(self) -> Settings:
        """Servers, limits and paths."""
        return self.loaded.settings


class Runtime:
    """One site with its open store; `in_force` is swapped whole by a reload, everything else stays."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = utc_now, loaded: Loaded | None = None) -> None:
        self.folder = folder
        self.now = now
        self.in_force = _in_force(loaded or load(folder))
        self.good_cycles: dict[str, datetime] = {}  # what status.py has written last, by part
        self.signs_of_life: dict[str, datetime] = {}  # when a part last ended a cycle or told of its trouble
        self.store = Store(self.in_force.settings.database)
        self.var = folder / "var"
        self.archive = Archive(self.var / "archive")
        self.domain_keys = DomainKeys()
        self.alarm: str | None = None  # what watching.py has told last, whether or not it could be written
        self._keys = token_keys.site_keys(self.var)
        self._keys_changed = token_keys.changed_at(self.var)
        self.stopping = threading.Event()
        # A clock that is not the machine's own (the demo's, a test's) may run as it likes.
        self.jumps = Jumps(now) if now is utc_now else None

    def reload(self) -> None:
        """Load the site anew and swap it at once; what is pending keeps the decision it had.

        Raises:
            SiteError: the new site does not check; the old one stays in force.
        """
        fresh = _in_force(load(self.folder))
        fresh.site.rules.prepare()
        self.in_force = fresh

    @property
    def clock_is_doubted(self) -> bool:
        """Whether the clock has just jumped far ahead, so that nothing may be decided or reminded by it yet."""
        return self.jumps is not None and self.jumps.doubted

    def envelope(self) -> Envelope:
        """Return what the store needs to give mails their identity."""
        site = self.in_force.site
        domains = {key: mailbox.address.rpartition("@")[2] for key, mailbox in site.mailboxes.items()}

        def sends(mail: MailPlan) -> bool:
            return sends_for_real(site, mail.recipient)

        return Envelope(self.keys[0], domains, sends, self.keys[1:])

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys of tokens, the one in use first; read anew when an admin has changed it while we run."""
        changed = token_keys.changed_at(self.var)
        if changed != self._keys_changed:
            self._keys, self._keys_changed = token_keys.site_keys(self.var), changed
        return self._keys

    def reading_context(self, received_at: datetime | None = None) -> ReadingContext:
        """Return what reading a mail may know of this office."""
        return reading_context(self.in_force.site, received_at)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def _in_force(loaded: Loaded) -> InForce:
    return InForce(loaded, Letters(loaded.site.templates, spelling=loaded.site.office.spelling))


def reading_context(site: Site, received_at: datetime | None = None) -> ReadingContext:
    """Return what reading a mail may know of an office: its addresses, servers, zone and working days."""
    return ReadingContext(
        own_addresses=frozenset(mailbox.address.lower() for mailbox in site.mailboxes.values()),
        timezone=site.office.timezone,
        authserv_ids=site.trust.authserv_id,
        own_servers=site.trust.own_servers,
        received_at=received_at,
        working_time=site.office.working_time,
        ocr=site.office.ocr,
        certificates=site.trust.certificates,
    )


def with_arrival(context: ReadingContext, received_at: datetime | None) -> ReadingContext:
    """Return a reading context for a mail that arrived at that moment."""
    return replace(context, received_at=received_at)
