"""The site folder as a whole, and the commands that write and check it."""

from __future__ import annotations

import json
import os
import pickle
from datetime import date
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from mailbot import shipped, site, template_source
from mailbot.cli import check_command, site_commands
from mailbot.problems import MailbotError, Problem, SiteError
from mailbot.reading import Kind, Reading
from mailbot.routing import letters
from mailbot.routing.model import Channel, Mode, Relation
from mailbot.yaml_source import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TODAY = date(2026, 10, 6)


def write(folder: Path) -> Path:
    site_commands.write_site(folder, site_commands.example_files({}, templates=False))
    return folder


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return write(tmp_path / "office")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> site.Loaded:
    return site.load(write(tmp_path_factory.mktemp("office")))


# --- the example office ---------------------------------------------------------------------------------------------


def test_the_example_office_checks_and_runs_in_shadow(example: site.Loaded) -> None:
    counts = site.inventory(example)
    assert example.warnings == ()
    assert example.site.mode is Mode.SHADOW
    assert counts["units"] >= 12
    assert counts["groups"] >= 4
    assert counts["rules"] >= 7
    assert counts["ladders"] >= 2
    assert counts["mailboxes"] == 1


def test_the_example_office_has_one_unit_on_paper_and_two_of_one_mailbox(example: site.Loaded) -> None:
    units = example.site.directory.units.values()
    assert [unit.key for unit in units if unit.channel is Channel.PAPER] == ["tdp-5"]
    assert [(unit.key, unit.shares_mail_with) for unit in units if unit.shares_mail_with] == [("tdp-4", "tdp-3")]
    assert any(unit.relation is Relation.SUPERIOR for unit in units)
    assert [one.unit for one in example.site.directory.expand("cho-cu", TODAY)] == ["tdp-2"]


def test_every_address_of_the_example_is_reserved_for_examples(example: site.Loaded) -> None:
    directory = example.site.directory
    targets = [f"unit:{key}" for key in directory.units] + [f"role:{key}" for key in directory.roles]
    targets += [f"person:{key}" for key in directory.people]
    addresses = [address for target in targets for _, address in directory.addresses(target)]
    assert addresses
    assert all(address.endswith((".example.vn", "@example.org")) for address in addresses)


def test_every_rule_of_the_example_has_a_test(example: site.Loaded) -> None:
    tested = set()
    for path in sorted((shipped.folder("rules") / "tests").glob("*.yaml")):
        document = parse(path.read_text(encoding="utf-8"), path.name)
        assert document.problems == ()
        tested.update(test["expect"]["rule"] for test in document.data["tests"])
    assert tested == {rule.id for rule in example.site.rules}


def test_the_office_calendar_reaches_the_deadlines(office: Path) -> None:
    (office / "rules/calendar.yaml").write_text(
        "days_off: {2026-10-07: Ngày truyền thống}\nworking_days: [2026-10-10]\n", encoding="utf-8"
    )
    calendar = site.load(office).site.office.working_time
    assert not calendar.is_working_day(date(2026, 10, 7))
    assert calendar.because(date(2026, 10, 7)) == "Ngày truyền thống"
    assert calendar.is_working_day(date(2026, 10, 10))
    assert pickle.loads(pickle.dumps(calendar)) == calendar


def test_the_version_follows_every_file(office: Path) -> None:
    before = site.load(office).site.version
    assert site.load(office).site.version == before
    with (office / "rules/20-phat-hanh.yaml").open("a", encoding="utf-8") as file:
        file.write("# một dòng\n")
    assert site.load(office).site.version != before


def test_a_template_of_the_office_stands_before_the_shipped_one(office: Path) -> None:
    (office / "templates/directive.subject.j2").write_text("Văn bản mới", encoding="utf-8")
    assert site.load(office).site.templates["directive.subject.j2"] == "Văn bản mới"


def test_a_directory_may_lie_in_several_files(office: Path) -> None:
    (office / "rules/directory.d").mkdir()
    (office / "rules/directory.d/more.yaml").write_text(
        "units: {moi: {name: Chi bộ Mới, groups: [to-dan-pho], mail: moi@example.org}}\n", encoding="utf-8"
    )
    assert site.load(office).site.directory.unit("moi") is not None


# --- one broken site for each mistake -------------------------------------------------------------------------------

Break = "Callable[[Path], object]"


