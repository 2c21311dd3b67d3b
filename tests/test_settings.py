"""mailbot.yaml and the secrets that it points to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from mailbot import settings as settings_room
from mailbot.post.connections import Tls
from mailbot.problems import MailbotError
from mailbot.routing.model import Digest, DigestKind, Mode, Restart, Schedule, Span, SpanUnit, TrustLevel
from mailbot.settings import Alarm, PlusAddressing, Settings, database_url, secret
from mailbot.yaml_source import parse

FOLDER = Path("/srv/office")
SMALLEST = """
office: {name: Đảng ủy phường An Hòa, unit: dang-uy}
mailboxes:
  van-phong:
    address: vanphong@anhoa.example.vn
    imap: {host: imap.example.vn, user: vanphong, password: env:PW}
    smtp: {host: smtp.example.vn, user: vanphong, password: env:PW}
officers: {clerk: role:a, leader: role:a, admin: role:a, secrets: role:a}
"""


def read(text: str, folder: Path = FOLDER) -> Settings:
    settings, problems = settings_room.read(parse(text, "mailbot.yaml"), folder)
    assert [problem for problem in problems if not problem.warning] == []
    assert settings is not None
    return settings


def test_what_is_not_written_is_safe() -> None:
    settings = read(SMALLEST)
    mailbox = settings.mailboxes["van-phong"]
    assert settings.mode is Mode.SHADOW
    assert settings.database == "sqlite:////srv/office/var/mailbot.db"
    assert (mailbox.imap.port, mailbox.imap.tls) == (993, Tls.IMPLICIT)
    assert (mailbox.smtp.port, mailbox.smtp.tls) == (587, Tls.STARTTLS)
    assert mailbox.start is None
    assert mailbox.plus_addressing is PlusAddressing.AUTO
    assert not mailbox.profile().plus_addressing
    assert settings.readers == 2


def test_everything_that_is_written_arrives(tmp_path: Path) -> None:
    (tmp_path / "noi-bo.pem").write_text("x")
    settings = read(
        """
mode: live
office:
  {name: A, unit: u, timezone: Asia/Bangkok, hours: [08:00-12:00], reminders_at: [14:00, 08:00], spelling: uỷ}
mailboxes:
  m:
    address: a@x.example.vn
    imap: {host: 127.0.0.1, port: 1143, tls: none, ca_file: noi-bo.pem, user: u, password: file:p, timeout: 5}
    smtp: {host: s.example.vn, port: 465, connections: 2, fingerprint: 'AB:FINGERPRINT'}
    watch: [INBOX, Thư đến]
    start: 2026-10-01
    processed: {move: Mailbot/Đã xử lý}
    quarantine: Q
    save_sent: Sent
    plus_addressing: yes
    limits: {mail_size: 1MB, send_per_minute: 5, send_per_day: 6, max_age_to_send: 2 days}
registers:
  den: {takes: incoming, restart: year, next: 413, paper_too: true, after_hours: next_working_day}
  di: {takes: outgoing, series_per: type, restart: term}
