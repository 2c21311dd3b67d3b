"""Orders stand one a line, with or without accents; ordinary sentences that begin like one are none."""

import pytest

from mailbot.office.orders import Command, Verb, read_command, read_commands
from tests.tables.orders import NO_ORDERS, ORDERS


@pytest.mark.parametrize(("line", "verb", "arguments"), ORDERS)
def test_an_order_is_a_verb_with_its_arguments(line: str, verb: str, arguments: tuple[str, ...]) -> None:
    assert read_command(line) == Command(Verb(verb), arguments)


@pytest.mark.parametrize("line", NO_ORDERS)
def test_a_sentence_that_begins_like_an_order_is_none(line: str) -> None:
    assert read_command(line) is None


def test_every_verb_has_an_example() -> None:
    assert {verb for _, verb, _ in ORDERS} == set(Verb)


@pytest.mark.parametrize(
    ("body", "verbs"),
    [
        ("Chào em,\nNHẮC 152-CV/ĐU", [Verb.REMIND]),
        ("Chào em,\nnhắc 152-CV/ĐU giúp anh", []),
        ("# việc sáng nay\nPHÁT HÀNH 160-CV/ĐU\n\nKẾT THÚC 140-CV/ĐU\nHẾT\nNHẮC 1-CV/ĐU", [Verb.PUBLISH, Verb.CLOSE]),
        ("Anh xem giúp.\nNHẮC 152-CV/ĐU", []),
    ],
)
def test_orders_stand_at_the_top(body: str, verbs: list[Verb]) -> None:
    assert [command.verb for command in read_commands(None, body)] == verbs
