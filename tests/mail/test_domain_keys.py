"""Our own DKIM verification: only a whole, aligned, strong signature of the From domain is worth something."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailbot.mail.authentic import authenticate
from mailbot.mail.headers import split_block
from mailbot.reading import ReadingContext, read
from mailbot.service.domain_keys import DomainKeys
from tests.example_office import CLERK, example

if TYPE_CHECKING:
    from collections.abc import Callable

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = PRIVATE.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
RECORD = b"v=DKIM1; k=rsa; p=" + base64.b64encode(PUBLIC)
NAME = "s1._domainkey.anhoa.example.vn"
MAIL = (
    f"From: Văn thư <{CLERK}>\r\nTo: vanphong@anhoa.example.vn\r\nSubject: Cong van 152-CV/DU\r\n"
    "Date: Tue, 06 Oct 2026 08:10:00 +0700\r\nMessage-ID: <1@anhoa.example.vn>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi các chi bộ.\r\n"
).encode()


def signed(domain: str = "anhoa.example.vn", covers: tuple[str, ...] = ("from", "to", "subject"), **more: Any) -> bytes:
    headers = [name.encode() for name in covers]
    line: bytes = dkim.sign(MAIL, b"s1", domain.encode(), PEM, include_headers=headers, **more)
    return line + MAIL


def trust_of(raw: bytes, keys: dict[str, bytes] | None = None) -> frozenset[str]:
    return read(raw, ReadingContext(domain_keys={NAME: RECORD} if keys is None else keys)).trust


def test_a_mail_that_its_domain_signed_is_as_good_as_dmarc() -> None:
    reading = read(signed(), ReadingContext(domain_keys={NAME: RECORD}))
    assert reading.trust == {"dmarc"}
    assert (reading.authentication.dkim, reading.authentication.from_trusted) == ("pass", True)


def test_a_domain_above_speaks_for_those_below() -> None:
    name = "s1._domainkey.example.vn"
    assert trust_of(signed("example.vn"), {name: RECORD}) == {"dmarc"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: raw.replace(b"chi b", b"dang b"), id="another body"),
        pytest.param(lambda raw: raw.replace(b"152-CV", b"153-CV"), id="another subject"),
        pytest.param(lambda raw: raw + "Thêm một dòng.\r\n".encode(), id="a line more"),
        pytest.param(lambda raw: raw.replace(CLERK.encode(), b"chutich@anhoa.example.vn"), id="another sender"),
        pytest.param(lambda raw: b"From: Khac <khac@anhoa.example.vn>\r\n" + raw, id="a second From"),
        pytest.param(lambda raw: b"Subject: THU HOI 152-CV/DU\r\n" + raw, id="a second Subject on top"),
        pytest.param(
            lambda raw: raw.replace(raw[: -len(MAIL)].strip()[-12:], b"AAAAAAAAAA=="), id="a broken signature"
        ),
        pytest.param(lambda raw: raw.replace(b"a=rsa-sha256", b"a=rsa-sha1"), id="a weak hash"),
    ],
)
def test_what_was_changed_after_signing_proves_nothing(change: Callable[[bytes], bytes]) -> None:
    assert trust_of(change(signed())) == frozenset()


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        pytest.param(MAIL, {NAME: RECORD}, id="unsigned"),
        pytest.param(signed(), {}, id="no key"),
        pytest.param(signed(), {NAME: b"v=DKIM1; p="}, id="a key that was taken back"),
        pytest.param(signed(), {NAME: b"\xff not a record"}, id="no record at all"),
        pytest.param(
            signed("evil.example.net"), {"s1._domainkey.evil.example.net": RECORD}, id="another domain's own signature"
        ),
        pytest.param(
            signed("sub.anhoa.example.vn"), {"s1._domainkey.sub.anhoa.example.vn": RECORD}, id="a domain below"
        ),
        pytest.param(signed("hoa.example.vn"), {"s1._domainkey.hoa.example.vn": RECORD}, id="the end of a name"),
        pytest.param(signed(covers=("from", "to")), {NAME: RECORD}, id="the subject is open"),
        pytest.param(signed(length=True), {NAME: RECORD}, id="room behind the signed part"),
    ],
)
def test_a_signature_that_does_not_cover_or_align_proves_nothing(raw: bytes, keys: dict[str, bytes]) -> None:
    assert trust_of(raw, keys) == frozenset()


def test_our_own_server_s_word_stands_above_a_signature() -> None:
    said = (
        b"Authentication-Results: mx.anhoa.example.vn; dmarc=fail header.from=anhoa.example.vn\r\n"
        b"Received: from x (x [192.0.2.9]) by mail.anhoa.example.vn with ESMTPS; Tue, 06 Oct 2026 08:10:00 +0700\r\n"
    )
    headers, _, _ = split_block(said + signed())
    trust = example().trust
    read_, believed = authenticate(
        headers, (CLERK,), trust.authserv_id, trust.own_servers, raw=said + signed(), keys={NAME: RECORD}
    )
    assert (read_.dmarc, believed) == ("fail", frozenset())


def test_keys_are_asked_for_once_and_only_for_whom_we_know() -> None:
    asked: list[str] = []

    def ask(name: str) -> bytes | None:
        asked.append(name)
        return RECORD

    keys, site = DomainKeys(ask), example()
    assert keys.of(signed(), site) == keys.of(signed(), site) == {NAME: RECORD}
    assert keys.of(signed().replace(CLERK.encode(), b"ai-do@anhoa.example.vn"), site) == {}
    assert keys.of(MAIL, site) == {}
    assert keys.of(signed(), replace(site, trust=replace(site.trust, own_dkim=False))) == {}
    assert asked == [NAME]


def test_a_name_server_that_does_not_answer_is_left_alone() -> None:
    asked: list[str] = []

    def silent(name: str) -> bytes | None:
        asked.append(name)
        raise TimeoutError(name)

    keys = DomainKeys(silent)
    assert [keys.of(signed(), example()) for _ in range(3)] == [{}, {}, {}]
    assert len(asked) == 1
