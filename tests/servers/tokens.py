"""A token endpoint (RFC 6749, RFC 7662) that rotates refresh tokens strictly: one that was used is dead at once."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, CLIENT_SECRET = "mailbot-client", "marked-client-secret"


class TokenEndpoint:
    """What it has issued and been asked; `broken` is a status and a body that it answers instead."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.life: Any = 3600
        self.rotates = True
        self.broken: tuple[int, bytes] | None = None
        self.asked = 0
        self.user = ""  # whose tokens they are
        self.refresh = {"first-refresh"}
        self.access: dict[str, bool] = {}
        self.said: list[dict[str, str]] = []
        self._count = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where tokens are asked for."""
        return f"http://127.0.0.1:{self.port}/token"

    def end_access(self) -> None:
        """Let all access tokens end before their time, as when an admin resets a login."""
        self.access = dict.fromkeys(self.access, False)

    def token(self, fields: dict[str, str]) -> tuple[int, bytes]:
        """Answer a request for an access token."""
        with self._lock:
            self.asked += 1
            self.said.append(fields)
            if self.broken is not None:
                return self.broken
            if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                return 401, b'{"error": "invalid_client"}'
            if fields.get("refresh_token") not in self.refresh:
                words = f"the token {fields.get('refresh_token')} has been used"
                return 400, json.dumps({"error": "invalid_grant", "error_description": words}).encode()
            self._count += 1
            access = f"marked-access-{self._count}"
            self.access[access] = True
            answer = {"access_token": access, "token_type": "Bearer", "expires_in": self.life}
            if self.rotates:
                self.refresh = {f"marked-refresh-{self._count}"}
                answer["refresh_token"] = f"marked-refresh-{self._count}"
            return 200, json.dumps(answer).encode()

    def introspect(self, fields: dict[str, str]) -> tuple[int, bytes]:
        """Tell a mail server whose token it was shown."""
        active = self.access.get(fields.get("token", ""), False)
        return 200, json.dumps({"active": active, "username": self.user}).encode()


class _Handler(BaseHTTPRequestHandler):
    endpoint: TokenEndpoint

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        fields = {name: values[0] for name, values in parse_qs(raw).items()}
        ways = {"/token": self.endpoint.token}
        status, body = ways.get(self.path.partition("?")[0], self.endpoint.introspect)(fields)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status in (301, 302, 307, 308):
            self.send_header("Location", body.decode())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def token_endpoint() -> Iterator[TokenEndpoint]:
    """Run an endpoint on loopback for the length of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), None)  # type: ignore[arg-type]
    endpoint = TokenEndpoint(server.server_address[1])
    server.RequestHandlerClass = type("Handler", (_Handler,), {"endpoint": endpoint})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