def change(file: str, old: str, new: str) -> Callable[[Path], object]:
    def breaking(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return breaking


def put(file: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / file).write_bytes(content)


DIRECTORY = "rules/directory.yaml"
RULES = "rules/20-phat-hanh.yaml"
LADDERS = "rules/90-lich-don-doc.yaml"
MISTAKES = [
    (
        "a unit without an address",
        change(DIRECTORY, "    mail: [tdp2@example.org]\n", ""),
        "directory.no_address",
        DIRECTORY,
    ),
    ("a wrong address", change(DIRECTORY, "tdp2@example.org", "tdp2.example.org"), "value.address", DIRECTORY),
    ("a mailbox of nobody", change(DIRECTORY, "same_as:tdp-3", "same_as:tdp-33"), "unknown.unit", DIRECTORY),
    (
        "a mailbox in a circle",
        change(DIRECTORY, "[tdp3@example.org]", "same_as:tdp-4"),
        "directory.same_as_circle",
        DIRECTORY,
    ),
    ("an heir of nobody", change(DIRECTORY, "merged_into: tdp-2", "merged_into: tdp-22"), "unknown.unit", DIRECTORY),
    ("a parent of nobody", change(DIRECTORY, "parent: dang-uy", "parent: dang-uyy"), "unknown.unit", DIRECTORY),
    ("an overseer of nobody", change(DIRECTORY, "person:uvtv-1", "person:uvtv-9"), "unknown.person", DIRECTORY),
    ("a group of nobody", change(DIRECTORY, "[group:to-dan-pho,", "[group:to-dan-phoo,"), "unknown.group", DIRECTORY),
    (
        "groups in a circle",
        change(DIRECTORY, "to-dan-pho: {", "to-dan-pho: {members: [group:chi-bo], "),
        "directory.circle",
        DIRECTORY,
    ),
    (
        "a role of nobody",
        change(DIRECTORY, "van-thu: [vanthu@anhoa.example.vn]", "van-thu: []"),
        "directory.empty_role",
        DIRECTORY,
    ),
    ("a relation that is none", change(DIRECTORY, "relation: superior", "relation: boss"), "value.relation", DIRECTORY),
    ("an unknown key of a unit", change(DIRECTORY, "overseer:", "oversees:"), "value.unknown_key", DIRECTORY),
    ("a doubled unit", change(DIRECTORY, "  tdp-2:\n", "  tdp-1:\n"), "yaml.duplicate_key", DIRECTORY),
    ("an impossible date", change(DIRECTORY, "to: 2025-06-30", "to: 2025-06-31"), "value.date", DIRECTORY),
    ("a tab", put(DIRECTORY, b"units:\n\ta: 1\n"), "yaml.syntax", DIRECTORY),
    ("no UTF-8", put(DIRECTORY, "units: {a: {name: Tổ}}".encode("utf-16-le")), "file.encoding", DIRECTORY),
    ("no directory", lambda folder: (folder / DIRECTORY).unlink(), "site.missing", DIRECTORY),
    ("a folder for a file", lambda folder: (folder / "rules/30-x.yaml").mkdir(), "file.unreadable", "rules/30-x.yaml"),
    ("an unknown group in a rule", change(RULES, "[addressees]", "[group:chi-bu]"), "unknown.group", RULES),
    ("an unknown unit in a rule", change(RULES, "[addressees]", "[unit:tdp-99]"), "unknown.unit", RULES),
    ("an unknown role in a rule", change(RULES, "role:van-thu", "role:van-thuu"), "unknown.role", RULES),
    ("an unknown ladder", change(RULES, "ladder: giay-moi", "ladder: giay-moii"), "unknown.ladder", RULES),
    ("an unknown register", change(RULES, "register: van-ban-di", "register: van-ban-dii"), "unknown.register", RULES),
    ("an unknown template", change(RULES, "template: invitation", "template: invitatoin"), "unknown.template", RULES),
    ("a wrong expression", change(RULES, "'(báo cáo|gửi)", "'(báo cáo|gửi"), "rule.regex", RULES),
    ("a doubled rule", change(RULES, "id: du-thao", "id: giay-moi"), "rule.twice", RULES),
    ("a wrong moment", change(LADDERS, "at: due,", "at: soon,"), "value.step", LADDERS),
    ("a ladder to nobody", change(LADDERS, "role:chanh-van-phong", "role:chanh"), "unknown.role", LADDERS),
    ("an office nobody knows", change("mailbot.yaml", "unit: dang-uy", "unit: dang-u"), "unknown.unit", "mailbot.yaml"),
    (
        "an office that is another",
        change("mailbot.yaml", "unit: dang-uy", "unit: tdp-1"),
        "settings.self",
        "mailbot.yaml",
    ),
    (
        "an officer nobody knows",
        change("mailbot.yaml", "clerk: role:van-thu", "clerk: role:vt"),
        "unknown.role",
        "mailbot.yaml",
    ),
    (
        "an officer without address",
        change("mailbot.yaml", "clerk: role:van-thu", "clerk: unit:tdp-5"),
        "settings.officer",
        "mailbot.yaml",
    ),
    ("an empty settings file", put("mailbot.yaml", b""), "value.missing", "mailbot.yaml"),
    ("a list for settings", put("mailbot.yaml", b"- a\n"), "value.shape", "mailbot.yaml"),
    ("a wrong calendar", put("rules/calendar.yaml", b"days_off: [2026-13-01]\n"), "value.date", "rules/calendar.yaml"),
    (
        "a day both off and worked",
        put("rules/calendar.yaml", b"days_off: [2026-10-07]\nworking_days: [2026-10-07]\n"),
        "calendar.both",
        "rules/calendar.yaml",
    ),
    (
        "a template no Jinja",
        put("templates/directive.txt.j2", b"{% if %}"),
        "template.syntax",
        "templates/directive.txt.j2",
    ),
    (
        "a value that no mail has",
        put("templates/directive.txt.j2", "Kính gửi: {{ unitt }}\n".encode()),
        "template.value",
        "templates/directive.txt.j2",
    ),
    (
        "a folder for a template",
        lambda folder: (folder / "templates/directive.txt.j2").mkdir(),
        "file.unreadable",
        "templates/directive.txt.j2",
    ),
    (
        "an unreadable template",
        put("templates/directive.txt.j2", b"\xff\xfe"),
        "file.encoding",
        "templates/directive.txt.j2",
    ),
]


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(SiteError) as raised:
        site.load(folder)
    return raised.value.problems


@pytest.mark.parametrize(
    ("breaking", "check", "file"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_broken_site_says_where(office: Path, breaking: Callable[[Path], object], check: str, file: str) -> None:
    breaking(office)
    found = [problem for problem in problems_of(office) if problem.check == check and not problem.warning]
    assert found
    assert found[0].position.file == file
    assert found[0].text.vi
    assert found[0].text.en


def test_all_mistakes_are_told_at_once_in_the_order_of_the_files(office: Path) -> None:
    change("mailbot.yaml", "mode: shadow", "mode: shadwo")(office)
    change(DIRECTORY, "tdp2@example.org", "tdp2")(office)
    change(RULES, "kind: invitation", "kind: invite")(office)
    found = [(problem.check, problem.position.file) for problem in problems_of(office)]
    assert found == [
        ("value.literal", "mailbot.yaml"),
        ("unknown.kind", RULES),
        ("value.address", DIRECTORY),
    ]


def test_one_mistake_is_told_once_and_not_by_all_who_refer_to_it(office: Path) -> None:
    change(DIRECTORY, "tdp3@example.org", "tdp3")(office)
    assert [problem.check for problem in problems_of(office)] == ["value.address"]


def test_an_unreadable_directory_does_not_make_every_name_unknown(office: Path) -> None:
    put(DIRECTORY, b"units:\n\ta: 1\n")(office)
    assert [problem.check for problem in problems_of(office)] == ["yaml.syntax"]


def test_a_wrong_ladder_is_not_told_as_unknown_by_its_rules(office: Path) -> None:
    change(LADDERS, "at: due,", "at: soon,")(office)
    assert [problem.check for problem in problems_of(office)] == ["value.step"]


def test_a_file_that_may_not_be_read_is_told(office: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    (office / DIRECTORY).chmod(0)
    assert "file.unreadable" in {problem.check for problem in problems_of(office)}


# --- the commands ---------------------------------------------------------------------------------------------------

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(site_commands.init)
app.command()(check_command.check)


def run(*words: object, language: str = "C.UTF-8", **environment: str) -> tuple[int, str]:
    variables = {"LC_ALL": language, "MAILBOT_PASSWORD": "x", **environment}
    result = CliRunner().invoke(app, [str(word) for word in words], env=variables)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_init_then_check_is_in_order_at_once(tmp_path: Path) -> None:
    code, output = run("init", tmp_path / "office")
    assert code == 0
    assert "shadow" not in output
    code, output = run("check", "-C", tmp_path / "office")
    assert code == 0
    assert "units" in output
    assert "The site is in order." in output


def test_init_puts_the_answers_in_their_places(tmp_path: Path) -> None:
    code, _ = run(
        *("init", tmp_path / "office", "--address", "vp@xa.example.vn", "--imap", "10.0.0.1:143"),
        *("--smtp", "smtp.xa.example.vn", "--password-env", "XA_PW", "--clerk", "thu@xa.example.vn", "--templates"),
    )
    assert code == 0
    loaded = site.load(tmp_path / "office")
    mailbox = loaded.settings.mailboxes["van-phong"]
    assert mailbox.address == "vp@xa.example.vn"
    assert (mailbox.imap.host, mailbox.imap.port, mailbox.imap.tls.value) == ("10.0.0.1", 143, "starttls")
    assert (mailbox.smtp.host, mailbox.smtp.port) == ("smtp.xa.example.vn", 587)
    assert (mailbox.imap.user, mailbox.smtp.password) == ("vp@xa.example.vn", "env:XA_PW")
    assert loaded.site.directory.addresses("role:van-thu") == (("", "thu@xa.example.vn"),)
    assert (tmp_path / "office/templates/directive.txt.j2").exists()
    assert "# hoặc uỷ" in (tmp_path / "office/mailbot.yaml").read_text(encoding="utf-8")


def test_init_never_overwrites(office: Path) -> None:
    before = (office / "mailbot.yaml").read_bytes()
    code, output = run("init", office, language="vi_VN.UTF-8")
    assert code == 73
    assert "không ghi đè" in output
    assert (office / "mailbot.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--imap", "not a host"), 64),
        (("--address", "nobody"), 64),
        (("--clerk", "nobody"), 64),
    ],
)
def test_init_refuses_what_would_not_check(tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    assert run("init", tmp_path / "office", *options)[0] == code
    assert not (tmp_path / "office").exists()


def test_init_says_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, output = run("init", tmp_path / "file/office")
    assert code == 73
    assert "cannot write" in output


def test_check_shows_line_caret_and_mend(office: Path) -> None:
    change(RULES, "kind: invitation", "kinds: invitation")(office)
    code, output = run("check", "-C", office)
    assert code == 78
    lines = output.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith(f"{RULES}:11:7:"))
    assert 'unknown key "kinds"' in lines[at]
    assert lines[at + 1].index("kinds") == lines[at + 2].index("^")
    assert 'did you mean "kind"?' in lines[at + 3]


def test_check_speaks_vietnamese_by_locale(office: Path) -> None:
    change(RULES, "kind: invitation", "kinds: invitation")(office)
    code, output = run("check", "-C", office, language="vi_VN.UTF-8")
    assert code == 78
    assert "không có khóa “kinds”" in output
    assert "có phải ý bạn là “kind”?" in output


def test_check_as_json(office: Path) -> None:
    code, output = run("check", "-C", office, "--json")
    assert code == 0
    assert json.loads(output)["inventory"]["mailboxes"] == 1
    change(DIRECTORY, "tdp2@example.org", "tdp2")(office)
    code, output = run("check", "-C", office, "--json")
    content = json.loads(output)
    assert (code, content["ok"], content["inventory"]) == (78, False, None)
    assert content["problems"][0]["file"] == DIRECTORY


def test_check_warns_of_a_password_that_cannot_be_found_here(office: Path) -> None:
    code, output = run("check", "-C", office, MAILBOT_PASSWORD="")
    assert code == 0
    assert "MAILBOT_PASSWORD is not set" in output


def test_check_of_no_site_names_one_mistake_and_the_way_out(tmp_path: Path) -> None:
    code, output = run("check", "-C", tmp_path / "nothing")
    assert code == 78
    assert "mailbot init DIR" in output
    assert "1 problem" in output


def test_markup_in_a_file_is_shown_as_it_is(office: Path) -> None:
    change(DIRECTORY, "name: Chi bộ Tổ dân phố 2", "nam: '[bold]khẩn[/bold] [/]'")(office)
    _, output = run("check", "-C", office)
    assert "[bold]khẩn[/bold] [/]" in output


def test_writing_into_a_file_is_a_mailbot_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MailbotError):
        site_commands.write_site(tmp_path / "file", {"a": "b"})


