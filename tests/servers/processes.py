"""Starts, awaits and ends the processes of test servers, so that none outlives the test run."""

from __future__ import annotations

import atexit
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
START_SECONDS = 30
STOP_SECONDS = 10


class MissingProgramError(Exception):
    """A server's program is not installed; `package` is what to install on Debian and Ubuntu."""

    def __init__(self, package: str, why: str) -> None:
        super().__init__(f"needs the package {package}: {why}")
        self.package = package


def program(name: str, package: str, folders: str = SYSTEM_FOLDERS) -> str:
    """Return the full path of a server's program, which an ordinary user's PATH need not name."""
    found = shutil.which(name, path=folders + os.pathsep + os.environ.get("PATH", ""))
    if found is None:
        raise MissingProgramError(package, f"{name} is not installed")
    return found


def is_root() -> bool:
    """Return whether this run may switch users and open privileged files."""
    return os.geteuid() == 0


def me() -> pwd.struct_passwd:
    """Return the user of this run."""
    return pwd.getpwuid(os.geteuid())


def free_port() -> int:
    """Return a loopback port that nobody listens on; the kernel deals them out in turn, so that workers do not meet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_folder(name: str) -> Path:
    """Make a short folder that other users may enter (servers switch users), removed when the interpreter ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"mb-{name}-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def until(condition: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
    """Wait for a condition of the outside world, asking often; fail with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)


def listens(port: int) -> bool:
    """Return whether somebody accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


# Waits until the test run that holds the other end of its stdin is gone, however it ended, then ends the server and
# removes what it leaves. (The kernel's parent-death signal does not do: Postfix loses it when it changes its user.)
GUARD = """
read -r _
kill -"$2" "$1"
for _ in 1 2 3 4 5 6 7 8 9; do kill -0 "$1" && sleep 0.2; done
kill -KILL -"$1"
rm -rf "$3"
"""


class Server:
    """A process in a session of its own, ended with this interpreter even when that is killed.

    `log` lies in the folder of the server, which goes with it when this interpreter is killed.
    """

    def __init__(self, command: Sequence[str], *, log: Path, user: str | None = None, stop: str = "TERM") -> None:
        self._log = log
        self._stop_signal = stop
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*switched(user), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", str(self.process.pid), stop, str(log.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(self.stop)

    def ready(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds; a server that ends before tells the end of its log."""

        def arrived() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args} ended: {self.log_text()[-2000:]}")
            return bool(condition())

        until(arrived, f"start of {self.process.args}")

    def log_text(self) -> str:
        """Return what the process has printed."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """End the process by its own id, asking first; after `patience` seconds with all of its process group."""
        atexit.unregister(self.stop)
        self._guard.kill()
        self._guard.communicate()
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.Signals[f"SIG{self._stop_signal}"])
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOP_SECONDS)


def switched(user: str | None) -> list[str]:
    """Return the setpriv call (util-linux) that runs what follows as another user."""
    if user is None:
        return []
    group = str(pwd.getpwnam(user).pw_gid)
    return [program("setpriv", "util-linux"), "--reuid", user, "--regid", group, "--clear-groups", "--"]
