"""Logging in by OAuth2 on a real Dovecot and a real Postfix, which ask the endpoint whose token they were shown."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from mailbot.post import smtp
from mailbot.post.connections import Tls
from mailbot.post.dialogue import Job
from mailbot.post.imap import Mailbox
from mailbot.post.imap_login import ImapAccount, ImapError
from mailbot.post.oauth2 import Bearer, Grant, Tokens
from mailbot.post.smtp import Sender
from mailbot.post.smtp_login import SmtpAccount, SmtpError
from tests.post.test_oauth2 import Clock
from tests.servers import dovecot as dovecot_server
from tests.servers import postfix as postfix_server
from tests.servers.fixtures import _or_skip
from tests.servers.tokens import CLIENT, CLIENT_SECRET, TokenEndpoint, token_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

pytestmark = pytest.mark.servers

# Dovecot asks the endpoint about each token (RFC 7662), as Exchange and Gmail know their own.
PASSDB = """
auth_mechanisms = plain login {mechanisms}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {file}
}}
"""
INTROSPECTION = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""


@pytest.fixture(scope="module")
def running() -> Iterator[TokenEndpoint]:
    with token_endpoint() as endpoint:
        yield endpoint


def with_tokens(endpoint: TokenEndpoint, folder: Path, mechanisms: str) -> Iterator[Dovecot]:
    file = folder / "oauth2.conf"
    file.write_text(INTROSPECTION.format(port=endpoint.port))
    folder.chmod(0o755)
    file.chmod(0o644)
    yield from _or_skip(dovecot_server.running(PASSDB.format(mechanisms=mechanisms, file=file)))


@pytest.fixture(scope="module")
def tokens_only(running: TokenEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    yield from with_tokens(running, tmp_path_factory.mktemp("dovecot"), "xoauth2 oauthbearer")


@pytest.fixture(scope="module")
def submission(tokens_only: Dovecot) -> Iterator[Postfix]:
    yield from _or_skip(postfix_server.running(tokens_only))


@pytest.fixture
def endpoint(running: TokenEndpoint) -> TokenEndpoint:
    running.refresh, running.rotates = {"first-refresh"}, True
    return running


@pytest.fixture
def bearer(endpoint: TokenEndpoint, tmp_path: Path) -> Bearer:
    file = tmp_path / "van-phong"
    file.write_text("first-refresh\n")
    return Bearer(Grant("vanphong@in.test", endpoint.url, CLIENT, file, CLIENT_SECRET), Tokens(Clock()))


def imap(server: Dovecot, endpoint: TokenEndpoint, bearer: Bearer) -> ImapAccount:
    user = endpoint.user = f"token{uuid.uuid4().hex[:8]}"
    return ImapAccount(server.host, server.imap_port, Tls.NONE, user, "", timeout=10, bearer=bearer)


def passes(bearer: Bearer, seconds: float) -> None:
    clock = bearer.tokens._clock
    assert isinstance(clock, Clock)
    clock.now += seconds


def test_imap_and_smtp_log_in_by_one_token(
    tokens_only: Dovecot, submission: Postfix, endpoint: TokenEndpoint, bearer: Bearer
) -> None:
    asked, account = endpoint.asked, imap(tokens_only, endpoint, bearer)
    with Mailbox.connect(account) as mailbox:
        assert "AUTH=XOAUTH2" in mailbox.capabilities or mailbox.select("INBOX").uidvalidity
    post = SmtpAccount(submission.host, submission.submission_port, Tls.NONE, account.user, bearer=bearer, timeout=10)
    with Sender(post) as sender:
        address = f"{account.user}@in.test"
        (outcome,) = sender.send([Job(1, address, (address,), (b"Subject: x\r\n\r\nx\r\n",))])
    assert str(outcome.result) == "sent", outcome
    assert endpoint.asked - asked == 1
    assert b"Subject: x" in tokens_only.wait_for(account.user)[0]


def test_a_token_that_ended_before_its_time_is_fetched_anew_on_the_same_connection(
    tokens_only: Dovecot, submission: Postfix, endpoint: TokenEndpoint, bearer: Bearer
) -> None:
    account = imap(tokens_only, endpoint, bearer)
    Mailbox.connect(account).close()
    for attempt in (
        lambda: Mailbox.connect(account).close(),
        lambda: smtp.verify(
            SmtpAccount(submission.host, submission.submission_port, Tls.NONE, account.user, bearer=bearer, timeout=10)
        ),
    ):
        endpoint.end_access()
        passes(bearer, 600)
        asked = endpoint.asked
        attempt()
        assert endpoint.asked - asked == 1


def test_a_server_that_takes_no_new_token_either_is_told_of_as_such(
    tokens_only: Dovecot, submission: Postfix, endpoint: TokenEndpoint, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "introspect", lambda _fields: (200, b'{"active": false}'))
    account = imap(tokens_only, endpoint, bearer)
    with pytest.raises(ImapError, match="OAuth2") as told:
        Mailbox.connect(account)
    post = SmtpAccount(submission.host, submission.submission_port, Tls.NONE, account.user, bearer=bearer, timeout=10)
    with pytest.raises(SmtpError, match="OAuth2") as refused:
        smtp.verify(post)
    for error in (told.value, refused.value):
        assert not error.temporary
        assert "marked-" not in f"{error} {error.text} {error.cause} {error.mend}"


def test_a_dead_refresh_token_is_the_trouble_of_its_account_alone_and_nobody_is_dialled(
    tokens_only: Dovecot, endpoint: TokenEndpoint, bearer: Bearer, tmp_path: Path
) -> None:
    dead = tmp_path / "dead"
    dead.write_text("used-up\n")
    sick = Bearer(Grant("khac@in.test", endpoint.url, CLIENT, dead, CLIENT_SECRET), bearer.tokens)
    with pytest.raises(ImapError, match="invalid_grant") as told:
        Mailbox.connect(ImapAccount("127.0.0.1", 9, Tls.NONE, "khac", "", bearer=sick))
    with pytest.raises(SmtpError, match="invalid_grant"):
        smtp.verify(SmtpAccount("127.0.0.1", 9, Tls.NONE, "khac", bearer=sick))
    assert "dead" in told.value.text.vi
    Mailbox.connect(imap(tokens_only, endpoint, bearer)).close()


def test_a_server_with_oauthbearer_alone_is_logged_in_to(
    endpoint: TokenEndpoint, bearer: Bearer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for server in with_tokens(endpoint, tmp_path_factory.mktemp("bearer"), "oauthbearer"):
        Mailbox.connect(imap(server, endpoint, bearer)).close()
