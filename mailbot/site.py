"""Loads a site folder into one checked, immutable office; every mistake in it is told at once."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from datetime import date  # noqa: TC003 - pydantic reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from mailbot import settings as settings_room
from mailbot import shipped
from mailbot.allowing import Allow, allows, silenced, unused_allows, wrong_allows
from mailbot.collecting import collecting_paused
from mailbot.office.public_mail import is_public
from mailbot.office.working_time import WorkingTime
from mailbot.problems import Position, Problem, SiteError, Text
from mailbot.routing.directory_source import STAND_IN, build_directory, check_target
from mailbot.routing.model import Office, Relation, Site
from mailbot.routing.rule_source import Names, build_rules
from mailbot.template_source import known_values, outdated_templates, template_problems, unused_templates
from mailbot.yaml_source import Strict, YamlDocument, build, nearest, parse
from mailbot.yaml_values import Days, day, flag, one_or_many, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from mailbot.routing.directory import Directory
    from mailbot.settings import Settings
    from mailbot.yaml_source import Path as YamlPath

MAIN = "mailbot.yaml"
DIRECTORY = "directory.yaml"
DIRECTORY_FOLDER = "rules/directory.d"
CALENDAR = "calendar.yaml"
# A template or a YAML file bigger than this is no template and no YAML file of an office.
LARGEST_FILE = 64_000_000


@dataclass(frozen=True)
class Loaded:
    """A site that checks: its settings, the office for deciding, and what to warn of."""

    settings: Settings
    site: Site
    warnings: tuple[Problem, ...]
    places: Mapping[YamlPath, Position] = field(default_factory=dict)  # of mailbot.yaml: where a value stands
    allowed: tuple[Allow, ...] = ()  # what comments in the files silence
    silenced: tuple[Problem, ...] = ()  # and what they do silence


def read_days(value: Any) -> dict[date, str | None]:
    """Read days off as a list of dates, or as `date: reason`."""
    if isinstance(value, dict):
        return {day(key): text(reason) if reason else None for key, reason in value.items()}
    return {day(item): None for item in one_or_many(value)}


class CalendarSource(Strict):
    """calendar.yaml: what the office adds to the national calendar."""

    national: Annotated[bool, PlainValidator(flag)] = True
    days_off: Annotated[dict[date, str | None], PlainValidator(read_days)] = {}  # noqa: RUF012 - frozen by the model
    working_days: Days = ()


@dataclass
class _Loading:
    """The files read so far and what is wrong."""

    folder: Path
    instead: Mapping[str, str] = field(default_factory=dict)  # file name -> text that would stand there
    problems: list[Problem] = field(default_factory=list)
    documents: dict[str, YamlDocument] = field(default_factory=dict)
    allowed: list[Allow] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def text(self, path: Path, name: str) -> str | None:
        """Read one file of the site; what the system says against it becomes a problem."""
        if name in self.instead:
            return self.instead[name]
        try:
            if path.stat().st_size > LARGEST_FILE:
                self.say("file.too_big", name, "tệp quá lớn", "the file is too big")
                return None
            raw = path.read_bytes()
            self.digest.update(f"{name}\0{len(raw)}\0".encode() + raw)
            content = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except OSError as error:
            said = error.strerror or type(error).__name__
            self.say("file.unreadable", name, f"không đọc được tệp: {said}", f"cannot read the file: {said}")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.problems.append(
                Problem(
                    "file.encoding",
                    Position(name, line),
                    Text(vi="tệp không phải UTF-8", en="the file is not UTF-8"),
                    Text(vi="lưu lại tệp với bảng mã UTF-8", en="save the file as UTF-8"),
                )
            )
        else:
            self.allowed.extend(allows(content.splitlines(), name))
            return content
        return None

    def say(self, check: str, name: str, vi: str, en: str, mend: Text | None = None) -> None:
        self.problems.append(Problem(check, Position(name), Text(vi, en), mend))

    def present(self, path: Path) -> bool:
        """Tell whether there is such a file; a folder that may not be entered becomes a problem."""
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            said = error.strerror or type(error).__name__
            name = path.relative_to(self.folder).as_posix()
            self.say("file.unreadable", name, f"không đọc được tệp: {said}", f"cannot read the file: {said}")
            return False
        return True

    def yaml(self, path: Path) -> YamlDocument | None:
        """Read and parse one YAML file; None when it has no usable content."""
        name = path.relative_to(self.folder).as_posix()
        content = self.text(path, name)
        if content is None:
            return None
        document = parse(content, name)
        self.documents[name] = document
        self.problems.extend(document.problems)
        # A file that is no YAML at all says nothing more; a doubled key leaves the rest to be checked.
        return None if document.data is None and document.problems else document

    def files(self, folder: Path) -> list[Path]:
        """Return the YAML files of a folder in name order; a folder that is not there has none."""
        new = {path for path in map(self.folder.joinpath, self.instead) if path.parent == folder}
        try:
            return sorted({path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")} | new)
        except (FileNotFoundError, NotADirectoryError):
            return sorted(new)
        except OSError as error:
            said = error.strerror or type(error).__name__
            name = folder.relative_to(self.folder).as_posix()
            self.say("file.unreadable", name, f"không đọc được thư mục: {said}", f"cannot read the folder: {said}")
            return []


def load(folder: Path, today: date | None = None, instead: Mapping[str, str] | None = None) -> Loaded:
    """Return the checked site of a folder, or raise SiteError with every problem found in it.

    With `today` it is also looked whom the rules reach on that day. With `instead` the site is checked as it would be
    with other texts in some of its YAML files, old ones or new.
    """
    with collecting_paused():
        return _load(folder, today, instead or {})


def directory_documents(folder: Path) -> tuple[YamlDocument, ...]:
    """Return the files of the directory as they are written, for those who change them."""
    loading = _Loading(folder.absolute())
    return tuple(one for one in map(loading.yaml, _directory_files(loading)) if one is not None)


def _load(folder: Path, today: date | None, instead: Mapping[str, str]) -> Loaded:
    loading = _Loading(folder.absolute(), instead)
    if not loading.present(loading.folder / MAIN):
        # One wrong folder is one mistake, not a dozen missing files.
        vi, en = f"{folder} không có tệp này", f"{folder} has no such file"
        mend = Text(vi="tạo cấu hình mẫu: mailbot init THƯ_MỤC", en="write an example site: mailbot init DIR")
        raise SiteError((*loading.problems, Problem("site.missing", Position(MAIN), Text(vi, en), mend)), folder)
    settings = _settings(loading)
    directory = _directory(loading)
    calendar = _calendar(loading)
    templates = _templates(loading)
    names = Names(
        tuple(settings.registers) if settings else (),
        tuple(settings.mailboxes) if settings else (),
        tuple(sorted({name.partition(".")[0] for name in templates if not name.startswith("_")})),
    )
    rules_folder = loading.folder / "rules"
    files = [path for path in loading.files(rules_folder) if path.name not in (DIRECTORY, CALENDAR)]
    documents = [document for document in map(loading.yaml, files) if document is not None]
    built = build_rules(documents, directory, names, today)
    found = [*built.problems]
    if settings:
        found += _officers(settings, directory, loading.documents[MAIN])
        found += _slots(settings, loading.documents[MAIN])
    certificates = _certificates(loading, settings)
    unheard = _unheard(loading, settings)
    loading.problems.extend(problem for problem in found if problem.check not in unheard)
    wrong = any(not problem.warning for problem in loading.problems)
    problems = in_order(_after_comments(loading, judge=not wrong))
    if wrong or settings is None or calendar is None:
        raise SiteError(problems, folder)
    site = Site(
        mode=settings.mode,
        office=_office(settings, calendar),
        mailboxes={key: mailbox.profile() for key, mailbox in settings.mailboxes.items()},
        registers=settings.registers,
        trust=replace(settings.trust, certificates=certificates),
        officers=settings.officers,
        directory=directory,
        rules=built.rules,
        ladders=built.ladders,
        version=loading.digest.hexdigest(),
        templates=templates,
        digests=settings.digests,
        orders=settings.orders,
        papers=settings.papers,
        holds_dangerous=settings.holds_dangerous,
    )
    told = set(problems)
    quiet = tuple(problem for problem in loading.problems if problem not in told)
    return Loaded(settings, site, problems, loading.documents[MAIN].values, tuple(loading.allowed), quiet)


def _after_comments(loading: _Loading, *, judge: bool) -> list[Problem]:
    """Return what comments do not silence, and what is wrong with them; a site with errors shows not all warnings."""
    unused = unused_allows(loading.allowed, loading.problems, beyond=False) if judge else ()
    return [*silenced(loading.problems, loading.allowed), *wrong_allows(loading.allowed), *unused]


# What is said of names when the file that has them cannot be read at all: noise beside the one real mistake.
NAMES_OF_SETTINGS = ("unknown.register", "unknown.mailbox")
LOSSES = ("yaml.syntax", "yaml.too_big", "file.unreadable", "file.encoding", "file.too_big", "site.missing")
NAMES_OF_DIRECTORY = ("unknown.unit", "unknown.group", "unknown.role", "unknown.person", "settings.self")


def _unheard(loading: _Loading, settings: Settings | None) -> tuple[str, ...]:
    """Return the checks that say nothing now, because the file they look into has no content."""
    lost = {problem.position.file for problem in loading.problems if problem.check in LOSSES}
    blind = any(file.startswith("rules/directory") for file in lost)
    return (*(NAMES_OF_SETTINGS if settings is None else ()), *(NAMES_OF_DIRECTORY if blind else ()))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems as a person walks through the files, mailbot.yaml first, each once."""
    unique = dict.fromkeys(problems)
    return tuple(
        sorted(
            unique,
            key=lambda one: (one.position.file != MAIN, one.position.file, one.position.line, one.position.column),
        )
    )


