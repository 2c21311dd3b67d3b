"""The signature of a PDF is worth something only when it is intact and by somebody whom the office trusts."""

from email.message import EmailMessage

import pytest

from mailbot.mail.pdf_signatures import Signed, read_signature
from mailbot.reading import ReadingContext, read
from tests.mail.signed_pdfs import Authority, make_authority, make_pdf, sign

PLAIN = make_pdf("So 12-CV/QU")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority("Ban Co yeu")


@pytest.fixture(scope="module")
def signed(authority: Authority) -> bytes:
    return sign(PLAIN, authority, "Quan uy An Hai")


def test_a_signature_by_a_trusted_signer_is_valid(signed: bytes, authority: Authority) -> None:
    found = read_signature(signed, (authority.pem,))
    assert (found.worth, found.signer) == (Signed.VALID, "Quan uy An Hai")
    assert found.signed_at is not None
    assert found.signed_at.tzinfo is not None


def test_a_signature_by_a_stranger_is_unknown(signed: bytes) -> None:
    assert read_signature(signed, ()).worth is Signed.UNKNOWN
    assert read_signature(signed, (make_authority("Nguoi la").pem,)).worth is Signed.UNKNOWN


def test_a_changed_paper_is_invalid(signed: bytes, authority: Authority) -> None:
    changed = signed.replace(b"So 12-CV/QU", b"So 21-CV/QU")
    assert read_signature(changed, (authority.pem,)).worth is Signed.INVALID
    assert read_signature(changed, ()).worth is Signed.INVALID


def test_two_signatures_are_worth_their_worse_one(signed: bytes, authority: Authority) -> None:
    twice = sign(signed.replace(b"Signature1", b"Signature0"), authority, "Van phong")
    assert read_signature(twice, (authority.pem,)).worth is Signed.INVALID


@pytest.mark.parametrize("content", [PLAIN, b"", b"%PDF-1.4 nothing", b"not a PDF"])
def test_no_signature_is_none(content: bytes) -> None:
    assert read_signature(content, ()).worth is Signed.NONE


@pytest.mark.parametrize("cut", [200, 900, 1500, 3000])
def test_a_broken_claim_is_invalid_and_never_raises(signed: bytes, cut: int) -> None:
    broken = signed[:-cut] + b" /ByteRange [0 1 2 3]"
    assert read_signature(broken, ()).worth in {Signed.INVALID, Signed.NONE}


def test_a_paper_says_what_its_signature_is_worth_and_a_valid_one_is_trusted(
    signed: bytes, authority: Authority
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "vanthu@quanuy.example.vn", "CV 12"
    mail.set_content("Gui cac chi bo.")
    mail.add_attachment(signed, maintype="application", subtype="pdf", filename="12-CV-QU.pdf")
    trusting = read(mail.as_bytes(), ReadingContext(certificates=(authority.pem.decode(),)))
    strange = read(mail.as_bytes(), ReadingContext())
    assert [document.signed for document in trusting.documents] == ["valid"]
    assert trusting.trust == {"signed_pdf"}
    assert trusting.documents[0].issued_on is not None
    assert [document.signed for document in strange.documents] == ["unknown"]
    assert strange.trust == frozenset()
