"""The page of faults lies of nothing: each row names a test that is there, and each test of a fault has its row."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| fault", "| ---"))]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS, ids=[row.split(" · ")[0][2:] for row in ROWS])
def test_every_fault_is_whole_and_names_tests_that_exist(row: str) -> None:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 5
    assert all(cells)
    named = NAMED.findall(cells[4])
    assert named
    assert [name for file, name in named if name not in names_in(file)] == []


@pytest.mark.parametrize("file", ["test_faulty_servers.py", "test_faulty_machine.py"])
def test_every_test_of_a_fault_is_told_of(file: str) -> None:
    path = f"tests/service/{file}"
    named = {name for found, name in NAMED.findall(PAGE) if found == path}
    assert sorted(name for name in names_in(path) if name.startswith("test_") and name not in named) == []


def test_the_page_is_found_from_the_readme() -> None:
    assert "docs/faults.md" in (ROOT / "README.md").read_text("utf-8")
