"""The key of tokens is changed without breaking old mail: answers count, and nothing goes out twice."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailbot.problems import MailbotError
from mailbot.service.backing_up import backup
from mailbot.service.runtime import Runtime
from mailbot.service.token_keys import NAME, is_key, rotate, site_keys
from mailbot.site import load
from mailbot.store import fence
from mailbot.store.database import Store
from tests.example_office import write_example
from tests.office_site import write_site
from tests.stories.town import HANOI, Town

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


def test_a_new_key_is_used_and_the_old_ones_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (first,) = site_keys(var)
    rotate(var, NOW)
    second, *older = site_keys(var)
    assert older == [first]
    rotate(var, NOW + timedelta(days=1))
    assert site_keys(var)[1:] == (second, first)
    files = [path for path in var.iterdir() if is_key(path.name)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len(list(var.iterdir())) == len(files) == 3, "nothing is left lying about"


@pytest.mark.parametrize("content", [None, b"short"])
def test_a_key_that_is_missing_or_broken_is_not_replaced_silently(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    with pytest.raises(MailbotError):
        rotate(tmp_path, NOW)


def test_a_running_daemon_takes_the_new_key_at_once(tmp_path: Path) -> None:
    runtime = Runtime(write_example(tmp_path / "site"), now=lambda: NOW)
    before = runtime.envelope()
    rotate(runtime.var, NOW)
    after = runtime.envelope()
    runtime.close()
    assert after.secret != before.secret
    assert after.older == (before.secret,)


def test_a_backup_brings_every_key_along(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", imap=1, smtp=1).folder
    settings = load(site).settings
    Store(settings.database).close()
    site_keys(site / "var")
    kept = rotate(site / "var", NOW)
    contents = backup(settings, tmp_path / "b.tar", NOW)
    assert {f"var/{NAME}", f"var/{kept.name}"} <= set(contents.files)


def test_answers_to_mails_made_with_the_old_key_count_and_nothing_goes_out_twice(
    tmp_path: Path, dovecot: Dovecot, postfix: Postfix
) -> None:
    town = Town(tmp_path, dovecot, postfix, datetime(2026, 10, 5, 9, 0, tzinfo=HANOI))
    town.hand_in("152-CV/ĐU", "16/10/2026")
    rotate(town.runtime.var, NOW)
    town.answers("tdp1", "Đã nhận")
    assert town.unit("tdp-1", "152-CV/ĐU")["handling"] == "acknowledged"
    town.hand_in("153-CV/ĐU", "16/10/2026")
    town.answers("tdp1", "Đã nhận")
    assert town.unit("tdp-1", "153-CV/ĐU")["handling"] == "acknowledged"
    town.close()


def test_a_restored_site_keeps_its_key_until_it_is_released(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from mailbot.cli.main import app

    site = write_site(tmp_path / "site", imap=1, smtp=1).folder
    site_keys(site / "var")
    store = Store(load(site).settings.database)
    with store.write() as connection:
        fence.raise_fence(connection, fence.Why.RESTORED, "2026-10-05T09:00", NOW)
    refused = CliRunner().invoke(app, ["key", "rotate", "-C", str(site)])
    assert refused.exit_code != 0
    with store.write() as connection:
        fence.lift(connection, NOW)
    store.close()
    assert CliRunner().invoke(app, ["key", "rotate", "-C", str(site)]).exit_code == 0
    assert len(site_keys(site / "var")) == 2
