"""What Outlook packs into winmail.dat comes out again: body, files and their names, cut or not."""

import base64
import struct

import pytest

from mailbot.mail.message import parse
from mailbot.mail.tnef import SIGNATURE, unpack, unpack_rtf

# The worked example of MS-OXRTFCP §3.1.1.
PACKED_RTF = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
# The one of §3.1.2: a reference that reaches into what it appends.
OVERLAPPING_RTF = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
NAME = "Công văn 12.rtf"
FILE = b"{\\rtf1 So 12}"


def attribute(level: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, tag, 0, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def long_value(name: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*values: bytes) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(values)


def named(value: int) -> bytes:
    """A property with a name of its own, which must be passed over."""
    name = "Ghi chú".encode("utf-16-le")
    return (
        struct.pack("<HH", 3, 0x8001)
        + b"g" * 16
        + struct.pack("<II", 1, len(name))
        + name
        + b"\0" * (-len(name) % 4)
        + struct.pack("<I", value)
    )


MULTIPLE = struct.pack("<HHIII", 0x1003, 0x0E00, 2, 1, 2)
FILES = (
    attribute(2, 0x9002, b"\0" * 14)
    + attribute(2, 0x8010, b"CONGVA~1.RTF\0")
    + attribute(2, 0x800F, FILE)
    + attribute(2, 0x9005, properties(named(7), MULTIPLE, long_value(0x3707, 0x1F, (NAME + "\0").encode("utf-16-le"))))
)
TEXT = attribute(1, 0x9003, properties(MULTIPLE, long_value(0x1000, 0x1F, "Kính gửi\0".encode("utf-16-le"))))
OLD_TEXT = attribute(1, 0x9007, struct.pack("<II", 1258, 0)) + attribute(1, 0x800C, "Kính".encode("cp1258") + b"\0")
HTML = attribute(1, 0x9003, properties(long_value(0x1013, 0x102, b"<p>Chao</p>")))
RTF = attribute(1, 0x9003, properties(long_value(0x1009, 0x102, PACKED_RTF)))


def winmail(*attributes: bytes) -> bytes:
    return SIGNATURE + b"\1\0" + b"".join(attributes)


def mail(content: bytes, shown: bytes = b"") -> bytes:
    return (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        + shown
        + b'\r\n--b\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\n'
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(content)
        + b"--b--\r\n"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [(TEXT, "Kính gửi"), (OLD_TEXT, "Kính"), (HTML, "Chao"), (RTF, "hello world"), (b"", "")],
)
def test_body_and_files_come_out(body: bytes, text: str) -> None:
    message = parse(mail(winmail(body, FILES)))
    assert message.body_text().strip() == text
    assert [(part.name, part.content) for part in message.attachments] == [(NAME, FILE)]


def test_a_body_that_the_mail_shows_is_not_doubled() -> None:
    assert parse(mail(winmail(TEXT, FILES), b"Xin chao")).body_text().strip() == "Xin chao"


def test_what_is_no_winmail_stays_an_attachment() -> None:
    assert [part.name for part in parse(mail(b"other")).attachments] == ["winmail.dat"]


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        (PACKED_RTF, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"),
        (OVERLAPPING_RTF, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        (b"\0\0\0\0\5\0\0\0MELA\0\0\0\0{abc}", b"{abc}"),
        (b"", b""),
        (b"\0" * 40, b""),
    ],
)
def test_compressed_rtf_is_unpacked(packed: bytes, text: bytes) -> None:
    assert unpack_rtf(packed) == text


@pytest.mark.parametrize("at", range(0, len(winmail(RTF, FILES)), 3))
def test_cut_and_changed_files_raise_nothing(at: int) -> None:
    content = bytearray(winmail(RTF, FILES))
    content[at] ^= 0xFF
    for broken in (bytes(content), bytes(content[:at])):
        unpack(broken)
        parse(mail(broken)).body_text()