WARNINGS = [
    ("a template under nearly the right name", put("templates/directiv.txt.j2", b"x"), "template.unused"),
    ("a file that is no template", put("templates/ghi-chu.txt", b"x"), "template.unused"),
    ("a slot at night", change("mailbot.yaml", "[08:00, 14:00]", "[08:00, 20:00]"), "settings.slot"),
]


@pytest.mark.parametrize(("make", "check"), [case[1:] for case in WARNINGS], ids=[case[0] for case in WARNINGS])
def test_what_will_have_no_effect_is_a_warning(office: Path, make: Callable[[Path], object], check: str) -> None:
    make(office)
    assert [problem.check for problem in site.load(office).warnings] == [check]


def test_templates_of_the_offices_own_may_bear_any_name_and_parts_any_value(office: Path) -> None:
    (office / "templates/thong-bao-khan.txt.j2").write_text("{% set a = number %}{{ a }}{{ unit }}", "utf-8")
    (office / "templates/_dong.txt.j2").write_text("{{ muc.ten }}", "utf-8")
    assert site.load(office).warnings == ()


def test_every_value_of_a_document_may_stand_in_a_template(office: Path) -> None:
    values = letters.document_values(Reading(kind=Kind.DIRECTIVE), site.load(office).site)
    assert set(values) <= template_source.VALUES
