"""`mailbot calendar`: a unit's meetings as an ICS feed, or the office's schedule of a week."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.listing import EX_NOINPUT, print_json, print_table, titles
from mailbot.cli.site_commands import EX_CANTCREAT, JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from mailbot.routing.model import Site
    from mailbot.store.meetings import Meeting

EX_USAGE = 64
WEEK = titles("Ngày | Day", "Giờ | Hour", "Nội dung | About", "Địa điểm | Place", "Chủ trì | Chair", "Thành phần | Who")


def calendar(
    folder: SiteOption = Path(),
    unit: Annotated[str | None, typer.Option("--unit", help="ICS feed of a unit's meetings / lịch họp đơn vị.")] = None,
    week: Annotated[str | None, typer.Option("--week", help="ISO week, 2026-W42 / tuần; mặc định tuần này.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to .ics or .xlsx / ghi ra tệp.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a unit's meetings as an ICS feed, or show the week's meetings, superiors' invitations among them."""
    from mailbot.site import load
    from mailbot.store.database import Store
    from mailbot.store.meetings import all_meetings

    loaded = load(folder.absolute())
    store = Store(loaded.settings.database)
    try:
        with store.read() as connection:
            found = all_meetings(connection)
    finally:
        store.close()
    if unit is not None:
        _feed(found, unit, loaded.site, output)
    else:
        _week(found, week, loaded.site, output, as_json=as_json)


def _feed(found: list[Meeting], unit: str, site: Site, output: Path | None) -> None:
    from mailbot.reporting.schedule import unit_feed

    key = unit.removeprefix("unit:")
    known = site.directory.unit(key) or site.directory.person(key.removeprefix("person:"))
    if known is None:
        raise MailbotError(
            Text(f"danh bạ không có đơn vị “{unit}”", f"the directory has no unit {unit}"),
            mend=Text("ghi khóa của đơn vị như trong danh bạ", "write its key as the directory does"),
            exit_code=EX_NOINPUT,
        )
    mailbox = next(iter(site.mailboxes.values()))
    name = f"{site.office.name}: {known.name}"
    feed, count = unit_feed(found, key, name, site.office.working_time.zone, (site.office.name, mailbox.address))
    if output is None:
        typer.echo(feed.decode("utf-8"), nl=False)
    else:
        _write(output, feed, Text(f"{count} cuộc họp", f"{count} meetings"))


def _week(found: list[Meeting], week: str | None, site: Site, output: Path | None, *, as_json: bool) -> None:
    from mailbot.rendering.workbooks import write_workbook
    from mailbot.reporting import schedule

    zone, now = site.office.working_time.zone, datetime.now(UTC)
    wanted = week or schedule.week_of(now.astimezone(zone).date())
    try:
        rows = schedule.week_rows(found, wanted, zone)
    except ValueError as error:
        text = Text(f"“{wanted}” không phải là một tuần", f"{wanted!r} is no week")
        mend = Text("ghi như 2026-W42", "write it like 2026-W42")
        raise MailbotError(text, mend=mend, exit_code=EX_USAGE) from error
    if output is not None:
        if output.suffix.casefold() != ".xlsx":
            raise MailbotError(
                Text(f"{output.name}: lịch tuần ghi ra .xlsx", f"{output.name}: a week is written as .xlsx"),
                exit_code=EX_USAGE,
            )
        count = Text(f"{len(rows)} cuộc họp", f"{len(rows)} meetings")
        _write(output, write_workbook(schedule.week_workbook(rows, wanted), now), count)
    elif as_json:
        print_json([dict(zip(schedule.COLUMNS, row, strict=True)) for row in rows])
    else:
        print_table(schedule.week_title(wanted), WEEK, rows)


def _write(path: Path, content: bytes, count: Text) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        said = error.strerror or type(error).__name__
        text = Text(f"không ghi được {path}: {said}", f"cannot write {path}: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
    typer.echo(say(Text(f"Đã ghi {count.vi} vào {path}.", f"{count.en} were written to {path}.")))
