"""`mailbot log --file` and `mailbot log --verify`: the file of an inspection, and whether the log is whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import typer

from mailbot.cli.listing import EX_NOINPUT, ledger, print_json
from mailbot.cli.site_commands import EX_CANTCREAT, say
from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from mailbot.routing.inspecting import Inspection, Original

EX_USAGE, EX_DATAERR = 64, 65


def verify_log(folder: Path, *, as_json: bool) -> None:
    """Recompute the whole chain of events; print its end, or the events where it breaks, and leave with 65 then."""
    from mailbot.store.inspecting import verify

    with ledger(folder) as (connection, _):
        chain = verify(connection)
    if as_json:
        print_json({"events": chain.events, "end": chain.end, "broken": list(chain.broken)})
    elif chain.broken:
        broken = ", ".join(map(str, chain.broken))
        vi = f"Nhật ký BỊ ĐỨT tại sự kiện {broken} ({chain.events} sự kiện)."
        typer.echo(say(Text(vi, f"The log is BROKEN at event {broken} (of {chain.events} events).")))
    else:
        vi = f"Nhật ký nguyên vẹn: {chain.events} sự kiện, mã băm cuối {chain.end}."
        typer.echo(say(Text(vi, f"The log is whole: {chain.events} events, the hash at its end is {chain.end}.")))
    if chain.broken:
        raise typer.Exit(EX_DATAERR)


def write_inspection(folder: Path, number: str | None, file: Path) -> None:
    """Write all about one document into a file; say which mails of it the archive has lost."""
    from mailbot.reporting.inspections import ENDINGS, write_file
    from mailbot.store.archive import Archive
    from mailbot.store.inspecting import head_of

    if number is None:
        _refuse("chưa rõ văn bản nào; ví dụ: mailbot log 152-CV/ĐU --file kiem-tra.zip", "of which document?", EX_USAGE)
    if file.suffix not in ENDINGS:
        endings = ", ".join(ENDINGS)
        _refuse(f"tệp phải có đuôi {endings}: {file.name}", f"{file.name} must end in {endings}", EX_USAGE)
    with ledger(folder) as (connection, site):
        found = _inspected(connection, number)
        archive = Archive(folder.absolute() / "var" / "archive")

        def fetch(original: Original) -> bytes | None:
            return head_of(connection, original.outbox) if original.outbox else archive.get(original.sha256)

        try:
            missing = write_file(file, found, site, datetime.now(UTC), fetch)
        except OSError as error:
            _refuse(f"không ghi được {file}: {error.strerror}", f"{file} cannot be written", EX_CANTCREAT)
    typer.echo(say(Text(f"Đã ghi {file}.", f"Wrote {file}.")))
    for name in missing:
        typer.echo(
            say(Text(f"Kho lưu thiếu {name}; mã băm vẫn ghi trong tệp.", f"The archive has lost {name}.")), err=True
        )


def _inspected(connection: sa.Connection, number: str) -> Inspection:
    """Return everything about the document that a person means: d3, #3, or its number; the chain recomputed."""
    from dataclasses import replace

    from mailbot.store.inspecting import inspect, verify
    from mailbot.store.views import find_documents

    row = number[1:] if number[:1] in "d#" else ""
    named = [int(row)] if row.isdigit() else find_documents(connection, number)
    if len(named) > 1:
        rows = ", ".join(f"d{one}" for one in named)
        _refuse(f"có {len(named)} văn bản “{number}”: {rows}", f"{number} is {rows}; name one", EX_USAGE)
    found = inspect(connection, named[0]) if named else None
    if found is None:
        _refuse(f"không tìm thấy {number}", f"nothing found for {number}", EX_NOINPUT)
    return replace(found, chain=verify(connection))


def _refuse(vi: str, en: str, code: int) -> NoReturn:
    raise MailbotError(Text(vi, en), exit_code=code)
