"""What IMAP and SMTP connections share: TLS, trust in certificates, and what a failure means to a person."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

EX_UNAVAILABLE = 69  # sysexits.h, what the command line ends with
EX_TEMPFAIL = 75
EX_CONFIG = 78


class Tls(StrEnum):
    """How a connection is encrypted: from the first byte, by STARTTLS, or not at all (a server in the same room)."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True)
class Failure:
    """Why a server could not be used: may it mend itself, the wire's code, words for people, the cause for the log."""

    temporary: bool
    code: str | None
    text: Text
    mend: Text | None
    cause: str


class ServerError(MailbotError):
    """A mail server did not do what was asked; `temporary` tells whether trying again can help."""

    def __init__(self, failure: Failure) -> None:
        exit_code = EX_TEMPFAIL if failure.temporary else EX_UNAVAILABLE
        super().__init__(failure.text, mend=failure.mend, exit_code=exit_code)
        self.failure = failure
        self.temporary = failure.temporary
        self.code = failure.code
        self.cause = failure.cause

    @classmethod
    def because(cls, failure: Failure, error: BaseException | None = None) -> Self:
        """Return the error for `failure`, chained to the foreign exception it translates."""
        made = cls(failure)
        made.__cause__ = error
        return made


class TrustError(Exception):
    """What the site says about a server's certificate cannot be followed."""


class CaFileError(TrustError):
    """The file of `ca_file:` cannot be read, or is no PEM file."""


class FingerprintError(TrustError):
    """The server showed another certificate than the one whose fingerprint is written in the site."""

    def __init__(self, shown: str) -> None:
        super().__init__(f"certificate has SHA-256 {shown}")
        self.shown = shown


def tls_context(ca_file: str | None, fingerprint: str | None) -> ssl.SSLContext:
    """Return a client context that trusts the system's authorities, only `ca_file`, or only a pinned fingerprint.

    With a fingerprint the chain and the name are not checked, because `check_fingerprint` must be called after the
    handshake and before anything secret is sent. Raises CaFileError when `ca_file` cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise CaFileError(f"{ca_file}: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if fingerprint:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def check_fingerprint(certificate: bytes | None, fingerprint: str | None) -> None:
    """Compare a DER certificate with a SHA-256 written in hexadecimal; colons, blanks and case do not matter."""
    if not fingerprint:
        return
    shown = hashlib.sha256(certificate or b"").hexdigest()
    wanted = "".join(fingerprint.split()).replace(":", "").lower()
    if not hmac.compare_digest(shown.encode(), wanted.encode("utf-8", "replace")):
        raise FingerprintError(shown)


def own_name() -> str:
    """Return a name for EHLO without asking the DNS, which may stall where there is none."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


def connection_failure(error: BaseException, *, host: str, port: int) -> Failure:
    """Translate what went wrong below the protocol (dial, TLS, timeout, lost line) for `host`:`port`."""
    where = f"{host}:{port}"
    for link in chain(error):
        if isinstance(link, CaFileError):
            return _unreadable_authorities(link)
        if isinstance(link, FingerprintError):
            return _changed_certificate(where, link)
        if isinstance(link, ssl.SSLCertVerificationError):
            return _untrusted(where, link)
    return _below_trust(error, where)


def _below_trust(error: BaseException, where: str) -> Failure:
    cause = cause_of(error)
    # The innermost exception is the system's own and knows best; libraries wrap it into wider ones.
    for link in reversed(tuple(chain(error))):
        for kind, code, text in _BELOW:
            if not isinstance(link, kind):
                continue
            return Failure(True, code, Text(text.vi.format(where=where), text.en.format(where=where)), None, cause)
    return Failure(
        True,
        "LOST",
        Text(f"Mất kết nối với máy chủ {where}.", f"The connection to {where} was lost."),
        None,
        cause,
    )


def login_failure(
    who: str, protocol: str, *, temporary: bool, code: str, cause: str, by_token: bool = False
) -> Failure:
    """Return what a refused login means; `protocol` is `imap` or `smtp`, the key of the mailbox in the site."""
    if temporary:
        text = Text(
            f"Máy chủ {protocol.upper()} tạm thời không cho {who} đăng nhập.",
            f"The {protocol.upper()} server cannot log {who} in at the moment.",
        )
        return Failure(True, code, text, None, cause)
    if by_token:
        return _token_refused(who, protocol, code, cause)
    return Failure(
        False,
        code,
        Text(
            f"Hộp thư {who}: sai mật khẩu hoặc tên đăng nhập ({protocol.upper()}).",
            f"Mailbox {who}: wrong password or user name ({protocol.upper()}).",
        ),
        Text(
            f"Sửa `{protocol}: user:` và `{protocol}: password:` của hộp thư này.",
            f"Mend `{protocol}: user:` and `{protocol}: password:` of this mailbox.",
        ),
        cause,
    )


