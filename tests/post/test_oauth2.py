"""Access tokens: asked for near expiry alone, a rotated refresh token kept before it is needed, trouble told once."""

from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import pytest

from mailbot.post import oauth2
from mailbot.post.oauth2 import Grant, TokenError, Tokens
from tests.servers.tokens import CLIENT, CLIENT_SECRET, TokenEndpoint, token_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with token_endpoint() as running:
        yield running


@pytest.fixture
def grant(endpoint: TokenEndpoint, tmp_path: Path) -> Grant:
    file = tmp_path / "van-phong"
    file.write_text("first-refresh\n")
    file.chmod(0o644)
    return Grant("vanphong@anhoa.example.vn", endpoint.url, CLIENT, file, CLIENT_SECRET)


def test_a_token_serves_until_it_is_nearly_over(endpoint: TokenEndpoint, grant: Grant) -> None:
    clock = Clock()
    tokens = Tokens(clock)
    assert [tokens.get(grant) for _ in range(50)] == ["marked-access-1"] * 50
    clock.now += 3600 - oauth2.NEAR_EXPIRY_SECONDS - 1
    assert (tokens.get(grant), endpoint.asked) == ("marked-access-1", 1)
    clock.now += 1
    assert (tokens.get(grant), endpoint.asked) == ("marked-access-2", 2)


@pytest.mark.parametrize(("life", "asked"), [(60, 2), ("60", 2), (None, 1), ("soon", 1), (-5, 2), (1e30, 1)])
def test_whatever_is_said_of_a_token_s_life(endpoint: TokenEndpoint, grant: Grant, life: object, asked: int) -> None:
    clock = Clock()
    tokens, endpoint.life = Tokens(clock), life
    tokens.get(grant)
    clock.now += 46
    tokens.get(grant)
    assert endpoint.asked == asked


def test_a_rotated_refresh_token_is_in_its_file_for_its_owner_alone_before_the_access_is_used(
    endpoint: TokenEndpoint, grant: Grant
) -> None:
    assert Tokens().get(grant) == "marked-access-1"
    assert grant.file.read_text() == "marked-refresh-1\n"
    assert stat.S_IMODE(grant.file.stat().st_mode) == 0o600
    assert Tokens().get(grant) == "marked-access-2", "another start goes on from the file"
    assert {path.name for path in grant.file.parent.iterdir()} == {"van-phong", ".van-phong.lock"}


def test_a_refresh_token_that_stays_the_same_is_not_written_again(endpoint: TokenEndpoint, grant: Grant) -> None:
    endpoint.rotates = False
    Tokens().get(grant)
    assert grant.file.read_text() == "first-refresh\n"
    assert stat.S_IMODE(grant.file.stat().st_mode) == 0o644


