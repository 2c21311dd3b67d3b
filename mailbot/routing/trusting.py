"""By what a mail is believed: what it proves itself, and whether its sender is known; never by its display name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.routing.disguises import disguises
from mailbot.routing.model import TrustLevel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailbot.reading import Reading
    from mailbot.routing.model import Site


def proven(reading: Reading, site: Site, *, confirmed: bool = False) -> frozenset[TrustLevel]:
    """Return the trust levels of a mail; none when From does not name exactly one address.

    `known_address` is only a claim (anybody can write a From line); `internal` and `dmarc` were shown by our own
    server's headers, `confirmed` by an answer from the registered address. Whoever looks like somebody of the
    directory without being it proves nothing by himself, though his own domain vouches for his own address.
    """
    if len(reading.from_addresses) != 1:
        return frozenset()
    levels = {TrustLevel(level) for level in reading.trust}
    if is_known(reading.from_addresses[0], site):
        levels.add(TrustLevel.KNOWN_ADDRESS)
    elif disguises(reading, site):
        levels.clear()
    if confirmed:
        levels.add(TrustLevel.CONFIRMED)
    return frozenset(levels)


def is_known(address: str, site: Site) -> bool:
    """Tell whether the directory knows an address: of a unit, a person or a role."""
    return bool(site.directory.units_at(address) or site.directory.roles_at(address))


def believed(levels: Iterable[TrustLevel], wanted: tuple[TrustLevel, ...]) -> bool:
    """Tell whether one of the ways that the office accepts was shown."""
    return bool(set(levels) & set(wanted))