def _settings(loading: _Loading) -> Settings | None:
    document = loading.yaml(loading.folder / MAIN)
    if document is None:
        return None
    settings, problems = settings_room.read(document, loading.folder)
    loading.problems.extend(problems)
    return settings


def _directory(loading: _Loading) -> Directory:
    files = _directory_files(loading)
    if not files:
        vi, en = "không có danh bạ đơn vị", "there is no directory of units"
        loading.say("site.missing", f"rules/{DIRECTORY}", vi, en)
    directory, problems = build_directory([one for one in map(loading.yaml, files) if one is not None])
    loading.problems.extend(problems)
    return directory


def _directory_files(loading: _Loading) -> list[Path]:
    single = loading.folder / "rules" / DIRECTORY
    return [*([single] if loading.present(single) else []), *loading.files(loading.folder / DIRECTORY_FOLDER)]


def _calendar(loading: _Loading) -> CalendarSource | None:
    path = loading.folder / "rules" / CALENDAR
    if not loading.present(path):
        return CalendarSource()
    document = loading.yaml(path)
    if document is None:
        return None
    calendar, problems = build(CalendarSource, document)
    loading.problems.extend(problems)
    for both in set(calendar.days_off) & set(calendar.working_days) if calendar else ():
        vi, en = f"{both} vừa là ngày nghỉ vừa là ngày làm việc", f"{both} is both a day off and a working day"
        loading.problems.append(Problem("calendar.both", document.position(("days_off", str(both))), Text(vi, en)))
    return calendar


