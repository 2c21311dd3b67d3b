"""`mailbot directory taught`: which addresses the clerk has taught, and how one is forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailbot.routing.plans import TaughtAddress
from mailbot.store import teaching
from mailbot.store.database import Store
from tests.cli.test_bad_input import mailbot
from tests.example_office import write_example

if TYPE_CHECKING:
    from pathlib import Path

OWN = "bi-thu.rieng@example.com"


def test_a_taught_address_is_shown_forgotten_and_then_unknown(tmp_path: Path) -> None:
    folder = write_example(tmp_path)
    (folder / "var").mkdir(exist_ok=True)
    store = Store(f"sqlite:///{folder / 'var' / 'mailbot.db'}")
    with store.write() as connection:
        teaching.teach(connection, [TaughtAddress(OWN, "det-may", "Văn thư")], datetime(2026, 10, 6, tzinfo=UTC), None)
    store.close()
    command = ("directory", "taught", "-C", str(folder))
    (shown,) = json.loads(mailbot(*command, "--json").stdout)
    assert (shown["address"], shown["unit"], shown["by"]) == (OWN, "det-may", "Văn thư")
    assert f"{OWN} → det-may (Văn thư" in mailbot(*command).stdout
    assert mailbot(*command, "--forget", OWN).returncode == 0
    again = mailbot(*command, "--forget", OWN)
    assert again.returncode != 0
    assert OWN in again.stderr
    assert json.loads(mailbot(*command, "--json").stdout) == []
