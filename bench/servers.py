"""The servers of a benchmark: a Dovecot with a full mailbox, an SMTP sink, and Sieve redirect as a yardstick in C."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bench import mails
from bench.measures import Measured, Place, row, session_usage
from tests.servers import processes
from tests.servers.dovecot import Dovecot
from tests.servers.sink import CountingSink

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "vanphong"
LMTP_LINES = 2

SIEVE = """
submission_host = 127.0.0.1:{port}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_max_redirects = 50
  sieve_redirect_envelope_from = sender
}}
"""


@contextmanager
def office(count: int, recipients: int, *, small: bool = False) -> Iterator[Place]:
    """Start Dovecot with `count` mails in the office's INBOX, and a sink, for the length of a benchmark."""
    with ExitStack() as stack:
        sink = CountingSink()
        stack.callback(sink.stop)
        dovecot = Dovecot()
        stack.callback(dovecot.stop)
        dovecot.deliver_many(USER, list(mails.generate(count, small=small)), "vanthu@cap-tren.test")
        folder = processes.new_folder("bench")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Place(
            imap_port=dovecot.imap_port,
            lmtp_port=dovecot.ports.lmtp,
            smtp_port=sink.port,
            user=USER,
            password=dovecot.password,
            mails=count,
            recipients=recipients,
            folder=str(folder),
        )


def sieve_redirect(count: int, recipients: int, *, small: bool = False) -> Measured:
    """Let Sieve redirect each of `count` mails to every recipient, as Dovecot takes them in by LMTP."""
    processes.program("sievec", "dovecot-sieve")
    with ExitStack() as stack:
        sink = CountingSink()
        stack.callback(sink.stop)
        dovecot = Dovecot(extra=SIEVE.format(port=sink.port))
        stack.callback(dovecot.stop)
        _write_script(dovecot, recipients)
        batch = list(mails.generate(count, small=small))
        threads = [
            threading.Thread(target=dovecot.deliver_many, args=("sieve", batch[start::LMTP_LINES]))
            for start in range(LMTP_LINES)
        ]
        cpu, _ = session_usage(dovecot.session)
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
        after, memory = session_usage(dovecot.session)
    return row(f"Sieve redirect x{recipients}", count, count * recipients, seconds, after - cpu, memory)


def _write_script(dovecot: Dovecot, recipients: int) -> None:
    home = dovecot.folder / "home" / "sieve"
    home.mkdir(parents=True)
    script = home / ".dovecot.sieve"
    lines = (f'redirect "don-vi-{number}@units.test";' for number in range(recipients))
    script.write_text('require ["copy"];\n' + "\n".join(lines) + "\n")
    if processes.is_root():
        for path in (home, script):
            shutil.chown(path, "mail", "mail")
