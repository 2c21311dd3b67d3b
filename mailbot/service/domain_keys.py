"""Fetches the public keys of DKIM signatures by DNS, for mails of registered senders that nobody has checked yet."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog

from mailbot.mail import authentic, domain_keys
from mailbot.mail.headers import split_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.mail.headers import Headers
    from mailbot.routing.model import Site

log = structlog.get_logger(__name__)

# Mail must not wait for a name server: without a key the mail is as good as unsigned, and its sender is asked.
SECONDS = 3.0
# A key is asked for again after an hour; a resolver that does not answer is left alone for five minutes.
KEPT_SECONDS = 3600.0
SILENT_SECONDS = 300.0
MOST_KEPT = 1000
HEADER_BYTES = 256 * 1024


class DomainKeys:
    """TXT records of DKIM keys, each asked for once an hour; `ask` may be another way to ask, for tests."""

    def __init__(self, ask: Callable[[str], bytes | None] | None = None) -> None:
        self._ask = ask or _ask_dns
        self._kept: dict[str, tuple[float, bytes | None]] = {}
        self._silent_until = 0.0
        self._lock = threading.Lock()

    def of(self, raw: bytes, site: Site) -> dict[str, bytes]:
        """Return the keys that checking a mail needs; none unless its sender is registered and nobody vouches yet."""
        head = raw[:HEADER_BYTES]
        if not site.trust.own_dkim or b"dkim-signature:" not in head.lower():
            return {}
        headers, _, _ = split_block(head)
        names = _wanted(headers, site)
        found = {name: self._key(name) for name in names[: domain_keys.MAX_SIGNATURES]}
        return {name: key for name, key in found.items() if key is not None}

    def _key(self, name: str) -> bytes | None:
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and now - kept[0] < KEPT_SECONDS:
                return kept[1]
            if now < self._silent_until:
                return None
        try:
            key = self._ask(name)
        except TimeoutError:
            log.warning("dkim.no_answer", name=name)
            self._silent_until = time.monotonic() + SILENT_SECONDS
            return None
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[name] = (now, key)
        return key


def _wanted(headers: Headers, site: Site) -> tuple[str, ...]:
    senders = [address.address for address in headers.addresses("from") if address.address]
    if len(senders) != 1 or senders[0].lower() not in site.directory.every_address:
        return ()
    results, trust = authentic.authenticate(
        headers, (senders[0].lower(),), site.trust.authserv_id, site.trust.own_servers
    )
    if trust or results.dmarc != "none":
        return ()  # our own server has looked, or knows who logged in
    return domain_keys.keys_wanted(headers, senders[0].rpartition("@")[2])


def _ask_dns(name: str) -> bytes | None:
    """Return a TXT record; None where there is none. TimeoutError when no name server answers."""
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError) as error:
        raise TimeoutError(name) from error
    return next((b"".join(record.strings) for record in answer), None)
