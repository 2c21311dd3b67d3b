"""Header fields of a mail: names, decoded texts, parameters, addresses, ids and dates (RFC 5322, 2047, 2231, 6532)."""

from __future__ import annotations

import binascii
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import getaddresses, parsedate_tz
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pybase64

from mailbot.mail import charsets
from mailbot.once import once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Real headers stay under 64 kB even after thirty hops; more is an attack on whoever unfolds it.
MAX_HEADER_BYTES = 256 * 1024
# More fields than any mail has; a guard for loops over them.
MAX_FIELDS = 1000
# A mail to every unit of a city has some hundred recipients.
MAX_ADDRESSES = 2000

# What is kept of one mail for the next ones must be short: a daemon runs for months.
_MAX_KEPT_BYTES = 500
# No registered name is half as long.
_MAX_NAME_BYTES = 200
_NAME = re.compile(rb"([!-9;-~]+)[ \t]*")
# It begins with one set of bytes, by which the engine skips all others.
_BLOCK_END = re.compile(rb"[\r\n](?:(?<=\r)(?:\n\r?\n|\r)|(?<=\n)\r?\n)")
_WORD = re.compile(rb"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r""";\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)""", re.DOTALL)
# Nothing in it is given back, so that no name full of blanks makes it slow.
_PLAIN_ADDRESS = re.compile(
    r"(?:\"?([^\"<>,;:()\\@\[\]]*+)(?:\"\s*+)?<\s*+)?([^\s<>,;:()\\@\"\[\]]++@[\w.-]++)\s*+>?\s*+"
)
_UNUSUAL = re.compile(r"[();:\\]")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,980})>")
# How nearly every program writes a date; the standard library's reader of all others takes four times as long.
_NAMES_OF_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES_OF_MONTHS, 1)}
_USUAL_DATE = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d\d?) ([A-Za-z]{3}) ([12]\d{3}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an addr-spec; the address is lower case, empty when it could not be read."""

    name: str
    address: str


@dataclass(frozen=True)
class Headers:
    """The header block: fields in order, names in lower case, unfolded bytes as values; `charset` helps raw ones."""

    fields: tuple[tuple[str, bytes], ...] = ()
    charset: str | None = None

    @once
    def _by_name(self) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found

    @once
    def _addresses(self) -> dict[str, tuple[Address, ...]]:
        """What was parsed already: each step of reading asks who wrote the mail."""
        return {}

    def raw(self, name: str) -> bytes | None:
        """Return the first field of that (lower-case) name, undecoded."""
        values = self._by_name.get(name)
        return values[0] if values else None

    def every(self, name: str) -> Sequence[bytes]:
        """Return all fields of that (lower-case) name, undecoded, topmost first."""
        return self._by_name.get(name, ())

    def has(self, name: str) -> bool:
        """Tell whether the field is there, even empty."""
        return name in self._by_name

    def has_any(self, names: frozenset[str]) -> bool:
        """Tell whether one of these fields is there, even empty."""
        return not names.isdisjoint(self._by_name)

    @once
    def content_type(self) -> tuple[str, Mapping[str, str]]:
        """The lower-case media type, empty when absent, and its parameters."""
        return parse_parameters(self.raw("content-type"))

    def text(self, name: str) -> str | None:
        """Return the first field of that name as decoded text, or None."""
        value = self.raw(name)
        return None if value is None else decode_text(value, self.charset)

    def plain(self, name: str) -> str:
        """Return the first field as stripped lower-case text, empty when absent: for keywords."""
        value = self.raw(name)
        return "" if value is None else charsets.decode(value).strip().lower()

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Return every address of every field of that name."""
        known = self._addresses.get(name)
        if known is None:
            values = self.every(name)
            known = tuple([found for value in values for found in parse_addresses(value, self.charset)])
            self._addresses[name] = known
        return known

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the message ids of the field without angle brackets, in order."""
        value = self.raw(name)
        return () if value is None else message_ids(charsets.decode(value))


def split_block(raw: bytes) -> tuple[Headers, int, tuple[str, ...]]:
    """Split a mail into header and body: the fields, the offset of the body, and what was wrong.

    Total: a mail without a header is all body, a header without an end is all header (RFC 5322 §2.1).
    """
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return Headers(), 2 if raw[:1] == b"\r" else 1, ("The header is empty.",)
    defects: list[str] = []
    start = 0
    if raw[:5] == b"From " or raw[:6] == b">From ":
        start = raw.find(b"\n") + 1 or len(raw)
    end = _usual_end(raw, start) or _unusual_end(raw, start)
    if end is None and len(raw) - start > MAX_HEADER_BYTES:
        block, body = raw[start : start + MAX_HEADER_BYTES], start + MAX_HEADER_BYTES
        defects.append("The header is longer than its limit and was cut.")
    elif end is None:
        block, body = raw[start:], len(raw)
    else:
        block, body = raw[start : end[0]], end[1]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    fields = _fields(block)
    if not fields:
        return Headers(), start, (*defects, "No header field was found.")
    if len(fields) > MAX_FIELDS:
        fields = fields[:MAX_FIELDS]
        defects.append("The mail has more header fields than the limit; the rest was ignored.")
    return Headers(fields), body, tuple(defects)


