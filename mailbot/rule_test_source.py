"""The form of rule tests (rules/tests/*.yaml) and what is wrong with those of a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from mailbot.allowing import allows
from mailbot.problems import Position, Problem, Text
from mailbot.routing.directory_source import unknown_name
from mailbot.yaml_source import Strict, YamlDocument, build, parse
from mailbot.yaml_values import Flag, Line, Lines, listed, one_or_many, text, wrong

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from mailbot.allowing import Allow
    from mailbot.routing.model import Site

FOLDER = "rules/tests"


def moment(value: Any) -> datetime:
    """Read a moment of the office's zone: `2026-10-06 08:10`."""
    word = text(value)
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or len(word) < len("2026-10-06 08:10"):
        raise wrong(
            "moment",
            f"“{word}” không phải thời điểm",
            f'"{word}" is no moment',
            "viết: 2026-10-06 08:10",
            "write: 2026-10-06 08:10",
        )
    return found


Moment = Annotated[datetime, PlainValidator(moment)]


class AttachmentSource(Strict):
    """A file of an inline mail: its text, as .txt."""

    name: Line
    text: str


class MailSource(Strict):
    """A mail written in place."""

    sender: Line = Field(alias="from")
    to: Line | None = None
    subject: str = ""
    text: str = ""
    attachments: Annotated[tuple[AttachmentSource, ...], BeforeValidator(listed)] = ()
    # The mark of our own server that its sender had logged in; `no` for a mail from outside that proves nothing.
    submitted: Flag = True


class ExpectedMail(Strict):
    """One mail of the ladder."""

    at: Moment
    to: Lines
    template: Line


Mails = Annotated[tuple[ExpectedMail, ...], BeforeValidator(listed)]


class ExpectSource(Strict):
    """What a rule test may expect; only the keys that are written are compared."""

    rule: Line | None = None
    outcome: Line | None = None
    number: Line | None = None
    kind: Line | None = None
    confirm: Flag | None = None
    send_to: Lines | None = None
    paper: Lines | None = None
    due: Line | None = None
    register_: Line | None = Field(None, alias="register")
    submit_to: Lines | None = None
    assign: Lines | None = None
    ladder: Line | None = None
    clerk_alone: Flag | None = None
    mails: Mails | None = None
    some_mails: Mails | None = Field(None, alias="mails~")


class TestSource(Strict):
    """One rule test: a file or an inline mail, when it comes, what is expected."""

    name: Line
    mail: MailSource | Line
    at: Moment
    mailbox: Line | None = None
    expect: ExpectSource


class TestsFile(Strict):
    """One file of rule tests."""

    tests: Annotated[tuple[TestSource, ...], BeforeValidator(one_or_many)] = ()


@dataclass(frozen=True)
class FileOfTests:
    """One file of rule tests as read: what could be typed of it, and what its form is wrong in."""

    path: Path
    document: YamlDocument
    source: TestsFile
    allowed: tuple[Allow, ...]
    problems: tuple[Problem, ...]


def read_tests(folder: Path) -> Iterator[FileOfTests]:
    """Yield the files of rule tests of a site folder in the order of their names; none is left out for its mistakes."""
    for path in sorted((folder / FOLDER).glob("*.y*ml")):
        name = path.relative_to(folder).as_posix()
        try:
            content = path.read_text("utf-8-sig")
        except OSError as error:
            said = error.strerror or type(error).__name__
            unread = Text(f"không đọc được tệp: {said}", f"cannot read the file: {said}")
            problem = Problem("file.unreadable", Position(name), unread)
        except UnicodeDecodeError:
            problem = Problem("file.encoding", Position(name), Text("tệp không phải UTF-8", "the file is not UTF-8"))
        else:
            document = parse(content, name)
            source, problems = build(TestsFile, document) if document.data is not None else (TestsFile(), ())
            allowed = tuple(allows(content.splitlines(), name))
            yield FileOfTests(path, document, source or TestsFile(), allowed, (*document.problems, *problems))
            continue
        yield FileOfTests(path, parse("", name), TestsFile(), (), (problem,))


def problems_of_tests(file: FileOfTests, site: Site | None) -> Iterator[Problem]:
    """Yield what is wrong with a file of tests: its form, mails that are not there, names that the site has not.

    Names are not looked at when there is no site (None), since it does not check either.
    """
    yield from file.problems
    for index, test in enumerate(file.source.tests):
        path: tuple[str | int, ...] = ("tests", index)
        if isinstance(test.mail, str) and not (file.path.parent / test.mail).is_file():
            said = Text(vi=f"không có tệp thư {test.mail}", en=f"there is no mail file {test.mail}")
            mend = Text(vi="đường dẫn tính từ thư mục của kiểm thử này", en="paths count from the folder of this test")
            yield Problem("test.mail", file.document.position((*path, "mail")), said, mend)
        for kind, place, word, known in _names(test, site) if site is not None else ():
            if word not in known:
                yield unknown_name(kind, file.document.position((*path, *place)), word, tuple(known))


Named = tuple[str, tuple[str | int, ...], str, "Collection[str]"]


def _names(test: TestSource, site: Site) -> Iterator[Named]:
    """Yield (kind, place in the test, name, known names) of everything that a test names."""
    expect, units = test.expect, site.directory.units
    for key, kind, word, known in (
        ("mailbox", "mailbox", test.mailbox, site.mailboxes),
        ("rule", "rule", expect.rule, tuple(rule.id for rule in site.rules)),
        ("register", "register", expect.register_, site.registers),
        ("ladder", "ladder", expect.ladder, site.ladders),
    ):
        if word is not None:
            yield kind, (key,) if key == "mailbox" else ("expect", key), word, known
    for key, words in (("send_to", expect.send_to), ("paper", expect.paper)):
        for index, word in enumerate(words or ()):
            # A person of a meeting is named with the kind, so that no unit of the same key is meant.
            person = word.removeprefix("person:") if word.startswith("person:") else None
            if person is None:
                yield "unit", ("expect", key, index), word, units
            elif site.directory.person(person) is None:
                yield "person", ("expect", key, index), person, site.directory.people
    templates = {name.partition(".")[0] for name in site.templates if not name.startswith("_")}
    for key, mails in (("mails", expect.mails), ("mails~", expect.some_mails)):
        for index, mail in enumerate(mails or ()):
            yield "template", ("expect", key, index, "template"), mail.template, templates