database: postgresql+psycopg://u@h/d
trust: {authserv_id: [MX.example.vn], own_servers: mail.example.vn, orders: [internal], documents: [signed_pdf]}
officers: {clerk: role:a, leader: b@x.example.vn, admin: person:c, secrets: role:d}
digests: {sang: {at: Daily 7:30, to: role:a}, tuan: {at: weekly friday 15:00, to: [role:a, role:b], kind: weekly}}
alarm: {command: [/usr/local/bin/goi-dien, -x]}
health: {port: 9127}
readers: 3
""".replace("FINGERPRINT", ":".join(["CD"] * 31)),
        tmp_path,
    )
    mailbox = settings.mailboxes["m"]
    assert settings.mode is Mode.LIVE
    assert settings.office.reminders_at == (time(8, 0), time(14, 0))
    assert mailbox.imap.ca_file == tmp_path / "noi-bo.pem"
    assert mailbox.imap.tls is Tls.NONE
    assert (mailbox.smtp.tls, mailbox.smtp.connections) == (Tls.IMPLICIT, 2)
    assert mailbox.smtp.fingerprint == "ab" + "cd" * 31
    assert mailbox.start == date(2026, 10, 1)
    assert (mailbox.processed_flag, mailbox.processed_folder) == (None, "Mailbot/Đã xử lý")
    assert (mailbox.limits.mail_size, mailbox.limits.max_age_to_send) == (1_000_000, Span(2, SpanUnit.DAY))
    assert mailbox.profile().max_age_days == 2
    assert settings.registers["den"].start_number == 413
    assert settings.registers["den"].after_hours_next_day
    assert settings.registers["di"].restart is Restart.TERM
    assert settings.registers["di"].series_per_type
    assert settings.trust.authserv_id == ("mx.example.vn",)
    assert settings.trust.documents == (TrustLevel.SIGNED_PDF,)
    assert settings.alarm == Alarm(("/usr/local/bin/goi-dien", "-x"))
    assert settings.health_port == 9127
    assert settings.readers == 3
    assert settings.digests == (
        Digest("sang", Schedule(time(7, 30)), ("role:a",)),
        Digest("tuan", Schedule(time(15, 0), 4), ("role:a", "role:b"), DigestKind.WEEKLY),
    )


@pytest.mark.parametrize(
    ("old", "new", "check", "mend"),
    [
        ("officers:", "oficers:", "value.unknown_key", 'did you mean "officers"?'),
        ("office: {name: Đảng ủy phường An Hòa, unit: dang-uy}", "", "value.missing", 'add "office: …"'),
        ("unit: dang-uy", "unit: dang-uy, timezone: Asia/Hanoi", "value.timezone", ""),
        ("unit: dang-uy", "unit: dang-uy, hours: 8-12", "value.time", "write 08:00"),
        ("unit: dang-uy", "unit: dang-uy, reminders_at: 25:00", "value.time", "write 08:00"),
        ("vanphong@anhoa.example.vn", "vanphong", "value.address", ""),
        ("officers:", "digests: {a: {at: 07:30, to: x}}\nofficers:", "value.schedule", "write: daily 07:30 or weekly"),
        ("host: imap.example.vn", "host: imap example", "value.host", ""),
        ("host: imap.example.vn", "host: imap.example.vn, port: 99999", "value.port", ""),
        ("host: imap.example.vn", "host: imap.example.vn, tls: ssl", "value.literal", ""),
        ("host: imap.example.vn", "host: imap.example.vn, ca_file: nothing.pem", "settings.ca_file", ""),
        ("host: imap.example.vn", "host: imap.example.vn, fingerprint: abc", "value.fingerprint", ""),
        ("host: imap.example.vn, user: vanphong, password: env:PW", "host: x.vn, password: evn:PW", "value.secret", ""),
        ("address:", "start: yesterday\n    address:", "value.date", "write year-month-day: 2026-10-15"),
        ("mailboxes:", "database: mysql://x\nmailboxes:", "settings.database", ""),
    ],
)
def test_each_mistake_has_its_place_and_mend(old: str, new: str, check: str, mend: str) -> None:
    text = SMALLEST.replace(old, new, 1)
    _, problems = settings_room.read(parse(text, "mailbot.yaml"), FOLDER)
    found = [problem for problem in problems if problem.check == check]
    assert found, problems
    assert found[0].position.line > 0
    assert mend in (found[0].mend.en if found[0].mend else "")


def test_two_mailboxes_of_one_address_are_refused() -> None:
    second = SMALLEST.replace(
        "officers:", SMALLEST.split("mailboxes:")[1].split("officers:")[0].replace("van-phong", "b") + "officers:"
    )
    _, problems = settings_room.read(parse(second, "mailbot.yaml"), FOLDER)
    assert [problem.check for problem in problems] == ["settings.address_twice"]


def test_a_password_in_the_file_is_allowed_with_a_warning_and_never_shown() -> None:
    settings, problems = settings_room.read(parse(SMALLEST.replace("env:PW", "Hoa123", 1), "mailbot.yaml"), FOLDER)
    assert [(problem.check, problem.warning) for problem in problems] == [("settings.plain_password", True)]
    assert "Hoa123" not in repr(settings)
    assert secret("Hoa123", FOLDER) == "Hoa123"


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("sqlite:///var/m.db", "sqlite:////srv/office/var/m.db"),
        ("sqlite:////var/m.db", "sqlite:////var/m.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_a_relative_database_counts_from_the_site(url: str, result: str) -> None:
    assert database_url(url, FOLDER) == result


def test_secrets_come_from_where_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "from the environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    for name in ("secrets", "credentials"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mail").write_text(f"from {name}: mật khẩu\n", encoding="utf-8")
    assert secret("env:PW", tmp_path) == "from the environment"
    assert secret("file:secrets/mail", tmp_path) == "from secrets: mật khẩu"
    assert secret("credential:mail", tmp_path) == "from credentials: mật khẩu"
    assert secret("a:b", tmp_path) == "a:b"


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("env:NOT_SET", "NOT_SET is not set"),
        ("file:nothing", "cannot read the password of nothing"),
        ("file:.", "cannot read the password"),
        ("file:empty", "is empty"),
        ("file:binary", "UTF-8"),
        ("credential:mail", "not started by systemd"),
    ],
)
def test_a_missing_secret_says_what_to_do(
    reference: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MailbotError) as raised:
        secret(reference, tmp_path)
    assert words in raised.value.text.en
    assert raised.value.exit_code == 78


def test_settings_can_be_changed_for_a_test_without_touching_the_file() -> None:
    assert replace(read(SMALLEST), mode=Mode.LIVE).mode is Mode.LIVE
