"""YAML read as text, each mistake at its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.problems import Position
from mailbot.yaml_source import Strict, build, parse
from mailbot.yaml_values import Clock, Flag, Lines, Size, Whole  # noqa: TC001 - pydantic reads the annotations


def test_scalars_stay_what_they_look_like() -> None:
    data = parse("a: 08:00\nb: no\nc: 012\nd: 2026-10-06\ne: 1.10\nf: 'null'\ng:\nh: ~\n", "x.yaml").data
    assert data == {
        "a": "08:00",
        "b": "no",
        "c": "012",
        "d": "2026-10-06",
        "e": "1.10",
        "f": "null",
        "g": None,
        "h": None,
    }


def test_every_value_and_key_has_its_place() -> None:
    document = parse("a:\n  - {b: 1, c: [x, y]}\n", "x.yaml")
    assert document.position(("a", 0, "c", 1)) == Position("x.yaml", 2, 19)
    assert document.key_position(("a", 0, "c")) == Position("x.yaml", 2, 12)
    assert document.position(("a", 0, "nothing", "here")) == Position("x.yaml", 2, 5)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n\t- b\n", 2, 1, "tab"),
        ("a: b: c\n", 1, 5, "colon"),
        ("a: [1, 2\nb: 3\n", 2, 2, "bracket"),
        ("a: [", 1, 5, "cut off"),
        ("a: 'x\n", 2, 1, "quote"),
        ("a: @x\n", 1, 4, "begin a value"),
        ("a: *x\n", 1, 4, "alias"),
        ("a: 1\n---\nb: 2\n", 2, 1, "one YAML document"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "indentation"),
        ("a: 1\nb: \x01\n", 2, 4, "no YAML"),
    ],
)
def test_what_is_no_yaml_is_told_in_one_sentence(text: str, line: int, column: int, words: str) -> None:
    document = parse(text, "x.yaml")
    (problem,) = document.problems
    assert document.data is None
    assert problem.position == Position("x.yaml", line, column)
    assert words in problem.text.en


def test_a_doubled_key_is_told_and_the_rest_is_still_read() -> None:
    document = parse("a: 1\nb: 2\na: 3\n", "x.yaml")
    (problem,) = document.problems
    assert (problem.check, problem.position.line) == ("yaml.duplicate_key", 3)
    assert "line 1" in problem.text.en
    assert document.data == {"a": "1", "b": "2"}


def test_aliases_that_unfold_without_end_are_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    for text in (bomb, "a: &a [*a]\n", "[" * 900):
        document = parse(text, "x.yaml")
        assert document.data is None
        assert len(document.problems) == 1


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.text("ab:-[]{},'\"\n\t #&*!|>%@?", max_size=40))
def test_any_text_gives_a_document_or_a_problem(text: str) -> None:
    document = parse(text, "x.yaml")
    assert document.data is None or not document.problems or document.problems[0].check.startswith("yaml.")


class Server(Strict):
    port: Whole = 1
    slots: tuple[Clock, ...] | None = None


class Example(Strict):
    on: Flag = False
    size: Size = 0
    names: Lines = ()
    servers: dict[str, Server]


def test_texts_become_values() -> None:
    text = "{on: yes, size: 25MB, names: a, servers: {x: {port: 993}}}"
    example, problems = build(Example, parse(text, "x.yaml"))
    assert problems == ()
    assert example is not None
    assert (example.on, example.size, example.names, example.servers["x"].port) == (True, 25_000_000, ("a",), 993)


@pytest.mark.parametrize(
    ("text", "check", "column", "mend"),
    [
        ("{servers: {x: {prot: 1}}}", "value.unknown_key", 16, 'did you mean "port"?'),
        ("{servers: {x: {zzzz: 1}}}", "value.unknown_key", 16, "the keys known here: port, slots"),
        ("{servers: {x: {port: abc}}}", "value.number", 22, ""),
        ("{servers: {x: [1]}}", "value.shape", 15, ""),
        ("{servers: 5}", "value.shape", 11, ""),
        ("{on: maybe, servers: {}}", "value.flag", 6, ""),
        ("{size: large, servers: {}}", "value.size", 8, ""),
        ("{names: [a, [b]], servers: {}}", "value.text", 13, ""),
        ("{}", "value.missing", 1, 'add "servers: …"'),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(text: str, check: str, column: int, mend: str) -> None:
    example, (problem,) = build(Example, parse(text, "x.yaml"))
    assert example is None
    assert (problem.check, problem.position.line, problem.position.column) == (check, 1, column)
    assert (problem.mend.en if problem.mend else "") == mend
