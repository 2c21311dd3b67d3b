"""`mailbot report NUMBER`: what the units of one document have reported, as a table, JSON, or the ZIP of TỔNG HỢP."""

from __future__ import annotations

from dataclasses import asdict
from textwrap import shorten
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from mailbot.cli.listing import EX_NOINPUT, ledger, print_json, print_table, titles
from mailbot.cli.site_commands import EX_CANTCREAT, say
from mailbot.problems import MailbotError, Text
from mailbot.routing import gathering

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from mailbot.routing.gathering import Row
    from mailbot.routing.known import KnownMatter
    from mailbot.routing.model import Site

EX_USAGE = 64
# A screen has room for what tells how each unit stands; contacts and whole words are in the ZIP's table and the JSON.
SHOWN = {
    "Đơn vị": "Đơn vị | Unit",
    "Gửi lúc": "Gửi lúc | Came",
    "Tình hình": "Tình hình | State",
    "Số báo cáo": "Số báo cáo | Number",
    "Nội dung thư": "Nội dung thư | Words",
    "Ghi chú": "Ghi chú | Notes",
}
LONGEST_WORDS = 40


def report_of(folder: Path, number: str, output: Path | None, *, as_json: bool) -> None:
    """Print what the units of a document have reported, or write it into a ZIP without a limit of size.

    Raises:
        MailbotError: there is no such document, it asks nobody for a report, or the file cannot be written.
    """
    if output is not None and output.suffix.casefold() != ".zip":
        _refuse(f"tệp phải có đuôi .zip: {output.name}", f"{output.name} must end in .zip", EX_USAGE)
    with ledger(folder) as (connection, site):
        matter = _matter(connection, number)
    rows = gathering.gathered(matter, site.office.working_time)
    if not rows:
        _refuse(f"{number} không yêu cầu đơn vị nào báo cáo", f"{number} asks no unit for a report", EX_NOINPUT)
    if output is not None:
        _write(folder, output, rows, matter, site)
    elif as_json:
        print_json([_plain(row, site) for row in rows])
    else:
        made = gathering.table(rows, matter, site)
        places = [made["columns"].index(name) for name in SHOWN]
        table = [[shorten(str(row[at]), LONGEST_WORDS, placeholder="…") for at in places] for row in made["rows"]]
        print_table(Text(made["title"], made["title"]), titles(*SHOWN.values()), table)


def _matter(connection: sa.Connection, number: str) -> KnownMatter:
    """Return the document that a person means: d3, #3, or its number; of the periods of one duty the newest."""
    from mailbot.store.knowing import matter_of
    from mailbot.store.views import find_documents

    row = number[1:] if number[:1] in "d#" else ""
    named = [int(row)] if row.isdigit() else find_documents(connection, number)
    found = [matter for one in named if (matter := matter_of(connection, one)) is not None]
    if not found:
        _refuse(f"không tìm thấy {number}", f"nothing found for {number}", EX_NOINPUT)
    if len({matter.document.content_key for matter in found}) > 1:
        rows = ", ".join(f"d{matter.document.id}" for matter in found)
        _refuse(f"có {len(found)} văn bản “{number}”: {rows}", f"{number} is {rows}; name one", EX_USAGE)
    return max(found, key=lambda matter: matter.document.id)


def _plain(row: Row, site: Site) -> dict[str, Any]:
    """Return a row as JSON values: every version, moments in ISO 8601."""
    delivery = row.delivery
    versions = [asdict(one) | {"at": one.at.isoformat(), "nothing": one.nothing} for one in delivery.reports]
    return {
        "unit": delivery.unit,
        "name": delivery.unit_name,
        "state": str(row.state),
        "due": delivery.due,
        "extended": gathering.EXTENDED in delivery.moments,
        "versions": versions,
        "notes": gathering.notes(row, site.office.working_time),
    }


def _write(folder: Path, output: Path, rows: tuple[Row, ...], matter: KnownMatter, site: Site) -> None:
    from mailbot.rendering.packing import write_pack
    from mailbot.store.archive import Archive

    (pack,), _ = gathering.packs(rows, matter, site)
    archive = Archive(folder.absolute() / "var" / "archive")
    try:
        with output.open("wb") as file:
            lost = write_pack(pack, archive.get, file)
    except OSError as error:
        _refuse(f"không ghi được {output}: {error.strerror}", f"{output} cannot be written", EX_CANTCREAT)
    came = sum(bool(row.counting) for row in rows)
    typer.echo(say(Text(f"Đã ghi {output}: {came}/{len(rows)} đơn vị.", f"Wrote {output}: {came}/{len(rows)} units.")))
    for name in lost:
        typer.echo(say(Text(f"Kho lưu không còn {name}.", f"The archive has lost {name}.")), err=True)


def _refuse(vi: str, en: str, code: int) -> NoReturn:
    raise MailbotError(Text(vi, en), exit_code=code)
