"""A mail signed by S/MIME is its sender's word when whole, fresh, and by a certificate of that very address."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from mailbot.reading import Reading, ReadingContext, read
from tests.mail.signed_pdfs import Authority, _certificate, make_authority

if TYPE_CHECKING:
    from collections.abc import Callable

SENDER = "bithu@anhoa.example.vn"
NOW = datetime.now(UTC)
ORDER = "DỪNG NHẮC 152-CV/ĐU\r\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority("Co quan cap chung thu")


def certified(authority: Authority, address: str = SENDER) -> tuple[Any, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        _certificate("Nguyen Van Binh", authority.certificate.subject.rfc4514_string().removeprefix("CN="), key)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return key, certificate


def signed(
    signer: tuple[Any, x509.Certificate], text: str = ORDER, *, form: str = "detached", subject: str = "y kien"
) -> bytes:
    """Return a mail whose content a signer has signed, as mail programs do it."""
    key, certificate = signer
    content = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    built = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    head = f"From: Binh <{SENDER}>\r\nTo: vanphong@anhoa.example.vn\r\nSubject: {subject}\r\n".encode()
    if form == "detached":
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        body = built.sign(serialization.Encoding.SMIME, options)
        return head + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    container = built.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    kind = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + b"MIME-Version: 1.0\r\n" + kind + base64.encodebytes(container)


def another_text(raw: bytes) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    if b"pkcs7-mime" not in head:
        return raw.replace(b"152-CV", b"153-CV")
    return head + b"\r\n\r\n" + base64.encodebytes(base64.b64decode(body).replace(b"152-CV", b"153-CV"))


def read_here(raw: bytes, *authorities: bytes, at: datetime = NOW) -> Reading:
    return read(raw, ReadingContext(certificates=tuple(pem.decode() for pem in authorities), received_at=at))


@pytest.mark.parametrize("form", ["detached", "opaque"])
def test_what_the_sender_signed_is_believed(authority: Authority, form: str) -> None:
    reading = read_here(signed(certified(authority), form=form), authority.pem)
    assert reading.trust == {"signed"}
    assert [command.verb for command in reading.commands] == ["stop"]


def test_the_sender_s_own_certificate_may_be_registered_instead_of_its_issuer(authority: Authority) -> None:
    signer = certified(authority)
    pem = signer[1].public_bytes(serialization.Encoding.PEM)
    assert read_here(signed(signer), pem).trust == {"signed"}


@pytest.mark.parametrize("form", ["detached", "opaque"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(another_text, id="another text"),
        pytest.param(lambda raw: raw.replace(SENDER.encode(), b"chutich@anhoa.example.vn"), id="another sender"),
        pytest.param(lambda raw: b"From: x@anhoa.example.vn\r\n" + raw, id="a second From"),
        pytest.param(lambda raw: raw.replace(b"Subject: y kien", b"Subject: THU HOI 99-CV/DU"), id="order in subject"),
    ],
)
def test_what_was_changed_or_is_not_covered_is_not_signed(
    authority: Authority, form: str, change: Callable[[bytes], bytes]
) -> None:
    raw = signed(certified(authority), form=form)
    assert "signed" not in read_here(change(raw), authority.pem).trust


def test_a_stranger_s_certificate_proves_nothing(authority: Authority) -> None:
    other = make_authority("Ai do")
    assert read_here(signed(certified(other)), authority.pem).trust == frozenset()
    assert read_here(signed(certified(authority, "khac@anhoa.example.vn")), authority.pem).trust == frozenset()
    assert read_here(signed(certified(authority))).trust == frozenset(), "no certificate is registered"


def test_a_signed_mail_that_is_sent_in_again_later_is_not_said_now(authority: Authority) -> None:
    raw = signed(certified(authority))
    assert read_here(raw, authority.pem, at=NOW + timedelta(days=3)).trust == frozenset()


@pytest.mark.parametrize(
    "raw",
    [
        (
            b"From: a@b.vn\r\nContent-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x\r\n"
            b"Content-Type: application/pkcs7-signature\r\n\r\nno signature\r\n--x--\r\n"
        ),
        b"From: a@b.vn\r\nContent-Type: multipart/signed\r\n\r\nno boundary\r\n",
        b"From: a@b.vn\r\nContent-Type: application/pkcs7-mime\r\n\r\nMIIB\r\n",
    ],
)
def test_a_broken_signature_is_none(authority: Authority, raw: bytes) -> None:
    assert read_here(raw, authority.pem).trust == frozenset()
