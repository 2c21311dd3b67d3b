"""Writes the ZIP that goes with a mail of ours: files taken out of archived mails, texts, tables; the same bytes twice.

A pack is a mapping of plain values (it is kept as JSON with its mail): `file`, its name, and `entries`, each with a
`path`, the moment `at` which it bears (ISO 8601), and a `text`, or `tables` for a workbook, or `mail` with `sha256`:
the hash of an archived mail and that of the file in it.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from mailbot.mail.message import parse
from mailbot.problems import MailbotError
from mailbot.rendering.workbooks import write_workbooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MEDIA_TYPE = "application/zip"
# A ZIP knows no moment before this.
FIRST_YEAR = 1980
LOST = ".KHONG-CON-TRONG-KHO-LUU.txt"


def write_pack(pack: Mapping[str, Any], fetch: Callable[[str], bytes], into: IO[bytes]) -> list[str]:
    """Write a pack; `fetch` gives a mail by its hash. Return the paths of files that could not be had.

    One mail is held in memory at a time. In place of a lost file stands a note, so that the others still come.

    Raises:
        OSError: the file cannot be written.
    """
    lost = []
    opened: tuple[str, Mapping[str, bytes]] = ("", {})
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in pack["entries"]:
            if entry.get("mail", opened[0]) != opened[0]:
                opened = (entry["mail"], _files_of(entry["mail"], fetch))
            content = _content(entry, opened[1])
            if content is None:
                lost.append(entry["path"])
                note = f"Kho lưu không còn tệp {entry['name']} (SHA-256 {entry['sha256']})."
                _put(packed, entry["path"] + LOST, note.encode(), entry["at"])
            else:
                _put(packed, entry["path"], content, entry["at"])
    return lost


def packed_bytes(pack: Mapping[str, Any], fetch: Callable[[str], bytes]) -> bytes:
    """Return a pack as the bytes of its ZIP; see `write_pack`."""
    made = io.BytesIO()
    write_pack(pack, fetch, made)
    return made.getvalue()


def _files_of(mail: str, fetch: Callable[[str], bytes]) -> Mapping[str, bytes]:
    """Return the attachments of a mail by their hashes; none of one that the archive has lost."""
    try:
        raw = fetch(mail)
    except MailbotError:
        return {}
    return {hashlib.sha256(part.content).hexdigest(): part.content for part in parse(raw).attachments}


def _content(entry: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes | None:
    if "text" in entry:
        return f"\ufeff{entry['text']}".encode()  # with its mark old Windows programs take it for UTF-8
    if "tables" in entry:
        return write_workbooks(entry["tables"], datetime.fromisoformat(entry["at"]))
    sha256: str = entry["sha256"]
    return files.get(sha256)


def _put(packed: zipfile.ZipFile, path: str, content: bytes, at: str) -> None:
    moment = datetime.fromisoformat(at)
    when = moment.timetuple()[:6] if moment.year >= FIRST_YEAR else (FIRST_YEAR, 1, 1, 0, 0, 0)
    entry = zipfile.ZipInfo(path, date_time=when)
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, content)
