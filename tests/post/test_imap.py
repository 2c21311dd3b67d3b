"""The office's mailbox on a real Dovecot: nothing is marked read, nothing is taken twice, a dead line is noticed."""

from __future__ import annotations

import hashlib
import logging
import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from mailbot.post import imap
from mailbot.post.connections import Tls
from mailbot.post.imap import Envelope, Mailbox, Moved
from mailbot.post.imap_login import ImapAccount, ImapError
from tests.servers import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.dovecot import Dovecot

FOLDER = "Đã xử lý/Quý 3 & 4"


def mail(number: int, body: bytes = b"Kinh gui Dang uy") -> bytes:
    return b"From: a@in.test\r\nTo: b@in.test\r\nSubject: CV %d\r\nMessage-ID: <%d@in.test>\r\n\r\n%s\r\n" % (
        number,
        number,
        body,
    )


@pytest.fixture
def account(dovecot: Dovecot, request: pytest.FixtureRequest) -> ImapAccount:
    user = "imap-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return ImapAccount(dovecot.host, dovecot.imap_port, Tls.NONE, user, dovecot.password, timeout=10)


@pytest.fixture
def mailbox(account: ImapAccount) -> Iterator[Mailbox]:
    with Mailbox.connect(account) as connected:
        yield connected


@pytest.fixture(scope="module")
def restarting(dovecot: Dovecot) -> Iterator[Dovecot]:
    own = type(dovecot)()
    yield own
    own.stop()


def fill(dovecot: Dovecot, account: ImapAccount, count: int) -> None:
    dovecot.deliver_many(account.user, [mail(number) for number in range(1, count + 1)])


def test_lists_what_is_new_and_drops_the_last_mail_that_the_range_always_names(
    dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox
) -> None:
    fill(dovecot, account, 3)
    selected = mailbox.select("INBOX")
    assert (selected.uidnext, selected.exists, selected.read_only) == (4, 3, False)
    assert selected.uidvalidity > 0
    assert [envelope.uid for envelope in mailbox.new_uids(0)] == [1, 2, 3]
    assert [envelope.uid for envelope in mailbox.new_uids(2)] == [3]
    assert mailbox.new_uids(3) == []
    assert mailbox.new_uids(99) == []


def test_an_empty_folder_has_nothing_new(mailbox: Mailbox) -> None:
    mailbox.select("INBOX")
    assert mailbox.new_uids(0) == []


def test_envelopes_tell_size_and_arrival_in_utc(dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox) -> None:
    fill(dovecot, account, 1)
    mailbox.select("INBOX")
    (envelope,) = mailbox.new_uids(0)
    (raw,) = dovecot.mailbox(account.user)
    assert envelope.size == len(raw)
    assert envelope.internaldate is not None
    assert envelope.internaldate.tzinfo is UTC
    assert abs((envelope.internaldate - datetime.now(UTC)).total_seconds()) < 60


def test_fetching_hands_out_the_bytes_and_leaves_mail_unread(
    dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox
) -> None:
    fill(dovecot, account, 2)
    mailbox.select("INBOX")
    assert dict(mailbox.fetch([1, 2, 77])) == dict(enumerate(dovecot.mailbox(account.user), 1))
    header = mailbox.fetch_header(2)
    assert header is not None
    assert header.endswith(b"<2@in.test>\r\n\r\n")
    assert mailbox.fetch_header(77) is None
    with dovecot.client(account.user) as client:
        client.select_folder("INBOX")
        assert client.search("UNSEEN") == [1, 2]


def test_flags_with_a_keyword_of_the_office(dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox) -> None:
    fill(dovecot, account, 2)
    selected = mailbox.select("INBOX")
    assert selected.keeps("mailbot-done")
    assert selected.keeps("\\Seen")
    assert not selected.keeps("\\Recent")
    mailbox.flag([1, 77], "mailbot-done")
    with dovecot.client(account.user) as client:
        client.select_folder("INBOX")
        assert client.search(["KEYWORD", "mailbot-done"]) == [1]


def test_moves_into_a_folder_with_vietnamese_letters(dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox) -> None:
    fill(dovecot, account, 3)
    assert mailbox.ensure_folder(FOLDER)
    assert not mailbox.ensure_folder(FOLDER)
    mailbox.select("INBOX")
    assert mailbox.move([1, 3], FOLDER) is Moved.MOVED
    assert mailbox.move([1, 3], FOLDER) is Moved.MOVED, "asking again moves nothing and is no mistake"
    assert len(dovecot.mailbox(account.user, FOLDER)) == 2
    assert [envelope.uid for envelope in mailbox.new_uids(0)] == [2]


