"""`mailbot status`: the table of the units and its JSON, in the language of the locale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.ledgers import filled
from tests.cli.test_bad_input import mailbot
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with one paper out, received by one of its two units."""
    with filled(tmp_path_factory.mktemp("office")) as (folder, desk):
        released(desk)
        desk.answer(CELLS["det-may"], "Đã nhận", to=CELLS["det-may"])
    return folder


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi_VN.UTF-8", ("Xác nhận", "06/10 08:25", "nhắc 13/10 08:00", "Bước tiếp", "15/10/2026")),
        ("C.UTF-8", ("Acknowledged", "06/10 08:25", "reminder 13/10 08:00", "Next step", "15/10/2026")),
    ],
)
def test_the_table_shows_each_unit_s_way(office: Path, language: str, words: tuple[str, ...]) -> None:
    run = mailbot("status", "152", "-C", str(office), language=language)
    assert run.returncode == 0, run.stderr
    assert [word for word in words if word not in run.stdout] == []


def test_json_has_what_the_table_shows_and_the_codes_of_the_ledger(office: Path) -> None:
    run = mailbot("status", "152-CV/ĐU", "--json", "-C", str(office))
    (document,) = json.loads(run.stdout)
    units = {unit["unit"]: unit for unit in document["units"]}
    assert units["det-may"]["handling"] == "acknowledged"
    assert units["det-may"]["acknowledged_at"].startswith("2026-10-06T01:25")
    assert (units["hop-tac-xa"]["acknowledged_at"], units["hop-tac-xa"]["next_step"]) == (None, "remind")
