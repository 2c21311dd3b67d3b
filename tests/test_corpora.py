"""Real mails, bounces and replies by others: none raises, and the scores that were reached stay (marked `corpora`).

The corpora lie outside the project: MAILBOT_CORPORA names their folder; without them these tests are skipped.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.mail import replies
from mailbot.mail.html import html_to_text
from mailbot.mail.message import parse
from mailbot.office.text import normalize_and_fold
from mailbot.reading import ReadingContext, read
from tests.tables.corpora import WRITTEN

CORPORA = Path(os.environ.get("MAILBOT_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
MAIL_ENDINGS = {".eml", ".txt", ".msg", ".ics", ".html", ""}
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not on this machine"),
]


def files() -> Iterator[Path]:
    """Every file that could be a mail."""
    for path in sorted(CORPORA.rglob("*")):
        if path.is_file() and not path.name.startswith("_") and path.suffix in MAIL_ENDINGS:
            yield path


def body_of(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix == ".html":
        return html_to_text(raw.decode("utf-8", "replace"))
    if path.suffix == ".eml":
        return parse(raw).body_text()
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def test_no_mail_of_others_raises() -> None:
    failed = []
    count = 0
    for path in files():
        reading = read(path.read_bytes(), ReadingContext())
        count += 1
        json.dumps(reading.to_json(path.name), ensure_ascii=False).encode("utf-8")
        failed += [path.name for defect in reading.defects if "Reading failed" in defect]
    print(f"\n{count} mails read, {len(failed)} failed")
    assert failed == []
    assert count > 400


def test_the_recipients_of_real_bounces_are_found() -> None:
    wanted = found = 0
    missed = []
    for line in (CORPORA / "flufl-bounce" / "_GROUNDTRUTH.jsonl").read_text().splitlines():
        truth = json.loads(line)
        recipients = {address.lower() for address in (*truth["permanent"], *truth["temporary"])}
        reading = read((CORPORA / "flufl-bounce" / truth["file"]).read_bytes(), ReadingContext())
        told = {bounce.recipient for bounce in reading.bounces}
        wanted += len(recipients)
        found += len(recipients & told)
        if recipients - told:
            missed.append((truth["file"], sorted(recipients - told), reading.kind))
    print(f"\nbounced recipients: {found} of {wanted} found ({found / wanted:.1%}); missed: {missed}")
    assert found / wanted >= 0.95


def test_replies_lose_nothing_and_keep_no_quote() -> None:
    written = lost = quoted = kept = 0
    wrong = []
    for name, (ranges, quote) in WRITTEN.items():
        normal, folded = normalize_and_fold(body_of(CORPORA / name))
        lines = lines_of(normal)
        own = lines_of(replies.own_text(normal, folded))
        indexes = {index for first, last in ranges for index in range(first, last + 1)}
        missing = [lines[index] for index in sorted(indexes) if lines[index] not in own]
        others = [lines[index] for index in range(len(lines)) if quote is not None and index >= quote]
        theirs = [line for index, line in enumerate(lines) if line in others and index not in indexes]
        leaked = [line for line in own if line in theirs and line not in [lines[index] for index in indexes]]
        written, lost = written + len(indexes), lost + len(missing)
        quoted, kept = quoted + len(theirs), kept + len(leaked)
        wrong += [(name, missing, leaked)] if missing or leaked else []
    print(f"\nreplies: {lost} of {written} own lines lost, {kept} of {quoted} quoted lines kept; {wrong}")
    assert lost == 0
    assert kept * 20 <= quoted
