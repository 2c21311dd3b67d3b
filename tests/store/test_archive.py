"""The archive: bytes by their hash, whole or not at all, and never silently other than they were."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mailbot.store.archive import Archive
from mailbot.store.database import StoreError

if TYPE_CHECKING:
    from pathlib import Path

RAW = b"From: a@example.org\r\n\r\nn\xe1\xbb\x99i dung\r\n"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("raw", [RAW, b"", b"\x00" * 100_000], ids=["a mail", "nothing", "big"])
@pytest.mark.parametrize("durable", [True, False])
def test_what_is_put_is_got_under_its_hash(tmp_path: Path, raw: bytes, durable: bool) -> None:
    archive = Archive(tmp_path / "archive")
    digest = archive.put(raw, durable=durable)
    assert digest == hashlib.sha256(raw).hexdigest()
    assert archive.get(digest) == raw


def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    assert archive.put(RAW) == archive.put(RAW)
    assert files(tmp_path) == [archive.path(hashlib.sha256(RAW).hexdigest())]


def test_a_changed_file_is_found_and_never_handed_out(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    digest = archive.put(RAW)
    archive.path(digest).write_bytes(RAW + b"!")
    with pytest.raises(StoreError, match="changed"):
        archive.get(digest)


def test_a_lost_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="lost"):
        Archive(tmp_path).get("a" * 64)


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "archive"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(StoreError) as told:
        Archive(blocked).put(RAW)
    assert str(blocked) in told.value.text.vi
    assert told.value.mend is not None


def test_a_disk_that_takes_only_a_part_of_a_mail_keeps_nothing_of_it(tmp_path: Path) -> None:
    """The operating system takes what still fits and calls that a success; only the next write fails."""
    limited = (
        "import resource, sys; from pathlib import Path; from mailbot.store.archive import Archive\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))\n"
        "Archive(Path(sys.argv[1])).put(b'x' * 300_000)"
    )
    run = subprocess.run([sys.executable, "-c", limited, str(tmp_path)], capture_output=True, text=True, check=False)
    assert "StoreError" in run.stderr
    assert files(tmp_path) == []


def test_a_shorter_file_that_a_power_cut_left_is_written_anew(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(RAW, durable=False)
    archive.path(digest).write_bytes(b"")
    assert archive.get(archive.put(RAW)) == RAW


def test_a_write_that_fails_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive(tmp_path / "archive")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        archive.put(RAW)
    monkeypatch.undo()
    assert files(tmp_path) == []
    assert archive.get(archive.put(RAW)) == RAW
