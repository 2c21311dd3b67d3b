"""What systemd is told: that the daemon is ready, that it still works, that it ends (sd_notify(3))."""

from __future__ import annotations

import os
import socket

import structlog

log = structlog.get_logger(__name__)


def notify(words: str) -> bool:
    """Send `READY=1`, `WATCHDOG=1`, `STOPPING=1`… to the service manager; tell whether there is one that listens.

    The protocol is one datagram to the socket that NOTIFY_SOCKET names; `@` stands for the abstract namespace.
    """
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return False
    address = "\0" + path[1:] if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.sendto(words.encode(), address)
    except OSError as error:
        log.warning("service_manager.deaf", why=str(error))
        return False
    return True
