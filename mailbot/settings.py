"""mailbot.yaml as checked, immutable settings: the office, its mailboxes, servers, registers, whom it trusts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mailbot.post.connections import Tls
from mailbot.problems import MailbotError, Position, Problem, Text
from mailbot.routing.model import (
    AnswerLimits,
    Digest,
    DigestKind,
    Direction,
    MailboxProfile,
    Mode,
    Officers,
    OrderRight,
    PaperHandling,
    Papers,
    Register,
    Restart,
    Span,
    SpanUnit,
    Trust,
    TrustLevel,
)
from mailbot.settings_source import SECRET_KINDS, WEEK, SettingsSource, SmtpSource
from mailbot.yaml_source import YamlDocument, build

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, time

    from mailbot.settings_source import (
        AlarmSource,
        LimitsSource,
        MailboxSource,
        OAuth2Source,
        PapersSource,
        RegisterSource,
        ServerSource,
        TrustSource,
    )


class PlusAddressing(StrEnum):
    """Whether answers may come to user+token@host; `auto` is found out by a mail to ourselves."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class ServerSettings:
    """One mail server; the password is a reference (`env:NAME`) or, warned of, the password itself."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    fingerprint: str | None = None
    connections: int = 4
    timeout: float = 60.0


@dataclass(frozen=True)
class OAuth2Settings:
    """By what a mailbox logs in without a password; the secret is a reference, the refresh token lies in a file."""

    token_url: str
    client_id: str
    refresh_token: Path
    client_secret: str | None = field(default=None, repr=False)
    scope: str = ""


@dataclass(frozen=True)
class Alarm:
    """A second way to tell the admin: a command, or another SMTP server with whom to tell; none means neither."""

    command: tuple[str, ...] = ()
    smtp: ServerSettings | None = None
    sender: str = ""
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a mailbox may take and send."""

    mail_size: int = 25_000_000
    send_per_minute: int = 20
    send_per_day: int = 2000
    max_age_to_send: Span = WEEK
    answers: AnswerLimits = field(default_factory=AnswerLimits)
    answers_per_hour: int = 300  # of the whole mailbox; more pauses sending
    returned_percent: int = 50  # of a day's mail; more pauses sending


@dataclass(frozen=True)
class MailboxSettings:
    """One watched mailbox."""

    key: str
    address: str
    imap: ServerSettings
    smtp: ServerSettings
    oauth2: OAuth2Settings | None = None
    watch: tuple[str, ...] = ("INBOX",)
    start: date | None = None  # None: from the first start on
    processed_flag: str | None = "$MailbotDone"
    processed_folder: str | None = None
    quarantine: str = "Mailbot/Cách ly"
    save_sent: str | None = None
    plus_addressing: PlusAddressing = PlusAddressing.AUTO
    limits: Limits = Limits()

    def profile(self) -> MailboxProfile:
        """Return what deciding must know of the mailbox; `auto` counts as no until it has been tried."""
        return MailboxProfile(
            key=self.key,
            address=self.address,
            plus_addressing=self.plus_addressing is PlusAddressing.YES,
            save_sent=self.save_sent,
            quarantine=self.quarantine,
            processed_flag=self.processed_flag,
            processed_folder=self.processed_folder,
            max_age_days=max_age_days(self.limits.max_age_to_send),
            mail_size=self.limits.mail_size,
            answers=self.limits.answers,
        )


# How many of a unit make a day of the calendar.
PER_DAY = {SpanUnit.WORKING_DAY: 1, SpanUnit.DAY: 1, SpanUnit.WORKING_HOUR: 8, SpanUnit.HOUR: 24, SpanUnit.MINUTE: 1440}


