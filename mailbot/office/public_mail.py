"""Public mail domains (gmail.com, yahoo.com.vn): mailboxes that everybody can have and no office answers for."""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


@cache
def public_domains() -> frozenset[str]:
    """Return the public mail domains that everybody knows, in lower case."""
    return frozenset(json.loads(get_data("mailbot.office", "data/public_mail_domains.json") or "[]"))


def is_public(address: str, more: Collection[str] = ()) -> bool:
    """Tell whether an address is a mailbox at a public domain, or at one of `more` (in lower case)."""
    domain = address.rpartition("@")[2].casefold().rstrip(".")
    return domain in public_domains() or domain in more
