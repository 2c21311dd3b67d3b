"""A site in one file: configuration, the key of tokens, the database and the archive; and a site made of it again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from mailbot import __version__, private
from mailbot.problems import MailbotError, Text
from mailbot.service.token_keys import is_key
from mailbot.site import load
from mailbot.store import fence, snapshots
from mailbot.store.database import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailbot.settings import Settings

EX_DATAERR = 65
MANIFEST, SNAPSHOT = "manifest.json", ".database"
FORMAT = 1
# The passwords are the machine's, not the office's: who restores puts them there again.
LEFT_OUT = frozenset({"var", "secrets", ".git", "__pycache__"})


class BackupError(MailbotError):
    """A backup cannot be made or used."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds: when it was made (aware), by which version, and the SHA-256 of each file."""

    at: datetime
    version: str
    files: dict[str, str]


def backup(settings: Settings, target: Path, now: datetime) -> Contents:
    """Write a backup while the daemon may be running, and return what is in it; `now` is aware.

    The database is copied first: every file of the archive that it names is there already and never changes.

    Raises:
        BackupError: the file exists, or cannot be written.
        StoreError: the database cannot be copied.
    """
    if target.exists():
        raise BackupError(Text(vi=f"{target} đã có, không ghi đè", en=f"{target} exists and is not overwritten"))
    part = target.with_name(target.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=settings.folder / "var", prefix="backup-") as work:
            snapshot = Path(work) / snapshots.name_for(settings.database)
            snapshots.take(settings.database, snapshot)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                contents = _write(file, settings.folder, snapshot, now)
                file.flush()
                os.fsync(file.fileno())
        part.rename(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BackupError(
            Text(vi=f"Không ghi được {target}: {error.strerror}", en=f"{target} cannot be written: {error.strerror}"),
            mend=Text(vi="Kiểm tra dung lượng đĩa và quyền ghi.", en="Check free disk space and write permission."),
        ) from error
    return contents


def _write(file: Any, folder: Path, snapshot: Path, now: datetime) -> Contents:
    hashes: dict[str, str] = {}
    with tarfile.open(fileobj=file, mode="w|") as tar:
        for name, path in ((f"{SNAPSHOT}/{snapshot.name}", snapshot), *_files(folder)):
            tar.add(path, name, recursive=False)
            hashes[name] = _hash(path)
        manifest = {"format": FORMAT, "at": now.isoformat(), "version": __version__, "files": hashes}
        raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(raw), 0o600
        tar.addfile(entry, io.BytesIO(raw))
    return Contents(now, __version__, hashes)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The configuration, the key of tokens, the archive; by their names in the site."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        kept = name.parts[0] not in LEFT_OUT or _of_var(name)
        if kept and path.is_file() and not path.is_symlink() and not path.name.startswith(".new-"):
            yield str(PurePosixPath(name)), path


def _of_var(name: Path) -> bool:
    """Tell whether a file under var/ goes along: the keys of tokens, in use and before, and the archive."""
    second = name.parts[1] if name.parts[0] == "var" and len(name.parts) > 1 else ""
    return second == "archive" or is_key(second)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- back ------------------------------------------------------------------------------------------------------------


def restore(source: Path, folder: Path, now: datetime) -> Contents:
    """Make a site of a backup in an empty folder; it takes mail and decides, and sends nothing until `resume`.

    Raises:
        BackupError: the folder is not empty, or the backup is damaged.
        StoreError: the database is not empty, or of another kind.
        SiteError: the site in the backup does not check.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(
            Text(vi=f"{folder} không trống", en=f"{folder} is not empty"),
            mend=Text(vi="Khôi phục vào một thư mục mới.", en="Restore into a new folder."),
        )
    folder.mkdir(parents=True, exist_ok=True)
    contents = _unpack(source, folder)
    settings = load(folder).settings
    (snapshot,) = (folder / SNAPSHOT).iterdir()
    snapshots.put_back(settings.database, snapshot)
    shutil.rmtree(folder / SNAPSHOT)
    store = Store(settings.database)
    try:
        with store.write() as connection:
            fence.raise_fence(connection, fence.Why.RESTORED, contents.at.isoformat(timespec="minutes"), now)
    finally:
        store.close()
    return contents


def _unpack(source: Path, folder: Path) -> Contents:
    """Unpack and check every file by its hash; what does not belong to the manifest is damage."""
    try:
        with tarfile.open(source, "r|") as tar:
            for entry in tar:
                _unpack_one(tar, entry, folder)
        raw = (folder / MANIFEST).read_bytes()
        manifest = json.loads(raw)
        contents = Contents(datetime.fromisoformat(manifest["at"]), manifest["version"], manifest["files"])
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise _damaged(source, f"{type(error).__name__}: {error}") from error
    (folder / MANIFEST).unlink()
    there = {str(PurePosixPath(path.relative_to(folder))) for path in folder.rglob("*") if path.is_file()}
    if there != set(contents.files):
        raise _damaged(source, f"{sorted(there ^ set(contents.files))[:5]}")
    changed = [name for name, digest in contents.files.items() if _hash(folder / name) != digest]
    if changed:
        raise _damaged(source, f"{changed[:5]}")
    return contents


def _unpack_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Write one plain file below the folder, for its owner alone; the filters of tarfile are newer than Python 3.11.2.

    Raises:
        ValueError: it is no plain file, or lies elsewhere.
    """
    name = PurePosixPath(entry.name)
    content = tar.extractfile(entry) if entry.isreg() else None
    if content is None or name.is_absolute() or ".." in name.parts:
        raise ValueError(f"{entry.name} does not belong into a backup")
    path = folder / name
    private.make_folder(path.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file)


def _damaged(source: Path, why: str) -> BackupError:
    return BackupError(
        Text(vi=f"Bản sao lưu {source} bị hỏng: {why}", en=f"The backup {source} is damaged: {why}"),
        mend=Text(vi="Dùng bản sao lưu khác.", en="Use another backup."),
        exit_code=EX_DATAERR,
    )
