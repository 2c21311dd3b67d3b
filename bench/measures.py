"""What is measured of a yardstick, and how: in a process of its own, so that CPU and memory are nobody else's."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Measured = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a yardstick finds its servers, and how much there is to do; plain values, to cross processes."""

    imap_port: int
    lmtp_port: int
    smtp_port: int
    user: str
    password: str
    mails: int
    recipients: int
    folder: str
    host: str = "127.0.0.1"


class Stopwatch:
    """Wall time, CPU of this process and its ended children, and peak memory with living ones, until `result`."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._cpu = _cpu()

    def result(self, name: str, mails: int, deliveries: int = 0, **more: Any) -> Measured:
        """Return the row of one yardstick; rates are per second, memory in MB."""
        seconds = time.perf_counter() - self._start
        return row(name, mails, deliveries, seconds, _cpu() - self._cpu, _peak(), **more)


def row(name: str, mails: int, deliveries: int, seconds: float, cpu: float, memory: float, **more: Any) -> Measured:
    """Return one row of the table."""
    return {
        "name": name,
        "mails": mails,
        "deliveries": deliveries,
        "seconds": seconds,
        "mails_per_second": mails / seconds,
        "deliveries_per_second": deliveries / seconds,
        "cpu_seconds": cpu,
        "cpu_per_1000_mails": cpu / mails * 1000 if mails else 0.0,
        "memory_mb": memory,
        **more,
    }


def apart(measure: Callable[[Place], Measured], place: Place) -> Measured:
    """Run one yardstick in a fresh process and return its row."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (place,))


def session_usage(session: int) -> tuple[float, float]:
    """Return (CPU seconds, peak memory in MB) of a server: its processes share a session (Linux's /proc)."""
    found = [process for process in _processes() if process.session == session]
    return sum(process.cpu for process in found), sum(process.memory for process in found)


def tree_usage(root: int) -> tuple[float, float, float]:
    """Return CPU seconds, proportional memory now and summed peak resident memory (MB) of a process and all below it.

    Peaks of several processes count the libraries that they share more than once; the proportional size does not.
    """
    found = {process.pid: process for process in _processes()}
    chosen = {root}
    while True:
        more = {pid for pid, process in found.items() if process.parent in chosen} - chosen
        if not more:
            break
        chosen |= more
    mine = [found[pid] for pid in chosen if pid in found]
    return (
        sum(item.cpu for item in mine),
        sum(_proportional(item.pid) for item in mine),
        sum(item.memory for item in mine),
    )


def _proportional(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0  # it ended meanwhile
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


@dataclass(frozen=True)
class _Process:
    pid: int
    parent: int
    session: int
    cpu: float
    memory: float


def _processes() -> Iterator[_Process]:
    ticks = os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            status = (entry / "status").read_text()
        except OSError:
            continue  # it ended between listing and reading
        memory = sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
        cpu = sum(map(int, fields[11:15])) / ticks
        yield _Process(int(entry.name), int(fields[1]), int(fields[3]), cpu, memory)


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _peak() -> float:
    """Return the peak memory of this process and its living children (ru_maxrss would count our parent's, too)."""
    me = os.getpid()
    return sum(process.memory for process in _processes() if me in {process.pid, process.parent})
