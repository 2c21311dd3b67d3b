"""The servers that other tests rely on do what their modules promise."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix
    from tests.servers.postgres import Postgres
    from tests.servers.sink import SmtpSink

MAIL = b"From: a@in.test\r\nTo: b@in.test\r\nSubject: thu\r\nMessage-ID: <1@in.test>\r\n\r\nKinh gui\r\n"


def test_dovecot_takes_mail_by_lmtp_and_shows_it_by_imap(dovecot: Dovecot) -> None:
    dovecot.deliver("servers-lmtp", MAIL)
    dovecot.deliver("servers-lmtp+token", MAIL)
    assert [b"Kinh gui" in raw for raw in dovecot.mailbox("servers-lmtp")] == [True, True]


def test_postfix_delivers_to_dovecot(postfix: Postfix, dovecot: Dovecot) -> None:
    with smtplib.SMTP(postfix.host, postfix.smtp_port, local_hostname="localhost") as smtp:
        smtp.sendmail("a@in.test", ["servers-smtp@in.test"], MAIL)
    (raw,) = dovecot.wait_for("servers-smtp")
    assert b"by mail.example.test (Postfix)" in raw
    assert b"Authenticated sender" not in raw


def test_submission_names_the_authenticated_sender(postfix: Postfix, dovecot: Dovecot) -> None:
    with smtplib.SMTP(postfix.host, postfix.submission_port, local_hostname="localhost") as smtp:
        smtp.starttls()
        smtp.login("vanthu", postfix.password)
        smtp.sendmail("vanthu@in.test", ["servers-sasl@in.test"], MAIL)
    (raw,) = dovecot.wait_for("servers-sasl")
    assert b"(Authenticated sender: vanthu)" in raw


def test_unknown_user_at_bounce_test_comes_back_as_a_dsn(postfix: Postfix, dovecot: Dovecot) -> None:
    with smtplib.SMTP(postfix.host, postfix.smtp_port, local_hostname="localhost") as smtp:
        smtp.sendmail("servers-bounced@in.test", ["nobody@bounce.test"], MAIL)
    (raw,) = dovecot.wait_for("servers-bounced")
    assert b"multipart/report" in raw
    assert b"Status: 5.1.1" in raw


def test_postgres_gives_each_test_a_database(postgres: Postgres, postgres_url: str) -> None:
    def prepare(url: str) -> None:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
            db.execute("CREATE TABLE prepared (id int)")

    copies = {postgres.create_prepared("servers", prepare) for _ in range(2)}
    assert len(copies) == 2
    for url in copies:
        with psycopg.connect(url.replace("+psycopg", "")) as db:
            assert db.execute("SELECT count(*) FROM prepared").fetchone() == (0,)
        postgres.drop(url)
    assert postgres_url.startswith("postgresql+psycopg://")


def test_sink_keeps_what_it_took(smtp_sink: SmtpSink) -> None:
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port, local_hostname="localhost") as smtp:
        smtp.sendmail("a@in.test", ["b@in.test"], MAIL)
    (mail,) = smtp_sink.wait_for(1)
    assert mail.recipients == ("b@in.test",)
    assert b"Kinh gui" in mail.raw
