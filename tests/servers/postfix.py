"""A Postfix of one's own in front of a Dovecot: SMTP in, submission with SASL, STARTTLS, and real bounces."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.servers import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot

HOSTNAME = "mail.example.test"
DOMAIN = "in.test"

# bounce.test is accepted at the door and fails in delivery (exit 67 is EX_NOUSER), so that the sender gets a true DSN;
# refused.test gets a 550 and busy.test a 450 already at RCPT.
MAIN = """
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = {base}
maillog_file = {base}/maillog
myhostname = mail.example.test
mydomain = example.test
myorigin = $mydomain
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:no local delivery
virtual_mailbox_domains = in.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{
  {{bounce.test=nouser:}}, {{refused.test=error:5.1.1 user unknown}}, {{busy.test=retry:4.2.2 mailbox busy}} }}
default_transport = error:5.1.2 this test server sends nothing outside
relay_transport = $default_transport
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_authenticated_header = yes
smtpd_error_sleep_time = 0
smtp_tls_security_level = none
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
lmtp_destination_concurrency_limit = 4
lmtp_destination_recipient_limit = 1
biff = no
recipient_delimiter = +
{extra}
"""

MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -   0  cleanup
qmgr      unix  n  -  n  300 1  qmgr
rewrite   unix  -  -  n  -   -  trivial-rewrite
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
verify    unix  -  -  n  -   1  verify
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -   -  proxymap
smtp      unix  -  -  n  -   -  smtp
relay     unix  -  -  n  -   -  smtp
error     unix  -  -  n  -   -  error
nouser    unix  -  n  n  -   -  pipe user=nobody argv=/bin/sh -c {{exit 67}}
retry     unix  -  -  n  -   -  error
discard   unix  -  -  n  -   -  discard
lmtp      unix  -  -  n  -   -  lmtp
anvil     unix  -  -  n  -   1  anvil
scache    unix  -  -  n  -   1  scache
tlsmgr    unix  -  -  n  1000? 1 tlsmgr
postlog   unix-dgram n - n - 1  postlogd
"""


class Postfix:
    """One running instance; mail for in.test goes to the Dovecot it was made with. Needs root."""

    host = "127.0.0.1"
    hostname = HOSTNAME
    domain = DOMAIN
    password = "secret"

    def __init__(self, dovecot: Dovecot, extra: str = "") -> None:
        self._postfix = processes.program("postfix", "postfix")
        self._daemons = "/usr/lib/postfix/sbin"
        self._master = processes.program("master", "postfix", f"{self._daemons}:/usr/libexec/postfix")
        if not processes.is_root():
            raise processes.MissingProgramError("postfix", "Postfix starts as root only")
        self.folder = processes.new_folder("postfix")
        self.certificate = dovecot.certificate
        self.smtp_port, self.submission_port, self.smtps_port = (processes.free_port() for _ in range(3))
        self._write(dovecot, extra)
        self._server: processes.Server | None = None
        self.start()

    def start(self) -> None:
        """Start (again) with the same ports and queue."""
        subprocess.run([self._postfix, "-c", str(self._config), "check"], check=True, capture_output=True)
        self._server = processes.Server([self._master, "-c", str(self._config), "-d"], log=self.folder / "stdout.log")
        self._server.ready(lambda: processes.listens(self.smtp_port) and processes.listens(self.submission_port))

    def stop(self) -> None:
        """Stop and keep the queue."""
        if self._server:
            self._server.stop()

    def log(self) -> str:
        """Return the mail log so far."""
        path = self.folder / "maillog"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _write(self, dovecot: Dovecot, extra: str) -> None:
        self._config = self.folder / "config"
        for name in ("config", "spool", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        main = MAIN.format(
            base=self.folder,
            daemons=self._daemons,
            cert=self.certificate.cert,
            key=self.certificate.key,
            lmtp=dovecot.ports.lmtp,
            auth=dovecot.ports.auth,
            extra=extra,
        )
        master = MASTER.format(smtp=self.smtp_port, submission=self.submission_port, smtps=self.smtps_port)
        (self._config / "main.cf").write_text(main)
        (self._config / "master.cf").write_text(master)


def running(dovecot: Dovecot, extra: str = "") -> Iterator[Postfix]:
    """Yield one instance and stop it afterwards: the body of a fixture."""
    server = Postfix(dovecot, extra)
    try:
        yield server
    finally:
        server.stop()
