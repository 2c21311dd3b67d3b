"""What a mail itself proves about its sender: trusted Authentication-Results, authenticated submission (RFC 8601)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.mail import charsets

if TYPE_CHECKING:
    from mailbot.mail.headers import Headers

_COMMENT = re.compile(r"\([^()]*\)")
_BY = re.compile(r"\bby\s+([A-Za-z0-9._-]+)", re.IGNORECASE)
_SUBMITTED = re.compile(r"\bwith\s+(?:utf8)?e?smtps?a\b|\bauthenticated sender:", re.IGNORECASE)
_ENVELOPE = re.compile(r"<[^<>]*>")
# Our own server's way from itself to itself: delivery to the mailbox, or a filter on the loopback. The client's name
# is written by the client, the last bracket before `by` is written by the server.
_OWN_HOP = re.compile(r"\bwith\s+(?:utf8)?lmtps?a?\b|\[(?:127\.\d+\.\d+\.\d+|::1|IPv6:::1)\]\)\s*by\s", re.IGNORECASE)
_RESULT = re.compile(r"^\s*(dkim|spf|dmarc)\s*=\s*([a-z]+)\b(.*)$", re.IGNORECASE | re.DOTALL)
_FROM_PROPERTY = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Authentication:
    """The results as read from a trusted header; `none` where nothing trusted says anything."""

    dkim: str = "none"
    spf: str = "none"
    dmarc: str = "none"
    from_trusted: bool = False


NOT_AUTHENTICATED = Authentication()


def authenticate(
    headers: Headers, from_addresses: tuple[str, ...], authserv_ids: tuple[str, ...], own_servers: tuple[str, ...]
) -> tuple[Authentication, frozenset[str]]:
    """Return the results and by what the sender is believed: `dmarc`, `internal`, or nothing.

    Only an Authentication-Results of a trusted authserv-id that stands above the topmost Received of our own server
    counts (RFC 8601 §5): whatever lies lower may have been written by the sender. Two authors prove nothing.
    """
    own = {server.lower() for server in own_servers}
    trusted_ids = {name.lower() for name in authserv_ids}
    single = from_addresses[0] if len(from_addresses) == 1 and len(headers.every("from")) == 1 else None
    results, dmarc_from, submitted = _walk(headers, trusted_ids, own)
    trust: set[str] = set()
    if single is not None:
        domain = single.rsplit("@", 1)[-1]
        if results.get("dmarc") == "pass" and dmarc_from in {None, domain}:
            trust.add("dmarc")
        if submitted:
            trust.add("internal")
    read = Authentication(
        results.get("dkim", "none"), results.get("spf", "none"), results.get("dmarc", "none"), bool(trust)
    )
    return read, frozenset(trust)


def _walk(headers: Headers, trusted_ids: set[str], own: set[str]) -> tuple[dict[str, str], str | None, bool]:
    """Go down from the top to the first Received that our own server wrote, which ends what we can believe."""
    results: dict[str, str] = {}
    dmarc_from: str | None = None
    for name, value in headers.fields:
        if name == "authentication-results":
            found, claimed = _results(charsets.decode(value), trusted_ids)
            for method, result in found.items():
                if method not in results:
                    results[method] = result
                    dmarc_from = claimed if method == "dmarc" else dmarc_from
        elif name == "received":
            text = _ENVELOPE.sub(" ", charsets.decode(value))
            by = _BY.search(_COMMENT.sub(" ", text))
            ours = by is not None and by[1].lower().rstrip(".") in own
            if ours and _OWN_HOP.search(" ".join(text.split())):
                continue
            return (results, dmarc_from, _SUBMITTED.search(text) is not None) if ours else ({}, None, False)
    # Without any Received nothing says which of the headers our server wrote.
    return ({}, None, False)


def _results(text: str, trusted_ids: set[str]) -> tuple[dict[str, str], str | None]:
    pieces = _COMMENT.sub(" ", text).split(";")
    # The authserv-id may be followed by a version number.
    identity = pieces[0].split()
    if not identity or identity[0].lower() not in trusted_ids:
        return {}, None
    found: dict[str, str] = {}
    claimed: str | None = None
    for piece in pieces[1:]:
        match = _RESULT.match(piece)
        if match is None:
            continue
        method, result = match[1].lower(), match[2].lower()
        if method not in found or (method == "dkim" and result == "pass"):
            found[method] = result
        if method == "dmarc":
            author = _FROM_PROPERTY.search(match[3])
            claimed = author[1].rsplit("@", 1)[-1].lower() if author else claimed
    return found, claimed
