"""Health over HTTP, on the loopback alone: `/live`, `/ready`, and `/metrics` for Prometheus."""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import structlog

from mailbot import __version__
from mailbot.problems import MailbotError, Text
from mailbot.service.health import examine
from mailbot.store.gauges import gauges
from mailbot.store.marks import marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

LOOPBACK = "127.0.0.1"
PLAIN, AS_JSON = "text/plain; charset=utf-8", "application/json"
# Prometheus' text format, version 0.0.4.
AS_METRICS = "text/plain; version=0.0.4; charset=utf-8"
Page = tuple[HTTPStatus, str, bytes]


class Endpoint:
    """The thread that answers on the loopback; nothing is changed by a request, and no word of a mail is shown."""

    def __init__(self, runtime: Runtime, port: int) -> None:
        pages = {"/live": lambda: _live(), "/ready": lambda: _ready(runtime), "/metrics": lambda: _metrics(runtime)}
        try:
            self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(pages))
        except OSError as error:
            raise MailbotError(
                Text(
                    vi=f"Không mở được cổng {port} cho health: {error.strerror}",
                    en=f"The port {port} for health cannot be opened: {error.strerror}",
                ),
                mend=Text(vi="Chọn cổng khác ở health.port.", en="Choose another one at health.port."),
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="health endpoint", daemon=True)

    @property
    def port(self) -> int:
        """Return the port on which it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(pages: dict[str, Callable[[], Page]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        server_version, sys_version = "mailbot", ""

        def do_GET(self) -> None:
            """Answer one request."""
            page = pages.get(self.path.partition("?")[0])
            status, kind, content = page() if page is not None else (HTTPStatus.NOT_FOUND, PLAIN, b"not found\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as http.server calls it
            """Put the request into our log."""
            log.debug("endpoint.asked", request=format % args)

    return Handler


def _live() -> Page:
    return HTTPStatus.OK, PLAIN, b"live\n"


def _ready(runtime: Runtime) -> Page:
    report = examine(runtime.store, runtime.in_force.settings, runtime.var, runtime.now())
    status = HTTPStatus.OK if report.healthy else HTTPStatus.SERVICE_UNAVAILABLE
    return status, AS_JSON, json.dumps(report.to_json(), ensure_ascii=False).encode()


def _metrics(runtime: Runtime) -> Page:
    # Only an office that asks for it pays for the library in memory.
    from prometheus_client.core import CollectorRegistry
    from prometheus_client.exposition import generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(runtime))
    return HTTPStatus.OK, AS_METRICS, generate_latest(registry)


class _Collector:
    """Reads the ledger each time it is asked; nothing is counted beside it, so that a restart forgets nothing."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Any]:
        """Yield the families of one scrape."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        runtime, now = self._runtime, self._runtime.now()
        with runtime.store.read() as connection:
            found, remembered = gauges(connection, now), marks(connection)
        healthy = examine(runtime.store, runtime.in_force.settings, runtime.var, now).healthy
        yield InfoMetricFamily("mailbot_build", "The running version.", value={"version": __version__})
        for name, help_text, value in (
            ("mailbot_healthy", "1 when nothing is wrong, as `mailbot health` says.", float(healthy)),
            ("mailbot_held_open", "Matters that wait for a person.", found.held_open),
            ("mailbot_lag_seconds", "Age of the oldest mail without an outcome.", found.oldest_message),
            ("mailbot_outbox_age_seconds", "Age of the oldest mail that should have been sent.", found.oldest_mail),
            ("mailbot_bounce_rate", "Share of the deliveries of seven days that came back.", found.bounce_rate),
        ):
            yield GaugeMetricFamily(name, help_text, value=value)
        for name, help_text, counts in (
            ("mailbot_messages", "Mails that arrived, by what became of them.", found.messages),
            ("mailbot_outbox", "Mails of ours, by state.", found.outbox),
        ):
            family = GaugeMetricFamily(name, help_text, labels=["state"])
            for state, count in counts.items():
                family.add_metric([state], count)
            yield family
        cycles = GaugeMetricFamily("mailbot_last_good_cycle_timestamp_seconds", "Unix time.", labels=["part"])
        for key, mark in remembered.items():
            if key.startswith("good "):
                cycles.add_metric([key.removeprefix("good ")], mark.at.timestamp())
        yield cycles
