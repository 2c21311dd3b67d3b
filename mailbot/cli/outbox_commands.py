"""`mailbot outbox`: the mails that go out or wait, one of them in full, and an admin's hand on them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.ledger_commands import MAILS
from mailbot.cli.listing import ledger, print_json, print_table
from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import MailbotError, Text
from mailbot.reporting import status_table as words
from mailbot.reporting.status_table import when

if TYPE_CHECKING:
    from mailbot.store.outbox_admin import Hand

EX_DATAERR = 65
MailsArgument = Annotated[list[str], typer.Argument(help="Numbers shown by `outbox list`: o12 or 12 / số của thư.")]


def list_(
    folder: SiteOption = Path(),
    state: Annotated[
        list[str] | None, typer.Option("--state", help="planned, ready, sent, failed, held, shadow …")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the mails that went out or wait / danh sách thư gửi đi."""
    from mailbot.store import views

    with ledger(folder) as (connection, site):
        zone = site.office.working_time.zone
        rows = views.mails(connection, states=state or ())
    if as_json:
        print_json(rows)
        return
    table = [
        (
            f"o{row['id']}",
            words.word(words.PURPOSE, row["purpose"]),
            row["recipient"],
            (row["subject"] or "")[:60],
            words.word(words.OUTBOX, row["state"]),
            row["attempts"],
            when(row["sent_at"], zone),
            (row["answer"] or "")[:50],
        )
        for row in rows
    ]
    print_table(Text("Thư gửi đi", "Mails that go out"), MAILS, table)


def show(
    number: Annotated[str, typer.Argument(help="o12 or 12 / số của thư.")],
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Show one mail as it goes out: head and text, its tries, the answers of the server / xem một thư."""
    from mailbot.store import outbox_admin

    with ledger(folder) as (connection, site):
        zone = site.office.working_time.zone
        found = outbox_admin.one(connection, _number(number))
    if found is None:
        raise _unknown(number)
    if as_json:
        print_json(found)
        return
    for name in ("purpose", "recipient", "subject", "state", "message_id", "document_ref"):
        typer.echo(f"{name}: {found[name]}")
    for attempt in found["tries"]:
        answered = " ".join(str(part) for part in (attempt["code"], attempt["answer"]) if part)
        typer.echo(f"  {attempt['number']}. {when(attempt['started_at'], zone)} {attempt['result'] or ''} {answered}")
    if found["head"]:
        typer.echo("\n" + found["head"])


def hold(numbers: MailsArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Keep mails that have not gone out from going / giữ lại, chưa gửi."""
    _lay_hand(folder, numbers, "hold", as_json=as_json)


def release(numbers: MailsArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Let held mails go out / cho gửi thư đang giữ."""
    _lay_hand(folder, numbers, "release", as_json=as_json)


def retry(numbers: MailsArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Try failed or waiting mails again at once, with the same Message-ID / gửi lại ngay."""
    _lay_hand(folder, numbers, "retry", as_json=as_json)


def cancel(numbers: MailsArgument, folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Cancel mails that have not gone out / hủy, không gửi nữa."""
    _lay_hand(folder, numbers, "cancel", as_json=as_json)


def _lay_hand(folder: Path, numbers: list[str], name: str, *, as_json: bool) -> None:
    from mailbot.store import outbox_admin

    hand: Hand = outbox_admin.Hand(name)
    wanted = [_number(number) for number in numbers]
    with ledger(folder, write=True) as (connection, _):
        done = outbox_admin.lay_hand(connection, hand, wanted, datetime.now(UTC))
    if as_json:
        print_json({"done": done, "not_done": [number for number in wanted if number not in done]})
    else:
        for number in wanted:
            result = Text("xong", "done") if number in done else NOT_DONE[name]
            typer.echo(f"o{number}: {say(result)}")
    if len(done) != len(set(wanted)):
        raise typer.Exit(EX_DATAERR)


NOT_DONE = {
    "hold": Text("không giữ được: đã gửi, đang gửi hoặc không có", "cannot be held: sent, being sent or not there"),
    "release": Text("không có trong các thư đang giữ", "is not among the held mails"),
    "retry": Text(
        "không gửi lại được: đã gửi, đã hủy hoặc không có", "cannot be retried: sent, cancelled or not there"
    ),
    "cancel": Text("không hủy được: đã gửi, đang gửi hoặc không có", "cannot be cancelled: sent or not there"),
}


def _number(text: str) -> int:
    digits = text.lower().removeprefix("o")
    if not digits.isdecimal():
        raise _unknown(text)
    return int(digits)


def _unknown(text: str) -> MailbotError:
    return MailbotError(
        Text(f"không có thư gửi đi số {text}", f"there is no outgoing mail {text}"),
        mend=Text("xem: mailbot outbox list", "see: mailbot outbox list"),
        exit_code=EX_DATAERR,
    )
