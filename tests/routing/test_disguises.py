"""Who looks like somebody of the directory without being it is told to the clerk and believed by nobody's domain."""

from __future__ import annotations

from email.headerregistry import Address

import pytest

from mailbot.routing.disguises import readable, skeleton
from mailbot.routing.plans import Outcome
from tests.example_office import CLERK, decided, directive, example, mail

DMARC = (
    "Authentication-Results: mx.anhoa.example.vn; dmarc=pass header.from={domain}\n"
    "Received: from x (x [192.0.2.9]) by mail.anhoa.example.vn with ESMTPS id 1; Tue, 06 Oct 2026 08:10:00 +0700\n"
)
OFFICE_NAME = example().office.name
LEADERS_NAME = next(person.name for person in example().directory.people.values())
CYRILLIC = "аnhoa.example.vn".encode("idna").decode()  # its first letter is Cyrillic


def forged(name: str, address: str, subject: str = "Công văn 152-CV/ĐU") -> bytes:
    written = mail("x@example.org", subject, directive(), submitted=False)
    user, _, domain = address.partition("@")
    written.replace_header("From", str(Address(name, user, domain)))
    return DMARC.format(domain=domain).encode() + written.as_bytes()


@pytest.mark.parametrize(
    ("name", "address", "code", "words"),
    [
        (OFFICE_NAME, "vp.anhoa@gmail.com", "name_is_borrowed", "địa chỉ chưa đăng ký"),
        (f"{LEADERS_NAME} (điện thoại)", "lanhdao@gmail.com", "name_is_borrowed", LEADERS_NAME),
        (f"Đ/c {LEADERS_NAME.upper()}", "lanhdao@gmail.com", "name_is_borrowed", LEADERS_NAME),
        (CLERK, "x@evil.example.net", "address_in_name", "địa chỉ thật là x@evil.example.net"),
        (f"Văn thư <{CLERK}>", "x@evil.example.net", "address_in_name", CLERK),
        ("Ai đó", "vanthu@anh0a.example.vn", "domain_looks_alike", "anhoa.example.vn"),
        ("Ai đó", "vanthu@anhoa-example.vn", "domain_looks_alike", "anhoa.example.vn"),
        ("Ai đó", "vanthu@anhoa.example.vn.evil.net", "domain_looks_alike", "anhoa.example.vn"),
        ("Ai đó", f"vanthu@{CYRILLIC}", "domain_looks_alike", "xn--"),
    ],
)
def test_a_disguise_is_told_and_never_obeyed(name: str, address: str, code: str, words: str) -> None:
    decision = decided(forged(name, address))
    assert decision.outcome is Outcome.HELD
    assert (decision.deliveries, decision.mails, decision.document) == ((), (), None)
    assert decision.reasons[0].code == "trust"
    assert decision.reasons[0].detail.startswith("shown none"), "that his own domain vouches for him counts for nothing"
    assert code in [reason.code for reason in decision.reasons]
    assert "cảnh giác" in decision.held[0].text
    assert words in decision.held[0].text


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Nguyễn Thị Không Ai Biết", "aido@gmail.com"),
        ("Bình", "binh@gmail.com"),
        ("", "vanphong@huyenkhac.example.vn"),
        ("", "x@gmai1.com"),
    ],
)
def test_who_looks_like_nobody_is_no_disguise(name: str, address: str) -> None:
    decision = decided(forged(name, address))
    assert "cảnh giác" not in "".join(line.text for line in decision.held)


def test_the_registered_address_may_bear_any_name() -> None:
    decision = decided(mail(f'"{OFFICE_NAME}" <{CLERK}>', "Công văn 152-CV/ĐU", directive()))
    assert "cảnh giác" not in "".join(line.text for line in decision.held)


def test_the_clerk_s_own_word_counts_for_a_disguised_sender() -> None:
    assert decided(forged(OFFICE_NAME, "vp@gmail.com"), confirmed=True).reasons[0].code != "trust"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("аnhоа", "anhoa", True), ("cornmune", "commune", True), ("AN HÒA", "an hoa", True), ("q1", "q3", False)],
)
def test_letters_are_compared_as_the_eye_does(one: str, other: str, alike: bool) -> None:
    assert (skeleton(one) == skeleton(other)) is alike


@pytest.mark.parametrize("domain", ["xn--", "xn--\u00e9.vn", "xn--999999999.vn", "a..b", ""])
def test_a_broken_domain_is_shown_as_it_is(domain: str) -> None:
    assert isinstance(readable(domain), str)
