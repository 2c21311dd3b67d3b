"""Prints the yardsticks of one run as a table, and the product beside them: `python -m bench.run --help`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import raw, servers
from bench.measures import Measured, Place, apart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RAW: tuple[Callable[[Place], Measured], ...] = (raw.in_only, raw.out_personal, raw.out_shared, raw.notice_latency)
# The product's own measures, each `measure(place) -> dict` as those above; they run on the same full mailbox and sink.
PRODUCT: tuple[Callable[[Place], Measured], ...] = ()

# Mailman 3.3 is not installed beside us: its deliveries per second as a share of Sieve's, as measured on one machine
# (one copy 193-260 and personal 43-52, against 470-620).
MAILMAN_ONE_COPY = 0.42
MAILMAN_PERSONAL = 0.088

COLUMNS = (
    ("mails/s", "mails_per_second"),
    ("deliveries/s", "deliveries_per_second"),
    ("CPU s per 1,000", "cpu_per_1000_mails"),
    ("memory MB", "memory_mb"),
)


def measure(count: int, recipients: int, *, small: bool) -> list[Measured]:
    """Run every yardstick once, one after the other on the same mailbox, and return their rows."""
    with servers.office(count, recipients, small=small) as place:
        rows = [apart(function, place) for function in (*RAW, *PRODUCT)]
    sieve = servers.sieve_redirect(min(count, 300), recipients, small=small)
    return [*rows, sieve, *_mailman(sieve)]


def table(rows: Sequence[Measured]) -> Table:
    """Return the rows as a table for people."""
    made = Table("contender", *(title for title, _ in COLUMNS), "latency ms (median, p99)")
    for each in rows:
        cells = (f"{each[key]:,.1f}" if each.get(key) else "" for _, key in COLUMNS)
        latency = f"{each['notice_ms_median']:.1f}, {each['notice_ms_p99']:.1f}" if "notice_ms_p99" in each else ""
        made.add_row(str(each["name"]), *cells, latency)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--recipients", type=int, default=10)
    parser.add_argument("--small", action="store_true", help="mails of a few kilobytes, without PDFs")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args(arguments)
    rows = measure(options.mails, options.recipients, small=options.small)
    console = Console()
    console.print_json(json.dumps(rows)) if options.json else console.print(table(rows))


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