def test_what_cannot_be_stored_is_told_kept_and_stored_later(
    endpoint: TokenEndpoint, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, store = Tokens(), oauth2.store_secret

    def full(_path: Path, _secret: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(oauth2, "store_secret", full)
    for _ in range(3):
        with pytest.raises(TokenError, match="No space left") as told:
            tokens.get(grant)
    assert told.value.temporary
    assert endpoint.asked == 1, "the token in memory is not thrown away for another"
    monkeypatch.setattr(oauth2, "store_secret", store)
    assert tokens.get(grant) == "marked-access-1"
    assert grant.file.read_text() == "marked-refresh-1\n"


def test_a_file_is_whole_whenever_the_process_ends(grant: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def at_the_rename(part: Path, target: Path) -> None:
        seen.extend([part.read_text(), target.read_text()])
        raise KeyboardInterrupt

    monkeypatch.setattr(type(grant.file), "replace", at_the_rename)
    with pytest.raises(KeyboardInterrupt):
        oauth2.store_secret(grant.file, "new")
    assert seen == ["new\n", "first-refresh\n"]
    assert grant.file.read_text() == "first-refresh\n"


def test_a_dead_refresh_token_is_told_with_the_mend_and_not_asked_about_again_until_it_is_replaced(
    endpoint: TokenEndpoint, grant: Grant
) -> None:
    endpoint.refresh = {"another"}
    tokens = Tokens(Clock())
    for _ in range(20):
        with pytest.raises(TokenError) as told:
            tokens.get(grant)
    assert not told.value.temporary
    assert "van-phong" in told.value.text.vi
    assert "vanphong@anhoa.example.vn" in told.value.text.en
    assert "first-refresh" not in f"{told.value.text} {told.value.cause} {told.value.mend}"
    assert endpoint.asked == 1
    grant.file.write_text("another\n")
    assert tokens.get(grant) == "marked-access-1"


@pytest.mark.parametrize(
    ("status", "body", "temporary"),
    [
        (503, b"<html>busy</html>", True),
        (429, b'{"error": "slow_down"}', True),
        (200, b"", True),
        (200, b"[1]", True),
        (200, b'{"access_token": 5}', True),
        (200, b"[" * 60_000, True),
        (302, b"http://127.0.0.1:9/", True),
        (307, b"http://127.0.0.1:9/", True),
        (401, b'{"error": "invalid_client"}', False),
        (400, b'{"error": "invalid_scope", "error_description": "first-refresh marked-client-secret"}', False),
    ],
)
def test_an_endpoint_that_does_not_give_a_token_is_told_of_without_secrets(
    endpoint: TokenEndpoint, grant: Grant, status: int, body: bytes, *, temporary: bool
) -> None:
    endpoint.broken = (status, body)
    clock = Clock()
    tokens = Tokens(clock)
    for _ in range(5):
        with pytest.raises(TokenError) as told:
            tokens.get(grant)
    assert told.value.temporary is temporary
    assert endpoint.asked == 1, "nobody is asked again for every connection"
    said = f"{told.value} {told.value.text} {told.value.cause} {told.value.failure}"
    assert "first-refresh" not in said
    assert CLIENT_SECRET not in said
    clock.now += oauth2.AGAIN_AFTER_SECONDS
    endpoint.broken = None
    assert tokens.get(grant) == "marked-access-1"


def test_nobody_listens_there(grant: Grant, tmp_path: Path) -> None:
    lost = Grant(grant.who, "http://127.0.0.1:9/token", CLIENT, grant.file)
    with pytest.raises(TokenError) as told:
        Tokens().get(lost)
    assert told.value.temporary
    gone = Grant(grant.who, grant.token_url, CLIENT, tmp_path / "none")
    with pytest.raises(TokenError, match="none"):
        Tokens().get(gone)


def test_all_connections_that_need_a_token_at_once_ask_for_one(endpoint: TokenEndpoint, grant: Grant) -> None:
    tokens = Tokens()
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.get(grant))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (set(got), len(got), endpoint.asked) == ({"marked-access-1"}, 8, 1)


def test_two_processes_never_use_up_the_same_refresh_token(endpoint: TokenEndpoint, grant: Grant) -> None:
    # Each has its own memory; strict rotation kills both when they spend the same one.
    failures: list[TokenError] = []

    def spend() -> None:
        try:
            Tokens().get(grant)
        except TokenError as error:
            failures.append(error)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, endpoint.asked) == ([], 8)


def test_a_refused_token_is_fetched_anew_unless_it_was_new(endpoint: TokenEndpoint, grant: Grant) -> None:
    clock = Clock()
    tokens = Tokens(clock)
    first = tokens.get(grant)
    assert not tokens.refused(grant, first), "a new token that is refused is refused for another reason"
    second = tokens.get(grant)
    clock.now += 600
    assert tokens.refused(grant, second)
    assert tokens.get(grant) == "marked-access-3"
    assert tokens.refused(grant, second), "a neighbour has fetched a new one already"
    assert tokens.get(grant) == "marked-access-3"


def test_nothing_that_is_printed_of_an_account_shows_a_secret(grant: Grant, endpoint: TokenEndpoint) -> None:
    tokens = Tokens()
    tokens.get(grant)
    shown = f"{grant!r} {oauth2.Bearer(grant, tokens)!r} {tokens!r} {tokens._held!r}"
    assert CLIENT_SECRET not in shown
    assert "marked-" not in shown
