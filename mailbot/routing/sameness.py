"""Which way a paper goes and what makes it the same one again: issuer, type, number, term or year, files."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from mailbot.office.text import fold as plain
from mailbot.routing.model import Direction

if TYPE_CHECKING:
    from datetime import date

    from mailbot.reading import Reading
    from mailbot.routing.model import Site, Unit


def direction_of(reading: Reading, site: Site) -> Direction:
    """Return which book a mail belongs to: ours when our own staff mails our own document, else incoming."""
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else ""
    directory = site.directory
    ours = site.office.unit in directory.units_at(address) or bool(directory.roles_at(address))
    if not ours:
        return Direction.INCOMING
    own = directory.units.get(site.office.unit)
    issuer = reading.documents[0].issuer if reading.documents else None
    if issuer and own and own.symbols and plain(issuer) not in {plain(symbol) for symbol in own.symbols}:
        return Direction.INCOMING
    return Direction.OUTGOING


def identify(reading: Reading, site: Site, direction: Direction, unit: str | None = None) -> dict[str, Any]:
    """Return what makes a document the same one again: issuer, type, number, and term (Party) or year (State).

    `unit` is who issued it, where no sender's address tells (a paper that the clerk enters).
    Numbers recur: a Party symbol is unique per issuer, type and term (66-QĐ/TW), a State symbol per issuer and year.
    """
    document = reading.documents[0] if reading.documents else None
    address = reading.from_addresses[0] if reading.from_addresses else ""
    symbol = document.issuer if document else None
    if unit is not None:
        issuer: str | None = f"{unit}/{symbol}" if symbol else unit
    else:
        issuer = _issuer_unit(symbol, address, site, direction)
    number = re.match(r"\D*0*(\d+[a-z]?)", document.number) if document and document.number else None
    return {
        "number": document.number if document else None,
        "number_key": number.group(1) if number else None,
        "type": document.type if document else None,
        "issuer_unit": issuer,
        "series": _series(document, issuer, site, reading),
        "files_key": files_key(reading),
    }


def files_key(reading: Reading) -> str:
    """Return a hash over the contents of what is attached; of the whole mail where nothing is."""
    hashes = sorted(item.sha256 for item in reading.attachments)
    return hashlib.sha256("\n".join(hashes or [reading.content_key]).encode()).hexdigest()


def _issuer_unit(symbol: str | None, address: str, site: Site, direction: Direction) -> str | None:
    if direction is Direction.OUTGOING:
        # Đảng ủy and its Văn phòng number their papers each for itself.
        return f"{site.office.unit}/{symbol}" if symbol else site.office.unit
    above = _superior_of(symbol, site)
    if above is not None:
        return f"{above}/{symbol}"
    units = site.directory.units_at(address)
    if units:
        return f"{units[0]}/{symbol}" if symbol else units[0]
    return symbol


def _superior_of(symbol: str | None, site: Site) -> str | None:
    """Return the superior whose symbol it is, so that its paper is the same one whoever passes it on."""
    if symbol is None:
        return None
    found = site.directory.superiors_bearing(symbol)
    return found[0] if len(found) == 1 else None


def _series(document: Any, issuer: str | None, site: Site, reading: Reading) -> str | None:
    if document is None or document.number is None:
        return None
    day: date | None = document.issued_on or (reading.sent_at.date() if reading.sent_at else None)
    if day is None:
        return None
    unit: Unit | None = site.directory.units.get((issuer or "").split("/")[0])
    terms = [term for term in unit.terms if term.start <= day] if unit and document.system == "party" else []
    return f"term {max(terms, key=lambda term: term.start).name}" if terms else f"year {day.year}"
