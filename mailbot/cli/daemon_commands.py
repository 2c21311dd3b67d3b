"""`mailbot run`, `once` and `health`: the daemon, one pass of it, and whether it is well."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from pathlib import Path
from typing import Annotated, BinaryIO, TextIO, cast

import structlog
import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import SiteError, Text

EX_UNAVAILABLE = 69
LevelOption = Annotated[str, typer.Option("--log-level", help="debug, info, warning, error")]


class _Patient:
    """Where the log goes: a full disk or a closed pipe behind it costs its lines and nothing else."""

    def write(self, text: str) -> None:
        """Write what can be written."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def _keep_nothing_back() -> None:
    """Let stderr have no buffer: what could not be written would stay in it, and no process can be forked over that.

    multiprocessing flushes both streams before it makes a process, and gives up when that fails.
    """
    stderr = sys.__stderr__
    if stderr is not None and sys.stderr is stderr:
        raw = io.FileIO(stderr.fileno(), "w", closefd=False)
        sys.stderr = io.TextIOWrapper(
            cast("BinaryIO", raw), encoding="utf-8", errors="backslashreplace", write_through=True
        )


def configure_log(level: str = "info") -> None:
    """Write the log as one JSON object a line on stderr; values are codes and ids, never secrets or bodies."""
    _keep_nothing_back()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _Patient())),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def run(folder: SiteOption = Path(), level: LevelOption = "info") -> None:
    """Watch the mailboxes until SIGTERM; SIGHUP reloads the site / chạy thường trực."""
    from mailbot.service.daemon import opened
    from mailbot.service.daemon import run as run_daemon

    configure_log(level)
    runtime = opened(folder.absolute())
    try:
        run_daemon(runtime)
    finally:
        runtime.close()


def once(folder: SiteOption = Path(), level: LevelOption = "warning") -> None:
    """Do one whole pass and end, for cron / xử lý một lượt rồi dừng."""
    from mailbot.service.daemon import once as one_pass
    from mailbot.service.runtime import Runtime

    configure_log(level)
    runtime = Runtime(folder.absolute())
    try:
        one_pass(runtime)
    finally:
        runtime.close()


def health(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Tell whether the daemon runs and every part of it has done a good cycle lately / kiểm tra tình trạng."""
    from mailbot.service.health import examine, is_running
    from mailbot.service.runtime import utc_now
    from mailbot.site import load
    from mailbot.store.database import Store

    var = folder.absolute() / "var"
    try:
        loaded = load(folder.absolute())
    except SiteError as error:
        if not is_running(var):
            raise
        # An admin is in the middle of a change: the daemon goes on with the last good version, and is not to be killed.
        count = len(error.problems)
        typer.echo(
            say(
                Text(
                    vi=f"Đang chạy với cấu hình trước đó; cấu hình hiện có {count} lỗi (mailbot check).",
                    en=f"Running on the last good version; the site as it is has {count} problem(s) (mailbot check).",
                )
            ),
            err=True,
        )
        return
    store = Store(loaded.settings.database)
    report = examine(store, loaded.settings, var, utc_now())
    store.close()
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        word = Text(vi="Tốt", en="Healthy") if report.healthy else Text(vi="CÓ VẤN ĐỀ", en="NOT WELL")
        console.print(f"[bold {'green' if report.healthy else 'red'}]{say(word)}[/]")
        for issue in report.issues:
            console.print(f"  {escape(say(issue))}")
        for name, value in report.figures.items():
            console.print(f"  {escape(name)}: {value}")
    if not report.healthy:
        raise typer.Exit(EX_UNAVAILABLE)
