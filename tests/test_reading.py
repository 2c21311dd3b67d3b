"""What must hold for every mail: it is read, as JSON, twice the same; trust and tokens cannot be forged."""

import json
import pickle
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailbot.office.answer_words import Intent
from mailbot.office.orders import Verb
from mailbot.reading import CONTRACT_KEYS, Kind, Reading, ReadingContext, read

SAMPLES = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "samples").glob("*.eml"))}
OFFICE = ReadingContext(
    own_addresses=frozenset({"vanthu@anhoa.example.vn"}),
    authserv_ids=("mx.anhoa.example.vn",),
    own_servers=("mx.anhoa.example.vn",),
)
TOKEN = "k7m2p5abcdefg"


def mail(*headers: str, body: str = "Kính gửi Văn phòng.") -> bytes:
    """A mail with these header lines on top of the usual ones."""
    named = {line.split(":", 1)[0].lower() for line in headers}
    usual = {
        "From": "Chi bộ 5 <chibo5@anhoa.example.vn>",
        "To": "vanthu@anhoa.example.vn",
        "Subject": "Thu",
        "Date": "Fri, 6 Dec 2019 08:10:02 +0700",
        "Message-ID": "<1@anhoa.example.vn>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    rest = [f"{name}: {value}" for name, value in usual.items() if name.lower() not in named]
    return "\r\n".join([*headers, *rest, "", body]).encode()


def read_here(raw: bytes) -> Reading:
    return read(raw, OFFICE)


def holds(raw: bytes) -> None:
    """Read twice; both are equal, have exactly the contract's keys and survive JSON."""
    once, twice = read_here(raw), read_here(raw)
    printed = once.to_json("x.eml")
    assert printed == twice.to_json("x.eml")
    assert tuple(printed) == ("file", *CONTRACT_KEYS)
    json.dumps(printed, ensure_ascii=False).encode("utf-8")
    assert not any("Reading failed" in defect for defect in once.defects)


def test_a_reading_filled_at_one_go_is_the_one_that_the_constructor_makes() -> None:
    values = {field.name: f"value of {field.name}" for field in fields(Reading) if field.name != "kind"}
    for given_values in ({}, {"subject": "Giấy mời"}, values):
        made, filled = Reading(Kind.OTHER, **given_values), Reading.filled(Kind.OTHER, given_values)
        assert filled == made
        assert hash(filled) == hash(made)
        assert repr(filled) == repr(made)
        assert pickle.loads(pickle.dumps(filled)) == made
        assert replace(filled, text="other") == replace(made, text="other")


@pytest.mark.parametrize("values", [{"subjekt": "Giấy mời"}, {"deadline": ()}, {"kind": Kind.OTHER}])
def test_a_misspelt_or_doubled_field_of_a_reading_raises(values: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Reading.filled(Kind.OTHER, values)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2000))
@example(b"")
@example(b"\n")
@example(b"From: \xff\nContent-Type: multipart/mixed; boundary=\n\n--\n")
@example(b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n" * 30)
def test_any_bytes_give_a_reading(raw: bytes) -> None:
    holds(raw)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_damaged_samples_give_a_reading(name: str, data: st.DataObject) -> None:
    raw = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        length = data.draw(st.integers(0, 40))
        raw[at : at + length] = data.draw(st.binary(max_size=12))
    holds(bytes(raw[: data.draw(st.integers(0, len(raw)))]) or b"")


@settings(deadline=None, max_examples=150)
@given(
    st.text(
        alphabet=st.sampled_from(list("0123456789/.-:,; \n()Số hạntrướcngàyquýthángVICVĐUsángthứgiờTBGMhuỷdờiđến")),
        max_size=400,
    )
)
def test_any_words_give_a_reading(words: str) -> None:
    holds(mail(body=f"ĐẢNG CỘNG SẢN VIỆT NAM\nSố 12-CV/ĐU\n{words}"))
    holds(mail("Subject: Moi hop", body=f"Thời gian: {words}"))


CLEAN = "Received: from x (x [203.0.113.9]) by mx.anhoa.example.vn with ESMTPS id 1; Fri, 6 Dec 2019 08:10:05 +0700"
SUBMITTED = (
    "Received: from [10.0.0.5] (unknown [10.0.0.5]) (Authenticated sender: chibo5) by mx.anhoa.example.vn with ESMTPSA"
    " id 1; Fri, 6 Dec 2019 08:10:05 +0700"
)
BY_LMTP = "Received: from mx.anhoa.example.vn by mx.anhoa.example.vn with LMTP id 2; Fri, 6 Dec 2019 08:10:06 +0700"
FOREIGN = "Received: from a by b.example.org with ESMTPSA id 1; Fri, 6 Dec 2019 08:10:05 +0700"
PASS = "Authentication-Results: mx.anhoa.example.vn; dkim=pass; dmarc=pass header.from=anhoa.example.vn"
OTHER_PASS = "Authentication-Results: mx.evil.example.org; dmarc=pass header.from=anhoa.example.vn"
NOT_ALIGNED = "Authentication-Results: mx.anhoa.example.vn; dmarc=pass header.from=evil.example.org"


@pytest.mark.parametrize(
    ("headers", "trust"),
    [
        pytest.param((PASS, CLEAN), {"dmarc"}, id="our server's verdict above its Received"),
        pytest.param((CLEAN, PASS), set(), id="a verdict below our Received may be forged"),
        pytest.param((BY_LMTP, PASS, CLEAN), {"dmarc"}, id="delivery inside our server hides nothing"),
        pytest.param((OTHER_PASS, CLEAN), set(), id="the verdict of a stranger"),
        pytest.param((NOT_ALIGNED, CLEAN), set(), id="a verdict on another domain"),
        pytest.param((PASS,), set(), id="no Received at all"),
        pytest.param((SUBMITTED,), {"internal"}, id="submitted with a password"),
        pytest.param((CLEAN, SUBMITTED), set(), id="a forged submission below the true Received"),
        pytest.param((FOREIGN,), set(), id="submitted to somebody else's server"),
        pytest.param(
            (PASS, CLEAN, "From: a@anhoa.example.vn", "From: b@anhoa.example.vn"), set(), id="two From headers"
        ),
        pytest.param(
            (PASS, CLEAN, "From: a@anhoa.example.vn, b@anhoa.example.vn"), set(), id="two authors in one From"
        ),
        pytest.param((PASS, CLEAN, "From: nobody"), set(), id="no address in From"),
    ],
)
def test_trust_comes_only_from_what_our_own_server_wrote(headers: tuple[str, ...], trust: set[str]) -> None:
    assert read_here(mail(*headers)).trust == trust


@pytest.mark.parametrize(
    ("headers", "tokens"),
    [
        ((f"Delivered-To: vanthu+{TOKEN}@anhoa.example.vn",), (TOKEN,)),
        ((f"To: vanthu+{TOKEN.upper()}@anhoa.example.vn",), (TOKEN,)),
        ((f"Subject: Re: 152-CV/DU [#{TOKEN}]",), (TOKEN,)),
        (("To: vanthu+aaaaaaaaaaaaa@anhoa.example.vn, b@c.vn", f"Subject: x [#{TOKEN}]"), ("aaaaaaaaaaaaa", TOKEN)),
        (("Subject: x [#k7m2p9]", "To: a+1234567890123@b.vn"), ()),
    ],
)
def test_tokens_are_found_nearest_first(headers: tuple[str, ...], tokens: tuple[str, ...]) -> None:
    assert read_here(mail(*headers)).tokens == tokens


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Auto-Submitted: auto-replied", "auto_submitted"),
        ("Auto-Submitted: no", None),
        ("Precedence: bulk", "precedence"),
        ("Return-Path: <>", "null_return_path"),
        ("List-Id: <all.anhoa.example.vn>", "list"),
        ("X-Auto-Response-Suppress: All", "x_auto_response_suppress"),
        ("X-Loop: vanthu@anhoa.example.vn", "loop"),
        ("X-Mailer: Zimbra", None),
    ],
)
def test_machines_are_never_answered(header: str, reason: str | None) -> None:
    assert read_here(mail(header)).automatic == reason


