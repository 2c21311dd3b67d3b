"""`mailbot status`, `log`: how documents stand, what happened and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli import inspection_command
from mailbot.cli.listing import EX_NOINPUT, ledger, print_json, print_table, titles
from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text
from mailbot.reporting import status_table as words
from mailbot.reporting.status_table import when
from mailbot.routing.standing import COLUMNS, cells, plain_values, standings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from mailbot.routing.model import Site
    from mailbot.routing.standing import Standing

RULED_OUT = Text(
    vi="{count} quy tắc khác bị loại ngay vì thư không có điều chúng cần",
    en="{count} other rules were ruled out at once: the mail lacks what they need",
)
RULES_TRIED = Text("Quy tắc đã thử", "Rules tried")


DOCUMENTS = titles(
    "#",
    "Số | Number",
    "Trích yếu | Summary",
    "Hướng | Way",
    "Trạng thái | State",
    "Số đến/đi | Book no.",
    "Đã gửi | Sent",
    "Đã trả lời | Answered",
    "Thời hạn | Deadline",
)
MESSAGES = titles(
    "#",
    "Hộp thư | Mailbox",
    "Đến lúc | Came",
    "Trạng thái | State",
    "Loại | Kind",
    "Kết quả | Reason",
    "Người gửi | Sender",
    "Tiêu đề | Subject",
)
EVENTS = titles("Lúc | When", "Ai | Who", "Việc | What", "Vì sao | Why", "Địa chỉ | Address", "Quy tắc | Rule")
TRIALS = titles("", "Quy tắc | Rule", "Ở đâu | Where", "Không khớp | Failed", "Cần | Wanted", "Thấy | Saw")
MAILS = titles(
    "#",
    "Việc | Purpose",
    "Tới | To",
    "Tiêu đề | Subject",
    "Trạng thái | State",
    "Lần | Tries",
    "Gửi lúc | Sent",
    "Trả lời của máy chủ | Server's answer",
)
MATTERS = titles("#", "Từ lúc | Since", "Cho ai | For", "Vì sao | Reason", "Nội dung | Matter")


def _missing(what: str) -> MailbotError:
    return MailbotError(Text(vi=f"Không tìm thấy {what}.", en=f"Nothing found for {what}."), exit_code=EX_NOINPUT)


# --- status ----------------------------------------------------------------------------------------------------------


def status(
    number: Annotated[str | None, typer.Argument(help="A number such as 152-CV/ĐU, or #row / số văn bản.")] = None,
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Show the documents, or one document with the state of every unit / tình hình văn bản."""
    from mailbot.store import views

    with ledger(folder) as (connection, site):
        zone = site.office.working_time.zone
        if number is None:
            rows = views.documents(connection)
            if as_json:
                print_json(rows)
            else:
                _show_documents(rows, zone)
            return
        found = [_with_standings(connection, one, site) for one in views.find_documents(connection, number)]
    if not found:
        raise _missing(number)
    if as_json:
        print_json([_as_json(document, standings_of) for document, standings_of in found])
        return
    for document, rows_of_units in found:
        _show_matrix(document, rows_of_units, zone)


def _show_documents(rows: Sequence[dict[str, Any]], zone: ZoneInfo) -> None:
    table = [
        (
            row["id"],
            row["number"],
            (row["summary"] or "")[:50],
            words.word(words.DIRECTION, row["direction"]),
            words.word(words.DOCUMENT, row["state"]),
            row["book_number"],
            f"{when(row['released_at'], zone)} ({row['deliveries']})" if row["deliveries"] else "",
            f"{row['answered'] or 0}/{row['asked'] or 0}" if row["deliveries"] else "",
            row["due_text"] or words.limit(row["due"], zone),
        )
        for row in rows
    ]
    print_table(Text("Văn bản", "Documents"), DOCUMENTS, table)


def _with_standings(
    connection: sa.Connection, document: int, site: Site
) -> tuple[dict[str, Any], tuple[Standing, ...]]:
    """Return what the ledger holds of a document, and where each of its units stands."""
    from mailbot.store import views
    from mailbot.store.knowing import matter_of

    matter = matter_of(connection, document)
    return views.matrix(connection, document), standings(matter, site) if matter else ()


