"""Signed mail is read through its container; enciphered mail is told, and broken containers raise nothing."""

import base64

import pytest

from mailbot.mail.attachments import extract
from mailbot.mail.message import parse
from mailbot.mail.sealed import Seal, seal_of, signed_content, without_clear_signature

DATA, SIGNED, ENVELOPED = (bytes.fromhex("06092a864886f70d0107") + bytes([kind]) for kind in (1, 2, 3))
COMPRESSED = bytes.fromhex("060b2a864886f70d0109100109")
ENTITY = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "Kính gửi chi bộ 5".encode()
    + b'\r\n--b\r\nContent-Type: application/rtf; name="a.rtf"\r\n\r\n{\\rtf1 So 12}\r\n--b--\r\n'
)
CLEAR = (
    b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nDa nhan.\r\n"
    b"- -- \r\nLan\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n"
)
BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
END = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----"
ARMOR = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n"


def element(tag: int, *content: bytes) -> bytes:
    inside = b"".join(content)
    return bytes([tag, 0x84]) + len(inside).to_bytes(4, "big") + inside


def open_ended(tag: int, *content: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def container(held: bytes, kind: bytes = SIGNED) -> bytes:
    inside = element(0x30, DATA, element(0xA0, element(0x04, held)))
    return element(0x30, kind, element(0xA0, element(0x30, b"\x02\x01\x01", element(0x31), inside, element(0x31))))


def streamed(held: bytes) -> bytes:
    pieces = [element(0x04, held[at : at + 50]) for at in range(0, len(held), 50)]
    inside = open_ended(0x30, DATA, open_ended(0xA0, open_ended(0x24, *pieces)))
    return open_ended(0x30, SIGNED, open_ended(0xA0, open_ended(0x30, b"\x02\x01\x01", element(0x31), inside)))


def mail(content: bytes, parameters: bytes = b"") -> bytes:
    header = b"From: a@b.vn\r\nContent-Type: application/pkcs7-mime" + parameters
    return header + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content)


@pytest.mark.parametrize("content", [container(ENTITY), streamed(ENTITY)])
@pytest.mark.parametrize("parameters", [b"", b"; smime-type=signed-data; name=smime.p7m"])
def test_a_signed_mail_is_read_through_its_container(content: bytes, parameters: bytes) -> None:
    message = parse(mail(content, parameters))
    assert message.body_text() == "Kính gửi chi bộ 5"
    assert [part.name for part in message.attachments] == ["a.rtf"]
    assert not message.is_encrypted


@pytest.mark.parametrize(
    ("raw", "encrypted"),
    [
        (mail(container(b"x", ENVELOPED), b"; smime-type=enveloped-data; name=smime.p7m"), True),
        (mail(container(b"x", ENVELOPED)), True),
        (mail(b"cut", b"; smime-type=enveloped-data"), True),
        (mail(container(b"no entity"), b"; smime-type=signed-data"), False),
        (b"Content-Type: text/plain\r\n\r\n" + ARMOR, True),
        (
            b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
            b"Version: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n" + ARMOR + b"--b--\r\n",
            True,
        ),
        (CLEAR, False),
    ],
)
def test_enciphered_mail_is_told(raw: bytes, encrypted: bool) -> None:
    assert parse(raw).is_encrypted is encrypted


def test_the_frame_of_a_clear_signature_is_no_text() -> None:
    assert parse(CLEAR).body_text().strip() == "Da nhan.\n-- \nLan"


@pytest.mark.parametrize(
    ("content", "text", "problem"),
    [
        (container(b"{\\rtf1 So 12}"), "So 12", None),
        (container(b"x", ENVELOPED), "", "encrypted_attachment"),
        (container(b"x", COMPRESSED), "", "unreadable_attachment"),
        (ARMOR, "", "encrypted_attachment"),
        (container(container(container(b"{\\rtf1 So 12}"))), "", "unreadable_attachment"),
    ],
)
def test_signed_files_are_read_and_enciphered_ones_told(content: bytes, text: str, problem: str | None) -> None:
    found = extract(content, "application/octet-stream", "a.rtf.p7m")
    assert (found.text.strip(), found.problem) == (text, problem)


@pytest.mark.parametrize("cut", range(1, len(streamed(ENTITY)), 11))
def test_cut_and_changed_containers_raise_nothing(cut: int) -> None:
    content = bytearray(streamed(ENTITY))
    content[cut] ^= 0xFF
    for broken in (bytes(content), bytes(content[:cut])):
        assert seal_of(broken) in Seal
        signed_content(broken)
        parse(mail(broken))


@pytest.mark.parametrize("content", [SIGNED.join([b"\x30\x80"] * 2) + b"\xa0\x80" * 5000, b"\x30\x80" + SIGNED])
def test_endless_nesting_ends(content: bytes) -> None:
    assert signed_content(content) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (f"a\n{BEGIN}\n\nb\n{END}\nc", "a\nb\nc"),
        (f"{BEGIN}\nHash: x\n\n- -- \nb\n{END}{'x'}\n{BEGIN}\n\nd\n{END}", "-- \nbx\nd"),
        (f"{BEGIN}\n\n\n{END}", ""),
        (f"> {BEGIN}\n> \n> b", f"> {BEGIN}\n> \n> b"),
        (f"{BEGIN}\n\nnever closed", f"{BEGIN}\n\nnever closed"),
        (f"{BEGIN}\n\n" * 20_000, f"{BEGIN}\n\n" * 20_000),
    ],
)
def test_clear_signatures_are_taken_off_text(text: str, plain: str) -> None:
    assert without_clear_signature(text) == plain
