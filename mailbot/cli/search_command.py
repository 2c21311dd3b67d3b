"""`mailbot search`: papers found by number, summary, issuer or any word of their texts, with what happened since."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.cli.listing import EX_NOINPUT, ledger, print_json, print_table, titles
from mailbot.cli.site_commands import JsonOption, SiteOption  # noqa: TC001 - typer looks at them
from mailbot.problems import MailbotError, Text

if TYPE_CHECKING:
    from mailbot.routing.finding import Filters, Found, Query
    from mailbot.routing.model import Site

EX_USAGE = 64
COLUMNS = titles(
    "#",
    "Văn bản | Paper",
    "Nơi gửi | From",
    "Trích yếu | Summary",
    "Tình hình | What happened",
    "Ý kiến | Instruction",
    "Đang ở | Where it lies",
)


def search(
    text: Annotated[str, typer.Argument(help='Words, "a phrase", or a number / từ, "cụm từ" hoặc số văn bản.')],
    folder: SiteOption = Path(),
    since: Annotated[str | None, typer.Option("--from", help="Recorded that day or later / từ ngày.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Recorded that day or before / đến ngày.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="From or to this unit / đơn vị gửi hoặc nhận.")] = None,
    book: Annotated[str | None, typer.Option("--book", help="In this register / sổ.")] = None,
    direction: Annotated[str | None, typer.Option("--direction", help="incoming, outgoing / đến, đi.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="directive, invitation, or CV, KH … / loại.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="So many at most / nhiều nhất.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Find papers by any of their words, without accents too / tra cứu văn bản."""
    from mailbot.routing.finding import query_of
    from mailbot.store.lookups import look_up

    with ledger(folder) as (connection, site):
        filters = _filters(site, since=since, until=until, unit=unit, book=book, direction=direction, kind=kind)
        query = query_of(text, filters)
        if not query.terms:
            raise _usage(f"chưa rõ tìm gì: “{text}”", f"nothing to look for in “{text}”")
        found = look_up(connection, query, site.office.working_time.zone, limit=limit)
    if as_json:
        print_json(_plain(found))
    elif not found.papers:
        raise MailbotError(Text(f"Không tìm thấy “{text}”.", f"Nothing found for “{text}”."), exit_code=EX_NOINPUT)
    else:
        _show(found, query, site, text)


def _filters(
    site: Site,
    *,
    since: str | None,
    until: str | None,
    unit: str | None,
    book: str | None,
    direction: str | None,
    kind: str | None,
) -> Filters:
    from mailbot.office.numbers import type_of
    from mailbot.routing.finding import Filters

    kind_of = type_of(kind) if kind else None
    if book is not None and book not in site.registers:
        raise _usage(f"không có sổ “{book}”; các sổ: {', '.join(site.registers)}", f"there is no register “{book}”")
    ways = {"incoming": "incoming", "outgoing": "outgoing", "đến": "incoming", "đi": "outgoing"}
    if direction is not None and direction not in ways:
        raise _usage(f"hướng “{direction}” là gì? incoming hoặc outgoing", f"“{direction}” is no direction")
    return Filters(
        since=_day(since),
        until=_day(until),
        unit=_unit(site, unit) if unit else None,
        book=book,
        direction=ways[direction] if direction else None,
        kind=kind if kind and kind_of is None else None,
        type=kind_of,
    )


def _unit(site: Site, wanted: str) -> str:
    """Return the key of a unit, named by key or as the directory calls it."""
    key = wanted.removeprefix("unit:")
    if key in site.directory.units or wanted.startswith(("person:", "role:")):
        return key
    found = site.directory.addressees([wanted], datetime.now(site.office.working_time.zone).date())
    units = sorted({one.unit for one in found.expansions} | set(found.people))
    if len(units) != 1:
        raise _usage(f"danh bạ không có đúng một đơn vị “{wanted}”", f"the directory has not just one unit “{wanted}”")
    return units[0]


def _day(text: str | None) -> date | None:
    """Return the day of `2026-10-06` or `06/10/2026`."""
    if text is None:
        return None
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _usage(f"chưa rõ ngày “{text}”; ví dụ: 06/10/2026", f"“{text}” is no day; write 2026-10-06")


def _usage(vi: str, en: str) -> MailbotError:
    return MailbotError(Text(vi, en), exit_code=EX_USAGE)


def _plain(found: Found) -> dict[str, Any]:
    papers = [asdict(paper) for paper in found.papers]
    for paper in papers:
        paper["recorded_at"] = paper["recorded_at"].isoformat()
        if paper["numbers_only"]:
            paper["summary"] = paper["instruction"] = None
    return {"papers": papers, "more": found.more, "uncounted": found.uncounted}


def _show(found: Found, query: Query, site: Site, text: str) -> None:
    from mailbot.routing.looking_up import more_words, plain_paper

    rows = []
    for paper in found.papers:
        told = plain_paper(paper, query, site)
        summary = "\n".join(filter(None, (told["summary"], told["hit"])))
        rows.append(
            (paper.id, told["name"], told["from"], summary, told["happened"], told["instruction"], told["lies"])
        )
    print_table(Text(f"Tìm “{text}”", f"Search for “{text}”"), COLUMNS, rows)
    if found.more:
        typer.echo(more_words(found))