def _as_json(document: dict[str, Any], rows: tuple[Standing, ...]) -> dict[str, Any]:
    """Return a document with its units: what the table shows, beside the codes of the ledger."""
    units = [unit | plain_values(row) for unit, row in zip(document["units"], rows, strict=True)]
    return document | {"units": units}


def _show_matrix(document: dict[str, Any], rows: tuple[Standing, ...], zone: ZoneInfo) -> None:
    due = document["due_text"] or "-"
    known = f"{document['number'] or '#' + str(document['id'])} - {(document['summary'] or '')[:70]}"
    state = words.REHEARSED if document["rehearsed"] else words.word(words.DOCUMENT, document["state"])
    title = Text(f"{known} ({state.vi}; thời hạn: {due})", f"{known} ({state.en}; deadline: {due})")
    print_table(title, COLUMNS, [cells(row, zone) for row in rows])


# --- log ----------------------------------------------------------------------------------------------------------


def log(
    number: Annotated[
        str | None, typer.Argument(help="m12 a mail, d3 or 152-CV/ĐU a document, v7 a delivery, o9 a sent mail.")
    ] = None,
    folder: SiteOption = Path(),
    file: Annotated[
        Path | None, typer.Option("--file", help="All about a document, for an inspection: .xlsx, .pdf, .zip.")
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Recompute the chain of events / kiểm tra nhật ký.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the newest mails, or all that happened to one thing and why / nhật ký."""
    from mailbot.store import views

    if verify:
        inspection_command.verify_log(folder, as_json=as_json)
        return
    if file is not None:
        inspection_command.write_inspection(folder, number, file)
        return
    kinds = {"m": "message", "d": "document", "v": "delivery", "o": "outbox"}
    with ledger(folder) as (connection, site):
        zone = site.office.working_time.zone
        if number is None:
            rows = views.messages(connection)
            if as_json:
                print_json(rows)
            else:
                _show_messages(rows, zone)
            return
        kind, digits = kinds.get(number[0], "message"), number.lstrip("mdvo#")
        if not digits.isdigit():
            # A document as people call it: the newest that bears the number.
            named = views.find_documents(connection, number)
            if not named:
                raise _missing(number)
            kind, digits = "document", str(named[0])
        story: dict[str, Any] = {"events": views.history(connection, kind, int(digits))}
        if kind == "message":
            story["message"] = views.message(connection, int(digits))
    if not story["events"] and not story.get("message"):
        raise _missing(number)
    if as_json:
        print_json(story)
        return
    _show_story(story, zone)


def _show_messages(rows: Sequence[dict[str, Any]], zone: ZoneInfo) -> None:
    table = [
        (
            f"m{row['id']}",
            row["mailbox"],
            when(row["internal_date"], zone),
            words.word(words.MESSAGE, row["state"]),
            words.word(words.KIND, row["kind"]),
            row["outcome"],
            row["sender"],
            row["subject"],
        )
        for row in rows
    ]
    print_table(Text("Thư đến", "Mails that came"), MESSAGES, table)


def _show_story(story: dict[str, Any], zone: ZoneInfo) -> None:
    events = [
        (when(item["at"], zone), item["actor"], item["what"], item["reason"], item["address"], item["rule"])
        for item in story["events"]
    ]
    print_table(Text("Diễn biến", "What happened"), EVENTS, events)
    trace = (story.get("message") or {}).get("trace") or {}
    trials = trace.get("trials") or []
    rows = [
        (
            "✓" if item["matched"] else "✗",
            item["rule"],
            f"{item['position']} #{item['version'][:12]}",
            item["failed"],
            item["wanted"],
            item["saw"],
        )
        for item in trials
    ]
    if rows:
        print_table(RULES_TRIED, TRIALS, rows)
    for unit, reason, due, because in trace.get("units") or ():
        limit = f", {due} ({because})" if due else ""
        Console(highlight=False, soft_wrap=True).print(escape(f"  {unit}: {reason}{limit}"))
    if trace.get("ruled_out"):
        Console(highlight=False).print(say(RULED_OUT).format(count=trace["ruled_out"]))