THREAD = ("In-Reply-To: <source@anhoa.example.vn>", "Subject: Re: 152-CV/DU")


@pytest.mark.parametrize(
    ("headers", "body", "verb"),
    [
        (("Subject: TRA CUU 08-ĐA/QU",), "", Verb.LOOKUP),
        (("Subject: ",), "NHẮC 152-CV/ĐU\nTrân trọng", Verb.REMIND),
        (THREAD, "TÌNH HÌNH\n\n> thư trước", Verb.STATUS),
        (("Subject: Nhắc lịch họp chi bộ",), "Mai họp.", None),
        (("Subject: Báo cáo kết quả kiểm điểm",), "Gửi Văn phòng.", None),
    ],
)
def test_orders_are_told_from_ordinary_words(headers: tuple[str, ...], body: str, verb: Verb | None) -> None:
    command = read_here(mail(*headers, body=body)).command
    assert (command.verb if command else None) is verb


@pytest.mark.parametrize(("body", "intent"), [("ĐỒNG Ý", Intent.APPROVE), ("KHÔNG GỬI", Intent.REJECT)])
def test_a_release_in_a_thread_is_an_answer_and_an_order(body: str, intent: Intent) -> None:
    reading = read_here(mail(*THREAD, body=body))
    assert reading.kind is Kind.REPLY
    assert reading.reply is not None
    assert reading.reply.intent is intent
    assert reading.command is not None


