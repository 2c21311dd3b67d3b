"""Programs of the reader process for what pure code cannot read: old Word files, and letters on pictures."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from mailbot.mail.attachments import Tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbot.reading import ReadingContext

# A page takes two seconds, a Word file a tenth of one; the limit of the whole mail is the reader's.
SECONDS_PER_RUN = 20
# Each writes UTF-8. antiword comes first: it keeps the soft hyphen, which is ư in the .VnTime fonts and which catdoc
# drops; catdoc reads the short letters that antiword refuses.
_WORD_PROGRAMS = (("antiword", ("-m", "UTF-8.txt", "-w", "0")), ("catdoc", ("-d", "utf-8", "-w")))
_TABLE_PROGRAMS = (("xls2csv", ("-d", "utf-8", "-c", "\t", "-q", "0", "-f", "%d/%m/%Y")),)
_LETTERS_PROGRAM = ("tesseract", ("stdin", "stdout", "-l", "vie", "--psm", "3"))


def tools_for(context: ReadingContext) -> Tools:
    """Return what this machine has installed; letters are read off pictures only where the office wants it."""
    return Tools(
        word=_converter(_WORD_PROGRAMS),
        table=_converter(_TABLE_PROGRAMS),
        letters=_letter_reader() if context.ocr else None,
    )


@lru_cache(maxsize=8)
def _converter(programs: tuple[tuple[str, tuple[str, ...]], ...]) -> Callable[[bytes], str] | None:
    """Return what turns a file into text with those of the programs that are installed, or None."""
    found = ((shutil.which(program), options) for program, options in programs)
    commands = tuple((path, *options) for path, options in found if path is not None)
    return partial(_first_text, commands) if commands else None


def _first_text(commands: tuple[tuple[str, ...], ...], content: bytes) -> str:
    """Return the text that the first program finds that finds any."""
    texts = (_through_file(command, content) for command in commands)
    # A form feed stands between pages or sheets.
    return next((text.replace("\f", "\n") for text in texts if text.strip()), "")


@lru_cache(maxsize=1)
def _letter_reader() -> Callable[[bytes], str] | None:
    program, options = _LETTERS_PROGRAM
    path = shutil.which(program)
    if path is None:
        return None
    return partial(_run, (path, *options))


def _through_file(command: tuple[str, ...], content: bytes) -> str:
    """Run a program that must seek in its input: a file in memory, never one on the disk."""
    descriptor = os.memfd_create("attachment")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        return _run((*command, f"/dev/fd/{descriptor}"), b"", (descriptor,))


def _run(command: tuple[str, ...], content: bytes, descriptors: tuple[int, ...] = ()) -> str:
    """Return what a program writes, an empty text when it fails or takes too long."""
    # One thread: there are as many readers as the office wants cores for.
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - a program found on the path, options of ours, no shell
            command,
            input=content,
            capture_output=True,
            timeout=SECONDS_PER_RUN,
            env=environment,
            pass_fds=descriptors,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
