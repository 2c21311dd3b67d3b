"""Raw mails leave the archive when they are kept long enough and nothing waits for them; a tombstone stays for ever."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailbot.service import retaining
from mailbot.service.retaining import remove_old
from mailbot.store import journal, retention
from mailbot.store.archive import Archive
from mailbot.store.inspecting import verify as verify_chain
from mailbot.store.tables import TABLES
from mailbot.store.verifying import verify
from tests.example_office import CLERK, directive, mail
from tests.store.test_orders import CELLS, released

if TYPE_CHECKING:
    from datetime import datetime

    from tests.store.desk import Desk

MONTHS = 60
LATER = timedelta(days=6 * 365)


@pytest.fixture
def archive(desk: Desk, tmp_path: Path) -> Archive:
    """The archive in which each mail that is handed in is kept, with what is encoded of it for many copies."""
    kept, plan = Archive(tmp_path / "archive"), desk.plan

    def keep(connection: Any, written: Any, row: int, **known: Any) -> Any:
        decision, filed = plan(connection, written, row, **known)
        raw = written if isinstance(written, bytes) else bytes(written)
        digest = kept.put(raw)
        shared = kept.put(b"shared " + raw) if filed.shared_hash else None
        return decision, replace(filed, archive_hash=digest, shared_hash=shared)

    desk.plan = keep  # type: ignore[method-assign]
    return kept


def are_old(archive: Archive, when: datetime) -> None:
    """Let the files be of a day, as their names cannot tell."""
    for path in archive.folder.rglob("*"):
        os.utime(path, (when.timestamp(), when.timestamp()))


def files(archive: Archive) -> set[str]:
    return {path.parent.name + path.name for path in archive.folder.rglob("*") if path.is_file()}


def all_is_done(desk: Desk) -> None:
    """The work of years ago: everything sent, answered, collected."""
    with desk.store.write() as connection:
        connection.execute(sa.update(TABLES["outbox"]).values(state="sent"))
        connection.execute(sa.update(TABLES["reminder"]).values(state="cancelled"))
        connection.execute(sa.update(TABLES["held"]).values(state="closed"))
        connection.execute(sa.update(TABLES["document"]).values(collect_at=None, next_period_on=None))


def check(desk: Desk, archive: Archive) -> Any:
    with desk.store.read() as connection:
        return verify(connection, archive)


def an_old_paper(desk: Desk) -> None:
    released(desk)
    desk.answer(CELLS["det-may"], "Gửi báo cáo số 12-BC/CB", to=CELLS["det-may"], files={"a.txt": "Kết quả"})
    all_is_done(desk)


def test_old_mails_leave_a_tombstone_in_the_log_and_everything_stays_whole(desk: Desk, archive: Archive) -> None:
    an_old_paper(desk)
    are_old(archive, desk.now)
    before = {name: len(desk.rows(name)) for name in ("message", "document", "delivery", "outbox", "event")}
    count = remove_old(desk.store, archive, MONTHS, desk.now + LATER)
    assert count == len(desk.rows("message")) > 1
    assert files(archive) == set()
    stones = desk.rows("tombstone")
    assert {stone["sha256"] for stone in stones} == {row["archive_hash"] for row in desk.rows("message")}
    assert {stone["reason"] for stone in stones} == {"retention: 60 months"}
    assert all(stone["unlinked_at"] for stone in stones)
    told = desk.rows("event", what="mail_removed")
    assert [one["data"]["sha256"] for one in told] == [row["archive_hash"] for row in desk.rows("message")]
    after = {name: len(desk.rows(name)) for name in before}
    assert after == before | {"event": before["event"] + count}
    found = check(desk, archive)
    assert (found.whole, found.tombstones, found.files) == (True, len(stones), 0)
    with desk.store.read() as connection:
        assert not verify_chain(connection).broken
        assert journal.archived(connection) == [], "rules are compared on mails that are there"


def test_what_is_not_old_enough_stays(desk: Desk, archive: Archive) -> None:
    an_old_paper(desk)
    assert remove_old(desk.store, archive, MONTHS, desk.now + timedelta(days=1000)) == 0
    assert check(desk, archive).tombstones == 0


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("document", {"state": "awaiting_instruction"}),
        ("document", {"next_period_on": "2032-01-01"}),
        ("document", {"collect_at": "2032-01-01"}),
        ("reminder", {"state": "pending"}),
        ("outbox", {"state": "ready"}),
    ],
)
def test_a_paper_that_lives_keeps_its_mail(desk: Desk, archive: Archive, table: str, values: dict[str, Any]) -> None:
    an_old_paper(desk)
    with desk.store.write() as connection:
        connection.execute(sa.update(TABLES[table]).values(**values))
    are_old(archive, desk.now)
    remove_old(desk.store, archive, MONTHS, desk.now + LATER)
    document = desk.one("document")
    assert archive.get(document["archive_hash"])
    assert archive.get(document["shared_hash"])


def test_what_happened_to_a_paper_lately_keeps_its_mail(desk: Desk, archive: Archive) -> None:
    an_old_paper(desk)
    desk.now += timedelta(days=5 * 365)
    desk.take(mail(CLERK, "", "KẾT THÚC 152-CV/ĐU", at=desk.now))
    all_is_done(desk)
    remove_old(desk.store, archive, MONTHS, desk.now + timedelta(days=400))
    assert archive.get(desk.one("document")["archive_hash"])


def test_a_matter_that_the_clerk_has_not_answered_keeps_its_mail(desk: Desk, archive: Archive) -> None:
    desk.take(mail("la@example.org", "Thư lạ", directive(), submitted=False))
    with desk.store.write() as connection:
        connection.execute(sa.update(TABLES["outbox"]).values(state="sent"))
    assert remove_old(desk.store, archive, MONTHS, desk.now + LATER) == 0
    all_is_done(desk)
    assert remove_old(desk.store, archive, MONTHS, desk.now + LATER) == 1


def test_a_crash_between_tombstone_and_file_is_mended_the_next_time(
    desk: Desk, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_old_paper(desk)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_old(desk.store, archive, MONTHS, desk.now + LATER)
    monkeypatch.undo()
    assert files(archive)
    assert check(desk, archive).whole
    are_old(archive, desk.now)
    remove_old(desk.store, archive, MONTHS, desk.now + LATER)
    assert (files(archive), check(desk, archive).whole) == (set(), True)


def test_a_file_that_is_lost_without_a_tombstone_is_still_told(desk: Desk, archive: Archive) -> None:
    an_old_paper(desk)
    lost = desk.one("document")["archive_hash"]
    archive.path(lost).unlink()
    assert check(desk, archive).lost_files == (lost,)


def test_the_very_same_mail_that_comes_once_more_is_kept_and_missed(desk: Desk, archive: Archive) -> None:
    written = mail(CLERK, "Chào", "Cảm ơn các đồng chí.")
    desk.take(written)
    all_is_done(desk)
    are_old(archive, desk.now)
    remove_old(desk.store, archive, MONTHS, desk.now + LATER)
    desk.take(written, now=desk.now + LATER + timedelta(days=1))
    again = desk.rows("message")[1]["archive_hash"]
    assert again == desk.rows("message")[0]["archive_hash"]
    remove_old(desk.store, archive, MONTHS, desk.now + timedelta(days=2))
    assert archive.get(again)
    archive.path(desk.rows("message")[0]["archive_hash"]).unlink()
    assert not check(desk, archive).whole


def as_runtime(desk: Desk, archive: Archive, months: int | None) -> Any:
    """What the daily step needs of a running daemon."""
    settings = SimpleNamespace(retention_months=months)
    in_force = SimpleNamespace(settings=settings)
    return SimpleNamespace(store=desk.store, archive=archive, in_force=in_force, now=lambda: desk.now)


def test_the_daemon_does_it_once_a_day_and_without_the_setting_never(desk: Desk, archive: Archive) -> None:
    an_old_paper(desk)
    desk.now += LATER
    retaining.once_a_day(as_runtime(desk, archive, None))
    assert desk.rows("tombstone") == []
    retaining.once_a_day(as_runtime(desk, archive, MONTHS))
    assert desk.rows("tombstone")
    desk.take(mail(CLERK, "Chào", "Cảm ơn."))
    with desk.store.write() as connection:
        old = desk.now - LATER
        connection.execute(sa.update(TABLES["message"]).values(journalled_at=old, decided_at=old))
    all_is_done(desk)
    are_old(archive, desk.now - LATER)
    desk.now += timedelta(hours=23)
    retaining.once_a_day(as_runtime(desk, archive, MONTHS))
    assert files(archive)
    desk.now += timedelta(hours=2)
    retaining.once_a_day(as_runtime(desk, archive, MONTHS))
    assert not files(archive)


def test_a_clock_that_jumps_empties_no_archive(desk: Desk, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    an_old_paper(desk)
    retaining.once_a_day(as_runtime(desk, archive, MONTHS))
    desk.now += LATER
    retaining.once_a_day(as_runtime(desk, archive, MONTHS))
    assert desk.rows("tombstone") == [], "a person has a day to notice"
    monkeypatch.setattr(retaining, "MOST_A_DAY", 1)
    desk.now += timedelta(days=1)
    retaining.once_a_day(as_runtime(desk, archive, MONTHS))
    assert len(desk.rows("event", what="mail_removed")) == 1


def test_a_database_of_before_there_were_tombstones_can_be_verified(desk: Desk, archive: Archive) -> None:
    with desk.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE tombstone RENAME TO other_name")
    try:
        assert check(desk, archive).whole
    finally:
        with desk.store.write() as connection:
            connection.exec_driver_sql("ALTER TABLE other_name RENAME TO tombstone")
    assert retention.REMOVED == "mail_removed"
