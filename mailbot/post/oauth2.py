"""Access tokens for servers that take no password (Google, Microsoft 365): by a refresh token, kept in memory alone.

The standard library's HTTP client is enough for the one request that there is (RFC 6749 §6); the libraries for OAuth2
bring another HTTP client along, and their stores know nothing of a file that must never be half written.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mailbot.post.connections import Failure, ServerError, cause_of
from mailbot.problems import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 20.0
MOST_BYTES = 64 * 1024
# A token is fetched anew when so little of its life is left, or a quarter of a short one's.
NEAR_EXPIRY_SECONDS = 300.0
USUAL_LIFE_SECONDS = 3600.0
# An endpoint that has said no, or does not answer, is not asked again for every connection that is tried.
AGAIN_AFTER_SECONDS = 60.0
# What only a person can mend (RFC 6749 §5.2).
OURS_TO_MEND = ("invalid_client", "unauthorized_client", "invalid_request", "invalid_scope", "unsupported_grant_type")
BEARER = "Bearer"


class TokenError(ServerError):
    """There is no access token now; `temporary` tells whether trying again can help."""


@dataclass(frozen=True)
class Grant:
    """By what a mailbox gets its access tokens: the endpoint, who we are there, and the file of the refresh token."""

    who: str
    token_url: str
    client_id: str
    file: Path
    client_secret: str = field(default="", repr=False)
    scope: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Whose tokens are the same."""
        return (self.token_url, self.client_id, str(self.file))


@dataclass(slots=True)
class _Held:
    """What is known of one grant in memory; a rotated refresh token stays here until it is safely in its file."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    access: str = field(default="", repr=False)
    good_until: float = 0.0
    fetched_at: float = float("-inf")
    unstored: str = field(default="", repr=False)
    failure: Failure | None = None
    failed_at: float = float("-inf")
    failed_with: str = field(default="", repr=False)


class Tokens:
    """The access tokens of a process; IMAP and SMTP of one mailbox share theirs. `clock` counts seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gate = threading.Lock()
        self._held: dict[tuple[str, str, str], _Held] = {}

    def get(self, grant: Grant) -> str:
        """Return an access token that is good for a while; the endpoint is asked near the expiry of the last one only.

        Raises:
            TokenError: there is none, or the rotated refresh token could not be stored.
        """
        held = self._of(grant)
        with held.lock:
            if held.unstored:
                self._keep(grant, held)
            if not held.access or self._clock() >= held.good_until:
                self._fetch(grant, held)
            return held.access

    def refused(self, grant: Grant, access: str) -> bool:
        """Forget a token that a server does not take; return whether another one may help (it was not new)."""
        held = self._of(grant)
        with held.lock:
            if held.access == access:
                held.access = ""
                return self._clock() - held.fetched_at > AGAIN_AFTER_SECONDS
            return True

    def _of(self, grant: Grant) -> _Held:
        with self._gate:
            return self._held.setdefault(grant.key, _Held())

    def _fetch(self, grant: Grant, held: _Held) -> None:
        with _alone(grant):
            refresh = _read(grant)
            lately = self._clock() - held.failed_at < AGAIN_AFTER_SECONDS
            if held.failure is not None and lately and held.failed_with == refresh:
                raise TokenError(held.failure)
            asked_at = self._clock()
            try:
                answer = _ask(grant, refresh)
            except TokenError as error:
                held.failure, held.failed_at, held.failed_with = error.failure, self._clock(), refresh
                raise
            held.failure = None
            life = _seconds(answer.get("expires_in"))
            held.access = str(answer["access_token"])
            held.fetched_at = asked_at
            held.good_until = asked_at + life - min(NEAR_EXPIRY_SECONDS, life / 4)
            rotated = answer.get("refresh_token")
            if isinstance(rotated, str) and rotated and rotated != refresh:
                # The old one may be dead from now on: nothing is done with the new access before this is on the disk.
                held.unstored = rotated
                self._keep(grant, held)

    @staticmethod
    def _keep(grant: Grant, held: _Held) -> None:
        try:
            store_secret(grant.file, held.unstored)
        except OSError as error:
            raise TokenError(_unstored(grant, error)) from error
        held.unstored = ""


# The process has one set: a mailbox that connects again goes on with the token that it has.
TOKENS = Tokens()


@dataclass(frozen=True)
class Bearer:
    """How an account logs in without a password."""

    grant: Grant
    tokens: Tokens = field(default=TOKENS, repr=False)

    def token(self) -> str:
        """Return an access token; raises TokenError."""
        return self.tokens.get(self.grant)

    def refused(self, access: str) -> bool:
        """Take note that a server refused it; return whether another one may help."""
        return self.tokens.refused(self.grant, access)


