"""Whatever bytes a container holds, taking it apart raises nothing and gives the same twice."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.mail.attachments import MAX_CHARACTERS, extract
from mailbot.mail.message import parse
from tests.mail.test_attachments import DOCX, WORKBOOK, packed
from tests.mail.test_sealed import ENTITY, container, streamed
from tests.mail.test_tnef import FILES, RTF, winmail

SOUND = {
    "workbook": packed(WORKBOOK),
    "archive": packed({"a.docx": DOCX, "b.zip": packed({"c.docx": DOCX})}),
    "signed": container(ENTITY),
    "streamed": streamed(ENTITY),
    "winmail": winmail(RTF, FILES),
}
CHANGES = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8)


def changed(content: bytes, changes: list[tuple[int, int]]) -> bytes:
    broken = bytearray(content)
    for at, value in changes:
        broken[at % len(broken)] = value
    return bytes(broken)


@pytest.mark.parametrize("kind", SOUND)
@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, rest=st.binary(max_size=40))
def test_changed_containers_raise_nothing(kind: str, changes: list[tuple[int, int]], rest: bytes) -> None:
    content = changed(SOUND[kind], changes) + rest
    found = extract(content, "application/octet-stream", "a.bin")
    assert found == extract(content, "application/octet-stream", "a.bin")
    assert len(found.text) <= MAX_CHARACTERS


@pytest.mark.parametrize("media_type", [b"application/pkcs7-mime", b"application/ms-tnef"])
@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(sorted(SOUND)), changes=CHANGES)
def test_mails_with_changed_containers_are_taken_apart(
    media_type: bytes, kind: str, changes: list[tuple[int, int]]
) -> None:
    header = b"Content-Type: " + media_type + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw = header + base64.encodebytes(changed(SOUND[kind], changes))
    message = parse(raw)
    assert message == parse(raw)
    assert isinstance(message.body_text(), str)
    assert message.is_encrypted in {True, False}
