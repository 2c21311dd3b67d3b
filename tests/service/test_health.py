"""Health says in both languages what troubles a part, until that part has done a good cycle again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailbot.problems import Text
from mailbot.service.health import examine
from mailbot.service.runtime import Runtime
from mailbot.service.status import COMPOSER, good_cycle, trouble
from tests.office_site import write_site
from tests.servers.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    site = write_site(tmp_path / "site", imap=free_port(), smtp=free_port())
    opened = Runtime(site.folder)
    yield opened
    opened.close()


def told(runtime: Runtime) -> list[Text]:
    settings = runtime.in_force.settings
    return list(examine(runtime.store, settings, runtime.var, runtime.now()).issues)


@pytest.mark.parametrize("part", [COMPOSER, "mailbox van-phong", "sender van-phong"])
def test_trouble_is_told_in_both_languages_until_the_next_good_cycle(runtime: Runtime, part: str) -> None:
    trouble(runtime, part, Text("sai mật khẩu", "wrong password"))
    assert any(text.vi.endswith(": sai mật khẩu") and text.en.endswith(": wrong password") for text in told(runtime))
    good_cycle(runtime, part)
    assert not any("wrong password" in text.en for text in told(runtime))


def test_a_bug_of_the_composer_is_no_silent_one(runtime: Runtime) -> None:
    trouble(runtime, COMPOSER, "OperationalError: no such table")
    assert any("no such table" in text.vi and "soạn thư" in text.vi for text in told(runtime))
