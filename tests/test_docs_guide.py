"""The guide in Vietnamese says what the code does: its orders, answers, quoted mails and commands are tried here."""

from __future__ import annotations

import re
import shlex
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
import typer

from mailbot.cli.main import app
from mailbot.office.answers import read_reply
from mailbot.office.instructions import read_instruction
from mailbot.office.limits import Anchors
from mailbot.office.orders import read_command
from mailbot.office.text import fold
from mailbot.rendering.letters import Letters
from mailbot.rendering.samples import cases
from mailbot.routing.ordering import HELP, ORDERS
from mailbot.settings_source import AttachmentsSource, OAuth2Source, PapersSource, RetentionSource
from mailbot.yaml_source import build, parse
from tests.example_office import example

GUIDE = Path(__file__).parent.parent / "docs" / "huong-dan.md"
TEXT = GUIDE.read_text("utf-8")
FENCE = re.compile(r"^ *```(\w+) ?([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
REPLY_TO = "vanphong@anhoa.example.vn"
TODAY = date(2026, 10, 6)
# Orders on a mail that waits for its word; they are no verbs of a mail by themselves.
WORDS_ON_A_MAIL = {"approve", "reject", "amend"}


def examples(kind: str) -> list[tuple[str, str]]:
    """Return (what it is said to mean, line) of each example of a kind."""
    return [
        (fence[2], line.strip())
        for fence in FENCE.finditer(TEXT)
        if fence[1] == kind
        for line in fence[3].splitlines()
        if line.strip()
    ]


def plain(text: str) -> str:
    return " ".join(text.split())


@lru_cache
def mails(name: str) -> str:
    """Every case of a mail as it goes out, subjects and texts, without line ends."""
    letters = Letters(example().templates)
    made = [letters.render(name, values, token="t0k3n", reply_to=REPLY_TO) for _, values in cases(name)]
    return plain("\n".join(f"{letter.subject}\n{letter.text}" for letter in made))


@pytest.mark.parametrize(("verb", "line"), examples("order"))
def test_each_order_means_what_the_guide_says_and_is_carried_out(verb: str, line: str) -> None:
    command = read_command(line)
    assert command is not None, line
    assert command.verb == verb
    assert command.verb in ORDERS or verb in WORDS_ON_A_MAIL


@pytest.mark.parametrize("line", HELP)
def test_each_order_that_there_is_stands_in_the_guide(line: str) -> None:
    command = read_command(line.split(", hoặc", maxsplit=1)[0].split(" (", maxsplit=1)[0])
    command = command or read_command(line.split(":", maxsplit=1)[0])
    assert command is not None, line
    told = {verb for verb, _ in examples("order")}
    assert command.verb in told, f"docs/huong-dan.md has no ```order {command.verb} example"


@pytest.mark.parametrize(("intent", "line"), examples("answer"))
def test_each_answer_is_understood_as_the_guide_says(intent: str, line: str) -> None:
    assert read_reply(line, has_report=False, sent_on=TODAY).intent == intent


@pytest.mark.parametrize(("part", "line"), examples("instruction"))
def test_each_instruction_is_understood_as_the_guide_says(part: str, line: str) -> None:
    understood = read_instruction(line, Anchors(None, TODAY, "Asia/Ho_Chi_Minh"))
    assert understood.clear, understood.unclear
    assert getattr(understood, part)


@pytest.mark.parametrize(("template", "line"), examples("mail"))
def test_each_sentence_quoted_from_a_mail_is_in_that_mail(template: str, line: str) -> None:
    assert plain(line) in mails(template)


@pytest.mark.parametrize("line", [line for _, line in examples("list")])
def test_each_answer_by_number_is_one_that_some_list_offers(line: str) -> None:
    number, _, words = line.partition(" ")
    assert number.isdigit()
    source = "\n".join(path.read_text("utf-8") for path in (GUIDE.parent.parent / "mailbot" / "routing").glob("*.py"))
    assert f'Choice("{words}", Act.' in source or f'("{words}", Intent.' in source


def commands() -> list[str]:
    inline = re.findall(r"`(mailbot [^`]+)`", TEXT)
    return [line for _, line in examples("shell")] + inline


@pytest.mark.parametrize("line", commands())
def test_each_command_exists_with_its_options(line: str) -> None:
    words = shlex.split(line)[1:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, f"there is no {line}"
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    assert arguments or not [word for word in words[:1] if not word.startswith("-")]


# The parts of mailbot.yaml that the guide shows whole, by the word behind ```yaml.
SHOWN = {"papers": PapersSource, "oauth2": OAuth2Source, "retention": RetentionSource, "attachments": AttachmentsSource}


def test_the_policies_that_the_guide_shows_are_read() -> None:
    blocks = {fence[2].strip(): fence[3] for fence in FENCE.finditer(TEXT) if fence[1] == "yaml"}
    assert blocks.keys() == SHOWN.keys()
    for name, block in blocks.items():
        document = parse(block, "mailbot.yaml")
        source, problems = build(SHOWN[name], document)
        assert (source is not None, problems) == (True, ())
        assert set(SHOWN[name].model_fields) == set(document.data)


def test_the_guide_has_a_page_for_each_of_its_readers() -> None:
    pages = re.findall(r"^## (Trang \d\. .+)$", TEXT, re.MULTILINE)
    assert [fold(page) for page in pages] == [
        "trang 1. chi bo, don vi",
        "trang 2. van thu",
        "trang 3. lanh dao",
        "trang 4. quan tri",
    ]
    for page in pages:
        anchor = page.lower().replace(".", "").replace(",", "").replace(" ", "-")
        assert f"(#{anchor})" in TEXT