def _certificates(loading: _Loading, settings: Settings | None) -> tuple[str, ...]:
    """The certificates (PEM) of those who certify the signers of PDFs; a file that holds none is a problem."""
    texts: list[str] = []
    for path in settings.certificates if settings else ():
        name = os.path.relpath(path, loading.folder)
        text = loading.text(path, name)
        if text is not None and "-----BEGIN CERTIFICATE-----" not in text:
            loading.say(
                "settings.certificate", name, "tệp không có chứng thư (PEM)", "the file holds no PEM certificate"
            )
        elif text is not None:
            texts.append(text)
    return tuple(texts)


def _office(settings: Settings, calendar: CalendarSource) -> Office:
    office = settings.office
    working_time = WorkingTime(
        timezone=office.timezone,
        hours=office.hours,
        days_off=frozenset(calendar.days_off),
        working_days=frozenset(calendar.working_days),
        names=tuple((off, reason) for off, reason in sorted(calendar.days_off.items()) if reason),
        national=calendar.national,
    )
    return Office(
        office.name,
        office.unit,
        office.timezone,
        working_time,
        office.spelling,
        office.contact,
        office.reminders_at,
        office.confirm_within,
        office.undo_within,
        office.ocr,
    )


def _officers(settings: Settings, directory: Directory, document: YamlDocument) -> Iterator[Problem]:
    """Yield what is wrong with whom the settings name: the office's own unit, and officers without an address."""
    place = document.position(("office", "unit"))
    unit = directory.unit(settings.office.unit)
    if unit is None:
        guess = nearest(settings.office.unit, tuple(directory.units))
        mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?') if guess else None
        vi, en = (
            f"danh bạ không có đơn vị “{settings.office.unit}”",
            f'the directory has no unit "{settings.office.unit}"',
        )
        yield Problem("unknown.unit", place, Text(vi, en), mend)
    elif unit.relation is not Relation.SELF and unit.name != STAND_IN:
        vi = f"đơn vị “{unit.key}” trong danh bạ phải có relation: self"
        yield Problem("settings.self", place, Text(vi, f'the unit "{unit.key}" needs relation: self in the directory'))
    named = [
        *((getattr(settings.officers, name), ("officers", name)) for name in ("clerk", "leader", "admin", "secrets")),
        *(
            (target, ("digests", digest.key, "to", index))
            for digest in settings.digests
            for index, target in enumerate(digest.to)
        ),
        *((right.target, ("orders", right.target)) for right in settings.orders),
    ]
    for target, path in named:
        where = document.position(path)
        problem = check_target(directory, target, where)
        told = target.startswith("role:") and not directory.roles.get(target.removeprefix("role:"))
        if problem is None and not told and not directory.addresses(target):
            vi, en = f"“{target}” không có địa chỉ thư nào", f'"{target}" has no mail address'
            problem = Problem("settings.officer", where, Text(vi, en))
        if problem is not None:
            yield problem
        elif path[0] == "officers" and path[1] in ("clerk", "leader"):
            yield from _public(settings, directory, target, where)