def max_age_days(span: Span) -> int:
    """Return a span in whole days, at least one."""
    return max(1, span.amount // PER_DAY[span.unit])


@dataclass(frozen=True)
class OfficeSettings:
    """The office as mailbot.yaml describes it; the calendar adds its days."""

    name: str
    unit: str
    timezone: str
    hours: tuple[tuple[time, time], ...]
    reminders_at: tuple[time, ...]
    spelling: str
    contact: str | None
    confirm_within: Span
    undo_within: Span
    ocr: bool = False


@dataclass(frozen=True)
class Settings:
    """Everything in mailbot.yaml; paths are absolute."""

    folder: Path
    mode: Mode
    office: OfficeSettings
    mailboxes: Mapping[str, MailboxSettings]
    registers: Mapping[str, Register]
    database: str = field(repr=False)
    trust: Trust
    officers: Officers
    papers: Papers
    digests: tuple[Digest, ...] = ()
    orders: tuple[OrderRight, ...] = ()
    alarm: Alarm = Alarm()
    health_port: int | None = None
    canary: bool = False
    certificates: tuple[Path, ...] = ()
    readers: int = 2
    holds_dangerous: bool = True
    retention_months: int | None = None  # how long raw mails are kept; None: for ever


def read(document: YamlDocument, folder: Path) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return the settings of a parsed mailbot.yaml and what is wrong with them; relative paths count from `folder`."""
    source, problems = build(SettingsSource, document)
    if source is None:
        return None, problems
    found = [*problems, *_odd(source, document, folder)]
    settings = Settings(
        folder=folder,
        mode=Mode(source.mode),
        office=OfficeSettings(
            source.office.name,
            source.office.unit,
            source.office.timezone,
            source.office.hours,
            tuple(sorted(source.office.reminders_at)),
            source.office.spelling,
            source.office.contact,
            source.office.confirm_within,
            source.office.undo_within,
            source.office.ocr,
        ),
        mailboxes={key: _mailbox(key, mailbox, folder) for key, mailbox in source.mailboxes.items()},
        registers={key: _register(key, register) for key, register in source.registers.items()},
        database=database_url(source.database, folder),
        trust=_trust(source.trust),
        officers=Officers(
            source.officers.clerk,
            source.officers.leader,
            source.officers.admin,
            source.officers.secrets,
            source.officers.standing,
        ),
        orders=tuple(OrderRight(target, verbs) for target, verbs in source.orders.items()),
        papers=_papers(source.papers),
        digests=tuple(
            Digest(key, digest.at, digest.to, DigestKind(digest.kind)) for key, digest in source.digests.items()
        ),
        alarm=_alarm(source.alarm, folder) if source.alarm else Alarm(),
        health_port=source.health.port if source.health else None,
        canary=source.health.canary if source.health else False,
        certificates=tuple(folder / name for name in source.trust.certificates),
        readers=max(1, source.readers),
        retention_months=source.retention.archive if source.retention is not None else None,
        holds_dangerous=source.attachments.dangerous == "hold",
    )
    return settings, tuple(found)


def _trust(source: TrustSource) -> Trust:
    def levels(words: tuple[str, ...]) -> tuple[TrustLevel, ...]:
        return tuple(TrustLevel(word) for word in words)

    return Trust(
        tuple(name.casefold() for name in source.authserv_id),
        tuple(name.casefold() for name in source.own_servers),
        levels(source.orders),
        levels(source.documents),
        levels(source.answers),
        own_dkim=source.dkim == "own",
    )


def _alarm(source: AlarmSource, folder: Path) -> Alarm:
    server = _server("smtp", source.smtp, folder) if source.smtp is not None else None
    return Alarm(source.command, server, source.sender or (source.to[0] if source.to else ""), source.to)


def _papers(source: PapersSource) -> Papers:
    return Papers(
        PaperHandling(source.petitions),
        PaperHandling(source.personnel),
        PaperHandling(source.discipline),
        source.internal == "no_public_domains",
        source.drafts == "no_public_domains",
        frozenset(source.public_domains),
    )


def _register(key: str, source: RegisterSource) -> Register:
    return Register(
        key,
        Direction(source.takes),
        Restart(source.restart),
        source.next,
        source.series_per == "type",
        source.paper_too,
        source.after_hours == "next_working_day",
        source.numbers == "mirror",
        source.title,
    )


# The ports that RFC 8314 (implicit TLS) and RFC 6409 (submission) assign.
PORTS = {
    ("imap", Tls.IMPLICIT): 993,
    ("imap", Tls.STARTTLS): 143,
    ("imap", Tls.NONE): 143,
    ("smtp", Tls.IMPLICIT): 465,
    ("smtp", Tls.STARTTLS): 587,
    ("smtp", Tls.NONE): 25,
}


def _server(kind: Literal["imap", "smtp"], source: ServerSource, folder: Path) -> ServerSettings:
    tls = Tls(source.tls) if source.tls else {993: Tls.IMPLICIT, 465: Tls.IMPLICIT}.get(source.port or 0)
    if tls is None:
        tls = Tls.IMPLICIT if kind == "imap" and source.port is None else Tls.STARTTLS
    return ServerSettings(
        host=source.host,
        port=source.port or PORTS[kind, tls],
        tls=tls,
        user=source.user,
        password=source.password,
        ca_file=folder / source.ca_file if source.ca_file else None,
        fingerprint=source.fingerprint,
        connections=max(1, source.connections) if isinstance(source, SmtpSource) else 1,
        timeout=float(max(1, source.timeout)),
    )


def _mailbox(key: str, source: MailboxSource, folder: Path) -> MailboxSettings:
    return MailboxSettings(
        key=key,
        address=source.address,
        imap=_server("imap", source.imap, folder),
        smtp=_server("smtp", source.smtp, folder),
        oauth2=_oauth2(source.oauth2, folder) if source.oauth2 is not None else None,
        watch=source.watch or ("INBOX",),
        start=source.start,
        processed_flag=source.processed.flag,
        processed_folder=source.processed.move,
        quarantine=source.quarantine,
        save_sent=source.save_sent,
        plus_addressing=PlusAddressing(source.plus_addressing),
        limits=_limits(source.limits),
    )


def _limits(source: LimitsSource) -> Limits:
    per_conversation = (source.answers_per_address, source.answers_per_thread, source.answers_per_domain)
    return Limits(
        source.mail_size,
        source.send_per_minute,
        source.send_per_day,
        source.max_age_to_send,
        AnswerLimits(*per_conversation, source.same_words),
        source.answers_per_hour,
        source.returned_percent,
    )


# Where access tokens come from, and what they are asked for (the providers' own documentation of IMAP and SMTP).
MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
TOKEN_URLS = {"google": "https://oauth2.googleapis.com/token", "microsoft": MICROSOFT, "other": ""}
SCOPES = {
    "microsoft": "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
}


def _oauth2(source: OAuth2Source, folder: Path) -> OAuth2Settings:
    return OAuth2Settings(
        token_url=source.token_url or TOKEN_URLS[source.provider].format(tenant=source.tenant),
        client_id=source.client_id,
        refresh_token=folder / source.refresh_token.removeprefix("file:"),
        client_secret=source.client_secret,
        scope=source.scope or SCOPES.get(source.provider, ""),
    )


def database_url(url: str, folder: Path) -> str:
    """Return the database's URL; a relative SQLite path counts from the site, `sqlite:///` alone stays in memory."""
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or not path or path.startswith(("/", ":memory:")):
        return url
    return f"{prefix}{folder.absolute() / path}"


def _odd(source: SettingsSource, document: YamlDocument, folder: Path) -> Iterator[Problem]:
    """Yield what is well formed and still wrong or doubtful."""
    if not source.mailboxes:
        place = document.position(("mailboxes",))
        yield Problem(
            "settings.mailboxes", place, Text(vi="cần ít nhất một hộp thư", en="at least one mailbox is needed")
        )
    owners: dict[str, str] = {}
    for key, mailbox in source.mailboxes.items():
        place = document.position(("mailboxes", key, "address"))
        first = owners.setdefault(mailbox.address.casefold(), key)
        if first != key:
            vi, en = f"hộp thư “{first}” cũng có địa chỉ này", f'the mailbox "{first}" has this address too'
            yield Problem("settings.address_twice", place, Text(vi, en))
        for name, server in (("imap", mailbox.imap), ("smtp", mailbox.smtp)):
            yield from _odd_server(server, document, ("mailboxes", key, name), folder)
        if mailbox.oauth2 is not None:
            yield from _odd_oauth2(mailbox, mailbox.oauth2, document, ("mailboxes", key))
    alarm = source.alarm
    if alarm is not None and not alarm.command and not (alarm.smtp is not None and alarm.to):
        vi, en = "báo động không đến ai", "this alarm reaches nobody"
        yield Problem("settings.alarm", document.position(("alarm",)), Text(vi, en))
    if not source.database.startswith(("sqlite:///", "postgresql+psycopg://")):
        place = document.position(("database",))
        vi = "cơ sở dữ liệu phải là sqlite:///… hoặc postgresql+psycopg://…"
        en = "the database must be sqlite:///… or postgresql+psycopg://…"
        yield Problem("settings.database", place, Text(vi, en))


def _odd_oauth2(
    mailbox: MailboxSource, source: OAuth2Source, document: YamlDocument, path: tuple[str, ...]
) -> Iterator[Problem]:
    if source.provider == "other" and source.token_url is None:
        vi, en = "provider: other cần token_url:", "provider: other needs token_url:"
        yield Problem("settings.oauth2", document.position((*path, "oauth2")), Text(vi, en))
    if source.client_secret is not None and source.client_secret.partition(":")[0] not in SECRET_KINDS:
        yield _plain_secret(document.position((*path, "oauth2", "client_secret")))
    both = next((name for name in ("imap", "smtp") if getattr(mailbox, name).password is not None), None)
    if both is not None:
        vi, en = f"{both}: có mật khẩu nên không dùng oauth2", f"{both}: has a password, so oauth2 is not used for it"
        yield Problem("settings.oauth2_unused", document.position((*path, both, "password")), Text(vi, en))


def _plain_secret(place: Position) -> Problem:
    return Problem(
        "settings.plain_password",
        place,
        Text(vi="mật khẩu viết thẳng trong tệp cấu hình", en="the password stands in the file itself"),
        Text(
            vi="viết env:TÊN_BIẾN, file:secrets/tên hoặc credential:TÊN",
            en="write env:NAME, file:secrets/name or credential:NAME",
        ),
    )


def _odd_server(server: ServerSource, document: YamlDocument, path: tuple[str, ...], folder: Path) -> Iterator[Problem]:
    if server.password is not None and server.password.partition(":")[0] not in SECRET_KINDS:
        yield _plain_secret(document.position((*path, "password")))
    if server.ca_file is not None and not (folder / server.ca_file).is_file():
        place = document.position((*path, "ca_file"))
        vi, en = f"không có tệp {server.ca_file}", f"there is no file {server.ca_file}"
        yield Problem("settings.ca_file", place, Text(vi, en))


# --- secrets --------------------------------------------------------------------------------------------------------


def secret(reference: str, site_folder: Path) -> str:
    """Return the secret behind `env:NAME`, `file:path` (from the site) or `credential:NAME`, else the text."""
    kind, colon, name = reference.partition(":")
    if not colon or kind not in SECRET_KINDS:
        return reference
    if kind == "env":
        return _from_environment(name)
    if kind == "file":
        return _from_file(site_folder / name, name)
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise MailbotError(
            Text(
                vi=f"không có thông tin xác thực “{name}”: dịch vụ không chạy dưới systemd",
                en=f'no credential "{name}": the service was not started by systemd',
            ),
            mend=Text(
                vi=f"thêm LoadCredential={name}:/đường/dẫn vào tệp dịch vụ, hoặc dùng env: hay file:",
                en=f"add LoadCredential={name}:/path to the unit, or use env: or file:",
            ),
            exit_code=78,
        )
    return _from_file(Path(folder) / name, name)


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value:
        return value
    raise MailbotError(
        Text(vi=f"biến môi trường {name} chưa được đặt", en=f"the environment variable {name} is not set"),
        mend=Text(
            vi=f"đặt {name} trước khi chạy (export {name}=…), hoặc trong tệp dịch vụ",
            en=f"set {name} before starting (export {name}=…), or in the unit file",
        ),
        exit_code=78,
    )


def _from_file(path: Path, name: str) -> str:
    try:
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise MailbotError(
            Text(vi=f"không đọc được mật khẩu ở {name}: {reason}", en=f"cannot read the password of {name}: {reason}"),
            mend=Text(
                vi="tạo tệp chỉ có mật khẩu trên một dòng, quyền 600, chủ sở hữu là người chạy dịch vụ",
                en="make a file with the password as its only line, mode 600, owned by the service's user",
            ),
            exit_code=78,
        ) from error
    if value:
        return value
    raise MailbotError(Text(vi=f"tệp mật khẩu {name} rỗng", en=f"the password file {name} is empty"), exit_code=78)
