"""Feeds mails to the real daemon, kills it at every stage and at random, and prints the proof: `python -m soak.run`."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from soak import proof
from soak.victim import SABOTAGES, STAGES
from tests.office_site import DIRECTIVE_TEXT, official, write_site
from tests.servers import processes
from tests.servers.dovecot import Dovecot
from tests.servers.sink import SmtpSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

UNITS = 3
MAILS_A_ROUND = 3
MOST_MAILS = 3000
FLAG = "$MailbotDone"
ANYWHERE = "anywhere"
# Longer than a start with its recovery takes on a busy machine; a stage that is not reached by then is not counted.
ROUND_SECONDS = 30
QUIET_SECONDS = 180
SPOILT_SECONDS = 3
RANDOM_SECONDS = (0.0, 1.5)


class Soak:
    """One office under fire."""

    def __init__(self, stack: ExitStack, sabotage: str | None, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sabotage = sabotage
        self.folder = processes.new_folder("soak")
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = SmtpSink()
        stack.callback(self.sink.stop)
        self.dovecot = Dovecot()
        stack.callback(self.dovecot.stop)
        self.office = write_site(self.folder / "site", imap=self.dovecot.imap_port, smtp=self.sink.port, units=UNITS)
        self.ledger = proof.Ledger(self.office.folder)
        self.log = self.folder / "daemon.log"
        self.handed_in: dict[str, str] = {}
        self.kills: Counter[str] = Counter()
        self.complaints: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        stack.callback(self._end)

    # --- the daemon ------------------------------------------------------------------------------------------------

    def start(self, stage: str | None = None, passes: int = 1) -> subprocess.Popen[bytes]:
        """Start the daemon in a session of its own, with or without a death in it."""
        command = [sys.executable, "-m", "soak.victim", str(self.office.folder)]
        command += ["--stage", stage, "--passes", str(passes)] if stage else []
        command += ["--sabotage", self.sabotage] if self.sabotage else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        return self._process

    def _end(self) -> None:
        """End what is left of the daemon's session, as a service manager does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    # --- the rounds ------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Let the office find its mailbox empty, so that what comes later is new."""
        process = self.start()
        processes.until(lambda: self.ledger.count("select count(*) from mailbox_cursor") > 0, "the first start")
        process.terminate()
        process.wait(ROUND_SECONDS)

    def feed(self) -> None:
        """Hand in a few papers of the superior."""
        if len(self.handed_in) >= MOST_MAILS:
            return
        mails = []
        for _ in range(MAILS_A_ROUND):
            number = f"{len(self.handed_in) + 1}-CV/TU"
            text = DIRECTIVE_TEXT.format(number=number, due="30/10/2026")
            sender, to = self.office.address("tu"), self.office.address("vp")
            mail = official(sender, to, f"chuyển ngay {number}", text)
            self.handed_in[str(mail["Message-ID"])] = number
            mails.append(mail.as_bytes())
        self.dovecot.deliver_many(self.office.office, mails)

    def round(self, stage: str) -> bool:
        """Feed, start, let it die in a stage or kill it anywhere, and look at what is left; tell whether it died."""
        self.feed()
        if stage == ANYWHERE:
            process = self.start()
            started = self._size()
            processes.until(lambda: b"daemon.started" in self._log_since(started), "the daemon to start")
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.chance.uniform(*RANDOM_SECONDS))
            process.kill()
        else:
            process = self.start(stage, self.chance.randint(1, MAILS_A_ROUND) if STAGES[stage].each else 1)
            with suppress(subprocess.TimeoutExpired):
                process.wait(ROUND_SECONDS)
        died = process.poll() in (-signal.SIGKILL, None) if stage == ANYWHERE else process.poll() == -signal.SIGKILL
        self._end()
        if died:
            self.kills[stage] += 1
        with self.dovecot.client(self.office.office) as inbox:
            inbox.select_folder("INBOX", readonly=True)
            self.complaints += proof.at_a_death(self.ledger, inbox, FLAG, self.sink.mails)
        return died

    def _size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _log_since(self, place: int) -> bytes:
        return self.log.read_bytes()[place:]

    # --- the end ---------------------------------------------------------------------------------------------------

    def until_quiet(self) -> None:
        """Let the daemon finish everything, and stop it as a person does."""
        process = self.start()
        # What was complained of already may never come to rest.
        end = time.monotonic() + (SPOILT_SECONDS if self.complaints else QUIET_SECONDS)
        while not self._quiet() and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
        process.terminate()
        if process.wait(ROUND_SECONDS) != 0:
            self.complaints.append(f"the daemon did not end well: {self.log.read_text('utf-8')[-1000:]}")
        if not self._quiet():
            self.complaints.append("not everything was done in the end")

    def _quiet(self) -> bool:
        with self.dovecot.client(self.office.office) as inbox:
            here = int(inbox.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"])
        ask = self.ledger.count
        return (
            ask("select count(*) from message where folder = 'INBOX' and state <> 'new'") >= here
            and ask("select count(*) from outbox where state in ('planned', 'ready')") == 0
            and ask("select count(*) from mailbox_action where state = 'pending'") == 0
        )

    def verdict(self) -> proof.Verdict:
        """Return the proof, with what `mailbot reconcile` says in it."""
        found = proof.at_the_end(self.ledger, self.handed_in, UNITS, self.sink.mails)
        for words in (*self.complaints, *self._reconciled()):
            found.complain(words)
        return found

    def _reconciled(self) -> list[str]:
        command = [sys.executable, "-m", "mailbot", "reconcile", "-C", str(self.office.folder), "--json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        told = json.loads(run.stdout) if run.stdout.strip() else {"findings": [{"en": run.stderr}]}
        return [f"mailbot reconcile: {finding['en']}" for finding in told["findings"]]


def soak(
    seconds: float,
    hits: int,
    *,
    stages: Sequence[str] = (*STAGES, ANYWHERE),
    sabotage: str | None = None,
    seed: int = 1,
    say: Callable[[str], None],
) -> int:
    """Kill for so many seconds, each stage at least `hits` times; print the proof and return 0 when it holds."""
    with ExitStack() as stack:
        office = Soak(stack, sabotage, seed)
        office.begin()
        started = time.monotonic()
        while time.monotonic() - started < seconds or any(office.kills[stage] < hits for stage in stages):
            stage = min(stages, key=lambda name: office.kills[name])
            if not office.round(stage):
                office.complaints.append(f"the stage {stage} was not reached: {office.log.read_text('utf-8')[-500:]}")
            if office.complaints:
                break
        office.until_quiet()
        found = office.verdict()
        for complaint in found.complaints:
            say(complaint)
        say("killed: " + " ".join(f"{stage}={office.kills[stage]}" for stage in stages))
        say(last_line(found, office.kills.total(), time.monotonic() - started))
        return 1 if found.complaints else 0


def last_line(found: proof.Verdict, kills: int, seconds: float) -> str:
    """Return the figures of a run on one line."""
    return (
        f"lost={found.lost} doubled={found.doubled} gaps={found.gaps} repeated={found.repeated} "
        f"in_flight={found.in_flight} mails={found.mails} deliveries={found.deliveries} kills={kills} "
        f"complaints={len(found.complaints)} seconds={seconds:.0f}"
    )


def main() -> None:
    """Run as the command line or SOAK_SECONDS says; leave with 1 when the proof does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SOAK_SECONDS", "300")))
    parser.add_argument("--hits", type=int, default=10, help="how often each stage is hit at least")
    parser.add_argument("--sabotage", choices=SABOTAGES, help="do what a careless program would; the proof must fail")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    sys.exit(soak(wanted.seconds, wanted.hits, sabotage=wanted.sabotage, seed=wanted.seed, say=print))


if __name__ == "__main__":
    main()
