"""Looks after the daemon itself: feeds the service manager's watchdog, and raises ONE alarm by a second way."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from mailbot.mail import compose
from mailbot.post.dialogue import Job, Result
from mailbot.post.smtp import Sender
from mailbot.problems import MailbotError
from mailbot.service.accounts import alarm_account
from mailbot.service.health import Report, examine
from mailbot.service.service_manager import notify
from mailbot.service.status import COMPOSER, DUE
from mailbot.store.errors import StoreError
from mailbot.store.marks import marks, put

if TYPE_CHECKING:
    from mailbot.service.runtime import Runtime
    from mailbot.settings import Alarm

log = structlog.get_logger(__name__)

# A part that neither ended a cycle nor told of its trouble for so long hangs: the sender may wait ten minutes for a
# server's word (RFC 5321 §4.5.3.2.6), a fetcher five before it dials again.
HANGS_AFTER = timedelta(minutes=13)
# A server that is restarted is no alarm.
ALARM_AFTER = timedelta(minutes=5)
ALARM = "alarm"
COMMAND_SECONDS = 60


@dataclass(frozen=True)
class AlarmState:
    """Since when the office is unwell (UTC), and whether the alarm has been raised for it."""

    unwell_since: datetime | None = None
    raised: bool = False


def hanging(runtime: Runtime, since: datetime) -> list[str]:
    """Return the parts that have given no sign of life for too long; `since` is when the daemon started."""
    keys = runtime.in_force.settings.mailboxes
    parts = [*(f"mailbox {key}" for key in keys), *(f"sender {key}" for key in keys), COMPOSER, DUE]
    now = runtime.now()
    return [part for part in parts if now - max(since, runtime.signs_of_life.get(part, since)) > HANGS_AFTER]


def look(runtime: Runtime, started: datetime) -> None:
    """Feed the watchdog unless a part hangs, and tell a change of state by the alarm's way."""
    stuck = hanging(runtime, started)
    if stuck:
        log.error("daemon.hangs", parts=stuck)
    else:
        notify("WATCHDOG=1")
    report = examine(runtime.store, runtime.in_force.settings, runtime.var, runtime.now())
    before = _before(runtime)
    after = _after(before, report, runtime)
    if after != before:
        # The trouble may be the database itself: what is known here counts, and is written for the next start.
        runtime.alarm = _value(after)
        try:
            with runtime.store.write() as connection:
                put(connection, ALARM, runtime.alarm, runtime.now())
        except StoreError as error:
            log.warning("status.not_written", part=ALARM, why=error.text.en)


def _before(runtime: Runtime) -> AlarmState:
    """What was last told: by this process, else by the one before it."""
    if runtime.alarm is None:
        with runtime.store.read() as connection:
            mark = marks(connection).get(ALARM)
        runtime.alarm = mark.value if mark is not None else _value(AlarmState())
    return _state(runtime.alarm)


def _after(before: AlarmState, report: Report, runtime: Runtime) -> AlarmState:
    """The next state; it is entered only when whoever must know has been told."""
    now = runtime.now()
    if report.healthy:
        told = not before.raised or tell(runtime, report, recovered=True)
        return AlarmState() if told else before
    since = min(before.unwell_since or now, now)  # the clock may have been set back meanwhile
    due = not before.raised and now - since >= ALARM_AFTER
    return AlarmState(since, before.raised or (due and tell(runtime, report, recovered=False)))


def tell(runtime: Runtime, report: Report, *, recovered: bool) -> bool:
    """Tell by every way of `alarm:`; return whether one of them worked, or there is none."""
    alarm = runtime.in_force.settings.alarm
    office = runtime.in_force.site.office.name
    subject = f"mailbot {office}: {'đã chạy bình thường trở lại' if recovered else 'CÓ VẤN ĐỀ'}"
    text = "\n".join([subject, *(f"- {issue.vi}" for issue in report.issues)]) + "\n"
    log.warning("alarm.recovered" if recovered else "alarm.raised", issues=[issue.en for issue in report.issues])
    ways = [*((_command,) if alarm.command else ()), *((_mail,) if alarm.smtp is not None else ())]
    results = [way(runtime, alarm, subject, text, recovered) for way in ways]
    return any(results) or not results


def _command(runtime: Runtime, alarm: Alarm, subject: str, text: str, recovered: bool) -> bool:
    """Run the command with the text on its stdin; MAILBOT_ALARM says `raised` or `recovered`."""
    state = "recovered" if recovered else "raised"
    try:
        run = subprocess.run(  # noqa: S603 - the admin's own command, without a shell
            alarm.command,
            input=text.encode(),
            env={**os.environ, "MAILBOT_ALARM": state, "MAILBOT_SUBJECT": subject},
            cwd=runtime.folder,
            timeout=COMMAND_SECONDS,
            capture_output=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("alarm.command_failed", why=str(error))
        return False
    if run.returncode:
        log.error("alarm.command_failed", code=run.returncode, why=run.stderr.decode("utf-8", "replace")[-300:])
    return run.returncode == 0


def _mail(runtime: Runtime, alarm: Alarm, subject: str, text: str, _recovered: bool) -> bool:
    """Send a mail by the alarm's own SMTP server, past the outbox, which may be what is broken."""
    assert alarm.smtp is not None
    now = runtime.now()
    values = compose.Envelope(
        from_name="mailbot",
        from_address=alarm.sender,
        to=tuple(("", address) for address in alarm.to),
        subject=subject,
        message_id=f"alarm.{secrets.token_hex(12)}@{alarm.sender.rpartition('@')[2]}",
        date=now,
    )
    job = Job(0, alarm.sender, alarm.to, (compose.whole(values, text),))
    try:
        with Sender(alarm_account(alarm.smtp, alarm.sender, runtime.folder)) as post:
            (outcome,) = post.send([job])
    except MailbotError as error:
        log.error("alarm.mail_failed", why=error.text.en)
        return False
    if outcome.result is not Result.SENT:
        log.error("alarm.mail_failed", code=outcome.code, why=outcome.text or outcome.cause)
    return outcome.result is Result.SENT


def _state(value: str) -> AlarmState:
    since, raised = json.loads(value)
    return AlarmState(datetime.fromisoformat(since) if since else None, raised)


def _value(state: AlarmState) -> str:
    return json.dumps([state.unwell_since.isoformat() if state.unwell_since else None, state.raised])
