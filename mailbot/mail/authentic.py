"""What a mail itself proves about its sender: trusted Authentication-Results, authenticated submission (RFC 8601)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from mailbot.mail import charsets, domain_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailbot.mail.headers import Headers

_COMMENT = re.compile(r"\([^()]*\)")
# In one pass from the left, so that a bracket in a quoted string and a quote in a comment are what they are.
_QUOTED_OR_COMMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|\((?:[^()\\]|\\.)*\)', re.DOTALL)
_MARKS = re.compile(r"[;=()\"\\\s]")
_NESTED = 4
# These look at a Received in small letters. They begin with a plain word, to which the engine skips.
_BY = re.compile(r"by(?<!\wby)\s+([a-z0-9._-]+)")
_SUBMITTED = re.compile(r"with(?<!\wwith)\s+(?:utf8)?e?smtps?a\b")
_AUTHENTICATED = re.compile(r"authenticated sender:(?<!\wauthenticated sender:)")
_ENVELOPE = re.compile(r"<[^<>]*>")
# The last hop into the mailbox. Only our own delivery agent writes it on top of all.
_DELIVERY = re.compile(r"with(?<!\wwith)\s+(?:utf8)?lmtps?a?\b")
# The client's name is written by the client, the last bracket before `by` is written by the server.
_LOOPBACK = re.compile(r"\[(?:127\.\d+\.\d+\.\d+|::1|ipv6:::1)\]\)\s*by\s")
_FROM_LOCALHOST = re.compile(r"from localhost\b")
_FILTER = re.compile(r"\(amavisd?\b|\bport 1002\d|\bport 1003\d")
# Exchange Online writes its results without an authserv-id, whoever reads them must know that they are its own; its
# word for the setting, the server at which mail enters a tenant, and the servers behind that.
MICROSOFT365 = "microsoft365"
_MICROSOFT_EDGE = ".mail.protection.outlook.com"
_MICROSOFT = (".outlook.com", ".office365.com")
_MICROSOFT_INSIDE = re.compile(r"^from [a-z0-9.-]+\.(?:outlook|office365)\.com\b")
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
NO_KEYS: Mapping[str, bytes] = {}


def authenticate(
    headers: Headers,
    from_addresses: tuple[str, ...],
    authserv_ids: tuple[str, ...],
    own_servers: tuple[str, ...],
    *,
    raw: bytes = b"",
    keys: Mapping[str, bytes] = NO_KEYS,
) -> tuple[Authentication, frozenset[str]]:
    """Return the results and by what the sender is believed: `dmarc`, `internal`, or nothing.

    Only an Authentication-Results of a trusted authserv-id that stands above the topmost Received of our own server
    counts (RFC 8601 §5): whatever lies lower may have been written by the sender. Two authors prove nothing. Where no
    such header speaks of DMARC, a DKIM signature of the From domain that holds counts as much; `keys` are the TXT
    records for it by name, without which nothing is checked here.
    """
    read, trust = _by_own_servers(headers, from_addresses, authserv_ids, own_servers)
    if not keys or trust or read.dmarc != "none" or len(from_addresses) != 1:
        return read, trust
    own = domain_keys.check(raw, headers, from_addresses[0].rpartition("@")[2], keys)
    if own == "none":
        return read, trust
    return replace(read, dkim=own, from_trusted=own == "pass"), frozenset({"dmarc"} if own == "pass" else ())


def _by_own_servers(
    headers: Headers, from_addresses: tuple[str, ...], authserv_ids: tuple[str, ...], own_servers: tuple[str, ...]
) -> tuple[Authentication, frozenset[str]]:
    if not headers.has("received"):
        # Nothing says which of the headers our server wrote.
        return NOT_AUTHENTICATED, frozenset()
    trusted_ids, own = _trusted(authserv_ids, own_servers)
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


@lru_cache(maxsize=16)  # of the office's mailboxes
def _trusted(authserv_ids: tuple[str, ...], own_servers: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Whose results count, and whose lines are ours, in small letters."""
    ids = frozenset(name.lower() for name in authserv_ids)
    return ids, frozenset(server.lower() for server in own_servers) | (ids & {MICROSOFT365})