def store_secret(path: Path, secret: str) -> None:
    """Put a secret in the place of the one in a file: whole or not at all, its owner's alone; raises OSError."""
    path = path.resolve()
    part = path.with_name(f".{path.name}.new")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        file.write(secret + "\n")
        file.flush()
        os.fsync(handle)
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _alone(grant: Grant) -> Iterator[None]:
    """Keep other processes (`mailbot check --online` beside the daemon) from using up the same refresh token."""
    path = grant.file.with_name(f".{grant.file.name}.lock")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError:
        yield  # where nothing can be written nobody rotates: what cannot be stored is told when it comes
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(grant: Grant) -> str:
    try:
        refresh = grant.file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise TokenError(_unreadable(grant, str(said))) from error
    if not refresh:
        raise TokenError(_unreadable(grant, "empty"))
    return refresh


def _ask(grant: Grant, refresh: str) -> dict[str, Any]:
    """Ask the endpoint once; raises TokenError without a secret in any of its words."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NoRedirect(HTTPRedirectHandler):
        """Nobody else is told our secrets."""

        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    fields = {"grant_type": "refresh_token", "client_id": grant.client_id, "refresh_token": refresh}
    fields |= {"client_secret": grant.client_secret} if grant.client_secret else {}
    fields |= {"scope": grant.scope} if grant.scope else {}
    request = Request(grant.token_url, urlencode(fields).encode(), {"Accept": "application/json"})  # noqa: S310 (checked)
    try:
        with build_opener(NoRedirect).open(request, timeout=SECONDS) as response:
            answer = _as_object(response.read(MOST_BYTES))
    except HTTPError as error:
        told = _as_object(error.read(MOST_BYTES))
        raise TokenError(_denied(grant, error.code, told, (refresh, grant.client_secret))) from None
    except (OSError, HTTPException, ValueError) as error:
        raise TokenError(_unreachable(grant, cause_of(error))) from None
    if not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
        raise TokenError(_unreachable(grant, "the answer has no access_token"))
    return answer


def _as_object(raw: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(raw)
        if isinstance(found, dict):
            return found
    return {}


def _seconds(said: Any) -> float:
    with contextlib.suppress(TypeError, ValueError):
        return min(max(float(said), 1.0), 7 * 24 * USUAL_LIFE_SECONDS)
    return USUAL_LIFE_SECONDS


def _denied(grant: Grant, status: int, told: dict[str, Any], secrets: tuple[str, ...]) -> Failure:
    code = str(told.get("error") or status)[:60]
    cause = f"{status} {code} {told.get('error_description') or ''}"[:400]
    for secret in filter(None, secrets):
        cause = cause.replace(secret, "…")
        code = code.replace(secret, "…")
    where = grant.token_url
    if code == "invalid_grant":
        vi = f"Hộp thư {grant.who}: quyền đăng nhập đã hết hiệu lực (invalid_grant); cấp lại quyền cho mailbot rồi ghi"
        en = f"Mailbox {grant.who}: the permission to log in has ended (invalid_grant); grant it anew and write the"
        text = Text(f"{vi} refresh token mới vào {grant.file.name}.", f"{en} new refresh token into {grant.file.name}.")
        mend = Text("Sửa `oauth2: refresh_token:` của hộp thư này.", "Mend `oauth2: refresh_token:` of this mailbox.")
        return Failure(False, code, text, mend, cause)
    if code in OURS_TO_MEND:
        text = Text(
            f"Hộp thư {grant.who}: {where} không nhận ứng dụng ({code}); sửa `oauth2: client_id:`, `client_secret:`.",
            f"Mailbox {grant.who}: {where} does not take the client ({code}); mend `oauth2: client_id:`,"
            " `client_secret:`.",
        )
        mend = Text(
            "Sửa `oauth2: client_id:`, `client_secret:`, `scope:` của hộp thư này.",
            "Mend `oauth2: client_id:`, `client_secret:`, `scope:` of this mailbox.",
        )
        return Failure(False, code, text, mend, cause)
    return _unreachable(grant, cause)


def _unreachable(grant: Grant, cause: str) -> Failure:
    text = Text(
        f"Hộp thư {grant.who}: {grant.token_url} tạm thời không cấp quyền đăng nhập.",
        f"Mailbox {grant.who}: {grant.token_url} gives no access token at the moment.",
    )
    return Failure(True, "TOKEN", text, None, cause)


def _unreadable(grant: Grant, said: str) -> Failure:
    text = Text(
        f"Hộp thư {grant.who}: không đọc được refresh token trong {grant.file.name} ({said}).",
        f"Mailbox {grant.who}: the refresh token in {grant.file.name} cannot be read ({said}).",
    )
    mend = Text(
        "Ghi refresh token vào tệp đó, một dòng, quyền 600.",
        "Write the refresh token into that file, one line, mode 600.",
    )
    return Failure(False, "TOKEN_FILE", text, mend, said)


def _unstored(grant: Grant, error: OSError) -> Failure:
    said = error.strerror or type(error).__name__
    text = Text(
        f"Hộp thư {grant.who}: không ghi được refresh token mới vào {grant.file.name} ({said});"
        " kiểm tra đĩa, quyền ghi.",
        f"Mailbox {grant.who}: the new refresh token cannot be written to {grant.file.name} ({said});"
        " look at the disk and its permissions.",
    )
    return Failure(True, "TOKEN_FILE", text, None, said)
