"""From `oauth2:` of mailbot.yaml to logins: one token for both servers, and trouble that is told at its mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mailbot.cli.check_command import unset_secrets
from mailbot.cli.online import try_servers
from mailbot.post.oauth2 import Grant
from mailbot.service.accounts import imap_account, smtp_account
from mailbot.site import load
from tests.broken_sites import TODAY, example
from tests.servers.tokens import CLIENT, CLIENT_SECRET, TokenEndpoint, token_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = ", password: env:MAILBOT_PASSWORD"
SMTP = "smtp: {host: smtp.anhoa.example.vn, port: 587, tls: starttls, user: vanphong@anhoa.example.vn"


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with token_endpoint() as running:
        yield running


def site(folder: Path, oauth2: str, *, drop: str = PASSWORD) -> Any:
    """The example office whose mailbox logs in by OAuth2."""
    path = example(folder / "site") / "mailbot.yaml"
    text = path.read_text("utf-8").replace(drop, "")
    path.write_text(text.replace("    watch: [INBOX]\n", f"    oauth2: {{{oauth2}}}\n    watch: [INBOX]\n", 1), "utf-8")
    secrets = path.parent / "secrets"
    secrets.mkdir()
    (secrets / "van-phong").write_text("first-refresh\n")
    (secrets / "client").write_text(f"{CLIENT_SECRET}\n")
    return load(path.parent, TODAY)


REFRESH = "client_id: mailbot-client, refresh_token: file:secrets/van-phong"


@pytest.mark.parametrize(
    ("written", "url", "scope"),
    [
        ("provider: google", "https://oauth2.googleapis.com/token", ""),
        ("provider: microsoft", "https://login.microsoftonline.com/common/oauth2/v2.0/token", "offline_access"),
        ("provider: microsoft, tenant: x.vn", "https://login.microsoftonline.com/x.vn/oauth2/v2.0/token", "SMTP.Send"),
        ("provider: other, token_url: 'https://sso.vn/t', scope: mail", "https://sso.vn/t", "mail"),
    ],
)
def test_both_servers_share_the_grant_of_their_mailbox(tmp_path: Path, written: str, url: str, scope: str) -> None:
    settings = site(tmp_path, f"{written}, {REFRESH}, client_secret: file:secrets/client").settings
    mailbox = settings.mailboxes["van-phong"]
    imap, smtp = imap_account(mailbox, settings.folder), smtp_account(mailbox, settings.folder)
    file = settings.folder / "secrets" / "van-phong"
    assert imap.bearer == smtp.bearer
    assert imap.bearer is not None
    assert imap.bearer.grant == Grant(mailbox.address, url, CLIENT, file, CLIENT_SECRET, imap.bearer.grant.scope)
    assert scope in imap.bearer.grant.scope
    assert smtp.user == "vanphong@anhoa.example.vn"


def test_a_server_with_a_password_uses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_PASSWORD", "x")
    settings = site(tmp_path, f"provider: google, {REFRESH}", drop="no such text").settings
    account = imap_account(settings.mailboxes["van-phong"], settings.folder)
    assert (account.bearer, account.password) == (None, "x")


def test_a_file_that_is_not_there_is_told_where_it_is_written(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"provider: google, {REFRESH}, client_secret: env:NOT_SET_HERE")
    (loaded.settings.folder / "secrets" / "van-phong").unlink()
    found = {problem.check: problem.position.line for problem in unset_secrets(loaded)}
    assert found == {"settings.secret": 20}
    assert len([*unset_secrets(loaded)]) == 2


def test_a_dead_token_is_told_online_at_its_servers_without_dialling_them(
    tmp_path: Path, endpoint: TokenEndpoint
) -> None:
    endpoint.refresh = set()
    loaded = site(
        tmp_path, f"provider: other, token_url: '{endpoint.url}', {REFRESH}, client_secret: file:secrets/client"
    )
    problems = [*try_servers(loaded)]
    assert [problem.check for problem in problems] == ["online.imap", "online.smtp"]
    assert all("invalid_grant" in problem.text.vi and problem.mend is not None for problem in problems)
    assert endpoint.asked == 1, "both servers share what is known"