def _usual_end(raw: bytes, start: int) -> tuple[int, int] | None:
    """Where the empty line is, when all lines of the header end alike; found without a look at each of them."""
    first = raw.find(b"\n", start)
    line_end = b"\r\n" if raw[first - 1 : first] == b"\r" else b"\n"
    end = raw.find(line_end * 2, start, start + MAX_HEADER_BYTES)
    block = raw[start : max(end, start)]
    returns = block.count(b"\r")
    alike = returns == 0 if line_end == b"\n" else returns == block.count(line_end) == block.count(b"\n")
    return (end, end + 2 * len(line_end)) if end >= 0 and alike else None


def _unusual_end(raw: bytes, start: int) -> tuple[int, int] | None:
    end = _BLOCK_END.search(raw, start, start + MAX_HEADER_BYTES)
    return end.span() if end is not None else None


def _fields(block: bytes) -> tuple[tuple[str, bytes], ...]:
    """The fields of a block with `\\n` line ends, unfolded (RFC 5322 §2.2.3); lines that are none are left out."""
    if b"\n " in block or b"\n\t" in block:
        block = block.replace(b"\n ", b" ").replace(b"\n\t", b"\t")
    found: list[tuple[str, bytes]] = []
    for line in block.split(b"\n"):
        written, colon, value = line.partition(b":")
        name = _field_name(written) if colon and len(written) <= _MAX_NAME_BYTES else None
        if name is not None:
            found.append((name, value.strip()))
    return tuple(found)


@lru_cache(maxsize=1024)
def _field_name(written: bytes) -> str | None:
    """Return a field's name in lower case, or None for what cannot be one; the same few dozen come in every mail."""
    match = _NAME.fullmatch(written)
    return match[1].lower().decode("ascii") if match is not None else None


def decode_text(value: bytes, charset: str | None = None) -> str:
    """Decode an unstructured field (RFC 2047, 6532): one line, NFC.

    Neighbouring encoded words of one charset are joined as bytes first, since senders cut them inside characters.
    """
    text = _decode_words(value, charset) if b"=?" in value else charsets.decode(value, charset)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = _CONTROL.sub("", text.replace("\r", " ").replace("\n", " ").replace("\t", " "))
    return text.strip()


def _decode_words(value: bytes, charset: str | None) -> str:
    before, *words = _WORD.split(value)
    text = charsets.decode(before, charset)
    pending, pending_charset = b"", b""
    for name, encoding, content, behind in zip(words[::4], words[1::4], words[2::4], words[3::4], strict=True):
        if name.lower() != pending_charset:
            text += _told(pending, pending_charset)
            pending, pending_charset = b"", name.lower()
        pending += _word_bytes(encoding, content)
        # Blanks between two encoded words do not count (RFC 2047 §6.2); other text does.
        if behind and not behind.isspace():
            text += _told(pending, pending_charset) + charsets.decode(behind, charset)
            pending = b""
    return text + _told(pending, pending_charset)


def _told(content: bytes, charset: bytes) -> str:
    return charsets.decode(content, charset.decode("ascii", "replace")) if content else ""