def _walk(
    headers: Headers, trusted_ids: frozenset[str], own: frozenset[str]
) -> tuple[dict[str, str], str | None, bool]:
    """Go down from the top to the first Received that our own server wrote, which ends what we can believe."""
    results: dict[str, str] = {}
    dmarc_from: str | None = None
    after_filter = False
    for name, value in headers.fields:
        if name == "authentication-results":
            found, claimed = _results(charsets.decode(value), trusted_ids)
            for method, result in found.items():
                if method not in results:
                    results[method] = result
                    dmarc_from = claimed if method == "dmarc" else dmarc_from
        elif name == "received":
            text = " ".join(_ENVELOPE.sub(" ", charsets.decode(value).lower()).split())
            hop = _hop(text, own, after_filter)
            if hop is _Hop.DELIVERY:
                continue
            if hop in (_Hop.FROM_FILTER, _Hop.FILTER):
                after_filter = hop is _Hop.FROM_FILTER
                continue
            return (results, dmarc_from, _submitted(text)) if hop is _Hop.OURS else ({}, None, False)
    # Without any Received nothing says which of the headers our server wrote.
    return ({}, None, False)


class _Hop(StrEnum):
    DELIVERY = "delivery"
    FROM_FILTER = "from a content filter"
    FILTER = "content filter"
    OURS = "ours"
    FOREIGN = "foreign"


def _hop(text: str, own: frozenset[str], after_filter: bool) -> _Hop:
    """Tell what a Received line, in small letters, is.

    A content filter (amavis in Zimbra) makes a pair: our server took the mail back from the loopback, and below it the
    filter `localhost` had taken it from our server. A loopback line without that pair ends the walk like any other,
    so that nobody who may speak to our server from the same machine can put a forged line under it.
    """
    by = _BY.search(_COMMENT.sub(" ", text))
    host = by[1].rstrip(".") if by else ""
    if "lmtp" in text and (host in own or host == "localhost") and _DELIVERY.search(text):
        return _Hop.DELIVERY
    if MICROSOFT365 in own and host.endswith(_MICROSOFT):
        return _microsoft_hop(text, host)
    if after_filter:
        return _Hop.FILTER if host == "localhost" and _FILTER.search(text) else _Hop.FOREIGN
    if host not in own:
        return _Hop.FOREIGN
    from_filter = _FROM_LOCALHOST.match(text) and _LOOPBACK.search(text)
    return _Hop.FROM_FILTER if from_filter and not _submitted(text) else _Hop.OURS


def _microsoft_hop(text: str, host: str) -> _Hop:
    """Tell what a Received line of Exchange Online is: where mail enters the tenant, or a hop behind that.

    Only what its edge has let in counts: the name behind `from` is the client's own word, so a hop behind the edge is
    one that no client reaches.
    """
    if host.endswith(_MICROSOFT_EDGE):
        return _Hop.OURS
    return _Hop.DELIVERY if _MICROSOFT_INSIDE.match(text) else _Hop.FOREIGN


def _submitted(text: str) -> bool:
    return _SUBMITTED.search(text) is not None or _AUTHENTICATED.search(text) is not None


def _results(text: str, trusted_ids: frozenset[str]) -> tuple[dict[str, str], str | None]:
    pieces = _plain(text).split(";")
    # The authserv-id may be followed by a version number.
    identity = pieces[0].split()
    if MICROSOFT365 in trusted_ids and _RESULT.match(pieces[0]):
        pieces.insert(0, "")
    elif not identity or identity[0].lower() not in trusted_ids:
        return {}, None
    found: dict[str, str] = {}
    claimed: str | None = None
    for piece in pieces[1:]:
        match = _RESULT.match(piece)
        if match is None:
            continue
        method, result = match[1].lower(), match[2].lower()
        if method == "dmarc" and method not in found:
            author = _FROM_PROPERTY.search(match[3])
            claimed = author[1].rsplit("@", 1)[-1].lower() if author else None
        if method not in found or (method == "dkim" and result == "pass"):
            found[method] = result
    return found, claimed


def _plain(text: str) -> str:
    """Return results without comments, and with nothing in quoted strings that could pass for a result.

    The sender has a say in what is quoted: the local part of an envelope address may be `"; dmarc=pass"`. What stays
    unbalanced says nothing at all.
    """
    for _ in range(_NESTED):
        text, found = _QUOTED_OR_COMMENT.subn(lambda piece: _MARKS.sub("", piece[1] or "") or " ", text)
        if not found:
            break
    return "" if any(mark in text for mark in '"()') else text
