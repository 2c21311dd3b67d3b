"""Makes PDFs and signs them with a certificate authority of its own, so that tests need no real signature."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, signers

START = datetime(2019, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Authority:
    """Somebody who certifies signers."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def make_authority(name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _certificate(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Authority(key, builder.sign(key, hashes.SHA256()))


def _certificate(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    return (
        x509.CertificateBuilder()
        .subject_name(named[0])
        .issuer_name(named[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(datetime.now(UTC) + timedelta(days=3650))
    )


def sign(pdf: bytes, authority: Authority, signer: str) -> bytes:
    """Return the PDF signed by `signer`, whom the authority certifies."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        _certificate(signer, authority.certificate.subject.rfc4514_string().removeprefix("CN="), key)
        .add_extension(usage, critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    pfx = serialization.pkcs12.serialize_key_and_certificates(
        b"", key, certificate, [authority.certificate], serialization.NoEncryption()
    )
    holder = signers.SimpleSigner.load_pkcs12_data(pfx, other_certs=[])
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), PdfSignatureMetadata(field_name="Signature1"), signer=holder
    )
    return bytes(out.getbuffer())


def make_pdf(text: str) -> bytes:
    """Return a PDF of one page with these ASCII words."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return pdf_of(b"BT /F1 12 Tf 72 720 Td (" + text.encode("ascii") + b") Tj ET", b"<< /Font << /F1 4 0 R >> >>", font)


def pdf_of(page: bytes, resources: bytes, resource: bytes) -> bytes:
    """Return a PDF of one page: what is drawn on it, the names of what is drawn with, and that (object 4)."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources 6 0 R >>",
        resource,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        resources,
    )
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
