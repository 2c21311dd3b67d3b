"""A self-signed certificate for the test servers, made once a run by openssl."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers import processes

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "DNS:localhost,DNS:mail.example.test,IP:127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, both PEM files."""

    cert: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate, as an admin writes it into the site."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.cert.read_text())).hexdigest()


def make(folder: Path) -> Certificate:
    """Make a self-signed certificate for localhost in `folder`."""
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    command = (
        f"{processes.program('openssl', 'openssl')} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        f"-days 30 -subj /CN=localhost -addext subjectAltName={NAMES} -keyout {made.key} -out {made.cert}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return made
