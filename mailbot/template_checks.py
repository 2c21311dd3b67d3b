"""What is wrong with the mails of a site as people read them: values that a mail has not, what reads badly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mailbot.problems import Position, Problem, Text
from mailbot.rendering.letters import PAGE, Letter, Letters, TemplateFailureError
from mailbot.rendering.proofreading import Finding, proofread
from mailbot.rendering.samples import cases, sample
from mailbot.routing.letters import office_values
from mailbot.template_source import template_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailbot.routing.model import Site

SAMPLE_TOKEN = "xemtruoc23456"  # noqa: S105 - as long as a real one, and nobody's
GIVEN = frozenset({"ref", "subject", "blocks"})  # by the rendering itself
PARTS = ("subject", "txt", "html")
# An office that knows nothing of our codes gets none.
WITHOUT_TOKEN = ("receipt",)


def letter_problems(site: Site, own: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with each mail of the site; `own` are the file names of the office's templates."""
    letters = Letters(site.templates, spelling=site.office.spelling)
    reply_to = next(iter(site.mailboxes.values())).address
    for name in letters.names():
        static = list(_values_of(name, site.templates, own))
        yield from static
        places = {(problem.position.file, problem.position.line) for problem in static}
        told: set[tuple[str, str, str]] = set()
        for case, values in cases(name):
            for problem in _problems(letters, name, case, values | office_values(site.office), reply_to, own):
                # One mistake shows in many cases; the first tells it.
                key = (problem.check, str(problem.position), problem.text.en.partition(" [")[0])
                if key not in told and (problem.position.file, problem.position.line) not in places:
                    told.add(key)
                    yield problem


def _problems(
    letters: Letters, name: str, case: str, values: dict[str, Any], reply_to: str, own: frozenset[str]
) -> Iterator[Problem]:
    try:
        letter = letters.render(name, values, token=SAMPLE_TOKEN, reply_to=reply_to)
    except TemplateFailureError as error:
        place = Position(shown(error.position.file, own), error.position.line)
        yield Problem("template.render", place, _in_case(Text(error.said, error.said), case))
        return
    if SAMPLE_TOKEN not in letter.subject and name not in WITHOUT_TOKEN:
        text = Text(vi="tiêu đề không có mã thư [{{ ref }}]", en="the subject has not the mail's code [{{ ref }}]")
        mend = Text(
            vi="thêm [{{ ref }}] ở cuối: thư trả lời nhờ mã này mà về đúng việc",
            en="end it with [{{ ref }}]: by this code an answer finds its matter",
        )
        place = Position(shown(f"{name}.subject.j2", own))
        yield Problem("template.token", place, _in_case(text, case), mend)
    for found in proofread(letter):
        file, place = _place(letters, name, letter, found)
        text = Text(f"{found.text.vi}: {found.found}", f"{found.text.en}: {found.found}")
        position = Position(shown(file, own), place.line, place.column)
        yield Problem(f"template.{found.code}", position, _in_case(text, case))


def _in_case(text: Text, case: str) -> Text:
    return Text(f"{text.vi} [ví dụ {case}]", f"{text.en} [sample {case}]")


def shown(file: str, own: frozenset[str]) -> str:
    """Return how a template's file is called before a person: in the site, or among the shipped ones."""
    return f"templates/{file}" if file in own else f"templates (shipped)/{file}"


def _place(letters: Letters, name: str, letter: Letter, found: Finding) -> tuple[str, Position]:
    """Return where in its template a piece of a mail was written: the piece itself, else the words before it."""
    file = f"{name}.subject.j2" if found.line == letter.subject else f"{name}.txt.j2"
    lines = letters.source(file).splitlines()
    before = re.findall(r"[^\W\d_]{2,}(?: [^\W\d_]{2,})?", found.line.partition(found.found)[0])
    for piece in (found.found, *reversed(before)):
        for number, line in enumerate(lines, start=1):
            column = line.find(piece)
            if column >= 0:
                return file, Position(file, number, column + 1)
    return file, Position(file)


def _values_of(name: str, templates: Mapping[str, str], own: frozenset[str]) -> Iterator[Problem]:
    """Yield each value that other mails have and this one has not; what asks `is defined` first may name any."""
    known = frozenset(sample(name).values) | GIVEN
    for part in PARTS:
        file = f"{name}.{part}.j2"
        source = templates.get(file)
        if source is None or file == PAGE:
            continue
        asked = frozenset(re.findall(r"\b(\w+) is (?:not )?defined\b", source))
        yield from template_problems(source, shown(file, own), known | asked)
