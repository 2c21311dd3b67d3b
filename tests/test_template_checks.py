"""`mailbot templates`: what an office's own mails get wrong is told with its place, and any mail can be looked at."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from typer.testing import CliRunner

from mailbot import shipped
from mailbot.cli import site_commands
from mailbot.cli.main import app
from mailbot.problems import MailbotError, Problem
from mailbot.rendering.samples import SAMPLES
from mailbot.site import load
from mailbot.template_checks import SAMPLE_TOKEN, letter_problems
from mailbot.template_source import difference, outdated_templates, stamped
from tests.example_office import CLERK, NOW, directive, mail, write_example
from tests.rendering.test_letters import Page

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = {path.name: path.read_text("utf-8") for path in shipped.folder("templates").glob("*.j2")}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return write_example(tmp_path / "office")


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], env={"LC_ALL": "C.UTF-8", "COLUMNS": "200"})
    if isinstance(result.exception, MailbotError):
        return result.exception.exit_code, result.exception.text.en
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def own(folder: Path, file: str, source: str) -> None:
    (folder / "templates" / file).write_text(source, "utf-8")


def problems(folder: Path, *files: str) -> list[Problem]:
    return list(letter_problems(load(folder).site, frozenset(files)))


# --- what reads badly -----------------------------------------------------------------------------------------------

NOTICE = "Kính gửi: đồng chí quản trị\n\n{{ body }}\n"


@pytest.mark.parametrize(
    ("file", "source", "check", "line", "column"),
    [
        # A reminder has no list of late units, though an escalation has: the site's own check lets it pass.
        ("reminder.txt.j2", "Kính gửi: {{ unit }}\n{{ late }}\n", "template.value", 2, 4),
        ("directive.txt.j2", "Kính gửi: {{ unit }}\n\n{{ number.a.b }}\n", "template.render", 3, 1),
        ("directive.txt.j2", "x\n{{ ''.__class__.__mro__ }}\n", "template.render", 2, 1),
        ("directive.txt.j2", "Kính gửi: {{ unit }}\nHọp: {{ meeting }}\n", "template.leak", 2, 1),
        ("directive.txt.j2", "Kính gửi: {{ unit }}\nHạn chót ({{ due_text }})\n", "template.empty", 2, 1),
        ("directive.txt.j2", "Kính gửi: {{ unit }}\n- Thời hạn: {{ due_text }}\n", "template.missing", 2, 1),
        ("directive.txt.j2", "Kính gửi: {{ unit }}\nHạn  chót\n", "template.blanks", 2, 1),
        ("directive.txt.j2", "Kính gửi: {{ unit }}\nĐề nghị reply thư\n", "template.english", 2, 9),
        ("directive.subject.j2", "{{ number }}: {{ summary_short }}\n", "template.token", 1, 1),
        ("directive.subject.j2", "Deadline {{ number }} [{{ ref }}]\n", "template.english", 1, 1),
        ("directive.txt.j2", "Kính gửi:\n    " + "dài " * 30 + "\n", "template.long", 2, 5),
    ],
)
def test_what_reads_badly_is_told_with_its_place(
    office: Path, file: str, source: str, check: str, line: int, column: int
) -> None:
    own(office, file, source)
    found = [problem for problem in problems(office, file) if problem.check == check]
    assert [(one.position.file, one.position.line, one.position.column) for one in found] == [
        (f"templates/{file}", line, column)
    ]


def test_one_mistake_is_told_once_though_every_case_has_it(office: Path) -> None:
    own(office, "admin_notice.txt.j2", NOTICE + "Please\n")
    assert [one.check for one in problems(office, "admin_notice.txt.j2")] == ["template.english"]


def test_the_shipped_mails_have_no_problem_also_as_copies(tmp_path: Path) -> None:
    site_commands.write_site(tmp_path / "office", site_commands.example_files({}, templates=True))
    assert problems(tmp_path / "office") == []
    assert load(tmp_path / "office").warnings == ()


def test_a_letter_of_the_offices_own_is_read_with_what_a_rule_gives(office: Path) -> None:
    own(office, "thong-bao.txt.j2", "Kính gửi: {{ unit }}\n{{ document }}, {{ late }}\n")
    own(office, "thong-bao.subject.j2", "{{ number }} [{{ ref }}]\n")
    found = problems(office, "thong-bao.txt.j2", "thong-bao.subject.j2")
    assert [str(one.position) for one in found] == ["templates/thong-bao.txt.j2:2:20"]


def test_what_asks_whether_there_is_a_value_may_name_any(office: Path) -> None:
    own(office, "reminder.txt.j2", "Kính gửi: {{ unit }}\n{% if late is defined %}{{ late }}{% endif %}\n")
    assert problems(office, "reminder.txt.j2") == []


# --- copies that are out of date ------------------------------------------------------------------------------------

OLD = stamped("Văn bản cũ\n")


@pytest.mark.parametrize(
    ("copy", "checks"),
    [
        (OLD, ["template.outdated"]),
        (OLD.replace("\n", "\r\n"), ["template.outdated"]),
        (OLD.partition("\n")[0] + "\nVăn bản mới\n", []),  # changed since, and the office has taken it over
        (stamped("Văn bản mới\n") + "Thêm\n", []),
        ("Văn bản cũ\n", []),  # no stamp: nobody knows what it was made of
    ],
    ids=["changed since", "Windows lines", "taken over", "made of this one", "no stamp"],
)
def test_a_copy_is_outdated_when_the_shipped_one_changed_since(copy: str, checks: list[str]) -> None:
    found = list(outdated_templates({"a.txt.j2": copy}, {"a.txt.j2": "Văn bản mới\n"}))
    assert [one.check for one in found] == checks
    assert all(one.warning for one in found)


def test_the_difference_leaves_the_stamp_out() -> None:
    shown = difference(stamped("một\nhai\n"), "một\nba\n", "a.txt.j2").splitlines()
    assert shown == ["--- templates/a.txt.j2", "+++ shipped/a.txt.j2", "@@ -1,2 +1,2 @@", " một", "-hai", "+ba"]


@pytest.mark.parametrize("command", [("check",), ("templates", "check")])
def test_check_warns_of_an_outdated_copy_and_shows_the_difference_on_demand(
    office: Path, command: tuple[str, ...]
) -> None:
    file = "directive.txt.j2"
    own(office, file, stamped("cũ\n").partition("\n")[0] + "\n" + SHIPPED[file].replace("Đã nhận", "Đã nhận đủ"))
    code, output = run(*command, "-C", office)
    assert (code, "templates/directive.txt.j2:1:1" in output, "-    Đã nhận đủ" in output) == (0, True, False)
    assert "-    Đã nhận đủ\n+    Đã nhận\n" in run(*command, "-v", "-C", office)[1]


# --- the commands ---------------------------------------------------------------------------------------------------


def test_list_tells_of_every_mail_what_it_is_for_whose_it_is_and_what_it_may_say(office: Path) -> None:
    own(office, "directive.txt.j2", SHIPPED["directive.txt.j2"])
    own(office, "thong-bao.txt.j2", "{{ unit }}")
    _, output = run("templates", "list", "--json", "-C", office)
    rows = {row["template"]: row for row in json.loads(output)}
    assert set(rows) == set(SAMPLES) | {"thong-bao"}
    assert rows["directive"]["whose"] == "changed by the office"
    assert rows["reminder"]["whose"] == "shipped"
    assert rows["thong-bao"]["whose"] == "the office's own"
    assert {"unit", "due_last", "as_of"} <= set(rows["reminder"]["values"])
    assert "directive_from_superior" in run("templates", "list", "-C", office)[1]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_mail_can_be_looked_at_as_a_mail_with_answers_that_bear_the_token(
    office: Path, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "mail.eml"
    assert run("templates", "preview", name, "--as", "eml", "--output", file, "-C", office)[0] == 0
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert text is not None
    _, shown = run("templates", "preview", name, "-C", office)
    assert shown.startswith(str(message["Subject"]))
    assert text.get_content().splitlines() == shown.splitlines()[2:]
    for link in map(urlsplit, Page(html.get_content()).links):
        assert unquote(link.path).endswith("@anhoa.example.vn")
        assert f"[#{SAMPLE_TOKEN}]" in parse_qs(link.query)["subject"][0]


def test_a_page_goes_into_the_named_file(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    run("templates", "preview", "digest", "--as", "page", "-o", file, "--case", "many", "-C", office)
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("name", ["confirm_before_send", "directive", "reminder", "escalation", "released"])
def test_a_real_mail_is_followed_to_the_mails_that_come_of_it(office: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / "in.eml"
    file.write_bytes(mail(CLERK, "Công văn 152-CV/ĐU", directive()).as_bytes())
    code, output = run("templates", "preview", name, "--mail", file, "--at", f"{NOW:%Y-%m-%dT%H:%M}", "-C", office)
    assert code == 0
    assert "152-CV/ĐU" in output.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("preview", "directiv"), 64, "directive_from_superior"),
        (("preview", "directive", "--case", "none"), 64, "full"),
        (("preview", "directive", "--mail", "/nothing/there.eml"), 66, "/nothing/there.eml"),
        (("preview", "directive", "-o", "/nothing/there.html"), 73, "/nothing/there.html"),
        (("copy", "directiv"), 64, "directive_from_superior"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    office: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    left, output = run("templates", *words, "-C", office)
    assert left == code
    assert said in output


def test_a_mail_that_leads_elsewhere_names_where(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.eml"
    file.write_bytes(mail(CLERK, "Công văn 152-CV/ĐU", directive()).as_bytes())
    code, output = run("templates", "preview", "handover", "--mail", file, "-C", office)
    assert code == 65
    assert "confirm_before_send" in output


def test_a_copy_is_stamped_renders_as_before_and_is_never_overwritten(office: Path) -> None:
    before = run("templates", "preview", "directive", "-C", office)
    assert run("templates", "copy", "directive", "_signature", "-C", office)[0] == 0
    copied = sorted(path.name for path in (office / "templates").iterdir())
    assert copied == ["_signature.txt.j2", "directive.subject.j2", "directive.txt.j2"]
    assert (office / "templates/directive.txt.j2").read_text("utf-8") == stamped(SHIPPED["directive.txt.j2"])
    assert run("templates", "preview", "directive", "-C", office) == before
    assert run("templates", "copy", "directive", "-C", office)[0] == 73


def test_a_wrong_template_ends_the_check_with_a_code(office: Path) -> None:
    own(office, "directive.txt.j2", "{% if %}")
    code, output = run("templates", "check", "-C", office)
    assert (code, "templates/directive.txt.j2:1:1" in output) == (78, True)
    own(office, "directive.txt.j2", "Kính gửi: {{ unit }}\n{{ meeting }}\n")
    code, output = run("templates", "check", "--json", "-C", office)
    assert (code, json.loads(output)["problems"][0]["check"]) == (78, "template.leak")
