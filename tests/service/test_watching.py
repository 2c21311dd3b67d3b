"""Who looks after the daemon is told: the service manager, Prometheus, and the admin by a second way, once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from mailbot.service.daemon import SiteLock
from mailbot.service.endpoint import Endpoint
from mailbot.service.runtime import Runtime
from mailbot.service.service_manager import notify
from mailbot.service.status import COMPOSER, good_cycle, trouble
from mailbot.service.watching import ALARM_AFTER, HANGS_AFTER, hanging, look
from tests.office_site import write_site
from tests.servers.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.sink import SmtpSink

PARTS = ("mailbox van-phong", "sender van-phong", COMPOSER, "due")


class Office:
    """A daemon's runtime whose parts do good cycles when a test says so, at the time that it says."""

    def __init__(self, folder: Path, more: str = "") -> None:
        site = write_site(folder, imap=free_port(), smtp=free_port())
        main = site.folder / "mailbot.yaml"
        main.write_text(main.read_text("utf-8") + more, "utf-8")
        self.runtime = Runtime(site.folder)
        self.started = self.at = datetime.fromisoformat("2026-10-05T09:00:00+07:00")
        self.runtime.now = lambda: self.at

    def well(self) -> None:
        for part in PARTS:
            good_cycle(self.runtime, part)

    def after(self, span: timedelta) -> None:
        self.at += span
        look(self.runtime, self.started)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket on which a service manager listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    command = f"{sys.executable}, {tmp_path / 'call.py'}"
    (tmp_path / "call.py").write_text(
        "import os, pathlib, sys\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "if (here / 'broken').exists(): sys.exit('no line')\n"
        "with (here / 'calls').open('a') as calls:\n"
        "    calls.write(os.environ['MAILBOT_ALARM'] + ' ' + sys.stdin.read().replace(chr(10), ' | ') + chr(10))\n",
        "utf-8",
    )
    made = Office(tmp_path / "site", f"alarm: {{command: [{command}]}}\n")
    with SiteLock(made.runtime.var):
        yield made
    made.runtime.close()


def calls(tmp_path: Path) -> list[str]:
    path = tmp_path / "calls"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def test_one_alarm_when_it_lasts_and_one_word_when_it_is_over(office: Office, tmp_path: Path) -> None:
    office.well()
    office.after(timedelta())
    trouble(office.runtime, "mailbox van-phong", "wrong password")
    office.after(timedelta(minutes=1))
    assert calls(tmp_path) == [], "a server that is restarted is no alarm"
    office.after(ALARM_AFTER)
    (raised,) = calls(tmp_path)
    assert raised.startswith("raised mailbot Đảng ủy phường An Hòa: CÓ VẤN ĐỀ | - hộp thư van-phong: wrong password")
    office.after(timedelta(hours=3))
    assert len(calls(tmp_path)) == 1, "it is said once"
    office.well()
    office.after(timedelta())
    office.after(timedelta(minutes=1))
    assert [line.split()[0] for line in calls(tmp_path)] == ["raised", "recovered"]


