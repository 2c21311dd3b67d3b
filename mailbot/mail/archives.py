"""Unpacks ZIP files, which XLSX and DOCX are too, within limits that a bomb cannot pass; every refusal says why."""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.mail import charsets

if TYPE_CHECKING:
    from collections.abc import Iterator

# All that one attachment may unpack to, its nested files included; a DOCX is 1 MB of XML.
MAX_UNPACKED_BYTES = 30 * 1024 * 1024
# Files taken out of one attachment, those of a nested ZIP included.
MAX_MEMBERS = 100
# XML packs 10 to 30 times; deflate ends at 1032. Small files may be as regular as they like.
MAX_RATIO = 200
_SMALL = 1024 * 1024
# The list of its files at the end of an archive, which is read whole: ten thousand names. A mail needs no ZIP64.
MAX_DIRECTORY_BYTES = 1024 * 1024
_END, _END_LENGTH, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_END_OF_64 = b"PK\x06\x07"
# What the standard library raises for archives that are damaged, or packed in a way that it does not know.
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
_ENCRYPTED_FLAG = 0x1
_UTF8_FLAG = 0x800


class RefusedError(Exception):
    """A file of an archive is not unpacked; the text says why."""


@dataclass(slots=True)
class Allowance:
    """What one attachment may still unpack, shared by all that is nested in it."""

    unpacked: int = MAX_UNPACKED_BYTES
    members: int = MAX_MEMBERS
    nested: int = 1

    def unpack(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
        """Return one file of an archive and count it; raises RefusedError when a limit is passed."""
        if self.members <= 0:
            raise RefusedError(f"The archive holds more than {MAX_MEMBERS} files.")
        if member.file_size > max(self.unpacked, 0):
            raise RefusedError(f"The archive unpacks to more than {MAX_UNPACKED_BYTES} bytes.")
        if member.file_size > _SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise RefusedError(f"A file of the archive is packed more than {MAX_RATIO} times.")
        self.members -= 1
        # Counted before it is read: a file whose checksum is wrong has cost its unpacking all the same.
        self.unpacked -= member.file_size
        with archive.open(member) as file:
            return file.read(member.file_size)

    @contextlib.contextmanager
    def deeper(self) -> Iterator[None]:
        """Open one more container inside others; raises RefusedError when it lies too deep."""
        if self.nested < 0:
            raise RefusedError("The archive nests archives deeper than one level.")
        self.nested -= 1
        try:
            yield
        finally:
            self.nested += 1


def opened(content: bytes) -> zipfile.ZipFile:
    """Return the archive in these bytes.

    Raises:
        zipfile.BadZipFile: they are none.
        RefusedError: its list of files alone is larger than any honest one (APPNOTE 4.3.16).
    """
    tail = content[-_END_LENGTH - _LONGEST_COMMENT - 20 :]
    end = tail.rfind(_END)
    if end >= 0 and (
        _END_OF_64 in tail[max(0, end - 20) : end]
        or int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY_BYTES
    ):
        raise RefusedError(f"The list of the archive's files is larger than {MAX_DIRECTORY_BYTES} bytes.")
    return zipfile.ZipFile(io.BytesIO(content))


def is_locked(archive: zipfile.ZipFile) -> bool:
    """Tell whether a file of the archive needs a password (APPNOTE 4.4.4, bit 0)."""
    return any(member.flag_bits & _ENCRYPTED_FLAG for member in archive.infolist())


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the bare file name; without the UTF-8 flag the bytes are in whatever the packer's system spoke."""
    name = member.filename
    if not member.flag_bits & _UTF8_FLAG and not name.isascii():
        with contextlib.suppress(UnicodeEncodeError):
            name = charsets.decode(name.encode("cp437"))
    return name.replace("\\", "/").rsplit("/", 1)[-1]
