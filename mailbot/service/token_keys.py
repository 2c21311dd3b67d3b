"""The secret keys of our tokens: the one in use and those before it, which mails sent earlier were made with."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from mailbot import private
from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

NAME = "token.key"
KEY_BYTES = 32
STAMP = "%Y%m%dT%H%M%SZ"


def site_keys(var: Path) -> tuple[bytes, ...]:
    """Return the keys of a site, the one in use first, then older ones; the first is made on the first start.

    An answer to an old mail is found by the mail's own row, whatever key made it. The older keys are for what is
    planned once more: the same mail keeps its identity, so that nothing goes out twice because a key was changed.

    Raises:
        MailbotError: a file is unreadable or too short; tokens made with another key would not be known again.
    """
    path = var / NAME
    try:
        private.make_folder(var)
        if not path.exists():
            _write(path)
        return tuple(_read(each) for each in (path, *_older(var)))
    except OSError as error:
        raise _bad_key(path, error.strerror or "") from error


def changed_at(var: Path) -> tuple[int, int]:
    """Return what changes when the key in use is changed: the file's inode and its time."""
    found = (var / NAME).stat()
    return found.st_ino, found.st_mtime_ns


def rotate(var: Path, now: datetime) -> Path:
    """Make a new key, keep the one before it beside it under its day, and return where; `now` is aware, in UTC.

    At every moment there is a key in use: one that is killed here leaves the old one or the new one.

    Raises:
        MailbotError: there is no key yet, or the folder cannot be written.
    """
    path, kept = var / NAME, var / f"{NAME}.{now:{STAMP}}"
    try:
        _read(path)
        os.link(path, kept)
        _write(path)
    except OSError as error:
        raise _bad_key(path, error.strerror or "") from error
    return kept


def is_key(name: str) -> bool:
    """Tell whether a file of var/ is a key by its name."""
    return name == NAME or name.startswith(f"{NAME}.")


def _older(var: Path) -> list[Path]:
    return sorted((path for path in var.iterdir() if path.name.startswith(f"{NAME}.")), reverse=True)


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise _bad_key(path, "too short")
    return key


def _write(path: Path) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _bad_key(path: Path, why: str) -> MailbotError:
    return MailbotError(
        Text(vi=f"Không dùng được tệp khóa {path}: {why}", en=f"The key file {path} cannot be used: {why}"),
        mend=Text(
            vi="Kiểm tra quyền của thư mục var/; nếu khôi phục từ bản sao lưu, lấy lại đúng tệp này.",
            en="Check the permissions of var/; after a restore, bring this very file back.",
        ),
        exit_code=74,
    )
