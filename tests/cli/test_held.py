"""`mailbot held`, `order` and `outbox`: what an admin sees and types, in the language of the locale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mailbot.store.database import Store
from tests.cli.test_bad_input import mailbot
from tests.example_office import write_example
from tests.store.desk import Desk
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An office with one paper out, of which one unit asks for more time."""
    folder = write_example(tmp_path)
    (folder / "var").mkdir(exist_ok=True)
    store = Store(f"sqlite:///{folder / 'var' / 'mailbot.db'}")
    desk = Desk(store)
    released(desk)
    desk.answer(CELLS["det-may"], "Xin gia hạn đến ngày 23/10/2030", to=CELLS["det-may"])
    desk.compose()
    store.close()
    return folder


def test_a_matter_is_shown_with_the_commands_that_answer_it_approved_and_then_gone(office: Path) -> None:
    here = ("-C", str(office))
    (matter,) = json.loads(mailbot("held", "list", "--json", *here).stdout)
    number = str(matter["id"])
    shown = mailbot("held", "show", number, *here)
    assert f'mailbot held answer {number} "không đồng ý"' in shown.stdout
    approved = mailbot("held", "approve", number, *here, language="vi_VN.UTF-8")
    assert approved.returncode == 0, approved.stderr
    assert "gia hạn đến hết" in approved.stdout
    gone = mailbot("held", "show", number, *here, language="vi_VN.UTF-8")
    assert gone.returncode == 65
    assert "mailbot held list" in gone.stderr


def test_an_order_prints_its_transcript_and_one_that_is_refused_says_why(office: Path) -> None:
    done = mailbot("order", "nhac", "152-CV/DU", "-C", str(office))
    assert done.returncode == 0, done.stderr
    assert "✓ nhắc 02 đơn vị" in done.stdout
    refused = mailbot("order", "NHẮC 999-CV/ĐU", "-C", str(office))
    assert refused.returncode == 65
    assert "✗" in refused.stdout
    assert "999-CV/ĐU" in refused.stdout


def test_a_mail_is_shown_held_and_released_by_its_number(office: Path) -> None:
    here = ("-C", str(office))
    rows = json.loads(mailbot("outbox", "list", "--state", "ready", "--json", *here).stdout)
    number = f"o{rows[0]['id']}"
    shown = mailbot("outbox", "show", number, *here)
    assert rows[0]["recipient"] in shown.stdout
    assert mailbot("outbox", "hold", number, *here).returncode == 0
    again = mailbot("outbox", "hold", number, *here)
    assert again.returncode == 65
    assert "cannot be held" in again.stdout
    assert mailbot("outbox", "release", number, *here).returncode == 0
    assert mailbot("outbox", "cancel", "o99999", *here).returncode == 65
