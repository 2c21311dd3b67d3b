"""`mailbot register`: the books of the office listed, shown, written out to be bound; a number cancelled."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.cli.listing import EX_NOINPUT, print_json, print_table, titles
from mailbot.cli.site_commands import EX_CANTCREAT, JsonOption, SiteOption, say
from mailbot.office import periods
from mailbot.problems import MailbotError, Text
from mailbot.reporting import registers as books
from mailbot.reporting.registers import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.office.periods import Period
    from mailbot.routing.model import Register, Site
    from mailbot.store.database import Store

EX_USAGE, EX_DATAERR = 64, 65
# A text that begins so is a formula to a spreadsheet that opens CSV; an apostrophe says that it is none.
LIKE_FORMULA = ("=", "+", "-", "@")
LIST = titles("Sổ | Book", "Kỳ | Period", "Loại | Series", "Số văn bản | Papers", "Từ số | From", "Đến số | To")
BookArgument = Annotated[str, typer.Argument(help="Key in mailbot.yaml: van-ban-den, van-ban-di / khóa của sổ.")]
ViewOption = Annotated[
    View,
    typer.Option("--as", help="entries: sổ đăng ký; handling: sổ theo dõi giải quyết; transfer: sổ chuyển giao."),
]
PeriodOption = Annotated[
    str | None,
    typer.Option("--period", help="2026, 10/2026, quý IV/2026, 2026-W42, nhiệm kỳ 2025-2030 …; mặc định kỳ này."),
]
FromOption = Annotated[str | None, typer.Option("--from", help="First day, 2026-10-05 or 05/10/2026 / từ ngày.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day / đến ngày.")]
SeriesOption = Annotated[str | None, typer.Option("--series", help="One series only: CV, CV/VPĐU / một loại văn bản.")]


class Format(StrEnum):
    """How a book is written out."""

    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"


def list_(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """List the books, their periods and series with first and last numbers / danh sách sổ."""
    from mailbot.store import registers

    site, store = _open(folder)
    try:
        with store.read() as connection:
            found = registers.books(connection)
    finally:
        store.close()
    if as_json:
        print_json([vars(one) for one in found])
        return
    known = [(one.book, books.period_words(one.period), one.series, one.entries, one.first, one.last) for one in found]
    used = {one.book for one in found}
    known += [(key, "", "", 0, None, None) for key in site.registers if key not in used]
    print_table(Text("Sổ của cơ quan", "The office's books"), LIST, known)


def show(
    book: BookArgument,
    folder: SiteOption = Path(),
    view: ViewOption = View.ENTRIES,
    period: PeriodOption = None,
    first: FromOption = None,
    last: ToOption = None,
    series: SeriesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the pages of a book, with what its numbers show: gaps, doubles / xem sổ."""
    site, store = _open(folder)
    found = _tables(site, store, book, view, (period, first, last), series, 1)
    if as_json:
        print_json([dict(zip(table["columns"], row, strict=True)) for table in found for row in table["rows"]])
        return
    for table in found:
        heading = " - ".join([table["title"], *table["lines"]])
        print_table(Text(heading, heading), titles(*table["columns"]), table["rows"])
        for note in table["notes"]:
            typer.echo(note)


def export(
    book: BookArgument,
    folder: SiteOption = Path(),
    view: ViewOption = View.ENTRIES,
    period: PeriodOption = None,
    first: FromOption = None,
    last: ToOption = None,
    series: SeriesOption = None,
    kind: Annotated[Format | None, typer.Option("--format", help="xlsx, pdf, csv; by the file's name.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write / ghi ra tệp.")] = None,
    volume: Annotated[int, typer.Option("--volume", min=1, help="Number of the bound volume / quyển số.")] = 1,
) -> None:
    """Write a book out, with its cover, to be printed and bound / xuất sổ để in, đóng quyển."""
    wanted = kind or _format_of(output)
    site, store = _open(folder)
    found = _tables(site, store, book, view, (period, first, last), series, volume)
    path = output or Path(f"{books.FILES[site.registers[book].takes, view]}.{wanted}")
    _write(path, written(found, wanted, datetime.now(UTC)))
    rows = sum(len(table["rows"]) for table in found)
    typer.echo(say(Text(f"Đã ghi {rows} dòng vào {path}.", f"{rows} lines were written to {path}.")))
    for table in found:
        for note in table["notes"]:
            typer.echo(f"{table['sheet']}: {note}")


