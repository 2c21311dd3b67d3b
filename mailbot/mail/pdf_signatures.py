"""Tells who signed a PDF, when, and whether it is still as signed, through pyhanko (ISO 32000-1 §12.8)."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


class Signed(StrEnum):
    """What the digital signature of a PDF is worth."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """The worst of a PDF's signatures: its worth, the signer's name and the time that the signer states."""

    worth: Signed
    signer: str | None = None
    signed_at: datetime | None = None


UNSIGNED = PdfSignature(Signed.NONE)
# Offices sign each page or each copy; a hundred signatures are an attack on the clock.
MAX_SIGNATURES = 12
_RANK = {Signed.INVALID: 0, Signed.UNKNOWN: 1, Signed.VALID: 2}


def read_signature(content: bytes, roots: tuple[bytes, ...]) -> PdfSignature:
    """Return what a PDF's signatures are worth; `roots` are the trusted certificates (PEM or DER).

    `valid`: intact, nothing changed afterwards, and the signer's certificate leads to a root as of the signing;
    `unknown`: intact, but by nobody that we trust; `invalid`: changed, or no signature at all behind the claim.
    Never fetches anything: revocation counts only as far as the PDF brings it along.
    """
    if b"/ByteRange" not in content:
        return UNSIGNED
    try:
        return _worst(content, roots)
    except Exception:  # noqa: BLE001 - the library raises many kinds on broken files; a claim that cannot be checked is none
        return PdfSignature(Signed.INVALID)


def _worst(content: bytes, roots: tuple[bytes, ...]) -> PdfSignature:
    from pyhanko.pdf_utils.reader import PdfFileReader  # imported late: heavy, and few mails bring a signed PDF

    # It logs a traceback for each certificate that leads nowhere; that is an answer, no failure.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL + 1)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL + 1)
    anchors = certificates_of(roots)
    signatures = PdfFileReader(io.BytesIO(content), strict=False).embedded_regular_signatures[:MAX_SIGNATURES]
    found = [_judge(signature, anchors) for signature in signatures]
    return min(found, key=lambda signature: _RANK[signature.worth]) if found else UNSIGNED


def _judge(signature: Any, anchors: list[Any]) -> PdfSignature:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    at = signature.self_reported_timestamp
    context = ValidationContext(
        trust_roots=anchors,
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        weak_hash_algos={"md2", "md5"},
    )
    status = validate_pdf_signature(signature, signer_validation_context=context)
    certificate = signature.signer_cert
    names = certificate.subject.native if certificate is not None else {}
    name = names.get("common_name") or names.get("organization_name")
    # Trusted and yet not sound as a whole: something was changed that the signer had not allowed.
    if not (status.intact and status.valid) or status.docmdp_ok is False or (status.trusted and not status.bottom_line):
        worth = Signed.INVALID
    else:
        worth = Signed.VALID if status.bottom_line else Signed.UNKNOWN
    return PdfSignature(worth, str(name) if name else None, at)


def certificates_of(roots: tuple[bytes, ...]) -> list[Any]:
    """Return the certificates in PEM or DER texts."""
    from asn1crypto import pem, x509

    found: list[Any] = []
    for root in roots:
        blocks = [block for _, _, block in pem.unarmor(root, multiple=True)] if pem.detect(root) else [root]
        found.extend(x509.Certificate.load(block) for block in blocks)
    return found