def test_the_same_mail_on_another_way_has_the_same_content_key() -> None:
    here = read_here(mail(CLEAN))
    there = read_here(mail(FOREIGN, "Delivered-To: x@y.vn"))
    other = read_here(mail(CLEAN, body="Khác."))
    assert here.content_key == there.content_key != other.content_key


def test_a_quarantined_mail_says_nothing_of_its_content() -> None:
    printed = read_here(mail("Subject: [TỐI MẬT] Kế hoạch", body="Độ mật: Tối mật")).to_json("x.eml")
    assert printed["kind"] == "quarantined"
    assert printed["secrecy"] == "secret"
    assert "Kế hoạch" not in json.dumps(printed, ensure_ascii=False)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("V/v bảo mật thông tin", "Thực hiện Luật Bảo vệ bí mật nhà nước"),
        ("Doi mat khau", "MẬT KHẨU\nmật độ, mật thiết"),
        ("Hop Mat tran", "Mat tran To quoc\nMAT"),
    ],
)
def test_innocent_words_with_mat_are_no_secret(subject: str, body: str) -> None:
    assert read_here(mail(f"Subject: {subject}", body=body)).secrecy == "none"


@pytest.mark.parametrize("subject", ["[toi mat] Ke hoach", "Ke hoach (van ban mat)"])
def test_a_tag_without_accents_is_only_suspected(subject: str) -> None:
    reading = read_here(mail(f"Subject: {subject}"))
    assert reading.secrecy == "suspected"
    assert reading.kind is not Kind.QUARANTINED


@pytest.mark.parametrize(
    ("header", "body", "wanted"),
    [
        ("Disposition-Notification-To: a@b.vn", "", True),
        ("X-Mailer: x", "Nhận được văn bản đề nghị phản hồi qua email này.", True),
        ("X-Mailer: x", "Đề nghị các đơn vị triển khai.", False),
    ],
)
def test_a_wish_for_a_receipt_is_seen(header: str, body: str, wanted: bool) -> None:
    assert read_here(mail(header, body=body)).wants_receipt is wanted
