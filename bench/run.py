"""Prints the yardsticks of one run as a table, and the product beside them: `python -m bench.run --help`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import deciding, product, raw, reading, searching, servers
from bench.measures import Measured, Place, apart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RAW: tuple[Callable[[Place], Measured], ...] = (raw.in_only, raw.out_personal, raw.out_shared, raw.notice_latency)
# The product's own measures run on the same full mailbox and sink, each right behind its yardstick.
PRODUCT: tuple[Callable[[Place], Measured], ...] = (
    product.product_in,
    product.product_personal,
    product.product_shared,
    product.product_latency,
)

# Mailman 3.3 is not installed beside us: its deliveries per second as a share of Sieve's, as measured on one machine
# (one copy 193-260 and personal 43-52, against 470-620).
MAILMAN_ONE_COPY = 0.42
MAILMAN_PERSONAL = 0.088

COLUMNS = (
    ("mails/s", "mails_per_second"),
    ("deliveries/s", "deliveries_per_second"),
    ("CPU s per 1,000", "cpu_per_1000_mails"),
    ("memory MB", "memory_mb"),
    ("text MB/s", "text_mb_per_second"),
    ("loading, s", "loading_seconds"),
    ("indexing, ms", "index_ms"),
)


RAW_IN, RAW_PERSONAL, RAW_ONE = "raw loop, in", "raw loop, personal copies", "raw loop, one copy"
IN, PERSONAL, EQUAL = "mailbot, in", "mailbot, personal copies", "mailbot, equal copies shared"
SIEVE, MAILMAN = "Sieve redirect x10", "Mailman, one copy (by ratio)"
MAILS, DELIVERIES, CPU = "mails_per_second", "deliveries_per_second", "cpu_per_1000_mails"


@dataclass(frozen=True)
class Goal:
    """One ratio that is due: ours to a yardstick of the same run, and what it must and should be."""

    text: str
    ours: str
    key: str
    yardstick: str | None
    must: float
    aim: float
    most: bool = False  # the figure must stay under the limit


GOALS = (
    Goal("in, of the raw loop", IN, MAILS, RAW_IN, 0.15, 0.35),
    Goal("personal, of the raw loop", PERSONAL, MAILS, RAW_PERSONAL, 0.30, 0.8),
    Goal("personal, of Sieve", PERSONAL, DELIVERIES, SIEVE, 0.8, 2),
    Goal("equal copies, of the raw loop", EQUAL, MAILS, RAW_ONE, 0.20, 0.5),
    Goal("equal copies, times Mailman", EQUAL, DELIVERIES, MAILMAN, 5, 5),
    Goal("memory, MB", PERSONAL, "memory_mb", None, 200, 128, most=True),
    Goal("CPU s per 1,000 mails, personal", PERSONAL, CPU, None, 30, 8, most=True),
    Goal("CPU s per 1,000 mails, shared", EQUAL, CPU, None, 15, 5, most=True),
)
# A mail without attachments, times of the standard library: half is aimed at, five times the older one is too slow.
READING_GOALS = tuple(
    goal
    for size in (reading.SMALL, reading.MIDDLE, reading.AS_HTML)
    for goal in (
        Goal(
            f"reading, times email.policy.default, {size}",
            f"{reading.READ}, {size}",
            "seconds",
            f"{reading.DEFAULT}, {size}",
            1,
            0.5,
            most=True,
        ),
        Goal(
            f"reading, times compat32, {size}",
            f"{reading.READ}, {size}",
            "seconds",
            f"{reading.COMPAT}, {size}",
            5,
            5,
            most=True,
        ),
    )
)
FEW, MANY = deciding.RULES[0], deciding.RULES[-1]
DECIDING_GOALS = (
    Goal(
        f"deciding, time with {MANY:,} rules, times that with {FEW}",
        deciding.rules_title(MANY),
        "seconds",
        deciding.rules_title(FEW),
        2,
        1.2,
        most=True,
    ),
    Goal(
        f"rules alone, time with {MANY:,}, times that with {FEW}",
        deciding.matching_title(MANY),
        "seconds",
        deciding.matching_title(FEW),
        2,
        1.2,
        most=True,
    ),
    Goal(
        f"deciding, time with {deciding.UNITS[-1]:,} units, times that with {deciding.UNITS[0]}",
        deciding.units_title(deciding.UNITS[-1]),
        "seconds",
        deciding.units_title(deciding.UNITS[0]),
        2,
        1.2,
        most=True,
    ),
)
# A person who types TRA CỨU waits for a mail anyway; at the terminal half of a tenth of a second is at once. What the
# index adds to a recorded paper must not show beside the reading of its mail.
SEARCHING_GOALS = tuple(
    goal
    for database in searching.DATABASES
    for goal in (
        Goal(
            f"search, ms (median), {database}",
            searching.title(database),
            "search_ms_median",
            None,
            50,
            10,
            most=True,
        ),
        Goal(
            f"indexing a recorded paper, ms, {database}",
            searching.recording_title(database),
            "index_ms",
            None,
            5,
            2,
            most=True,
        ),
    )
)
# A table that nobody sees in a terminal need not break its lines.
WIDE = 180
LATENCY_MUST_MS, LATENCY_AIM_MS = 25.0, 10.0


def reached(rows: Sequence[Measured]) -> Table:
    """Return what was due beside what was seen, in words for the good and the bad."""
    by_name = {str(each["name"]): each for each in rows}
    made = Table("due", "seen", "must", "aim", "")
    for goal in (*GOALS, *READING_GOALS, *DECIDING_GOALS, *SEARCHING_GOALS):
        if goal.ours not in by_name or (goal.yardstick and goal.yardstick not in by_name):
            continue
        seen = by_name[goal.ours][goal.key] / (by_name[goal.yardstick][goal.key] if goal.yardstick else 1)
        good = seen <= goal.must if goal.most else seen >= goal.must
        made.add_row(goal.text, f"{seen:.2f}", f"{goal.must:g}", f"{goal.aim:g}", "reached" if good else "MISSED")
    ours, bare = by_name.get("mailbot, delivery to body"), by_name.get("raw IDLE client")
    if ours and bare:
        later = ours["delivery_ms_p99"] - bare["delivery_ms_p99"]
        word = "reached" if later <= LATENCY_MUST_MS else "MISSED"
        made.add_row(
            "delivery to body, ms more than raw", f"{later:.1f}", f"{LATENCY_MUST_MS:g}", f"{LATENCY_AIM_MS:g}", word
        )
    return made


def measure(count: int, recipients: int, *, small: bool) -> list[Measured]:
    """Run every yardstick once, one after the other on the same mailbox, and return their rows."""
    rows = []
    with servers.office(count, recipients, small=small) as place:
        for yardstick, ours in zip(RAW, PRODUCT, strict=True):
            # The daemon is a process of its own; the yardstick gets one.
            rows += [apart(yardstick, place), ours(place)]
    sieve = servers.sieve_redirect(min(count, 300), recipients, small=small)
    return [*rows, sieve, *_mailman(sieve), *reading.measure(), *deciding.measure(), *searching.measure()]


def table(rows: Sequence[Measured]) -> Table:
    """Return the rows as a table for people."""
    made = Table("contender", *(title for title, _ in COLUMNS), "waiting, ms (median, p99)")
    for each in rows:
        cells = (f"{each[key]:,.1f}" if each.get(key) else "" for _, key in COLUMNS)
        waits = next((name for name in ("delivery", "search") if f"{name}_ms_p99" in each), None)
        latency = f"{each[f'{waits}_ms_median']:.1f}, {each[f'{waits}_ms_p99']:.1f}" if waits else ""
        made.add_row(str(each["name"]), *cells, latency)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--recipients", type=int, default=10)
    parser.add_argument("--small", action="store_true", help="mails of a few kilobytes, without PDFs")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--reading", action="store_true", help="only how fast mails are read; needs no server")
    parser.add_argument("--deciding", action="store_true", help="only how fast mails are decided; needs no server")
    parser.add_argument("--searching", action="store_true", help="only how fast papers are found; needs no mail server")
    options = parser.parse_args(arguments)
    alone = {"reading": reading.measure, "deciding": deciding.measure, "searching": searching.measure}
    chosen = [measured for name, measured in alone.items() if getattr(options, name)]
    if chosen:
        rows = [each for measured in chosen for each in measured()]
    else:
        rows = measure(options.mails, options.recipients, small=options.small)
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    if options.json:
        console.print_json(json.dumps(rows))
        return
    console.print(table(rows))
    console.print(reached(rows))


def _mailman(sieve: Measured) -> list[Measured]:
    return [
        {"name": name, "deliveries_per_second": sieve["deliveries_per_second"] * share}
        for name, share in (
            ("Mailman, one copy (by ratio)", MAILMAN_ONE_COPY),
            ("Mailman, personal (by ratio)", MAILMAN_PERSONAL),
        )
    ]


if __name__ == "__main__":
    main()
