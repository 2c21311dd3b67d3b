"""The identity of our mails: stable, told apart by any part, and not to be guessed."""

from __future__ import annotations

import re

import pytest

from mailbot.rendering.identity import TOKEN_LENGTH, identify, key_of

SECRET = b"k" * 32
PARTS = ("content key", "tdp-1", "tdp1@example.org", "directive", "0", "0")


def test_token_is_thirteen_signs_that_survive_any_mail_client() -> None:
    found = identify(SECRET, "anhoa.example.vn", *PARTS)
    assert re.fullmatch(r"[a-z2-7]{13}", found.token)
    assert len(found.token) == TOKEN_LENGTH
    assert re.fullmatch(r"<mb\.[a-z2-7]{32}@anhoa\.example\.vn>", found.message_id)


def test_the_same_mail_has_the_same_identity_after_a_restore() -> None:
    assert identify(SECRET, "anhoa.example.vn", *PARTS) == identify(bytes(SECRET), "anhoa.example.vn", *PARTS)


@pytest.mark.parametrize("place", range(len(PARTS)))
def test_any_part_makes_another_mail(place: int) -> None:
    other = [part + "x" if index == place else part for index, part in enumerate(PARTS)]
    first, second = identify(SECRET, "d", *PARTS), identify(SECRET, "d", *other)
    assert first.key != second.key
    assert first.token != second.token
    assert first.message_id != second.message_id


def test_parts_do_not_run_into_each_other() -> None:
    assert identify(SECRET, "d", "ab", "c") != identify(SECRET, "d", "a", "bc")


def test_another_secret_makes_other_tokens() -> None:
    assert identify(SECRET, "d", *PARTS).token != identify(b"j" * 32, "d", *PARTS).token


def test_a_mail_is_found_by_the_key_in_its_message_id_however_a_server_writes_it() -> None:
    found = identify(SECRET, "d", *PARTS)
    assert key_of(found.message_id) == found.key
    assert key_of(found.message_id.strip("<>").upper()) == found.key
    assert found.key.startswith(found.token)
    assert key_of("<other@example.org>") is None