def _token_refused(who: str, protocol: str, code: str, cause: str) -> Failure:
    name = protocol.upper()
    return Failure(
        False,
        code,
        Text(
            f"Hộp thư {who}: máy chủ {name} không nhận đăng nhập bằng OAuth2; kiểm tra `user:`"
            f" và quyền {name} của hộp thư.",
            f"Mailbox {who}: the {name} server does not take the OAuth2 login; check `user:` and that the mailbox may"
            f" use {name}.",
        ),
        Text(
            f"Sửa `{protocol}: user:`; bật {name} cho hộp thư; cấp quyền đúng phạm vi (`oauth2: scope:`).",
            f"Mend `{protocol}: user:`; allow {name} for the mailbox; grant the right scope (`oauth2: scope:`).",
        ),
        cause,
    )


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and everything it came from: libraries wrap the TLS error that a person must know of."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def cause_of(error: BaseException) -> str:
    """Return one line for the log, never for people: each exception of the chain with its own words."""
    return " <- ".join(f"{type(link).__name__}: {link}" for link in chain(error))


def _untrusted(where: str, error: ssl.SSLCertVerificationError) -> Failure:
    reason = error.verify_message
    return Failure(
        False,
        "CERTIFICATE",
        Text(
            f"Chứng thư của máy chủ {where} không được tin cậy ({reason}).",
            f"The certificate of {where} is not trusted ({reason}).",
        ),
        Text(
            "Ghi `ca_file:` (tệp PEM của nơi cấp chứng thư) hoặc `fingerprint:` (SHA-256) cho máy chủ này.",
            "Give this server `ca_file:` (a PEM file of its authority) or `fingerprint:` (the certificate's SHA-256).",
        ),
        cause_of(error),
    )


def _unreadable_authorities(error: CaFileError) -> Failure:
    return Failure(
        False,
        "CA_FILE",
        Text(f"Không đọc được tệp chứng thư: {error}.", f"The certificate file cannot be read: {error}."),
        Text("Sửa `ca_file:`; tệp phải ở dạng PEM.", "Mend `ca_file:`; it must name a PEM file."),
        cause_of(error),
    )


def _changed_certificate(where: str, error: FingerprintError) -> Failure:
    return Failure(
        False,
        "CERTIFICATE",
        Text(
            f"Chứng thư của máy chủ {where} khác với `fingerprint:` đã ghi.",
            f"The certificate of {where} is not the one written in `fingerprint:`.",
        ),
        Text(
            f"Nếu máy chủ vừa đổi chứng thư, hỏi người quản trị máy chủ rồi ghi `fingerprint: {error.shown}`.",
            f"If the certificate was renewed, ask the server's admin, then write `fingerprint: {error.shown}`.",
        ),
        cause_of(error),
    )


# The first kind that fits names the failure: narrow kinds stand before wide ones.
_BELOW: tuple[tuple[type[BaseException], str, Text], ...] = (
    (
        ConnectionRefusedError,
        "REFUSED",
        Text("Máy chủ {where} từ chối kết nối.", "{where} refuses connections."),
    ),
    (
        TimeoutError,
        "TIMEOUT",
        Text("Máy chủ {where} không trả lời kịp thời.", "{where} did not answer in time."),
    ),
    (
        ssl.SSLEOFError,  # an encrypted line that was cut, not one that could not be made
        "LOST",
        Text("Mất kết nối với máy chủ {where}.", "The connection to {where} was lost."),
    ),
    (
        ssl.SSLError,
        "TLS",
        Text(
            "Không thiết lập được kết nối mã hóa với {where}; kiểm tra `port:` và `tls:`.",
            "No encrypted connection to {where} could be made; check `port:` and `tls:`.",
        ),
    ),
    (
        ConnectionError,
        "LOST",
        Text("Mất kết nối với máy chủ {where}.", "The connection to {where} was lost."),
    ),
    (
        OSError,
        "UNREACHABLE",
        Text("Không tới được máy chủ {where}.", "{where} cannot be reached."),
    ),
)