def report(
    number: Annotated[
        str | None, typer.Argument(help="One document: its reports, -o FILE.zip for all of them / số văn bản.")
    ] = None,
    folder: SiteOption = Path(),
    period: PeriodOption = None,
    first: FromOption = None,
    last: ToOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to .xlsx, .pdf / ghi ra tệp.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how units dealt with the papers of a period, or what they reported on one / thống kê, tổng hợp báo cáo."""
    if number is not None:
        from mailbot.cli.report_command import report_of

        report_of(folder, number, output, as_json=as_json)
        return
    from mailbot.routing.statistics import table, tallies
    from mailbot.store.counting import counted

    site, store = _open(folder)
    now = datetime.now(UTC)
    calendar = site.office.working_time
    try:
        span = _span(site, (period or (None if first or last else "tháng này"), first, last), now)
        with store.read() as connection:
            found = counted(connection, span, calendar.zone)
    finally:
        store.close()
    made = table(tallies(found, calendar, now), span, site, now)
    if output is not None:
        kind = _format_of(output)
        _write(output, written([made | {"sheet": span.name}], kind, now))
        typer.echo(say(Text(f"Đã ghi vào {output}.", f"It was written to {output}.")))
    elif as_json:
        print_json([dict(zip(made["columns"], row, strict=True)) for row in made["rows"]])
    else:
        print_table(made["title"], titles(*made["columns"]), made["rows"])


def cancel(
    book: BookArgument,
    number: Annotated[int, typer.Argument(help="The number to cancel / số cần hủy.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the book / lý do, ghi trong sổ.")],
    folder: SiteOption = Path(),
    period: Annotated[str | None, typer.Option("--period", help="2026, nhiệm kỳ 2025-2030; the newest / kỳ.")] = None,
    series: Annotated[str | None, typer.Option("--series", help="CV, CV/VPĐU: of a book with series / loại.")] = None,
) -> None:
    """Cancel a number of a book; it stays there and is never given again / hủy một số trong sổ."""
    from mailbot.store import registers

    site, store = _open(folder)
    _register(site, book)
    if not reason.strip():
        raise MailbotError(Text("chưa nêu lý do hủy số", "no reason is given"), exit_code=EX_USAGE)
    try:
        with store.write() as connection:
            where = _one_book(registers.books(connection), book, period, series)
            document = registers.cancel(
                connection,
                book,
                where.period,
                where.series,
                number,
                reason=reason.strip(),
                actor="command line",
                now=datetime.now(UTC),
            )
    except registers.NoSuchEntryError as error:
        text = Text(f"sổ {book} chưa đến số {number}", f"the book {book} has not come to number {number}")
        raise MailbotError(text, exit_code=EX_DATAERR) from error
    except registers.AlreadyCancelledError as error:
        text = Text(f"số {number} đã hủy trước đó", f"number {number} is cancelled already")
        raise MailbotError(text, exit_code=EX_DATAERR) from error
    finally:
        store.close()
    about = f" (#{document})" if document else ""
    typer.echo(
        say(Text(f"Đã hủy số {number}{about} trong sổ {book}.", f"Number {number}{about} of {book} is cancelled."))
    )


# --- what they share ------------------------------------------------------------------------------------------------


def _open(folder: Path) -> tuple[Site, Store]:
    from mailbot.site import load
    from mailbot.store.database import Store

    loaded = load(folder.absolute())
    return loaded.site, Store(loaded.settings.database)


def _register(site: Site, book: str) -> Register:
    register = site.registers.get(book)
    if register is None:
        known = ", ".join(site.registers) or "-"
        raise MailbotError(
            Text(f"không có sổ “{book}”", f"there is no book {book!r}"),
            mend=Text(f"các sổ trong mailbot.yaml: {known}", f"the books of mailbot.yaml: {known}"),
            exit_code=EX_NOINPUT,
        )
    return register


def _tables(
    site: Site,
    store: Store,
    book: str,
    view: View,
    when: tuple[str | None, str | None, str | None],
    series: str | None,
    volume: int,
) -> list[dict[str, Any]]:
    from mailbot.store import registers

    now = datetime.now(UTC)
    try:
        register = _register(site, book)
        if (register.takes, view) not in books.VIEWS:
            text = Text("sổ văn bản đi không có sổ theo dõi giải quyết", "only what comes in is handled")
            raise MailbotError(text, exit_code=EX_USAGE)
        span = span_of(register, site, when, now)
        day = "issued_on" if register.takes == "outgoing" else "arrived_on"
        zone = site.office.working_time.zone
        with store.read() as connection:
            found = registers.entries(
                connection, book, day=day, first=span.first, last=span.last, zone=zone, series=series
            )
    finally:
        store.close()
    return books.tables(view, register, found, site, books.Cover(span, volume), now)


def span_of(register: Register, site: Site, when: tuple[str | None, str | None, str | None], now: datetime) -> Period:
    """Return the days that (period, first, last) name; without any the year of the book, or its term.

    Raises:
        MailbotError: they name no span of days.
    """
    terms = _terms(site)
    if not any(when) and register.restart == "term" and terms:
        return max(terms.values(), key=lambda term: term.first)
    return _span(site, when, now)


def _span(site: Site, when: tuple[str | None, str | None, str | None], now: datetime) -> Period:
    period, first, last = when
    today = site.office.working_time.local(now).date()
    if first or last:
        begin, end = _day(first, today) or date(today.year, 1, 1), _day(last, today) or today
        if begin > end:
            text = Text(f"{begin:%d/%m/%Y} sau {end:%d/%m/%Y}", f"{begin} is after {end}")
            raise MailbotError(text, exit_code=EX_USAGE)
        return periods.between(begin, end)
    if period is None:
        return periods.year_of(today.year)
    named = _terms(site).get(period.casefold().removeprefix("nhiệm kỳ").removeprefix("term").strip())
    found = named or periods.read_period(period, today)
    if found is None:
        raise MailbotError(
            Text(f"“{period}” không phải là một kỳ", f"{period!r} is no period"),
            mend=Text(
                "ghi như 2026, 10/2026, quý IV/2026, 6 tháng đầu năm 2026, 2026-W42",
                "write it like 2026, 10/2026, Q4/2026, 2026-W42",
            ),
            exit_code=EX_USAGE,
        )
    return found


def _terms(site: Site) -> dict[str, Period]:
    """Return the office's terms by name; the last one goes on until somebody writes the next."""
    terms = sorted(site.directory.units[site.office.unit].terms, key=lambda term: term.start)
    ends = [term.start.fromordinal(term.start.toordinal() - 1) for term in terms[1:]] + [date(9999, 12, 31)]
    return {
        term.name.casefold(): periods.Period(f"nhiệm kỳ {term.name}", term.start, end)
        for term, end in zip(terms, ends, strict=True)
    }


def _day(text: str | None, today: date) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        found = periods.read_period(text, today)
        if found is None or found.first != found.last:
            wrong = Text(f"“{text}” không phải là một ngày", f"{text!r} is no day")
            mend = Text("ghi như 05/10/2026 hoặc 2026-10-05", "write it like 2026-10-05")
            raise MailbotError(wrong, mend=mend, exit_code=EX_USAGE) from None
        return found.first


def _one_book(found: Sequence[Any], book: str, period: str | None, series: str | None) -> Any:
    """Return the newest period of a book; of a book with series the one that is named."""
    mine = [one for one in found if one.book == book and (series is None or one.series == series)]
    if period is not None:
        wanted = period.casefold().removeprefix("nhiệm kỳ").removeprefix("năm").strip()
        mine = [one for one in mine if one.period.casefold().rpartition(" ")[2] == wanted]
    mine = [one for one in mine if one.period == max(other.period for other in mine)]
    if len(mine) == 1:
        return mine[0]
    if not mine:
        raise MailbotError(Text("sổ chưa có số nào như vậy", "the book has no such numbers"), exit_code=EX_NOINPUT)
    named = ", ".join(one.series for one in mine)
    raise MailbotError(
        Text("sổ có nhiều loại văn bản", "the book has several series"),
        mend=Text(f"ghi --series, một trong: {named}", f"say --series, one of: {named}"),
        exit_code=EX_USAGE,
    )


def _format_of(path: Path | None) -> Format:
    suffix = path.suffix.casefold().lstrip(".") if path else "xlsx"
    if suffix not in tuple(Format):
        raise MailbotError(
            Text(f"{path}: không rõ định dạng", f"{path}: of no known format"),
            mend=Text("ghi ra .xlsx, .pdf hoặc .csv, hoặc thêm --format", "write to .xlsx, .pdf or .csv"),
            exit_code=EX_USAGE,
        )
    return Format(suffix)


def written(tables: Sequence[dict[str, Any]], kind: Format, now: datetime) -> bytes:
    """Return tables as the bytes of a file."""
    from mailbot.rendering.printing import write_pdf
    from mailbot.rendering.workbooks import write_workbooks

    if kind is Format.CSV:
        return _csv(tables)
    return write_pdf(tables, now) if kind is Format.PDF else write_workbooks(tables, now)


def _csv(tables: Sequence[dict[str, Any]]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    for number, table in enumerate(tables):
        if number == 0 or len(tables) > 1:
            writer.writerow(["Sổ", *table["columns"]])
        writer.writerows([table["sheet"], *map(_guarded, row)] for row in table["rows"])
    return made.getvalue().encode("utf-8-sig")  # with its mark Excel takes it for UTF-8


def _guarded(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(LIKE_FORMULA) else text


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        said = error.strerror or type(error).__name__
        text = Text(f"không ghi được {path}: {said}", f"cannot write {path}: {said}")
        raise MailbotError(text, exit_code=EX_CANTCREAT) from error
