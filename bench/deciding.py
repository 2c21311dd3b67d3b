"""Deciding beside the size of an office: decisions per second with few and many rules, few and many units."""

from __future__ import annotations

import tempfile
import time
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bench.measures import row
from mailbot.cli.site_commands import example_files, write_site
from mailbot.reading import read
from mailbot.routing.decision import decide
from mailbot.routing.documents import facts_of
from mailbot.routing.known import Known
from mailbot.service.runtime import reading_context
from mailbot.site import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.measures import Measured
    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision

RULES = (10, 100, 1_000, 10_000)
UNITS = (100, 10_000)
NOW = datetime(2026, 10, 6, 8, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
KNOWN = Known(mailbox="van-phong", received_at=NOW)
MAILS, ROUNDS = 40, 7
CLERK = "vanthu@anhoa.example.vn"
TYPES = ("KH", "HD", "TB", "CT")
# What an office that has grown for years writes: by sender, by words of the summary, by expression, by alternatives.
WHEN = (
    "{{direction: incoming, from: 'unit:u{unit}'}}",
    "{{direction: outgoing, summary: {{any: [chuyên đề {n}, đề án {n}]}}, document: {{type: [CV, {type}]}}}}",
    "{{direction: outgoing, subject: {{all: [kế hoạch số {n}], none: [dự thảo]}}}}",
    "{{kind: directive, any: [{{subject: hội thi {n}}}, {{summary: cuộc thi {n}}}]}}",
    "{{document: {{urgency: {{at_least: urgent}}}}, text: {{any: [điểm nóng {n}]}}}}",
)
EXPRESSION = "{{direction: outgoing, subject: {{regex: 'phụ lục (số )?{n}[a-d]'}}}}"
EXPRESSION_EVERY = 50


def rules_title(count: int) -> str:
    """Return the name of the row for so many rules."""
    return f"deciding, {count:,} rules"


def units_title(count: int) -> str:
    """Return the name of the row for so many units."""
    return f"deciding, {count:,} units"


def matching_title(count: int) -> str:
    """Return the name of the row for the rules alone."""
    return f"rules alone, {count:,} rules"


def measure(rules: Sequence[int] = RULES, units: Sequence[int] = UNITS) -> list[Measured]:
    """Return a row for each number of rules and of units; no server is needed."""
    rows = []
    for count in rules:
        seconds, site, readings = loaded(count, units[0])
        rows.append(_timed(rules_title(count), partial(decision, site), readings, seconds))
        rows.append(_timed(matching_title(count), partial(_match, site), readings, seconds))
    for count in units:
        seconds, site, readings = loaded(rules[0], count)
        rows.append(_timed(units_title(count), partial(decision, site), readings, seconds))
    return rows


def decision(site: Site, reading: Reading) -> Decision:
    """Decide about one mail of the bench."""
    return decide(reading, site, KNOWN, NOW)


def _match(site: Site, reading: Reading) -> None:
    site.rules.decide(facts_of(reading, site, KNOWN, NOW))


def _timed(title: str, work: Callable[[Reading], None], readings: list[Reading], loading: float) -> Measured:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for reading in readings:
            work(reading)
        best = min(best, time.perf_counter() - start)
    return row(title, len(readings), 0, best, best, 0.0, loading_seconds=loading)


def loaded(rules: int, units: int) -> tuple[float, Site, list[Reading]]:
    """Return the seconds that loading took, an office of that size, and the mails that are decided in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_site(folder, example_files({}, templates=False))
        (folder / "rules" / "directory.d").mkdir()
        (folder / "rules" / "directory.d" / "more.yaml").write_text(_units(units))
        # Before the rules that take our mails, so that all of them are looked at.
        (folder / "rules" / "05-more.yaml").write_text(_rules(rules, units))
        start = time.perf_counter()
        site = load(folder).site
        seconds = time.perf_counter() - start
    readings = [read(_mail(number), reading_context(site, NOW)) for number in range(MAILS)]
    return seconds, site, readings


def _units(count: int) -> str:
    entry = "{{name: Chi bộ Thôn {n} xã Tân Phú, called: [CB Thôn {n}], parent: dang-uy, mail: cb{n}@example.org}}"
    return "units:\n" + "".join(f"  u{n}: {entry.format(n=n)}\n" for n in range(count))


def _rules(count: int, units: int) -> str:
    made = []
    for n in range(count):
        pattern = EXPRESSION if n % EXPRESSION_EVERY == 1 else WHEN[n % len(WHEN)]
        when = pattern.format(n=n, unit=n % units, type=TYPES[n % len(TYPES)])
        made.append(f"  - {{id: more-{n}, when: {when}, then: {{assign: {{lead: 'role:van-thu'}}}}}}\n")
    return "rules:\n" + "".join(made)


def _mail(number: int) -> bytes:
    """Return a directive that the văn thư mails in; every tenth is taken by a rule of its own words."""
    words = f"báo cáo chuyên đề {number}" if number % 10 == 1 else "báo cáo kết quả cải cách hành chính"
    mail = EmailMessage()
    mail["Received"] = (
        f"from may-tram (may-tram [10.0.0.7]) (Authenticated sender: {CLERK}) by mail.anhoa.example.vn"
        " (Postfix) with ESMTPSA id 4Y1; Tue, 6 Oct 2026 08:10:00 +0700"
    )
    mail["From"], mail["To"] = CLERK, "vanphong@anhoa.example.vn"
    mail["Subject"] = f"Công văn số {150 + number}-CV/ĐU v/v {words}"
    mail["Message-ID"], mail["Date"] = f"<{number}@anhoa.example.vn>", "Tue, 6 Oct 2026 08:10:00 +0700"
    mail.set_content(
        f"ĐẢNG ỦY PHƯỜNG AN HÒA\nSố {150 + number}-CV/ĐU\nV/v {words}\nAn Hòa, ngày 06 tháng 10 năm 2026\n\n"
        "Kính gửi: Các chi bộ trực thuộc.\n\n"
        "Đề nghị các chi bộ báo cáo kết quả về Đảng ủy phường trước ngày 16/10/2026 để tổng hợp.\n"
    )
    return mail.as_bytes()
