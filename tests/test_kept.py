"""What the rooms that read mails remember from one mail for the next has an end: the daemon runs for months."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest

import mailbot.mail
import mailbot.office
import mailbot.reading
from mailbot.mail.headers import parse_addresses, parse_parameters
from mailbot.office import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator


def remembering() -> Iterator[tuple[str, Any]]:
    for room in (mailbot.mail, mailbot.office, mailbot.reading):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if hasattr(value, "cache_parameters") and value.__module__ == module.__name__:
                    yield f"{found.name}.{name}", value


@pytest.mark.parametrize(("name", "function"), list(remembering()), ids=[name for name, _ in remembering()])
def test_what_is_remembered_by_a_word_of_a_mail_is_bounded(name: str, function: Any) -> None:
    bounded = function.cache_parameters()["maxsize"] is not None
    assert bounded or not inspect.signature(function).parameters, name


def test_the_functions_that_remember_are_found() -> None:
    assert {function for _, function in remembering()} >= {numbers.type_of, numbers.system_of}


def test_a_value_too_long_to_be_kept_is_read_all_the_same() -> None:
    short, long = ", ".join(["an@a.test"] * 2), ", ".join(["an@a.test"] * 200)
    assert len(parse_addresses(short.encode())) == 2
    assert len(parse_addresses(long.encode())) == 200
    assert parse_parameters(b"text/plain; a=" + b"x" * 2000)[1]["a"] == "x" * 2000
