"""Our own look at DKIM signatures: is the mail as the domain of its From address has signed it? (RFC 6376)"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailbot.mail import charsets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailbot.mail.headers import Headers

# More signatures than these are work for us and no proof: a mail passes two or three servers that sign.
MAX_SIGNATURES = 4
# A domain may leave these out, and then anybody may exchange what we act on; orders stand in the subject.
MUST_BE_SIGNED = frozenset({"from", "subject"})
ONCE = ("from", "subject", "date", "to", "content-type", "content-transfer-encoding")
STRONG = frozenset({"rsa-sha256", "ed25519-sha256"})
FEWEST_BITS = 1024
_TAG = re.compile(r"\s*([a-z]\w*)\s*=\s*([^;]*)")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")


def keys_wanted(headers: Headers, domain: str) -> tuple[str, ...]:
    """Return the DNS names whose TXT records are needed to check the signatures that count for a From domain."""
    return tuple(dict.fromkeys(name for _, name in _aligned(headers, domain)))


def check(raw: bytes, headers: Headers, domain: str, keys: Mapping[str, bytes]) -> str:
    """Return `pass`, `fail`, or `none` without a signature that counts or its key.

    `domain` is that of the only From address; `keys` are TXT records by name. A signature counts when it is by that
    domain or one above it, covers From and Subject and the whole body, and is of a kind still held to be strong.
    """
    found = [(place, name) for place, name in _aligned(headers, domain) if name in keys]
    if not found or any(len(headers.every(name)) > 1 for name in ONCE):
        return "none"
    return "pass" if any(_holds(raw, place, keys) for place, _ in found) else "fail"


def _holds(raw: bytes, place: int, keys: Mapping[str, bytes]) -> bool:
    import dkim  # imported late: few mails need it

    def known(name: bytes, **_: object) -> bytes | None:
        return keys.get(name.decode("ascii", "replace").rstrip(".").lower())

    try:
        return bool(dkim.DKIM(raw, minkey=FEWEST_BITS).verify(place, dnsfunc=known))
    except Exception:  # noqa: BLE001 - the library raises many kinds on broken signatures and keys; such a one proves nothing
        return False


def _aligned(headers: Headers, domain: str) -> list[tuple[int, str]]:
    """Return place and key name of each signature that would count for a domain."""
    found = []
    for place, value in enumerate(headers.every("dkim-signature")[:MAX_SIGNATURES]):
        tags = dict(_TAG.findall(charsets.decode(value)))
        tags = {tag: "".join(text.split()).lower() for tag, text in tags.items()}
        signer = tags.get("d", "")
        name = f"{tags.get('s', '')}._domainkey.{signer}"
        signed = frozenset(tags.get("h", "").split(":"))
        # `l=` leaves room behind the signed part, in which anything may stand.
        sound = tags.get("a") in STRONG and "l" not in tags and signed >= MUST_BE_SIGNED
        if sound and _speaks_for(signer, domain.lower()) and _NAME.fullmatch(name):
            found.append((place, name))
    return found


def _speaks_for(signer: str, domain: str) -> bool:
    """A domain speaks for itself and those below it; never one below for one above (RFC 7489 §3.1.1, stricter)."""
    return "." in signer and f".{domain}".endswith(f".{signer}")