def test_an_alarm_that_reaches_nobody_is_raised_again_at_the_next_look(office: Office, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    office.after(timedelta())
    office.after(ALARM_AFTER)
    (tmp_path / "broken").unlink()
    assert calls(tmp_path) == []
    office.after(timedelta(minutes=1))
    assert [line.split()[0] for line in calls(tmp_path)] == ["raised"]


def test_a_restart_of_the_daemon_raises_no_second_alarm(office: Office, tmp_path: Path) -> None:
    office.after(timedelta())
    office.after(ALARM_AFTER)
    again = Runtime(office.runtime.folder)
    again.now = lambda: office.at + timedelta(minutes=1)
    look(again, office.at)
    again.close()
    assert [line.split()[0] for line in calls(tmp_path)] == ["raised"]


def test_the_alarm_goes_by_its_own_mail_server_too(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    server = f"{{host: 127.0.0.1, port: {smtp_sink.port}, tls: none}}"
    office = Office(tmp_path / "site", f"alarm: {{smtp: {server}, sender: may-chu@khac.test, to: [it@khac.test]}}\n")
    office.after(timedelta())
    office.after(ALARM_AFTER)
    office.runtime.close()
    (mail,) = smtp_sink.wait_for(1)
    told = message_from_bytes(mail.raw, policy=default)
    assert (mail.sender, mail.recipients) == ("may-chu@khac.test", ("it@khac.test",))
    assert told["Subject"] == "mailbot Đảng ủy phường An Hòa: CÓ VẤN ĐỀ"
    assert "mailbot không chạy" in told.get_content()


def test_the_watchdog_is_fed_only_while_every_part_turns(office: Office, manager: socket.socket) -> None:
    office.well()
    office.after(timedelta(minutes=1))
    assert manager.recv(100) == b"WATCHDOG=1"
    trouble(office.runtime, "mailbox van-phong", "the server is down")
    office.after(timedelta(minutes=1))
    assert manager.recv(100) == b"WATCHDOG=1", "a server that is down is no reason to be killed"
    for part in PARTS[1:]:
        office.at += HANGS_AFTER / 4
        good_cycle(office.runtime, part)
    office.after(timedelta(minutes=5))
    assert hanging(office.runtime, office.started) == ["mailbox van-phong"]
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(100)


def test_without_a_service_manager_nothing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not notify("READY=1")


def test_the_daemon_tells_the_service_manager_that_it_is_ready_and_that_it_ends(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, manager: socket.socket
) -> None:
    site = write_site(tmp_path / "site", imap=dovecot.imap_port, smtp=smtp_sink.port)
    process = subprocess.Popen(
        [sys.executable, "-m", "mailbot", "run", "-C", str(site.folder), "--log-level", "error"], env=os.environ
    )
    assert manager.recv(100) == b"READY=1"
    process.terminate()
    assert process.wait(60) == 0
    assert manager.recv(100) == b"STOPPING=1"


# --- over HTTP -------------------------------------------------------------------------------------------------------


def asked(endpoint: Endpoint, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{endpoint.port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def endpoint(office: Office) -> Iterator[Endpoint]:
    listening = Endpoint(office.runtime, 0)
    listening.start()
    yield listening
    listening.close()


def test_live_is_alive_and_ready_only_when_well(office: Office, endpoint: Endpoint) -> None:
    assert asked(endpoint, "/live") == (200, "live\n")
    status, told = asked(endpoint, "/ready")
    assert status == 503
    assert "hộp thư van-phong: chưa có lượt nào thành công" in [issue["vi"] for issue in json.loads(told)["issues"]]
    office.well()
    status, told = asked(endpoint, "/ready")
    assert (status, json.loads(told)["healthy"]) == (200, True)
    assert asked(endpoint, "/mails")[0] == 404


def test_metrics_are_read_off_the_ledger(office: Office, endpoint: Endpoint) -> None:
    office.well()
    status, told = asked(endpoint, "/metrics")
    assert status == 200
    lines = told.splitlines()
    assert "mailbot_healthy 1.0" in lines
    assert "mailbot_held_open 0.0" in lines
    assert "mailbot_lag_seconds 0.0" in lines
    assert "mailbot_bounce_rate 0.0" in lines
    at = office.at.timestamp()
    parts = [line for line in lines if line.startswith('mailbot_last_good_cycle_timestamp_seconds{part="mailbox van-')]
    assert [float(line.rsplit(" ", 1)[1]) for line in parts] == [at]


def test_a_port_that_is_taken_is_told_with_what_to_do(office: Office, endpoint: Endpoint) -> None:
    from mailbot.problems import MailbotError

    with pytest.raises(MailbotError) as caught:
        Endpoint(office.runtime, endpoint.port)
    assert caught.value.mend is not None
    assert "health.port" in caught.value.mend.en
