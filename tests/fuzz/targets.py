"""What must hold for whatever anybody sends or an admin types: one function a target, fed with bytes by any fuzzer."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.cli.site_commands import example_files, write_site
from mailbot.mail.calendars import read_calendar
from mailbot.mail.message import MAX_PARTS, parse
from mailbot.mail.reports import delivery_reports, read_receipt
from mailbot.office.deadlines import find_deadlines
from mailbot.office.limits import Anchors
from mailbot.office.numbers import find_numbers
from mailbot.office.text import fold, normalize
from mailbot.problems import Problem, SiteError
from mailbot.reading import CONTRACT_KEYS, ReadingContext, read
from mailbot.site import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ZONE = "Asia/Ho_Chi_Minh"
OFFICE = ReadingContext(
    frozenset({"vanthu@anhoa.example.vn"}), authserv_ids=("mx.in.test",), own_servers=("mx.in.test",)
)
REPORT = b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/%s\r\n\r\n"
SAMPLES = Path(__file__).parent.parent / "samples"
FOUND = Path(__file__).parent / "found"


def message(raw: bytes) -> None:
    """A mail is taken apart within its limits and read, the same way twice, into the contract's JSON."""
    taken = parse(raw)
    assert len(taken.parts) <= MAX_PARTS
    assert all(isinstance(part.content, bytes) for part in taken.parts)
    taken.body_text().encode("utf-8")
    reading = read(raw, OFFICE)
    printed = json.dumps(reading.to_json("x.eml"), ensure_ascii=False)
    printed.encode("utf-8")
    assert tuple(json.loads(printed)) == ("file", *CONTRACT_KEYS)
    assert not any("Reading failed" in defect for defect in reading.defects), reading.defects
    assert printed == json.dumps(read(raw, OFFICE).to_json("x.eml"), ensure_ascii=False)


def calendar(raw: bytes) -> None:
    """A calendar is an event or none; its moments have a zone, so that they can be compared."""
    event = read_calendar(raw, "utf-8", "REQUEST", ZONE)
    if event is None:
        return
    for moment in (event.starts_at, event.ends_at):
        assert moment is None or not isinstance(moment, datetime) or moment.tzinfo is not None
    json.dumps(asdict(event), default=str, ensure_ascii=False).encode("utf-8")


def report(raw: bytes) -> None:
    """A report names recipients that are addresses or none, with an action that the ledger knows."""
    for bounce in delivery_reports(parse(REPORT % b"delivery-status" + raw)):
        # A mailbox of the reporting machine itself has no domain.
        assert bounce.recipient is None or (bounce.recipient.strip() == bounce.recipient and bounce.recipient)
        assert bounce.action in {"failed", "delayed", "delivered", "relayed", "expanded"}
        json.dumps(asdict(bounce), ensure_ascii=False).encode("utf-8")
    receipt = read_receipt(parse(REPORT % b"disposition-notification" + raw))
    if receipt is not None:
        json.dumps(asdict(receipt), ensure_ascii=False).encode("utf-8")


def numbers(raw: bytes) -> None:
    """Numbers stand where they say they do, and a canonical one is read as itself."""
    text = normalize(raw.decode("utf-8", "replace"))
    assert len(fold(text)) == len(text)
    for number in find_numbers(text):
        assert 0 <= number.start < number.end <= len(text)
        again = find_numbers(f"Số {number.canonical}")
        assert [one.canonical for one in again] == [number.canonical], (number, again)
    anchors = Anchors(date(2026, 10, 5), date(2026, 10, 6), ZONE)
    found, _ = find_deadlines(text, anchors)
    for deadline in found:
        assert deadline.text
        assert isinstance(deadline.due, date)


@functools.cache
def _office() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mb-fuzz-")) / "office"
    write_site(folder, example_files({}, templates=False))
    return folder


def example_rules() -> list[bytes]:
    """Return the files of the example office that an admin edits."""
    return [path.read_bytes() for path in sorted(_office().rglob("*.yaml"))]


def rules(raw: bytes) -> None:
    """A file of rules gives a site, or problems that each have a place in it, a sentence and a check's id."""
    with tempfile.TemporaryDirectory(prefix="mb-fuzz-") as work:
        folder = Path(work) / "office"
        shutil.copytree(_office(), folder)
        (folder / "rules" / "90-fuzzed.yaml").write_bytes(raw)
        for problem in _problems(folder):
            assert problem.check
            assert problem.text.vi
            assert problem.text.en
            assert problem.position.line >= 1
            assert problem.position.column >= 1


def _problems(folder: Path) -> Sequence[Problem]:
    try:
        return load(folder).warnings
    except SiteError as error:
        return error.problems


TARGETS: dict[str, Callable[[bytes], None]] = {
    "message": message,
    "calendar": calendar,
    "report": report,
    "numbers": numbers,
    "rules": rules,
}


def seeds(target: str) -> list[bytes]:
    """Return sound inputs of a target, which a fuzzer damages."""
    mails = [path.read_bytes() for path in sorted(SAMPLES.glob("*.eml"))]
    if target == "message":
        return mails
    if target == "calendar":
        return [part.content for raw in mails for part in parse(raw).calendars]
    if target == "report":
        kinds = ("message/delivery-status", "message/disposition-notification")
        return [part.content for raw in mails for part in parse(raw).parts if part.media_type in kinds]
    if target == "numbers":
        return [parse(raw).body_text().encode() for raw in mails]
    return example_rules()
