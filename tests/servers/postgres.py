"""A PostgreSQL cluster of one's own, with a fresh database for each test."""

from __future__ import annotations

import itertools
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INITDB = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
# A test cluster need not survive a power cut.
OPTIONS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=100",
)


class Postgres:
    """One running cluster; `create` gives the SQLAlchemy URL of a new database."""

    def __init__(self) -> None:
        programs = _programs()
        self.folder = processes.new_folder("postgres")
        self._port = processes.free_port()
        self._user = _user()
        if self._user:
            shutil.chown(self.folder, self._user)
        data = self.folder / "data"
        switch = processes.switched(self._user)
        subprocess.run(
            [*switch, str(programs / "initdb"), "-D", str(data), "-U", "mailbot", *INITDB],
            check=True,
            capture_output=True,
            cwd="/",
        )
        options = [part for option in OPTIONS for part in ("-c", option)]
        where = ["-D", str(data), "-p", str(self._port), "-k", str(self.folder)]
        self._command = [str(programs / "postgres"), *where, *options]
        self.start()
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    def start(self) -> None:
        """Start (again) on the same port and data."""
        log = self.folder / "postgres.log"
        self._server = processes.Server(self._command, log=log, user=self._user, stop="INT")
        self._server.ready(self._answers)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database of this cluster."""
        return f"postgresql+psycopg://mailbot@127.0.0.1:{self._port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Create an empty database, or a copy of `template`, and return its URL."""
        name = f"test_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def create_prepared(self, name: str, prepare: Callable[[str], None]) -> str:
        """Return the URL of a copy of a database that `prepare(url)` filled once a session, closing what it opened."""
        if name not in self._templates:
            self._templates[name] = self.create()
            prepare(self._templates[name])
        return self.create(self._templates[name].rpartition("/")[2])

    def drop(self, url: str) -> None:
        """Remove a database, with whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def fail_over(self, url: str, *, read_only: bool) -> None:
        """End all sessions of a database; those that come next find a standby, or the master again."""
        name = url.rpartition("/")[2]
        self._run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if read_only else "off"}')
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def stop(self) -> None:
        """Stop the cluster."""
        self._server.stop()

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(f"host=127.0.0.1 port={self._port} user=mailbot dbname=postgres", autocommit=True) as db:
            db.execute(statement)

    def _answers(self) -> bool:
        import psycopg

        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _programs() -> Path:
    """Return the folder of the newest installed PostgreSQL; Debian keeps them out of PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))])
    return Path(processes.program("initdb", "postgresql")).parent


def _user() -> str | None:
    """Return the user to switch to: PostgreSQL refuses to run as root."""
    if not processes.is_root():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def running() -> Iterator[Postgres]:
    """Yield one cluster and stop it afterwards: the body of a fixture."""
    server = Postgres()
    try:
        yield server
    finally:
        server.stop()
