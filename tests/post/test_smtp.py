"""Handing mail over to real and to misbehaving servers: no job is lost, nobody is told more than the server said."""

from __future__ import annotations

import threading
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from mailbot.post import smtp
from mailbot.post.connections import Tls
from mailbot.post.dialogue import Job, Outcome, Phase, Result
from mailbot.post.smtp import Sender
from mailbot.post.smtp_login import SmtpAccount, SmtpError
from tests.servers import processes
from tests.servers.door import mute
from tests.servers.misbehaving import Habit, MisbehavingServer, misbehaving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix
    from tests.servers.sink import SmtpSink

HEAD = b"From: vp@in.test\r\nTo: chi-bo@in.test\r\nSubject: CV %d\r\nMessage-ID: <%d@in.test>\r\n\r\n"


def job(key: int, *recipients: str, body: bytes = b"Kinh gui\r\n") -> Job:
    return Job(key, "vp@in.test", recipients or (f"chi-bo-{key}@in.test",), (HEAD % (key, key), body))


def account_of(server: MisbehavingServer | SmtpSink, lines: int = 1) -> SmtpAccount:
    return SmtpAccount(server.host, server.port, Tls.NONE, timeout=5, connections=lines, hello="vp.test")


def send(server: MisbehavingServer, *jobs: Job, answer_seconds: float = 5) -> list[Outcome]:
    with Sender(account_of(server), answer_seconds=answer_seconds, retry_seconds=0) as sender:
        return sender.send(jobs)


def test_postfix_takes_a_batch_over_all_connections(postfix: Postfix, dovecot: Dovecot) -> None:
    account = SmtpAccount(postfix.host, postfix.smtp_port, Tls.NONE)
    with Sender(account) as sender:
        outcomes = sender.send([job(key, "smtp-batch@in.test") for key in range(40)])
    assert [(outcome.key, outcome.result) for outcome in outcomes] == [(key, Result.SENT) for key in range(40)]
    assert all("queued as" in outcome.text and outcome.enhanced == "2.0.0" for outcome in outcomes)
    assert len({raw.split(b"CV ")[1].split()[0] for raw in dovecot.wait_for("smtp-batch", 40)}) == 40


def test_the_bytes_arrive_as_they_were_given(smtp_sink: SmtpSink) -> None:
    chunks = (HEAD % (1, 1), b"..dot\r\n", b"a" * 70 + b"\r\n", b"x\r\n" * 300_000, b"", b"..\r\nend\r\n")
    with Sender(account_of(smtp_sink)) as sender:
        small, large = sender.send(
            [Job(1, "", ("a@in.test",), chunks[:3]), Job(2, "vp@in.test", ("a@in.test", "b@in.test"), chunks)]
        )
    assert (small.result, large.result) == (Result.SENT, Result.SENT)
    first, second = smtp_sink.wait_for(2)
    assert (first.sender, second.recipients) == ("", ("a@in.test", "b@in.test"))
    assert first.raw == b"".join(chunks[:3]).replace(b"..dot", b".dot")
    assert second.raw == b"".join(chunks).replace(b"..dot", b".dot").replace(b"..\r\nend", b".\r\nend")


def test_a_mail_without_a_last_line_end_still_ends(smtp_sink: SmtpSink) -> None:
    with Sender(account_of(smtp_sink)) as sender:
        (outcome,) = sender.send([job(1, body=b"no line end")])
    assert outcome.result is Result.SENT
    assert smtp_sink.wait_for(1)[0].raw.endswith(b"no line end\r\n")


LOGINS: dict[str, Callable[[Postfix], SmtpAccount]] = {
    "starttls, fingerprint": lambda postfix: SmtpAccount(
        postfix.host, postfix.submission_port, Tls.STARTTLS, fingerprint=postfix.certificate.fingerprint
    ),
    "implicit, ca_file": lambda postfix: SmtpAccount(
        postfix.host, postfix.smtps_port, Tls.IMPLICIT, ca_file=str(postfix.certificate.cert)
    ),
    "plain": lambda postfix: SmtpAccount(postfix.host, postfix.submission_port, Tls.NONE),
}


