"""Every check has an id in one table, a broken office that shows its exact words, and a way to be silenced."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from mailbot import site
from mailbot.allowing import allows
from mailbot.checks import CHECKS, Severity
from mailbot.cli import check_command
from mailbot.cli.check_command import examine
from mailbot.cli.problems_shown import excerpt
from tests import broken_sites
from tests.broken_sites import TODAY
from tools import checks as page_of_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return broken_sites.example(tmp_path_factory.mktemp("office") / "office")


# --- the table ------------------------------------------------------------------------------------------------------


def said_in_code() -> Iterator[tuple[str, str]]:
    """Yield (where, id) of every check that the code raises by name."""
    for path in sorted((ROOT / "mailbot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                continue
            prefix = {"Problem": "", "refuse": "", "wrong": "value.", "unknown_name": "unknown."}.get(called)
            if called == "say" and len(node.args) > 1:
                prefix = ""
            if prefix is not None:
                yield f"{path.name}:{node.lineno}", prefix + first.value


def test_every_id_that_the_code_says_is_in_the_table() -> None:
    said = list(said_in_code())
    assert len(said) > 50
    assert [(where, name) for where, name in said if name not in CHECKS] == []


def test_every_check_has_a_broken_office_and_every_broken_office_a_check() -> None:
    assert broken_sites.names() == sorted(CHECKS)


def test_every_check_is_described_in_both_languages() -> None:
    for name, one in CHECKS.items():
        assert one.vi, name
        assert one.en, name
        assert one.vi != one.en, name
        assert bool(one.mend_vi) == bool(one.mend_en), name


@pytest.mark.parametrize("name", broken_sites.names())
def test_a_broken_office_is_told_in_exactly_these_words(name: str, example: Path, tmp_path: Path) -> None:
    folder = broken_sites.broken(name, example, tmp_path / "office")
    found = broken_sites.examined(name, folder)
    told = [problem for problem in found.problems if problem.check == name]
    assert told
    assert (found.loaded is None) == any(not problem.warning for problem in found.problems)
    assert all(problem.advice for problem in told), "nothing says how to mend it"
    expected = (broken_sites.CASES / name / broken_sites.EXPECTED).read_text("utf-8")
    assert broken_sites.shown(found, folder) == expected, "if this is better: python -m tools.checks --expected"


def test_the_page_of_checks_is_what_the_table_and_the_examples_give() -> None:
    assert page_of_checks.PAGE.read_text("utf-8") == page_of_checks.page(), "run: python -m tools.checks"


def test_the_example_office_and_its_tests_are_in_order(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_PASSWORD", "x")
    assert examine(example, TODAY).problems == ()


# --- silencing ------------------------------------------------------------------------------------------------------

DIRECTORY = "rules/directory.yaml"
SHARED = "directory.shared_address"
MAIL = "    mail: [tdp2@example.org]\n"


def found_in(office: Path, old: str, new: str, file: str = DIRECTORY) -> list[tuple[str, int]]:
    text = (office / file).read_text("utf-8")
    assert old in text
    (office / file).write_text(text.replace(old, new, 1), "utf-8")
    return [(problem.check, problem.position.line) for problem in examine(office, TODAY).problems]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAILBOT_PASSWORD", "x")
    return broken_sites.example(tmp_path / "office")


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ("    mail: [tdp1@example.org]\n", [(SHARED, 37)]),
        (f"    mail: [tdp1@example.org] # mailbot: allow {SHARED}\n", []),
        (f"    # mailbot: allow {SHARED}\n    mail: [tdp1@example.org]\n", []),
        (f"    # mailbot: allow {SHARED}\n    # dùng chung\n\n    mail: [tdp1@example.org]\n", []),
        (f"    mail: [tdp1@example.org] # mailbot: allow directory.one_name, {SHARED}\n", [("check.unused_allow", 37)]),
        (
            f"    mail: [tdp1@example.org]\n    # mailbot: allow {SHARED}\n",
            [(SHARED, 37), ("check.unused_allow", 38)],
        ),
        ("    mail: [tdp2@x] # mailbot: allow value.address\n", [("value.address", 37), ("check.allowed_error", 37)]),
    ],
)
def test_a_comment_silences_the_warning_of_its_line_and_no_other(
    office: Path, lines: str, left: list[tuple[str, int]]
) -> None:
    assert found_in(office, MAIL, lines) == left


@pytest.mark.parametrize(
    ("password", "left"),
    [
        ("env:KHONG_CO} # mailbot: allow settings.secret", []),
        ("env:MAILBOT_PASSWORD} # mailbot: allow settings.secret", [("check.unused_allow", 18)]),
    ],
)
def test_a_warning_about_this_machine_is_silenced_and_judged_by_check_alone(
    office: Path, password: str, left: list[tuple[str, int]]
) -> None:
    assert found_in(office, "env:MAILBOT_PASSWORD}", password, site.MAIN) == left
    assert site.load(office).warnings == ()


def test_a_template_silences_by_a_comment_of_its_own(office: Path) -> None:
    path = office / "templates/directiv.txt.j2"
    path.write_text("Kính gửi: {{ unit }}\n", "utf-8")
    assert [problem.check for problem in site.load(office).warnings] == ["template.unused"]
    path.write_text("{# mailbot: allow template.unused #}\nKính gửi: {{ unit }}\n", "utf-8")
    assert site.load(office).warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        "# mailbot allow rule.nobody",
        "mailbot: allow rule.nobody",
        "# mailbot: allow",
        "# mailbot: allow Tổ 5",
        "x#mailbot: allow rule.nobody",
    ],
)
def test_other_comments_silence_nothing(line: str) -> None:
    assert list(allows([line], "rules/x.yaml")) == []


def test_a_wrong_rule_test_keeps_check_from_being_content_and_not_the_daemon(office: Path) -> None:
    (office / "rules/tests/moi.yaml").write_text("tests: [{nam: a}]\n", "utf-8")
    found = examine(office, TODAY)
    assert {problem.check for problem in found.problems} == {"value.unknown_key", "value.missing"}
    assert found.loaded is None
    assert site.load(office).warnings == ()


# --- what is printed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "column", "shown", "before"),
    [
        ("kinds: a", 1, "kinds: a", 0),
        ("a: 日本 b", 7, "a: 日本 b", 8),
        ("e\u0302m: x", 6, "e\u0302m: x", 4),
        ("0123456789" * 4, 1, "0123456789012345678…", 0),
        ("0123456789" * 4, 40, "…67890123456789", 14),
    ],
)
def test_the_caret_stands_under_the_place(line: str, column: int, shown: str, before: int) -> None:
    assert excerpt(line, column, 20) == (shown, before)


def run(*words: str) -> str:
    app = typer.Typer()
    app.command()(check_command.check)
    result = CliRunner().invoke(app, list(words), env={"LC_ALL": "vi_VN.UTF-8", "COLUMNS": "200"})
    assert result.exit_code == 0
    return result.output


def test_the_list_names_every_check_with_its_severity() -> None:
    lines = run("--list").splitlines()
    assert [line.split()[0] for line in lines] == list(CHECKS)
    assert "cảnh báo" in next(line for line in lines if line.startswith(SHARED))
    listed = json.loads(run("--list", "--json"))
    assert {one["check"]: one["severity"] for one in listed} == {
        name: str(check.severity) for name, check in CHECKS.items()
    }
    assert {one["severity"] for one in listed} == {str(one) for one in Severity}
