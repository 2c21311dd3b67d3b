"""Comments that silence a warning at one place: `# mailbot: allow directory.shared_address`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.checks import CHECKS, Severity
from mailbot.problems import Position, Problem, Text
from mailbot.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

# At the end of a line or alone on it; in a template the comment is one of Jinja's.
COMMENT = re.compile(r"(?:^|(?<=\s))\{?#+\s*mailbot:\s*allow\s+(?P<ids>[a-z_.]+(?:[\s,]+[a-z_.]+)*)\s*(?:#\})?\s*$")
WORD = re.compile(r"[a-z_.]+")
# Checks that look beyond the folder, at the day, the environment, the servers: only `mailbot check` makes them; and
# those that read whole mails: only `mailbot templates check` does.
BEYOND_THE_FOLDER = (
    *("rule.nobody", "settings.secret", "online.", "test."),
    *("template.token", "template.empty", "template.missing", "template.blanks", "template.english", "template.long"),
)


@dataclass(frozen=True)
class Allow:
    """One id in one comment, and the lines of the file on which it silences warnings."""

    check: str
    position: Position
    lines: tuple[int, ...]

    def covers(self, problem: Problem) -> bool:
        """Tell whether the problem stands where this comment is meant."""
        place = problem.position
        return problem.check == self.check and place.file == self.position.file and place.line in self.lines


def allows(lines: Sequence[str], file: str) -> Iterator[Allow]:
    """Yield what the comments of one file allow: each on its own line, and on the next that is no comment."""
    for number, line in enumerate(lines, start=1):
        if "mailbot:" not in line:
            continue
        found = COMMENT.search(line)
        if found is None:
            continue
        covered: tuple[int, ...] = (number,)
        if not line[: found.start()].strip():
            following = (
                later
                for later, text in enumerate(lines[number:], start=number + 1)
                if text.strip() and not text.lstrip().startswith("#")
            )
            covered = (number, next(following, number))
        for word in WORD.finditer(line, found.start("ids"), found.end("ids")):
            yield Allow(word[0], Position(file, number, word.start() + 1), covered)


def silenced(problems: Iterable[Problem], allowed: Collection[Allow]) -> list[Problem]:
    """Return the problems without the warnings that a comment allows; errors stay whatever it says."""
    files = {allow.position.file for allow in allowed}
    return [
        problem
        for problem in problems
        if not problem.warning
        or problem.position.file not in files
        or not any(allow.covers(problem) for allow in allowed)
    ]


def wrong_allows(allowed: Iterable[Allow]) -> Iterator[Problem]:
    """Yield a warning for each comment that names no check, or an error."""
    for allow in allowed:
        check = CHECKS.get(allow.check)
        if check is None:
            guess = nearest(allow.check, tuple(CHECKS))
            mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?') if guess else None
            mend = mend or Text(vi="xem các mã: mailbot check --list", en="see the ids: mailbot check --list")
            text = Text(vi=f"không có mã kiểm tra “{allow.check}”", en=f'unknown check "{allow.check}"')
            yield Problem("check.unknown_allow", allow.position, text, mend)
        elif check.severity is Severity.ERROR:
            text = Text(
                vi=f"“{allow.check}” là lỗi, không bỏ qua được", en=f'"{allow.check}" is an error, none can be silenced'
            )
            mend = Text(vi="sửa lỗi rồi bỏ ghi chú này", en="mend the error and remove the comment")
            yield Problem("check.allowed_error", allow.position, text, mend)


def unused_allows(allowed: Iterable[Allow], problems: Collection[Problem], *, beyond: bool) -> Iterator[Problem]:
    """Yield a warning for each comment that silences nothing of what was found.

    `beyond` tells whether the comments on checks that look beyond the folder are meant, or those on all others.
    """
    for allow in allowed:
        check = CHECKS.get(allow.check)
        if check is None or check.severity is Severity.ERROR or allow.check.startswith(BEYOND_THE_FOLDER) != beyond:
            continue
        if not any(allow.covers(problem) for problem in problems):
            text = Text(
                vi=f"ghi chú không bỏ qua cảnh báo “{allow.check}” nào ở đây",
                en=f'the comment silences no warning "{allow.check}" here',
            )
            mend = Text(vi="bỏ ghi chú này", en="remove the comment")
            yield Problem("check.unused_allow", allow.position, text, mend)
