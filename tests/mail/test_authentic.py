"""What a mail proves of its sender, on forged mails as attackers make them and on the headers of Exchange Online."""

from __future__ import annotations

import pytest

from mailbot.reading import ReadingContext, read

SENDER = "vanphong@quanuy.example.vn"
EDGE = (
    "Received: from gw.quanuy.example.vn (203.0.113.9) by SG2APC01FT042.mail.protection.outlook.com (10.152.5.75)"
    " with Microsoft SMTP Server (version=TLS1_2) id 15.20.9520.9 via Frontend; Mon, 5 Oct 2026 01:00:00 +0000"
)
INSIDE = (
    "Received: from SG2APC01FT042.eop-APC01.prod.protection.outlook.com (2603:1096::11) by"
    " SI2PR02CA0042.outlook.office365.com (2603:1096::22) with Microsoft SMTP Server id 15.20.9520.9 via Frontend"
    " Transport; Mon, 5 Oct 2026 01:00:01 +0000"
)
TOP = (
    "Received: from SI2PR02MB4891.apcprd02.prod.outlook.com (2603:1096::1) by TYZPR02MB4442.apcprd02.prod.outlook.com"
    " with HTTPS; Mon, 5 Oct 2026 01:00:02 +0000"
)
SAID = (
    "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=quanuy.example.vn; dkim=pass (signature"
    " was verified) header.d=quanuy.example.vn;dmarc={dmarc} action=none header.from={author};compauth=pass reason=100"
)
PASS, FAIL, GUESS = (SAID.format(dmarc=word, author="quanuy.example.vn") for word in ("pass", "fail", "bestguesspass"))
NESTED = 'From: "Chánh Văn phòng <vanphong@quanuy.example.vn>" <x@evil.example.net>'
INVENTED = "Received: from x (x [192.0.2.1]) by {host} with ESMTPSA id 1; Mon, 5 Oct 2026 01:00:00 +0000"


def trust_of(headers: tuple[str, ...], *, authserv: str = "microsoft365") -> frozenset[str]:
    lines = [*headers]
    if not any(line.startswith("From:") for line in lines):
        lines.append(f"From: Quận ủy <{SENDER}>")
    raw = "\r\n".join([*lines, "To: vp@anhoa.example.vn", "Subject: x", "", "x", ""])
    context = ReadingContext(authserv_ids=(authserv,), own_servers=("mx.anhoa.example.vn",))
    return read(raw.encode(), context).trust


@pytest.mark.parametrize(
    ("headers", "trust"),
    [
        pytest.param((TOP, INSIDE, PASS, EDGE), {"dmarc"}, id="what the edge found"),
        pytest.param((PASS, EDGE), {"dmarc"}, id="the edge alone"),
        pytest.param((TOP, INSIDE, EDGE, PASS), set(), id="results below the edge were written by the sender"),
        pytest.param((TOP, INSIDE, FAIL, EDGE, PASS), set(), id="fail"),
        pytest.param((TOP, FAIL, PASS, EDGE), set(), id="the topmost counts"),
        pytest.param(
            (TOP, GUESS, EDGE),
            set(),
            id="a guess",
        ),
        pytest.param((TOP, SAID.format(dmarc="pass", author="evil.example.net"), EDGE), set(), id="of another domain"),
        pytest.param((TOP, PASS), set(), id="no edge, so that nobody has looked"),
        pytest.param((PASS,), set(), id="no Received at all"),
        pytest.param(
            (PASS, INVENTED.format(host="mail.protection.outlook.com.evil.example.net")),
            set(),
            id="an edge by name",
        ),
        pytest.param(
            (TOP, "Authentication-Results: mx.evil.example.net; dmarc=pass header.from=quanuy.example.vn", EDGE),
            set(),
            id="an authserv-id that is not ours",
        ),
    ],
)
def test_exchange_online_is_believed_where_it_let_the_mail_in(headers: tuple[str, ...], trust: set[str]) -> None:
    assert trust_of(headers) == trust


def test_results_without_authserv_id_count_only_where_mailbot_yaml_says_so() -> None:
    assert trust_of((TOP, INSIDE, PASS, EDGE), authserv="mx.anhoa.example.vn") == frozenset()


OURS = "Received: from gw (gw [203.0.113.9]) by mx.anhoa.example.vn with ESMTPS id 1; Mon, 5 Oct 2026 08:00:00 +0700"
GOOD = "Authentication-Results: mx.anhoa.example.vn; dmarc=pass header.from=quanuy.example.vn"
SUBMITTED = INVENTED.format(host="mx.anhoa.example.vn")


@pytest.mark.parametrize(
    ("headers", "trust"),
    [
        pytest.param((GOOD, OURS), {"dmarc"}, id="the true one"),
        pytest.param((OURS, GOOD), set(), id="forged results below"),
        pytest.param((OURS, SUBMITTED), set(), id="forged login below"),
        pytest.param((SUBMITTED.replace("mx.anhoa", "mx.other"), SUBMITTED), set(), id="a foreign hop on top"),
        pytest.param((GOOD,), set(), id="missing Received"),
        pytest.param((GOOD, OURS, f"From: {SENDER}", "From: x@evil.example.net"), set(), id="two From headers"),
        pytest.param((GOOD, OURS, f"From: {SENDER}, x@evil.example.net"), set(), id="two authors"),
        pytest.param((GOOD, OURS, NESTED), set(), id="an address inside the display name"),
        pytest.param(
            (GOOD.replace("mx.anhoa", "mx.foreign"), OURS), set(), id="a foreign authserv-id above our Received"
        ),
        pytest.param(
            (GOOD.replace("dmarc=pass", "dmarc=fail (dmarc=pass header.from=quanuy.example.vn)"), OURS),
            set(),
            id="pass inside a comment",
        ),
        pytest.param(
            (GOOD.replace("dmarc=pass", 'spf=pass smtp.mailfrom="; dmarc=pass"@evil.example.net; dmarc=fail'), OURS),
            set(),
            id="pass in a quoted local part",
        ),
        pytest.param(
            (GOOD.replace("dmarc=pass", 'spf=pass smtp.helo="(" ; dmarc=fail (") ; dmarc=pass"'), OURS),
            set(),
            id="brackets across quotes",
        ),
        pytest.param((GOOD.replace("dmarc", "spf=pass (open; dmarc"), OURS), set(), id="an open comment"),
        pytest.param((GOOD.replace("=pass", "=pass (p=none (by (hand)))"), OURS), {"dmarc"}, id="nested comments"),
        pytest.param((GOOD.replace("quanuy.example.vn", '"quanuy.example.vn"'), OURS), {"dmarc"}, id="quoted domain"),
    ],
)
def test_forged_headers_prove_nothing(headers: tuple[str, ...], trust: set[str]) -> None:
    assert trust_of(headers, authserv="mx.anhoa.example.vn") == trust
