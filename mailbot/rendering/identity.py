"""The unguessable identity of a mail of ours: its key, the token for answers, and its Message-ID."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass

KEY_BYTES = 20  # 160 bits, which are 32 characters of base32 without padding
KEY_LENGTH = 32
OURS = re.compile(r"<?mb\.([a-z2-7]{32})@", re.IGNORECASE)
TOKEN_LENGTH = 13  # 65 bits: not to be guessed, and short enough for a subject line on a phone


@dataclass(frozen=True, slots=True)
class Identity:
    """`key` is unique per mail, `token` goes into subject and plus address, `message_id` has angle brackets."""

    key: str
    token: str
    message_id: str


def identify(secret: bytes, domain: str, *parts: str) -> Identity:
    """Return the identity of the mail that these parts describe.

    The parts are source content key, units, address, purpose, step and issue, never a row id: nobody can guess the
    result, and a restored database makes the same one again, so a repeated send keeps its Message-ID.
    """
    digest = hmac.digest(secret, "\x1f".join(parts).encode(), "sha256")
    text = base64.b32encode(digest[:KEY_BYTES]).decode().lower()
    # The token is the beginning of the key: one index finds a mail by either, and random keys are what costs a
    # database most. Whoever reads a subject has the mail, so that its Message-ID is no secret to them.
    return Identity(key=text, token=text[:TOKEN_LENGTH], message_id=f"<mb.{text}@{domain}>")


def key_of(message_id: str) -> str | None:
    """Return the key in a Message-ID of ours (with or without angle brackets, in any case), or None."""
    found = OURS.match(message_id.strip())
    return found[1].lower() if found else None
