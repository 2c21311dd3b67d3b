"""A Dovecot of one's own: IMAP (plain, STARTTLS, TLS), LMTP in, SASL for Postfix; any user, password "secret"."""

from __future__ import annotations

import grp
import shutil
import smtplib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import imapclient

from tests.servers import certificates, processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "secret"

CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
mailbox_idle_check_interval = 1 secs
mail_max_userip_connections = 1000
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/home/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
# A wrong password makes the next logins from the same address wait, and all tests come from one.
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  {chroot}
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 1000
}}
service lmtp {{
  process_min_avail = 1
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    port = {auth}
  }}
}}
lda_mailbox_autocreate = yes
postmaster_address = postmaster@example.test
hostname = localhost
recipient_delimiter = +
{extra}
"""


@dataclass(frozen=True)
class Ports:
    """Where one instance listens on 127.0.0.1."""

    imap: int
    imaps: int
    lmtp: int
    auth: int


class Dovecot:
    """One running instance; users come into being with their first mail or login."""

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(self, folder: Path | None = None, extra: str = "") -> None:
        self._program = processes.program("dovecot", "dovecot-imapd")
        self.folder = folder or processes.new_folder("dovecot")
        for package, part in (("dovecot-imapd", "imap"), ("dovecot-lmtpd", "lmtp")):
            processes.program(part, package, "/usr/lib/dovecot:/usr/libexec/dovecot")
        self.certificate = certificates.make(self.folder)
        self.ports = Ports(*(processes.free_port() for _ in range(4)))
        self._write(extra)
        self._server: processes.Server | None = None
        self.start()

    @property
    def imap_port(self) -> int:
        """Return the plain port, which also offers STARTTLS."""
        return self.ports.imap

    @property
    def imaps_port(self) -> int:
        """Return the port with TLS from the first byte."""
        return self.ports.imaps

    @property
    def session(self) -> int:
        """Return the session that all its processes belong to."""
        return self._server.process.pid if self._server else 0

    def start(self) -> None:
        """Start (again) on the same ports and mailboxes."""
        log = self.folder / "stdout.log"
        self._server = processes.Server([self._program, "-F", "-c", str(self.folder / "dovecot.conf")], log=log)
        self._server.ready(lambda: processes.listens(self.ports.imap) and processes.listens(self.ports.lmtp))

    def stop(self) -> None:
        """Stop and keep the mailboxes."""
        if self._server:
            self._server.stop(patience=1)  # it waits long for clients that are connected with TLS

    def deliver(self, user: str, raw: bytes, sender: str = "sender@example.test") -> None:
        """Put one mail into a user's INBOX by LMTP; a +detail is allowed."""
        self.deliver_many(user, [raw], sender)

    def deliver_many(self, user: str, mails: list[bytes], sender: str = "sender@example.test") -> None:
        """Put mails into a user's INBOX over one LMTP connection."""
        address = user if "@" in user else f"{user}@in.test"
        with smtplib.LMTP(self.host, self.ports.lmtp, local_hostname="localhost") as lmtp:
            for raw in mails:
                lmtp.sendmail(sender, [address], raw)

    def client(self, user: str) -> imapclient.IMAPClient:
        """Return a logged-in client of the user, for looking at a mailbox as a person would."""
        client = imapclient.IMAPClient(self.host, self.ports.imap, ssl=False, timeout=30)
        client._imap.debug = 0
        client.login(user, PASSWORD)
        return client

    def mailbox(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return the raw mails of a user's folder, oldest first; none when the folder does not exist."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def wait_for(self, user: str, count: int = 1, folder: str = "INBOX", seconds: float = 30) -> list[bytes]:
        """Wait until a folder holds `count` mails and return them all."""
        with self.client(user) as client:

            def arrived() -> bool:
                if not client.folder_exists(folder):
                    return False
                return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]) >= count

            processes.until(arrived, f"{count} mail(s) in {folder} of {user}", seconds)
        return self.mailbox(user, folder)

    def forget(self, *users: str) -> None:
        """Remove everything a user has, as a test that shares this instance may wish at its end."""
        for user in users:
            with self.client(user) as client:
                for _, _, name in client.list_folders():
                    if name != "INBOX":
                        client.delete_folder(name)
                client.select_folder("INBOX")
                client.delete_messages(client.search("ALL"))
                client.expunge()

    def _write(self, extra: str) -> None:
        home = self.folder / "home"
        home.mkdir()
        values = _users()
        if processes.is_root():
            shutil.chown(home, "mail", "mail")
        ports = {name: getattr(self.ports, name) for name in ("imap", "imaps", "lmtp", "auth")}
        config = CONFIG.format(
            base=self.folder, cert=self.certificate.cert, key=self.certificate.key, extra=extra, **values, **ports
        )
        (self.folder / "dovecot.conf").write_text(config)


def _users() -> dict[str, str]:
    """Return the users Dovecot runs as: its packaged ones as root, else this user for everything, without chroot."""
    if processes.is_root():
        return {
            "internal": "dovecot",
            "internal_group": "dovecot",
            "login": "dovenull",
            "user": "mail",
            "group": "mail",
            "chroot": "",
        }
    me = processes.me()
    group = grp.getgrgid(me.pw_gid).gr_name
    return {
        "internal": me.pw_name,
        "internal_group": group,
        "login": me.pw_name,
        "user": me.pw_name,
        "group": group,
        "chroot": "chroot =",
    }


def running(extra: str = "") -> Iterator[Dovecot]:
    """Yield one instance and stop it afterwards: the body of a fixture."""
    server = Dovecot(extra=extra)
    try:
        yield server
    finally:
        server.stop()
