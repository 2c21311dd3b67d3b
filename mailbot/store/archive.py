"""Raw mails and encoded shared parts as files named by their SHA-256: written once, durable before they are named."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from mailbot import private
from mailbot.problems import Text
from mailbot.store.errors import StoreError


class Archive:
    """The folder of the archive; `put` is idempotent, the same bytes are one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where the bytes of a hash lie."""
        return self.folder / digest[:2] / digest[2:]

    def put(self, raw: bytes, *, durable: bool = True) -> str:
        """Keep bytes and return their SHA-256 (hex); on return they survive a power cut.

        `durable=False` is for what can be made again from what is durable (encoded shared parts): named only when
        whole, but not flushed to the disk.

        Raises:
            StoreError: the folder cannot be written (a full disk, a missing permission).
        """
        digest = hashlib.sha256(raw).hexdigest()
        path = self.path(digest)
        try:
            if _is_there(path, len(raw)):
                return digest
            self._write(path, raw, durable)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        return digest

    def _write(self, path: Path, raw: bytes, durable: bool) -> None:
        if not path.parent.is_dir():
            private.make_folder(path.parent.parent)
            private.make_folder(path.parent)
            _sync_folder(path.parent.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                # One write takes what still fits on a disk that fills up, and says so by nothing but its count.
                left = memoryview(raw)
                while left:
                    left = left[file.write(left) :]
                if durable:
                    os.fsync(file.fileno())
            os.replace(name, path)  # noqa: PTH105 - a Path costs more than the call, and this runs for every mail
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        if durable:
            _sync_folder(path.parent)

    def get(self, digest: str) -> bytes:
        """Return the bytes of a hash.

        Raises:
            StoreError: they are not there or are not what they were.
        """
        try:
            raw = self.path(digest).read_bytes()
        except OSError as error:
            raise StoreError(
                Text(vi=f"Kho lưu thiếu tệp {digest[:12]}…", en=f"The archive has lost the file {digest[:12]}…")
            ) from error
        if hashlib.sha256(raw).hexdigest() != digest:
            raise StoreError(
                Text(
                    vi=f"Tệp {digest[:12]}… trong kho lưu đã bị thay đổi",
                    en=f"The archived file {digest[:12]}… has been changed",
                )
            )
        return raw


def _is_there(path: Path, size: int) -> bool:
    """Tell whether a whole file lies there; a power cut may have left a shorter one of what was not flushed."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        Text(
            vi=f"Không ghi được kho lưu {folder}: {error.strerror}",
            en=f"The archive {folder} cannot be written: {error.strerror}",
        ),
        mend=Text(vi="Kiểm tra dung lượng đĩa và quyền ghi.", en="Check free disk space and write permission."),
    )


def _sync_folder(folder: Path) -> None:
    # A rename is durable only when the folder that holds the name is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