@pytest.mark.parametrize(
    ("offered", "moved", "left"), [("UIDPLUS", Moved.MOVED, 1), ("", Moved.MARKED, 2)], ids=["uidplus", "bare"]
)
def test_moves_without_move_and_expunges_only_with_uidplus(
    account: ImapAccount, dovecot: Dovecot, offered: str, moved: Moved, left: int
) -> None:
    fill(dovecot, account, 3)
    for server in Limited.beside(dovecot, f"IMAP4rev1 {offered}"):
        with Mailbox.connect(replace(account, port=server.port)) as mailbox:
            assert "MOVE" not in mailbox.capabilities
            mailbox.ensure_folder("Done")
            mailbox.select("INBOX")
            mailbox.flag([3], "\\Deleted")  # what people have marked stays theirs
            assert mailbox.move([1], "Done") is moved
            assert mailbox.move([1], "Done") is moved, "asking again makes no second copy"
            assert len(dovecot.mailbox(account.user, "Done")) == 1
            assert len([uid for uid, _ in mailbox.fetch([1, 2, 3]) if uid != 3]) == left


def test_saves_a_sent_mail_with_flags_and_time(dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox) -> None:
    when = datetime(2026, 9, 2, 1, 30, tzinfo=UTC)
    mailbox.ensure_folder("Sent")
    mailbox.append("Sent", mail(7), ["\\Seen"], when)
    mailbox.select("Sent")
    assert [envelope.internaldate for envelope in mailbox.new_uids(0)] == [when]
    with dovecot.client(account.user) as client:
        client.select_folder("Sent")
        assert client.search("SEEN") == [1]


def test_a_missing_folder_is_a_lasting_error_that_names_it(mailbox: Mailbox) -> None:
    with pytest.raises(ImapError) as caught:
        mailbox.select("Không có")
    assert not caught.value.temporary
    assert "Không có" in caught.value.text.vi
    assert mailbox.ensure_folder("Không có"), "an orderly refusal leaves the connection in use"


def test_idle_tells_of_a_new_mail(dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox) -> None:
    mailbox.select("INBOX")
    assert not mailbox.idle(0.05)
    dovecot.deliver(account.user, mail(1))
    assert mailbox.idle(20)
    mailbox.idle_done()
    assert [envelope.uid for envelope in mailbox.new_uids(0)] == [1]


def test_idle_is_left_by_itself_when_a_command_comes(dovecot: Dovecot, account: ImapAccount, mailbox: Mailbox) -> None:
    mailbox.select("INBOX")
    for number in range(1, 4):
        mailbox.idle(0)
        dovecot.deliver(account.user, mail(number))
        assert [envelope.uid for envelope in mailbox.new_uids(number - 1)] == [number]


def test_idle_is_woken_at_once(mailbox: Mailbox) -> None:
    mailbox.select("INBOX")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        started = time.monotonic()
        threading.Timer(0.1, lambda: theirs.send(b"!")).start()
        assert not mailbox.idle(60, ours)
        assert time.monotonic() - started < 10
    mailbox.noop()


@pytest.mark.parametrize(("offered", "sent"), [("ID", True), ("", False)])
def test_id_is_sent_after_the_login_where_it_is_offered(
    account: ImapAccount, dovecot: Dovecot, offered: str, sent: bool
) -> None:
    for server in Limited.beside(dovecot, f"IMAP4rev1 {offered}"):
        with Mailbox.connect(replace(account, port=server.port)) as mailbox:
            mailbox.select("INBOX")
        said = [line.split()[1] for line in server.heard]
        assert (b"ID" in said) is sent
        assert not sent or said.index(b"LOGIN") < said.index(b"ID") < said.index(b"SELECT")
        assert not sent or b'"mailbot"' in server.heard[said.index(b"ID")]


