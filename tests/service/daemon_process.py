"""The daemon as its users run it: a process of its own, stopped by its own id."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.servers.processes import until

if TYPE_CHECKING:
    from pathlib import Path


class DaemonProcess:
    """`mailbot run` on a site; its log is kept for the assertion messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_path = folder / "daemon.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mailbot", "run", "-C", str(self.folder)], stdout=log, stderr=log
            )

    def kill(self) -> None:
        """kill -9, as a power cut or the kernel's memory killer does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM and wait for the drain."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=60)

    def log(self) -> str:
        return self.log_path.read_text("utf-8") if self.log_path.exists() else ""

    def until_watching(self) -> None:
        until(
            lambda: "mailbox.connected" in self.log() and self.listing("log") is not None,
            f"daemon to watch: {self.log()}",
        )

    def listing(self, *words: str) -> Any:
        """Return what a command of mailbot prints as JSON on this site."""
        run = subprocess.run(
            [sys.executable, "-m", "mailbot", *words, "-C", str(self.folder), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        return json.loads(run.stdout) if run.stdout.strip() else None
