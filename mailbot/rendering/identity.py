"""The unguessable identity of a mail of ours: its key, the token for answers, and its Message-ID."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

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
    digest = hmac.new(secret, "\x1f".join(parts).encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest).decode().rstrip("=").lower()
    # The token is cut from behind the Message-ID's part, so that a subject line gives nothing of the other away.
    return Identity(key=text[:32], token=text[32 : 32 + TOKEN_LENGTH], message_id=f"<mb.{text[:32]}@{domain}>")