@pytest.mark.parametrize("account", LOGINS.values(), ids=LOGINS)
def test_submission_after_login(
    account: Callable[[Postfix], SmtpAccount], postfix: Postfix, dovecot: Dovecot, request: pytest.FixtureRequest
) -> None:
    user = f"smtp-login-{list(LOGINS.values()).index(account)}"
    inside = replace(account(postfix), user="vanthu", password=postfix.password)
    assert "pipelining" in smtp.verify(inside)
    large = b"x" * 70 + b"\r\n"
    with Sender(inside) as sender:
        outcomes = sender.send([job(1, f"{user}@in.test"), job(2, f"{user}@in.test", body=large * 20_000)])
    assert [outcome.result for outcome in outcomes] == [Result.SENT, Result.SENT]
    assert all(b"(Authenticated sender: vanthu)" in raw for raw in dovecot.wait_for(user, 2))


FAILURES: dict[str, tuple[Callable[[SmtpAccount, Postfix], SmtpAccount], tuple[bool, str, str]]] = {
    "wrong password": (
        lambda account, _: replace(account, password="mật khẩu sai"),
        (False, "535", "smtp: password"),
    ),
    "self-signed": (lambda account, _: replace(account, fingerprint=None), (False, "CERTIFICATE", "ca_file")),
    "self-signed, implicit": (
        lambda account, postfix: replace(account, port=postfix.smtps_port, tls=Tls.IMPLICIT, fingerprint=None),
        (False, "CERTIFICATE", "ca_file"),
    ),
    "another certificate": (
        lambda account, _: replace(account, fingerprint="ab" * 32),
        (False, "CERTIFICATE", "fingerprint: "),
    ),
    "nobody listens": (lambda account, _: replace(account, port=processes.free_port()), (True, "REFUSED", "")),
    "TLS to a plain port": (lambda account, _: replace(account, tls=Tls.IMPLICIT), (True, "TLS", "")),
    "no login offered": (
        lambda account, postfix: replace(account, port=postfix.smtp_port),
        (False, "NOT_OFFERED", "smtp: port"),
    ),
    "unknown host": (lambda account, _: replace(account, host="khong-co.invalid"), (True, "UNREACHABLE", "")),
}


@pytest.mark.parametrize(("change", "expected"), FAILURES.values(), ids=FAILURES)
def test_what_a_person_is_told_when_the_server_cannot_be_used(
    change: Callable[[SmtpAccount, Postfix], SmtpAccount], expected: tuple[bool, str, str], postfix: Postfix
) -> None:
    inside = LOGINS["starttls, fingerprint"](postfix)
    tried = change(replace(inside, user="vanthu", password=postfix.password), postfix)
    with pytest.raises(SmtpError) as caught:
        smtp.verify(tried)
    error = caught.value
    temporary, code, mend = expected
    assert (error.temporary, error.code) == (temporary, code)
    assert tried.host in error.text.vi
    assert mend in (error.mend.en if error.mend else "")
    assert tried.password not in f"{error.text} {error.mend} {error.cause} {tried!r}"


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_server_that_hangs_before_or_in_tls_is_given_up_after_the_timeout(tls: Tls) -> None:
    with mute() as port, pytest.raises(SmtpError) as caught:
        smtp.verify(SmtpAccount("127.0.0.1", port, tls, timeout=0.3))
    assert (caught.value.temporary, caught.value.code) == (True, "TIMEOUT")


def test_a_server_without_starttls_is_not_talked_to_in_clear(smtp_sink: SmtpSink) -> None:
    with pytest.raises(SmtpError) as caught:
        smtp.verify(replace(account_of(smtp_sink), tls=Tls.STARTTLS))
    assert (caught.value.temporary, caught.value.code) == (False, "NOT_OFFERED")


