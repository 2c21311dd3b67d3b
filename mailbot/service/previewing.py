"""One mail as it would go out, to be looked at: with sample values, or with those of a real mail by the same plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailbot.problems import MailbotError, Text
from mailbot.rendering.letters import Letters
from mailbot.rendering.mails import Planned, compose_mail
from mailbot.rendering.samples import cases
from mailbot.routing.letters import office_values
from mailbot.service.composing import sending_mailbox
from mailbot.service.explaining import explain_mail
from mailbot.template_checks import SAMPLE_TOKEN

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.rendering.letters import Letter
    from mailbot.routing.model import Site

EX_USAGE = 64
EX_DATAERR = 65
SAMPLE_RECIPIENT = ("Nơi nhận", "noi-nhan@donvi.example.vn")
# Whoever opens the file may send it by mistake: this Message-ID is none that mailbot knows again.
SAMPLE_ID = f"<preview.{SAMPLE_TOKEN}@mailbot.invalid>"


@dataclass(frozen=True)
class Preview:
    """A mail as people see it and as the wire carries it; without the files that its document brings along."""

    letter: Letter
    eml: bytes


def preview_sample(site: Site, template: str, case: str, now: datetime) -> Preview:
    """Return a mail with the sample values of a case, in this office's name.

    Raises:
        MailbotError: there is no such template, or no such case of it.
    """
    _known(site, template)
    found = dict(cases(template))
    if case not in found:
        names = ", ".join(found)
        text = Text(vi=f"Không có ví dụ “{case}”; có: {names}", en=f'No sample "{case}"; there are: {names}')
        raise MailbotError(text, exit_code=EX_USAGE)
    values = found[case] | office_values(site.office)
    return _preview(site, template, next(iter(site.mailboxes)), values, SAMPLE_RECIPIENT, now)


def preview_mail(
    site: Site, template: str, raw: bytes, mailbox: str, now: datetime, at: datetime | None = None
) -> Preview:
    """Return the first mail of this template that a mail which came in would lead to, by the plan of `explain`.

    Raises:
        MailbotError: there is no such template, or the plan has no such mail; the text names those it has.
    """
    _known(site, template)
    story = explain_mail(raw, site, mailbox, now, at)
    made = [one.mail for mails in story.mails.values() for one in mails]
    mail = next((one for one in made if one.template == template), None)
    if mail is None:
        names = ", ".join(sorted({one.template for one in made})) or "-"
        raise MailbotError(
            Text(
                vi=f"Thư này không dẫn tới thư “{template}”; chỉ có: {names}",
                en=f'This mail leads to no mail "{template}"; it leads to: {names}',
            ),
            exit_code=EX_DATAERR,
        )
    recipient = (mail.recipient_name, mail.recipient)
    return _preview(site, template, mail.mailbox, story.values(mail), recipient, now)


def _known(site: Site, template: str) -> None:
    names = Letters(site.templates).names()
    if template not in names:
        listed = ", ".join(names)
        text = Text(vi=f"Không có mẫu “{template}”; có: {listed}", en=f'No template "{template}"; there are: {listed}')
        raise MailbotError(text, exit_code=EX_USAGE)


def _preview(
    site: Site, template: str, mailbox: str, values: dict[str, Any], recipient: tuple[str, str], now: datetime
) -> Preview:
    letters = Letters(site.templates, spelling=site.office.spelling)
    sender = sending_mailbox(site, mailbox)
    name, address = recipient
    planned = Planned(
        id=0,
        mailbox=mailbox,
        token=SAMPLE_TOKEN,
        message_id=SAMPLE_ID,
        purpose="preview",
        template=template,
        recipient=address,
        recipient_name=name,
        values=values,
        boundary=None,
        shared_hash=None,
    )
    letter = letters.render(template, values, token=SAMPLE_TOKEN, reply_to=sender.reply_address(SAMPLE_TOKEN))
    wire = compose_mail(letters, planned, sender, now).head
    # A file has no dots doubled, as the wire has (RFC 5321 section 4.5.2).
    return Preview(letter, wire.replace(b"\r\n..", b"\r\n."))
