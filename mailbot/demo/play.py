"""Plays the demo: the real daemon, embedded mail servers, people who write mail, and a week that passes in seconds."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mailbot.demo.office import Changes

NEEDED = ("pymap", "aiosmtpd")
EX_UNAVAILABLE = 69
EX_CANTCREAT = 73


def play(
    as_json: bool,
    keep: bool,
    site: Path | None,
    *,
    write_office: Callable[[Path, Mapping[str, Changes]], None],
    say: Callable[[Text], str],
) -> int:
    """Play the demo and return the exit code: 0 when the story went as it should, 1 when something was missing.

    `write_office` writes the example office into a folder with some values changed, `say` chooses the language.

    Raises:
        MailbotError: the extra `demo` is not installed, or the folder is not empty.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MailbotError(
            Text(
                vi=f"Chưa cài phần trình diễn ({', '.join(missing)}).",
                en=f"The demo's packages are not installed ({', '.join(missing)}).",
            ),
            mend=Text(
                vi="Chạy: make demo trong thư mục nguồn, hoặc pip install pymap aiosmtpd",
                en="Run: make demo in the source folder, or pip install pymap aiosmtpd",
            ),
            exit_code=EX_UNAVAILABLE,
        )
    from mailbot.demo.performance import Performance  # the servers' packages are an extra

    with _folder(site) as folder, _end_by_signal():
        configure_log(folder / "demo.log")
        return Performance(folder, as_json=as_json, keep=keep, stays=site is not None, say=say).run(write_office)


@contextlib.contextmanager
def _folder(site: Path | None) -> Iterator[Path]:
    """Yield the folder of the office: the given one, which must be new or empty, or one that goes away."""
    if site is None:
        with tempfile.TemporaryDirectory(prefix="mailbot-demo-") as name:
            yield Path(name) / "office"
        return
    if site.exists() and (not site.is_dir() or any(site.iterdir())):
        raise MailbotError(
            Text(vi=f"{site} không phải thư mục trống.", en=f"{site} is not an empty folder."),
            mend=Text(vi="Chọn một thư mục mới cho --site.", en="Choose a new folder for --site."),
            exit_code=EX_CANTCREAT,
        )
    yield site.absolute()


@contextlib.contextmanager
def _end_by_signal() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does, which a shell may have switched off; all parts are closed in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def configure_log(path: Path) -> None:
    """Write the daemon's log, one JSON object a line, and what libraries have to say into a file of the site."""
    import structlog

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        said = error.strerror or type(error).__name__
        text = Text(vi=f"Không ghi được {path}: {said}", en=f"{path} cannot be written: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(processors=processors, logger_factory=structlog.WriteLoggerFactory(file=file))
    logging.basicConfig(stream=file, level=logging.ERROR, force=True)