ONE_MAIL = {
    Habit.STALLS_BEFORE_354: (Result.DEFERRED, Phase.DATA, None),
    Habit.STALLS_AFTER_THE_DOT: (Result.UNKNOWN, Phase.ANSWER, None),
    Habit.DROPS_AT_MAIL: (Result.DEFERRED, Phase.MAIL, None),
    Habit.DROPS_IN_BODY: (Result.DEFERRED, Phase.BODY, None),
    Habit.REFUSES_IN_BODY: (Result.REFUSED, Phase.ANSWER, 552),
    Habit.DROPS_AFTER_THE_DOT: (Result.UNKNOWN, Phase.ANSWER, None),
    Habit.DEFERS_CONTENT: (Result.DEFERRED, Phase.ANSWER, 451),
    Habit.REFUSES_CONTENT: (Result.REFUSED, Phase.ANSWER, 554),
    Habit.REFUSES_SENDER: (Result.REFUSED, Phase.MAIL, 550),
    Habit.WANTS_A_LOGIN: (Result.DEFERRED, Phase.MAIL, 530),
    Habit.TALKS_NONSENSE: (Result.DEFERRED, Phase.MAIL, None),
}


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
@pytest.mark.parametrize(("habit", "expected"), ONE_MAIL.items(), ids=[habit.name.lower() for habit in ONE_MAIL])
def test_what_becomes_of_a_mail(habit: Habit, expected: tuple[Result, Phase, int | None], pipelining: bool) -> None:
    with misbehaving(habit, pipelining=pipelining) as server:
        account = replace(account_of(server), timeout=0.5 if habit is Habit.STALLS_BEFORE_354 else 5)
        with Sender(account, answer_seconds=0.5 if habit is Habit.STALLS_AFTER_THE_DOT else 5) as sender:
            # A slow line is given time by size, so that only a small mail shows soon that the server stalls.
            lines = 1 if habit is Habit.STALLS_AFTER_THE_DOT else 20_000  # more than the kernel takes at once
            (outcome,) = sender.send([job(1, body=(b"x" * 998 + b"\r\n") * lines)])
    assert (outcome.result, outcome.phase, outcome.code) == expected
    assert outcome.answers[0].result is expected[0]
    assert outcome.cause or outcome.code
    assert len(server.mails) == (expected[0] is Result.UNKNOWN), "only what may have been taken is unknown"


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
def test_each_recipient_is_told_apart(pipelining: bool) -> None:
    with misbehaving(Habit.DEFERS_ONE_RECIPIENT, pipelining=pipelining) as server:
        some, none, gone, after = send(
            server,
            job(1, "a@in.test", "busy@in.test", "gone@in.test"),
            job(2, "busy@in.test", "gone@in.test"),
            job(3, "gone@in.test"),
            job(4, "a@in.test"),
        )
    assert [(answer.result, answer.code) for answer in some.answers] == [
        (Result.SENT, 250),
        (Result.DEFERRED, 450),
        (Result.REFUSED, 550),
    ]
    assert [some.result, none.result, gone.result, after.result] == [
        Result.SENT,
        Result.DEFERRED,
        Result.REFUSED,
        Result.SENT,
    ]
    assert (gone.phase, gone.code, gone.enhanced, gone.text) == (Phase.RCPT, 550, "5.1.1", "5.1.1 no such user")
    assert (len(server.mails), server.greeted) == (2, 1), "the connection is kept after a refusal"


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
@pytest.mark.parametrize("habit", [Habit.CLOSES_WHEN_IDLE, Habit.HANGS_UP_WHEN_IDLE, Habit.ONE_MAIL_A_CONNECTION])
def test_a_kept_connection_that_died_costs_no_job(habit: Habit, pipelining: bool) -> None:
    with misbehaving(habit, pipelining=pipelining) as server, Sender(account_of(server), retry_seconds=0) as sender:
        outcomes = [sender.send([job(key)])[0] for key in range(4)]
    assert [outcome.result for outcome in outcomes] == [Result.SENT] * 4
    assert len(server.mails) == 4, "nothing is sent twice either"
    assert server.greeted == 4