def test_a_password_beyond_ascii_logs_in_by_sasl(account: ImapAccount, dovecot: Dovecot) -> None:
    for server in Limited.beside(dovecot, "IMAP4rev1 AUTH=PLAIN"):
        with pytest.raises(ImapError) as caught:
            Mailbox.connect(replace(account, port=server.port, password="mật khẩu"))
        assert caught.value.code == "AUTHENTICATIONFAILED", "it was understood and judged, not lost in our encoding"
        assert b"AUTHENTICATE" in [line.split()[1] for line in server.heard if len(line.split()) > 1]


def test_a_line_that_dies_in_idle_is_a_temporary_error_and_not_silence(account: ImapAccount, dovecot: Dovecot) -> None:
    for server in Limited.beside(dovecot, "IMAP4rev1 IDLE"):
        mailbox = Mailbox.connect(replace(account, port=server.port))
        mailbox.select("INBOX")
        mailbox.idle(0)
        threading.Timer(0.05, server.hang_up).start()
        with pytest.raises(ImapError) as caught:
            mailbox.idle(30)
        assert caught.value.temporary
        with pytest.raises(ImapError):
            mailbox.noop()
        mailbox.close()


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.IMPLICIT, Tls.STARTTLS])
def test_a_server_that_restarts_is_noticed_in_idle_and_entered_again(
    restarting: Dovecot, account: ImapAccount, tls: Tls
) -> None:
    port = restarting.imaps_port if tls is Tls.IMPLICIT else restarting.imap_port
    here = replace(account, port=port, tls=tls, fingerprint=restarting.certificate.fingerprint)
    restarting.deliver(account.user, mail(1))
    mailbox = Mailbox.connect(here)
    before = mailbox.select("INBOX")
    mailbox.idle(0)
    restarting.stop()
    with pytest.raises(ImapError) as caught:
        mailbox.idle(30)
    assert (caught.value.temporary, caught.value.code) == (True, "LOST")
    with pytest.raises(ImapError) as caught:
        Mailbox.connect(here)
    assert (caught.value.temporary, caught.value.code) == (True, "REFUSED")
    restarting.start()
    with Mailbox.connect(here) as again:
        assert again.select("INBOX") == before


def test_a_silent_server_is_given_up_after_the_timeout(account: ImapAccount, dovecot: Dovecot) -> None:
    for server in Limited.beside(dovecot, "IMAP4rev1 IDLE"):
        mailbox = Mailbox.connect(replace(account, port=server.port, timeout=0.3))
        server.fall_silent()
        with pytest.raises(ImapError) as caught:
            mailbox.select("INBOX")
        assert (caught.value.temporary, caught.value.code) == (True, "TIMEOUT")
        mailbox.close()


def test_imaplib_does_not_format_bodies_for_a_log_and_the_version_that_does_is_known(
    mailbox: Mailbox, dovecot: Dovecot, account: ImapAccount, caplog: pytest.LogCaptureFixture
) -> None:
    assert version("imapclient").startswith("4.1."), "look again whether debug = 0 is still needed and still works"
    fill(dovecot, account, 1)
    mailbox.select("INBOX")
    assert mailbox._client._imap.debug == 0
    with caplog.at_level(logging.DEBUG):
        assert len(list(mailbox.fetch([1]))) == 1
    assert "Kinh gui" not in caplog.text


TRUSTED = {
    "implicit, ca_file": lambda account, dovecot: replace(
        account, port=dovecot.imaps_port, tls=Tls.IMPLICIT, ca_file=str(dovecot.certificate.cert)
    ),
    "starttls, ca_file": lambda account, dovecot: replace(
        account, tls=Tls.STARTTLS, ca_file=str(dovecot.certificate.cert)
    ),
    "implicit, fingerprint": lambda account, dovecot: replace(
        account, port=dovecot.imaps_port, tls=Tls.IMPLICIT, fingerprint=dovecot.certificate.fingerprint
    ),
    "starttls, fingerprint in capitals with colons": lambda account, dovecot: replace(
        account, tls=Tls.STARTTLS, fingerprint=colons(dovecot.certificate.fingerprint)
    ),
}


def colons(fingerprint: str) -> str:
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()


@pytest.mark.parametrize("change", TRUSTED.values(), ids=TRUSTED)
def test_encrypted_ways_in(
    change: Callable[[ImapAccount, Dovecot], ImapAccount], account: ImapAccount, dovecot: Dovecot
) -> None:
    trusted = change(account, dovecot)
    with Mailbox.connect(trusted) as mailbox:
        assert isinstance(mailbox._client.socket(), ssl.SSLSocket)
        mailbox.select("INBOX")
        mailbox.idle(0)
        dovecot.deliver(account.user, mail(1))
        assert mailbox.idle(20)
        assert len(list(mailbox.fetch([1]))) == 1
    assert "IDLE" in imap.verify(trusted)


