"""`mailbot explain`, `status`, `log`, `outbox list`, `held list`: what would happen, what happened, what waits."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text
from mailbot.reporting.status_table import handling_word, rsvp_word, transport_word, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

EX_NOINPUT = 66


@contextmanager
def _ledger(folder: Path) -> Iterator[tuple[sa.Connection, ZoneInfo]]:
    """Open the ledger of a site for reading; give the office's zone with it."""
    from mailbot.site import load
    from mailbot.store.database import Store

    loaded = load(folder.absolute())
    store = Store(loaded.settings.database)
    try:
        with store.read() as connection:
            yield connection, loaded.site.office.working_time.zone
    finally:
        store.close()


def _print(rows: Any) -> None:
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(title=escape(title), title_justify="left")
    for column in columns:
        table.add_column(escape(column))
    for row in rows:
        table.add_row(*(escape("" if value is None else str(value)) for value in row))
    Console(highlight=False).print(table)


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

    with _ledger(folder) as (connection, zone):
        if number is None:
            rows = views.documents(connection)
            if as_json:
                _print(rows)
            else:
                _show_documents(rows, zone)
            return
        found = [views.matrix(connection, document) for document in views.find_documents(connection, number)]
    if not found:
        raise _missing(number)
    if as_json:
        _print(found)
        return
    for document in found:
        _show_matrix(document, zone)


def _show_documents(rows: Sequence[dict[str, Any]], zone: ZoneInfo) -> None:
    columns = ("#", "Số", "Trích yếu", "Hướng", "Trạng thái", "Số đến/đi", "Đã gửi", "Đã trả lời", "Thời hạn")
    table = [
        (
            row["id"],
            row["number"],
            (row["summary"] or "")[:50],
            "đến" if row["direction"] == "incoming" else "đi",
            row["state"],
            row["book_number"],
            f"{when(row['released_at'], zone)} ({row['deliveries']})" if row["deliveries"] else "",
            f"{row['answered'] or 0}/{row['asked'] or 0}" if row["deliveries"] else "",
            row["due_text"] or row["due"],
        )
        for row in rows
    ]
    _table("Văn bản", columns, table)


def _show_matrix(document: dict[str, Any], zone: ZoneInfo) -> None:
    due = document["due_text"] or "-"
    title = f"{document['number'] or 'Văn bản'} - {(document['summary'] or '')[:70]} (thời hạn: {due})"
    columns = ("Đơn vị", "Đã gửi", "Chuyển thư", "Xử lý", "Dự họp", "Việc mở", "Hạn", "Đã nhắc", "Nhắc tới")
    rows = [
        (
            unit["unit_name"],
            when(unit["sent_at"], zone) if unit["channel"] == "mail" else "bản giấy",
            transport_word(unit["transport"]),
            handling_word(unit["handling"]),
            rsvp_word(unit["rsvp"]),
            unit["open_matter"],
            unit["due"],
            unit["reminded"] or "",
            when(unit["next_reminder_at"], zone),
        )
        for unit in document["units"]
    ]
    _table(title, columns, rows)


# --- log ----------------------------------------------------------------------------------------------------------


