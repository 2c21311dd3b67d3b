"""A mail to ourselves each hour, the whole way out and in: what does not come back is trouble that nobody told."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from mailbot.problems import Text
from mailbot.routing.letters import office_values
from mailbot.routing.model import Mode
from mailbot.routing.plans import MailPlan, Purpose
from mailbot.service.status import over, trouble
from mailbot.store import journal, outbox
from mailbot.store.mailing import write_mails
from mailbot.store.marks import marks, put

if TYPE_CHECKING:
    from mailbot.routing.model import Site
    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
# Grey-listing and a busy server may take a quarter of an hour over a mail; half an hour is no accident.
OVERDUE = timedelta(minutes=30)
# One that is lost is followed by another, so that the end of the trouble is seen.
AGAIN = timedelta(hours=2)
BODY = "Thư này do hệ thống tự gửi cho mình để kiểm tra đường thư; không cần xử lý."


@dataclass(frozen=True)
class Canary:
    """The last one of a mailbox: when it was planned, its Message-ID without brackets, when it was back (UTC)."""

    planned_at: datetime
    message_id: str
    back_at: datetime | None = None


def part_of(mailbox: str) -> str:
    """Return under which name a mailbox's canary is remembered and its trouble told."""
    return f"canary {mailbox}"


def look(runtime: Runtime) -> int:
    """See which canaries are back, tell of what is missing, plan those that are due; return how many were planned.

    Only where the office asks for it (`health: {canary: yes}`) and mail really goes out.
    """
    site = runtime.in_force.site
    if not runtime.in_force.settings.canary or site.mode is not Mode.LIVE:
        return 0
    return sum(_look_at(runtime, site, mailbox) for mailbox in site.mailboxes)


def _look_at(runtime: Runtime, site: Site, mailbox: str) -> int:
    now = runtime.now()
    with runtime.store.read() as connection:
        mark = marks(connection).get(part_of(mailbox))
        last = _canary(mark.value) if mark is not None else None
        back = last is not None and last.back_at is None and journal.is_settled(connection, mailbox, last.message_id)
    if last is not None and back:
        log.info("canary.back", mailbox=mailbox, seconds=round((now - last.planned_at).total_seconds()))
        with runtime.store.write() as connection:
            put(connection, part_of(mailbox), _value(replace(last, back_at=now)), now)
        over(runtime, part_of(mailbox))
        return 0
    if last is not None and last.back_at is None:
        # One is out: another would only say the same.
        if now - last.planned_at > OVERDUE:
            trouble(runtime, part_of(mailbox), _missing(last, site))
        return 0 if now - last.planned_at < AGAIN else _plan(runtime, site, mailbox, now)
    return (
        0 if last is not None and timedelta() <= now - last.planned_at < EVERY else _plan(runtime, site, mailbox, now)
    )


def _plan(runtime: Runtime, site: Site, mailbox: str, now: datetime) -> int:
    address = site.mailboxes[mailbox].address
    values = office_values(site.office) | {"subject_line": "thư tự kiểm tra của hệ thống", "body": BODY}
    plan = MailPlan(
        Purpose.ADMIN_NOTICE,
        "admin_notice",
        mailbox,
        address,
        site.office.name,
        values,
        source_key="canary",
        step=now.isoformat(),
    )
    with runtime.store.write() as connection:
        write_mails(connection, [plan], runtime.envelope(), now)
        canary = Canary(now, outbox.last_message_id(connection, mailbox, address).strip("<>"))
        put(connection, part_of(mailbox), _value(canary), now)
    return 1


def _missing(last: Canary, site: Site) -> Text:
    at = site.office.working_time.local(last.planned_at)
    return Text(
        vi=f"thư tự kiểm tra gửi lúc {at:%H:%M %d/%m} chưa quay lại hộp thư",
        en=f"the canary mail of {at:%Y-%m-%d %H:%M} has not come back",
    )


def _canary(value: str) -> Canary:
    planned, message_id, back = json.loads(value)
    return Canary(datetime.fromisoformat(planned), message_id, datetime.fromisoformat(back) if back else None)


def _value(canary: Canary) -> str:
    back = canary.back_at.isoformat() if canary.back_at is not None else None
    return json.dumps([canary.planned_at.isoformat(), canary.message_id, back])