FAILURES = {
    "self-signed": (
        lambda account, dovecot: replace(account, port=dovecot.imaps_port, tls=Tls.IMPLICIT),
        (False, "CERTIFICATE", "ca_file"),
    ),
    "self-signed after STARTTLS": (
        lambda account, _: replace(account, tls=Tls.STARTTLS),
        (False, "CERTIFICATE", "fingerprint"),
    ),
    "another certificate": (
        lambda account, dovecot: replace(account, port=dovecot.imaps_port, tls=Tls.IMPLICIT, fingerprint="00" * 32),
        (False, "CERTIFICATE", "fingerprint: "),
    ),
    "wrong password": (
        lambda account, _: replace(account, password="mật khẩu sai"),
        (False, "AUTHENTICATIONFAILED", "password"),
    ),
    "nobody listens": (
        lambda account, _: replace(account, port=processes.free_port()),
        (True, "REFUSED", ""),
    ),
    "TLS to a plain port": (
        lambda account, _: replace(account, tls=Tls.IMPLICIT, fingerprint="00" * 32),
        (True, "TLS", ""),
    ),
    "unknown host": (lambda account, _: replace(account, host="khong-co.invalid"), (True, "UNREACHABLE", "")),
    "ca_file is missing": (
        lambda account, _: replace(account, tls=Tls.STARTTLS, ca_file="khong-co.pem"),
        (False, "CA_FILE", "ca_file"),
    ),
}


@pytest.mark.parametrize(("change", "expected"), FAILURES.values(), ids=FAILURES)
def test_what_a_person_is_told_when_the_mailbox_cannot_be_entered(
    change: Callable[[ImapAccount, Dovecot], ImapAccount],
    expected: tuple[bool, str, str],
    account: ImapAccount,
    dovecot: Dovecot,
) -> None:
    tried = change(account, dovecot)
    with pytest.raises(ImapError) as caught:
        imap.verify(tried)
    error = caught.value
    temporary, code, mend = expected
    assert (error.temporary, error.code) == (temporary, code)
    assert (tried.ca_file or tried.host) in error.text.vi
    assert mend in (error.mend.en if error.mend else "")
    assert tried.password not in f"{error.text} {error.mend} {error.cause} {tried!r}"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([10, 10, 10], [[10, 10], [10]]),
        ([90, 20, 5], [[90], [20, 5]]),
        ([500, 1, 500], [[500], [1], [500]]),
    ],
)
def test_batches_are_bounded_by_count_and_bytes(sizes: list[int], expected: list[list[int]]) -> None:
    listing = [Envelope(uid, size, None) for uid, size in enumerate(sizes, 1)]
    cut = [[envelope.size for envelope in batch] for batch in imap.batches(listing, mails=2, size=100)]
    assert cut == expected


class Limited:
    """A door before Dovecot that lets everything through but tells of fewer capabilities, and can fail by will."""

    def __init__(self, dovecot: Dovecot, capabilities: str) -> None:
        self._target = (dovecot.host, dovecot.imap_port)
        self._capabilities = capabilities.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[socket.socket] = []
        self._silent = False
        self.heard: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @classmethod
    def beside(cls, dovecot: Dovecot, capabilities: str) -> Iterator[Limited]:
        door = cls(dovecot, capabilities)
        try:
            yield door
        finally:
            door._listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() does not
            door._listener.close()
            door.hang_up()

    def hang_up(self) -> None:
        for sock in self._pairs:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def fall_silent(self) -> None:
        self._silent = True

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._pairs += [near, far]
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with source.makefile("rb") as lines:
            try:
                for line in lines:
                    if not answers:
                        self.heard.append(line)
                    if not self._silent:
                        target.sendall(self._limited(line) if answers else line)
            except OSError:
                return

    def _limited(self, line: bytes) -> bytes:
        before, capability, after = line.partition(b"CAPABILITY ")
        if not capability:
            return line
        end = b"]" + after.partition(b"]")[2] if b"]" in after else b"\r\n"
        return before + capability + self._capabilities.strip() + end
