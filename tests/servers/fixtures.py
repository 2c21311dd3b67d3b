"""The fixtures `dovecot`, `postfix`, `postgres`, `postgres_url` and `smtp_sink`; who uses a server is marked so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.servers import dovecot as dovecot_server
from tests.servers import postfix as postfix_server
from tests.servers import postgres as postgres_server
from tests.servers import sink
from tests.servers.processes import MissingProgramError

if TYPE_CHECKING:
    from collections.abc import Iterator

Server = TypeVar("Server")
SERVERS = frozenset({"dovecot", "postfix", "postgres"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses a real server, so that `-m servers` and `-m "not servers"` need no care."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_server.Dovecot]:
    """A running Dovecot, shared by the session: choose user names of your own."""
    yield from _or_skip(dovecot_server.running())


@pytest.fixture(scope="session")
def postfix(dovecot: dovecot_server.Dovecot) -> Iterator[postfix_server.Postfix]:
    """A running Postfix that delivers in.test to `dovecot`."""
    yield from _or_skip(postfix_server.running(dovecot))


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """A running PostgreSQL cluster."""
    yield from _or_skip(postgres_server.running())


@pytest.fixture
def postgres_url(postgres: postgres_server.Postgres) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of the test's own."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def smtp_sink() -> Iterator[sink.SmtpSink]:
    """An SMTP server that takes every mail and keeps it; needs nothing installed."""
    yield from sink.running()


def _or_skip(running: Iterator[Server]) -> Iterator[Server]:
    """Skip, naming the package, when a program is missing; fail instead where MAILBOT_REQUIRE_SERVERS=1 (CI)."""
    try:
        yield from running
    except MissingProgramError as missing:
        if os.environ.get("MAILBOT_REQUIRE_SERVERS") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
