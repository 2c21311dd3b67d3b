"""The one file that answers an inspection: XLSX or PDF, or a ZIP of both with the mails themselves and their hashes."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

from mailbot.rendering.printing import write_pdf
from mailbot.rendering.workbooks import write_workbooks
from mailbot.routing.inspecting import file_stem, tables
from mailbot.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from mailbot.routing.inspecting import Inspection, Original
    from mailbot.routing.model import Site

ENDINGS = (".xlsx", ".pdf", ".zip")
MANIFEST = "SHA256SUMS"


def write_file(
    path: Path, found: Inspection, site: Site, now: datetime, fetch: Callable[[Original], bytes | None]
) -> list[str]:
    """Write an inspection in the form that the file's name asks for; return the names of mails that could not be had.

    `fetch` gives the bytes of an original, None or StoreError where the archive has lost them: the manifest tells the
    hash that they had all the same.

    Raises:
        ValueError: the name ends in none of `ENDINGS`.
        OSError: the file cannot be written.
    """
    if path.suffix not in ENDINGS:
        raise ValueError(path.suffix)
    pages = tables(found, site, now)
    if path.suffix == ".xlsx":
        path.write_bytes(write_workbooks(pages, now))
        return []
    if path.suffix == ".pdf":
        path.write_bytes(write_pdf(pages, now))
        return []
    stem = file_stem(found.number)
    made = {f"{stem}.xlsx": write_workbooks(pages, now), f"{stem}.pdf": write_pdf(pages, now)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        return _pack(packed, made, found, now, fetch)


def _pack(
    packed: zipfile.ZipFile,
    made: dict[str, bytes],
    found: Inspection,
    now: datetime,
    fetch: Callable[[Original], bytes | None],
) -> list[str]:
    lines, missing = [], []
    for name, content in made.items():
        _put(packed, name, content, now)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
    for original in found.originals:
        lines.append(f"{original.sha256}  {original.name}")
        try:
            content_or_none = fetch(original)
        except StoreError:
            content_or_none = None
        if content_or_none is None:
            missing.append(original.name)
        else:
            _put(packed, original.name, content_or_none, original.at)
    _put(packed, MANIFEST, ("\n".join(lines) + "\n").encode(), now)
    return missing


def _put(packed: zipfile.ZipFile, name: str, content: bytes, at: datetime) -> None:
    entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, content)