def test_a_connection_that_was_never_good_is_not_tried_again_and_again() -> None:
    with misbehaving(Habit.DROPS_AT_MAIL) as server:
        assert send(server, job(1))[0].result is Result.DEFERRED
        assert server.greeted == 1


def test_a_refused_login_is_tried_once_for_many_mails_and_blames_no_recipient() -> None:
    with misbehaving(Habit.REFUSES_AUTH) as server:
        account = replace(account_of(server, lines=4), user="vanthu", password="sai")
        with Sender(account, retry_seconds=60) as sender:
            outcomes = sender.send([job(key) for key in range(20)])
            assert sender.failure is not None
            assert not sender.failure.temporary
    assert {(outcome.result, outcome.phase, outcome.code) for outcome in outcomes} == {
        (Result.DEFERRED, Phase.CONNECT, 535)
    }
    assert all(outcome.failure and "password" in outcome.failure.mend.en for outcome in outcomes if outcome.failure)
    assert server.logins == 1


def test_a_server_that_grants_one_connection_gets_all_mail_over_it() -> None:
    with misbehaving(Habit.ONE_CONNECTION) as server, Sender(account_of(server, 4), retry_seconds=0.05) as sender:
        outcomes = sender.send([job(key) for key in range(30)])
    assert {outcome.result for outcome in outcomes} == {Result.SENT}
    assert len(server.mails) == 30


def test_a_server_that_is_down_defers() -> None:
    account = SmtpAccount("127.0.0.1", processes.free_port(), Tls.NONE)
    with Sender(account) as sender:
        (outcome,) = sender.send([job(1)])
    assert (outcome.result, outcome.phase) == (Result.DEFERRED, Phase.CONNECT)
    assert outcome.failure is not None
    assert outcome.failure.temporary


@pytest.mark.parametrize(
    "address", ["a@in.test> SIZE=1\r\nRCPT TO:<b@in.test", "a b@in.test", "", "đồng-chí@in.test", "a<b@in.test"]
)
def test_an_address_that_cannot_be_written_is_refused_and_spoils_nothing(address: str, smtp_sink: SmtpSink) -> None:
    with Sender(account_of(smtp_sink)) as sender:
        first, second = sender.send([job(1, address), job(2)])
    if address.isascii():
        assert (first.result, first.phase) == (Result.REFUSED, Phase.RCPT)
    assert second.result is Result.SENT
    assert all(len(mail.recipients) == 1 for mail in smtp_sink.wait_for(1))


def test_outcomes_can_be_collected_as_they_end(smtp_sink: SmtpSink) -> None:
    with Sender(account_of(smtp_sink, lines=2)) as sender:
        assert sender.collect(timeout=0) == []
        sender.submit(job(key) for key in range(10))
        found: set[int] = set()
        while len(found) < 10:
            found |= {outcome.key for outcome in sender.collect(timeout=10)}
    assert found == set(range(10))


def test_closing_sends_what_is_queued(smtp_sink: SmtpSink) -> None:
    sender = Sender(account_of(smtp_sink, lines=2)).start()
    sender.submit(job(key) for key in range(20))
    sender.close()
    assert len(smtp_sink.mails) == 20
    assert {outcome.result for outcome in sender.collect(timeout=0)} == {Result.SENT}
    (late,) = sender.send([job(99)])
    assert late.result is Result.DEFERRED


def test_closing_in_haste_tells_what_is_not_known() -> None:
    with misbehaving(Habit.STALLS_AFTER_THE_DOT) as server:
        sender = Sender(account_of(server)).start()
        sender.submit([job(1), job(2)])
        assert server.took_one.wait(10)
        sender.close(timeout=0)
        assert {outcome.key: outcome.result for outcome in sender.collect(timeout=0)} == {
            1: Result.UNKNOWN,
            2: Result.DEFERRED,
        }
    assert "smtp 127.0.0.1" not in {thread.name for thread in threading.enumerate()}


def test_the_library_that_dials_is_the_one_that_was_read() -> None:
    assert version("aiosmtplib").startswith("5.1."), "look again at what smtp.py takes over from aiosmtplib.SMTP"
