"""The real daemon with a death in it: it kills itself with SIGKILL at the n-th pass of one stage of its work.

Nothing of the product is replaced: each stage is a function of it that is called as always, and the blow falls before
or behind that call. A sabotage does replace something, by what a careless program would do; the soak must find it.
"""

from __future__ import annotations

import argparse
import os
import signal
from dataclasses import dataclass, replace
from functools import wraps
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailbot.cli.daemon_commands import configure_log
from mailbot.service import composing, fetcher, mailbox_actions, processor, sender
from mailbot.service.daemon import run
from mailbot.service.runtime import Runtime
from mailbot.store import journal, outbox

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Stage:
    """Where the blow falls: before or behind the call of a function, if it was called for anything.

    `each` stages are passed once for each mail, the others once for a batch.
    """

    owner: Any
    name: str
    behind: bool
    each: bool = False
    concerns: Callable[..., bool] = lambda *_args, **_named: True


STAGES: dict[str, Stage] = {
    # The rows and the cursor are committed, no body was fetched.
    "journalled": Stage(
        fetcher.Fetcher, "_commit", behind=True, concerns=lambda _self, _folder, _at, found, *_a, **_n: bool(found)
    ),
    # The body is here, nobody has read it.
    "fetched": Stage(fetcher.Fetcher, "_hand_over", behind=False, each=True),
    # It lies in the archive, nothing is decided.
    "archived": Stage(processor.Processor, "_result", behind=True, each=True),
    # Decided and written, in a transaction that is not committed.
    "recorded": Stage(processor, "record", behind=True, each=True),
    # Committed, nobody told.
    "committed": Stage(processor.Processor, "_tell", behind=False, each=True),
    # The server has set the flag, the ledger does not know.
    "flagged": Stage(mailbox_actions, "_on_mails", behind=True),
    # The bytes of mails are fixed, in a transaction that is not committed.
    "composed": Stage(composing.outbox, "fix", behind=True),
    # Attempts are counted and committed, no server is dialled.
    "claimed": Stage(sender.Sender, "_hand_over", behind=False, concerns=lambda _self, _post, claims: bool(claims)),
    # The server took the mails (DATA accepted), the ledger does not know.
    "accepted": Stage(sender.Sender, "_exchange", behind=False, concerns=lambda self, _room: bool(self._unwritten)),
    # The server's answer is committed.
    "answered": Stage(sender.Sender, "_log", behind=False, each=True),
}


def arm(stage: Stage, passes: int) -> None:
    """Let the process die at the given pass (1 = the first) of a stage."""
    original, passed = getattr(stage.owner, stage.name), count(1)

    @wraps(original)
    def deadly(*args: Any, **named: Any) -> Any:
        now = stage.concerns(*args, **named) and next(passed) == passes
        if now and not stage.behind:
            die()
        result = original(*args, **named)
        if now:
            die()
        return result

    setattr(stage.owner, stage.name, deadly)


def die() -> None:
    """End as by a power cut: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


# --- what a careless program would do --------------------------------------------------------------------------------


def flag_before_commit() -> None:
    """Mark mails on the server as done when they are fetched, long before anything is committed."""
    original = fetcher.Fetcher._read

    def careless(self: Any, mailbox: Any, folder: str, selected: Any) -> None:
        with self.runtime.store.read() as connection:
            uids = [row.uid for row in journal.waiting(connection, self.key)]
        if uids:
            mailbox.flag(uids, self.settings.processed_flag)
        original(self, mailbox, folder, selected)

    fetcher.Fetcher._read = careless


def cursor_past_mail() -> None:
    """Move the cursor past a mail that was not journalled: one of each listing of several."""
    original = journal.write_arrivals

    def careless(connection: Any, mailbox: str, folder: str, uidvalidity: int, arrivals: Any, **named: Any) -> int:
        kept = arrivals[1:] if len(arrivals) > 1 else arrivals
        return original(connection, mailbox, folder, uidvalidity, kept, **named)

    journal.write_arrivals = careless


def bytes_not_fixed() -> None:
    """Make each attempt to send a mail of its own instead of the same bytes again."""
    original = outbox._claim

    def careless(row: Any) -> Any:
        claim = original(row)
        return replace(claim, head=b"X-Attempt: %d\r\n" % claim.attempt + claim.head)

    outbox._claim = careless


SABOTAGES: dict[str, Callable[[], None]] = {
    "flag-before-commit": flag_before_commit,
    "cursor-past-mail": cursor_past_mail,
    "bytes-not-fixed": bytes_not_fixed,
}


def main() -> None:
    """Run the daemon of a site until it is told to stop or dies as it was told to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stage", choices=STAGES)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--sabotage", choices=SABOTAGES)
    wanted = parser.parse_args()
    if wanted.sabotage:
        SABOTAGES[wanted.sabotage]()
    if wanted.stage:
        arm(STAGES[wanted.stage], wanted.passes)
    configure_log("info")
    runtime = Runtime(wanted.folder.absolute())
    try:
        run(runtime)
    finally:
        runtime.close()


if __name__ == "__main__":
    main()
