"""`mailbot key`: the secret key of the tokens in our mails, and a new one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from mailbot.cli.site_commands import SiteOption, say
from mailbot.problems import MailbotError, Text

EX_TEMPFAIL = 75


def rotate(folder: SiteOption = Path()) -> None:
    """Make new tokens with a new key; answers to mails already sent still count / đổi khóa của mã thư."""
    from mailbot.service.token_keys import rotate as change
    from mailbot.site import load
    from mailbot.store import fence
    from mailbot.store.database import Store

    settings = load(folder.absolute()).settings
    store = Store(settings.database)
    try:
        with store.read() as connection:
            stands = fence.standing(connection)
    finally:
        store.close()
    if stands is not None and stands.why is fence.Why.RESTORED:
        raise MailbotError(
            stands.text,
            mend=Text(
                vi="Giải quyết xong mailbot resume rồi mới đổi khóa: thư đã gửi trước sự cố được nhận ra theo khóa cũ.",
                en="Change the key after mailbot resume: what went out before the loss is known by the old key.",
            ),
            exit_code=EX_TEMPFAIL,
        )
    kept = change(folder.absolute() / "var", datetime.now(UTC))
    typer.echo(
        say(
            Text(
                vi=f"Đã đổi khóa; khóa cũ giữ ở {kept.name}, trả lời các thư đã gửi vẫn được nhận. Sao lưu lại: "
                "mailbot backup.",
                en=f"The key is changed; the old one is kept as {kept.name}, answers to mails already sent still "
                "count. Make a new backup: mailbot backup.",
            )
        )
    )
