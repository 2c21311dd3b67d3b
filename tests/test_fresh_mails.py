"""Mails in other words, clients and layouts than the samples: each names what matters, and that is understood.

A `.mail` file holds the expectation as YAML, a line `---`, and the mail; headers that do not matter are left out.
"""

from pathlib import Path

import pytest
import yaml

from mailbot.reading import ReadingContext, read
from tests.samples.check import score

MAILS = sorted((Path(__file__).parent / "mails").glob("*.mail"))
USUAL = {
    "From": "Chi bộ 5 <chibo5@anhoa.example.vn>",
    "To": "vanthu@anhoa.example.vn",
    "Date": "Fri, 6 Dec 2019 08:10:02 +0700",
    "Message-ID": "<fresh@anhoa.example.vn>",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
}


def whole(mail: str) -> bytes:
    """The mail with the headers that it leaves out, line ends as on the wire."""
    head, _, body = mail.partition("\n\n")
    named = {line.split(":", 1)[0].lower() for line in head.split("\n")}
    lines = [f"{name}: {value}" for name, value in USUAL.items() if name.lower() not in named]
    return "\n".join([head, *lines, "", body]).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("file", MAILS, ids=lambda file: file.stem)
def test_what_matters_in_a_mail_is_understood(file: Path) -> None:
    wanted, _, mail = file.read_text(encoding="utf-8").partition("\n---\n")
    got = read(whole(mail), ReadingContext()).to_json(file.name)
    found: list[tuple[str, bool, object, object]] = []
    score(yaml.safe_load(wanted), got, "", found)
    assert [(key, want, answer) for key, right, want, answer in found if not right] == []