def _word_bytes(encoding: bytes, content: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(content, header=True)
    return decode_base64(content)


def decode_base64(content: bytes) -> bytes:
    """Decode base64 as far as it goes; missing padding and foreign characters are forgiven, it never raises."""
    bare = content.rstrip()
    # Nine times as fast as the standard library, with which it is at one unless padding stands before the end.
    decode = binascii.a2b_base64 if b"=" in bare.rstrip(b"=") else pybase64.b64decode
    try:
        return decode(bare)
    except binascii.Error:
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        usable = len(clean) - 1 if len(clean) % 4 == 1 else len(clean)
        return binascii.a2b_base64(clean[:usable] + b"=" * (-usable % 4))


def parse_parameters(value: bytes | None, charset: str | None = None) -> tuple[str, Mapping[str, str]]:
    """Read a Content-Type or Content-Disposition: its lower-case value and parameters (RFC 2045 §5.1, RFC 2231)."""
    if not value:
        return "", {}
    return _known_parameters(value, charset) if len(value) <= _MAX_KEPT_BYTES else _parameters(value, charset)


def _parameters(value: bytes, charset: str | None) -> tuple[str, Mapping[str, str]]:
    text = charsets.decode(value, charset)
    head, separator, _ = text.partition(";")
    if not separator:
        return head.strip().lower(), {}
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(text, len(head)):
        name, content = match[1].lower(), _unquote(match[2])
        if "*" not in name:
            plain.setdefault(name, decode_text(content.encode("utf-8", "replace")) if "=?" in content else content)
            continue
        base, _, rest = name.partition("*")
        number = rest.rstrip("*")
        if not number or (number.isdecimal() and number.isascii() and len(number) < 4):
            pieces.setdefault(base, []).append((int(number or 0), name.endswith("*"), content))
    for base, found in pieces.items():
        plain[base] = _join_pieces(found)
    return head.strip().lower(), plain


# Most parts of all mails have one of a few types.
_known_parameters = lru_cache(maxsize=256)(_parameters)


def _unquote(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        value = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
        return re.sub(r"\\(.)", r"\1", value) if "\\" in value else value
    return value


def _join_pieces(pieces: list[tuple[int, bool, str]]) -> str:
    """Join RFC 2231 continuations; the charset stands in the first piece and rules all of them."""
    pieces.sort(key=lambda piece: piece[0])
    charset = ""
    joined = bytearray()
    for index, (_, encoded, content) in enumerate(pieces):
        text = content
        if encoded and index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        joined += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return charsets.decode(bytes(joined), charset or None)


def clean_name(name: str) -> str:
    """Return a file name for people: NFC, no path, no control characters, at most 255 characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    return _CONTROL.sub("", name).replace("\n", " ").replace("\t", " ").strip()[:255]


def parse_addresses(value: bytes, charset: str | None = None) -> tuple[Address, ...]:
    """Read an address list (RFC 5322 §3.4); encoded words are decoded after splitting: their commas do not split."""
    return _known_addresses(value, charset) if len(value) <= _MAX_KEPT_BYTES else _addresses(value, charset)


def _addresses(value: bytes, charset: str | None) -> tuple[Address, ...]:
    text = charsets.decode(value, charset)
    simple = '"' not in text or "," not in text
    if simple and _UNUSUAL.search(text) is None:
        pieces = map(str.strip, text.split(",", MAX_ADDRESSES))
        matches = [_PLAIN_ADDRESS.fullmatch(piece) for piece in pieces if piece]
        if all(matches):
            return tuple(_address(match[1] or "", match[2]) for match in matches if match)
    try:
        pairs = getaddresses([text[: MAX_HEADER_BYTES // 4]])[:MAX_ADDRESSES]
    except (ValueError, IndexError, TypeError, RecursionError):
        # The standard library's parser is old and has raised on odd input before.
        return ()
    return tuple(_address(name, address) for name, address in pairs if address or name)


# An office writes with the same few hundred people, and its own address stands in nearly every mail.
_known_addresses = lru_cache(maxsize=1024)(_addresses)


def _address(name: str, address: str) -> Address:
    decoded = decode_text(name.encode("utf-8", "replace")) if name and ("=?" in name or not name.isascii()) else name
    spec = address.strip().lower()
    return Address(decoded.strip("'\" \t\r\n"), spec if "@" in spec and len(spec) <= 320 else "")


def message_ids(text: str) -> tuple[str, ...]:
    """Return the ids of a Message-ID, In-Reply-To or References value without brackets (RFC 5322 §3.6.4)."""
    found = tuple(_MESSAGE_ID.findall(text)[:200])
    if found:
        return found
    # Some senders forget the brackets.
    return tuple(word for word in text.split()[:50] if "@" in word and len(word) < 980 and "<" not in word)


def parse_date(value: str | None) -> datetime | None:
    """Read a Date header (RFC 5322 §3.3) into an aware time, or None when it says none."""
    if not value:
        return None
    usual = _USUAL_DATE.fullmatch(value.strip())
    try:
        if usual is not None and usual[2].lower() in _MONTHS:
            return _usual_date(usual)
        parts = parsedate_tz(value[:200])
        if parts is None:
            return None
        offset = parts[9]
        zone = UTC if offset is None else timezone(timedelta(seconds=offset))
        return datetime(*parts[:6], tzinfo=zone)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _usual_date(match: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    zone = _offset(sign, hours, minutes)
    return datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=zone)


@lru_cache(maxsize=256)
def _offset(sign: str, hours: str, minutes: str) -> timezone:
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-east if sign == "-" else east)