def log(
    number: Annotated[
        str | None, typer.Argument(help="m12 a mail, d3 a document, v7 a delivery, o9 a sent mail.")
    ] = None,
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Show the newest mails, or all that happened to one thing and why / nhật ký."""
    from mailbot.store import views

    kinds = {"m": "message", "d": "document", "v": "delivery", "o": "outbox"}
    with _ledger(folder) as (connection, zone):
        if number is None:
            rows = views.messages(connection)
            if as_json:
                _print(rows)
            else:
                columns = ("#", "Hộp thư", "Đến lúc", "Trạng thái", "Loại", "Kết quả", "Người gửi", "Tiêu đề")
                names = ("mailbox", "internal_date", "state", "kind", "outcome", "sender", "subject")
                _table(
                    "Thư đến",
                    columns,
                    [
                        (
                            f"m{row['id']}",
                            *(when(row[name], zone) if name == "internal_date" else row[name] for name in names),
                        )
                        for row in rows
                    ],
                )
            return
        kind, digits = kinds.get(number[0], "message"), number.lstrip("mdvo#")
        if not digits.isdigit():
            raise _missing(number)
        story = {"events": views.history(connection, kind, int(digits))}
        if kind == "message":
            story["message"] = views.message(connection, int(digits))  # type: ignore[assignment]
    if not story["events"] and not story.get("message"):
        raise _missing(number)
    if as_json:
        _print(story)
        return
    _show_story(story, zone)


def _show_story(story: dict[str, Any], zone: ZoneInfo) -> None:
    events = [
        (when(item["at"], zone), item["actor"], item["what"], item["reason"], item["address"], item["rule"])
        for item in story["events"]
    ]
    _table("Diễn biến", ("Lúc", "Ai", "Việc", "Vì sao", "Địa chỉ", "Quy tắc"), events)
    trace = (story.get("message") or {}).get("trace") or {}
    trials = trace.get("trials") or []
    rows = [
        ("✓" if item["matched"] else "✗", item["rule"], item["position"], item["failed"], item["wanted"], item["saw"])
        for item in trials
    ]
    if rows:
        _table("Quy tắc đã thử", ("", "Quy tắc", "Ở đâu", "Điều kiện không khớp", "Cần", "Thấy"), rows)


# --- lists ---------------------------------------------------------------------------------------------------------


def outbox_list(
    folder: SiteOption = Path(),
    state: Annotated[
        list[str] | None, typer.Option("--state", help="planned, ready, sent, failed, held, shadow …")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the mails that went out or wait / danh sách thư gửi đi."""
    from mailbot.store import views

    with _ledger(folder) as (connection, zone):
        rows = views.mails(connection, states=state or ())
    if as_json:
        _print(rows)
        return
    columns = ("#", "Việc", "Tới", "Tiêu đề", "Trạng thái", "Lần", "Gửi lúc", "Trả lời của máy chủ")
    table = [
        (
            f"o{row['id']}",
            row["purpose"],
            row["recipient"],
            (row["subject"] or "")[:60],
            row["state"],
            row["attempts"],
            when(row["sent_at"], zone),
            (row["answer"] or "")[:50],
        )
        for row in rows
    ]
    _table("Thư gửi đi", columns, table)


def held_list(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """List what waits for a person / danh sách việc chờ xử lý."""
    from mailbot.store import views

    with _ledger(folder) as (connection, zone):
        rows = views.matters(connection)
    if as_json:
        _print(rows)
        return
    table = [(row["id"], when(row["opened_at"], zone), row["audience"], row["reason"], row["text"]) for row in rows]
    _table("Việc chờ xử lý", ("#", "Từ lúc", "Cho ai", "Vì sao", "Nội dung"), table)


# --- explain ----------------------------------------------------------------------------------------------------------


def explain(
    file: Annotated[Path, typer.Argument(help="A mail as an .eml file.")],
    folder: SiteOption = Path(),
    at: Annotated[datetime | None, typer.Option("--at", help="As if it came then (office time).")] = None,
    mailbox: Annotated[str | None, typer.Option("--mailbox", help="Into which mailbox; the first by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what would be done with a mail and why; nothing is sent or stored / giải thích cách xử lý."""
    from mailbot.service.explaining import explain_mail
    from mailbot.site import load

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise MailbotError(
            Text(vi=f"Không mở được {file}: {error.strerror}", en=f"{file} cannot be opened: {error.strerror}"),
            exit_code=EX_NOINPUT,
        ) from error
    loaded = load(folder.absolute())
    zone = loaded.site.office.working_time.zone
    now = at.replace(tzinfo=zone) if at is not None else datetime.now(UTC)
    story = explain_mail(raw, loaded.site, mailbox or next(iter(loaded.site.mailboxes)), now)
    if as_json:
        _print(story.to_json(str(file)))
        return
    _show_explanation(story.to_json(str(file)))


def _show_explanation(story: dict[str, Any]) -> None:
    console = Console(highlight=False)
    reading = story["reading"]
    console.print(f"[bold]{say(Text(vi='Hiểu là', en='Read as'))}:[/] {reading['kind']}", soft_wrap=True)
    for document in reading["documents"]:
        known = (document["number"], document["type"], document["issued_on"], document["summary"])
        line = " · ".join(str(value or "?") for value in known)
        console.print("  " + escape(line), soft_wrap=True)
    for deadline in reading["deadlines"]:
        console.print(
            f"  {say(Text(vi='thời hạn', en='deadline'))}: {escape(str(deadline['due']))} ({escape(deadline['text'])})",
            soft_wrap=True,
        )
    rules = [
        (
            "✓" if trial["matched"] else "✗",
            trial["rule"],
            trial["position"],
            trial["failed"],
            trial["wanted"],
            trial["saw"],
        )
        for trial in story["trials"]
    ]
    if rules:
        _table(
            say(Text(vi="Quy tắc đã thử", en="Rules tried")),
            ("", "rule", "file", "failed", "wanted", "saw"),
            rows=rules,
        )
    decided, reasons = say(Text(vi="Quyết định", en="Decision")), escape("; ".join(story["reasons"]))
    console.print(f"[bold]{decided}:[/] {story['outcome']} - {reasons}", soft_wrap=True)
    units = [
        (unit["unit"], unit["name"], unit["channel"], unit["ask"], unit["due"], unit["reason"])
        for unit in story["units"]
    ]
    if units:
        _table(say(Text(vi="Đơn vị nhận", en="Units")), ("unit", "name", "channel", "ask", "due", "because"), units)
    mails = [(mail["purpose"], mail["to"], mail["subject"], mail["when"]) for mail in story["mails"]]
    if mails:
        _table(say(Text(vi="Thư sẽ gửi", en="Mails that would go out")), ("mail", "to", "subject", "when"), mails)
    for line in story["held"]:
        console.print(f"  {say(Text(vi='chờ xử lý', en='held'))}: {escape(line)}", soft_wrap=True)
