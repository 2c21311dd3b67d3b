"""`mailbot backup`, `restore`, `resume` and `verify`: a site in one file, and whether its memory is whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import Text

if TYPE_CHECKING:
    from mailbot.service.resuming import Behind

EX_DATAERR = 65


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write / tệp sao lưu.")],
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write configuration, ledger and archive into one file, also while mailbot runs / sao lưu."""
    from mailbot.service.backing_up import backup as write
    from mailbot.site import load

    contents = write(load(folder.absolute()).settings, file.absolute(), datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps({"file": str(file), "at": contents.at.isoformat(), "files": len(contents.files)}))
        return
    size = file.stat().st_size / 1e6
    typer.echo(
        say(
            Text(
                vi=f"{file}: {len(contents.files)} tệp, {size:.1f} MB. Không có mật khẩu (secrets/) trong đó.",
                en=f"{file}: {len(contents.files)} files, {size:.1f} MB. Passwords (secrets/) are not in the backup.",
            )
        )
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A backup / tệp sao lưu.")],
    into: Annotated[Path, typer.Argument(help="A new folder / thư mục mới.")],
) -> None:
    """Make a site of a backup; it sends nothing until `mailbot resume` / khôi phục từ bản sao lưu."""
    from mailbot.service.backing_up import restore as put_back

    contents = put_back(file, into.absolute(), datetime.now(UTC))
    typer.echo(
        say(
            Text(
                vi=f"Đã khôi phục {into} theo bản sao lưu {contents.at:%d/%m/%Y %H:%M} UTC. Đặt lại mật khẩu, chạy "
                "mailbot run, rồi mailbot resume: đến lúc đó mailbot nhận và xử lý thư nhưng chưa gửi thư nào.",
                en=f"{into} is restored as of {contents.at:%Y-%m-%d %H:%M} UTC. Put the passwords back, start "
                "mailbot run, then mailbot resume: until then mail is taken and decided, and nothing is sent.",
            )
        )
    )


def resume(
    folder: SiteOption = Path(),
    send: Annotated[bool, typer.Option("--send", help="Let the rest go out / cho gửi phần còn lại.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a restored site or one in a storm holds, and let it go out / xem và cho gửi thư đang giữ."""
    from mailbot.service.resuming import look_behind
    from mailbot.site import load
    from mailbot.store import fence
    from mailbot.store.database import Store

    settings = load(folder.absolute()).settings
    store = Store(settings.database)
    try:
        behind = look_behind(store, settings, datetime.now(UTC))
        if send and behind is not None:
            with store.write() as connection:
                fence.lift(connection, datetime.now(UTC))
    finally:
        store.close()
    if behind is None:
        typer.echo(
            json.dumps({"why": None, "sending": True, "mails": []})
            if as_json
            else say(Text(vi="Không có gì đang chờ: thư được gửi bình thường.", en="Nothing waits: mail goes out."))
        )
        return
    rows = [
        {
            "mail": f"o{mail.id}",
            "recipient": mail.recipient,
            "subject": mail.subject,
            "purpose": mail.purpose,
            "went_out": why,
        }
        for mail, why in (*behind.gone_out, *((mail, None) for mail in behind.rest))
    ]
    if as_json:
        told_by = {"why": str(behind.fence.why), "said": behind.fence.said, "since": behind.fence.since.isoformat()}
        typer.echo(json.dumps({**told_by, "sending": send, "mails": rows}, ensure_ascii=False, indent=2))
        return
    typer.echo(say(behind.fence.text))
    for mail, why in behind.gone_out:
        typer.echo(f"o{mail.id} {mail.recipient} {mail.subject or mail.purpose}: {why}")
    for mail in behind.rest:
        typer.echo(f"o{mail.id} {mail.recipient} {mail.subject or mail.purpose}")
    typer.echo(say(_what_next(behind, send=send)))


def _what_next(behind: Behind, *, send: bool) -> Text:
    """What becomes of the mails that were listed."""
    from mailbot.store.fence import Why

    rest = len(behind.rest)
    if send:
        return Text(vi=f"{rest} thư được gửi từ bây giờ.", en=f"{rest} mail(s) go out from now on.")
    held = Text(vi=f"{rest} thư đang giữ.", en=f"{rest} mail(s) are held.")
    if behind.fence.why is Why.RESTORED:
        gone = len(behind.gone_out)
        held = Text(
            vi=f"{gone} thư đã gửi trước sự cố (có dấu vết), {rest} thư chưa rõ.",
            en=f"{gone} went out before the loss (there is a trace), {rest} may not have.",
        )
    return Text(
        vi=f"{held.vi} Thư nào không gửi nữa: mailbot outbox cancel oN. Cho gửi phần còn lại: mailbot resume --send.",
        en=f"{held.en} What must not go out: mailbot outbox cancel oN. Let the rest go: mailbot resume --send.",
    )


def verify(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Check the chain of events, the rows and every archived file by its hash / kiểm tra toàn bộ dữ liệu."""
    from dataclasses import asdict

    from mailbot.site import load
    from mailbot.store.archive import Archive
    from mailbot.store.database import Store
    from mailbot.store.verifying import verify as look

    settings = load(folder.absolute()).settings
    store = Store(settings.database, migrate=False)  # what is broken could not be brought to a newer schema
    try:
        with store.read() as connection:
            found = look(connection, Archive(folder.absolute() / "var" / "archive"))
    finally:
        store.close()
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"whole": found.whole}, indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        word = Text(vi="Toàn vẹn", en="Whole") if found.whole else Text(vi="KHÔNG TOÀN VẸN", en="NOT WHOLE")
        console.print(f"[bold {'green' if found.whole else 'red'}]{say(word)}[/]")
        for name, value in asdict(found).items():
            console.print(f"  {escape(name)}: {escape(str(value))}")
    if not found.whole:
        raise typer.Exit(EX_DATAERR)
