"""The sample mails with hand-written expectations: the score that was reached is the least that stays."""

import shlex
import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
LEAST = "0.995"


def test_samples_are_read_as_a_clerk_would() -> None:
    command = shlex.join([sys.executable, "-c", "from mailbot.cli.main import main; main()", "parse", "--json"])
    done = subprocess.run(
        [sys.executable, str(SAMPLES / "check.py"), str(SAMPLES), "--command", command, "--min", LEAST, "--verbose"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
