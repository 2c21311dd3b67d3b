"""Senders who look like somebody we know: a borrowed name, an address inside a name, a domain of similar letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from mailbot.office.public_mail import is_public
from mailbot.office.text import fold

if TYPE_CHECKING:
    from mailbot.reading import Reading
    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Site

# Letters of other alphabets, and figures, that a screen shows like Latin ones (Unicode TS 39, the common ones).
_LOOK_LIKE = str.maketrans(
    {
        **dict(zip("\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455", "aeopcyxijs", strict=True)),
        **dict(zip("\u04bb\u0501\u04cf\u051b\u051d\u043a\u043c\u0442\u043d\u0432", "hdlqwkmthb", strict=True)),
        **dict(zip("\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c4\u03c5\u03c7", "oavpiktux", strict=True)),
        **dict(zip("\u0261\u0131\u026a01|", "giioll", strict=True)),
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_ADDRESS = re.compile(r"[^\s<>()\"',;:]{1,64}@[^\s<>()\"',;:]{1,255}")
_PUNYCODE = "xn--"
# One word of a name ("Bình", "Văn phòng" is two) is anybody's.
_WORDS_OF_A_NAME = 2


class Disguise(StrEnum):
    """How a sender looks like another."""

    ADDRESS_IN_NAME = "address_in_name"
    BORROWED_NAME = "name_is_borrowed"
    LOOKALIKE_DOMAIN = "domain_looks_alike"


@dataclass(frozen=True)
class Disguised:
    """One way in which a sender looks like another, and that in words for the clerk."""

    code: Disguise
    words: str


def disguises(reading: Reading, site: Site, taught: frozenset[str] = frozenset()) -> tuple[Disguised, ...]:
    """Return how the sender of a mail looks like somebody of the directory without being it; nothing for the known.

    `taught` are the units for which the clerk has let this address speak. An honest person may bear a name of the
    directory: that is told to the clerk and believed of nobody.
    """
    address = reading.from_addresses[0] if len(reading.from_addresses) == 1 else reading.sender.address or ""
    if taught or not address or _is_registered(address, site):
        return ()
    name = reading.sender.name or ""
    found = (_address_in_name(name, address, site), _borrowed_name(name, site), _lookalike(address, site))
    return tuple(disguised for disguised in found if disguised is not None)


def skeleton(text: str) -> str:
    """Return a text as its letters look: no accents, one alphabet, `0` as `o`, `rn` as `m`; small letters."""
    plain = fold(unicodedata.normalize("NFKC", text)).translate(_LOOK_LIKE)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _is_registered(address: str, site: Site) -> bool:
    directory = site.directory
    if directory.units_at(address) or directory.roles_at(address) or directory.people_at(address):
        return True
    return any(mailbox.address.casefold() == address.casefold() for mailbox in site.mailboxes.values())


def _address_in_name(name: str, address: str, site: Site) -> Disguised | None:
    """`"vanthu@anhoa.example.vn" <x@example.com>`: many programs show the name alone."""
    for shown in _ADDRESS.findall(name):
        if shown.casefold() != address.casefold() and _is_registered(shown, site):
            return Disguised(Disguise.ADDRESS_IN_NAME, f"tên ghi “{shown}” nhưng địa chỉ thật là {address}")
    return None


def _borrowed_name(name: str, site: Site) -> Disguised | None:
    shown = f" {_words(name)} "
    if len(shown.split()) < _WORDS_OF_A_NAME:
        return None
    for written, known in ((site.office.name, _words(site.office.name)), *_names(site.directory)):
        if f" {known} " in shown:
            return Disguised(Disguise.BORROWED_NAME, f"mang tên “{written}” nhưng địa chỉ chưa đăng ký")
    return None


def _words(name: str) -> str:
    return " ".join(re.findall(r"\w+", skeleton(name)))


# A directory is the same until the site is loaded anew, and hundreds of names are compared for each stranger.
@lru_cache(maxsize=2)
def _names(directory: Directory) -> tuple[tuple[str, str], ...]:
    """Every name that means somebody with its words as they look, the longest first: the clerk is told the whole."""
    people = (*directory.people.values(), *directory.people_of_units.values())
    names = {person.name for person in people}
    names |= {name for target, name in directory.names() if not target.startswith("group:")}
    found = ((name, _words(name)) for name in sorted(names, key=lambda one: (-len(one), one)))
    return tuple((name, words) for name, words in found if len(words.split()) >= _WORDS_OF_A_NAME)


def _lookalike(address: str, site: Site) -> Disguised | None:
    domain = address.rpartition("@")[2].casefold().rstrip(".")
    shown = readable(domain)
    for known in _domains(site):
        if domain != known and _looks_like(shown, known):
            written = f"{domain} (hiển thị {shown})" if shown != domain else domain
            return Disguised(Disguise.LOOKALIKE_DOMAIN, f"tên miền {written} giống {known} nhưng là tên miền khác")
    return None


def _looks_like(domain: str, known: str) -> bool:
    """The same letters to the eye, the same but for dots and dashes, or ours with something behind it.

    Figures alone do not make the difference: q1.example.vn and ql.example.vn look alike, q1 and q3 do not.
    """
    if f"{domain}.".startswith(f"{known}.") or _run_together(domain) == _run_together(known):
        return True
    return f"{domain}.".startswith(f"{known.replace('.', '-')}.")


def _run_together(domain: str) -> str:
    return re.sub(r"[.-]", "", skeleton(domain))


def _domains(site: Site) -> list[str]:
    """The domains of everybody's registered mailboxes; public ones are everybody's and nobody looks like them."""
    addresses = {mailbox.address for mailbox in site.mailboxes.values()} | site.directory.every_address
    return sorted({address.rpartition("@")[2].casefold() for address in addresses if not is_public(address)})


def readable(domain: str) -> str:
    """Return a domain as a browser shows it: `xn--` labels decoded (RFC 3492); what is none stays as it is."""
    return ".".join(_label(label) for label in domain.split("."))


def _label(label: str) -> str:
    if not label.startswith(_PUNYCODE):
        return label
    try:
        return label.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