def _public(settings: Settings, directory: Directory, target: str, where: Position) -> Iterator[Problem]:
    """Yield a warning where papers for internal use would be put before somebody in a public mailbox."""
    papers = settings.papers
    public = [address for _, address in directory.addresses(target) if is_public(address, papers.public_domains)]
    if public and (papers.internal_inside or papers.drafts_inside):
        vi = f"{public[0]} là hộp thư công cộng: văn bản lưu hành nội bộ, dự thảo không được gửi tới đây"
        en = f"{public[0]} is a public mailbox: papers for internal use and drafts must not go there"
        yield Problem("settings.public_address", where, Text(vi, en))


def _slots(settings: Settings, document: YamlDocument) -> Iterator[Problem]:
    """Yield a warning for each slot of reminders in which the office is closed: its mails wait for the next hour."""
    for index, slot in enumerate(settings.office.reminders_at):
        if not any(opens <= slot < closes for opens, closes in settings.office.hours):
            place = document.position(("office", "reminders_at", index))
            vi = f"{slot:%H:%M} ngoài giờ làm việc, thư nhắc sẽ đợi đến giờ làm việc"
            en = f"{slot:%H:%M} is outside office hours, reminders will wait for them"
            yield Problem("settings.slot", place, Text(vi, en))


def _templates(loading: _Loading) -> Mapping[str, str]:
    """Return every template source by file name: the shipped ones, and over them what the office changed."""
    given = _sources(loading, shipped.folder("templates"), "templates (shipped)")
    own = _sources(loading, loading.folder / "templates", "templates")
    known = known_values(given.values())
    for name, source in own.items():
        loading.problems.extend(template_problems(source, f"templates/{name}", known))
    loading.problems.extend(unused_templates(own, given))
    loading.problems.extend(outdated_templates(own, given))
    return given | own


def _sources(loading: _Loading, folder: Path, shown: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        paths = sorted(path for path in folder.rglob("*") if not path.name.startswith("."))
    except OSError as error:
        said = error.strerror or type(error).__name__
        loading.say("file.unreadable", shown, f"không đọc được thư mục: {said}", f"cannot read the folder: {said}")
        return {}
    for path in paths:
        name = path.relative_to(folder).as_posix()
        # A folder that is named as a template is read too, so that the mistake is told.
        source = loading.text(path, f"{shown}/{name}") if path.is_file() or name.endswith(".j2") else None
        if source is not None:
            found[name] = source
    return found


def inventory(loaded: Loaded) -> dict[str, int]:
    """Return how much of everything the site has."""
    directory, site = loaded.site.directory, loaded.site
    people = len(directory.people) + sum(len(unit.people) for unit in directory.units.values())
    templates = {name.partition(".")[0] for name in site.templates if not name.startswith("_")}
    return {
        "units": len(directory.units),
        "groups": len(directory.groups),
        "people": people,
        "roles": len(directory.roles),
        "rules": len(site.rules),
        "ladders": len(site.ladders),
        "templates": len(templates),
        "registers": len(site.registers),
        "mailboxes": len(site.mailboxes),
    }
