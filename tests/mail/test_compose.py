"""What is composed arrives: heads before shared parts, names and bytes intact, no header can be smuggled in."""

import email
import email.policy
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.compose import Envelope, HeaderInjectionError, head, shared_parts, whole
from mailbot.mail.message import Part, parse

BOUNDARY = "=_mailbot_1"
SENT = datetime(2026, 10, 6, 1, 0, tzinfo=UTC)


def envelope(**changes: object) -> Envelope:
    values: dict[str, object] = {
        "from_name": "Văn phòng Đảng ủy phường An Hòa",
        "from_address": "vanthu@anhoa.example.vn",
        "to": (("Chi bộ 5", "chibo5@anhoa.example.vn"),),
        "subject": "152-CV/ĐU: báo cáo sinh hoạt chuyên đề quý III - trước ngày 16/10/2026 [#k7m2p5abcdefg]",
        "message_id": "abc@anhoa.example.vn",
        "date": SENT,
    }
    return Envelope(**(values | changes))  # type: ignore[arg-type]


def received(wire: bytes) -> EmailMessage:
    """What a server hands on: the wire form without its dot-stuffing."""
    lines = wire.split(b"\r\n")
    raw = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def original(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("Gửi kèm.")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


NAMES = ("CV 152 báo cáo quý III.pdf", 'a "b" c.doc', "rất dài " * 20 + ".docx", "đ" * 80 + ".pdf", "plain.txt")


@pytest.mark.parametrize("name", NAMES)
def test_attachments_arrive_with_name_and_bytes(name: str) -> None:
    content = bytes(range(256)) * 50
    wire = head(envelope(), BOUNDARY, "Kính gửi", "<p>Kính gửi</p>") + shared_parts(
        parse(original((name, content))), BOUNDARY
    )
    (attachment,) = received(wire).iter_attachments()
    assert attachment.get_content() == content
    assert attachment.get_filename() == name
    assert parse(wire).attachments[0].name == name


@given(st.binary(max_size=500), st.text(max_size=60))
def test_any_content_and_text_go_through(content: bytes, text: str) -> None:
    wire = head(envelope(), BOUNDARY, text, None) + shared_parts(parse(original(("a.bin", content))), BOUNDARY)
    message = received(wire)
    (attachment,) = message.iter_attachments()
    assert attachment.get_content() == content
    assert b"\n." not in wire.replace(b"\r\n..", b"")
    assert wire.replace(b"\r\n", b"").count(b"\n") == wire.replace(b"\r\n", b"").count(b"\r") == 0


def test_a_mail_whose_body_is_the_document_goes_along_whole() -> None:
    raw = "Subject: Chỉ đạo\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n.Số 12-CV/ĐU\r\n..\r\n".encode()
    wire = head(envelope(), BOUNDARY, "Chuyển", None) + shared_parts(parse(raw), BOUNDARY)
    (attached,) = received(wire).iter_attachments()
    assert attached.get_content_type() == "message/rfc822"
    forwarded = parse(wire.replace(b"\r\n..", b"\r\n.")).forwarded()[0]
    assert forwarded.raw.rstrip() == raw.rstrip()


def test_header_says_what_was_asked() -> None:
    values = envelope(
        to=(("Chi bộ 5", "a@b.vn"), ("", "c@d.vn"), ('Anh "Ba"', "e@f.vn")),
        reply_to="vanthu+k7m2p5abcdefg@anhoa.example.vn",
        in_reply_to="<parent@x.vn>",
        references=("root@x.vn", "parent@x.vn"),
        extra_headers=(("X-Mailbot-Purpose", "directive"),),
        calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    )
    message = received(whole(values, "Kính gửi\n.\nhết", "<p>Kính gửi</p>"))
    assert [str(address) for address in message["To"].addresses] == [
        "Chi bộ 5 <a@b.vn>",
        "c@d.vn",
        '"Anh \\"Ba\\"" <e@f.vn>',
    ]
    assert message["Subject"] == values.subject
    assert message["From"].addresses[0].display_name == values.from_name
    assert message["References"] == "<root@x.vn> <parent@x.vn>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Mailbot-Purpose"] == "directive"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == ["Kính", "gửi", ".", "hết"]


EVIL = ("a\r\nBcc: x@y.vn", "a\nb", "a\x00b", "a\x85b", "a\u2028b", "a\tb")


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("field", ["subject", "from_name", "from_address", "message_id", "reply_to", "in_reply_to"])
def test_control_characters_are_refused_in_every_header(field: str, value: str) -> None:
    with pytest.raises(HeaderInjectionError):
        whole(envelope(**{field: value}), "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"to": (("a\r\nb", "c@d.vn"),)},
        {"to": (("a", "c@d.vn>, <e@f.vn"),)},
        {"references": ("a b",)},
        {"extra_headers": (("X-A: b\r\nY", "c"),)},
        {"extra_headers": (("X-A", "c\r\nBcc: d@e.vn"),)},
        {"calendar": b"", "calendar_method": "REQUEST\r\nX: y"},
    ],
)
def test_lists_of_values_are_checked_too(changes: dict[str, object]) -> None:
    with pytest.raises(HeaderInjectionError):
        whole(envelope(**changes), "x")


def test_a_boundary_that_breaks_the_header_is_refused() -> None:
    with pytest.raises(HeaderInjectionError):
        head(envelope(), 'a"\r\nX: y', "x", None)


def test_extra_parts_stand_behind_the_attachments() -> None:
    calendar = Part(
        "text/calendar", b"BEGIN:VCALENDAR", name="moi-hop.ics", charset="utf-8", parameters={"method": "REQUEST"}
    )
    wire = head(envelope(), BOUNDARY, "x", None) + shared_parts(
        parse(original(("a.pdf", b"%PDF-"))), BOUNDARY, (calendar,)
    )
    names = [part.get_filename() for part in received(wire).iter_attachments()]
    assert names == ["a.pdf", "moi-hop.ics"]


def test_a_head_costs_far_less_than_a_delivery() -> None:
    values = envelope()
    text = "Kính gửi: Chi bộ 5\n" * 40
    best = min(_seconds(values, text) for _ in range(20))
    assert best < 0.003, "aim 0.3 ms; ten times that even on a busy machine"


def _seconds(values: Envelope, text: str) -> float:
    start = time.perf_counter()
    head(values, BOUNDARY, text, f"<p>{text}</p>")
    return time.perf_counter() - start
