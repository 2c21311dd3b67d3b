"""Is a whole mail signed (S/MIME) by a certificate of its From address that somebody we trust has issued? (RFC 8551)"""

from __future__ import annotations

import base64
import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailbot.mail import sealed
from mailbot.mail.pdf_signatures import certificates_of

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from mailbot.mail.message import Message

PKCS7_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")
# A signed mail that is sent in once more, days later and under another subject, is not what its author says now.
LONGEST_UNDER_WAY = timedelta(days=2)


def signed_by_sender(message: Message, address: str, roots: tuple[bytes, ...], received_at: datetime | None) -> bool:
    """Tell whether the mail's content is whole and signed by its From address, as of its arrival.

    `roots` are certificates (PEM or DER) of those who certify, or the signer's own; `address` is the only one in From.
    The header is not covered: whoever acts on a subject must not take it for signed. Never fetches anything.
    """
    if not roots:
        return False
    try:
        found = _detached(message) or _enveloped(message)
        return found is not None and _holds(*found, address.casefold(), roots, received_at)
    except Exception:  # noqa: BLE001 - the library raises many kinds on broken signatures; such a one proves nothing
        return False


def _detached(message: Message) -> tuple[bytes, bytes] | None:
    """Return signed bytes and signature of a multipart/signed: its first part as it stands, with CR LF line ends."""
    if message.media_type != "multipart/signed":
        return None
    boundary = message.parameters.get("boundary", "").encode()
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?:\r?\n|$)", message.raw)
    signature = next((part for part in message.parts if part.media_type in PKCS7_SIGNATURES), None)
    if not boundary or len(pieces) < 3 or signature is None:
        return None
    return re.sub(rb"\r?\n", b"\r\n", pieces[1]), signature.content


def _enveloped(message: Message) -> tuple[bytes, bytes] | None:
    """Return content and container of a mail that is one application/pkcs7-mime."""
    if message.media_type not in sealed.MEDIA_TYPES:
        return None
    body = re.split(rb"\r?\n\r?\n", message.raw, maxsplit=1)[-1]
    container = base64.b64decode(body, validate=False)
    content = sealed.signed_content(container)
    return (content, container) if content is not None else None


def _holds(
    content: bytes, container: bytes, address: str, roots: tuple[bytes, ...], received_at: datetime | None
) -> bool:
    from asn1crypto import cms
    from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    for name in ("pyhanko", "pyhanko_certvalidator"):
        # It logs a traceback for each certificate that leads nowhere; that is an answer, no failure.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    signed = cms.ContentInfo.load(container)["content"]
    # The content was taken out (in whatever pieces it lay); what is signed are the attributes with its digest.
    signed["encap_content_info"] = type(signed["encap_content_info"])({"content_type": "data"})
    context = ValidationContext(
        trust_roots=certificates_of(roots),
        moment=received_at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        weak_hash_algos={"md2", "md5", "sha1"},
    )
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    status = _at_once(
        async_validate_detached_cms(content, signed, signer_validation_context=context, key_usage_settings=usage)
    )
    at = status.signer_reported_dt
    fresh = at is not None and (received_at is None or abs(received_at - at) <= LONGEST_UNDER_WAY)
    return bool(status.bottom_line) and fresh and address in _addresses(status.signing_cert)


def _at_once(looking: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine finds that waits for nothing, as the library's do when they may fetch nothing."""
    try:
        looking.send(None)
    except StopIteration as found:
        return found.value
    looking.close()
    raise ValueError("the check waits for something outside")


def _addresses(certificate: Any) -> frozenset[str]:
    """Return the addresses that a certificate was issued for: its alternative names and its subject's e-mail."""
    names = certificate.subject_alt_name_value
    found = [name.native for name in names if name.name == "rfc822_name"] if names is not None else []
    subject = certificate.subject.native.get("email_address")
    found += [subject] if isinstance(subject, str) else (subject or [])
    return frozenset(str(one).casefold() for one in found)
